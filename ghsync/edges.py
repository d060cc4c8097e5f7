"""Parents and blockers: which links are wanted, and which of them have to be made or removed."""

from __future__ import annotations

from collections.abc import Mapping

from ghsync.journal import Base, Entry
from ghsync.model import (
    Block,
    Change,
    Conflict,
    Finding,
    Issue,
    IssueNumber,
    Item,
    Key,
    LinkParent,
    Operation,
    Severity,
    Snapshot,
    Unblock,
    UnlinkParent,
)
from ghsync.room import Room
from ghsync.threeway import Local, OnConflict
from ghsync.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class EdgeMerge:
    """What an existing issue's links need, and what both sides agree on now."""

    operations: tuple[Operation, ...] = ()
    parent: IssueNumber | None = None
    blocked_by: tuple[IssueNumber, ...] = ()
    conflicts: tuple[Conflict, ...] = ()


class Edges:
    """Parents and blockers: which links are wanted, and which of them exist."""

    def __init__(
        self,
        entries: Mapping[Key, Entry],
        creating: set[Key],
        snapshot: Snapshot,
        originals: Mapping[Key, Item],
        findings: list[Finding],
        *,
        prune: bool = False,
    ) -> None:
        """Without ``prune`` the issue of a file that is gone is left as it is, links included."""
        left = () if prune else entries.keys() - originals.keys()
        self._gone = {entries[key].number for key in left}
        self._entries = entries
        self._creating = creating
        self._snapshot = snapshot
        self._originals = originals
        self._findings = findings
        self._complained: set[Key] = set()
        self.room = Room(snapshot, findings.append)

    def _exists(self, key: Key) -> bool:
        if key in self._creating:
            return True
        entry = self._entries.get(key)
        return entry is not None and entry.number in self._snapshot.issues

    def parent(self, item: Item) -> Key | None:
        """The parent, if it has an issue or gets one in this plan; else a warning."""
        if item.parent is None or self._exists(item.parent):
            return item.parent
        if item.key not in self._complained:
            self._complained.add(item.key)
            self._warn(item, "parent_not_pushed", f"Its parent {item.parent} has no issue, so")
        return None

    def new_parent(self, item: Item) -> Key | None:
        """The parent of an item that is made, if GitHub has room for one more child there."""
        wanted = self.parent(item)
        number = self._number(wanted)
        if number is not None and not self.room.for_child(item, number):
            return None
        return wanted

    def blockers(self, item: Item) -> list[Key]:
        """The blockers that have an issue or get one in this plan."""
        return [key for key in item.blocked_by if self._exists(key)]

    def _warn(self, item: Item, code: str, start: str) -> None:
        self._findings.append(
            Finding(
                path=item.path,
                line=item.line,
                code=code,
                severity=Severity.WARNING,
                message=f"{start} the link is left out; "
                "a push after the other item has its issue adds it.",
                key=item.key,
            )
        )

    def merge(
        self, local: Local, issue: Issue, base: Base, on_conflict: OnConflict, *, known: bool
    ) -> EdgeMerge:
        """Merge parent and blockers; ``known`` is false for an issue that was just adopted."""
        link, parent = self._parent_change(local, issue, base)
        moved = known and issue.parent != base.parent
        if issue.parent is not None and (moved or not known) and link is not None:
            match on_conflict:
                case OnConflict.SKIP:
                    return EdgeMerge(conflicts=(self._conflict(local, issue, base),))
                case OnConflict.REMOTE:
                    link, parent = None, self._number(self.parent(local.item))
                case OnConflict.LOCAL:
                    pass
        blocks, blocked_by = self._blocker_change(local, issue, base)
        return EdgeMerge(
            operations=(link, *blocks) if link is not None else tuple(blocks),
            parent=parent,
            blocked_by=blocked_by,
        )

    def incoming(self, local: Local, issue: Issue, base: Base | None) -> tuple[Change, ...]:
        """The links that somebody changed on GitHub, where the file has the old ones."""
        if base is None:
            return ()
        return (*self._parent_there(local, issue, base), *self._blockers_there(local, issue, base))

    def _parent_there(self, local: Local, issue: Issue, base: Base) -> tuple[Change, ...]:
        if issue.parent == base.parent:
            return ()
        if self._number(local.item.parent) != base.parent:
            return ()  # the file says another one, too, or the same as GitHub
        new = None if issue.parent is None else self._named(issue.parent)
        return (Change(field="parent", old=local.item.parent, new=new),)

    def _blockers_there(self, local: Local, issue: Issue, base: Base) -> tuple[Change, ...]:
        """Blockers that came or went on GitHub; none where its list was not read.

        One whose issue is gone took the link along, which is no word about the files.
        """
        there = self._snapshot.blockers.get(issue.number)
        if there is None:
            return ()
        said = self._originals[local.item.key].blocked_by
        mine = {self._entries[key].number for key in said if key in self._entries}
        had = set(base.blocked_by)
        new = sorted(there - had - mine)
        gone = {n for n in had & mine - there if n in self._snapshot.issues}
        if not new and not gone:
            return ()
        kept = [key for key in said if self._number(key) not in gone]
        return (Change(field="blocked_by", old=said, new=(*kept, *map(self._named, new))),)

    def _named(self, number: IssueNumber) -> str:
        """The item of an issue, or its number where it is none of ours."""
        owners = {entry.number: key for key, entry in self._entries.items()}
        return owners.get(number, f"#{number}")

    def _number(self, key: Key | None) -> IssueNumber | None:
        entry = self._entries.get(key) if key is not None else None
        return entry.number if entry is not None else None

    def _conflict(self, local: Local, issue: Issue, base: Base) -> Conflict:
        return Conflict(
            key=local.item.key,
            path=local.item.path,
            number=issue.number,
            field="parent",
            base=f"#{base.parent}" if base.parent is not None else None,
            local=local.item.parent,
            remote=f"#{issue.parent}",
        )

    def _parent_change(
        self, local: Local, issue: Issue, base: Base
    ) -> tuple[LinkParent | UnlinkParent | None, IssueNumber | None]:
        """The request that gives the issue its parent, and the parent to remember until then."""
        item = local.item
        wanted = self.parent(item)
        withheld = self._originals[item.key].parent is not None or base.parent in self._gone
        if wanted is None and withheld:
            return None, base.parent  # not removed
        number = self._number(wanted)
        if wanted is not None and (number is None or number not in (issue.parent, base.parent)):
            if number is not None and not self.room.for_child(item, number):
                return None, base.parent
            link = LinkParent(
                key=item.key,
                path=item.path,
                number=issue.number,
                title=local.title,
                parent=wanted,
                replace=issue.parent is not None,
                priority=item.priority,
            )
            return link, base.parent
        if wanted is None and base.parent is not None and issue.parent == base.parent:
            unlink = UnlinkParent(
                key=item.key,
                path=item.path,
                number=issue.number,
                title=local.title,
                parent=base.parent,
                priority=item.priority,
            )
            return unlink, base.parent
        return None, number

    def _blocker_change(
        self, local: Local, issue: Issue, base: Base
    ) -> tuple[list[Operation], tuple[IssueNumber, ...]]:
        item = local.item
        read = issue.number in self._snapshot.blockers
        there = self._snapshot.blockers.get(issue.number, frozenset())
        had = set(base.blocked_by)
        wanted: dict[IssueNumber, Key] = {}
        ops: list[Operation] = []
        for key in self.blockers(item):
            known = self._entries.get(key)
            if known is None:
                ops.append(block(item, issue.number, local.title, key))
            else:
                wanted[known.number] = key
        for number, key in wanted.items():
            if number not in had and number not in there:
                ops.append(block(item, issue.number, local.title, key))
        said = self._originals[item.key].blocked_by
        withheld = {self._entries[key].number for key in said if key in self._entries}
        ops += [
            Unblock(
                key=item.key,
                path=item.path,
                number=issue.number,
                title=local.title,
                blocker=number,
                priority=item.priority,
            )
            for number in sorted(had - wanted.keys() - withheld - self._gone)
            if number in self._snapshot.issues and (number in there or not read)
        ]
        ops = self._with_room(item, issue, ops)
        kept = there if read else self._snapshot.issues.keys()
        agreed = {n for n in had if n in wanted or n in kept}
        agreed |= {n for n in wanted if n in there}
        return ops, tuple(sorted(agreed))

    def _with_room(self, item: Item, issue: Issue, operations: list[Operation]) -> list[Operation]:
        """These changes of an issue's blockers without what GitHub has no room for."""
        leaving = sum(isinstance(op, Unblock) for op in operations)
        coming = [op for op in operations if isinstance(op, Block)]
        fits = self.room.for_blockers(issue, leaving=leaving)
        if len(coming) <= fits:
            return operations
        self.room.without_blockers(item, issue, len(coming) - fits)
        return [op for op in operations if op not in coming[fits:]]


def block(item: Item, number: IssueNumber | None, title: str, blocker: Key) -> Block:
    """Make the operation that records one blocked-by edge."""
    return Block(
        key=item.key,
        path=item.path,
        number=number,
        title=title,
        blocker=blocker,
        priority=item.priority,
    )
