"""Undo: the remote is as before the run, except where somebody has touched it since."""

from __future__ import annotations

import asyncio
import itertools
from contextlib import suppress
from pathlib import Path

import pytest
from store.store_disk import Killed
from world import EPIC, World, code, names, ops, unfinished

from ghsync import sync
from ghsync.errors import ExitCode, StoppedError, UsageError
from ghsync.model import Run, Status, UpdateIssue
from ghsync.sandbox.faults import FaultKind
from ghsync.stop import Stop

Facts = dict[str, object]
LOW = ".claude/epics/low"


def facts(world: World, number: int) -> Facts:
    """What people see of an issue, by what undo promises to restore."""
    issue = world.issues[number]
    return {
        "title": issue.title,
        "body": (issue.body or "").partition("\n")[2],
        "state": issue.state,
        "reason": issue.state_reason if issue.state == "closed" else None,
        "labels": world.labels(issue.title),
        "assignees": set(issue.assignees),
        "milestone": issue.milestone and world.me.repo.milestones[issue.milestone].title,
        "parent": world.parent(issue.title),
        "blockers": world.blockers(issue.title),
    }


def all_facts(world: World) -> dict[int, Facts]:
    """What people see of every issue."""
    return {number: facts(world, number) for number in world.issues}


def before(world: World) -> None:
    """A first push of everything that the second one will change.

    No parent has a milestone: GitHub gives it to a child that is linked and has none.
    """
    world.me.add_collaborator("ana", now=world.later())
    world.epic(body="Old text.\n\nMore.", labels=["a", "b"], assignee="octo")
    world.task(1, "To close", body="One.")
    world.task(2, "To reopen", status="cancelled")
    world.task(3, "To link")
    world.task(4, "To block", depends_on=[1])
    world.task(5, "All at once", body="Five.", labels=["x"], milestone="v1", status="done")
    world.epic("Low", LOW)
    world.epic("Other", ".claude/epics/other", parent="shop")
    assert unfinished(world.push()) == []


def change(world: World) -> Run:
    """A second push: it creates, updates each field, closes, reopens, and moves every edge."""
    world.epic("New", body="New text.", labels=["b", "c"], assignee="ana")
    world.task(1, "To close", body="One.", status="done")
    world.task(2, "To reopen")
    world.move(f"{EPIC}/003.md", f"{LOW}/003.md")
    world.task(4, "To block", depends_on=[2])
    world.task(5, "All changed", body="Six.", labels=["y"], milestone="v2")
    world.epic("Other", ".claude/epics/other")
    world.task(6, "Made", depends_on=[1])
    world.epic("Low", LOW, parent="shop")
    world.later()
    run = world.push()
    assert unfinished(run) == []
    assert {*names(run)} >= {
        "create", "update", "close", "reopen", "link", "unlink", "block", "unblock",
    }  # fmt: skip
    return run


@pytest.mark.parametrize("cached", [True, False])
def test_everything_is_as_before(world: World, cached: bool) -> None:
    """Texts, labels, people, milestones, states, parents, blockers; what was made is closed.

    Whether the undo reads all issues anew, or only digests of their texts are known to it.
    """
    before(world)
    old = all_facts(world)
    change(world)
    (made,) = world.issues.keys() - old.keys()
    if not cached:
        for path in [p for p in world.disk.names if "cache" in p.name]:
            del world.disk.names[path]
    world.later()
    run = world.undo()
    assert (unfinished(run), code(run)) == ([], ExitCode.DONE)
    new = all_facts(world)
    closed = new.pop(made)
    assert new == old
    assert (closed["state"], closed["reason"]) == ("closed", "not_planned")
    world.agree()


def test_undo_twice_does_nothing_the_second_time(world: World) -> None:
    """What is back already is neither an operation nor a skip."""
    before(world)
    change(world)
    world.later()
    world.undo()
    world.later()
    sent = len(world.github.log)
    again = world.undo()
    assert (ops(again), again.plan.skipped, again.plan.conflicts) == ([], (), ())
    assert (code(again), world.writes(sent)) == (ExitCode.DONE, [])


