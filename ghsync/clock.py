"""Two clocks behind one protocol: the machine's, and one that jumps instead of waiting.

Times are epoch seconds. Everything above asks a :class:`Clock` for the time and waits on it, so
that the same push runs in real time against GitHub and in no time against the sandbox.
"""

from __future__ import annotations

import heapq
import itertools
import time
from collections.abc import Iterator, Sized
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol
from weakref import WeakKeyDictionary

if TYPE_CHECKING:  # who only asks for the time needs no event loop
    import asyncio

_SLICE = 30.0
"""The longest single sleep in seconds; a laptop that was suspended looks at the time again."""
_BLIND_ROUNDS = 32
"""Loop rounds without a clock call that count as idle, on a loop that does not show its queue."""
_watches: WeakKeyDictionary[asyncio.AbstractEventLoop, int] = WeakKeyDictionary()
"""How many looks of virtual clocks each loop has in its queue."""


class Clock(Protocol):
    """What tells the time and waits."""

    def now(self) -> float:
        """Return the time in epoch seconds; it never goes back."""
        ...

    async def sleep_until(self, t: float) -> None:
        """Return when ``now() >= t``; at once, after one turn of the loop, if it is already."""
        ...


class SystemClock:
    """The machine's clock: wall time when it was made, advanced by a steady counter.

    A wall clock that an administrator, NTP or a time zone bug sets back would make the limiter
    wait for hours, or, set forward, give it tokens that GitHub has not given back. The steady
    counter does neither; where the platform has one that also counts a suspended machine's
    sleep (``CLOCK_BOOTTIME``), it is used.
    """

    def __init__(self, *, not_before: float = 0.0) -> None:
        """Start at the machine's time, or at ``not_before`` if that is later."""
        self._offset = max(time.time(), not_before) - _steady()

    def now(self) -> float:
        """Return epoch seconds that never step."""
        return self._offset + _steady()

    async def sleep_until(self, t: float) -> None:
        """Sleep in real time until ``t``."""
        import asyncio

        await asyncio.sleep(0)
        while (left := t - self.now()) > 0:  # noqa: ASYNC110 (time passing sets no event)
            await asyncio.sleep(min(left, _SLICE))


def _steady() -> float:
    boottime: int | None = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if boottime is None else time.clock_gettime(boottime)


class VirtualClock:
    """A clock that stands still while anything can run, then jumps to the earliest sleeper.

    It may outlive an event loop (a second push goes on at the time the first one ended), but
    serves one loop at a time. Work that the loop cannot see, in a thread or behind a socket,
    is declared with :meth:`busy`; without that the clock may jump while it goes on.
    """

    def __init__(self, start: float) -> None:
        self._now = start
        self._order = itertools.count()
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._busy = 0
        self._watch: tuple[asyncio.AbstractEventLoop, asyncio.Handle] | None = None
        self._idle_rounds = 0

    def now(self) -> float:
        """Return the virtual time in epoch seconds."""
        return self._now

    def advance(self, seconds: float) -> None:
        """Let time pass while nobody sleeps, such as the night between two pushes."""
        self._now += max(0.0, seconds)

    async def sleep_until(self, t: float) -> None:
        """Wait until everything else waits too and ``t`` is the earliest time waited for."""
        import asyncio

        if t <= self._now:
            self._idle_rounds = 0
            await asyncio.sleep(0)
            return
        loop = asyncio.get_running_loop()
        sleeper = loop.create_future()
        heapq.heappush(self._sleepers, (t, next(self._order), sleeper))
        self._ensure_watch(loop)
        await sleeper  # cancelling the task cancels the future, and the watch drops it

    @contextmanager
    def busy(self) -> Iterator[None]:
        """Hold the clock still while something runs that the event loop does not show."""
        self._busy += 1
        try:
            yield
        finally:
            self._busy -= 1
            if not self._busy and self._sleepers:
                import asyncio

                self._ensure_watch(asyncio.get_running_loop())

    def _ensure_watch(self, loop: asyncio.AbstractEventLoop) -> None:
        """Keep one callback in the loop's queue that looks whether everybody waits."""
        self._idle_rounds = 0
        if self._watch is None or self._watch[0] is not loop:
            self._look_soon(loop)

    def _look_soon(self, loop: asyncio.AbstractEventLoop) -> None:
        _watches[loop] = _watches.get(loop, 0) + 1
        self._watch = (loop, loop.call_soon(self._look, loop))

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        _watches[loop] -= 1
        if self._watch is None or self._watch[0] is not loop:
            return
        self._watch = None
        self._drop_finished()
        if self._busy or not self._sleepers:
            return  # whoever sleeps next, or ends the busy work, starts the watch again
        if self._is_idle(loop):
            self._jump()
            self._idle_rounds = 0
        self._look_soon(loop)

    def _is_idle(self, loop: asyncio.AbstractEventLoop) -> bool:
        """Say whether nothing but this watch has run or can run.

        asyncio's own loops keep what can run in ``_ready``: empty in two rounds (the second has
        polled the sockets) means that everybody waits. Another loop is watched for some rounds.
        """
        ready: object = getattr(loop, "_ready", None)
        if isinstance(ready, Sized):
            # The watches of other clocks are no work: two runs in one loop would wait for ever.
            self._idle_rounds = 0 if len(ready) > _watches[loop] else self._idle_rounds + 1
            return self._idle_rounds >= 2
        self._idle_rounds += 1
        return self._idle_rounds >= _BLIND_ROUNDS

    def _jump(self) -> None:
        self._now = max(self._now, self._sleepers[0][0])
        while self._sleepers and self._sleepers[0][0] <= self._now:
            sleeper = heapq.heappop(self._sleepers)[2]
            if not sleeper.done():
                sleeper.set_result(None)

    def _drop_finished(self) -> None:
        """Forget cancelled sleepers at the front, and those of a loop that is gone."""
        while self._sleepers:
            sleeper = self._sleepers[0][2]
            if not (sleeper.done() or sleeper.get_loop().is_closed()):
                return
            heapq.heappop(self._sleepers)
