"""What each layout has a place for, and how it says it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field, replace
from enum import Enum

from ghsync.layouts import backlog, bmad, ccpm, claudeautopm, export, folder
from ghsync.layouts.base import CustomLayout, FieldNames
from ghsync.model import Kind, StateReason
from ghsync.values import dataclass
from ghsync.writing.words import Words


class BodyStatus(Enum):
    """Whether a status may stand in the text."""

    NO = "no"
    STRICT = "strict"
    PROSE = "prose"
    """An unknown word there is no status at all."""


class IssueForm(Enum):
    """How a layout writes the issue that a file is."""

    URL = "url"
    NUMBER = "number"
    NONE = "none"
    """It has no field for one, and its own tool would drop it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Convention:
    """One layout, as far as writing goes.

    ``inserts`` are the fields that are its own, so that a missing one is written into a
    frontmatter: of ``status``, ``assignees``, ``milestone``, ``parent``, ``recorded``.
    """

    names: Mapping[Kind, FieldNames]
    words: Mapping[Kind, Words]
    statuses: Mapping[str, StateReason | None] = field(default_factory=dict)
    kind_labels: Mapping[Kind, tuple[str, ...]] = field(default_factory=dict)
    body_status: BodyStatus = BodyStatus.NO
    status_line: bool = False
    """A missing status is written as a line below the heading."""
    heading_first: frozenset[Kind] = frozenset()
    """Kinds whose title is the first heading, whatever the frontmatter says."""
    parent: Mapping[Kind, tuple[str, ...]] = field(default_factory=dict)
    """The fields that name a parent; a kind without any has it by its place."""
    issue: IssueForm = IssueForm.URL
    reason: str | None = None
    """A field of its own that says why an item is closed."""
    blockers: str | None = "depends_on"
    """The field that names what blocks an item, where a file has none yet."""
    inserts: frozenset[str] = frozenset({"status"})
    opens: bool = False
    """A frontmatter may be added to a file that has none."""


def _each(names: FieldNames) -> Mapping[Kind, FieldNames]:
    return dict.fromkeys(Kind, names)


_CCPM_WORDS = {
    Kind.PRD: Words(open="backlog", done="completed"),
    Kind.EPIC: Words(open="backlog", done="completed"),
    Kind.TASK: Words(),
}
_CCPM = Convention(
    names=_each(ccpm.FIELDS),
    words=_CCPM_WORDS,
    parent={Kind.EPIC: ("parent", "parent_epic", "prd", "prd_id")},
    inserts=frozenset({"status", "recorded"}),
    opens=True,
)
_AUTOPM = Convention(
    names=_each(claudeautopm.FIELDS),
    words={
        Kind.PRD: Words(open="draft", done="completed"),
        Kind.EPIC: Words(open="planning", done="completed"),
        Kind.TASK: Words(open="pending", done="completed"),
    },
    parent={Kind.EPIC: ("parent", "parent_epic", "prd_id", "prd")},
    issue=IssueForm.NUMBER,
    blockers="dependencies",
    inserts=frozenset({"status", "recorded"}),
    opens=True,
)
_BACKLOG = Convention(
    names=_each(backlog.FIELDS),
    words=dict.fromkeys(Kind, Words(open="To Do", done="Done", dropped="Won't Do")),
    parent={Kind.TASK: ("parent_task_id", "parent")},
    issue=IssueForm.NONE,
    blockers="dependencies",
    inserts=frozenset({"status", "assignees", "milestone", "parent"}),
)
_SPEC_KIT = Convention(
    names=_each(FieldNames()),
    words=dict.fromkeys(Kind, Words(open="Draft", done="Completed", dropped="Cancelled")),
    body_status=BodyStatus.STRICT,
    heading_first=frozenset({Kind.EPIC}),
    issue=IssueForm.NONE,
    blockers=None,
)
_BMAD = Convention(
    names=_each(bmad.FIELDS),
    words=dict.fromkeys(Kind, Words(open="draft", done="done", dropped="cancelled")),
    body_status=BodyStatus.STRICT,
    status_line=True,
    heading_first=frozenset({Kind.EPIC}),
    issue=IssueForm.NONE,
    blockers=None,
)
_FOLDER = Convention(
    names={**_each(folder.FIELDS), Kind.EPIC: folder.EPIC_FIELDS},
    words=dict.fromkeys(Kind, Words()),
    body_status=BodyStatus.PROSE,
    parent={Kind.TASK: folder.FIELDS.parent, Kind.EPIC: folder.EPIC_FIELDS.parent},
    inserts=frozenset({"status", "assignees", "milestone", "parent", "recorded"}),
)
_SYNCED = Convention(
    names=_each(replace(export.FIELDS, status=())),
    words=dict.fromkeys(Kind, Words()),
    parent=dict.fromkeys(Kind, export.FIELDS.parent),
    issue=IssueForm.NONE,
    blockers="blocked_by",
    inserts=frozenset({"assignees", "milestone", "parent"}),
)
"""gh-issue-sync: the state is the folder, the issue the file's name."""
_PLANNED = Convention(
    names=_each(export.PLAN_FIELDS),
    words=dict.fromkeys(Kind, Words(dropped="closed")),
    parent=dict.fromkeys(Kind, export.FIELDS.parent),
    issue=IssueForm.NUMBER,
    blockers="blocked_by",
    reason="state_reason",
    inserts=frozenset({"status", "assignees", "milestone", "parent", "recorded"}),
)
"""planhub."""
_BUILT_IN: Mapping[str, Convention] = {
    "ccpm": _CCPM,
    "claudeautopm": _AUTOPM,
    "backlog": _BACKLOG,
    "spec-kit": _SPEC_KIT,
    "bmad": _BMAD,
    "folder": _FOLDER,
    "export": _SYNCED,
}


def of(layout: str, path: str, custom: tuple[CustomLayout, ...] = ()) -> Convention:
    """The convention of a layout by its name, at a path; the user's own come first.

    Raises:
        KeyError: There is no such layout.
    """
    for own in custom:
        if own.name == layout:
            return _own(own)
    if layout == "export" and "/.plan/" in f"/{path}":
        return _PLANNED
    return _BUILT_IN[layout]


def _own(layout: CustomLayout) -> Convention:
    return Convention(
        names=_each(layout.fields),
        words=dict.fromkeys(Kind, Words()),
        statuses=layout.statuses,
        kind_labels=layout.labels,
        parent=dict.fromkeys(Kind, layout.fields.parent),
        blockers=next(iter(layout.fields.blocked_by), None),
        inserts=frozenset({"status", "assignees", "milestone", "parent", "recorded"}),
    )
