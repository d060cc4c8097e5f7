"""What arrives in the files: one issue on its way into a file, and all of a pull."""

from __future__ import annotations

import difflib

from ghsync.model import Change, FieldName, IssueNumber, Key, Kind
from ghsync.render import TitleTemplate
from ghsync.values import dataclass
from ghsync.writer import FileChange
from ghsync.writing import WriteSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """One issue on its way into a file."""

    key: Key
    path: str
    number: IssueNumber
    title: str
    kind: Kind
    changes: tuple[Change, ...]
    """What the file says now, and what it shall say; of a new file what it holds."""
    unheld: tuple[str, ...] = ()
    """Fields of which the file cannot hold what GitHub has, and no pull has said so yet."""
    apart: frozenset[FieldName] = frozenset()
    """All such fields, those of earlier pulls included."""
    new: bool = False
    refused: str = ""
    """Why the file is left alone, and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrivals:
    """All of a pull: what arrives where, and the files' new bytes."""

    items: tuple[Arrival, ...]
    files: tuple[FileChange, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PullSettings:
    """What a user may decide about a pull."""

    write: WriteSettings
    title: TitleTemplate
    label: str | None = None
    """Issues with this label become files, too, though no item is their parent."""


def diff_of(change: FileChange) -> str:
    """A unified diff of one file, as ``git diff`` shows it."""
    old = "" if change.before is None else change.before.decode("utf-8", "replace")
    new = change.after.decode("utf-8", "replace")
    lines = difflib.unified_diff(
        old.splitlines(keepends=True),
        new.splitlines(keepends=True),
        "/dev/null" if change.before is None else f"a/{change.path}",
        f"b/{change.path}",
    )
    return "".join(line if line.endswith("\n") else f"{line}\n" for line in lines)
