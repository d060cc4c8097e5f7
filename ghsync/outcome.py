"""What a run amounts to: its requests, its ETA, why it is refused, its exit code."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING

from ghsync.brakes import brake
from ghsync.config import Config
from ghsync.config.limits import profile_of
from ghsync.errors import ExitCode, GhsyncError, RefusedError, StrictLintError
from ghsync.forecast import Countdown, forecast
from ghsync.journal import Sent, SyncMap
from ghsync.limiter import Limiter
from ghsync.lint import exit_code, in_order
from ghsync.model import (
    Adopt,
    Cost,
    CreateIssue,
    FileWrite,
    Finding,
    Operation,
    OpResult,
    Requests,
    Run,
    RunId,
    Severity,
    Status,
)
from ghsync.model.saved import Binding
from ghsync.operations import requests_of
from ghsync.prepared import Prepared

if TYPE_CHECKING:
    from ghsync.session import Session

_PAGE = 100
NOTHING_ELSE = Requests()
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
        brake(
            prepared.planned.plan,
            smap,
            config.allow_changes,
            files={item.key for item in prepared.loaded.items},
            issues=prepared.snapshot.issues.values(),
        )
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
        return requests + lock
    return requests + Requests(reads=-(-requests.writes // _PAGE)) + lock


def wants_lock(config: Config, prepared: Prepared) -> bool:
    """Whether this plan is carried out under the remote lock: only creates need it."""
    return config.remote_lock and any(
        isinstance(op, CreateIssue) for op in prepared.planned.plan.operations
    )


def lock_needs(config: Config, prepared: Prepared) -> Requests:
    """The requests of the remote lock: its label made and deleted, and a second look at GitHub."""
    return _LOCK if wants_lock(config, prepared) else Requests()


def eta(
    session: Session,
    config: Config,
    operations: Sequence[Operation],
    *,
    before: Requests = NOTHING_ELSE,
    after: Requests = NOTHING_ELSE,
) -> float:
    """Seconds that these operations take at the server's limits, from now.

    ``before`` and ``after`` are the requests around them (:func:`first_requests`,
    :func:`last_requests`).
    """
    now = session.clock.now()
    ahead = forecast(
        session.limiter,
        now,
        operations,
        concurrency=config.concurrency or session.concurrency,
        before=before,
        after=after,
    )
    return ahead.end - now


def countdown(
    session: Session, config: Config, prepared: Prepared
) -> Callable[[Iterable[Operation]], float]:
    """The same while a run goes on, from the operations that are left."""
    ahead = Countdown(
        session.limiter,
        concurrency=config.concurrency or session.concurrency,
        after=last_requests(config, prepared),
        read_at=prepared.read_at,
    )
    return lambda operations: ahead.left(tuple(operations), session.clock.now())


def eta_offline(config: Config, prepared: Prepared, sent: Iterable[Sent], now: float) -> float:
    """The same where GitHub was not asked: by the profile of the settings, and what was sent."""
    limiter = Limiter(profile_of(config.limits), reserve=config.reserve)
    limiter.seed((each.at, Cost(points=5, content=each.content)) for each in sent)
    ahead = forecast(
        limiter,
        now,
        prepared.planned.plan.operations,
        concurrency=config.concurrency or limiter.profile.concurrency,
        before=first_requests(config, prepared, reads_expected(prepared)),
        after=last_requests(config, prepared),
    )
    return ahead.end - now


def first_requests(
    config: Config,
    prepared: Prepared,
    reads: int,
    left: Requests = NOTHING_ELSE,
) -> Requests:
    """What a push sends before its operations: its reading, and what takes the remote lock.

    ``left`` is what removes the lock of a killed run.
    """
    lock = lock_needs(config, prepared)
    return Requests(reads=reads + lock.reads, writes=lock.writes // 2) + left


def last_requests(config: Config, prepared: Prepared) -> Requests:
    """What a push sends after them: the lock is given back, what was written is read again."""
    writes = requests_of(prepared.planned.plan.operations).writes
    return Requests(reads=-(-writes // _PAGE), writes=lock_needs(config, prepared).writes // 2)


def reads_expected(prepared: Prepared) -> int:
    """How many requests a push needs to read GitHub, as far as the map and the plan tell."""
    operations = prepared.planned.plan.operations
    creates = [op for op in operations if isinstance(op, CreateIssue)]
    used = (
        any(op.labels for op in creates),
        any(op.milestone for op in creates),
        any(op.assignees for op in creates),
    )
    return 1 + max(1, -(-len(prepared.snapshot.issues) // _PAGE)) + sum(used)


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
    files: tuple[FileWrite, ...] = (),
    bound: Binding | None = None,
    limits: str = "github.com",
) -> Run:
    """Put a run together; without ``results`` every operation is pending.

    ``limits``: the profile's name where there is no session to ask.
    """
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
        files=files,
        bound=bound,
        limits=limits if session is None else _limits(session),
    )


def _limits(session: Session) -> str:
    return session.limiter.profile.name if session.limiter.limited else "none"


def exit_code_of(run: Run, *, detailed: bool = False) -> ExitCode:
    """The exit code of a run; with ``detailed``, a dry run with pending writes gives 10."""
    if run.error is not None:
        return run.error.exit_code
    if run.failed or run.plan.conflicts or exit_code(run.findings, strict=False):
        return ExitCode.PARTIAL
    if detailed and run.dry_run and any(not isinstance(r.operation, Adopt) for r in run.results):
        return ExitCode.PENDING
    return ExitCode.DONE
