"""The gate: one line for everybody, one pause for everybody, and no ticket lost."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from itertools import pairwise

import pytest

from ghsync.clock import Clock, SystemClock, VirtualClock
from ghsync.limiter import GHES, GITHUB, Headers, Limiter, Profile, Ticket, Window, eta
from ghsync.model import Cost, Waiting
from ghsync.remote.gate import Gate

READ = Cost(points=1)
UPDATE = Cost(points=5)
CREATE = Cost(points=5, content=True)
T0 = 1_800_000_000.0


class Server:
    """A toy GitHub in virtual time: it may be blocked, and it notes when requests arrive."""

    def __init__(
        self, clock: VirtualClock, *, blocked_until: float = 0.0, rtt: float = 0.3
    ) -> None:
        self.clock = clock
        self.blocked_until = blocked_until
        self.rtt = rtt
        self.skew = 0.0
        self.retry_after: Callable[[float], float | None] = lambda left: left
        self.arrived: list[float] = []
        self.rejections = 0

    async def handle(self) -> Headers | None:
        """Answer with headers that ask to wait, or with ``None``, which is a success."""
        await self.clock.sleep_until(self.clock.now() + self.rtt / 2)
        now = self.clock.now()
        self.arrived.append(now)
        rejected = now < self.blocked_until
        wait = self.retry_after(self.blocked_until - now) if rejected else None
        await self.clock.sleep_until(now + self.rtt / 2)
        if not rejected:
            return None
        self.rejections += 1
        return Headers(retry_after=wait, date=float(int(now + self.skew)))


async def send(gate: Gate, server: Server, cost: Cost) -> None:
    """Do what the client does: enter, send, report; wait and send again when rejected."""
    while True:
        ticket = await gate.enter(cost)
        headers = await server.handle()
        if headers is None:
            gate.answered(ticket, None)
            return
        gate.rejected(ticket, headers, primary=False)


def run(main: Callable[[VirtualClock], Awaitable[None]]) -> VirtualClock:
    """Run a coroutine on a virtual clock, and check that it leaves no task behind."""

    async def body() -> None:
        await main(clock)
        left = asyncio.all_tasks() - {asyncio.current_task()}
        assert not left

    clock = VirtualClock(T0)
    asyncio.run(body())
    return clock


# ------------------------------------------------------------------------- the line


def test_first_come_first_served_whatever_it_costs() -> None:
    """20 writes before 300 reads go first, and each kind in its order; aiolimiter fails this."""
    order: list[int] = []

    async def main(clock: VirtualClock) -> None:
        gate = Gate(Limiter(GITHUB), clock)

        async def one(number: int, cost: Cost) -> None:
            ticket = await gate.enter(cost)
            order.append(number)
            gate.answered(ticket, None)

        costs = [CREATE] * 20 + [READ] * 300 + [UPDATE] * 20 + [READ] * 20
        await asyncio.gather(*(one(i, cost) for i, cost in enumerate(costs)))

    run(main)
    assert order == list(range(360))


def test_a_newcomer_does_not_overtake_the_line() -> None:
    """Who enters while others wait, stands behind them, even when there is room for it."""
    order: list[str] = []

    async def main(clock: VirtualClock) -> None:
        gate = Gate(Limiter(GITHUB), clock)
        gate.answered(await gate.enter(CREATE), None)

        async def one(name: str, cost: Cost) -> None:
            gate.answered(await gate.enter(cost), None)
            order.append(name)

        waiting = asyncio.ensure_future(one("create", CREATE))
        await asyncio.sleep(0)
        await one("read", READ)
        await waiting

    run(main)
    assert order == ["create", "read"]


@pytest.mark.parametrize("seed", range(5))
def test_the_eta_is_the_real_schedule(seed: int) -> None:
    """A mixed batch through the gate takes what the limiter said before, to the millisecond."""
    rng = random.Random(seed)
    costs = rng.choices([CREATE, UPDATE, READ], k=700)
    profile = rng.choice([GITHUB, GITHUB, GHES])
    taken: list[float] = []

    async def main(clock: VirtualClock) -> None:
        limiter = Limiter(profile)
        limiter.seed([(T0 - rng.uniform(0, 5000), CREATE) for _ in range(200)])
        gate, server = Gate(limiter, clock), Server(clock, rtt=0.4)
        expected = eta(limiter, costs, clock.now(), rtt=0.4)
        await asyncio.gather(*(send(gate, server, cost) for cost in costs))
        taken.extend([clock.now() - T0, expected])

    run(main)
    assert taken[0] == pytest.approx(taken[1], abs=1e-3)


@pytest.mark.parametrize(("m", "least", "most"), [(100, 60.0, 75.0), (1000, 3960.0, 3999.9)])
def test_a_batch_is_as_fast_as_github_allows(m: int, least: float, most: float) -> None:
    """Virtual time against T(m); the server's own log never shows too many."""

    async def main(clock: VirtualClock) -> None:
        gate, server = Gate(Limiter(GITHUB), clock), Server(clock)
        await asyncio.gather(*(send(gate, server, CREATE) for _ in range(m)))
        times = server.arrived
        assert least <= clock.now() - T0 <= most
        assert all(b - a > 60 for a, b in zip(times, times[80:], strict=False))
        assert all(b - a > 3600 for a, b in zip(times, times[500:], strict=False))

    run(main)


