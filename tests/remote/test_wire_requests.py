"""Requests as values: methods, paths, bodies, costs, and which may be sent twice."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from remote_kit import REPO

from ghsync.errors import UsageError
from ghsync.model import Cost, IssueId, IssueNumber
from ghsync.remote import wire

N, ID = IssueNumber(7), IssueId(4_980_000_007)
READ, WRITE, CONTENT = Cost(points=1), Cost(points=5), Cost(points=5, content=True)
R = f"/repos/{REPO}"

REQUESTS = [
    (wire.get_repo(REPO), "GET", R, None),
    (wire.get_user(), "GET", "/user", None),
    (wire.get_rate_limit(), "GET", "/rate_limit", None),
    (wire.list_issues(REPO), "GET", f"{R}/issues", None),
    (wire.get_issue(REPO, N), "GET", f"{R}/issues/7", None),
    (wire.list_labels(REPO), "GET", f"{R}/labels", None),
    (wire.list_milestones(REPO), "GET", f"{R}/milestones", None),
    (wire.list_assignees(REPO), "GET", f"{R}/assignees", None),
    (wire.list_sub_issues(REPO, N), "GET", f"{R}/issues/7/sub_issues", None),
    (wire.list_blocked_by(REPO, N), "GET", f"{R}/issues/7/dependencies/blocked_by", None),
    (
        wire.create_label(REPO, "bug", "#d73a4a"),
        "POST",
        f"{R}/labels",
        {"name": "bug", "color": "d73a4a"},
    ),
    (wire.get_label(REPO, "a/b c"), "GET", f"{R}/labels/a%2Fb%20c", None),
    (wire.update_label(REPO, "a", new_name="b"), "PATCH", f"{R}/labels/a", {"new_name": "b"}),
    (wire.update_label(REPO, "a", description=""), "PATCH", f"{R}/labels/a", {"description": ""}),
    (wire.delete_label(REPO, "a"), "DELETE", f"{R}/labels/a", None),
    (wire.create_milestone(REPO, "v1"), "POST", f"{R}/milestones", {"title": "v1"}),
    (
        wire.create_issue(REPO, title="T", body="B"),
        "POST",
        f"{R}/issues",
        {"title": "T", "body": "B", "labels": [], "assignees": []},
    ),
    (wire.update_issue(REPO, N, {"title": "T"}), "PATCH", f"{R}/issues/7", {"title": "T"}),
    (wire.create_comment(REPO, N, "hi"), "POST", f"{R}/issues/7/comments", {"body": "hi"}),
    (wire.add_sub_issue(REPO, N, ID), "POST", f"{R}/issues/7/sub_issues", {"sub_issue_id": ID}),
    (
        wire.add_sub_issue(REPO, N, ID, replace=True),
        "POST",
        f"{R}/issues/7/sub_issues",
        {"sub_issue_id": ID, "replace_parent": True},
    ),
    (wire.remove_sub_issue(REPO, N, ID), "DELETE", f"{R}/issues/7/sub_issue", {"sub_issue_id": ID}),
    (
        wire.add_blocked_by(REPO, N, ID),
        "POST",
        f"{R}/issues/7/dependencies/blocked_by",
        {"issue_id": ID},
    ),
    (
        wire.remove_blocked_by(REPO, N, ID),
        "DELETE",
        f"{R}/issues/7/dependencies/blocked_by/{ID}",
        None,
    ),
]


@pytest.mark.parametrize(
    ("request_", "method", "path", "body"), REQUESTS, ids=lambda v: str(v)[:30]
)
def test_each_builder_makes_githubs_request(
    request_: wire.Request, method: str, path: str, body: object
) -> None:
    """Method, path and body are those of GitHub's REST reference."""
    sent = wire.encode(request_)
    assert (method, path) == (request_.method, request_.path)
    assert body == (None if sent is None else json.loads(sent))


def test_a_read_costs_one_point_a_write_five_and_only_notifying_ones_are_content() -> None:
    """The costs are those that the rules fix."""
    content = {
        f"POST {R}/issues",
        f"POST {R}/issues/7/comments",
        f"POST {R}/issues/7/sub_issues",
        f"DELETE {R}/issues/7/sub_issue",
        f"POST {R}/issues/7/dependencies/blocked_by",
        f"DELETE {R}/issues/7/dependencies/blocked_by/{ID}",
    }
    for request, method, path, _ in REQUESTS:
        expected = READ if method == "GET" else WRITE
        assert request.cost == (CONTENT if f"{method} {path}" in content else expected)


