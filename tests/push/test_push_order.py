"""Sub-issues are ordered as the files are, with the fewest requests; people's order stays."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from world import EPIC, World, code, codes, names, unfinished

from ghsync.errors import ExitCode
from ghsync.model import Key
from ghsync.sandbox.faults import FaultKind
from ghsync.sandbox.limits import GITHUB, Limits


def order(world: World, parent: str = "Shop") -> list[str]:
    """The titles of an issue's sub-issues in their order."""
    found = (world.github.state.issue_by_id(each) for each in world.issue(parent).sub_issues)
    return [issue.title for issue in found if issue is not None]


def test_the_first_push_orders_without_a_request(world: World) -> None:
    """What is made in the order of the files needs no move, and nothing is read for it."""
    world.epic()
    for number in range(1, 7):
        world.task(number)
    run = world.push()
    assert "move" not in names(run)
    assert order(world) == [f"Task {n}" for n in range(1, 7)]
    world.later()
    before = len(world.github.log)
    assert names(world.push()) == []
    assert len(world.github.log) - before == 2


def test_what_is_urgent_is_made_first_and_moved_last(world: World) -> None:
    """Priority decides what is made first; then those that are out of place are moved."""
    world.epic()
    for number in range(1, 7):
        world.task(number, priority="critical" if number in (3, 6) else "low")
    plan = world.dry_run()
    moves = [name for name in names(plan) if name == "move"]
    assert len(moves) == 2
    assert names(plan)[-2:] == moves
    run = world.push()
    assert unfinished(run) == []
    assert order(world) == [f"Task {n}" for n in range(1, 7)]
    made = sorted(world.issues.values(), key=lambda issue: issue.number)
    assert [issue.title for issue in made][1:3] == ["Task 3", "Task 6"]
    world.later()
    assert names(world.push()) == []


def test_a_new_file_in_the_middle_is_one_move(world: World) -> None:
    """Appended by GitHub, then moved behind the one before it; a new last one is not."""
    world.epic()
    for number in (1, 3, 4, 5):
        world.task(number)
    world.push()
    world.later()
    world.task(2)
    world.task(6)
    plan = world.dry_run()
    assert names(plan) == ["create", "create", "move"]
    assert (plan.requests.content, plan.requests.writes) == (3, 5)  # with the lock's label
    world.push()
    assert order(world) == [f"Task {n}" for n in range(1, 7)]
    world.later()
    assert names(world.push()) == []
    world.task(7)
    assert names(world.push()) == ["create"]


def test_the_order_that_people_made_stays(world: World) -> None:
    """A push does not undo it, and puts a new child behind the one before it in the files."""
    world.epic()
    for number in (1, 2, 4):
        world.task(number)
    world.push()
    shown = [world.issue(f"Task {n}").number for n in (4, 1, 2)]
    world.me.order(world.issue("Shop").number, *shown, now=world.later())
    assert names(world.push()) == []
    world.later()
    world.task(3)
    world.push()
    assert order(world) == ["Task 4", "Task 1", "Task 2", "Task 3"]
    world.later()
    assert names(world.push()) == []


def test_a_renamed_file_takes_its_new_place(world: World) -> None:
    """One move for one file, in either direction."""
    world.epic()
    for number in range(1, 6):
        world.task(number, body=f"Text {number}.")
    world.push()
    world.later()
    world.move(f"{EPIC}/001.md", f"{EPIC}/009.md")
    run = world.push()
    assert names(run) == ["move"]
    assert order(world) == ["Task 2", "Task 3", "Task 4", "Task 5", "Task 1"]
    world.later()
    world.move(f"{EPIC}/009.md", f"{EPIC}/000.md")
    assert names(world.push()) == ["move"]
    assert order(world) == [f"Task {n}" for n in range(1, 6)]
    world.later()
    assert names(world.push()) == []


def test_a_child_whose_parent_changes_is_moved_over(world: World) -> None:
    """One request takes it out of the one and into the other; then it gets its place."""
    other = ".claude/epics/till"
    world.epic()
    world.epic("Till", other)
    world.task(1, body="One.")
    world.task(2, body="Two.")
    world.task(1, "Till 1", other, body="Till.")
    world.task(5, "Till 5", other, body="Till 5.")
    world.push()
    world.later()
    world.move(f"{EPIC}/002.md", f"{other}/002.md")
    run = world.push()
    assert names(run) == ["link", "move"]
    assert (order(world), order(world, "Till")) == (["Task 1"], ["Till 1", "Task 2", "Till 5"])
    world.later()
    assert names(world.push()) == []


def test_without_an_order_nothing_is_moved(world: World) -> None:
    """`order = "none"`: as they came to be."""
    world.file("ghsync.toml", 'order = "none"\n')
    world.epic()
    world.task(1, priority="low")
    world.task(2, priority="critical")
    assert "move" not in names(world.push())
    assert order(world) == ["Task 2", "Task 1"]


@pytest.mark.parametrize("at", range(1, 5))
def test_a_push_cut_short_is_ordered_by_the_next(world: World, at: int) -> None:
    """The order is not remembered until it is there."""
    world.epic()
    for number in range(1, 6):
        world.task(number, priority="critical" if number % 2 == 0 else "low")
    world.limit(Limits(content=GITHUB.content))
    world.fault(FaultKind.STATUS, method="POST|PATCH", path="/issues", skip=at, status=403, times=9)
    world.push()
    world.github.faults.clear()
    world.later()
    assert unfinished(world.push()) == []
    assert order(world) == [f"Task {n}" for n in range(1, 6)]
    world.later()
    run = world.push()
    assert (names(run), code(run)) == ([], ExitCode.DONE)


