"""Repositories, labels, milestones, comments, accounts: what stands around the issues."""

from __future__ import annotations

import pytest
from sandbox_kit import NOW, Kit, R, messages, models

from ghsync.sandbox.limits import GITHUB
from ghsync.sandbox.people import Person, add_token, revoke_token
from ghsync.sandbox.records import Role


def test_a_repository_is_made_on_first_use(kit: Kit) -> None:
    """The first request that names it makes it, unless nobody asks or it was deleted."""
    reply = kit.ask("GET", "/repos/acme/plans")
    models.FullRepository.model_validate(reply.json())
    assert reply.json()["permissions"]["admin"] is True
    assert kit.ask("DELETE", "/repos/acme/plans").status == 204
    assert kit.ask("GET", "/repos/acme/plans").status == 404
    kit.token = None
    assert kit.ask("GET", "/repos/acme/other").status == 404
    assert kit.ask("GET", "/repos/bad..owner/x").status == 404


def test_without_auto_create_only_what_was_made_exists(kit: Kit) -> None:
    """``auto_create`` off: 404, until ``POST /user/repos`` or an organization's."""
    kit.github.auto_create = False
    assert kit.ask("GET", R).status == 404
    made = kit.ask("POST", "/user/repos", {"name": "mine", "private": True})
    assert (made.status, made.json()["full_name"]) == (201, "sandbox-user/mine")
    models.FullRepository.model_validate(made.json())
    assert kit.ask("POST", "/user/repos", {"name": "mine"}).status == 422
    assert [r["name"] for r in kit.ask("GET", "/user/repos").json()] == ["mine"]


def test_a_renamed_repository_redirects(kit: Kit) -> None:
    """Reads get 301, writes 307, to ``/repositories/ID``; which is served."""
    kit.create()
    assert kit.ask("PATCH", R, {"name": "renamed"}).json()["full_name"] == "sandbox/renamed"
    read = kit.ask("GET", f"{R}/issues?state=all")
    assert read.status == 301
    location = read.header("location") or ""
    assert location.endswith("/issues?state=all")
    target = location.removeprefix("https://api.github.com")
    assert kit.ask("GET", target).json()[0]["number"] == 1
    write = kit.ask("POST", f"{R}/issues", {"title": "x"})
    assert (write.status, write.json()["message"]) == (307, "Moved Permanently")


def test_a_private_repository_is_404_for_others(kit: Kit) -> None:
    """Not 403: that would say that it exists. With a role it is there."""
    kit.create()
    kit.ask("PATCH", R, {"private": True})
    add_token(kit.github, "outside", login="outsider")
    kit.token = "outside"
    for method, target in (("GET", R), ("GET", f"{R}/issues/1"), ("POST", f"{R}/issues")):
        assert kit.ask(method, target, {"title": "x"} if method == "POST" else None).status == 404
    Person(kit.github, "sandbox/demo", now=NOW).add_collaborator("outsider", Role.READ, now=NOW)
    assert kit.ask("GET", R).json()["private"] is True


def test_disabled_issues_and_archives(kit: Kit) -> None:
    """Issues that are disabled answer 410; an archived repository refuses writes with 403."""
    kit.create()
    kit.ask("PATCH", R, {"has_issues": False})
    assert kit.ask("GET", f"{R}/issues").status == 410
    assert "disabled in this repository" in messages(kit.ask("POST", f"{R}/issues", {"title": "x"}))
    kit.ask("PATCH", R, {"has_issues": True, "archived": True})
    reply = kit.ask("PATCH", f"{R}/issues/1", {"title": "x"})
    assert (reply.status, reply.json()["message"]) == (
        403, "Repository was archived so is read-only.",
    )  # fmt: skip
    assert kit.ask("GET", f"{R}/issues/1").status == 200


def test_credentials(kit: Kit) -> None:
    """A wrong or revoked token is 401; none reads what is public and writes nothing."""
    kit.create()
    kit.token = "wrong"
    assert kit.ask("GET", R).json()["message"] == "Bad credentials"
    kit.token = None
    assert kit.ask("GET", R).status == 200
    assert kit.ask("POST", f"{R}/issues", {"title": "x"}).status == 401
    assert kit.ask("GET", "/user").status == 401
    revoke_token(kit.github, "sandbox-token")
    kit.token = "sandbox-token"
    assert kit.ask("GET", "/user").status == 401


def test_an_apps_token(kit: Kit) -> None:
    """It has no user, and repositories show it no permissions."""
    kit.create()
    add_token(kit.github, "app", login="app[bot]", installation=True)
    kit.token = "app"
    assert kit.ask("GET", "/user").json()["message"] == "Resource not accessible by integration"
    assert not any(kit.ask("GET", R).json()["permissions"].values())
    assert kit.ask("GET", "/orgs/sandbox/issue-types").status == 403


