"""Retry takes what failed last time; --on-error and --max-failures end a run that goes wrong."""

from __future__ import annotations

import pytest
from world import EPIC, World, code, names, of_status, ops, unfinished

from ghsync.errors import ExitCode, RefusedError, StoppedError, UsageError
from ghsync.model import Event, Notice, OperationEnded, Run, Status
from ghsync.report.jsonout import run_document
from ghsync.sandbox.faults import FaultKind
from ghsync.store import Store

REFUSED = {"kind": FaultKind.STATUS, "status": 422, "message": "Validation Failed"}
LAST = f"{EPIC}/zz.md"
"""The file that a push comes to last."""
CREATE = {"method": "^POST$", "path": "/issues$"}


def refuse(world: World, skip: int, **fields: object) -> int:
    """Let GitHub refuse one create for good, after so many."""
    return world.fault(**{**REFUSED, **CREATE, "skip": skip, **fields})


def failing(world: World) -> Run:
    """A push of two epics with two tasks each, of which one epic fails, and one task."""
    world.backlog(2, ".claude/epics/aaaa")
    world.backlog(2, ".claude/epics/bbbb")
    refuse(world, 0)
    refuse(world, 3)
    run = world.push(concurrency=1)
    assert code(run) is ExitCode.PARTIAL
    return run


# --------------------------------------------------------------------------- retry


def test_retry_takes_what_failed_and_what_it_needs(world: World) -> None:
    """The failed epic with its tasks, which were skipped, and the failed task; nothing else."""
    run = failing(world)
    failed = {t.split(" ", 1)[1] for t in of_status(run, Status.FAILED)}
    skipped = {t.split(" ", 1)[1] for t in of_status(run, Status.SKIPPED)}
    assert (len(failed), len(skipped)) == (2, 2)
    world.task(9, "Fresh", ".claude/epics/bbbb")
    world.later()
    again = world.retry()
    assert unfinished(again) == []
    assert {op.split(" ", 1)[1] for op in ops(again)} == failed | skipped
    assert "Fresh" not in world.titles
    assert code(again) is ExitCode.DONE
    world.agree()
    world.later()
    assert ops(world.push()) == ["create Fresh"]


def test_retry_after_a_good_push_does_nothing(world: World) -> None:
    """Exit 0, no operation, and a line that says why; what is new waits for a push."""
    world.backlog(1)
    world.push()
    world.task(2)
    world.later()
    sent = len(world.github.log)
    run = world.retry()
    assert (ops(run), code(run), world.writes(sent)) == ([], ExitCode.DONE, [])
    assert Notice(message="nothing failed in the last push") in world.events


def test_retry_without_a_push_is_a_usage_error(world: World) -> None:
    """It says what makes a run."""
    world.epic()
    with pytest.raises(UsageError, match="No push"):
        world.retry()


def test_a_retry_that_fails_can_be_retried(world: World) -> None:
    """Also when it broke off before it came to everything that had failed."""
    failing(world)
    rule = refuse(world, 0, times=None)
    world.later()
    again = world.retry()
    assert code(again) is ExitCode.PARTIAL
    world.github.faults.remove(rule)
    world.later()
    with pytest.raises(StoppedError):
        world.retry(max_time=0)
    world.later()
    assert unfinished(world.retry()) == []
    assert len(world.issues) == 6
    world.agree()
    world.later()
    assert ops(world.retry()) == []
    world.later()
    assert ops(world.push()) == []


def test_findings_and_brakes_count(world: World) -> None:
    """A retry is a push: lint's errors make exit 1, --strict 3, and a large change is refused."""
    world.backlog(12)
    world.push()
    for number in range(1, 13):
        world.task(number, f"New {number}", depends_on=[99])
    rule = world.fault(**REFUSED, method="PATCH", times=None)
    world.later()
    assert code(world.push(allow_changes=12)) is ExitCode.PARTIAL
    world.github.faults.remove(rule)
    world.later()
    held = world.retry()
    assert isinstance(held.error, RefusedError)
    world.later()
    assert code(world.retry(allow_changes=12, strict=True)) is ExitCode.STRICT
    world.later()
    run = world.retry(allow_changes=12)
    assert unfinished(run) == []
    assert "New 12" in world.titles


def test_a_refused_retry_keeps_what_failed(world: World) -> None:
    """A retry that a brake or a finding held back has retried nothing."""
    failing(world)
    world.later()
    world.item(f"{EPIC}/epic.md", "Broken", depends_on="[nobody]")
    assert code(world.retry(strict=True)) is ExitCode.STRICT
    world.later()
    assert len(ops(world.retry())) == 4


def test_the_document_says_retry(world: World) -> None:
    """And an undo's says undo."""
    failing(world)
    world.later()
    assert run_document(world.retry())["command"] == "retry"
    world.later()
    assert run_document(world.undo())["command"] == "undo"


# ------------------------------------------------------------------------ on error


def test_on_error_stop_leaves_the_rest(world: World) -> None:
    """The first failure ends the run with 6 and says why; the next push goes on."""
    world.backlog(6)
    refuse(world, 2)
    run = world.push(on_error="stop", concurrency=1)
    assert code(run) is ExitCode.STOPPED
    assert run.error is not None
    assert "--on-error is stop" in run.error.message
    assert len(of_status(run, Status.FAILED)) == 1
    assert len(of_status(run, Status.PENDING)) == 4
    world.later()
    assert unfinished(world.push()) == []
    assert len(world.issues) == 7
    world.agree()


