"""The pause after a limit's rejection: wait, one canary, a slow start, then as before.

GitHub's documentation: obey ``retry-after``; else wait for the reset; else at least a minute,
and longer each time. Clients that all obey the same reset and then fire together trip the limit
again, so one request goes first and everybody waits for its answer.
"""

from __future__ import annotations

import copy
from enum import Enum, auto
from typing import assert_never

from ghsync.limiter.values import Hold, Ticket

_FALLBACK = 60.0
_LONGEST = 3600.0
_SLOW_START = 3
"""Answers, one request at a time, before the usual concurrency returns."""

_CANARY = Hold(until=None, reason="waiting for the answer to one test request")
_ROOM = "secondary limit: GitHub refused again, so until a window should have room"
_SERIAL = Hold(until=None, reason="sending one at a time after a limit", quiet=True)


class _Phase(Enum):
    OPEN = auto()
    WAITING = auto()
    PROBING = auto()
    SLOW = auto()


class Pause:
    """Whether a rejection stops the traffic, and until when."""

    __slots__ = (
        "_canary",
        "_fallback",
        "_left",
        "_phase",
        "_reason",
        "_strikes",
        "_until",
        "epoch",
    )

    def __init__(self) -> None:
        self.epoch = 0
        self._phase = _Phase.OPEN
        self._until = 0.0
        self._reason = ""
        self._canary = -1
        self._left = 0
        self._strikes = 0
        self._fallback = 0.0

    @property
    def is_open(self) -> bool:
        """True when there is no pause and no slow start."""
        return self._phase is _Phase.OPEN

    def hold(self, now: float, under_way: int) -> Hold | None:
        """Return what stops a request now; when nothing does, the next one may be the canary."""
        match self._phase:
            case _Phase.OPEN:
                return None
            case _Phase.WAITING:
                return Hold(until=self._until, reason=self._reason) if now < self._until else None
            case _Phase.PROBING:
                return _CANARY
            case _Phase.SLOW:
                return _SERIAL if under_way else None
        assert_never(self._phase)

    def sent(self, ticket: Ticket) -> None:
        """Make the first request after the wait the canary."""
        if self._phase is _Phase.WAITING:
            self._phase = _Phase.PROBING
            self._canary = ticket.id

    def passed(self, ticket: Ticket) -> None:
        """Go on after an answer that is no rejection, if it was sent since the pause."""
        if ticket.epoch != self.epoch:
            return
        if self._phase is _Phase.PROBING and ticket.id == self._canary:
            self._phase = _Phase.SLOW
            self._left = _SLOW_START
        elif self._phase is _Phase.SLOW:
            self._left -= 1
            if self._left == 0:
                self._phase = _Phase.OPEN
                self._strikes = 0
                self._fallback = 0.0

    def lost(self, ticket: Ticket) -> None:
        """Let another request be the canary, when the first got no answer."""
        if self._phase is _Phase.PROBING and ticket.id == self._canary:
            self._phase = _Phase.WAITING

    def suspect(self, now: float) -> None:
        """Send a canary first although nothing was rejected: everybody waited for one reset."""
        if self._phase is _Phase.OPEN:
            self._begin(now, "")

    def rejected(
        self,
        ticket: Ticket,
        now: float,
        asked: tuple[float, str] | None,
        *,
        not_before: float | None = None,
    ) -> Hold:
        """Begin or prolong the pause; ``asked`` is the server's own wait in seconds, and why.

        ``not_before``: when what is known of the windows gives another request a chance.
        """
        afresh = ticket.epoch == self.epoch  # not merely under way when the pause began
        if afresh:
            self._strikes += 1
        if asked is None:
            wait = self._fall_back(afresh)
            reason = f"secondary limit: GitHub gave no time, so {wait:,.0f} s"
        else:
            wait, reason = asked
            # A server that says "1 s" through an hour's block must not be asked 3,600 times.
            if self._strikes > 1:
                wait = max(wait, min(2.0 ** (self._strikes - 2), _LONGEST))
        until = now + wait
        if not_before is not None and not_before > until:
            until, reason = not_before, _ROOM
            self._fallback = 0.0  # that was a guess of its own; the next wait is a minute again
        if self._phase is not _Phase.WAITING or until >= self._until:
            self._begin(until, reason)
        return Hold(until=self._until, reason=self._reason)

    def _begin(self, until: float, reason: str) -> None:
        self.epoch += 1
        self._phase = _Phase.WAITING
        self._until = until
        self._reason = reason

    def _fall_back(self, afresh: bool) -> float:
        if afresh and self._fallback:
            self._fallback = min(self._fallback * 2, _LONGEST)
        self._fallback = self._fallback or _FALLBACK
        return self._fallback

    def copy(self) -> Pause:
        """Return an independent twin in the same state."""
        return copy.copy(self)
