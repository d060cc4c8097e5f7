"""Where a new file goes: the folder, the name and the id, as each layout has them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from ghsync.edit import EditError
from ghsync.layouts import build, claude, globs, names
from ghsync.layouts.base import CustomLayout
from ghsync.layouts.bmad import BESIDE, BmadLayout
from ghsync.layouts.folder import FolderLayout
from ghsync.model import Item, Kind, State
from ghsync.values import dataclass
from ghsync.writing.naming import Numbering, free, numbering, slug
from ghsync.writing.want import NewIssue

_CLAUDE = re.compile(r"(.*?)/?(?:prds?|epics?)/", re.IGNORECASE)
_IDENT = re.compile(r"(.{0,80}?)(\d{1,9}(?:\.\d{1,9}){0,9})$")
_STORY = re.compile(r"(\d+)([.-])(\d+)([.-])?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A new file's path, and the id that it gives itself, where its layout has ids."""

    path: str
    ident: str | None = None


def place(
    layout: str,
    issue: NewIssue,
    parent: Item | None,
    items: Sequence[Item],
    paths: Iterable[str],
    custom: CustomLayout | None,
) -> Place:
    """Where the file of a new issue goes.

    Raises:
        EditError: The layout has no place for it, or its place cannot be told.
    """
    mine = [item for item in items if item.layout == layout]
    siblings = [item for item in mine if item.kind is issue.kind]
    if layout in ("ccpm", "claudeautopm"):
        return _claude(layout, issue, parent, mine, siblings, paths)
    if layout == "backlog":
        return _backlog(issue, parent, mine, paths)
    if layout == "bmad":
        return _story(issue, parent, siblings, paths)
    if layout == "spec-kit":
        return _feature(issue, mine, paths)
    return _beside(issue, parent, siblings, paths, custom)


# ------------------------------------------------------------------ ccpm, ClaudeAutoPM


def _claude(
    layout: str,
    issue: NewIssue,
    parent: Item | None,
    mine: Sequence[Item],
    siblings: Sequence[Item],
    paths: Iterable[str],
) -> Place:
    base = _base(parent, mine)
    text = slug(issue.title)

    def allowed(path: str) -> bool:
        return claude.refuse(base, path) is None

    if issue.kind is not Kind.TASK:
        ident = _next_ident(f"{issue.kind.value}-", siblings) if layout != "ccpm" else None
        stems = [*([f"{ident}-{text}"] if ident and text else []), *([text] if text else [])]
        stems += [f"{issue.kind.value}-{issue.number}"]
        pattern = f"{base}/prds/{{}}.md" if issue.kind is Kind.PRD else f"{base}/epics/{{}}/epic.md"
        path = free((pattern.format(stem).lstrip("/") for stem in stems), paths, allowed)
        return Place(path=path, ident=ident)
    if parent is None or parent.kind is not Kind.EPIC:
        raise EditError(
            f"Issue #{issue.number} would be a task of {layout}, and no epic is its parent.",
            hint="Make it a sub-issue of an epic.",
        )
    if names.stem(parent.path).casefold() != "epic":
        raise EditError(
            f"Issue #{issue.number} would be a task of {parent.path}, "
            "which has no folder for tasks.",
            hint=f"Move that file to {parent.key!s}/epic.md.",
        )
    beside = [item for item in siblings if item.parent == parent.key and not item.archived]
    home = str(parent.key).removesuffix("/epic")
    folder = _commonest([build.parent_folder(item.path) for item in beside]) or home
    default = Numbering(prefix="", number=issue.number, width=1, joint=None)
    if layout == "claudeautopm" and parent.ident:
        default = Numbering(prefix=f"task-{parent.ident}-", number=1, width=3, joint=None)
    way = numbering(beside, issue.number) or default
    short = Numbering(prefix=way.prefix, number=way.number, width=way.width, joint=None)
    stems = [way.stem(text), short.stem("")]
    path = free((f"{folder}/{stem}.md" for stem in stems), paths, allowed)
    ident = f"task-{parent.ident}-{way.number:03d}" if parent.ident else None
    return Place(path=path, ident=ident if layout == "claudeautopm" else None)


def _base(parent: Item | None, mine: Sequence[Item]) -> str:
    for item in (*([parent] if parent else []), *mine):
        if match := _CLAUDE.match(item.path):
            return match.group(1)
    return ".claude"


def _next_ident(prefix: str, siblings: Iterable[Item]) -> str:
    numbers = [
        int(match.group(2))
        for item in siblings
        if (match := _IDENT.match(item.ident or "")) and match.group(2).isdigit()
    ]
    return f"{prefix}{max(numbers, default=0) + 1:03d}"


def _commonest(texts: Sequence[str]) -> str | None:
    return Counter(texts).most_common(1)[0][0] if texts else None


# -------------------------------------------------------------------------- Backlog.md


