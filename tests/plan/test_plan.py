"""Items, map and snapshot to a plan: totals, edges, brakes, and that it is done when it is done."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from plan_kit import REPO, apply, base, entry, issue, item, planned, recorded, smap, snapshot, words

from ghsync.brakes import brake, check_repository
from ghsync.engine import order
from ghsync.errors import RefusedError, WrongRepositoryError
from ghsync.journal import SyncMap
from ghsync.model import (
    Block,
    CreateIssue,
    IssueNumber,
    Item,
    Key,
    Kind,
    Label,
    LinkParent,
    Priority,
    RepoId,
    Requests,
    State,
    Unblock,
    UnlinkParent,
    UpdateIssue,
)
from ghsync.operations import requests_of
from ghsync.plan import make_plan
from ghsync.sides import assumed
from ghsync.threeway import OnConflict

KEYS = [f"k{number}" for number in range(6)]


@st.composite
def projects(draw: st.DrawFn) -> tuple[Item, ...]:
    """Items with parents (no cycle), blockers, labels, milestones, people and states."""
    found = []
    for position, key in enumerate(draw(st.lists(st.sampled_from(KEYS), unique=True))):
        earlier = [each.key for each in found]
        closed = draw(st.booleans())
        found.append(
            item(
                key,
                draw(st.sampled_from(["One", "Two"])),
                body=draw(st.sampled_from(["", "Text."])),
                kind=draw(st.sampled_from(list(Kind))),
                labels=tuple(draw(st.lists(st.sampled_from(["a", "b"]), unique=True))),
                assignees=tuple(draw(st.lists(st.sampled_from(["ana", "bob"]), unique=True))),
                milestone=draw(st.sampled_from([None, "v1"])),
                state=State.CLOSED if closed else State.OPEN,
                priority=draw(st.sampled_from(list(Priority))),
                parent=draw(st.sampled_from([None, *earlier])),
                blocked_by=tuple(draw(st.lists(st.sampled_from(earlier), unique=True)))
                if position
                else (),
            )
        )
    return tuple(found)


@settings(deadline=None, max_examples=40)
@given(states=st.lists(projects(), min_size=1, max_size=3))
def test_a_plan_that_was_carried_out_leaves_nothing(states: list[tuple[Item, ...]]) -> None:
    """After its own operations the next plan is empty, through any series of edits."""
    known, there = SyncMap(), snapshot()
    for items in states:
        plan = planned(items, known, there)
        known, there = apply(plan, known, there)
        again = planned(items, known, there)
        assert words(again.plan) == []
        assert again.learned == ()
        assert len(again.plan.unchanged) == len(items)


@settings(deadline=None, max_examples=40)
@given(items=projects(), seed=st.integers(0, 9))
def test_a_plan_is_deterministic(items: tuple[Item, ...], seed: int) -> None:
    """The order in which the items come does not matter, and a plan is in its own order."""
    shuffled = list(items)
    random.Random(seed).shuffle(shuffled)
    plan = planned(items).plan
    assert planned(shuffled).plan == plan
    assert order(plan.operations) == plan.operations
    assert requests_of(plan.operations).writes == len(plan.operations)


def test_totals_and_requests() -> None:
    """One operation is one request; only what makes content counts as content."""
    items = [
        item("e", kind=Kind.EPIC, labels=("epic",), milestone="v1"),
        item("e/1", parent=Key("e"), state=State.CLOSED, blocked_by=(Key("e"),)),
    ]
    plan = planned(items).plan
    assert words(plan) == [
        "create_label epic", "create_milestone ", "create e", "create e/1", "block e/1",
        "close e/1",
    ]  # fmt: skip
    assert requests_of(plan.operations, reads=3) == Requests(reads=3, writes=6, content=3)


def test_labels_of_another_case_are_not_made() -> None:
    """Nor is one made for an issue that has it already."""
    there = snapshot(issue(1, labels=("x",)), labels={"big": Label(name="BIG", color="000000")})
    known = smap(entry("k", 1, base=base(labels=("x",))))
    plan = planned([item("n", labels=("Big",)), item("k", labels=("x",))], known, there).plan
    assert words(plan) == ["create n"]


def test_a_set_keeps_githubs_spelling() -> None:
    """Labels equal but for the case are in step."""
    there = snapshot(issue(1, labels=("EPIC",)))
    plan = planned([item("k", labels=("epic",))], smap(entry("k", 1)), there).plan
    assert words(plan) == []


# ---------------------------------------------------------------------------- edges


def family(parent: int | None, was: int | None, wanted: str | None, **settings_: Any) -> Any:
    """The plan for child #3, whose parent is this, was that, and shall be ``a`` or ``b``."""
    there = snapshot(issue(1), issue(2), issue(3, parent=parent), issue(9))
    known = smap(entry("a", 1), entry("b", 2), entry("c", 3, base=base(parent=was)))
    items = [item("a"), item("b"), item("c", parent=None if wanted is None else Key(wanted))]
    return planned(items, known, there, **settings_)


