"""Step summaries of what is no push: a pull, both ways, a status, a lint, an error."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from ghsync.errors import GhsyncError, StalePlanError
from ghsync.model import Finding, StatusRow
from ghsync.report import pullout, words
from ghsync.report.markdown import add_findings
from ghsync.report.paper import SUMMARY_LIMIT, Paper, escape, link, utf8

if TYPE_CHECKING:
    from ghsync.pulling import Pulled

_FINDINGS = 200


def pull_summary(pulled: Pulled, *, web: str = "", limit: int = SUMMARY_LIMIT) -> str:
    """Say what a pull brought into which file, what it left alone, and what is in conflict."""
    paper = Paper(limit, size=utf8)
    what = "pull, dry run" if pulled.dry_run else "pull"
    paper.say(f"### ghsync {what}: {escape(pulled.repo)}")
    if pulled.remote == "sandbox":
        paper.say("In the sandbox, not on GitHub.")
    counts = ((name, n) for name, n in pullout.totals(pulled).items() if n)
    said = ", ".join(f"{n:,} {_WORDS[name]}" for name, n in counts)
    paper.say(f"{said or 'Nothing to bring: no file lacks what GitHub has'}.")
    base = f"{web}/{pulled.repo}/issues/" if web and pulled.remote != "sandbox" else ""
    paper.table("| | Item | Issue | File |", [*_arrivals(pulled, base)], noun="item")
    conflicts = [
        f"{link(f'#{c.number}', f'{base}{c.number}' if base else None)} {escape(c.path)}: "
        f"both sides changed the {escape(c.field)}"
        for c in pulled.conflicts
    ]
    if conflicts:
        paper.say("**In conflict**; `on-conflict` decides:")
        paper.items(conflicts, noun="conflict")
    add_findings(paper, pulled.findings, most=_FINDINGS)
    diff = [row for file in pulled.files for row in file.diff.splitlines()]
    if diff:
        paper.folded("Every line", diff, language="diff")
    return paper.text


_WORDS = {
    "changed": "changed",
    "new": "new",
    "refused": "left alone",
    "conflict": "in conflict",
}


def _arrivals(pulled: Pulled, base: str) -> Iterator[str]:
    for each in pulled.items:
        if not (each.refused or each.new or each.changes):
            continue
        word = "left alone" if each.refused else "new" if each.new else "changed"
        note = f"<br>{escape(each.refused)}" if each.refused else ""
        issue = link(f"#{each.number}", f"{base}{each.number}" if base else None)
        yield f"| {word} | {escape(each.title)}{note} | {issue} | {escape(each.path)} |"


def status_summary(
    rows: Sequence[StatusRow], *, repo: str, remote: str, web: str = "", limit: int = SUMMARY_LIMIT
) -> str:
    """Say which items and issues are out of step."""
    paper = Paper(limit, size=utf8)
    paper.say(f"### ghsync status: {escape(repo or 'no repository')}")
    if remote == "sandbox":
        paper.say("In the sandbox, not on GitHub.")
    counts = Counter(row.state for row in rows)
    paper.say(f"{', '.join(f'{n:,} {state}' for state, n in counts.items()) or 'No items'}.")
    base = f"{web}/{repo}/issues/" if web and repo and remote != "sandbox" else ""
    table = [
        f"| {row.state} | "
        f"{link(f'#{row.number}', f'{base}{row.number}' if base else None) if row.number else ''}"
        f" | {escape(row.path or row.title)} | {escape(row.detail)} |"
        for row in rows
        if row.state != "in step"
    ]
    paper.table("| | Issue | File | |", table, noun="item")
    return paper.text


def lint_summary(findings: Sequence[Finding], *, items: int, limit: int = SUMMARY_LIMIT) -> str:
    """Say what GitHub would refuse, with file and line."""
    paper = Paper(limit, size=utf8)
    paper.say(f"### ghsync lint: {words.count(items, 'item')}")
    if not findings:
        paper.say("No findings.")
    add_findings(paper, findings, most=_FINDINGS)
    return paper.text


def error_summary(command: str, error: GhsyncError) -> str:
    """Say why there is nothing else to say."""
    return (
        f"### ghsync {escape(command)}\n\n"
        f"**{escape(error.message[:2000])}** {escape(error.hint[:2000])}\n"
    )


def stale_summary(command: str, error: StalePlanError, *, limit: int = SUMMARY_LIMIT) -> str:
    """Say what has moved since a plan was made; the plan that was made now is not what counts."""
    paper = Paper(limit, size=utf8)
    paper.say(error_summary(command, error).rstrip())
    paper.items([escape(line[:2000]) for line in error.moved], noun="thing")
    return paper.text
