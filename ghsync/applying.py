"""``apply``: carry out the plan of a file, if it is still the plan that comes out.

The file is never carried out itself. Files, map and GitHub are read again, the plan is made again
by the path of every push, and the file can only stop it: what it does not hold is not sent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import BinaryIO

from ghsync import __version__, planfile
from ghsync.config import Config, load_config
from ghsync.errors import (
    GhsyncError,
    PlanFileError,
    StalePlanError,
    UsageError,
    WrongRepositoryError,
)
from ghsync.journal import SyncMap
from ghsync.model import Key, Run
from ghsync.model.saved import SavedPlan
from ghsync.prepared import Prepared
from ghsync.saving import CARRIED, NOT_MADE_YET, SHAPING, bind, not_read, settings_of
from ghsync.selection import Selection
from ghsync.store import Store
from ghsync.surroundings import Surroundings
from ghsync.values import dataclass

MOST = 1 << 30
"""Bytes of a plan file: ten thousand items of the largest size that GitHub takes."""
SHOWN = 5
"""How many of the things that moved an error's message names."""
_SHORT = len("sha256:") + 12
_AGAIN = "Make it again: `ghsync push --dry-run --out FILE`."


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanFile:
    """A plan file that was read."""

    saved: SavedPlan
    checksum: str
    """``sha256:`` and 64 hex digits, which tell this plan from every other one."""
    name: str
    """The file, for messages."""


def open_plan(path: Path, *, stdin: BinaryIO | None = None) -> PlanFile:
    """Read a plan file; ``-`` is ``stdin``, if that is given.

    Raises :class:`~ghsync.errors.UsageError` where there is none, and
    :class:`~ghsync.errors.PlanFileError` for one that is not as ghsync wrote it.
    """
    try:
        if stdin is not None and str(path) == "-":
            data = stdin.read(MOST + 1)
        else:
            with path.open("rb") as stream:
                data = stream.read(MOST + 1)
    except OSError as error:
        raise UsageError(
            f"The plan file {path} cannot be read: {error.strerror or error}.",
            hint="`ghsync push --dry-run --out FILE` makes one.",
        ) from error
    if len(data) > MOST:
        raise PlanFileError(f"The plan file {path} is larger than any plan.", hint=_AGAIN)
    try:
        text = data.decode()
    except UnicodeDecodeError:
        raise PlanFileError(f"The plan file {path} is not UTF-8.", hint=_AGAIN) from None
    saved = planfile.decode(text)
    return PlanFile(saved=saved, checksum=planfile.checksum_of(text), name=str(path))


# ------------------------------------------------------------------------------ settings


def settle(
    plan: PlanFile,
    root: Path,
    *,
    options: Mapping[str, object] | None = None,
    env: Mapping[str, str] | None = None,
) -> Config:
    """The configuration that a plan file is applied with: its own options, and these.

    ``options`` and ``env`` are those of :func:`~ghsync.config.load_config`. An option that shapes
    plans may be given again, but not otherwise: :class:`~ghsync.errors.UsageError`. A setting that
    has changed since is :class:`~ghsync.errors.StalePlanError`, another server than the plan's
    :class:`~ghsync.errors.WrongRepositoryError`: the file never says where a token goes.
    """
    saved = plan.saved
    typed = {name: value for name, value in (options or {}).items() if value not in (None, ())}
    config = load_config(root, options={**_own(saved, typed, env or {}), **typed}, env=env)
    _check_settings(saved, config, typed)
    if config.inside != saved.inside:
        raise StalePlanError(
            f"The plan was made for {_folder(saved.inside)} of the checkout, and this is "
            f"{_folder(config.inside)}.",
            hint="Name the folder: `ghsync apply PLAN FOLDER`.",
        )
    if not saved.sandbox and config.api_url != saved.api_url:
        raise WrongRepositoryError(
            f"The plan was made for the API at {saved.api_url}; this run would send it to "
            f"{config.api_url}.",
            hint=f"If it is meant for the former, set GITHUB_API_URL={saved.api_url}.",
        )
    return config


def _own(
    saved: SavedPlan, typed: Mapping[str, object], env: Mapping[str, str]
) -> dict[str, object]:
    """The options that the plan was made with.

    Its repository only where nobody names one: neither an option nor a job of GitHub Actions.
    """
    options = {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in saved.settings.items()
        if name in saved.given and name in (*SHAPING, *CARRIED)
    }
    named = "repo" in typed or env.get("GITHUB_REPOSITORY")
    if "repo" in saved.given and not named:
        options["repo"] = saved.plan.repo.full_name
    return options


