"""Pushes after the first: what changed and nothing else, and what people did stays."""

from __future__ import annotations

import pytest
from world import EPIC, World, code, codes, names, numbers, ops, unfinished

from ghsync.errors import ExitCode, WrongRepositoryError
from ghsync.model import UpdateIssue


def test_an_unchanged_repository_costs_two_reads(world: World) -> None:
    """A second push of 1,000 items sends no write, and reads only what changed since."""
    for epic in range(20):
        world.backlog(50, f".claude/epics/e{epic:03d}")
    assert unfinished(world.push()) == []
    before = len(world.github.log)
    world.later()
    run = world.push()
    assert (code(run), ops(run), len(run.plan.unchanged)) == (ExitCode.DONE, [], 1020)
    assert len(world.github.log) - before == run.spent.reads <= 5
    assert run.spent.writes == 0


def test_any_number_of_changed_fields_is_one_patch(world: World) -> None:
    """Title, body, labels, assignees, milestone and state: one request."""
    world.epic()
    world.push()
    world.epic(
        "New", body="New text.", labels=["x"], assignee="octo", milestone="v1", status="done"
    )
    world.later()
    before = len(world.github.log)
    run = world.push()
    (update,) = [op for op in run.plan.operations if isinstance(op, UpdateIssue)]
    assert {change.field for change in update.changes} == {
        "title", "body", "labels", "assignees", "milestone", "state",
    }  # fmt: skip
    assert [e.method for e in world.writes(before)].count("PATCH") == 1
    issue = world.issue("New")
    assert (issue.state, issue.assignees) == ("closed", ("octo",))
    assert (issue.body or "").endswith("\nNew text.")
    world.later()
    assert ops(world.push()) == []


@pytest.mark.parametrize(
    ("before", "after", "word"), [("open", "done", "close"), ("done", "open", "reopen")]
)
def test_a_changed_state_alone_is_a_close_or_a_reopen(
    world: World, before: str, after: str, word: str
) -> None:
    """A status that changed closes or reopens the issue, and says no more than that."""
    world.epic(status=before)
    world.push()
    world.epic(status=after)
    world.later()
    assert names(world.push()) == [word]
    assert world.issue("Shop").state == ("closed" if word == "close" else "open")
    world.later()
    assert ops(world.push()) == []


def test_labels_that_people_add_stay(world: World) -> None:
    """After any number of pushes, whatever else the file changes."""
    world.epic(labels=["a"])
    world.push()
    world.me.label(1, "mine", now=world.later())
    for labels in (["a", "b"], ["b"], ["b", "c"], []):
        world.epic(f"Shop {labels}", labels=labels)
        world.later()
        assert unfinished(world.push()) == []
        assert world.labels(f"Shop {labels}") == {"mine", "epic", *labels}
        world.later()
        assert ops(world.push()) == []


def test_labels_that_people_remove_stay_away(world: World) -> None:
    """A label taken off on GitHub is not put on again by updates of other fields."""
    world.epic(labels=["a", "b"])
    world.push()
    world.me.unlabel(1, "a", now=world.later())
    for title in ("One", "Two", "Three"):
        world.epic(title, labels=["a", "b"])
        world.later()
        assert [t for t in names(world.push()) if t != "update"] == []
        assert world.labels(title) == {"epic", "b"}
    world.epic("Three", labels=["a", "b", "c"])
    world.later()
    world.push()
    assert world.labels("Three") == {"epic", "b", "c"}


def test_assignees_that_people_add_stay(world: World) -> None:
    """An assignee whom the file never named is nobody's business but GitHub's."""
    world.me.add_collaborator("ana", now=world.later())
    world.epic(assignee="octo")
    world.push()
    world.me.assign(1, "octo", "ana", now=world.later())
    world.epic("New")
    world.later()
    world.push()
    assert world.issue("New").assignees == ("ana",)


def test_an_issue_that_a_person_closed_stays_closed(world: World) -> None:
    """The file still says open: that is a change of GitHub's side alone, also after updates."""
    world.epic()
    world.push()
    world.me.close(1, now=world.later())
    world.later()
    assert ops(world.push()) == []
    assert world.status()[f"{EPIC}/epic"].state == "behind"
    for title in ("One", "Two"):
        world.epic(title)
        world.later()
        assert names(world.push()) == ["update"]
        assert world.issue(title).state == "closed"


def test_line_ends_alone_are_no_change(world: World) -> None:
    """GitHub's web editor sends CRLF; saving there without a change is none."""
    world.epic(body="One.\n\nTwo.")
    world.push()
    body = world.issue("Shop").body or ""
    world.me.edit(1, body=body.replace("\n", "\r\n") + "\r\n\r\n", now=world.later())
    world.later()
    assert ops(world.push()) == []
    assert world.status()[f"{EPIC}/epic"].state == "in step"


