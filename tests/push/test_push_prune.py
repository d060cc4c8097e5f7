"""Issues whose files are gone: named, and closed only with ``--prune``."""

from __future__ import annotations

from push.world import EPIC, World, code, codes

from ghsync.errors import ExitCode
from ghsync.model import CloseIssue


def test_a_file_that_is_gone_is_named_and_its_issue_left(world: World) -> None:
    """Deleting a file is no order to close anything."""
    world.backlog(3)
    world.push()
    world.remove(f"{EPIC}/003.md")
    run = world.push()
    assert run.results == ()
    (skip,) = run.plan.skipped
    assert (skip.key, "its file is gone" in skip.reason) == (f"{EPIC}/003", True)
    assert codes(run) == set()


def test_prune_closes_it_as_not_planned(world: World) -> None:
    """Once; a file that comes back reopens it."""
    world.backlog(3)
    world.push()
    world.remove(f"{EPIC}/003.md")
    dry = world.dry_run(prune=True)
    (op,) = dry.plan.operations
    assert isinstance(op, CloseIssue)
    run = world.push(prune=True)
    assert (code(run), run.plan.operations) == (ExitCode.DONE, dry.plan.operations)
    issue = world.issues[max(world.issues)]
    assert (issue.state, issue.state_reason) == ("closed", "not_planned")
    assert world.push(prune=True).results == ()
    world.task(3, f"{EPIC[-4:]} 3")
    assert code(world.push()) is ExitCode.DONE
    assert world.issues[max(world.issues)].state == "open"


def test_a_prune_of_much_is_refused(world: World) -> None:
    """A folder that was lost is no reason to close a project."""
    world.backlog(12)
    world.push()
    for number in range(1, 10):
        world.remove(f"{EPIC}/{number:03d}.md")
    assert code(world.push(prune=True)) is ExitCode.REFUSED
    assert code(world.push(prune=True, allow_changes=9)) is ExitCode.DONE
    assert sum(issue.state == "closed" for issue in world.issues.values()) == 9


def test_what_somebody_changed_since_is_not_closed(world: World) -> None:
    """It is named instead: a person still works with it."""
    world.backlog(2)
    world.push()
    world.remove(f"{EPIC}/002.md")
    number = max(world.issues)
    world.person().edit(number, title="Still needed", now=world.later())
    run = world.push(prune=True)
    assert run.results == ()
    assert any("somebody changed issue" in skip.reason for skip in run.plan.skipped)
    assert world.issues[number].state == "open"
