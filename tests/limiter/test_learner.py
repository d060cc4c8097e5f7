"""A server with other limits than it publishes: few rejections, near its own speed."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from limiter_kit import CREATE, ME, READ, T0, UPDATE, Site, optimum, worst

from ghsync.limiter import GITHUB, Go, Headers, Limiter
from ghsync.sandbox.limits import CAUTIOUS, Limits, Neighbour
from ghsync.sandbox.limits import GITHUB as GITHUB_LIMITS

HIDDEN = optimum(1000, minute=20, hour=150)


def content_limits(limiter: Limiter) -> list[int]:
    """What the limiter keeps to at present."""
    return [bucket.limit for bucket in limiter._content]


@pytest.mark.parametrize("retry_after", [60.0, "exact", "absent", 1.0, 0.5, 0.0, -3.0])
def test_a_hidden_20_and_150_costs_at_most_five_rejections(retry_after: object) -> None:
    """1,000 creates with a profile of 80 and 500, whatever the server says about waiting."""
    site = Site(limits=replace(CAUTIOUS, retry_after=retry_after))
    assert site.run([CREATE] * 1000) == 1000
    assert len(site.rejections) <= 5
    assert site.took <= 1.01 * HIDDEN
    assert content_limits(site.limiter) == [20, 150]


@pytest.mark.parametrize(("rtt", "most"), [(0.05, 5), (1.0, 7), (5.0, 16)])
def test_slow_answers_cost_the_requests_under_way(rtt: float, most: int) -> None:
    """What is under way when a limit is first met is rejected with it, and nothing more."""
    site = Site(limits=CAUTIOUS, rtt=rtt)
    site.run([CREATE] * 1000)
    assert len(site.rejections) <= most
    assert site.took <= 1.01 * HIDDEN + 100 * rtt


def test_it_says_what_it_learned() -> None:
    """The reason of a wait names the limit that holds here, not the published one."""
    site = Site(limits=CAUTIOUS)
    site.run([CREATE] * 200)
    reasons = {hold.reason for hold in site.holds}
    assert "GitHub lets through only 20 new issues a minute" in reasons
    assert "GitHub lets through only 150 new issues an hour" in reasons


@pytest.mark.parametrize(
    ("content", "most", "seconds"),
    [
        (((80, 60.0), (150, 3600.0)), 4, optimum(1000, hour=150)),
        (((20, 60.0), (500, 3600.0)), 2, 7200.0),
        (((5, 60.0), (500, 3600.0)), 5, 200 * 60.0),
        (((3, 60.0), (60, 3600.0)), 8, optimum(1000, minute=3, hour=60)),
    ],
)
def test_any_other_pair_of_windows(
    content: tuple[tuple[int, float], ...], most: int, seconds: float
) -> None:
    """Only the hour is stricter, only the minute, or both by far."""
    site = Site(limits=Limits(content=content))
    site.run([CREATE] * 1000)
    assert len(site.rejections) <= most
    assert site.took <= 1.03 * seconds


def test_windows_of_a_shape_nobody_publishes_do_not_make_it_thrash() -> None:
    """30 in ten minutes: no window of ours, so it goes slower until it is rarely rejected."""
    site = Site(limits=Limits(content=((30, 600.0),)))
    site.run([CREATE] * 300)
    hours = site.took / 3600
    assert len(site.rejections) <= 8 + 2 * hours


# ------------------------------------------------------------------------ somebody else


@pytest.mark.parametrize(
    ("content", "since", "most", "hours"),
    [(100, 0, 8, 2.2), (100, -3600, 5, 2.2), (300, -3600, 6, 5.1), (60, 1800, 6, 2.1)],
)
def test_a_person_who_makes_issues_meanwhile(
    content: float, since: float, most: int, hours: float
) -> None:
    """The windows are shared with the browser: few rejections, and the rest is used to the full."""
    site = Site()
    site.meter.neighbours.append(Neighbour(ME, since=T0 + since, content=content))
    assert site.run([CREATE] * 1000) == 1000
    assert len(site.rejections) <= most
    assert site.took <= hours * 3600


def test_what_a_person_took_is_had_again_when_they_stop() -> None:
    """A learned limit is tried again later, one request at a time, up to the published one."""
    site = Site()
    site.meter.neighbours.append(Neighbour(ME, since=T0, until=T0 + 3600, content=100))
    site.run([CREATE] * 3000)
    assert content_limits(site.limiter)[1] == 500
    assert len(site.rejections) <= 8
    assert site.took <= optimum(3000) + 3600 * 1.3


@pytest.mark.parametrize(("requests", "most", "seconds"), [(100, 0, 4000), (4600, 2, 7300)])
def test_a_person_who_spends_the_primary_budget(requests: float, most: int, seconds: float) -> None:
    """What remains is in each answer's headers; in the worst case the reset is waited for."""
    site = Site()
    site.meter.neighbours.append(Neighbour(ME, since=T0 - 100, requests=requests))
    site.run([CREATE] * 1000)
    assert len(site.rejections) <= most
    assert site.took <= seconds


