"""A token, or a private key, in a file of its own."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from ghsync.errors import AuthError
from ghsync.remote.auth import Hidden, Token

LARGEST = 65_536
"""Bytes; a private key has about 1,700."""


def read_token(path: Path) -> Token:
    """The token in a file, without the white space around it.

    Raises :class:`AuthError` for a file that is missing, no regular file, open to others than its
    owner and group, or no token.
    """
    secret = read_secret(path, what="token", named_by="--token-file or GHSYNC_TOKEN_FILE")
    return Token(secret.reveal(), source=f"the file {path}")


def read_secret(path: Path, *, what: str, named_by: str) -> Hidden:
    """The text of a file that only its owner (and group) may read or write.

    Raises :class:`AuthError`, which names the file and never what it holds.
    """
    expanded = path.expanduser()
    try:
        # Not to wait for somebody to write into a named pipe.
        number = os.open(expanded, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    except OSError as error:
        raise _unreadable(path, what, named_by, error.strerror or "no such file") from None
    try:
        found = os.fstat(number)
        if not stat.S_ISREG(found.st_mode):
            raise _unreadable(path, what, named_by, "it is no regular file")
        if os.name == "posix" and found.st_mode & (stat.S_IROTH | stat.S_IWOTH):
            raise AuthError(
                f"the {what} in {path} is open to everybody on this machine "
                f"(mode {stat.S_IMODE(found.st_mode):04o})",
                hint=f"`chmod 600 {path}`, and make a new {what} if others could have read it.",
            )
        if found.st_size > LARGEST:
            raise _unreadable(path, what, named_by, f"it has {found.st_size:,} bytes")
        try:
            return Hidden(os.read(number, LARGEST + 1).decode("utf-8-sig").strip())
        except (OSError, ValueError):
            raise _unreadable(path, what, named_by, "it is not text") from None
    finally:
        os.close(number)


def _unreadable(path: Path, what: str, named_by: str, why: str) -> AuthError:
    return AuthError(
        f"the {what} {path} cannot be read: {why[:1].lower()}{why[1:]}", hint=f"Check {named_by}."
    )
