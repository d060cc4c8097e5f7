"""What has moved between a plan and the same plan made again: files, map, issues, operations.

A plan that has not been begun must come out the same. Of one that was begun, what is left must be
a part of it: nothing else may be written, and what is done has moved map and GitHub, as it should.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import assert_never

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
    LinkParent,
    LockIssue,
    MoveChild,
    Operation,
    ReopenIssue,
    SetFields,
    Unblock,
    UnlinkParent,
    UnlockIssue,
    UpdateIssue,
)
from ghsync.model.saved import SavedPlan, Side
from ghsync.planfile.binding import referred
from ghsync.planfile.codec import operation_json
from ghsync.render import comparable

Effect = tuple[object, ...]
"""What an operation does, without the values: those follow from the files."""
_NO_COMMIT = "an unknown commit"


def settings_moved(before: Mapping[str, object], now: Mapping[str, object]) -> dict[str, str]:
    """The settings that are not as a plan was made with, each with both values."""
    return {
        name: f"{name} was {_shown(before.get(name))} and is {_shown(now.get(name))}"
        for name in sorted(before.keys() | now.keys())
        if before.get(name) != now.get(name)
    }


def _shown(value: object) -> str:
    return "not set" if value is None else json.dumps(value, ensure_ascii=False)


def moved(saved: SavedPlan, now: SavedPlan, *, begun: bool = False) -> tuple[str, ...]:
    """What a plan takes for granted and is not so, one line each; empty if it still holds.

    ``now`` is the same plan made again. ``begun``: an earlier run has carried out a part of it.
    """
    held = {side.key: side for side in now.sides}
    found: list[str] = []
    for side in saved.sides:
        found += _begun(side, held.get(side.key)) if begun else _side(side, held.get(side.key))
    found += _elsewhere(saved, now)
    found += _left(saved, now) if begun else _operations(saved, now)
    return tuple(found)


# -------------------------------------------------------------------------- the sides


def _side(before: Side, now: Side | None) -> Iterator[str]:
    if now is None:
        now = Side(key=before.key, path="", file=None, entry=None, number=None, issue=None)
    yield from _file(before, now)
    yield from _entry(before, now)
    if before.number == now.number:
        yield from _issue(before, now)


def _begun(before: Side, now: Side | None) -> Iterator[str]:
    """The same where the run itself may have changed the map's entry and the issue."""
    if now is None or now.entry == before.entry:
        yield from _side(before, now)
        return
    yield from _file(before, now)
    if before.number is not None and before.number != now.number:
        yield from _entry(before, now)


def _file(before: Side, now: Side) -> Iterator[str]:
    if before.file == now.file:
        return
    if now.file is None:
        yield f"file {before.path}: it is gone"
    else:
        yield f"file {before.path}: it {'is back' if before.file is None else 'changed'}"


def _entry(before: Side, now: Side) -> Iterator[str]:
    if before.entry == now.entry and before.number == now.number:
        return
    if before.number != now.number and now.number is not None:
        was = "had none" if before.number is None else f"was #{before.number}"
        yield f"map: {before.key} has issue #{now.number} by now, it {was}"
    elif now.entry is None:
        yield f"map: {before.key} is no longer in it, it was issue #{before.number}"
    else:
        yield f"map: the line of {before.key} (issue #{now.number}) changed"


def _issue(before: Side, now: Side) -> Iterator[str]:
    if before.issue == now.issue:
        return
    if now.issue is None:
        yield f"issue #{before.number}: it is gone"
    elif before.issue is None:
        yield f"issue #{before.number}: it is back"
    else:
        old, new = before.issue, now.issue
        fields = [name for name in {**old, **new} if old.get(name) != new.get(name)]
        yield f"issue #{before.number}: {', '.join(fields)} changed on GitHub ({before.key})"


def _elsewhere(saved: SavedPlan, now: SavedPlan) -> Iterator[str]:
    """Issues that operations name by an item that is none of theirs."""
    own = {side.key for side in saved.sides}
    for key in sorted({key for op in saved.plan.operations for key in referred(op)} - own):
        before, after = saved.plan.numbers.get(key), now.plan.numbers.get(key)
        # An item that nothing refers to any more is not in the plan; what refers to it differs.
        if before != after and after is not None:
            was = "had none" if before is None else f"was #{before}"
            yield f"map: {key} has issue #{after} by now, it {was}"


# --------------------------------------------------------------------- the operations


