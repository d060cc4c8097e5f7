"""The JSON documents of ``--json`` and the lines of ``--events``; schemas in :mod:`.schemas`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from ghsync.errors import GhsyncError
from ghsync.journal import SyncMap
from ghsync.model import (
    Block,
    Change,
    Check,
    ClearField,
    CloseIssue,
    Comment,
    Conflict,
    CreateIssue,
    CreateLabel,
    CreateMilestone,
    Event,
    FillLinks,
    Finding,
    Item,
    Key,
    LinkParent,
    Loaded,
    MoveChild,
    Notice,
    Operation,
    OperationEnded,
    OpResult,
    Plan,
    PlanReady,
    Reading,
    Requests,
    Run,
    SetFields,
    State,
    StatusRow,
    Unblock,
    UnlinkParent,
    UpdateIssue,
    Waiting,
    op_name,
)
from ghsync.report import facts, parts

Document: TypeAlias = parts.Document


def dumps(document: Mapping[str, Any], *, indent: int | None = None) -> str:
    """Write a document as ASCII JSON: safe for any terminal and any encoding.

    A lone surrogate (a byte of a file name that is no UTF-8) becomes U+FFFD, because strict
    readers refuse it.
    """
    text = json.dumps(document, indent=indent, allow_nan=False)
    if "\\ud" in text:
        text = json.dumps(parts.without_surrogates(document), indent=indent, allow_nan=False)
    return text


# ------------------------------------------------------------------------------- run


def run_document(run: Run, error: GhsyncError | None = None) -> Document:
    """Build ``ghsync.run/1``; ``error`` is there only when one ended the run."""
    results = facts.results_of(run)
    document: Document = {
        "schema": "ghsync.run/1",
        "command": run.command,
        "run_id": run.id,
        "dry_run": run.dry_run,
        "remote": run.remote,
        "repo": run.plan.repo.full_name or None,
        "totals": facts.run_totals(run),
        "operations": _operations(results, run.items, linked=run.remote != "sandbox"),
        **_left_out(run.plan, results),
        "findings": parts.findings(run.findings),
        "files": parts.files(run.files),
        "requests": parts.requests(run.requests),
        "spent": parts.requests(run.spent),
        "eta_seconds": parts.seconds(run.eta_seconds),
        "duration_seconds": parts.seconds(run.duration),
        "rate_limit": parts.rate_limit(run.rate_limit),
        "stopped": run.stopped,
    }
    error = error or run.error
    if error is not None:
        document["error"] = parts.error(error)
    return document


def error_document(
    command: str, error: GhsyncError, *, dry_run: bool = False, repo: str | None = None
) -> Document:
    """Build the ``ghsync.run/1`` of a command that ended before it had anything to report."""
    names = (*facts.OPS, "unchanged", "skipped", "conflict", "failed", "unknown")
    return {
        "schema": "ghsync.run/1",
        "command": command,
        "run_id": None,
        "dry_run": dry_run,
        "remote": "none",
        "repo": repo,
        "totals": dict.fromkeys(("items", *names), 0),
        "operations": [],
        "skipped": [],
        "conflicts": [],
        "renames": [],
        "later": [],
        "findings": [],
        "files": [],
        "requests": parts.requests(Requests()),
        "spent": parts.requests(Requests()),
        "eta_seconds": 0.0,
        "duration_seconds": 0.0,
        "rate_limit": None,
        "stopped": None,
        "error": parts.error(error),
    }


def _left_out(plan: Plan, results: Sequence[OpResult]) -> Document:
    return {
        "skipped": [
            {"key": s.key, "path": s.path, "reason": s.reason} for s in facts.skipped(plan, results)
        ],
        "conflicts": [_conflict(c) for c in plan.conflicts],
        "renames": [{"old": r.old, "new": r.new, "number": r.number} for r in plan.renames],
        "later": list(plan.later),
    }


def _conflict(conflict: Conflict) -> Document:
    return {
        "key": conflict.key,
        "path": conflict.path,
        "number": conflict.number,
        "field": conflict.field,
        "base": parts.value(conflict.base),
        "local": parts.value(conflict.local),
        "remote": parts.value(conflict.remote),
        "reason": f"{conflict.field} changed in the file and on GitHub"
        + (f"; {conflict.why}" if conflict.why else ""),
    }


# ------------------------------------------------------------------------ operations


def _operations(
    results: Iterable[OpResult], items: Iterable[Item], *, linked: bool
) -> list[Document]:
    states = {item.key: item.state for item in items}
    return [operation_document(result, states, linked=linked) for result in results]


def operation_document(
    result: OpResult, states: Mapping[Key, State] | None = None, *, linked: bool = True
) -> Document:
    """Build one operation; ``states`` gives a create the state its file asks for.

    Without ``linked`` there is no address: the sandbox's issues have none on GitHub.
    """
    operation = result.operation
    document: Document = {
        "op": op_name(operation),
        "key": facts.key_of(operation),
        "path": getattr(operation, "path", None),
        "number": facts.number_of(result),
        "title": facts.title_of(operation),
        "changes": [],
        "reason": operation.reason,
        "status": result.status.value,
        "url": result.url if linked else None,
        "message": result.message,
    }
    if isinstance(operation, CreateIssue):
        return {**document, **_create(operation, states)}
    return {**document, **_own(operation)}


def _own(operation: Operation) -> Document:
    """What an operation of this kind has beside what all have."""
    document: Document = {}
    match operation:
        case UpdateIssue():
            document["changes"] = [_change(change) for change in operation.changes]
            document["state_reason"] = operation.state_reason
            document["links"] = list(operation.links)
        case FillLinks():
            document.update(state_reason=None, links=list(operation.links))
        case CloseIssue():
            document["state_reason"] = operation.state_reason
        case LinkParent():
            document.update(parent=operation.parent, replace=operation.replace)
        case UnlinkParent():
            document["parent_number"] = operation.parent
        case Block():
            document["blocker"] = operation.blocker
        case Unblock():
            document["blocker_number"] = operation.blocker
        case CreateLabel():
            document.update(color=operation.color, description=operation.description)
        case CreateMilestone():
            document.update(due=operation.due, description=operation.description)
        case _:
            return _detail(operation)
    return document


def _detail(operation: Operation) -> Document:
    document: Document = {}
    match operation:
        case SetFields() | ClearField():
            document["fields"] = _fields(operation)
        case MoveChild():
            document.update(parent=operation.parent, after=operation.after, before=operation.before)
        case Comment():
            document["body"] = operation.body
        case _:  # the others are said by what all have
            pass
    return document


def _fields(operation: SetFields | ClearField) -> list[Document]:
    if isinstance(operation, ClearField):
        return [{"field": operation.field, "old": operation.old, "new": None}]
    old = dict(operation.old)
    return [{"field": name, "old": old.get(name), "new": value} for name, value in operation.new]


def _create(operation: CreateIssue, states: Mapping[Key, State] | None) -> Document:
    fields: Document = {
        "kind": operation.kind.value,
        "parent": operation.parent,
        "blocked_by": list(operation.blocked_by),
        "links": list(operation.links),
        "labels": list(operation.labels),
        "assignees": list(operation.assignees),
        "milestone": operation.milestone,
        "type": operation.type,
        "fields": dict(operation.fields),
    }
    if states is not None:
        fields["state"] = states.get(operation.key, State.OPEN).value
    return fields


def _change(change: Change) -> Document:
    return {"field": change.field, "old": parts.value(change.old), "new": parts.value(change.new)}


# -------------------------------------------------------------------- other documents


def items_document(loaded: Loaded) -> Document:
    """Build ``ghsync.items/1``: every item, and every markdown file that is not one."""
    return {
        "schema": "ghsync.items/1",
        "layout": ",".join(loaded.layouts) or None,
        "items": [_item(item) for item in loaded.items],
        "not_items": [{"path": n.path, "reason": n.reason} for n in loaded.not_items],
        "findings": parts.findings(loaded.findings),
    }


def _item(item: Item) -> Document:
    recorded = item.recorded
    return {
        "key": item.key,
        "kind": item.kind.value,
        "path": item.path,
        "line": item.line,
        "layout": item.layout,
        "title": item.title,
        "state": item.state.value,
        "state_reason": item.reason and item.reason.value,
        "status": item.status,
        "priority": item.priority.name.lower(),
        "parent": item.parent,
        "blocked_by": list(item.blocked_by),
        "labels": list(item.labels),
        "assignees": list(item.assignees),
        "milestone": item.milestone,
        "type": item.type,
        "fields": dict(item.fields),
        "locked": item.locked,
        "archived": item.archived,
        "ident": item.ident,
        "recorded": recorded and {"number": recorded.number, "repo": recorded.repo},
    }


def lint_document(findings: Sequence[Finding], *, items: int, strict: bool = False) -> Document:
    """Build ``ghsync.lint/1``; ``items`` is how many were looked at."""
    counts = facts.severities(findings)
    return {
        "schema": "ghsync.lint/1",
        "strict": strict,
        "totals": {"items": items, **{severity.value: n for severity, n in counts.items()}},
        "findings": parts.findings(findings),
    }


def status_document(rows: Sequence[StatusRow], *, repo: str | None, remote: str) -> Document:
    """Build ``ghsync.status/1``: each item's place between file and issue."""
    states = ("in step", "ahead", "behind", "diverged", "missing", "gone", "new")
    return {
        "schema": "ghsync.status/1",
        "repo": repo,
        "remote": remote,
        "totals": {state: sum(row.state == state for row in rows) for state in states},
        "items": [
            {
                "key": row.key or None,
                "path": row.path or None,
                "number": row.number,
                "title": row.title or None,
                "state": row.state,
                "detail": row.detail,
            }
            for row in rows
        ],
    }


