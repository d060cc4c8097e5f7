"""The names and words that every other value is made of: identifiers, kinds, states."""

from __future__ import annotations

from enum import IntEnum, StrEnum
from typing import NewType

Key = NewType("Key", str)
"""An item's stable local name: its path without ``.md`` (``#T001`` added for a task line)."""
Uid = NewType("Uid", str)
"""The random name in an issue's marker: 32 lower-case hex digits."""
IssueNumber = NewType("IssueNumber", int)
IssueId = NewType("IssueId", int)
"""GitHub's database id of an issue (int64): what sub-issues and dependencies want."""
RepoId = NewType("RepoId", int)
RunId = NewType("RunId", str)
SANDBOX_REPOS = 9_000_000_000_000
"""Repositories of the sandbox have ids from here on, far above GitHub's; no two are the same."""


class Kind(StrEnum):
    """What an item is; also its label on GitHub."""

    PRD = "prd"
    EPIC = "epic"
    TASK = "task"


class State(StrEnum):
    """An issue's state."""

    OPEN = "open"
    CLOSED = "closed"


class StateReason(StrEnum):
    """Why an item is closed, as far as a status word can say it."""

    COMPLETED = "completed"
    NOT_PLANNED = "not_planned"


class Priority(IntEnum):
    """Which work matters most when a run is cut short; lower goes first."""

    CRITICAL = 0
    HIGH = 1
    MEDIUM = 2
    LOW = 3


class Severity(StrEnum):
    """How bad a finding is: an error makes exit 1, a warning only under ``--strict``."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"
