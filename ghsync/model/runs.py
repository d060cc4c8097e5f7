"""What a run did, the events while it goes on, and what other commands find."""

from __future__ import annotations

from dataclasses import field
from enum import StrEnum
from typing import Literal, TypeAlias

from ghsync.errors import GhsyncError
from ghsync.model.items import Finding, Item
from ghsync.model.names import IssueNumber, Key, RunId, Severity
from ghsync.model.operations import Operation
from ghsync.model.plans import Plan, Requests
from ghsync.model.saved import Binding
from ghsync.values import dataclass


class Status(StrEnum):
    """What became of an operation."""

    PENDING = "pending"
    DONE = "done"
    FAILED = "failed"
    SKIPPED = "skipped"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class OpResult:
    """One operation and what became of it in this run."""

    operation: Operation
    status: Status
    number: IssueNumber | None = None
    url: str | None = None
    message: str = ""
    """For a failed, skipped or unknown one: what happened and what to do next."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RateLimit:
    """GitHub's primary budget by the newest answer; ``reset`` is epoch seconds."""

    limit: int
    remaining: int
    reset: int


class FileStatus(StrEnum):
    """What became of an item's file that should name its issue."""

    PENDING = "pending"
    """It would get a line."""
    WRITTEN = "written"
    NO_PLACE = "no_place"
    """Its layout has no field for an issue."""
    LEFT = "left"
    """It was left alone, and a finding says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileWrite:
    """An item's file that gets, or should get, its issue's URL or number."""

    path: str
    key: Key
    layout: str
    number: IssueNumber | None
    """``None`` in a dry run for an issue that is not made yet."""
    status: FileStatus
    message: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What a push (or its dry run) did: typed, complete, printable by :mod:`ghsync.report`."""

    id: RunId
    command: str
    dry_run: bool
    plan: Plan
    items: tuple[Item, ...]
    results: tuple[OpResult, ...]
    """One per operation of the plan, in its order; all pending in a dry run."""
    findings: tuple[Finding, ...]
    requests: Requests
    spent: Requests
    eta_seconds: float
    duration: float
    """Seconds on the run's own clock: virtual with ``--sandbox``."""
    rate_limit: RateLimit | None
    remote: str
    """Where GitHub's side was read from: ``github``, ``sandbox`` or ``none``."""
    stopped: str | None = None
    """Why the run ended before its plan did, or would be refused."""
    error: GhsyncError | None = None
    """The error that stopped it, for its exit code and its hint."""
    files: tuple[FileWrite, ...] = ()
    """With ``write_back``: the files that had no line for their issue."""
    limits: str = "github.com"
    """The limits that were kept to, by the name of the limiter's profile; ``none``: none."""
    bound: Binding | None = field(default=None, compare=False, repr=False)
    """Of a dry run that read GitHub and files: makes what a plan file holds."""

    @property
    def total(self) -> int:
        """Operations in the plan."""
        return len(self.results)

    @property
    def succeeded(self) -> int:
        """Operations done."""
        return sum(r.status is Status.DONE for r in self.results)

    @property
    def failed(self) -> int:
        """Operations that failed or whose outcome is not known."""
        return sum(r.status in (Status.FAILED, Status.UNKNOWN) for r in self.results)

    @property
    def errors(self) -> tuple[str, ...]:
        """One line for each failed or unknown operation and each error finding."""
        from_results = tuple(
            r.message for r in self.results if r.status in (Status.FAILED, Status.UNKNOWN)
        )
        from_findings = tuple(
            f"{f.path}:{f.line}: {f.message}" for f in self.findings if f.severity is Severity.ERROR
        )
        return from_results + from_findings


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanReady:
    """The plan is made; nothing has been written yet."""

    plan: Plan
    requests: Requests
    eta_seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """GitHub is being read."""

    what: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationEnded:
    """One operation has an outcome; ``done`` of ``total`` operations have one now."""

    result: OpResult
    done: int
    total: int
    eta_seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """Nothing is sent until ``until``, because of ``reason`` (a limit's name, a pause)."""

    reason: str
    seconds: float
    until: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Something worth a line while the run goes on (a retry, a reconciliation)."""

    message: str


Event: TypeAlias = PlanReady | Reading | OperationEnded | Waiting | Notice


StepState: TypeAlias = Literal["in step", "ahead", "behind", "diverged", "missing", "gone", "new"]
"""The file against GitHub: it changed, GitHub changed, both did; there is no issue; there is no
file any more, or none yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusRow:
    """One item's place between file and issue, for ``ghsync status``.

    An issue that has no file yet has neither key nor path, but its title.
    """

    key: Key
    path: str
    number: IssueNumber | None
    state: StepState
    detail: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One thing that ``ghsync doctor`` looked at."""

    name: str
    ok: bool | None
    """``None`` where it could not be told, or is worth a look and stops nothing."""
    detail: str
    hint: str = ""
