"""The three-way merge of an item's fields."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st
from plan_kit import base, issue, item, local

from ghsync.bases import base_of, settle
from ghsync.journal import Base
from ghsync.model import Item, State
from ghsync.render import digest
from ghsync.threeway import OnConflict, merge, merge_sets

SIDES = ("A", "B", "C")


@pytest.mark.parametrize(("was", "mine", "theirs"), list(product(SIDES, repeat=3)))
@pytest.mark.parametrize("on_conflict", list(OnConflict))
def test_every_case_of_a_scalar(was: str, mine: str, theirs: str, on_conflict: OnConflict) -> None:
    """One side changed: it wins. Both alike: agreed. Both differently: as the user says."""
    result = merge(local(item("k", mine)), base(was), issue(1, theirs), on_conflict)
    sent = [(change.field, change.old, change.new) for change in result.changes]
    both = was not in (mine, theirs) and mine != theirs
    if mine == theirs or was == mine:
        assert (sent, result.conflicts) == ([], ())
    elif was == theirs or on_conflict is OnConflict.LOCAL:
        assert (sent, result.conflicts) == ([("title", theirs, mine)], ())
    elif on_conflict is OnConflict.REMOTE:
        assert (sent, result.conflicts) == ([], ())
    else:
        assert both
        (conflict,) = result.conflicts
        assert (conflict.base, conflict.local, conflict.remote) == (was, mine, theirs)
        assert (sent, result.base) == ([], base(was))


@pytest.mark.parametrize("on_conflict", list(OnConflict))
def test_without_a_base_only_equal_fields_are_in_step(on_conflict: OnConflict) -> None:
    """An issue that was just adopted: nobody can say which side changed."""
    same = merge(local(item("k")), None, issue(1), on_conflict)
    assert (same.changes, same.conflicts, same.base) == ((), (), base())
    other = merge(local(item("k")), None, issue(1, "Other"), on_conflict)
    match on_conflict:
        case OnConflict.SKIP:
            assert [conflict.field for conflict in other.conflicts] == ["title"]
        case OnConflict.LOCAL:
            assert [change.field for change in other.changes] == ["title"]
        case OnConflict.REMOTE:
            assert (other.changes, other.conflicts) == ((), ())


def test_one_conflict_holds_back_every_change() -> None:
    """An item is written as a whole or not at all."""
    mine = local(item("k", "Mine", body="New.", labels=("x",)))
    result = merge(mine, base(), issue(1, "Theirs"))
    assert (result.changes, len(result.conflicts)) == ((), 1)


def test_a_body_is_compared_by_its_digest() -> None:
    """A cached issue has no text; line ends and trailing blanks are no difference."""
    mine = local(item("k", body="One.\n\nTwo."))
    was = base(body="One.\n\nTwo.")
    assert merge(mine, was, issue(1, body="One.\r\n\r\nTwo.  \r\n")).changes == ()
    cached = issue(1, body="", digest=digest("One.\n\nTwo."))
    assert merge(mine, was, cached).changes == ()
    changed = merge(mine, was, issue(1, body="", digest="0" * 16), OnConflict.SKIP)
    assert (changed.changes, changed.conflicts) == ((), ())  # their side alone


def test_state_and_milestone_are_scalars() -> None:
    """Closing by a person wins over a file that did not change, and the reverse."""
    closed = issue(1, state=State.CLOSED, milestone="v1")
    assert merge(local(item("k")), base(), closed).changes == ()
    mine = local(item("k", state=State.CLOSED, milestone="v2"))
    result = merge(mine, base(), issue(1))
    assert {(c.field, c.new) for c in result.changes} == {("state", "closed"), ("milestone", "v2")}


LABELS = st.lists(st.sampled_from(["a", "A", "b", "c", "d"]), max_size=4).map(tuple)


def folded(names: tuple[str, ...]) -> set[str]:
    """Names without regard to case."""
    return {name.casefold() for name in names}


@given(was=LABELS, mine=LABELS, theirs=LABELS)
def test_sets_take_what_each_side_did(
    was: tuple[str, ...], mine: tuple[str, ...], theirs: tuple[str, ...]
) -> None:
    """Additions of both sides are in, removals of both sides are out; nothing else changes."""
    got = folded(merge_sets(was, mine, theirs))
    before, here, there = folded(was), folded(mine), folded(theirs)
    assert got == (there | (here - before)) - (before - here)


@given(was=LABELS, mine=LABELS, theirs=LABELS)
def test_a_second_merge_changes_nothing(
    was: tuple[str, ...], mine: tuple[str, ...], theirs: tuple[str, ...]
) -> None:
    """After the change was accepted, the sides are in step, and stay so."""
    here = local(item("k", labels=mine))
    first = merge(here, base(labels=was), issue(1, labels=theirs))
    assert first.base is not None
    there = first.changes[0].new if first.changes else theirs
    assert isinstance(there, tuple)
    after = settle(first.base, here.base, first.changes)
    assert merge(here, after, issue(1, labels=there)).changes == ()


SCALAR = st.sampled_from(["A", "B", "C"])
STATE = st.sampled_from(list(State))
SIDE = st.tuples(SCALAR, SCALAR, st.sampled_from([None, "v1", "v2"]), STATE, LABELS)


@given(was=SIDE, mine=SIDE, theirs=SIDE, on_conflict=st.sampled_from(["local", "remote"]))
def test_what_is_decided_stays_decided(
    was: tuple[str, str, str | None, State, tuple[str, ...]],
    mine: tuple[str, str, str | None, State, tuple[str, ...]],
    theirs: tuple[str, str, str | None, State, tuple[str, ...]],
    on_conflict: str,
) -> None:
    """With ``local`` or ``remote`` there is no conflict, and a second merge is empty."""

    def fields(side: tuple[str, str, str | None, State, tuple[str, ...]]) -> dict[str, object]:
        return dict(zip(("milestone", "state", "labels"), side[2:], strict=True))

    here = local(item("k", mine[0], body=mine[1], **fields(mine)))
    there = issue(1, theirs[0], body=theirs[1], **fields(theirs))
    result = merge(here, base(was[0], was[1], **fields(was)), there, OnConflict(on_conflict))
    assert not result.conflicts
    assert result.base is not None
    for change in result.changes:
        value = here.body if change.field == "body" else change.new
        value = here.base.state if change.field == "state" else value
        there = replace(there, **{change.field: value})
    after = settle(result.base, here.base, result.changes)
    again = merge(here, after, there)
    assert (again.changes, again.conflicts) == ((), ())
    if on_conflict == "local" and theirs[0] != mine[0] and was[0] != mine[0]:
        assert there.title == mine[0]


@pytest.mark.parametrize("known", [None, item("k", labels=("Epic", "mine"))])
def test_a_found_issue_is_its_own_base(known: Item | None) -> None:
    """A create whose answer was lost: what GitHub holds is agreed, labels as the file has them."""
    found = issue(1, labels=("epic", "theirs"), milestone="v1", parent=4)
    got = base_of(found, known)
    assert got == Base(
        title="Title",
        body=digest("Body."),
        labels=("epic", "theirs") if known is None else ("Epic",),
        milestone="v1",
        parent=found.parent,
    )