# ------------------------------------------------------------------ limits that change


@pytest.mark.parametrize("when", [10.0, 250.0, 1800.0, 3700.0])
def test_limits_that_become_stricter(when: float) -> None:
    """From 80 and 500 to 20 and 150 in the middle: learned anew, with few rejections."""
    site = Site()
    site.meter.change_at(T0 + when, CAUTIOUS)
    assert site.run([CREATE] * 1000) == 1000
    assert len(site.rejections) <= 9
    assert content_limits(site.limiter) == [20, 150]


@pytest.mark.parametrize("when", [100.0, 1800.0, 5400.0])
def test_limits_that_become_wider(when: float) -> None:
    """From 20 and 150 to 80 and 500: used within two hours, without a rejection more."""
    site = Site(limits=CAUTIOUS)
    site.meter.change_at(T0 + when, GITHUB_LIMITS)
    site.run([CREATE] * 2000)
    assert [t for t in site.rejections if t > T0 + when + 60] == []
    assert content_limits(site.limiter)[1] == 500
    assert site.took <= max(when, 3700) + 2 * 3600 + optimum(2000)


def test_one_rejection_for_no_reason_teaches_little() -> None:
    """A passing trouble after two creates does not make it go at two a minute for long."""
    site = Site()
    site.meter.change_at(T0 + 1.0, Limits(content=((1, 60.0),)))
    site.meter.change_at(T0 + 3.0, GITHUB_LIMITS)
    site.run([CREATE] * 480)
    assert len(site.rejections) == 1
    assert site.took <= 21 * 60  # eight a minute at the least, for a quarter of an hour


def test_points_are_learned_too() -> None:
    """A server with 300 points a minute instead of 900 rejects one burst, then hardly any."""
    site = Site(limits=Limits(points=((300, 60.0),)))
    site.run([UPDATE] * 600)
    assert len(site.rejections) <= GITHUB.concurrency + 2
    assert site.took <= 1.2 * 60 * 600 * 5 / 300


def test_reads_do_not_end_what_a_create_has_begun() -> None:
    """A read that goes through says nothing of content; the next create is still a test."""
    site = Site(limits=Limits(content=((2, 3600.0),), retry_after="absent"))
    site.run([CREATE] * 3, until=T0 + 100)
    assert len(site.rejections) <= 2
    limiter, now = site.limiter, site.now
    while not isinstance(decision := limiter.ask(READ, now), Go):
        now = decision.until or now + 1
    limiter.answered(decision.ticket, now + 1, None)
    assert len(site.rejections) <= 3


@pytest.mark.parametrize("m", [1, 100, 1000])
def test_the_published_limits_teach_nothing(m: int) -> None:
    """Where the server does as it says, no rejection is met and no limit changes."""
    site = Site()
    site.run([CREATE] * m)
    assert site.rejections == []
    assert content_limits(site.limiter) == [80, 500]


def test_a_restart_learns_again_from_the_journals_times() -> None:
    """What went before the restart counts: the next rejection says the same limit."""
    site = Site(limits=CAUTIOUS)
    site.run([CREATE] * 1000, until=T0 + 300)
    site.restart()
    before = len(site.rejections)
    site.run([CREATE] * 100)
    assert len(site.rejections) - before <= 3
    assert worst(site.created, 3600.0) <= 150


def test_an_unexplained_rejection_of_a_primary_limit_teaches_nothing() -> None:
    """A primary limit is no window of content."""
    limiter = Limiter(GITHUB)
    for i in range(30):
        decision = limiter.ask(CREATE, T0 + i)
        assert isinstance(decision, Go)
        limiter.answered(decision.ticket, T0 + i, None)
    decision = limiter.ask(CREATE, T0 + 31)
    assert isinstance(decision, Go)
    spent = Headers(limit=5000, remaining=0, reset=int(T0 + 500), date=T0 + 31)
    hold = limiter.rejected(decision.ticket, T0 + 31, spent, primary=True)
    assert hold.until is not None
    decision = limiter.ask(CREATE, hold.until)
    assert isinstance(decision, Go)
    limiter.answered(decision.ticket, hold.until + 1, None)
    assert content_limits(limiter) == [80, 500]
    assert math.isfinite(hold.until)
