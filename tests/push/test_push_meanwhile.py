"""What people do on GitHub while a push is going on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import httpx
import pytest
from world import World, code, names, of_status, unfinished

from ghsync.errors import ExitCode, LockedError
from ghsync.model import Status
from ghsync.sandbox.faults import FaultKind
from ghsync.store import Store


class Meanwhile(httpx.AsyncBaseTransport):
    """A transport that lets somebody act once, before the first request that matches."""

    def __init__(self, inner: Any, when: Callable[[httpx.Request], bool], act: Any) -> None:
        self._inner = inner
        self._when = when
        self._act = act

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if self._act is not None and self._when(request):
            act, self._act = self._act, None
            act()
        answer: httpx.Response = await self._inner.handle_async_request(request)
        return answer


def before(method: str, world: World, act: Callable[[], object]) -> None:
    """Let somebody act before the first request of this method."""
    world.wrap = lambda inner: Meanwhile(inner, lambda request: request.method == method, act)


def long_run(world: World) -> None:
    """A pushed project, and edits that begin with a minute of creates."""
    world.backlog(1)
    world.push()
    for number in range(60):
        world.epic(f"Epic {number}", f".claude/epics/a{number}", priority="critical")
    world.task(1, "From the file", body="New text.", priority="low")
    world.later()


def test_an_edit_during_a_long_run_is_not_overwritten(world: World) -> None:
    """An issue is read again before it is rewritten, if the reading is half a minute old."""
    long_run(world)
    before("POST", world, lambda: world.me.edit(2, title="Theirs", now=world.clock.now()))
    run = world.push()
    assert code(run) is ExitCode.PARTIAL
    (failed,) = of_status(run, Status.FAILED)
    assert failed == "update From the file"
    assert "somebody changed the title" in unfinished(run)[0]
    assert world.issue("Theirs").body == world.issues[2].body
    world.wrap = lambda inner: inner
    assert [conflict.field for conflict in world.push().plan.conflicts] == ["title"]


def test_an_edit_during_a_long_reading_is_not_overwritten(world: World) -> None:
    """The age of a reading counts from its beginning, not from the plan that was made of it."""
    world.backlog(1)
    world.push()
    world.later()
    world.task(1, "From the file")
    world.fault(FaultKind.SLOW, method="GET", path="/issues$", seconds=15.0)

    def edit() -> None:
        world.me.edit(2, title="Theirs", now=world.clock.now())

    world.wrap = lambda inner: Meanwhile(inner, lambda r: r.url.path.endswith("/issues/2"), edit)
    assert of_status(world.push(), Status.FAILED) == ["update From the file"]
    assert world.titles[1] == "Theirs"


def test_a_label_during_a_long_run_stays(world: World) -> None:
    """What somebody adds meanwhile is merged, not undone."""
    long_run(world)
    world.task(1, "From the file", labels=["x"], priority="low")
    before("POST", world, lambda: world.me.label(2, "theirs", now=world.clock.now()))
    assert unfinished(world.push()) == []
    assert world.labels("From the file") == {"task", "x", "theirs"}


def test_an_issue_that_is_deleted_during_a_run_fails_alone(world: World) -> None:
    """The others go on."""
    long_run(world)
    before("POST", world, lambda: world.me.delete(2, now=world.clock.now()))
    run = world.push()
    assert of_status(run, Status.FAILED) == ["update From the file"]
    assert len(of_status(run, Status.DONE)) == len(run.results) - 1
    world.wrap = lambda inner: inner
    assert names(world.push()) == []


def test_a_file_that_changes_during_a_run_is_the_next_runs(world: World) -> None:
    """A run sends what it planned."""
    world.backlog(2)
    before("POST", world, lambda: world.task(1, "Later"))
    world.push()
    assert "Later" not in world.titles
    world.wrap = lambda inner: inner
    world.later()
    assert names(world.push()) == ["update"]


def test_a_second_run_is_refused(world: World) -> None:
    """One run at a time holds the folder: exit 5, and nothing is sent."""
    world.backlog(1)
    store = Store.open(world.root, files=world.disk)
    with store.locked(since=world.clock.now(), command="push"):
        with pytest.raises(LockedError) as caught:
            world.push()
        assert caught.value.exit_code is ExitCode.REFUSED
    assert world.writes() == []


def test_a_link_that_does_not_date_its_issue_can_be_taken_back(world: World) -> None:
    """The next run knows the parent that this one set, although no list tells of it."""
    world.epic("Shop", ".claude/epics/shop")
    world.epic("Cart", ".claude/epics/cart")
    world.push()
    world.later()
    world.epic("Cart", ".claude/epics/cart", parent="shop")
    world.fault(FaultKind.EMPTY_LIST, method="GET", path="/issues$", skip=1)
    dated = world.issue("Cart").updated_at
    assert names(world.push()) == ["link"]
    cart = world.issue("Cart")
    assert world.parent("Cart") == "Shop"
    world.me.repo.issues[cart.number] = replace(cart, updated_at=dated)
    world.later()
    world.epic("Cart", ".claude/epics/cart")
    assert names(world.push()) == ["unlink"]
    assert world.parent("Cart") is None
