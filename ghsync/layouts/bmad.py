"""BMAD: ``docs/stories/1.2.name.md``, ``docs/epics/epic-1-name.md``, ``docs/prd/``.

Version 6 keeps stories as ``1-2-name.md`` in ``implementation-artifacts/``. The status is a
``## Status`` section or a ``Status:`` line. Facts: github.com/bmad-code-org/BMAD-METHOD.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from ghsync.layouts import bodystatus, build, claude, markdown, names
from ghsync.layouts.base import Draft, FieldNames, ParentKey, Reading
from ghsync.layouts.frontmatter import Document
from ghsync.model import Key, Kind, NotItem
from ghsync.patterns import regex
from ghsync.values import dataclass

_STORY_FOLDERS = frozenset({"stories", "implementation-artifacts", "sprint-artifacts"})
_STORY = regex(r"(?:story[-_ ])?0*(\d+)[.-]0*(\d+[a-z]?(?:\.\d+[a-z]?)*)(?:[.-]|$)", re.IGNORECASE)
_EPIC_SLUG = regex(
    r"epic-(?!(?:and|list|lists|details?|overview|structure|index|summary|template|map|status|retro)\b)"
    r"[a-z]",
    re.IGNORECASE,
)
BESIDE = regex(
    r"(?:^|[-_.])(?:review|report|plan|analysis|summary|checklist|notes?|retro|validation|assessment"
    r"|context)(?:-v?\d+)?$",
    re.IGNORECASE,
)
"""How documents about a story end, which have its number; a story may be called so as well."""
_SECTIONS = frozenset({"story", "user story", "acceptance criteria", "tasks", "tasks / subtasks"})
_EPIC = regex(r"epic-?0*(\d+)(?:[-_.]|$)", re.IGNORECASE)
_PRD = regex(r"(?:^|[-_])prd(?:[-_]|$)", re.IGNORECASE)
_NOT = regex(r"retro|report|review|checklist|validation|tech-spec|analysis|summary", re.I)
FIELDS = FieldNames()


@dataclass(frozen=True, slots=True, kw_only=True)
class BmadLayout:
    """The layout of BMAD."""

    name: str = "bmad"
    looks_for: str = "stories/ or implementation-artifacts/ with 1.2.name.md"

    def recognise(self, paths: Sequence[str]) -> tuple[str, ...]:
        """Each folder around a story folder that holds numbered stories."""
        bases: set[str] = set()
        for path in paths:
            parts = path.split("/")
            if len(parts) < 2 or not _STORY.match(parts[-1]):
                continue
            for index, part in enumerate(parts[:-1]):
                if part.casefold() in _STORY_FOLDERS:
                    bases.add("/".join(parts[:index]))
                    break
        return tuple(sorted(bases))

    def refuse(self, base: str, path: str) -> str | None:
        """Why a file is no story, epic or PRD."""
        if self._kind(base, path) is None:
            return "neither a story, an epic nor a PRD by its folder and name"
        return None

    def read(self, base: str, documents: Sequence[Document]) -> Reading:
        """Make drafts of the stories, epics and PRDs below one base."""
        epics: dict[str, list[Key]] = {}
        for document in documents:
            match = _EPIC.match(names.stem(document.path))
            if match and self._kind(base, document.path) is Kind.EPIC:
                epics.setdefault(match.group(1), []).append(build.key_of(document.path))
        drafts: list[Draft] = []
        not_items: list[NotItem] = []
        for document in documents:
            kind = self._kind(base, document.path)
            if kind is Kind.TASK and _is_beside(document):
                reason = "a document about a story, by its name and without a story's sections"
                not_items.append(NotItem(path=document.path, reason=reason))
            elif kind is None:
                not_items.append(NotItem(path=document.path, reason="not a story"))
            else:
                drafts.append(self._draft(base, document, kind, epics))
        return Reading(drafts=tuple(drafts), not_items=tuple(not_items))

    def _draft(
        self, base: str, document: Document, kind: Kind, epics: dict[str, list[Key]]
    ) -> Draft:
        folders = claude.below(base, document.path)[:-1]
        made, findings = build.item(
            document,
            layout=self.name,
            kind=kind,
            names_=FIELDS,
            archived=any(part.casefold() in claude.ARCHIVES for part in folders),
        )
        made, odd = bodystatus.apply(document, made)
        match = _STORY.match(names.stem(document.path))
        number = f"{match.group(1)}.{match.group(2)}" if match and kind is Kind.TASK else None
        if kind is Kind.EPIC:
            made = replace(made, title=markdown.first_h1(document.body) or made.title)
        near, wide = names.of_file(document.path)
        draft = build.draft(
            replace(made, ident=made.ident or number),
            (*findings, *odd),
            base=base,
            folders=(build.parent_folder(document.path),),
            near=near,
            wide=wide,
        )
        mine = epics.get(match.group(1), []) if match and kind is Kind.TASK else []
        return replace(
            draft,
            blockers=build.references(document, FIELDS.blocked_by),
            parents=(ParentKey(key=mine[0]),) if len(mine) == 1 else (),
        )

    @staticmethod
    def _kind(base: str, path: str) -> Kind | None:
        folders = {part.casefold() for part in claude.below(base, path)[:-1]}
        name = names.stem(path)
        if name.casefold() in ("readme", "index") or name.startswith((".", "_")):
            return None
        if folders & _STORY_FOLDERS and _STORY.match(name):
            return Kind.TASK
        if _NOT.search(name):
            return None
        if _EPIC.match(name) and folders & {"epics", "prd", "planning-artifacts"}:
            return Kind.EPIC
        if _EPIC_SLUG.match(name) and folders & {"epics", "planning-artifacts"}:
            return Kind.EPIC
        if _PRD.search(name) and (folders & {"prd", "prds", "planning-artifacts"} or not folders):
            return Kind.PRD
        return None


def _is_beside(document: Document) -> bool:
    """Whether a numbered file is a review or a report of a story rather than one."""
    if not BESIDE.search(names.stem(document.path)):
        return False
    found = (markdown.heading(line) for _, line in markdown.lines_outside_code(document.body))
    titles = {heading[1].casefold().rstrip(":") for heading in found if heading}
    return not titles & _SECTIONS
