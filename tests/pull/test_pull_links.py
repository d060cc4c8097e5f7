"""Blockers that people set or take off on GitHub come into the files, as their lists name them."""

from __future__ import annotations

import pytest
from push.world import EPIC, World, code

from ghsync.errors import ExitCode
from ghsync.model import op_name
from ghsync.pulling import Pulled, exit_code_of_pull
from ghsync.sandbox.faults import FaultKind

TWO = f"{EPIC}/002.md"


def settled(world: World) -> bool:
    """Whether neither a push nor a pull has anything to do."""
    run = world.push()
    return code(run) is ExitCode.DONE and run.results == () and world.pull().files == ()


def done(pulled: Pulled) -> bool:
    """Whether a pull ended with exit code 0."""
    return exit_code_of_pull(pulled) is ExitCode.DONE


def block(world: World, title: str, by: str) -> None:
    """Somebody says that one issue is blocked by another."""
    numbers = world.issue(title).number, world.issue(by).number
    world.person().block(numbers[0], by=numbers[1], now=world.later())


def unblock(world: World, title: str, by: str) -> None:
    """Somebody takes that back."""
    numbers = world.issue(title).number, world.issue(by).number
    world.person().unblock(numbers[0], by=numbers[1], now=world.later())


def head(*lines: str) -> str:
    """A task's file with these lines in its frontmatter."""
    return "\n".join(["---", "name: Task 2", "status: open", *lines, "---", "", "Text.", ""])


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (["depends_on: [001]  # first"], ["depends_on: [001, 003]  # first"]),
        (["depends_on: ['001']"], ["depends_on: ['001', '003']"]),
        (["depends_on: [001.md]"], ["depends_on: [001.md, 003.md]"]),
        (["dependencies:", "  - 001 # why"], ["dependencies:", "  - 001 # why", "  - 003"]),
        (["blocked_by: 001"], ["blocked_by: [001, 003]"]),
        (["depends_on: []", "x: 1"], ["depends_on: [003]", "x: 1"]),
        (["x: 1"], ["depends_on: [003]", "x: 1"]),
    ],
)
def test_a_blocker_comes_as_the_list_names_them(
    world: World, before: list[str], after: list[str]
) -> None:
    """And goes again, so that the file is as it was, but for a list that it had not."""
    world.epic()
    for number in (1, 3):
        world.task(number)
    world.file(TWO, head(*before))
    assert code(world.push()) is ExitCode.DONE
    had = world.blockers("Task 2")
    assert settled(world)
    block(world, "Task 2", "Task 3")
    assert world.status()[TWO.removesuffix(".md")].detail == "changed on GitHub: blockers"
    pulled = world.pull()
    assert done(pulled)
    assert world.read(TWO) == head(*after)
    (item,) = pulled.items
    assert [(c.field, c.new) for c in item.changes] == [
        ("blocked_by", (*((f"{EPIC}/001",) if had else ()), f"{EPIC}/003"))
    ]
    assert settled(world)
    unblock(world, "Task 2", "Task 3")
    assert done(world.pull())
    emptied = [*(["depends_on: []"] if before == ["x: 1"] else []), *before]
    kept = [line.replace("[001]", "001") if line[:7] == "blocked" else line for line in emptied]
    assert world.read(TWO).replace("blocked_by: [001]", "blocked_by: 001") == head(*kept)
    assert settled(world)


def test_both_sides_add_and_take_off(world: World) -> None:
    """What each side did applies; there is nothing to be in conflict about."""
    world.epic()
    for number in (1, 2, 3, 4):
        world.task(number, depends_on=["001", "003"] if number == 2 else [])
    world.push()
    unblock(world, "Task 2", "Task 1")
    world.task(2, depends_on=["001", "003", "004"])
    assert done(world.pull())
    assert "depends_on: [003, 004]" in world.read(TWO)
    assert code(world.push()) is ExitCode.DONE
    assert world.blockers("Task 2") == {"Task 3", "Task 4"}
    assert settled(world)


def exchanged(world: World) -> None:
    """Somebody takes one blocker for another; GitHub counts as many as before."""
    world.epic()
    for number in (1, 2, 3):
        world.task(number, depends_on=["001"] if number == 2 else [])
    world.push()
    world.later(3600)
    world.task(3, title="Third")  # a push with something to do keeps what it read
    world.push()
    unblock(world, "Task 2", "Task 1")
    block(world, "Task 2", "Third")


@pytest.mark.parametrize("cache", ["there", "too old", "gone"])
def test_one_blocker_in_the_place_of_another(world: World, cache: str) -> None:
    """That somebody touched the issue tells, or that nothing says that nobody did."""
    exchanged(world)
    if cache == "too old":
        world.later(2 * 86_400)
    elif cache == "gone":
        world.disk.remove(world.root / ".ghsync/cache.jsonl")
    assert done(world.pull())
    assert "depends_on: [003]" in world.read(TWO)
    assert settled(world)


