"""Killed, out of power or out of disk at every step: the old state or the new one, never less."""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from store_disk import Killed, MemoryDisk

from ghsync.errors import StateFileError
from ghsync.journal import (
    BoundTo,
    Entry,
    Forgotten,
    Intent,
    JournalEvent,
    Recorded,
    Rekeyed,
    Sent,
    SyncMap,
    fold,
    pending,
    sends,
)
from ghsync.model import IssueId, IssueNumber, Key, Kind, RepoId, Uid
from ghsync.store import State, Store

ROOT = Path("project")
BOUND = BoundTo(repo_id=RepoId(7), repo="octo/plans")


def intent(key: str, at: float = 1.0) -> Intent:
    return Intent(key=Key(key), uid=Uid(f"uid-{key}"), floor=IssueNumber(0), at=at)


def recorded(key: str, number: int, uid: str | None = None) -> Recorded:
    return Recorded(
        entry=Entry(
            key=Key(key),
            number=IssueNumber(number),
            id=IssueId(number + 1000),
            uid=Uid(uid or f"uid-{key}"),
            kind=Kind.TASK,
            path=f"{key}.md",
        )
    )


@dataclass
class Run:
    """A run that knows what it was promised: the events whose append returned."""

    disk: MemoryDisk
    kept: list[JournalEvent] = field(default_factory=list)
    in_flight: list[JournalEvent] = field(default_factory=list)

    def append(self, store: Store, *events: JournalEvent) -> None:
        self.in_flight = list(events)
        store.append(events)
        self.kept += events
        self.in_flight = []

    def checkpoint(self, store: Store) -> None:
        keep = [*pending(self.kept).values(), *sends(self.kept)]
        store.checkpoint(fold(SyncMap(), self.kept), keep)

    def first(self) -> None:
        store = Store.open(ROOT, files=self.disk)
        with store.locked(since=0.0):
            store.load()
            self.append(store, BOUND, intent("a"))
            self.append(store, recorded("a", 1), Sent(at=1.0, content=True))
            self.append(store, intent("b"), intent("c"))
            self.checkpoint(store)
            self.append(store, recorded("b", 2))
            self.append(store, Forgotten(key=Key("b"), number=IssueNumber(2)))
            renamed = Rekeyed(old=Key("a"), new=Key("b"), number=IssueNumber(1))
            self.append(store, renamed)
            self.checkpoint(store)

    def second(self) -> None:
        store = Store.open(ROOT, files=self.disk)
        with store.locked(since=9.0):
            store.load()
            self.append(store, BOUND, intent("d", at=2.0), recorded("d", 4))
            self.checkpoint(store)

    def holds(self, state: State) -> bool:
        """Whether a state is what was promised, with any beginning of the batch under way."""
        return any(
            state.map == fold(SyncMap(), events)
            and set(state.pending) == set(pending(events).values())
            and set(state.sent) == set(sends(events))
            for n in range(len(self.in_flight) + 1)
            for events in [[*self.kept, *self.in_flight[:n]]]
        )


def new_disk() -> MemoryDisk:
    disk = MemoryDisk()
    disk.folders |= {ROOT}
    disk.synced_folders |= {ROOT}
    return disk


def count(disk: MemoryDisk, work: Callable[[Run], None], kept: list[JournalEvent]) -> int:
    run = Run(disk, list(kept))
    work(run)
    assert run.holds(Store.open(ROOT, files=disk).load())
    return len(disk.steps)


def killed(
    disk: MemoryDisk, work: Callable[[Run], None], kept: list[JournalEvent]
) -> Iterator[Run]:
    """The run, killed at each of its steps; a write is left undone, half done and done."""
    for step in range(1, count(disk.after_kill(), work, kept) + 1):
        for partial in (0.0, 0.5, 0.99, 1.0):
            run = Run(disk.after_kill(), list(kept))
            run.disk.kill_at, run.disk.partial = step, partial
            with pytest.raises(Killed):
                work(run)
            yield run
            if not run.disk.steps[-1].startswith("write"):
                break


def refused(work: Callable[[], None]) -> StateFileError | None:
    try:
        work()
    except StateFileError as error:
        return error
    return None


def disks_after(disk: MemoryDisk) -> Iterator[MemoryDisk]:
    yield disk.after_kill()
    yield from disk.after_power_cut()


def test_the_state_survives_a_crash_at_every_step() -> None:
    """Killed or out of power at any step, what was appended is there and nothing else is."""
    seen = 0
    for run in killed(new_disk(), Run.first, []):
        for disk in disks_after(run.disk):
            state = Store.open(ROOT, files=disk).load()
            assert run.holds(state), (run.disk.steps, state)
            seen += 1
    assert seen > 200


