"""After a failed run that is rolled back: where it starts from, and what it says in the end."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from dataclasses import replace

from ghsync.errors import AuthError, GhsyncError, RemoteUnavailableError, StoppedError
from ghsync.journal import SyncMap
from ghsync.model import (
    Adopt,
    CreateLabel,
    CreateMilestone,
    Issue,
    IssueNumber,
    Key,
    OpResult,
    Plan,
    RunId,
    Snapshot,
    Status,
)
from ghsync.uploader import Uploaded

_STAYING = (CreateLabel, CreateMilestone, Adopt)
"""What is not taken back."""


def has_failed(uploaded: Uploaded) -> bool:
    """True where something went wrong; not where a person, a lock or a limit ended the run."""
    failures = (Status.FAILED, Status.UNKNOWN)
    return any(result.status in failures for result in uploaded.results) or isinstance(
        uploaded.error, AuthError | RemoteUnavailableError
    )


def as_left(snapshot: Snapshot, written: Mapping[IssueNumber, Issue], smap: SyncMap) -> Snapshot:
    """The snapshot as a run has left it: answers to its writes, and the parents it has set."""
    issues = {**snapshot.issues, **written}
    for entry in smap.entries.values():
        before = snapshot.issues.get(entry.number)
        issue = issues.get(entry.number)
        if issue is None or entry.base is None:
            continue
        if before is None or before.parent != entry.base.parent:
            issues[entry.number] = replace(issue, parent=entry.base.parent)
    return replace(snapshot, issues=issues)


def left_over(plan: Plan, results: Iterable[OpResult]) -> dict[Key, str]:
    """The items of which something could not be taken back, each with the reason."""
    left = {skip.key: skip.reason for skip in plan.skipped}
    for conflict in plan.conflicts:
        left[conflict.key] = f"somebody changed its {conflict.field}"
    for result in results:
        op = result.operation
        if result.status is not Status.DONE and not isinstance(op, CreateLabel | CreateMilestone):
            left[op.key] = result.message or "the run ended before"
    return left


def taken_back(result: OpResult, done: Set[Key], left: Mapping[Key, str]) -> OpResult:
    """Say of an operation that was done whether it was taken back."""
    op = result.operation
    if result.status is not Status.DONE or isinstance(op, _STAYING) or op.key not in done:
        return result
    why = left.get(op.key)
    if why is not None:
        return replace(result, message=f"not taken back: {why}")
    return replace(result, status=Status.SKIPPED, message="done, then taken back")


def after_rollback(
    error: GhsyncError | None, left: Mapping[Key, str], run_id: RunId
) -> GhsyncError:
    """Why the run ended, and what of it is still there."""
    message = error.message if error is not None else "An operation failed."
    kind = AuthError if isinstance(error, AuthError) else StoppedError
    if not left:
        return kind(
            f"{message} What this run did is taken back.",
            hint="Mend it, then run the same command again.",
        )
    names = ", ".join(sorted(left)[:5])
    more = ", …" if len(left) > 5 else ""
    return kind(
        f"{message} What this run did could not be taken back for {len(left)} items: "
        f"{names}{more}.",
        hint=f"`ghsync undo {run_id}` takes back the rest.",
    )
