"""What the files say: items, and what a person should know about them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from ghsync.model.names import IssueNumber, Key, Kind, Priority, Severity, State, StateReason
from ghsync.values import dataclass


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
