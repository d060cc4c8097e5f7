"""How each item stands to its issue: in step, ahead, behind, diverged or missing."""

from __future__ import annotations

from collections import defaultdict

from ghsync.model import (
    Adopt,
    CreateLabel,
    CreateMilestone,
    Issue,
    Key,
    Operation,
    StatusRow,
    StepState,
    UpdateIssue,
    op_name,
)
from ghsync.prepared import Prepared
from ghsync.render import digest
from ghsync.threeway import Local


def standing(prepared: Prepared) -> tuple[StatusRow, ...]:
    """One row per item, by path: what a push would do about it, or what a pull would."""
    plan = prepared.planned.plan
    todo: dict[Key, list[Operation]] = defaultdict(list)
    for op in plan.operations:
        if not isinstance(op, CreateLabel | CreateMilestone):
            todo[op.key].append(op)
    conflicts: dict[Key, list[str]] = defaultdict(list)
    for conflict in plan.conflicts:
        conflicts[conflict.key].append(conflict.field)
    skipped = {skip.key: skip.reason for skip in plan.skipped}
    rows = []
    for item in prepared.loaded.items:
        number = plan.numbers.get(item.key)
        issue = prepared.snapshot.issues.get(number) if number is not None else None
        words = _words(
            todo.get(item.key, []),
            conflicts.get(item.key, []),
            skipped.get(item.key),
            prepared.planned.locals.get(item.key),
            issue,
        )
        rows.append(
            StatusRow(key=item.key, path=item.path, number=number, state=words[0], detail=words[1])
        )
    return tuple(sorted(rows, key=lambda row: (row.path, row.key)))


def _words(
    todo: list[Operation],
    conflicts: list[str],
    skipped: str | None,
    local: Local | None,
    issue: Issue | None,
) -> tuple[StepState, str]:
    """The state of one item, and why."""
    if conflicts:
        return "diverged", f"both sides changed: {', '.join(conflicts)}"
    if issue is None:
        return "missing", skipped or "a push creates its issue"
    if skipped is not None or local is None:
        return "diverged", skipped or "lint refuses it"
    if todo:
        return "ahead", f"a push will {', '.join(dict.fromkeys(_does(op) for op in todo))}"
    changed = _behind(local, issue)
    if changed:
        return "behind", f"changed on GitHub: {', '.join(changed)}"
    return "in step", ""


def _does(op: Operation) -> str:
    match op:
        case UpdateIssue():
            return f"update {', '.join(change.field for change in op.changes)}"
        case Adopt():
            return f"take #{op.number} as its issue"
        case _:
            return op_name(op)


def _behind(local: Local, issue: Issue) -> list[str]:
    """The fields in which the issue differs though the file has nothing to say about it."""
    want = local.base
    changed = []
    if issue.title != want.title:
        changed.append("title")
    if (issue.digest or digest(issue.body)) != want.body:
        changed.append("body")
    if issue.state is not want.state:
        changed.append("state")
    if issue.milestone != want.milestone:
        changed.append("milestone")
    if _folded(issue.labels) != _folded(want.labels):
        changed.append("labels")
    if _folded(issue.assignees) != _folded(want.assignees):
        changed.append("assignees")
    return changed


def _folded(names: tuple[str, ...]) -> frozenset[str]:
    return frozenset(name.casefold() for name in names)
