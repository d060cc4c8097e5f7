"""Whose turn it is: what only one operation in flight may touch, and who stands in line for it.

GitHub appends a new sub-issue, so the order in which a parent's children are added is the order
that they get, and the plan has counted on it (:mod:`ghsync.childorder`). So nobody who adds a
child overtakes another one, except one whose outcome takes a while to find out.
"""

from __future__ import annotations

import heapq
from collections import defaultdict, deque
from collections.abc import Iterable, Sequence
from typing import NewType, assert_never

from ghsync.model import (
    Adopt,
    Block,
    ClearField,
    CloseIssue,
    Comment,
    CreateIssue,
    CreateLabel,
    CreateMilestone,
    FillLinks,
    LinkParent,
    LockIssue,
    MoveChild,
    Operation,
    ReopenIssue,
    SetFields,
    Unblock,
    UnlinkParent,
    UnlockIssue,
    UpdateIssue,
)

Index = NewType("Index", int)
"""The place of an operation in the plan."""

Resource = tuple[str, str]
"""What only one operation in flight may touch: an issue, or a parent's list of children."""


def resources(op: Operation) -> tuple[Resource, ...]:
    """Name what this operation must have for itself while it is in flight.

    Adding children to one parent at the same time answers 422 "Priority has already been taken"
    (github/github-mcp-server#1842), hence one at a time for each parent.
    """
    match op:
        case CreateLabel() | CreateMilestone() | Adopt():
            return ()
        case CreateIssue():
            return (("children", op.parent),) if op.parent is not None else ()
        case LinkParent() | MoveChild():
            return (("issue", op.key), ("children", op.parent))
        case UpdateIssue() | CloseIssue() | ReopenIssue() | UnlinkParent() | Block() | Unblock():
            return (("issue", op.key),)
        case SetFields() | ClearField() | Comment() | LockIssue() | UnlockIssue() | FillLinks():
            return (("issue", op.key),)
        case _:
            assert_never(op)


class Turns:
    """Who has what, who waits for it, and who stands in line for a parent's children."""

    def __init__(self, operations: Sequence[Operation], *, lined_up: bool) -> None:
        """``lined_up``: the plan has first what others wait for, so nobody can wait for himself."""
        self._operations = operations
        self._in_use: dict[Resource, Index] = {}
        self._parked: dict[Resource, list[Index]] = defaultdict(list)
        self._lines: dict[Resource, deque[Index]] = defaultdict(deque)
        for position, op in enumerate(operations if lined_up else ()):
            if isinstance(op, CreateIssue | LinkParent) and op.parent is not None:
                self._lines["children", op.parent].append(Index(position))

    def take(self, index: Index) -> bool:
        """Give an operation all that it needs; else it waits, and is called when it may try again.

        Whoever is refused may have been the one that was called: call the next after it.
        """
        wanted = resources(self._operations[index])
        busy = next((resource for resource in wanted if not self._free(resource, index)), None)
        if busy is None:
            self._in_use |= dict.fromkeys(wanted, index)
            return True
        heapq.heappush(self._parked[busy], index)
        return False

    def give_up(self, index: Index) -> list[Index]:
        """Take back what an operation has; return who may try now."""
        held = [r for r in resources(self._operations[index]) if self._in_use.get(r) == index]
        for resource in held:
            del self._in_use[resource]
        return self._call(held)

    def leave(self, index: Index) -> list[Index]:
        """Take an operation out of its line, and what it has; return who may try now."""
        wanted = resources(self._operations[index])
        for resource in wanted:
            line = self._lines.get(resource)
            if line and index in line:
                line.remove(index)
            if self._in_use.get(resource) == index:
                del self._in_use[resource]
        return self._call(wanted)

    def pass_on(self, index: Index) -> list[Index]:
        """Return who may try now that this one, which was called, could not."""
        return self._call(resources(self._operations[index]))

    def _free(self, resource: Resource, index: Index) -> bool:
        line = self._lines.get(resource)
        return resource not in self._in_use and not (line and line[0] < index)

    def _call(self, wanted: Iterable[Resource]) -> list[Index]:
        """The most urgent of those that wait for each free resource; one is enough."""
        called: list[Index] = []
        for resource in wanted:
            parked = self._parked.get(resource)
            if parked and self._free(resource, parked[0]):
                called.append(heapq.heappop(parked))
        return called