def _backlog(
    issue: NewIssue, parent: Item | None, mine: Sequence[Item], paths: Iterable[str]
) -> Place:
    """``task-12 - A-title.md``: the next number of all, or the next part of its parent."""
    if issue.kind is not Kind.TASK:
        raise EditError(
            f"Issue #{issue.number} is one of {issue.kind.value}s, and Backlog.md has tasks only.",
            hint="Take its label away, or keep it on GitHub alone.",
        )
    idents = [match for item in mine if (match := _IDENT.match(item.ident or ""))]
    prefix = _commonest([match.group(1) for match in idents]) or "task-"
    if parent is not None and parent.ident:
        head = f"{parent.ident}."
        parts = [
            part
            for item in mine
            if (item.ident or "").casefold().startswith(head.casefold())
            and (part := (item.ident or "")[len(head) :]).isdecimal()
            and len(part) < 10
        ]
        width = len(parts[-1]) if parts else 1
        ident = f"{head}{max(map(int, parts), default=0) + 1:0{width}d}"
    else:
        whole = [match.group(2).partition(".")[0] for match in idents]
        own = [match.group(2) for match in idents if match.group(1) == prefix]
        width = min((len(text) for text in own if text.isdigit()), default=1)
        ident = f"{prefix}{max(map(int, whole), default=0) + 1:0{width}d}"
    live = [item.path for item in mine if not item.archived]
    folder = _commonest([build.parent_folder(path) for path in live]) or "backlog/tasks"
    named = [names.stem(path).partition(" - ")[0] for path in live]
    name = ident.lower() if named and all(text == text.lower() for text in named) else ident
    text = slug(issue.title, lower=False) or f"Issue-{issue.number}"
    path = free([f"{folder}/{name} - {text}.md"], paths, lambda _: True)
    return Place(path=path, ident=ident)


# ---------------------------------------------------------------------- BMAD, spec-kit


def _story(
    issue: NewIssue, parent: Item | None, siblings: Sequence[Item], paths: Iterable[str]
) -> Place:
    """The next story of its epic: ``1.3.name.md`` or ``1-3-name.md``."""
    stories = [(item, match) for item in siblings if (match := _STORY.match(names.stem(item.path)))]
    epic = re.search(r"\d+", names.stem(parent.path)) if parent else None
    if issue.kind is not Kind.TASK or epic is None or not stories:
        raise EditError(
            f"Issue #{issue.number} has no place among the stories: they are numbered by epic.",
            hint="Make it a sub-issue of an epic that has stories, or write the file by hand.",
        )
    number = int(epic.group(0))
    own = [int(match.group(3)) for _, match in stories if int(match.group(1)) == number]
    item, match = stories[-1]
    folder, joint = build.parent_folder(item.path), match.group(2)
    plain = f"{number}{joint}{max(own, default=0) + 1}"
    text = slug(issue.title) or f"issue-{issue.number}"
    base = build.parent_folder(folder)
    layout = BmadLayout()
    candidates = [f"{folder}/{plain}{match.group(4) or joint}{text}.md", f"{folder}/{plain}.md"]

    def allowed(path: str) -> bool:
        return layout.refuse(base, path) is None and not BESIDE.search(names.stem(path))

    return Place(path=free(candidates, paths, allowed))


def _feature(issue: NewIssue, mine: Sequence[Item], paths: Iterable[str]) -> Place:
    """The folder of a new feature: ``specs/004-name/spec.md``."""
    if issue.kind is not Kind.EPIC:
        raise EditError(
            f"Issue #{issue.number} would be a line of a tasks.md, which ghsync does not add.",
            hint="Add a line `- [ ] T001 …` to the feature's tasks.md, and `ghsync map adopt`.",
        )
    folders = [str(item.key) for item in mine if item.kind is Kind.EPIC]
    base = _commonest([build.parent_folder(folder) for folder in folders]) or "specs"
    numbers = [
        int(match.group(0))
        for folder in folders
        if (match := re.match(r"\d+", folder.rpartition("/")[2]))
    ]
    number = max(numbers, default=0) + 1
    text = slug(issue.title) or f"issue-{issue.number}"
    return Place(path=free([f"{base}/{number:03d}-{text}/spec.md"], paths, lambda _: True))


# ------------------------------------------------------------- folders, the user's own


def _beside(
    issue: NewIssue,
    parent: Item | None,
    siblings: Sequence[Item],
    paths: Iterable[str],
    custom: CustomLayout | None,
) -> Place:
    """In the folder of most of its like, named as they are."""
    live = [item for item in siblings if not item.archived]
    near = [item for item in live if parent is not None and item.parent == parent.key]
    home = build.parent_folder(parent.path) if parent is not None else None
    near = near or [item for item in live if build.parent_folder(item.path) == home] or live
    wanted = [item for item in near if item.state is issue.state] or near
    folder = _commonest([build.parent_folder(item.path) for item in wanted])
    if folder is None:
        raise EditError(
            f"There is no {issue.kind.value} yet that shows where issue #{issue.number} belongs.",
            hint="Write the first file of that kind by hand.",
        )
    same = [item for item in near if build.parent_folder(item.path) == folder]
    way = numbering(same, issue.number)
    text = slug(issue.title)
    stems = [way.stem(text)] if way else [text] if text else []
    stems.append(f"issue-{issue.number}")

    def allowed(path: str) -> bool:
        if custom is None:
            return FolderLayout().refuse(folder, path) is None
        ignored = any(globs.matches(path, glob) for glob in custom.ignore)
        found = next((kind for glob, kind in custom.kinds if globs.matches(path, glob)), None)
        closed = any(globs.matches(path, glob) for glob in custom.archived)
        return found is issue.kind and not ignored and (not closed or issue.state is State.CLOSED)

    prefix = f"{folder}/" if folder else ""
    path = free((f"{prefix}{stem}.md" for stem in stems), paths, allowed)
    ident = names.stem(path) if same and all(_named_by_id(item) for item in same) else None
    return Place(path=path, ident=ident)


def _named_by_id(item: Item) -> bool:
    return item.ident is not None and names.fold(item.ident) == names.fold(names.stem(item.path))
