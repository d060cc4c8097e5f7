"""Plan the way back from a run: what it replaced is the local side of one more three-way merge.

The base is what the run left behind, so a field that somebody has touched since is a conflict,
named and left alone. What the run created is closed as not planned; deleting an issue takes
GraphQL and an administrator, and cannot itself be undone. Pure.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from ghsync import engine
from ghsync.edges import block
from ghsync.history import OpRecord
from ghsync.journal import Base, Entry, SyncMap
from ghsync.model import (
    Conflict,
    Issue,
    IssueNumber,
    Item,
    Key,
    LinkParent,
    Operation,
    Plan,
    Skip,
    Snapshot,
    State,
    StateReason,
    Unblock,
    UnlinkParent,
)
from ghsync.plan import Planned, field_ops
from ghsync.render import digest
from ghsync.threeway import Local, merge


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """One operation on an issue that the run carried out."""

    op: str
    key: Key
    path: str
    number: IssueNumber
    before: Mapping[str, object]
    after: Mapping[str, object]


def done_of(records: Iterable[OpRecord]) -> tuple[Done, ...]:
    """Take from a run's log what was carried out and concerns an issue."""
    return tuple(
        Done(
            op=each.op,
            key=each.key,
            path=each.path or f"{each.key}.md",
            number=each.number,
            before=each.before,
            after=each.after,
        )
        for each in records
        if each.status == "done"
        and each.op != "adopt"
        and each.key is not None
        and each.number is not None
    )


def plan_undo(done: Sequence[Done], smap: SyncMap, snapshot: Snapshot) -> Planned:
    """Turn what a run did into the operations that take it back."""
    return _Undo(done, smap, snapshot).run()