def test_accounts(kit: Kit) -> None:
    """The token's own account, others by login, and a 404."""
    models.PrivateUser.model_validate(kit.ask("GET", "/user").json())
    kit.ask("GET", R)
    reply = kit.ask("GET", "/users/sandbox")
    assert models.PublicUser.model_validate(reply.json()).type == "Organization"
    assert kit.ask("GET", "/users/nobody-here").status == 404


def test_collaborators(kit: Kit) -> None:
    """Roles in GitHub's words; who can be assigned."""
    kit.create()
    person = kit.person("sandbox-user")
    person.add_collaborator("writer", Role.WRITE, now=NOW)
    person.add_collaborator("sorter", Role.TRIAGE, now=NOW)
    person.add_collaborator("reader", Role.READ, now=NOW)
    reply = kit.ask("GET", f"{R}/collaborators/sorter/permission").json()
    assert (reply["permission"], reply["role_name"]) == ("read", "triage")
    models.RepositoryCollaboratorPermission.model_validate(reply)
    listed = kit.ask("GET", f"{R}/collaborators").json()
    assert {u["login"]: u["role_name"] for u in listed} == {
        "sandbox-user": "admin", "writer": "write", "sorter": "triage", "reader": "read",
    }  # fmt: skip
    assert kit.ask("GET", f"{R}/collaborators/writer").status == 204
    assert kit.ask("GET", f"{R}/collaborators/nobody").status == 404
    assignable = [u["login"] for u in kit.ask("GET", f"{R}/assignees").json()]
    assert assignable == ["sandbox-user", "sorter", "writer"]


def test_labels(kit: Kit) -> None:
    """Made once whatever the case, renamed everywhere, deleted from every issue."""
    made = kit.ask("POST", f"{R}/labels", {"name": "Epic", "color": "AABBCC", "description": "d"})
    assert (made.status, made.json()["color"]) == (201, "aabbcc")
    models.Label.model_validate(made.json())
    clash = kit.ask("POST", f"{R}/labels", {"name": "ePIC", "color": "000000"})
    assert (clash.status, "already_exists" in messages(clash)) == (422, True)
    kit.create(labels=["epic"])
    renamed = kit.ask("PATCH", f"{R}/labels/epic", {"new_name": "a/b c", "color": "123456"})
    assert renamed.json()["name"] == "a/b c"
    assert kit.issue(1)["labels"][0]["name"] == "a/b c"
    assert kit.ask("GET", f"{R}/labels/a%2Fb%20c").json()["url"].endswith("/labels/a%2Fb%20c")
    assert kit.ask("DELETE", f"{R}/labels/a%2Fb%20c").status == 204
    assert kit.issue(1)["labels"] == []
    assert kit.ask("GET", f"{R}/labels/a%2Fb%20c").status == 404
    for wrong in (
        {"color": "ffffff"},
        {"name": "x" * 51},
        {"name": "x", "color": "red"},
        {"name": "x", "description": "d" * 101},
    ):
        assert kit.ask("POST", f"{R}/labels", wrong).status == 422


def test_label_pages(kit: Kit) -> None:
    """Page numbers, with ``next``, ``last``, ``prev`` and ``first``."""
    for n in range(3):
        kit.ask("POST", f"{R}/labels", {"name": f"l{n}", "color": "ffffff"})
    second = kit.ask("GET", f"{R}/labels?per_page=5&page=2")
    assert len(second.json()) == 5
    link = second.header("link") or ""
    for rel, page in (("prev", 1), ("next", 3), ("last", 3), ("first", 1)):
        assert f'/labels?per_page=5&page={page}>; rel="{rel}"' in link


def test_milestones(kit: Kit) -> None:
    """Titles are unique; the list shows open ones unless asked; counts follow the issues."""
    body = {"title": "v1", "description": "d", "due_on": "2026-12-01T08:00:00Z"}
    made = kit.ask("POST", f"{R}/milestones", body)
    models.Milestone.model_validate(made.json())
    assert (made.status, made.json()["number"]) == (201, 1)
    clash = kit.ask("POST", f"{R}/milestones", {"title": "v1"})
    assert clash.json()["errors"] == [
        {"resource": "Milestone", "field": "title", "code": "already_exists"}
    ]
    kit.create(milestone=1, labels=["bug"])
    kit.ask("PATCH", f"{R}/issues/1", {"state": "closed"})
    kit.create(milestone=1)
    shown = kit.ask("GET", f"{R}/milestones/1").json()
    assert (shown["open_issues"], shown["closed_issues"]) == (1, 1)
    assert [x["name"] for x in kit.ask("GET", f"{R}/milestones/1/labels").json()] == ["bug"]
    kit.ask("PATCH", f"{R}/milestones/1", {"state": "closed", "title": "v1.0"})
    assert kit.ask("GET", f"{R}/milestones").json() == []
    assert [m["title"] for m in kit.ask("GET", f"{R}/milestones?state=all").json()] == ["v1.0"]
    assert kit.ask("DELETE", f"{R}/milestones/1").status == 204
    assert kit.issue(2)["milestone"] is None
    assert kit.ask("GET", f"{R}/milestones/1").status == 404


