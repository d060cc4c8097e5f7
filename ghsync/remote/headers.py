"""GitHub's answer headers as values: limits, waits, dates, the next page. Never raises."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache

from ghsync.limiter import Headers
from ghsync.patterns import regex

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DATE = regex(
    r"\s*(?:[a-z]+,\s*)?([0-9]{1,2})[ -]([a-z]{3})[ -]([0-9]{4}) "
    r"([0-9]{2}):([0-9]{2}):([0-9]{2})\s*(?:gmt|utc|\+0000)?\s*",
    re.IGNORECASE | re.ASCII,
)
_LONGEST = 8192
_FAR = 10.0**11


def parse_headers(headers: Mapping[str, str], *, now: float | None = None) -> Headers:
    """Read the limits' headers; names in lower case; what makes no sense is ``None``.

    ``retry-after`` becomes seconds, never negative; a date is counted from the answer's own
    ``date``, so that a wrong local clock does not matter, else from ``now``.
    """
    date = parse_date(headers.get("date"))
    return Headers(
        limit=_whole(headers.get("x-ratelimit-limit")),
        remaining=_whole(headers.get("x-ratelimit-remaining")),
        reset=_whole(headers.get("x-ratelimit-reset")),
        used=_whole(headers.get("x-ratelimit-used")),
        retry_after=_retry_after(headers.get("retry-after"), now if date is None else date),
        date=date,
        resource=headers.get("x-ratelimit-resource") or None,
    )


@lru_cache(maxsize=64)  # a server's ``Date`` is the same for all answers of a second
def parse_date(text: str | None) -> float | None:
    """Read an HTTP date (RFC 9110, IMF-fixdate) as epoch seconds."""
    found = _DATE.fullmatch(text) if text and len(text) < 64 else None
    if found is None or found[2].lower() not in _MONTHS:
        return None
    day, year, hour, minute, second = (int(found[i]) for i in (1, 3, 4, 5, 6))
    month = _MONTHS.index(found[2].lower()) + 1
    try:
        # A leap second is written :60, which datetime does not know.
        moment = datetime(year, month, day, hour, minute, min(second, 59), tzinfo=UTC)
    except ValueError:
        return None
    return moment.timestamp()


def next_link(headers: Mapping[str, str]) -> str | None:
    """The URL of the next page by ``Link: <…>; rel="next"`` (RFC 8288)."""
    for part in headers.get("link", "")[:_LONGEST].split("<")[1:]:
        url, closed, parameters = part.partition(">")
        if closed and _is_next(parameters):
            return url.strip()
    return None


def _is_next(parameters: str) -> bool:
    for parameter in parameters.split(";"):
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "rel":
            return "next" in value.strip(' \t,"').lower().split()
    return False


def _number(text: str | None) -> float | None:
    """A finite number; ASCII digits, sign and dot only."""
    if text is None or not re.fullmatch(r"\s*[+-]?[0-9]{1,15}(?:\.[0-9]{0,9})?\s*", text, re.ASCII):
        return None
    value = float(text)
    return value if math.isfinite(value) and abs(value) < _FAR else None


def _whole(text: str | None) -> int | None:
    value = _number(text)
    return int(value) if value is not None and value >= 0 else None


def _retry_after(text: str | None, since: float | None) -> float | None:
    seconds = _number(text)
    if seconds is None:
        until = parse_date(text)
        seconds = until - since if until is not None and since is not None else None
    return None if seconds is None else max(0.0, seconds)
