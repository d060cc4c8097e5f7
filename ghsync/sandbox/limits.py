"""GitHub's rate limits, enforced (docs: rate-limits-for-the-rest-api).

The independent judge of ghsync's own limiter: it shares no code with it. Secondary limits are
sliding windows over what was executed, per account; the primary limit is GitHub's fixed hour,
which starts with its first request.
"""

from __future__ import annotations

import math
from bisect import bisect_right, insort
from collections.abc import Iterable, Mapping
from dataclasses import field
from typing import Literal, TypeAlias

from ghsync.sandbox.messages import JsonObject, Problem
from ghsync.values import dataclass

HOUR = 3600.0
_DOCS = "https://docs.github.com/rest/overview/rate-limits-for-the-rest-api"
_SECONDARY_DOCS = f"{_DOCS}#about-secondary-rate-limits"
_SECONDARY = (
    "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
    " For more on scraping GitHub and how it may affect your rights, please review our Terms of"
    " Service (https://docs.github.com/en/site-policy/github-terms/github-terms-of-service)"
)
_CONTENT = (
    "You have exceeded a secondary rate limit and have been temporarily blocked from content"
    " creation. Please retry your request again later."
)

RetryAfter: TypeAlias = float | Literal["exact", "absent"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The numbers; pairs are (how many, in how many seconds)."""

    enabled: bool = True
    """False: no limits and no headers, as on a GitHub Enterprise Server without them."""
    content: tuple[tuple[int, float], ...] = ((80, 60.0), (500, HOUR))
    points: tuple[tuple[int, float], ...] = ((900, 60.0),)
    concurrent: int = 100
    primary: int = 5000
    search: int = 30
    """Searches in a minute, a primary limit of its own."""
    retry_after: RetryAfter = 60.0
    """What a secondary rejection says: so many seconds, the exact wait, or nothing."""


GITHUB = Limits()
CAUTIOUS = Limits(content=((20, 60.0), (150, HOUR)))
NONE = Limits(enabled=False)
MODES: Mapping[str, Limits] = {"github": GITHUB, "cautious": CAUTIOUS, "none": NONE}


@dataclass(slots=True)
class _Primary:
    reset: float = -math.inf
    used: int = 0


@dataclass(slots=True)
class _Usage:
    """What one account has used: times of content, (time, points) sums, primary windows."""

    content: list[float] = field(default_factory=list)
    point_times: list[float] = field(default_factory=list)
    points: list[int] = field(default_factory=list)
    primary: dict[str, _Primary] = field(default_factory=dict)


class Neighbour:
    """Somebody who uses the same account meanwhile: in the browser, or with another tool.

    ``content``: issues and comments an hour, evenly. ``requests``: others an hour, evenly; they
    count against the primary limit only.
    """

    def __init__(
        self,
        account: str,
        *,
        since: float,
        until: float = math.inf,
        content: float = 0.0,
        requests: float = 0.0,
    ) -> None:
        self.account = account
        self.since = since
        self.until = until
        self.content = content
        self.requests = requests
        self._made = self._sent = 0

    def until_now(self, now: float) -> tuple[list[float], int]:
        """When it made content since it was last asked, and how many other requests it sent."""
        hours = max(0.0, min(now, self.until) - self.since) / HOUR
        made, sent = int(hours * self.content), int(hours * self.requests)
        times = [self.since + (i + 1) * HOUR / self.content for i in range(self._made, made)]
        new, self._made, self._sent = sent - self._sent, made, sent
        return times, new


class Meter:
    """Counts what each account uses, and refuses what is too much."""

    def __init__(self, limits: Limits = GITHUB) -> None:
        self.limits = limits
        """May be replaced at any time; what was used so far still counts."""
        self.in_flight = 0
        """Requests that a mount has taken in and not answered yet."""
        self.neighbours: list[Neighbour] = []
        self._changes: list[tuple[float, Limits]] = []
        self._usage: dict[str, _Usage] = {}

    def change_at(self, when: float, limits: Limits) -> None:
        """Replace the limits at the first request from then on, as GitHub may without notice."""
        self._changes = sorted([*self._changes, (when, limits)], key=lambda change: change[0])

    def admit(self, account: str, *, points: int, content: bool, search: bool, now: float) -> None:
        """Count a request against the account, or refuse it with GitHub's 403.

        A refused request counts against the primary limit only.
        """
        while self._changes and self._changes[0][0] <= now:
            self.limits = self._changes.pop(0)[1]
        if not self.limits.enabled:
            return
        usage = self._of(account)
        window = self._primary(usage, search=search, now=now)
        for neighbour in self.neighbours:
            self._let_work(neighbour, now)
        if window.used >= self._primary_limit(search=search):
            raise self._primary_problem(account)
        window.used += 1
        if self.in_flight > self.limits.concurrent:
            raise self._secondary(_SECONDARY, 1.0)
        self._check(usage, points=points, content=content, now=now)
        self.record(account, points=points, content=content, now=now)

    def record(self, account: str, *, points: int, content: bool, now: float) -> None:
        """Count something against the secondary limits without judging it."""
        usage = self._of(account)
        usage.point_times.append(now)
        usage.points.append(points)
        if content:
            usage.content.append(now)
        _forget(usage, now)

    def spend_elsewhere(self, account: str, count: int, now: float) -> None:
        """Count what the account creates in its browser: GitHub adds it to the same windows."""
        for _ in range(count):
            self.record(account, points=0, content=True, now=now)

    def _let_work(self, neighbour: Neighbour, now: float) -> None:
        times, requests = neighbour.until_now(now)
        usage = self._of(neighbour.account)
        for moment in times:
            insort(usage.content, moment)
        self._primary(usage, search=False, now=now).used += requests

    def restore(self, rows: Iterable[tuple[str, float, int, bool]]) -> None:
        """Count again what a log says was executed: (account, time, points, content)."""
        for account, moment, points, content in rows:
            self.record(account, points=points, content=content, now=moment)

    def refund(self, account: str, now: float) -> None:
        """Give one primary request back: a 304 to an authorised request is free."""
        if self.limits.enabled:
            window = self._primary(self._of(account), search=False, now=now)
            window.used = max(0, window.used - 1)

    def headers(self, account: str, *, search: bool, now: float) -> tuple[tuple[str, str], ...]:
        """The ``x-ratelimit-*`` headers; none where limits are off."""
        if not self.limits.enabled:
            return ()
        shown = self._shown(account, search=search, now=now)
        return (
            ("x-ratelimit-limit", str(shown["limit"])),
            ("x-ratelimit-remaining", str(shown["remaining"])),
            ("x-ratelimit-used", str(shown["used"])),
            ("x-ratelimit-reset", str(shown["reset"])),
            ("x-ratelimit-resource", "search" if search else "core"),
        )

    def overview(self, account: str, now: float) -> JsonObject:
        """The resources of ``GET /rate_limit``."""
        core = self._shown(account, search=False, now=now)
        other = {"limit": 5000, "used": 0, "remaining": 5000, "reset": int(now + HOUR)}
        return {
            "core": core,
            "search": self._shown(account, search=True, now=now),
            "graphql": {**other, "resource": "graphql"},
            "integration_manifest": {**other, "resource": "integration_manifest"},
        }

    # ------------------------------------------------------------------ inside

    def _of(self, account: str) -> _Usage:
        return self._usage.setdefault(account.casefold(), _Usage())

    def _primary_limit(self, *, search: bool) -> int:
        return self.limits.search if search else self.limits.primary

    def _primary(self, usage: _Usage, *, search: bool, now: float) -> _Primary:
        name, period = ("search", 60.0) if search else ("core", HOUR)
        window = usage.primary.setdefault(name, _Primary())
        if now >= window.reset:
            window.reset, window.used = math.ceil(now + period), 0
        return window

    def _shown(self, account: str, *, search: bool, now: float) -> JsonObject:
        window = self._primary(self._of(account), search=search, now=now)
        limit = self._primary_limit(search=search)
        return {
            "limit": limit,
            "used": min(window.used, limit),
            "remaining": max(0, limit - window.used),
            "reset": int(window.reset),
            "resource": "search" if search else "core",
        }

    def _check(self, usage: _Usage, *, points: int, content: bool, now: float) -> None:
        waits: list[float] = []
        if content:
            waits = [_wait(usage.content, n, period, now) for n, period in self.limits.content]
            if max(waits, default=0.0) > 0:
                raise self._secondary(_CONTENT, max(waits))
        for most, period in self.limits.points:
            start = bisect_right(usage.point_times, now - period)
            if sum(usage.points[start:]) + points > most:
                raise self._secondary(_SECONDARY, usage.point_times[start] + period - now)

    def _secondary(self, message: str, wait: float) -> Problem:
        configured = self.limits.retry_after
        headers: tuple[tuple[str, str], ...] = ()
        if configured == "exact":
            headers = (("retry-after", str(max(1, math.ceil(wait)))),)
        elif configured != "absent":
            headers = (("retry-after", f"{configured:g}"),)
        return Problem(403, message, headers=headers, docs=_SECONDARY_DOCS)

    def _primary_problem(self, account: str) -> Problem:
        text = f"API rate limit exceeded for user {account}."
        return Problem(403, text, docs=f"{_DOCS}#primary-rate-limits")


def limit_problem(message: str | None, *, status: int, retry_after: str | None) -> Problem:
    """A secondary rejection on demand; ``retry_after`` is the header as it is, or ``None``."""
    headers = () if retry_after is None else (("retry-after", retry_after),)
    return Problem(status, message or _SECONDARY, headers=headers, docs=_SECONDARY_DOCS)


def _wait(times: list[float], most: int, period: float, now: float) -> float:
    """How long until one more fits into a sliding window: 0 when it fits now."""
    start = bisect_right(times, now - period)
    count = len(times) - start
    if count < most:
        return 0.0
    if most <= 0:
        return period
    return times[len(times) - most] + period - now


def _forget(usage: _Usage, now: float) -> None:
    """Drop what is older than any window, now and then."""
    if len(usage.content) > 2048:
        del usage.content[: bisect_right(usage.content, now - 2 * HOUR)]
    if len(usage.points) > 8192:
        old = bisect_right(usage.point_times, now - HOUR)
        del usage.point_times[:old]
        del usage.points[:old]
