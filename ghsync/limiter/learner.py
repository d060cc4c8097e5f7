"""Which window a rejection was about and what it lets through, learned from what went and not.

GitHub says that it may limit content more than it publishes, and that what people do in the
browser counts too, but never says which window was full. What the server let through is known,
though: a window of ``limit`` can only have refused a request if that many had gone in its period,
and only let one pass if fewer had. So each rejection and the next success leave few windows.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Sequence

from ghsync.limiter.buckets import DRIFT, Bucket
from ghsync.values import dataclass

_DOUBLED = 120.0
"""Seconds after the second rejection: the documented minute, doubled."""
_AFTER_JUMP = 60.0
_LONGEST = 3600.0
_PLAUSIBLE = 0.1
"""A first rejection after less than this share of a window teaches nothing so low: it may be a
passing trouble, and a limit of two a minute would be kept to for long. The second time it does."""
_DRAINED = 0.1
"""The share of a long window that is let run out before it is tried again: somebody else may be
in it, and what comes back with it comes back at the pace at which it went."""
_TRUST_LEAST = 900.0
_TRUST_PERIODS = 2
"""How long a learned limit is believed: this many periods, and doubled each time it holds."""
_LONG = 600.0
"""Seconds; a window of more is not waited for before shorter ones have been ruled out."""


class _Seen:
    """What one window of the server let through lately, and the most that it ever did."""

    __slots__ = ("bucket", "most", "passed", "total")

    def __init__(self, bucket: Bucket) -> None:
        self.bucket = bucket
        self.passed: deque[tuple[float, int]] = deque()  # (about when it arrived, amount)
        self.total = 0
        self.most = 0

    @property
    def period(self) -> float:
        return self.bucket.window.period

    def note(self, at: float, amount: int) -> None:
        self.passed.append((at, amount))
        self.total += amount
        self.count(at)
        self.most = max(self.most, self.total)

    def count(self, at: float) -> int:
        """How much went in the period before ``at``, which never goes back by much."""
        while self.passed and self.passed[0][0] <= at - self.period:
            self.total -= self.passed.popleft()[1]
        return self.total

    def drained(self, share: float) -> float:
        """When this share of it, and at least one request, will have run out."""
        gone, least = 0, max(1.0, self.total * share)
        for at, amount in self.passed:
            gone += amount
            if gone >= least:
                return at + self.period * (1 + DRIFT)
        return math.inf


@dataclass(slots=True)
class _Episode:
    """From a first rejection to the next success of the same kind."""

    sent: float
    """When the first rejected request was sent."""
    seen: float
    """When the latest rejection came; what was sent before it belongs to the same burst."""
    first: list[int]
    """What each window had let through at the first rejection."""
    least: list[int]
    """The least of that over all rejections."""
    tried: bool = False
    """Whether it came of trying a learned limit, which holds then."""
    strikes: int = 1
    doubled: bool = False
    patience: float = 0.0
    """Seconds of the latest wait after the long windows were tried; 0: not yet."""


class Learner:
    """Watches the windows over one kind of request, and lowers or raises their buckets' limits.

    ``amount`` is what a request takes of each window: 1 of content, 1 or 5 points.
    """

    def __init__(self, buckets: Sequence[Bucket]) -> None:
        self._windows = [_Seen(b) for b in sorted(buckets, key=lambda b: b.window.period)]
        self._episode: _Episode | None = None

    def note(self, at: float, amount: int) -> None:
        """Count a request of an earlier run."""
        for window in self._windows:
            window.note(at, amount)

    def passed(self, sent: float, seen: float, amount: int) -> None:
        """Take a request that no limit rejected."""
        at, episode = (sent + seen) / 2, self._episode
        if episode is not None:
            if sent >= episode.seen:
                self._conclude(episode, at, seen)
                self._episode = None
                for window in self._windows:
                    window.most = 0  # what it let through before may not hold any more
            elif sent < episode.sent:  # it went before the rejected one, but came back later
                episode.first = [count + amount for count in episode.first]
                if episode.strikes == 1:
                    episode.least = list(episode.first)
        for window in self._windows:
            window.note(at, amount)
            if window.total > window.bucket.limit:
                window.bucket.learn(window.total, window.bucket.trusted_until)

    def rejected(self, sent: float, seen: float) -> float | None:
        """Take a rejection; return before when another request would be in vain, if that is known.

        ``None``: as the server says, or the documented minute.
        """
        counts = [window.count((sent + seen) / 2) for window in self._windows]
        episode = self._episode
        if episode is None:
            self._episode = _Episode(sent=sent, seen=seen, first=counts, least=list(counts))
            self._episode.tried = self._gave_up(counts, seen)
            return None
        again = sent >= episode.seen
        episode.seen = seen
        if not again:
            return None
        episode.strikes += 1
        episode.least = [min(pair) for pair in zip(episode.least, counts, strict=True)]
        return self._next_try(episode, seen)

    def _gave_up(self, counts: Sequence[int], now: float) -> bool:
        """If a learned limit was being tried, and holds: believe it again, for twice as long."""
        for window, count in zip(self._windows, counts, strict=True):
            if window.bucket.doubts(now) and count >= window.bucket.limit:
                self._learn(window, count, now)
                return True
        return False

    def _next_try(self, episode: _Episode, now: float) -> float:
        """The first time at which a window that may be the one has room again."""
        short = self._windows[0]
        known = short.most > episode.first[0]  # it has let through more, so it was not this one
        if short.total and short.period < _LONG and not known:
            return short.drained(1.0)
        if not (known or episode.doubled):
            episode.doubled = True
            return now + _DOUBLED
        if not episode.patience:
            episode.patience = _AFTER_JUMP / 2
            for window in self._windows[1:]:
                if window.total >= window.bucket.window.limit * _PLAUSIBLE:
                    return window.drained(_DRAINED)
        # The windows do not explain it: somebody else's work, or a block of its own length.
        episode.patience = min(episode.patience * 2, _LONGEST)
        return now + episode.patience

    def _conclude(self, episode: _Episode, at: float, now: float) -> None:
        """A request passed: learn the limit of the window that explains it best."""
        if episode.tried:
            return
        counts = [window.count(at) for window in self._windows]
        explains = [i for i, count in enumerate(counts) if count < episode.least[i]]
        if not explains:
            if len(self._windows) > 1:  # a block that no window of ours explains: go slower
                self._learn(self._windows[0], self._windows[0].bucket.limit // 2, now)
            return
        # Not one that has let through more before, if there is another; then the fullest.
        likely = [i for i in explains if episode.first[i] >= self._windows[i].most] or explains
        best = max(likely, key=lambda i: episode.first[i] / self._windows[i].bucket.limit)
        window = self._windows[best]
        if episode.least[best] < episode.first[best]:
            # It was refused with less in the window, too: somebody else is in it. What went now
            # is sure; more is tried at once, one request at a time.
            self._learn(window, counts[best] + 1, now)
            window.bucket.trusted_until = now
            return
        self._learn(window, episode.first[best], now)

    def _learn(self, window: _Seen, limit: int, now: float) -> None:
        bucket = window.bucket
        if not bucket.trust:
            limit = max(limit, math.ceil(bucket.window.limit * _PLAUSIBLE))
        least = max(_TRUST_LEAST, _TRUST_PERIODS * window.period)
        bucket.trust = max(least, 2 * bucket.trust)
        bucket.learn(limit, now + bucket.trust)
