"""Single operations: what an item's changed fields are as requests, and how many they are."""

from __future__ import annotations

import shlex
from collections.abc import Iterable

from ghsync.forecast import looks
from ghsync.journal import Base, Entry
from ghsync.model import (
    CONTENT,
    Adopt,
    Change,
    CloseIssue,
    CreateIssue,
    FillLinks,
    Issue,
    IssueNumber,
    Item,
    Operation,
    Priority,
    ReopenIssue,
    Requests,
    State,
    StateReason,
    UpdateIssue,
)
from ghsync.render import digest
from ghsync.threeway import Local


def pruned(entry: Entry, issue: Issue) -> CloseIssue:
    """Close the issue of a file that is gone."""
    return CloseIssue(
        key=entry.key,
        path=entry.path,
        number=entry.number,
        title=issue.title,
        state_reason=StateReason.NOT_PLANNED,
        priority=Priority.MEDIUM,
        reason=f"{gone(entry)} (--prune)",
    )


def gone(entry: Entry) -> str:
    """Say that an item is not there any more: its file, or its line in a list of tasks."""
    return "its line is gone" if "#" in entry.key else "its file is gone"


def renamed_perhaps(entry: Entry, operations: Iterable[Operation]) -> str:
    """What to do if the file of an issue is one of the new ones, too much edited to be known."""
    new = [op for op in operations if isinstance(op, CreateIssue) and op.kind is entry.kind]
    folder = entry.path.rpartition("/")[0]
    near = [op for op in new if op.path.rpartition("/")[0] == folder] or new
    if not near:
        return ""
    key = shlex.quote(near[0].key) if len(near) == 1 else "KEY"
    shown = near[0].path if near[0].path != entry.path else near[0].key  # of items without files
    which = f"{shown} is it" if len(near) == 1 else "one of the new ones is it"
    return f"; if {which}, renamed, first `ghsync map adopt {key} {entry.number} --any-title`"


def touched(base: Base, issue: Issue) -> bool:
    """Whether somebody changed an issue's title or text since both sides agreed."""
    body = issue.digest or digest(issue.body)
    return issue.title != base.title or body != base.body


def sets_body(op: Operation) -> bool:
    """Whether an operation writes an issue's text as its file has it now."""
    return isinstance(op, UpdateIssue) and any(c.field == "body" for c in op.changes)


def closes(op: Operation) -> bool:
    """Whether an operation closes an issue."""
    match op:
        case CloseIssue():
            return True
        case UpdateIssue():
            return any(c.field == "state" and c.new == State.CLOSED for c in op.changes)
        case _:
            return False


def closed(item: Item, number: IssueNumber | None, title: str) -> CloseIssue:
    """Close an item's issue; ``number`` is ``None`` where the same plan makes it."""
    return CloseIssue(
        key=item.key,
        path=item.path,
        number=number,
        title=title,
        state_reason=item.reason or StateReason.COMPLETED,
        priority=item.priority,
    )


def field_ops(local: Local, issue: Issue, changes: tuple[Change, ...]) -> list[Operation]:
    """One PATCH for all changed fields; ``close`` or ``reopen`` when it is the state alone."""
    item = local.item
    if not changes:
        return []
    if [change.field for change in changes] == ["state"]:
        if item.state is State.CLOSED:
            return [closed(item, issue.number, local.title)]
        return [
            ReopenIssue(
                key=item.key,
                path=item.path,
                number=issue.number,
                title=local.title,
                priority=item.priority,
            )
        ]
    return [
        UpdateIssue(
            key=item.key,
            path=item.path,
            number=issue.number,
            title=local.title,
            changes=changes,
            state_reason=item.reason,
            priority=item.priority,
        )
    ]


def requests_of(operations: Iterable[Operation], *, reads: int = 0) -> Requests:
    """Count the requests that these operations are, one each; adoptions are none."""
    total = Requests(reads=reads)
    for op in operations:
        match op:
            case Adopt():
                pass
            case FillLinks() | UpdateIssue() if looks(op):
                total += Requests(reads=1, writes=1)
            case _:
                total += Requests(writes=1, content=int(isinstance(op, CONTENT)))
    return total
