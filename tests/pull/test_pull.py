"""What people change on GitHub comes into the files, one line at a time, and stays in step."""

from __future__ import annotations

import os
import subprocess

import pytest
from push.world import EPIC, World, code

from ghsync.errors import ExitCode
from ghsync.model import op_name
from ghsync.pulling import Pulled, exit_code_of_pull

ONE = f"{EPIC}/001.md"
TEXT = (
    "---\r\n"
    "# what we do next\r\n"
    "name: 'Task 1'   # short\r\n"
    "status: in-progress\r\n"
    "labels: [api,  \"ui\"]\r\n"
    "priority: high\r\n"
    "x-own: {a: 1}\r\n"
    "---\r\n"
    "\r\n"
    "First. [epic](epic.md)\r\n"
    "\r\n"
    "- [ ] a tick\r\n"
    "- [ ] another\r\n"
    "\r\n"
    "Last @stranger.\r\n"
)  # fmt: skip


@pytest.fixture
def pushed(world: World) -> World:
    """An epic with one task of many oddities, pushed."""
    world.epic()
    world.file(ONE, TEXT)
    assert code(world.push()) is ExitCode.DONE
    assert world.pull().files == ()
    return world


def task(world: World) -> int:
    """The number of the task's issue."""
    return max(world.issues)


def body(world: World) -> str:
    """The text of the task's issue."""
    return world.issues[task(world)].body or ""


def edit(world: World, **fields: object) -> None:
    """Somebody edits the task's issue."""
    world.person().edit(task(world), now=world.later(), **fields)


def settled(world: World) -> bool:
    """Whether neither a push nor a pull has anything to do."""
    run = world.push()
    return code(run) is ExitCode.DONE and run.results == () and world.pull().files == ()


def done(pulled: Pulled) -> bool:
    """Whether a pull ended with exit code 0."""
    return exit_code_of_pull(pulled) is ExitCode.DONE


def test_a_push_and_a_pull_change_no_byte(pushed: World) -> None:
    """Nobody edited anything."""
    assert pushed.read(ONE) == TEXT
    assert pushed.pull().items == ()


def test_a_title_changes_one_line(pushed: World) -> None:
    """Its quotes, its comment and every other line stay."""
    edit(pushed, title="Task one: it's new")
    assert done(pushed.pull())
    expected = TEXT.replace("name: 'Task 1'", "name: 'Task one: it''s new'")
    assert pushed.read(ONE) == expected
    assert settled(pushed)


def test_a_close_and_a_reopen_change_one_word(pushed: World) -> None:
    """The word is the layout's, and a reopened item gets back the one that it had."""
    pushed.person().close(task(pushed), now=pushed.later())
    assert done(pushed.pull())
    assert pushed.read(ONE) == TEXT.replace("in-progress", "closed")
    assert settled(pushed)
    pushed.person().reopen(task(pushed), now=pushed.later())
    assert done(pushed.pull())
    assert pushed.read(ONE) == TEXT
    assert settled(pushed)


def test_labels_come_into_the_list_that_is_there(pushed: World) -> None:
    """The kind's own label stays out of the file."""
    pushed.person().label(task(pushed), "bug", now=pushed.later())
    pushed.person().unlabel(task(pushed), "api", now=pushed.later())
    assert done(pushed.pull())
    line = next(line for line in pushed.read(ONE).split("\r\n") if line.startswith("labels"))
    assert "bug" in line
    assert "api" not in line
    assert "task" not in line
    assert settled(pushed)


def test_ticks_and_lines_of_the_text(pushed: World) -> None:
    """Only those lines change; links and names keep the file's form, CRLF stays."""
    text = body(pushed).replace("- [ ] a tick", "- [x] a tick").replace("First.", "First of all.")
    edit(pushed, body=text)
    assert done(pushed.pull())
    expected = TEXT.replace("- [ ] a tick", "- [x] a tick").replace("First.", "First of all.")
    assert pushed.read(ONE) == expected
    assert settled(pushed)


