"""What a run amounts to: its requests, its ETA, why it is refused, its exit code."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from ghsync.brakes import brake
from ghsync.config import Config
from ghsync.errors import ExitCode, GhsyncError, RefusedError, StrictLintError
from ghsync.journal import SyncMap
from ghsync.lint import exit_code, in_order
from ghsync.model import (
    Adopt,
    Block,
    Cost,
    CreateIssue,
    Finding,
    LinkParent,
    Operation,
    OpResult,
    Requests,
    Run,
    RunId,
    Severity,
    Status,
    Unblock,
    UnlinkParent,
)
from ghsync.plan import requests_of
from ghsync.prepared import Prepared

if TYPE_CHECKING:
    from ghsync.session import Session

_PAGE = 100
_WRITE = Cost(points=5)
_CONTENT = Cost(points=5, content=True)
_LOCK = Requests(reads=4, writes=2)
"""What the lock between machines costs: a look, and three numbers beyond the highest known."""


def refusal(config: Config, prepared: Prepared, smap: SyncMap) -> GhsyncError | None:
    """Why this plan may not be carried out, if so: strict findings, or a brake."""
    findings = findings_of(prepared)
    if config.strict and exit_code(findings, strict=True) is ExitCode.STRICT:
        count = sum(finding.severity is not Severity.INFO for finding in findings)
        return StrictLintError(
            f"--strict: {count} errors and warnings, so nothing is sent.",
            hint="Mend them (`ghsync lint` shows them), or leave out --strict.",
        )
    try:
        brake(prepared.planned.plan, smap, config.allow_changes)
    except RefusedError as error:
        return error
    return None


def findings_of(prepared: Prepared, extra: tuple[Finding, ...] = ()) -> tuple[Finding, ...]:
    """What loader, lint, plan and run found, in order."""
    return in_order([*prepared.checked.findings, *prepared.planned.plan.findings, *extra])


def needed(prepared: Prepared, reads: int, lock: Requests = Requests()) -> Requests:  # noqa: B008
    """The requests of a plan: its writes, the reads that made it, and the one look afterwards.

    ``lock`` is what the remote lock takes (:func:`lock_needs`).
    """
    requests = requests_of(prepared.planned.plan.operations, reads=reads)
    if not requests.writes:
        return requests
    return requests + Requests(reads=-(-requests.writes // _PAGE)) + lock


def wants_lock(config: Config, prepared: Prepared) -> bool:
    """Whether this plan is carried out under the remote lock: only creates need it."""
    return config.remote_lock and any(
        isinstance(op, CreateIssue) for op in prepared.planned.plan.operations
    )


def lock_needs(config: Config, prepared: Prepared) -> Requests:
    """The requests of the remote lock: its label made and deleted, and a second look at GitHub."""
    return _LOCK if wants_lock(config, prepared) else Requests()


def eta(session: Session | None, operations: Iterable[Operation]) -> float:
    """Seconds that these operations take at the server's limits, from now."""
    if session is None:
        return 0.0
    costs = [cost for op in operations if (cost := _cost(op)) is not None]
    return session.limiter.eta(costs, session.clock.now())


def _cost(op: Operation) -> Cost | None:
    match op:
        case Adopt():
            return None
        case CreateIssue() | LinkParent() | UnlinkParent() | Block() | Unblock():
            return _CONTENT
        case _:
            return _WRITE


def make_run(
    prepared: Prepared,
    *,
    run_id: RunId,
    command: str,
    dry_run: bool,
    remote: str,
    session: Session | None,
    requests: Requests,
    eta_seconds: float,
    duration: float,
    error: GhsyncError | None,
    results: tuple[OpResult, ...] | None = None,
    extra: tuple[Finding, ...] = (),
) -> Run:
    """Put a run together; without ``results`` every operation is pending."""
    plan = prepared.planned.plan
    if results is None:
        results = tuple(OpResult(operation=op, status=Status.PENDING) for op in plan.operations)
    return Run(
        id=run_id,
        command=command,
        dry_run=dry_run,
        plan=plan,
        items=prepared.checked.items,
        results=results,
        findings=findings_of(prepared, extra),
        requests=requests,
        spent=session.spent if session is not None else Requests(),
        eta_seconds=eta_seconds,
        duration=duration,
        rate_limit=session.limiter.rate_limit if session is not None else None,
        remote=remote,
        stopped=error.message if error is not None else None,
        error=error,
    )


def exit_code_of(run: Run, *, detailed: bool = False) -> ExitCode:
    """The exit code of a run; with ``detailed``, a dry run with pending writes gives 10."""
    if run.error is not None:
        return run.error.exit_code
    if run.failed or run.plan.conflicts or exit_code(run.findings, strict=False):
        return ExitCode.PARTIAL
    if detailed and run.dry_run and any(not isinstance(r.operation, Adopt) for r in run.results):
        return ExitCode.PENDING
    return ExitCode.DONE
