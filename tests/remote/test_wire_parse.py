"""GitHub's JSON as values of the model, and nonsense as a readable error."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from remote_kit import API, REPO, issue_json
from test_wire_decode import JSON

from ghsync.errors import RemoteProtocolError
from ghsync.model import (
    Issue,
    IssueId,
    IssueNumber,
    Key,
    Label,
    Milestone,
    Repo,
    RepoId,
    State,
    Uid,
)
from ghsync.remote import wire
from ghsync.render import with_marker


def parsed(**changes: object) -> Issue:
    """The issue of the sample with these fields changed."""
    issue = wire.parse_issue(issue_json(**changes))
    assert issue is not None
    return issue


def test_an_issue_is_read_whole() -> None:
    """Each field from its place in GitHub's answer."""
    assert parsed() == Issue(
        number=IssueNumber(7),
        id=IssueId(4_980_000_007),
        title="Write the parser",
        body="Some text.\n\nMore.",
        state=State.OPEN,
        labels=("task", "P1"),
        assignees=("octocat",),
        milestone="v1",
        parent=IssueNumber(2),
        blocked_by_total=2,
        updated_at="2026-11-21T10:00:00Z",
        html_url=f"https://github.com/{REPO}/issues/7",
    )


def test_a_pull_request_is_no_issue() -> None:
    """The list endpoint mixes them in."""
    assert wire.parse_issue(issue_json(pull_request={"url": "…"})) is None
    assert wire.parse_issue(issue_json(pull_request=None)) is not None


def test_what_may_be_null_or_missing_is_empty() -> None:
    """A body nobody wrote, no labels, an older server without parents and dependencies."""
    bare = {"id": 1, "number": 2, "title": "", "state": "closed", "state_reason": "not_planned"}
    assert wire.parse_issue(bare) == Issue(
        number=IssueNumber(2),
        id=IssueId(1),
        title="",
        body="",
        state=State.CLOSED,
        state_reason="not_planned",
    )
    empty = dict.fromkeys(
        ("body", "labels", "assignees", "milestone", "parent_issue_url", "html_url"), None
    )
    assert parsed(**empty).body == ""


def test_labels_and_assignees_may_be_strings_or_objects() -> None:
    """GitHub's schema allows both; entries without a name are nothing."""
    issue = parsed(labels=["bug", {"name": "task"}, {"name": None}, 3, "bug"], assignees=[None])
    assert issue.labels == ("bug", "task")
    assert issue.assignees == ()


def test_the_marker_is_taken_off_the_body() -> None:
    """The uid and the key come from the hidden comment; the rest is the body."""
    uid, key = Uid("0123456789abcdef" * 2), Key("epics/a b#T001")
    issue = parsed(body=with_marker("Hello\n", uid, key).replace("\n", "\r\n"))
    assert (issue.uid, issue.marker_key, issue.body) == (uid, key, "Hello")


@pytest.mark.parametrize(
    ("url", "parent"),
    [
        (f"{API}/repos/{REPO}/issues/12", 12),
        (f"{API}/repos/OCTO/Site/issues/12", 12),
        (f"{API}/repos/octo/other/issues/12", None),
        (f"{API}/repos/{REPO}/issues/0", None),
        (f"{API}/repos/{REPO}/issues/12/comments", None),
        ("nonsense", None),
        (12, None),
    ],
)
def test_a_parent_counts_if_it_is_in_the_same_repository(url: object, parent: int | None) -> None:
    """The model's numbers are this repository's; a parent elsewhere has none."""
    assert parsed(parent_issue_url=url).parent == parent


def test_a_transferred_issue_says_where_it_is() -> None:
    """The caller compares; an answer that names no repository says nothing."""
    there = issue_json(repository_url=f"{API}/repos/octo/other")
    assert wire.issue_repository(there) == "octo/other"
    assert wire.issue_repository({"url": f"{API}/repos/octo/third/issues/3"}) == "octo/third"
    assert wire.issue_repository({"id": 1}) is None
    assert wire.issue_repository(None) is None


