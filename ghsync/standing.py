"""How each item stands to its issue: in step, ahead, behind, diverged or missing."""

from __future__ import annotations

from collections import defaultdict

from ghsync.model import (
    Adopt,
    CreateLabel,
    CreateMilestone,
    FillLinks,
    Issue,
    Key,
    Operation,
    StatusRow,
    StepState,
    UpdateIssue,
    op_name,
)
from ghsync.prepared import Prepared
from ghsync.threeway import Merge


def standing(prepared: Prepared) -> tuple[StatusRow, ...]:
    """One row per item that was chosen, by path: what a push would do about it, or a pull."""
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
        if prepared.chosen is not None and item.key not in prepared.chosen:
            continue
        number = plan.numbers.get(item.key)
        issue = prepared.snapshot.issues.get(number) if number is not None else None
        words = _words(
            todo.get(item.key, []),
            conflicts.get(item.key, []),
            skipped.get(item.key),
            prepared.planned.merges.get(item.key),
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
    merged: Merge | None,
    issue: Issue | None,
) -> tuple[StepState, str]:
    """The state of one item, and why."""
    if conflicts:
        return "diverged", f"both sides changed: {', '.join(conflicts)}"
    if issue is None:
        return "missing", skipped or "a push creates its issue"
    if skipped is not None or merged is None:
        return "diverged", skipped or "lint refuses it"
    there = ", ".join(change.field for change in merged.incoming)
    if todo:
        will = f"a push will {', '.join(dict.fromkeys(_does(op) for op in todo))}"
        return "ahead", f"{will}; changed on GitHub: {there}" if there else will
    if there:
        return "behind", f"changed on GitHub: {there}"
    return "in step", ""


def _does(op: Operation) -> str:
    match op:
        case UpdateIssue():
            return f"update {', '.join(change.field for change in op.changes)}"
        case FillLinks():
            return "update body"
        case Adopt():
            return f"take #{op.number} as its issue"
        case _:
            return op_name(op)
