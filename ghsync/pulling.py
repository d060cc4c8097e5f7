"""One pull: read GitHub, bring what people changed there into the files, remember it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

from ghsync.arriving import Arrival, Arrivals, Arriving, PullSettings, diff_of, owned, without_file
from ghsync.bases import settle_pull
from ghsync.checkout import Checkout
from ghsync.clock import SystemClock
from ghsync.config import Config
from ghsync.errors import ExitCode
from ghsync.journal import Entry, JournalEvent, Recorded, SyncMap
from ghsync.ledger import Ledger
from ghsync.lost import with_lost_creates
from ghsync.model import Conflict, Finding, Issue, IssueNumber, Key, Kind, Requests, State
from ghsync.outcome import findings_of
from ghsync.prepare import Preparer
from ghsync.prepared import Prepared, known
from ghsync.session import Session
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
) -> Pulled:
    """Bring what people changed on GitHub into the files; with ``dry_run`` say what that takes.

    Raises :class:`~ghsync.errors.GhsyncError` for what keeps it from starting.
    """
    store = around.store(config)
    if dry_run:
        return await _open(config, around, store, store.load(), None, only)
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
) -> Pulled:
    around.tell((*config.notices, *state.notices))
    async with around.session(config, keep=ledger is not None) as session:
        return await _Pull(config, around, store, session, ledger).run(state, only)


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

    async def run(self, state: Stored, only: frozenset[Key] | None) -> Pulled:
        """Read, plan, write, remember."""
        preparer = Preparer(self._config, self._store, self._session, self._around.on_event)
        smap = await with_lost_creates(self._session.client, preparer, state)
        settings = self._settings(preparer)

        def new(prepared: Prepared) -> set[IssueNumber]:
            issues, taken = prepared.snapshot.issues, owned(prepared.planned)
            return set(without_file(issues, taken, smap.forgotten, settings.label))

        prepared = await preparer.plan_pull(smap, new)
        arrivals = Arriving(
            prepared.planned,
            preparer.loaded,
            prepared.snapshot.issues,
            self._writer,
            settings,
            smap.forgotten,
        ).run(prepared.chosen if only is None else only)
        if self._ledger is not None:
            self._intend(self._ledger, prepared, arrivals)
        arrivals, files = self._write(arrivals)
        if self._ledger is not None:
            self._remember(self._ledger, preparer, prepared, arrivals)
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
        )

    def _settings(self, preparer: Preparer) -> PullSettings:
        config = self._config
        now = datetime.fromtimestamp(self._session.clock.now(), UTC)
        own = {kind.value for kind in Kind}
        for custom in config.custom:
            own |= {name.casefold() for names in custom.labels.values() for name in names}
        return PullSettings(
            write=WriteSettings(
                title=config.title,
                labels=config.pull.labels,
                touch=now.strftime("%Y-%m-%dT%H:%M:%SZ") if config.pull.touch else None,
                own_labels=frozenset(own),
                vocabulary=Vocabulary.of(preparer.loaded.items),
                custom=config.custom,
            ),
            title=config.title,
            label=config.pull.label,
        )

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

    def _intend(self, ledger: Ledger, prepared: Prepared, arrivals: Arrivals) -> None:
        """Record whose files are about to be made, before they are there.

        Killed right after, a push would else take a new file for a new item, and make its issue
        a second time.
        """
        new = [each for each in arrivals.items if each.new and not each.refused]
        if not new:
            return
        issues = prepared.snapshot.issues
        ledger.append(known(prepared, ledger.map))
        ledger.append([Recorded(entry=_entry_of(each, issues[each.number])) for each in new])

    def _remember(
        self, ledger: Ledger, preparer: Preparer, prepared: Prepared, arrivals: Arrivals
    ) -> None:
        """Record what both sides agree on now, so that the next push has nothing to undo."""
        issues = prepared.snapshot.issues
        smap = ledger.map
        ledger.append(known(prepared, smap))
        events: list[JournalEvent] = []
        texts: dict[str, str] = {}
        for arrival in arrivals.items:
            if arrival.refused:
                continue
            issue = issues[arrival.number]
            if arrival.new:
                events.append(Recorded(entry=_entry_of(arrival, issue)))
                continue
            entry = prepared.planned.entries[arrival.key]
            merged = prepared.planned.merges[arrival.key].body is not None
            decided = merged and "body" not in arrival.unheld
            taken = {change.field for change in arrival.changes}
            events.append(Recorded(entry=_settled(entry, arrival, issue, prepared, decided)))
            if "body" in taken or decided:
                base = events[-1].entry.base if isinstance(events[-1], Recorded) else None
                if base is not None:
                    texts[base.body] = issue.body
        self._keep(texts)
        ledger.append(events)
        if not arrivals.files:
            return
        again = preparer.again(prepared, ledger.map)
        ledger.append(known(again, ledger.map))
        new = [each for each in arrivals.items if each.new and not each.refused]
        ledger.append(
            [
                Recorded(entry=_agreed(_entry_of(arrival, issues[arrival.number]), again, issues))
                for arrival in new
            ]
        )
        ledger.append(_places(frozenset(each.key for each in new), again, ledger.map))

    def _keep(self, texts: Mapping[str, str]) -> None:
        notice = self._store.keep_bodies(texts)
        self._around.tell([notice] if notice else [])


def exit_code_of_pull(pulled: Pulled) -> ExitCode:
    """Exit 1 where a file was left alone or something is in conflict."""
    return ExitCode.PARTIAL if pulled.refused or pulled.conflicts else ExitCode.DONE


def _settled(
    entry: Entry, arrival: Arrival, issue: Issue, prepared: Prepared, decided: bool
) -> Entry:
    """The entry after its file has taken what GitHub had for it."""
    base = entry.base
    if base is None:
        return entry
    base = settle_pull(base, issue, arrival.changes, decided=decided)
    word = entry.word
    if any(change.field == "state" for change in arrival.changes):
        closed = issue.state is State.CLOSED
        word = prepared.planned.locals[arrival.key].item.status if closed else None
    return replace(entry, base=base, word=word)


def _entry_of(arrival: Arrival, issue: Issue) -> Entry:
    """The entry of an issue whose file was just made: what both agree on is seen by planning."""
    return Entry(
        key=arrival.key,
        number=issue.number,
        id=issue.id,
        uid=issue.uid,
        kind=arrival.kind,
        path=arrival.path,
    )


def _agreed(entry: Entry, again: Prepared, issues: Mapping[IssueNumber, Issue]) -> Entry:
    """A new file's entry: what the file says is what both sides agree on.

    The label of its kind is thereby no change that a push would send.
    """
    local = again.planned.locals.get(entry.key)
    if local is None:
        return entry
    base = replace(local.base, parent=issues[entry.number].parent)
    return replace(entry, kind=local.item.kind, ident=local.item.ident, base=base)


def _places(new: frozenset[Key], again: Prepared, smap: SyncMap) -> list[JournalEvent]:
    """Parents whose new children stay where people made them, wherever their files stand.

    Where the order of the others is agreed, the one with the new files is taken for agreed, too.
    """
    items = sorted(
        (local.item for local in again.planned.locals.values() if local.item.key in smap.entries),
        key=lambda item: (item.path, item.line, item.key),
    )
    events: list[JournalEvent] = []
    for parent in sorted({item.parent for item in items if item.key in new and item.parent}):
        entry = smap.entries.get(parent)
        if entry is None or entry.base is None:
            continue
        keys = [item.key for item in items if item.parent == parent]
        numbers = {key: smap.entries[key].number for key in keys}
        before = [numbers[key] for key in keys if key not in new]
        known = [number for number in entry.base.children if number in before]
        if len(before) < 2 or before == known:
            base = replace(entry.base, children=tuple(numbers.values()))
            events.append(Recorded(entry=replace(entry, base=base)))
    return events


def _pulled(change: FileChange) -> PulledFile:
    return PulledFile(path=change.path, new=change.before is None, diff=diff_of(change))
