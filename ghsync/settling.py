"""What a pull remembers: what both sides agree on once the files hold what GitHub has.

In a dry run nothing is written, and the same says what a push would set out from.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from ghsync.apart import fingerprints
from ghsync.arrivals import Arrival, Arrivals
from ghsync.bases import settle_pull
from ghsync.journal import Entry, JournalEvent, Recorded, SyncMap, fold
from ghsync.model import Change, FieldName, Issue, Key, Loaded, State
from ghsync.prepare import Preparer
from ghsync.prepared import Prepared, known
from ghsync.values import dataclass


class Memory(Protocol):
    """Where it is remembered: a ledger, or nowhere."""

    @property
    def map(self) -> SyncMap:
        """The map as of now."""

    def append(self, events: Sequence[JournalEvent]) -> None:
        """Remember these."""


class Imagined:
    """A memory that writes nothing: what the map would be."""

    def __init__(self, start: SyncMap) -> None:
        self.map = start

    def append(self, events: Sequence[JournalEvent]) -> None:
        """Fold them in."""
        self.map = fold(self.map, events)


@dataclass(frozen=True, slots=True, kw_only=True)
class After:
    """What a push would find after a pull that was only looked at."""

    map: SyncMap
    loaded: Loaded
    files: frozenset[str]
    """The paths of files that would be others, or new."""


def intend(memory: Memory, prepared: Prepared, arrivals: Arrivals) -> None:
    """Record whose files are about to be made, before they are there.

    Killed right after, a push would else take a new file for a new item, and make its issue
    a second time.
    """
    new = [each for each in arrivals.items if each.new and not each.refused]
    if not new:
        return
    issues = prepared.snapshot.issues
    memory.append(known(prepared, memory.map))
    memory.append([Recorded(entry=_entry_of(each, issues[each.number])) for each in new])


class Settling:
    """Records what both sides agree on after a pull, so that the next push has nothing to undo."""

    def __init__(
        self,
        memory: Memory,
        preparer: Preparer,
        prepared: Prepared,
        arrivals: Arrivals,
        keep: Callable[[Mapping[str, str]], None],
    ) -> None:
        """``arrivals`` are those that were written, or would be.

        ``keep`` takes texts by their digests, before a base names them.
        """
        self._keep = keep
        self._memory = memory
        self._preparer = preparer
        self._prepared = prepared
        self._arrivals = arrivals
        self._issues = prepared.snapshot.issues
        self._new = [each for each in arrivals.items if each.new and not each.refused]
        self._existing = [each for each in arrivals.items if not each.new and not each.refused]
        self._texts: dict[str, str] = {}

    def run(self, read: Callable[[], Loaded]) -> None:
        """Record it; ``read`` loads the items as they are now."""
        memory = self._memory
        memory.append(known(self._prepared, memory.map))
        events = [Recorded(entry=self._settled(each)) for each in self._existing]
        events += [Recorded(entry=_entry_of(each, self._issues[each.number])) for each in self._new]
        self._keep(self._texts)
        memory.append(events)
        after = self._prepared
        if self._arrivals.files:
            after = self._preparer.again(self._prepared, memory.map, read())
            memory.append(known(after, memory.map))
        if self._new:
            memory.append([Recorded(entry=self._agreed(each, after)) for each in self._new])
            memory.append(_places(frozenset(each.key for each in self._new), after, memory.map))
            after = self._preparer.again(after, memory.map, after.loaded)
            memory.append(known(after, memory.map))
        memory.append(self._apart(after))

    def _settled(self, arrival: Arrival) -> Entry:
        """The entry after its file has taken what GitHub had for it."""
        entry, issue = self._prepared.planned.entries[arrival.key], self._issues[arrival.number]
        base = entry.base
        if base is None:
            return entry
        merged = self._prepared.planned.merges[arrival.key].body is not None
        decided = merged and "body" not in arrival.apart
        taken = [change for change in arrival.changes if change.field not in arrival.apart]
        base = settle_pull(base, issue, taken, decided=decided)
        fields = {change.field for change in taken}
        if "body" in fields or decided:
            self._texts[base.body] = issue.body
        word = entry.word
        if "state" in fields:
            closed = issue.state is State.CLOSED
            word = self._prepared.planned.locals[arrival.key].item.status if closed else None
        return replace(entry, base=base, word=word)

    def _agreed(self, arrival: Arrival, after: Prepared) -> Entry:
        """A new file's entry: what the file says is what both sides agree on.

        The label of its kind is thereby no change that a push would send.
        """
        issue = self._issues[arrival.number]
        entry, local = _entry_of(arrival, issue), after.planned.locals.get(arrival.key)
        if local is None:
            return entry
        above = issue.parent
        if "parent" in arrival.apart:  # its place says another, and the push shall move neither
            said = self._memory.map.entries.get(local.item.parent) if local.item.parent else None
            above = said.number if said is not None else None
        base = replace(local.base, parent=above)
        return replace(entry, kind=local.item.kind, ident=local.item.ident, base=base)

    def _apart(self, after: Prepared) -> list[JournalEvent]:
        """What GitHub has and the files cannot hold, so that it is said once.

        Of a new file that is whatever it lacks; a blocker whose file came after it is next.
        """
        events: list[JournalEvent] = []
        for arrival in (*self._existing, *self._new):
            entry = self._memory.map.entries.get(arrival.key)
            merged = after.planned.merges.get(arrival.key)
            if entry is None or entry.base is None or merged is None:
                continue
            there = merged.incoming
            fields: Collection[FieldName] = arrival.apart
            if arrival.new:
                fields = {change.field for change in there if not self._later(change)}
            said = fingerprints(there, self._issues[arrival.number], fields)
            if said != entry.base.apart:
                events.append(Recorded(entry=replace(entry, base=replace(entry.base, apart=said))))
        return events

    def _later(self, change: Change) -> bool:
        """Whether all that a new file lacks is blockers that became files after it."""
        new = change.new if isinstance(change.new, tuple) else ()
        return change.field == "blocked_by" and all(not name.startswith("#") for name in new)


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
