"""The engine: which operation may start now, in which order, and what a failure takes along."""

from __future__ import annotations

import random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ghsync.engine import Engine, needs, order
from ghsync.model import (
    Block,
    CloseIssue,
    CreateIssue,
    CreateLabel,
    CreateMilestone,
    IssueNumber,
    Key,
    Kind,
    LinkParent,
    Operation,
    Priority,
    StateReason,
)
from ghsync.turns import Index, resources


def create(key: str, parent: str | None = None, **fields: Any) -> CreateIssue:
    """A create."""
    return CreateIssue(
        **{
            "key": Key(key), "kind": Kind.TASK, "path": f"{key}.md", "title": key, "body": "",
            "labels": (), "assignees": (), "milestone": None,
            "parent": None if parent is None else Key(parent), "blocked_by": (),
            "priority": Priority.MEDIUM, **fields,
        }
    )  # fmt: skip


def close(key: str) -> CloseIssue:
    """A close of an issue that the same plan makes."""
    return CloseIssue(
        key=Key(key), path=f"{key}.md", number=None, title=key,
        state_reason=StateReason.COMPLETED, priority=Priority.MEDIUM,
    )  # fmt: skip


def blocks(key: str, blocker: str) -> Block:
    """An edge."""
    return Block(
        key=Key(key), path=f"{key}.md", number=None, title=key, blocker=Key(blocker),
        priority=Priority.MEDIUM,
    )  # fmt: skip


def label(name: str) -> CreateLabel:
    """A label."""
    return CreateLabel(name=name, color="000000", description="")


def keys(operations: tuple[Operation, ...]) -> list[str]:
    """Operations in short."""
    return [str(getattr(op, "key", getattr(op, "name", ""))) for op in operations]


PLANS = st.integers(1, 9).flatmap(
    lambda n: st.tuples(
        st.lists(st.integers(-1, n - 2), min_size=n, max_size=n),
        st.lists(st.sampled_from(list(Priority)), min_size=n, max_size=n),
        st.lists(st.tuples(st.integers(0, n - 1), st.integers(0, n - 1)), max_size=6),
        st.sets(st.integers(0, n - 1)),
    )
)


def operations_of(
    shape: tuple[list[int], list[Priority], list[tuple[int, int]], set[int]],
) -> list[Operation]:
    """A plan in which item ``i`` has a parent below ``i``, edges, and closes."""
    parents, priorities, edges, closed = shape
    ops: list[Operation] = [label("x"), CreateMilestone(title="m")]
    for i, (parent, priority) in enumerate(zip(parents, priorities, strict=True)):
        above = None if parent < 0 or parent >= i else f"k{parent}"
        ops.append(create(f"k{i}", above, labels=("X",), milestone="m", priority=priority))
    ops += [blocks(f"k{a}", f"k{b}") for a, b in dict.fromkeys(edges) if a != b]
    ops += [close(f"k{i}") for i in sorted(closed)]
    return ops


@given(shape=PLANS, seed=st.integers(0, 99))
def test_the_order_depends_on_nothing_but_the_operations(shape: Any, seed: int) -> None:
    """Shuffled, the same operations come out in the same order."""
    ops = operations_of(shape)
    shuffled = list(ops)
    random.Random(seed).shuffle(shuffled)
    assert order(shuffled) == order(ops)


@given(shape=PLANS)
def test_nothing_comes_before_what_it_needs(shape: Any) -> None:
    """Parents, labels, milestones, both ends of an edge, and the issue that is closed."""
    ops = order(operations_of(shape))
    assert len(ops) == len(operations_of(shape))
    for position, need in enumerate(needs(ops)):
        assert all(other < position for other in need.hard | need.soft)


def test_urgency_is_inherited() -> None:
    """An epic with a critical task goes before a high one; a label before all that use it."""
    ops = order([
        create("a", priority=Priority.HIGH),
        create("z-epic", priority=Priority.LOW),
        create("z-epic/task", "z-epic", priority=Priority.CRITICAL, labels=("l",)),
        create("b", priority=Priority.LOW),
        label("l"),
    ])  # fmt: skip
    assert keys(ops) == ["l", "z-epic", "z-epic/task", "a", "b"]