def test_only_issues_and_comments_may_not_be_sent_twice() -> None:
    """A repeat of anything else changes nothing, or is refused with a 422 that is recognised."""
    once = {request.path for request, *_ in REQUESTS if not request.idempotent}
    assert once == {f"{R}/issues", f"{R}/issues/7/comments"}
    assert not wire.delete_label(REPO, "a", again=False).idempotent


def test_a_create_carries_everything_that_the_issue_is_born_with() -> None:
    """Labels, assignees, milestone, parent and type travel inside the one POST."""
    request = wire.create_issue(
        REPO,
        title="T",
        body="B",
        labels=["task"],
        assignees=["octocat"],
        milestone=3,
        parent_issue_id=ID,
        type="Task",
    )
    assert {
        "title": "T",
        "body": "B",
        "labels": ["task"],
        "assignees": ["octocat"],
        "milestone": 3,
        "parent_issue_id": ID,
        "type": "Task",
    } == request.body


def test_a_sub_issue_without_milestone_says_so() -> None:
    """GitHub lets a sub-issue inherit its parent's milestone unless told otherwise."""
    request = wire.create_issue(REPO, title="T", body="B", parent_issue_id=ID)
    assert request.body is not None
    assert request.body["milestone"] is None


def test_lists_ask_for_full_pages_closed_ones_too() -> None:
    """GitHub's defaults (30 a page, open only) would need more requests and miss the closed."""
    issues = dict(wire.list_issues(REPO, "2026-11-21T10:00:00Z", creator="me").query)
    assert issues == {
        "state": "all",
        "sort": "created",
        "direction": "asc",
        "since": "2026-11-21T10:00:00Z",
        "creator": "me",
        "per_page": "100",
    }
    assert "since" not in dict(wire.list_issues(REPO).query)
    assert dict(wire.list_milestones(REPO).query)["state"] == "all"


def test_labels_of_requests_name_what_is_done() -> None:
    """``label`` completes "could not …" for a person."""
    assert wire.update_issue(REPO, N, {"state": "closed"}).label == "close #7"
    assert wire.update_issue(REPO, N, {"state": "open"}).label == "reopen #7"
    assert wire.update_issue(REPO, N, {"state": "open", "body": ""}).label == "update #7"
    assert wire.create_issue(REPO, title="a\x1b[31m" + "b" * 99, body="").label.isprintable()


@pytest.mark.parametrize(
    "name", ["", "octo", "octo/", "/site", "a/b/c", "../..", "octo/..", "o/r?x", "o/r\n", "ö/r"]
)
def test_a_name_that_is_no_repository_makes_no_request(name: str) -> None:
    """A path cannot be climbed out of, nor a query be smuggled in."""
    with pytest.raises(UsageError):
        wire.get_repo(name)


def test_text_that_has_no_utf8_is_still_json() -> None:
    """Half a surrogate pair from a broken file is GitHub's to refuse, not a crash here."""
    sent = wire.encode(wire.create_issue(REPO, title="\ud800", body="é"))
    assert sent is not None
    assert json.loads(sent)["title"] == "\ud800"
    plain = wire.encode(wire.create_issue(REPO, title="x", body="é"))
    assert plain is not None
    assert "é".encode() in plain


def test_a_conditional_request_carries_the_etag() -> None:
    """No ETag: the request stays as it was."""
    request = wire.get_issue(REPO, N)
    assert wire.conditional(request, None) is request
    assert wire.conditional(request, 'W/"1"').headers == (("If-None-Match", 'W/"1"'),)


def test_the_wire_imports_no_transport() -> None:
    """``ghsync --help`` and the pure parts pay nothing for httpx, tenacity or PyGithub."""
    code = (
        "import sys, ghsync.remote.wire, ghsync.remote.auth, ghsync.remote.client;"
        "print(sorted({'httpx', 'tenacity', 'github', 'aiolimiter'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
