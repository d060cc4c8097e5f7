"""What every layout speaks: drafts with text references, the protocol, and the options."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol, TypeAlias

from ghsync.model import Finding, Item, Key, Kind, NotItem, StateReason
from ghsync.values import dataclass

if TYPE_CHECKING:  # the config needs this module at the start, and not the YAML behind it
    from ghsync.layouts.frontmatter import Document


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """A reference as the file has it: one name, number, path or URL, not resolved yet."""

    text: str
    line: int
    field: str
    """The field's name as the file spells it, for messages."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ParentKey:
    """The parent by the place of the file: nothing to resolve."""

    key: Key


@dataclass(frozen=True, slots=True, kw_only=True)
class ParentRef:
    """The parent by a field of the file."""

    reference: Reference
    kinds: frozenset[Kind]


ParentWish: TypeAlias = ParentKey | ParentRef


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """An item whose references are still text."""

    item: Item
    near: tuple[str, ...] = ()
    """Names that hold within its own folders: file numbers, short ids."""
    wide: tuple[str, ...] = ()
    """Names that hold anywhere if they are unique: ids, slugs."""
    folders: tuple[str, ...] = ()
    """The folders whose items it may name by a near name, closest first."""
    base: str = ""
    """The layout's base folder; names are looked up here before the whole repository."""
    blockers: tuple[Reference, ...] = ()
    parents: tuple[ParentWish, ...] = ()
    """The first that is given decides."""
    claim: ParentRef | None = None
    """What the file says its parent is, where its place decides: they must agree."""
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a layout made of the files under one base."""

    drafts: tuple[Draft, ...] = ()
    not_items: tuple[NotItem, ...] = ()
    findings: tuple[Finding, ...] = ()
    rest: tuple[Document, ...] = ()
    """Files that this layout leaves to the next layout with the same base."""


class Layout(Protocol):
    """A convention for where items live and what their fields mean."""

    @property
    def name(self) -> str:
        """The word for ``--layout``."""

    @property
    def looks_for(self) -> str:
        """Where it looks, in a few words, for the message that nothing was recognised."""

    def recognise(self, paths: Sequence[str]) -> tuple[str, ...]:
        """The base folders that these files make: POSIX, ``""`` for the root."""

    def refuse(self, base: str, path: str) -> str | None:
        """Why a file below the base is no item, if its path alone says so."""

    def read(self, base: str, documents: Sequence[Document]) -> Reading:
        """Make drafts of the files below one base that were not refused."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldNames:
    """Which frontmatter field holds what; the first that is not empty counts."""

    title: tuple[str, ...] = ("title", "name")
    status: tuple[str, ...] = ("status", "state")
    labels: tuple[str, ...] = ("labels", "tags")
    assignees: tuple[str, ...] = ("assignees", "assignee")
    milestone: tuple[str, ...] = ("milestone",)
    priority: tuple[str, ...] = ("priority",)
    ident: tuple[str, ...] = ("id",)
    issue: tuple[str, ...] = ("github", "github_issue", "issue")
    parent: tuple[str, ...] = ("parent",)
    blocked_by: tuple[str, ...] = ("depends_on", "dependencies", "blocked_by", "depends")


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomLayout:
    """A layout of the user's own, as the config sets it.

    ``kinds`` maps globs (``**`` crosses folders) to kinds, first match wins; ``statuses`` maps
    status words to ``None`` for open or the reason to close; ``title`` is a template over the
    file's fields such as ``{id}: {title}``.
    """

    name: str = "custom"
    kinds: tuple[tuple[str, Kind], ...]
    lists: tuple[str, ...] = ()
    """Globs of files whose checkbox lines are tasks."""
    ignore: tuple[str, ...] = ()
    archived: tuple[str, ...] = ()
    fields: FieldNames = field(default_factory=FieldNames)
    statuses: Mapping[str, StateReason | None] = field(default_factory=dict)
    title: str = "{title}"
    labels: Mapping[Kind, tuple[str, ...]] = field(default_factory=dict)
    """Labels per kind, in place of the kind's own word."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueTypes:
    """Which issue type an item gets: its kind's, unless its file names one."""

    by_kind: Mapping[Kind, str] = field(default_factory=dict)
    field: str = "issue_type"
    """The frontmatter field that can name another type than the kind's."""


class Locking(StrEnum):
    """Which issues are locked."""

    FILE = "file"
    """Those whose file says ``locked: true``."""
    CLOSED = "closed"
    """Those that are closed, unless their file says otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadOptions:
    """What the caller may choose about loading."""

    layouts: tuple[str, ...] = ()
    """Names to restrict to; empty: all, detected."""
    custom: tuple[CustomLayout, ...] = ()
    types: IssueTypes = field(default_factory=IssueTypes)
    fields: Mapping[str, str] = field(default_factory=dict)
    """Frontmatter field to the issue field that it is."""
    lock: Locking = Locking.FILE
    repo: str | None = None
    """``owner/name`` of the repository whose issues bare numbers mean, where it is known."""
    max_bytes: int = 5_000_000
    """A larger file is an error finding."""
