"""GitHub's headers as values, however odd they arrive."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from remote_kit import LIMITS, START

from ghsync.limiter import Headers
from ghsync.remote.wire import next_link, parse_date, parse_headers

NOVEMBER = 1_795_255_200.0  # Sat, 21 Nov 2026 10:00:00 GMT


def test_the_limits_headers_are_read() -> None:
    """What GitHub sends with every answer."""
    assert parse_headers({**LIMITS, "date": "Sat, 21 Nov 2026 10:00:00 GMT"}) == Headers(
        limit=5000,
        remaining=4990,
        reset=int(START) + 1800,
        used=10,
        retry_after=None,
        date=NOVEMBER,
        resource="core",
    )


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("60", 60.0),
        ("0", 0.0),
        (" 1.5 ", 1.5),
        ("-3", 0.0),
        ("Sat, 21 Nov 2026 10:01:00 GMT", 60.0),
        ("Sat, 21 Nov 2026 09:00:00 GMT", 0.0),
        ("", None),
        ("soon", None),
        ("nan", None),
        ("inf", None),
        ("1e9", None),
        ("9" * 400, None),
        ("Sat, 31 Feb 2026 10:00:00 GMT", None),
        ("٣", None),
    ],
)
def test_retry_after_is_seconds_or_a_date(text: str, seconds: float | None) -> None:
    """A date counts from the answer's own date; what makes no sense says nothing."""
    headers = {"retry-after": text, "date": "Sat, 21 Nov 2026 10:00:00 GMT"}
    assert parse_headers(headers, now=0.0).retry_after == seconds


def test_a_date_without_a_date_to_count_from_uses_now() -> None:
    """With neither there is nothing to count from."""
    headers = {"retry-after": "Sat, 21 Nov 2026 10:01:00 GMT"}
    assert parse_headers(headers, now=NOVEMBER).retry_after == 60.0
    assert parse_headers(headers).retry_after is None


def test_a_date_is_read_without_the_locale() -> None:
    """RFC 9110's form; a leap second and an odd zone do no harm."""
    assert parse_date("Sat, 21 Nov 2026 10:00:00 GMT") == NOVEMBER
    assert parse_date("Sat, 21 Nov 2026 09:59:60 GMT") == NOVEMBER - 1
    assert parse_date("21 nov 2026 10:00:00") == NOVEMBER
    assert parse_date("Sa, 21 Dez 2026 10:00:00 GMT") is None
    assert parse_date(None) is None


@pytest.mark.parametrize(
    ("link", "url"),
    [
        ('<https://h/r?page=2>; rel="next", <https://h/r?page=9>; rel="last"', "https://h/r?page=2"),
        ('<https://h/a,b;c>; rel="prev", <https://h/x?after=Y%3D>; rel="next"', "https://h/x?after=Y%3D"),
        ("<https://h/n>;rel=next", "https://h/n"),
        ('<https://h/n>; title="t"; REL="prev next"', "https://h/n"),
        ('<https://h/n>; rel="last"', None),
        ('<https://h/n; rel="next"', None),
        ('https://h/n; rel="next"', None),
        ('<https://h/n>; rel="nextish"', None),
        ("", None),
    ],
)  # fmt: skip
def test_the_next_page_is_found_in_link(link: str, url: str | None) -> None:
    """Other relations, commas in URLs and missing quotes do not confuse it."""
    assert next_link({"link": link}) == url


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.dictionaries(
        st.sampled_from(
            ["link", "date", "retry-after", "x-ratelimit-reset", "x-ratelimit-remaining"]
        ),
        st.text(max_size=200) | st.integers().map(str) | st.floats().map(str),
    ),
    st.none() | st.floats(min_value=0, max_value=1e11),
)
def test_no_header_raises(headers: dict[str, str], now: float | None) -> None:
    """Any text in any header gives values in range."""
    parsed = parse_headers(headers, now=now)
    assert parsed.retry_after is None or 0 <= parsed.retry_after < 1e12
    assert parsed.reset is None or parsed.reset >= 0
    next_link(headers)