def test_comments(kit: Kit) -> None:
    """Create, read, change, delete; the issue counts them."""
    kit.create()
    made = kit.ask("POST", f"{R}/issues/1/comments", {"body": "first"})
    assert made.status == 201
    models.IssueComment.model_validate(made.json())
    comment = f"{R}/issues/comments/{made.json()['id']}"
    kit.ask("POST", f"{R}/issues/1/comments", {"body": "second"})
    assert kit.issue(1)["comments"] == 2
    assert kit.ask("PATCH", comment, {"body": "changed"}).json()["body"] == "changed"
    bodies = [c["body"] for c in kit.ask("GET", f"{R}/issues/1/comments").json()]
    assert bodies == ["changed", "second"]
    assert len(kit.ask("GET", f"{R}/issues/comments?direction=desc").json()) == 2
    assert kit.ask("DELETE", comment).status == 204
    assert kit.ask("GET", comment).status == 404
    assert kit.issue(1)["comments"] == 1
    for wrong in ({}, {"body": " "}, {"body": 1}, {"body": "x" * 65_537}):
        assert kit.ask("POST", f"{R}/issues/1/comments", wrong).status == 422


def test_history(kit: Kit) -> None:
    """Events and the timeline tell what happened to an issue, in order."""
    kit.ask("POST", f"{R}/milestones", {"title": "m"})
    kit.create("old", labels=["bug"], assignees=["sandbox-user"], milestone=1)
    kit.ask("PATCH", f"{R}/issues/1", {"title": "new", "labels": [], "assignees": []})
    kit.ask("POST", f"{R}/issues/1/comments", {"body": "c"})
    kit.ask("PATCH", f"{R}/issues/1", {"state": "closed", "milestone": None})
    events = [e["event"] for e in kit.ask("GET", f"{R}/issues/1/events").json()]
    assert events == [
        "labeled", "assigned", "milestoned", "renamed", "unlabeled", "unassigned",
        "demilestoned", "closed",
    ]  # fmt: skip
    timeline = [e["event"] for e in kit.ask("GET", f"{R}/issues/1/timeline").json()]
    assert "commented" in timeline
    listed = kit.ask("GET", f"{R}/issues/events").json()
    assert kit.ask("GET", f"{R}/issues/events/{listed[0]['id']}").json() == listed[0]


def test_the_root_and_what_is_not_there(kit: Kit) -> None:
    """The root lists URLs; an unknown route is GitHub's 404; GraphQL is declined in words."""
    models.Root.model_validate(kit.ask("GET", "/").json())
    assert kit.ask("GET", "/meta").status == 200
    reply = kit.ask("GET", "/repos/sandbox/demo/nothing/here")
    assert reply.json() == {
        "message": "Not Found", "documentation_url": "https://docs.github.com/rest",
        "status": "404",
    }  # fmt: skip
    assert kit.ask("POST", "/graphql", {"query": "{viewer{login}}"}).status == 501


def test_urls_stand_under_the_host_that_was_asked(kit: Kit) -> None:
    """Also with a port, and under GitHub Enterprise Server's prefix."""
    kit.base = "http://127.0.0.1:8080"
    kit.create()
    assert kit.issue(1)["url"] == "http://127.0.0.1:8080/repos/sandbox/demo/issues/1"
    issue = kit.ask("GET", f"/api/v3{R}/issues/1").json()
    assert issue["url"] == "http://127.0.0.1:8080/api/v3/repos/sandbox/demo/issues/1"
    assert issue["html_url"] == "http://127.0.0.1:8080/sandbox/demo/issues/1"


@pytest.mark.parametrize("version", ["2022-11-28", "2026-03-10"])
def test_the_rate_limit_document(version: str) -> None:
    """``/rate_limit`` costs nothing; the newer version has no ``rate``; 404 without limits."""
    kit = Kit()
    kit.version = version
    assert kit.ask("GET", "/rate_limit").json()["message"] == "Rate limiting is not enabled."
    assert kit.ask("GET", R).header("x-ratelimit-limit") is None
    kit.limit(GITHUB)
    assert kit.ask("GET", R).header("x-ratelimit-remaining") == "4999"
    content = kit.ask("GET", "/rate_limit").json()
    assert ("rate" in content) == (version == "2022-11-28")
    assert content["resources"]["core"]["remaining"] == 4999
    models.RateLimitOverview.model_validate(content)
