"""The breaker: closed, open, half-open, and when it gives up."""

from __future__ import annotations

from ghsync.breaker import Breaker, BreakerSettings

SETTINGS = BreakerSettings(failures=3, first_wait=5.0, longest_wait=15.0, give_up_after=40.0)


def opened(at: float) -> Breaker:
    """A breaker that opened at this time."""
    breaker = Breaker(SETTINGS)
    for _ in range(3):
        breaker.failed(at)
    return breaker


def test_it_opens_after_failures_in_a_row() -> None:
    """Two failures, a success and two failures leave it closed; a third in a row opens it."""
    breaker = Breaker(SETTINGS)
    for worked in (False, False, True, False, False):
        breaker.worked() if worked else breaker.failed(0.0)
    assert not breaker.open
    breaker.failed(1.0)
    assert breaker.open
    assert breaker.until == 6.0


def test_a_failed_probe_doubles_the_wait_up_to_the_longest() -> None:
    """Each probe that fails doubles the wait: 5, 10, 15, 15 seconds."""
    breaker = opened(0.0)
    waits = []
    for _ in range(4):
        start = breaker.until
        breaker.failed(start)
        waits.append(breaker.until - start)
    assert waits == [10.0, 15.0, 15.0, 15.0]


def test_failures_under_way_when_it_opened_change_nothing() -> None:
    """What was sent before it opened may fail after; only a probe moves the next one."""
    breaker = opened(0.0)
    breaker.failed(2.0)
    assert breaker.until == 5.0


def test_a_success_closes_it_and_forgets_the_outage() -> None:
    """After a probe that worked the next outage starts with the first wait again."""
    breaker = opened(0.0)
    breaker.failed(5.0)
    breaker.worked()
    assert not breaker.open
    assert not breaker.gave_up(1000.0)
    for _ in range(3):
        breaker.failed(100.0)
    assert breaker.until == 105.0


def test_it_gives_up_when_the_outage_lasts() -> None:
    """Not before its time, and not while closed."""
    breaker = opened(0.0)
    assert not breaker.gave_up(39.0)
    assert breaker.gave_up(40.0)
    assert not Breaker(SETTINGS).gave_up(1000.0)
