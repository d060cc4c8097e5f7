"""The sync map as the fold of events over an older map, and the creates nobody has settled."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import assert_never

from ghsync.journal.events import (
    BoundTo,
    Entry,
    Forgotten,
    Intent,
    JournalEvent,
    NotExecuted,
    Recorded,
    Rekeyed,
    Sent,
    SyncMap,
    Trying,
)
from ghsync.model import IssueNumber, Key, Uid


def fold(sync_map: SyncMap, events: Iterable[JournalEvent]) -> SyncMap:
    """Apply events to a map, in their order.

    Idempotent, for any events: replaying them onto the result changes nothing. Costs one pass
    over the whole map: collect a run's events and fold them once, not one by one.
    """
    repo_id, repo = sync_map.repo_id, sync_map.repo
    # By number, because an issue keeps its number while keys come and go: then no event touches
    # another issue's entry and a replay cannot resurrect or overwrite one. The dict's order is
    # the order of the last touch. Where two issues claim one key in the end, the later one has
    # it; deciding that only in the end is what keeps the replay of a rename into a key that was
    # used before (created, forgotten, renamed onto) from losing the renamed entry.
    by_number = {entry.number: entry for entry in sync_map.entries.values()}
    forgotten = set(sync_map.forgotten)
    for event in events:
        match event:
            case Recorded(entry=entry):
                by_number.pop(entry.number, None)
                by_number[entry.number] = entry
                forgotten.discard(entry.number)
            case Rekeyed(new=new, number=number):
                if (renamed := by_number.pop(number, None)) is not None:
                    by_number[number] = _rekeyed(renamed, new)
            case Forgotten(number=number):
                by_number.pop(number, None)
                forgotten.add(number)
            case BoundTo():
                repo_id, repo = event.repo_id, event.repo
            case Intent() | NotExecuted() | Sent() | Trying():
                pass
            case _:
                assert_never(event)
    return SyncMap(
        repo_id=repo_id,
        repo=repo,
        entries={entry.key: entry for entry in by_number.values()},
        forgotten=frozenset(forgotten),
    )


def pending(events: Iterable[JournalEvent]) -> dict[Uid, Intent]:
    """The creates and comments whose outcome is not known, oldest first.

    An intent is settled by :class:`NotExecuted` or by a :class:`Recorded` entry with its uid.
    """
    open_intents: dict[Uid, Intent] = {}
    for event in events:
        match event:
            case Intent():
                open_intents[event.uid] = event
            case NotExecuted(uid=uid):
                open_intents.pop(uid, None)
            case Recorded(entry=entry):
                for done in (entry.uid, entry.commented):
                    if done is not None:
                        open_intents.pop(done, None)
            case _:
                pass
    return open_intents


def trials(events: Iterable[JournalEvent]) -> dict[IssueNumber, Trying]:
    """The updates that were sent and not seen answered, by issue."""
    tried: dict[IssueNumber, Trying] = {}
    for event in events:
        match event:
            case Trying(entry=entry):
                tried[entry.number] = event
            case Recorded(entry=entry):
                tried.pop(entry.number, None)
            case Forgotten(number=number):
                tried.pop(number, None)
            case _:
                pass
    return tried


def sends(events: Iterable[JournalEvent]) -> tuple[Sent, ...]:
    """When writes went out, as far as the journal still knows."""
    return tuple(event for event in events if isinstance(event, Sent))


def numbers(sync_map: SyncMap) -> dict[IssueNumber, Key]:
    """The map the other way round: which key an issue belongs to."""
    return {entry.number: key for key, entry in sync_map.entries.items()}


def _rekeyed(entry: Entry, new: Key) -> Entry:
    """Rename an entry; its path follows where it is the key's own file (not a task line's)."""
    path = f"{new}.md" if entry.path == f"{entry.key}.md" else entry.path
    return replace(entry, key=new, path=path)