# ------------------------------------------------------------------------ the pause


@pytest.mark.parametrize("skew", [-600.0, 0.0, 600.0])
@pytest.mark.parametrize("kind", ["exact", "short", "absent", "zero", "negative"])
def test_a_herd_sends_one_request_before_the_canary_returns(kind: str, skew: float) -> None:
    """100 waiters and one reset: nobody but the canary goes until it is answered well."""
    waits: dict[str, Callable[[float], float | None]] = {
        "exact": lambda left: left,
        "short": lambda left: left / 3 + 0.01,
        "absent": lambda left: None,
        "zero": lambda left: 0.0,
        "negative": lambda left: -3.5,
    }

    async def main(clock: VirtualClock) -> None:
        gate = Gate(Limiter(GITHUB), clock)
        server = Server(clock, blocked_until=T0 + 500)
        server.skew, server.retry_after = skew, waits[kind]
        await asyncio.gather(*(send(gate, server, READ) for _ in range(100)))
        during = [t for t in server.arrived if t < server.blocked_until]
        after = sorted(t for t in server.arrived if t >= server.blocked_until)
        first = sum(t < during[0] + server.rtt for t in during)
        assert first <= GITHUB.concurrency  # those under way when the first was rejected
        assert all(b - a >= server.rtt * 0.99 for a, b in pairwise(during[first - 1 :]))
        assert after[1] - after[0] >= server.rtt * 0.99  # the canary returned before the next
        assert len(during) - first <= 13

    run(main)


def test_nothing_leaks_during_a_pause() -> None:
    """Between a rejection and the end of its retry-after no request of any kind is sent."""

    async def main(clock: VirtualClock) -> None:
        gate = Gate(Limiter(GITHUB), clock)
        server = Server(clock, blocked_until=T0 + 60.2)

        async def later(cost: Cost, seconds: float) -> None:
            await clock.sleep_until(T0 + seconds)
            await send(gate, server, cost)

        costs = [READ, UPDATE, CREATE]
        await asyncio.gather(*(later(costs[i % 3], i * 0.9) for i in range(90)))
        assert server.rejections == 1  # the others came after its answer
        assert [t for t in server.arrived if T0 + 0.4 < t < T0 + 60.2] == []

    run(main)


# -------------------------------------------------------------------- cancellation


