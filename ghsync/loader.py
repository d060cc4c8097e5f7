"""Read planning files from disk: walk, decode, and hand them to the layouts.

``load`` is what everything else calls; ``load_texts`` is the same over texts in memory.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from dataclasses import field, replace
from pathlib import Path

from ghsync.errors import UsageError
from ghsync.layouts import gather
from ghsync.layouts.base import LoadOptions
from ghsync.layouts.texts import Decoded, decode
from ghsync.model import Finding, Loaded, NotItem, Severity
from ghsync.values import dataclass

SKIPPED_FOLDERS = frozenset(
    {".git", ".hg", ".svn", ".ghsync", "node_modules", ".venv", "venv", "__pycache__", ".tox"}
    | {".mypy_cache", ".pytest_cache", ".ruff_cache", "site-packages"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Detected:
    """A layout that was recognised: its base folder, and how many items it has there."""

    layout: str
    base: str
    items: int


@dataclass(slots=True)
class _Walk:
    """What walking a root gave."""

    paths: list[str] = field(default_factory=list)
    not_items: list[NotItem] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


def load(
    root: Path, options: LoadOptions | None = None, *, instead: Mapping[str, bytes] | None = None
) -> Loaded:
    """Load every item below ``root``; what cannot be read is a finding, never an exception.

    ``instead`` are bytes that count in place of what the files of these paths hold, or as files
    that are not there yet.

    Raises:
        NoLayoutError: Nothing below ``root`` looks like planning files.
        UsageError: ``root`` is no folder, or the options name an unknown layout.
    """
    settings = options or LoadOptions()
    walk = _walk(_folder(root))

    folder = f"{root}{os.sep}"
    other = instead or {}

    def reader(path: str) -> Decoded:
        if path in other:
            return decode(path, other[path])
        return _read(folder, path, settings.max_bytes)

    paths = [*walk.paths, *(other.keys() - walk.paths)]
    loaded = gather.gather(paths, reader, settings, root=str(root))
    return replace(
        loaded,
        not_items=tuple(sorted((*loaded.not_items, *walk.not_items), key=lambda n: n.path)),
        findings=gather.ordered((*loaded.findings, *walk.findings)),
    )


def load_texts(texts: Mapping[str, str], options: LoadOptions | None = None) -> Loaded:
    """Load items from texts by path, as `load` would from files.

    Raises:
        NoLayoutError: Nothing among them looks like planning files.
        UsageError: The options name an unknown layout.
    """

    def reader(path: str) -> Decoded:
        return decode(path, texts[path].encode("utf-8", "surrogatepass"))

    markdown = [path for path in texts if path.casefold().endswith(".md")]
    return gather.gather(markdown, reader, options or LoadOptions(), root="the given texts")


def detect(root: Path, options: LoadOptions | None = None) -> tuple[Detected, ...]:
    """The layouts below ``root``, each with its base folder and the number of its items.

    Raises:
        UsageError: ``root`` is no folder, or the options name an unknown layout.
    """
    settings = options or LoadOptions()
    found, _ = gather.claims(sorted(_walk(_folder(root)).paths), settings)
    if not found:
        return ()
    base_of = {path: claim.base for claim in found for path in claim.paths}
    counts: dict[tuple[str, str], int] = {}
    for item in load(root, settings).items:
        base = base_of.get(item.path, "")
        counts[item.layout, base] = counts.get((item.layout, base), 0) + 1
    return tuple(
        Detected(layout=layout, base=base, items=count)
        for (layout, base), count in sorted(counts.items())
    )


def _folder(root: Path) -> Path:
    if not root.is_dir():
        raise UsageError(
            f"{root} is {'not a folder' if root.exists() else 'not there'}.",
            hint="Give the folder of the repository; the current one is the default.",
        )
    return root


def _walk(root: Path) -> _Walk:
    """Every markdown file below the root, and what could not be looked at."""
    walk = _Walk()
    top = root.resolve()
    pending = [""]
    while pending:
        folder = pending.pop()
        try:
            entries = sorted(os.scandir(root / folder), key=lambda entry: entry.name)
        except OSError as error:
            walk.findings.append(_unreadable(folder or ".", error, "folder"))
            continue
        if folder and any(entry.name == ".git" for entry in entries):
            # a worktree holds the same files again, a submodule has issues of its own
            reason = "a git checkout of its own (a worktree, a submodule or a clone)"
            walk.not_items.append(NotItem(path=_shown(folder), reason=reason))
            continue
        for entry in entries:
            path = f"{folder}/{entry.name}" if folder else entry.name
            if _is_folder(entry):
                if entry.name not in SKIPPED_FOLDERS:
                    pending.append(path)
            elif entry.name.casefold().endswith(".md"):
                _take(walk, path, entry, top)
            elif entry.name.casefold().endswith(".markdown"):
                reason = "its name does not end in .md"
                walk.not_items.append(NotItem(path=_shown(path), reason=reason))
            elif entry.is_symlink() and Path(entry.path).is_dir():
                _link(walk, path, Path(entry.path), top)
    return walk


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir(follow_symlinks=False)
    except OSError:
        return False


def _take(walk: _Walk, path: str, entry: os.DirEntry[str], top: Path) -> None:
    """One markdown file: taken, or listed with the reason why not."""
    if _shown(path) != path:
        walk.findings.append(
            Finding(
                path=_shown(path),
                line=1,
                code="path_not_utf8",
                severity=Severity.ERROR,
                message="The file's name is not UTF-8. Rename it.",
            )
        )
    elif not entry.is_symlink() or not _link(walk, path, Path(entry.path), top):
        walk.paths.append(path)


def _link(walk: _Walk, path: str, link: Path, top: Path) -> bool:
    """List a link as no item: what it leads to is loaded where it stands, or not ours."""
    try:
        target = link.resolve(strict=True)
    except (OSError, RuntimeError):
        return False  # leads nowhere or in a circle: reading it will say so
    if target.is_relative_to(top):
        reason = f"a link to {_shown(target.relative_to(top).as_posix())}"
    else:
        reason = "a link out of the root"
    walk.not_items.append(NotItem(path=_shown(path), reason=reason))
    return True


def _shown(path: str) -> str:
    """The path as text that can be printed and sent."""
    return path.encode("utf-8", "replace").decode("utf-8")


def _read(folder: str, path: str, max_bytes: int) -> Decoded:
    """One file's text; what stands in the way is an error finding."""
    try:
        data = _bytes(folder + path, max_bytes)
    except OSError as error:
        return Decoded(text="", finding=_unreadable(path, error, "file"))
    if isinstance(data, str):
        finding = Finding(
            path=path, line=1, code="unreadable", severity=Severity.ERROR, message=data
        )
        return Decoded(text="", finding=finding)
    return decode(path, data)


def _bytes(path: str, max_bytes: int) -> bytes | str:
    """The bytes, or why this is nothing to read."""
    found = os.stat(path)  # noqa: PTH116 (ten thousand paths are not worth an object each)
    if not stat.S_ISREG(found.st_mode):
        return "This is no regular file. Remove or rename it."
    if found.st_size > max_bytes:
        return (
            f"The file has {found.st_size:,} bytes, over the limit of {max_bytes:,}. "
            "Split it: GitHub takes bodies of at most 65,536 characters."
        )
    with open(path, "rb", buffering=0) as file:  # noqa: PTH123
        return file.read()


def _unreadable(path: str, error: OSError, what: str) -> Finding:
    reason = (error.strerror or str(error)).lower()
    return Finding(
        path=_shown(path),
        line=1,
        code="unreadable",
        severity=Severity.ERROR,
        message=f"The {what} cannot be read: {reason}. Check its permissions.",
    )
