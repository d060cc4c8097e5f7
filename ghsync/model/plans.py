"""What a push would do: the plan, with what it leaves out and why, and what it costs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

from ghsync.model.github import Repo
from ghsync.model.items import Finding
from ghsync.model.names import IssueNumber, Key
from ghsync.model.operations import FieldName, FieldValue, Operation
from ghsync.values import dataclass


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