def test_both_sides_edit_different_lines(pushed: World) -> None:
    """The file gets GitHub's line and keeps its own, which the next push sends."""
    pushed.file(ONE, TEXT.replace("Last", "At last"))
    edit(pushed, body=body(pushed).replace("- [ ] another", "- [x] another"))
    assert done(pushed.pull())
    expected = TEXT.replace("Last", "At last").replace("- [ ] another", "- [x] another")
    assert pushed.read(ONE) == expected
    assert code(pushed.push()) is ExitCode.DONE
    assert "At last" in body(pushed)
    assert "- [x] another" in body(pushed)
    assert settled(pushed)


def test_a_conflict_is_named_and_left_alone(pushed: World) -> None:
    """Until somebody decides."""
    pushed.file(ONE, TEXT.replace("'Task 1'", "'Mine'"))
    edit(pushed, title="Theirs")
    pulled = pushed.pull()
    assert exit_code_of_pull(pulled) is ExitCode.PARTIAL
    assert [(each.field, each.local, each.remote) for each in pulled.conflicts] == [
        ("title", "Mine", "Theirs")
    ]
    assert "'Mine'" in pushed.read(ONE)
    assert done(pushed.pull(on_conflict="remote"))
    assert "name: 'Theirs'" in pushed.read(ONE)
    assert settled(pushed)


def test_a_dry_run_shows_the_diff_and_writes_nothing(pushed: World) -> None:
    """What it shows is what the pull does."""
    edit(pushed, title="New")
    dry = pushed.pull(dry_run=True)
    assert pushed.read(ONE) == TEXT
    assert [file.path for file in dry.files] == [ONE]
    assert "-name: 'Task 1'   # short\r\n+name: 'New'   # short\r\n" in dry.files[0].diff
    assert pushed.pull().files == dry.files


def test_a_dirty_file_is_left_alone(pushed: World) -> None:
    """What somebody has not committed yet is not overwritten, and the other files go on."""
    git(pushed, "init", "-q")
    git(pushed, "add", "-A")
    git(pushed, "commit", "-qm", "all")
    pushed.file(ONE, TEXT.replace("priority: high", "priority: low"))
    edit(pushed, title="New")
    pushed.person().edit(1, title="Epic, new", now=pushed.later())
    pulled = pushed.pull()
    assert exit_code_of_pull(pulled) is ExitCode.PARTIAL
    (refused,) = pulled.refused
    assert (refused.path, "uncommitted" in refused.refused) == (ONE, True)
    assert "Epic, new" in pushed.read(f"{EPIC}/epic.md")
    git(pushed, "commit", "-qam", "more")
    assert done(pushed.pull())
    assert "name: 'New'" in pushed.read(ONE)
    edit(pushed, title="Newer")
    assert done(pushed.pull())  # over its own change, which nobody has committed yet
    assert "name: 'Newer'" in pushed.read(ONE)


def git(world: World, *arguments: str) -> None:
    """Run git in the folder."""
    named = ("-c", "user.name=a", "-c", "user.email=a@example.com")
    env = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", "GIT_CONFIG_NOSYSTEM": "1"}
    subprocess.run(["git", "-C", str(world.root), *named, *arguments], check=True, env=env)


def test_a_new_issue_below_an_epic_becomes_a_file(pushed: World) -> None:
    """In the layout's own naming; pushing it again makes nothing."""
    person = pushed.person()
    made = person.open_issue("A new idea", body="Text.\n\nMore. #1", now=pushed.later())
    person.add_sub_issue(1, made.number, now=pushed.later())
    pulled = pushed.pull()
    assert done(pulled)
    (new,) = (each for each in pulled.items if each.new)
    assert new.number == made.number
    text = pushed.read(new.path)
    assert "A new idea" in text
    assert f"/issues/{made.number}" in text
    assert settled(pushed)
    pushed.person().edit(made.number, title="A better idea", now=pushed.later())
    assert done(pushed.pull())
    assert "A better idea" in pushed.read(new.path)


