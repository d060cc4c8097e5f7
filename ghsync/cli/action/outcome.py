"""What a command came to, in the words of the step's outputs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ghsync.errors import ExitCode, GhsyncError, StalePlanError
from ghsync.model import Adopt, FileStatus, Finding, Run, Status, StatusRow, op_name
from ghsync.outcome import exit_code_of
from ghsync.report import facts, summaries
from ghsync.report.jsonout import (
    Document,
    error_document,
    lint_document,
    run_document,
    status_document,
)
from ghsync.report.markdown import step_summary
from ghsync.report.paper import SUMMARY_LIMIT
from ghsync.values import dataclass

if TYPE_CHECKING:
    from ghsync.config import Config
    from ghsync.pulling import Pulled

_AGAIN = (ExitCode.STOPPED, ExitCode.INTERRUPTED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a command came to."""

    code: int
    document: Document
    """What ``--json`` prints of it: the report."""
    summary: str
    """Markdown for the run's page."""
    findings: tuple[Finding, ...] = ()
    error: GhsyncError | None = None
    run: Run | None = None
    changes: int = 0
    """Operations that were done on GitHub, or in a dry run would be."""
    created: int = 0
    updated: int = 0
    closed: int = 0
    failed: int = 0
    conflicts: int = 0
    files: int = 0
    """Files that were written, or in a dry run would be."""
    pending: bool = False
    """Whether files and issues are still out of step, as far as this looked."""

    @property
    def outputs(self) -> dict[str, str]:
        """The outputs of ``action.yml``, without those that are paths or addresses."""
        return {
            "changes": str(self.changes),
            "created": str(self.created),
            "updated": str(self.updated),
            "closed": str(self.closed),
            "failed": str(self.failed),
            "conflicts": str(self.conflicts),
            "files": str(self.files),
            "changes-pending": _word(self.pending),
            "exit-code": str(int(self.code)),
            "resumable": _word(self.code in _AGAIN),
        }


def _word(flag: bool) -> str:
    return "true" if flag else "false"


def of_error(command: str, error: GhsyncError, *, dry_run: bool) -> Outcome:
    """Of what ended before it had anything to report."""
    return Outcome(
        code=error.exit_code,
        document=error_document(command, error, dry_run=dry_run),
        summary=summaries.error_summary(command, error),
        error=error,
    )


def of_run(run: Run, *, web: str, limit: int = SUMMARY_LIMIT) -> Outcome:
    """Of a push, or its plan."""
    counts = facts.run_totals(run)
    wanted = Status.PENDING if run.dry_run else Status.DONE
    issues = {
        name: len(
            {
                facts.subject(result.operation)
                for result in run.results
                if result.status is wanted and op_name(result.operation) == name
            }
        )
        for name in ("create", "update", "close")
    }
    written = (FileStatus.WRITTEN, FileStatus.PENDING)
    return Outcome(
        code=exit_code_of(run),
        document=run_document(run),
        summary=_summary(run, web=web, limit=limit),
        findings=run.findings,
        error=run.error,
        run=run,
        changes=sum(
            result.status is wanted and not isinstance(result.operation, Adopt)
            for result in run.results
        ),
        created=issues["create"],
        updated=issues["update"],
        closed=issues["close"],
        failed=counts["failed"] + counts["unknown"],
        conflicts=counts["conflict"],
        files=sum(file.status in written for file in run.files),
        pending=any(
            result.status is not Status.DONE and not isinstance(result.operation, Adopt)
            for result in run.results
        ),
    )


def _summary(run: Run, *, web: str, limit: int) -> str:
    if isinstance(run.error, StalePlanError):
        return summaries.stale_summary(run.command, run.error)
    return step_summary(run, web=web, limit=limit)


def of_pull(pulled: Pulled, *, web: str, limit: int = SUMMARY_LIMIT) -> Outcome:
    """Of a pull, or its dry run."""
    from ghsync.pulling import exit_code_of_pull
    from ghsync.report import pullout

    counts = pullout.totals(pulled)
    return Outcome(
        code=exit_code_of_pull(pulled),
        document=pullout.document(pulled),
        summary=summaries.pull_summary(pulled, web=web, limit=limit),
        findings=pulled.findings,
        failed=counts["refused"],
        conflicts=counts["conflict"],
        files=counts["changed"] + counts["new"],
        pending=pulled.dry_run and bool(pulled.files),
    )


def of_both(pulled: Pulled, run: Run, *, web: str) -> Outcome:
    """Of a sync: the pull, then the push."""
    from ghsync.report import pullout

    half = SUMMARY_LIMIT // 2
    first, second = of_pull(pulled, web=web, limit=half), of_run(run, web=web, limit=half)
    return Outcome(
        code=second.code or first.code,
        document=pullout.sync_document(pulled, run),
        summary=f"{first.summary}\n{second.summary}",
        findings=tuple(dict.fromkeys((*first.findings, *second.findings))),
        error=second.error,
        run=run,
        changes=second.changes,
        created=second.created,
        updated=second.updated,
        closed=second.closed,
        failed=first.failed + second.failed,
        conflicts=max(first.conflicts, second.conflicts),
        files=first.files + second.files,
        pending=first.pending or second.pending,
    )


def of_status(rows: Sequence[StatusRow], remote: str, config: Config, *, web: str) -> Outcome:
    """Of a look at what is out of step."""
    repo = str(config.repo or "")
    return Outcome(
        code=ExitCode.DONE,
        document=status_document(rows, repo=repo, remote=remote),
        summary=summaries.status_summary(rows, repo=repo, remote=remote, web=web),
        conflicts=sum(row.state == "diverged" for row in rows),
        pending=any(row.state != "in step" for row in rows),
    )


def of_lint(findings: tuple[Finding, ...], *, items: int, strict: bool) -> Outcome:
    """Of a look at the files alone."""
    from ghsync.lint import exit_code

    return Outcome(
        code=exit_code(findings, strict=strict),
        document=lint_document(findings, items=items, strict=strict),
        summary=summaries.lint_summary(findings, items=items),
        findings=findings,
    )
