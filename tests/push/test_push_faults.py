"""Servers and networks that fail: one issue for each item in the end, whatever happens."""

from __future__ import annotations

import pytest
from world import EPIC, World, code, codes, names, of_status, unfinished

from ghsync.errors import ExitCode
from ghsync.model import Status
from ghsync.sandbox.faults import FaultKind, older_server

CREATE = {"method": "^POST$", "path": "/issues$"}
FAULTS: dict[str, dict[str, object]] = {
    "502": {"kind": FaultKind.STATUS, "status": 502},
    "503": {"kind": FaultKind.STATUS, "status": 503},
    "504": {"kind": FaultKind.STATUS, "status": 504},
    "timeout": {"kind": FaultKind.TIMEOUT},
    "reset": {"kind": FaultKind.RESET},
    "truncated": {"kind": FaultKind.TRUNCATED},
    "slow": {"kind": FaultKind.SLOW, "seconds": 45.0},
}
PLACES = {
    "not committed": {"committed": False},
    "committed": {"committed": True},
}


def in_the_end(world: World, runs: int = 4) -> None:
    """Push until nothing is left; then each item has one issue, and the map is GitHub."""
    for _ in range(runs):
        run = world.push()
        if code(run) is ExitCode.DONE and "place_unclear" not in codes(run):
            break
        world.later(3600.0)
    else:
        raise AssertionError(unfinished(run))
    assert sorted(world.titles) == sorted({*world.titles})
    assert len(world.titles) == len(run.items)
    world.agree()
    world.later()
    assert names(world.push()) == []


@pytest.mark.parametrize("lag", [0.0, 10.0])
@pytest.mark.parametrize("times", [1, 3])
@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("fault", FAULTS)
def test_a_create_that_fails_makes_one_issue(
    world: World, fault: str, place: str, times: int, lag: float
) -> None:
    """Committed or not, once or three times in a row, with lists that lag."""
    world.me.configure(lag=lag, now=world.clock.now())
    world.backlog(5)
    world.fault(**{**CREATE, "skip": 2, "times": times, **PLACES[place], **FAULTS[fault]})
    in_the_end(world)
    children = (world.github.state.issue_by_id(n) for n in world.issue("shop").sub_issues)
    assert [child.title for child in children if child] == [f"shop {n}" for n in range(1, 6)]


@pytest.mark.parametrize("fault", FAULTS)
def test_a_create_that_happened_is_found_in_the_same_run(world: World, fault: str) -> None:
    """Nothing is left to the next run, no second create is sent, and the others go on."""
    world.backlog(3)
    world.fault(**{**CREATE, "skip": 1, **PLACES["committed"], **FAULTS[fault]})
    run = world.push()
    assert (unfinished(run), code(run)) == ([], ExitCode.DONE)
    creates = [e for e in world.writes() if e.path.endswith("/issues")]
    assert len(creates) == 4
    world.agree()


def test_a_create_that_did_not_happen_is_sent_again_after_the_settle_time(world: World) -> None:
    """Not before: GitHub may still be at it."""
    world.epic()
    world.fault(**CREATE, kind=FaultKind.TIMEOUT)
    assert unfinished(world.push(settle=25)) == []
    first, second = (e for e in world.writes() if e.path.endswith("/issues"))
    assert second.time - first.time >= 30 + 25
    world.agree()


def test_an_unclear_create_holds_up_nobody_else(world: World) -> None:
    """While it is settled, other epics and the other tasks of the same one are made."""
    world.backlog(3, ".claude/epics/a")
    world.backlog(3, ".claude/epics/b")
    world.fault(**CREATE, kind=FaultKind.STATUS, skip=2)
    run = world.push()
    assert unfinished(run) == []
    creates = [e for e in world.writes() if e.path.endswith("/issues")]
    assert len(creates) == 9
    late = [e for e in creates if e.time > creates[0].time + 15]
    assert len(late) == 1


