"""Write changed files back: each one whole or not at all, and never over somebody's work.

A file is written only if it still holds the bytes that the change was made from, lies inside the
root without a link on the way, may be written, and has no changes that git does not know yet.
"""

from __future__ import annotations

import errno
import hashlib
import itertools
import os
import re
import stat
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from enum import StrEnum
from pathlib import Path, PurePosixPath
from threading import Lock
from typing import TypeAlias

from ghsync.checkout import Checkout
from ghsync.errors import RefusedError
from ghsync.regularfile import read_regular
from ghsync.store.fs import Files
from ghsync.values import dataclass

_TEMPORARY = ".ghsync-{pid}-{number}.tmp"
_LEFT_BEHIND = re.compile(r"\.ghsync-\d+-\d+\.tmp$")
_AT_ONCE = 8
"""Files that are written at once."""
_FULL = {errno.ENOSPC, errno.EDQUOT}
Dirty: TypeAlias = Callable[[Iterable[str]], frozenset[str]]
"""Which of these paths (POSIX, below the root) have changes that no commit holds."""


class Refusal(StrEnum):
    """Why a file is left alone."""

    DIRTY = "dirty"
    CHANGED = "changed"
    EXISTS = "exists"
    LINK = "link"
    READ_ONLY = "read_only"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class FileChange:
    """New bytes for one file; ``before`` is what it held when it was read, ``None``: it is new."""

    path: str
    before: bytes | None
    after: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """A file that was left alone, why, and what to do about it."""

    path: str
    refusal: Refusal
    message: str
    hint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """What became of the changes: the digest of each written file, and what was left alone."""

    written: Mapping[str, str]
    refused: tuple[Refused, ...] = ()


def digest(data: bytes) -> str:
    """What stands for a file's bytes, so that one that ghsync wrote can be known again."""
    return hashlib.sha256(data).hexdigest()


def uncommitted(checkout: Checkout, root: Path) -> Dirty:
    """Ask git once which tracked files hold changes that no commit has.

    A file that git does not track or ignores is not one of them: git has nothing to compare. The
    answer raises `RefusedError` where there is a checkout and git cannot say.
    """
    top = root.resolve()

    def dirty(paths: Iterable[str]) -> frozenset[str]:
        asked = frozenset(paths)
        if not asked:
            return frozenset()
        if checkout.prefix is None:
            if not any((folder / ".git").exists() for folder in (top, *top.parents)):
                return frozenset()  # no checkout
            raise _unknown()
        status = ("status", "--porcelain=v1", "-z", "--untracked-files=no", "--no-renames")
        listed = checkout.run(*status, "--", ".")
        if listed is None:
            raise _unknown()
        names = listed.decode("utf-8", "surrogateescape").split("\0")
        return asked & {name[3:].removeprefix(checkout.prefix) for name in names}

    return dirty


def _unknown() -> RefusedError:
    return RefusedError(
        "git does not say which files hold uncommitted changes, so no file is written.",
        hint="Run `git status` here and mend what it names.",
    )


