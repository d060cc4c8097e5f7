"""ClaudeAutoPM's local mode: the same folders as ccpm, and ids of its own.

``prd-001``, ``epic-001`` with ``prd_id``, ``task-epic-001-001`` with ``epic_id``. The same
repository often holds ccpm files too, so each PRD and each epic folder is judged by its ids.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from ghsync.layouts import ccpm, claude, fields, names
from ghsync.layouts.base import FieldNames, Reading
from ghsync.layouts.claude import Role, Tree
from ghsync.layouts.frontmatter import Document
from ghsync.patterns import regex
from ghsync.values import dataclass

_PRD_ID = regex(r"prd-\d+$", re.IGNORECASE)
_EPIC_ID = regex(r"epic-\d+$", re.IGNORECASE)
_TASK_ID = regex(r"task-epic-\d+-\d+$", re.IGNORECASE)
FIELDS = FieldNames(ident=("id",), issue=("github_issue", "github", "issue"))


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaudeAutoPmLayout:
    """The layout of ClaudeAutoPM's local mode."""

    name: str = "claudeautopm"
    looks_for: str = ".claude/prds and .claude/epics with ids prd-001, epic-001"

    def recognise(self, paths: Sequence[str]) -> tuple[str, ...]:
        """Every ``.claude`` with ``prds/`` or ``epics/``; the ids decide file by file.

        Its fork for OpenCode has ``.opencode`` in its place.
        """
        return claude.recognise(paths, frozenset({".claude", ".opencode"}))

    def refuse(self, base: str, path: str) -> str | None:
        """Why a file is no item by its path alone."""
        return claude.refuse(base, path)

    def read(self, base: str, documents: Sequence[Document]) -> Reading:
        """Make drafts of the files with this layout's ids, and leave the rest."""
        tree = Tree(base, [document.path for document in documents])
        folders = {tree.place(document.path).home for document in documents if _marked(document)}
        mine: list[Document] = []
        rest: list[Document] = []
        for document in documents:
            place = tree.place(document.path)
            own = _marked(document) or (place.role is not Role.PRD and place.home in folders)
            (mine if own else rest).append(document)
        conventions = ccpm.Conventions(
            layout=self.name, fields=FIELDS, prd=("prd_id", "prd"), epic=("epic_id", "epic")
        )
        reading = ccpm.read(conventions, base, mine)
        return replace(reading, rest=tuple(rest))


def _marked(document: Document) -> bool:
    """Whether the id, or a link by id, is of this layout's own form."""
    ident = fields.one(document, ("id",))
    name = names.stem(document.path).casefold()
    if ident is not None:
        if name == "epic" and _EPIC_ID.match(ident.text):
            return True
        return bool(_PRD_ID.match(ident.text) or _TASK_ID.match(ident.text))
    return name == "epic" and fields.one(document, ("prd_id",)) is not None