def test_both_sides_changed_a_title_differently(world: World) -> None:
    """A conflict is named, its item is left alone as a whole, and the exit code is 1."""
    world.epic()
    world.task(1, "One")
    world.push()
    world.me.edit(1, title="From GitHub", now=world.later())
    world.epic("From the file", body="New text, too.")
    world.task(1, "One, changed")
    world.later()
    run = world.push()
    assert code(run) is ExitCode.PARTIAL
    (conflict,) = run.plan.conflicts
    assert (conflict.field, conflict.base, conflict.local, conflict.remote) == (
        "title", "Shop", "From the file", "From GitHub",
    )  # fmt: skip
    assert names(run) == ["update"]
    assert world.titles == ["From GitHub", "One, changed"]
    assert "New text" not in (world.issue("From GitHub").body or "")
    assert world.status()[f"{EPIC}/epic"].state == "diverged"


@pytest.mark.parametrize("winner", ["local", "remote"])
def test_a_conflict_can_be_decided(world: World, winner: str) -> None:
    """``--on-conflict`` lets the file or GitHub win, once and for all."""
    world.epic()
    world.push()
    world.me.edit(1, title="From GitHub", now=world.later())
    world.epic("From the file", body="New text.")
    world.later()
    run = world.push(on_conflict=winner)
    assert (code(run), run.plan.conflicts) == (ExitCode.DONE, ())
    title = "From the file" if winner == "local" else "From GitHub"
    assert world.titles == [title]
    assert "New text." in (world.issue(title).body or "")
    world.later()
    run = world.push()
    assert (ops(run), run.plan.conflicts) == ([], ())


def test_both_sides_made_the_same_change(world: World) -> None:
    """Then they agree, without a request."""
    world.epic()
    world.push()
    world.me.edit(1, title="Better", now=world.later())
    world.epic("Better")
    world.later()
    run = world.push()
    assert (ops(run), run.plan.conflicts) == ([], ())


def test_a_child_that_a_person_moved_stays_there(world: World) -> None:
    """Another parent, given on GitHub, is kept by later pushes; the same change in both agrees."""
    world.backlog(1)
    world.backlog(0, ".claude/epics/other")
    world.push()
    other, child = world.issue("other").number, world.issue("shop 1").number
    world.me.add_sub_issue(other, child, now=world.later())
    world.task(1, "New")
    world.later()
    assert names(world.push()) == ["update"]
    assert world.parent("New") == "other"
    world.later()
    assert ops(world.push()) == []


def test_a_child_moved_on_both_sides_is_a_conflict(world: World) -> None:
    """A third parent in the file against another on GitHub is for a person to decide."""
    world.epic("A", ".claude/epics/a", parent="b")
    for name in "bcd":
        world.epic(name.upper(), f".claude/epics/{name}")
    world.push()
    child = world.issue("A").number
    world.me.add_sub_issue(world.issue("C").number, child, now=world.later())
    world.epic("A", ".claude/epics/a", parent="d")
    world.later()
    run = world.push()
    (conflict,) = run.plan.conflicts
    assert (conflict.field, code(run)) == ("parent", ExitCode.PARTIAL)
    assert world.parent("A") == "C"
    world.push(on_conflict="local")
    assert world.parent("A") == "D"
    world.later()
    assert ops(world.push()) == []


def test_a_parent_that_the_file_drops_is_unlinked(world: World) -> None:
    """And a new one is linked in its place, in one request."""
    world.epic("A", ".claude/epics/a", parent="b")
    for name in "bc":
        world.epic(name.upper(), f".claude/epics/{name}")
    world.push()
    assert world.parent("A") == "B"
    world.epic("A", ".claude/epics/a", parent="c")
    world.later()
    assert ops(world.push()) == ["link A"]
    assert world.parent("A") == "C"
    world.epic("A", ".claude/epics/a")
    world.later()
    assert ops(world.push()) == ["unlink A"]
    assert world.parent("A") is None
    world.later()
    assert ops(world.push()) == []


def test_a_dependency_that_the_file_drops_is_unblocked(world: World) -> None:
    """Only edges that ghsync made: one that a person added stays."""
    world.backlog(2)
    world.task(3, "Three", depends_on=[1, 2])
    world.push()
    world.me.block(world.issue("Three").number, by=1, now=world.later())
    world.task(3, "Three", depends_on=[2])
    world.later()
    assert names(world.push()) == ["unblock"]
    assert world.blockers("Three") == {"shop", "shop 2"}
    world.later()
    assert ops(world.push()) == []


