"""A first push: order, parents, labels, milestones, people, states, blockers."""

from __future__ import annotations

from dataclasses import replace

import httpx
import pytest
from world import EPIC, World, code, codes, names, numbers, of_status, ops, unfinished

from ghsync.errors import ExitCode
from ghsync.model import CreateIssue, CreateLabel, Status
from ghsync.render import label_color
from ghsync.sandbox.faults import FaultKind, older_server


def test_parents_come_first_and_travel_inside_the_create(world: World) -> None:
    """PRD, epic, task: each is made after its parent, and no request is spent on the link."""
    world.item(".claude/prds/shop.md", "Shop PRD")
    world.epic("Epic")
    world.task(1, "One")
    run = world.push()
    assert (code(run), unfinished(run)) == (ExitCode.DONE, [])
    assert [t for t in ops(run) if "create_label" not in t] == [
        "create Shop PRD",
        "create Epic",
        "create One",
    ]
    assert (world.parent("Epic"), world.parent("One")) == ("Shop PRD", "Epic")
    assert not [entry for entry in world.writes() if "sub_issues" in entry.path]
    world.agree()


def test_a_server_that_ignores_the_parent_is_mended(world: World) -> None:
    """Where ``parent_issue_id`` is ignored, the child is linked by ``sub_issues``, once."""
    world.github.faults.install(older_server())
    world.backlog(3)
    run = world.push()
    assert (code(run), unfinished(run)) == (ExitCode.DONE, [])
    assert {world.parent(f"shop {n}") for n in (1, 2, 3)} == {"shop"}
    assert sum("sub_issues" in entry.path for entry in world.writes()) == 3
    world.later()
    assert names(world.push()) == []


def test_missing_labels_are_made_with_a_stable_colour(world: World) -> None:
    """A label gets the colour of its name; one that exists in another case is left alone."""
    world.me.open_issue("An older one", labels=["BACKEND"], now=world.later())
    world.epic(labels=["backend", "area: money"])
    run = world.push()
    made = [op for op in run.plan.operations if isinstance(op, CreateLabel)]
    assert {op.name for op in made} == {"epic", "area: money"}
    colours = {label.name: label.color for label in world.me.repo.labels.values()}
    assert colours["area: money"] == label_color("area: money")
    assert world.labels("Shop") == {"epic", "BACKEND", "area: money"}
    assert code(run) is ExitCode.DONE
    world.later()
    assert names(world.push()) == []


def test_people_are_assigned(world: World) -> None:
    """Who can be assigned is; who cannot is left out with a warning, before anything is sent."""
    world.me.add_collaborator("ana", now=world.later())
    world.epic(assignees=["Ana", "nobody-here"])
    run = world.push()
    assert world.issue("Shop").assignees == ("ana",)
    assert code(run) is ExitCode.DONE
    assert "nobody-here" in " ".join(finding.message for finding in run.findings)
    assert all(entry.status in (201, 204) for entry in world.writes())
    world.later()
    assert names(world.push()) == []


def test_milestones_are_found_by_name_even_closed_ones(world: World) -> None:
    """A milestone that exists is used whatever its state; a missing one is made once."""
    world.epic(milestone="v1")
    world.push()
    (milestone,) = world.me.repo.milestones.values()
    state = world.github.state
    state.put_milestone(replace(milestone, state="closed"))
    world.task(1, "One", milestone="v1")
    world.task(2, "Two", milestone="v2")
    world.later()
    run = world.push()
    assert [t for t in ops(run) if "milestone" in t] == ["create_milestone v2"]
    assert world.issue("One").milestone == milestone.number
    assert {m.title for m in world.me.repo.milestones.values()} == {"v1", "v2"}


@pytest.mark.parametrize(
    ("status", "reason"), [("done", "completed"), ("cancelled", "not_planned")]
)
def test_an_item_born_closed_is_created_and_then_closed(
    world: World, status: str, reason: str
) -> None:
    """Closed items are two operations, and the reason says whether the work was done."""
    world.epic(status=status)
    run = world.push()
    assert [t for t in names(run) if t != "create_label"] == ["create", "close"]
    issue = world.issue("Shop")
    assert (issue.state, issue.state_reason) == ("closed", reason)
    world.later()
    assert names(world.push()) == []