@pytest.mark.parametrize("fault", ["502", "timeout", "reset", "truncated"])
@pytest.mark.parametrize("committed", [False, True])
def test_writes_that_may_repeat_are_repeated(world: World, fault: str, committed: bool) -> None:
    """Updates, closes, links, edges and labels that fail once are sent again in the same run."""
    for method, path in (
        ("PATCH", "/issues/"),
        ("POST", "/labels$"),
        ("POST", "/milestones$"),
        ("POST", "/blocked_by$"),
        ("POST", "/sub_issues$"),
        ("DELETE", "/blocked_by/"),
        ("DELETE", "/sub_issue$"),
    ):
        world.fault(**{"method": method, "path": path, "committed": committed, **FAULTS[fault]})
    world.backlog(2)
    world.task(3, "Three", depends_on=[1], status="done", milestone="v1")
    world.epic("Low", ".claude/epics/low", labels=["x"])
    assert unfinished(world.push()) == []
    world.task(3, "Three", depends_on=[2])
    world.epic("Low", ".claude/epics/low", labels=["x"], parent="shop")
    world.later()
    assert unfinished(world.push()) == []
    world.epic("Low", ".claude/epics/low", labels=["x"])
    world.later()
    assert unfinished(world.push()) == []
    assert world.blockers("Three") == {"shop 2"}
    assert world.parent("Low") is None
    world.agree()
    world.later()
    assert names(world.push()) == []


def test_reads_that_fail_are_repeated(world: World) -> None:
    """One 502 for each reading changes nothing."""
    for path in ("plan$", "/issues$", "/labels$"):
        world.fault(FaultKind.STATUS, method="GET", path=path)
    world.backlog(2)
    assert unfinished(world.push()) == []
    world.agree()


def test_a_server_that_keeps_failing_stops_the_run(world: World) -> None:
    """A server that is down is left alone, with exit code 6; the next push finishes."""
    world.backlog(30)
    world.push()
    for number in range(1, 31):
        world.task(number, f"New {number}")
    world.later()
    rule = world.fault(FaultKind.STATUS, method="PATCH", times=None, skip=3, status=503)
    run = world.push(allow_changes=30)
    assert code(run) is ExitCode.STOPPED
    assert len(of_status(run, Status.FAILED)) <= 5
    assert of_status(run, Status.PENDING)
    world.github.faults.remove(rule)
    world.later()
    assert unfinished(world.push(allow_changes=30)) == []
    assert {f"New {n}" for n in range(1, 31)} <= set(world.titles)


def test_an_outage_is_waited_out(world: World) -> None:
    """Some failures in a row pause the run; one operation probes, and then all is done."""
    world.backlog(30)
    world.fault(FaultKind.STATUS, method="POST", path=r"/issues$", times=30, skip=10, status=503)
    run = world.push()
    assert code(run) is ExitCode.DONE
    assert of_status(run, Status.FAILED) == []
    world.agree()


def test_creates_that_go_on_failing_stop_the_run(world: World) -> None:
    """Each is looked for and sent again; then the server counts as down: exit code 6."""
    for name in "abcdefghijkl":
        world.epic(name, f".claude/epics/{name}")
    rule = world.fault(**CREATE, kind=FaultKind.STATUS, times=None)
    run = world.push()
    assert code(run) is ExitCode.STOPPED
    assert world.titles == []
    assert of_status(run, Status.UNKNOWN) == []
    world.github.faults.remove(rule)
    in_the_end(world)


def test_a_server_that_cannot_be_read_leaves_a_create_unknown(world: World) -> None:
    """The create may have happened and nobody can look: unknown, exit 1, found by the next."""
    world.epic()
    world.fault(**CREATE, kind=FaultKind.STATUS, committed=True)
    rule = world.fault(FaultKind.STATUS, method="GET", path="/issues", skip=5, times=None)
    run = world.push()
    assert of_status(run, Status.UNKNOWN) == ["create Shop"]
    assert code(run) is ExitCode.PARTIAL
    world.github.faults.remove(rule)
    assert world.titles == ["Shop"]
    world.later()
    run = world.push()
    assert names(run) == []
    world.agree()


