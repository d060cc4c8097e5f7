"""Which limits a run keeps to: a named profile, or numbers of the user's own."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from difflib import get_close_matches
from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias

from ghsync.config import values
from ghsync.values import dataclass

if TYPE_CHECKING:
    from ghsync.limiter import Profile

_WINDOW = re.compile(r"(\d{1,9})\s*/\s*(\S.*)")
_ALIASES = {"github.com": "github"}
_MOST_CONCURRENT = 100
"""GitHub allows no more at once."""
_LONGEST = 86_400.0


class Limits(StrEnum):
    """The limiter's profiles by name."""

    GITHUB = "github"
    GHES = "ghes"
    CAUTIOUS = "cautious"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomLimits:
    """Limits of the user's own; windows are (how many, in how many seconds)."""

    content: tuple[tuple[int, float], ...] = ((80, 60.0), (500, 3600.0))
    points: tuple[tuple[int, float], ...] = ((900, 60.0),)
    gap: float = 0.75
    """Seconds between two requests that create content."""
    concurrency: int = 10


AnyLimits: TypeAlias = Limits | CustomLimits


def read_limits(value: object) -> AnyLimits:
    """Read a profile's name, or a table of numbers; what it leaves out is as GitHub has it."""
    if isinstance(value, Mapping):
        return _custom(value)
    if isinstance(value, CustomLimits):
        return value
    name = _ALIASES.get(value, value) if isinstance(value, str) else value
    return values.choice(Limits)(name)


def _custom(table: Mapping[object, object]) -> CustomLimits:
    readers = {
        "content": _windows,
        "points": _windows,
        "gap": values.seconds,
        "concurrency": values.whole(1),
    }
    found: dict[str, object] = {}
    for key, value in table.items():
        name = str(key)
        if name not in readers:
            near = get_close_matches(name, readers, n=1)
            guess = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(readers)}"
            raise ValueError(f"has no {name!r}; {guess}")
        try:
            found[name] = readers[name](value)
        except ValueError as error:
            raise ValueError(f"has a {name} that {error}") from None
    limits = CustomLimits(**found)  # type: ignore[arg-type]  # each was read by its reader
    if limits.concurrency > _MOST_CONCURRENT:
        raise ValueError(
            f"has a concurrency that must be {_MOST_CONCURRENT} at most, not {limits.concurrency}"
        )
    return limits


def _windows(value: object) -> tuple[tuple[int, float], ...]:
    """Read ``["80/1m", "500/1h"]``; an empty list is no limit."""
    return tuple(_window(text) for text in values.texts(value))


def _window(text: str) -> tuple[int, float]:
    problem = ValueError(f'must hold windows such as "80/1m" or "500/1h", not {text!r}')
    parts = _WINDOW.fullmatch(text.strip())
    if parts is None:
        raise problem
    try:
        period = values.seconds(parts[2] if parts[2][0].isdigit() else f"1{parts[2]}")
    except ValueError:
        raise problem from None
    if int(parts[1]) < 1 or not 0 < period <= _LONGEST or not math.isfinite(period):
        raise ValueError(f"must allow at least 1 in up to 24 h, not {text!r}")
    return int(parts[1]), period


def profile_of(limits: AnyLimits) -> Profile:
    """The limiter's profile for a setting."""
    from ghsync.limiter import CAUTIOUS, GHES, GITHUB, UNLIMITED, Profile, Window

    match limits:
        case Limits.GITHUB:
            return GITHUB
        case Limits.CAUTIOUS:
            return CAUTIOUS
        case Limits.GHES:
            return GHES
        case Limits.NONE:
            return UNLIMITED
        case CustomLimits():
            pass
    free = not (limits.content or limits.points)
    return Profile(
        name="custom",
        content=tuple(
            Window(name=f"content/{period:g}s", limit=most, period=period)
            for most, period in limits.content
        ),
        points=tuple(
            Window(name=f"points/{period:g}s", limit=most, period=period)
            for most, period in limits.points
        ),
        concurrency=limits.concurrency,
        gap=limits.gap if limits.content else 0.0,
        start=min(4, limits.concurrency) if free else None,
    )
