"""The words of ghsync as values: items, snapshot, plan, operations, run.

Everything here is immutable and knows nothing of files, networks or clocks. Times are epoch
seconds (``float``, UTC); paths are POSIX strings relative to the root; texts use LF line ends.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from enum import IntEnum, StrEnum
from typing import Literal, NewType, TypeAlias

from ghsync.errors import GhsyncError
from ghsync.values import dataclass

Key = NewType("Key", str)
"""An item's stable local name: its path without ``.md`` (``#T001`` added for a task line)."""
Uid = NewType("Uid", str)
"""The random name in an issue's marker: 32 lower-case hex digits."""
IssueNumber = NewType("IssueNumber", int)
IssueId = NewType("IssueId", int)
"""GitHub's database id of an issue (int64): what sub-issues and dependencies want."""
RepoId = NewType("RepoId", int)
RunId = NewType("RunId", str)
SANDBOX_REPOS = 9_000_000_000_000
"""Repositories of the sandbox have ids from here on, far above GitHub's; no two are the same."""


class Kind(StrEnum):
    """What an item is; also its label on GitHub."""

    PRD = "prd"
    EPIC = "epic"
    TASK = "task"


class State(StrEnum):
    """An issue's state."""

    OPEN = "open"
    CLOSED = "closed"


class StateReason(StrEnum):
    """Why an item is closed, as far as a status word can say it."""

    COMPLETED = "completed"
    NOT_PLANNED = "not_planned"


class Priority(IntEnum):
    """Which work matters most when a run is cut short; lower goes first."""

    CRITICAL = 0
    HIGH = 1
    MEDIUM = 2
    LOW = 3


class Severity(StrEnum):
    """How bad a finding is: an error makes exit 1, a warning only under ``--strict``."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


# --------------------------------------------------------------------------- local


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something a person should know about a file or an item: where, what, and how to mend it."""

    path: str
    line: int
    code: str
    severity: Severity
    message: str
    key: Key | None = None


Fields: TypeAlias = tuple[tuple[str, str], ...]
"""Values of issue fields by name, sorted; what they mean is the field's own matter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotItem:
    """A markdown file that is not an item, and why."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedIssue:
    """The issue that a file itself names (``github:``, ``github_issue:``, ``issue:``)."""

    number: IssueNumber
    repo: str | None
    """``owner/name`` as a URL gives it; ``None`` for a bare number, which means this repository."""
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One PRD, epic or task read from markdown."""

    key: Key
    kind: Kind
    path: str
    line: int = 1
    layout: str
    title: str
    body: str
    labels: tuple[str, ...] = ()
    assignees: tuple[str, ...] = ()
    milestone: str | None = None
    state: State = State.OPEN
    reason: StateReason | None = None
    """Set exactly when ``state`` is closed."""
    status: str | None = None
    """The status word as the file has it."""
    priority: Priority = Priority.MEDIUM
    parent: Key | None = None
    blocked_by: tuple[Key, ...] = ()
    archived: bool = False
    type: str | None = None
    """The name of its issue type, where the config or the file gives one."""
    fields: Fields = ()
    """Issue fields by their names on GitHub, as the file has them."""
    locked: bool = False
    """Whether its conversation is to be locked."""
    ident: str | None = None
    """The id the file gives itself (``task-12``, ``epic-001``); used to follow a renamed file."""
    recorded: RecordedIssue | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """What the loader found under one root, sorted by path and line."""

    items: tuple[Item, ...]
    not_items: tuple[NotItem, ...] = ()
    findings: tuple[Finding, ...] = ()
    layouts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """The items as they may be sent: lint's limits applied, refused items set apart."""

    items: tuple[Item, ...]
    refused: Mapping[Key, str]
    """Key to the reason why this item is not sent."""
    findings: tuple[Finding, ...]


# -------------------------------------------------------------------------- remote


