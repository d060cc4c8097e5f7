"""One run's hold on the journal: what it found there, what it adds, and the fold of both."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from ghsync.errors import StateFileError
from ghsync.journal import (
    Forgotten,
    Intent,
    JournalEvent,
    NotExecuted,
    Recorded,
    Sent,
    SyncMap,
    Trying,
    fold,
)
from ghsync.store import GroupCommit, State, Store

HOUR = 3600.0
"""How long a sent write counts in GitHub's longest window."""
DAY = 86_430.0
"""How long one counts at most, in the longest window that the settings take."""


class Ledger:
    """The journal as one run sees it: what was there, what was added, and the fold of it."""

    def __init__(self, store: Store, state: State) -> None:
        self._store = store
        self._start = state.map
        self._pending = {intent.uid: intent for intent in state.pending}
        self._tried = {trial.entry.number: trial for trial in state.tried}
        self._sent = list(state.sent)
        self._events: list[JournalEvent] = []
        self._commits = GroupCommit(store.append, self._remember, background=store.slow)

    def append(self, events: Sequence[JournalEvent]) -> None:
        """Journal events, fsynced, and remember them."""
        self._commits.finish()
        if events:
            self._store.append(events)
            self._remember(events)

    async def commit(self, events: Sequence[JournalEvent]) -> None:
        """Journal events like :meth:`append`, in one fsync with what others commit meanwhile."""
        await self._commits.add(events)

    def _remember(self, events: Sequence[JournalEvent]) -> None:
        self._events += events
        for event in events:
            match event:
                case Intent():
                    self._pending[event.uid] = event
                case NotExecuted():
                    self._pending.pop(event.uid, None)
                case Recorded(entry=entry):
                    self._tried.pop(entry.number, None)
                    for uid in (entry.uid, entry.commented):
                        if uid is not None:
                            self._pending.pop(uid, None)
                case Trying(entry=entry):
                    self._tried[entry.number] = event
                case Forgotten(number=number):
                    self._tried.pop(number, None)
                case Sent():
                    self._sent.append(event)
                case _:
                    pass

    @property
    def pending(self) -> tuple[Intent, ...]:
        """Creates whose outcome is not known, oldest first."""
        return tuple(each for each in self._pending.values() if each.what != "comment")

    @property
    def comments(self) -> tuple[Intent, ...]:
        """Comments whose outcome is not known, oldest first."""
        return tuple(each for each in self._pending.values() if each.what == "comment")

    @property
    def tried(self) -> tuple[Trying, ...]:
        """Updates whose answer nobody saw."""
        return tuple(self._tried.values())

    @property
    def map(self) -> SyncMap:
        """The map as of now."""
        return fold(self._start, self._events)

    def close(self, now: float, *, counts: float = DAY) -> None:
        """Write the map and cut the journal to what the next run needs.

        ``counts``: the seconds for which a write counts in a window of the limits in force.
        A disk that takes neither changes nothing: the journal still holds every event.
        """
        self._commits.close()
        since = now - max(HOUR, counts)
        keep: list[JournalEvent] = [each for each in self._sent if each.at > since]
        keep += [*self._pending.values(), *self._tried.values()]
        with suppress(StateFileError):
            self._store.checkpoint(self.map, keep)
