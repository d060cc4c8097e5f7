"""What rewriting needs to know of the repository, and what it answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import field

from ghsync.model import IssueNumber, Key
from ghsync.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """The repository around a body. Paths are POSIX and relative to the repository's root."""

    repo: str
    """``owner/name``."""
    web_url: str = "https://github.com"
    """Where people see the repository, without a final slash."""
    commit: str | None = None
    """The pushed commit (40 hex digits); ``None``: links to files stay as they are."""
    items: Mapping[str, Key] = field(default_factory=dict)
    """The item of a file; none for a file that holds several."""
    idents: Mapping[tuple[str, str], Key] = field(default_factory=dict)
    """(folder, id without leading zeros, case-folded): what a local ``#12`` may mean there."""
    anywhere: Mapping[str, frozenset[Key]] = field(default_factory=dict)
    """The same id, wherever its items are: another folder's may be meant, too."""
    numbers: Mapping[Key, IssueNumber] = field(default_factory=dict)
    """The items that have an issue."""
    named: frozenset[IssueNumber] = frozenset()
    """Issues of our items that the files themselves name (``github: …/issues/41``)."""
    files: Callable[[str], bool] = lambda _path: False
    """Whether there is a file or folder of this path, in the commit or beside it."""
    committed: Callable[[str], bool] = lambda _path: True
    """Whether the commit has it; a link to one that only the checkout has names ``HEAD``."""
    known: frozenset[str] | None = frozenset()
    """Case-folded logins and ``org/team`` that may be notified; ``None``: everybody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """Something about one line that a person may want to know; nothing was refused for it."""

    line: int
    """1-based, within the body."""
    code: str
    """``missing-link``, ``outside-link``, ``link-form`` or ``ambiguous-number``."""
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rewritten:
    """A body for GitHub; its line i is line i of the body in the file."""

    text: str
    waits: tuple[Key, ...] = ()
    """Linked items without an issue yet, in order; their links lead to the file for now."""
    notes: tuple[Note, ...] = ()
    added: int = 0
    """How many characters longer than the body in the file; it may take it over GitHub's limit."""
