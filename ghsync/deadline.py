"""``--max-time``: a run ends in time, and at once where it could do nothing more until then."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from ghsync.clock import Clock
from ghsync.errors import GhsyncError, StoppedError
from ghsync.model import Event, Waiting

T = TypeVar("T")
_HINT = "Run the same command again: it goes on where this ended."


class Deadline:
    """When a run's time is over; ``None`` seconds: never.

    ``stop`` asks the run to end: what is under way is waited for, nothing more is sent.
    """

    def __init__(self, seconds: float | None, stop: Callable[[GhsyncError], None]) -> None:
        self._seconds = seconds
        self._stop = stop
        self._at = math.inf
        self._error: StoppedError | None = None
        self._over = asyncio.Event()
        self._clock: Clock | None = None

    def begin(self, clock: Clock) -> None:
        """Count from now on."""
        self._clock = clock
        if self._seconds is not None:
            self._at = clock.now() + self._seconds

    def watching(self, on_event: Callable[[Event], None]) -> Callable[[Event], None]:
        """Pass events on, and end the run when it is told of a wait beyond its time.

        Everything waits in one line, so nothing could be sent until then; a job that sleeps is
        paid for.
        """

        def heard(event: Event) -> None:
            on_event(event)
            # A pause has no end of its own: whoever paused may go on in time.
            if isinstance(event, Waiting) and self._at <= event.until < math.inf:
                minutes = math.ceil(event.seconds / 60)
                self._end(
                    f"Nothing can be sent for {minutes:,} min ({event.reason}), which is beyond "
                    f"the run's time of {self._seconds:.0f} s, so it stops now.",
                )

        return heard

    async def wait(self) -> None:
        """Return when the time is over, having asked the run to stop."""
        if self._clock is None or self._at == math.inf:
            await self._over.wait()
            return
        timer = asyncio.ensure_future(self._clock.sleep_until(self._at))
        early = asyncio.ensure_future(self._over.wait())
        try:
            await asyncio.wait({timer, early}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            timer.cancel()
            early.cancel()
            await asyncio.gather(timer, early, return_exceptions=True)
        self._end(f"The run's time of {self._seconds:.0f} s is over.")

    async def bound(self, work: Coroutine[Any, Any, T]) -> T:
        """Do what can be cut off, such as reading; raise :class:`StoppedError` when it is."""
        if self._seconds is None:
            return await work
        task = asyncio.ensure_future(work)
        over = asyncio.ensure_future(self.wait())
        try:
            await asyncio.wait({task, over}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            in_time = task.done()
            task.cancel()
            over.cancel()
            await asyncio.gather(task, over, return_exceptions=True)
        if not in_time and self._error is not None:
            raise self._error
        return task.result()

    def _end(self, message: str) -> None:
        if self._error is None:
            self._error = StoppedError(message, hint=_HINT)
        self._stop(self._error)
        self._over.set()
