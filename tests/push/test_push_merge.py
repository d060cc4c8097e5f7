"""Bodies that both sides changed: merged by a push, and nothing that a person wrote is lost."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from world import EPIC, World, code, codes, names, ops

from ghsync.errors import ExitCode
from ghsync.model import Change, UpdateIssue
from ghsync.render import digest
from ghsync.sandbox.faults import FaultKind

BODY = "# Plan\n\nFirst part.\n\n- [ ] one\n- [ ] two\n\nLast part."


def on_github(world: World, old: str, new: str, number: int = 1) -> None:
    """A person edits the body on the web page."""
    body = world.issues[number].body or ""
    assert old in body
    world.me.edit(number, body=body.replace(old, new), now=world.later())


def text(world: World, number: int = 1) -> str:
    """The issue's body without its marker."""
    return (world.issues[number].body or "").partition("\n")[2]


def started(world: World) -> None:
    """Both sides in step."""
    world.epic(body=BODY)
    world.push()


def kept(world: World) -> Path:
    """Where the texts of the bases are kept."""
    return world.root / ".ghsync" / "bodies.jsonl"


def test_edits_of_different_paragraphs_merge(world: World) -> None:
    """The plan shows old and merged text; the file keeps its own, and a second push is empty."""
    started(world)
    on_github(world, "First part.", "First part, by a person.")
    world.epic(body=BODY.replace("Last part.", "Last part, in the file."))
    world.later()
    (op,) = world.dry_run().plan.operations
    merged = BODY.replace("First part.", "First part, by a person.")
    assert isinstance(op, UpdateIssue)
    after = merged.replace("Last part.", "Last part, in the file.")
    assert op.changes == (Change(field="body", old=merged, new=after, base=digest(BODY)),)
    run = world.push()
    assert (code(run), text(world)) == (ExitCode.DONE, after)
    world.later()
    assert ops(world.push()) == []
    assert world.status()[f"{EPIC}/epic"].detail == "changed on GitHub: body"


def test_a_tick_on_github_survives_an_edit_of_its_neighbours(world: World) -> None:
    """And of the ticked line itself."""
    started(world)
    on_github(world, "- [ ] one", "- [x] one")
    lines = BODY.replace("- [ ] one", "- [ ] one of many").replace("two", "two\n- [ ] 3")
    world.epic(body=lines)
    world.later()
    assert code(world.push()) is ExitCode.DONE
    assert "- [x] one of many\n- [ ] two\n- [ ] 3\n" in text(world)


def test_edits_go_on_merging_without_a_pull(world: World) -> None:
    """After a merge each side may change again, and again; all of it is in the issue."""
    started(world)
    body = BODY
    for n in range(3):
        on_github(world, "# Plan", f"# Plan\n\nperson {n}")
        body = body.replace("Last part.", f"file {n}\n\nLast part.")
        world.epic(body=body)
        world.later()
        assert names(world.push()) == ["update"]
        world.later()
        assert ops(world.push()) == []
    assert all(f"person {n}" in text(world) and f"file {n}" in text(world) for n in range(3))


def test_the_same_line_changed_differently_is_a_conflict(world: World) -> None:
    """It is named with both sides, skipped, and the exit code is 1."""
    started(world)
    on_github(world, "First part.", "Theirs.")
    world.epic(body=BODY.replace("First part.", "Mine.").replace("Last part.", "Clean."))
    world.later()
    run = world.push()
    (conflict,) = run.plan.conflicts
    (hunk,) = conflict.hunks
    assert (hunk.base, hunk.local, hunk.remote) == (("First part.",), ("Mine.",), ("Theirs.",))
    assert (hunk.local_line, hunk.remote_line, conflict.base) == (3, 3, BODY)
    assert (code(run), ops(run), "Clean." in text(world)) == (ExitCode.PARTIAL, [], False)


@pytest.mark.parametrize(("winner", "line"), [("local", "Mine."), ("remote", "Theirs.")])
def test_a_decision_is_about_the_lines_in_conflict(world: World, winner: str, line: str) -> None:
    """Clean edits of the other side stay; what is decided is not asked again."""
    started(world)
    on_github(world, "First part.", "Theirs.")
    on_github(world, "- [ ] two", "- [x] two")
    world.epic(body=BODY.replace("First part.", "Mine.").replace("Last part.", "Clean."))
    world.later()
    run = world.push(on_conflict=winner)
    assert (code(run), names(run)) == (ExitCode.DONE, ["update"])
    want = BODY.replace("First part.", line).replace("[ ] two", "[x] two")
    assert text(world) == want.replace("Last part.", "Clean.")
    world.later()
    run = world.push()
    assert (ops(run), run.plan.conflicts) == ([], ())


def test_without_the_text_of_the_base_it_is_a_conflict(world: World) -> None:
    """Never a wrong merge: the conflict says why, and shows both texts."""
    started(world)
    world.disk.remove(kept(world))
    on_github(world, "First part.", "By a person.")
    world.epic(body=BODY.replace("Last part.", "In the file."))
    world.later()
    run = world.push()
    (conflict,) = run.plan.conflicts
    assert "not kept here" in conflict.why
    assert "By a person." in str(conflict.remote)
    assert code(run) is ExitCode.PARTIAL


