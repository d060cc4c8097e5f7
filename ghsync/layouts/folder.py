"""One file an issue in a folder named ``issues``, ``tickets``, ``tasks`` and the like.

The convention of nobody in particular, so it is asked only where no other layout recognises
anything. It covers exports of GitHub's own issues (``githubUrl``, ``parentIssue``) too.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from ghsync.layouts import bodystatus, build, claude, fields, names
from ghsync.layouts.base import Draft, FieldNames, Reading
from ghsync.layouts.frontmatter import Document
from ghsync.model import Kind, NotItem
from ghsync.patterns import regex
from ghsync.values import dataclass

_FOLDERS = frozenset({"issues", "tickets", "tasks", "stories", "bugs", "backlog", "todos"})
_OPEN_FOLDERS = frozenset({"issues", "tickets", "bugs"})
"""Here every file is an issue; elsewhere its name or its frontmatter must say so."""
_NUMBERED = regex(
    r"(?!\d{4}-\d\d-\d\d)(?:[A-Za-z]{1,10}[-_ ]?)?\d+(?:[.-]\d+)*[A-Za-z]?(?:[-_. ].*)?$"
)
_DOCUMENT = regex(r"(?:^|[-_ ])(?:PLAN|REVIEW|IMPL|MASTER|SPEC|INDEX|VERIFY)$|TEMPLATE")
FIELDS = FieldNames(
    issue=("github_issue", "github", "github_url", "issue", "issue_url", "link"),
    parent=("parent", "parent_issue", "epic", "epic_id", "parent_id", "parent_task", "parent_epic"),
    ident=("id", "task_id", "story_id", "key"),
)
EPIC_FIELDS = replace(
    FIELDS,
    ident=("id", "epic_id", "key"),
    parent=("parent", "parent_issue", "parent_id", "parent_epic"),
)
"""``epic_id`` is a task's parent, and an epic's own id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderLayout:
    """Folders of issues, tickets or tasks, by common sense."""

    name: str = "folder"
    looks_for: str = "issues/, tickets/, tasks/, stories/ or bugs/ with one file an item"

    def recognise(self, paths: Sequence[str]) -> tuple[str, ...]:
        """The outermost folders of these names."""
        bases: set[str] = set()
        for path in paths:
            parts = path.split("/")
            for index, part in enumerate(parts[:-1]):
                if part.casefold() in _FOLDERS:
                    bases.add("/".join(parts[: index + 1]))
                    break
        return tuple(sorted(bases))

    def refuse(self, base: str, path: str) -> str | None:
        """Why a file is no item by its path alone."""
        name = names.stem(path)
        if name.startswith((".", "_")):
            return "a hidden file"
        listed = ("readme", "index", "changelog", "lessons", "todo")
        if name.casefold() in listed or claude.is_template(name):
            return "a README or the like"
        if _DOCUMENT.search(name) or claude.is_study(name):
            return "a document beside the items, by its name"
        return None

    def read(self, base: str, documents: Sequence[Document]) -> Reading:
        """Make a draft of each file that its name, its folder or its frontmatter makes an item."""
        drafts: list[Draft] = []
        not_items: list[NotItem] = []
        for document in documents:
            if _is_item(base, document):
                drafts.append(self._draft(base, document))
            else:
                reason = "neither an item's name nor frontmatter with a title and a status"
                not_items.append(NotItem(path=document.path, reason=reason))
        return Reading(drafts=tuple(drafts), not_items=tuple(not_items))

    def _draft(self, base: str, document: Document) -> Draft:
        kind = _kind(document)
        names_ = EPIC_FIELDS if kind is Kind.EPIC else FIELDS
        folders = claude.below(base, document.path)[:-1]
        made, findings = build.item(
            document,
            layout=self.name,
            kind=kind,
            names_=names_,
            archived=any(part.casefold() in claude.ARCHIVES for part in folders),
        )
        made, odd = bodystatus.apply(document, made, prose=True)
        near, wide = names.of_file(document.path)
        project = base.rpartition("/")[0].rpartition("/")[2]
        if project:
            wide = (*wide, *(f"{names.fold(project)}/{name}" for name in (*near, *wide)))
        draft = build.draft(
            made,
            (*findings, *odd),
            base=base,
            folders=tuple(dict.fromkeys((build.parent_folder(document.path), base))),
            near=near,
            wide=wide,
        )
        parent = build.parent_ref(document, names_.parent, set(Kind))
        return replace(
            draft,
            blockers=build.references(document, FIELDS.blocked_by),
            parents=(parent,) if parent and kind is not Kind.PRD else (),
        )


def _is_item(base: str, document: Document) -> bool:
    name = names.stem(document.path)
    if fields.one(document, ("title", "name")) and fields.word(
        document, ("status", "state", *FIELDS.issue)
    ):
        return True
    if claude.beside(document, name, frozenset()) is not None:
        return False
    if _kind(document) is not Kind.TASK:
        return True
    return bool(_NUMBERED.match(name)) or base.rpartition("/")[2].casefold() in _OPEN_FOLDERS


def _kind(document: Document) -> Kind:
    """Epic or PRD where the type or the file's name says so, else a task."""
    word = fields.word(document, ("type", "kind"))
    said = word.text.casefold() if word else ""
    first = re.split(r"[-_ .\d]", names.stem(document.path).casefold(), maxsplit=1)[0]
    for kind in (Kind.EPIC, Kind.PRD):
        if kind.value in (said, first):
            return kind
    return Kind.TASK