def _operations(saved: SavedPlan, now: SavedPlan) -> Iterator[str]:
    """The operations that are new, gone or others now."""
    before, after = _by_name(saved), _by_name(now)
    for name, raw in before.items():
        if name not in after:
            if raw["op"] not in ("create_label", "create_milestone"):
                yield f"operation gone: {_named(raw)}"
        elif raw != after[name]:
            yield f"operation changed: {_named(raw)} ({_differs(raw, after[name])})"
    for name, raw in after.items():
        if name not in before:
            yield f"operation new: {_named(raw)}"
    renames = {(r.old, r.new, r.number) for r in saved.plan.renames}
    for rename in now.plan.renames:
        if (rename.old, rename.new, rename.number) not in renames:
            yield f"file {rename.new}: it was {rename.old}"
        renames.discard((rename.old, rename.new, rename.number))
    for old, new, _ in sorted(renames):
        yield f"file {new}: it is no longer taken for {old}"


def _by_name(plan: SavedPlan) -> dict[Effect, dict[str, object]]:
    """The operations in a form in which they compare, by what tells them apart."""
    return {_name(op): _comparable(op, plan.commit) for op in plan.plan.operations}


def _name(op: Operation) -> Effect:
    match op:
        case CreateLabel():
            return "label", op.name
        case CreateMilestone():
            return "milestone", op.title
        case Block() | Unblock():
            return type(op).__name__, op.key, op.blocker
        case ClearField():
            return "clear", op.key, op.field
        case _:
            return type(op).__name__, op.key


def _comparable(op: Operation, commit: str | None) -> dict[str, object]:
    """An operation without what makes no difference: the commit that its text names."""
    raw = operation_json(op)
    if isinstance(op, CreateIssue):
        raw["body"] = comparable(op.body)
    elif isinstance(op, Comment):
        raw["body"] = op.body.replace(commit or _NO_COMMIT, "*")
    elif isinstance(op, UpdateIssue):
        raw["changes"] = [
            {n: comparable(v) if n in ("old", "new") and isinstance(v, str) else v for n, v in c}
            for c in (each.items() for each in raw.get("changes", ()))
        ]
    return raw


def _differs(before: Mapping[str, object], after: Mapping[str, object]) -> str:
    old, new = {**before, **_changes(before)}, {**after, **_changes(after)}
    return ", ".join(n for n in {**old, **new} if n != "changes" and old.get(n) != new.get(n))


def _changes(raw: Mapping[str, object]) -> dict[str, object]:
    """What an update changes, by the field: in place of the title that it has for people."""
    changes = raw.get("changes")
    return {str(each["field"]): each for each in changes} if isinstance(changes, list) else {}


def _named(raw: Mapping[str, object]) -> str:
    """An operation in words: ``update .claude/epics/shop/001``."""
    word = str(raw["op"]).replace("_", " ")
    return f"{word} {raw.get('key') or raw.get('name') or raw.get('title')}"


# -------------------------------------------------------------------- what is left over


def _left(saved: SavedPlan, now: SavedPlan) -> Iterator[str]:
    """The operations that are no part of a plan that was begun."""
    made = {op.key for op in saved.plan.operations if isinstance(op, CreateIssue)}
    known = {effect for op in saved.plan.operations for effect in _effects(op)}
    for op in now.plan.operations:
        key = None if isinstance(op, CreateLabel | CreateMilestone) else op.key
        # All that is done to an issue of the plan's own follows from its file, which is the same.
        if (key in made and not isinstance(op, Adopt)) or known.issuperset(_effects(op)):
            continue
        yield f"operation new: {_named(operation_json(op))}"


def _effects(op: Operation) -> Iterator[Effect]:
    match op:
        case CreateLabel():
            yield "label", op.name.casefold()
        case CreateMilestone():
            yield "milestone", op.title.casefold()
        case CreateIssue():
            yield "create", op.key
            if op.parent is not None:
                yield "place", op.parent
        case UpdateIssue():
            yield from (("field", op.key, change.field) for change in op.changes)
        case FillLinks():
            yield "field", op.key, "body"
        case CloseIssue() | ReopenIssue():
            yield "field", op.key, "state"
        case LinkParent():
            yield "parent", op.key, op.parent
            yield "place", op.parent
        case MoveChild():
            yield "place", op.parent
        case SetFields():
            yield from (("value", op.key, name) for name, _ in op.new)
        case _:
            yield _effect(op)


def _effect(
    op: UnlinkParent | Block | Unblock | ClearField | Comment | LockIssue | UnlockIssue | Adopt,
) -> Effect:
    match op:
        case UnlinkParent():
            return "unlink", op.key, op.parent
        case Block():
            return "block", op.key, op.blocker
        case Unblock():
            return "unblock", op.key, op.blocker
        case ClearField():
            return "value", op.key, op.field
        case Comment():
            return "comment", op.key
        case LockIssue() | UnlockIssue():
            return "lock", op.key, isinstance(op, LockIssue)
        case Adopt():
            return "adopt", op.key, op.number
        case _:
            assert_never(op)
