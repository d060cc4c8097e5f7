"""The sandbox as an httpx transport on a virtual clock."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import httpx
import pytest
from contract import ConformingTransport, ContractError
from sandbox_kit import NOW, R

from ghsync.clock import VirtualClock
from ghsync.sandbox.faults import FaultKind, FaultRule
from ghsync.sandbox.github import GitHub
from ghsync.sandbox.inprocess import SandboxTransport
from ghsync.sandbox.limits import GITHUB, NONE

HEADERS = {"authorization": "Bearer sandbox-token", "x-github-api-version": "2026-03-10"}


def run(
    use: Callable[[httpx.AsyncClient, VirtualClock], Awaitable[None]],
    github: GitHub,
    *,
    latency: float = 0.25,
) -> None:
    """Use a client of the sandbox inside a loop of its own; every exchange is checked."""

    async def main() -> None:
        clock = VirtualClock(NOW)
        transport = ConformingTransport(SandboxTransport(github, clock, latency=latency))
        async with httpx.AsyncClient(
            transport=transport, base_url="https://api.github.com", headers=HEADERS
        ) as client:
            await use(client, clock)

    asyncio.run(main())


def test_a_request_takes_its_latency_in_virtual_time() -> None:
    """0.25 s by default, none when told; the answer is httpx's own kind of response."""

    async def use(client: httpx.AsyncClient, clock: VirtualClock) -> None:
        reply = await client.post(f"{R}/issues", json={"title": "x"})
        assert (reply.status_code, reply.json()["number"]) == (201, 1)
        assert clock.now() == pytest.approx(NOW + 0.25)

    run(use, GitHub(limits=NONE))

    async def at_once(client: httpx.AsyncClient, clock: VirtualClock) -> None:
        await client.get(R)
        assert clock.now() == NOW

    run(at_once, GitHub(limits=NONE), latency=0.0)


@pytest.mark.parametrize(
    ("rule", "error", "count"),
    [
        (FaultRule(kind=FaultKind.TIMEOUT, method="POST"), httpx.ReadTimeout, 0),
        (FaultRule(kind=FaultKind.TIMEOUT, method="POST", committed=True), httpx.ReadTimeout, 1),
        (FaultRule(kind=FaultKind.RESET, method="POST"), httpx.ReadError, 0),
        (FaultRule(kind=FaultKind.RESET, method="POST", committed=True), httpx.ReadError, 1),
        (FaultRule(kind=FaultKind.REFUSED, method="POST"), httpx.ConnectError, 0),
        (FaultRule(kind=FaultKind.TRUNCATED, method="POST"), httpx.RemoteProtocolError, 1),
        (FaultRule(kind=FaultKind.SLOW, method="POST", seconds=60), httpx.ReadTimeout, 1),
    ],
)
def test_faults_become_httpx_errors(
    rule: FaultRule, error: type[httpx.TransportError], count: int
) -> None:
    """Each fault is what httpx would raise on a real network; the commit is as the rule says."""
    github = GitHub(limits=NONE)
    github.faults.install(rule)

    async def use(client: httpx.AsyncClient, clock: VirtualClock) -> None:
        with pytest.raises(error):
            await client.post(f"{R}/issues", json={"title": "x"})
        assert len((await client.get(f"{R}/issues")).json()) == count

    run(use, github)


def test_a_slow_answer_arrives_in_the_end() -> None:
    """Within the client's patience a slow answer is just late."""
    github = GitHub(limits=NONE)
    github.faults.install(FaultRule(kind=FaultKind.SLOW, seconds=3))

    async def use(client: httpx.AsyncClient, clock: VirtualClock) -> None:
        assert (await client.get(R)).status_code == 200
        assert clock.now() == pytest.approx(NOW + 3.25)

    run(use, github)


def test_more_than_a_hundred_at_once_are_refused() -> None:
    """Requests in flight count while their latency runs."""
    github = GitHub(limits=GITHUB)

    async def use(client: httpx.AsyncClient, clock: VirtualClock) -> None:
        replies = await asyncio.gather(*(client.get(R) for _ in range(130)))
        assert [r.status_code for r in replies] == [200] * 100 + [403] * 30
        assert github.meter.in_flight == 0
        assert (await client.get(R)).status_code == 200

    run(use, github)


def test_a_request_cancelled_on_its_way_never_arrives() -> None:
    """Cancelled in the first half of the latency: nothing executed; in the second: executed."""
    github = GitHub(limits=NONE)

    async def use(client: httpx.AsyncClient, clock: VirtualClock) -> None:
        await client.get(R)
        for after, count in ((0.05, 0), (0.2, 1)):
            task = asyncio.create_task(client.post(f"{R}/issues", json={"title": "x"}))
            await clock.sleep_until(clock.now() + after)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert len(github.state.repo_named("sandbox/demo").issues) == count  # type: ignore[union-attr]
        assert github.meter.in_flight == 0

    run(use, github)


def test_a_request_that_github_would_ignore_fails_the_test() -> None:
    """The judge refuses unknown fields, wrong types, and bodies where none belongs."""

    async def use(client: httpx.AsyncClient, clock: VirtualClock) -> None:
        for wrong in ({"title": "x", "titel": "y"}, {"title": "x", "assignee": "sandbox-user"}):
            with pytest.raises(ContractError):
                await client.post(f"{R}/issues", json=wrong)

    run(use, GitHub(limits=NONE))
