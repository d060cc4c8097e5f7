"""One issue of the page: what becomes of it, its fields old and new, its text as on GitHub."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import assert_never

from ghsync.model import (
    Adopt,
    Block,
    ClearField,
    CloseIssue,
    Comment,
    CreateIssue,
    CreateLabel,
    CreateMilestone,
    FillLinks,
    IssueNumber,
    Key,
    LinkParent,
    LockIssue,
    MoveChild,
    Operation,
    OpResult,
    ReopenIssue,
    SetFields,
    State,
    StateReason,
    Status,
    Unblock,
    UnlinkParent,
    UnlockIssue,
    UpdateIssue,
)
from ghsync.render import label_color
from ghsync.report.html import colours, differences, words
from ghsync.report.html.entries import Entry
from ghsync.report.html.markdown import rendered
from ghsync.report.html.markup import inner, link, path_url, text
from ghsync.report.html.references import Site
from ghsync.values import dataclass

_TROUBLE = (Status.FAILED, Status.UNKNOWN, Status.SKIPPED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What every part of the page needs to know."""

    site: Site
    planned: bool
    """Nothing has been written: what is shown is what would be."""
    entries: tuple[Entry, ...]
    by_key: Mapping[Key, Entry]
    children: Mapping[Key, tuple[Key, ...]]
    blocks: Mapping[Key, tuple[Key, ...]]
    """Each issue to those that it blocks."""
    colours: Mapping[str, str]
    """Labels that this run makes to their colours."""

    def label(self, name: str) -> str:
        """A label as GitHub shows it."""
        css = colours.css_class(self.colour(name))
        return f'<span class="lb {css}">{text(name)}</span>'

    def colour(self, name: str) -> str:
        """A label's colour, as far as it is known here: six hex digits."""
        return self.colours.get(name.casefold()) or label_color(name)

    def ref(self, key: Key) -> str:
        """A link to an issue of the page, by number and title."""
        entry = self.by_key.get(key)
        if entry is None:
            return f"<code>{text(key)}</code>"
        number = f'<span class="num">#{entry.number}</span> ' if entry.number else ""
        return inner(entry.anchor, f"{number}{text(entry.title)}")

    def number(self, number: IssueNumber) -> str:
        """The same where only the number is known."""
        anchor = self.site.numbers.get(number)
        if anchor is not None:
            return inner(anchor, f"#{number}")
        return link(self.site.issue(number), f"#{number}")


def issue(entry: Entry, page: Page) -> str:
    """An issue, opened."""
    main = [_head(entry, page)]
    if entry.skip:
        main.append(f'<p class="note skipped">Left alone: {text(entry.skip)}</p>')
    main += [_operations(entry, page), _conflicts(entry), _changes(entry), _findings(entry)]
    main.append(_body(entry, page))
    side = _side(entry, page)
    return f'<div class="issue"><div class="main">{"".join(main)}</div>{side}</div>'


def state_word(entry: Entry) -> str:
    """``open``, ``closed`` or ``not planned``."""
    if entry.state is State.OPEN:
        return "open"
    return "not planned" if entry.reason is StateReason.NOT_PLANNED else "closed"


def _head(entry: Entry, page: Page) -> str:
    word = state_word(entry)
    state = f'<span class="pill {word.replace(" ", "-")}">{word.capitalize()}</span>'
    where = entry.url if page.site.web_url else None
    if where is None and entry.number is not None:
        where = page.site.issue(entry.number)
    on_github = link(where, f"#{entry.number} on GitHub") if where and entry.number else ""
    file = link(path_url(page.site.file_url, entry.path, entry.line), text(entry.path))
    parts = [state, on_github, f'<span class="path">{file}</span>' if entry.path else ""]
    return f'<p class="ihead">{" ".join(filter(None, parts))}</p>'


# ------------------------------------------------------------------------- operations


def _operations(entry: Entry, page: Page) -> str:
    rows = [_operation(result, page) for result in entry.results]
    return f'<ul class="ops">{"".join(rows)}</ul>' if rows else ""


def _operation(result: OpResult, page: Page) -> str:
    word = words.of_result(result, planned=page.planned)
    css = result.status.value if not page.planned else "planned"
    detail = _detail(result.operation, page)
    message = ""
    if result.message and result.status in _TROUBLE:
        message = f'<p class="message">{text(result.message)}</p>'
    return f'<li class="{css}"><b>{text(word)}</b> {detail}{message}</li>'


def _detail(operation: Operation, page: Page) -> str:
    match operation:
        case CreateIssue():
            return f"under {page.ref(operation.parent)}" if operation.parent else ""
        case UpdateIssue():
            return text(", ".join(c.field.replace("_", " ") for c in operation.changes))
        case FillLinks():
            return f"links {', '.join(page.ref(key) for key in operation.links)}"
        case CloseIssue():
            return f"as {text(operation.state_reason.value.replace('_', ' '))}"
        case LinkParent():
            return page.ref(operation.parent)
        case UnlinkParent():
            return page.number(operation.parent)
        case Block():
            return page.ref(operation.blocker)
        case Unblock():
            return page.number(operation.blocker)
        case MoveChild():
            beside = operation.after or operation.before
            side = "after" if operation.after else "before"
            return f"{side} {page.ref(beside)}" if beside else ""
        case _:
            return _other(operation)


