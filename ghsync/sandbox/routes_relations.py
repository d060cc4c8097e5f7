"""Sub-issues, parents and dependencies (docs: rest/issues/sub-issues, issue-dependencies).

Everywhere here an issue is named by its *database id*. A number that happens to be another
issue's id links to that issue, as on GitHub.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ghsync.sandbox import changes
from ghsync.sandbox.call import Call, RepoRoute, missing, wrong_type
from ghsync.sandbox.messages import JsonObject, Problem, Response, not_found, reply_json
from ghsync.sandbox.paging import paged
from ghsync.sandbox.records import Issue, Role
from ghsync.sandbox.routes_issues import find_issue, visible
from ghsync.sandbox.state import Repo


def _id(content: JsonObject, name: str) -> int:
    if name not in content:
        raise missing(name)
    value: Any = content[name]
    if isinstance(value, bool) or not isinstance(value, int):
        raise wrong_type(name, value, "integer")
    return value


def _by_id(call: Call, issue_id: int) -> Issue:
    issue = call.state.issue_by_id(issue_id)
    if issue is None or not visible(call, issue):
        raise not_found()
    return issue


def _show(call: Call, issue: Issue) -> JsonObject:
    return call.view.issue(call.state.repos[issue.repo], issue)


def _listed(call: Call, repo: Repo, path: str, ids: Iterable[int]) -> Response:
    found = (call.state.issue_by_id(each) for each in ids)
    issues = [issue for issue in found if issue is not None and visible(call, issue)]
    return paged(call, path, issues, lambda issue: _show(call, issue), repo)


# ------------------------------------------------------------------------- sub-issues


def list_sub_issues(call: Call, repo: Repo) -> Response:
    """``GET …/sub_issues``, in their order."""
    issue = find_issue(call, repo)
    return _listed(call, repo, f"/issues/{issue.number}/sub_issues", issue.sub_issues)


def add_sub_issue(call: Call, repo: Repo) -> Response:
    """``POST …/sub_issues``: answers the parent."""
    parent = find_issue(call, repo)
    content = call.body()
    child = _by_id(call, _id(content, "sub_issue_id"))
    parent = changes.add_sub_issue(
        call.state, parent, child, login=call.login, now=call.now,
        replace_parent=content.get("replace_parent") is True,
    )  # fmt: skip
    return reply_json(201, _show(call, parent))


def remove_sub_issue(call: Call, repo: Repo) -> Response:
    """``DELETE …/sub_issue``: answers the parent."""
    parent = find_issue(call, repo)
    child = _by_id(call, _id(call.body(), "sub_issue_id"))
    if child.parent != parent.id:
        raise Problem(404, "The provided sub-issue does not exist")
    after = changes.remove_sub_issue(call.state, child, login=call.login, now=call.now)
    return reply_json(200, _show(call, after or parent))


def prioritize(call: Call, repo: Repo) -> Response:
    """``PATCH …/sub_issues/priority``: move a sub-issue after or before another."""
    parent = find_issue(call, repo)
    content = call.body()
    child = _by_id(call, _id(content, "sub_issue_id"))
    after, before = content.get("after_id"), content.get("before_id")
    if child.parent != parent.id:
        raise Problem(404, "The provided sub-issue does not exist")
    if (after is None) == (before is None):
        raise Problem(422, "Specify either after_id or before_id")
    anchor = before if after is None else after
    order = [each for each in parent.sub_issues if each != child.id]
    if anchor not in order:
        raise Problem(422, "The reference sub-issue does not exist in this list")
    order.insert(order.index(anchor) + (after is not None), child.id)
    parent = call.state.touch(parent.id, call.now, sub_issues=tuple(order))
    return reply_json(200, _show(call, parent))


def get_parent(call: Call, repo: Repo) -> Response:
    """``GET …/parent``."""
    issue = find_issue(call, repo)
    if issue.parent is None:
        raise not_found()
    return reply_json(200, _show(call, _by_id(call, issue.parent)))


# ------------------------------------------------------------------------- dependencies


def list_blocked_by(call: Call, repo: Repo) -> Response:
    """``GET …/dependencies/blocked_by``."""
    issue = find_issue(call, repo)
    path = f"/issues/{issue.number}/dependencies/blocked_by"
    return _listed(call, repo, path, issue.blocked_by)


def list_blocking(call: Call, repo: Repo) -> Response:
    """``GET …/dependencies/blocking``."""
    issue = find_issue(call, repo)
    path = f"/issues/{issue.number}/dependencies/blocking"
    return _listed(call, repo, path, issue.blocking)


def add_blocked_by(call: Call, repo: Repo) -> Response:
    """``POST …/dependencies/blocked_by``: answers the blocked issue."""
    issue = find_issue(call, repo)
    blocker = _by_id(call, _id(call.body(), "issue_id"))
    issue = changes.add_blocker(call.state, issue, blocker, login=call.login, now=call.now)
    return reply_json(201, _show(call, issue))


def remove_blocked_by(call: Call, repo: Repo) -> Response:
    """``DELETE …/dependencies/blocked_by/{issue_id}``: 200 also when the edge is not there."""
    issue = find_issue(call, repo)
    blocker = _by_id(call, call.number("issue_id"))
    issue = changes.remove_blocker(call.state, issue, blocker.id, login=call.login, now=call.now)
    return reply_json(200, _show(call, issue))


_ONE = "/issues/{issue_number}"
_BLOCKED = f"{_ONE}/dependencies/blocked_by"

ROUTES = (
    RepoRoute("GET", f"{_ONE}/sub_issues", list_sub_issues, issues=True),
    RepoRoute("POST", f"{_ONE}/sub_issues", add_sub_issue, needs=Role.TRIAGE, issues=True),
    RepoRoute("DELETE", f"{_ONE}/sub_issue", remove_sub_issue, needs=Role.TRIAGE, issues=True),
    RepoRoute("PATCH", f"{_ONE}/sub_issues/priority", prioritize, needs=Role.TRIAGE, issues=True),
    RepoRoute("GET", f"{_ONE}/parent", get_parent, issues=True),
    RepoRoute("GET", _BLOCKED, list_blocked_by, issues=True),
    RepoRoute("POST", _BLOCKED, add_blocked_by, needs=Role.TRIAGE, issues=True),
    RepoRoute(
        "DELETE", f"{_BLOCKED}/{{issue_id}}", remove_blocked_by, needs=Role.TRIAGE, issues=True
    ),
    RepoRoute("GET", f"{_ONE}/dependencies/blocking", list_blocking, issues=True),
)