def test_a_blocker_can_be_in_another_repository() -> None:
    """Its number alone would be read as one of ours."""
    ref = wire.parse_ref(issue_json(9, repository_url=f"{API}/repos/octo/other"))
    assert ref == wire.IssueRef(repo="octo/other", number=IssueNumber(9), id=IssueId(4_980_000_009))


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"number": None}, "number"),
        ({"number": "7"}, "number"),
        ({"number": True}, "number"),
        ({"number": -1}, "number"),
        ({"id": 2**63}, "id"),
        ({"id": 1.5}, "id"),
        ({"title": None}, "title"),
        ({"title": ["a"]}, "title"),
        ({"body": {}}, "body"),
        ({"state": "melted"}, "state"),
        ({"labels": "bug"}, "list"),
        ({"milestone": {}}, "milestone.title"),
    ],
)
def test_nonsense_is_named(changes: dict[str, object], field: str) -> None:
    """The error says which request and which field; never a KeyError."""
    with pytest.raises(RemoteProtocolError) as caught:
        wire.parse_issue(issue_json(**changes), request="read #7")
    assert "read #7" in caught.value.message
    assert field in caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize(("given", "title"), [("v1", "v1"), ("", None), (3, None), ([], None)])
def test_a_milestone_that_is_echoed_is_no_error(given: object, title: str | None) -> None:
    """A text is its title; a number, as the request has it, says none."""
    assert parsed(milestone=given).milestone == title


def test_text_without_utf8_and_links_for_terminals_are_tamed() -> None:
    """Half a surrogate pair cannot be written to a file, an escape not to a terminal."""
    issue = parsed(title="a\ud800b", html_url="https://x/\x1b[2J")
    assert issue.title == "a\ufffdb"
    assert issue.html_url == ""
    assert parsed(html_url="javascript:alert(1)").html_url == ""


def test_a_repository_and_what_the_token_may_do() -> None:
    """Roles include the lesser ones; an app's token gets none, or each of them false."""
    data: dict[str, object] = {"id": 5, "full_name": REPO, "archived": True, "has_issues": False}
    assert wire.parse_repo(data) == Repo(
        id=RepoId(5), full_name=REPO, archived=True, has_issues=False, permissions_known=False
    )
    for permissions, push, triage in (
        ({"admin": True}, True, True),
        ({"push": True}, True, True),
        ({"triage": True}, False, True),
        ({"pull": True}, False, False),
        ({}, False, False),
    ):
        repo = wire.parse_repo({**data, "permissions": permissions})
        assert (repo.push, repo.triage, repo.permissions_known) == (push, triage, True)
    none = dict.fromkeys(("admin", "maintain", "push", "triage", "pull"), False)
    app = wire.parse_repo({**data, "permissions": none})
    assert (app.push, app.triage, app.permissions_known) == (True, True, False)
    with pytest.raises(RemoteProtocolError):
        wire.parse_repo({"id": 5, "full_name": "../../evil"})


def test_labels_milestones_and_logins() -> None:
    """The repository's own lists."""
    label = {"name": "bug", "color": "d73a4a", "description": None}
    assert wire.parse_label(label) == Label(name="bug", color="d73a4a")
    milestone = {"number": 3, "title": "v1", "state": "closed"}
    assert wire.parse_milestone(milestone) == Milestone(number=3, title="v1", state=State.CLOSED)
    assert wire.parse_login({"login": "octocat"}) == "octocat"


PARSERS = [
    wire.parse_issue,
    wire.parse_ref,
    wire.parse_repo,
    wire.parse_label,
    wire.parse_milestone,
    wire.parse_login,
]


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(JSON, st.sampled_from(sorted(issue_json())), st.booleans())
def test_any_json_is_read_or_refused(data: object, field: str, whole: bool) -> None:
    """Whatever stands in one field, or in place of it all: a value or a BadAnswer."""
    sample = data if whole else issue_json(**{field: data})
    for parse in PARSERS:
        with suppress(wire.BadAnswer):
            parse(sample)
