"""The ETA of a whole push on the simulated server, and the server's own log of it, audited."""

from __future__ import annotations

from bisect import bisect_left, bisect_right

import pytest
from store.store_disk import Killed
from world import World, unfinished

from ghsync.model import Event, OperationEnded, PlanReady

LIMITS = ((80, 60.0), (500, 3600.0))


class Watched(World):
    """A world that notes at which time what was left was said to take how long."""

    def on_event(self, event: Event) -> None:
        """Keep the forecasts; the events of 1,000 items are not needed."""
        match event:
            case PlanReady():
                self.said = [(0.0, self.clock.now(), event.eta_seconds)]
            case OperationEnded():
                share = event.done / event.total
                self.said.append((share, self.clock.now(), event.eta_seconds))


def worst(times: list[float], period: float) -> int:
    """The most that any window of ``period`` seconds, ends included, ever held; brute force."""
    return max(bisect_right(times, t + period) - bisect_left(times, t) for t in times)


def optimum(m: int) -> float:
    """The least possible seconds for m content-creating requests at 80/min and 500/h."""
    return 3600 * ((m - 1) // 500) + 60 * (((m - 1) % 500) // 80)


def test_a_thousand_items(tmp_path_factory: pytest.TempPathFactory) -> None:
    """1,000 items, some of them closed, some of them blocked, in one push of an hour and more.

    The server's log: no rejection, never more than 80 in a minute or 500 in an hour, at most a
    hundredth more than the least possible time. Every forecast, before the run and at each 5 %
    of it, names the end to 2 % of the run.
    """
    world = Watched(tmp_path_factory.mktemp("thousand"))
    for epic in range(20):
        folder = f".claude/epics/e{epic:03d}"
        world.backlog(49, folder)
        world.task(1, f"done {epic}", folder, status="closed")
        world.task(2, f"waits {epic}", folder, depends_on=[3])
    plan = world.dry_run()
    run = world.push()
    assert unfinished(run) == []
    assert len(world.issues) == 1000
    assert [entry for entry in world.github.log if entry.limited] == []

    made = [entry.time for entry in world.github.log if entry.content]
    assert len(made) == run.spent.content == plan.requests.content == 1020
    assert worst(made, 60.0) <= 80
    assert worst(made, 3600.0) <= 500
    assert optimum(1020) <= made[-1] - made[0] <= 1.01 * optimum(1020)

    end, close = world.clock.now(), 0.02 * run.duration
    assert abs(plan.eta_seconds - run.duration) <= close
    for step in range(21):
        share, now, left = next(each for each in world.said if each[0] >= 0.05 * step)
        assert abs(now + left - end) <= close, (share, now + left - end)


def test_a_push_that_is_killed_again_and_again_stays_at_the_limits(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """Dead after some writes to the disk, started again at once, until all is done.

    Each run begins with what the journal says was sent, so the server's log shows one steady
    stream: nothing rejected, no window over its limit.
    """
    world = World(tmp_path_factory.mktemp("killed"))
    for epic in range(3):
        world.backlog(49, f".claude/epics/e{epic:03d}")
    kills = 0
    for steps in (60, 90, 130, 150):
        world.disk.kill_at = len(world.disk.steps) + steps
        try:
            world.push()
        except Killed:
            kills += 1
            world.revive()
    world.disk.kill_at = None
    assert unfinished(world.push()) == []
    assert kills == 4
    world.agree()
    assert [entry for entry in world.github.log if entry.limited] == []
    made = [entry.time for entry in world.github.log if entry.content]
    assert len(made) == 150
    assert worst(made, 60.0) <= 80
