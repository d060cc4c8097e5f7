"""Read the log of one run: lines in, a record out."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import replace

from ghsync.history import fields as get
from ghsync.history.records import (
    PAUSED,
    Counts,
    NoticeRecord,
    OpRecord,
    RequestRecord,
    RunRecord,
    RunStatus,
    WaitRecord,
)
from ghsync.model import Requests, RunId

_BRIEF = ('{"e":"request"', '{"e":"op"', '{"e":"wait"', '{"e":"notice"')
"""How the lines begin that a list of runs can do without, if the last line sums them up."""


def parse(
    run_id: RunId, text: str, *, holder: RunId | None = None, brief: bool = False
) -> RunRecord:
    """Read one log. ``holder`` is the run that holds the lock now, if any does.

    ``brief`` leaves out requests, operations, waits and notices where the last line sums them up.
    """
    lines = text.split("\n")
    torn = lines.pop()  # what follows the last line end: empty, or a line that was cut off
    last = lines[-1] if lines else ""
    if brief and last.startswith('{"e":"end"') and '"duration"' in last:
        lines = [line for line in lines if not line.startswith(_BRIEF)]
    reader = _Reader(run_id)
    for line in lines:
        reader.take(line)
    reader.take(torn, torn=True)
    record = reader.record(alive=holder == run_id)
    if brief:
        return replace(record, requests=(), operations=(), waits=(), notices=())
    return record


class _Reader:
    """Folds the lines of one log."""

    def __init__(self, run_id: RunId) -> None:
        self._id = run_id
        self._header: get.Fields = {}
        self._plan: get.Fields = {}
        self._end: get.Fields | None = None
        self._requests: list[RequestRecord] = []
        self._operations: list[OpRecord] = []
        self._waits: list[WaitRecord] = []
        self._notices: list[NoticeRecord] = []
        self._paused: float | None = None
        self._first: float | None = None
        self._last: float | None = None
        self._damaged = 0

    def take(self, line: str, *, torn: bool = False) -> None:
        """Add one line; blank ones and kinds of a later version are passed over."""
        if not line.strip():
            return
        try:
            fields = json.loads(line)
        except (ValueError, RecursionError):
            self._damaged += not torn
            return
        if not isinstance(fields, dict):
            self._damaged += 1
            return
        self._seen(fields)
        self._keep(fields)

    def _keep(self, fields: get.Fields) -> None:
        match fields.get("e"):
            case "run":
                self._header = fields
            case "plan":
                self._plan = fields
            case "request":
                self._requests.append(_request(fields))
            case "op":
                self._operations.append(_operation(fields))
            case "wait":
                self._waits.append(_wait(fields))
            case "notice":
                self._notices.append(
                    NoticeRecord(at=get.number(fields, "at"), message=get.text(fields, "message"))
                )
            case "pause":
                self._paused = get.number(fields, "at")
            case "resume":
                self._resume(get.number(fields, "at"))
            case "end":
                self._resume(get.number(fields, "at"))
                self._end = fields
            case _:
                pass

    def _seen(self, fields: get.Fields) -> None:
        at = get.maybe_number(fields, "at")
        if at is not None:
            self._first = at if self._first is None else min(self._first, at)
            self._last = at if self._last is None else max(self._last, at)

    def _resume(self, at: float) -> None:
        if self._paused is not None:
            seconds = max(0.0, at - self._paused)
            self._waits.append(WaitRecord(at=self._paused, reason=PAUSED, seconds=seconds))
            self._paused = None

    def record(self, *, alive: bool) -> RunRecord:
        """Put the record together."""
        header, end = self._header, self._end or {}
        status, code = self._status(alive=alive)
        over = status not in (RunStatus.RUNNING, RunStatus.PENDING)
        started = get.number(header, "started")
        passed = (self._last or 0.0) - (self._first or 0.0)
        return RunRecord(
            id=self._id,
            status=status,
            command=get.text(header, "command"),
            version=get.text(header, "version"),
            repo=get.maybe_text(header, "repo"),
            user=get.text(header, "user"),
            commit=get.maybe_text(header, "commit"),
            started=started,
            ended=(self._last if self._last is not None else started) if over else None,
            duration=get.number(end, "duration", passed),
            code=code,
            message=get.text(end, "message"),
            hint=get.text(end, "hint"),
            counts=self._counts(end),
            planned=get.counts(self._plan.get("operations")),
            eta_seconds=get.maybe_number(self._plan, "eta_seconds"),
            issues=get.whole(end, "issues", self._issues()),
            spent=self._spent(end),
            requests=self._numbered(),
            operations=tuple(self._operations),
            waits=tuple(self._waits),
            notices=tuple(self._notices),
            damaged=self._damaged,
        )

    def _status(self, *, alive: bool) -> tuple[RunStatus, str | None]:
        if self._end is None:
            if not alive:
                return RunStatus.INTERRUPTED, None
            return (RunStatus.RUNNING if self._paused is None else RunStatus.PENDING), None
        word, code = get.text(self._end, "status"), get.maybe_text(self._end, "code")
        if word in (RunStatus.COMPLETED, RunStatus.CANCELLED, RunStatus.INTERRUPTED):
            return RunStatus(word), code
        return RunStatus.FAILED, code or (word if word != RunStatus.FAILED else None)

    def _counts(self, end: get.Fields) -> Counts:
        if "succeeded" in end:
            unknown = get.whole(end, "unknown")
            return Counts(
                total=get.whole(end, "total"),
                done=get.whole(end, "succeeded"),
                failed=max(0, get.whole(end, "failed") - unknown),
                unknown=unknown,
                skipped=get.whole(end, "skipped"),
            )
        by_status: dict[str, int] = defaultdict(int)
        for op in self._operations:
            by_status[op.status] += 1
        return Counts(
            total=max(get.whole(self._plan, "total"), len(self._operations)),
            done=by_status["done"],
            failed=by_status["failed"],
            unknown=by_status["unknown"],
            skipped=by_status["skipped"],
        )

    def _issues(self) -> int:
        return len({op.key for op in self._operations if op.status == "done" and _writes(op)})

    def _spent(self, end: get.Fields) -> Requests:
        spent = end.get("spent")
        if isinstance(spent, dict):
            return Requests(
                reads=get.whole(spent, "reads"),
                writes=get.whole(spent, "writes"),
                content=get.whole(spent, "content"),
            )
        writes = sum(request.method != "GET" for request in self._requests)
        content = sum(_makes_content(request) for request in self._requests)
        return Requests(reads=len(self._requests) - writes, writes=writes, content=content)

    def _numbered(self) -> tuple[RequestRecord, ...]:
        """Give the requests that made issues the numbers that came out of them."""
        made = {op.key: op.number for op in self._operations if op.number is not None}
        return tuple(
            replace(r, number=made[r.key]) if r.number is None and r.key in made else r
            for r in self._requests
        )


def _writes(op: OpRecord) -> bool:
    return op.key is not None and op.op != "adopt"


def _makes_content(request: RequestRecord) -> bool:
    """By the words of the operations; a log without an end does not say it."""
    return request.method != "GET" and request.op in (
        "create",
        "link",
        "unlink",
        "block",
        "unblock",
    )


def _request(fields: get.Fields) -> RequestRecord:
    return RequestRecord(
        at=get.number(fields, "at"),
        label=get.text(fields, "label"),
        method=get.text(fields, "method"),
        path=get.text(fields, "path"),
        status=get.maybe_whole(fields, "status"),
        request_id=get.maybe_text(fields, "request_id"),
        attempt=get.whole(fields, "attempt", 1),
        waited=get.number(fields, "waited"),
        seconds=get.number(fields, "seconds"),
        error=get.maybe_text(fields, "error"),
        op=get.maybe_text(fields, "op"),
        key=get.key(fields),
        target=get.maybe_text(fields, "target"),
        number=get.issue(fields),
    )


def _operation(fields: get.Fields) -> OpRecord:
    return OpRecord(
        at=get.number(fields, "at"),
        op=get.text(fields, "op"),
        key=get.key(fields),
        path=get.maybe_text(fields, "path"),
        number=get.issue(fields),
        title=get.text(fields, "title"),
        target=get.maybe_text(fields, "target"),
        status=get.text(fields, "status"),
        message=get.text(fields, "message"),
        before=get.mapping(fields, "before"),
        after=get.mapping(fields, "after"),
    )


def _wait(fields: get.Fields) -> WaitRecord:
    return WaitRecord(
        at=get.number(fields, "at"),
        reason=get.text(fields, "reason"),
        seconds=max(0.0, get.number(fields, "seconds")),
    )
