"""A plan into a file: what shaped it, what it stands on, and the file itself."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterable, Mapping
from dataclasses import replace
from enum import Enum
from pathlib import Path
from typing import Final

from ghsync import __version__, planfile
from ghsync.access import HOW_TO_GET_IN
from ghsync.config import Config, Source
from ghsync.config.settings import SETTINGS
from ghsync.errors import AuthError, PlanFileError, UsageError
from ghsync.journal import SyncMap
from ghsync.model import RepoId, Run
from ghsync.model.saved import SavedPlan, Side
from ghsync.prepared import Prepared
from ghsync.wholefile import FULL, leads_away, write_whole

SHAPING: Final = (
    "sandbox", "layout", "title", "oversize", "on_conflict", "archived", "only", "kind", "limit",
    "allow_changes", "types", "fields", "milestones", "lock", "closing_comment", "order",
    "overflow", "mentions", "children", "prune",
)  # fmt: skip
"""The settings that say what a plan holds; with these the same plan comes out again."""
CARRIED: Final = ("strict", "allow_dropped", "write_back")
"""Options of the push that ``apply`` takes over, and that may be given to it as well."""
CUSTOM: Final = "layouts"
"""What a plan file calls the layouts of the config."""
NOT_MADE_YET: Final = RepoId(0)
"""Stands for the id of a sandbox's repository that no push has used yet."""
_MODE = 0o644
_DEFAULTS = {setting.name: setting.default for setting in SETTINGS}


def save(run: Run, path: Path) -> SavedPlan:
    """Write the plan of a dry run into a file, atomically, and return what it holds.

    Raises what :func:`saved_plan` raises, :class:`~ghsync.errors.UsageError` where there can be
    no such file, and :class:`~ghsync.errors.PlanFileError` where the disk does not take it.
    """
    saved = saved_plan(run)
    check_place(path)
    _write(path, planfile.encode(saved).encode())
    return saved


def saved_plan(run: Run) -> SavedPlan:
    """The plan of a dry run, with what it stands on: what a plan file holds.

    Raises the run's own error where it is refused, :class:`~ghsync.errors.AuthError` where
    GitHub was not read, and :class:`~ghsync.errors.UsageError` for a run that was no dry run.
    """
    if run.error is not None:
        raise run.error
    if run.bound is not None:
        return run.bound(())
    if run.dry_run and run.remote == "none":
        raise not_read()
    raise UsageError(
        "Only the plan of a dry run can be kept in a file, and only one of planning files.",
        hint="Make the plan with `--dry-run`, from files.",
    )


def not_read() -> AuthError:
    """What is wrong where GitHub was not read."""
    return AuthError(
        "A plan file holds what GitHub holds, and GitHub was not read: there is no token.",
        hint=HOW_TO_GET_IN,
    )


def bind(config: Config, prepared: Prepared, smap: SyncMap, also: Iterable[Side] = ()) -> SavedPlan:
    """The plan with what it stands on. ``also``: items of an earlier plan, as they are now."""
    plan = prepared.planned.plan
    ground = planfile.Ground(
        items={item.key: item for item in prepared.loaded.items},
        entries=smap.entries,
        issues=prepared.snapshot.issues,
    )
    kept = planfile.kept(plan)
    if config.sandbox and smap.repo_id is None:
        # Nothing was pushed to it yet, and a dry run leaves no sandbox behind.
        kept = replace(kept, repo=replace(kept.repo, id=NOT_MADE_YET))
    return SavedPlan(
        plan=kept,
        version=__version__,
        api_url=config.api_url,
        sandbox=config.sandbox,
        inside=config.inside,
        commit=config.commit,
        settings=settings_of(config),
        given=given(config),
        sides=planfile.sides(plan, ground, also),
    )


# ------------------------------------------------------------------------------ settings


def settings_of(config: Config) -> dict[str, object]:
    """The settings that shape a plan, as JSON, without those at their defaults."""
    found: dict[str, object] = {}
    for name in SHAPING:
        value = getattr(config, name)
        if value != _DEFAULTS[name]:
            found[name] = plain(value)
    if config.custom:
        found[CUSTOM] = plain(config.custom)
    carried = (n for n in CARRIED if config.sources.get(n) is Source.OPTION and getattr(config, n))
    return found | dict.fromkeys(carried, True)


def given(config: Config) -> tuple[str, ...]:
    """Which of them were options, the repository included."""
    names = (*SHAPING, *CARRIED, "repo")
    return tuple(n for n in names if config.sources.get(n) is Source.OPTION)


def plain(value: object) -> object:
    """A setting's value as JSON that is the same for the same value."""
    if isinstance(value, Enum):
        return value.value
    if value is None or isinstance(value, str | int | float):
        return value
    if isinstance(value, Mapping):
        return {str(plain(k)): plain(v) for k, v in sorted(value.items())}
    if isinstance(value, frozenset):
        return sorted(str(plain(each)) for each in value)
    if isinstance(value, tuple | list):
        return [plain(each) for each in value]
    if dataclasses.is_dataclass(value):
        fields = {f.name: plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
        return {name: held for name, held in fields.items() if held not in (None, [], {})}
    raise TypeError(f"no setting holds a {type(value).__name__}")


# -------------------------------------------------------------------------------- files


def check_place(path: Path) -> None:
    """Refuse a place for a plan file where there can be none, before much is done for it.

    Raises :class:`~ghsync.errors.UsageError`.
    """
    problem = ""
    if path.is_dir():
        problem = "it is a folder"
    elif not path.parent.is_dir():
        problem = "there is no such folder"
    elif not os.access(path if path.exists() else path.parent, os.W_OK):
        problem = "you may not write there"
    elif leads_away(path):
        problem = "it is a link that leads to another folder"
    elif path.is_file() and not _replaceable(path):
        problem = "it holds something else than a plan"
    if problem:
        raise UsageError(
            f"--out {path} cannot be written: {problem}.",
            hint="Name a file of its own, in a folder that exists and is writable.",
        )


def _replaceable(path: Path) -> bool:
    """Whether a file is empty or an earlier plan, however it was reformatted: no planning file."""
    try:
        with path.open("rb") as stream:
            head = stream.read(256)
    except OSError:
        return False
    return not head.strip() or b'"ghsync.plan/' in head


def _write(path: Path, data: bytes) -> None:
    """Put it there whole or not at all; a device or a pipe is written to as it is."""
    try:
        if path.exists() and not path.is_file():
            with path.open("wb") as stream:
                stream.write(data)
        else:
            write_whole(path, data, mode=_MODE)
    except OSError as error:
        reason = error.strerror or str(error)
        raise PlanFileError(
            f"The plan could not be saved in {path}: {reason}.",
            hint="Free some disk space, then run the same command again."
            if error.errno in FULL
            else "Name a file in a folder that exists and is writable.",
        ) from error
