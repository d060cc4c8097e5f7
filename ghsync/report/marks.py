"""The marks and words of operations; the word says it, colour only helps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

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
    IssueNumber,
    Key,
    LinkParent,
    LockIssue,
    MoveChild,
    Operation,
    OpResult,
    ReopenIssue,
    SetFields,
    Status,
    Unblock,
    UnlinkParent,
    UnlockIssue,
    UpdateIssue,
    op_name,
)
from ghsync.report import diff
from ghsync.report.canvas import Look, Span, Spans

_MARKS: Mapping[str, Span] = {
    "create": ("+ create", "green"),
    "update": ("~ update", "yellow"),
    "close": ("x close", "magenta"),
    "reopen": ("o reopen", "green"),
    "adopt": ("@ adopt", "cyan"),
    "link": ("> link", "cyan"),
    "unlink": ("> unlink", "cyan"),
    "block": ("> block", "cyan"),
    "unblock": ("> unblock", "cyan"),
    "create_label": ("+ create label", "green"),
    "create_milestone": ("+ create milestone", "green"),
    "set_fields": ("~ set fields", "yellow"),
    "clear_field": ("~ clear field", "yellow"),
    "move": ("> move", "cyan"),
    "comment": ("+ comment", "green"),
    "lock": ("x lock", "magenta"),
    "unlock": ("o unlock", "green"),
}
DONE: Mapping[str, str] = {
    "create": "created",
    "update": "updated",
    "close": "closed",
    "reopen": "reopened",
    "adopt": "adopted",
    "link": "linked",
    "unlink": "unlinked",
    "block": "blocked",
    "unblock": "unblocked",
    "create_label": "created label",
    "create_milestone": "created milestone",
    "set_fields": "set fields",
    "clear_field": "cleared field",
    "move": "moved",
    "comment": "commented",
    "lock": "locked",
    "unlock": "unlocked",
}
UNCHANGED: Span = ("= unchanged", "dim")
SKIPPED: Span = ("- skipped", "yellow")
CONFLICT: Span = ("! conflict", "bold red")

_ORDER = (CreateIssue, Adopt, UpdateIssue, CloseIssue, ReopenIssue)


def planned(operation: Operation) -> Span:
    """Mark an operation that a push would make."""
    return _MARKS[op_name(operation)]


def ended(result: OpResult) -> Span:
    """Mark what became of an operation."""
    name = op_name(result.operation)
    match result.status:
        case Status.DONE:
            sign, style = _MARKS[name]
            return (f"{sign[0]} {DONE[name]}", style)
        case Status.FAILED:
            return (f"! failed to {_verb(name)}", "bold red")
        case Status.UNKNOWN:
            return (f"? {_verb(name)}, outcome unknown", "bold yellow")
        case Status.SKIPPED:
            return (f"- did not {_verb(name)}", "yellow")
        case Status.PENDING:
            return (f". still to {_verb(name)}", "dim")


def _verb(name: str) -> str:
    return name.replace("_", " ")


def main_first(results: Sequence[OpResult]) -> list[OpResult]:
    """Put the operation that names the line first: a create before the close that follows it."""

    def rank(result: OpResult) -> int:
        for index, kind in enumerate(_ORDER):
            if isinstance(result.operation, kind):
                return index
        return len(_ORDER)

    return sorted(results, key=rank)


def details(
    operation: Operation, look: Look, numbers: Mapping[Key, IssueNumber], *, brief: bool = False
) -> list[Spans]:
    """Say what an operation changes, field by field; ``brief`` names the fields only."""
    arrow = look.glyphs.arrow
    match operation:
        case UpdateIssue():
            if brief:
                fields = ", ".join(change.field for change in operation.changes)
                return [((fields, "dim"),)]
            return [line for change in operation.changes for line in diff.change(change, look)]
        case FillLinks():
            names = ", ".join(ref(key, numbers) for key in operation.links)
            return [((f"body links {names}", "dim"),)]
        case CloseIssue():
            return [((f"as {operation.state_reason.value.replace('_', ' ')}", "dim"),)]
        case LinkParent():
            verb = "parent changes to" if operation.replace else "parent"
            return [((f"{verb} {arrow} {ref(operation.parent, numbers)}", ""),)]
        case UnlinkParent():
            return [((f"parent #{operation.parent} {arrow} none", ""),)]
        case Block():
            return [((f"blocked by {ref(operation.blocker, numbers)}", ""),)]
        case Unblock():
            return [((f"no longer blocked by #{operation.blocker}", ""),)]
        case Adopt():
            return [((operation.reason, "dim"),)]
        case CreateIssue() | ReopenIssue() | CreateLabel() | CreateMilestone():
            return []
        case _:
            return _more(operation, arrow, numbers)


def _more(
    operation: SetFields | ClearField | MoveChild | Comment | LockIssue | UnlockIssue,
    arrow: str,
    numbers: Mapping[Key, IssueNumber],
) -> list[Spans]:
    match operation:
        case SetFields():
            held = dict(operation.old)
            return [
                ((f"{name} {held.get(name, 'none')} {arrow} {value}", ""),)
                for name, value in operation.new
            ]
        case ClearField():
            return [((f"{operation.field} {operation.old} {arrow} none", ""),)]
        case MoveChild():
            if operation.after is not None:
                return [((f"after {ref(operation.after, numbers)}", ""),)]
            return [((f"before {ref(operation.before or operation.parent, numbers)}", ""),)]
        case Comment():
            return [((operation.body.partition("\n")[0], "dim"),)]
        case LockIssue() | UnlockIssue():
            return []


def then_planned(operation: Operation, lines: list[Spans]) -> list[Spans]:
    """Say what follows on the operation that names the line: a close, a link, a block."""
    word, style = planned(operation)
    match operation:
        case Block() | Unblock() | LinkParent() | UnlinkParent() | SetFields() | ClearField():
            return lines
        case _:
            return _led_by((f"then {word[2:]}", style), lines)


def then_ended(result: OpResult, lines: list[Spans]) -> list[Spans]:
    """Say what became of what followed; a link that was made needs no word of its own."""
    links = Block | Unblock | LinkParent | UnlinkParent | SetFields | ClearField
    word, style = ended(result)
    if isinstance(result.operation, links):
        return lines if result.status is Status.DONE else _led_by((f"{word}:", style), lines)
    return _led_by((word[2:] if result.status is Status.DONE else word, style), lines)


def _led_by(lead: Span, lines: list[Spans]) -> list[Spans]:
    if not lines:
        return [(lead,)]
    return [(lead, (" ", ""), *lines[0]), *lines[1:]]


def ref(key: Key, numbers: Mapping[Key, IssueNumber]) -> str:
    """Name another item by its issue's number, else by its key."""
    return f"#{numbers[key]}" if key in numbers else key


def created_fields(operation: CreateIssue, look: Look) -> Spans:
    """Name the fields that a create carries besides title and body."""
    labels = [label for label in operation.labels if label != operation.kind.value]
    parts = []
    if labels:
        parts.append(f"labels {', '.join(labels)}")
    if operation.assignees:
        parts.append(f"assigned to {', '.join(operation.assignees)}")
    if operation.milestone is not None:
        parts.append(f"milestone {operation.milestone}")
    if operation.type is not None:
        parts.append(f"type {operation.type}")
    parts += [f"{name} {value}" for name, value in operation.fields]
    return tuple((f"{look.glyphs.dot}{part}", "dim") for part in parts)
