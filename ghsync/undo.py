"""Plan the way back from a run: what it replaced is the local side of one more three-way merge.

The base is what the run left behind, so a field that somebody has touched since is a conflict,
named and left alone, and the others go back. What the run created is closed as not planned;
deleting an issue takes GraphQL and an administrator, and cannot itself be undone. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from ghsync import engine
from ghsync.details import merge_details
from ghsync.edges import block
from ghsync.history import OpRecord, RequestRecord, RunRecord
from ghsync.journal import Base, Entry, SyncMap
from ghsync.model import (
    CloseIssue,
    Conflict,
    CreateLabel,
    CreateMilestone,
    Issue,
    IssueNumber,
    Item,
    Key,
    Kind,
    LinkParent,
    Operation,
    Plan,
    ReopenIssue,
    Skip,
    Snapshot,
    Unblock,
    UnlinkParent,
    UpdateIssue,
)
from ghsync.operations import field_ops
from ghsync.plan import Planned
from ghsync.threeway import Local, OnConflict, merge
from ghsync.values import dataclass
from ghsync.wayback import Back

_REASON = "undo"
_SLACK = 2.0
"""Seconds between an issue's ``updated_at`` and the end of the operation that set it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """One operation on an issue that the run carried out."""

    op: str
    key: Key
    path: str
    number: IssueNumber | None
    """``None`` for an issue that was made, and whose number only the map knows."""
    at: float = 0.0
    """Epoch seconds at which it ended, by the run's clock."""
    before: Mapping[str, object]
    after: Mapping[str, object]


def done_of(record: RunRecord) -> tuple[Done, ...]:
    """Take from a run's log what was carried out and concerns an issue."""
    done = [
        Done(
            op=each.op,
            key=each.key,
            path=each.path or f"{each.key}.md",
            number=each.number,
            at=each.at,
            before=each.before,
            after=each.after,
        )
        for each in record.operations
        if each.key is not None and each.number is not None and _was_sent(each)
    ]
    known = {each.key for each in done if each.op == "create"}
    made = {each.key: each for each in record.requests if _made(each)}
    done += [
        made_by(key, each.number, each.at)
        for key, each in made.items()
        if key is not None and key not in known
    ]
    return tuple(done)


def made_by(key: Key, number: IssueNumber | None, at: float = 0.0) -> Done:
    """Stand for a create that the log does not call done: the run broke off, or failed later."""
    return Done(op="create", key=key, path=f"{key}.md", number=number, at=at, before={}, after={})


def _was_sent(each: OpRecord) -> bool:
    """An update that failed may have set some of its fields; the map says which."""
    return each.op != "adopt" and (
        each.status == "done" or (each.op == "update" and each.status == "failed")
    )


def _made(each: RequestRecord) -> bool:
    return (
        each.op == "create"
        and each.method == "POST"
        and each.status == 201
        and each.path.endswith("/issues")
    )


def plan_undo(done: Sequence[Done], smap: SyncMap, snapshot: Snapshot) -> Planned:
    """Turn what a run did into the operations that take it back."""
    return _Undo(done, smap, snapshot).run()


