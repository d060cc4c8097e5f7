"""A push of a part: patterns, kinds and a limit, what comes along, and what is left."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from world import EPIC, World, code, codes, names, ops, unfinished

from ghsync.errors import ExitCode, UsageError
from ghsync.sandbox.faults import FaultKind
from ghsync.sandbox.limits import NONE

CART = ".claude/epics/cart"


@pytest.fixture
def two(world: World) -> World:
    """Two epics with two tasks each, and a PRD of the first."""
    world.item(".claude/prds/shop.md", "Shop PRD")
    world.backlog(2)
    world.backlog(2, CART)
    return world


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        (f"{EPIC}/001", {"Shop PRD", "shop", "shop 1"}),  # a key
        (f"{EPIC}/001.md", {"Shop PRD", "shop", "shop 1"}),  # a path
        (f"./{EPIC}/", {"Shop PRD", "shop", "shop 1", "shop 2"}),  # a folder
        (f"{CART}/*.md", {"cart", "cart 1", "cart 2"}),  # a glob of paths
        (".claude/**/002", {"Shop PRD", "shop", "shop 2", "cart", "cart 2"}),  # a glob of keys
        (".claude/epics/c*", {"cart", "cart 1", "cart 2"}),  # a glob of folders
        ("shop", {"Shop PRD", "shop", "shop 1", "shop 2"}),  # a name of files and folders
        ("prds", {"Shop PRD"}),
        (".", {"Shop PRD", "shop", "shop 1", "shop 2", "cart", "cart 1", "cart 2"}),
    ],
)
def test_only(two: World, pattern: str, expected: set[str]) -> None:
    """A key, a path, a folder, a glob or a name; the parents come along; the rest follows later."""
    shown = two.dry_run(only=(pattern,))
    run = two.push(only=(pattern,))
    assert ops(shown) == ops(run)
    assert {item.title for item in run.items} == expected
    assert set(two.titles) == expected
    assert unfinished(run) == []
    assert run.plan.later == ()
    two.agree()
    two.later()
    assert unfinished(two.push()) == []
    assert len(two.titles) == 7
    two.later()
    assert ops(two.push()) == []


def test_only_is_any_of_several_patterns_and_of_the_kinds(two: World) -> None:
    """Patterns add up; kinds restrict them."""
    run = two.push(only=("cart", "shop"), kind=("prd", "epic"))
    assert two.titles == ["cart", "Shop PRD", "shop"]
    assert unfinished(run) == []
    two.later()
    two.push(kind="task", only="001")
    assert sorted(set(two.titles) - {"cart", "Shop PRD", "shop"}) == ["cart 1", "shop 1"]


def test_a_number_names_the_item_that_has_it(two: World) -> None:
    """``#2`` is the item whose issue that is."""
    two.push()
    number = two.issue("cart 1").number
    two.task(1, "New", CART)
    two.task(2, "Newer", CART)
    two.later()
    run = two.push(only=(f"#{number}",))
    assert ops(run) == ["update New"]
    with pytest.raises(UsageError, match="#99"):
        two.push(only=("#99",))


def test_a_pattern_that_fits_nothing_names_the_nearest(two: World) -> None:
    """Exit 2, before anything is sent or recorded."""
    for near, pattern in ((EPIC, ".claude/epics/shp"), ("cart", "Cart")):
        with pytest.raises(UsageError) as caught:
            two.push(only=(EPIC, pattern))
        assert pattern in caught.value.message
        assert near in caught.value.hint
    assert two.titles == []


def test_blockers_come_along_and_places_do_not(world: World) -> None:
    """What a link needs is made; to be placed beside others is no need."""
    world.backlog(3)
    world.item(f"{EPIC}/003.md", "Last", depends_on=["002"])
    run = world.push(only=(f"{EPIC}/003",))
    assert world.titles == ["shop", "shop 2", "Last"]
    assert world.blockers("Last") == {"shop 2"}
    assert unfinished(run) == []
    world.later()
    assert unfinished(world.push()) == []
    world.agree()
    world.later()
    assert ops(world.push()) == []


def test_what_came_along_is_whole(world: World) -> None:
    """A closed blocker is made and closed."""
    world.backlog(1)
    world.item(f"{EPIC}/002.md", "Before", status="closed")
    world.item(f"{EPIC}/003.md", "After", depends_on=["002"])
    world.push(only=("003",))
    assert world.issue("Before").state == "closed"


def test_a_link_in_a_text_waits_for_its_target(world: World) -> None:
    """The text is linked by the push that makes what it names."""
    world.epic()
    world.item(f"{EPIC}/001.md", "One", body="After [two](002.md).")
    world.item(f"{EPIC}/002.md", "Two")
    world.push(only=(f"{EPIC}/001",))
    assert world.titles == ["Shop", "One"]
    world.later()
    world.push()
    assert f"#{world.issue('Two').number}" in (world.issue("One").body or "")
    world.later()
    assert ops(world.push()) == []


