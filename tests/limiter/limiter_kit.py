"""What the tests of the limiter share: a server that judges by its own code, and an auditor.

Nothing here asks the limiter what it counts: the server is the sandbox's meter, and the auditor
looks at the times at which requests arrived there.
"""

from __future__ import annotations

import heapq
import itertools
import math
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from email.utils import formatdate
from typing import Literal

from ghsync.limiter import GITHUB, Go, Headers, Hold, Limiter, Profile, Ticket
from ghsync.model import Cost
from ghsync.remote.headers import parse_headers
from ghsync.sandbox.limits import GITHUB as GITHUB_LIMITS
from ghsync.sandbox.limits import Limits, Meter
from ghsync.sandbox.messages import Problem

READ = Cost(points=1)
UPDATE = Cost(points=5)
CREATE = Cost(points=5, content=True)
T0 = 1_800_000_000.0
ME = "octocat"


def optimum(m: int, *, minute: int = 80, hour: int = 500) -> float:
    """The least possible seconds for m content-creating requests in those two windows."""
    return 3600 * ((m - 1) // hour) + 60 * (((m - 1) % hour) // minute)


def worst(times: Sequence[float], period: float) -> int:
    """The most that any window of ``period`` seconds, both ends included, ever held.

    Brute force over the times at which requests arrived, whoever sent them and why.
    """
    ordered = sorted(times)
    return max(
        (bisect_right(ordered, t + period) - bisect_left(ordered, t) for t in ordered), default=0
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """One request as the server saw it."""

    at: float
    content: bool
    limited: bool


@dataclass
class Site:
    """A limiter, a network and the sandbox's meter, in virtual time without an event loop."""

    profile: Profile = GITHUB
    limits: Limits = GITHUB_LIMITS
    rtt: float = 0.3
    skew: float = 0.0
    """The server's clock minus ours."""
    reserve: int = 0
    retry_after: Callable[[str | None], str | None] = lambda value: value
    """Turns the server's header into what the client is told."""

    def __post_init__(self) -> None:
        self.meter = Meter(self.limits)
        self.limiter = Limiter(self.profile, reserve=self.reserve)
        self.now = T0
        self.log: list[Arrival] = []
        self.sent: list[tuple[float, Cost]] = []
        """What a journal would hold: the times of leaving."""
        self.holds: list[Hold] = []
        self._flying: list[tuple[float, int, Literal["up", "down"], Ticket, Headers | None, bool]]
        self._flying = []
        self._numbers = itertools.count()

    def restart(self, after: float = 1.0) -> None:
        """Kill the process; what it sent arrives all the same. Begin another from its journal."""
        while self._flying:
            at, _, way, ticket, _, _ = heapq.heappop(self._flying)
            if way == "up":
                self._arrive(ticket, at)
        self.now += after
        self.limiter = Limiter(self.profile, reserve=self.reserve)
        self.limiter.seed([each for each in self.sent if each[0] > self.now - 3700])

    def run(
        self,
        costs: Sequence[Cost],
        *,
        until: float = math.inf,
        on_done: Callable[[int, float], None] = lambda done, now: None,
    ) -> int:
        """Send these, each until it is not rejected; return how many were done by ``until``."""
        waiting = list(reversed(costs))
        done = 0
        while (waiting or self._flying) and self.now < until:
            while self._flying and self._flying[0][0] <= self.now:
                ticket, ok = self._next_event()
                if ok:
                    done += 1
                    on_done(done, self.now)
                elif ok is False:
                    waiting.append(ticket.cost)
            if waiting:
                decision = self.limiter.ask(waiting[-1], self.now)
                if isinstance(decision, Go):
                    waiting.pop()
                    self.sent.append((self.now, decision.ticket.cost))
                    self._fly(self.now + self.rtt / 2, "up", decision.ticket, None, ok=True)
                    continue
                self.holds.append(decision)
                times = [t for t in (decision.until,) if t is not None]
            else:
                times = []
            if self._flying:
                times.append(self._flying[0][0])
            self.now = max(self.now, min(times, default=self.now))
        return done

    def _fly(
        self, at: float, way: Literal["up", "down"], ticket: Ticket, headers: Headers | None,
        *, ok: bool,
    ) -> None:  # fmt: skip
        heapq.heappush(self._flying, (at, next(self._numbers), way, ticket, headers, ok))

    def _next_event(self) -> tuple[Ticket, bool | None]:
        at, _, way, ticket, headers, ok = heapq.heappop(self._flying)
        if way == "up":
            headers, ok = self._arrive(ticket, at)
            self._fly(at + self.rtt / 2, "down", ticket, headers, ok=ok)
            return ticket, None
        if ok:
            self.limiter.answered(ticket, at, headers)
        else:
            spent = headers is not None and headers.remaining == 0
            self.limiter.rejected(ticket, at, headers, primary=spent)
        return ticket, ok

    def _arrive(self, ticket: Ticket, at: float) -> tuple[Headers, bool]:
        server, extra, ok = at + self.skew, (), True
        cost = ticket.cost
        try:
            self.meter.admit(ME, points=cost.points, content=cost.content, search=False, now=server)
        except Problem as problem:
            extra, ok = tuple(problem.response().headers), False
        self.log.append(Arrival(at=at, content=cost.content, limited=not ok))
        headers = dict((*self.meter.headers(ME, search=False, now=server), *extra))
        asked = None if ok else self.retry_after(headers.pop("retry-after", None))
        if asked is not None:
            headers["retry-after"] = asked
        headers["date"] = formatdate(server, usegmt=True)
        return parse_headers(headers, now=at), ok

    # ----------------------------------------------------------------- the auditor's view

    @property
    def rejections(self) -> list[float]:
        """When the server turned a request away."""
        return [each.at for each in self.log if each.limited]

    @property
    def created(self) -> list[float]:
        """When content was made."""
        return [each.at for each in self.log if each.content and not each.limited]

    @property
    def took(self) -> float:
        """Seconds since the start."""
        return self.now - T0