class _Undo:
    def __init__(self, done: Sequence[Done], smap: SyncMap, snapshot: Snapshot) -> None:
        self._done = done
        self._entries = dict(smap.entries)
        self._snapshot = snapshot
        self._key_of = {entry.number: key for key, entry in smap.entries.items()}
        self._locals: dict[Key, Local] = {}
        self._learned: list[Entry] = []
        self._ops: list[Operation] = []
        self._skips: list[Skip] = []
        self._conflicts: list[Conflict] = []

    def run(self) -> Planned:
        by_number: dict[IssueNumber, list[Done]] = {}
        for each in self._done:
            number = each.number
            if number is None and each.key in self._entries:
                number = self._entries[each.key].number
            if number is None:
                self._skip(each.key, each.path, "the map does not know its issue")
            else:
                by_number.setdefault(number, []).append(each)
        for number in sorted(by_number):
            self._item(number, by_number[number])
        return Planned(
            plan=Plan(
                repo=self._snapshot.repo,
                operations=engine.order(self._ops),
                skipped=tuple(self._skips),
                unchanged=self._unchanged(),
                conflicts=tuple(self._conflicts),
                numbers={key: entry.number for key, entry in self._entries.items()},
            ),
            entries=self._entries,
            learned=tuple(self._learned),
            locals=self._locals,
        )

    def _item(self, number: IssueNumber, done: Sequence[Done]) -> None:
        key = self._key_of.get(number)  # the file may have been renamed since
        entry = self._entries[key] if key is not None else None
        if entry is None or entry.base is None:
            self._skip(done[0].key, done[0].path, f"#{number} is not this item's issue any more")
            return
        issue = self._snapshot.issues.get(number)
        if issue is None:
            self._skip(entry.key, entry.path, f"issue #{number} is gone")
            return
        back = Back(entry.base)
        if any(each.op == "create" for each in done):
            back.close()
        else:
            for each in reversed(done):
                back.take(each.op, each.before, each.after)
        for reason in back.reasons:
            self._skip(entry.key, entry.path, reason)
        self._plan(entry, entry.base, back, issue)

    def _plan(self, entry: Entry, base: Base, back: Back, issue: Issue) -> None:
        local = back.local(entry)
        # A merged text is neither side's: while it is taken back, it stands for the base's.
        start = base if back.merged is None else replace(base, body=back.merged)
        merged = merge(local, start, issue)
        details = merge_details(local.item, local.title, issue, base, OnConflict.SKIP)
        conflicts = (*merged.conflicts, *details.conflicts)
        if conflicts:  # those fields stay; the others go back all the same
            self._conflicts += conflicts
            for conflict in conflicts:
                back.leave(conflict.field, base)
                start = base if conflict.field == "body" else start
            local = back.local(entry)
            merged = merge(local, start, issue)
            details = merge_details(local.item, local.title, issue, base, OnConflict.SKIP)
        self._locals[entry.key] = local
        self._ops += [
            replace(op, reason=_REASON)
            for op in field_ops(local, issue, merged.changes)
            if isinstance(op, UpdateIssue | CloseIssue | ReopenIssue)
        ]
        self._ops += [replace(op, reason=_REASON) for op in details.operations]
        parent = self._parent(entry, base, back.target, issue)
        self._blockers(entry, base, back.target, issue)
        now = replace(
            entry,
            base=replace(
                merged.base or base, parent=parent, fields=details.fields, locked=details.locked
            ),
        )
        self._entries[entry.key] = now
        if back.merged is not None and now.base is not None and start is not base:
            now = replace(now, base=replace(now.base, body=base.body))  # until it is done
        if now != entry:
            self._learned.append(now)

    def _unchanged(self) -> tuple[Key, ...]:
        """Items that are as they were before the run."""
        told = {skip.key for skip in self._skips} | {each.key for each in self._conflicts}
        told |= {op.key for op in self._ops if not isinstance(op, CreateLabel | CreateMilestone)}
        return tuple(key for key in self._locals if key not in told)

    # ------------------------------------------------------------------------ edges

    def _parent(self, entry: Entry, base: Base, target: Base, issue: Issue) -> IssueNumber | None:
        """Give the issue the parent it had; returns the one to remember until then."""
        if target.parent == base.parent or issue.parent == target.parent:
            return target.parent
        facts = self._facts(entry, issue)
        if issue.parent != base.parent:
            self._conflicts.append(
                Conflict(
                    key=entry.key,
                    path=entry.path,
                    number=entry.number,
                    field="parent",
                    base=_shown(base.parent),
                    local=_shown(target.parent),
                    remote=_shown(issue.parent),
                )
            )
        elif target.parent is None and base.parent is not None:
            self._ops.append(UnlinkParent(parent=base.parent, **facts))
        elif target.parent is not None:
            parent = self._key_for(target.parent)
            if parent is None:
                self._skip(entry.key, entry.path, f"its parent before, #{target.parent}, is gone")
            else:
                self._ops.append(
                    LinkParent(parent=parent, replace=issue.parent is not None, **facts)
                )
        return base.parent

    def _blockers(self, entry: Entry, base: Base, target: Base, issue: Issue) -> None:
        """Take back edges; one that somebody took back before is no error."""
        item, title = self._locals[entry.key].item, self._locals[entry.key].title
        for number in sorted(set(base.blocked_by) - set(target.blocked_by)):
            if number in self._snapshot.issues:
                self._ops.append(Unblock(blocker=number, **self._facts(entry, issue)))
        for number in sorted(set(target.blocked_by) - set(base.blocked_by)):
            key = self._key_for(number)
            if key is None:
                self._skip(entry.key, entry.path, f"what blocked it, #{number}, is gone")
            else:
                edge = block(item, issue.number, title, key)
                self._ops.append(replace(edge, reason=_REASON))

    def _facts(self, entry: Entry, issue: Issue) -> dict[str, Any]:
        local = self._locals[entry.key]
        return {
            "key": entry.key,
            "path": entry.path,
            "number": issue.number,
            "title": local.title,
            "priority": local.item.priority,
            "reason": _REASON,
        }

    def _key_for(self, number: IssueNumber) -> Key | None:
        """The key of an issue; one that is no item's gets its number as a name for this run."""
        issue = self._snapshot.issues.get(number)
        if issue is None:
            return None
        if number not in self._key_of:
            key = self._key_of[number] = Key(f"#{number}")
            self._entries[key] = Entry(
                key=key, number=number, id=issue.id, uid=issue.uid, kind=Kind.TASK, path=""
            )
        return self._key_of[number]

    def _skip(self, key: Key, path: str, reason: str) -> None:
        self._skips.append(Skip(key=key, path=path, reason=reason))


def _shown(number: IssueNumber | None) -> str | None:
    return f"#{number}" if number is not None else None


_DATED = ("update", "close", "reopen", "link", "unlink")
"""Operations that set an issue's ``updated_at``; a link may not, and then one read is in vain."""


def stale(done: Iterable[Done], snapshot: Snapshot) -> set[IssueNumber]:
    """Issues that the list shows as they were before the run, for a list can lag behind.

    Two clocks are compared, and an operation ends a little after its issue is dated, so one too
    many may be named.
    """
    found: set[IssueNumber] = set()
    for each in done:
        issue = snapshot.issues.get(each.number) if each.number is not None else None
        if issue is not None and each.op in _DATED and _dated(issue) < each.at - _SLACK:
            found.add(issue.number)
    return found


def _dated(issue: Issue) -> float:
    try:
        return datetime.fromisoformat(issue.updated_at).timestamp()
    except (ValueError, OverflowError):
        return 0.0


def items_of(planned: Planned) -> tuple[Item, ...]:
    """The items that an undo is about, as they will be; reports show them by these."""
    items = {key: local.item for key, local in planned.locals.items()}
    for skip in planned.plan.skipped:
        if skip.key not in items:
            items[skip.key] = Item(
                key=skip.key, kind=Kind.TASK, path=skip.path, layout="", title=skip.key, body=""
            )
    return tuple(items[key] for key in sorted(items))
