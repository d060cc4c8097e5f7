"""A layout of the user's own: globs say what is what, and which field holds what."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from ghsync.layouts import build, fields, globs, listlines, names
from ghsync.layouts.base import CustomLayout, Draft, ParentKey, Reading, Reference
from ghsync.layouts.frontmatter import Document
from ghsync.layouts.listlines import ListLine
from ghsync.model import Finding, Item, Key, Kind, NotItem, Severity, State, StateReason
from ghsync.values import dataclass

_SLOT = re.compile(r"\{([^{}]+)\}")
_PARENTS: dict[Kind, frozenset[Kind]] = {
    Kind.PRD: frozenset({Kind.PRD}),
    Kind.EPIC: frozenset({Kind.PRD, Kind.EPIC}),
    Kind.TASK: frozenset(Kind),
}
_BOXES: dict[str, tuple[State, StateReason]] = {
    "x": (State.CLOSED, StateReason.COMPLETED),
    "X": (State.CLOSED, StateReason.COMPLETED),
    "-": (State.CLOSED, StateReason.NOT_PLANNED),
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
        return ", ".join((*(glob for glob, _ in self.settings.kinds), *self.settings.lists))

    def kind(self, path: str) -> Kind | None:
        """What the globs make of a path; ``None`` if it is none of this layout's."""
        if any(globs.matches(path, glob) for glob in self.settings.ignore):
            return None
        return self._own_kind(path) or (Kind.TASK if self._is_list(path) else None)

    def _own_kind(self, path: str) -> Kind | None:
        """What the globs of the kinds make of a path, whatever the lists say."""
        return next((k for glob, k in self.settings.kinds if globs.matches(path, glob)), None)

    def _is_list(self, path: str) -> bool:
        """Whether the lines of a file are tasks."""
        return any(globs.matches(path, glob) for glob in self.settings.lists)

    def recognise(self, paths: Sequence[str]) -> tuple[str, ...]:
        """The root, if any file matches."""
        return ("",) if any(self.kind(path) is not None for path in paths) else ()

    def refuse(self, base: str, path: str) -> str | None:
        """Why a file is no item: no glob takes it."""
        del base
        return None if self.kind(path) is not None else f"no glob of layout {self.name} takes it"

    def read(self, base: str, documents: Sequence[Document]) -> Reading:
        """Make a draft of each file, and of each task line of the lists."""
        del base
        drafts: list[Draft] = []
        not_items: list[NotItem] = []
        findings: list[Finding] = []
        for document in documents:
            own = self._own_kind(document.path)
            made = [self._draft("", document, own)] if own is not None else []
            if self._is_list(document.path):
                found = listlines.parse(document.body, document.body_line)
                parent = made[0].item.key if made else None
                made += [self._line(document, line, parent) for line in found.tasks]
                if found.without_id:
                    findings.append(_without_id(document.path, found.without_id))
                if own is None:
                    findings += document.findings
                if not made:
                    reason = "a list without a task that has an id (- [ ] T1: …)"
                    not_items.append(NotItem(path=document.path, reason=reason))
            drafts += made
        return Reading(drafts=tuple(drafts), not_items=tuple(not_items), findings=tuple(findings))

    def _line(self, document: Document, line: ListLine, parent: Key | None) -> Draft:
        """The draft of one task line; its parent is the task that it stands under, or the file."""
        own = self.settings
        key = build.key_of(document.path)
        state, reason = _BOXES.get(line.box, (State.OPEN, None))
        archived = any(globs.matches(document.path, glob) for glob in own.archived)
        if archived and state is State.OPEN:
            state, reason = State.CLOSED, StateReason.COMPLETED
        made = Item(
            key=Key(f"{key}#{line.ident}"),
            kind=Kind.TASK,
            path=document.path,
            line=line.line,
            layout=own.name,
            title=line.title,
            body=line.body,
            labels=own.labels.get(Kind.TASK, (Kind.TASK.value,)),
            state=state,
            reason=reason,
            archived=archived,
            ident=line.ident,
            recorded=line.recorded,
        )
        above = Key(f"{key}#{line.above}") if line.above else parent
        return Draft(
            item=made,
            folders=(key,),
            near=(names.fold(line.ident),),
            wide=(names.fold(f"{names.stem(document.path)}#{line.ident}"),),
            blockers=tuple(
                Reference(text=ident, line=line.line, field="depends on") for ident in line.depends
            ),
            parents=(ParentKey(key=above),) if above else (),
        )

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


def _without_id(path: str, lines: tuple[int, ...]) -> Finding:
    count = f"{len(lines)} checkbox lines have" if len(lines) > 1 else "A checkbox line has"
    return Finding(
        path=path,
        line=lines[0],
        code="task_without_id",
        severity=Severity.INFO,
        message=f"{count} no id such as `T1:`, and so no issue: with its words alone, every edit "
        "would make another one. Give an id where one is wanted.",
    )