class Writer:
    """Writes files below one root.

    ``dirty`` says which files hold changes that no commit has (`uncommitted`); ``ours`` maps a
    path to the digest of what ghsync last wrote there: a file that still holds just that is not
    somebody's work, committed or not.
    """

    def __init__(
        self,
        root: Path,
        *,
        dirty: Dirty | None = None,
        ours: Mapping[str, str] | None = None,
        files: Files | None = None,
    ) -> None:
        self._root = root
        self._dirty = dirty
        self._ours = ours or {}
        self._files = files or Files()
        self._made = itertools.count()
        self._folders = Lock()
        self._swept: set[Path] = set()

    def read(self, path: str) -> bytes:
        """The bytes of a file.

        Raises:
            RefusedError: It cannot be read.
        """
        try:
            return read_regular(self._root / path)
        except OSError as error:
            raise RefusedError(
                f"{path} cannot be read: {_reason(error)}.", hint="Check its permissions."
            ) from error

    def check(self, changes: Sequence[FileChange]) -> tuple[Refused, ...]:
        """Which of these changes would be left alone now; nothing is written.

        Raises:
            RefusedError: git does not say which files are dirty.
            ValueError: Two changes of one file.
        """
        if len({change.path for change in changes}) != len(changes):
            raise ValueError("two changes of one file")
        dirty = self._dirty_ones(changes)
        found = (self._refusal(change, dirty) for change in changes)
        return tuple(refused for refused in found if refused is not None)

    def apply(self, changes: Sequence[FileChange]) -> Applied:
        """Write the files, several at once; one that is refused keeps its bytes.

        Each file has its old bytes or its new ones at any moment, also after a power cut.

        Raises:
            RefusedError: git does not say which files are dirty.
            ValueError: Two changes of one file.
        """
        refused = {found.path: found for found in self.check(changes)}
        written: dict[str, str] = {}
        folders: dict[Path, None] = {}
        todo = [change for change in changes if change.path not in refused]
        for change, found in zip(todo, self._each(todo), strict=True):
            if found is None:
                written[change.path] = digest(change.after)
                folders[(self._root / change.path).parent] = None
            else:
                refused[change.path] = found
        for folder in folders:
            with suppress(OSError):  # the files are there; their names may not survive a power cut
                self._files.sync_folder(folder)
        return Applied(written=written, refused=tuple(refused.values()))

    # ---------------------------------------------------------------------- checks

    def _dirty_ones(self, changes: Sequence[FileChange]) -> frozenset[str]:
        if self._dirty is None:
            return frozenset()
        asked = [
            change.path
            for change in changes
            if change.before is not None and self._ours.get(change.path) != digest(change.before)
        ]
        return self._dirty(asked) if asked else frozenset()

    def _refusal(self, change: FileChange, dirty: frozenset[str]) -> Refused | None:
        """Why a file is to be left alone, if it is."""
        if (link := self._outside(change.path)) is not None:
            return link
        path = self._root / change.path
        if change.path in dirty:
            return Refused(
                path=change.path,
                refusal=Refusal.DIRTY,
                message=f"{change.path} has uncommitted changes, so it was left alone.",
                hint="Commit or stash them, and run the command again.",
            )
        try:
            now = self._files.read(path)
            mode = path.stat().st_mode if now is not None else stat.S_IWUSR
        except OSError as error:
            return _failed(change.path, error)
        if now != change.before:
            return _changed(change, now)
        if not mode & 0o222:
            return Refused(
                path=change.path,
                refusal=Refusal.READ_ONLY,
                message=f"{change.path} is read-only, so it was left alone.",
                hint=f"Make it writable: chmod u+w {change.path}",
            )
        folder = path.parent
        if folder.is_dir() and not os.access(folder, os.W_OK):
            return Refused(
                path=change.path,
                refusal=Refusal.READ_ONLY,
                message=f"{change.path} was left alone: nothing can be written in its folder.",
                hint=f"Make the folder writable: chmod u+w {folder.relative_to(self._root)}",
            )
        return None

    def _outside(self, path: str) -> Refused | None:
        """Why a path is not one below the root, or leads through a link."""
        parts = PurePosixPath(path).parts
        unsafe = path.startswith("/") or not parts or ".." in parts or "\0" in path
        at = self._root
        if not unsafe:
            for part in parts:
                at = at / part
                if self._files.is_link(at):
                    unsafe = True
                    break
        if not unsafe:
            return None
        return Refused(
            path=path,
            refusal=Refusal.LINK,
            message=f"{path} leads through a link or out of the root, so nothing is written there.",
            hint="Replace the link by the file itself.",
        )

    # ---------------------------------------------------------------------- writing

    def _each(self, changes: Sequence[FileChange]) -> list[Refused | None]:
        """Write each; several at once, since each waits for the disk and a disk takes many."""
        if len(changes) < _AT_ONCE or not self._files.slow:
            return [self._again(change) for change in changes]
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            return list(pool.map(self._again, changes))

    def _again(self, change: FileChange) -> Refused | None:
        """Look again right before it is written: a person may be typing."""
        return self._refusal(change, frozenset()) or self._write(change)

    def _write(self, change: FileChange) -> Refused | None:
        """Put the new bytes beside the file, then in its place."""
        path = self._root / change.path
        name = _TEMPORARY.format(pid=os.getpid(), number=next(self._made))
        temporary = path.with_name(name)
        try:
            with self._folders:
                self._make_folders(path.parent)
                self._sweep(path.parent)
            try:
                self._fill(temporary, change.after, like=path)
                if change.before is None:
                    self._place(temporary, path)
                else:
                    self._files.replace(temporary, path)
            finally:
                with suppress(OSError):
                    self._files.remove(temporary)
        except FileExistsError:
            return _changed(change, b"")
        except OSError as error:
            return _failed(change.path, error)
        return None

    def _fill(self, temporary: Path, data: bytes, *, like: Path) -> None:
        fd = self._files.create(temporary, like=like)
        try:
            self._files.write(fd, data)
            self._files.sync(fd)  # before the rename: else a power cut can leave the name, empty
        finally:
            self._files.close(fd)

    def _sweep(self, folder: Path) -> None:
        """Remove what a killed run left in a folder; the run's lock keeps others away from it."""
        if folder not in self._swept:
            self._swept.add(folder)
            for name in self._files.list_folder(folder):
                if _LEFT_BEHIND.match(name):
                    self._files.remove(folder / name)

    def _place(self, temporary: Path, path: Path) -> None:
        """Give a new file its name, unless somebody has made one of that name meanwhile."""
        try:
            path.hardlink_to(temporary)
        except FileExistsError:
            raise
        except OSError as error:
            if path.exists():
                raise FileExistsError(errno.EEXIST, "exists", str(path)) from error
            self._files.replace(temporary, path)  # a file system without hard links

    def _make_folders(self, folder: Path) -> None:
        missing = []
        while not folder.exists():
            missing.append(folder)
            folder = folder.parent
        for path in reversed(missing):
            self._files.make_folder(path)
            self._files.sync_folder(path.parent)


def _changed(change: FileChange, now: bytes | None) -> Refused:
    if change.before is None:
        return Refused(
            path=change.path,
            refusal=Refusal.EXISTS,
            message=f"{change.path} is there already, so it was not made.",
            hint="Run the command again; it will choose another name.",
        )
    what = "is gone" if now is None else "was changed"
    return Refused(
        path=change.path,
        refusal=Refusal.CHANGED,
        message=f"{change.path} {what} while ghsync was at work, so it was left alone.",
        hint="Run the command again.",
    )


def _failed(path: str, error: OSError) -> Refused:
    hint = "Check the permissions of the file and its folder."
    if error.errno in _FULL:
        hint = "Free some space on the disk, and run the command again."
    return Refused(
        path=path,
        refusal=Refusal.FAILED,
        message=f"{path} was not written: {_reason(error)}. It is as it was.",
        hint=hint,
    )


def _reason(error: OSError) -> str:
    return (error.strerror or str(error)).lower()