def test_a_blocker_that_a_person_removed_stays_away(world: World) -> None:
    """The file still names it; GitHub's side alone changed."""
    world.backlog(1)
    world.task(2, "Two", depends_on=[1])
    world.push()
    two, one = world.issue("Two").number, world.issue("shop 1").number
    world.me.unblock(two, by=one, now=world.later())
    world.task(2, "Two, new", depends_on=[1])
    world.later()
    assert names(world.push()) == ["update"]
    assert world.blockers("Two, new") == set()


def test_an_epic_that_lint_holds_back_keeps_its_children(world: World) -> None:
    """Its title became too long: the links on GitHub stay as they are."""
    world.backlog(2)
    world.push()
    world.epic("x" * 300)
    world.task(1, "One")
    world.later()
    run = world.push()
    assert names(run) == ["update"]
    assert code(run) is ExitCode.PARTIAL
    assert (world.parent("One"), world.parent("shop 2")) == ("shop", "shop")


def test_a_deleted_file_leaves_its_issue_alone(world: World) -> None:
    """It is named as skipped; closing is the user's decision."""
    world.backlog(2)
    world.push()
    world.remove(f"{EPIC}/001.md")
    world.later()
    run = world.push()
    assert ops(run) == []
    (skip,) = run.plan.skipped
    assert skip.key == f"{EPIC}/001"
    assert world.issue("shop 1").state == "open"


def test_a_deleted_issue_is_named_and_waits(world: World) -> None:
    """No second issue is made until somebody says that the first is to be forgotten."""
    world.backlog(2)
    world.push()
    world.me.delete(2, now=world.later())
    world.me.transfer(3, "octo/other", now=world.later())
    world.disk.names.pop(world.root / ".ghsync/cache.jsonl")
    run = world.push()
    assert (names(run), code(run)) == ([], ExitCode.PARTIAL)
    assert codes(run) == {"issue_gone"}
    assert [row.state for row in world.status().values()] == ["missing", "missing", "in step"]


@pytest.mark.parametrize("fate", ["delete", "transfer"])
def test_an_issue_that_a_reading_since_cannot_show_as_gone(world: World, fate: str) -> None:
    """The update of it fails; from then on it is named as gone, and never made again."""
    world.backlog(2)
    world.push()
    if fate == "delete":
        world.me.delete(2, now=world.later())
    else:
        world.me.transfer(2, "octo/other", now=world.later())
    world.task(1, "Changed")
    world.task(2, "Changed, too")
    run = world.push()
    assert (names(run), code(run)) == (["update", "update"], ExitCode.PARTIAL)
    (failed,) = unfinished(run)
    assert "#2" in failed
    assert "says what is gone for good" in failed
    for _ in range(2):
        run = world.push()
        assert (names(run), codes(run), code(run)) == ([], {"issue_gone"}, ExitCode.PARTIAL)


def test_a_map_of_another_repository_is_refused(world: World) -> None:
    """By its id, before any issue is read one by one; nothing is sent."""
    world.backlog(3)
    world.push()
    before = len(world.github.log)
    with pytest.raises(WrongRepositoryError, match="octo/plan"):
        world.push(repo="octo/elsewhere")
    assert len(world.github.log) - before <= 3, numbers(world.github.log)


def test_a_renamed_repository_is_the_same(world: World) -> None:
    """The map goes by id, and the old name leads to the new one."""
    world.backlog(1)
    world.push()
    world.me.configure(name="renamed", now=world.later())
    world.task(1, "New")
    world.later()
    run = world.push()
    assert (names(run), code(run)) == (["update"], ExitCode.DONE)
    assert world.map.repo == "octo/renamed"


def test_a_lagging_list_hides_no_issue_of_the_map(world: World) -> None:
    """In a fresh checkout (the map, no cache) the list is behind: issues are read directly."""
    world.me.configure(lag=600.0, now=world.later())
    world.backlog(2)
    world.push()
    world.disk.names.pop(world.root / ".ghsync/cache.jsonl")
    run = world.push()
    assert (ops(run), code(run)) == ([], ExitCode.DONE)


def test_a_link_is_known_to_the_next_run(world: World) -> None:
    """Also where GitHub does not count a new parent as a change of the child."""
    world.epic("A", ".claude/epics/a")
    world.epic("B", ".claude/epics/b")
    world.push()
    world.epic("A", ".claude/epics/a", parent="b")
    world.later()
    world.push()
    assert world.parent("A") == "B"
    world.epic("A", ".claude/epics/a")
    world.later()
    world.push()
    assert world.parent("A") is None
