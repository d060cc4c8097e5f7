"""A run as markdown, for the step summary of GitHub Actions."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ghsync.errors import GhsyncError
from ghsync.model import OpResult, Run, Status, op_name
from ghsync.report import facts, marks, planview, runview, safe, words

LIMIT = 1024 * 1024
"""Bytes that GitHub takes for one step's summary."""
_MARKUP = re.compile(r"([\\`*_{}\[\]()#+\-.!|~>$])")


def step_summary(run: Run, error: GhsyncError | None = None, *, limit: int = LIMIT) -> str:
    """Write the summary; rows that would go over ``limit`` bytes are counted and left out."""
    head = "\n".join(_head(run, error or run.error))
    rows = [*_rows(run)]
    tail_room = 200
    size = len(head.encode()) + tail_room
    kept = []
    for row in rows:
        size += len(row.encode()) + 1
        if size > limit:
            break
        kept.append(row)
    parts = [head]
    if kept:
        parts.append("| | Item | Issue | File |\n|---|---|---|---|\n" + "\n".join(kept))
    if len(kept) < len(rows):
        parts.append(f"… and {words.count(len(rows) - len(kept), 'operation')} more.")
    return "\n\n".join(parts) + "\n"


def escape(text: str) -> str:
    """Make text that markdown shows as it is: no markup, no HTML, no mention, no reference."""
    text = safe.line(text).replace("&", "&amp;").replace("<", "&lt;")
    # The zero-width space keeps @names from being notified where this is posted as a comment.
    return _MARKUP.sub(r"\\\1", text).replace("@", "@\u200b")


def _head(run: Run, error: GhsyncError | None) -> Iterator[str]:
    what = "dry run" if run.dry_run else run.command
    yield f"### ghsync {escape(what)}: {escape(run.plan.repo.full_name or 'no repository')}"
    if run.remote == "sandbox":
        yield "\nIn the sandbox, not on GitHub."
    elif run.remote == "none":
        yield "\nGitHub was not read: this is what a first push would do."
    counted = planview.count_spans(facts.run_totals(run)) if run.dry_run else runview.counted(run)
    yield "\n" + "".join(escape(text) for text, _ in counted) + "."
    if run.stopped:
        yield f"\n**Stopped:** {escape(run.stopped)}"
    if error is not None:
        yield f"\n**{escape(error.message)}** {escape(error.hint)}"


def _rows(run: Run) -> Iterator[str]:
    for result in facts.results_of(run):
        number = facts.number_of(result)
        url = None if run.remote == "sandbox" else safe.url(result.url)
        issue = f"#{number}" if number else ""
        if url is not None:
            issue = f"[{issue or 'issue'}](<{url.replace('>', '%3E').replace('<', '%3C')}>)"
        title = escape(facts.title_of(result.operation))
        path = escape(getattr(result.operation, "path", ""))
        message = f"<br>{escape(result.message)}" if result.message else ""
        yield f"| {_word(result)} | {title}{message} | {issue} | {path} |".replace("|  |", "| |")


def _word(result: OpResult) -> str:
    if result.status is Status.PENDING:
        return op_name(result.operation).replace("_", " ")
    return escape(marks.ended(result)[0][2:])
