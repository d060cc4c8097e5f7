"""The sandbox's web page: repositories, their issues as a tree, and each issue as people see it.

Standalone HTML and CSS, no script. Everything that came from a client is escaped; HTML in
markdown is not rendered, and its comments (ghsync's marker) are invisible, as on GitHub.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape
from urllib.parse import unquote

from ghsync.sandbox.messages import Response, SandboxRequest, iso
from ghsync.sandbox.page_markdown import rendered
from ghsync.sandbox.page_style import STYLE
from ghsync.sandbox.records import Comment, Issue, Label
from ghsync.sandbox.state import Repo, State
from ghsync.sandbox.urls import segment

_API = frozenset(
    [
        "api",
        "graphql",
        "meta",
        "orgs",
        "rate_limit",
        "repos",
        "repositories",
        "search",
        "user",
        "users",
        "zen",
        "_sandbox",
    ]
)
_DEEPEST = 50


def answer(state: State, request: SandboxRequest) -> Response | None:
    """The page for a browser's request; ``None`` when it is one for the API."""
    if request.method not in ("GET", "HEAD"):
        return None
    if "text/html" not in request.headers.get("accept", ""):
        return None
    path = request.target.partition("?")[0].strip("/")
    parts = [unquote(part) for part in path.split("/")] if path else []
    if parts and parts[0] in _API:
        return None
    status, content = _found(state, parts)
    body = content.encode("utf-8", "replace")
    return Response(
        status=status,
        headers=(
            ("content-type", "text/html; charset=utf-8"),
            ("content-length", str(len(body))),
            ("content-security-policy", "default-src 'none'; style-src 'unsafe-inline'"),
        ),
        body=b"" if request.method == "HEAD" else body,
    )


def _found(state: State, parts: list[str]) -> tuple[int, str]:
    match parts:
        case []:
            return 200, _home(state)
        case [owner, name] | [owner, name, "issues"]:
            repo = state.repo_named(f"{owner}/{name}")
            if repo is not None:
                return 200, _repository(state, repo)
        case [owner, name, "issues" | "pull", number] if re.fullmatch("[0-9]{1,9}", number):
            repo = state.repo_named(f"{owner}/{name}")
            issue = None if repo is None else repo.issues.get(int(number))
            if repo is not None and issue is not None and issue.here:
                return 200, _issue_page(state, repo, issue)
        case _:
            pass
    return 404, _document("Not found", "<h1>Not found</h1><p>There is no such page here.</p>")


# ------------------------------------------------------------------------- pages


def _home(state: State) -> str:
    repos = sorted(state.repos.values(), key=lambda repo: repo.info.full_name.casefold())
    if len(repos) == 1:
        return _repository(state, repos[0])
    rows = [
        f'<li><a href="{_repo_path(repo)}">{escape(repo.info.full_name)}</a>'
        f' <span class="muted">{_counts(repo)}</span></li>'
        for repo in repos
    ]
    nothing = "<p>No repository yet: one is made when a client names it for the first time.</p>"
    content = f'<ul class="repos">{"".join(rows)}</ul>' if rows else nothing
    return _document("ghsync sandbox", f"<h1>Repositories</h1>{content}")


def _repository(state: State, repo: Repo) -> str:
    issues = [issue for issue in repo.issues.values() if issue.here]
    here = {issue.id for issue in issues}
    roots = [issue for issue in issues if issue.parent is None or issue.parent not in here]
    tree = _tree(state, repo, roots, 1)
    name = escape(repo.info.full_name)
    content = tree or "<p>No issues yet.</p>"
    return _document(
        repo.info.full_name, f'<h1>{name}</h1><p class="muted">{_counts(repo)}</p>{content}'
    )


def _tree(state: State, repo: Repo, issues: Iterable[Issue], level: int) -> str:
    rows: list[str] = []
    for issue in issues:
        found = [state.issue_by_id(each) for each in issue.sub_issues]
        children = [child for child in found if child is not None]
        below = _tree(state, repo, children, level + 1) if level < _DEEPEST else ""
        rows.append(f"<li>{_row(state, issue)}{below}</li>")
    return f'<ul class="tree">{"".join(rows)}</ul>' if rows else ""


def _issue_page(state: State, repo: Repo, issue: Issue) -> str:
    heading = (
        f'<p><a href="{_repo_path(repo)}">{escape(repo.info.full_name)}</a></p>'
        f'<h1>{escape(issue.title)} <span class="muted">#{issue.number}</span></h1>'
        f"<p>{_badge(issue)} {_labels(repo, issue)}</p>"
    )
    body = rendered(issue.body) or '<p class="muted">No description provided.</p>'
    article = _article(issue.user, issue.created_at, body)
    comments = "".join(
        _comment(repo.comments[each]) for each in repo.comments_of.get(issue.number, [])
    )
    return _document(
        f"{issue.title} #{issue.number}",
        heading + _facts(state, repo, issue) + article + _relations(state, issue) + comments,
    )


