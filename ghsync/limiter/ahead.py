"""A limiter run ahead: when would these requests go, and when would they be answered."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from ghsync.limiter.core import Limiter
from ghsync.limiter.values import Go, Ticket
from ghsync.model import Cost


class Ahead:
    """A copy of a limiter with a time of its own; each answer comes ``rtt`` seconds after leave.

    What is under way now is taken to be answered ``rtt`` from now. The limiter is not touched.
    """

    def __init__(self, limiter: Limiter, now: float, rtt: float | None = None) -> None:
        self.time = now
        self._rtt = limiter.rtt if rtt is None else rtt
        self._twin, out = limiter.twin()
        self._flying: deque[tuple[float, Ticket]] = deque((now + self._rtt, each) for each in out)
        self._landed: list[int] = []

    def send(self, cost: Cost) -> int:
        """Let time pass until a request may go; return its number."""
        while True:
            self._land()
            decision = self._twin.ask(cost, self.time)
            if isinstance(decision, Go):
                self._flying.append((self.time + self._rtt, decision.ticket))
                return decision.ticket.id
            until = self._flying[0][0] if decision.until is None else decision.until
            self.time = max(self.time, until)

    def landed(self) -> list[int]:
        """The numbers of those that were answered since this was last asked."""
        self._land()
        numbers, self._landed = self._landed, []
        return numbers

    def wait(self) -> bool:
        """Let time pass until the next answer; ``False`` if none is to come."""
        if self._flying:
            self.time = max(self.time, self._flying[0][0])
        return bool(self._flying)

    def finish(self) -> None:
        """Let time pass until everything is answered."""
        while self.wait():
            self._land()

    def _land(self) -> None:
        while self._flying and self._flying[0][0] <= self.time:
            when, ticket = self._flying.popleft()
            self._twin.answered(ticket, when, None)
            self._landed.append(ticket.id)


def eta(limiter: Limiter, costs: Iterable[Cost], now: float, rtt: float | None = None) -> float:
    """Return the seconds until all of these are answered, if asked for in this order."""
    ahead = Ahead(limiter, now, rtt)
    sent = False
    for cost in costs:
        ahead.send(cost)
        sent = True
    if sent:
        ahead.finish()
    return ahead.time - now
