"""What a push can do: one class an operation, and the unions of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypeAlias

from ghsync.model.items import Fields
from ghsync.model.names import IssueNumber, Key, Kind, Priority, StateReason, Uid
from ghsync.values import dataclass

FieldName: TypeAlias = Literal[
    "title",
    "body",
    "labels",
    "assignees",
    "milestone",
    "type",
    "fields",
    "state",
    "state_reason",
    "locked",
    "parent",
    "blocked_by",
]
FieldValue: TypeAlias = str | tuple[str, ...] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One field of one issue, before and after."""

    field: FieldName
    old: FieldValue
    new: FieldValue
    base: str | None = None
    """Of a merged body: the digest of the text that both sides set out from."""
    name: str | None = None
    """Of an issue field: its name on GitHub."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateLabel:
    """Make a label, so that a create does not leave it in GitHub's default grey."""

    name: str
    color: str
    description: str
    reason: str = "a label that items use is missing"


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateMilestone:
    """Make a milestone by its title, with what the config says of it."""

    title: str
    due: str | None = None
    """The day it is due, ``YYYY-MM-DD``."""
    description: str = ""
    reason: str = "a milestone that items use is missing"


@dataclass(frozen=True, slots=True, kw_only=True)
class CreateIssue:
    """Make the issue of an item; the parent travels inside the request."""

    key: Key
    kind: Kind
    path: str
    title: str
    body: str
    labels: tuple[str, ...]
    assignees: tuple[str, ...]
    milestone: str | None
    type: str | None = None
    fields: Fields = ()
    parent: Key | None
    blocked_by: tuple[Key, ...]
    links: tuple[Key, ...] = ()
    """Items made before it whose issues its text links."""
    priority: Priority
    reason: str = "not on GitHub yet"


@dataclass(frozen=True, slots=True, kw_only=True)
class UpdateIssue:
    """One PATCH with every changed field, state included."""

    key: Key
    path: str
    number: IssueNumber
    title: str
    changes: tuple[Change, ...]
    state_reason: StateReason | None
    links: tuple[Key, ...] = ()
    """Items made before it whose issues its text links."""
    priority: Priority
    reason: str = "the file changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class FillLinks:
    """Link, in an issue's text, issues that are made later in the same plan: one PATCH."""

    key: Key
    path: str
    number: IssueNumber | None
    """``None`` when the issue is created in the same plan."""
    title: str
    links: tuple[Key, ...]
    priority: Priority
    reason: str = "its text links issues that are made after it"


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseIssue:
    """Close an issue when nothing else changes, or one that was born closed."""

    key: Key
    path: str
    number: IssueNumber | None
    """``None`` when the issue is created in the same plan."""
    title: str
    state_reason: StateReason
    priority: Priority
    reason: str = "its status says closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReopenIssue:
    """Reopen an issue when nothing else changes."""

    key: Key
    path: str
    number: IssueNumber
    title: str
    priority: Priority
    reason: str = "its status says open"


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkParent:
    """Make an existing issue a sub-issue of its parent."""

    key: Key
    path: str
    number: IssueNumber | None
    title: str
    parent: Key
    replace: bool
    """True when it has another parent now."""
    priority: Priority
    reason: str = "its parent changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class UnlinkParent:
    """Take an issue out of its parent's sub-issues."""

    key: Key
    path: str
    number: IssueNumber
    title: str
    parent: IssueNumber
    priority: Priority
    reason: str = "it has no parent any more"


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Record that an issue is blocked by another."""

    key: Key
    path: str
    number: IssueNumber | None
    title: str
    blocker: Key
    priority: Priority
    reason: str = "its file says it depends on the other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Unblock:
    """Remove a blocked-by edge that ghsync made and the file no longer has."""

    key: Key
    path: str
    number: IssueNumber
    title: str
    blocker: IssueNumber
    priority: Priority
    reason: str = "its file no longer says so"


@dataclass(frozen=True, slots=True, kw_only=True)
class SetFields:
    """Give an issue values of issue fields; those that are not named stay as they are."""

    key: Key
    path: str
    number: IssueNumber
    title: str
    old: Fields
    """What the issue holds of the same fields."""
    new: Fields
    priority: Priority
    reason: str = "its fields changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClearField:
    """Take the value of one issue field off an issue."""

    key: Key
    path: str
    number: IssueNumber
    title: str
    field: str
    old: str
    priority: Priority
    reason: str = "its file no longer has the field"


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveChild:
    """Give a sub-issue its place among the children of its parent."""

    key: Key
    path: str
    number: IssueNumber | None
    """``None`` when the issue is created in the same plan."""
    title: str
    parent: Key
    after: Key | None
    """The child that it comes right after."""
    before: Key | None
    """Where it comes first: the child that it comes right before."""
    priority: Priority
    reason: str = "its place among its parent's children differs from the files' order"


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """Comment on an issue, once: an intent and a marker say which comment this is."""

    key: Key
    path: str
    number: IssueNumber
    title: str
    body: str
    priority: Priority
    reason: str = "it is closed, and the config has a closing comment"


@dataclass(frozen=True, slots=True, kw_only=True)
class LockIssue:
    """Lock the conversation of an issue."""

    key: Key
    path: str
    number: IssueNumber | None
    title: str
    priority: Priority
    reason: str = "its file or the config says locked"


@dataclass(frozen=True, slots=True, kw_only=True)
class UnlockIssue:
    """Unlock the conversation of an issue."""

    key: Key
    path: str
    number: IssueNumber
    title: str
    priority: Priority
    reason: str = "its file or the config no longer says locked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Adopt:
    """Take an issue that exists as an item's own; only the map changes, no request is sent."""

    key: Key
    path: str
    number: IssueNumber
    title: str
    uid: Uid | None
    """The uid in the issue's marker, where it has one."""
    reason: str


IssueOperation: TypeAlias = (
    CreateIssue
    | UpdateIssue
    | FillLinks
    | CloseIssue
    | ReopenIssue
    | LinkParent
    | UnlinkParent
    | Block
    | Unblock
    | SetFields
    | ClearField
    | MoveChild
    | Comment
    | LockIssue
    | UnlockIssue
)
Operation: TypeAlias = CreateLabel | CreateMilestone | Adopt | IssueOperation


def op_name(operation: Operation) -> str:
    """The word of an operation's kind in JSON and on the screen."""
    return _OP_NAMES[type(operation)]


_OP_NAMES: Mapping[type, str] = {
    CreateLabel: "create_label",
    CreateMilestone: "create_milestone",
    CreateIssue: "create",
    UpdateIssue: "update",
    FillLinks: "update",
    CloseIssue: "close",
    ReopenIssue: "reopen",
    LinkParent: "link",
    UnlinkParent: "unlink",
    Block: "block",
    Unblock: "unblock",
    SetFields: "set_fields",
    ClearField: "clear_field",
    MoveChild: "move",
    Comment: "comment",
    LockIssue: "lock",
    UnlockIssue: "unlock",
    Adopt: "adopt",
}

CONTENT: tuple[type, ...] = (
    CreateIssue,
    LinkParent,
    UnlinkParent,
    Block,
    Unblock,
    SetFields,
    ClearField,
    MoveChild,
    Comment,
)
"""The operations whose request counts as content (GitHub's OpenAPI: notifying, or "too quickly").

Not those of a label, a milestone or a lock, nor a PATCH: nothing marks them.
"""
