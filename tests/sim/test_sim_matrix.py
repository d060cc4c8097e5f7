"""Every way in which a create can be unclear: none is made twice, none is lost.

{502, 503, 504, read timeout, reset, truncated body, cancelled} x {carried out, not} x {once, three
times} x {0, 10, 60, 600 s by which lists are behind}, among pull requests, deleted and transferred
issues, and once among more than 1,000 others.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from push.world import code, unfinished
from sim_kit import SimWorld, new_world

from ghsync.errors import ExitCode
from ghsync.sandbox.faults import FaultKind

FAULTS: dict[str, dict[str, Any]] = {
    "502": {"kind": FaultKind.STATUS, "status": 502},
    "503": {"kind": FaultKind.STATUS, "status": 503},
    "504": {"kind": FaultKind.STATUS, "status": 504},
    "timeout": {"kind": FaultKind.TIMEOUT},
    "reset": {"kind": FaultKind.RESET},
    "truncated": {"kind": FaultKind.TRUNCATED},
}
LAGS = (0.0, 10.0, 60.0, 600.0)
MINE = ["Cart", "Pay", "Ship", "Shop"]


def crowded(root: Path, *, others: int = 3) -> SimWorld:
    """A repository in which others are at work, and four items that have no issue yet."""
    world = new_world(root)
    somebody, now = world.person("ben"), world.clock.now()
    for number in range(others):
        issue = somebody.open_issue(f"Other {number}", now=now)
        somebody.open_pull_request(f"Change {number}", now=now)
    somebody.delete(issue.number, now=now)
    gone = somebody.open_issue("Elsewhere", now=now)
    somebody.transfer(gone.number, "octo/other", now=now)
    world.epic("Shop")
    world.task(1, "Cart")
    world.task(2, "Pay")
    world.task(3, "Ship")
    world.later()
    return world


def mine(world: SimWorld) -> list[str]:
    """The titles of the items' issues."""
    return sorted(title for title in world.titles if not title.startswith("Other"))


def settle(world: SimWorld) -> None:
    """Push until nothing is unclear, as somebody would; then there is one issue an item."""
    for _ in range(4):
        run = world.push()
        assert len(mine(world)) == len(set(mine(world)))
        placed = all(finding.code != "place_unclear" for finding in run.findings)
        if code(run) is ExitCode.DONE and placed:
            break
        world.later(60.0)
    assert (unfinished(run), mine(world)) == ([], MINE)
    assert not world.pending
    world.later(700.0)
    before = len(world.writes())
    assert world.push().plan.operations == ()
    assert len(world.writes()) == before


@pytest.mark.parametrize("lag", LAGS)
@pytest.mark.parametrize("times", [1, 3])
@pytest.mark.parametrize("committed", [False, True])
@pytest.mark.parametrize("fault", FAULTS)
def test_an_unclear_create(
    tmp_path: Path, fault: str, committed: bool, times: int, lag: float
) -> None:
    """Whatever the answer was: found, or sent again once it is certain that it was not done."""
    world = crowded(tmp_path)
    world.me.configure(lag=lag, now=world.clock.now())
    world.fault(
        **FAULTS[fault], method="POST", path="/issues$", skip=1, times=times, committed=committed
    )
    settle(world)


@pytest.mark.parametrize("lag", LAGS)
@pytest.mark.parametrize("times", [1, 3])
@pytest.mark.parametrize("committed", [False, True])
def test_a_cancelled_create(tmp_path: Path, committed: bool, times: int, lag: float) -> None:
    """The run's task is cancelled while the create is on its way, in one run or in three."""
    world = crowded(tmp_path)
    world.me.configure(lag=lag, now=world.clock.now())
    for _ in range(times):
        step = step_of_create(world.copy(), "answer" if committed else "send")
        with world.killed_at_step(None, cancel=step), pytest.raises(asyncio.CancelledError):
            world.push()
        world.later(0.5)
    settle(world)


def step_of_create(world: SimWorld, what: str) -> int:
    """The step at which the first create of a push is sent, or answered."""
    world.push()
    return world.steps.names.index(f"{what} POST /repos/octo/plan/issues") + 1


@pytest.mark.parametrize("lag", LAGS)
@pytest.mark.parametrize("committed", [False, True])
def test_an_unclear_create_among_a_thousand(tmp_path: Path, committed: bool, lag: float) -> None:
    """More than ten pages of others' issues, and others who go on meanwhile."""
    world = crowded(tmp_path, others=520)
    world.me.configure(lag=lag, now=world.clock.now())
    world.fault(
        FaultKind.TIMEOUT, method="POST", path="/issues$", skip=1, times=2, committed=committed
    )
    world.push()
    for number in range(30):
        world.me.open_issue(f"Other, later {number}", now=world.later(0.1))
    settle(world)


def test_past_every_bound_a_duplicate_is_named(tmp_path: Path) -> None:
    """An issue that neither lists nor direct reads show for longer than the settle time.

    That is where exactly-once ends; the duplicate is named as soon as GitHub shows it.
    """
    world = crowded(tmp_path)
    world.me.configure(lag=600.0, now=world.clock.now())
    world.fault(FaultKind.TIMEOUT, method="POST", path="/issues$", skip=3, committed=True)
    hidden = world.fault(
        FaultKind.STATUS, method="GET", path="/issues/[0-9]+$", status=404, times=None
    )
    world.push()
    twice = next(title for title in mine(world) if mine(world).count(title) == 2)
    world.github.faults.remove(hidden)
    world.later(700.0)
    run = world.push()
    assert [finding.code for finding in run.findings] == ["duplicate_issue"]
    assert run.plan.operations == ()
    assert mine(world).count(twice) == 2