def test_a_damaged_line_of_the_texts_is_left_out_with_a_notice(world: World) -> None:
    """As if it were not there."""
    started(world)
    data = world.disk.read(kept(world)) or b""
    world.disk.remove(kept(world))
    fd = world.disk.append_to(kept(world))
    world.disk.write(fd, data.replace(b"First part.", b"Other part."))
    on_github(world, "First part.", "By a person.")
    world.epic(body=BODY.replace("Last part.", "In the file."))
    world.later()
    assert len(world.push().plan.conflicts) == 1
    assert any("damaged" in getattr(event, "message", "") for event in world.events)


@pytest.mark.skipif(shutil.which("git") is None, reason="needs git")
def test_a_fresh_clone_merges_with_the_file_as_git_has_it(world: World) -> None:
    """The earlier version whose digest the map names stands for the text, under an older name too.

    Later versions of the file are looked at and passed over.
    """

    def git(*words: str) -> None:
        who = ("-c", "user.name=n", "-c", "user.email=e@x.y", "-c", "commit.gpgsign=false")
        command = ["git", *who, *words]
        subprocess.run(command, cwd=world.root, check=True, capture_output=True)

    git("init", "-q")
    started(world)
    git("add", f"{EPIC}/epic.md")
    git("commit", "-qm", "one")
    on_github(world, "First part.", "By a person.")
    for n in range(2):
        world.epic(body=BODY.replace("Last part.", f"In the file {n}."))
        git("commit", "-qam", "more")
    world.disk.remove(kept(world))
    world.later()
    assert (code(world.push()), world.push().plan.conflicts) == (ExitCode.DONE, ())
    assert "By a person." in text(world)
    assert "In the file 1." in text(world)


def test_a_merge_whose_answer_was_lost_is_known_by_the_next_run(world: World) -> None:
    """What is on GitHub is what was sent, so nothing is sent again and nothing conflicts."""
    started(world)
    on_github(world, "First part.", "By a person.")
    world.epic(body=BODY.replace("Last part.", "In the file."))
    world.later()
    world.fault(FaultKind.TIMEOUT, method="PATCH", committed=True, times=100)
    world.push()
    assert "In the file." in text(world)
    world.github.faults.clear()
    world.disk.remove(kept(world))
    world.later()
    run = world.push()
    assert (ops(run), run.plan.conflicts) == ([], ())
    assert world.status()[f"{EPIC}/epic"].detail == "changed on GitHub: body"


def test_undoing_a_merge_gives_back_what_the_person_wrote(world: World) -> None:
    """The issue has the text that it had; a push after that merges anew and loses nothing."""
    started(world)
    on_github(world, "First part.", "By a person.")
    world.epic(body=BODY.replace("Last part.", "In the file."))
    world.later()
    before = text(world)
    world.push()
    assert text(world) != before
    world.later()
    run = world.undo()
    assert (code(run), text(world)) == (ExitCode.DONE, before)
    world.later()
    world.push()
    assert "By a person." in text(world)
    assert "In the file." in text(world)


def test_undoing_a_merge_that_a_person_has_edited_since(world: World) -> None:
    """It stays as it is, and is shown as a conflict; the title goes back all the same."""
    started(world)
    on_github(world, "First part.", "By a person.")
    world.epic("Shop 2", body=BODY.replace("Last part.", "In the file."))
    world.later()
    world.push()
    on_github(world, "By a person.", "By a person, again.")
    before = text(world)
    world.later()
    run = world.undo()
    assert [conflict.field for conflict in run.plan.conflicts] == ["body"]
    assert (text(world), world.titles) == (before, ["Shop"])
    world.later()
    world.push()
    assert text(world) == before


# ------------------------------------------------------------------------------ reason


def closed_as(world: World, number: int = 1) -> str | None:
    """The reason on GitHub."""
    return world.issues[number].state_reason


def test_another_reason_alone_is_pushed(world: World) -> None:
    """Done, then cancelled: one PATCH; a second push is empty, and an undo puts it back."""
    world.epic(status="done")
    world.push()
    assert closed_as(world) == "completed"
    world.epic(status="cancelled")
    world.later()
    run = world.push()
    (op,) = run.plan.operations
    assert isinstance(op, UpdateIssue)
    assert op.changes == (Change(field="state_reason", old="completed", new="not_planned"),)
    assert (code(run), closed_as(world)) == (ExitCode.DONE, "not_planned")
    world.later()
    assert ops(world.push()) == []
    world.undo()
    assert closed_as(world) == "completed"


@pytest.mark.parametrize("reason", ["not_planned", "duplicate"])
def test_the_reason_that_a_person_chose_stays(world: World, reason: str) -> None:
    """Closed again on the web page for another reason; the file did not change."""
    world.epic(status="done")
    world.push()
    world.me.close(1, reason=reason, now=world.later())
    world.later()
    assert ops(world.push()) == []
    assert closed_as(world) == reason
    assert world.status()[f"{EPIC}/epic"].detail == "changed on GitHub: reason"
    world.epic(status="cancelled")
    world.later()
    assert ops(world.push()) == []  # both mean that it was not done


def test_a_reason_that_the_server_keeps_is_a_warning_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """GitHub documents that it ignores the reason of an issue that is closed already."""
    world.epic(status="done")
    world.push()
    monkeypatch.setattr("ghsync.sandbox.changes.set_state", lambda _, issue, **__: issue)
    world.epic(status="cancelled")
    world.later()
    assert "reason_kept" in codes(world.push())
    world.later()
    assert ops(world.push()) == []