def test_undo_of_an_undo_restores_the_run(world: World) -> None:
    """An undo is a run like any other, and its log says what it replaced."""
    before(world)
    change(world)
    new = all_facts(world)
    world.later()
    undone = world.undo()
    world.later()
    back = world.undo(undone.id)
    assert (unfinished(back), code(back)) == ([], ExitCode.DONE)
    assert all_facts(world) == new
    world.later()
    assert ops(world.push()) == []


def test_a_push_after_an_undo_brings_the_files_back(world: World) -> None:
    """The files still say what they said; once they are set back, too, nothing is left to write."""
    before(world)
    kept = {p: p.read_text() for p in world.root.rglob("*.md")}
    change(world)
    new = all_facts(world)
    world.later()
    world.undo()
    world.later()
    assert unfinished(world.push()) == []
    assert all_facts(world) == new
    world.later()
    world.undo()
    for path in list(world.root.rglob("*.md")):
        path.unlink()
    for path, text in kept.items():
        path.write_text(text)
    world.later()
    # A child that was linked again is the last one; the places are all that an undo leaves.
    assert set(names(world.push())) <= {"move"}
    world.later()
    sent = len(world.github.log)
    assert ops(world.push()) == []
    assert world.writes(sent) == []


def test_labels_and_milestones_that_were_made_stay(world: World) -> None:
    """Somebody else may use them by now."""
    world.epic(labels=["fresh"], milestone="v9")
    world.push()
    world.later()
    run = world.undo()
    assert names(run) == ["close"]
    assert "fresh" in {label.name for label in world.me.repo.labels.values()}
    assert "v9" in {milestone.title for milestone in world.me.repo.milestones.values()}


def test_what_people_added_since_stays(world: World) -> None:
    """Labels and assignees are sets: only what the run changed goes back."""
    before(world)
    change(world)
    shop = world.issue("New").number
    world.me.label(shop, "mine", now=world.later())
    world.me.assign(shop, "ana", "octo", now=world.later())
    world.later()
    run = world.undo()
    assert (unfinished(run), run.plan.conflicts) == ([], ())
    assert world.labels("Shop") == {"epic", "a", "b", "mine"}
    assert world.issue("Shop").assignees == ("octo",)


def test_a_field_that_somebody_touched_is_named_and_left(world: World) -> None:
    """Exit 1, the conflict shows the texts, and the other fields go back all the same."""
    before(world)
    change(world)
    shop = world.issue("New").number
    world.me.edit(shop, now=world.later(), title="Mine", body="Mine, too.")
    world.later()
    run = world.undo()
    assert code(run) is ExitCode.PARTIAL
    assert {(c.field, c.remote) for c in run.plan.conflicts} == {
        ("title", "Mine"), ("body", "Mine, too."),
    }  # fmt: skip
    issue = world.issue("Mine")
    assert issue.body == "Mine, too."
    assert world.labels("Mine") == {"epic", "a", "b"}
    assert issue.assignees == ("octo",)
    assert world.issue("To close").state == "open"


def test_a_parent_that_somebody_changed_is_left(world: World) -> None:
    """An issue that a person moved elsewhere since stays there, as a conflict."""
    before(world)
    change(world)
    low, child = world.issue("Low").number, world.issue("To link").number
    other = world.issue("Other").number
    assert world.parent("To link") == "Low"
    world.me.add_sub_issue(other, child, now=world.later())
    world.later()
    run = world.undo()
    assert code(run) is ExitCode.PARTIAL
    (conflict,) = run.plan.conflicts
    assert (conflict.field, conflict.number) == ("parent", child)
    assert (conflict.base, conflict.remote) == (f"#{low}", f"#{other}")
    assert world.parent("To link") == "Other"


def test_a_later_run_keeps_what_it_changed(world: World) -> None:
    """Undo of an older run, by the beginning of its id: the newer value stays, with the reason."""
    world.epic("One", body="Old.")
    world.push()
    world.epic("Two", body="New.", labels=["x"])
    world.later()
    older = world.push()
    world.epic("Three", body="New.", labels=["x", "y"])
    world.later()
    world.push()
    world.later()
    run = world.undo(older.id[:-2])
    assert [skip.reason for skip in run.plan.skipped] == ["a later run changed its title"]
    assert (names(run), unfinished(run)) == (["update"], [])
    issue = world.issue("Three")
    assert (issue.body or "").endswith("\nOld.")
    assert world.labels("Three") == {"epic", "y"}