def test_a_milestone_that_github_gave_is_no_conflict(world: World) -> None:
    """A sub-issue that is linked gets its parent's; a file that names another has its way."""
    world.epic(milestone="v2")
    world.task(1, folder=".claude/epics/till", body="One.")
    world.push()
    world.later()
    world.move(".claude/epics/till/001.md", f"{EPIC}/001.md")
    assert names(world.push()) == ["link"]
    world.later()
    assert names(world.push()) == []
    world.task(1, body="One.", milestone="v1")
    run = world.push()
    assert (run.plan.conflicts, names(run)[-1]) == ((), "update")
    world.later()
    assert names(world.push()) == []


def test_a_sibling_that_waits_for_its_label_is_not_overtaken(world: World) -> None:
    """Children are added in the plan's order, also where one of them waits for something else."""
    world.epic()
    world.task(1, labels=["fresh"])
    for number in range(2, 6):
        world.task(number)
    run = world.push(concurrency=8)
    assert "move" not in names(run)
    assert unfinished(run) == []
    assert order(world) == [f"Task {n}" for n in range(1, 6)]


@pytest.mark.parametrize("after", [False, True])
def test_an_unclear_create_among_siblings_gets_its_place(world: World, after: bool) -> None:
    """The others go on while it is looked for; what the map says of the order is what is so."""
    world.epic()
    for number in range(1, 7):
        world.task(number)
    world.fault(FaultKind.RESET, method="POST", path="/issues$", skip=2, committed=after)
    run = world.push()
    assert unfinished(run) == []
    assert codes(run) == {"place_unclear"}
    world.later()
    run = world.push()
    assert names(run) == ([] if after else ["move"])
    assert order(world) == [f"Task {n}" for n in range(1, 7)]
    world.later()
    before = len(world.github.log)
    assert names(world.push()) == []
    assert len(world.github.log) - before == 2


def test_an_adopted_child_gets_its_place_among_siblings(world: World) -> None:
    """Its link waits for its own update, and no sibling overtakes it meanwhile."""
    numbers = {n: world.me.open_issue(f"Found {n}", now=world.later(1)).number for n in (2, 4)}
    world.epic()
    for number in range(1, 7):
        recorded = {"github": numbers[number]} if number in numbers else {}
        world.task(number, **recorded)
    run = world.push(on_conflict="local", concurrency=8)
    assert unfinished(run) == []
    assert "move" not in names(run)
    assert order(world) == [f"Task {n}" for n in range(1, 7)]
    world.later()
    assert names(world.push()) == []


@pytest.mark.parametrize("at", range(1, 9))
def test_people_order_what_an_adopted_parent_had_and_files_what_came(world: World, at: int) -> None:
    """Also where the first push ends between the creates, the urgent first, and the moves."""
    parent, *children = (
        world.me.open_issue(title, now=world.later(1)).number
        for title in ("Shop", "Old 6", "Old 1")
    )
    for child in children:
        world.me.add_sub_issue(parent, child, now=world.later(1))
    world.epic(github=parent)
    world.task(1, "Old 1", github=children[1])
    world.task(6, "Old 6", github=children[0])
    for number in range(2, 6):
        world.task(number, priority="critical" if number % 2 else "low")
    world.limit(Limits(content=GITHUB.content))
    world.fault(FaultKind.STATUS, method="POST|PATCH", path="/issues", skip=at, status=403, times=9)
    world.push(on_conflict="local")
    world.github.faults.clear()
    world.later()
    assert unfinished(world.push(on_conflict="local")) == []
    assert order(world) == ["Old 6", "Old 1", "Task 2", "Task 3", "Task 4", "Task 5"]
    world.later()
    assert names(world.push()) == []


FAULTS = st.lists(
    st.tuples(
        st.sampled_from([FaultKind.RESET, FaultKind.TIMEOUT, FaultKind.STATUS]),
        st.sampled_from(["/issues$", "/sub_issues$", "/sub_issues/priority$", "/issues"]),
        st.integers(0, 6),
        st.booleans(),
    ),
    max_size=4,
)


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    priorities=st.lists(st.sampled_from(["critical", "low"]), min_size=2, max_size=6),
    adopted=st.sets(st.integers(1, 6), max_size=2),
    faults=FAULTS,
    concurrency=st.sampled_from([1, 8]),
)
def test_whatever_fails_the_order_is_the_files_in_the_end(
    priorities: list[str],
    adopted: set[int],
    faults: list[tuple[FaultKind, str, int, bool]],
    concurrency: int,
) -> None:
    """Where the map says that the order is settled it is so on GitHub, after each of the runs."""
    with tempfile.TemporaryDirectory() as folder:
        world = World(Path(folder))
        world.epic()
        for number, priority in enumerate(priorities, 1):
            there = {}
            if number in adopted:
                there = {"github": world.me.open_issue("Found", now=world.later(1)).number}
            world.task(number, priority=priority, **there)
        for kind, path, skip, committed in faults:
            world.fault(kind, method="POST|PATCH", path=path, skip=skip, committed=committed)
        wanted = [f"Task {n}" for n in range(1, len(priorities) + 1)]
        for _ in range(6):
            world.push(on_conflict="local", concurrency=concurrency)
            entry = world.map.entries.get(Key(f"{EPIC}/epic"))
            settled = entry.base.children if entry is not None and entry.base is not None else ()
            known = [world.issues[number].title for number in settled]
            assert [title for title in order(world) if title in known] == known
            world.later(3600)
        assert order(world) == wanted
        assert names(world.push(on_conflict="local")) == []
