"""What GitHub holds: the repository, its issues, and the snapshot that a plan needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from enum import StrEnum
from typing import Literal

from ghsync.model.names import IssueId, IssueNumber, Key, RepoId, State, Uid
from ghsync.values import dataclass


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
    children_total: int = 0
    """How many sub-issues it has by the summary, whoever's they are."""
    blocked_by_total: int = 0
    """How many issues block this one by the summary, which can lag behind the edge list."""
    uid: Uid | None = None
    marker_key: Key | None = None
    """The key in the marker: where a rebuilt map starts from."""
    stranger: str | None = None
    """Who opened an issue with a marker, where GitHub counts them not among the repository's own:
    anybody can write a marker, so this one proves nothing."""
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
