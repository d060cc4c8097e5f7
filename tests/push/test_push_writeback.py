"""``--write-back``: a file gets its issue's URL or number, and nothing else in it changes."""

from __future__ import annotations

import asyncio
import os
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from push.world import EPIC, World, code

from ghsync import sync
from ghsync.errors import ExitCode, RunInterruptedError
from ghsync.loader import load
from ghsync.model import Event, FileStatus, Loaded, OperationEnded, Run
from ghsync.sandbox.faults import FaultKind
from ghsync.stop import Stop
from ghsync.store import Store
from ghsync.writer import digest

ONE = f"{EPIC}/001.md"
URL = "https://github.com/octo/plan/issues"
GIT = ("git", "-c", "user.name=a", "-c", "user.email=a@b.c", "-c", "commit.gpgsign=false")


def back(world: World, **options: object) -> Run:
    """Push with the option."""
    return world.push(write_back=True, **options)


def files(run: Run, status: FileStatus) -> list[str]:
    """The files with this outcome."""
    return [file.path for file in run.files if file.status is status]


def git(root: Path, *arguments: str) -> str:
    """Run git."""
    done = subprocess.run([*GIT, "-C", str(root), *arguments], check=True, capture_output=True)
    return done.stdout.decode()


def plain_push(world: World) -> Run:
    """A push that writes nothing back."""
    return world.push()


def test_each_file_gets_one_line_and_the_next_push_writes_nothing(world: World) -> None:
    """The URL in ccpm's field, behind the status; every other byte as it was."""
    world.epic()
    world.file(
        ONE, "---\r\nname: 'One' # first\r\nstatus:  open\r\nx: [1,\t2]\r\n---\r\n\r\nText.  \r\n"
    )
    run = back(world)
    assert code(run) is ExitCode.DONE
    assert files(run, FileStatus.WRITTEN) == [ONE, f"{EPIC}/epic.md"]
    number = world.issue("One").number
    assert [file.number for file in run.files] == [number, world.issue("Shop").number]
    assert world.read(ONE) == (
        f"---\r\nname: 'One' # first\r\nstatus:  open\r\ngithub: {URL}/{number}\r\nx: [1,\t2]\r\n"
        "---\r\n\r\nText.  \r\n"
    )
    before = world.read(ONE)
    again = back(world)
    assert (again.results, again.files, again.findings) == ((), (), ())
    assert plain_push(world).results == ()
    assert world.read(ONE) == before


def test_without_the_option_no_file_changes(world: World) -> None:
    """The map alone knows the numbers."""
    world.backlog(1)
    before = world.read(ONE)
    assert plain_push(world).files == ()
    assert world.read(ONE) == before


def test_claudeautopm_gets_its_number(world: World) -> None:
    """Its field is ``github_issue``, a bare number."""
    world.file(f"{EPIC}/epic.md", "---\nid: epic-001\ntitle: Shop\ngithub_issue:\n---\n\nx\n")
    world.file(f"{EPIC}/001.md", "---\nid: task-epic-001-001\ntitle: One\n---\n\nx\n")
    run = back(world)
    assert code(run) is ExitCode.DONE
    assert {file.layout for file in run.files} == {"claudeautopm"}
    for title, path in (("Shop", "epic.md"), ("One", "001.md")):
        assert f"github_issue: {world.issue(title).number}\n" in world.read(f"{EPIC}/{path}")
    assert back(world).results == ()


def test_a_placeholder_is_filled_and_another_issue_is_kept(world: World) -> None:
    """What a person wrote about another issue stays, with a word; it is no failure."""
    placeholder = "[Will be updated when synced to GitHub]"
    world.epic(github=placeholder)
    world.task(1, "One", github="https://github.com/other/place/issues/7")
    run = back(world)
    assert code(run) is ExitCode.DONE
    assert f"github: {URL}/{world.issue('Shop').number}\n" in world.read(f"{EPIC}/epic.md")
    assert "github: https://github.com/other/place/issues/7\n" in world.read(ONE)
    assert files(run, FileStatus.LEFT) == [ONE]
    (said,) = [f for f in run.findings if f.code == "write_back"]
    assert "names other/place#7" in said.message
    assert (said.path, said.severity) == (ONE, "warning")


def test_a_field_that_holds_something_else_is_kept(world: World) -> None:
    """A pull request's address is no issue, and no placeholder either."""
    world.epic()
    world.task(1, "One", github="https://github.com/octo/plan/pull/9")
    run = back(world)
    assert "github: https://github.com/octo/plan/pull/9\n" in world.read(ONE)
    assert files(run, FileStatus.LEFT) == [ONE]


