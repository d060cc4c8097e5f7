"""Issues: create, read, update, lock, their labels and assignees."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sandbox_kit import NOW, Kit, R, messages

from ghsync.sandbox.people import add_token
from ghsync.sandbox.records import Role


def test_create_gives_an_issue_as_github_does(kit: Kit) -> None:
    """A create answers 201 with the whole issue, its URLs under the host that was asked."""
    issue = kit.create("A title", body="a\r\nb", labels=["epic", {"name": "bug"}])
    assert issue["number"] == 1
    assert issue["id"] > 2**32
    assert issue["body"] == "a\r\nb"
    assert [label["name"] for label in issue["labels"]] == ["epic", "bug"]
    assert issue["labels"][0]["color"] == "ededed"
    assert issue["html_url"] == "https://github.com/sandbox/demo/issues/1"
    assert issue["url"] == "https://api.github.com/repos/sandbox/demo/issues/1"
    assert issue["user"]["login"] == "sandbox-user"
    assert issue["state"] == "open"
    assert issue["state_reason"] is None
    assert kit.issue(1)["node_id"] == issue["node_id"]


def test_numbers_rise_by_one_and_are_shared_with_pull_requests(kit: Kit) -> None:
    """A pull request takes a number, and the list shows it as one."""
    kit.create()
    pull = kit.person().open_pull_request("p", now=NOW)
    assert pull.number == 2
    assert kit.create()["number"] == 3
    listed = kit.ask("GET", f"{R}/issues").json()
    assert [(i["number"], "pull_request" in i) for i in listed] == [
        (3, False),
        (2, True),
        (1, False),
    ]


def test_the_singular_assignee_depends_on_the_version(kit: Kit) -> None:
    """API version 2026-03-10 has no ``assignee``; the older one, also the default, has."""
    kit.create(assignees=["sandbox-user"])
    assert "assignee" not in kit.issue(1)
    kit.version = "2022-11-28"
    reply = kit.ask("GET", f"{R}/issues/1")
    assert reply.json()["assignee"]["login"] == "sandbox-user"
    assert reply.header("x-github-api-version-selected") == "2022-11-28"


def test_an_unknown_version_is_refused(kit: Kit) -> None:
    """A version that GitHub does not know answers 400."""
    kit.version = "2030-01-01"
    assert kit.ask("GET", R).status == 400


@pytest.mark.parametrize(
    ("body", "status", "says"),
    [
        ({}, 422, "wasn't supplied"),
        ({"title": None}, 422, "is not a string"),
        ({"title": "  "}, 422, "missing_field"),
        ({"title": "x" * 257}, 422, "title is too long (maximum is 256 characters)"),
        ({"title": "x", "body": "y" * 65_537}, 422, "maximum is 65536 characters)"),
        ({"title": "x", "body": 7}, 422, "is not a string"),
        ({"title": "x", "milestone": 9}, 422, "milestone"),
        ({"title": "x", "assignees": ["nobody-here"]}, 422, '"value": "nobody-here"'),
        ({"title": "x", "labels": ["y" * 51]}, 422, "name is too long"),
        ({"title": "x", "labels": [f"l{n}" for n in range(101)]}, 422, "at most 100 labels"),
        ({"title": "x", "type": "Nonsense"}, 422, '"field": "type"'),
        ({"title": "x", "parent_issue_id": 12345}, 422, "parent_issue_id"),
        (b"{", 400, "Problems parsing JSON"),
        (b"[]", 400, "should be a JSON object"),
    ],
)
def test_create_refuses(kit: Kit, body: Any, status: int, says: str) -> None:
    """What GitHub refuses is refused with its status and its words, and makes no issue."""
    reply = kit.ask("POST", f"{R}/issues", body)
    assert reply.status == status
    assert says in messages(reply)
    assert kit.ask("GET", f"{R}/issues?state=all").json() == []


@given(title=st.text(max_size=300), body=st.none() | st.text(max_size=200))
def test_any_text_comes_back_as_it_was_sent(title: str, body: str | None) -> None:
    """A body is kept byte for byte; a title loses its outer blanks; nothing breaks the server."""
    kit = Kit()
    fields = {} if body is None else {"body": body}
    reply = kit.ask("POST", f"{R}/issues", {"title": title, **fields})
    if not title.strip() or len(title.strip()) > 256:
        assert reply.status == 422
    else:
        assert reply.json()["title"] == title.strip()
        assert kit.issue(1)["body"] == body


def test_an_oversized_update_keeps_the_old_body(kit: Kit) -> None:
    """Over 262,144 bytes a PATCH answers 200 and keeps the text; over 65,536 characters, 422."""
    kit.create(body="old")
    big = kit.ask("PATCH", f"{R}/issues/1", {"body": "z" * 262_145, "title": "new"})
    assert (big.status, big.json()["body"], big.json()["title"]) == (200, "old", "new")
    assert kit.ask("PATCH", f"{R}/issues/1", {"body": "z" * 65_537}).status == 422


def test_labels_and_assignees_of_an_update_replace(kit: Kit) -> None:
    """A PATCH replaces both sets, and an absent field is left alone."""
    kit.person().add_collaborator("helper", now=NOW)
    kit.create(labels=["a", "b"], assignees=["sandbox-user"])
    changed = kit.ask("PATCH", f"{R}/issues/1", {"labels": ["B", "c"], "assignees": ["HELPER"]})
    assert [label["name"] for label in changed.json()["labels"]] == ["b", "c"]
    assert [user["login"] for user in changed.json()["assignees"]] == ["helper"]
    again = kit.ask("PATCH", f"{R}/issues/1", {"title": "t"}).json()
    assert len(again["labels"]) == 2


def test_a_reason_comes_with_a_state(kit: Kit) -> None:
    """Closing records the reason, closing again another one; reopening says so."""
    kit.create()
    closed = kit.ask("PATCH", f"{R}/issues/1", {"state": "closed", "state_reason": "not_planned"})
    assert closed.json()["state_reason"] == "not_planned"
    assert closed.json()["closed_by"]["login"] == "sandbox-user"
    same = kit.ask("PATCH", f"{R}/issues/1", {"state": "closed", "state_reason": "completed"})
    assert same.json()["state_reason"] == "completed"
    reopened = kit.ask("PATCH", f"{R}/issues/1", {"state": "open"}).json()
    assert (reopened["state_reason"], reopened["closed_at"]) == ("reopened", None)


def test_updated_at_moves_on_every_change(kit: Kit) -> None:
    """Labels, comments, locks, sub-issues move ``updated_at``; a change to the same does not."""
    parent, child = kit.create(), kit.create()
    seen = kit.issue(1)["updated_at"]
    steps: list[tuple[str, str, Any]] = [
        ("POST", f"{R}/issues/1/labels", {"labels": ["new"]}),
        ("POST", f"{R}/issues/1/comments", {"body": "c"}),
        ("PUT", f"{R}/issues/1/lock", None),
        ("POST", f"{R}/issues/1/sub_issues", {"sub_issue_id": child["id"]}),
        ("PATCH", f"{R}/issues/1", {"title": "other"}),
    ]
    for method, target, body in steps:
        kit.now += 10
        assert kit.ask(method, target, body).status < 300
        assert kit.issue(1)["updated_at"] > seen, target
        seen = kit.issue(1)["updated_at"]
    kit.now += 10
    kit.ask("PATCH", f"{R}/issues/1", {"title": "other"})
    assert kit.issue(1)["updated_at"] == seen
    assert parent["updated_at"] < seen


def test_without_triage_rights_fields_are_dropped_in_silence(kit: Kit) -> None:
    """A token that may only read still creates, without labels, assignees, milestone, type."""
    kit.ask("POST", f"{R}/milestones", {"title": "m"})
    add_token(kit.github, "weak", cap=Role.READ)
    kit.token = "weak"
    issue = kit.create(
        labels=["bug"], assignees=["sandbox-user"], milestone=1, type="Task", body="kept"
    )
    assert (issue["labels"], issue["assignees"], issue["milestone"]) == ([], [], None)
    assert issue["type"] is None
    assert issue["body"] == "kept"
    assert kit.ask("GET", R).json()["permissions"]["push"] is False


def test_with_triage_rights_known_labels_stay_and_unknown_ones_are_dropped(kit: Kit) -> None:
    """Triage may set what exists; only push makes a label."""
    kit.create()
    add_token(kit.github, "triage", cap=Role.TRIAGE)
    kit.token = "triage"
    issue = kit.create(labels=["bug", "brand new"])
    assert [label["name"] for label in issue["labels"]] == ["bug"]


def test_a_refused_write_says_what_it_needs(kit: Kit) -> None:
    """403 names the permission in a header; its text tells the kinds of tokens apart."""
    kit.create()
    kit.ask("POST", f"{R}/labels", {"name": "l", "color": "ffffff"})
    for installation, text in ((True, "by integration"), (False, "by personal access token")):
        add_token(kit.github, "t", login="bot", cap=Role.READ, installation=installation)
        kit.token = "t"
        reply = kit.ask("DELETE", f"{R}/labels/l")
        assert reply.status == 403
        assert text in messages(reply) or "admin rights" in messages(reply)
        assert reply.header("x-accepted-github-permissions") == "issues=write"


def test_labels_of_an_issue(kit: Kit) -> None:
    """Add, set, remove and clear; the body may be an object or the bare list."""
    kit.create(labels=["a"])
    target = f"{R}/issues/1/labels"
    assert names(kit.ask("POST", target, {"labels": ["b"]})) == ["a", "b"]
    assert names(kit.ask("POST", target, b'["C"]')) == ["a", "b", "C"]
    assert names(kit.ask("DELETE", f"{target}/c")) == ["a", "b"]
    assert kit.ask("DELETE", f"{target}/c").status == 404
    assert names(kit.ask("PUT", target, {"labels": ["z"]})) == ["z"]
    assert names(kit.ask("GET", target)) == ["z"]
    assert kit.ask("DELETE", target).status == 204
    assert names(kit.ask("GET", target)) == []


def names(reply: Any) -> list[str]:
    """The names of the labels in an answer."""
    return [label["name"] for label in reply.json()]


def test_assignees_of_an_issue(kit: Kit) -> None:
    """Add and remove; an unknown login is ignored here, though it fails a create."""
    kit.create()
    target = f"{R}/issues/1/assignees"
    added = kit.ask("POST", target, {"assignees": ["sandbox-user", "nobody-here"]})
    assert added.status == 201
    assert [u["login"] for u in added.json()["assignees"]] == ["sandbox-user"]
    assert kit.ask("DELETE", target, {"assignees": ["Sandbox-User"]}).json()["assignees"] == []
    assert kit.ask("GET", f"{R}/assignees/sandbox-user").status == 204
    assert kit.ask("GET", f"{R}/issues/1/assignees/nobody").status == 404


def test_a_locked_issue_takes_no_comment_from_outside(kit: Kit) -> None:
    """403 for somebody without push rights; a writer still may."""
    kit.create()
    assert kit.ask("PUT", f"{R}/issues/1/lock", {"lock_reason": "spam"}).status == 204
    assert kit.issue(1)["active_lock_reason"] == "spam"
    assert kit.ask("POST", f"{R}/issues/1/comments", {"body": "c"}).status == 201
    add_token(kit.github, "guest", login="guest")
    kit.token = "guest"
    reply = kit.ask("POST", f"{R}/issues/1/comments", {"body": "c"})
    assert (reply.status, "issue is locked" in messages(reply)) == (403, True)
    kit.token = "sandbox-token"
    assert kit.ask("DELETE", f"{R}/issues/1/lock").status == 204
    assert kit.issue(1)["locked"] is False


def test_deleted_and_transferred_issues(kit: Kit) -> None:
    """A deleted issue answers 410, a transferred one 301 to its new place; lists show neither."""
    kit.create("stays")
    kit.create("goes")
    kit.create("moves")
    person = kit.person("sandbox-user")
    person.delete(2, now=NOW)
    person.transfer(3, "sandbox/other", now=NOW)
    assert kit.ask("GET", f"{R}/issues/2").status == 410
    moved = kit.ask("GET", f"{R}/issues/3")
    assert moved.status == 301
    assert moved.header("location") == "https://api.github.com/repos/sandbox/other/issues/1"
    assert [i["number"] for i in kit.ask("GET", f"{R}/issues?state=all").json()] == [1]
    assert kit.create()["number"] == 4


def test_types_belong_to_organizations(kit: Kit) -> None:
    """An organization's repository has types; a person's has none, and 422 for a create."""
    assert kit.create(type="bug")["type"]["name"] == "Bug"
    assert len(kit.ask("GET", f"{R}/issue-types").json()) == 3
    assert len(kit.ask("GET", "/orgs/sandbox/issue-types").json()) == 3
    mine = "/repos/sandbox-user/mine"
    assert kit.ask("GET", f"{mine}/issue-types").status == 404
    reply = kit.ask("POST", f"{mine}/issues", {"title": "x", "type": "Bug"})
    assert (reply.status, '"field": "type"' in messages(reply)) == (422, True)