@given(shape=PLANS, data=st.data(), limit=st.integers(1, 5))
def test_every_operation_ends_or_is_skipped(shape: Any, data: st.DataObject, limit: int) -> None:
    """Whatever fails: each is given out once at most, in need of nothing, and the engine ends."""
    ops = order(operations_of(shape))
    need = needs(ops)
    engine = Engine(ops)
    running: list[Index] = []
    ended: dict[Index, bool] = {}
    last: dict[Key, Index] = {}
    while not engine.finished:
        taken = engine.take(limit - len(running))
        for index in taken:
            op = ops[index]
            if isinstance(op, CreateIssue) and op.parent is not None:
                assert last.get(op.parent, -1) < index, "a sibling was overtaken"
                last[op.parent] = index
            assert index not in ended
            assert index not in running
            assert all(ended.get(other) for other in need[index].hard)
            assert all(other in ended for other in need[index].soft)
            running.append(index)
        held = [resource for index in running for resource in resources(ops[index])]
        assert len(held) == len(set(held))
        assert running, "the engine is stuck"
        index = data.draw(st.sampled_from(running))
        running.remove(index)
        ok = data.draw(st.booleans())
        ended[index] = ok
        for skip in engine.end(index, ok=ok):
            assert skip.index not in ended
            assert skip.index not in running
            assert any(not ended.get(other, True) for other in need[skip.index].hard)
            ended[skip.index] = False
    assert set(ended) == set(range(len(ops)))


def test_one_child_of_a_parent_at_a_time() -> None:
    """GitHub answers 422 to two at once; another parent's child may go meanwhile."""
    parent = [create("p"), create("q")]
    ops = (*parent, create("p/1", "p"), create("p/2", "p"), create("q/1", "q"))
    engine = Engine(ops)
    for index in engine.take(9):
        engine.end(index, ok=True)
    assert engine.take(9) == [2, 4]
    engine.let_go(Index(2))
    assert engine.take(9) == [3]
    assert engine.end(Index(2), ok=True) == []
    assert engine.take(9) == []


def test_a_child_that_waits_is_not_overtaken() -> None:
    """GitHub appends: the next one waits until the one before is there, fails or is let go."""
    parent = create("p", parent=None)
    first, third = create("p/1", "p", labels=("l",)), create("p/3", "p")
    link = LinkParent(
        key=Key("p/2"), path="p/2.md", number=IssueNumber(1), title="2", parent=Key("p"),
        replace=False, priority=Priority.MEDIUM,
    )  # fmt: skip
    engine = Engine((label("l"), parent, first, link, third))
    made, epic = engine.take(9)
    engine.end(epic, ok=True)
    assert engine.take(9) == []  # the first waits for its label, the others for the first
    engine.end(made, ok=True)
    assert engine.take(9) == [2]
    engine.again(Index(2))
    assert engine.take(9) == [2]
    engine.let_go(Index(2))
    assert engine.take(9) == [3]
    engine.end(Index(3), ok=False)
    assert engine.take(9) == [4]


def test_what_was_let_go_is_not_taken_from_the_next() -> None:
    """The end of the first does not free what the second holds by then."""
    ops = (create("p"), create("p/1", "p"), create("p/2", "p"), create("p/3", "p"))
    engine = Engine(ops)
    engine.end(engine.take(1)[0], ok=True)
    (first,) = engine.take(1)
    engine.let_go(first)
    (second,) = engine.take(1)
    engine.end(first, ok=True)
    assert engine.take(1) == []
    engine.end(second, ok=True)
    assert len(engine.take(1)) == 1


def test_a_failed_label_holds_up_nobody() -> None:
    """The issue matters more; a failed parent or blocker takes its dependents along."""
    ops = order([label("l"), create("p", labels=("l",)), create("p/1", "p"), blocks("p/1", "p")])
    engine = Engine(ops)
    (made,) = engine.take(9)
    assert engine.end(made, ok=False) == []
    (parent,) = engine.take(9)
    assert {skip.index for skip in engine.end(parent, ok=False)} == {2, 3}
    assert engine.finished


def test_a_link_waits_for_both_ends() -> None:
    """An existing issue is linked to a parent that the same plan makes."""
    link = LinkParent(
        key=Key("a"), path="a.md", number=IssueNumber(1), title="a", parent=Key("z"),
        replace=False, priority=Priority.CRITICAL,
    )  # fmt: skip
    ops = order([link, create("z", priority=Priority.LOW), create("m")])
    assert keys(ops) == ["z", "a", "m"]
