"""Which limits a server has: GitHub's published ones, older stricter ones, none."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from ghsync.errors import ConfigError
from ghsync.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """At most ``limit`` in any ``period`` seconds."""

    name: str
    limit: int
    period: float

    def __post_init__(self) -> None:
        if self.limit < 1 or not 0 < self.period < float("inf"):
            raise ConfigError(
                f"the limit {self.name!r} is {self.limit} in {self.period} s",
                hint="Give a limit of at least 1 and a period of more than 0 seconds.",
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """The limits of one kind of server."""

    name: str
    content: tuple[Window, ...] = ()
    """Windows over requests that create content."""
    points: tuple[Window, ...] = ()
    """Windows over points: 1 for a read, 5 for a write."""
    concurrency: int
    """The most requests under way at once."""
    gap: float = 0.0
    """Seconds between two requests that create content."""
    start: int | None = None
    """Concurrency to begin with where it grows by itself; ``None``: it is fixed."""

    def __post_init__(self) -> None:
        if self.concurrency < 1 or not 0 <= self.gap < float("inf") or (self.start or 1) < 1:
            raise ConfigError(
                f"the limits profile {self.name!r} lets no request through",
                hint="Give a concurrency of at least 1 and a gap of 0 seconds or more.",
            )


_POINTS = (Window(name="points/min", limit=900, period=60.0),)

GITHUB = Profile(
    name="github.com",
    content=(
        Window(name="content/min", limit=80, period=60.0),
        Window(name="content/h", limit=500, period=3600.0),
    ),
    points=_POINTS,
    concurrency=10,  # GitHub allows 100; ten answers of 5 s each still keep up with the gap
    gap=0.75,  # 60 s / 80: the minute's allowance in an even stream instead of a burst
)
"""What GitHub publishes."""

CAUTIOUS = Profile(
    name="cautious",
    content=(
        Window(name="content/min", limit=20, period=60.0),
        Window(name="content/h", limit=150, period=3600.0),
    ),
    points=_POINTS,
    concurrency=4,
    gap=0.75,
)
"""What people measured before GitHub published its limits (cli/cli#4801)."""

GHES = Profile(name="ghes", concurrency=50, start=4)
"""GitHub Enterprise Server as delivered: no limits; concurrency grows while all goes well."""

UNLIMITED = Profile(name="none", concurrency=50, start=4)
"""No limits at all, as in a sandbox without them."""

PROFILES: Mapping[str, Profile] = MappingProxyType(
    {
        "github.com": GITHUB,
        "github": GITHUB,
        "cautious": CAUTIOUS,
        "ghes": GHES,
        "none": UNLIMITED,
    }
)
"""By the names that options and the configuration use."""
