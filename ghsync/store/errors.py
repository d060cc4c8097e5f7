"""From the system's errors to ours: what could not be done, where, and what to do next."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ghsync.errors import StateFileError

_NEXT = {
    errno.ENOSPC: "free some disk space",
    errno.EDQUOT: "free some of your disk quota",
    errno.EROFS: "make the folder writable",
    errno.EACCES: "make the folder and its files accessible to you",
    errno.EPERM: "make the folder and its files accessible to you",
    errno.EIO: "check the disk",
    errno.ELOOP: "replace the link by a file",
    errno.EINVAL: "remove what is in its place",
    errno.EFBIG: "restore the right file from git, or remove it",
}


@contextmanager
def explained(
    doing: str, path: Path, *, after: str = "then run the same command again"
) -> Iterator[None]:
    """Turn an ``OSError`` into a :class:`StateFileError` that says what, where and what next."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error) or type(error).__name__
        first = _NEXT.get(error.errno or 0, "mend that")
        raise StateFileError(
            f"cannot {doing} {path}: {reason}", hint=f"{first}, {after}"
        ) from error
