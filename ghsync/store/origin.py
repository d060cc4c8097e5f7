"""Who runs ghsync, and from which commit: for the header of a run's log."""

from __future__ import annotations

import getpass
import platform
from contextlib import suppress
from pathlib import Path


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
                git = folder / git.read_text().removeprefix("gitdir:").strip()
            if git.is_dir():
                return _head(git)
    return None


def _head(git: Path) -> str | None:
    head = (git / "HEAD").read_text().strip()
    if not head.startswith("ref: "):
        return head
    ref = head.removeprefix("ref: ")
    pointer = git / "commondir"
    common = git / pointer.read_text().strip() if pointer.is_file() else git
    for place in (git, common):
        if (place / ref).is_file():
            return (place / ref).read_text().strip()
    packed = common / "packed-refs"
    for line in packed.read_text().splitlines() if packed.is_file() else ():
        commit, _, name = line.partition(" ")
        if name == ref:
            return commit
    return None