@pytest.mark.parametrize(
    ("parent", "was", "wanted", "expected"),
    [
        (None, None, None, None),
        (None, None, "a", LinkParent),
        (1, 1, "a", None),
        (1, 1, None, UnlinkParent),
        (1, 1, "b", LinkParent),
        (9, 1, "a", None),  # a person moved it
        (None, 1, "a", None),  # a person took it out
        (2, 1, "b", None),  # both did the same
        (9, 1, None, None),  # a person moved it, and the file has none any more
        (9, 1, "b", "conflict"),
        (9, None, "a", "conflict"),
    ],
)
def test_every_case_of_a_parent(
    parent: int | None, was: int | None, wanted: str | None, expected: object
) -> None:
    """As for a scalar: the side that alone changed wins, both differently is a conflict."""
    plan = family(parent, was, wanted).plan
    if expected == "conflict":
        assert [conflict.field for conflict in plan.conflicts] == ["parent"]
        assert plan.operations == ()
        return
    assert plan.conflicts == ()
    assert [type(op) for op in plan.operations] == ([] if expected is None else [expected])


def test_a_conflict_about_a_parent_can_be_decided() -> None:
    """``local`` replaces, ``remote`` leaves it, and the next plan knows."""
    (link,) = family(9, 1, "b", on_conflict=OnConflict.LOCAL).plan.operations
    assert isinstance(link, LinkParent)
    assert link.replace
    kept = family(9, 1, "b", on_conflict=OnConflict.REMOTE)
    assert kept.plan.operations == ()
    assert kept.entries[Key("c")].base.parent == 2


def test_a_link_that_lint_withholds_is_not_removed() -> None:
    """A cycle in the files: what is linked on GitHub stays."""
    there = snapshot(issue(1), issue(2, parent=1))
    known = smap(entry("a", 1), entry("b", 2, base=base(parent=1)))
    items = [item("a", parent=Key("b")), item("b", parent=Key("a"))]
    assert not any(
        isinstance(op, UnlinkParent) for op in planned(items, known, there).plan.operations
    )


@pytest.mark.parametrize("prune", [False, True])
def test_the_links_of_a_file_that_is_gone_are_left_until_it_is_pruned(*, prune: bool) -> None:
    """Its issue is left as it is: a file that a branch lacks takes no tree apart."""
    there = snapshot(issue(1), issue(2), issue(3, parent=1))
    child = entry("c", 3, base=base(parent=1, blocked_by=(2,)))
    known = smap(entry("a", 1), entry("b", 2), child)
    found = planned([item("c")], known, there, prune=prune)
    done = [type(op).__name__ for op in found.plan.operations]
    gone = ["CloseIssue", "CloseIssue", "Unblock", "UnlinkParent"]
    assert sorted(done) == (gone if prune else [])
    kept = found.entries[Key("c")].base
    assert kept is not None
    assert (kept.parent, kept.blocked_by) == (1, (2,))


def test_the_issue_of_the_deleted_task_is_pruned_though_its_name_is_there() -> None:
    """The first of three is deleted, the others are renumbered: the last name is free."""
    there = snapshot(*(issue(n, f"T{n}", body=f"B{n}") for n in (1, 2, 3)))
    bases = [base(f"T{n}", body=f"B{n}") for n in (1, 2, 3)]
    known = smap(*(entry(k, n, base=bases[n - 1]) for n, k in enumerate("abc", start=1)))
    moved = [item("a", "T2", body="B2"), item("b", "T3", body="B3")]
    (close,) = planned(moved, known, there, prune=True).plan.operations
    assert (type(close).__name__, close.number, close.title) == ("CloseIssue", 1, "T1")
    kept = planned(moved, known, there)
    assert kept.plan.operations == ()
    assert {key: each.number for key, each in kept.entries.items()} == {"a": 2, "b": 3, "c": 1}


def test_blockers_that_were_ours_are_removed() -> None:
    """Of the edges on GitHub only those in the base are ghsync's to take away."""
    there = snapshot(issue(1), issue(2), issue(3), blockers={})
    known = smap(entry("a", 1), entry("b", 2), entry("c", 3, base=base(blocked_by=(1, 9))))
    plan = planned([item("a"), item("b"), item("c", blocked_by=(Key("b"),))], known, there).plan
    assert [type(op) for op in plan.operations] == [Unblock, Block]


def test_a_blocker_without_an_issue_is_left_out_for_now() -> None:
    """The item that blocks is refused: the edge is made once it has its issue."""
    items = [item("a", "x" * 300), item("b", blocked_by=(Key("a"),))]
    plan = planned(items).plan
    assert words(plan) == ["create b"]


# --------------------------------------------------------------------------- brakes