def test_a_renamed_file_is_no_obstacle(world: World) -> None:
    """The issue is the same, whatever its item is called by now."""
    world.epic()
    world.task(1, "Old")
    world.push()
    world.task(1, "New")
    world.later()
    older = world.push()
    world.move(f"{EPIC}/001.md", f"{EPIC}/002.md")
    world.later()
    world.push()
    world.later()
    assert unfinished(world.undo(older.id)) == []
    assert sorted(world.titles) == ["Old", "Shop"]


def test_issues_that_were_adopted_are_not_closed(world: World) -> None:
    """They were there before the run; what it changed of them goes back."""
    world.me.open_issue("Was here", body="Text.", now=world.later())
    world.epic("Was here", github=1)
    assert names(world.push()) != ["create"]
    world.later()
    world.undo()
    issue = world.issues[1]
    assert (issue.state, issue.title) == ("open", "Was here")
    world.epic("Changed", github=1)
    world.later()
    world.push()
    world.later()
    assert names(world.undo()) == ["update"]
    assert world.issues[1].title == "Was here"


def test_the_text_is_read_before_it_is_replaced(world: World) -> None:
    """A run that knows a text by its digest alone reads it, so that it can be restored."""
    world.epic(body="Old text,\nwith two lines.")
    world.push()
    world.epic("Retitled", body="Old text,\nwith two lines.")
    world.later(7200)
    world.push()
    world.epic("Retitled", body="New text.")
    world.later(7200)
    run = world.push()
    (update,) = run.plan.operations
    assert isinstance(update, UpdateIssue)
    (changed,) = update.changes
    assert changed.old == "Old text,\nwith two lines."
    world.later(7200)
    undone = world.undo()
    assert unfinished(undone) == []
    assert (world.issues[1].body or "").endswith("\nOld text,\nwith two lines.")
    world.later(7200)
    assert unfinished(world.undo(undone.id)) == []
    assert (world.issues[1].body or "").endswith("\nNew text.")


def test_a_dry_run_writes_nothing(world: World) -> None:
    """Neither to GitHub nor to the disk; it shows what the undo then does."""
    before(world)
    change(world)
    world.later()
    sent, steps = len(world.github.log), len(world.disk.steps)
    dry = world.undo(dry_run=True)
    assert (world.writes(sent), world.disk.steps[steps:]) == ([], [])
    assert dry.dry_run
    assert ops(dry) == ops(world.undo())


def test_issues_that_are_gone_are_named(world: World) -> None:
    """Each is named; the others go back."""
    world.backlog(3)
    world.push()
    for number in range(1, 4):
        world.task(number, f"New {number}")
    world.later()
    assert unfinished(world.push()) == []
    gone = world.issue("New 1").number
    world.me.delete(gone, now=world.later())
    world.later()
    run = world.undo()
    (left,) = unfinished(run)
    assert f"issue #{gone} is no longer in octo/plan" in left
    assert {"shop 2", "shop 3"} <= set(world.titles)
    assert [skip.reason for skip in world.undo().plan.skipped] == [f"issue #{gone} is gone"]


def test_a_list_that_lags_hides_nothing(world: World) -> None:
    """Right after a push the list may show the issues as they were, or not at all."""
    before(world)
    old = all_facts(world)
    world.later(3600)
    world.me.configure(lag=600.0, now=world.clock.now())
    change(world)
    (made,) = world.issues.keys() - old.keys()
    run = world.undo()
    assert unfinished(run) == []
    new = all_facts(world)
    assert new.pop(made)["state"] == "closed"
    assert new == old


def test_without_a_push_there_is_nothing_to_undo(world: World) -> None:
    """A usage error says how to go on; so does an id that is none."""
    with pytest.raises(UsageError):
        world.undo()
    world.epic()
    world.push()
    with pytest.raises(UsageError):
        world.undo("999")