def test_other_peoples_issues_do_not_confuse_the_search(world: World) -> None:
    """Issues and pull requests that others open meanwhile are told apart by the marker."""
    world.backlog(3)
    world.fault(**CREATE, kind=FaultKind.TIMEOUT, skip=1, committed=True)
    world.wrap = lambda inner: _Busy(inner, world)
    assert unfinished(world.push()) == []
    ours = [title for title in world.titles if title.startswith("shop")]
    assert sorted(ours) == ["shop", "shop 1", "shop 2", "shop 3"]


class _Busy:
    """A transport in whose repository somebody opens an issue before each of our creates."""

    def __init__(self, inner: object, world: World) -> None:
        import httpx

        assert isinstance(inner, httpx.AsyncBaseTransport)
        self._inner = inner
        self._world = world

    async def handle_async_request(self, request: object) -> object:
        world = self._world
        if request.method == "POST" and request.url.path.endswith("/issues"):  # type: ignore[attr-defined]
            world.me.open_issue("Somebody's", now=world.clock.now())
            world.me.open_pull_request("Somebody's", now=world.clock.now())
        return await self._inner.handle_async_request(request)  # type: ignore[arg-type]

    async def aclose(self) -> None:
        await self._inner.aclose()


def test_a_label_or_milestone_that_somebody_made_meanwhile_is_used(world: World) -> None:
    """GitHub answers that it exists; that is all that was wanted."""
    world.epic(labels=["mine"], milestone="v1")
    world.fault(
        FaultKind.RESET,
        method="POST",
        path="/(labels|milestones)$",
        skip=1,
        times=4,
        committed=True,
    )
    assert unfinished(world.push()) == []
    assert world.labels("Shop") == {"epic", "mine"}
    assert world.issue("Shop").milestone is not None


def test_a_milestone_that_cannot_be_made_takes_away_no_other(world: World) -> None:
    """The update leaves the milestone that the issue has, and says that it failed."""
    world.epic(milestone="v1")
    world.push()
    held = world.issue("Shop").milestone
    world.epic("New", milestone="v2")
    world.fault(FaultKind.STATUS, method="POST", path="/milestones$", status=422, message="No.")
    world.later()
    run = world.push()
    assert code(run) is ExitCode.PARTIAL
    assert world.issue("New").milestone == held
    world.later()
    assert unfinished(world.push()) == []
    assert world.issue("New").milestone != held


def test_an_update_that_github_keeps_to_itself_is_named(world: World) -> None:
    """A 200 with the old text is a failure, and is tried again by the next push."""
    world.epic()
    world.push()
    world.epic("New", body="New text.")
    world.fault(FaultKind.DROP, method="PATCH", drop=("body",))
    world.later()
    run = world.push()
    (failed,) = unfinished(run)
    assert "kept the old body" in failed
    world.later()
    assert names(world.push()) == ["update"]
    assert "New text." in (world.issue("New").body or "")
    world.later()
    assert names(world.push()) == []


@pytest.mark.parametrize("first", ["502", "timeout"])
def test_an_unclear_create_of_a_parent_gets_its_children(world: World, first: str) -> None:
    """They wait for it and are made under it."""
    world.item(".claude/prds/shop.md", "PRD")
    world.backlog(2)
    world.fault(**{**CREATE, "skip": 1, "committed": True, **FAULTS[first]})
    assert unfinished(world.push()) == []
    assert (world.parent("shop"), world.parent("shop 2")) == ("PRD", "shop")
    assert EPIC in " ".join(world.map.entries)


def test_a_link_that_fails_does_not_make_the_issue_again(world: World) -> None:
    """The create is done; what follows it is tried again by itself."""
    world.github.faults.install(older_server())
    world.fault(FaultKind.STATUS, method="POST", path="/sub_issues$", times=6)
    world.backlog(2)
    in_the_end(world)
    assert {world.parent("shop 1"), world.parent("shop 2")} == {"shop"}