def _other(
    operation: (
        CreateLabel
        | CreateMilestone
        | ReopenIssue
        | SetFields
        | ClearField
        | Comment
        | LockIssue
        | UnlockIssue
        | Adopt
    ),
) -> str:
    match operation:
        case SetFields() | ClearField():
            return differences.own_fields(operation)
        case Comment():
            return f"<pre>{text(operation.body)}</pre>"
        case Adopt():
            return text(operation.reason)
        case CreateLabel() | CreateMilestone() | ReopenIssue() | LockIssue() | UnlockIssue():
            return ""
        case _:
            assert_never(operation)


# --------------------------------------------------------------------- old and new


def _changes(entry: Entry) -> str:
    parts: list[str] = []
    for result in entry.results:
        if not isinstance(result.operation, UpdateIssue):
            continue
        parts.append(differences.fields(result.operation.changes))
        for change in result.operation.changes:
            if change.field == "body":
                old, new = (str(v) if isinstance(v, str) else "" for v in (change.old, change.new))
                parts.append(differences.body(old, new))
    inside = "".join(parts)
    return f"<h4>Changes</h4>{inside}" if inside else ""


def _conflicts(entry: Entry) -> str:
    if not entry.conflicts:
        return ""
    inside = "".join(differences.conflict(found) for found in entry.conflicts)
    return (
        '<section class="conflict"><h4>In conflict</h4><p>Both the file and GitHub changed this '
        f"since they last agreed, so the issue is left as it is.</p>{inside}</section>"
    )


def _findings(entry: Entry) -> str:
    rows = "".join(
        f'<li class="{found.severity.value}"><b>{found.severity.value}</b> {text(found.message)}'
        f' <span class="muted">{text(found.code)}</span></li>'
        for found in entry.findings
    )
    return f'<ul class="ops">{rows}</ul>' if rows else ""


def _body(entry: Entry, page: Page) -> str:
    if entry.body is None:
        return ""
    html = rendered(entry.body, page.site, entry.path)
    boxes, done = html.count('type="checkbox"'), html.count('type="checkbox" disabled checked')
    tasks = f'<span class="muted">{done} of {boxes} tasks done</span>' if boxes else ""
    inside = html or '<p class="none">No description provided.</p>'
    return (
        f'<section class="box"><h4><span>{_whose(entry, page)}</span>{tasks}</h4>'
        f'<div class="md">{inside}</div></section>'
    )


def _whose(entry: Entry, page: Page) -> str:
    """What text it is: a file's may differ from the issue's where nothing was sent."""
    for result in entry.results:
        operation = result.operation
        sends = isinstance(operation, CreateIssue) or (
            isinstance(operation, UpdateIssue) and any(c.field == "body" for c in operation.changes)
        )
        if sends and result.status is Status.DONE:
            return "The text on GitHub"
        if sends and page.planned:
            return "The text for GitHub"
    return "The text of the file"


# ----------------------------------------------------------------------------- the side


def _side(entry: Entry, page: Page) -> str:
    rows: list[tuple[str, str]] = []
    if entry.assignees:
        rows.append(("Assignees", ", ".join(f"@{text(login)}" for login in entry.assignees)))
    if entry.labels:
        rows.append(("Labels", " ".join(page.label(name) for name in entry.labels)))
    if entry.type is not None:
        rows.append(("Type", text(entry.type)))
    rows += [(name, text(value)) for name, value in entry.fields]
    if entry.milestone is not None:
        rows.append(("Milestone", text(entry.milestone)))
    if entry.locked:
        rows.append(("Conversation", "locked"))
    if entry.parent is not None:
        rows.append(("Parent", page.ref(entry.parent)))
    for name, keys in (
        ("Sub-issues", page.children.get(entry.key, ())),
        ("Blocked by", entry.blocked_by),
        ("Blocks", page.blocks.get(entry.key, ())),
    ):
        if keys:
            rows.append((name, _list(keys, page)))
    rows.append(("Key", f"<code>{text(entry.key)}</code>"))
    return "<dl>" + "".join(f"<dt>{text(n)}</dt><dd>{v}</dd>" for n, v in rows) + "</dl>"


_LISTED = 12


def _list(keys: Iterable[Key], page: Page) -> str:
    every = list(keys)
    rows = [f"<li>{page.ref(key)}</li>" for key in every[:_LISTED]]
    if len(every) > _LISTED:
        rows.append(f"<li>and {len(every) - _LISTED} more</li>")
    return f"<ul>{''.join(rows)}</ul>"