def test_the_state_survives_a_second_crash_during_the_recovery() -> None:
    """The next run goes on from whatever is left, and may be killed at any of its steps too."""
    seen = 0
    for run in killed(new_disk(), Run.first, []):
        state = Store.open(ROOT, files=run.disk.after_kill()).load()
        kept = list(run.kept)
        while not Run(run.disk, kept).holds(state):  # the batch under way is there, or part of it
            kept.append(run.in_flight[len(kept) - len(run.kept)])
        for again in killed(run.disk.after_kill(), Run.second, kept):
            state = Store.open(ROOT, files=again.disk.after_kill()).load()
            assert again.holds(state), (run.disk.steps, again.disk.steps, state)
            seen += 1
    assert seen > 1000


@pytest.mark.parametrize(
    ("code", "partial", "after"),
    [
        (errno.ENOSPC, 0.0, MemoryDisk.after_kill),
        (errno.ENOSPC, 0.5, MemoryDisk.after_kill),
        (errno.EIO, 0.5, MemoryDisk.after_power_cut),
        (errno.EIO, 1.0, MemoryDisk.after_kill),
        (errno.EROFS, 0.0, MemoryDisk.after_kill),
    ],
)
def test_an_error_at_any_step_is_told_and_loses_nothing(
    code: int, partial: float, after: Callable[[MemoryDisk], MemoryDisk | Iterator[MemoryDisk]]
) -> None:
    """ENOSPC, EIO and the like at any step: a clear error, or a step that did not matter."""
    steps = count(new_disk(), Run.first, [])
    told = 0
    for step in range(1, steps + 1):
        run = Run(new_disk())
        run.disk.fail_at, run.disk.error, run.disk.partial = step, code, partial
        error = refused(run.first)
        if error is not None:
            told += 1
            assert ".ghsync" in error.message
            assert errno.errorcode[code] in error.message
            assert error.hint
        left = after(run.disk)
        for disk in [left] if isinstance(left, MemoryDisk) else left:
            assert run.holds(Store.open(ROOT, files=disk).load()), run.disk.steps
        store = Store.open(ROOT, files=run.disk.after_kill())
        with store.locked(since=1.0):
            store.append([Sent(at=5.0, content=False)])
            assert Sent(at=5.0, content=False) in store.load().sent
    assert told > steps * 0.8


def test_after_a_failed_append_nothing_more_is_recorded() -> None:
    """The end of the file is uncertain, so every later append is refused until the lock is new."""
    disk = new_disk()
    store = Store.open(ROOT, files=disk)
    with store.locked(since=0.0):
        store.append([intent("a")])
        disk.fail_at, disk.error, disk.partial = len(disk.steps) + 1, errno.ENOSPC, 0.5
        with pytest.raises(
            StateFileError, match=r"cannot append to .*journal\.jsonl: ENOSPC"
        ) as first:
            store.append([intent("b")])
        assert "free some disk space" in first.value.hint
        with pytest.raises(StateFileError, match="an earlier write to it failed"):
            store.append([intent("c")])
        assert store.load().pending == (intent("a"),)
        assert store.load().notices == (), "the half line was taken back"
    with store.locked(since=0.0):
        store.append([intent("c")])
        assert store.load().pending == (intent("a"), intent("c"))


def test_a_failed_sync_fails_the_append() -> None:
    """What may not be on the disk counts as not recorded, though it can be read back."""
    disk = new_disk()
    store = Store.open(ROOT, files=disk)
    with store.locked(since=0.0):
        store.append([intent("a")])
        disk.fail_at, disk.error = len(disk.steps) + 2, errno.EIO
        with pytest.raises(StateFileError, match="EIO") as caught:
            store.append([intent("b")])
        assert "nothing was sent that is not recorded" in caught.value.hint


def test_a_run_on_a_read_only_disk_is_refused_and_a_look_is_not() -> None:
    """Reading works where nothing can be written; taking the lock says why it cannot."""
    disk = new_disk()
    Run(disk).first()
    disk = disk.after_kill()
    disk.read_only = True
    store = Store.open(ROOT, files=disk)
    assert list(store.load().map.entries) == ["b"]
    with (
        pytest.raises(StateFileError, match="Read-only file system") as caught,
        store.locked(since=0.0),
    ):
        pass
    assert "make the folder writable" in caught.value.hint


def test_a_look_writes_nothing() -> None:
    """Opening, loading and offering a cache leave a project without ``.ghsync`` as it is."""
    disk = new_disk()
    state = Store.open(ROOT, files=disk).load()
    assert state == State(map=SyncMap())
    assert disk.steps == []
    assert disk.names == {}
