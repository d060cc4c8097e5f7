"""Guess a layout from what a folder holds, for ``ghsync init`` where none is recognised."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields as dataclass_fields
from pathlib import Path, PurePosixPath

from ghsync.layouts.base import FieldNames
from ghsync.layouts.frontmatter import fold
from ghsync.model import Kind
from ghsync.values import dataclass

_PRUNED = frozenset({".git", ".ghsync", ".venv", "venv", "node_modules", "vendor", "dist", "build"})
_MOST_FILES = 5_000
_MOST_BYTES = 8_192
_SPECIAL = re.compile(r"[\[\]*?\\]")
_NO_ITEMS = re.compile(r"(?i)^(readme|index|changelog|contributing|license|_.*|template.*)$")
_WORDS: Mapping[Kind, tuple[str, ...]] = {
    Kind.PRD: ("prd", "prds", "requirements", "rfc", "rfcs", "proposals"),
    Kind.EPIC: ("epic", "epics", "features", "initiatives", "themes"),
    Kind.TASK: (
        "task", "tasks", "story", "stories", "issue", "issues", "ticket", "tickets", "todo",
        "todos", "backlog", "bugs", "chores", "cards",
    ),
}  # fmt: skip
_NAMES = frozenset(word for words in _WORDS.values() for word in words)
_ARCHIVES = frozenset({"archive", "archived", "completed", "done"})
_OTHER_NAMES: Mapping[str, tuple[str, ...]] = {
    "title": ("summary", "subject", "heading"),
    "status": ("stage", "phase"),
    "labels": ("label", "tag", "category", "component"),
    "assignees": ("owner", "assigned_to", "assigned"),
    "milestone": ("sprint", "release", "iteration"),
    "priority": ("prio", "severity"),
    "ident": ("key", "task_id", "number"),
    "parent": ("epic", "feature", "story", "prd"),
    "blocked_by": ("blocked", "blockers", "requires", "needs", "after"),
}
"""Names that files use, beyond those that the custom layout knows by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A layout that would take in what the folder holds."""

    kinds: tuple[tuple[Kind, tuple[str, ...]], ...]
    fields: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """Only fields that need another name than the usual ones."""
    archived: tuple[str, ...] = ()
    files: int = 0


@dataclass(frozen=True, slots=True)
class _File:
    """A markdown file as far as a guess needs it."""

    folder: PurePosixPath
    fields: frozenset[str]
    """Folded names of its frontmatter's fields."""


def propose(root: Path) -> Proposal | None:
    """Look for folders whose markdown files look like items; ``None`` if there are none."""
    folders: defaultdict[PurePosixPath, list[_File]] = defaultdict(list)
    for file in _files(root):
        folders[file.folder].append(file)
    chosen: dict[PurePosixPath, Kind] = {}
    for folder, files in folders.items():
        kind = _kind(folder, files)
        if kind is not None:
            chosen[folder] = kind
    if not chosen:
        return None
    globs: dict[Kind, tuple[str, ...]] = {}
    for kind in Kind:
        of_kind = [folder for folder, its in chosen.items() if its is kind]
        if of_kind:
            globs[kind] = _globs(of_kind)
    seen = Counter(name for folder in chosen for file in folders[folder] for name in file.fields)
    return Proposal(
        kinds=tuple(globs.items()),
        fields=_field_names(seen),
        archived=_globs(folder for folder in chosen if _ARCHIVES & _words(folder)),
        files=sum(len(folders[folder]) for folder in chosen),
    )


def _words(folder: PurePosixPath) -> frozenset[str]:
    """The names on a folder's path, case-folded."""
    return frozenset(part.casefold() for part in folder.parts)


def _kind(folder: PurePosixPath, files: list[_File]) -> Kind | None:
    """What a folder's files are: by its own name, or if half of them have a status.

    The closest folder with a telling name gives the kind; a task if none has.
    """
    with_state = sum(bool(file.fields & {"status", "state"}) for file in files)
    if folder.name.casefold() not in _NAMES and (with_state < 2 or 2 * with_state < len(files)):
        return None
    for part in reversed(folder.parts):
        for kind, words in _WORDS.items():
            if part.casefold() in words:
                return kind
    return Kind.TASK


def _globs(folders: Iterable[PurePosixPath]) -> tuple[str, ...]:
    """A glob for each folder; ``*`` where three or more siblings differ in one part only."""
    left = {tuple(_SPECIAL.sub("?", part) for part in folder.parts) for folder in folders}
    globs: set[str] = set()
    depth = max((len(parts) for parts in left), default=0)
    for place in range(depth - 1, -1, -1):
        alike: defaultdict[tuple[str, ...], set[tuple[str, ...]]] = defaultdict(set)
        for parts in left:
            if place < len(parts):
                alike[(*parts[:place], "*", *parts[place + 1 :])].add(parts)
        for pattern, members in alike.items():
            members &= left
            if len(members) >= 3:
                left -= members
                globs.add("/".join((*pattern, "*.md")))
    globs.update("/".join((*parts, "*.md")) for parts in left)
    return tuple(sorted(globs))


def _field_names(seen: Counter[str]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Fields whose usual names never occur, but another one does."""
    usual = FieldNames()
    found: list[tuple[str, tuple[str, ...]]] = []
    for field in dataclass_fields(FieldNames):
        names: tuple[str, ...] = getattr(usual, field.name)
        others = tuple(n for n in _OTHER_NAMES.get(field.name, ()) if seen[fold(n)])
        if others and not any(seen[fold(name)] for name in names):
            found.append((field.name, others[:1]))
    return tuple(found)


def _files(root: Path) -> Iterator[_File]:
    """The markdown files under a root, in a stable order, without following links."""
    count = 0
    todo = [root]
    while todo:
        folder = todo.pop()
        try:
            entries = sorted(folder.iterdir(), key=lambda entry: entry.name, reverse=True)
        except OSError:
            continue
        for entry in entries:
            if entry.is_symlink():
                continue
            if entry.is_dir():
                if entry.name not in _PRUNED:
                    todo.append(entry)
            elif entry.suffix == ".md" and not _NO_ITEMS.match(entry.stem):
                count += 1
                if count > _MOST_FILES:
                    return
                inside = PurePosixPath(folder.relative_to(root).as_posix())
                yield _File(inside, _field_names_in(entry))


def _field_names_in(path: Path) -> frozenset[str]:
    """The folded names of the fields in a file's frontmatter."""
    try:
        with path.open("rb") as stream:
            text = stream.read(_MOST_BYTES).decode("utf-8-sig", "replace")
    except OSError:
        return frozenset()
    lines = text.splitlines()
    if not lines or lines[0].rstrip() != "---":
        return frozenset()
    names: set[str] = set()
    for line in lines[1:]:
        if line.rstrip() == "---":
            return frozenset(names)
        if found := re.match(r"([A-Za-z][\w -]*?)\s*:", line):
            names.add(fold(found[1]))
    return frozenset()
