"""How many requests may be under way at once: fixed, or found out while it goes.

A quota is a step, and a window learner finds it; what a server without quotas bears is a slope,
and additive increase with multiplicative decrease finds that (TCP; Netflix's concurrency-limits,
``AIMDLimit`` and ``Gradient2Limit``, whose rule to grow only what is used is kept).
"""

from __future__ import annotations

import copy

SLOWER = 1.5
"""A round of answers this many times slower than usual means that the server queues."""
_NOTABLE = 0.1
"""Seconds; less delay than this is nothing to slow down for, whatever the ratio."""
_USUAL = 0.01
"""The weight of one answer in what is usual."""
_AFTER_DELAY = 0.75
_AFTER_ERROR = 0.5


class Slots:
    """How many requests may be under way.

    Where it is not fixed: doubled by each clean round until the first trouble, then one more
    each round; three quarters after a slow round, half after an error. A round is as many answers
    as may be under way; it counts if at least half of the slots were really used in it.
    """

    __slots__ = (
        "_clean",
        "_doubling",
        "_fixed",
        "_least",
        "_peak",
        "_slowness",
        "_trouble_at",
        "_usual",
        "ceiling",
        "level",
    )

    def __init__(self, ceiling: int, start: int | None) -> None:
        self.ceiling = ceiling
        self.level = ceiling if start is None else min(start, ceiling)
        self._fixed = start is None
        self._least = self.level
        self._doubling = True
        self._clean = 0
        self._peak = 0
        self._slowness = 0.0  # the sum of the round's ratios to what is usual
        self._usual = [0.0, 0.0]  # seconds to the answer of a write, of a read
        self._trouble_at = float("-inf")

    def used(self, under_way: int) -> None:
        """Note how many are under way now that another was sent."""
        if under_way > self._peak:
            self._peak = under_way

    def went_well(self, took: float, *, read: bool) -> None:
        """Count an answer that came after ``took`` seconds; a round of them moves the level."""
        if self._fixed:
            return
        self._slowness += self._ratio(took, read)
        self._clean += 1
        if self._clean < self.level:
            return
        if self._slowness > SLOWER * self._clean:
            self._doubling = False
            self.level = max(self._least, int(self.level * _AFTER_DELAY))
        elif self._peak * 2 >= self.level:
            self.level = min(self.level * 2 if self._doubling else self.level + 1, self.ceiling)
        self._begin_round()

    def went_wrong(self, sent_at: float, now: float) -> None:
        """Halve the level, once for all the requests that were under way together."""
        if self._fixed or sent_at <= self._trouble_at:
            return
        self._trouble_at = now
        self._doubling = False
        self.level = max(1, int(self.level * _AFTER_ERROR))
        self._begin_round()

    def _ratio(self, took: float, read: bool) -> float:
        """How much longer than usual; what is usual follows slowly, down faster than up."""
        usual = self._usual[read] or took
        self._usual[read] = usual + (took - usual) * (_USUAL if took > usual else 10 * _USUAL)
        return took / usual if took - usual > _NOTABLE else 1.0

    def _begin_round(self) -> None:
        self._clean = self._peak = 0
        self._slowness = 0.0

    def copy(self) -> Slots:
        """Return an independent twin in the same state."""
        twin = copy.copy(self)
        twin._usual = list(self._usual)
        return twin
