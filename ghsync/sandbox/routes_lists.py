"""Lists of issues: a repository's, and the minimum of search (docs: rest/issues, rest/search)."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from dataclasses import replace

from ghsync.sandbox.call import Call, RepoRoute, Route
from ghsync.sandbox.messages import Response, field_error, invalid, parse_iso, reply_json
from ghsync.sandbox.paging import by_cursor, page_number, per_page
from ghsync.sandbox.records import Issue, Role
from ghsync.sandbox.state import Repo

SEARCH_LAG = 8.0
"""Seconds that the search index is behind (a measured case in which clients made duplicates)."""

_STATES = ("open", "closed", "all")
_PAGING = ("page", "per_page", "after")
_SORTS = ("created", "updated", "comments")


def list_issues(call: Call, repo: Repo) -> Response:
    """``GET /repos/{owner}/{repo}/issues``: pull requests included, a cursor in ``Link``."""
    query = call.query
    descending = query.get("direction", "desc") != "asc"
    key = _sort_key(_choice(query.get("sort", "created"), _SORTS, "sort"))
    wanted = _filters(call, repo)
    lag = max(call.lag, repo.info.lag)
    depends = (repo.revision, tuple(sorted((k, v) for k, v in query.items() if k not in _PAGING)))
    if lag <= 0 and repo.listing is not None and repo.listing[0] == depends:
        found = repo.listing[1]
    else:
        listed = repo.listed(call.now, lag)
        found = [issue for issue in listed if all(fits(issue) for fits in wanted)]
        found.sort(key=key, reverse=descending)
        repo.listing = (depends, found) if lag <= 0 else None
    view = call.view
    return by_cursor(
        call, "/issues", found, key, lambda issue: view.listed_issue(repo, issue), repo,
        descending=descending,
    )  # fmt: skip


def _choice(value: str, known: tuple[str, ...], name: str) -> str:
    if value not in known:
        raise invalid(field_error("Issue", name, "invalid", value=value))
    return value


def _sort_key(sort: str) -> Callable[[Issue], tuple[float, int]]:
    if sort == "updated":
        return lambda issue: (issue.updated_at, issue.number)
    if sort == "comments":
        return lambda issue: (float(issue.comments), issue.number)
    return lambda issue: (issue.created_at, issue.number)


def _filters(call: Call, repo: Repo) -> list[Callable[[Issue], bool]]:
    query = call.query
    wanted: list[Callable[[Issue], bool]] = []
    state = _choice(query.get("state", "open"), _STATES, "state")
    if state != "all":
        wanted.append(lambda issue: issue.state == state)
    for name in filter(None, query.get("labels", "").split(",")):
        label = repo.label_named(name.strip())
        wanted.append(_has_label(-1 if label is None else label.id))
    if "milestone" in query:
        wanted.append(_milestone_filter(repo, query["milestone"]))
    if "assignee" in query:
        wanted.append(_assignee_filter(query["assignee"].casefold()))
    if "creator" in query:
        creator = query["creator"].casefold()
        wanted.append(lambda issue: issue.user.casefold() == creator)
    if "since" in query:
        since = parse_iso(query["since"])
        if since is None:
            raise invalid(field_error("Issue", "since", "invalid", value=query["since"]))
        # A "since" of 1970 was reported to answer an empty list (reference: pagination).
        wanted.append(lambda issue: since > 0 and int(issue.updated_at) >= since)
    return wanted


def _has_label(label: int) -> Callable[[Issue], bool]:
    return lambda issue: label in issue.labels


def _milestone_filter(repo: Repo, value: str) -> Callable[[Issue], bool]:
    if value == "none":
        return lambda issue: issue.milestone is None
    if value == "*":
        return lambda issue: issue.milestone is not None
    if not value.isascii() or not value.isdigit() or int(value) not in repo.milestones:
        raise invalid(field_error("Issue", "milestone", "invalid", value=value))
    number = int(value)
    return lambda issue: issue.milestone == number


def _assignee_filter(value: str) -> Callable[[Issue], bool]:
    if value == "none":
        return lambda issue: not issue.assignees
    if value == "*":
        return lambda issue: bool(issue.assignees)
    return lambda issue: value in (login.casefold() for login in issue.assignees)


# ------------------------------------------------------------------------- search


def search_issues(call: Call) -> Response:
    """``GET /search/issues``: words, ``repo:``, ``is:``, ``state:``, ``label:``, ``author:``."""
    text = call.query.get("q", "").strip()
    if not text:
        raise invalid(field_error("Search", "q", "missing"))
    try:
        terms = shlex.split(text)
    except ValueError:
        raise invalid(field_error("Search", "q", "invalid")) from None
    found: list[tuple[Repo, Issue]] = []
    late = replace(call, lag=max(call.lag, SEARCH_LAG))
    for repo in call.state.repos.values():
        if call.role(repo) >= Role.READ:
            issues = repo.listed(call.now, late.lag)
            found += [(repo, i) for i in issues if all(_matches(repo, i, t) for t in terms)]
    found.sort(key=lambda pair: (pair[1].created_at, pair[1].number), reverse=True)
    size, page = per_page(call.query), page_number(call.query)
    items = [
        call.view.listed_issue(repo, issue)
        | {
            "score": 1.0,
            "assignee": call.view.user(issue.assignees[0]) if issue.assignees else None,
            "body": issue.body or "",
        }
        for repo, issue in found[(page - 1) * size : page * size]
    ]
    content = {
        "total_count": len(found), "incomplete_results": False, "search_type": "lexical",
        "items": items,
    }  # fmt: skip
    return reply_json(200, content)


def _matches(repo: Repo, issue: Issue, term: str) -> bool:
    qualifier, colon, value = term.partition(":")
    value = value.casefold()
    if not colon:
        text = f"{issue.title}\n{issue.body or ''}".casefold()
        return qualifier.casefold() in text
    match qualifier:
        case "repo":
            return repo.info.full_name.casefold() == value
        case "is" | "state" | "type":
            kind = "pr" if issue.pull else "issue"
            return value in (kind, issue.state)
        case "label":
            label = repo.label_named(value)
            return label is not None and label.id in issue.labels
        case "author":
            return issue.user.casefold() == value
        case "assignee":
            return value in (login.casefold() for login in issue.assignees)
        case _:
            return True


ROUTES = (RepoRoute("GET", "/issues", list_issues, issues=True),)
ROOT_ROUTES = (Route("GET", "/search/issues", search_issues),)
