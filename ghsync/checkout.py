"""What git knows about a folder: which commit GitHub has, and which files it holds.

The only place that runs git; where there is no git, or no checkout, everything answers "unknown".
"""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path

_SECONDS = 20.0
_GUARDED = ("-c", "core.fsmonitor=false", "-c", "safe.bareRepository=explicit")
"""A checkout may hold a folder that is itself a repository, whose settings name programs."""
_QUIET = {"GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"}


class Checkout:
    """The git checkout that a folder lies in; asks git once for each thing it is asked for."""

    def __init__(self, root: Path, env: Mapping[str, str]) -> None:
        """``env`` is the environment that git runs in."""
        self._root = root
        self._env = {**env, **_QUIET}

    @cached_property
    def prefix(self) -> str | None:
        """The folder's path inside the checkout, POSIX, ``""`` at its top; ``None``: no checkout.

        Ends with a slash where it is not empty.
        """
        found = self.run("rev-parse", "--show-prefix")
        return None if found is None else found.decode("utf-8", "surrogateescape").rstrip("\n")

    @cached_property
    def commit(self) -> str | None:
        """The newest commit of this branch that GitHub has, as far as git knows: 40 hex digits.

        In a job of GitHub Actions that is the checked-out one. Elsewhere it is the newest that a
        remote-tracking branch holds; without any such branch, the checked-out one.
        """
        head = self._line("rev-parse", "--verify", "HEAD^{commit}")
        if head is None or self._env.get("GITHUB_ACTIONS") == "true":
            return head
        if not self.run("for-each-ref", "--count=1", "refs/remotes"):
            return head
        ahead = self.run("rev-list", "--first-parent", "HEAD", "--not", "--remotes")
        own = (ahead or b"").split()
        return self._line("rev-parse", "--verify", f"{own[-1].decode()}^") if own else head

    @cached_property
    def files(self) -> frozenset[str]:
        """The files of :attr:`commit` and the folders they lie in, relative to the checkout."""
        if self.commit is None:
            return frozenset()
        names = self.run("ls-tree", "-r", "-z", "--full-tree", "--name-only", self.commit) or b""
        found = set(names.decode("utf-8", "surrogateescape").split("\0")) - {""}
        for name in tuple(found):
            while (cut := name.rfind("/")) > 0 and (name := name[:cut]) not in found:
                found.add(name)
        return frozenset(found)

    def run(self, *arguments: str) -> bytes | None:
        """What git prints; ``None`` where it fails or is not there."""
        try:
            done = subprocess.run(  # noqa: S603 (arguments are ours, and there is no shell)
                ["git", *_GUARDED, "-C", str(self._root), "--literal-pathspecs", *arguments],  # noqa: S607
                capture_output=True,
                check=False,
                timeout=_SECONDS,
                env=self._env,
                stdin=subprocess.DEVNULL,
            )
        except (OSError, subprocess.SubprocessError):
            return None
        return done.stdout if done.returncode == 0 else None

    def _line(self, *arguments: str) -> str | None:
        found = self.run(*arguments)
        return None if found is None else found.decode().strip() or None