@pytest.mark.parametrize("seed", range(8))
def test_cancelling_at_any_moment_loses_no_ticket_and_stops_nobody(seed: int) -> None:
    """Half of 200 tasks are cancelled at random; the rest get through, and all is given back."""
    rng = random.Random(seed)

    async def main(clock: VirtualClock) -> None:
        window = Window(name="c", limit=20, period=30.0)
        limiter = Limiter(Profile(name="x", content=(window,), concurrency=3, gap=0.5))
        gate = Gate(limiter, clock)

        async def one() -> None:
            ticket = await gate.enter(CREATE)
            try:
                await clock.sleep_until(clock.now() + rng.uniform(0, 2))
                gate.answered(ticket, None)
            finally:
                gate.abandoned(ticket)

        async def kill(task: asyncio.Task[None], at: float) -> None:
            await clock.sleep_until(at)
            for _ in range(rng.randrange(4)):
                await asyncio.sleep(0)
            task.cancel()

        tasks = [asyncio.ensure_future(one()) for _ in range(200)]
        kills = [kill(t, T0 + rng.choice([0, 0.5, 1, 30, rng.uniform(0, 400)])) for t in tasks[::2]]
        await asyncio.gather(*kills)
        outcomes = await asyncio.gather(*tasks, return_exceptions=True)
        assert all(outcome is None for outcome in outcomes[1::2])
        assert limiter.under_way == 0
        gate.answered(await gate.enter(CREATE), None)

    run(main)


def test_a_turn_that_comes_with_a_cancellation_is_passed_on() -> None:
    """Called to the front and cancelled in the same moment: the next one is called instead."""

    async def main(clock: VirtualClock) -> None:
        gate = Gate(Limiter(Profile(name="x", concurrency=1)), clock)
        held = await gate.enter(READ)
        first = asyncio.ensure_future(gate.enter(READ))
        second = asyncio.ensure_future(gate.enter(READ))
        third = asyncio.ensure_future(gate.enter(READ))
        await asyncio.sleep(0)
        gate.answered(held, None)  # wakes the first …
        await asyncio.sleep(0)  # … which calls the second
        second.cancel()
        gate.answered(await first, None)
        gate.answered(await third, None)
        with pytest.raises(asyncio.CancelledError):
            await second

    run(main)


def test_a_cancelled_canary_is_replaced() -> None:
    """Ctrl-C in one task does not leave the others waiting for its answer."""

    async def main(clock: VirtualClock) -> None:
        gate = Gate(Limiter(GITHUB), clock)
        gate.rejected(await gate.enter(READ), Headers(retry_after=5.0), primary=False)
        canary: Ticket = await gate.enter(READ)
        other = asyncio.ensure_future(gate.enter(READ))
        await asyncio.sleep(0)
        assert not other.done()
        gate.abandoned(canary)
        gate.answered(await other, None)

    assert run(main).now() == T0 + 5


# ------------------------------------------------------------------------- telling


def test_the_urgent_pass_the_line_and_no_limit() -> None:
    """While creates wait for an hour's window, an urgent update goes; in a pause it waits, too."""
    times: list[float] = []

    async def main(clock: VirtualClock) -> None:
        gate, server = Gate(Limiter(GITHUB), clock), Server(clock)

        async def update() -> None:
            ticket = await gate.enter(UPDATE, urgent=True)
            times.append(clock.now())
            gate.answered(ticket, await server.handle())

        creates = [asyncio.ensure_future(send(gate, server, CREATE)) for _ in range(510)]
        await clock.sleep_until(T0 + 1800)
        await update()
        ticket = await gate.enter(UPDATE, urgent=True)
        gate.rejected(ticket, Headers(retry_after=90.0), primary=False)
        await update()
        await asyncio.gather(*creates)

    run(main)
    assert times == [T0 + 1800, pytest.approx(T0 + 1890.3)]


def test_an_urgent_one_waits_for_a_place_among_those_under_way() -> None:
    """Where only an answer makes room, it asks again."""
    profile = Profile(name="one", content=(), points=(), concurrency=1, gap=0.0)
    entered: list[float] = []

    async def main(clock: VirtualClock) -> None:
        gate = Gate(Limiter(profile), clock)
        first = await gate.enter(UPDATE)

        async def update() -> None:
            gate.answered(await gate.enter(UPDATE, urgent=True), None)
            entered.append(clock.now())

        waiting = asyncio.ensure_future(update())
        await clock.sleep_until(T0 + 3.5)
        gate.answered(first, None)
        await waiting

    run(main)
    assert entered == [T0 + 4]


