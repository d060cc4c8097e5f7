"""What GitHub sees: the server's own log of arrivals, audited by code that is not the limiter's."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import replace
from email.utils import formatdate

import pytest
from limiter_kit import CREATE, ME, READ, T0, UPDATE, Site, optimum, worst

from ghsync.clock import VirtualClock
from ghsync.limiter import GITHUB, Limiter
from ghsync.model import Waiting
from ghsync.remote.auth import Token
from ghsync.remote.client import Client
from ghsync.remote.gate import Gate
from ghsync.remote.requests import create_issue, get_repo
from ghsync.sandbox.faults import FaultKind, FaultRule
from ghsync.sandbox.github import GitHub
from ghsync.sandbox.inprocess import SandboxTransport
from ghsync.sandbox.limits import CAUTIOUS, Limits, Neighbour
from ghsync.sandbox.limits import GITHUB as GITHUB_LIMITS
from ghsync.sandbox.seeds import SANDBOX_LOGIN, SANDBOX_TOKEN

REPO = "octo/plan"


# ---------------------------------------------------- the limiter against the sandbox's meter


@pytest.mark.parametrize(
    ("m", "most"),
    [(100, optimum(100) + 15), (1000, 1.01 * optimum(1000))],
)
def test_at_the_limit_and_never_over_it(m: int, most: float) -> None:
    """Near the least possible time, no rejection, no window of the server's over its limit.

    10,000 are in ``test_forecast.py``.
    """
    site = Site()
    assert site.run([CREATE] * m) == m
    assert site.rejections == []
    assert worst(site.created, 60.0) <= 80
    assert worst(site.created, 3600.0) <= 500
    assert optimum(m) <= site.created[-1] - site.created[0] <= most


@pytest.mark.parametrize("seed", range(3))
def test_restarts_do_not_burst(seed: int) -> None:
    """Killed at any moment and started again at once, 20 times: the windows go on."""
    rng = random.Random(seed)
    site, left = Site(rtt=rng.choice([0.1, 0.3, 2.0])), 1200
    for _ in range(20):
        left -= site.run([CREATE] * left, until=site.now + rng.uniform(0.5, 600))
        site.restart(after=rng.uniform(0.1, 20))
    site.run([CREATE] * left)
    assert site.rejections == []
    assert worst(site.created, 60.0) <= 80
    assert worst(site.created, 3600.0) <= 500
    assert len(site.created) >= 1200


@pytest.mark.parametrize("skew", [-600.0, 600.0])
def test_a_clock_that_is_ten_minutes_off(skew: float) -> None:
    """1,000 requests an hour, as for Actions' token: each reset is hit to the second."""
    site = Site(limits=Limits(primary=1000), skew=skew)
    site.run([READ] * 2500)
    assert site.rejections == []
    assert 7200 <= site.took <= 7200 + 60 + 2500 / 900 * 60


def test_actions_own_token() -> None:
    """GITHUB_TOKEN's 1,000 an hour do not slow 1,000 creates: the hour's 500 bind before."""
    site = Site(limits=Limits(primary=1000))
    site.run([CREATE] * 1000)
    assert site.rejections == []
    assert site.took <= 1.01 * optimum(1000)


def test_a_reserve_is_left_to_others() -> None:
    """With 400 of 1,000 kept back, 600 go in each hour, and a person can use the rest."""
    site = Site(limits=Limits(primary=1000), reserve=400)
    site.meter.neighbours.append(Neighbour(ME, since=T0, requests=300))
    site.run([UPDATE] * 1300)
    assert site.rejections == []
    hours = [sum(1 for e in site.log if 0 <= e.at - T0 - 3601 * h < 3600) for h in range(3)]
    assert max(hours) <= 600
    assert site.took <= 3 * 3700


Said = Callable[[float], str | None]
"""What a server says about waiting, by its clock's distance from ours."""


def given(value: str | None) -> Said:
    """A server that says this whatever the wait is."""
    return lambda _: value


def as_date(skew: float) -> str:
    """A server that names a time of its own clock instead of seconds (RFC 9110)."""
    return formatdate(T0 + skew + 110, usegmt=True)


@pytest.mark.parametrize("skew", [-600.0, 0.0, 600.0])
@pytest.mark.parametrize(
    "said",
    [given("0"), given("0.4"), given("-7"), given(None), given("soon"), as_date],
    ids=["zero", "fractional", "negative", "absent", "words", "date"],
)
def test_whatever_retry_after_says(said: Said, skew: float) -> None:
    """A hidden 20 a minute: a few rejections, and no time lost beyond what the server asked."""
    site = Site(limits=CAUTIOUS, retry_after=lambda _: said(skew), skew=skew)
    site.run([CREATE] * 100)
    assert len(site.rejections) <= 3
    assert site.took <= 420
    assert worst(site.created, 60.0) <= 20


