"""Numbers, durations and times of day in words."""

from __future__ import annotations

import math
from datetime import datetime, tzinfo

from ghsync.model import Requests


def duration(seconds: float) -> str:
    """Say how long, to two units: ``42 s``, ``5 min``, ``1 h 6 min``, ``2 d 3 h``."""
    if not math.isfinite(seconds):
        return "unknown time"
    if seconds < 1:
        return "less than 1 s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 600:
        return _two(whole, 60, "min", "s")
    minutes = round(whole / 60)
    if minutes < 60:
        return f"{minutes} min"
    if minutes < 48 * 60:
        return _two(minutes, 60, "h", "min")
    return _two(round(minutes / 60), 24, "d", "h")


def clock_time(now: float, seconds: float, tz: tzinfo | None) -> str:
    """Say when ``seconds`` after ``now`` is, as ``15:40``, with the date if not today."""
    start = datetime.fromtimestamp(now, tz)
    end = datetime.fromtimestamp(now + seconds, tz)
    return f"{end:%H:%M}" if end.date() == start.date() else f"{end:%H:%M on %Y-%m-%d}"


def count(number: int, noun: str, plural: str | None = None) -> str:
    """Say ``1 item``, ``2,000 items``."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def requests(needed: Requests) -> str:
    """Say ``20 requests: 4 reads, 16 writes (12 count as new content)``."""
    total = count(needed.reads + needed.writes, "request")
    if not needed.reads + needed.writes:
        return total
    text = f"{total}: {count(needed.reads, 'read')}, {count(needed.writes, 'write')}"
    if not needed.content:
        return text
    return f"{text} ({needed.content:,} count as new content)"


_LIMITS = {
    "github.com": "GitHub's limits",
    "cautious": "a quarter of GitHub's limits",
    "custom": "the limits of the configuration",
}


def takes(seconds: float, limits: str) -> str:
    """Say how long within which limits; ``limits`` is the name of the limiter's profile."""
    kept = _LIMITS.get(limits)
    return f"about {duration(seconds)}{f' at {kept}' if kept else ', without limits'}"


def would_take(seconds: float, limits: str) -> str:
    """Say how long it would have taken where time passes."""
    kept = _LIMITS.get(limits, "no limits")
    return f"With {kept} this would have taken {duration(seconds)}"


def _two(value: int, per: int, big: str, small: str) -> str:
    high, low = divmod(value, per)
    return f"{high} {big} {low} {small}" if low else f"{high} {big}"