def test_others_problems_are_others(two: World) -> None:
    """Errors, conflicts and a brake count where they are part of what is pushed."""
    two.push()
    two.item(f"{CART}/003.md", "x" * 300)
    two.task(1, "Local", CART)
    two.me.edit(two.issue("cart 1").number, title="Remote", now=two.later())
    two.task(1, "Good")
    two.later()
    run = two.push(only=(EPIC,), strict=True)
    assert (code(run), codes(run), ops(run)) == (ExitCode.DONE, set(), ["update Good"])
    assert run.plan.conflicts == ()
    two.later()
    whole = two.push()
    assert code(whole) is ExitCode.PARTIAL
    assert whole.plan.conflicts
    assert "title_too_long" in codes(two.dry_run(only=(f"{CART}/003",)))


def test_prune_closes_what_is_named(two: World) -> None:
    """The issue of a file that is gone is named by the file's path or key."""
    two.push()
    two.remove(f"{CART}/001.md")
    two.remove(f"{EPIC}/001.md")
    two.later()
    run = two.push(prune=True, only=(f"{CART}/001.md",))
    assert ops(run) == ["close cart 1"]
    assert two.issue("shop 1").state == "open"


# ----------------------------------------------------------------------------- the limit


def test_the_limit_takes_the_most_urgent_and_leaves_the_rest(world: World) -> None:
    """In the plan's own order, parents first; the dry run shows the same; exit 0."""
    world.backlog(4)
    world.item(f"{EPIC}/004.md", "Urgent", priority="critical")
    shown = world.dry_run(limit=2)
    run = world.push(limit=2)
    assert ops(run) == ops(shown)
    assert run.plan.later == shown.plan.later
    assert [key.rpartition("/")[2] for key in run.plan.later] == ["001", "002", "003"]
    assert world.titles == ["shop", "Urgent"]
    assert code(run) is ExitCode.DONE
    world.later()
    last = world.push(limit=99)
    assert last.plan.later == ()
    assert len(world.titles) == 5
    world.later()
    assert ops(world.push()) == []


def test_a_link_to_an_item_left_out_is_left_too(world: World) -> None:
    """A link needs both ends; the next run makes it."""
    world.epic()
    world.task(1, "Blocked", depends_on=["002"], priority="critical")
    world.push(limit=1)
    world.task(2, "Blocker")
    world.later()
    run = world.push(limit=1)
    assert len(run.plan.later) <= 1
    world.later()
    world.push()
    assert world.blockers("Blocked") == {"Blocker"}
    world.agree()


def test_the_limit_counts_items_not_operations(two: World) -> None:
    """An update, and its new parent, of one item are one."""
    two.push()
    for number in (1, 2):
        two.task(number, f"New {number}", CART, status="closed", labels=["x"])
    two.later()
    run = two.push(limit=1)
    assert sorted(set(names(run))) == ["create_label", "update"]
    assert len(run.plan.later) == 1


def test_a_large_change_can_be_made_in_small_steps(world: World) -> None:
    """A brake counts what this run would change."""
    world.backlog(12)
    world.push()
    for number in range(1, 13):
        world.task(number, f"New {number}")
    world.later()
    assert code(world.push()) is ExitCode.REFUSED
    world.later()
    assert code(world.push(limit=3)) is ExitCode.DONE


def test_retry_and_selection_together(two: World) -> None:
    """A retry of a part is a retry of that part."""
    rule = two.fault(
        FaultKind.STATUS, method="POST", path=r"/repos/[^/]+/[^/]+/issues$", status=422, times=None
    )
    two.push()
    two.github.faults.remove(rule)
    two.later()
    run = two.retry(only=(CART,))
    assert unfinished(run) == []
    assert two.titles == ["cart", "cart 1", "cart 2"]


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
def test_parts_add_up_to_the_whole(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    """Whatever is pushed in whatever parts: in the end a full push has nothing to do."""
    world = World(tmp_path_factory.mktemp("parts"))
    world.limit(NONE)
    world.options["limits"] = "none"
    world.epic()
    world.epic(folder=CART, title="Cart")
    some = st.lists(st.sampled_from(["001", "002", "003", "004"]), max_size=2, unique=True)
    for folder in (EPIC, CART):
        for number in range(1, 5):
            status = data.draw(st.sampled_from(["open", "closed"]))
            links = " ".join(f"[x]({each}.md)" for each in data.draw(some))
            needs = [each for each in data.draw(some) if int(each) < number]
            fields = {"depends_on": needs} if needs else {}
            path = f"{folder}/{number:03d}.md"
            world.item(
                path, f"{folder[-4:]} {number}", body=f"See {links}.", status=status, **fields
            )
    for _ in range(data.draw(st.integers(1, 3))):
        part: dict[str, Any] = {
            "only": tuple(data.draw(st.lists(st.sampled_from(["001", "00[23]", EPIC, "cart"])))),
            "kind": tuple(data.draw(st.lists(st.sampled_from(["epic", "task"])))),
            "limit": data.draw(st.sampled_from([None, 1, 3])),
        }
        shown = world.dry_run(**part)
        run = world.push(**part)
        assert ops(run) == ops(shown)
        assert unfinished(run) == []
        if part["limit"]:
            assert (
                len({getattr(op, "key", None) for op in run.plan.operations} - {None})
                <= (part["limit"])
            )
        world.agree()
        world.later()
    assert unfinished(world.push()) == []
    world.agree()
    world.later()
    assert ops(world.push()) == []
