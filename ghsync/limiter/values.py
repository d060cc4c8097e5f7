"""What goes into the limiter and comes out of it."""

from __future__ import annotations

from typing import TypeAlias

from ghsync.model import Cost
from ghsync.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """Leave to send one request; give it back with what became of the request, once."""

    id: int
    cost: Cost
    sent_at: float
    epoch: int
    """How many pauses had begun when it was sent: tells a late rejection from a new one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Go:
    """Send now; the tokens are taken."""

    ticket: Ticket


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """Do not send; ask again at ``until`` (epoch seconds), or, if ``None``, after an answer."""

    until: float | None
    reason: str
    """Words a person understands."""
    quiet: bool = False
    """True for what is no wait to tell about: the even pace and the number under way."""


Decision: TypeAlias = Go | Hold


@dataclass(frozen=True, slots=True, kw_only=True)
class Headers:
    """What an answer says about limits; ``None`` where it says nothing."""

    limit: int | None = None
    remaining: int | None = None
    reset: int | None = None
    """Epoch seconds by the server's clock."""
    used: int | None = None
    retry_after: float | None = None
    """Seconds; may be zero, fractional, negative."""
    date: float | None = None
    """Epoch seconds by the server's clock when it answered."""
    resource: str | None = None
    """Which budget is meant: ``core``, ``search``, ``graphql`` …"""
