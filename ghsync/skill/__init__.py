"""The skill file that teaches a coding agent to plan with ghsync, and where agents look for it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from importlib.resources import files
from pathlib import Path, PurePosixPath
from typing import Literal, TypeAlias

from ghsync import __version__
from ghsync.errors import UsageError
from ghsync.regularfile import read_regular
from ghsync.values import dataclass
from ghsync.wholefile import how_to_write, resolved, write_whole

NAME = "ghsync"
_LARGEST = 1 << 20
_SIGNED = re.compile(r"\n<!-- ghsync (\S+) sha256:([0-9a-f]{64}) -->\n\Z")

_AGENTS: Sequence[tuple[str, tuple[str, ...]]] = (
    (".claude/skills", (".claude", "CLAUDE.md")),
    (".cursor/skills", (".cursor", ".cursorrules")),
    (
        ".github/skills",
        (".github/copilot-instructions.md", ".github/instructions", ".github/skills"),
    ),
    (".agents/skills", (".agents", ".codex", "AGENTS.md", ".gemini", "GEMINI.md", ".opencode")),
)
"""Folders in which agents look for skills, and what tells that such an agent is used here."""
_SHARED = ".agents/skills"
"""Where nothing tells: the folder that most agents read."""
State: TypeAlias = Literal["written", "updated", "there", "changed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """What became of one copy of the skill."""

    path: Path
    state: State
    """``there``: it was up to date. ``changed``: somebody has edited it, so it was left alone."""


def text() -> str:
    """The skill file of this version, signed, so that a copy tells whether it was edited."""
    body = files(__name__).joinpath("SKILL.md").read_text(encoding="utf-8")
    return f"{body}\n<!-- ghsync {__version__} sha256:{_digest(body)} -->\n"


def place(root: Path, *, force: bool = False, dry_run: bool = False) -> tuple[Placed, ...]:
    """Put the skill where the agents that are used in ``root`` look for it.

    A copy that somebody has edited stays as it is, unless ``force``. ``dry_run`` says what would
    become of each, and writes nothing. Raises
    :class:`~ghsync.errors.UsageError` for a folder that cannot be written or leads elsewhere.
    """
    seen: set[Path] = set()
    placed: list[Placed] = []
    for folder in folders(root):
        path = root / folder / NAME / "SKILL.md"
        real = _inside(root, path)
        if real not in seen:  # one of the folders can be a link to another
            seen.add(real)
            placed.append(_placed(path, force=force, dry_run=dry_run))
    return tuple(placed)


def folders(root: Path) -> tuple[PurePosixPath, ...]:
    """The skill folders of the agents that have left something in ``root``."""
    found = tuple(_used(root))
    return found or (PurePosixPath(_SHARED),)


def _used(root: Path) -> Iterator[PurePosixPath]:
    for folder, signs in _AGENTS:
        if any((root / sign).exists() for sign in signs):
            yield PurePosixPath(folder)


def _inside(root: Path, path: Path) -> Path:
    try:
        real = resolved(path)
    except OSError as error:
        raise UsageError(
            f"{path} cannot be written: {error.strerror}",
            hint="Replace the link, or copy what `ghsync init --skill --print` prints.",
        ) from error
    if not real.is_relative_to(root.resolve()):
        raise UsageError(
            f"{path} leads out of the folder, to {real}.",
            hint="Replace the link, or copy what `ghsync init --skill --print` prints.",
        )
    return real


def _placed(path: Path, *, force: bool, dry_run: bool) -> Placed:
    new = text()
    try:
        old = read_regular(path, _LARGEST).decode(errors="replace") if path.exists() else None
        if old == new:
            return Placed(path=path, state="there")
        if old is not None and not force and not _untouched(old):
            return Placed(path=path, state="changed")
        if not dry_run:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(path, new.encode())
    except OSError as error:
        raise UsageError(
            f"{path} cannot be written: {error.strerror}", hint=how_to_write(error)
        ) from error
    return Placed(path=path, state="written" if old is None else "updated")


def _untouched(old: str) -> bool:
    """Whether a copy is as some version of ghsync wrote it."""
    signed = _SIGNED.search(old)
    return signed is not None and _digest(old[: signed.start()]) == signed[2]


def _digest(body: str) -> str:
    return hashlib.sha256(body.encode()).hexdigest()
