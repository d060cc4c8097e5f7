"""The clocks: the system's never steps, the virtual one jumps exactly when everybody waits."""

from __future__ import annotations

import asyncio
import threading
import time

import pytest

from ghsync.clock import Clock, SystemClock, VirtualClock


def test_virtual_sleep_takes_virtual_time_only() -> None:
    """A night passes at once."""
    clock = VirtualClock(1000.0)
    asyncio.run(asyncio.wait_for(clock.sleep_until(90_000.5), timeout=30))
    assert clock.now() == 90_000.5


def test_sleepers_wake_in_order_of_their_times() -> None:
    """Several tasks interleave as they would in real time; equal times wake in arrival order."""

    async def main(clock: VirtualClock) -> list[tuple[float, str]]:
        log: list[tuple[float, str]] = []

        async def ticker(name: str, every: float, times: int) -> None:
            for i in range(1, times + 1):
                await clock.sleep_until(i * every)
                log.append((clock.now(), name))

        await asyncio.gather(ticker("a", 3, 3), ticker("b", 4, 2), ticker("c", 3, 1))
        return log

    assert asyncio.run(main(VirtualClock(0.0))) == [
        (3, "a"), (3, "c"), (4, "b"), (6, "a"), (8, "b"), (9, "a"),
    ]  # fmt: skip


def test_time_stands_still_while_a_task_can_run() -> None:
    """A chain of a thousand hops between tasks takes no virtual time."""

    async def main(clock: VirtualClock) -> float:
        async def hops() -> float:
            for _ in range(1000):
                await asyncio.sleep(0)
            return clock.now()

        sleeper = asyncio.ensure_future(clock.sleep_until(50.0))
        seen = await hops()
        await sleeper
        return seen

    assert asyncio.run(main(VirtualClock(7.0))) == 7.0


def test_a_time_in_the_past_returns_at_once_but_lets_others_run() -> None:
    """Sleeping until the past neither moves the clock nor hogs the loop."""

    async def main(clock: VirtualClock) -> list[str]:
        log: list[str] = []

        async def other() -> None:
            log.append("other")

        task = asyncio.ensure_future(other())
        await clock.sleep_until(-5.0)
        log.append("sleeper")
        await task
        return log

    clock = VirtualClock(10.0)
    assert asyncio.run(main(clock)) == ["other", "sleeper"]
    assert clock.now() == 10.0


def test_a_cancelled_sleeper_leaves_no_trace() -> None:
    """The clock does not jump to a time that nobody waits for any more."""

    async def main(clock: VirtualClock) -> None:
        early = asyncio.ensure_future(clock.sleep_until(100.0))
        late = asyncio.ensure_future(clock.sleep_until(200.0))
        await asyncio.sleep(0)
        late.cancel()
        await early
        with pytest.raises(asyncio.CancelledError):
            await late
        for _ in range(100):
            await asyncio.sleep(0)

    clock = VirtualClock(0.0)
    asyncio.run(main(clock))
    assert clock.now() == 100.0


def test_it_outlives_its_event_loop() -> None:
    """A second run goes on where the first ended, even if that one was torn down asleep."""

    async def torn_down(clock: VirtualClock) -> None:
        task = asyncio.ensure_future(clock.sleep_until(9999.0))
        await asyncio.sleep(0)
        assert not task.done()

    clock = VirtualClock(0.0)
    asyncio.run(torn_down(clock))
    asyncio.run(clock.sleep_until(20.0))
    clock.advance(5.0)
    asyncio.run(clock.sleep_until(30.0))
    assert clock.now() == 30.0


def test_busy_work_in_a_thread_holds_the_clock() -> None:
    """Declared work that the loop cannot see keeps the time where it is."""

    async def main(clock: VirtualClock) -> float:
        sleeper = asyncio.ensure_future(clock.sleep_until(60.0))
        release = threading.Event()
        with clock.busy():
            work = asyncio.ensure_future(asyncio.to_thread(release.wait, 30))
            for _ in range(200):
                await asyncio.sleep(0)
            seen = clock.now()
            release.set()
            await work
        await sleeper
        return seen

    clock = VirtualClock(1.0)
    assert asyncio.run(main(clock)) == 1.0
    assert clock.now() == 60.0


def test_it_works_on_a_loop_that_does_not_show_its_queue(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a loop has no ``_ready`` list, some idle rounds do instead."""
    monkeypatch.setattr("ghsync.clock.Sized", int)
    clock = VirtualClock(0.0)

    async def main() -> None:
        await asyncio.gather(*(clock.sleep_until(float(t)) for t in (5, 3, 9)))

    asyncio.run(main())
    assert clock.now() == 9.0


def test_system_clock_ignores_steps_of_the_wall_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Setting the wall clock an hour back or forth does not move a clock that runs."""
    wall = time.time()
    clock: Clock = SystemClock()
    first = clock.now()
    monkeypatch.setattr(time, "time", lambda: wall - 3600.0)
    assert clock.now() >= first
    monkeypatch.setattr(time, "time", lambda: wall + 3600.0)
    assert clock.now() < first + 1800.0


def test_system_clock_returns_only_when_the_time_has_come() -> None:
    """A short real sleep never ends early."""
    clock = SystemClock()
    until = clock.now() + 0.002
    asyncio.run(clock.sleep_until(until))
    assert clock.now() >= until
