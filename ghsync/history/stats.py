"""Several runs in numbers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from ghsync.history.records import RunRecord, RunStatus
from ghsync.model import Key, RunId
from ghsync.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class OpStats:
    """One kind of operation over all runs; seconds are those of its requests, waits left out."""

    op: str
    count: int
    done: int
    failed: int
    unknown: int
    skipped: int
    mean_seconds: float | None
    max_seconds: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitStats:
    """One reason to wait over all runs."""

    reason: str
    times: int
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RunStats:
    """Several runs in numbers."""

    runs: Mapping[RunStatus, int]
    duration: float
    issues: int
    requests: int
    errors: int
    """Requests that a limit turned away, that failed, or that got no answer."""
    retries: int
    """Requests that were sent again."""
    waits: tuple[WaitStats, ...]
    """Longest first."""
    operations: tuple[OpStats, ...]
    """Most frequent first."""

    @property
    def throughput(self) -> float | None:
        """Issues a minute."""
        return 60 * self.issues / self.duration if self.issues and self.duration > 0 else None

    @property
    def error_rate(self) -> float | None:
        """Requests that went wrong, of all: 0 to 1."""
        return self.errors / self.requests if self.requests else None


def statistics(records: Iterable[RunRecord]) -> RunStats:
    """Sum up runs that were read whole."""
    runs = list(records)
    requests = [request for run in runs for request in run.requests]
    return RunStats(
        runs={status: sum(run.status is status for run in runs) for status in RunStatus},
        duration=sum(run.duration for run in runs),
        issues=sum(run.issues for run in runs),
        requests=len(requests),
        errors=sum(request.went_wrong for request in requests),
        retries=sum(request.attempt > 1 for request in requests),
        waits=_wait_stats(runs),
        operations=_op_stats(runs),
    )


def _wait_stats(runs: Sequence[RunRecord]) -> tuple[WaitStats, ...]:
    found: dict[str, list[float]] = defaultdict(list)
    for run in runs:
        spans: dict[str, list[tuple[float, float]]] = defaultdict(list)
        for wait in run.waits:
            end = wait.at + wait.seconds  # as it was announced; the run may have ended before
            end = end if run.ended is None else min(end, run.ended)
            spans[wait.reason].append((wait.at, max(wait.at, end)))
        for reason, each in spans.items():
            found[reason] += _lengths(each)
    stats = [
        WaitStats(reason=reason, times=len(lengths), seconds=sum(lengths))
        for reason, lengths in found.items()
    ]
    return tuple(sorted(stats, key=lambda each: (-each.seconds, each.reason)))


def _lengths(spans: list[tuple[float, float]]) -> list[float]:
    """The lengths of waits, one that was extended while it lasted counted as one."""
    merged: list[tuple[float, float]] = []
    for start, end in sorted(spans):
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return [end - start for start, end in merged]


def _op_stats(runs: Sequence[RunRecord]) -> tuple[OpStats, ...]:
    seconds: dict[tuple[RunId, str, Key | None, str | None], float] = defaultdict(float)
    statuses: dict[str, list[str]] = defaultdict(list)
    for run in runs:
        for request in run.requests:
            if request.op is not None:
                seconds[run.id, request.op, request.key, request.target] += request.seconds
        for op in run.operations:
            statuses[op.op].append(op.status)
    times: dict[str, list[float]] = defaultdict(list)
    for (_, name, _, _), spent in seconds.items():
        times[name].append(spent)
    stats = []
    for name, ends in statuses.items():
        took = times[name]
        stats.append(
            OpStats(
                op=name,
                count=len(ends),
                done=ends.count("done"),
                failed=ends.count("failed"),
                unknown=ends.count("unknown"),
                skipped=ends.count("skipped"),
                mean_seconds=sum(took) / len(took) if took else None,
                max_seconds=max(took, default=None),
            )
        )
    return tuple(sorted(stats, key=lambda each: (-each.count, each.op)))
