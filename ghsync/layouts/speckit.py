"""spec-kit: ``specs/NNN-name/`` is an epic, and each task line of its ``tasks.md`` a task.

Facts: github.com/github/spec-kit, ``templates/tasks-template.md`` and ``spec-template.md``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from ghsync.layouts import (
    bodystatus,
    build,
    claude,
    markdown,
    names,
    priority,
    status,
)
from ghsync.layouts.base import Draft, FieldNames, ParentKey, Reading, Reference
from ghsync.layouts.frontmatter import Document
from ghsync.model import Finding, Item, Key, Kind, NotItem, Severity, State, StateReason
from ghsync.patterns import regex
from ghsync.values import dataclass

if TYPE_CHECKING:  # its patterns take long to compile; most projects have no spec-kit
    from ghsync.layouts.tasklines import TaskLine

MAX_CHILDREN = 100
"""Sub-issues of one parent (docs: adding sub-issues)."""
_TITLE_ROOM = 200
_FEATURE = regex(r"\d{3,}(?:-\d{4,})?-[^/]+$")
_SPECS = regex(r"(?:^|/)\.?(?:[a-z]+-)?specs$", re.IGNORECASE)
"""``specs``, ``.specs``, and ``kitty-specs`` of its fork."""
_TEMPLATE = regex(r"[_.]|(?:0+-)?templates?$", re.IGNORECASE)
_FIELDS = FieldNames()


@dataclass(frozen=True, slots=True, kw_only=True)
class SpecKitLayout:
    """The layout of spec-kit."""

    name: str = "spec-kit"
    looks_for: str = "specs/ with 001-name/spec.md or tasks.md"

    def recognise(self, paths: Sequence[str]) -> tuple[str, ...]:
        """Each ``specs`` folder with a numbered feature, or one with both spec.md and tasks.md."""
        files: dict[str, set[str]] = {}
        for path in paths:
            folder, _, name = path.rpartition("/")
            if name.casefold() in ("spec.md", "tasks.md"):
                files.setdefault(folder, set()).add(name.casefold())
        bases: set[str] = set()
        for folder, held in files.items():
            base = _specs_above(folder)
            if base and (_FEATURE.match(folder.rpartition("/")[2]) or len(held) == 2):
                bases.add(base)
        return tuple(sorted(bases))

    def refuse(self, base: str, path: str) -> str | None:
        """Why a file is neither a feature's spec nor its tasks."""
        parts = claude.below(base, path)
        if parts[-1].casefold() not in ("spec.md", "tasks.md"):
            return "neither a feature's spec.md nor its tasks.md"
        folders = [part for part in parts[:-1] if part.casefold() not in claude.ARCHIVES]
        if any(_TEMPLATE.match(part) for part in folders):
            return "a template"
        return "not in a feature's folder" if len(parts) < 2 else None

    def read(self, base: str, documents: Sequence[Document]) -> Reading:
        """Make an epic of each feature folder and a task of each task line."""
        folders: dict[str, dict[str, Document]] = {}
        for document in documents:
            folder, _, name = document.path.rpartition("/")
            folders.setdefault(folder, {})[name.casefold()] = document
        drafts: list[Draft] = []
        not_items: list[NotItem] = []
        findings: list[Finding] = []
        for folder, held in sorted(folders.items()):
            spec, tasks = held.get("spec.md"), held.get("tasks.md")
            epic = self._epic(base, folder, spec, tasks)
            drafts.append(epic)
            if tasks is not None:
                made, found = self._tasks(base, epic.item, tasks)
                drafts += made
                findings += found
                if spec is not None and not made:
                    reason = "holds no task lines (- [ ] T001 …)"
                    if tasks.broken and not tasks.body:
                        reason = "cannot be read"
                    not_items.append(NotItem(path=tasks.path, reason=reason))
        return Reading(drafts=tuple(drafts), not_items=tuple(not_items), findings=tuple(findings))

    def _epic(self, base: str, folder: str, spec: Document | None, tasks: Document | None) -> Draft:
        document = spec or tasks
        if document is None:  # pragma: no cover - a folder is here because it holds one of them
            raise ValueError(folder)
        name = folder.rpartition("/")[2]
        made, findings = build.item(
            document,
            layout=self.name,
            kind=Kind.EPIC,
            names_=_FIELDS,
            archived=_archived(base, folder),
            default_title=name,
        )
        title = (markdown.first_h1(spec.body) if spec else None) or name
        made = replace(made, key=Key(folder), title=title, body=spec.body if spec else "")
        if spec is not None:
            made, odd = bodystatus.apply(spec, made)
            findings = (*findings, *odd)
        near, wide = names.of_file(folder)
        above = folder.rpartition("/")[0]
        draft = build.draft(made, findings, base=base, folders=(above,), near=near, wide=wide)
        return replace(draft, blockers=build.references(document, _FIELDS.blocked_by))

    def _tasks(
        self, base: str, epic: Item, document: Document
    ) -> tuple[list[Draft], list[Finding]]:
        from ghsync.layouts import tasklines

        found = tasklines.parse(document.body, document.body_line)
        lines = found.tasks
        drafts = [self._task(base, epic, document, line) for line in lines]
        # the tasks do not need the file's frontmatter: what is wrong there refuses none of them
        findings = list(document.findings) if document.path != epic.path else []
        if lines and found.without_id:
            findings.append(_without_id(document.path, found.without_id))
        for position in range(MAX_CHILDREN, len(drafts)):
            drafts[position] = replace(drafts[position], parents=())
        if len(drafts) <= MAX_CHILDREN:
            return drafts, findings
        finding = Finding(
            path=document.path,
            line=lines[MAX_CHILDREN].line,
            code="too_many_children",
            severity=Severity.WARNING,
            key=epic.key,
            message=f"{epic.key} has {len(drafts)} tasks; GitHub takes {MAX_CHILDREN} sub-issues "
            f"of one parent. From {lines[MAX_CHILDREN].ident} on they have no parent. "
            "Split the feature.",
        )
        return drafts, [*findings, finding]

    def _task(self, base: str, epic: Item, document: Document, line: TaskLine) -> Draft:
        from ghsync.layouts import taskids, tasklines

        verdict = status.judge(line.status)
        state, reason = verdict.state, verdict.reason
        if line.closed and state is State.OPEN:
            state, reason = State.CLOSED, StateReason.COMPLETED
        if epic.archived and state is State.OPEN:
            state, reason = State.CLOSED, StateReason.COMPLETED
        folder = document.path.rpartition("/")[0]
        made = Item(
            key=Key(f"{folder}#{line.ident}"),
            kind=Kind.TASK,
            path=document.path,
            line=line.line,
            layout=self.name,
            title=_shortened(line.text),
            body=line.body,
            labels=(Kind.TASK.value, *line.stories),
            state=state,
            reason=reason,
            status=line.status,
            priority=priority.judge(tasklines.priority(line.phase)),
            archived=epic.archived,
            ident=line.ident,
        )
        draft = Draft(
            item=made,
            base=base,
            folders=(folder,),
            # T001 of another feature is never meant; T001-BE-01 is known as T001 if it alone is
            near=tuple(
                dict.fromkeys((names.fold(line.ident), names.fold(taskids.bare(line.ident))))
            ),
            wide=(names.fold(f"{folder.rpartition('/')[2]}#{line.ident}"),),
        )
        blockers = tuple(
            Reference(text=ident, line=at, field="depends on") for ident, at in line.depends
        )
        return replace(draft, blockers=blockers, parents=(ParentKey(key=epic.key),))


def _without_id(path: str, lines: tuple[int, ...]) -> Finding:
    count = f"{len(lines)} checkbox lines have" if len(lines) > 1 else "A checkbox line has"
    return Finding(
        path=path,
        line=lines[0],
        code="task_without_id",
        severity=Severity.INFO,
        message=f"{count} no id such as T001, and so no issue. Give an id where one is wanted.",
    )


def _specs_above(folder: str) -> str | None:
    """The ``specs`` folder around a feature's folder."""
    above = folder.rpartition("/")[0]
    while above:
        if _SPECS.search(above):
            return above
        above = above.rpartition("/")[0]
    return None


def _archived(base: str, folder: str) -> bool:
    return any(part.casefold() in claude.ARCHIVES for part in claude.below(base, folder)[:-1])


def _shortened(text: str) -> str:
    """A title from a long task line: its first words; the body has all of it."""
    if len(text) <= _TITLE_ROOM:
        return text
    cut = text[: _TITLE_ROOM - 1]
    return cut[: cut.rfind(" ")].rstrip(" ,;:") + "…" if " " in cut else cut + "…"