@pytest.mark.parametrize("reset", [-5000, -1, 0])
def test_a_reset_in_the_past(reset: int) -> None:
    """Nothing remains and the reset is over: the answer is old, and nobody waits for an hour."""
    site = Site()
    headers = site.meter.headers(ME, search=False, now=T0)
    site.meter.headers = lambda *_, **__: tuple(  # type: ignore[method-assign]
        (
            name,
            {"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(int(T0) + reset)}.get(name, v),
        )
        for name, v in headers
    )
    site.run([READ] * 5)
    assert site.took <= 10


# ------------------------------------------------- the real client against the whole sandbox


class Wire:
    """A sandbox, a virtual clock and the real client; each test tells a story with it."""

    def __init__(self, limits: Limits = GITHUB_LIMITS, *, latency: float = 0.25) -> None:
        self.github = GitHub(limits=limits)
        self.clock = VirtualClock(T0)
        self.waits: list[Waiting] = []
        self._latency = latency

    def run(self, story: Callable[[Client], Awaitable[object]]) -> None:
        """Tell a story inside the client's block."""

        async def inside() -> None:
            gate = Gate(Limiter(GITHUB), self.clock, on_wait=self.waits.append)
            async with Client(
                api_url="https://api.github.com",
                token=Token(SANDBOX_TOKEN, source="test"),
                gate=gate,
                clock=self.clock,
                transport=SandboxTransport(self.github, self.clock, latency=self._latency),
            ) as client:
                await story(client)

        asyncio.run(inside())

    @property
    def limited(self) -> list[float]:
        """When the server turned a request away."""
        return [entry.time for entry in self.github.log if entry.limited]


async def create(client: Client, number: int) -> None:
    """Make one issue."""
    await client.send(create_issue(REPO, title=f"Issue {number}", body="Text."))


def test_a_herd_at_one_reset_sends_one_canary() -> None:
    """The budget is gone and 100 wait: after the reset one goes, and nobody until it is back."""
    wire = Wire(Limits(primary=7))

    async def story(client: Client) -> None:
        await client.send(get_repo(REPO))
        await asyncio.gather(*(client.send(get_repo(REPO)) for _ in range(100)), *())

    # 100 requests need fifteen hours of seven; five hours are enough to see it.
    with pytest.raises(TimeoutError):
        wire.run(lambda client: _for_hours(wire.clock, 5, story(client)))
    times = [entry.time for entry in wire.github.log]
    assert wire.limited == []
    for hour in range(1, 5):
        first = next(t for t in times if t > T0 + 3600 * hour)
        assert sum(first <= t < first + 0.25 for t in times) == 1


async def _for_hours(clock: VirtualClock, hours: float, work: Awaitable[object]) -> None:
    task = asyncio.ensure_future(work)
    timer = asyncio.ensure_future(clock.sleep_until(T0 + hours * 3600))
    await asyncio.wait({task, timer}, return_when=asyncio.FIRST_COMPLETED)
    task.cancel()
    timer.cancel()
    await asyncio.gather(task, timer, return_exceptions=True)
    raise TimeoutError


@pytest.mark.parametrize("retry_after", ["45", "0", "0.3", "-1", None])
def test_a_herd_at_one_rejection_leaks_nothing(retry_after: str | None) -> None:
    """100 requests meet a limit: beside those in flight nothing goes until a canary is back."""
    wire = Wire()
    wire.github.faults.install(
        FaultRule(kind=FaultKind.LIMITED, skip=20, times=10, status=403, retry_after=retry_after)
    )

    async def story(client: Client) -> None:
        await asyncio.gather(*(client.send(get_repo(REPO)) for _ in range(100)))

    wire.run(story)
    times = [entry.time for entry in wire.github.log]
    first = wire.limited[0]
    canary = first + 0.25 - 0.01  # the answer travels, and the next request
    in_flight = [t for t in times if first <= t < canary]
    after = [t for t in times if t >= canary]
    assert len(in_flight) <= GITHUB.concurrency
    assert after[1] - after[0] >= 0.24  # the canary was back
    assert len(wire.limited) <= GITHUB.concurrency + 4
    assert bool(wire.waits) == (retry_after in ("45", None))  # one that lasts is told


def test_the_client_learns_a_hidden_limit() -> None:
    """250 creates on 20 and 150, 50 of them asked for at once: as few rejections as alone."""
    wire = Wire(replace(CAUTIOUS, retry_after="absent"))

    async def story(client: Client) -> None:
        for start in range(0, 250, 50):
            await asyncio.gather(*(create(client, start + i) for i in range(50)))

    wire.run(story)
    assert len(wire.limited) <= 4
    made = [entry.time for entry in wire.github.log if entry.content and entry.executed]
    assert len(made) == 250
    assert worst(made, 60.0) <= 20
    assert wire.clock.now() - T0 <= 1.01 * optimum(250, minute=20, hour=150) + 60
    assert any("GitHub lets through only 150 new issues an hour" in w.reason for w in wire.waits)
    assert all(w.until - w.seconds >= T0 and w.reason for w in wire.waits)


def test_a_person_beside_the_client() -> None:
    """Somebody opens an issue every 36 s with the same account: the windows hold for both."""
    wire = Wire()
    wire.github.meter.neighbours.append(Neighbour(SANDBOX_LOGIN, since=T0 - 3600, content=100))

    async def story(client: Client) -> None:
        await asyncio.gather(*(create(client, i) for i in range(250)))

    wire.run(story)
    assert len(wire.limited) <= 3
