"""The folders that ccpm and ClaudeAutoPM share: ``prds/`` and ``epics/`` below a base.

What a file is follows from its place and its name, and only where the name does not say, from
its frontmatter.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from enum import Enum

from ghsync.layouts import fields, names
from ghsync.layouts.frontmatter import Document
from ghsync.patterns import regex
from ghsync.values import dataclass

ARCHIVES = frozenset(
    {"archived", "archive", "completed", "done", "_archived", "_archive", ".archived", ".archive"}
)
_SECTIONS = {"prds": "prds", "prd": "prds", "epics": "epics", "epic": "epics"}
_SIDE_FOLDERS = frozenset(
    {"updates", "update", "analysis", "analyses", "daily-logs", "logs", "notes", "research"}
    | {
        "reports",
        "templates",
        "template",
        "streams",
        "workstreams",
        "docs",
        "design",
        "designs",
        "context",
    }
    | {"assets", "images", "scripts", "examples", "reviews", "sessions", "handoffs"}
)
_README = regex(
    r"(?:readme|index|changelog|contributing|license|claude|agents|_?template)(?:[._].*)?$", re.I
)
_TEMPLATE = regex(
    r"(?:(?:prd|epic|task|story|issue|bug|feature|ticket|spec)s?[-_ ])?template$", re.IGNORECASE
)
_NEVER = regex(r"(?:^|[-_ .])(?:analysis|summary)$|^(?:github-mapping|execution-status)", re.I)
_NOTES = regex(
    r"(?:^|[-_ .])(?:status|notes?|progress|report|review|strategy|proposal|breakdown|details"
    r"|checklist|(?:sync-)?log|retro(?:spective)?|findings|handoff|stream-?\w+|streams|comments?"
    r"|tasks|todos?)$",
    re.IGNORECASE,
)
_SHOUTED = regex(
    r"(?:^|[-_ .])(?:DASHBOARD|OVERVIEW|ROADMAP|PLAN|ARCHITECTURE|DESIGN|AUDIT|TRACKING|WORK"
    r"|DECISIONS?|COMPLETION|COMPLETE|GAPS|RESEARCH|CHECKPOINT(?:-\d+)?)$"
)
"""Documents, where the name is written in capitals; in small letters it may be a feature."""
_TASK_NAME = regex(r"(?:task[-_ ]?|issue[-_ ]?|#)?\d+(?:\.\d+)*[a-z]?(?:[-_. ].*)?$|t-?\d", re.I)
_BARE_TASK = regex(r"(?:task[-_ ]?|issue[-_ ]?|#|t)?\d+(?:\.\d+)*[a-z]?$", re.IGNORECASE)


class Role(Enum):
    """What the place and the name of a file make it."""

    PRD = "prd"
    EPIC = "epic"
    TASK = "task"
    MAYBE_TASK = "maybe"
    """A task if its frontmatter says so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a file stands: its role, the epic folder around it, and whether that is an archive."""

    role: Role
    home: str
    """The epic's folder of an epic or a task; the folder of a PRD."""
    archived: bool


def recognise(paths: Iterable[str], base_names: frozenset[str]) -> tuple[str, ...]:
    """Each folder with one of these names that has markdown in ``prds/`` or ``epics/``."""
    bases: set[str] = set()
    for path in paths:
        parts = path.split("/")
        for index in range(1, len(parts) - 1):
            if parts[index].casefold() in _SECTIONS and parts[index - 1].casefold() in base_names:
                bases.add("/".join(parts[:index]))
                break
    return tuple(sorted(bases))


def below(base: str, path: str) -> list[str]:
    """The parts of a path below a base."""
    return (path[len(base) + 1 :] if base else path).split("/")


def refuse(base: str, path: str) -> str | None:
    """Why a file is no item, if its path alone says so."""
    parts = below(base, path)
    section = _SECTIONS.get(parts[0].casefold()) if len(parts) > 1 else None
    if section is None:
        return "not in prds/ or epics/"
    folders = [part for part in parts[1:-1] if part.casefold() not in ARCHIVES]
    for depth, folder in enumerate(folders):
        # right below epics/ it is an epic of that name
        if folder.casefold() in _SIDE_FOLDERS and (section == "prds" or depth > 0):
            return f"in {folder}/, which holds no items"
        if folder.startswith("."):
            return "in a hidden folder"
    name = names.stem(path)
    if name.startswith((".", "_")):
        return "a hidden file"
    if is_template(name) or (_README.match(name) and not _TASK_NAME.match(name)):
        return "a README or the like"
    return _prd_reason(parts, name) if section == "prds" else _epic_reason(name)


