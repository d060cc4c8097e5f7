"""One pull: read GitHub, bring what people changed there into the files, remember it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

from ghsync.arrivals import Arrival, Arrivals, PullSettings, diff_of
from ghsync.arriving import Arriving
from ghsync.checkout import Checkout
from ghsync.clock import SystemClock
from ghsync.config import Config
from ghsync.errors import ExitCode
from ghsync.journal import SyncMap
from ghsync.ledger import Ledger
from ghsync.loader import load
from ghsync.lost import with_lost_creates
from ghsync.model import Conflict, Finding, IssueNumber, Key, Kind, Loaded, Requests
from ghsync.newcomers import Belongs, owned, without_file
from ghsync.outcome import findings_of
from ghsync.prepare import Preparer
from ghsync.prepared import Prepared
from ghsync.selection import choose, names
from ghsync.session import Session
from ghsync.settling import After, Imagined, Settling, intend
from ghsync.store import State as Stored
from ghsync.store import Store
from ghsync.surroundings import Surroundings
from ghsync.values import dataclass
from ghsync.writer import FileChange, Writer, uncommitted
from ghsync.writing import Vocabulary, WriteSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class PulledFile:
    """A file that a pull wrote, or in a dry run would write."""

    path: str
    new: bool
    diff: str
    """As ``git diff`` shows it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulled:
    """What a pull did, or in a dry run would do."""

    command: str
    dry_run: bool
    repo: str
    remote: str
    """Where GitHub's side was read from: ``github`` or ``sandbox``."""
    items: tuple[Arrival, ...]
    files: tuple[PulledFile, ...]
    conflicts: tuple[Conflict, ...]
    findings: tuple[Finding, ...]
    spent: Requests
    after: After | None = None
    """Of a dry run with ``ahead``: what a push would set out from."""

    @property
    def refused(self) -> tuple[Arrival, ...]:
        """What was left alone, each with its reason."""
        return tuple(each for each in self.items if each.refused)


async def pull(
    config: Config,
    around: Surroundings,
    *,
    dry_run: bool = False,
    only: frozenset[Key] | None = None,
    ahead: bool = False,
) -> Pulled:
    """Bring what people changed on GitHub into the files; with ``dry_run`` say what that takes.

    ``ahead`` lets a dry run say as well what a push after it would set out from. Raises
    :class:`~ghsync.errors.GhsyncError` for what keeps it from starting.
    """
    store = around.store(config)
    if dry_run:
        return await _open(config, around, store, store.load(), None, only, ahead=ahead)
    with store.locked(since=SystemClock().now(), command=around.command):
        state = store.load()
        ledger = Ledger(store, state)
        try:
            return await _open(config, around, store, state, ledger, only)
        finally:
            ledger.close(SystemClock().now())


async def _open(
    config: Config,
    around: Surroundings,
    store: Store,
    state: Stored,
    ledger: Ledger | None,
    only: frozenset[Key] | None,
    *,
    ahead: bool = False,
) -> Pulled:
    around.tell((*config.notices, *state.notices))
    async with around.session(config, keep=ledger is not None) as session:
        return await _Pull(config, around, store, session, ledger).run(state, only, ahead=ahead)


