"""The records of a run: values, as its log told them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from enum import StrEnum
from typing import Any

from ghsync.model import IssueNumber, Key, Requests, RunId
from ghsync.values import dataclass

PAUSED = "paused"
"""The reason of a wait that somebody asked for with ``ghsync runs pause``."""


class RunStatus(StrEnum):
    """What became of a run."""

    PENDING = "pending"
    """Under way, and paused."""
    RUNNING = "running"
    COMPLETED = "completed"
    """It came to its end; single operations may have failed."""
    FAILED = "failed"
    """An error stopped it early: its ``code``."""
    CANCELLED = "cancelled"
    INTERRUPTED = "interrupted"
    """By Ctrl-C, or killed: its log has no end and nobody holds its lock."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestRecord:
    """One sending of one request; ``at`` is epoch seconds, ``waited`` seconds at the gate."""

    at: float
    label: str
    method: str
    path: str
    status: int | None
    request_id: str | None
    attempt: int
    waited: float
    seconds: float
    error: str | None
    op: str | None = None
    """The operation it belongs to; ``None`` for the readings before the plan."""
    key: Key | None = None
    target: str | None = None
    number: IssueNumber | None = None
    """For the request that made an issue, the number it got."""

    @property
    def went_wrong(self) -> bool:
        """True unless it was answered well; a read that finds nothing was."""
        looked_and_found_none = self.method == "GET" and self.status in (404, 410)
        return self.error is not None and not looked_and_found_none


@dataclass(frozen=True, slots=True, kw_only=True)
class OpRecord:
    """One operation that ended, and what it replaced."""

    at: float
    op: str
    key: Key | None
    path: str | None
    number: IssueNumber | None
    title: str
    target: str | None
    """The other end: a label's name, a milestone's title, a parent's or blocker's key."""
    status: str
    message: str
    before: Mapping[str, Any] = field(default_factory=dict)
    after: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitRecord:
    """A wait at a limit, or a pause: why and how long."""

    at: float
    reason: str
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeRecord:
    """A line that the run said."""

    at: float
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """A run's operations by what became of them."""

    total: int = 0
    done: int = 0
    failed: int = 0
    unknown: int = 0
    skipped: int = 0

    @property
    def pending(self) -> int:
        """Operations that the run did not come to."""
        return max(0, self.total - self.done - self.failed - self.unknown - self.skipped)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRecord:
    """One run: who, when, what, and how it ended; with its whole trail unless read in brief."""

    id: RunId
    status: RunStatus
    command: str = ""
    version: str = ""
    repo: str | None = None
    user: str = ""
    commit: str | None = None
    started: float = 0.0
    """Epoch seconds of the machine's clock."""
    ended: float | None = None
    """When the last line was written; ``None`` while it runs. Virtual with ``--sandbox``."""
    duration: float = 0.0
    """Seconds on the run's own clock, pauses included."""
    code: str | None = None
    """The error that ended it, as a word for programs."""
    message: str = ""
    hint: str = ""
    counts: Counts = field(default_factory=Counts)
    planned: Mapping[str, int] = field(default_factory=dict)
    """Operations of its plan by kind."""
    eta_seconds: float | None = None
    issues: int = 0
    """Issues that it created or changed."""
    spent: Requests = field(default_factory=Requests)
    requests: tuple[RequestRecord, ...] = ()
    operations: tuple[OpRecord, ...] = ()
    waits: tuple[WaitRecord, ...] = ()
    notices: tuple[NoticeRecord, ...] = ()
    damaged: int = 0
    """Lines that could not be read, a torn last one not among them."""

    @property
    def throughput(self) -> float | None:
        """Issues a minute, or ``None`` for a run without time or issues."""
        return 60 * self.issues / self.duration if self.issues and self.duration > 0 else None

    @property
    def under_way(self) -> bool:
        """True while the run holds the lock."""
        return self.status in (RunStatus.RUNNING, RunStatus.PENDING)
