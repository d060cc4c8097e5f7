"""GitHub's primary budget: requests an hour, known only from the headers of answers."""

from __future__ import annotations

import copy
import math

from ghsync.limiter.values import Headers
from ghsync.model import RateLimit

_HOUR = 3600.0
_SAME_WINDOW = 5
"""Seconds by which two of GitHub's servers may disagree about one window's reset."""
AFTER_RESET = 1.0
"""Seconds to stay clear of a reset: the server's times are whole seconds."""


class Budget:
    """What the newest window has left, in the limiter's own time.

    Answers overtake each other, so within one window the smallest ``remaining`` counts, and an
    answer from an earlier window says nothing. Requests under way are not in any header yet;
    whoever asks subtracts them.
    """

    __slots__ = ("_assumed", "_limit", "_opens", "_over", "_remaining", "_reset", "_skew")

    def __init__(self) -> None:
        self._limit = 0
        self._assumed = True  # no answer has described this window yet
        self._remaining = 0
        self._reset = 0
        self._opens = math.inf  # our time at which the window has surely been reset
        self._over = 0  # the reset, in server time, of the last window that we saw end
        self._skew = 0.0  # the server's clock minus ours

    @property
    def rate_limit(self) -> RateLimit | None:
        """The budget as the newest answer had it, or ``None`` before the first."""
        if not self._limit:
            return None
        return RateLimit(limit=self._limit, remaining=self._remaining, reset=self._reset)

    def hear(self, headers: Headers, now: float) -> bool:
        """Learn from an answer; say whether it accounted for its own request."""
        self._set_skew(headers, now)
        limit, remaining, reset = headers.limit, headers.remaining, headers.reset
        if headers.resource not in (None, "core"):
            return True  # another budget, and it did not touch this one
        if limit is None or remaining is None or reset is None or limit < 1:
            return False
        remaining = max(0, remaining)
        if reset <= self._over + _SAME_WINDOW and self._over:
            return True  # sent before the reset that we have already acted on
        if self._assumed or reset > self._reset + _SAME_WINDOW:
            self._assumed = False
            self._remaining = remaining
            self._reset = reset
        elif reset >= self._reset - _SAME_WINDOW:
            self._remaining = min(self._remaining, remaining)
            self._reset = max(self._reset, reset)
        else:
            return True
        self._limit = limit
        self._opens = self.local(self._reset, now)
        return True

    def spend_unheard(self) -> None:
        """Count a request that no header has accounted for."""
        self._remaining = max(0, self._remaining - 1)

    def is_spent(self, under_way: int, reserve: int) -> bool:
        """Say whether another request would take what is kept back; one is never kept back."""
        if not self._limit:
            return False
        return self._remaining - under_way <= min(reserve, self._limit - 1)

    @property
    def opens(self) -> float:
        """When this window has surely been reset, in our time."""
        return self._opens

    def turn_over(self, now: float) -> None:
        """Begin a new window; until an answer describes it, it is full and an hour long."""
        self._over = self._reset
        self._assumed = True
        self._reset += int(_HOUR)
        self._remaining = self._limit
        self._opens = now + _HOUR + AFTER_RESET

    def local(self, reset: int, now: float) -> float:
        """Return the time by our clock at which the server's clock surely shows ``reset`` + 1 s.

        The skew comes from a ``Date`` that is older than its arrival and cut to seconds, so the
        result errs to the late side. A reset is at most an hour away; more is a broken clock.
        """
        return now + min(reset - (now + self._skew), _HOUR) + AFTER_RESET

    def is_past(self, reset: int, now: float) -> bool:
        """Say whether the server's clock already shows more than ``reset``."""
        return reset <= now + self._skew

    def _set_skew(self, headers: Headers, now: float) -> None:
        if headers.date is not None and math.isfinite(headers.date):
            self._skew = headers.date - now

    def copy(self) -> Budget:
        """Return an independent twin in the same state."""
        return copy.copy(self)
