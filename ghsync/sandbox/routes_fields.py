"""Issue fields: an organization's, and their values on an issue (docs: rest/issues, rest/orgs)."""

from __future__ import annotations

from typing import Any

from ghsync.sandbox import changes
from ghsync.sandbox.call import Call, RepoRoute, Route, missing
from ghsync.sandbox.fieldvalues import field_owner, field_values
from ghsync.sandbox.messages import (
    JsonObject,
    Problem,
    Response,
    no_content,
    not_found,
    reply_json,
)
from ghsync.sandbox.paging import paged
from ghsync.sandbox.records import ISSUE_FIELDS, Issue, Role
from ghsync.sandbox.routes_issues import find_issue
from ghsync.sandbox.state import Repo


def org_fields(call: Call) -> Response:
    """``GET /orgs/{org}/issue-fields``; an app's token for one repository may not ask."""
    if call.actor is not None and call.actor.token.installation:
        raise Problem(403, "Resource not accessible by integration")
    owner = call.state.user(call.params["org"])
    if owner is None or owner.kind != "Organization":
        raise not_found()
    return reply_json(200, [call.view.issue_field(field) for field in ISSUE_FIELDS])


def list_values(call: Call, repo: Repo) -> Response:
    """``GET …/issue-field-values``."""
    issue = find_issue(call, repo)
    path = f"/issues/{issue.number}/issue-field-values"
    return paged(call, path, call.view.field_values(issue), lambda each: each, repo)


def add_values(call: Call, repo: Repo) -> Response:
    """``POST …/issue-field-values``: sets the named fields; an empty list clears all."""
    values = _values(call)
    return _set(call, repo, values, keep=bool(values))


def set_values(call: Call, repo: Repo) -> Response:
    """``PUT …/issue-field-values``: these, and no others."""
    return _set(call, repo, _values(call), keep=False)


def _set(call: Call, repo: Repo, values: dict[int, Any], *, keep: bool) -> Response:
    issue = _changeable(call, repo)
    held = {**(dict(issue.fields) if keep else {}), **values}
    issue = _change(call, repo, issue, held)
    return reply_json(200, call.view.field_values(issue))


def delete_value(call: Call, repo: Repo) -> Response:
    """``DELETE …/issue-field-values/{issue_field_id}``: 404 when there is no such value."""
    issue = _changeable(call, repo)
    held = dict(issue.fields)
    if held.pop(call.number("issue_field_id"), None) is None:
        raise not_found()
    _change(call, repo, issue, held)
    return no_content()


def _changeable(call: Call, repo: Repo) -> Issue:
    issue = find_issue(call, repo)
    if not field_owner(call.state, repo):
        raise not_found()
    return issue


def _change(call: Call, repo: Repo, issue: Issue, held: dict[int, Any]) -> Issue:
    fields = {"fields": tuple(sorted(held.items()))}
    return changes.edit_issue(
        call.state, repo, issue, login=call.login, now=call.now, fields=fields
    )


def _values(call: Call) -> dict[int, Any]:
    content: JsonObject = call.body()
    if "issue_field_values" not in content:
        raise missing("issue_field_values")
    return field_values(content["issue_field_values"])


_ONE = "/issues/{issue_number}/issue-field-values"

ROUTES = (
    RepoRoute("GET", _ONE, list_values, issues=True),
    RepoRoute("POST", _ONE, add_values, needs=Role.WRITE, issues=True),
    RepoRoute("PUT", _ONE, set_values, needs=Role.WRITE, issues=True),
    RepoRoute("DELETE", f"{_ONE}/{{issue_field_id}}", delete_value, needs=Role.WRITE, issues=True),
)
ROOT_ROUTES = (Route("GET", "/orgs/{org}/issue-fields", org_fields, public=False),)
