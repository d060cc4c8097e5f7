"""What a plan takes for granted: the files, map entries and issues of the items it writes to."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from ghsync.journal import Entry
from ghsync.journal.codec import entry_json
from ghsync.model import (
    Block,
    CreateIssue,
    CreateLabel,
    CreateMilestone,
    FillLinks,
    Issue,
    IssueNumber,
    Item,
    Key,
    LinkParent,
    MoveChild,
    Operation,
    Plan,
    Repo,
    State,
    UpdateIssue,
)
from ghsync.model.saved import Held, Side
from ghsync.render import digest
from ghsync.values import dataclass

_HEX = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What a plan stands on: files, map and GitHub as they are."""

    items: Mapping[Key, Item]
    """What the files hold, before lint."""
    entries: Mapping[Key, Entry]
    """The map."""
    issues: Mapping[IssueNumber, Issue]


def sides(plan: Plan, ground: Ground, also: Iterable[Side] = ()) -> tuple[Side, ...]:
    """What this plan takes for granted, item by item, sorted by key.

    ``also``: items of an earlier plan, looked at as they are now.
    """
    paths = {side.key: side.path for side in also}
    paths |= {op.key: op.path for op in plan.operations if not isinstance(op, _Tools)}
    paths |= {rename.new: f"{rename.new}.md" for rename in plan.renames if rename.new not in paths}
    old = {rename.new: rename.old for rename in plan.renames}
    return tuple(
        _side(key, paths[key], ground, plan, ground.entries.get(old.get(key, key)))
        for key in sorted(paths)
    )


def _side(key: Key, path: str, ground: Ground, plan: Plan, entry: Entry | None) -> Side:
    item = ground.items.get(key)
    number = plan.numbers.get(key) or (entry.number if entry is not None else None)
    issue = ground.issues.get(number) if number is not None else None
    return Side(
        key=key,
        path=item.path if item is not None else path,
        file=None if item is None else _file(item),
        entry=None if entry is None else _digest(_line(entry)),
        number=number,
        issue=None if issue is None else _held(issue),
    )


def kept(plan: Plan) -> Plan:
    """The plan as a file keeps it: without what only the run that made it can use.

    What the token may do is no part of it, nor what lint says, nor the items in step.
    """
    concerned = {op.key for op in plan.operations if not isinstance(op, _Tools)}
    concerned |= {key for op in plan.operations for key in referred(op)}
    concerned |= {rename.new for rename in plan.renames}
    return replace(
        plan,
        repo=Repo(id=plan.repo.id, full_name=plan.repo.full_name),
        unchanged=(),
        findings=(),
        numbers={key: number for key, number in plan.numbers.items() if key in concerned},
    )


def referred(op: Operation) -> Iterator[Key]:
    """The other items whose issues an operation names."""
    match op:
        case CreateIssue():
            yield from (() if op.parent is None else (op.parent,))
            yield from (*op.blocked_by, *op.links)
        case UpdateIssue() | FillLinks():
            yield from op.links
        case LinkParent():
            yield op.parent
        case Block():
            yield op.blocker
        case MoveChild():
            yield from (key for key in (op.parent, op.after, op.before) if key is not None)
        case _:
            return


_Tools = CreateLabel | CreateMilestone


def _file(item: Item) -> str:
    """What the file says; not the issue that it names, which a push itself writes into it."""
    return _digest(
        [
            item.path, item.kind, item.title, item.body, item.labels, item.assignees,
            item.milestone, item.state, item.reason, item.status, item.priority, item.parent,
            item.blocked_by, item.archived, item.type, item.fields, item.locked,
        ]
    )  # fmt: skip


def _line(entry: Entry) -> dict[str, object]:
    """The item's line of the map; not the order of its children, which other items' runs settle."""
    base = None if entry.base is None else replace(entry.base, children=())
    return entry_json(replace(entry, base=base))


def _held(issue: Issue) -> dict[str, Held]:
    """The fields that ghsync keeps in step; what is empty is left out, and lists have no order."""
    fields = tuple(sorted(f"{field.name}={field.value}" for field in issue.fields or ()))
    held: dict[str, Held | None] = {
        "title": issue.title,
        "body": issue.digest if issue.digest is not None else digest(issue.body),
        "labels": tuple(sorted(issue.labels)),
        "assignees": tuple(sorted(issue.assignees)),
        "milestone": issue.milestone,
        "type": issue.type,
        "fields": fields,
        "state": issue.state.value,
        "state_reason": issue.state_reason if issue.state is State.CLOSED else None,
        "locked": issue.locked,
        "parent": issue.parent,
    }
    return {name: value for name, value in held.items() if value not in (None, (), False)}


def _digest(value: object) -> str:
    text = json.dumps(value, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:_HEX]
