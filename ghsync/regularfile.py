"""Reading a file that anybody may have put there: a regular one, of a bounded size, or an error.

A checkout can hold a pipe, a link to a device or a file of gigabytes under any name that ghsync
reads. Opened in the plain way, the first waits for ever and the last takes the machine's memory.
"""

from __future__ import annotations

import errno
import os
import stat

LARGEST = 1 << 30
"""Bytes; GitHub takes no file over 100 MB, so what is larger was not cloned from there."""
_FLAGS = (
    os.O_RDONLY
    | getattr(os, "O_NONBLOCK", 0)  # a pipe that nobody writes to is opened at once, and refused
    | getattr(os, "O_NOCTTY", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
)


def read_regular(path: str | os.PathLike[str], most: int = LARGEST) -> bytes:
    """The bytes of a regular file of at most ``most`` bytes; links are followed.

    Raises ``OSError``: ``EINVAL`` for a pipe, a device and the like, ``EFBIG`` for what is larger
    or grows meanwhile, and whatever the system says.
    """
    fd = os.open(path, _FLAGS)
    try:
        found = os.fstat(fd)
        if stat.S_ISDIR(found.st_mode):
            raise OSError(errno.EISDIR, os.strerror(errno.EISDIR), os.fspath(path))
        if not stat.S_ISREG(found.st_mode):
            raise OSError(errno.EINVAL, "Not a regular file", os.fspath(path))
        if found.st_size > most:
            raise _too_large(path, most)
        parts: list[bytes] = []
        left = most + 1
        while left > 0 and (part := os.read(fd, min(left, max(found.st_size, 0) + 1))):
            parts.append(part)
            left -= len(part)
        if left <= 0:
            raise _too_large(path, most)
        return b"".join(parts)
    finally:
        os.close(fd)


def _too_large(path: str | os.PathLike[str], most: int) -> OSError:
    return OSError(errno.EFBIG, f"Over {most:,} bytes", os.fspath(path))
