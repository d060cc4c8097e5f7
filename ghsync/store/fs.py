"""Every file-system call of the store, one method each.

This is the seam where tests kill a run at each step, fill the disk or lose the power: they put
another :class:`Files` in its place. Nothing else in :mod:`ghsync.store` touches a file.
"""

from __future__ import annotations

import errno
import os
import stat
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from ghsync.regularfile import LARGEST, read_regular

_WINDOWS = os.name == "nt"
_TRIES = 10
_PAUSE = 0.05
"""Seconds between tries to replace a file that a scanner or a reader holds open, on Windows."""
_NO_FOLDER_SYNC = {errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EBADF}
_FLAGS = getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)


class Files:
    """The machine's file system. Methods raise ``OSError`` as the system does."""

    slow = True
    """Whether :meth:`sync` takes milliseconds, in which a program has better things to do."""

    def read(self, path: Path, most: int = LARGEST) -> bytes | None:
        """Return a file's bytes, or ``None`` where there is no such file.

        What is no regular file, or has over ``most`` bytes, is an ``OSError``.
        """
        try:
            return read_regular(path, most)
        except FileNotFoundError:
            return None

    def is_folder(self, path: Path) -> bool:
        """Whether there is a folder, or a link to one."""
        return path.is_dir()

    def is_link(self, path: Path) -> bool:
        """Whether the path itself is a symbolic link."""
        return path.is_symlink()

    def list_folder(self, path: Path) -> list[str]:
        """The names in a folder, sorted; none where there is no such folder."""
        try:
            return sorted(entry.name for entry in path.iterdir())
        except (FileNotFoundError, NotADirectoryError):
            return []

    def make_folder(self, path: Path) -> None:
        """Make a folder inside one that exists; one that is there already is fine."""
        path.mkdir(exist_ok=True)

    def append_to(self, path: Path) -> int:
        """Open a file for appending, making it where there is none; follows no link."""
        return os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | _FLAGS, 0o666)

    def create(self, path: Path, *, like: Path) -> int:
        """Make a new file, with the permissions of ``like`` where that exists."""
        fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _FLAGS, 0o666)
        with suppress(OSError):  # another owner's file: its contents matter more than its mode
            path.chmod(stat.S_IMODE(like.stat().st_mode))
        return fd

    def size(self, fd: int) -> int:
        """Return an open file's size in bytes."""
        return os.fstat(fd).st_size

    def write(self, fd: int, data: bytes) -> None:
        """Write all of it; on an error, any part of it may have been written."""
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(fd, rest) :]

    def sync(self, fd: int) -> None:
        """Return when the file's bytes and size are on the disk."""
        _flush(fd)

    def truncate(self, fd: int, size: int) -> None:
        """Cut an open file to this size."""
        os.ftruncate(fd, size)

    def close(self, fd: int) -> None:
        """Close an open file."""
        os.close(fd)

    def replace(self, source: Path, target: Path) -> None:
        """Put one file in another's place, atomically."""
        for _ in range(_TRIES - 1):
            try:
                source.replace(target)
            except PermissionError:
                if not _WINDOWS:
                    raise
                time.sleep(_PAUSE)
            else:
                return
        source.replace(target)

    def sync_folder(self, path: Path) -> None:
        """Return when the folder's names (new, replaced, removed files) are on the disk."""
        if _WINDOWS:  # it opens no folder, and NTFS journals its names itself
            return
        fd = os.open(path, os.O_RDONLY)
        try:
            os.fsync(fd)
        except OSError as error:
            if error.errno not in _NO_FOLDER_SYNC:  # some network file systems cannot
                raise
        finally:
            os.close(fd)

    def remove(self, path: Path) -> None:
        """Remove a file; one that is not there is fine."""
        path.unlink(missing_ok=True)

    def lock(self, path: Path) -> Callable[[], None]:
        """Take an exclusive lock that dies with this process; returns what releases it.

        Raises ``BlockingIOError`` where another process, or this one, holds it.
        """
        import filelock  # only a run that writes needs it

        lock = filelock.FileLock(path, timeout=0, thread_local=False)
        try:
            lock.acquire()
        except filelock.Timeout:
            raise BlockingIOError(errno.EAGAIN, "the lock is held", str(path)) from None
        return lambda: lock.release(force=True)


class Unsynced(Files):
    """Files that survive a killed process, but not a power cut."""

    slow = False

    def sync(self, fd: int) -> None:
        """Leave it to the operating system."""

    def sync_folder(self, path: Path) -> None:
        """Leave it to the operating system."""


def write_atomically(files: Files, path: Path, data: bytes, *, durable: bool = True) -> None:
    """Give a file new contents so that any reader, and any crash, finds the old or the new ones.

    ``durable`` returns only when the new ones would survive a power cut. The temporary file is
    in the same folder, since a rename is atomic only inside one file system.
    """
    temporary = path.with_name(f"{path.name}.tmp")
    files.remove(temporary)  # a killed run's
    try:
        fd = files.create(temporary, like=path)
        try:
            files.write(fd, data)
            if durable:
                files.sync(fd)  # before the rename: else a power cut can leave the name, empty
        finally:
            files.close(fd)
        files.replace(temporary, path)
    except OSError:
        with suppress(OSError):
            files.remove(temporary)
        raise
    if durable:
        files.sync_folder(path.parent)


if sys.platform == "darwin":
    import fcntl

    def _flush(fd: int) -> None:
        try:
            fcntl.fcntl(fd, fcntl.F_FULLFSYNC)  # fsync stops at the drive's own cache
        except OSError:  # some network file systems cannot
            os.fsync(fd)

elif sys.platform == "win32":
    _flush = os.fsync
else:
    _flush = os.fdatasync
