"""What a run writes into its log: each request, each operation with what it replaced, each wait.

Pure: lines are handed to ``write`` as mappings, the time is asked of ``now``. No line ever holds a
token; texts of issues are in it, because an undo needs them. :mod:`ghsync.history` reads it all.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import asdict
from typing import TypeAlias, assert_never

from ghsync.errors import ExitCode, GhsyncError
from ghsync.model import (
    Adopt,
    Block,
    ClearField,
    CloseIssue,
    Comment,
    CreateIssue,
    CreateLabel,
    CreateMilestone,
    Event,
    FillLinks,
    Issue,
    IssueNumber,
    Key,
    LinkParent,
    LockIssue,
    MoveChild,
    Notice,
    Operation,
    OperationEnded,
    OpResult,
    PlanReady,
    Reading,
    ReopenIssue,
    Run,
    SetFields,
    State,
    Status,
    Unblock,
    UnlinkParent,
    UnlockIssue,
    UpdateIssue,
    Waiting,
    op_name,
)

Line: TypeAlias = Mapping[str, object]
Fields: TypeAlias = dict[str, object]

_DOING: ContextVar[Operation | None] = ContextVar("ghsync_operation", default=None)
_NOBODY: Fields = {"op": None, "key": None, "target": None, "number": None}


@contextmanager
def doing(op: Operation) -> Iterator[None]:
    """Attribute the requests that this task sends meanwhile to an operation."""
    token = _DOING.set(op)
    try:
        yield
    finally:
        _DOING.reset(token)


class Trail:
    """Turns what happens in one run into the lines of its log."""

    def __init__(self, write: Callable[[Line], None], now: Callable[[], float]) -> None:
        self._write = write
        self.now = now
        """The run's clock; another one takes over when the session is open."""
        self.issues: Mapping[IssueNumber, Issue] = {}
        """Each issue as it was before the run: what is replaced beside what a change says."""
        self.run: Run | None = None
        """What came of it, put here when it is over."""
        self._numbers: dict[Key, IssueNumber] = {}

    def watching(self, on_event: Callable[[Event], None]) -> Callable[[Event], None]:
        """Write each event down before it is passed on."""

        def watch(event: Event) -> None:
            self.event(event)
            on_event(event)

        return watch

    def event(self, event: Event) -> None:
        """Write an event that belongs into the log."""
        match event:
            case PlanReady(plan=plan):
                self._numbers.update(plan.numbers)
                self._line(
                    "plan",
                    total=len(plan.operations),
                    operations=dict(Counter(op_name(op) for op in plan.operations)),
                    eta_seconds=_finite(event.eta_seconds),
                )
            case OperationEnded(result=result):
                self._operation(result)
            case Waiting():
                if math.isfinite(event.seconds):  # a pause has lines of its own
                    self._line("wait", reason=event.reason, seconds=event.seconds)
            case Notice():
                self._line("notice", message=event.message)
            case Reading():
                pass
            case _:
                assert_never(event)

    def request(self, line: Line) -> None:
        """Write one sending of one request, with the operation that it belongs to."""
        op = _DOING.get()
        about = _NOBODY if op is None else self._about(op)
        self._write({"e": "request", **line, **about})

    def paused(self) -> None:
        """Write that nothing is sent from now on, because somebody asked for it."""
        self._line("pause")

    def resumed(self) -> None:
        """Write that a pause is over."""
        self._line("resume")

    def footer(self, error: BaseException | None = None) -> Fields:
        """Make the last line: how the run ended, or the ``error`` that it raised."""
        run = self.run if error is None else None
        caught = run.error if run is not None else error
        fields: Fields = {"at": self.now(), "status": ended(caught)}
        if isinstance(caught, GhsyncError):
            fields |= {"code": caught.code, "message": caught.message, "hint": caught.hint}
        elif caught is not None:
            fields |= {"code": type(caught).__name__}
        if run is None:
            return fields
        counts = Counter(result.status for result in run.results)
        return fields | {
            "total": run.total,
            "succeeded": run.succeeded,
            "failed": run.failed,
            "unknown": counts[Status.UNKNOWN],
            "skipped": counts[Status.SKIPPED],
            "pending": counts[Status.PENDING],
            "issues": len({_key(r.operation) for r in run.results if _wrote(r)}),
            "duration": run.duration,
            "spent": asdict(run.spent),
        }

    def _line(self, kind: str, **fields: object) -> None:
        self._write({"e": kind, "at": self.now(), **fields})

    def _operation(self, result: OpResult) -> None:
        op = result.operation
        about = self._about(op)
        if result.number is not None:
            about["number"] = result.number
            if (key := _key(op)) is not None:
                self._numbers[key] = result.number
        before, after = self._replaced(op)
        self._line(
            "op",
            **about,
            path=getattr(op, "path", None),
            title=op.name if isinstance(op, CreateLabel) else op.title,
            status=result.status.value,
            message=result.message,
            before=before,
            after=after,
        )

    def _about(self, op: Operation) -> Fields:
        """What tells an operation from every other one of its run."""
        key = _key(op)
        number = getattr(op, "number", None)
        if number is None and key is not None:
            number = self._numbers.get(key)
        return {"op": op_name(op), "key": key, "target": _target(op), "number": number}

    def _replaced(self, op: Operation) -> tuple[Fields, Fields]:
        """Each field that the operation changes, before and after; issues by their numbers."""
        match op:
            case CreateLabel():
                return {}, {"name": op.name, "color": op.color}
            case CreateMilestone():
                return {}, {"title": op.title, "due": op.due, "description": op.description}
            case CreateIssue():
                return {}, {"title": op.title, "parent": self._number(op.parent)}
            case UpdateIssue():
                return self._updated(op)
            case CloseIssue():
                return {"state": "open"}, {"state": "closed", "state_reason": op.state_reason}
            case ReopenIssue():
                return {"state": "closed", **self._closed_as(op.number)}, {"state": "open"}
            case LinkParent():
                child = op.number if op.number is not None else self._numbers.get(op.key)
                held = self.issues.get(child) if child is not None else None
                old = held.parent if held is not None else None
                return {"parent": old}, {"parent": self._number(op.parent)}
            case UnlinkParent():
                return {"parent": op.parent}, {"parent": None}
            case Block():
                return {}, {"blocked_by": self._number(op.blocker)}
            case Unblock():
                return {"blocked_by": op.blocker}, {}
            case Adopt():
                return {}, {}
            case _:
                return self._detail(op)

    def _detail(
        self,
        op: FillLinks | SetFields | ClearField | MoveChild | Comment | LockIssue | UnlockIssue,
    ) -> tuple[Fields, Fields]:
        match op:
            case FillLinks():
                return {}, {"links": list(op.links)}
            case SetFields():
                return {"fields": dict(op.old)}, {"fields": dict(op.new)}
            case ClearField():
                return {"fields": {op.field: op.old}}, {"fields": {}}
            case MoveChild():
                return {}, {"after": self._number(op.after), "before": self._number(op.before)}
            case Comment():
                return {}, {"comment": op.body}
            case LockIssue():
                return {"locked": False}, {"locked": True}
            case UnlockIssue():
                return {"locked": True}, {"locked": False}
            case _:
                assert_never(op)

    def _updated(self, op: UpdateIssue) -> tuple[Fields, Fields]:
        before: Fields = {change.field: change.old for change in op.changes}
        after: Fields = {change.field: change.new for change in op.changes}
        bases = [change.base for change in op.changes if change.base is not None]
        if bases:
            before["body_base"] = bases[-1]
        if before.get("state") == State.CLOSED:
            before |= self._closed_as(op.number)
        return before, after

    def _closed_as(self, number: IssueNumber) -> Fields:
        held = self.issues.get(number)
        return {"state_reason": held.state_reason} if held is not None else {}

    def _number(self, key: Key | None) -> IssueNumber | None:
        return self._numbers.get(key) if key is not None else None


