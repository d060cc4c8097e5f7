"""The order of an issue's sub-issues: as the files are, unless people have ordered them since.

GitHub appends a new sub-issue. Moving one costs a request that counts as content, so the longest
run that is in order already stays, and only the others are moved. The list is read only where
what the map remembers does not tell that there is nothing to do.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterable, Mapping, Sequence
from enum import StrEnum

from ghsync.journal import Entry
from ghsync.model import (
    CreateIssue,
    IssueNumber,
    Item,
    Key,
    LinkParent,
    MoveChild,
    Operation,
    Priority,
    Snapshot,
    UnlinkParent,
)
from ghsync.threeway import Local
from ghsync.values import dataclass


class Order(StrEnum):
    """How sub-issues are ordered."""

    FILES = "files"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Placing:
    """How a parent's children are to stand, and from where they set out."""

    files: tuple[Key, ...]
    """All of them in the order of their files."""
    before: tuple[Key, ...]
    """Those that are there before the run, as GitHub shows them."""
    target: tuple[Key, ...]
    """All of them as they are to stand: as the files, or as people ordered them."""

    def settled(
        self, arrived: Iterable[Key], adrift: Collection[Key], moved: Iterable[MoveChild]
    ) -> tuple[Key, ...]:
        """Those that stand as they are to, after a run, in the order of their files.

        ``arrived`` are the children in the order in which GitHub has appended them, ``moved``
        the moves that were done. Where one of ``adrift`` stands, nobody knows: its create was
        unclear, and others were appended meanwhile.
        """
        shown = [*self.before, *(key for key in arrived if key not in adrift)]
        for move in moved:
            if move.key in shown:
                shown.remove(move.key)
            if move.after is not None and move.after in shown:
                shown.insert(shown.index(move.after) + 1, move.key)
            elif move.before is not None and move.before in shown:
                shown.insert(shown.index(move.before), move.key)
        place = {key: index for index, key in enumerate(self.target)}
        fine = longest_run([place[key] for key in shown if key in place])
        return tuple(key for key in self.files if place[key] in fine)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ordering:
    """What the order of sub-issues needs."""

    moves: tuple[MoveChild, ...]
    orders: Mapping[Key, Placing]
    """What is to come of a parent's children, where the map does not say so yet."""
    held: Mapping[Key, tuple[IssueNumber, ...]]
    """Adopted parents to the children whose order people have made, in the order of the files.

    The map learns them before anything is sent: a run that dies must not take for people's own
    what it has appended itself.
    """
    unread: frozenset[IssueNumber]
    """Parents whose list has to be read to tell."""


def order_children(
    operations: Sequence[Operation],
    locals_: Mapping[Key, Local],
    entries: Mapping[Key, Entry],
    snapshot: Snapshot,
) -> Ordering:
    """Order the children of each parent; ``operations`` are in the order of the plan."""
    moves: list[MoveChild] = []
    orders: dict[Key, Placing] = {}
    held: dict[Key, tuple[IssueNumber, ...]] = {}
    unread: set[IssueNumber] = set()
    for parent, family in _families(operations, locals_, entries, snapshot).items():
        placed = _place(family, entries.get(parent), entries, snapshot)
        if placed is None:
            unread.add(entries[parent].number)
            continue
        current, target, by_people = placed
        moves += _moves(parent, current, target, locals_, entries)
        entry = entries.get(parent)
        # Like every base, it holds the files' view: what people ordered stays visible as theirs.
        files = family.files
        numbers = tuple(entries[key].number for key in files if key in entries)
        known = entry.base.children if entry is not None and entry.base is not None else ()
        if numbers != known or len(numbers) != len(files):
            before = tuple(key for key in current if key in family.there)
            orders[parent] = Placing(files=files, before=before, target=target)
            if by_people and not known:
                there = family.there.items()
                held[parent] = tuple(n for key, n in there if entries[key].uid is None)
    return Ordering(moves=tuple(moves), orders=orders, held=held, unread=frozenset(unread))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Family:
    """The children of one parent after the plan: who is there, and who comes, in that order."""

    there: Mapping[Key, IssueNumber]
    """In the order of their files."""
    coming: tuple[Key, ...]
    files: tuple[Key, ...]
    """All of them in the order of their files."""


