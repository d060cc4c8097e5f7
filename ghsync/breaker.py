"""The breaker: when the server fails one operation after another, stop trying and probe.

Closed, it counts failures in a row. Open, nothing starts until a wait is over, which doubles;
then half-open, one probe decides (Nygard, "Release It!", "Circuit Breaker"). Pure: time is an
argument, in epoch seconds.
"""

from __future__ import annotations

from ghsync.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakerSettings:
    """When to open, how long to wait, when to give up."""

    failures: int = 5
    """Operations in a row that fail for want of the server."""
    first_wait: float = 5.0
    longest_wait: float = 30.0
    give_up_after: float = 60.0
    """Seconds of outage after which the run ends, resumable."""


class Breaker:
    """Whether operations may start, given how the last ones ended."""

    def __init__(self, settings: BreakerSettings | None = None) -> None:
        self._settings = settings or BreakerSettings()
        self._failures = 0
        self._since: float | None = None
        self._wait = self._settings.first_wait
        self._until = 0.0

    @property
    def open(self) -> bool:
        """True while nothing but a probe may be sent."""
        return self._since is not None

    @property
    def until(self) -> float:
        """When the next probe is due."""
        return self._until

    def worked(self) -> None:
        """An operation or a probe was answered: close."""
        self._failures = 0
        self._since = None
        self._wait = self._settings.first_wait

    @property
    def sure(self) -> bool:
        """True once so many failed in a row that it is the server, not the operations."""
        return self._failures >= self._settings.failures

    def failed(self, now: float, *, alone: bool = False) -> None:
        """An operation or a probe failed for want of the server.

        ``alone``: nothing else is left to try meanwhile, so a wait is due at once.
        """
        self._failures += 1
        if self._since is None:
            if not self.sure and not alone:
                return
            self._since = now
        elif now < self._until:
            return  # an operation that was under way when the breaker opened
        else:
            self._wait = min(2 * self._wait, self._settings.longest_wait)
        self._until = now + self._wait

    def gave_up(self, now: float) -> bool:
        """True when the outage has lasted too long."""
        return self._since is not None and now - self._since >= self._settings.give_up_after
