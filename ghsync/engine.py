"""Plan and results to the operations that are ready: sans-IO, no clock, no randomness.

Two kinds of dependency: a *hard* one (a child needs its parent's issue) skips the dependent when
it fails; a *soft* one (a create and the label it uses) only orders the two, since GitHub drops or
makes what is missing and the issue matters more than its label.

The order is by dependency, then by the most urgent priority of whatever waits for an operation,
then by path, so that a run cut short has done what matters most.
"""

from __future__ import annotations

import heapq
from collections import defaultdict, deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field
from enum import StrEnum
from typing import assert_never

from ghsync.errors import InternalError
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
    Key,
    LinkParent,
    LockIssue,
    MoveChild,
    Operation,
    Priority,
    ReopenIssue,
    SetFields,
    Unblock,
    UnlinkParent,
    UnlockIssue,
    UpdateIssue,
)
from ghsync.turns import Index, Turns
from ghsync.values import dataclass


class OnError(StrEnum):
    """What a run does after an operation has failed."""

    CONTINUE = "continue"
    STOP = "stop"
    ROLLBACK = "rollback"
    """Stop, and take back what this run did."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Needs:
    """What must have ended before an operation may start."""

    hard: frozenset[Index] = frozenset()
    soft: frozenset[Index] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    """An operation that is not tried, because of one that failed."""

    index: Index
    because: Index


def needs(operations: Sequence[Operation]) -> list[Needs]:
    """Say for each operation which others of the plan it waits for."""
    makers = _Makers(operations)
    return [makers.needs(op) for op in operations]


class _Makers:
    """Where in a plan each issue, label and milestone is made."""

    def __init__(self, operations: Sequence[Operation]) -> None:
        self._issues: dict[Key, Index] = {}
        self._labels: dict[str, Index] = {}
        self._milestones: dict[str, Index] = {}
        self._links: dict[Key, Index] = {}
        self._moves: dict[Key, Index] = {}
        self._comments: dict[Key, Index] = {}
        self._unlocks: dict[Key, Index] = {}
        self._last: dict[Key, set[Index]] = defaultdict(set)
        for position, op in enumerate(operations):
            self._note(op, Index(position))

    def _note(self, op: Operation, index: Index) -> None:
        match op:
            case CreateIssue():
                self._issues[op.key] = index
            case CreateLabel():
                self._labels[op.name.casefold()] = index
            case CreateMilestone():
                self._milestones[op.title.casefold()] = index
            case LinkParent():
                self._links[op.key] = index
            case MoveChild():
                self._moves[op.key] = index
            case Comment():
                self._comments[op.key] = index
            case UnlockIssue():
                self._unlocks[op.key] = index
            case _:
                pass
        if isinstance(op, UpdateIssue | FillLinks | CloseIssue | ReopenIssue | Comment):
            self._last[op.key].add(index)

    def needs(self, op: Operation) -> Needs:
        """What one operation waits for; a lock comes last of all on its issue, an unlock first."""
        match op:
            case CreateLabel() | CreateMilestone() | Adopt() | UnlinkParent() | Unblock():
                return Needs()
            case UnlockIssue() | SetFields() | ClearField():
                return Needs()
            case CreateIssue():
                tools = self._tools(op.labels, op.milestone)
                return Needs(hard=self._made(op.parent), soft=tools | self._made(*op.links))
            case UpdateIssue():
                tools = self._tools(*tools_of(op)) | self._made(*op.links)
                return Needs(soft=tools | self._before(op.key))
            case FillLinks():
                return Needs(hard=self._made(op.key), soft=self._made(*op.links))
            case CloseIssue() | ReopenIssue():
                return Needs(hard=self._made(op.key), soft=self._before(op.key))
            case Comment():
                return Needs(soft=self._one(self._unlocks, op.key))
            case LockIssue():
                return Needs(hard=self._made(op.key), soft=frozenset(self._last[op.key]))
            case MoveChild():
                return self._place(op)
            case LinkParent():
                return Needs(hard=self._made(op.key, op.parent))
            case Block():
                return Needs(hard=self._made(op.key, op.blocker))
            case _:
                assert_never(op)

    def _before(self, key: Key) -> frozenset[Index]:
        """What comes before an issue's fields are set: its unlocking, and what is said at a close.

        A failure of either is no reason to leave the fields as they are.
        """
        return self._one(self._unlocks, key) | self._one(self._comments, key)

    @staticmethod
    def _one(places: Mapping[Key, Index], key: Key) -> frozenset[Index]:
        return frozenset({places[key]}) if key in places else frozenset()

    def _place(self, op: MoveChild) -> Needs:
        """A child can be moved when it is there; beside another when that one has its place.

        Where the other one could not be placed the move is still as right as it can be.
        """
        placed = self._one(self._links, op.key)
        if op.after is not None:
            placed |= self._one(self._links, op.after) | self._one(self._moves, op.after)
        elif op.before is not None:
            placed |= self._one(self._links, op.before)
        return Needs(hard=self._made(op.key, op.parent, op.after, op.before), soft=placed)

    def _made(self, *keys: Key | None) -> frozenset[Index]:
        return frozenset(
            self._issues[key] for key in keys if key is not None and key in self._issues
        )

    def _tools(self, names: Iterable[str], milestone: str | None) -> frozenset[Index]:
        found = {self._labels[n.casefold()] for n in names if n.casefold() in self._labels}
        if milestone is not None and milestone.casefold() in self._milestones:
            found.add(self._milestones[milestone.casefold()])
        return frozenset(found)


def tools_of(op: UpdateIssue) -> tuple[tuple[str, ...], str | None]:
    """The labels and the milestone that an update sets."""
    names: tuple[str, ...] = ()
    milestone: str | None = None
    for change in op.changes:
        if change.field == "labels" and isinstance(change.new, tuple):
            names = change.new
        elif change.field == "milestone" and isinstance(change.new, str):
            milestone = change.new
    return names, milestone


def order(operations: Iterable[Operation]) -> tuple[Operation, ...]:
    """Sort operations by dependency, then inherited priority, then path.

    The parents of a plan form no cycle (lint has cut them), so every operation is placed.
    """
    ops = sorted(operations, key=_tie)
    waits = needs(ops)
    dependents: dict[Index, list[Index]] = defaultdict(list)
    missing = [0] * len(ops)
    for position, need in enumerate(waits):
        for other in need.hard | need.soft:
            dependents[other].append(Index(position))
            missing[position] += 1
    urgency = _urgency(ops, waits)
    ready = [(urgency[i], i) for i in range(len(ops)) if not missing[i]]
    heapq.heapify(ready)
    result: list[Operation] = []
    while ready:
        _, position = heapq.heappop(ready)
        result.append(ops[position])
        for dependent in dependents[Index(position)]:
            missing[dependent] -= 1
            if not missing[dependent]:
                heapq.heappush(ready, (urgency[dependent], dependent))
    if len(result) != len(ops):
        raise InternalError("The plan's operations wait for each other in a circle.")
    return tuple(result)


def closure(operations: Sequence[Operation], keys: frozenset[Key]) -> tuple[Operation, ...]:
    """Keep the operations of these items and everything that those wait for, in order."""
    waits = needs(operations)
    wanted = [
        Index(i)
        for i, op in enumerate(operations)
        if not isinstance(op, CreateLabel | CreateMilestone) and op.key in keys
    ]
    kept: set[Index] = set()
    while wanted:
        index = wanted.pop()
        if index not in kept:
            kept.add(index)
            wanted.extend(waits[index].hard | waits[index].soft)
    return tuple(op for i, op in enumerate(operations) if i in kept)


def _urgency(ops: Sequence[Operation], waits: Sequence[Needs]) -> list[int]:
    """Give each operation the most urgent priority among itself and all that wait for it."""
    urgency = [_priority(op) for op in ops]
    pending = deque(range(len(ops)))
    while pending:
        position = pending.popleft()
        for other in waits[position].hard | waits[position].soft:
            if urgency[position] < urgency[other]:
                urgency[other] = urgency[position]
                pending.append(other)
    return urgency


def _priority(op: Operation) -> int:
    match op:
        case CreateLabel() | CreateMilestone():
            return Priority.LOW
        case MoveChild() | FillLinks():
            return Priority.LOW + 1  # after all that says something; what it links gains nothing
        case Adopt():
            return Priority.CRITICAL
        case _:
            return op.priority


_RANK: dict[type, int] = {
    Adopt: 0,
    CreateLabel: 1,
    CreateMilestone: 2,
    UnlockIssue: 3,
    UnlinkParent: 3,
    Unblock: 4,
    CreateIssue: 5,
    UpdateIssue: 6,
    FillLinks: 7,
    LinkParent: 8,
    Block: 9,
    SetFields: 10,
    ClearField: 11,
    Comment: 12,
    ReopenIssue: 13,
    CloseIssue: 14,
    LockIssue: 15,
    MoveChild: 16,
}


def _tie(op: Operation) -> tuple[str, int, str, str]:
    """Order among equals: by path and key, and within one item links before its close."""
    match op:
        case CreateLabel():
            return ("", _RANK[CreateLabel], op.name.casefold(), op.name)
        case CreateMilestone():
            return ("", _RANK[CreateMilestone], op.title, "")
        case Block():
            return (op.path, _RANK[Block], op.key, op.blocker)
        case Unblock():
            return (op.path, _RANK[Unblock], op.key, f"{op.blocker:012d}")
        case ClearField():
            return (op.path, _RANK[ClearField], op.key, op.field)
        case _:
            return (op.path, _RANK[type(op)], op.key, "")


@dataclass(slots=True)
class _Slot:
    waits: int
    hard: list[Index] = field(default_factory=list)
    soft: list[Index] = field(default_factory=list)
    ended: bool = False


class Engine:
    """Which operations may start now, given what has ended.

    ``take`` gives the next ready ones and counts them as started; ``end`` reports an outcome and
    returns what is skipped because of it. An operation is given out once and never again.
    """

    def __init__(self, operations: Sequence[Operation]) -> None:
        self._operations = operations
        waits = needs(operations)
        self._slots = [_Slot(len(need.hard | need.soft)) for need in waits]
        for position, need in enumerate(waits):
            for other in need.hard:
                self._slots[other].hard.append(Index(position))
            for other in need.soft - need.hard:
                self._slots[other].soft.append(Index(position))
        self._ready: list[Index] = [Index(i) for i, s in enumerate(self._slots) if not s.waits]
        heapq.heapify(self._ready)
        first = all(max(n.hard | n.soft, default=-1) < at for at, n in enumerate(waits))
        self._turns = Turns(operations, lined_up=first)
        self._left = len(self._slots)

    @property
    def finished(self) -> bool:
        """True when every operation has ended or was skipped."""
        return self._left == 0

    @property
    def has_ready(self) -> bool:
        """True while an operation waits for nothing but its turn."""
        return bool(self._ready)

    def take(self, limit: int) -> list[Index]:
        """Start up to ``limit`` operations, the most urgent first."""
        taken: list[Index] = []
        while self._ready and len(taken) < limit:
            index = heapq.heappop(self._ready)
            if not self._slots[index].ended and self._turns.take(index):
                taken.append(index)
            else:
                self._call(self._turns.pass_on(index))  # it may have been the one that was called
        return taken

    def again(self, index: Index) -> None:
        """Take a started operation back: it is ready once more, and keeps its place in line."""
        self._call(self._turns.give_up(index))
        heapq.heappush(self._ready, index)

    def end(self, index: Index, *, ok: bool) -> list[Skipped]:
        """Record that a started operation has an outcome; return what it makes impossible."""
        return self._close(index, ok=ok)

    def let_go(self, index: Index) -> None:
        """Let others have what a started operation has for itself, though it has not ended.

        For one whose request is over and whose outcome takes a while to find out.
        """
        self._call(self._turns.leave(index))

    def _call(self, called: Iterable[Index]) -> None:
        for index in called:
            heapq.heappush(self._ready, index)

    def _close(self, index: Index, *, ok: bool) -> list[Skipped]:
        skipped: list[Skipped] = []
        closing = [(index, ok)]
        while closing:
            current, fine = closing.pop()
            slot = self._slots[current]
            if slot.ended:
                continue
            slot.ended = True
            self._left -= 1
            self._call(self._turns.leave(current))
            for dependent in slot.soft:
                self._release(dependent)
            for dependent in slot.hard:
                if fine:
                    self._release(dependent)
                elif not self._slots[dependent].ended:
                    skipped.append(Skipped(index=dependent, because=current))
                    closing.append((dependent, False))
        return skipped

    def _release(self, index: Index) -> None:
        slot = self._slots[index]
        slot.waits -= 1
        if not slot.waits and not slot.ended:
            heapq.heappush(self._ready, index)
