"""Group commit: what many tasks journal at the same time costs one write and one fsync."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from ghsync.journal import JournalEvent

if TYPE_CHECKING:  # who only reads the store needs neither a loop nor a thread
    import asyncio
    from concurrent.futures import Future, ThreadPoolExecutor

Events = Sequence[JournalEvent]


class _Batch:
    """Events in the order of the journal, and who waits until they are on the disk."""

    def __init__(self) -> None:
        self.events: list[JournalEvent] = []
        self.waiting: list[asyncio.Future[None]] = []


class GroupCommit:
    """Hands events to ``append`` in batches, in order, one batch at a time.

    While one batch is being written (in a thread, so that the event loop goes on), the next one
    fills. Nobody waits longer than for the batch under way and the one that follows it, and
    whoever waits goes on only when ``append`` has returned: on the disk.
    """

    def __init__(
        self,
        append: Callable[[Events], None],
        remember: Callable[[Events], None],
        *,
        background: bool,
    ) -> None:
        """``append`` returns when events are safe; ``remember`` is told of those that are.

        ``background``: ``append`` takes long and gets a thread; else it runs in the loop, once
        for all that was added in one turn of it.
        """
        self._append = append
        self._remember = remember
        self._background = background
        self._pool: ThreadPoolExecutor | None = None
        self._next = _Batch()
        self._writing: tuple[_Batch, Future[None]] | None = None
        self._called = False

    async def add(self, events: Events) -> None:
        """Return when these events are on the disk; raises what ``append`` raised.

        A task that is cancelled meanwhile has journaled them all the same.
        """
        if not events:
            return
        import asyncio

        loop = asyncio.get_running_loop()
        written: asyncio.Future[None] = loop.create_future()
        self._next.events += events
        self._next.waiting.append(written)
        if not self._called and self._writing is None:
            self._called = True
            loop.call_soon(self._begin, loop)
        await written

    def finish(self) -> None:
        """Return when everything added is on the disk, or has failed and its tasks know."""
        if self._writing is not None:
            self._end(*self._writing)
        if self._next.events:
            self._write(self._taken())

    def close(self) -> None:
        """Finish, and let the thread go."""
        self.finish()
        if self._pool is not None:
            self._pool.shutdown()

    def _begin(self, loop: asyncio.AbstractEventLoop) -> None:
        self._called = False
        if self._writing is not None or not self._next.events:
            return
        batch = self._taken()
        if not self._background:
            self._write(batch)
            return
        if self._pool is None:
            from concurrent.futures import ThreadPoolExecutor

            self._pool = ThreadPoolExecutor(1, thread_name_prefix="ghsync-journal")
        job = self._pool.submit(self._append, batch.events)
        self._writing = batch, job
        job.add_done_callback(lambda job: self._over(loop, batch, job))

    def _over(self, loop: asyncio.AbstractEventLoop, batch: _Batch, job: Future[None]) -> None:
        """In the thread: let the loop go on, if it still runs."""
        if not loop.is_closed():
            loop.call_soon_threadsafe(self._go_on, loop, batch, job)

    def _go_on(self, loop: asyncio.AbstractEventLoop, batch: _Batch, job: Future[None]) -> None:
        if self._writing is not None and self._writing[0] is batch:
            self._end(batch, job)
        self._begin(loop)

    def _end(self, batch: _Batch, job: Future[None]) -> None:
        error = job.exception()  # waits for the thread, where it is asked for in a hurry
        self._writing = None
        self._tell(batch, error)

    def _write(self, batch: _Batch) -> None:
        try:
            self._append(batch.events)
        except BaseException as error:  # noqa: BLE001 (raised in each of the tasks that wait)
            self._tell(batch, error)
        else:
            self._tell(batch, None)

    def _tell(self, batch: _Batch, error: BaseException | None) -> None:
        if error is None:
            self._remember(batch.events)
        for written in batch.waiting:
            if written.done():  # cancelled
                continue
            if error is None:
                written.set_result(None)
            else:
                written.set_exception(error)

    def _taken(self) -> _Batch:
        batch, self._next = self._next, _Batch()
        return batch