def test_a_file_that_was_edited_a_moment_ago_is_written_all_the_same(world: World) -> None:
    """Nobody has committed what they wrote just now, and the line is what they asked for."""
    world.backlog(2)
    git(world.root, "init", "-q")
    git(world.root, "add", "-A")
    git(world.root, "commit", "-qm", "1")
    world.task(1, "One, edited")
    world.task(3, "New")
    assert code(back(world)) is ExitCode.DONE
    for name, title in (("001", "One, edited"), ("002", "shop 2"), ("003", "New")):
        text = world.read(f"{EPIC}/{name}.md")
        assert f"github: {URL}/{world.issue(title).number}\n" in text
        assert f"name: {title}\n" in text


def test_a_pull_takes_the_line_for_its_own_but_not_what_the_user_edited(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What git had not seen before the line was written is still nobody's to overwrite."""
    around = world.around
    env = {"PATH": os.environ["PATH"]}
    monkeypatch.setattr(world, "around", lambda **named: replace(around(**named), env=env))
    world.backlog(2)
    git(world.root, "init", "-q")
    git(world.root, "add", "-A")
    git(world.root, "commit", "-qm", "1")
    world.task(1, "One, edited")
    back(world)
    ours = Store.open(world.root, files=world.disk).written()
    assert sorted(ours) == [f"{EPIC}/002.md", f"{EPIC}/epic.md"]
    assert ours[f"{EPIC}/002.md"] == digest((world.root / f"{EPIC}/002.md").read_bytes())
    for title in ("One, edited", "shop 2"):
        number = world.issue(title).number
        world.person().edit(number, title=f"{title}, remote", now=world.later())
    world.later()
    pulled = world.pull()
    assert "name: One, edited\n" in world.read(ONE)
    assert "name: shop 2, remote\n" in world.read(f"{EPIC}/002.md")
    assert [arrival.path for arrival in pulled.refused] == [ONE]


def test_a_file_that_changes_during_the_run_is_left_alone(world: World) -> None:
    """It is named, exit 1; the next push with the option completes it."""
    world.backlog(2)
    changed = world.read(ONE).replace("Text.", "Typed meanwhile.")

    def typing(event: Event) -> None:
        if isinstance(event, OperationEnded):
            world.file(ONE, changed)

    around = world.around()
    around = sync.Surroundings(
        env={},
        on_event=typing,
        random_bytes=around.random_bytes,
        embedded=around.embedded,
        files=around.files,
    )
    run = asyncio.run(sync.push(world.config(write_back=True), around))
    assert code(run) is ExitCode.PARTIAL
    assert world.read(ONE) == changed
    assert files(run, FileStatus.LEFT) == [ONE]
    assert any("was changed while ghsync was at work" in error for error in run.errors)
    assert len(files(run, FileStatus.WRITTEN)) == 2
    assert code(back(world)) is ExitCode.DONE
    assert f"{URL}/" in world.read(ONE)


def test_a_file_that_cannot_be_written_is_a_finding(world: World) -> None:
    """The push is done; the file is as it was; exit 1."""
    world.backlog(2)
    (world.root / ONE).chmod(0o444)
    before = world.read(ONE)
    run = back(world)
    assert code(run) is ExitCode.PARTIAL
    assert len(world.issues) == 3
    assert world.read(ONE) == before
    (said,) = [finding for finding in run.findings if finding.code == "write_back"]
    assert (said.path, said.severity) == (ONE, "error")
    assert "read-only" in said.message


def test_a_full_disk_is_a_finding(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """No file is half written, and the map has everything."""
    from ghsync.store.fs import Files

    def full(self: Files, path: Path, *, like: Path) -> int:
        raise OSError(28, "No space left on device")

    world.backlog(1)
    before = world.read(ONE)
    monkeypatch.setattr(Files, "create", full)
    run = back(world)
    assert code(run) is ExitCode.PARTIAL
    assert world.read(ONE) == before
    assert files(run, FileStatus.LEFT) == [ONE, f"{EPIC}/epic.md"]
    world.agree()


def test_a_layout_without_a_field_is_no_failure(world: World) -> None:
    """Backlog.md's own tool would drop one: nothing is written, and nothing is wrong."""
    path = "backlog/tasks/task-1 - One.md"
    world.file(path, "---\nid: task-1\ntitle: One\nstatus: To Do\n---\n\nText.\n")
    before = world.read(path)
    run = back(world)
    assert code(run) is ExitCode.DONE
    assert files(run, FileStatus.NO_PLACE) == [path]
    assert run.findings == ()
    assert world.read(path) == before


def test_a_dry_run_names_the_files_and_writes_none(world: World) -> None:
    """Also the one whose issue is not made yet, without a number."""
    world.epic()
    plain_push(world)
    world.task(1, "One")
    before = world.read(ONE)
    run = world.dry_run(write_back=True)
    assert [(file.path, file.number, file.status) for file in run.files] == [
        (ONE, None, FileStatus.PENDING),
        (f"{EPIC}/epic.md", world.issue("Shop").number, FileStatus.PENDING),
    ]
    assert world.read(ONE) == before


def test_a_dry_run_says_which_file_cannot_be_written(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the push will: the read-only file, each file of a read-only folder, a turned reference."""
    other = ".claude/epics/till"
    world.epic()
    world.epic("Till", other)
    world.task(1, "One")
    world.task(2, "Two")
    (world.root / ONE).chmod(0o444)
    closed = world.root / other
    access = os.access
    monkeypatch.setattr(
        os, "access", lambda path, mode: Path(path) != closed and access(path, mode)
    )
    dry = world.dry_run(write_back=True)
    run = back(world)
    for each in (dry, run):
        assert files(each, FileStatus.LEFT) == [ONE, f"{other}/epic.md"]
        assert [f.path for f in each.findings if f.code == "write_back"] == [
            ONE, f"{other}/epic.md",
        ]  # fmt: skip
        assert code(each) is ExitCode.PARTIAL
    assert files(dry, FileStatus.PENDING) == files(run, FileStatus.WRITTEN)
    assert {each.number for each in dry.files} == {None}


def test_a_dry_run_foresees_a_reference_that_would_be_turned(world: World) -> None:
    """Where the number is known; what a new issue's number turns, nobody knows before."""
    world.epic()
    for number in (1, 2):
        world.task(number, f"Task {number}")
    world.task(3, "Task 3", depends_on=['"#2"'])
    plain_push(world)
    dry, run = world.dry_run(write_back=True), back(world)
    assert files(dry, FileStatus.LEFT) == files(run, FileStatus.LEFT) != []
    assert dry.findings == run.findings


def test_what_a_killed_run_made_is_written_by_the_next(world: World) -> None:
    """The map has the issue, the file has no line: the next push with the option writes it."""
    world.backlog(2)
    plain_push(world)
    run = back(world)
    assert run.results == ()
    assert len(files(run, FileStatus.WRITTEN)) == 3
    assert plain_push(world).results == ()


def test_what_a_run_that_ended_early_made_is_written(world: World) -> None:
    """Two of four are made, and two files have their line."""
    world.backlog(3)
    stop = Stop()
    around = world.around(stop=stop)

    def halt(event: Event) -> None:
        if isinstance(event, OperationEnded) and len(world.issues) == 2:
            stop.request(RunInterruptedError("Interrupted."))

    around = sync.Surroundings(
        env={},
        on_event=halt,
        stop=stop,
        random_bytes=around.random_bytes,
        embedded=around.embedded,
        files=around.files,
    )
    config = world.config(write_back=True, concurrency=1)
    run = asyncio.run(sync.push(config, around))
    assert run.stopped
    made = {entry.path for entry in world.map.entries.values()}
    assert made
    assert len(made) < 4
    assert set(files(run, FileStatus.WRITTEN)) == made
    assert code(back(world)) is ExitCode.DONE
    assert all(f"{URL}/" in world.read(f"{EPIC}/{name}.md") for name in ("epic", "001", "003"))


def test_a_failed_create_leaves_its_file(world: World) -> None:
    """The others have their lines, and retry with the option adds the last."""
    world.backlog(2)
    world.fault(FaultKind.STATUS, status=422, method="POST", path="/issues$", skip=1)
    run = back(world)
    assert code(run) is ExitCode.PARTIAL
    missing = [
        path
        for path in (ONE, f"{EPIC}/002.md", f"{EPIC}/epic.md")
        if "github:" not in world.read(path)
    ]
    assert len(missing) == 1
    world.retry(write_back=True)
    assert "github:" in world.read(missing[0])


def test_only_the_chosen_items_files_change(world: World) -> None:
    """A push of a part leaves the other files alone."""
    world.backlog(3)
    plain_push(world)
    run = back(world, only=("002.md",))
    assert files(run, FileStatus.WRITTEN) == [f"{EPIC}/002.md"]


def test_a_number_that_would_turn_a_reference_is_not_written(world: World) -> None:
    """``#2`` means 002.md; with issue #2 named in another file it would mean that one, or none."""
    world.epic()
    for number in (1, 2):
        world.task(number, f"Task {number}")
    world.task(3, "Task 3", depends_on=['"#2"'])
    run = back(world)
    assert world.blockers("Task 3") == {"Task 2"}
    two = next(entry for entry in world.map.entries.values() if entry.number == 2)
    assert two.path != f"{EPIC}/002.md"
    assert files(run, FileStatus.LEFT) == [two.path]
    assert "github:" not in world.read(two.path)
    (said,) = [finding for finding in run.findings if finding.code == "write_back"]
    assert f"what {EPIC}/003.md refers to" in said.message
    assert code(run) is ExitCode.DONE
    assert plain_push(world).results == ()
    assert world.blockers("Task 3") == {"Task 2"}


def test_a_list_of_tasks_gets_its_references(world: World) -> None:
    """A line of a plain list is its task's file, and names the issue in its own way."""
    world.file("ghsync.toml", '[layouts.todo]\nlists = ["TODO.md"]\n')
    world.file("TODO.md", "# Plan\n\n- [ ] T1: First\n  More.\n- [ ] T2: Second\n")
    run = back(world)
    assert files(run, FileStatus.WRITTEN) == ["TODO.md", "TODO.md"]
    assert world.read("TODO.md") == (
        f"# Plan\n\n- [ ] T1: First ref:GH#{world.issue('First').number}\n  More.\n"
        f"- [ ] T2: Second ref:GH#{world.issue('Second').number}\n"
    )
    assert plain_push(world).results == ()


def test_the_folders_own_sandbox_writes_nothing_back(tmp_path: Path) -> None:
    """Its numbers are not GitHub's, and a later push would take them for GitHub's."""
    world = World(tmp_path)
    world.backlog(1)
    before = world.read(ONE)
    told: list[Event] = []
    around = sync.Surroundings(env={}, on_event=told.append)
    run = asyncio.run(sync.push(world.config(write_back=True), around))
    assert (code(run), run.files) == (ExitCode.DONE, ())
    assert world.read(ONE) == before
    assert any("the sandbox's numbers" in getattr(event, "message", "") for event in told)


def test_a_text_that_names_an_issue_is_written_once_more_at_most(world: World) -> None:
    """``#1`` in a text links the issue once a file says that it is this project's."""
    world.epic()
    world.task(7, "Seven", body="See #1, and nothing else.")
    back(world)
    first = plain_push(world)
    assert len(first.results) <= 1
    assert plain_push(world).results == ()


def test_an_old_number_of_another_folder_stays_no_link(world: World) -> None:
    """``#2`` was a task next door when it was written, and issue 2 is another item."""
    till = ".claude/epics/till"
    world.epic()
    world.epic("Till", till)
    world.task(2, "Two of till", till)
    world.task(1, "One", body="After #2 of the till; see #4.")
    back(world)
    assert world.issues[2].title != "Two of till"
    plain_push(world)
    assert "#&#8203;2 of" in (world.issue("One").body or "")
    assert "see #4." in (world.issue("One").body or "")
    world.file(ONE, world.read(ONE).replace("After", "Well after"))
    run = plain_push(world)
    assert "#&#8203;2 of" in (world.issue("One").body or "")
    assert "is no link" in " ".join(finding.message for finding in run.findings)
    assert plain_push(world).results == ()


def test_a_write_back_makes_no_reference_doubtful(world: World) -> None:
    """``depends_on: [2]`` is 002.md as before, and a strict push says nothing about it."""
    world.epic()
    for number in (1, 2, 3):
        world.task(number, f"Task {number}", depends_on=[number - 1] if number > 1 else [])
    back(world)
    run = world.push(write_back=True, strict=True)
    assert (run.findings, run.error, code(run)) == ((), None, ExitCode.DONE)
    assert world.blockers("Task 3") == {"Task 2"}


def test_many_files_are_loaded_twice_more_and_not_once_each(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the lines would mean is seen at once for all of them."""
    world.backlog(60)
    loads: list[object] = []

    def counted(*arguments: Any, **named: Any) -> Loaded:
        loads.append(arguments)
        return load(*arguments, **named)

    monkeypatch.setattr("ghsync.writeback.load", counted)
    run = back(world)
    assert len(files(run, FileStatus.WRITTEN)) == 61
    assert len(loads) == 2  # as they are, and as they would be


def test_a_pull_leaves_the_reference_of_a_list_where_it_is(world: World) -> None:
    """It is no part of the issue's text, and the text beside it can still change."""
    world.file("ghsync.toml", '[layouts.todo]\nlists = ["TODO.md"]\n')
    world.file("TODO.md", "- [ ] T1: First\n  More.\n")
    back(world)
    issue = world.issue("First")
    assert "ref:GH" not in (issue.body or "")
    text = (issue.body or "").replace("T1: First", "T1: Second").replace("More.", "Less.")
    world.person().edit(issue.number, body=text, now=world.later())
    world.later()
    world.pull()
    assert world.read("TODO.md") == f"- [ ] T1: Second ref:GH#{issue.number}\n  Less.\n"
