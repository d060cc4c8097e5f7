"""A pull of a part: which new issues it brings, and what ``status`` says of what it would bring."""

from __future__ import annotations

import pytest
from push.world import EPIC, World, code

from ghsync.errors import ExitCode
from ghsync.journal import Forgotten
from ghsync.model import Key
from ghsync.pulling import Pulled
from ghsync.store import Store

OTHER = ".claude/epics/other"


@pytest.fixture
def shop(world: World) -> World:
    """Two epics, each with a task, pushed, and new issues below both, one of them two levels."""
    for folder, title in ((EPIC, "Shop"), (OTHER, "Other")):
        world.epic(title, folder=folder)
        world.task(1, title=f"{title} 1", folder=folder)
    assert code(world.push()) is ExitCode.DONE
    below(world, "Shop", "New in shop")
    below(world, "Other", "New in other")
    return world


def below(world: World, parent: str, title: str, *labels: str) -> int:
    """Somebody opens an issue below another."""
    made = world.person().open_issue(title, body="Text.", labels=labels, now=world.later())
    world.person().add_sub_issue(world.issue(parent).number, made.number, now=world.later())
    return made.number


def brought(pulled: Pulled) -> list[str]:
    """The titles of what became a new file."""
    return sorted(each.title for each in pulled.items if each.new and not each.refused)


@pytest.mark.parametrize(
    "pattern", [EPIC, f"{EPIC}/epic", f"{EPIC}/epic.md", "shop", "#2", f"{EPIC}/**"]
)
def test_a_new_issue_comes_with_its_parent(shop: World, pattern: str) -> None:
    """However that is named; the others are left for another pull."""
    for options in ({"dry_run": True}, {}):
        assert brought(shop.pull(only=(pattern,), **options)) == ["New in shop"]
    assert brought(shop.pull()) == ["New in other"]
    run = shop.push()
    assert (code(run), run.results) == (ExitCode.DONE, ())


def test_a_new_issue_comes_where_its_file_would_stand(shop: World) -> None:
    """By a pattern that its path fits, though its parent's does not."""
    assert brought(shop.pull(only=(f"{EPIC}/[0-9]*.md",))) == ["New in shop"]


def test_a_task_that_is_named_brings_no_sibling(shop: World) -> None:
    """It is neither its parent nor the folder."""
    assert brought(shop.pull(only=(f"{EPIC}/001",))) == []


def test_only_kinds(world: World) -> None:
    """New issues of those kinds, whatever kind their parents are."""
    world.item(".claude/prds/plan.md", "Plan")
    world.epic("Plan epic", folder=".claude/epics/plan")
    world.push()
    below(world, "Plan", "New epic", "epic")
    below(world, "Plan epic", "New task", "task")
    assert brought(world.pull(kind=("task",))) == ["New task"]
    assert brought(world.pull(kind=("task",), only=("plan",))) == []
    assert brought(world.pull(kind=("epic",), only=("plan",))) == ["New epic"]


def test_what_is_below_a_new_one_comes_along(world: World) -> None:
    """Level by level."""
    world.item(".claude/prds/plan.md", "Plan")
    world.push()
    below(world, "Plan", "Epic", "epic")
    below(world, "Epic", "Task", "task")
    assert brought(world.pull(only=(".claude/prds",))) == ["Epic", "Task"]


def test_status_names_what_a_pull_would_bring(shop: World) -> None:
    """With its title and its place; the part that is asked for only."""
    rows = [row for row in shop.status_rows() if row.state == "new"]
    assert [(row.title, row.number, row.path) for row in rows] == [
        ("New in shop", 5, ""),
        ("New in other", 6, ""),
    ]
    assert rows[0].detail == f"`ghsync pull` makes {EPIC}/002.md"
    rows = [row for row in shop.status_rows(only=("shop",)) if row.state == "new"]
    assert [row.title for row in rows] == ["New in shop"]
    shop.pull()
    assert {row.state for row in shop.status_rows()} == {"in step"}


def test_status_says_which_new_issue_no_file_can_be_made_of(world: World) -> None:
    """With what to do about it, as the pull says."""
    world.file("specs/001-shop/spec.md", "# Shop\n\nText.\n")
    world.file("specs/001-shop/tasks.md", "# Tasks\n\n- [ ] T001 Pay\n")
    world.push()
    below(world, "Shop", "By hand")
    (row,) = (row for row in world.status_rows() if row.state == "new")
    (left,) = world.pull().refused
    assert (row.title, row.detail) == ("By hand", left.refused)
    assert "`ghsync map adopt`" in row.detail
    assert f"`ghsync map forget '#{row.number}'`" in row.detail
    assert row.number is not None
    store = Store.open(world.root, files=world.disk)
    with store.locked(since=0.0, command="map forget"):
        store.append([Forgotten(key=Key(f"#{row.number}"), number=row.number)])
    assert world.pull().items == ()
    assert [row for row in world.status_rows() if row.state == "new"] == []


