"""Exact token buckets.

GitHub counts what *arrives* in a rolling window. A request arrives between its sending and its
answer, so a token that is taken at the one and comes back a period after the other makes every
two requests on one token arrive at least a period apart, whatever the network does.
"""

from __future__ import annotations

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
    """The tokens of one window; every operation takes constant time on average.

    ``limit`` is the window's, or less where the server has shown that it lets less through.
    """

    __slots__ = (
        "_cooling",
        "_period",
        "_used",
        "_what",
        "limit",
        "trust",
        "trusted_until",
        "window",
    )

    def __init__(self, window: Window, what: str) -> None:
        self.window = window
        self.limit = window.limit
        self.trust = 0.0
        """Seconds for which a learned limit is believed; 0: none was learned."""
        self.trusted_until = 0.0
        self._what = what
        self._period = window.period * (1 + DRIFT)
        self._used = 0
        self._cooling: deque[tuple[float, int]] = deque()  # (free at, tokens), sorted

    @property
    def reason(self) -> str:
        """Why nothing goes while this is empty."""
        learned = self.limit < self.window.limit
        verb = "GitHub lets through only" if learned else "GitHub allows"
        words, _, remark = self._what.partition(" (")
        words = words.removesuffix("s") if self.limit == 1 else words
        text = f"{verb} {self.limit:,} {words} {_per(self.window.period)}"
        return f"{text} ({remark}" if remark else text

    def free_at(self, amount: int, now: float, *, beyond: bool = False) -> float | None:
        """Return when ``amount`` tokens are free: ``FREE``, a time, or ``None``: after an answer.

        More than the window ever holds is asked for as the whole window. ``beyond`` asks as if
        no lower limit had been learned.
        """
        cooling = self._cooling
        while cooling and cooling[0][0] <= now:
            self._used -= cooling.popleft()[1]
        limit = self.window.limit if beyond else self.limit
        missing = self._used - limit + (amount if amount < limit else limit)
        if missing <= 0:
            return FREE
        for when, tokens in cooling:
            missing -= tokens
            if missing <= 0:
                return when
        return None

    def binds_less_than(self, longer: Bucket) -> bool:
        """Say whether a longer window holds more back than this one, by now."""
        slower = longer.limit * self.window.period < self.limit * longer.window.period
        return slower and longer._used * 2 > longer.limit

    def doubts(self, now: float) -> bool:
        """Say whether a learned limit is old enough to be tried again."""
        return self.limit < self.window.limit and now >= self.trusted_until

    def learn(self, limit: int, until: float) -> None:
        """Keep to a lower limit than the window's, and believe in it until then."""
        self.limit = max(1, min(limit, self.window.limit))
        self.trusted_until = until

    def take(self, amount: int) -> None:
        """Take tokens at sending."""
        limit = self.window.limit
        self._used += amount if amount < limit else limit

    def give_back(self, amount: int, seen: float) -> None:
        """Let tokens come back one period after ``seen``, when the request surely had arrived."""
        limit = self.window.limit
        free = seen + self._period
        cooling = self._cooling
        place = len(cooling)
        while place and cooling[place - 1][0] > free:
            place -= 1  # only past requests without an answer, which are counted as seen later
        cooling.insert(place, (free, amount if amount < limit else limit))

    def copy(self) -> Bucket:
        """Return an independent bucket in the same state."""
        twin = Bucket(self.window, self._what)
        twin.limit, twin.trust, twin.trusted_until = self.limit, self.trust, self.trusted_until
        twin._used = self._used
        twin._cooling = self._cooling.copy()
        return twin


def content_buckets(windows: Sequence[Window]) -> list[Bucket]:
    """Make the buckets for requests that create content."""
    return [Bucket(w, "new issues") for w in windows]


def points_buckets(windows: Sequence[Window]) -> list[Bucket]:
    """Make the buckets for points."""
    return [Bucket(w, "points (a read is 1, a write 5)") for w in windows]


def _per(period: float) -> str:
    match period:
        case 60.0:
            return "a minute"
        case 3600.0:
            return "an hour"
        case _:
            return f"in {period:g} s"
