"""What every report of a run counts, in one place, so that text and JSON cannot disagree."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from ghsync.model import (
    CreateLabel,
    CreateMilestone,
    Finding,
    IssueNumber,
    Item,
    Key,
    Operation,
    OpResult,
    Plan,
    Run,
    Severity,
    Skip,
    Status,
    op_name,
)

OPS = (
    "create", "update", "close", "reopen", "link", "unlink", "block", "unblock",
    "create_label", "create_milestone", "comment", "adopt",
    "set_fields", "clear_field", "move", "lock", "unlock",
)  # fmt: skip
"""The words of the operations, as the design lists them."""


def subject(operation: Operation) -> str:
    """Name what an operation is about: an item's key, or the label or milestone it makes."""
    match operation:
        case CreateLabel():
            return f"label {operation.name}"
        case CreateMilestone():
            return f"milestone {operation.title}"
        case _:
            return operation.key


def key_of(operation: Operation) -> Key | None:
    """Give the item's key, or ``None`` for a label or a milestone."""
    return None if isinstance(operation, CreateLabel | CreateMilestone) else operation.key


def title_of(operation: Operation) -> str:
    """Give the issue's or milestone's title, or the label's name."""
    return operation.name if isinstance(operation, CreateLabel) else operation.title


def number_of(result: OpResult) -> IssueNumber | None:
    """Give the issue's number: the one GitHub answered with, else the one in the plan."""
    if result.number is not None:
        return result.number
    return getattr(result.operation, "number", None)


def skipped(plan: Plan, results: Iterable[OpResult]) -> tuple[Skip, ...]:
    """List the items left out: the plan's skips, then those that the run skipped.

    An item that also failed or is unknown counts there and not here.
    """
    ended = list(results)
    worse = with_status(ended, Status.FAILED) | with_status(ended, Status.UNKNOWN)
    seen = {skip.key for skip in plan.skipped}
    late: list[Skip] = []
    for result in ended:
        key = key_of(result.operation)
        if result.status is not Status.SKIPPED or key is None or key in worse:
            continue
        if key not in seen:
            seen.add(key)
            path = getattr(result.operation, "path", "")
            late.append(Skip(key=key, path=path, reason=result.message or "skipped"))
    return (*plan.skipped, *late)


def totals(plan: Plan, results: Sequence[OpResult], items: Sequence[Item]) -> dict[str, int]:
    """Count the plan's operations by kind, and the items by what became of them.

    ``failed`` and ``unknown`` count items, and a label or a milestone that failed as one each.
    """
    counts = dict.fromkeys(("items", *OPS), 0)
    for operation in plan.operations:
        counts[op_name(operation)] += 1
    left = {skip.key for skip in skipped(plan, results)}
    # Those that lint refuses could not be sent, and are items all the same.
    counts["items"] = len(left.union(item.key for item in items))
    counts["unchanged"] = len(plan.unchanged)
    counts["skipped"] = len(left)
    counts["conflict"] = len({conflict.key for conflict in plan.conflicts})
    counts["failed"] = len(with_status(results, Status.FAILED))
    counts["unknown"] = len(with_status(results, Status.UNKNOWN))
    return counts


def run_totals(run: Run) -> dict[str, int]:
    """Count a run (:func:`totals`)."""
    return totals(run.plan, run.results, run.items)


def with_status(results: Iterable[OpResult], status: Status) -> frozenset[str]:
    """Name the subjects of the results that have this status."""
    return frozenset(subject(r.operation) for r in results if r.status is status)


def results_of(run: Run) -> tuple[OpResult, ...]:
    """Give the run's results, or pending ones where it ended before it had any."""
    if run.results or not run.plan.operations:
        return run.results
    return tuple(OpResult(operation=o, status=Status.PENDING) for o in run.plan.operations)


def severities(findings: Iterable[Finding]) -> Mapping[Severity, int]:
    """Count findings by severity, every severity present."""
    counts = dict.fromkeys(Severity, 0)
    for finding in findings:
        counts[finding.severity] += 1
    return counts