def test_status_names_files_that_are_gone(shop: World) -> None:
    """With what can be done; a closed issue whose file is gone is over."""
    shop.pull()
    shop.remove(f"{EPIC}/001.md")
    (gone,) = (row for row in shop.status_rows() if row.state != "in step")
    number = shop.issue("Shop 1").number
    assert (gone.key, gone.number, gone.state) == (f"{EPIC}/001", number, "gone")
    assert "`ghsync push --prune` closes the issue" in gone.detail
    assert f"`ghsync map forget {EPIC}/001` lets go of it" in gone.detail
    shop.person().edit(number, title="Another", now=shop.later())
    (gone,) = (row for row in shop.status_rows() if row.state != "in step")
    assert "somebody changed the issue since" in gone.detail
    shop.person().close(number, now=shop.later())
    assert {row.state for row in shop.status_rows()} == {"in step"}


def test_a_renamed_file_is_not_gone(shop: World) -> None:
    """It is where its content is; a push moves its issue behind the others."""
    shop.pull()
    shop.move(f"{EPIC}/001.md", f"{EPIC}/009.md")
    assert {row.state for row in shop.status_rows()} == {"in step", "ahead"}


# ------------------------------------------------------------- what no file can hold, and labels


def test_the_kinds_own_label_that_somebody_took_off_stays_off(shop: World) -> None:
    """Push, pull and status agree: no file can say so, it is said once, and nobody puts it back."""
    shop.pull()
    number = shop.issue("Shop 1").number
    shop.person().unlabel(number, "task", now=shop.later())
    row = shop.status()[f"{EPIC}/001"]
    assert (row.state, row.detail) == ("behind", "changed on GitHub: labels")
    (item,) = shop.pull().items
    assert (item.changes, item.unheld) == ((), ("labels",))
    for _ in range(2):
        assert shop.push().results == ()
        assert shop.pull().items == ()
        row = shop.status()[f"{EPIC}/001"]
        assert (row.state, row.detail) == ("in step", "the file cannot hold GitHub's labels")
    assert shop.labels("Shop 1") == set()
    shop.task(1, title="Shop 1", labels=["api"])
    assert code(shop.push()) is ExitCode.DONE
    assert shop.labels("Shop 1") == {"api"}
    assert shop.status()[f"{EPIC}/001"].state == "in step"
    shop.person().label(number, "task", now=shop.later())
    assert shop.status()[f"{EPIC}/001"].detail == ""
    assert shop.pull().items == ()


def test_a_label_comes_beside_the_kinds_own_that_is_gone(shop: World) -> None:
    """What the file can hold of a change is written and shown; the rest is said."""
    shop.pull()
    shop.task(1, title="Shop 1", labels=["api"])
    shop.push()
    number = shop.issue("Shop 1").number
    shop.person().unlabel(number, "task", "api", now=shop.later())
    shop.person().label(number, "bug", now=shop.later())
    (item,) = shop.pull().items
    assert [(c.field, set(c.new or ())) for c in item.changes] == [("labels", {"bug", "task"})]
    assert item.unheld == ("labels",)
    assert "labels: [bug]" in shop.read(f"{EPIC}/001.md")
    assert shop.push().results == ()
    assert shop.labels("Shop 1") == {"bug"}
    assert shop.pull().items == ()


def test_what_could_not_be_held_is_brought_once_it_can_be(shop: World) -> None:
    """A labels field that somebody adds later, or the setting that lets ghsync add one."""
    shop.pull()
    number = shop.issue("Shop 1").number
    shop.person().label(number, "bug", now=shop.later())
    assert [each.unheld for each in shop.pull().items] == [("labels",)]
    assert shop.pull().items == ()
    shop.file("ghsync.toml", "[pull]\nlabels = true\n")
    (item,) = shop.pull().items
    assert [c.field for c in item.changes] == ["labels"]
    assert "labels: [bug]" in shop.read(f"{EPIC}/001.md")
    assert shop.push().results == ()
    assert shop.status()[f"{EPIC}/001"].detail == ""


def test_another_value_that_cannot_be_held_is_news(shop: World) -> None:
    """What was said is that value, not the field for ever."""
    shop.pull()
    number = shop.issue("Shop 1").number
    for label in ("bug", "api"):
        shop.person().label(number, label, now=shop.later())
        assert shop.status()[f"{EPIC}/001"].state == "behind"
        assert [each.unheld for each in shop.pull().items] == [("labels",)]
        assert shop.status()[f"{EPIC}/001"].state == "in step"
