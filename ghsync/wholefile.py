"""Writing a file whole or not at all: a full disk, or a crash, leaves what was there."""

from __future__ import annotations

import errno
import os
from contextlib import suppress
from pathlib import Path

FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
"""What the system says where a file cannot grow, whoever may write it."""
_FLAGS = (
    os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
)


def write_whole(path: Path, data: bytes, *, mode: int = 0o666) -> None:
    """Put the bytes in the file's place at once; a link stays one. Raises ``OSError``."""
    target = resolved(path)
    new = _beside(target)
    try:
        _write(new, data, mode)
        new.replace(target)
    except OSError:
        with suppress(OSError):
            new.unlink(missing_ok=True)
        raise


def write_new(path: Path, data: bytes, *, mode: int = 0o666) -> None:
    """Make the file. Raises ``OSError``: ``FileExistsError`` where there is one, which stays."""
    descriptor = os.open(path, _FLAGS, mode)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
    except OSError:
        with suppress(OSError):
            path.unlink()
        raise


def can_write(path: Path) -> None:
    """Raise ``OSError`` or ``ValueError`` where :func:`write_whole` would, as far as is known."""
    trial = _beside(resolved(path))
    os.close(os.open(trial, _FLAGS, 0o666))
    trial.unlink()


def how_to_write(error: OSError) -> str:
    """What a person can do about a file that could not be written."""
    if error.errno in FULL:
        return "Free some disk space, then run the same command again."
    return "Make the folder writable."


def leads_away(path: Path) -> bool:
    """Whether it is a link out of its folder, also to what is not there yet, or to itself.

    A repository from elsewhere must not choose what is written to. A device or a pipe is no file.
    """
    if not path.is_symlink() or (path.exists() and not path.is_file()):
        return False
    try:
        return not resolved(path).is_relative_to(resolved(path.parent))
    except OSError:
        return True


def resolved(path: Path) -> Path:
    """Where the links of a path lead. Raises ``OSError`` for one that leads to itself."""
    try:
        real = path.resolve()
    except RuntimeError:  # so says Python before 3.13
        raise _loop(path) from None
    if real.is_symlink():  # since 3.13 it stays what it is
        raise _loop(path)
    return real


def _loop(path: Path) -> OSError:
    return OSError(errno.ELOOP, os.strerror(errno.ELOOP), str(path))


def _beside(path: Path) -> Path:
    return path.with_name(f".ghsync-{os.getpid()}.tmp")


def _write(path: Path, data: bytes, mode: int) -> None:
    with os.fdopen(os.open(path, _FLAGS, mode), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