def map_document(sync_map: SyncMap) -> Document:
    """Build ``ghsync.map-show/1``: which file is which issue, sorted by key."""
    entries = sorted(sync_map.entries.values(), key=lambda entry: entry.key)
    return {
        "schema": "ghsync.map-show/1",
        "repo": sync_map.repo,
        "repo_id": sync_map.repo_id,
        "forgotten": sorted(sync_map.forgotten),
        "items": [
            {
                "key": entry.key,
                "kind": entry.kind.value,
                "path": entry.path,
                "number": entry.number,
                "id": entry.id,
                "uid": entry.uid,
                "title": entry.base.title if entry.base else None,
                "state": entry.base.state.value if entry.base else None,
            }
            for entry in entries
        ],
    }


def doctor_document(checks: Sequence[Check]) -> Document:
    """Build ``ghsync.doctor/1``; ``ok`` is false when one check is."""
    return {
        "schema": "ghsync.doctor/1",
        "ok": all(check.ok is not False for check in checks),
        "checks": [
            {"name": c.name, "ok": c.ok, "detail": c.detail, "hint": c.hint} for c in checks
        ],
    }


# ---------------------------------------------------------------------------- events


def event_document(event: Event, *, at: float | None = None, linked: bool = True) -> Document:
    """Build one line of ``--events`` (``ghsync.event/1``); ``at`` is epoch seconds."""
    return {"schema": "ghsync.event/1", "at": parts.seconds(at), **_event(event, linked)}


