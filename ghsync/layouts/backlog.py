"""Backlog.md: ``backlog/{tasks,completed,archive/tasks}/task-N - Title.md``.

Facts: github.com/MrLesk/Backlog.md. The id's prefix is configurable (``task``, ``BACK``); after a
change of it, older files still say ``task-28``, so a task is also known by its number alone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from ghsync.layouts import build, claude, fields, names
from ghsync.layouts.base import Draft, FieldNames, Reading
from ghsync.layouts.frontmatter import Document
from ghsync.model import Kind, NotItem, StateReason
from ghsync.patterns import regex
from ghsync.values import dataclass

_NAME = regex(r"[A-Za-z][A-Za-z0-9_]*-\d+(?:\.\d+)*(?= - |$)")
_DISTINCT = regex(
    r"(?:^|(.*)/)(?:tasks|completed|archive/tasks)/[A-Za-z][A-Za-z0-9_]*-\d+(?:\.\d+)* - [^/]+$"
)
_FOLDERS = regex(r"(?:tasks|completed|archive)(?:/|$)", re.IGNORECASE)
"""Drafts and the like in ``archive/`` are told by their own folder."""
_OTHERS = {
    "drafts": "a draft",
    "docs": "a document",
    "decisions": "a decision",
    "milestones": "a milestone",
}
FIELDS = FieldNames(parent=("parent_task_id", "parent"))


@dataclass(frozen=True, slots=True, kw_only=True)
class BacklogLayout:
    """The layout of Backlog.md."""

    name: str = "backlog"
    looks_for: str = "backlog/ with tasks/ or completed/ (task-1 - Title.md)"

    def recognise(self, paths: Sequence[str]) -> tuple[str, ...]:
        """Folders named ``backlog`` with tasks in them, and any with ``task-1 - Title.md``."""
        bases: set[str] = set()
        for path in paths:
            if " - " in path and (match := _DISTINCT.match(path)):
                head, _, tail = (match.group(1) or "").rpartition("/")
                bases.add(head if tail.casefold() == "archive" else match.group(1) or "")
                continue
            parts = path.casefold().split("/")
            for index in range(len(parts) - 2):
                inside = "/".join(parts[index + 1 : -1])
                if parts[index] in ("backlog", ".backlog") and _FOLDERS.match(inside):
                    if _NAME.match(names.stem(path)):
                        bases.add("/".join(path.split("/")[: index + 1]))
                    break
        return tuple(sorted(bases))

    def refuse(self, base: str, path: str) -> str | None:
        """Why a file is no task, by its folder or its name."""
        inside = "/".join(claude.below(base, path)[:-1])
        name = names.stem(path)
        folder = next((part for part in inside.casefold().split("/") if part in _OTHERS), None)
        if name.casefold() in ("readme", "index") or claude.is_template(name):
            return "a README or the like"
        if folder == "milestones":
            return None  # read for the milestones' titles
        if folder is not None:
            return f"{_OTHERS[folder]}, not a task"
        if not _FOLDERS.match(inside):
            return "not in tasks/, completed/ or archive/"
        return "a hidden file" if name.startswith(".") else None

    def read(self, base: str, documents: Sequence[Document]) -> Reading:
        """Make a draft of each task; milestone files only give their titles."""
        drafts: list[Draft] = []
        not_items: list[NotItem] = []
        milestones = _milestones(base, documents)
        for document in documents:
            inside = "/".join(claude.below(base, document.path)[:-1])
            if "milestones" in inside.casefold().split("/"):
                not_items.append(NotItem(path=document.path, reason="a milestone, not a task"))
            elif not _NAME.match(names.stem(document.path)) and not claude.has_task_fields(
                document
            ):
                reason = "neither a task's name nor task frontmatter (title and status)"
                not_items.append(NotItem(path=document.path, reason=reason))
            else:
                drafts.append(self._draft(base, document, inside.casefold(), milestones))
        return Reading(drafts=tuple(drafts), not_items=tuple(not_items))

    def _draft(
        self, base: str, document: Document, inside: str, milestones: Mapping[str, str]
    ) -> Draft:
        name = names.stem(document.path)
        ident, dash, slug = name.partition(" - ")
        made, findings = build.item(
            document,
            layout=self.name,
            kind=Kind.TASK,
            names_=FIELDS,
            archived=not inside.startswith("tasks"),
            archived_reason=(
                StateReason.NOT_PLANNED
                if inside.startswith("archive") and "completed" not in inside
                else StateReason.COMPLETED
            ),
            default_title=slug.replace("-", " ") if dash else None,
        )
        if made.ident is None and _NAME.match(name):
            made = replace(made, ident=ident)
        if made.milestone:
            title = milestones.get(names.fold(made.milestone), made.milestone)
            made = replace(made, milestone=title)
        draft = build.draft(
            made,
            findings,
            base=base,
            folders=(build.parent_folder(document.path), base),
            wide=(names.fold(name),),
        )
        parent = build.parent_ref(document, FIELDS.parent, {Kind.TASK})
        return replace(
            draft,
            blockers=build.references(document, FIELDS.blocked_by),
            parents=(parent,) if parent else (),
        )


def _milestones(base: str, documents: Sequence[Document]) -> Mapping[str, str]:
    """The titles of the milestone files by their ids (``m-1``), which tasks refer to."""
    titles: dict[str, str] = {}
    for document in documents:
        if "milestones" in claude.below(base, document.path)[:-1]:
            ident = fields.word(document, ("id",))
            title = fields.one(document, ("title",))
            if ident and title:
                titles.setdefault(names.fold(ident.text), title.text)
    return titles
