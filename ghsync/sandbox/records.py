"""The sandbox's records: users, repositories, issues and what hangs on them.

All are frozen: a change replaces the record, so that an older state can still be shown
(list lag) and only what changed is stored. Times are epoch seconds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from enum import IntEnum
from typing import Any, TypeAlias

from ghsync.values import dataclass


class Role(IntEnum):
    """What a user may do in a repository, weakest first."""

    NONE = 0
    READ = 1
    TRIAGE = 2
    WRITE = 3
    MAINTAIN = 4
    ADMIN = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """An account: a person (``User``), an app (``Bot``) or an ``Organization``."""

    id: int
    login: str
    kind: str = "User"
    name: str | None = None
    created_at: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A credential: whose it is, and what it allows at most."""

    value: str
    login: str
    cap: int = int(Role.ADMIN)
    """The strongest :class:`Role` that this token can use (a fine-grained token's permission)."""
    installation: bool = False
    """An app's token: ``GET /user`` is refused, repositories show no permission as true."""
    revoked: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RepoInfo:
    """A repository's own fields."""

    id: int
    owner: str
    name: str
    description: str | None = None
    private: bool = False
    archived: bool = False
    has_issues: bool = True
    next_number: int = 1
    next_milestone: int = 1
    roles: Mapping[str, int] = field(default_factory=dict)
    """Case-folded login to :class:`Role`."""
    lag: float = 0.0
    """How many seconds behind the lists of this repository are."""
    parent: int | None = None
    """The repository that it is a fork of."""
    template: int | None = None
    """The repository that it was made from."""
    created_at: float
    updated_at: float

    @property
    def full_name(self) -> str:
        """``owner/name``."""
        return f"{self.owner}/{self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """A label of a repository."""

    id: int
    repo: int
    name: str
    color: str
    description: str | None = None
    default: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Milestone:
    """A milestone of a repository."""

    id: int
    repo: int
    number: int
    title: str
    description: str | None = None
    state: str = "open"
    due_on: float | None = None
    creator: str
    created_at: float
    updated_at: float
    closed_at: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """A comment on an issue; ``issue`` is its number."""

    id: int
    repo: int
    issue: int
    body: str
    user: str
    created_at: float
    updated_at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueEvent:
    """One line of an issue's history; ``data`` is what its kind adds, as plain JSON."""

    id: int
    repo: int
    issue: int
    event: str
    actor: str
    created_at: float
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """An issue, or a pull request as the issue lists show one.

    ``parent``, ``sub_issues``, ``blocked_by`` and ``blocking`` hold database ids;
    ``labels`` holds label ids, so that a renamed label is renamed everywhere.
    """

    id: int
    repo: int
    number: int
    title: str
    body: str | None = None
    user: str
    state: str = "open"
    state_reason: str | None = None
    labels: tuple[int, ...] = ()
    assignees: tuple[str, ...] = ()
    milestone: int | None = None
    type: str | None = None
    fields: tuple[tuple[int, Any], ...] = ()
    """Values by the ids of issue fields."""
    parent: int | None = None
    sub_issues: tuple[int, ...] = ()
    blocked_by: tuple[int, ...] = ()
    blocking: tuple[int, ...] = ()
    locked: bool = False
    lock_reason: str | None = None
    pull: bool = False
    comments: int = 0
    created_at: float
    updated_at: float
    closed_at: float | None = None
    closed_by: str | None = None
    deleted: bool = False
    moved_to: int | None = None
    """The database id of the issue that this one became by a transfer."""

    @property
    def here(self) -> bool:
        """Neither deleted nor transferred."""
        return not self.deleted and self.moved_to is None


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueType:
    """An issue type of an organization."""

    id: int
    name: str
    description: str
    color: str


ISSUE_TYPES: tuple[IssueType, ...] = (
    IssueType(id=21_000_001, name="Task", description="A specific piece of work", color="yellow"),
    IssueType(
        id=21_000_002, name="Bug", description="An unexpected problem or behavior", color="red"
    ),
    IssueType(
        id=21_000_003,
        name="Feature",
        description="A request, idea, or new functionality",
        color="blue",
    ),
)
"""The types that every organization starts with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldOption:
    """What a select field offers."""

    id: int
    name: str
    color: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueField:
    """An issue field of an organization."""

    id: int
    name: str
    kind: str
    options: tuple[FieldOption, ...] = ()


def _options(first: int, *names: str) -> tuple[FieldOption, ...]:
    colors = ("red", "orange", "yellow", "green", "blue", "gray")
    return tuple(
        FieldOption(id=first + i, name=name, color=colors[i]) for i, name in enumerate(names)
    )


ISSUE_FIELDS: tuple[IssueField, ...] = (
    IssueField(
        id=31_000_001,
        name="Priority",
        kind="single_select",
        options=_options(32_000_001, "Urgent", "High", "Medium", "Low"),
    ),
    IssueField(id=31_000_002, name="Effort", kind="number"),
    IssueField(id=31_000_003, name="Start date", kind="date"),
    IssueField(id=31_000_004, name="Target date", kind="date"),
    IssueField(id=31_000_005, name="Team", kind="text"),
    IssueField(
        id=31_000_006,
        name="Platforms",
        kind="multi_select",
        options=_options(32_000_011, "Web", "iOS", "Android"),
    ),
)
"""The fields of every organization here; on GitHub each sets up its own."""

Record: TypeAlias = User | Token | RepoInfo | Label | Milestone | Comment | IssueEvent | Issue
