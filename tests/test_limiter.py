"""The limiter never lets GitHub see too much, never waits longer than it must, never gets stuck."""

from __future__ import annotations

import copy
import heapq
import math
import random
from bisect import bisect_left, bisect_right
from collections.abc import Sequence

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from ghsync.errors import ConfigError
from ghsync.limiter import (
    CAUTIOUS,
    GHES,
    GITHUB,
    PROFILES,
    Go,
    Headers,
    Hold,
    Limiter,
    Profile,
    Ticket,
    Window,
    eta,
)
from ghsync.model import Cost

READ = Cost(points=1)
UPDATE = Cost(points=5)
CREATE = Cost(points=5, content=True)
T0 = 1_800_000_000.0


def optimum(m: int) -> float:
    """The least possible seconds for m content-creating requests at 80/min and 500/h."""
    return 3600 * ((m - 1) // 500) + 60 * (((m - 1) % 500) // 80)


def go(limiter: Limiter, cost: Cost, now: float) -> Ticket:
    """Ask for leave that is expected."""
    decision = limiter.ask(cost, now)
    assert isinstance(decision, Go), decision
    return decision.ticket


def held(limiter: Limiter, cost: Cost, now: float) -> Hold:
    """Ask for leave that is expected to be refused."""
    decision = limiter.ask(cost, now)
    assert isinstance(decision, Hold), decision
    return decision


def core(remaining: int, reset: float, *, limit: int = 5000, date: float | None = None) -> Headers:
    """The headers of an ordinary answer."""
    return Headers(
        limit=limit, remaining=remaining, reset=int(reset), date=date, resource="core"
    )  # fmt: skip


# --------------------------------------------------------------------- the auditor


def worst(arrivals: Sequence[tuple[float, int]], period: float) -> int:
    """Brute force: the most that any window of ``period`` seconds, ends included, ever held."""
    times = [t for t, _ in sorted(arrivals)]
    amounts = [a for _, a in sorted(arrivals)]
    return max(
        (sum(amounts[bisect_left(times, t) : bisect_right(times, t + period)]) for t in times),
        default=0,
    )


class Network:
    """Sends costs through a limiter over a bad network; notes what arrives at the server when."""

    def __init__(self, rng: random.Random, *, jitter: float, losses: float = 0.0) -> None:
        self.rng = rng
        self.jitter = jitter
        self.losses = losses
        self.sent: list[tuple[float, Cost]] = []
        self.arrived: list[tuple[float, Cost]] = []

    def run(self, limiter: Limiter, costs: Sequence[Cost], now: float, crash: float) -> int:
        """Send until all are sent or the process dies at ``crash``; return how many were sent."""
        flying: list[tuple[float, int, Ticket, bool]] = []
        for number, cost in enumerate(costs):
            while True:
                while flying and flying[0][0] <= now:
                    when, _, ticket, lost = heapq.heappop(flying)
                    if lost:
                        limiter.abandoned(ticket, when)
                    else:
                        limiter.answered(ticket, when, None)
                if now >= crash:
                    return number
                decision = limiter.ask(cost, now)
                if isinstance(decision, Go):
                    break
                now = flying[0][0] if decision.until is None else decision.until
            up, down = self.rng.uniform(0, self.jitter), self.rng.uniform(0, self.jitter)
            lost = self.rng.random() < self.losses
            self.sent.append((now, cost))
            self.arrived.append((now + up, cost))
            # A lost one is given up at any moment, even long before it arrives.
            over = now + (self.rng.uniform(0, self.jitter) if lost else up + down)
            heapq.heappush(flying, (over, number, decision.ticket, lost))
        return len(costs)

    def audit(self) -> tuple[int, int, int]:
        """The worst minute and hour of content, and the worst minute of points."""
        content = [(t, 1) for t, cost in self.arrived if cost.content]
        points = [(t, cost.points) for t, cost in self.arrived]
        return worst(content, 60.0), worst(content, 3600.0), worst(points, 60.0)


@pytest.mark.parametrize("seed", range(6))
def test_no_jitter_loss_or_restart_overfills_a_window_of_the_server(seed: int) -> None:
    """1,500 mixed requests, seconds of jitter each way, losses and crashes: never any excess."""
    rng = random.Random(seed)
    network = Network(rng, jitter=rng.choice([0.0, 0.5, 4.0]), losses=rng.choice([0.0, 0.05]))
    costs = rng.choices([CREATE, CREATE, UPDATE, READ], k=1500)
    now = T0
    while costs:
        limiter = Limiter(GITHUB)
        limiter.seed(network.sent)
        done = network.run(limiter, costs, now, crash=now + rng.uniform(5, 3000))
        costs = costs[done:]
        now = max(now, network.sent[-1][0] if network.sent else now) + rng.uniform(0, 30)
    minute, hour, points = network.audit()
    assert minute <= 80
    assert hour <= 500
    assert points <= 900


def test_a_burst_of_reads_and_updates_stays_under_the_points() -> None:
    """Without content only the points bind, and they are used to the last one."""
    network = Network(random.Random(1), jitter=0.2)
    network.run(Limiter(GITHUB), random.Random(2).choices([UPDATE, READ], k=2000), T0, math.inf)
    assert 895 <= network.audit()[2] <= 900


def test_a_server_whose_clock_runs_slower_sees_no_excess() -> None:
    """A hundredth of a percent between the clocks does not put one too many into an hour."""
    network = Network(random.Random(3), jitter=0.0)
    network.run(Limiter(GITHUB), [CREATE] * 1100, T0, math.inf)
    slow = [((t - T0) * (1 - 1e-4), 1) for t, _ in network.arrived]
    assert worst(slow, 60.0) <= 80
    assert worst(slow, 3600.0) <= 500


def test_the_cautious_profile_keeps_the_older_limits() -> None:
    """20 a minute and 150 an hour, exactly."""
    network = Network(random.Random(4), jitter=1.0)
    network.run(Limiter(CAUTIOUS), [CREATE] * 400, T0, math.inf)
    assert network.audit()[:2] == (20, 150)


@pytest.mark.parametrize(
    ("m", "most"),
    [
        (1, 0.3),
        (100, optimum(100) + 15),
        (1000, 1.01 * optimum(1000) + 0.3),
        (10_000, 1.01 * optimum(10_000) + 0.3),
    ],
)
def test_it_is_at_the_limit(m: int, most: float) -> None:
    """So many creates take hardly longer than GitHub's windows make any client take."""
    assert optimum(m) <= eta(Limiter(GITHUB), [CREATE] * m, T0, rtt=0.3) <= most


def test_creates_go_at_an_even_pace() -> None:
    """Two creates are 0.75 s apart, which is nothing to tell; a read between them need not wait."""
    limiter = Limiter(GITHUB)
    go(limiter, CREATE, T0)
    assert held(limiter, CREATE, T0 + 0.1) == Hold(
        until=T0 + 0.75, reason="an even pace", quiet=True
    )
    go(limiter, READ, T0 + 0.1)
    go(limiter, CREATE, T0 + 0.75)


def test_a_full_window_says_which_and_until_when() -> None:
    """The reason names the limit in words; the time is one period after the first answer."""
    limiter = Limiter(Profile(name="x", content=GITHUB.content, concurrency=100))
    for _ in range(80):
        limiter.answered(go(limiter, CREATE, T0), T0 + 2, None)
    hold = held(limiter, CREATE, T0 + 3)
    assert hold.reason == "GitHub allows 80 new issues a minute"
    assert hold.until == pytest.approx(T0 + 62, abs=0.05)
    assert hold.until is not None
    assert hold.until > T0 + 62


def test_a_window_filled_by_requests_under_way_waits_for_an_answer() -> None:
    """No time can be named until one of them is answered."""
    limiter = Limiter(
        Profile(name="x", content=(Window(name="c", limit=2, period=9.5),), concurrency=9)
    )
    first = go(limiter, CREATE, T0)
    go(limiter, CREATE, T0)
    assert held(limiter, CREATE, T0 + 50) == Hold(
        until=None, reason="GitHub allows 2 new issues in 9.5 s"
    )
    limiter.answered(first, T0 + 60, None)
    assert held(limiter, CREATE, T0 + 60).until == pytest.approx(T0 + 69.5, abs=0.01)


def test_a_refused_request_has_taken_nothing() -> None:
    """All windows are asked at once: what one refuses costs the others nothing."""
    content = (Window(name="c", limit=1, period=100.0),)
    points = (Window(name="p", limit=10, period=50.0),)
    limiter = Limiter(Profile(name="x", content=content, points=points, concurrency=9))
    limiter.answered(go(limiter, CREATE, T0), T0, None)
    for _ in range(20):
        held(limiter, CREATE, T0 + 1)
    go(limiter, UPDATE, T0 + 1)


def test_a_request_dearer_than_a_window_waits_for_the_whole_window() -> None:
    """It is not refused for ever."""
    points = (Window(name="p", limit=3, period=10.0),)
    limiter = Limiter(Profile(name="x", points=points, concurrency=9))
    limiter.answered(go(limiter, UPDATE, T0), T0, None)
    hold = held(limiter, UPDATE, T0 + 1)
    assert hold.until is not None
    go(limiter, UPDATE, hold.until)


def test_concurrency_is_limited() -> None:
    """The next one waits quietly for an answer."""
    limiter = Limiter(GITHUB)
    tickets = [go(limiter, READ, T0) for _ in range(GITHUB.concurrency)]
    hold = held(limiter, READ, T0)
    assert (hold.until, hold.quiet) == (None, True)
    limiter.answered(tickets[0], T0, None)
    go(limiter, READ, T0)


# ------------------------------------------------------------------- primary budget


def test_requests_under_way_count_against_what_remains() -> None:
    """With two left and two under way, the third waits until the reset, plus one second."""
    limiter = Limiter(GITHUB)
    limiter.answered(go(limiter, READ, T0), T0, core(2, T0 + 100, date=T0))
    go(limiter, READ, T0)
    go(limiter, READ, T0)
    hold = held(limiter, READ, T0)
    assert hold.until == T0 + 101
    assert hold.reason.startswith("primary limit: 5,000 requests an hour")


def test_an_older_answer_that_arrives_later_does_not_raise_what_remains() -> None:
    """Answers overtake each other; within one window the smallest figure counts."""
    limiter = Limiter(GITHUB)
    old, new = go(limiter, READ, T0), go(limiter, READ, T0)
    limiter.answered(new, T0 + 1, core(10, T0 + 100))
    limiter.answered(old, T0 + 2, core(11, T0 + 100))
    assert limiter.rate_limit is not None
    assert limiter.rate_limit.remaining == 10


def test_an_answer_from_the_window_before_does_not_spoil_the_new_one() -> None:
    """Its reset tells it apart."""
    limiter = Limiter(GITHUB)
    old, new = go(limiter, READ, T0), go(limiter, READ, T0)
    limiter.answered(new, T0 + 2, core(4999, T0 + 3600))
    limiter.answered(old, T0 + 3, core(0, T0))
    go(limiter, READ, T0 + 3)


def test_another_resource_says_nothing_about_the_budget() -> None:
    """Search has 30 a minute of its own."""
    limiter = Limiter(GITHUB)
    headers = Headers(limit=30, remaining=0, reset=int(T0 + 60), resource="search")
    limiter.answered(go(limiter, READ, T0), T0, headers)
    assert limiter.rate_limit is None
    go(limiter, READ, T0)


def test_requests_without_headers_are_counted() -> None:
    """A 502 from a proxy or a timeout may have cost one."""
    limiter = Limiter(GITHUB)
    limiter.answered(go(limiter, READ, T0), T0, core(3, T0 + 100))
    limiter.answered(go(limiter, READ, T0), T0, Headers())
    limiter.answered(go(limiter, READ, T0), T0, None)
    limiter.abandoned(go(limiter, READ, T0), T0)
    assert held(limiter, READ, T0).until is not None


def test_a_reserve_is_left_for_others() -> None:
    """With 500 kept back, the 501st from the end is the last that goes."""
    limiter = Limiter(GITHUB, reserve=500)
    limiter.answered(go(limiter, READ, T0), T0, core(501, T0 + 100, limit=1000))
    limiter.answered(go(limiter, READ, T0), T0, core(500, T0 + 100, limit=1000))
    assert "500 are kept for others" in held(limiter, READ, T0).reason


def test_a_reserve_above_the_limit_still_lets_one_through() -> None:
    """Keeping 5,000 of GITHUB_TOKEN's 1,000 would wait for ever."""
    limiter = Limiter(GITHUB, reserve=5000)
    limiter.answered(go(limiter, READ, T0), T0, core(1000, T0 + 100, limit=1000))
    go(limiter, READ, T0)


@pytest.mark.parametrize("skew", [-600.0, 0.0, 600.0])
def test_the_reset_is_read_by_the_servers_clock(skew: float) -> None:
    """Ten minutes between the clocks change nothing: the wait is 100 s and one for safety."""
    limiter = Limiter(GITHUB)
    server = T0 + skew
    limiter.answered(go(limiter, READ, T0), T0, core(0, server + 100, date=server))
    assert held(limiter, READ, T0).until == T0 + 101


def test_the_skew_is_remembered_for_answers_without_a_date() -> None:
    """One answer with a date is enough."""
    limiter = Limiter(GITHUB)
    limiter.answered(go(limiter, READ, T0), T0, core(9, T0 + 700, date=T0 + 600))
    hold = limiter.rejected(go(limiter, READ, T0), T0, core(0, T0 + 700), primary=True)
    assert hold.until == T0 + 101


def test_after_the_reset_one_request_goes_first() -> None:
    """Everybody waited for the same moment, so one finds out whether it was the right one."""
    limiter = Limiter(GITHUB)
    limiter.answered(go(limiter, READ, T0), T0, core(0, T0 + 100, date=T0))
    canary = go(limiter, READ, T0 + 101)
    assert held(limiter, READ, T0 + 101).until is None
    limiter.answered(canary, T0 + 102, core(4999, T0 + 3700, date=T0 + 102))
    go(limiter, READ, T0 + 102)


def test_a_late_answer_from_before_the_reset_does_not_stop_the_new_window() -> None:
    """It says "0 remain, reset then", which has come and gone."""
    limiter = Limiter(GITHUB)
    late = go(limiter, READ, T0)
    limiter.answered(go(limiter, READ, T0), T0, core(0, T0 + 10, date=T0))
    canary = go(limiter, READ, T0 + 11)
    limiter.answered(late, T0 + 12, core(0, T0 + 10, date=T0 + 9))
    limiter.answered(canary, T0 + 12, core(4999, T0 + 3611, date=T0 + 12))
    go(limiter, READ, T0 + 12)


@pytest.mark.parametrize("reset", [0, T0 - 5000, T0 - 1, T0 + 1e9])
def test_a_broken_reset_holds_for_an_hour_at_most(reset: float) -> None:
    """A reset in the past or in the far future does not stop or hurry anybody for long."""
    limiter = Limiter(GITHUB)
    limiter.answered(go(limiter, READ, T0), T0, core(0, reset, date=T0))
    decision = limiter.ask(READ, T0)
    if isinstance(decision, Hold):
        assert decision.until is not None
        assert decision.until <= T0 + 3601
        go(limiter, READ, decision.until)


def test_a_window_that_ended_is_taken_to_be_an_hour_until_an_answer_says() -> None:
    """The budget of the next hour is not taken for endless."""
    limiter = Limiter(Profile(name="x", concurrency=99))
    limiter.answered(go(limiter, READ, T0), T0, core(9, T0 + 10, limit=20, date=T0))
    for _ in range(20):
        limiter.answered(go(limiter, READ, T0 + 11), T0 + 11, None)
    hold = held(limiter, READ, T0 + 11)
    assert hold.until == T0 + 11 + 3601


def test_the_newest_budget_is_told() -> None:
    """For the report: limit, remaining and reset as the server gave them."""
    limiter = Limiter(GITHUB)
    assert limiter.rate_limit is None
    limiter.answered(go(limiter, READ, T0), T0, core(4242, T0 + 99, date=T0 - 600))
    rate = limiter.rate_limit
    assert rate is not None
    assert (rate.limit, rate.remaining, rate.reset) == (5000, 4242, int(T0 + 99))


# ----------------------------------------------------------------------- rejections


@pytest.mark.parametrize(
    ("retry_after", "wait"),
    [(60.0, 60.0), (1.0, 1.0), (0.25, 0.25), (0.0, 0.0), (-30.0, 0.0)],
)
def test_the_canary_goes_as_soon_as_retry_after_is_over(retry_after: float, wait: float) -> None:
    """Not earlier, not later; zero and negative mean now."""
    limiter = Limiter(GITHUB)
    headers = Headers(retry_after=retry_after)
    hold = limiter.rejected(go(limiter, READ, T0), T0, headers, primary=False)
    assert hold.until == T0 + wait
    if wait:
        assert held(limiter, READ, T0 + wait - 0.01).until == T0 + wait
    go(limiter, READ, T0 + wait)
    assert held(limiter, READ, T0 + wait).until is None


@pytest.mark.parametrize(
    "headers",
    [
        None,
        Headers(),
        Headers(retry_after=math.nan),
        Headers(retry_after=math.inf),
        Headers(limit=9, remaining=0, reset=int(T0 - 5)),
        Headers(limit=9, remaining=5, reset=int(T0 + 500)),
    ],
)
def test_without_a_usable_time_it_waits_a_minute_and_doubles(headers: Headers | None) -> None:
    """As GitHub's documentation asks; a reset counts only when nothing remains, and not if past."""
    limiter = Limiter(GITHUB)
    now = T0
    for wait in (60, 120, 240, 480):
        hold = limiter.rejected(go(limiter, READ, now), now, headers, primary=False)
        assert hold.until == now + wait
        assert "secondary limit" in hold.reason
        now = hold.until


def test_when_nothing_remains_it_waits_for_the_reset_and_a_second() -> None:
    """Both for a primary rejection and for one that does not say what it is."""
    for primary in (True, False):
        limiter = Limiter(GITHUB)
        headers = core(0, T0 + 1000, date=T0)
        hold = limiter.rejected(go(limiter, READ, T0), T0, headers, primary=primary)
        assert hold.until == T0 + 1001
        assert hold.reason.startswith("primary limit")


def test_one_rejection_pauses_everything_and_one_canary_ends_the_pause() -> None:
    """Then a few go one by one, then all as before."""
    limiter = Limiter(GITHUB)
    burst = [go(limiter, READ, T0) for _ in range(10)]
    hold = limiter.rejected(burst[0], T0 + 1, Headers(retry_after=60), primary=False)
    assert hold.reason == "secondary limit: GitHub asked to wait 60 s"
    for ticket in burst[1:]:
        limiter.answered(ticket, T0 + 2, None)
    for cost in (READ, UPDATE, CREATE):
        assert held(limiter, cost, T0 + 3).until == T0 + 61
    for _ in range(4):  # the canary and three more
        ticket = go(limiter, READ, T0 + 61)
        assert held(limiter, READ, T0 + 61).until is None
        limiter.answered(ticket, T0 + 61, None)
    assert len([go(limiter, READ, T0 + 61) for _ in range(10)]) == 10


def test_rejections_of_one_burst_count_once() -> None:
    """Ten that were under way together do not double the wait ten times."""
    limiter = Limiter(GITHUB)
    burst = [go(limiter, READ, T0) for _ in range(10)]
    for ticket in burst:
        hold = limiter.rejected(ticket, T0 + 1, None, primary=False)
        assert hold.until == T0 + 61


def test_the_longest_wait_of_a_burst_holds() -> None:
    """A shorter one that is answered later does not shorten the pause."""
    limiter = Limiter(GITHUB)
    a, b = go(limiter, READ, T0), go(limiter, READ, T0)
    limiter.rejected(a, T0 + 1, Headers(retry_after=300), primary=False)
    assert limiter.rejected(b, T0 + 2, Headers(retry_after=5), primary=False).until == T0 + 301


def test_a_late_rejection_stops_the_canary_from_ending_the_pause() -> None:
    """A slow request from before the pause is answered with a longer wait: that one is kept."""
    limiter = Limiter(GITHUB)
    a, slow = go(limiter, READ, T0), go(limiter, READ, T0)
    limiter.rejected(a, T0 + 1, Headers(retry_after=1), primary=False)
    canary = go(limiter, READ, T0 + 2)
    limiter.rejected(slow, T0 + 3, Headers(retry_after=50), primary=False)
    limiter.answered(canary, T0 + 4, None)
    assert held(limiter, READ, T0 + 5).until == T0 + 53


def test_a_canary_without_an_answer_is_followed_by_another() -> None:
    """A timeout or a cancelled task does not leave everybody waiting."""
    limiter = Limiter(GITHUB)
    limiter.rejected(go(limiter, READ, T0), T0, Headers(retry_after=5), primary=False)
    limiter.abandoned(go(limiter, READ, T0 + 5), T0 + 6)
    go(limiter, READ, T0 + 6)
    assert held(limiter, READ, T0 + 6).until is None


def test_a_server_that_keeps_saying_one_second_is_not_asked_every_second() -> None:
    """Through an hour's block it is asked a dozen times, not 3,600."""
    limiter = Limiter(GITHUB)
    now, asked = T0, 0
    while now < T0 + 3600:
        headers = Headers(retry_after=1)
        until = limiter.rejected(go(limiter, READ, now), now, headers, primary=False).until
        assert until is not None
        now, asked = until, asked + 1
    assert asked <= 14


def test_the_back_off_starts_anew_after_things_went_well() -> None:
    """A rejection hours later waits a minute again, not the doubled time."""
    limiter = Limiter(GITHUB)
    limiter.rejected(go(limiter, READ, T0), T0, None, primary=False)
    hold = limiter.rejected(go(limiter, READ, T0 + 60), T0 + 60, None, primary=False)
    assert hold.until == T0 + 180
    for _ in range(4):
        limiter.answered(go(limiter, READ, T0 + 180), T0 + 180, None)
    hold = limiter.rejected(go(limiter, READ, T0 + 190), T0 + 190, None, primary=False)
    assert hold.until == T0 + 250


def test_a_second_outcome_of_a_ticket_is_ignored() -> None:
    """So that a caller may say "abandoned" in a finally block."""
    limiter = Limiter(GITHUB)
    ticket = go(limiter, CREATE, T0)
    limiter.answered(ticket, T0 + 1, core(100, T0 + 900))
    limiter.abandoned(ticket, T0 + 2)
    limiter.answered(ticket, T0 + 2, None)
    limiter.rejected(ticket, T0 + 2, None, primary=False)
    assert limiter.under_way == 0
    assert limiter.rate_limit is not None
    assert limiter.rate_limit.remaining == 100
    go(limiter, CREATE, T0 + 2)


# -------------------------------------------------------------- restarts and clocks


def test_a_restart_cannot_burst_again() -> None:
    """500 creates of the last hour leave no room, until the first of them is surely over."""
    limiter = Limiter(GITHUB)
    limiter.seed([(T0 - 1000 + i, CREATE) for i in range(500)])
    hold = held(limiter, CREATE, T0)
    assert hold.reason == "GitHub allows 500 new issues an hour"
    assert hold.until == pytest.approx(T0 - 1000 + 3600, abs=40)


def test_what_is_older_than_an_hour_is_forgotten() -> None:
    """Yesterday's run does not slow today's."""
    limiter = Limiter(GITHUB)
    limiter.seed([(T0 - 4000 + i, CREATE) for i in range(300)])
    assert eta(limiter, [CREATE] * 80, T0, 0.3) < 61


def test_seeds_from_the_future_count_as_now() -> None:
    """The machine's clock was set back by a day between two runs: one hour's wait, not 25."""
    limiter = Limiter(GITHUB)
    limiter.seed([(T0 + 86_400, CREATE)] * 500)
    until = held(limiter, CREATE, T0).until
    assert until is not None
    assert T0 + 3600 < until < T0 + 3700


def test_time_that_goes_back_frees_nothing_early() -> None:
    """Whatever clock is used, tokens come back in order and late rather than early."""
    limiter = Limiter(Profile(name="x", content=GITHUB.content, concurrency=100))
    for _ in range(80):
        limiter.answered(go(limiter, CREATE, T0), T0, None)
    assert held(limiter, CREATE, T0 - 7200).until == pytest.approx(T0 + 60, abs=0.05)


# ------------------------------------------------------------- servers without limits


def test_a_server_without_limits_is_used_to_the_full() -> None:
    """10,000 creates at 0.25 s with up to 50 at once take little more than 50 s."""
    limiter = Limiter(GITHUB)
    limiter.unlimited()
    assert not limiter.limited
    assert eta(limiter, [CREATE] * 10_000, T0, rtt=0.25) < 53


def test_concurrency_doubles_by_clean_rounds_and_halves_on_trouble() -> None:
    """4, 8, 16 …, and back to half once for all that failed together."""
    limiter = Limiter(GHES)

    def fill() -> list[Ticket]:
        tickets = []
        while isinstance(decision := limiter.ask(CREATE, T0), Go):
            tickets.append(decision.ticket)
        return tickets

    sizes = []
    for _ in range(6):
        tickets = fill()
        sizes.append(len(tickets))
        for ticket in tickets:
            limiter.answered(ticket, T0, None)
    assert sizes == [4, 8, 16, 32, 50, 50]
    for ticket in fill():
        limiter.abandoned(ticket, T0)
    assert len(fill()) == 25


def test_concurrency_does_not_grow_when_it_is_not_used() -> None:
    """Serial requests say nothing about what the server bears."""
    limiter = Limiter(GHES)
    for i in range(100):
        limiter.answered(go(limiter, READ, T0 + i), T0 + i, None)
    tickets = [limiter.ask(READ, T0 + 200) for _ in range(5)]
    assert [isinstance(t, Go) for t in tickets] == [True] * 4 + [False]


def test_a_server_taken_for_unlimited_is_believed_when_it_sends_limits() -> None:
    """``/rate_limit`` can be 404 where limits are on (hub4j/github-api#802)."""
    limiter = Limiter(GITHUB)
    limiter.unlimited()
    limiter.answered(go(limiter, READ, T0), T0, core(0, T0 + 50, date=T0))
    assert held(limiter, READ, T0).until == T0 + 51


# ----------------------------------------------------------------------- ETA, profiles


def test_an_eta_changes_nothing() -> None:
    """It runs on a copy: asked twice it says the same, and the limiter goes on as before."""
    limiter = Limiter(GITHUB)
    limiter.seed([(T0 - 100, CREATE)] * 450)
    limiter.answered(go(limiter, CREATE, T0), T0 + 1, core(100, T0 + 600, date=T0))
    go(limiter, UPDATE, T0 + 1)
    before = eta(limiter, [CREATE] * 200, T0 + 2)
    assert eta(limiter, [CREATE] * 200, T0 + 2) == before
    assert limiter.under_way == 1
    go(limiter, CREATE, T0 + 2)


def test_nothing_takes_no_time() -> None:
    """An empty plan has an ETA of zero."""
    assert eta(Limiter(GITHUB), [], T0) == 0


def test_an_eta_knows_the_primary_budget_and_a_pause() -> None:
    """What holds the requests now is in the figure."""
    limiter = Limiter(GITHUB)
    limiter.answered(go(limiter, READ, T0), T0, core(1, T0 + 500, date=T0))
    assert eta(limiter, [READ] * 2, T0, rtt=1) == pytest.approx(502)
    limiter = Limiter(GITHUB)
    limiter.rejected(go(limiter, READ, T0), T0, Headers(retry_after=90), primary=False)
    assert eta(limiter, [READ], T0, rtt=1) == pytest.approx(91)


def test_profiles_have_the_names_that_users_type() -> None:
    """For options and the configuration."""
    assert {"github.com", "ghes", "cautious", "none"} <= set(PROFILES)


@pytest.mark.parametrize(("limit", "period"), [(0, 60.0), (-1, 60.0), (5, 0.0), (5, math.nan)])
def test_a_window_that_lets_nothing_through_is_refused(limit: int, period: float) -> None:
    """A custom profile with a slip in it is a configuration error, not an endless wait."""
    with pytest.raises(ConfigError, match="limit"):
        Window(name="x", limit=limit, period=period)


@pytest.mark.parametrize("wrong", [{"concurrency": 0}, {"concurrency": 1, "gap": -1.0}])
def test_a_profile_that_lets_nothing_through_is_refused(wrong: dict[str, float]) -> None:
    """The same for concurrency and gap."""
    with pytest.raises(ConfigError, match="no request through"):
        Profile(name="x", **wrong)  # type: ignore[arg-type]


# ---------------------------------------------------------------------- state machine

SMALL = Profile(
    name="small",
    content=(Window(name="c1", limit=3, period=10.0), Window(name="c2", limit=5, period=50.0)),
    points=(Window(name="p", limit=20, period=10.0),),
    concurrency=4,
    gap=0.5,
)
_headers = st.builds(
    Headers,
    limit=st.sampled_from([None, 0, 1, 60, 5000]),
    remaining=st.sampled_from([None, -1, 0, 1, 2, 50, 4999]),
    reset=st.one_of(st.none(), st.integers(int(T0) - 4000, int(T0) + 9000)),
    retry_after=st.sampled_from([None, None, -5.0, 0.0, 0.3, 2.0, 90.0, math.nan, math.inf]),
    date=st.one_of(st.none(), st.floats(T0 - 600, T0 + 900)),
    resource=st.sampled_from([None, "core", "core", "search"]),
)
_costs = st.sampled_from([READ, UPDATE, CREATE, CREATE])


class LimiterMachine(RuleBasedStateMachine):
    """Any order of asking, answers, rejections, losses and time, with any headers."""

    def __init__(self) -> None:
        super().__init__()
        self.limiter = Limiter(SMALL, reserve=2)
        self.now = T0
        self.out: list[Ticket] = []
        self.log: list[tuple[Ticket, float]] = []  # each with the latest time it can arrive
        self.paused_until = -math.inf

    def note(self, ticket: Ticket, latest: float) -> None:
        self.out.remove(ticket)
        self.log.append((ticket, latest))

    @rule(cost=_costs)
    def ask(self, cost: Cost) -> None:
        decision = self.limiter.ask(cost, self.now)
        if isinstance(decision, Hold):
            assert decision.reason
            assert self.out if decision.until is None else decision.until > self.now
            return
        assert self.now >= self.paused_until
        self.out.append(decision.ticket)
        self.audit()

    def audit(self) -> None:
        """All arrive as late as they can, the newest one at once: still no window is over."""
        seen = [*self.log, *((ticket, self.now) for ticket in self.out)]
        assert len(self.out) <= SMALL.concurrency
        for window in SMALL.content:
            late = [t for t, at in seen if t.cost.content and at >= self.now - window.period]
            assert len(late) <= window.limit
        for window in SMALL.points:
            late = [t for t, at in seen if at >= self.now - window.period]
            assert sum(t.cost.points for t in late) <= window.limit

    @rule(seconds=st.one_of(st.floats(0, 15), st.sampled_from([0.5, 10.0, 50.0, 700.0, 4000.0])))
    def wait(self, seconds: float) -> None:
        self.now += seconds

    @precondition(lambda self: self.out)
    @rule(data=st.data(), headers=st.one_of(st.none(), _headers))
    def answer(self, data: st.DataObject, headers: Headers | None) -> None:
        ticket = data.draw(st.sampled_from(self.out))
        self.note(ticket, self.now)
        self.limiter.answered(ticket, self.now, headers)

    @precondition(lambda self: self.out)
    @rule(data=st.data(), headers=st.one_of(st.none(), _headers), primary=st.booleans())
    def reject(self, data: st.DataObject, headers: Headers | None, primary: bool) -> None:
        ticket = data.draw(st.sampled_from(self.out))
        self.note(ticket, self.now)
        hold = self.limiter.rejected(ticket, self.now, headers, primary=primary)
        assert hold.until is not None
        assert hold.until >= self.paused_until or self.paused_until <= self.now
        self.paused_until = hold.until

    @precondition(lambda self: self.out)
    @rule(data=st.data())
    def lose(self, data: st.DataObject) -> None:
        ticket = data.draw(st.sampled_from(self.out))
        self.note(ticket, self.now + 30)
        self.limiter.abandoned(ticket, self.now)

    @rule(costs=st.lists(_costs, max_size=12))
    def estimate(self, costs: list[Cost]) -> None:
        assert 0 <= eta(self.limiter, costs, self.now) < 90_000

    @invariant()
    def there_is_a_way_out(self) -> None:
        """Doing what each hold says leads to a go within a few steps and within hours."""
        limiter, now, out = copy.deepcopy(self.limiter), self.now, list(self.out)
        for _ in range(30):
            decision = limiter.ask(CREATE, now)
            if isinstance(decision, Go):
                assert now < self.now + 9000
                return
            if decision.until is None:
                limiter.answered(out.pop(0), now, None)
            else:
                assert decision.until > now
                now = decision.until
                while out and now > self.now + 60:  # nobody waits that long for an answer
                    limiter.abandoned(out.pop(), self.now + 60)
        raise AssertionError("the limiter is stuck")


TestLimiterMachine = LimiterMachine.TestCase
TestLimiterMachine.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