@dataclass(frozen=True, slots=True, kw_only=True)
class Repo:
    """The repository as GitHub describes it to this token."""

    id: RepoId
    full_name: str
    archived: bool = False
    has_issues: bool = True
    push: bool = True
    triage: bool = True
    permissions_known: bool = True
    """False where the answer carries no ``permissions`` (an app's token)."""
    forked_from: tuple[RepoId, ...] = ()
    made_from: RepoId | None = None
    """The template that it was made from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """A label of the repository; names are unique without regard to case."""

    name: str
    color: str
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Milestone:
    """A milestone of the repository; titles are unique, and may differ in case alone."""

    number: int
    title: str
    state: State = State.OPEN


class FieldKind(StrEnum):
    """What an issue field holds (GitHub's ``data_type``)."""

    TEXT = "text"
    DATE = "date"
    NUMBER = "number"
    SINGLE_SELECT = "single_select"
    MULTI_SELECT = "multi_select"


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueField:
    """An issue field of the organization; names are taken as unique without regard to case."""

    id: int
    name: str
    kind: FieldKind
    options: tuple[str, ...] = ()
    """What a select field offers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldField:
    """The value of one issue field on an issue; a number as the shortest text that is it."""

    name: str
    kind: FieldKind
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Fate:
    """What became of an issue that is no longer there."""

    kind: Literal["deleted", "transferred", "converted", "pull request", "missing"]
    where: str | None = None
    """For a transferred one, where it is now: ``owner/name#7``, or an address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """An issue as the API gives it; pull requests never become one of these."""

    number: IssueNumber
    id: IssueId
    title: str
    body: str
    """Without ghsync's marker, LF line ends; empty where only ``digest`` is known."""
    digest: str | None = None
    """Digest of the body, set when the text itself was not read (an unchanged, cached issue)."""
    state: State
    state_reason: str | None = None
    labels: tuple[str, ...] = ()
    assignees: tuple[str, ...] = ()
    milestone: str | None = None
    parent: IssueNumber | None = None
    blocked_by_total: int = 0
    """How many issues block this one by the summary, which can lag behind the edge list."""
    uid: Uid | None = None
    marker_key: Key | None = None
    """The key in the marker: where a rebuilt map starts from."""
    locked: bool = False
    type: str | None = None
    fields: tuple[HeldField, ...] | None = None
    """Its issue fields; ``None`` from a server that has none to tell of."""
    updated_at: str = ""
    html_url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """What GitHub holds now, as far as the plan needs it."""

    repo: Repo
    issues: Mapping[IssueNumber, Issue]
    gone: frozenset[IssueNumber] = frozenset()
    """Numbers that were asked for and answered 404 or 410, or moved to another repository."""
    fates: Mapping[IssueNumber, Fate] = field(default_factory=dict)
    """What became of those, and of issues that are discussions now, as far as GitHub says."""
    labels: Mapping[str, Label] = field(default_factory=dict)
    """By case-folded name."""
    milestones: Mapping[str, Milestone] = field(default_factory=dict)
    """By title."""
    assignable: frozenset[str] | None = None
    """Case-folded logins; ``None`` when it was not read."""
    blockers: Mapping[IssueNumber, frozenset[IssueNumber]] = field(default_factory=dict)
    """Edge lists, for the issues whose edges were read."""
    types: tuple[str, ...] | None = None
    """The issue types that can be given; ``None`` when they were not read."""
    fields: Mapping[str, IssueField] | None = None
    """Issue fields by case-folded name; ``None`` when they were not read."""
    children: Mapping[IssueNumber, tuple[IssueNumber, ...]] = field(default_factory=dict)
    """The sub-issues in their order, for the parents whose list was read."""
    aliases: frozenset[str] = frozenset()
    """Other ``owner/name`` spellings (case-folded) that proved to be this repository."""
    highest: IssueNumber = IssueNumber(0)


# ---------------------------------------------------------------------- operations

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


# ---------------------------------------------------------------------------- plan


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What a request takes out of GitHub's windows.

    Points: 1 for a read, 5 for a write; ``content`` marks what counts against 80 a minute and
    500 an hour (docs: rate-limits-for-the-rest-api, "secondary rate limits").
    """

    points: int = 1
    content: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Requests:
    """How many requests: a plan's need, or a run's spending."""

    reads: int = 0
    writes: int = 0
    content: int = 0

    def __add__(self, other: Requests) -> Requests:
        return Requests(
            reads=self.reads + other.reads,
            writes=self.writes + other.writes,
            content=self.content + other.content,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Skip:
    """An item that this plan leaves alone, and why."""

    key: Key
    path: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Hunk:
    """Lines of a body that both sides changed differently."""

    base: tuple[str, ...]
    local: tuple[str, ...]
    remote: tuple[str, ...]
    local_line: int
    """Where ``local`` starts in the local text, from 1."""
    remote_line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """A field that both sides changed differently since they last agreed."""

    key: Key
    path: str
    number: IssueNumber
    field: FieldName
    base: FieldValue
    local: FieldValue
    remote: FieldValue
    hunks: tuple[Hunk, ...] = ()
    """Of a body: the lines in conflict; all others merge."""
    why: str = ""
    """Why it could not be merged line by line, where that is so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rename:
    """A file that was renamed or moved: its issue follows it to the new key."""

    old: Key
    new: Key
    number: IssueNumber


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The ordered operations that take the snapshot to the items, and what is left out."""

    repo: Repo
    operations: tuple[Operation, ...]
    unchanged: tuple[Key, ...] = ()
    skipped: tuple[Skip, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    findings: tuple[Finding, ...] = ()
    numbers: Mapping[Key, IssueNumber] = field(default_factory=dict)
    """The issue of each item that has one already."""
    renames: tuple[Rename, ...] = ()
    later: tuple[Key, ...] = ()
    """Items that a limit leaves for the next run."""


# ----------------------------------------------------------------------------- run


class Status(StrEnum):
    """What became of an operation."""

    PENDING = "pending"
    DONE = "done"
    FAILED = "failed"
    SKIPPED = "skipped"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class OpResult:
    """One operation and what became of it in this run."""

    operation: Operation
    status: Status
    number: IssueNumber | None = None
    url: str | None = None
    message: str = ""
    """For a failed, skipped or unknown one: what happened and what to do next."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RateLimit:
    """GitHub's primary budget by the newest answer; ``reset`` is epoch seconds."""

    limit: int
    remaining: int
    reset: int


class FileStatus(StrEnum):
    """What became of an item's file that should name its issue."""

    PENDING = "pending"
    """It would get a line."""
    WRITTEN = "written"
    NO_PLACE = "no_place"
    """Its layout has no field for an issue."""
    LEFT = "left"
    """It was left alone, and a finding says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileWrite:
    """An item's file that gets, or should get, its issue's URL or number."""

    path: str
    key: Key
    layout: str
    number: IssueNumber | None
    """``None`` in a dry run for an issue that is not made yet."""
    status: FileStatus
    message: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What a push (or its dry run) did: typed, complete, printable by :mod:`ghsync.report`."""

    id: RunId
    command: str
    dry_run: bool
    plan: Plan
    items: tuple[Item, ...]
    results: tuple[OpResult, ...]
    """One per operation of the plan, in its order; all pending in a dry run."""
    findings: tuple[Finding, ...]
    requests: Requests
    spent: Requests
    eta_seconds: float
    duration: float
    """Seconds on the run's own clock: virtual with ``--sandbox``."""
    rate_limit: RateLimit | None
    remote: str
    """Where GitHub's side was read from: ``github``, ``sandbox`` or ``none``."""
    stopped: str | None = None
    """Why the run ended before its plan did, or would be refused."""
    error: GhsyncError | None = None
    """The error that stopped it, for its exit code and its hint."""
    files: tuple[FileWrite, ...] = ()
    """With ``write_back``: the files that had no line for their issue."""

    @property
    def total(self) -> int:
        """Operations in the plan."""
        return len(self.results)

    @property
    def succeeded(self) -> int:
        """Operations done."""
        return sum(r.status is Status.DONE for r in self.results)

    @property
    def failed(self) -> int:
        """Operations that failed or whose outcome is not known."""
        return sum(r.status in (Status.FAILED, Status.UNKNOWN) for r in self.results)

    @property
    def errors(self) -> tuple[str, ...]:
        """One line for each failed or unknown operation and each error finding."""
        from_results = tuple(
            r.message for r in self.results if r.status in (Status.FAILED, Status.UNKNOWN)
        )
        from_findings = tuple(
            f"{f.path}:{f.line}: {f.message}" for f in self.findings if f.severity is Severity.ERROR
        )
        return from_results + from_findings


# -------------------------------------------------------------------------- events


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanReady:
    """The plan is made; nothing has been written yet."""

    plan: Plan
    requests: Requests
    eta_seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """GitHub is being read."""

    what: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationEnded:
    """One operation has an outcome; ``done`` of ``total`` operations have one now."""

    result: OpResult
    done: int
    total: int
    eta_seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """Nothing is sent until ``until``, because of ``reason`` (a limit's name, a pause)."""

    reason: str
    seconds: float
    until: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Something worth a line while the run goes on (a retry, a reconciliation)."""

    message: str


Event: TypeAlias = PlanReady | Reading | OperationEnded | Waiting | Notice


# ---------------------------------------------------------------------- other views

StepState: TypeAlias = Literal["in step", "ahead", "behind", "diverged", "missing"]
"""The file against GitHub: it changed, GitHub changed, both did, or there is no issue."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusRow:
    """One item's place between file and issue, for ``ghsync status``."""

    key: Key
    path: str
    number: IssueNumber | None
    state: StepState
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing that ``ghsync doctor`` looked at."""

    name: str
    ok: bool | None
    """``None`` where it could not be told, or is worth a look and stops nothing."""
    detail: str
    hint: str = ""
