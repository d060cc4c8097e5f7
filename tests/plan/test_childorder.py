"""The order of sub-issues: the fewest moves, and what people did stays."""

from __future__ import annotations

from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from ghsync.childorder import Placing, longest_run, order_children
from ghsync.journal import Base, Entry
from ghsync.model import (
    Issue,
    IssueId,
    IssueNumber,
    Item,
    Key,
    Kind,
    MoveChild,
    Priority,
    Repo,
    RepoId,
    Snapshot,
    State,
)
from ghsync.sides import localise

EPIC = Key("e/epic")


@given(st.permutations(range(9)).flatmap(lambda p: st.integers(0, 9).map(lambda n: p[:n])))
def test_the_longest_run_is_one(places: list[int]) -> None:
    """It rises, and none that rises is longer."""
    run = longest_run(places)
    kept = [place for place in places if place in run]
    assert kept == sorted(run)
    longer = combinations(places, len(run) + 1)
    assert not any(list(each) == sorted(each) for each in longer)


def _entry(key: Key, number: int, **base: object) -> Entry:
    held = Base(title=key, body="", **base)  # type: ignore[arg-type]
    return Entry(
        key=key, number=IssueNumber(number), id=IssueId(1000 + number), uid=None, kind=Kind.TASK,
        path=f"{key}.md", base=held,
    )  # fmt: skip


def _world(shown: list[int], base: list[int]) -> tuple[dict[Key, Item], dict[Key, Entry], Snapshot]:
    """An epic with children ``e/0`` …, whose issues are 10 …, ordered so on GitHub."""
    keys = {n: Key(f"e/{n}") for n in range(len(shown))}
    items = {
        key: Item(
            key=key, kind=Kind.TASK, path=f"{key}.md", layout="", title=key, body="", parent=EPIC
        )
        for key in keys.values()
    }
    entries = {key: _entry(key, 10 + n, parent=IssueNumber(1)) for n, key in keys.items()}
    entries[EPIC] = _entry(EPIC, 1, children=tuple(IssueNumber(10 + n) for n in base))
    issues = {
        entry.number: Issue(
            number=entry.number, id=entry.id, title=key, body="", state=State.OPEN,
            parent=None if key == EPIC else IssueNumber(1),
        )
        for key, entry in entries.items()
    }  # fmt: skip
    snapshot = Snapshot(
        repo=Repo(id=RepoId(1), full_name="o/r"),
        issues=issues,
        children={IssueNumber(1): tuple(IssueNumber(10 + n) for n in shown)},
    )
    return items, entries, snapshot


def _carry_out(shown: list[int], base: list[int]) -> tuple[list[int], int]:
    """The order after the moves, and how many they were."""
    items, entries, snapshot = _world(shown, base)
    locals_ = localise(items.values(), "{title}")
    found = order_children((), locals_, entries, snapshot)
    order = [Key(f"e/{n}") for n in shown]
    for move in found.moves:
        order.remove(move.key)
        if move.after is not None:
            order.insert(order.index(move.after) + 1, move.key)
        else:
            assert move.before is not None
            order.insert(order.index(move.before), move.key)
    return [int(key[2:]) for key in order], len(found.moves)


@settings(deadline=None)
@given(st.permutations(range(7)), st.permutations(range(7)))
def test_the_files_decide_with_the_fewest_moves(shown: list[int], base: list[int]) -> None:
    """Where the files changed since, or nobody else did; else what people did stays."""
    order, moves = _carry_out(shown, base)
    files = sorted(shown)
    if list(base) == files:  # the files are as they were when both agreed
        assert (order, moves) == (list(shown), 0)
    else:
        assert order == files
        assert moves == len(shown) - len(longest_run(shown))


def test_what_the_map_knows_is_not_read() -> None:
    """Its order is the files' order: no list is needed."""
    items, entries, snapshot = _world([2, 0, 1], [0, 1, 2])
    bare = Snapshot(repo=snapshot.repo, issues=snapshot.issues)
    locals_ = localise(items.values(), "{title}")
    found = order_children((), locals_, entries, bare)
    assert (found.moves, found.orders, found.unread) == ((), {}, frozenset())
    entries[EPIC] = _entry(EPIC, 1, children=())
    assert order_children((), locals_, entries, bare).unread == {1}


@settings(deadline=None)
@given(st.permutations(range(6)), st.sets(st.integers(0, 5)), st.integers(0, 6))
def test_what_is_settled_is_what_stands_in_its_place(
    arrived: list[int], adrift: set[int], there: int
) -> None:
    """Never a child whose place nobody knows; all where all of them came in their order."""
    keys = [Key(f"e/{n}") for n in range(6)]
    before = sorted(arrived[:there])
    placing = Placing(
        files=tuple(keys), before=tuple(keys[n] for n in before), target=tuple(keys)
    )  # fmt: skip
    come = [keys[n] for n in arrived[there:]]
    lost = {keys[n] for n in adrift} & set(come)
    settled = placing.settled(come, lost, ())
    assert not lost & set(settled)
    assert list(settled) == [key for key in keys if key in settled]
    assert (settled == tuple(keys)) == ([*before, *arrived[there:]] == [*range(6)] and not lost)


def test_a_move_that_was_done_settles_its_child() -> None:
    """Also one of a child that nobody knew the place of; one beside an unknown one does not."""
    a, b, c = (Key(f"e/{n}") for n in "abc")
    placing = Placing(files=(a, b, c), before=(a,), target=(a, b, c))
    assert placing.settled([c], {b}, ()) == (a, c)
    assert placing.settled([c], {b}, [_move(b, after=a)]) == (a, b, c)
    assert placing.settled([b], {c}, [_move(b, after=c)]) == (a,)


def _move(key: Key, after: Key) -> MoveChild:
    return MoveChild(
        key=key, path=f"{key}.md", number=None, title="", parent=EPIC, after=after, before=None,
        priority=Priority.LOW,
    )  # fmt: skip
