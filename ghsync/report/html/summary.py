"""The top of the page and its lists: totals, price, what needs a look, findings, files."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime

from ghsync.model import CreateLabel, CreateMilestone, Finding, OpResult, Run, Severity, Status
from ghsync.report import facts, planview, runview
from ghsync.report import words as numbers
from ghsync.report.html import words
from ghsync.report.html.entries import MARKS
from ghsync.report.html.issue import Page
from ghsync.report.html.markup import inner, link, path_url, text

_FINDINGS = 500
"""Findings that are listed; the others are counted."""
_YEAR = 365 * 24 * 3600.0


def header(run: Run, page: Page, now: float) -> str:
    """What this is: the command, the repository, when, and the way to the other colours."""
    what = "Dry run" if run.dry_run else run.command.capitalize()
    repo = run.plan.repo.full_name
    where = link(f"{page.site.web_url}/{repo}" if page.site.web_url else None, text(repo))
    place = {"sandbox": "in the sandbox, not on GitHub", "none": "GitHub was not read"}
    made = datetime.fromtimestamp(now, UTC)
    parts = [place.get(run.remote, "on GitHub"), f"{made:%Y-%m-%d %H:%M} UTC", f"run {run.id}"]
    return (
        f'<header><div class="top"><h1>{text(what)} <span class="repo">{where or "no repository"}'
        f'</span></h1><button id="theme" type="button" hidden>Dark</button></div>'
        f'<p class="muted">{text(" · ".join(parts))}</p></header>'
    )


def overview(run: Run, page: Page, now: float) -> str:
    """The totals in words, the price, and why the run stopped if it did."""
    counts = facts.run_totals(run)
    spans = planview.count_spans(counts) if page.planned else runview.counted(run)
    told = "".join(part for part, _ in spans)
    lead = "To do" if page.planned else "Done"
    rows = [("Items", f"{counts['items']:,}"), (lead, text(told)), *_price(run, page, now)]
    if run.rate_limit is not None:
        reset = datetime.fromtimestamp(run.rate_limit.reset, UTC)
        left = f"{run.rate_limit.remaining:,} of {run.rate_limit.limit:,} left"
        rows.append(("Rate limit", f"{left}, reset at {reset:%H:%M} UTC"))
    if run.findings:
        found = facts.severities(run.findings).items()
        shown = ", ".join(numbers.count(n, _noun(s)) for s, n in found if n)
        rows.append(("Findings", f'<a href="#findings">{shown}</a>'))
    table = "".join(f"<div><dt>{name}</dt><dd>{value}</dd></div>" for name, value in rows)
    return f'{_stopped(run)}<dl class="facts">{table}</dl>'


def _noun(severity: Severity) -> str:
    return "note" if severity is Severity.INFO else severity.value


def _price(run: Run, page: Page, now: float) -> list[tuple[str, str]]:
    if not page.planned:
        took = numbers.duration(run.duration)
        name = "Would take" if run.remote == "sandbox" else "Took"
        return [("Sent", text(numbers.requests(run.spent))), (name, took)]
    rows = [("Needs", text(numbers.requests(run.requests)))]
    if run.plan.operations and run.eta_seconds >= 1:
        eta = numbers.duration(run.eta_seconds)
        if run.eta_seconds < _YEAR and math.isfinite(run.eta_seconds) and run.remote != "sandbox":
            eta += f", done by {numbers.clock_time(now, run.eta_seconds, UTC)} UTC"
        rows.append(("Takes", f"about {text(eta)}"))
    return rows


def _stopped(run: Run) -> str:
    if not run.stopped:
        return ""
    lead = "A push would be refused" if run.dry_run else "Stopped"
    hint = run.error.hint if run.error is not None else ""
    more = f"<p>{text(hint)}</p>" if hint else ""
    left = ""
    if run.spent.writes and not run.dry_run:
        pending = sum(result.status is Status.PENDING for result in run.results)
        left = f"<p>{run.succeeded:,} of {run.total:,} operations done, {pending:,} to do.</p>"
    return f'<div class="callout" role="note"><b>{lead}:</b> {text(run.stopped)}{left}{more}</div>'


def toolbar(page: Page) -> str:
    """The search and the filters; hidden where no script makes them work."""
    counts = Counter(mark for entry in page.entries for mark in entry.marks)
    chips = "".join(
        f'<button type="button" class="chip {mark}" data-f="{mark}" aria-pressed="false">'
        f"{words.of_mark(mark, planned=page.planned)} <span>{counts[mark]:,}</span></button>"
        for mark in MARKS
        if counts[mark]
    )
    return (
        '<search class="tools" id="tools" hidden><div class="find">'
        '<label class="vh" for="q">Search by title, key, number, label or path</label>'
        '<input id="q" type="search" autocomplete="off" spellcheck="false" '
        'placeholder="Search title, key, #number, label, path   ( / )">'
        '<label class="deep"><input id="deep" type="checkbox"> in texts</label>'
        '<output id="n" for="q" role="status"></output></div>'
        f'<div class="chips" role="group" aria-label="Show only">{chips}'
        '<button type="button" class="plain" id="unfold">Unfold all</button>'
        '<button type="button" class="plain" id="fold">Fold all</button></div></search>'
    )


def attention(page: Page) -> str:
    """Links to what somebody has to look at: failures, unknown outcomes, conflicts."""
    rows: list[str] = []
    for mark in ("failed", "unknown", "conflict"):
        word = words.of_mark(mark, planned=page.planned)
        rows += [
            f'<li><span class="op {mark}">{word}</span> {page.ref(entry.key)}'
            f'<p class="message">{_why(mark, entry.results, entry.conflicts)}</p></li>'
            for entry in page.entries
            if mark in entry.marks
        ]
    if not rows:
        return ""
    return f'<section><h2>Needs a look</h2><ul class="look">{_limited(rows)}</ul></section>'


def _why(mark: str, results: Iterable[OpResult], conflicts: Iterable[object]) -> str:
    if mark == "conflict":
        named = [str(getattr(found, "field", "")) for found in conflicts]
        return f"{text(', '.join(dict.fromkeys(named)))} changed in the file and on GitHub"
    status = Status.FAILED if mark == "failed" else Status.UNKNOWN
    told = [result.message for result in results if result.status is status]
    return text(" ".join(filter(None, told))) or "no reason was given"


def _limited(rows: list[str], most: int = 100) -> str:
    more = f"<li>and {len(rows) - most:,} more</li>" if len(rows) > most else ""
    return "".join(rows[:most]) + more


# ------------------------------------------------------------------------ the lists below


def tools(run: Run, page: Page) -> str:
    """Labels and milestones that are made, and what became of that."""
    rows: dict[str, list[str]] = {}
    for result in facts.results_of(run):
        if isinstance(result.operation, CreateLabel | CreateMilestone):
            word = words.of_result(result, planned=page.planned)
            rows.setdefault(word, []).append(_tool(result, page))
    if not rows:
        return ""
    listed = "".join(
        f"<li><b>{text(word)}</b> {' '.join(made)}</li>" for word, made in rows.items()
    )
    return (
        '<section id="labels"><h2>Labels and milestones</h2>'
        f'<ul class="ops">{listed}</ul></section>'
    )


def _tool(result: OpResult, page: Page) -> str:
    name = facts.title_of(result.operation)
    shown = page.label(name) if isinstance(result.operation, CreateLabel) else f"“{text(name)}”"
    if result.message and result.status in (Status.FAILED, Status.UNKNOWN):
        shown += f'<p class="message">{text(result.message)}</p>'
    return shown


def findings(run: Run, page: Page) -> str:
    """What there is to say of files, by severity, file and line."""
    if not run.findings:
        return ""
    order = list(Severity)
    found = sorted(run.findings, key=lambda f: (order.index(f.severity), f.path, f.line))
    rows = "".join(_finding(each, page) for each in found[:_FINDINGS])
    more = f'<p class="muted">and {len(found) - _FINDINGS:,} more; `ghsync lint` lists them</p>'
    return (
        '<section id="findings"><h2>Findings</h2><table class="found"><thead><tr>'
        "<th scope=col>Severity</th><th scope=col>Where</th><th scope=col>What</th></tr></thead>"
        f"<tbody>{rows}</tbody></table>{more if len(found) > _FINDINGS else ''}</section>"
    )


def _finding(found: Finding, page: Page) -> str:
    place = f"{found.path}:{found.line}" if found.line > 0 else found.path
    where = link(path_url(page.site.file_url, found.path, found.line), text(place or "no file"))
    entry = page.by_key.get(found.key) if found.key is not None else None
    what = text(found.message)
    if entry is not None:
        what += f" {inner(entry.anchor, 'show')}"
    return (
        f'<tr class="{found.severity.value}"><td>{found.severity.value}</td><td>{where}</td>'
        f'<td>{what} <span class="muted">{text(found.code)}</span></td></tr>'
    )


def others(run: Run) -> str:
    """Renamed files, and files that get, or got, the number of their issue."""
    rows = [
        f"<li>#{rename.number} follows {text(rename.old)} to {text(rename.new)}</li>"
        for rename in run.plan.renames
    ]
    rows += [
        f"<li>{text(file.path)}: {text(file.status.value.replace('_', ' '))}"
        f"{f', {text(file.message)}' if file.message else ''}</li>"
        for file in run.files
    ]
    if not rows:
        return ""
    return f'<section><h2>Files</h2><ul class="ops">{_limited(rows, 500)}</ul></section>'
