"""The gate: every request, read or write, waits here in one line until the limiter lets it go."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING

from ghsync.clock import Clock, SystemClock
from ghsync.limiter import Go, Headers, Hold, Limiter, Ticket
from ghsync.model import Cost, Waiting

if TYPE_CHECKING:
    from aiolimiter import AsyncLimiter

WORTH_TELLING = 0.5
"""Seconds; a shorter wait is told to nobody."""
_LOOK_AGAIN = 1.0
"""Seconds after which an urgent request asks again where only an answer can make room."""
_SMOOTH = (10, 1.0)
"""Requests and seconds: spreads bursts of reads and updates over real time (see docs/limits.md)."""


class Gate:
    """Puts requests in line, first come first served, in front of one limiter.

    The first in line asks the limiter and sleeps on the clock; the others wait for their turn.
    So a limit that one request meets stops all of them, and nobody polls.
    """

    def __init__(
        self, limiter: Limiter, clock: Clock, *, on_wait: Callable[[Waiting], None] | None = None
    ) -> None:
        self._limiter = limiter
        self._clock = clock
        self._on_wait = on_wait
        self._occupied = False  # somebody is first in line, or about to wake up as that
        self._line: deque[asyncio.Future[None]] = deque()
        self._outcome: asyncio.Future[None] | None = None  # what the first in line waits for
        self._told_until = float("-inf")
        self._smoother: AsyncLimiter | None = None
        self._passed = 0
        self._open = asyncio.Event()
        self._open.set()

    @property
    def limiter(self) -> Limiter:
        """The limiter behind this gate."""
        return self._limiter

    async def enter(self, cost: Cost, *, urgent: bool = False) -> Ticket:
        """Return leave to send, in the order of arrival; ``urgent`` passes the line, no limit.

        Cancelled while waiting, it has taken nothing. Await it directly: in a task of its own,
        a ticket could come back to nobody. Whoever gets one says what became of the request, by
        exactly one of :meth:`answered`, :meth:`rejected` and :meth:`abandoned`.
        """
        if urgent:
            return await self._overtake(cost)
        if self._occupied:
            await self._stand_in_line()
        self._occupied = True
        try:
            return await self._pass(cost)
        finally:
            self._call_next()

    def answered(self, ticket: Ticket, headers: Headers | None, *, failed: bool = False) -> None:
        """Report an answer that is no limit's rejection; ``failed``: a 5xx."""
        self._limiter.answered(ticket, self._clock.now(), headers, failed=failed)
        self._wake_first()

    def rejected(self, ticket: Ticket, headers: Headers | None, *, primary: bool) -> Hold:
        """Report a limit's rejection: from now on everybody waits."""
        hold = self._limiter.rejected(ticket, self._clock.now(), headers, primary=primary)
        self._tell(hold)
        self._wake_first()
        return hold

    def abandoned(self, ticket: Ticket) -> None:
        """Report that no answer will be seen; harmless after one of the others."""
        self._limiter.abandoned(ticket, self._clock.now())
        self._wake_first()

    def pause(self) -> None:
        """Let nothing through until :meth:`resume`, but for what is urgent."""
        self._open.clear()

    def resume(self) -> None:
        """Go on after :meth:`pause`."""
        self._open.set()

    # ------------------------------------------------------------------ the line

    async def _stand_in_line(self) -> None:
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._line.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if not turn.cancelled():
                self._call_next()  # it was called and cancelled in the same moment
            raise

    def _call_next(self) -> None:
        while self._line:
            turn = self._line.popleft()
            if not turn.done():  # done here means cancelled
                turn.set_result(None)
                return
        self._occupied = False

    async def _pass(self, cost: Cost) -> Ticket:
        """Ask until the limiter says go. Nothing awaits after that, so no ticket is lost."""
        await self._smooth()
        while True:
            await self._open.wait()
            decision = self._limiter.ask(cost, self._clock.now())
            if isinstance(decision, Go):
                return decision.ticket
            if decision.until is None:
                await self._next_outcome()
            else:
                self._tell(decision)
                await self._clock.sleep_until(decision.until)

    async def _overtake(self, cost: Cost) -> Ticket:
        """Ask the limiter beside the line, whose first may be waiting for a window of its own."""
        while True:
            decision = self._limiter.ask(cost, self._clock.now())
            if isinstance(decision, Go):
                return decision.ticket
            until = decision.until
            self._tell(decision)
            await self._clock.sleep_until(
                self._clock.now() + _LOOK_AGAIN if until is None else until
            )

    async def _next_outcome(self) -> None:
        self._outcome = asyncio.get_running_loop().create_future()
        try:
            await self._outcome
        finally:
            self._outcome = None

    def _wake_first(self) -> None:
        if self._outcome is not None and not self._outcome.done():
            self._outcome.set_result(None)

    async def _smooth(self) -> None:
        """Spread bursts in real time; GitHub also limits CPU seconds, which no header shows.

        aiolimiter is not the budget (it lets 159 through a minute's window of 80) and runs on
        the loop's own time, so only real time is smoothed, and only for servers with limits.
        Only the first in line asks it, so its own order of waiters cannot matter.
        """
        if not (self._limiter.limited and isinstance(self._clock, SystemClock)):
            return
        if self._passed < _SMOOTH[0]:  # it would let them all through
            self._passed += 1
            return
        if self._smoother is None:
            from aiolimiter import AsyncLimiter  # slow to import, and a dry run rarely gets here

            self._smoother = AsyncLimiter(*_SMOOTH)
            await self._smoother.acquire(self._passed)
        await self._smoother.acquire()

    # ------------------------------------------------------------------ telling

    def _tell(self, hold: Hold) -> None:
        """Report a wait once, however many requests meet it; never the even pace."""
        if self._on_wait is None or hold.until is None or hold.quiet:
            return
        now = self._clock.now()
        # Under a full minute's window each request waits about one gap: that is pace, too.
        least = max(WORTH_TELLING, 2 * self._limiter.profile.gap)
        if hold.until - now > least and hold.until > self._told_until + WORTH_TELLING:
            self._told_until = hold.until
            self._on_wait(Waiting(reason=hold.reason, seconds=hold.until - now, until=hold.until))
