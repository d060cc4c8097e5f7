"""The views of ``ghsync runs``: the list, one run with its audit trail, all of them in numbers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, tzinfo

from ghsync.history import (
    OpRecord,
    OpStats,
    RequestRecord,
    RunRecord,
    RunStats,
    RunStatus,
    WaitStats,
)
from ghsync.history import statistics as summed
from ghsync.report import words
from ghsync.report.canvas import BLANK, Line, Look, Span, Spans, heading, plain

_STYLES: Mapping[RunStatus, str] = {
    RunStatus.PENDING: "yellow",
    RunStatus.RUNNING: "cyan",
    RunStatus.COMPLETED: "green",
    RunStatus.FAILED: "bold red",
    RunStatus.CANCELLED: "yellow",
    RunStatus.INTERRUPTED: "yellow",
}
_SHOWN = 40
"""Requests that are listed without ``--verbose``; past that, those that went wrong."""
_LONG = 5.0
"""Seconds of waiting that are worth a line of their own among many."""
_TIME = "%Y-%m-%d %H:%M:%S"
_INDENT = " " * 10


# ------------------------------------------------------------------------------ list


def runs(records: Sequence[RunRecord], look: Look, tz: tzinfo | None) -> Iterator[Line]:
    """Draw ``ghsync runs``, newest first."""
    if not records:
        yield plain("No run is recorded here; a dry run leaves no log.")
        return
    yield heading(words.count(len(records), "run"))
    for record in records:
        spans: list[Span] = [
            (f"{record.id}  ", "bold"),
            (f"{record.status.value:<11}  ", _STYLES[record.status]),
            (f"{_when(record.started, tz)[:16]}  ", ""),
            (record.command, ""),
        ]
        facts = [_counted(record), *_pace(record)]
        if record.code is not None and record.status is RunStatus.FAILED:
            facts.insert(0, record.code)
        text = look.glyphs.dot.join(facts)
        if look.width is None or look.width >= 120:
            yield Line((*spans, (f"  {text}", "dim")), "", "    ")
        else:
            yield Line(tuple(spans), "", "    ")
            yield Line(((text, "dim"),), "    ", "    ")


def _counted(record: RunRecord) -> str:
    counts = record.counts
    text = f"{counts.done:,} of {counts.total:,} done"
    for number, word in (
        (counts.failed, "failed"),
        (counts.unknown, "unknown"),
        (counts.skipped, "skipped"),
    ):
        if number:
            text += f", {number:,} {word}"
    return text


def _pace(record: RunRecord) -> list[str]:
    facts = [words.duration(record.duration)]
    if record.throughput is not None:
        facts.append(f"{record.throughput:,.1f} issues a minute")
    return facts


# --------------------------------------------------------------------------- one run


def run(record: RunRecord, look: Look, tz: tzinfo | None) -> Iterator[Line]:
    """Draw ``ghsync runs show``: who, when, what, then each request."""
    yield Line(
        ((f"Run {record.id}: ", "bold"), (record.status.value, _STYLES[record.status])), "", "  "
    )
    for name, text in _facts(record, look, tz):
        yield Line(((f"{name:<11}", "dim"), (text, "")), "  ", " " * 13)
    yield from _troubles(record, look)
    yield from _requests(record.requests, look, tz)
    if look.verbose:
        yield from _operations(record, tz)
        yield from _waits(record, tz)
        yield from _notices(record, tz)
    if record.damaged:
        yield BLANK
        yield plain(f"{words.count(record.damaged, 'line')} of the log cannot be read.", "yellow")


def _facts(record: RunRecord, look: Look, tz: tzinfo | None) -> Iterator[tuple[str, str]]:
    dot = look.glyphs.dot
    yield "command", dot.join([record.command or "unknown", f"ghsync {record.version}"])
    yield "who", record.user or "unknown"
    yield "when", dot.join([_when(record.started, tz), *_pace(record)])
    where = f"{record.repo or 'no repository'}"
    yield "repository", f"{where}, from commit {record.commit}" if record.commit else where
    planned = ", ".join(f"{n:,} {op.replace('_', ' ')}" for op, n in record.planned.items())
    yield "operations", _counted(record) + (f" (planned: {planned})" if planned else "")
    yield "requests", words.requests(record.spent)
    for wait in summed([record]).waits:
        yield "waited", _waited(wait)
    if record.code is not None:
        yield "ended by", f"{record.code}: {record.message}" if record.message else record.code
    if record.hint:
        yield "next", record.hint


def _troubles(record: RunRecord, look: Look) -> Iterator[Line]:
    found = [op for op in record.operations if op.status not in ("done", "pending")]
    if not found:
        return
    yield BLANK
    yield heading(f"Not done: {words.count(len(found), 'operation')}")
    shown = found if look.verbose else found[:20]
    for op in shown:
        yield Line((*_about(op), (f"  {op.status}: {op.message}", "")), "  ", "    ")
    yield from _more(len(found) - len(shown), look)


def _requests(requests: Sequence[RequestRecord], look: Look, tz: tzinfo | None) -> Iterator[Line]:
    if not requests:
        return
    yield BLANK
    yield heading(f"{words.count(len(requests), 'request')}, in the order of their answers")
    shown = requests
    if not look.verbose and len(requests) > _SHOWN:
        shown = [request for request in requests if _remarkable(request)][:_SHOWN]
    for request in shown:
        yield _request(request, tz)
    more = len(requests) - len(shown)
    yield from _more(more, look, "went well" if len(shown) < _SHOWN else "")


def _remarkable(request: RequestRecord) -> bool:
    return request.went_wrong or request.attempt > 1 or request.waited >= _LONG


def _request(request: RequestRecord, tz: tzinfo | None) -> Line:
    status = "---" if request.status is None else str(request.status)
    number = f"#{request.number}" if request.number is not None else ""
    spans: list[Span] = [
        (f"{_when(request.at, tz)[11:]}  ", "dim"),
        (f"{status}  ", "bold red" if request.went_wrong else "green"),
        (f"{(request.op or 'read').replace('_', ' '):<8}  {number:<6}  ", "bold"),
        (request.key or request.target or request.label, ""),
        (f"  {request.method}, try {request.attempt}, waited {_seconds(request.waited)}", "dim"),
    ]
    if request.request_id is not None:
        spans.append((f"  {request.request_id}", "dim"))
    if request.error is not None and request.went_wrong:
        spans.append((f"  {request.error}", ""))
    return Line(tuple(spans), "", _INDENT)


def _operations(record: RunRecord, tz: tzinfo | None) -> Iterator[Line]:
    if not record.operations:
        return
    yield BLANK
    yield heading(f"{words.count(len(record.operations), 'operation')}, as they ended")
    for op in record.operations:
        fields = ", ".join({**op.before, **op.after})
        changed: Spans = ((f"  ({fields})", "dim"),) if fields else ()
        head: Spans = ((f"{_when(op.at, tz)[11:]}  ", "dim"), (f"{op.status}: ", ""))
        yield Line((*head, *_about(op), *changed), "", _INDENT)


def _about(op: OpRecord) -> Spans:
    number = f" #{op.number}" if op.number is not None else ""
    spans: Spans = ((f"{op.op.replace('_', ' ')}{number}  ", "bold"), (op.key or op.title, ""))
    if op.target is not None and op.key is not None:
        spans += ((f" with {op.target}", ""),)
    return spans


def _waits(record: RunRecord, tz: tzinfo | None) -> Iterator[Line]:
    if not record.waits:
        return
    yield BLANK
    yield heading("Waits")
    for wait in sorted(record.waits, key=lambda each: each.at):
        text = f"{words.duration(wait.seconds)}: {wait.reason}"
        yield Line(((f"{_when(wait.at, tz)[11:]}  ", "dim"), (text, "")), "", _INDENT)


def _notices(record: RunRecord, tz: tzinfo | None) -> Iterator[Line]:
    if not record.notices:
        return
    yield BLANK
    yield heading("Notices")
    for notice in record.notices:
        yield Line(((f"{_when(notice.at, tz)[11:]}  ", "dim"), (notice.message, "")), "", _INDENT)


# -------------------------------------------------------------------------- numbers


def statistics(stats: RunStats) -> Iterator[Line]:
    """Draw ``ghsync runs stats``."""
    total = sum(stats.runs.values())
    ended = ", ".join(f"{count:,} {status.value}" for status, count in stats.runs.items() if count)
    yield heading(f"{words.count(total, 'run')}{': ' if ended else ''}{ended}")
    if not total:
        return
    facts: list[tuple[str, str]] = [
        ("issues", f"{stats.issues:,} in {words.duration(stats.duration)}{_per_minute(stats)}"),
        ("requests", f"{stats.requests:,}, {stats.errors:,} went wrong{_rate(stats)}"),
        ("retries", f"{stats.retries:,}"),
        ("waited", words.duration(sum(w.seconds for w in stats.waits)) if stats.waits else "never"),
    ]
    for name, text in facts:
        yield Line(((f"{name:<11}", "dim"), (text, "")), "  ", " " * 13)
    for wait in stats.waits:
        yield Line(((_waited(wait), ""),), " " * 13, " " * 15)
    if stats.operations:
        yield BLANK
        titles = f"{'Operation':<18}{'count':>8}{'done':>8}{'failed':>8}{'mean':>10}{'max':>10}"
        yield heading(titles)
        for each in stats.operations:
            yield _operation_row(each)


def _operation_row(each: OpStats) -> Line:
    mean = "" if each.mean_seconds is None else _seconds(each.mean_seconds)
    most = "" if each.max_seconds is None else _seconds(each.max_seconds)
    bad = each.failed + each.unknown
    return Line(
        (
            (f"{each.op.replace('_', ' '):<18}{each.count:>8,}{each.done:>8,}", ""),
            (f"{bad:>8,}", "bold red" if bad else ""),
            (f"{mean:>10}{most:>10}", ""),
        )
    )


def _per_minute(stats: RunStats) -> str:
    return "" if stats.throughput is None else f", {stats.throughput:,.1f} a minute"


def _rate(stats: RunStats) -> str:
    return "" if not stats.error_rate else f" ({stats.error_rate:.2%})"


# ---------------------------------------------------------------------------- helpers


def _waited(wait: WaitStats) -> str:
    return f"{words.duration(wait.seconds)} in {words.count(wait.times, 'wait')}: {wait.reason}"


def _more(count: int, look: Look, what: str = "") -> Iterator[Line]:
    if count > 0:
        text = f"{look.glyphs.more} {count:,} more{' that ' if what else ''}{what}"
        yield plain(f"  {text}; --verbose shows all", "dim")


def _when(at: float, tz: tzinfo | None) -> str:
    try:
        return datetime.fromtimestamp(at, tz).strftime(_TIME)
    except (ValueError, OverflowError, OSError):
        return "????-??-?? ??:??:??"


def _seconds(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds < 100 else words.duration(seconds)