def ended(error: BaseException | None) -> str:
    """The word for how a run ended: ``completed``, ``cancelled``, ``interrupted``, ``failed``."""
    if error is None:
        return "completed"
    if isinstance(error, GhsyncError):
        if error.exit_code is ExitCode.INTERRUPTED:
            return "interrupted"
        return "cancelled" if error.code == "cancelled" else "failed"
    # Ctrl-C and a cancelled task are no Exceptions, and this module does not know asyncio.
    return "failed" if isinstance(error, Exception) else "interrupted"


def _key(op: Operation) -> Key | None:
    return None if isinstance(op, CreateLabel | CreateMilestone) else op.key


def _target(op: Operation) -> str | None:
    """The other end: a label's name, a milestone's title, a parent's or blocker's key or number."""
    match op:
        case CreateLabel():
            return op.name
        case CreateMilestone():
            return op.title
        case LinkParent():
            return op.parent
        case UnlinkParent():
            return f"#{op.parent}"
        case Block():
            return op.blocker
        case Unblock():
            return f"#{op.blocker}"
        case ClearField():
            return op.field
        case _:
            return None


def _wrote(result: OpResult) -> bool:
    tools = CreateLabel | CreateMilestone | Adopt
    return result.status is Status.DONE and not isinstance(result.operation, tools)


def _finite(seconds: float) -> float | None:
    return seconds if math.isfinite(seconds) else None