def end_document(
    run: Run, error: GhsyncError | None = None, *, at: float | None = None
) -> Document:
    """Build the last line of ``--events``: the totals, and the error that ended the run."""
    error = error or run.error
    document: Document = {
        "schema": "ghsync.event/1",
        "at": parts.seconds(at),
        "event": "end",
        "run_id": run.id,
        "totals": facts.run_totals(run),
        "spent": parts.requests(run.spent),
        "duration_seconds": parts.seconds(run.duration),
        "stopped": run.stopped,
    }
    if error is not None:
        document["error"] = parts.error(error)
    return document


def failed_document(error: GhsyncError, *, at: float | None = None) -> Document:
    """Build the last line of ``--events`` of a run that could not start, or was cut off."""
    names = (*facts.OPS, "unchanged", "skipped", "conflict", "failed", "unknown")
    return {
        "schema": "ghsync.event/1",
        "at": parts.seconds(at),
        "event": "end",
        "run_id": None,
        "totals": dict.fromkeys(("items", *names), 0),
        "spent": parts.requests(Requests()),
        "duration_seconds": None,
        "stopped": error.message,
        "error": parts.error(error),
    }


def _event(event: Event, linked: bool) -> Document:
    match event:
        case PlanReady():
            counts = facts.totals(event.plan, (), ())
            del counts["items"]
            return {
                "event": "plan",
                "repo": event.plan.repo.full_name or None,
                "totals": counts,
                **_left_out(event.plan, ()),
                "findings": parts.findings(event.plan.findings),
                "requests": parts.requests(event.requests),
                "eta_seconds": parts.seconds(event.eta_seconds),
            }
        case Reading():
            return {"event": "reading", "what": event.what, "count": event.count}
        case OperationEnded():
            return {
                "event": "operation",
                **operation_document(event.result, linked=linked),
                "done": event.done,
                "total": event.total,
                "eta_seconds": parts.seconds(event.eta_seconds),
            }
        case Waiting():
            return {
                "event": "waiting",
                "reason": event.reason,
                "seconds": parts.seconds(event.seconds),
                "until": parts.seconds(event.until),
            }
        case Notice():
            return {"event": "notice", "message": event.message}