def _check_settings(saved: SavedPlan, config: Config, typed: Mapping[str, object]) -> None:
    before = _without_carried(saved.settings)
    changed = planfile.settings_moved(before, _without_carried(settings_of(config)))
    if odd := [name for name in changed if name in typed]:
        option = f"--{odd[0].replace('_', '-')}"
        raise UsageError(
            f"{option} contradicts the plan, which was made with other options: {changed[odd[0]]}.",
            hint="Leave it out: the plan brings its own. Or make another plan.",
        )
    if changed:
        raise _stale([f"setting {text}" for text in changed.values()], saved, begun=False)


def _without_carried(settings: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in settings.items() if name not in CARRIED}


def _folder(inside: str) -> str:
    return f"the folder {inside}" if inside else "the top"


# ------------------------------------------------------------------------------ applying


async def apply(
    config: Config, around: Surroundings, plan: PlanFile, *, dry_run: bool = False
) -> Run:
    """Carry out a plan file, if it is still the plan; with ``dry_run`` say whether it is.

    ``config`` is what :func:`settle` gave. Raises what a push raises. A run that is refused has
    its ``error`` set: a :class:`~ghsync.errors.StalePlanError` names what moved. One that was cut
    off goes on with the next call.
    """
    store = around.store(config)
    binding = _Binding(config, around, store, plan)
    if dry_run:
        return await _looked_at(binding, around)
    from ghsync.pushing import carry_out

    run = await carry_out(binding.config, around, lambda push: push.run(bound=binding))
    if run.error is None and not run.results and plan.saved.plan.operations:
        around.tell(["everything in this plan is done; nothing was left to send"])
    return run


async def _looked_at(binding: _Binding, around: Surroundings) -> Run:
    from ghsync import sync

    run = await sync.push(binding.config, around, dry_run=True)
    if run.bound is None:
        # Without a token a push can be shown all the same; whether a plan holds cannot be told.
        raise run.error or not_read()
    error = binding.compared(run.bound(binding.plan.saved.sides))
    if error is None:
        return run
    return replace(run, error=error, stopped=error.message)


class _Binding:
    """A plan file as what a run is bound to: :class:`~ghsync.alone.Bound`."""

    def __init__(self, config: Config, around: Surroundings, store: Store, plan: PlanFile) -> None:
        self._around = around
        self.plan = plan
        self.begun = store.has_begun(plan.checksum)
        self.config = config
        if self.begun and config.limit is not None:
            # What is done does not count any more, so the limit would let other items in.
            keys = frozenset(side.key for side in plan.saved.sides)
            held = {field.name: getattr(config, field.name) for field in fields(config)}
            self.config = _Rest(**held, keys=keys)

    def refusal(self, prepared: Prepared, smap: SyncMap) -> GhsyncError | None:
        """Why the plan that was made now is not the one in the file, if so."""
        return self.compared(bind(self.config, prepared, smap, self.plan.saved.sides))

    def compared(self, now: SavedPlan) -> GhsyncError | None:
        """The same for a plan that was bound."""
        saved = self.plan.saved
        if saved.plan.repo.id not in (now.plan.repo.id, NOT_MADE_YET):
            return WrongRepositoryError(
                f"The plan was made for {saved.plan.repo.full_name} (id {saved.plan.repo.id}), "
                f"not for {now.plan.repo.full_name} (id {now.plan.repo.id}).",
                hint="Apply it in the checkout that it was made in, or name its repository with "
                "--repo.",
            )
        moved = planfile.moved(saved, now, begun=self.begun)
        return _stale(moved, saved, begun=self.begun) if moved else None

    def begin(self, store: Store) -> None:
        """Remember that it is carried out from now on."""
        doing = "going on with" if self.begun else "applying"
        self._around.tell([f"{doing} the plan {self.plan.checksum[:_SHORT]}"])
        store.begin_plan(self.plan.checksum)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rest(Config):
    """The settings for what is left of a plan with a limit."""

    keys: frozenset[Key]

    @property
    def selection(self) -> Selection:
        """The items of the plan."""
        return Selection(keys=self.keys)


def _stale(moved: Sequence[str], saved: SavedPlan, *, begun: bool) -> StalePlanError:
    shown = "; ".join(moved[:SHOWN])
    more = f"; and {len(moved) - SHOWN:,} more" if len(moved) > SHOWN else ""
    nothing = "nothing more was sent" if begun else "nothing was sent"
    other = ""
    if saved.version != __version__:
        other = f" (It was made by ghsync {saved.version}; this is {__version__}.)"
    return StalePlanError(
        f"The plan is stale, so {nothing}. What moved since it was made: {shown}{more}.{other}",
        hint=f"{_AGAIN} Then have it reviewed.",
        moved=tuple(moved),
    )
