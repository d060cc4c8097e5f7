"""The lines of ``--log-file``: what a run sent, recorded, waited for and came to."""

from __future__ import annotations

import math
import platform
import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from ghsync import __version__
from ghsync.errors import GhsyncError
from ghsync.journal import (
    BoundTo,
    Forgotten,
    Intent,
    JournalEvent,
    NotExecuted,
    Recorded,
    Rekeyed,
    Sent,
    Trying,
)
from ghsync.model import Event, Notice, OperationEnded, PlanReady, Reading, Waiting, op_name
from ghsync.report import facts, parts

if TYPE_CHECKING:
    from ghsync.remote.answers import RequestLog

SCHEMA = "ghsync.log/1"
_WORDS: Mapping[type[JournalEvent], str] = {
    Intent: "intent",
    NotExecuted: "not_executed",
    Recorded: "recorded",
    Trying: "trying",
    Rekeyed: "rekeyed",
    Forgotten: "forgotten",
    BoundTo: "bound_to",
    Sent: "sent",
}


def stamped(line: parts.Document, *, now: float) -> parts.Document:
    """A line with its schema and this machine's time (epoch seconds; UTC in the line)."""
    at = datetime.fromtimestamp(now, UTC).isoformat(timespec="milliseconds")
    return {"schema": SCHEMA, "at": at.replace("+00:00", "Z"), **line}


def start(arguments: Sequence[str], *, process: int) -> parts.Document:
    """The first line of a command: what was asked of which program."""
    return {
        "log": "start",
        "arguments": list(arguments),
        "ghsync": __version__,
        "python": platform.python_version(),
        "platform": sys.platform,
        "process": process,
    }


def request(line: RequestLog) -> parts.Document:
    """One sending of one request. ``sent_at`` is by the run's clock, virtual in the sandbox."""
    return {
        "log": "request",
        "sent_at": parts.seconds(line.at),
        "label": line.label,
        "method": line.method,
        "path": line.path,
        "status": line.status,
        "request_id": line.request_id,
        "attempt": line.attempt,
        "waited_seconds": parts.seconds(line.waited),
        "seconds": parts.seconds(line.seconds),
        "error": line.error,
    }


def journal(events: Sequence[JournalEvent]) -> Iterator[parts.Document]:
    """What was made durable, without texts."""
    for event in events:
        line: parts.Document = {"log": "journal", "event": _WORDS[type(event)]}
        match event:
            case Intent():
                line |= {"key": event.key, "uid": event.uid, "floor": event.floor}
                line["what"] = event.what
            case NotExecuted():
                line["uid"] = event.uid
            case Recorded(entry=entry) | Trying(entry=entry):
                line |= {"key": entry.key, "number": entry.number, "uid": entry.uid}
            case Rekeyed():
                line |= {"key": event.new, "old_key": event.old, "number": event.number}
            case Forgotten():
                line |= {"key": event.key, "number": event.number}
            case BoundTo():
                line |= {"repo_id": event.repo_id, "repo": event.repo}
            case Sent():
                line["content"] = event.content
        yield line


def event(event: Event) -> parts.Document:
    """What a run says of itself while it goes on, in short."""
    match event:
        case Reading():
            return {"log": "reading", "what": event.what, "count": event.count}
        case PlanReady():
            return {
                "log": "plan",
                "operations": len(event.plan.operations),
                "requests": parts.requests(event.requests),
                "eta_seconds": parts.seconds(event.eta_seconds),
            }
        case OperationEnded(result=result):
            return {
                "log": "operation",
                "op": op_name(result.operation),
                "key": facts.key_of(result.operation),
                "number": facts.number_of(result),
                "status": result.status.value,
                "message": result.message,
                "done": event.done,
                "total": event.total,
            }
        case Waiting():
            endless = not math.isfinite(event.seconds)
            seconds = None if endless else parts.seconds(event.seconds)
            return {"log": "waiting", "reason": event.reason, "seconds": seconds}
        case Notice():
            return {"log": "notice", "message": event.message}


def failed(error: GhsyncError, trace: Sequence[str] = ()) -> parts.Document:
    """Why a command ended; ``trace`` is the traceback of a bug."""
    return {"log": "error", **parts.error(error), "traceback": list(trace)}


def end(code: int, *, seconds: float) -> parts.Document:
    """The last line of a command."""
    return {"log": "end", "exit_code": code, "seconds": parts.seconds(seconds)}
