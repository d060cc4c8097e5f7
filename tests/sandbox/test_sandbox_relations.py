"""Sub-issues and dependencies."""

from __future__ import annotations

import pytest
from sandbox_kit import NOW, Kit, R, messages

from ghsync.sandbox.faults import older_server


def link(kit: Kit, parent: int, child_id: int, **more: bool) -> int:
    """Add a sub-issue; the status."""
    body = {"sub_issue_id": child_id, **more}
    return kit.ask("POST", f"{R}/issues/{parent}/sub_issues", body).status


def test_a_create_takes_its_parent_by_database_id(kit: Kit) -> None:
    """``parent_issue_id`` links; the answer and the parent show it."""
    parent = kit.create("epic")
    child = kit.create("task", parent_issue_id=parent["id"])
    assert child["parent_issue_url"] == parent["url"]
    assert kit.issue(1)["sub_issues_summary"] == {
        "total": 1, "completed": 0, "percent_completed": 0,
    }  # fmt: skip
    assert kit.ask("GET", f"{R}/issues/2/parent").json()["number"] == 1
    assert [i["number"] for i in kit.ask("GET", f"{R}/issues/1/sub_issues").json()] == [2]
    assert kit.ask("GET", f"{R}/issues/1/parent").status == 404
    kit.ask("PATCH", f"{R}/issues/2", {"state": "closed"})
    assert kit.issue(1)["sub_issues_summary"]["percent_completed"] == 100


def test_an_older_server_ignores_the_parent_in_silence(kit: Kit) -> None:
    """A server that predates ``parent_issue_id`` answers 201 without a parent."""
    parent = kit.create()
    kit.github.faults.install(older_server())
    assert kit.create(parent_issue_id=parent["id"])["parent_issue_url"] is None


def test_adding_and_removing_sub_issues(kit: Kit) -> None:
    """One parent each; ``replace_parent`` moves; a second add is GitHub's 422; removal is a 200."""
    first, second, child = kit.create(), kit.create(), kit.create()
    assert link(kit, 1, child["id"]) == 201
    again = kit.ask("POST", f"{R}/issues/1/sub_issues", {"sub_issue_id": child["id"]})
    assert again.status == 422
    assert "Issue may not contain duplicate sub-issues" in messages(again)
    assert link(kit, 2, child["id"]) == 422
    assert link(kit, 2, child["id"], replace_parent=True) == 201
    assert kit.issue(3)["parent_issue_url"] == second["url"]
    assert kit.issue(1)["sub_issues_summary"]["total"] == 0
    body = {"sub_issue_id": child["id"]}
    assert kit.ask("DELETE", f"{R}/issues/2/sub_issue", body).status == 200
    assert kit.ask("DELETE", f"{R}/issues/2/sub_issue", body).status == 404
    assert kit.issue(3)["parent_issue_url"] is None
    assert first["id"] != second["id"]


def test_a_number_is_no_id(kit: Kit) -> None:
    """A sub-issue or blocker named by its number is not found."""
    kit.create()
    kit.create()
    assert link(kit, 1, 2) == 404
    reply = kit.ask("POST", f"{R}/issues/1/dependencies/blocked_by", {"issue_id": 2})
    assert reply.status == 404


def test_a_foreign_id_links_to_the_foreign_issue(kit: Kit) -> None:
    """An id names whichever issue has it, in any repository that the token sees."""
    kit.create()
    foreign = kit.person("sandbox-user", repo="elsewhere/far").open_issue("far", now=NOW)
    path = f"{R}/issues/1/dependencies/blocked_by"
    assert kit.ask("POST", path, {"issue_id": foreign.id}).status == 201
    listed = kit.ask("GET", path).json()
    assert listed[0]["repository_url"] == "https://api.github.com/repos/elsewhere/far"
    assert link(kit, 1, foreign.id) == 422


def test_a_parent_has_at_most_a_hundred_children(kit: Kit) -> None:
    """The 101st is refused by both ways to add it, and is not created."""
    parent = kit.create()
    for _ in range(100):
        kit.create(parent_issue_id=parent["id"])
    reply = kit.ask("POST", f"{R}/issues", {"title": "x", "parent_issue_id": parent["id"]})
    assert (reply.status, "more than 100 sub-issues" in messages(reply)) == (422, True)
    extra = kit.create()
    assert extra["number"] == 102
    assert link(kit, 1, extra["id"]) == 422