def test_dependencies_become_blocked_by(world: World) -> None:
    """``depends_on`` is an edge on GitHub, made after both issues, whatever their order."""
    world.epic()
    world.task(1, "One", depends_on=[2, 3])
    world.task(2, "Two")
    world.task(3, "Three", depends_on=[2])
    run = world.push()
    assert unfinished(run) == []
    assert world.blockers("One") == {"Two", "Three"}
    assert world.blockers("Three") == {"Two"}
    world.later()
    assert names(world.push()) == []


def test_what_matters_most_goes_first(world: World) -> None:
    """Critical before low, dependencies first; an epic is as urgent as its most urgent task."""
    low, urgent = ".claude/epics/a-low", ".claude/epics/z-urgent"
    world.backlog(3, low, priority="low")
    world.epic("Urgent epic", urgent)
    world.task(1, "Some day", urgent, priority="low")
    world.task(2, "Now", urgent, priority="critical")
    order = [op.title for op in world.push().plan.operations if isinstance(op, CreateIssue)]
    assert order[:2] == ["Urgent epic", "Now"]
    assert order.index("Now") < order.index("a-low") < order.index("-low 1")
    assert world.titles[0] == "Urgent epic"


def test_a_run_cut_short_has_done_what_matters_most(world: World) -> None:
    """Where the tenth request is the last, the urgent items are on GitHub and the low are not."""
    world.backlog(30, ".claude/epics/a-low", priority="low")
    world.epic("Urgent epic", ".claude/epics/z-urgent")
    for number in (1, 2):
        world.task(number, f"Now {number}", ".claude/epics/z-urgent", priority="critical")
    world.fault(FaultKind.UNAUTHORIZED, method="POST", path="/issues$", skip=6, times=None)
    run = world.push()
    assert code(run) is ExitCode.AUTH
    assert {"Urgent epic", "Now 1", "Now 2"} <= set(world.titles)
    assert len(world.titles) == 6


def test_a_failed_parent_skips_its_children_only(world: World) -> None:
    """A refused epic takes its tasks with it, each with the reason; another epic goes on."""
    world.backlog(2, ".claude/epics/one-bad")
    world.backlog(2, ".claude/epics/two-good")
    world.fault(FaultKind.STATUS, method="POST", path="/issues$", status=422, message="No.")
    run = world.push()
    assert code(run) is ExitCode.PARTIAL
    assert of_status(run, Status.FAILED) == ["create one-bad"]
    assert of_status(run, Status.SKIPPED) == ["create -bad 1", "create -bad 2"]
    skipped = [r for r in run.results if r.status is Status.SKIPPED]
    assert all("one-bad/epic has no issue" in r.message for r in skipped)
    assert world.titles == ["two-good", "good 1", "good 2"]
    assert unfinished(world.push()) == []
    assert world.parent("-bad 1") == "one-bad"
    world.agree()


def fill(world: World, children: int) -> None:
    """Let people give the epic so many sub-issues."""
    for _ in range(children):
        number = world.me.open_issue("Theirs", now=world.clock.now()).number
        world.me.add_sub_issue(1, number, now=world.clock.now())


def test_a_parent_that_is_full_gets_no_more_children(world: World) -> None:
    """People's sub-issues count: said before anything is sent, and not sent at every push."""
    world.epic()
    world.push()
    fill(world, 99)
    for number in range(1, 4):
        world.task(number)
    world.later(3600)
    dry = world.dry_run()
    said = [(f.path, f.severity) for f in dry.findings if f.code == "too_many_children"]
    assert said == [(f"{EPIC}/002.md", "error"), (f"{EPIC}/003.md", "error")]
    run = world.push()
    assert (unfinished(run), code(run), run.findings) == ([], ExitCode.PARTIAL, dry.findings)
    assert [world.parent(f"Task {n}") for n in (1, 2, 3)] == ["Shop", None, None]
    world.later()
    again = world.push()
    assert (ops(again), code(again)) == ([], ExitCode.PARTIAL)
    world.me.remove_parent(world.issues[2].number, now=world.later())
    assert ops(world.push()) == ["link Task 2"]
    assert code(world.push()) is ExitCode.PARTIAL


