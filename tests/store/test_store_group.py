"""Group commit: what goes on has been written, in order, and few writes serve many tasks."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from ghsync.errors import StateFileError
from ghsync.journal import JournalEvent, Sent
from ghsync.store import GroupCommit


@dataclass
class Disk:
    """Takes batches; says when it is at work, and fails or waits when it is told to."""

    batches: list[list[JournalEvent]] = field(default_factory=list)
    safe: list[JournalEvent] = field(default_factory=list)
    error: Exception | None = None
    gate: threading.Event = field(default_factory=threading.Event)
    busy: int = 0

    def __post_init__(self) -> None:
        self.gate.set()

    def append(self, events: Sequence[JournalEvent]) -> None:
        self.busy += 1
        assert self.busy == 1, "two batches at a time"
        assert self.gate.wait(30)
        self.busy -= 1
        if self.error is not None:
            raise self.error
        self.batches.append(list(events))

    def remember(self, events: Sequence[JournalEvent]) -> None:
        self.safe += events


def sent(number: int) -> Sent:
    """An event that can be told from others."""
    return Sent(at=float(number), content=False)


async def each_goes_on(commits: GroupCommit, disk: Disk, number: int) -> None:
    """Commit one event; on return it is on the disk and remembered."""
    await commits.add([sent(number)])
    assert any(sent(number) in batch for batch in disk.batches)
    assert sent(number) in disk.safe


@pytest.mark.parametrize("background", [True, False])
def test_tasks_of_one_moment_share_a_batch(background: bool) -> None:
    """Fifty tasks, one write; the order is that of their calls."""
    disk = Disk()

    async def inside() -> None:
        commits = GroupCommit(disk.append, disk.remember, background=background)
        await asyncio.gather(*(each_goes_on(commits, disk, n) for n in range(50)))
        commits.close()

    asyncio.run(inside())
    assert disk.batches == [[sent(n) for n in range(50)]]


def test_while_one_batch_is_written_the_next_fills_and_the_loop_goes_on() -> None:
    """A slow disk costs two writes, not fifty-one, and nobody goes on before its own."""
    disk = Disk()
    disk.gate.clear()
    ended: list[int] = []

    async def one(commits: GroupCommit, number: int) -> None:
        await each_goes_on(commits, disk, number)
        ended.append(number)

    async def inside() -> None:
        commits = GroupCommit(disk.append, disk.remember, background=True)
        first = asyncio.create_task(one(commits, 0))
        while not disk.busy and not first.done():  # noqa: ASYNC110 (a thread sets it)
            await asyncio.sleep(0)
        rest = [asyncio.create_task(one(commits, n)) for n in range(1, 51)]
        for _ in range(10):
            await asyncio.sleep(0)
        assert ended == []
        disk.gate.set()
        await asyncio.gather(first, *rest)
        commits.close()

    asyncio.run(inside())
    assert [len(batch) for batch in disk.batches] == [1, 50]


@pytest.mark.parametrize("background", [True, False])
def test_a_disk_that_fails_is_told_to_every_task_of_the_batch(background: bool) -> None:
    """None of them sends, and nothing of it counts as safe."""
    disk = Disk(error=StateFileError("the disk is full", hint="free some"))

    async def inside() -> list[object]:
        commits = GroupCommit(disk.append, disk.remember, background=background)
        found = await asyncio.gather(
            *(commits.add([sent(n)]) for n in range(3)), return_exceptions=True
        )
        commits.close()
        return list(found)

    assert [type(each) for each in asyncio.run(inside())] == [StateFileError] * 3
    assert disk.safe == []


def test_who_cannot_wait_finishes_what_is_under_way_first() -> None:
    """A synchronous append comes after everything that was added before it."""
    disk = Disk()

    async def inside() -> None:
        commits = GroupCommit(disk.append, disk.remember, background=True)
        first = asyncio.create_task(commits.add([sent(1)]))
        await asyncio.sleep(0)
        await asyncio.sleep(0)  # the first is with the thread by now
        second = asyncio.create_task(commits.add([sent(2)]))
        await asyncio.sleep(0)
        commits.finish()
        assert disk.safe == [sent(1), sent(2)]
        await asyncio.gather(first, second)
        commits.close()

    asyncio.run(inside())
    assert disk.batches == [[sent(1)], [sent(2)]]


def test_a_cancelled_task_has_journaled_all_the_same() -> None:
    """What was sent or found out is not lost with whoever waited for the disk."""
    disk = Disk()

    async def inside() -> None:
        commits = GroupCommit(disk.append, disk.remember, background=True)
        task = asyncio.create_task(commits.add([sent(1)]))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        commits.close()

    asyncio.run(inside())
    assert disk.safe == [sent(1)]


def test_no_events_are_no_write() -> None:
    """And no wait."""
    disk = Disk()

    async def inside() -> None:
        commits = GroupCommit(disk.append, disk.remember, background=True)
        await commits.add([])
        commits.close()

    asyncio.run(inside())
    assert disk.batches == []