def test_a_push_that_did_nothing_is_passed_over(world: World) -> None:
    """Without a name, the last push that did anything is meant."""
    world.epic()
    world.push()
    world.later()
    assert ops(world.push()) == []
    world.later()
    assert names(world.undo()) == ["close"]


def test_a_partly_taken_update_goes_back(world: World) -> None:
    """An update that GitHub took in part failed; what it did change is restored."""
    world.epic("One", body="Old.")
    world.push()
    world.fault(FaultKind.DROP, method="PATCH", drop=("body",))
    world.epic("Two", body="New.")
    world.later()
    run = world.push()
    assert [r.status for r in run.results] == [Status.FAILED]
    world.later()
    assert unfinished(world.undo()) == []
    assert (world.issues[1].title, (world.issues[1].body or "")[-4:]) == ("One", "Old.")


# ------------------------------------------------------------------------- crashes


@pytest.mark.parametrize("part", range(8))
def test_an_undo_that_was_killed_is_finished_by_the_next(world: World, part: int) -> None:
    """At any step; the files' state comes back with the next push in full."""
    before(world)
    old = all_facts(world)
    change(world)
    new = all_facts(world)
    (made,) = new.keys() - old.keys()
    world.later()
    world.disk.kill_at = len(world.disk.steps) + 5 + 11 * part
    with suppress(Killed):
        world.undo()
    world.revive()
    world.later()
    run = world.undo()
    assert (unfinished(run), run.plan.conflicts) == ([], ())
    now = all_facts(world)
    assert now.pop(made)["state"] == "closed"
    assert now == old
    world.agree()
    world.later()
    assert unfinished(world.push()) == []
    assert all_facts(world) == new


def test_what_a_killed_push_made_is_closed(tmp_path: Path) -> None:
    """Creates whose result never reached the log, or whose answer nobody saw, are its work, too."""
    for step in itertools.count(3, 3):
        world = World(tmp_path / str(step))
        world.root.mkdir()
        world.backlog(3)
        world.disk.kill_at = step
        try:
            world.push()
        except Killed:
            world.revive()
        else:
            assert step > 30
            return
        world.later()
        try:
            run = world.undo()
        except UsageError:
            continue  # killed before the run had a log
        assert (unfinished(run), code(run)) == ([], ExitCode.DONE)
        assert {issue.state for issue in world.issues.values()} <= {"closed"}, step
        world.agree()
        world.later()
        assert unfinished(world.push()) == []
        assert {issue.state for issue in world.issues.values()} == {"open"}
        assert len(world.issues) == 4
        world.agree()


def test_an_undo_can_be_stopped_and_goes_on(world: World) -> None:
    """With its time over it ends with 6; the next undo does the rest."""
    world.backlog(8)
    world.push()
    world.later()
    run = world.undo(max_time=1.3, concurrency=1)
    assert code(run) is ExitCode.STOPPED
    assert {r.status for r in run.results} == {Status.DONE, Status.PENDING}
    world.later()
    assert unfinished(world.undo()) == []
    assert {issue.state for issue in world.issues.values()} == {"closed"}


def test_an_undo_never_takes_sides(world: World) -> None:
    """Whatever ``on_conflict`` says: what a person wrote meanwhile stays."""
    world.epic("One")
    world.push()
    world.epic("Two")
    world.later()
    world.push()
    world.me.edit(1, now=world.later(), title="Mine")
    world.later()
    run = world.undo(on_conflict="local")
    assert (code(run), world.titles) == (ExitCode.PARTIAL, ["Mine"])


def test_an_undo_may_be_stopped_before_it_starts(world: World) -> None:
    """Time that is over while it reads leaves everything as it was."""
    world.epic()
    world.push()
    world.later()
    stop = Stop()
    around = world.around(command="undo", stop=stop)
    with pytest.raises(StoppedError) as caught:
        asyncio.run(sync.undo(world.config(max_time=0), around))
    assert caught.value.exit_code is ExitCode.STOPPED
    assert {issue.state for issue in world.issues.values()} == {"open"}
