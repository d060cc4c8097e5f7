"""ccpm: ``<base>/prds/*.md``, ``<base>/epics/<name>/epic.md`` and its numbered tasks.

Facts: github.com/automazeio/ccpm, and what real repositories made of it (``tasks/`` folders,
``NNN-slug.md``, flat epics, ``archived/``, the bases ``ccpm/``, ``.doh/`` and ``.project/``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ghsync.layouts import build, claude, fields, names
from ghsync.layouts.base import Draft, FieldNames, ParentKey, ParentRef, ParentWish, Reading
from ghsync.layouts.claude import Place, Role, Tree
from ghsync.layouts.frontmatter import Document
from ghsync.model import Finding, Key, Kind, NotItem, Severity
from ghsync.values import dataclass, replace

_BASES = frozenset(
    {".claude", "ccpm", ".ccpm", ".doh", ".project"}
    | {".pm", ".opencode", ".codex", ".cursor", ".gemini", ".agents"}
)
"""ccpm's own, and where its forks for other agents keep the same folders."""
_IDENTS = ("id", "number", "task_id", "task_number", "task")
FIELDS = FieldNames(
    title=("title", "name"), ident=_IDENTS, parent=("epic", "epic_id", "parent", "parent_task")
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Conventions:
    """Where ccpm and its like differ: the layout's name and its fields."""

    layout: str
    fields: FieldNames = FIELDS
    prd: tuple[str, ...] = ("prd", "prd_id")
    epic: tuple[str, ...] = ("epic", "epic_id")
    parent: tuple[str, ...] = ("parent", "parent_epic")


@dataclass(frozen=True, slots=True, kw_only=True)
class CcpmLayout:
    """The layout of ccpm."""

    name: str = "ccpm"
    looks_for: str = ".claude/, ccpm/, .doh/ or .project/ with prds/ and epics/"

    def recognise(self, paths: Sequence[str]) -> tuple[str, ...]:
        """Folders named as one of ccpm's bases that hold markdown in ``prds/`` or ``epics/``."""
        return claude.recognise(paths, _BASES)

    def refuse(self, base: str, path: str) -> str | None:
        """Why a file is no item by its path alone."""
        return claude.refuse(base, path)

    def read(self, base: str, documents: Sequence[Document]) -> Reading:
        """Make drafts of all files below one base."""
        return read(Conventions(layout=self.name), base, documents)


def read(conventions: Conventions, base: str, documents: Sequence[Document]) -> Reading:
    """Make drafts of the files below one base by these conventions."""
    tree = Tree(base, [document.path for document in documents])
    siblings = _names_by_folder(documents)
    drafts: list[Draft] = []
    not_items: list[NotItem] = []
    prds = _prds(base, tree, documents)
    for document in documents:
        place = tree.place(document.path)
        reason = _refused(document, place, siblings)
        if reason is not None:
            not_items.append(NotItem(path=document.path, reason=reason))
            continue
        drafts.append(_draft(conventions, base, document, place, tree, prds))
    return Reading(
        drafts=tuple(drafts),
        not_items=tuple(not_items),
        findings=_folders_without_epic(tree, drafts),
    )


def _names_by_folder(documents: Sequence[Document]) -> Mapping[str, frozenset[str]]:
    folders: dict[str, set[str]] = {}
    for document in documents:
        folder = build.parent_folder(document.path)
        folders.setdefault(folder, set()).add(names.fold(names.stem(document.path)))
    return {folder: frozenset(stems) for folder, stems in folders.items()}


def _refused(
    document: Document, place: Place, siblings: Mapping[str, frozenset[str]]
) -> str | None:
    if place.role is Role.PRD:
        return claude.study(document, names.stem(document.path))
    if names.stem(document.path).casefold() == "epic":
        return None
    if place.role is Role.MAYBE_TASK and not claude.has_task_fields(document):
        return "neither a task's name nor task frontmatter (name or title, and status)"
    return claude.beside(
        document,
        names.stem(document.path),
        siblings[build.parent_folder(document.path)],
    )


def _prds(base: str, tree: Tree, documents: Sequence[Document]) -> Mapping[str, Key]:
    """The PRDs of this base by name, a live one before an archived one."""
    found: dict[str, Key] = {}
    for archived in (True, False):
        for document in documents:
            place = tree.place(document.path)
            if place.role is Role.PRD and place.archived is archived:
                found[_prd_name(document.path)] = build.key_of(document.path)
    return found


def _prd_name(path: str) -> str:
    name = names.stem(path)
    if name.casefold() == "prd":
        name = build.parent_folder(path).rpartition("/")[2]
    return names.fold(name)


def _draft(
    conventions: Conventions,
    base: str,
    document: Document,
    place: Place,
    tree: Tree,
    prds: Mapping[str, Key],
) -> Draft:
    kind = {Role.PRD: Kind.PRD, Role.EPIC: Kind.EPIC}.get(place.role, Kind.TASK)
    is_epic_file = names.stem(document.path).casefold() == "epic"
    made, findings = build.item(
        document,
        layout=conventions.layout,
        kind=kind,
        names_=conventions.fields,
        archived=place.archived,
        default_title=place.home.rpartition("/")[2] if is_epic_file else None,
    )
    folder = build.parent_folder(place.home if is_epic_file else document.path)
    near, wide = names.of_file(place.home if is_epic_file else document.path)
    folders = (folder,) if kind is not Kind.TASK else tuple(dict.fromkeys((folder, place.home)))
    draft = build.draft(made, findings, base=base, folders=folders, near=near, wide=wide)
    if made.ident and made.ident.isdigit() and fields.word(document, ("id", "number")) is None:
        # `task: 248` counts within its folder: a note about task 248 says the same
        draft = replace(draft, wide=wide, near=(*draft.near, names.fold(made.ident)))
    blockers = build.references(document, conventions.fields.blocked_by)
    parents: tuple[ParentWish, ...] = ()
    claim = None
    if kind is Kind.EPIC:
        parents = _epic_parents(conventions, document, place, tree, prds)
    elif kind is Kind.TASK:
        epic = tree.epic_files.get(place.home)
        parents = (ParentKey(key=build.key_of(epic)),) if epic else ()
        claim = build.parent_ref(document, conventions.epic, {Kind.EPIC})
    return replace(draft, blockers=blockers, parents=parents, claim=claim)


def _epic_parents(
    conventions: Conventions,
    document: Document,
    place: Place,
    tree: Tree,
    prds: Mapping[str, Key],
) -> tuple[ParentWish, ...]:
    """``parent:``, else the epic folder around it, else ``prd:``, else the PRD of its name."""
    wishes: list[ParentWish] = []
    named = build.parent_ref(document, conventions.parent, {Kind.EPIC})
    around = tree.enclosing(place.home)
    prd: ParentRef | None = build.parent_ref(document, conventions.prd, {Kind.PRD})
    if named:
        wishes.append(named)
    if around:
        wishes.append(ParentKey(key=build.key_of(tree.epic_files[around])))
    if prd:
        wishes.append(prd)
    same = prds.get(names.fold(place.home.rpartition("/")[2]))
    if same:
        wishes.append(ParentKey(key=same))
    return tuple(wishes)


def _folders_without_epic(tree: Tree, drafts: Sequence[Draft]) -> tuple[Finding, ...]:
    """One warning for each folder whose tasks have no ``epic.md``."""
    orphans: dict[str, list[Draft]] = {}
    for draft in drafts:
        if draft.item.kind is Kind.TASK and not draft.parents:
            orphans.setdefault(draft.folders[-1], []).append(draft)
    return tuple(
        Finding(
            path=tasks[0].item.path,
            line=1,
            code="no_epic",
            severity=Severity.WARNING,
            key=tasks[0].item.key,
            message=f"{folder}/ has no epic.md, so its {len(tasks)} "
            f"task{'s have' if len(tasks) > 1 else ' has'} no parent. Add an epic.md there.",
        )
        for folder, tasks in sorted(orphans.items())
    )