def test_a_wait_is_told_once_and_the_pace_never() -> None:
    """600 creates: a few long waits are told, with reason, length and end; nothing else is."""
    told: list[Waiting] = []

    async def main(clock: VirtualClock) -> None:
        gate, server = Gate(Limiter(GITHUB), clock, on_wait=told.append), Server(clock)
        await asyncio.gather(*(send(gate, server, CREATE) for _ in range(600)))

    run(main)
    assert [w.reason for w in told] == ["GitHub allows 500 new issues an hour"]
    assert told[0].seconds > 3000
    assert T0 + 3600 < told[0].until < T0 + 3602


def test_a_pause_is_told_at_once_and_once() -> None:
    """By the rejection itself, however many requests wait for it."""
    told: list[Waiting] = []

    async def main(clock: VirtualClock) -> None:
        gate = Gate(Limiter(GITHUB), clock, on_wait=told.append)
        server = Server(clock, blocked_until=T0 + 45)
        await asyncio.gather(*(send(gate, server, READ) for _ in range(50)))

    run(main)
    assert [w.reason for w in told] == ["secondary limit: GitHub asked to wait 45 s"]
    assert told[0].until == pytest.approx(T0 + 45.15)


def test_who_passes_the_line_tells_its_wait_too() -> None:
    """The lock's renewal is urgent, and held by a full window like anybody."""
    told: list[Waiting] = []

    async def main(clock: VirtualClock) -> None:
        window = Window(name="c", limit=1, period=30.0)
        profile = Profile(name="x", content=(window,), concurrency=3)
        gate = Gate(Limiter(profile), clock, on_wait=told.append)
        gate.answered(await gate.enter(CREATE, urgent=True), None)
        gate.answered(await gate.enter(CREATE, urgent=True), None)

    run(main)
    assert [w.reason for w in told] == ["GitHub allows 1 new issue in 30 s"]
    assert told[0].seconds == pytest.approx(30, abs=0.1)


def test_a_canary_that_meets_a_broken_server_is_followed_by_another() -> None:
    """A 502 says nothing of the limit, so nobody else goes before one is answered well."""
    order: list[float] = []

    async def main(clock: VirtualClock) -> None:
        gate = Gate(Limiter(GITHUB), clock)
        gate.rejected(await gate.enter(READ), Headers(retry_after=60), primary=False)

        async def one(number: int) -> None:
            ticket = await gate.enter(READ)
            order.append(clock.now() - T0)
            await clock.sleep_until(clock.now() + 1.0)
            gate.answered(ticket, None, failed=number < 2)

        await asyncio.gather(*(one(i) for i in range(8)))

    run(main)
    assert order[:4] == pytest.approx([60, 61, 62, 63])


def test_short_waits_are_not_told() -> None:
    """Half a second is nothing to read about."""
    told: list[Waiting] = []

    async def main(clock: VirtualClock) -> None:
        window = Window(name="c", limit=1, period=0.4)
        gate = Gate(
            Limiter(Profile(name="x", content=(window,), concurrency=1)), clock, on_wait=told.append
        )
        for _ in range(5):
            gate.answered(await gate.enter(CREATE), None)

    run(main)
    assert told == []


# --------------------------------------------------------------------- real time


def test_it_works_on_the_system_clock_and_spreads_bursts() -> None:
    """In real time a few requests pass at once; aiolimiter stands in front of the limiter then."""

    async def main(clock: Clock) -> None:
        gate = Gate(Limiter(GITHUB), clock)
        for _ in range(10):
            gate.answered(await gate.enter(READ), None)
        assert gate._smoother is None  # it would let these through, and is slow to import
        gate.answered(await gate.enter(READ), None)
        assert gate._smoother is not None
        assert not gate._smoother.has_capacity(6)

    asyncio.run(main(SystemClock()))


def test_a_server_without_limits_is_not_smoothed() -> None:
    """There the machine is the limit."""

    async def main(clock: Clock) -> None:
        gate = Gate(Limiter(GHES), clock)
        for _ in range(100):
            gate.answered(await gate.enter(CREATE), None)
        assert gate._smoother is None

    asyncio.run(main(SystemClock()))