def test_nesting_ends_at_eight_levels_and_has_no_cycles(kit: Kit) -> None:
    """Level 8 is the last, and an ancestor never becomes a child."""
    above = kit.create()
    top = above
    for _ in range(7):
        above = kit.create(parent_issue_id=above["id"])
    body = {"title": "x", "parent_issue_id": above["id"]}
    assert kit.ask("POST", f"{R}/issues", body).status == 422
    assert link(kit, above["number"], top["id"]) == 422
    assert link(kit, 1, top["id"]) == 422


def test_children_inherit_the_milestone_unless_told(kit: Kit) -> None:
    """A new sub-issue gets its parent's milestone when the create does not name one."""
    kit.ask("POST", f"{R}/milestones", {"title": "m"})
    parent = kit.create(milestone=1)
    assert kit.create(parent_issue_id=parent["id"])["milestone"]["title"] == "m"
    assert kit.create(parent_issue_id=parent["id"], milestone=None)["milestone"] is None


def test_sub_issues_are_ordered(kit: Kit) -> None:
    """``priority`` moves one before or after another."""
    parent = kit.create()
    ids = [kit.create(parent_issue_id=parent["id"])["id"] for _ in range(3)]
    path = f"{R}/issues/1/sub_issues/priority"
    body = {"sub_issue_id": ids[2], "before_id": ids[0]}
    assert kit.ask("PATCH", path, body).status == 200
    order = [i["id"] for i in kit.ask("GET", f"{R}/issues/1/sub_issues").json()]
    assert order == [ids[2], ids[0], ids[1]]
    assert kit.ask("PATCH", path, {"sub_issue_id": ids[2]}).status == 422


def test_dependencies(kit: Kit) -> None:
    """An edge shows on both ends; a repeat and oneself are 422; deleting twice is fine."""
    kit.create()
    blocker = kit.create()
    path = f"{R}/issues/1/dependencies/blocked_by"
    added = kit.ask("POST", path, {"issue_id": blocker["id"]})
    assert added.status == 201
    assert added.json()["issue_dependencies_summary"]["blocked_by"] == 1
    repeat = kit.ask("POST", path, {"issue_id": blocker["id"]})
    assert (repeat.status, "has already been taken" in messages(repeat)) == (422, True)
    assert [i["number"] for i in kit.ask("GET", path).json()] == [2]
    blocking = kit.ask("GET", f"{R}/issues/2/dependencies/blocking").json()
    assert [i["number"] for i in blocking] == [1]
    kit.ask("PATCH", f"{R}/issues/2", {"state": "closed"})
    summary = kit.issue(1)["issue_dependencies_summary"]
    assert (summary["blocked_by"], summary["total_blocked_by"]) == (0, 1)
    for _ in range(2):
        assert kit.ask("DELETE", f"{path}/{blocker['id']}").status == 200
    assert kit.ask("GET", path).json() == []
    assert kit.ask("POST", path, {"issue_id": kit.issue(1)["id"]}).status == 422
    assert kit.ask("DELETE", f"{path}/7").status == 404


@pytest.mark.parametrize("value", ["I_kwDO", True, None, 1.5])
def test_an_id_of_the_wrong_type_is_422(kit: Kit, value: object) -> None:
    """A node id, or anything else that is no integer, is refused."""
    kit.create()
    path = f"{R}/issues/1/dependencies/blocked_by"
    assert kit.ask("POST", path, {"issue_id": value}).status == 422


def test_an_issue_has_at_most_fifty_blockers_and_no_pull_request(kit: Kit) -> None:
    """The 51st edge is refused, and so is a pull request."""
    kit.create()
    path = f"{R}/issues/1/dependencies/blocked_by"
    pull = kit.person().open_pull_request("p", now=NOW)
    assert kit.ask("POST", path, {"issue_id": pull.id}).status == 422
    for _ in range(50):
        assert kit.ask("POST", path, {"issue_id": kit.create()["id"]}).status == 201
    assert kit.ask("POST", path, {"issue_id": kit.create()["id"]}).status == 422


def test_deleting_an_issue_removes_its_edges(kit: Kit) -> None:
    """Parent, children and dependencies forget an issue that is gone."""
    parent = kit.create()
    kit.create(parent_issue_id=parent["id"])
    kit.create()
    person = kit.person("sandbox-user")
    person.block(3, by=2, now=NOW)
    person.block(2, by=1, now=NOW)
    person.delete(2, now=NOW)
    assert kit.issue(1)["sub_issues_summary"]["total"] == 0
    assert kit.issue(1)["issue_dependencies_summary"]["total_blocking"] == 0
    assert kit.issue(3)["issue_dependencies_summary"]["total_blocked_by"] == 0
