"""Requests and answers beside an issue's own: fields, types, locks, comments, the order."""

from __future__ import annotations

import pytest
from remote_kit import REPO, issue_json

from ghsync.model import Cost, FieldKind, HeldField, IssueField, IssueId, IssueNumber
from ghsync.remote import wire
from ghsync.remote.errors import BadAnswer
from ghsync.render import with_marker

N, ID, OTHER = IssueNumber(7), IssueId(4_980_000_007), IssueId(4_980_000_044)
READ, WRITE, CONTENT = Cost(points=1), Cost(points=5), Cost(points=5, content=True)
R = f"/repos/{REPO}"
ONE = f"{R}/issues/7"

REQUESTS = [
    (wire.list_issue_types(REPO), "GET", f"{R}/issue-types", None, READ),
    (wire.list_issue_fields("o c"), "GET", "/orgs/o%20c/issue-fields", None, READ),
    (
        wire.set_issue_fields(REPO, N, [(3, "High"), (4, 2.5)]),
        "POST",
        f"{ONE}/issue-field-values",
        {
            "issue_field_values": [
                {"field_id": 3, "value": "High"},
                {"field_id": 4, "value": 2.5},
            ]
        },
        CONTENT,
    ),
    (wire.clear_issue_field(REPO, N, 3), "DELETE", f"{ONE}/issue-field-values/3", None, CONTENT),
    (wire.lock_issue(REPO, N), "PUT", f"{ONE}/lock", None, WRITE),
    (wire.unlock_issue(REPO, N), "DELETE", f"{ONE}/lock", None, WRITE),
    (
        wire.move_sub_issue(REPO, N, ID, after=OTHER),
        "PATCH",
        f"{ONE}/sub_issues/priority",
        {"sub_issue_id": ID, "after_id": OTHER},
        CONTENT,
    ),
    (
        wire.move_sub_issue(REPO, N, ID, before=OTHER),
        "PATCH",
        f"{ONE}/sub_issues/priority",
        {"sub_issue_id": ID, "before_id": OTHER},
        CONTENT,
    ),
    (wire.list_comments(REPO, N), "GET", f"{ONE}/comments", None, READ),
    (wire.list_events(REPO, N), "GET", f"{ONE}/events", None, READ),
    (
        wire.create_milestone(REPO, "v1", due="2026-12-01", description="First."),
        "POST",
        f"{R}/milestones",
        {"title": "v1", "due_on": "2026-12-01T12:00:00Z", "description": "First."},
        WRITE,
    ),
]


@pytest.mark.parametrize(("made", "method", "path", "body", "cost"), REQUESTS)
def test_each_builder_makes_githubs_request(
    made: wire.Request, method: str, path: str, body: object, cost: Cost
) -> None:
    """Method, path and body are those of GitHub's REST reference; each may be sent again."""
    sent = dict(made.body) if made.body is not None else None
    assert (made.method, made.path, sent, made.cost) == (method, path, body, cost)
    assert made.idempotent


def test_no_values_are_never_sent() -> None:
    """GitHub would clear every field of the issue."""
    with pytest.raises(ValueError, match="clear all"):
        wire.set_issue_fields(REPO, N, [])


def test_an_issue_tells_its_type_and_fields() -> None:
    """Each kind of value as text; what has no value or no known kind is left out."""
    rows = [
        {"issue_field_name": "Effort", "data_type": "number", "value": 3.0},
        {"issue_field_name": "Due", "data_type": "date", "value": "2026-12-01"},
        {
            "issue_field_name": "Priority",
            "data_type": "single_select",
            "value": "High",
            "single_select_option": {"id": 1, "name": "High", "color": "red"},
        },
        {"issue_field_name": "Empty", "data_type": "text", "value": None},
        {"issue_field_name": "New", "data_type": "hologram", "value": "x"},
    ]
    issue = wire.parse_issue(issue_json(type={"name": "Bug"}, issue_field_values=rows))
    assert issue is not None
    assert issue.type == "Bug"
    assert issue.fields == (
        HeldField(name="Due", kind=FieldKind.DATE, value="2026-12-01"),
        HeldField(name="Effort", kind=FieldKind.NUMBER, value="3"),
        HeldField(name="Priority", kind=FieldKind.SINGLE_SELECT, value="High"),
    )
    older = wire.parse_issue(issue_json())
    assert older is not None
    assert (older.type, older.fields) == (None, None)


def test_what_an_organization_offers() -> None:
    """Types that are switched off are none; a field's options by name."""
    assert wire.parse_issue_type({"name": "Bug", "is_enabled": True}) == "Bug"
    assert wire.parse_issue_type({"name": "Bug", "is_enabled": False}) is None
    field = {"id": 3, "name": "P", "data_type": "single_select", "options": [{"name": "High"}]}
    assert wire.parse_issue_field(field) == IssueField(
        id=3, name="P", kind=FieldKind.SINGLE_SELECT, options=("High",)
    )
    assert wire.parse_issue_field(field | {"data_type": "hologram"}) is None
    with pytest.raises(BadAnswer):
        wire.parse_issue_field({"name": "P", "data_type": "text"})


def test_a_comment_says_whose_it_is() -> None:
    """By the marker in its text; a person's has none."""
    uid = "ab" * 16
    body = with_marker("Done.", uid, "a/b")  # type: ignore[arg-type]
    assert wire.parse_comment({"body": body}).uid == uid
    assert wire.parse_comment({"body": "Thanks!"}).uid is None


def test_an_address_names_an_issue_or_not() -> None:
    """By owner and name; one by the repository's id has to be read."""
    found = wire.ref_of_url("https://api.github.com/repos/o/r/issues/5")
    assert found is not None
    assert (found.repo, found.number) == ("o/r", 5)
    assert wire.ref_of_url("https://api.github.com/repositories/9/issues/5") is None
