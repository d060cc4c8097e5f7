"""Who runs ghsync, and from which commit: for the header of a run's log."""

from __future__ import annotations

import getpass
import platform
import re
from contextlib import suppress
from pathlib import Path

from ghsync.regularfile import read_regular

_LARGEST = 16 << 20
"""Bytes: git's list of packed names has a line for each branch and tag."""


def whoami() -> str:
    """The user and the machine, ``name@host``, as far as the system tells."""
    try:
        user = getpass.getuser()
    except (OSError, KeyError, ImportError):  # a container's user without a name
        user = "unknown"
    return f"{user}@{platform.node() or 'unknown'}"


def head_commit(root: Path) -> str | None:
    """The commit that is checked out in the folder's git repository, without running git."""
    for folder in (root.absolute(), *root.absolute().parents):
        git = folder / ".git"
        with suppress(OSError, ValueError):
            if git.is_file():  # a worktree or a submodule: "gitdir: PATH"
                git = folder / _text(git).removeprefix("gitdir:").strip()
            if git.is_dir():
                found = _head(git)
                # A made-up HEAD can name any file of the machine, and a commit is published.
                return found if found and re.fullmatch(r"[0-9a-f]{40,64}", found) else None
    return None


def _head(git: Path) -> str | None:
    head = _text(git / "HEAD").strip()
    if not head.startswith("ref: "):
        return head
    ref = head.removeprefix("ref: ")
    pointer = git / "commondir"
    common = git / _text(pointer).strip() if pointer.is_file() else git
    for place in (git, common):
        if (place / ref).is_file():
            return _text(place / ref).strip()
    packed = common / "packed-refs"
    for line in _text(packed).splitlines() if packed.is_file() else ():
        commit, _, name = line.partition(" ")
        if name == ref:
            return commit
    return None


def _text(path: Path) -> str:
    return read_regular(path, _LARGEST).decode()
