"""Exact token buckets, and the number of requests under way.

GitHub counts what *arrives* in a rolling window. A request arrives between its sending and its
answer, so a token that is taken at the one and comes back a period after the other makes every
two requests on one token arrive at least a period apart, whatever the network does.
"""

from __future__ import annotations

import copy
from collections import deque
from collections.abc import Sequence

from ghsync.limiter.profiles import Window

DRIFT = 2e-4
"""How much slower than ours the server's clock may run: ten times an ordinary quartz."""
LATE = 30.0
"""Seconds after which a request whose answer we never saw has surely arrived or died."""

FREE = 0.0
"""Before every time that is asked about: there is room now."""


class Bucket:
    """The tokens of one window; every operation takes constant time on average."""

    __slots__ = ("_cooling", "_period", "_used", "limit", "reason", "window")

    def __init__(self, window: Window, reason: str) -> None:
        self.window = window
        self.reason = reason
        self.limit = window.limit
        self._period = window.period * (1 + DRIFT)
        self._used = 0
        self._cooling: deque[tuple[float, int]] = deque()  # (free at, tokens), sorted

    def free_at(self, amount: int, now: float) -> float | None:
        """Return when ``amount`` tokens are free: ``FREE``, a time, or ``None``: after an answer.

        More than the window ever holds is asked for as the whole window.
        """
        cooling = self._cooling
        while cooling and cooling[0][0] <= now:
            self._used -= cooling.popleft()[1]
        limit = self.limit
        missing = self._used - limit + (amount if amount < limit else limit)
        if missing <= 0:
            return FREE
        for when, tokens in cooling:
            missing -= tokens
            if missing <= 0:
                return when
        return None

    def take(self, amount: int) -> None:
        """Take tokens at sending."""
        limit = self.limit
        self._used += amount if amount < limit else limit

    def give_back(self, amount: int, seen: float) -> None:
        """Let tokens come back one period after ``seen``, when the request surely had arrived."""
        limit = self.limit
        free = seen + self._period
        cooling = self._cooling
        place = len(cooling)
        while place and cooling[place - 1][0] > free:
            place -= 1  # only past requests without an answer, which are counted as seen later
        cooling.insert(place, (free, amount if amount < limit else limit))

    def copy(self) -> Bucket:
        """Return an independent bucket in the same state."""
        twin = Bucket(self.window, self.reason)
        twin._used = self._used
        twin._cooling = self._cooling.copy()
        return twin


def content_buckets(windows: Sequence[Window]) -> list[Bucket]:
    """Make the buckets for requests that create content."""
    return [Bucket(w, f"GitHub allows {w.limit:,} new issues {_per(w.period)}") for w in windows]


def points_buckets(windows: Sequence[Window]) -> list[Bucket]:
    """Make the buckets for points."""
    words = "points {} (a read is 1, a write 5)"
    return [Bucket(w, f"GitHub allows {w.limit:,} {words.format(_per(w.period))}") for w in windows]


def _per(period: float) -> str:
    match period:
        case 60.0:
            return "a minute"
        case 3600.0:
            return "an hour"
        case _:
            return f"in {period:g} s"


class Slots:
    """How many requests may be under way: fixed, or doubled by clean rounds, halved by trouble."""

    __slots__ = ("_clean", "_fixed", "_peak", "_trouble_at", "ceiling", "level")

    def __init__(self, ceiling: int, start: int | None) -> None:
        self.ceiling = ceiling
        self.level = ceiling if start is None else min(start, ceiling)
        self._fixed = start is None
        self._clean = 0
        self._peak = 0
        self._trouble_at = float("-inf")

    def used(self, under_way: int) -> None:
        """Note how many are under way now that another was sent."""
        if under_way > self._peak:
            self._peak = under_way

    def went_well(self) -> None:
        """Count an answer; a round of them doubles the level, if half of it was really used."""
        if self._fixed:
            return
        self._clean += 1
        if self._clean >= self.level:
            if self._peak * 2 >= self.level:
                self.level = min(self.level * 2, self.ceiling)
            self._clean = self._peak = 0

    def went_wrong(self, sent_at: float, now: float) -> None:
        """Halve the level, once for all the requests that were under way together."""
        if self._fixed or sent_at <= self._trouble_at:
            return
        self._trouble_at = now
        self._clean = 0
        self.level = max(1, self.level // 2)

    def copy(self) -> Slots:
        """Return an independent twin in the same state."""
        return copy.copy(self)
