"""May this request go at time t? GitHub's limits as one pure, exact state machine.

The limiter never waits, sleeps or reads a clock: :mod:`ghsync.remote.gate` does that around it.
Facts: GitHub's "Rate limits for the REST API" and "Best practices for using the REST API".
"""

from ghsync.limiter.ahead import Ahead, eta
from ghsync.limiter.core import Limiter
from ghsync.limiter.profiles import (
    CAUTIOUS,
    GHES,
    GITHUB,
    PROFILES,
    UNLIMITED,
    Profile,
    Window,
)
from ghsync.limiter.values import Decision, Go, Headers, Hold, Ticket

__all__ = [
    "CAUTIOUS",
    "GHES",
    "GITHUB",
    "PROFILES",
    "UNLIMITED",
    "Ahead",
    "Decision",
    "Go",
    "Headers",
    "Hold",
    "Limiter",
    "Profile",
    "Ticket",
    "Window",
    "eta",
]