class _Undo:
    def __init__(self, done: Sequence[Done], smap: SyncMap, snapshot: Snapshot) -> None:
        self._done = done
        self._entries = smap.entries
        self._snapshot = snapshot
        self._key_of = {entry.number: key for key, entry in smap.entries.items()}
        self._locals: dict[Key, Local] = {}
        self._ops: list[Operation] = []
        self._skips: list[Skip] = []
        self._conflicts: list[Conflict] = []

    def run(self) -> Planned:
        by_key: dict[Key, list[Done]] = {}
        for each in self._done:
            by_key.setdefault(each.key, []).append(each)
        for key in sorted(by_key):
            self._item(key, by_key[key])
        return Planned(
            plan=Plan(
                repo=self._snapshot.repo,
                operations=engine.order(self._ops),
                skipped=tuple(self._skips),
                conflicts=tuple(self._conflicts),
                numbers={key: entry.number for key, entry in self._entries.items()},
            ),
            entries=self._entries,
            learned=(),
            locals=self._locals,
        )

    def _item(self, key: Key, done: Sequence[Done]) -> None:
        entry = self._entries.get(key)
        path, number = done[0].path, done[0].number
        if entry is None or entry.base is None or entry.number != number:
            self._skip(key, path, f"#{number} is not this item's issue any more")
            return
        issue = self._snapshot.issues.get(number)
        if issue is None:
            self._skip(key, path, f"issue #{number} is gone")
            return
        created = any(each.op == "create" for each in done)
        target, body, reason = entry.base, "", StateReason.COMPLETED
        if created:
            target, reason = replace(target, state=State.CLOSED), StateReason.NOT_PLANNED
        else:
            for each in reversed(done):
                target, body = self._back(each, target, body, entry.base)
        local = _local(entry, target, body, reason)
        self._locals[key] = local
        merged = merge(local, entry.base, issue)
        self._conflicts += merged.conflicts
        self._ops += field_ops(local, issue, merged.changes)
        if not created:
            for each in reversed(done):
                self._edge(each, local, issue)

    def _back(self, each: Done, target: Base, body: str, base: Base) -> tuple[Base, str]:
        """Put the values before this operation into the target, where no later run has set them."""
        for name, old in each.before.items():
            new = each.after.get(name)
            match name:
                case "title" if base.title == new:
                    target = replace(target, title=str(old))
                case "body" if isinstance(old, str) and base.body == digest(str(new)):
                    target, body = replace(target, body=digest(old)), old
                case "milestone" if base.milestone == new:
                    target = replace(target, milestone=old if isinstance(old, str) else None)
                case "state" if base.state == new:
                    target = replace(target, state=State(str(old)))
                case "labels":
                    target = replace(target, labels=_set_back(target.labels, old, new))
                case "assignees":
                    target = replace(target, assignees=_set_back(target.assignees, old, new))
                case "parent" | "blocked_by":
                    pass  # edges are no field of the merge
                case _:
                    self._skip(each.key, each.path, f"its {name} cannot be restored")
        return target, body

    def _edge(self, each: Done, local: Local, issue: Issue) -> None:
        """Take back one link or one blocker, if it still is as the run left it."""
        item, title = local.item, local.title
        number = _number(each.after if each.op in ("link", "block") else each.before, each.op)
        if number is None:
            return
        key = self._key_of.get(number)
        if each.op == "block":
            self._ops.append(
                Unblock(
                    key=item.key,
                    path=item.path,
                    number=issue.number,
                    title=title,
                    blocker=number,
                    priority=item.priority,
                    reason="undo",
                )
            )
        elif each.op == "unblock" and key is not None:
            self._ops.append(replace(block(item, issue.number, title, key), reason="undo"))
        elif each.op == "link" and issue.parent == number:
            self._unlink(each, local, issue, number)
        elif each.op == "unlink" and issue.parent is None and key is not None:
            self._ops.append(_link(local, issue, key))
        else:
            self._skip(each.key, each.path, f"its {each.op} was changed since")

    def _unlink(self, each: Done, local: Local, issue: Issue, parent: IssueNumber) -> None:
        """Back to the parent before, or to none."""
        item = local.item
        before = _number(each.before, "link")
        old = self._key_of.get(before) if before is not None else None
        if old is not None:
            self._ops.append(_link(local, issue, old))
            return
        self._ops.append(
            UnlinkParent(
                key=item.key,
                path=item.path,
                number=issue.number,
                title=local.title,
                parent=parent,
                priority=item.priority,
                reason="undo",
            )
        )

    def _skip(self, key: Key, path: str, reason: str) -> None:
        self._skips.append(Skip(key=key, path=path, reason=reason))


def _link(local: Local, issue: Issue, parent: Key) -> LinkParent:
    return LinkParent(
        key=local.item.key,
        path=local.item.path,
        number=issue.number,
        title=local.title,
        parent=parent,
        replace=issue.parent is not None,
        priority=local.item.priority,
        reason="undo",
    )


def _local(entry: Entry, target: Base, body: str, reason: StateReason) -> Local:
    item = Item(
        key=entry.key,
        kind=entry.kind,
        path=entry.path,
        layout="",
        title=target.title,
        body=body,
        labels=target.labels,
        assignees=target.assignees,
        milestone=target.milestone,
        state=target.state,
        reason=reason if target.state is State.CLOSED else None,
        ident=entry.ident,
    )
    return Local(item=item, title=target.title, body=body, base=target)


def _set_back(now: tuple[str, ...], old: object, new: object) -> tuple[str, ...]:
    """Take out what the operation added to a set and put back what it removed."""
    before = {str(name).casefold(): str(name) for name in _list(old)}
    after = {str(name).casefold() for name in _list(new)}
    kept = [name for name in now if name.casefold() in before or name.casefold() not in after]
    have = {name.casefold() for name in kept}
    return (*kept, *(name for key, name in before.items() if key not in after | have))


def _list(value: object) -> list[object]:
    return list(value) if isinstance(value, list | tuple) else []


def _number(values: Mapping[str, object], op: str) -> IssueNumber | None:
    value = values.get("parent" if op in ("link", "unlink") else "blocked_by")
    return IssueNumber(value) if isinstance(value, int) else None
