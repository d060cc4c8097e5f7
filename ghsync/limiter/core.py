"""The limiter: windows, primary budget, pace, concurrency and pause, asked all at once."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from ghsync.limiter.buckets import DRIFT, FREE, LATE, Bucket, content_buckets, points_buckets
from ghsync.limiter.budget import Budget
from ghsync.limiter.concurrency import Slots
from ghsync.limiter.learner import Learner
from ghsync.limiter.pause import Pause
from ghsync.limiter.profiles import GHES, Profile
from ghsync.limiter.values import Decision, Go, Headers, Hold, Ticket
from ghsync.model import Cost, RateLimit

LONGEST_WAIT = 2 * 3600.0
"""Seconds; GitHub's limits open within the hour, and who asks for years is not obeyed blindly."""
USUAL_RTT = 0.3
"""Seconds from a write to its answer, until some have been seen."""
_NEW = 0.1
"""The weight of the newest answer in the round-trip time."""


class Limiter:
    """Decides whether a request may be sent now, and if not, when to ask again.

    Mutable, not thread-safe, and without a clock: every method takes the time (epoch seconds).
    A request that may go has taken its tokens from every window at once; one that may not has
    taken nothing. Who asks is served in the order of asking, if they ask in that order: keeping
    the queue is the gate's work.
    """

    def __init__(self, profile: Profile, *, reserve: int = 0) -> None:
        self._profile = profile
        self._reserve = max(0, reserve)
        self._content = content_buckets(profile.content)
        self._points = points_buckets(profile.points)
        self._learners = _learners(self._content, self._points)
        self._rtt: dict[bool, float] = {}  # by whether it is a read
        self._gap = profile.gap
        self._slots = Slots(profile.concurrency, profile.start)
        self._budget = Budget()
        self._pause = Pause()
        self._now = -math.inf
        self._next_content = -math.inf
        self._next_id = 0
        self._out: dict[int, Ticket] = {}
        self._seeds: list[tuple[float, Cost]] = []

    # ------------------------------------------------------------------ what it knows

    @property
    def profile(self) -> Profile:
        """The limits in force."""
        return self._profile

    @property
    def limited(self) -> bool:
        """Whether the server is known or presumed to have limits on what is sent."""
        return bool(self._content or self._points)

    @property
    def longest(self) -> float:
        """Seconds for which a request may count: the longest window, and a late answer."""
        windows = (bucket.window.period for bucket in (*self._content, *self._points))
        return max(windows, default=0.0) * (1 + DRIFT) + LATE

    @property
    def rtt(self) -> float:
        """Seconds from a write's leave to its answer, as of late; for the ETA."""
        return self._rtt.get(False) or self._rtt.get(True) or USUAL_RTT

    @property
    def slots(self) -> int:
        """How many requests may be under way at present."""
        return self._slots.level

    @property
    def under_way(self) -> int:
        """How many requests were sent and have no outcome yet."""
        return len(self._out)

    @property
    def rate_limit(self) -> RateLimit | None:
        """GitHub's primary budget by the newest answer, or ``None`` before the first."""
        return self._budget.rate_limit

    # ------------------------------------------------------------------ before sending

    def seed(self, sends: Iterable[tuple[float, Cost]]) -> None:
        """Count requests of an earlier run: when each was sent, and what it cost.

        Their answers are not known, so each counts as one that arrived late. A time that is
        still to come (the machine's clock was set back between the runs) counts as now.
        """
        self._seeds.extend(sends)

    def unlimited(self) -> None:
        """Drop the windows: the server says that it has no limits.

        To be called when ``GET /rate_limit`` is 404 *and* no answer has ``x-ratelimit`` headers;
        should such headers come later, the primary budget is kept all the same.
        """
        self._profile = GHES
        self._content, self._points, self._gap = [], [], 0.0
        self._learners = None
        self._slots = Slots(GHES.concurrency, GHES.start)

    def ask(self, cost: Cost, now: float) -> Decision:
        """Say whether a request may go now, and take its tokens if it may."""
        now = self._tick(now)
        hold = self._held(cost, now)
        if hold is not None:
            return hold
        ticket = Ticket(id=self._next_id, cost=cost, sent_at=now, epoch=self._pause.epoch)
        self._next_id += 1
        self._out[ticket.id] = ticket
        self._slots.used(len(self._out))
        for bucket in self._points:
            bucket.take(cost.points)
        if cost.content:
            for bucket in self._content:
                bucket.take(1)
            self._next_content = now + self._gap
        self._pause.sent(ticket)
        return Go(ticket=ticket)

    def opens(self, cost: Cost, now: float) -> float:
        """Return the earliest time at which such a request may go, as far as that is known."""
        hold = self._held(cost, self._tick(now))
        return now if hold is None or hold.until is None else max(now, hold.until)

    # ------------------------------------------------------------------ after sending

    def answered(
        self, ticket: Ticket, now: float, headers: Headers | None, *, failed: bool = False
    ) -> None:
        """Take an answer that is no limit's rejection; ``failed``: a 5xx, the server's own trouble.

        A ticket that has its outcome already is left alone, here and in the two below.
        """
        now = self._tick(now)
        if not self._settle(ticket, seen=now):
            return
        self._hear(headers, now)
        if failed:
            self._pause.lost(ticket)
            self._slots.went_wrong(ticket.sent_at, now)
            return
        self._pause.passed(ticket)
        read, took = ticket.cost.points <= 1, now - ticket.sent_at
        self._slots.went_well(took, read=read)
        self._rtt[read] = (1 - _NEW) * self._rtt.get(read, took) + _NEW * took
        if self._learners is not None:
            self._learners.passed(ticket, now)

    def rejected(
        self, ticket: Ticket, now: float, headers: Headers | None, *, primary: bool
    ) -> Hold:
        """Take a 403 or 429 that a limit answered with; return the pause that it begins.

        The request was not executed, but its tokens are kept for a period: GitHub does not say
        whether it counts them.
        """
        now = self._tick(now)
        if not self._settle(ticket, seen=now):
            return self._pause.hold(now, len(self._out)) or Hold(until=now, reason="")
        self._hear(headers, now)
        self._slots.went_wrong(ticket.sent_at, now)
        asked = self._asked_wait(headers, now, primary=primary)
        not_before = None
        if self._learners is not None and not (primary or self._is_spent(headers)):
            not_before = self._learners.rejected(ticket, now)
        return self._pause.rejected(ticket, now, asked, not_before=not_before)

    def abandoned(self, ticket: Ticket, now: float) -> None:
        """Give up on an answer (timeout, reset, cancelled): the request may arrive yet."""
        now = self._tick(now)
        if self._settle(ticket, seen=now + LATE):
            self._budget.spend_unheard()
            self._pause.lost(ticket)
            self._slots.went_wrong(ticket.sent_at, now)

    # ------------------------------------------------------------------ inside

    def _tick(self, now: float) -> float:
        """Never let time go back: tokens would return out of order."""
        if now > self._now:
            self._now = now
        if self._seeds:
            self._plant(self._now)
        return self._now

    def _plant(self, now: float) -> None:
        for at, cost in sorted(self._seeds, key=lambda seed: seed[0]):
            seen = min(at, now) + LATE
            self._take_and_return(self._points, cost.points, seen)
            if self._learners is not None:
                self._learners.note(min(at, now), cost)
            if cost.content:
                self._take_and_return(self._content, 1, seen)
                self._next_content = max(self._next_content, min(at, now) + self._gap)
        self._seeds.clear()

    @staticmethod
    def _take_and_return(buckets: Sequence[Bucket], amount: int, seen: float) -> None:
        for bucket in buckets:
            bucket.take(amount)
            bucket.give_back(amount, seen)

    def _held(self, cost: Cost, now: float) -> Hold | None:
        """Return what holds a request longest, a time before "after an answer"."""
        under_way = len(self._out)
        pause, budget = self._pause, self._budget
        if now >= budget.opens:
            if budget.is_spent(under_way, self._reserve):
                pause.suspect(now)
            budget.turn_over(now)
        if not pause.is_open:
            hold = pause.hold(now, under_way)
            if hold is not None:
                return hold
        until, reason, filled = self._windows(cost, now)
        if budget.is_spent(under_way, self._reserve) and budget.opens > until:
            until, reason = budget.opens, self._budget_reason()
        if cost.content and self._next_content > max(until, now):
            return Hold(until=self._next_content, reason="an even pace", quiet=True)
        if until > now:
            return Hold(until=until, reason=reason)
        if filled is not None:
            return Hold(until=None, reason=filled)
        if under_way >= self._slots.level:
            return Hold(until=None, reason=f"{under_way} requests are under way", quiet=True)
        return None

    def _windows(self, cost: Cost, now: float) -> tuple[float, str, str | None]:
        """Return the latest time at which a full window has room, its reason, and the reason of
        a window that requests under way fill, which has room only after an answer.
        """
        until, reason, filled = FREE, "", None
        for bucket in self._points:
            free = self._room(bucket, cost.points, now)
            if free is None:
                filled = bucket.reason
            elif free > until:
                until, reason = free, bucket.reason
        if cost.content:
            for bucket in self._content:
                free = self._room(bucket, 1, now)
                if free is None:
                    filled = bucket.reason
                elif free > until:
                    until, reason = free, bucket.reason
        return until, reason, filled

    def _room(self, bucket: Bucket, amount: int, now: float) -> float | None:
        """When a bucket has room; one that doubts what it learned is tried, one at a time."""
        free = bucket.free_at(amount, now)
        if free is FREE or self._learners is None or not bucket.doubts(now):
            return free
        if any(bucket.binds_less_than(other) for other in self._content):
            return free  # a higher limit would gain nothing
        if self._out and free is not None:
            return None
        return bucket.free_at(amount, now, beyond=True)

    def _settle(self, ticket: Ticket, *, seen: float) -> bool:
        """Let a ticket's tokens come back a period after ``seen``; ``False`` if they already do."""
        if self._out.pop(ticket.id, None) is None:
            return False
        for bucket in self._points:
            bucket.give_back(ticket.cost.points, seen)
        if ticket.cost.content:
            for bucket in self._content:
                bucket.give_back(1, seen)
        return True

    def _hear(self, headers: Headers | None, now: float) -> None:
        if headers is None or not self._budget.hear(headers, now):
            self._budget.spend_unheard()

    def _asked_wait(
        self, headers: Headers | None, now: float, *, primary: bool
    ) -> tuple[float, str] | None:
        """Return the seconds that the server asks for and the words for them, if it does.

        ``retry-after`` first, then the reset when nothing remains (docs: "Handle rate limit
        errors appropriately"). A reset that is past says nothing.
        """
        if headers is None:
            return None
        which = "primary" if primary else "secondary"
        after = headers.retry_after
        if after is not None and math.isfinite(after):
            after = max(0.0, after)
            reason = f"{which} limit: GitHub asked to wait {math.ceil(after):,} s"
            if after <= LONGEST_WAIT:
                return after, reason
            return LONGEST_WAIT, f"{reason}; it is asked again after {LONGEST_WAIT:,.0f}"
        spent = primary or self._is_spent(headers)
        if spent and headers.reset is not None and not self._budget.is_past(headers.reset, now):
            wait = self._budget.local(headers.reset, now) - now
            return wait, "primary limit: the hour's requests are used up until it resets"
        return None

    @staticmethod
    def _is_spent(headers: Headers | None) -> bool:
        return headers is not None and headers.remaining == 0

    def _budget_reason(self) -> str:
        rate = self._budget.rate_limit
        number = f"{rate.limit:,} " if rate else ""
        words = f"primary limit: {number}requests an hour are used up until it resets"
        return f"{words} ({self._reserve:,} are kept for others)" if self._reserve else words

    def twin(self) -> tuple[Limiter, tuple[Ticket, ...]]:
        """Return an independent copy in the same state, and what is under way in it."""
        twin = Limiter(self._profile, reserve=self._reserve)
        twin._learners = None  # it meets no rejection, and takes what was learned for granted
        twin._content = [bucket.copy() for bucket in self._content]
        twin._points = [bucket.copy() for bucket in self._points]
        twin._gap = self._gap
        twin._slots = self._slots.copy()
        twin._budget = self._budget.copy()
        twin._pause = self._pause.copy()
        twin._now, twin._next_content = self._now, self._next_content
        twin._next_id, twin._out = self._next_id, dict(self._out)
        twin._seeds = list(self._seeds)
        return twin, tuple(twin._out.values())


class _Learners:
    """What each kind of request teaches: creates about content, the others about points."""

    def __init__(self, content: Sequence[Bucket], points: Sequence[Bucket]) -> None:
        self._content = Learner(content) if content else None
        self._points = Learner(points) if points else None

    def note(self, at: float, cost: Cost) -> None:
        if self._content is not None and cost.content:
            self._content.note(at, 1)
        if self._points is not None:
            self._points.note(at, cost.points)

    def passed(self, ticket: Ticket, now: float) -> None:
        if self._content is not None and ticket.cost.content:
            self._content.passed(ticket.sent_at, now, 1)
        if self._points is not None:
            self._points.passed(ticket.sent_at, now, ticket.cost.points)

    def rejected(self, ticket: Ticket, now: float) -> float | None:
        learner = self._content if ticket.cost.content else self._points
        return None if learner is None else learner.rejected(ticket.sent_at, now)


def _learners(content: Sequence[Bucket], points: Sequence[Bucket]) -> _Learners | None:
    return _Learners(content, points) if content or points else None
