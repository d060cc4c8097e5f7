"""What ``ghsync map import`` and ``map adopt`` found: for a person, and as JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from ghsync.errors import GhsyncError
from ghsync.importers.judging import Row, Verdict
from ghsync.report import parts
from ghsync.report.canvas import BLANK, Line, Look, Span, Spans, heading, plain
from ghsync.report.text import View

_SIGNS: Mapping[Verdict, Span] = {
    Verdict.ADOPT: ("+ adopt", "green"),
    Verdict.MAPPED: ("= mapped", "dim"),
    Verdict.AGAIN: ("= again", "dim"),
    Verdict.TITLE: ("? title", "yellow"),
    Verdict.WRONG: ("! wrong", "bold red"),
}
_WIDTH = 9
_COUNTED: Mapping[Verdict, str] = {
    Verdict.ADOPT: "to adopt",
    Verdict.MAPPED: "mapped already",
    Verdict.AGAIN: "said twice",
    Verdict.TITLE: "with another title",
    Verdict.WRONG: "wrong",
}


def adoption_view(rows: Sequence[Row], *, dry_run: bool, verbose: bool = False) -> View:
    """Show every record with its item, its issue and the verdict."""
    return View(lambda look: _lines(rows, look, dry_run=dry_run), verbose)


def _lines(rows: Sequence[Row], look: Look, *, dry_run: bool) -> Iterator[Line]:
    source = None
    for row in rows:
        if row.verdict in (Verdict.MAPPED, Verdict.AGAIN) and not look.verbose:
            continue
        record = row.record
        if record.path and record.path != source:
            source = record.path
            tool = f"{look.glyphs.dot}{record.tool.value}" if record.tool is not None else ""
            yield Line(((source, "bold"), (tool, "dim")))
        yield from _row(row, look)
    counts = Counter(row.verdict for row in rows)
    said = [f"{counts[verdict]:,} {text}" for verdict, text in _COUNTED.items() if counts[verdict]]
    if rows:
        yield BLANK
    summary = ", ".join(said) or "No record of another tool's was found"
    if not dry_run and counts[Verdict.ADOPT]:
        summary = summary.replace("to adopt", "adopted", 1)
    yield heading(summary)
    if counts[Verdict.ADOPT] and not dry_run:
        step = "`ghsync push --dry-run` shows what differs; --on-conflict says which side wins."
        yield plain(step, "dim")


def _row(row: Row, look: Look) -> Iterator[Line]:
    record = row.record
    sign, style = _SIGNS[row.verdict]
    indent = "  " if record.path else ""
    number = f"#{record.number}  " if record.number is not None else ""
    key = row.item.key if row.item is not None else record.text
    spans: list[Span] = [(f"{indent}{sign:<{_WIDTH}}", style), (number, "bold"), (key, "")]
    if row.issue is not None and row.item is not None:
        alike = "" if row.alike in (None, 100) else f" ({row.alike} % alike)"
        same = row.issue.title == row.item.title
        shown = row.issue.title if same else f"{row.item.title} / {row.issue.title}"
        spans.append((f"{look.glyphs.dot}{shown}{alike}", "dim"))
    yield Line(tuple(spans), "", " " * (_WIDTH + len(indent)))
    if row.reason and row.verdict in (Verdict.TITLE, Verdict.WRONG):
        where = f"line {record.line}: " if record.path and record.line > 1 else ""
        reason: Spans = ((f"{' ' * (_WIDTH + len(indent))}{where}{row.reason}", "yellow"),)
        yield Line(reason, "", " " * (_WIDTH + len(indent)))


def adoption_document(
    rows: Sequence[Row],
    *,
    command: str,
    repo: str,
    remote: str,
    dry_run: bool,
    error: GhsyncError | None = None,
) -> parts.Document:
    """Build ``ghsync.map-import/1``: every record that was found, and what becomes of it."""
    counts = Counter(row.verdict for row in rows)
    return {
        "schema": "ghsync.map-import/1",
        "command": command,
        "dry_run": dry_run,
        "repo": repo,
        "remote": remote,
        "totals": {verdict.value: counts[verdict] for verdict in Verdict},
        "records": [_record(row) for row in rows],
        "error": parts.error(error) if error is not None else None,
    }


def _record(row: Row) -> parts.Document:
    record, item, issue = row.record, row.item, row.issue
    return {
        "tool": record.tool.value if record.tool is not None else None,
        "path": record.path or None,
        "line": record.line,
        "text": record.text,
        "number": record.number,
        "key": item.key if item is not None else None,
        "verdict": row.verdict.value,
        "reason": row.reason,
        "item_title": item.title if item is not None else None,
        "issue_title": issue.title if issue is not None else None,
        "alike": row.alike,
    }