def test_a_server_that_refuses_a_child_all_the_same_is_named(world: World) -> None:
    """Its count was late: the task is made without its parent, with a warning."""
    world.epic()
    world.push()
    fill(world, 100)
    world.wrap = Uncounted
    world.task(1, "One")
    world.later(3600)
    run = world.push()
    assert unfinished(run) == []
    assert "parent_refused" in codes(run)
    assert world.parent("One") is None
    assert world.issue("One").state == "open"


class Uncounted(httpx.AsyncBaseTransport):
    """A server that tells nothing of how many sub-issues there are."""

    def __init__(self, inner: httpx.AsyncBaseTransport) -> None:
        self._inner = inner

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        answer = await self._inner.handle_async_request(request)
        await answer.aread()
        content = answer.content.replace(b'"sub_issues_summary"', b'"x"')
        headers = {k: v for k, v in answer.headers.items() if k.lower() != "content-length"}
        return httpx.Response(answer.status_code, headers=headers, content=content)


def test_an_epic_that_people_put_on_the_eighth_level_gets_no_children(world: World) -> None:
    """Levels above our own items count, too."""
    world.epic()
    world.push()
    below = 1
    for _ in range(7):
        above = world.me.open_issue("Above", now=world.clock.now()).number
        world.me.add_sub_issue(above, below, now=world.clock.now())
        below = above
    world.later(3600)
    world.task(1, "One")
    run = world.push()
    assert [f.path for f in run.findings if f.code == "too_many_levels"] == [f"{EPIC}/001.md"]
    assert (unfinished(run), world.parent("One")) == ([], None)
    world.later()
    assert ops(world.push()) == []


def test_an_issue_that_has_fifty_blockers_gets_no_more(world: World) -> None:
    """What people set counts: said before anything is sent; what leaves makes room."""
    world.epic()
    world.task(1)
    world.task(2)
    world.task(3, depends_on=["002"])
    world.push()
    number = world.issue("Task 3").number
    for _ in range(49):
        by = world.me.open_issue("Theirs", now=world.clock.now()).number
        world.me.block(number, by=by, now=world.clock.now())
    world.later(3600)
    world.task(3, depends_on=["002", "001"])
    dry = world.dry_run()
    assert [f.path for f in dry.findings if f.code == "too_many_blockers"] == [f"{EPIC}/003.md"]
    run = world.push()
    assert (ops(run), code(run)) == ([], ExitCode.PARTIAL)
    world.task(3, depends_on=["001"])
    world.later()
    run = world.push()
    assert (ops(run), unfinished(run)) == (["unblock Task 3", "block Task 3"], [])
    assert "Task 1" in world.blockers("Task 3")


def test_a_refused_epic_leaves_its_tasks_without_a_parent_for_now(world: World) -> None:
    """Lint refuses the epic (its title is too long): the tasks go on, with a warning."""
    world.epic("x" * 300)
    world.task(1, "One")
    run = world.push()
    assert world.titles == ["One"]
    assert code(run) is ExitCode.PARTIAL
    world.epic("Short")
    world.later()
    run = world.push()
    assert [t for t in ops(run) if "label" not in t] == ["create Short", "link One"], codes(run)
    assert world.parent("One") == "Short"


def test_every_write_is_one_that_github_knows(world: World) -> None:
    """The whole traffic of a push and an update conforms to GitHub's own OpenAPI."""
    contract = pytest.importorskip("contract.transport")
    judges = []

    def wrap(inner: object) -> object:
        judges.append(contract.ConformingTransport(inner))
        return judges[-1]

    world.wrap = wrap
    world.me.add_collaborator("ana", now=world.later())
    world.epic(labels=["area"], milestone="v1", assignee="ana")
    world.task(1, "One", depends_on=[2], status="done")
    world.task(2, "Two")
    assert unfinished(world.push()) == []
    world.item(f"{EPIC}/001.md", "One, again", status="open")
    world.later()
    run = world.push()
    assert unfinished(run) == []
    assert names(run) == ["unblock", "update"]
    assert judges[0].checked == len(world.github.log) - judges[1].checked
    assert all(entry.status is not None for entry in world.github.log), numbers(world.github.log)
