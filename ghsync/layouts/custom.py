"""A layout of the user's own: globs say what is what, and which field holds what."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from ghsync.layouts import build, fields, globs, names
from ghsync.layouts.base import CustomLayout, Draft, Reading
from ghsync.layouts.frontmatter import Document
from ghsync.model import Kind
from ghsync.values import dataclass

_SLOT = re.compile(r"\{([^{}]+)\}")
_PARENTS: dict[Kind, frozenset[Kind]] = {
    Kind.PRD: frozenset({Kind.PRD}),
    Kind.EPIC: frozenset({Kind.PRD, Kind.EPIC}),
    Kind.TASK: frozenset(Kind),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnLayout:
    """A `CustomLayout` at work; its base is the root."""

    settings: CustomLayout

    @property
    def name(self) -> str:
        """The layout's name in the config."""
        return self.settings.name

    @property
    def looks_for(self) -> str:
        """The globs of the config."""
        return ", ".join(glob for glob, _ in self.settings.kinds)

    def kind(self, path: str) -> Kind | None:
        """What the globs make of a path; ``None`` if it is none of this layout's."""
        if any(globs.matches(path, glob) for glob in self.settings.ignore):
            return None
        return next((k for glob, k in self.settings.kinds if globs.matches(path, glob)), None)

    def recognise(self, paths: Sequence[str]) -> tuple[str, ...]:
        """The root, if any file matches."""
        return ("",) if any(self.kind(path) is not None for path in paths) else ()

    def refuse(self, base: str, path: str) -> str | None:
        """Why a file is no item: no glob takes it."""
        del base
        return None if self.kind(path) is not None else f"no glob of layout {self.name} takes it"

    def read(self, base: str, documents: Sequence[Document]) -> Reading:
        """Make a draft of each file."""
        drafts = tuple(
            self._draft(base, document, kind)
            for document in documents
            if (kind := self.kind(document.path)) is not None
        )
        return Reading(drafts=drafts)

    def _draft(self, base: str, document: Document, kind: Kind) -> Draft:
        own = self.settings
        made, findings = build.item(
            document,
            layout=own.name,
            kind=kind,
            names_=own.fields,
            archived=any(globs.matches(document.path, glob) for glob in own.archived),
            statuses=own.statuses,
            kind_labels=own.labels.get(kind),
        )
        made = replace(made, title=self._title(document, made.title))
        near, wide = names.of_file(document.path)
        draft = build.draft(
            made,
            findings,
            base=base,
            folders=(build.parent_folder(document.path),),
            near=near,
            wide=wide,
        )
        parent = build.parent_ref(document, own.fields.parent, _PARENTS[kind])
        return replace(
            draft,
            blockers=build.references(document, own.fields.blocked_by),
            parents=(parent,) if parent else (),
        )

    def _title(self, document: Document, title: str) -> str:
        """The title in the layout's template; an absent field leaves nothing behind."""

        def fill(match: re.Match[str]) -> str:
            name = match.group(1).strip()
            if name == "title":
                return title
            found = fields.one(document, (name,))
            return found.text if found else ""

        text = " ".join(_SLOT.sub(fill, self.settings.title).split())
        return text.strip(" :-–—") or title