@pytest.mark.parametrize("most", [1, 3])
def test_max_failures(world: World, most: int) -> None:
    """So many failures end the run with 6; fewer do not."""
    world.backlog(8)
    world.push()
    for number in range(1, 9):
        world.task(number, f"New {number}")
    rule = world.fault(**REFUSED, method="PATCH", times=None)
    world.later()
    run = world.push(max_failures=most, concurrency=1)
    assert code(run) is ExitCode.STOPPED
    assert len(of_status(run, Status.FAILED)) == most
    assert len(of_status(run, Status.PENDING)) == 8 - most
    world.later()
    assert code(world.push(max_failures=10)) is ExitCode.PARTIAL
    world.github.faults.remove(rule)
    world.later()
    assert unfinished(world.push(max_failures=1)) == []


# ------------------------------------------------------------------------ rollback


def changed(world: World) -> None:
    """Files that create, update, close, link and block."""
    world.backlog(3)
    world.item(LAST, "Last")
    world.epic("Low", ".claude/epics/low")
    assert unfinished(world.push()) == []
    world.epic("New", body="New text.", labels=["x"])
    world.task(1, "shop 1", status="done")
    world.task(2, "shop 2", depends_on=[1])
    world.epic("Low", ".claude/epics/low", parent="shop")
    world.task(7, "Made")
    world.task(8, "Made, too")
    world.later()


def state(world: World) -> dict[int, tuple[object, ...]]:
    """What a rollback has to restore."""
    return {
        number: (
            issue.title,
            (issue.body or "").partition("\n")[2],
            issue.state,
            world.labels(issue.title),
            world.parent(issue.title),
            world.blockers(issue.title),
        )
        for number, issue in world.issues.items()
    }


def last_refused(world: World) -> Run:
    """A push whose last operation fails, with rollback."""
    world.fault(**REFUSED, method="PATCH", path=f"/{world.issue('Last').number}$")
    world.item(LAST, "Refused")
    return world.push(on_error="rollback", concurrency=1, max_time=3600)


def test_rollback_takes_the_run_back(world: World) -> None:
    """What it made is closed, what it changed is as before; results, log and exit code say so."""
    changed(world)
    old = state(world)
    run = last_refused(world)
    assert code(run) is ExitCode.STOPPED
    assert run.error is not None
    assert "taken back" in run.error.message
    new = state(world)
    made = [new.pop(number) for number in new.keys() - old.keys()]
    assert new == old
    assert [facts[2] for facts in made] == ["closed", "closed"]
    messages = {r.message for r in run.results if r.status is Status.SKIPPED}
    assert messages == {"done, then taken back"}
    assert len(of_status(run, Status.FAILED)) == 1
    assert {t.split()[0] for t in of_status(run, Status.DONE)} <= {"create_label"}
    log = Store.open(world.root, files=world.disk).read_log(run.id) or ""
    assert log.index('"op":"create"') < log.rindex('"op":"close"')
    world.agree()


def test_the_push_after_a_rollback_goes_on(world: World) -> None:
    """Issues that were made and closed are reopened, not made again."""
    changed(world)
    last_refused(world)
    count = len(world.issues)
    world.later()
    run = world.push()
    assert unfinished(run) == []
    assert len(world.issues) == count
    assert "reopen" in names(run)
    assert "create" not in names(run)
    assert {world.issue(t).state for t in ("Made", "Made, too")} == {"open"}
    assert world.parent("Low") == "New"
    world.agree()
    world.later()
    assert ops(world.push()) == []


def test_undo_of_a_run_that_was_rolled_back_does_nothing(world: World) -> None:
    """Its operations and their way back cancel out."""
    changed(world)
    run = last_refused(world)
    world.later()
    sent = len(world.github.log)
    undone = world.undo(run.id)
    assert (ops(undone), undone.plan.skipped, world.writes(sent)) == ([], (), [])


def test_rollback_leaves_what_somebody_touched(world: World) -> None:
    """A person's edit while the run went on stays, and is named."""
    changed(world)
    shop = world.issue("shop").number

    def meddle(event: Event) -> None:
        if isinstance(event, OperationEnded) and event.result.number == shop:
            world.me.edit(shop, now=world.clock.now(), title="Mine")

    world.on_event = meddle  # type: ignore[method-assign]
    run = last_refused(world)
    assert world.issues[shop].title == "Mine"
    assert run.error is not None
    assert f"{EPIC}/epic" in run.error.message
    assert "ghsync undo" in run.error.hint
    assert world.issue("shop 1").state == "open"


def test_a_run_without_failures_is_not_rolled_back(world: World) -> None:
    """Rollback is for failures: time that is over, or a person, only ends the run."""
    world.backlog(5)
    run = world.push(on_error="rollback", max_time=4.5, concurrency=1)
    assert code(run) is ExitCode.STOPPED
    assert of_status(run, Status.PENDING)
    assert of_status(run, Status.SKIPPED) == []
    assert {issue.state for issue in world.issues.values()} == {"open"}


def test_a_rollback_without_a_server_says_what_is_left(world: World) -> None:
    """Nothing is claimed that did not happen; `ghsync undo` does the rest later."""
    world.backlog(4)
    world.fault(FaultKind.REFUSED, skip=14, times=None)
    run = world.push(on_error="rollback", concurrency=1)
    assert code(run) is ExitCode.STOPPED
    assert run.error is not None
    assert "could not be taken back" in run.error.message
    done = [r for r in run.results if r.status is Status.DONE and hasattr(r.operation, "key")]
    assert done
    assert all(r.message.startswith("not taken back") for r in done)
    assert {issue.state for issue in world.issues.values()} == {"open"}
    world.github.faults.clear()
    world.later()
    assert unfinished(world.undo()) == []
    assert {issue.state for issue in world.issues.values()} == {"closed"}
