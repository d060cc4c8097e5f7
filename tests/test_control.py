"""A pause is at the gate: nothing that waits there goes out meanwhile, whatever it waits for."""

from __future__ import annotations

import asyncio

from ghsync.clock import VirtualClock
from ghsync.limiter import GITHUB, Limiter
from ghsync.model import Cost
from ghsync.remote.gate import Gate

START = 1_795_000_000.0


def test_nothing_passes_a_paused_gate() -> None:
    """Not what arrives, not what waited for a limit whose time has come; only what is urgent."""

    async def story() -> None:
        clock = VirtualClock(START)
        gate = Gate(Limiter(GITHUB), clock)
        create = Cost(points=5, content=True)
        gate.answered(await gate.enter(create), None)
        second = asyncio.ensure_future(gate.enter(create))  # waits for the even pace
        third = asyncio.ensure_future(gate.enter(Cost()))
        await asyncio.sleep(0)
        gate.pause()
        await clock.sleep_until(START + 60)
        assert not second.done()
        assert not third.done()
        gate.answered(await gate.enter(Cost(), urgent=True), None)
        assert not second.done()
        gate.resume()
        for waiting in (second, third):
            gate.answered(await waiting, None)

    asyncio.run(story())


def test_what_waits_in_a_pause_can_be_cancelled() -> None:
    """The line moves on without it."""

    async def story() -> None:
        gate = Gate(Limiter(GITHUB), VirtualClock(START))
        gate.pause()
        first = asyncio.ensure_future(gate.enter(Cost()))
        second = asyncio.ensure_future(gate.enter(Cost()))
        await asyncio.sleep(0)
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)
        gate.resume()
        gate.answered(await second, None)

    asyncio.run(story())
