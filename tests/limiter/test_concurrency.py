"""How many at once: found out where there is no limit, small where there is one."""

from __future__ import annotations

from limiter_kit import CREATE, READ, T0

from ghsync.limiter import CAUTIOUS, GHES, GITHUB, Go, Limiter, Ticket
from ghsync.limiter.concurrency import Slots


def rounds(slots: Slots, count: int, took: float, *, read: bool = False) -> list[int]:
    """Fill the slots and have all answered after so long, again and again; the levels after."""
    levels = []
    for _ in range(count):
        slots.used(slots.level)
        for _ in range(slots.level):
            slots.went_well(took, read=read)
        levels.append(slots.level)
    return levels


def test_it_doubles_until_the_first_trouble_then_adds_one() -> None:
    """Half after an error, and from there one more each round."""
    slots = Slots(50, 4)
    assert rounds(slots, 5, 0.2) == [8, 16, 32, 50, 50]
    slots.went_wrong(sent_at=T0, now=T0 + 1)
    assert slots.level == 25
    assert rounds(slots, 3, 0.2) == [26, 27, 28]


def test_what_failed_together_counts_once() -> None:
    """All that were under way when the first failed are one trouble."""
    slots = Slots(50, 4)
    rounds(slots, 4, 0.2)
    for _ in range(50):
        slots.went_wrong(sent_at=T0, now=T0 + 1)
    assert slots.level == 25
    slots.went_wrong(sent_at=T0 + 2, now=T0 + 3)
    assert slots.level == 12


def test_answers_that_slow_down_bring_it_down() -> None:
    """Once a round takes half as long again as usual: a quarter less, never below the start."""
    slots = Slots(50, 4)
    rounds(slots, 5, 0.2)
    assert rounds(slots, 2, 0.7) == [37, 27]
    assert min(rounds(slots, 30, 2.0)) >= 4


def test_what_stays_slow_becomes_usual() -> None:
    """A server that is slow from now on is not starved for ever."""
    slots = Slots(50, 4)
    rounds(slots, 5, 0.2)
    assert rounds(slots, 40, 0.6)[::20] == [37, 46]


def test_a_few_milliseconds_are_no_trouble() -> None:
    """On a local network an answer takes 2 ms or 20, by the client's own work."""
    slots = Slots(50, 4)
    rounds(slots, 5, 0.002)
    assert rounds(slots, 3, 0.03) == [50, 50, 50]


def test_reads_and_writes_have_a_usual_time_each() -> None:
    """Long lists between quick writes are no slowing down."""
    slots = Slots(50, 4)
    for _ in range(20):
        rounds(slots, 1, 0.1)
        rounds(slots, 1, 1.5, read=True)
    assert slots.level == 50


def test_it_grows_only_as_far_as_it_is_used() -> None:
    """Serial requests say nothing about what the server bears."""
    slots = Slots(50, 4)
    for _ in range(100):
        slots.used(1)
        slots.went_well(0.1, read=False)
    assert slots.level == 4


def test_a_server_that_fails_is_asked_less() -> None:
    """A 5xx is an answer, and trouble: half as many at once."""
    limiter = Limiter(GHES)

    def fill() -> list[Ticket]:
        tickets = []
        while isinstance(decision := limiter.ask(CREATE, T0), Go):
            tickets.append(decision.ticket)
        return tickets

    for _ in range(5):
        for ticket in fill():
            limiter.answered(ticket, T0, None)
    assert limiter.slots == 50
    limiter.answered(fill()[0], T0 + 1, None, failed=True)
    assert limiter.slots == 25


def test_where_there_is_a_limit_it_is_small_and_fixed() -> None:
    """Ten for GitHub, four for the cautious profile, whatever happens."""
    for profile, most in ((GITHUB, 10), (CAUTIOUS, 4)):
        limiter = Limiter(profile)
        for i in range(40):
            decision = limiter.ask(READ, T0 + i)
            assert isinstance(decision, Go)
            limiter.answered(decision.ticket, T0 + i + 0.5, None, failed=i % 2 == 0)
        assert limiter.slots == most


def test_a_twin_goes_its_own_way() -> None:
    """The forecast's copy does not move the level of the run."""
    slots = Slots(50, 4)
    rounds(slots, 2, 0.2)
    rounds(slots.copy(), 3, 5.0)
    assert slots.level == 16
