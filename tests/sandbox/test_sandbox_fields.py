"""Issue fields, and what becomes of an issue that is a discussion; checked by the OpenAPI."""

from __future__ import annotations

import pytest
from sandbox_kit import NOW, Kit, R

from ghsync.sandbox.codec import encode, restore
from ghsync.sandbox.people import add_token
from ghsync.sandbox.records import ISSUE_FIELDS, Role
from ghsync.sandbox.weights import makes_content

VALUES = f"{R}/issues/1/issue-field-values"
FIELD = {field.name: field.id for field in ISSUE_FIELDS}


def row(name: str, value: object) -> dict[str, object]:
    """One value of a body."""
    return {"field_id": FIELD[name], "value": value}


def held(kit: Kit) -> dict[str, object]:
    """What issue 1 holds, by name."""
    found = kit.ask("GET", VALUES).json()
    assert kit.issue(1)["issue_field_values"] == found
    return {each["issue_field_name"]: each["value"] for each in found}


def test_an_organization_has_fields(kit: Kit) -> None:
    """Listed with their kinds and options; a user has none, and an app's token may not ask."""
    fields = kit.ask("GET", "/orgs/sandbox/issue-fields").json() if kit.create() else []
    assert {field["name"]: field["data_type"] for field in fields} == {
        field.name: field.kind for field in ISSUE_FIELDS
    }
    assert kit.ask("GET", "/orgs/sandbox-user/issue-fields").status == 404
    add_token(kit.github, "app", installation=True)
    kit.token = "app"
    assert kit.ask("GET", "/orgs/sandbox/issue-fields").status == 403


def test_values_are_added_replaced_and_deleted(kit: Kit) -> None:
    """POST keeps the others, PUT does not, an empty POST clears all, DELETE takes one."""
    kit.create(issue_field_values=[row("Effort", 3), row("Priority", "High")])
    assert held(kit) == {"Priority": "High", "Effort": 3}
    body = {"issue_field_values": [row("Target date", "2026-12-01"), row("Team", "Shop")]}
    assert kit.ask("POST", VALUES, body).status == 200
    assert len(held(kit)) == 4
    assert kit.ask("DELETE", f"{VALUES}/{FIELD['Team']}").status == 204
    assert kit.ask("DELETE", f"{VALUES}/{FIELD['Team']}").status == 404
    assert kit.ask("PUT", VALUES, {"issue_field_values": [row("Effort", 2.5)]}).status == 200
    assert held(kit) == {"Effort": 2.5}
    body = {"issue_field_values": [row("Platforms", ["Web", "iOS"])]}
    assert kit.ask("POST", VALUES, body).status == 200
    assert held(kit)["Platforms"] == "Web, iOS"
    assert kit.ask("POST", VALUES, {"issue_field_values": []}).status == 200
    assert held(kit) == {}


@pytest.mark.parametrize(
    ("name", "value"),
    [("Effort", "3"), ("Priority", "Vast"), ("Start date", "soon"), ("Team", ""), ("Effort", True)],
)
def test_what_a_field_does_not_hold_is_refused(kit: Kit, name: str, value: object) -> None:
    """A 422, and nothing changes."""
    kit.create()
    reply = kit.quick("POST", VALUES, {"issue_field_values": [row(name, value)]})
    assert reply.status == 422
    assert held(kit) == {}


def test_without_the_right_fields_are_dropped_or_refused(kit: Kit) -> None:
    """In silence by a create, with a 403 by their own request."""
    kit.create()
    add_token(kit.github, "weak", cap=Role.READ)
    kit.token = "weak"
    made = kit.create(issue_field_values=[row("Effort", 3)])
    assert made["issue_field_values"] == []
    reply = kit.ask("POST", VALUES, {"issue_field_values": [row("Effort", 3)]})
    assert reply.status == 403


def test_values_survive_the_store(kit: Kit) -> None:
    """A select of several options comes back as it was."""
    kit.create(issue_field_values=[row("Effort", 3), row("Platforms", ["Web"])])
    state = kit.github.state
    rows = [
        (kind, key, encode(kind, record))
        for (kind, key), record in state.take_changes().items()
        if record is not None
    ]
    again = restore(rows)
    issue = next(iter(again.issue_index))
    assert again.issue_by_id(issue) == state.issue_by_id(issue)


def test_content_is_what_notifies() -> None:
    """Field values and the order of sub-issues count; a lock does not."""
    for method in ("POST", "PUT"):
        assert makes_content(method, VALUES)
    assert makes_content("DELETE", f"{VALUES}/3")
    assert makes_content("PATCH", f"{R}/issues/1/sub_issues/priority")
    assert not makes_content("PUT", f"{R}/issues/1/lock")


def test_a_discussion_stays_readable_as_an_issue(kit: Kit) -> None:
    """Closed and locked; only its history says what it is now."""
    kit.create()
    kit.person().convert_to_discussion(1, now=NOW + 5)
    issue = kit.issue(1)
    assert (issue["state"], issue["locked"]) == ("closed", True)
    events = [each["event"] for each in kit.quick("GET", f"{R}/issues/1/events").json()]
    assert "converted_to_discussion" in events