def test_an_issue_with_the_chosen_label_becomes_a_file(pushed: World) -> None:
    """Only where the config names one."""
    made = pushed.person().open_issue("Loose", labels=["planned"], now=pushed.later())
    assert pushed.pull().items == ()
    pushed.file("ghsync.toml", '[pull]\nlabel = "planned"\n')
    (new,) = pushed.pull().items
    assert (new.number, new.new) == (made.number, True) or new.refused


def test_a_parent_that_the_layout_writes_comes_into_the_file(world: World) -> None:
    """Moved below another issue on GitHub, the file names the other."""
    for name, more in (("task-1 - One", ""), ("task-2 - Two", ""), ("task-3 - Sub", "task-1")):
        parent = f"parent_task_id: {more}\n" if more else ""
        ident = name.split(" ")[0]
        text = f"---\nid: {ident}\ntitle: {name[9:]}\nstatus: To Do\n{parent}---\n\nText.\n"
        world.file(f"backlog/tasks/{name}.md", text)
    assert code(world.push()) is ExitCode.DONE
    numbers = {issue.title: number for number, issue in world.issues.items()}
    world.person().remove_parent(numbers["Sub"], now=world.later())
    world.person().add_sub_issue(numbers["Two"], numbers["Sub"], now=world.later())
    row = next(row for key, row in world.status().items() if "Sub" in key)
    assert (row.state, row.detail) == ("behind", "changed on GitHub: parent")
    assert done(world.pull())
    assert "parent_task_id: task-2\n" in world.read("backlog/tasks/task-3 - Sub.md")
    assert settled(world)


def test_a_parent_that_is_a_folder_is_named(pushed: World) -> None:
    """The file is not moved, the push does not move the issue back, and it is no failure."""
    pushed.epic("Other", folder=".claude/epics/other")
    pushed.push()
    other = max(pushed.issues)
    number = next(n for n, i in pushed.issues.items() if i.title == "Task 1")
    pushed.person().remove_parent(number, now=pushed.later())
    pushed.person().add_sub_issue(other, number, now=pushed.later())
    pulled = pushed.pull()
    assert done(pulled)
    assert [(each.number, each.unheld) for each in pulled.items] == [(number, ("parent",))]
    assert pushed.read(ONE) == TEXT
    assert pushed.push().results == ()


class Died(BaseException):
    """The process is gone."""


@pytest.mark.parametrize("moment", ["_write", "_remember"])
def test_a_pull_that_is_killed_makes_no_issue_twice(
    world: World, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    """Whether the new files are there or not: in a layout whose files name no issue, too."""
    text = "---\nid: task-1\ntitle: One\nstatus: To Do\n---\n\nText.\n"
    world.file("backlog/tasks/task-1 - One.md", text)
    world.push()
    person = world.person()
    for title in ("A", "B"):
        made = person.open_issue(title, body=f"{title}.", now=world.later())
        person.add_sub_issue(1, made.number, now=world.later())

    def die(*_: object) -> None:
        raise Died

    with monkeypatch.context() as patch:
        patch.setattr(f"ghsync.pulling._Pull.{moment}", die)
        with pytest.raises(Died):
            world.pull()
    run = world.push()
    assert [op_name(op) for op in run.plan.operations if op_name(op) == "create"] == []
    assert done(world.pull())
    assert len(list((world.root / "backlog/tasks").iterdir())) == 3
    assert len(world.issues) == 3
    world.push()
    assert settled(world)


def test_a_new_file_of_what_was_not_planned_says_so(pushed: World) -> None:
    """Its word is the one for that reason, and a second pull has nothing to do."""
    person = pushed.person()
    made = person.open_issue("Dropped", body="Text.", now=pushed.later())
    person.add_sub_issue(1, made.number, now=pushed.later())
    person.close(made.number, reason="not_planned", now=pushed.later())
    assert done(pushed.pull())
    assert settled(pushed)