def test_very_many_issues_are_not_looked_into_one_by_one(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where no cache tells which were touched, and there are more than a scheduled job can read."""
    exchanged(world)
    world.disk.remove(world.root / ".ghsync/cache.jsonl")
    monkeypatch.setattr("ghsync.blockers.UNKNOWN", 0)
    assert world.pull().files == ()


def test_a_blocker_of_another_folder_is_named_by_its_path(world: World) -> None:
    """Its number means its neighbour there, and another file here."""
    world.epic()
    world.task(1)
    world.task(2, depends_on=["001"])
    world.epic("Other", folder=".claude/epics/other")
    world.task(1, title="Far", folder=".claude/epics/other")
    world.push()
    block(world, "Task 2", "Far")
    assert done(world.pull())
    assert "depends_on: [001, .claude/epics/other/001.md]" in world.read(TWO)
    assert settled(world)
    unblock(world, "Task 2", "Task 1")
    assert done(world.pull())
    assert "depends_on: [.claude/epics/other/001.md]" in world.read(TWO)
    assert settled(world)


def test_an_id_that_two_files_have_gives_way_to_a_path(world: World) -> None:
    """The name that the list's form asks for would mean another item, so it is not written."""
    for folder in ("a", "b"):
        for name in ("one", "two"):
            world.file(
                f"issues/{folder}/{name}.md",
                f"---\ntitle: {folder} {name}\nid: {name}\nstatus: open\n---\n\nText.\n",
            )
    assert code(world.push()) is not ExitCode.USAGE
    block(world, "a one", "b two")
    assert done(world.pull())
    assert "depends_on: [issues/b/two.md]" in world.read("issues/a/one.md")
    assert settled(world)


def test_an_issue_that_is_no_item_is_said_once(world: World) -> None:
    """It blocks on GitHub alone; what else came is written."""
    world.epic()
    for number in (1, 2):
        world.task(number)
    world.push()
    loose = world.person().open_issue("Loose", now=world.later())
    block(world, "Task 2", "Task 1")
    world.person().block(world.issue("Task 2").number, by=loose.number, now=world.later())
    (item,) = world.pull().items
    assert [(c.field, c.new) for c in item.changes] == [("blocked_by", (f"{EPIC}/001",))]
    assert item.unheld == ("blocked_by",)
    assert "depends_on: [001]" in world.read(TWO)
    row = world.status()[TWO.removesuffix(".md")]
    assert (row.state, row.detail) == ("in step", "the file cannot hold GitHub's blockers")
    assert world.pull().items == ()
    assert world.push().results == ()
    assert world.blockers("Task 2") == {"Task 1", "Loose"}
    world.person().unblock(world.issue("Task 2").number, by=loose.number, now=world.later())
    assert world.status()[TWO.removesuffix(".md")].detail == ""
    assert settled(world)


def test_a_task_that_is_a_line_has_no_such_list(world: World) -> None:
    """Said once, and left on GitHub."""
    world.file("specs/001-shop/spec.md", "# Shop\n\nText.\n")
    world.file("specs/001-shop/tasks.md", "# Tasks\n\n- [ ] T001 Pay\n- [ ] T002 Ship\n")
    world.push()
    block(world, "Ship", "Pay")
    (item,) = world.pull().items
    assert (item.changes, item.unheld) == ((), ("blocked_by",))
    assert world.pull().items == ()
    assert world.push().results == ()
    assert world.blockers("Ship") == {"Pay"}


def test_a_new_file_names_what_blocks_it(world: World) -> None:
    """As its neighbours do, its own new neighbours included."""
    world.epic()
    world.task(1)
    world.push()
    person, epic = world.person(), world.issue("Shop").number
    first = person.open_issue("First", now=world.later())
    second = person.open_issue("Second", now=world.later())
    for made in (first, second):
        person.add_sub_issue(epic, made.number, now=world.later())
    person.block(second.number, by=first.number, now=world.later())
    person.block(second.number, by=world.issue("Task 1").number, now=world.later())
    pulled = world.pull()
    assert done(pulled)
    path = next(each.path for each in pulled.items if each.number == second.number)
    stem = next(each.path for each in pulled.items if each.number == first.number)[-6:-3]
    assert f"depends_on: [001, {stem}]" in world.read(path)
    assert settled(world)


def test_a_deleted_blocker_takes_no_word_out_of_a_file(world: World) -> None:
    """That its issue is gone is said where it belongs."""
    world.epic()
    world.task(1)
    world.task(2, depends_on=["001"])
    world.push()
    before = world.read(TWO)
    world.person().delete(world.issue("Task 1").number, now=world.later())
    world.pull()
    assert world.read(TWO) == before


def numbered(world: World, folder: str, name: str, title: str, *lines: str) -> None:
    """A ticket in a folder that counts its own."""
    head = "\n".join(["---", f"id: {name}", f"title: {title}", "status: open", *lines, "---"])
    world.file(f"{folder}/tasks/{name}.md", f"{head}\n\nText.\n")


def test_a_parent_whose_id_means_a_neighbour_is_named_by_its_path(world: World) -> None:
    """In a new file, and in one that somebody moved below it: both stay below it."""
    for folder in ("one", "two"):
        for number in (1, 2, 3):
            numbered(world, folder, f"T00{number}", f"{folder} {number}")
    numbered(world, "one", "T009", "child", "parent: T001")
    numbered(world, "two", "T009", "child of two", "parent: T001")
    assert code(world.push()) is ExitCode.DONE
    person = world.person()
    parent = world.issue("two 2").number
    new = person.open_issue("New", body="Text.", now=world.later())
    person.add_sub_issue(parent, new.number, now=world.later())
    person.add_sub_issue(parent, world.issue("child").number, now=world.later())
    pulled = world.pull()
    assert done(pulled)
    path = next(each.path for each in pulled.items if each.new)
    assert path.startswith("two/")
    assert "parent: two/tasks/T002.md\n" in world.read("one/tasks/T009.md")
    assert settled(world)
    assert world.parent("New") == world.parent("child") == "two 2"


def test_a_new_story_below_a_story_stands_beside_it(world: World) -> None:
    """Its number says that it is the epic's; on GitHub it stays where it is, and that is said."""
    world.file("docs/epics/epic-1-shop.md", "# Epic 1: Shop\n\nGoal.\n")
    world.file("docs/stories/1.1.cart.md", "# Story 1.1: Cart\n\nStatus: Draft\n\nText.\n")
    world.push()
    story = world.issue("Story 1.1: Cart")
    new = world.person().open_issue("Below", body="Text.", now=world.later())
    world.person().add_sub_issue(story.number, new.number, now=world.later())
    (item,) = world.pull().items
    assert (item.refused, item.path) == ("", "docs/stories/1.2.below.md")
    assert "parent" in item.unheld
    for _ in range(2):
        run = world.push()
        assert "link" not in [op_name(op) for op in run.plan.operations]
        assert world.pull().items == ()
    assert world.parent("Below") == "Story 1.1: Cart"


def test_a_file_without_frontmatter_gets_one_where_the_layout_has_it(world: World) -> None:
    """Those of ccpm have one; what stood in the file stands below."""
    world.epic()
    world.task(1)
    world.file(TWO, "# Task 2\n\nText.\n")
    world.push()
    block(world, "Task 2", "Task 1")
    assert done(world.pull())
    assert world.read(TWO) == "---\ndepends_on: [001]\n---\n\n# Task 2\n\nText.\n"
    assert settled(world)


@pytest.mark.parametrize("kind", [FaultKind.STATUS, FaultKind.EMPTY_LIST])
def test_a_server_that_does_not_say_takes_no_blocker_out_of_a_file(
    world: World, kind: FaultKind
) -> None:
    """A 404 for the list, or an empty one beside a count, is no word about what is in it."""
    world.epic()
    for number in (1, 3):
        world.task(number)
    world.task(2, depends_on=["001"])
    world.push()
    before = world.read(TWO)
    block(world, "Task 2", "Task 3")
    world.fault(kind, method="GET", path="/dependencies/blocked_by", status=404)
    assert world.pull().files == ()
    assert world.read(TWO) == before
    assert done(world.pull())
    assert "depends_on: [001, 003]" in world.read(TWO)


def test_other_layouts_have_other_fields(world: World) -> None:
    """Backlog.md's ids, and the field that the config of an own layout names."""
    for number, name in ((1, "Cart"), (2, "Pay")):
        world.file(
            f"backlog/tasks/task-{number} - {name}.md",
            f"---\nid: task-{number}\ntitle: {name}\nstatus: To Do\nlabels:\n  - ui\n"
            "dependencies: []\n---\n\nText.\n",
        )
    world.file(
        "ghsync.toml",
        '[layouts.own]\ntask = ["plan/*.md"]\n\n[layouts.own.fields]\nblocked_by = "needs"\n',
    )
    for name in ("a", "b", "c"):
        needs = "needs: [b]\n" if name == "c" else ""
        world.file(f"plan/{name}.md", f"---\ntitle: {name}\n{needs}---\n\nText.\n")
    assert code(world.push()) is ExitCode.DONE
    for title, by in (("Pay", "Cart"), ("a", "b"), ("c", "a")):
        block(world, title, by)
    assert done(world.pull())
    assert "dependencies: [task-1]\n" in world.read("backlog/tasks/task-2 - Pay.md")
    assert "title: a\nneeds: [b]\n" in world.read("plan/a.md")
    assert "needs: [b, a]\n" in world.read("plan/c.md")
    assert settled(world)


def test_another_tools_files_name_issues(world: World) -> None:
    """As that tool does."""
    for number, name in ((1, "cart"), (2, "pay")):
        world.person().open_issue(name, body="Text.", now=world.later())
        world.file(
            f".issues/open/{number}-{name}.md",
            f"---\ntitle: {name}\nlabels: []\n---\n\nText.\n",
        )
    assert code(world.push()) is ExitCode.DONE
    block(world, "pay", "cart")
    assert done(world.pull())
    assert "blocked_by: [1]\n" in world.read(".issues/open/2-pay.md")
    assert settled(world)