def rewriting(count: int, of: int) -> tuple[Any, SyncMap]:
    """A plan that rewrites so many of so many mapped issues."""
    items = [item(f"k{n}", "New" if n < count else "Title") for n in range(of)]
    known = smap(*(entry(f"k{n}", n + 1) for n in range(of)))
    there = snapshot(*(issue(n + 1) for n in range(of)))
    return planned(items, known, there).plan, known


@pytest.mark.parametrize(
    ("count", "of", "allow", "refused"),
    [
        (9, 9, None, False),
        (3, 10, None, False),
        (4, 10, None, True),
        (4, 10, 3, True),
        (4, 10, 4, False),
        (30, 100, None, False),
        (31, 100, None, True),
    ],
)
def test_thirty_percent_of_at_least_ten(
    count: int, of: int, allow: int | None, refused: bool
) -> None:
    """More than that is refused until the user names the number."""
    plan, known = rewriting(count, of)
    if refused:
        with pytest.raises(RefusedError, match=f"{count} of {of}") as caught:
            brake(plan, known, allow)
        assert f"--allow-changes {count}" in caught.value.hint
    else:
        brake(plan, known, allow)


def test_labels_links_and_reopenings_are_no_rewriting() -> None:
    """Only titles, texts and closings are what an accident destroys."""
    items = [item(f"k{n}", labels=("x",), parent=Key("k0") if n else None) for n in range(12)]
    known = smap(*(entry(f"k{n}", n + 1, base=base(state=State.CLOSED)) for n in range(12)))
    there = snapshot(*(issue(n + 1, state=State.CLOSED) for n in range(12)))
    plan = planned(items, known, there).plan
    closing = {change.field for op in plan.operations if isinstance(op, UpdateIssue)
               for change in op.changes}  # fmt: skip
    assert closing == {"labels", "state"}
    with pytest.raises(RefusedError):
        brake(plan, known, None)  # an update that also changes the state counts


def test_markers_without_a_map_are_refused() -> None:
    """The issues are there, and no map says whose they are."""
    there = snapshot(*(issue(n, uid=f"{n:032x}", marker_key=Key(f"k{n}")) for n in (1, 2)))
    plan = planned([item("k1"), item("k2"), item("k3")], None, there).plan
    with pytest.raises(RefusedError, match="2 issues"):
        brake(plan, SyncMap(), 1)
    brake(plan, SyncMap(), 2)
    brake(plan, smap(entry("k9", 9)), None)


def test_a_recorded_issue_is_no_lost_map() -> None:
    """A file that names an issue of a person's is adopted without asking."""
    plan = planned([item("k", recorded=recorded(1))], None, snapshot(issue(1))).plan
    assert words(plan) == ["adopt k"]
    brake(plan, SyncMap(), None)


def test_a_map_of_another_repository_is_refused() -> None:
    """By id; a new name is no other repository."""
    check_repository(smap(), replace(REPO, full_name="octo/renamed"))
    check_repository(SyncMap(), REPO)
    with pytest.raises(WrongRepositoryError):
        check_repository(smap(), replace(REPO, id=RepoId(8)))


# -------------------------------------------------------------------------- skipped


def test_what_is_left_out_has_its_reason() -> None:
    """Refused by lint, archived, gone, or without a file."""
    items = [
        item("long", "x" * 300),
        item("old", archived=True, state=State.CLOSED),
        item("lost"),
    ]
    known = smap(entry("lost", 7), entry("nofile", 8, base=base("Other")))
    plan = planned(items, known, snapshot(issue(8))).plan
    assert {skip.key for skip in plan.skipped} == {"long", "old", "lost", "nofile"}
    assert all(skip.reason for skip in plan.skipped)
    assert plan.operations == ()
    assert words(planned(items, known, snapshot(issue(8)), archived=True).plan) == [
        "create old",
        "close old",
    ]


def test_a_parent_that_is_left_out_is_told() -> None:
    """Its child goes without, with a warning."""
    plan = planned([item("p", "x" * 300), item("c", parent=Key("p"))]).plan
    (create,) = plan.operations
    assert isinstance(create, CreateIssue)
    assert create.parent is None


def test_offline_the_map_stands_for_github() -> None:
    """Without a token a dry run shows what the files have changed since."""
    known = smap(entry("a", 1), entry("b", 2))
    items = (item("a", "New"), item("b"), item("c"))
    from ghsync.lint import LintSettings, check
    from ghsync.model import Loaded
    from ghsync.plan import PlanSettings

    loaded = Loaded(items=items)
    checked = check(loaded, settings=LintSettings())
    plan = make_plan(checked, loaded, known, assumed(known), PlanSettings(), read=False).plan
    assert words(plan) == ["update a", "create c"]
    assert plan.numbers == {"a": IssueNumber(1), "b": IssueNumber(2)}
