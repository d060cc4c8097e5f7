"""A run as markdown: the step summary of GitHub Actions, and the comment on a pull request."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ghsync.errors import GhsyncError
from ghsync.model import (
    CreateLabel,
    CreateMilestone,
    Finding,
    OpResult,
    Run,
    Severity,
    Status,
    op_name,
)
from ghsync.report import changes, facts, marks, planview, runview, safe, words
from ghsync.report.paper import COMMENT_LIMIT, SUMMARY_LIMIT, Paper, escape, link, utf8

__all__ = ["COMMENT_LIMIT", "SUMMARY_LIMIT", "escape", "plan_comment", "step_summary"]

_HEAD = "| | Item | Issue | File |"
_ROWS = 50
"""Operations that a comment lists; the others are counted there, and listed in the summary."""
_FINDINGS = {"summary": 200, "comment": 30}
_LONGEST = 2_000
"""Characters of an error's message that are shown."""


def step_summary(
    run: Run, error: GhsyncError | None = None, *, limit: int = SUMMARY_LIMIT, web: str = ""
) -> str:
    """Write the summary; rows that would go over ``limit`` bytes are counted and left out.

    ``web`` is the web address of GitHub, for links to issues whose own address is not known.
    """
    paper = Paper(limit, size=utf8)
    paper.say("\n".join(_head(run, error or run.error)))
    paper.table(_HEAD, [*_rows(run, web)], noun="operation")
    add_findings(paper, run.findings, most=_FINDINGS["summary"])
    if run.dry_run and run.plan.operations:
        paper.folded("Every change", [*changes.lines(run)], language="diff")
    return paper.text


def plan_comment(
    run: Run,
    *,
    commit: str = "",
    run_url: str = "",
    what: str = "",
    web: str = "",
    limit: int = COMMENT_LIMIT,
) -> str:
    """Write what a push would do, for the pull request that changes the files.

    ``what`` names the folder where it is not the repository's top. What goes over ``limit``
    characters is counted and left out.
    """
    paper = Paper(limit)
    paper.say("\n".join(_comment_head(run, what)))
    paper.table(_HEAD, [*_rows(run, web)], noun="operation", most=_ROWS)
    add_findings(paper, run.findings, most=_FINDINGS["comment"])
    foot = _foot(run, commit, run_url)
    if run.plan.operations or run.plan.conflicts:
        room = Paper(limit - paper.used - len(foot) - 2)
        room.folded("Every change", [*changes.lines(run)], language="diff")
        paper.say(room.text.rstrip("\n"))
    paper.say(foot)
    return paper.text


def add_findings(paper: Paper, findings: Sequence[Finding], *, most: int) -> None:
    """List findings with their places, errors first."""
    order = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.INFO: 2}
    rows = [_finding(f) for f in sorted(findings, key=lambda f: order[f.severity])]
    if rows:
        counts = facts.severities(findings)
        nouns = {Severity.INFO: "note"}
        parts = [words.count(n, nouns.get(s, s.value)) for s, n in counts.items() if n]
        paper.say(f"**{', '.join(parts)} in the files**")
        paper.items(rows, noun="finding", most=most)


def _finding(finding: Finding) -> str:
    place = finding.path or "no file"
    if finding.path and finding.line > 0:
        place = f"{finding.path}:{finding.line}"
    text = " ".join(safe.lines(finding.message.replace("\r\n", "\n")))[:_LONGEST]
    code = f"\\({escape(finding.code)}\\)"
    return f"{finding.severity.value} in {escape(place)}: {escape(text)} {code}"


def _head(run: Run, error: GhsyncError | None) -> Iterator[str]:
    what = "dry run" if run.dry_run else run.command
    yield f"### ghsync {escape(what)}: {escape(run.plan.repo.full_name or 'no repository')}"
    yield from _where(run)
    yield f"\n{_counted(run)}."
    if run.dry_run:
        yield from _price(run)
    yield from _stopped(run, error)


def _comment_head(run: Run, what: str) -> Iterator[str]:
    about = f" in {escape(what)}" if what else ""
    if run.plan.operations:
        yield f"### ghsync: what a push would do{about}"
    else:
        yield f"### ghsync: nothing to write{about}"
    yield f"\nIn {escape(run.plan.repo.full_name or 'no repository')}: {_counted(run)}."
    yield from _where(run)
    yield from _price(run)
    yield from _stopped(run, run.error)


def _where(run: Run) -> Iterator[str]:
    if run.remote == "sandbox":
        yield "\nIn the sandbox, not on GitHub."
    elif run.remote == "none":
        yield "\nGitHub was not read: this is what a first push would do."


def _counted(run: Run) -> str:
    counted = planview.count_spans(facts.run_totals(run)) if run.dry_run else runview.counted(run)
    return "".join(escape(text) for text, _ in counted)


def _price(run: Run) -> Iterator[str]:
    """What a push would cost, where it would send anything."""
    if run.plan.operations:
        takes = ""
        if 1 <= run.eta_seconds < float("inf"):
            takes = f", {words.takes(run.eta_seconds, run.limits)}"
        yield f"\nIt needs {words.requests(run.requests)}{takes}."


def _stopped(run: Run, error: GhsyncError | None) -> Iterator[str]:
    if run.stopped and (error is None or run.stopped != error.message):
        yield f"\n**Stopped:** {escape(run.stopped[:_LONGEST])}"
    if error is not None:
        said = "A push would be refused: " if run.dry_run else ""
        yield f"\n**{said}{escape(error.message[:_LONGEST])}** {escape(error.hint[:_LONGEST])}"


def _foot(run: Run, commit: str, run_url: str) -> str:
    about = f"For the files of {commit[:12]}" if commit else "For the files of this pull request"
    where = f"; {link('the run', run_url)} has the whole plan" if run_url else ""
    return f"<sub>{about}, and the issues as they were then{where}.</sub>"


def _rows(run: Run, web: str) -> Iterator[str]:
    """The operations in their order; labels and milestones, which are no items, come last."""
    made = CreateLabel | CreateMilestone
    for result in sorted(facts.results_of(run), key=lambda r: isinstance(r.operation, made)):
        title = escape(facts.title_of(result.operation))
        path = escape(getattr(result.operation, "path", ""))
        message = f"<br>{escape(result.message)}" if result.message else ""
        issue = _issue(run, result, web)
        yield f"| {_word(result)} | {title}{message} | {issue} | {path} |".replace("|  |", "| |")


def _issue(run: Run, result: OpResult, web: str) -> str:
    """The issue's number, linked; the sandbox's are nowhere on the web."""
    number, url = facts.number_of(result), safe.url(result.url)
    if url is None and number and web:
        url = f"{web}/{run.plan.repo.full_name}/issues/{number}"
    if number is None and url is None:
        return ""
    return link(f"#{number}" if number else "issue", None if run.remote == "sandbox" else url)


def _word(result: OpResult) -> str:
    if result.status is Status.PENDING:
        return op_name(result.operation).replace("_", " ")
    return escape(marks.ended(result)[0][2:])