class _Pull:
    def __init__(
        self,
        config: Config,
        around: Surroundings,
        store: Store,
        session: Session,
        ledger: Ledger | None,
    ) -> None:
        """Without a ``ledger`` nothing is written."""
        self._config = config
        self._around = around
        self._store = store
        self._session = session
        self._ledger = ledger
        self._writer = Writer(
            config.root,
            dirty=uncommitted(Checkout(config.root, around.env), config.root),
            ours=store.written(),
        )

    async def run(
        self, state: Stored, only: frozenset[Key] | None, *, ahead: bool = False
    ) -> Pulled:
        """Read, plan, write, remember."""
        preparer = Preparer(self._config, self._store, self._session, self._around.on_event)
        smap = await with_lost_creates(self._session.client, preparer, state)
        now = datetime.fromtimestamp(self._session.clock.now(), UTC)
        settings = settings_of(self._config, preparer.loaded, now)

        def new(prepared: Prepared) -> set[IssueNumber]:
            issues, taken = prepared.snapshot.issues, owned(prepared.planned)
            return set(without_file(issues, taken, smap.forgotten, settings.label))

        prepared = await preparer.plan_pull(smap, new)
        arriving = Arriving(
            prepared.planned,
            preparer.loaded,
            prepared.snapshot,
            self._writer,
            settings,
            self._load,
        )
        chosen = prepared.chosen if only is None else only
        belongs = self._belongs(preparer.loaded, smap, only)
        arrivals = arriving.run(smap.forgotten, chosen, belongs)
        if self._ledger is not None:
            intend(self._ledger, prepared, arrivals)
        arrivals, files = self._write(arrivals)
        after = None
        if self._ledger is not None or ahead:
            after = self._remember(state.map, preparer, prepared, arrivals)
        return Pulled(
            command=self._around.command,
            dry_run=self._ledger is None,
            repo=prepared.snapshot.repo.full_name,
            remote=self._session.kind,
            items=arrivals.items,
            files=files,
            conflicts=prepared.planned.plan.conflicts,
            findings=findings_of(prepared),
            spent=self._session.spent,
            after=after,
        )

    def _belongs(self, loaded: Loaded, smap: SyncMap, only: frozenset[Key] | None) -> Belongs:
        """Which new issues a pull of a part brings: of its kinds, below its items or among them."""
        selection = self._config.selection
        by_name = replace(selection, kinds=frozenset(), limit=None)
        above = only if only is not None else choose(by_name, loaded.items, smap.entries)
        taken = set(above or ())

        def belongs(
            parent: Key | None, key: Key, path: str, number: IssueNumber, kind: Kind
        ) -> bool:
            if selection.kinds and kind not in selection.kinds:
                return False
            fits = above is None or parent in taken or names(selection, key, path, number)
            if fits and path:
                taken.add(key)
            return fits

        return belongs

    def _load(self, instead: Mapping[str, bytes]) -> Loaded:
        return load(self._config.root, self._config.load_options, instead=instead)

    # ------------------------------------------------------------------------- files

    def _write(self, arrivals: Arrivals) -> tuple[Arrivals, tuple[PulledFile, ...]]:
        """Write the files, or in a dry run look which could be; name those that could not."""
        if self._ledger is None:
            refused = self._writer.check(arrivals.files)
        else:
            applied = self._writer.apply(arrivals.files)
            refused = applied.refused
            self._store.note_written(applied.written)
        why = {each.path: f"{each.message} {each.hint}".strip() for each in refused}
        items = tuple(
            each if each.refused or each.path not in why else replace(each, refused=why[each.path])
            for each in arrivals.items
        )
        kept = tuple(change for change in arrivals.files if change.path not in why)
        return replace(arrivals, items=items, files=kept), tuple(map(_pulled, kept))

    # ------------------------------------------------------------------------ memory

    def _remember(
        self, start: SyncMap, preparer: Preparer, prepared: Prepared, arrivals: Arrivals
    ) -> After | None:
        """Record what both sides agree on now; of a dry run say what that would be."""
        if self._ledger is not None:
            settling = Settling(self._ledger, preparer, prepared, arrivals, self._keep)
            settling.run(lambda: self._load({}))
            return None
        imagined = Imagined(start)
        files = {change.path: change.after for change in arrivals.files}
        settling = Settling(imagined, preparer, prepared, arrivals, lambda _: None)
        settling.run(lambda: self._load(files))
        return After(map=imagined.map, loaded=preparer.loaded, files=frozenset(files))

    def _keep(self, texts: Mapping[str, str]) -> None:
        notice = self._store.keep_bodies(texts)
        self._around.tell([notice] if notice else [])


def settings_of(config: Config, loaded: Loaded, now: datetime | None = None) -> PullSettings:
    """What the config says about a pull at this time."""
    own = {kind.value for kind in Kind}
    for custom in config.custom:
        own |= {name.casefold() for names in custom.labels.values() for name in names}
    touched = now.strftime("%Y-%m-%dT%H:%M:%SZ") if now is not None and config.pull.touch else None
    return PullSettings(
        write=WriteSettings(
            title=config.title,
            labels=config.pull.labels,
            touch=touched,
            own_labels=frozenset(own),
            vocabulary=Vocabulary.of(loaded.items),
            custom=config.custom,
            types=config.types,
            fields=config.fields,
        ),
        title=config.title,
        label=config.pull.label,
    )


def exit_code_of_pull(pulled: Pulled) -> ExitCode:
    """Exit 1 where a file was left alone or something is in conflict.

    An issue that no file can be made of is named and is no failure: only GitHub can change that,
    and a scheduled pull would fail for ever.
    """
    files = any(each.path for each in pulled.refused)
    return ExitCode.PARTIAL if files or pulled.conflicts else ExitCode.DONE


def _pulled(change: FileChange) -> PulledFile:
    return PulledFile(path=change.path, new=change.before is None, diff=diff_of(change))
