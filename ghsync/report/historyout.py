"""The JSON documents of ``ghsync runs``."""

from __future__ import annotations

from collections.abc import Iterable

from ghsync.history import OpRecord, RequestRecord, RunRecord, RunStats
from ghsync.report import parts

Document = parts.Document


def runs_document(records: Iterable[RunRecord]) -> Document:
    """Build ``ghsync.runs/1``: every run whose log is kept, newest first."""
    return {"schema": "ghsync.runs/1", "runs": [_run(record) for record in records]}


def run_show_document(record: RunRecord) -> Document:
    """Build ``ghsync.run-show/1``: one run with its audit trail."""
    return {
        "schema": "ghsync.run-show/1",
        "run": _run(record),
        "planned": dict(record.planned),
        "eta_seconds": parts.seconds(record.eta_seconds),
        "requests": [_request(request) for request in record.requests],
        "operations": [_operation(operation) for operation in record.operations],
        "waits": [
            {
                "at": parts.seconds(wait.at),
                "reason": wait.reason,
                "seconds": parts.seconds(wait.seconds),
            }
            for wait in record.waits
        ],
        "notices": [
            {"at": parts.seconds(notice.at), "message": notice.message} for notice in record.notices
        ],
        "damaged_lines": record.damaged,
    }


def runs_stats_document(stats: RunStats) -> Document:
    """Build ``ghsync.runs-stats/1``: all runs in numbers."""
    return {
        "schema": "ghsync.runs-stats/1",
        "runs": {status.value: count for status, count in stats.runs.items()},
        "duration_seconds": parts.seconds(stats.duration),
        "issues": stats.issues,
        "issues_per_minute": parts.seconds(stats.throughput),
        "requests": stats.requests,
        "errors": stats.errors,
        "error_rate": None if stats.error_rate is None else round(stats.error_rate, 6),
        "retries": stats.retries,
        "waited_seconds": parts.seconds(sum(wait.seconds for wait in stats.waits)),
        "waits": [
            {
                "reason": wait.reason,
                "times": wait.times,
                "seconds": parts.seconds(wait.seconds),
            }
            for wait in stats.waits
        ],
        "operations": [
            {
                "op": each.op,
                "count": each.count,
                "done": each.done,
                "failed": each.failed,
                "unknown": each.unknown,
                "skipped": each.skipped,
                "mean_seconds": parts.seconds(each.mean_seconds),
                "max_seconds": parts.seconds(each.max_seconds),
            }
            for each in stats.operations
        ],
    }


def _run(record: RunRecord) -> Document:
    counts = record.counts
    return {
        "id": record.id,
        "status": record.status.value,
        "command": record.command,
        "repo": record.repo,
        "user": record.user,
        "commit": record.commit,
        "version": record.version,
        "started": parts.seconds(record.started),
        "ended": parts.seconds(record.ended),
        "duration_seconds": parts.seconds(record.duration),
        "totals": {
            "total": counts.total,
            "done": counts.done,
            "failed": counts.failed,
            "unknown": counts.unknown,
            "skipped": counts.skipped,
            "pending": counts.pending,
        },
        "issues": record.issues,
        "issues_per_minute": parts.seconds(record.throughput),
        "spent": parts.requests(record.spent),
        "error": None
        if record.code is None
        else {"code": record.code, "message": record.message, "hint": record.hint},
    }


def _request(request: RequestRecord) -> Document:
    return {
        "at": parts.seconds(request.at),
        "op": request.op,
        "key": request.key,
        "target": request.target,
        "number": request.number,
        "label": request.label,
        "method": request.method,
        "path": request.path,
        "status": request.status,
        "request_id": request.request_id,
        "attempt": request.attempt,
        "waited_seconds": parts.seconds(request.waited),
        "seconds": parts.seconds(request.seconds),
        "error": request.error,
    }


def _operation(operation: OpRecord) -> Document:
    return {
        "at": parts.seconds(operation.at),
        "op": operation.op,
        "key": operation.key,
        "path": operation.path,
        "number": operation.number,
        "title": operation.title,
        "target": operation.target,
        "status": operation.status,
        "message": operation.message,
        "before": dict(operation.before),
        "after": dict(operation.after),
    }