def _families(
    operations: Sequence[Operation],
    locals_: Mapping[Key, Local],
    entries: Mapping[Key, Entry],
    snapshot: Snapshot,
) -> dict[Key, _Family]:
    coming: dict[Key, list[Key]] = {}
    changing: set[Key] = set()
    for op in operations:
        if isinstance(op, CreateIssue | LinkParent) and op.parent is not None:
            coming.setdefault(op.parent, []).append(op.key)
            changing.add(op.key)
        elif isinstance(op, UnlinkParent):
            changing.add(op.key)
    there: dict[Key, dict[Key, IssueNumber]] = {}
    for item in sorted((local.item for local in locals_.values()), key=_place_of):
        entry, parent = entries.get(item.key), item.parent
        above = entries.get(parent) if parent is not None else None
        if entry is None or parent is None or above is None or item.key in changing:
            continue
        issue = snapshot.issues.get(entry.number)
        if issue is not None and issue.parent == above.number:
            there.setdefault(parent, {})[item.key] = entry.number
    families: dict[Key, _Family] = {}
    for parent in sorted({*coming, *there}):
        here, new = there.get(parent, {}), tuple(coming.get(parent, ()))
        if len(here) + len(new) > 1:
            files = sorted((*here, *new), key=lambda key: _place_of(locals_[key].item))
            families[parent] = _Family(there=here, coming=new, files=tuple(files))
    return families


def _place_of(item: Item) -> tuple[str, int, str]:
    return item.path, item.line, item.key


def _place(
    family: _Family, entry: Entry | None, entries: Mapping[Key, Entry], snapshot: Snapshot
) -> tuple[Sequence[Key], tuple[Key, ...], bool] | None:
    """The order as it will come about by itself, as it is to be, and whether people made it.

    ``None``: read it first.
    """
    if entry is None:
        return family.coming, family.files, False
    base = entry.base.children if entry.base is not None else ()
    keys = {number: key for key, number in family.there.items()}
    known = [keys[number] for number in base if number in keys]
    if len(known) == len(keys) and (*known, *family.coming) == family.files:
        return family.files, family.files, False
    held = snapshot.children.get(entry.number)
    if held is None:
        return None
    shown = [keys[number] for number in held if number in keys]
    current = [*shown, *(key for key in family.there if key not in shown), *family.coming]
    both = set(known)
    files = [key for key in family.files if key in both]
    seen = [key for key in shown if key in both]
    by_people = files == known and seen != known if base else entry.uid is None
    if not by_people:
        return current, family.files, False
    # What an earlier run has appended and not yet put in its place is nobody's order.
    theirs = both if base else {key for key in shown if entries[key].uid is None}
    return current, _inserted([key for key in shown if key in theirs], family.files), True


def _inserted(shown: Iterable[Key], files: Sequence[Key]) -> tuple[Key, ...]:
    """The order that people made, with each new child behind the one before it in the files."""
    result = list(shown)
    held = set(result)
    for place, key in enumerate(files):
        if key in held:
            continue
        before = next((other for other in reversed(files[:place]) if other in held), None)
        result.insert(0 if before is None else result.index(before) + 1, key)
        held.add(key)
    return tuple(result)


def _moves(
    parent: Key,
    current: Sequence[Key],
    target: Sequence[Key],
    locals_: Mapping[Key, Local],
    entries: Mapping[Key, Entry],
) -> list[MoveChild]:
    """The fewest moves that take one order to the other, each beside one that has its place."""
    place = {key: index for index, key in enumerate(target)}
    staying = longest_run([place[key] for key in current])
    if len(staying) == len(target):
        return []
    first = target[min(staying)]
    moves: list[MoveChild] = []
    for index, key in enumerate(target):
        if index in staying:
            continue
        local, entry = locals_[key], entries.get(key)
        moves.append(
            MoveChild(
                key=key,
                path=local.item.path,
                number=entry.number if entry is not None else None,
                title=local.title,
                parent=parent,
                after=target[index - 1] if index else None,
                before=None if index else first,
                priority=Priority.LOW,
            )
        )
    return moves


def longest_run(places: Sequence[int]) -> frozenset[int]:
    """The members of a longest increasing subsequence of different numbers."""
    ends: list[int] = []  # the smallest last number of a run of each length
    before: dict[int, int | None] = {}
    for place in places:
        length = bisect_left(ends, place)
        before[place] = ends[length - 1] if length else None
        ends[length : length + 1] = [place]
    run: list[int] = []
    last = ends[-1] if ends else None
    while last is not None:
        run.append(last)
        last = before[last]
    return frozenset(run)
