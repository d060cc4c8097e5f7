"""What shall change in a file, what it became, and what a new issue says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from enum import Enum
from typing import Final, Literal, TypeAlias

from ghsync.layouts.base import CustomLayout, IssueTypes
from ghsync.model import FieldName, HeldField, Item, Kind, State, StateReason
from ghsync.render import DEFAULT_TITLE, TitleTemplate
from ghsync.values import dataclass
from ghsync.writing.words import Vocabulary


class Unset(Enum):
    """Told apart from ``None``, which takes a value away."""

    UNSET = "unset"


UNSET: Final = Unset.UNSET
Held: TypeAlias = FieldName | Literal["recorded"]
"""The fields that a file may or may not be able to hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """The issue that a file shall name as its own."""

    number: int
    url: str


Form: TypeAlias = Literal["ident", "stem", "number", "issue", "plain issue", "file", "path", "key"]
"""How a file may name another item: by its id, its file's name or number, its issue, its path."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocker:
    """An item that blocks another, and its issue."""

    item: Item
    number: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Blockers:
    """What shall come into a file's list of blockers, and go; ``had`` is what it names now.

    ``form`` is how its neighbours name theirs, for a file that names none.
    """

    had: tuple[Blocker, ...] = ()
    add: tuple[Blocker, ...] = ()
    drop: tuple[Blocker, ...] = ()
    form: Form | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Want:
    """The new values of one item's file; what is not given stays.

    ``title`` is the issue's title, in the template of the settings. ``labels`` are all labels that
    the item shall have, the kind's and ghsync's own too. ``word`` is the status word that the item
    had the last time it was in the wanted state. ``body`` is in the file's own form.
    """

    title: str | None = None
    state: State | None = None
    reason: StateReason | None = None
    word: str | None = None
    labels: tuple[str, ...] | None = None
    assignees: tuple[str, ...] | None = None
    milestone: str | Unset | None = UNSET
    parent: Item | Unset | None = UNSET
    recorded: Record | None = None
    body: str | None = None
    type: str | Unset | None = UNSET
    fields: tuple[tuple[str, HeldField | None], ...] = ()
    """Issue fields by their names on GitHub; ``None`` takes one away."""
    blockers: Blockers | None = None
    safe: bool = False
    """Parent and new blockers are named by their paths, since their names mean others as well."""


def without_lists(want: Want) -> tuple[Held, ...]:
    """What is wanted of blockers and issue fields, for a place that can hold none."""
    asked: list[Held] = ["blocked_by"] if want.blockers is not None else []
    return (*asked, "fields") if want.fields else tuple(asked)


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteSettings:
    """What the config says about writing files.

    ``labels`` lets a missing labels field be inserted; ``touch`` is the time to put into a field
    such as ``updated``, where there is one; ``own_labels`` (case-folded) are labels that ghsync
    itself gives issues and that belong in no file; ``milestones`` maps a milestone's title to the
    id that files use for it (Backlog.md's ``m-1``).
    """

    title: TitleTemplate = DEFAULT_TITLE
    labels: bool = False
    touch: str | None = None
    own_labels: frozenset[str] = frozenset()
    vocabulary: Vocabulary = Vocabulary()
    milestones: Mapping[str, str] | None = None
    custom: tuple[CustomLayout, ...] = ()
    types: IssueTypes = field(default_factory=IssueTypes)
    fields: Mapping[str, str] = field(default_factory=dict)
    """Frontmatter field to the issue field that it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A file's new text; ``changed`` are the fields of the item that differ now.

    ``unheld`` are the wanted fields that this file cannot hold. A title in a heading, or a status
    in a line of the text, is part of the body: then ``body`` is in ``changed`` too.
    """

    text: str
    changed: tuple[Held, ...] = ()
    unheld: tuple[Held, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NewIssue:
    """An issue without a file; ``title`` without the template, ``body`` in the file's form."""

    kind: Kind
    title: str
    body: str
    number: int
    url: str
    labels: tuple[str, ...] = ()
    assignees: tuple[str, ...] = ()
    milestone: str | None = None
    state: State = State.OPEN
    reason: StateReason | None = None
    type: str | None = None
    fields: tuple[HeldField, ...] = ()
    blockers: tuple[Blocker, ...] = ()
    created: str | None = None
    """When it was opened, ISO 8601 in UTC, for layouts that say so."""
