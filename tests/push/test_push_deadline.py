"""``--max-time``: a run ends in time whatever it is doing, and the next one goes on."""

from __future__ import annotations

from dataclasses import replace

import pytest
from world import START, World, code, of_status, unfinished

from ghsync.errors import ExitCode, StoppedError
from ghsync.model import Status
from ghsync.sandbox.faults import FaultKind
from ghsync.sandbox.limits import GITHUB
from ghsync.sandbox.seeds import SANDBOX_LOGIN
from ghsync.store import Store


def test_a_push_ends_in_time_and_the_next_one_goes_on(world: World) -> None:
    """After 30 s no more is sent; what was under way is finished; the rest comes later."""
    world.backlog(60)
    run = world.push(max_time=30)
    assert code(run) is ExitCode.STOPPED
    assert of_status(run, Status.PENDING)
    assert of_status(run, Status.UNKNOWN) == of_status(run, Status.FAILED) == []
    assert run.duration < 32
    assert world.writes()[-1].path.endswith("/labels/ghsync-lock")  # it is given back
    assert unfinished(world.push()) == []
    assert len(world.titles) == 61
    world.agree()


@pytest.mark.parametrize("limit", [3, 25.0])
def test_reading_is_bounded_too(world: World, limit: float) -> None:
    """A server that answers slowly, or a limit, does not keep the run past its time."""
    world.backlog(3)
    world.fault(FaultKind.LIMITED, method="GET", path="/issues", retry_after="600")
    with pytest.raises(StoppedError) as caught:
        world.push(max_time=limit)
    assert caught.value.exit_code is ExitCode.STOPPED
    assert world.clock.now() - START <= limit
    assert world.writes() == []
    world.later(700)
    assert unfinished(world.push()) == []


def test_time_is_not_slept_away(world: World) -> None:
    """The hour's content is used up for 20 min more and the run has 10: it stops at once."""
    world.limit(replace(GITHUB, retry_after="exact"))
    for _ in range(500):
        world.github.meter.spend_elsewhere(SANDBOX_LOGIN, 1, world.clock.now())
    world.later(2400)
    world.backlog(3)
    run = world.push(max_time=600)
    assert code(run) is ExitCode.STOPPED
    assert run.error is not None
    assert "Nothing can be sent for 20 min" in run.error.message
    assert "GitHub asked to wait" in run.error.message
    assert world.titles == []
    assert of_status(run, Status.UNKNOWN) == []


@pytest.mark.parametrize("after", [0, 3])
def test_a_create_that_a_limit_turned_away_is_not_waited_for(world: World, after: int) -> None:
    """It waits for leave to go again: a stop ends it at once, and it certainly did not happen.

    So the run ends with no grace for requests under way and no try to give back the lock, which
    would meet the same limit; the next run has nothing to look for.
    """
    world.backlog(6)
    world.fault(FaultKind.LIMITED, method="POST", path="/issues$", skip=after, retry_after="600")
    run = world.push(max_time=60)
    assert code(run) is ExitCode.STOPPED
    assert run.duration < 8
    assert len(world.titles) == after
    assert any("it ends by itself" in getattr(e, "message", "") for e in world.events)
    state = Store.open(world.root, files=world.disk).load()
    assert (state.pending, state.tried) == ((), ())
    world.later(700)
    assert unfinished(world.push(settle=500.0)) == []
    assert world.clock.now() - START < 1000
    world.agree()


def test_the_reading_afterwards_is_cut_off_without_harm(world: World) -> None:
    """Everything was written: exit 0, with a word that the next run reads a little more."""
    world.backlog(3)
    world.fault(FaultKind.LIMITED, method="GET", path="/issues$", skip=2, retry_after="600")
    run = world.push(max_time=60)
    assert (unfinished(run), code(run)) == ([], ExitCode.DONE)
    assert run.duration <= 60
    assert any("could not be read again" in getattr(e, "message", "") for e in world.events)
