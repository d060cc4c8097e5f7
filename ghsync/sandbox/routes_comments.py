"""Comments, and an issue's history (docs: rest/issues/comments, events, timeline)."""

from __future__ import annotations

from dataclasses import replace

from ghsync.sandbox import changes
from ghsync.sandbox.call import Call, RepoRoute, missing, wrong_type
from ghsync.sandbox.messages import (
    JsonObject,
    Problem,
    Response,
    field_error,
    invalid,
    no_content,
    not_found,
    parse_iso,
    reply_json,
)
from ghsync.sandbox.paging import paged
from ghsync.sandbox.records import Comment, Role
from ghsync.sandbox.routes_issues import body_too_long, find_issue, own_or
from ghsync.sandbox.state import Repo


def _body(call: Call) -> str:
    content = call.body()
    if "body" not in content:
        raise missing("body")
    body = content["body"]
    if not isinstance(body, str):
        raise wrong_type("body", body, "string")
    if not body.strip():
        raise invalid(field_error("IssueComment", "body", "missing_field"))
    size = len(body.encode("utf-8", "surrogatepass"))
    if len(body) > changes.BODY_LIMIT or size > changes.BODY_BYTES:
        raise body_too_long("IssueComment")
    return body


def _since(call: Call, comments: list[Comment]) -> list[Comment]:
    text = call.query.get("since")
    moment = None if text is None else parse_iso(text)
    if text is not None and moment is None:
        raise invalid(field_error("IssueComment", "since", "invalid", value=text))
    return [c for c in comments if moment is None or int(c.updated_at) >= moment]


def issue_comments(call: Call, repo: Repo) -> Response:
    """``GET …/issues/{issue_number}/comments``, oldest first."""
    issue = find_issue(call, repo)
    found = [repo.comments[each] for each in repo.comments_of.get(issue.number, [])]
    path = f"/issues/{issue.number}/comments"
    return paged(call, path, _since(call, found), lambda c: call.view.comment(repo, c), repo)


def repo_comments(call: Call, repo: Repo) -> Response:
    """``GET …/issues/comments``."""
    found = _since(call, list(repo.comments.values()))
    if call.query.get("sort") == "updated":
        found.sort(key=lambda comment: (comment.updated_at, comment.id))
    if call.query.get("direction") == "desc":
        found.reverse()
    return paged(call, "/issues/comments", found, lambda c: call.view.comment(repo, c), repo)


def create_comment(call: Call, repo: Repo) -> Response:
    """``POST …/issues/{issue_number}/comments``."""
    issue = find_issue(call, repo)
    if issue.locked and call.role(repo) < Role.WRITE:
        raise Problem(403, "Unable to create comment because issue is locked.")
    comment = changes.add_comment(
        call.state, repo, issue, login=call.login, now=call.now, body=_body(call)
    )
    shown = call.view.comment(repo, comment)
    return reply_json(201, shown, headers=(("location", shown["url"]),))


def get_comment(call: Call, repo: Repo) -> Response:
    """``GET …/issues/comments/{comment_id}``."""
    return reply_json(200, call.view.comment(repo, _comment(call, repo)))


def update_comment(call: Call, repo: Repo) -> Response:
    """``PATCH …/issues/comments/{comment_id}``."""
    comment = _comment(call, repo)
    own_or(call, repo, comment.user, Role.WRITE)
    comment = call.state.put_comment(replace(comment, body=_body(call), updated_at=call.now))
    call.state.touch(repo.issues[comment.issue].id, call.now)
    return reply_json(200, call.view.comment(repo, comment))


def delete_comment(call: Call, repo: Repo) -> Response:
    """``DELETE …/issues/comments/{comment_id}``."""
    comment = _comment(call, repo)
    own_or(call, repo, comment.user, Role.WRITE)
    changes.delete_comment(call.state, comment, call.now)
    return no_content()


def _comment(call: Call, repo: Repo) -> Comment:
    comment = repo.comments.get(call.number("comment_id"))
    if comment is None:
        raise not_found()
    return comment


# ------------------------------------------------------------------------- history


def issue_events(call: Call, repo: Repo) -> Response:
    """``GET …/issues/{issue_number}/events``."""
    issue = find_issue(call, repo)
    events = repo.events.get(issue.number, [])
    path = f"/issues/{issue.number}/events"
    return paged(call, path, events, lambda event: call.view.event(repo, event), repo)


def timeline(call: Call, repo: Repo) -> Response:
    """``GET …/issues/{issue_number}/timeline``: events and comments in their order."""
    issue = find_issue(call, repo)
    rows: list[tuple[float, JsonObject]] = [
        (event.created_at, call.view.event(repo, event))
        for event in repo.events.get(issue.number, [])
    ]
    for each in repo.comments_of.get(issue.number, []):
        comment = repo.comments[each]
        user = call.view.user(comment.user)
        shown = call.view.comment(repo, comment)
        rows.append((comment.created_at, shown | {"event": "commented", "actor": user}))
    rows.sort(key=lambda row: row[0])
    path = f"/issues/{issue.number}/timeline"
    return paged(call, path, rows, lambda row: row[1], repo)


def repo_events(call: Call, repo: Repo) -> Response:
    """``GET …/issues/events``, newest first."""
    events = [event for each in repo.events.values() for event in each]
    events.sort(key=lambda event: event.id, reverse=True)
    return paged(call, "/issues/events", events, lambda e: call.view.event(repo, e), repo)


def get_event(call: Call, repo: Repo) -> Response:
    """``GET …/issues/events/{event_id}``."""
    wanted = call.number("event_id")
    for events in repo.events.values():
        for event in events:
            if event.id == wanted:
                return reply_json(200, call.view.event(repo, event))
    raise not_found()


_ONE = "/issues/{issue_number}"

ROUTES = (
    RepoRoute("GET", "/issues/comments", repo_comments, issues=True),
    RepoRoute("GET", "/issues/comments/{comment_id}", get_comment, issues=True),
    RepoRoute("PATCH", "/issues/comments/{comment_id}", update_comment, issues=True),
    RepoRoute("DELETE", "/issues/comments/{comment_id}", delete_comment, issues=True),
    RepoRoute("GET", "/issues/events", repo_events, issues=True),
    RepoRoute("GET", "/issues/events/{event_id}", get_event, issues=True),
    RepoRoute("GET", f"{_ONE}/comments", issue_comments, issues=True),
    RepoRoute("POST", f"{_ONE}/comments", create_comment, issues=True),
    RepoRoute("GET", f"{_ONE}/events", issue_events, issues=True),
    RepoRoute("GET", f"{_ONE}/timeline", timeline, issues=True),
)
