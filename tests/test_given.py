"""Items that are no files: made by a program, pushed, merged and remembered like files."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from push.world import World, code, names
from store.store_disk import Killed

import ghsync
from ghsync import given
from ghsync.layouts.base import IssueTypes, LoadOptions, Locking
from ghsync.model import Kind
from ghsync.sync import push as push_verb

SHOP = (
    ghsync.item("shop", title="Shop", kind="epic", body="See [paying](shop/pay)."),
    ghsync.item("shop/pay", title="Pay", parent="shop", blocked_by=["shop/cart"], labels=["web"]),
    ghsync.item("shop/cart", title="Cart", parent="shop", assignees=["@octo"]),
)


class Items(World):
    """A folder without files."""

    def give(self, items: Iterable[ghsync.Item], **options: object) -> ghsync.Run:
        """Push these."""
        dry = bool(options.pop("dry_run", False))
        config = self.config(**options)
        config = replace(config, given=given.loaded(items, config.load_options))
        return asyncio.run(push_verb(config, self.around(), dry_run=dry))


@pytest.fixture
def world(tmp_path: Path) -> Items:
    """A folder, a GitHub and the time."""
    return Items(tmp_path)


def test_items_are_pushed_with_their_links_and_once(world: Items) -> None:
    """Parents, blockers, labels and texts that link by key; the same list again changes nothing."""
    planned = world.give(SHOP, dry_run=True)
    run = world.give(SHOP)
    assert names(planned) == names(run)
    assert run.errors == ()
    assert world.parent("Pay") == "Shop"
    assert world.blockers("Pay") == {"Cart"}
    assert world.labels("Pay") == {"task", "web"}
    number = world.issue("Pay").number
    assert f'[paying](https://github.com/octo/plan/issues/{number} "#' in world.issue("Shop").body
    assert world.give(SHOP).total == 0
    world.agree()


def test_the_list_orders_sub_issues(world: Items) -> None:
    """Sub-issues stand as the list has them, not by their keys."""
    world.give(SHOP)
    shop = world.issue("Shop")
    held = {issue.id: issue.title for issue in world.issues.values()}
    assert [held[each] for each in shop.sub_issues] == ["Pay", "Cart"]


def test_what_people_changed_is_merged(world: Items) -> None:
    """A title of the program's and a text of a person's both stay."""
    world.give(SHOP)
    world.me.edit(world.issue("Pay").number, body="By card.", now=world.later())
    run = world.give([*SHOP[:1], replace(SHOP[1], title="Pay now"), SHOP[2]])
    assert names(run) == ["update"]
    assert "By card." in world.issue("Pay now").body


def test_an_item_that_is_missing_is_gone(world: Items) -> None:
    """It is named and left; with ``prune`` its issue is closed as not planned."""
    world.give(SHOP)
    kept = [replace(SHOP[0]), replace(SHOP[2])]
    run = world.give(kept)
    assert [skip.key for skip in run.plan.skipped] == ["shop/pay"]
    assert world.issue("Pay").state == "open"
    world.give(kept, prune=True, allow_changes=3)
    assert world.issue("Pay").state == "closed"


def test_wrong_lists_are_findings(world: Items) -> None:
    """Duplicate keys, unknown parents and cycles are told as for files, the rest is pushed."""
    run = world.give(
        [
            ghsync.item("a", title="A", blocked_by=["b"]),
            ghsync.item("b", title="B", blocked_by=["a"]),
            ghsync.item("c", title="C", parent="nobody"),
            ghsync.item("d", title="D1"),
            ghsync.item("d", title="D2", path="plan.csv", line=7),
            ghsync.item("e", title=""),
        ]
    )
    found = {(f.code, f.path, f.line) for f in run.findings if f.severity != "info"}
    assert found >= {
        ("blocked_by_cycle", "items", 2),
        ("parent_unknown", "items", 3),
        ("duplicate_key", "items", 4),
        ("duplicate_key", "plan.csv", 7),
        ("empty_title", "items", 6),
    }
    assert world.titles == ["A", "B", "C"]
    assert code(run) == 1


def test_files_and_items_do_not_share_a_map(world: Items) -> None:
    """Neither takes the other's to be gone: the second kind is refused, and nothing is sent."""
    world.backlog(2)
    world.push()
    before = len(world.github.log)
    for items in (SHOP, ()):
        with pytest.raises(ghsync.RefusedError, match=r"3 items of files \(.claude/epics/shop/001"):
            world.give(items, prune=True)
    assert len(world.github.log) == before


def test_a_push_of_files_refuses_a_map_of_items(world: Items) -> None:
    """Also where there are no files at all, and whatever number is allowed."""
    world.give(SHOP)
    for _ in range(2):
        with pytest.raises(ghsync.RefusedError, match="3 items that no file holds"):
            world.push(prune=True, allow_changes=99)
        world.backlog(2)
    with pytest.raises(ghsync.RefusedError, match="that no file holds"):
        world.status()


def test_items_of_files_may_be_changed_and_given(world: Items) -> None:
    """What ``load`` returns can be pushed after a change that no file gets."""
    world.backlog(2)
    world.push()
    loaded = ghsync.load(world.root).items
    run = world.give([replace(item, labels=(*item.labels, "q4")) for item in loaded])
    assert names(run).count("update") == 3
    assert run.plan.skipped == ()


def test_a_create_that_nobody_saw_answered_is_found(world: Items) -> None:
    """A killed push of items makes none twice."""
    world.give(SHOP[:1])
    world.disk.kill_at = len(world.disk.steps) + 12
    with pytest.raises(Killed):
        world.give(SHOP)
    world.revive()
    world.give(SHOP)
    assert sorted(world.titles) == ["Cart", "Pay", "Shop"]
    world.agree()