def _facts(state: State, repo: Repo, issue: Issue) -> str:
    facts: list[tuple[str, str]] = []
    parent = None if issue.parent is None else state.issue_by_id(issue.parent)
    if parent is not None:
        facts.append(("Parent", _link(state, parent)))
    if issue.assignees:
        facts.append(("Assignees", ", ".join(escape(login) for login in issue.assignees)))
    if issue.milestone is not None and issue.milestone in repo.milestones:
        facts.append(("Milestone", escape(repo.milestones[issue.milestone].title)))
    if issue.type is not None:
        facts.append(("Type", escape(issue.type)))
    if issue.locked:
        facts.append(("Locked", escape(issue.lock_reason or "yes")))
    rows = "".join(f"<dt>{name}</dt><dd>{value}</dd>" for name, value in facts)
    return f"<dl>{rows}</dl>" if rows else ""


def _relations(state: State, issue: Issue) -> str:
    parts: list[str] = []
    lists = (
        ("Sub-issues", issue.sub_issues),
        ("Blocked by", issue.blocked_by),
        ("Blocking", issue.blocking),
    )
    for title, ids in lists:
        found = [state.issue_by_id(each) for each in ids]
        rows = "".join(f"<li>{_row(state, each)}</li>" for each in found if each is not None)
        if rows:
            parts.append(f'<section><h2>{title}</h2><ul class="tree">{rows}</ul></section>')
    return "".join(parts)


# ------------------------------------------------------------------------- pieces


def _row(state: State, issue: Issue) -> str:
    repo = state.repos[issue.repo]
    more: list[str] = []
    if issue.milestone is not None and issue.milestone in repo.milestones:
        more.append(f'<span class="muted">{escape(repo.milestones[issue.milestone].title)}</span>')
    more += [f'<span class="muted">@{escape(login)}</span>' for login in issue.assignees]
    if issue.blocked_by:
        more.append(f'<span class="muted">blocked by {len(issue.blocked_by)}</span>')
    return " ".join([_badge(issue), _link(state, issue), _labels(repo, issue), *more])


def _badge(issue: Issue) -> str:
    kind = "pull request" if issue.pull else issue.state
    word = "not planned" if issue.state_reason == "not_planned" else kind
    css = "skipped" if word == "not planned" else issue.state
    return f'<span class="state {css}">{word}</span>'


def _labels(repo: Repo, issue: Issue) -> str:
    found = [repo.labels[each] for each in issue.labels if each in repo.labels]
    return " ".join(_label(label) for label in found)


def _label(label: Label) -> str:
    color = label.color if re.fullmatch("[0-9a-f]{6}", label.color) else "ededed"
    red, green, blue = (int(color[at : at + 2], 16) for at in (0, 2, 4))
    text = "#000" if 0.299 * red + 0.587 * green + 0.114 * blue > 140 else "#fff"
    title = escape(label.description or "", quote=True)
    return (
        f'<span class="label" style="background:#{color};color:{text}" title="{title}">'
        f"{escape(label.name)}</span>"
    )


def _link(state: State, issue: Issue) -> str:
    path = f"{_repo_path(state.repos[issue.repo])}/issues/{issue.number}"
    return f'<a href="{path}"><span class="muted">#{issue.number}</span> {escape(issue.title)}</a>'


def _comment(comment: Comment) -> str:
    anchor = f' id="issuecomment-{comment.id}"'
    return _article(comment.user, comment.created_at, rendered(comment.body), anchor)


def _article(login: str, moment: float, body: str, anchor: str = "") -> str:
    head = f"<header><b>{escape(login)}</b> <time>{iso(moment)}</time></header>"
    return f"<article{anchor}>{head}<div class=markdown>{body}</div></article>"


def _counts(repo: Repo) -> str:
    opened = repo.open_count()
    total = sum(repo.tally.values())
    return f"{opened} open, {total - opened} closed"


def _repo_path(repo: Repo) -> str:
    return f"/{segment(repo.info.owner)}/{segment(repo.info.name)}"


def _document(title: str, content: str) -> str:
    return (
        "<!doctype html>\n"
        '<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{STYLE}</style></head>"
        f'<body><nav><a href="/">ghsync sandbox</a></nav><main>{content}</main></body></html>\n'
    )
