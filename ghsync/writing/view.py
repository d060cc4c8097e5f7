"""What the loader would make of one file's text, for the fields that can be written."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Literal, TypeAlias

from ghsync.layouts import bodystatus, build, markdown
from ghsync.layouts.export import ExportLayout
from ghsync.layouts.frontmatter import Document
from ghsync.model import Item, Kind, StateReason
from ghsync.values import dataclass
from ghsync.writing.conventions import BodyStatus, Convention

Seen: TypeAlias = Literal["title", "state", "reason", "labels", "assignees", "milestone", "body"]
WRITTEN: tuple[Seen, ...] = ("title", "state", "reason", "labels", "assignees", "milestone", "body")
"""The fields of an item that a view has too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lens:
    """How one item's file is looked at: what its place, and other files, say about it.

    ``before`` and ``after`` are what a layout's own template puts around the title.
    """

    item: Item
    convention: Convention
    before: str = ""
    after: str = ""
    milestones: tuple[tuple[str, str], ...] = ()
    """Pairs of what a file says and the title that is meant."""


def lens(item: Item, document: Document, convention: Convention) -> Lens:
    """The lens through which the document looks like its item."""
    raw = _made(item, document, convention)
    before, found, after = item.title.partition(raw.title)
    pairs: tuple[tuple[str, str], ...] = ()
    if raw.milestone and item.milestone and raw.milestone != item.milestone:
        pairs = ((raw.milestone, item.milestone),)
    return Lens(
        item=item,
        convention=convention,
        before=before if found else "",
        after=after if found else "",
        milestones=pairs,
    )


def look(through: Lens, document: Document) -> Mapping[Seen, object]:
    """The values of `WRITTEN`, by name."""
    made = _made(through.item, document, through.convention)
    milestone = dict(through.milestones).get(made.milestone or "", made.milestone)
    values: dict[Seen, object] = {name: getattr(made, name) for name in WRITTEN}
    values["title"] = f"{through.before}{made.title}{through.after}"
    values["milestone"] = milestone
    values["labels"] = frozenset(label.casefold() for label in made.labels)
    values["assignees"] = frozenset(person.casefold() for person in made.assignees)
    return values


def issue_of(item: Item, document: Document, convention: Convention) -> int | None:
    """The number of the issue that a document records."""
    recorded = _made(item, document, convention).recorded
    return recorded.number if recorded else None


def of_item(item: Item) -> Mapping[Seen, object]:
    """The same values of an item that was loaded."""
    values: dict[Seen, object] = {name: getattr(item, name) for name in WRITTEN}
    values["labels"] = frozenset(label.casefold() for label in item.labels)
    values["assignees"] = frozenset(person.casefold() for person in item.assignees)
    return values


def _made(item: Item, document: Document, convention: Convention) -> Item:
    """The item of the document, as every layout makes it."""
    if item.layout == "export":
        drafts = ExportLayout().read(_base(item.path), [document]).drafts
        return drafts[0].item if drafts else item
    reason = item.reason if item.archived else None
    made, _ = build.item(
        document,
        layout=item.layout,
        kind=item.kind,
        names_=convention.names[item.kind],
        archived=item.archived,
        archived_reason=reason or StateReason.COMPLETED,
        statuses=convention.statuses,
        default_title=item.title,
        kind_labels=convention.kind_labels.get(item.kind),
    )
    if convention.body_status is not BodyStatus.NO:
        made, _ = bodystatus.apply(document, made, prose=convention.body_status is BodyStatus.PROSE)
    if item.kind in convention.heading_first:
        title = markdown.first_h1(document.body) or _without_heading(item, made)
        made = replace(made, title=title)
    return made


def _base(path: str) -> str:
    """The folder of another tool, in which an export stands."""
    head, own, _ = re.split(r"((?:^|(?<=/))\.(?:issues|plan)(?=/))", path, maxsplit=1)
    return head + own


def _without_heading(item: Item, made: Item) -> str:
    return item.title if item.layout == "spec-kit" and item.kind is Kind.EPIC else made.title