def test_an_issue_that_is_there_is_taken_over(world: Items) -> None:
    """By its number; what both sides have alike is in step, and no second one is made."""
    made = world.me.open_issue("Pay", body="By card.", now=world.clock.now())
    world.later()
    run = world.give([ghsync.item("pay", title="Pay", body="By card.", issue=made.number)])
    assert run.errors == ()
    assert world.titles == ["Pay"]
    assert world.map.entries[ghsync.item("pay", title="").key].number == made.number


def test_an_item_is_known_again_by_its_id(world: Items) -> None:
    """A changed key with the same ``ident`` is the same issue."""
    world.give([ghsync.item("q3/pay", title="Pay", ident="T-1", kind="epic")])
    run = world.give([ghsync.item("q4/pay", title="Pay by card", ident="T-1", kind="epic")])
    assert [(rename.old, rename.new) for rename in run.plan.renames] == [("q3/pay", "q4/pay")]
    assert world.titles == ["Pay by card"]


def test_a_push_of_items_is_taken_back(world: Items) -> None:
    """``undo`` needs no items."""
    world.give(SHOP)
    assert world.undo().error is None
    assert {issue.state for issue in world.issues.values()} == {"closed"}


def test_settings_give_types_and_locks() -> None:
    """As to files: the kind's issue type unless the item names one, closed issues locked."""
    options = LoadOptions(types=IssueTypes(by_kind={Kind.EPIC: "Feature"}), lock=Locking.CLOSED)
    items = [
        ghsync.item("a", title="A", kind="epic"),
        ghsync.item("b", title="B", kind="epic", type="Bug", state="closed"),
    ]
    found = given.loaded(items, options).items
    assert [(item.type, item.locked, item.line) for item in found] == [
        ("Feature", False, 1),
        ("Bug", True, 2),
    ]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"key": ""}, "key must be printable text"),
        ({"key": "a\nb"}, "key must be printable text"),
        ({"kind": "story"}, "kind must be one of prd, epic, task"),
        ({"state": "done"}, "state must be one of open, closed"),
        ({"reason": "completed"}, "reason says why an item is closed"),
        ({"labels": "web"}, "labels must be a list of texts, not 'web'"),
        ({"labels": [1]}, "labels must be text, not int"),
        ({"blocked_by": "a"}, "blocked_by must be a list"),
        ({"title": None}, "title must be text, not NoneType"),
        ({"issue": "#4"}, "issue must be an issue's number"),
        ({"priority": "urgent"}, "priority must be one of critical, high, medium, low"),
        ({"path": "../plan.csv"}, "path must be a place below the root"),
        ({"path": "plan.md"}, "path must not be markdown"),
        ({"line": "7"}, "line must be a line's number"),
        ({"line": -1}, "line must be a line's number"),
        ({"locked": "no"}, "locked must be True or False, not 'no'"),
        ({"archived": 1}, "archived must be True or False"),
        ({"fields": [("Team", "web")]}, "fields must be a mapping of texts, not list"),
        ({"fields": {"Team": None}}, "fields must be text, not NoneType"),
    ],
)
def test_a_wrong_argument_is_named(arguments: dict[str, Any], said: str) -> None:
    """The item, the argument, and what it must be."""
    with pytest.raises(ghsync.UsageError) as caught:
        ghsync.item(**{"key": "shop/pay", "title": "Pay", **arguments})
    assert said in caught.value.message


def test_what_is_no_item_is_named(tmp_path: Path) -> None:
    """By its place in the list."""
    things: Any = [SHOP[0], {"key": "x"}]
    with pytest.raises(ghsync.UsageError, match=r"items\[1\] is a dict"):
        ghsync.plan(tmp_path, items=things, sandbox=True, env={})
    things = 5
    with pytest.raises(ghsync.UsageError, match="items is a int"):
        ghsync.plan(tmp_path, items=things, sandbox=True, env={})


def test_a_closed_item_and_its_defaults() -> None:
    """Closed means completed where nothing else is said; the kind is the first label, once."""
    done = ghsync.item("a", title="A", state="closed", labels=["Task", "x"], priority="high")
    assert (done.reason, done.labels, done.priority) == ("completed", ("task", "x"), 1)
    assert ghsync.item("a", title="A", state="closed", reason="not_planned").reason == "not_planned"
    assert ghsync.item("a", title="A", issue=4).recorded is not None


def test_the_functions_take_items(tmp_path: Path) -> None:
    """Push, plan, lint, status, diff and retry; no file is read, and none is written."""
    (tmp_path / "ghsync.toml").write_text('write_back = true\ntypes = { epic = "Feature" }\n')
    options: dict[str, Any] = {"sandbox": True, "env": {}}
    assert ghsync.plan(tmp_path, items=SHOP, **options).total > 0
    assert ghsync.push(tmp_path, items=iter(SHOP), **options).errors == ()
    assert {row.state for row in ghsync.status(tmp_path, items=SHOP, **options)} == {"in step"}
    changed = [replace(SHOP[0], title="The shop"), *SHOP[1:]]
    (difference,) = ghsync.diff(tmp_path, items=changed, **options)
    assert [(c.field, c.new) for c in difference.outgoing] == [("title", "The shop")]
    assert ghsync.retry(tmp_path, items=SHOP, **options).total == 0
    assert set(ghsync.lint(tmp_path, items=[*SHOP, SHOP[1]]).refused) == {"shop/pay"}
    assert not list(tmp_path.rglob("*.md"))
