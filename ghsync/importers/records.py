"""One line of another tool's records: a local name, and the issue that it says this is."""

from __future__ import annotations

from enum import StrEnum
from typing import TypeAlias

from ghsync.model import IssueNumber, Key
from ghsync.values import dataclass


class Tool(StrEnum):
    """Whose records are read."""

    CLAUDEAUTOPM = "claudeautopm"
    CCPM = "ccpm"
    PLANPILOT = "planpilot"
    PLANHUB = "planhub"
    GH_ISSUE_SYNC = "gh-issue-sync"


@dataclass(frozen=True, slots=True, kw_only=True)
class ByKey:
    """The item with this key."""

    key: Key


@dataclass(frozen=True, slots=True, kw_only=True)
class ByIdent:
    """The item that gives itself this id."""

    ident: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ByPath:
    """The item of this file: POSIX, relative to the root."""

    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ByTitle:
    """The only item in this folder with this title, which the record itself spells out."""

    folder: str
    title: str


Name: TypeAlias = ByKey | ByIdent | ByPath | ByTitle


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One line of a tool's records; ``wrong`` says why it cannot be used as it stands."""

    tool: Tool | None
    """``None`` for what no tool wrote: a file's own field, or a person's word."""
    path: str
    """The file that it stands in; empty for a person's word."""
    line: int
    text: str
    """The local name as the record has it, for a reader."""
    names: tuple[Name, ...] = ()
    """What it may mean; every one that is an item must be the same item."""
    number: IssueNumber | None = None
    repo: str | None = None
    """``owner/name`` where the record says it; ``None`` for this repository."""
    title: str | None = None
    proven: bool = False
    """The issue itself says that it is this item, so its title need not."""
    wrong: str | None = None


def shown(value: object) -> str:
    """A value of a record in a message: one line, not too long."""
    text = " ".join(str(value).split())
    return text if len(text) <= 80 else f"{text[:79]}…"


def number_in(value: object) -> IssueNumber | None:
    """An issue's number in a JSON value: a number, or a text that is one."""
    if isinstance(value, str) and value.isascii() and value.strip().isdigit() and len(value) < 12:
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 < value < 1_000_000_000:
        return None
    return IssueNumber(value)
