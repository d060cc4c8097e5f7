"""The whole page: its parts in their order, style and script inside, and the policy that binds it.

The policy (CSP) allows this style and this script by their digests and nothing else: no request,
no form, no other script, whatever a title or a text holds.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from functools import cache
from hashlib import sha256
from importlib.resources import files

from ghsync.model import CreateLabel, Key, Run
from ghsync.report import words as numbers
from ghsync.report.html import colours, summary
from ghsync.report.html.entries import Entry, entries_of, only_planned
from ghsync.report.html.graph import MOST, MOST_EDGES, Dependencies, Picture, dependencies
from ghsync.report.html.issue import Page
from ghsync.report.html.markup import later, text
from ghsync.report.html.references import Site
from ghsync.report.html.svg import drawn
from ghsync.report.html.tree import tree
from ghsync.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Links:
    """Where links of a page may lead outside of it."""

    web_url: str | None = None
    """``https://github.com``; ``None`` where the run's issues are not on the web."""
    file_url: str | None = None
    """Where the root's files can be read."""
    inside: str = ""
    """The root's path in its repository."""


def page(run: Run, *, now: float, links: Links | None = None) -> str:
    """Make the page of a run. ``now`` is epoch seconds; the same arguments give the same page."""
    made = _page(run, links or Links())
    graph = dependencies(made.entries)
    labels = {name for entry in made.entries for name in entry.labels}
    labels |= {op.name for op in run.plan.operations if isinstance(op, CreateLabel)}
    style = _file("page.css") + colours.rules(made.colour(name) for name in labels)
    body = "".join(
        (
            summary.header(run, made, now),
            "<main>",
            summary.overview(run, made, now),
            summary.attention(made),
            _issues(made),
            _dependencies(graph, made),
            summary.tools(run, made),
            summary.findings(run, made),
            summary.others(run),
            "</main>",
        )
    )
    return _document(_title(run), style, _file("page.js"), body)


def _page(run: Run, links: Links) -> Page:
    entries = entries_of(run)
    known = {entry.key for entry in entries}
    children: dict[Key, list[Key]] = {}
    blocks: dict[Key, list[Key]] = {}
    for entry in entries:
        if entry.parent in known and entry.parent is not None:
            children.setdefault(entry.parent, []).append(entry.key)
        for key in entry.blocked_by:
            blocks.setdefault(key, []).append(entry.key)
    return Page(
        site=_site(run, entries, links),
        planned=only_planned(run),
        entries=entries,
        by_key={entry.key: entry for entry in entries},
        children={key: tuple(found) for key, found in children.items()},
        blocks={key: tuple(found) for key, found in blocks.items()},
        colours={
            op.name.casefold(): op.color
            for op in run.plan.operations
            if isinstance(op, CreateLabel)
        },
    )


def _site(run: Run, entries: Sequence[Entry], links: Links) -> Site:
    on_github = run.remote != "sandbox"
    paths: dict[str, str] = {}
    for entry in entries:
        paths.setdefault(entry.path, entry.anchor)
    return Site(
        repo=run.plan.repo.full_name,
        web_url=links.web_url if on_github and run.plan.repo.full_name else None,
        file_url=links.file_url,
        inside=links.inside,
        numbers={entry.number: entry.anchor for entry in entries if entry.number is not None},
        paths=paths,
    )


def _issues(made: Page) -> str:
    inside = tree(made) if made.entries else '<p class="muted">There are no items.</p>'
    return (
        f'<section id="issues"><h2>Issues</h2>{summary.toolbar(made)}{inside}'
        '<p id="nothing" class="muted" hidden>Nothing here fits the search.</p></section>'
    )


# ----------------------------------------------------------------------- dependencies


def _dependencies(graph: Dependencies, made: Page) -> str:
    if not graph.edges:
        return ""
    by_anchor = {entry.anchor: entry for entry in made.entries}
    count = f"{len(graph.edges):,} between {numbers.count(graph.issues, 'issue')}"
    named = [(picture, f"g{at}") for at, picture in enumerate(graph.pictures, 1)]
    shown = [(p, name) for p, name in named if p.title or not p.folded]
    figures = "".join(_figure(p, by_anchor, name, planned=made.planned) for p, name in shown)
    rest = [(p, name) for p, name in named if p.folded and not p.title]
    if rest:
        inside = "".join(_figure(p, by_anchor, name, planned=made.planned) for p, name in rest)
        more = f"{numbers.count(len(rest), 'more group')} that nothing connects with these"
        held = later(f'<div class="figures">{inside}</div>')
        figures += f'<details class="fig"><summary>{more}</summary>{held}</details>'
    return (
        f'<section id="dependencies"><h2>Dependencies</h2><p class="muted">{count}. An arrow leads '
        "from an issue to one that it blocks; each issue lists both, too.</p>"
        f'<div class="figures">{figures}</div></section>'
    )


def _figure(picture: Picture, entries: dict[str, Entry], name: str, *, planned: bool) -> str:
    issues = numbers.count(len(picture.nodes), "issue")
    links = numbers.count(len(picture.edges), "arrow")
    title = f"{picture.title}: {issues}, {links}" if picture.title else f"{issues}, {links}"
    caption = f'<figcaption id="{name}">{text(title)}</figcaption>'
    if len(picture.nodes) > MOST or len(picture.edges) > MOST_EDGES:
        most = f"more than {MOST} issues or {MOST_EDGES:,} arrows"
        inside = f'<p class="muted">Too many to draw: {most} in one picture.</p>'
        return f"<figure>{caption}{inside}</figure>"
    svg = drawn(picture, entries, name, planned=planned)
    scroll = f'<div class="scroll" tabindex="0" role="region" aria-labelledby="{name}">{svg}</div>'
    if picture.folded and picture.title:
        named = f'<summary id="{name}">{text(title)}</summary>'
        return f'<details class="fig">{named}{later(scroll)}</details>'
    return f"<figure>{caption}{scroll}</figure>"


# ------------------------------------------------------------------------------ document


def _title(run: Run) -> str:
    what = "Dry run" if run.dry_run else run.command.capitalize()
    return f"{what}: {run.plan.repo.full_name or 'ghsync'}"


def _document(title: str, style: str, script: str, body: str) -> str:
    policy = (
        f"default-src 'none'; style-src '{_digest(style)}'; script-src '{_digest(script)}'; "
        "img-src data:; base-uri 'none'; form-action 'none'"
    )
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n'
        '<meta name="color-scheme" content="light dark">\n'
        f"<title>{text(title)}</title>\n<style>{style}</style></head>\n"
        f"<body>{body}\n<footer>Made by ghsync. This page loads nothing.</footer>\n"
        f"<script>{script}</script></body></html>\n"
    )


def _digest(content: str) -> str:
    """How a policy names a style or a script."""
    return "sha256-" + b64encode(sha256(content.encode()).digest()).decode()


@cache
def _file(name: str) -> str:
    return files(__package__).joinpath(name).read_text("utf-8")
