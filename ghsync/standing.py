"""How each item stands to its issue: in step, ahead, behind, diverged or missing.

And what only one side has: an item whose file is gone, an issue that a pull would make a file of.
"""

from __future__ import annotations

import shlex
from collections import defaultdict
from collections.abc import Iterator

from ghsync.apart import called, spoken
from ghsync.arrivals import PullSettings
from ghsync.journal import Entry, SyncMap
from ghsync.model import (
    Adopt,
    CreateLabel,
    CreateMilestone,
    FillLinks,
    Issue,
    IssueNumber,
    Key,
    Kind,
    Operation,
    State,
    StatusRow,
    StepState,
    UpdateIssue,
    op_name,
)
from ghsync.newcomers import Newcomers
from ghsync.operations import touched
from ghsync.prepared import Prepared
from ghsync.threeway import Merge


def standing(prepared: Prepared, smap: SyncMap, settings: PullSettings) -> tuple[StatusRow, ...]:
    """One row per item that was chosen, by path: what a push would do about it, or a pull.

    After them the issues that a pull would make files of: below an item's, or with its label.
    """
    rows = [*_items(prepared), *_gone(prepared)]
    rows.sort(key=lambda row: (row.path, row.key))
    return (*rows, *_new(prepared, smap, settings))


def _items(prepared: Prepared) -> Iterator[StatusRow]:
    plan = prepared.planned.plan
    todo: dict[Key, list[Operation]] = defaultdict(list)
    for op in plan.operations:
        if not isinstance(op, CreateLabel | CreateMilestone):
            todo[op.key].append(op)
    conflicts: dict[Key, list[str]] = defaultdict(list)
    for conflict in plan.conflicts:
        conflicts[conflict.key].append(conflict.field)
    skipped = {skip.key: skip.reason for skip in plan.skipped}
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
        yield StatusRow(
            key=item.key, path=item.path, number=number, state=words[0], detail=words[1]
        )


def _words(
    todo: list[Operation],
    conflicts: list[str],
    skipped: str | None,
    merged: Merge | None,
    issue: Issue | None,
) -> tuple[StepState, str]:
    """The state of one item, and why."""
    if conflicts:
        return "diverged", f"both sides changed: {', '.join(dict.fromkeys(conflicts))}"
    if issue is None:
        return "missing", skipped or "a push creates its issue"
    if skipped is not None or merged is None:
        return "diverged", skipped or "lint refuses it"
    there = _listed(merged, apart=False)
    if todo:
        will = f"a push will {', '.join(dict.fromkeys(_does(op) for op in todo))}"
        return "ahead", f"{will}; changed on GitHub: {there}" if there else will
    if there:
        return "behind", f"changed on GitHub: {there}"
    apart = _listed(merged, apart=True)
    return "in step", f"the file cannot hold GitHub's {apart}" if apart else ""


def _listed(merged: Merge, *, apart: bool) -> str:
    """The fields that GitHub changed: what a pull brings, or what it has said no file can hold."""
    fields = (
        change.name or spoken(change.field)
        for change in merged.incoming
        if (called(change) in merged.apart) is apart
    )
    return ", ".join(dict.fromkeys(fields))


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


# ----------------------------------------------------------------------- one side alone


def _gone(prepared: Prepared) -> Iterator[StatusRow]:
    """Items of the map without a file; not those whose issue is closed, too: they are over."""
    there = {item.key for item in prepared.loaded.items}
    renames = prepared.planned.plan.renames
    renamed = {rename.old for rename in renames} - {rename.new for rename in renames}
    for key, entry in prepared.planned.entries.items():
        if key in there or key in renamed or entry.base is None:
            continue
        if prepared.chosen is not None and key not in prepared.chosen:
            continue
        issue = prepared.snapshot.issues.get(entry.number)
        if issue is None or issue.state is State.OPEN:
            detail = _next(entry, issue)
            yield StatusRow(
                key=key, path=entry.path, number=entry.number, state="gone", detail=detail
            )


def _next(entry: Entry, issue: Issue | None) -> str:
    """What can be done about a file that is gone."""
    forget = f"`ghsync map forget {shlex.quote(entry.key)}`"
    if issue is None:
        return f"its file and its issue are gone; {forget} takes it off the map"
    if entry.base is not None and touched(entry.base, issue):
        return (
            "its file is gone, and somebody changed the issue since; close that on GitHub, or "
            f"{forget} lets go of it"
        )
    return f"its file is gone; `ghsync push --prune` closes the issue, {forget} lets go of it"


def _new(prepared: Prepared, smap: SyncMap, settings: PullSettings) -> Iterator[StatusRow]:
    """Issues that a pull would make files of, and where; or why it would not."""
    chosen = prepared.chosen
    newcomers = Newcomers(
        prepared.planned,
        prepared.loaded,
        prepared.snapshot.issues,
        settings,
        prepared.snapshot.blockers,
        lambda _: None,
    )
    came: set[Key] = set()

    def belongs(parent: Key | None, key: Key, path: str, number: IssueNumber, kind: Kind) -> bool:
        if chosen is not None and parent not in chosen and parent not in came:
            return False
        came.add(key)
        return True

    for made in newcomers.run(smap.forgotten, belongs, {}):
        arrival = made.arrival
        yield StatusRow(
            key=Key(""),
            path="",
            number=arrival.number,
            title=arrival.title,
            state="new",
            detail=arrival.refused or f"`ghsync pull` makes {arrival.path}",
        )