def _prd_reason(parts: list[str], name: str) -> str | None:
    folders = [part for part in parts[1:-1] if part.casefold() not in ARCHIVES]
    if folders and name.casefold() not in ("prd", folders[-1].casefold()):
        return "in a folder of its own below prds/"
    return None


def _epic_reason(name: str) -> str | None:
    if _NEVER.search(name):
        return "a record or a study beside the items (mapping, status, analysis or summary)"
    return None


def is_template(name: str) -> bool:
    """Whether a file is the template of an item; ``email-template`` may well be a feature."""
    return _TEMPLATE.match(name.lstrip("_.")) is not None


def is_study(name: str) -> bool:
    """Whether a name ends in ``-analysis`` or ``-summary``, or is a record of the sync."""
    return _NEVER.search(name) is not None


def study(document: Document, name: str) -> str | None:
    """Why a file in ``prds/`` is an analysis or a summary: by its name, and without PRD fields."""
    if has_task_fields(document) or not _NEVER.search(name):
        return None
    return "an analysis or a summary, not a PRD"


def beside(document: Document, name: str, numbers: frozenset[str]) -> str | None:
    """Why a file without task frontmatter is a document beside the items rather than one.

    ``numbers`` are the folded names of the files in its folder.
    """
    if has_task_fields(document):
        return None
    if (_NOTES.search(name) or _SHOUTED.search(name)) and not _BARE_TASK.match(name):
        return "a document beside the items, by its name, and without task frontmatter"
    match = re.match(r"(\d+)[-_ ]", name)
    if match and names.fold(match.group(1)) in numbers:
        return f"a document beside {match.group(1)}.md, and without task frontmatter"
    return None


class Tree:
    """The epic folders of one base: which folder holds an ``epic.md``, and what is where."""

    def __init__(self, base: str, paths: Sequence[str]) -> None:
        self._base = base
        self._places: dict[str, Place] = {}
        self._archives: dict[str, bool] = {}
        self.epic_files = {
            path.rpartition("/")[0]: path
            for path in sorted(paths)
            if names.stem(path).casefold() == "epic"
        }

    def place(self, path: str) -> Place:
        """Where a file that was not refused stands."""
        if path not in self._places:
            self._places[path] = self._place(path)
        return self._places[path]

    def _place(self, path: str) -> Place:
        parts = below(self._base, path)
        folder = path.rpartition("/")[0]
        archived = self._archives.get(folder)
        if archived is None:
            archived = self._archives[folder] = self._archived(folder)
        if _SECTIONS[parts[0].casefold()] == "prds":
            return Place(role=Role.PRD, home=folder, archived=archived)
        name = names.stem(path)
        if name.casefold() == "epic":
            return Place(role=Role.EPIC, home=folder, archived=archived)
        home = self.home(folder)
        root = "/".join([*([self._base] if self._base else []), parts[0]])
        logical = [part for part in folder[len(root) :].strip("/").split("/") if part]
        if all(part.casefold() in ARCHIVES for part in logical):
            return Place(role=Role.EPIC, home=path.removesuffix(".md"), archived=archived)
        role = Role.TASK if _TASK_NAME.match(name) else Role.MAYBE_TASK
        return Place(role=role, home=home or self._nominal(folder), archived=archived)

    def home(self, folder: str) -> str | None:
        """The nearest folder at or above this one that holds an ``epic.md``."""
        while len(folder) > len(self._base):
            if folder in self.epic_files:
                return folder
            folder = folder.rpartition("/")[0]
        return None

    def enclosing(self, home: str) -> str | None:
        """The epic folder around an epic's folder."""
        return self.home(home.rpartition("/")[0])

    def _nominal(self, folder: str) -> str:
        """The folder that would hold the ``epic.md`` that is missing."""
        head, _, tail = folder.rpartition("/")
        return head if tail.casefold() in ("tasks", *ARCHIVES) else folder

    def _archived(self, folder: str) -> bool:
        while len(folder) > len(self._base):
            head, _, tail = folder.rpartition("/")
            if tail.casefold() in ARCHIVES and folder not in self.epic_files:
                return True
            folder = head
        return False


def has_task_fields(document: Document) -> bool:
    """Whether the frontmatter makes it a task: a ``name`` or ``title``, and a ``status``."""
    return (
        fields.one(document, ("name", "title")) is not None
        and fields.one(document, ("status",)) is not None
    )
