"""Labels and milestones of a repository, assignable people and issue types (docs: rest/issues)."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from ghsync.sandbox import changes
from ghsync.sandbox.call import Call, RepoRoute, Route, missing, text_field, wrong_type
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
from ghsync.sandbox.records import ISSUE_TYPES, Label, Milestone, Role
from ghsync.sandbox.routes_issues import find_issue
from ghsync.sandbox.state import Repo

# ------------------------------------------------------------------------- labels


def list_labels(call: Call, repo: Repo) -> Response:
    """``GET …/labels``, by name."""
    labels = sorted(repo.labels.values(), key=lambda label: label.name.casefold())
    return paged(call, "/labels", labels, lambda each: call.view.label(repo, each), repo)


def get_label(call: Call, repo: Repo) -> Response:
    """``GET …/labels/{name}``."""
    return reply_json(200, call.view.label(repo, _label(call, repo)))


def create_label(call: Call, repo: Repo) -> Response:
    """``POST …/labels``; a name that exists in any case is a 422."""
    content = call.body()
    name = _label_name(content.get("name"), repo, None)
    color = _color(content.get("color", changes.DEFAULT_COLOR))
    label = changes.new_label(
        call.state, repo, name=name, color=color, description=_description(content)
    )
    shown = call.view.label(repo, label)
    return reply_json(201, shown, headers=(("location", shown["url"]),))


def update_label(call: Call, repo: Repo) -> Response:
    """``PATCH …/labels/{name}``; ``new_name`` renames."""
    label = _label(call, repo)
    content = call.body()
    fields: dict[str, Any] = {}
    if content.get("new_name") is not None:
        fields["name"] = _label_name(content["new_name"], repo, label)
    if content.get("color") is not None:
        fields["color"] = _color(content["color"]).lower()
    if "description" in content:
        fields["description"] = _description(content)
    label = call.state.put_label(replace(label, **fields))
    return reply_json(200, call.view.label(repo, label))


def delete_label(call: Call, repo: Repo) -> Response:
    """``DELETE …/labels/{name}``: also off every issue."""
    call.state.remove_label(_label(call, repo), call.now)
    return no_content()


def _label(call: Call, repo: Repo) -> Label:
    label = repo.label_named(call.params["name"])
    if label is None:
        raise not_found()
    return label


def _label_name(value: Any, repo: Repo, renamed: Label | None) -> str:
    if value is None:
        raise missing("name")
    if not isinstance(value, str):
        raise wrong_type("name", value, "string")
    name = value.strip()
    changes.check_label_names([name])
    found = repo.label_named(name)
    if found is not None and (renamed is None or found.id != renamed.id):
        raise invalid(field_error("Label", "name", "already_exists"))
    return name


def _color(value: Any) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"[0-9A-Fa-f]{6}|[0-9A-Fa-f]{3}", value):
        raise invalid(field_error("Label", "color", "invalid", value=value))
    return value


def _description(content: JsonObject) -> str | None:
    text = text_field(content, "description")
    if text is not None and len(text) > changes.LABEL_DESCRIPTION_LIMIT:
        message = (
            f"description is too long (maximum is {changes.LABEL_DESCRIPTION_LIMIT} characters)"
        )
        raise invalid(field_error("Label", "description", "custom", message=message))
    return text


# ------------------------------------------------------------------------- milestones


def list_milestones(call: Call, repo: Repo) -> Response:
    """``GET …/milestones``: open ones unless ``state`` says otherwise, by due date."""
    state = call.query.get("state", "open")
    if state not in ("open", "closed", "all"):
        raise invalid(field_error("Milestone", "state", "invalid", value=state))
    found = [m for m in repo.milestones.values() if state in ("all", m.state)]
    if call.query.get("sort") == "completeness":
        found.sort(key=lambda each: (_completeness(repo, each), each.number))
    else:
        found.sort(key=lambda each: (each.due_on or float("inf"), each.number))
    if call.query.get("direction") == "desc":
        found.reverse()
    return paged(call, "/milestones", found, lambda each: call.view.milestone(repo, each), repo)


def _completeness(repo: Repo, milestone: Milestone) -> float:
    closed = repo.tally[milestone.number, "closed"]
    total = closed + repo.tally[milestone.number, "open"]
    return closed / total if total else 0.0


def get_milestone(call: Call, repo: Repo) -> Response:
    """``GET …/milestones/{milestone_number}``."""
    return reply_json(200, call.view.milestone(repo, _milestone(call, repo)))


def create_milestone(call: Call, repo: Repo) -> Response:
    """``POST …/milestones``; a title that exists is a 422."""
    content = call.body()
    if "title" not in content:
        raise missing("title")
    fields = _milestone_fields(call, content, repo, None)
    number = repo.info.next_milestone
    call.state.put_repo(replace(repo.info, next_milestone=number + 1))
    milestone = call.state.put_milestone(
        Milestone(
            id=call.state.new_id("milestone"), repo=repo.info.id, number=number,
            creator=call.login, created_at=call.now, updated_at=call.now, **fields,
        )
    )  # fmt: skip
    shown = call.view.milestone(repo, milestone)
    return reply_json(201, shown, headers=(("location", shown["url"]),))


def update_milestone(call: Call, repo: Repo) -> Response:
    """``PATCH …/milestones/{milestone_number}``."""
    milestone = _milestone(call, repo)
    fields = _milestone_fields(call, call.body(), repo, milestone)
    milestone = call.state.put_milestone(replace(milestone, updated_at=call.now, **fields))
    return reply_json(200, call.view.milestone(repo, milestone))


def delete_milestone(call: Call, repo: Repo) -> Response:
    """``DELETE …/milestones/{milestone_number}``: also off every issue."""
    call.state.remove_milestone(_milestone(call, repo), call.now)
    return no_content()


def milestone_labels(call: Call, repo: Repo) -> Response:
    """``GET …/milestones/{milestone_number}/labels``."""
    number = _milestone(call, repo).number
    used = {
        label
        for issue in repo.issues.values()
        if issue.here and issue.milestone == number
        for label in issue.labels
    }
    labels = [repo.labels[each] for each in sorted(used) if each in repo.labels]
    path = f"/milestones/{number}/labels"
    return paged(call, path, labels, lambda each: call.view.label(repo, each), repo)


def _milestone(call: Call, repo: Repo) -> Milestone:
    milestone = repo.milestones.get(call.number("milestone_number"))
    if milestone is None:
        raise not_found()
    return milestone


def _milestone_fields(
    call: Call, content: JsonObject, repo: Repo, old: Milestone | None
) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    if "title" in content:
        title = (text_field(content, "title") or "").strip()
        if not title:
            raise invalid(field_error("Milestone", "title", "missing_field"))
        found = repo.milestone_titled(title)
        if found is not None and (old is None or found.id != old.id):
            raise invalid(field_error("Milestone", "title", "already_exists"))
        fields["title"] = title
    if "description" in content:
        fields["description"] = text_field(content, "description")
    if "due_on" in content:
        fields["due_on"] = _due(text_field(content, "due_on"))
    state = content.get("state")
    if state is not None:
        if state not in ("open", "closed"):
            raise invalid(field_error("Milestone", "state", "invalid", value=state))
        fields["state"] = state
        fields["closed_at"] = call.now if state == "closed" else None
    return fields


def _due(text: str | None) -> float | None:
    if text is None:
        return None
    moment = parse_iso(text)
    if moment is None:
        raise invalid(field_error("Milestone", "due_on", "invalid", value=text))
    return moment


# ------------------------------------------------------------------------- assignees, types


def list_assignees(call: Call, repo: Repo) -> Response:
    """``GET …/assignees``."""
    logins = changes.assignable(call.state, repo)
    return paged(call, "/assignees", logins, call.view.user, repo)


def check_assignee(call: Call, repo: Repo) -> Response:
    """``GET …/assignees/{assignee}``: 204 or 404."""
    wanted = call.params["assignee"].casefold()
    if wanted not in (login.casefold() for login in changes.assignable(call.state, repo)):
        raise not_found()
    return no_content()


def check_issue_assignee(call: Call, repo: Repo) -> Response:
    """``GET …/issues/{issue_number}/assignees/{assignee}``: 204 or 404."""
    find_issue(call, repo)
    return check_assignee(call, repo)


def repo_types(call: Call, repo: Repo) -> Response:
    """``GET …/issue-types``: none for a repository that no organization owns."""
    owner = call.state.user(repo.info.owner)
    if owner is None or owner.kind != "Organization":
        raise not_found()
    return reply_json(200, [call.view.issue_type(kind) for kind in ISSUE_TYPES])


def org_types(call: Call) -> Response:
    """``GET /orgs/{org}/issue-types``; an app's token for one repository may not ask."""
    if call.actor is not None and call.actor.token.installation:
        raise Problem(403, "Resource not accessible by integration")
    owner = call.state.user(call.params["org"])
    if owner is None or owner.kind != "Organization":
        raise not_found()
    return reply_json(200, [call.view.issue_type(kind) for kind in ISSUE_TYPES])


ROUTES = (
    RepoRoute("GET", "/labels", list_labels),
    RepoRoute("POST", "/labels", create_label, needs=Role.WRITE),
    RepoRoute("GET", "/labels/{name}", get_label),
    RepoRoute("PATCH", "/labels/{name}", update_label, needs=Role.WRITE),
    RepoRoute("DELETE", "/labels/{name}", delete_label, needs=Role.WRITE),
    RepoRoute("GET", "/milestones", list_milestones),
    RepoRoute("POST", "/milestones", create_milestone, needs=Role.WRITE),
    RepoRoute("GET", "/milestones/{milestone_number}", get_milestone),
    RepoRoute("PATCH", "/milestones/{milestone_number}", update_milestone, needs=Role.WRITE),
    RepoRoute("DELETE", "/milestones/{milestone_number}", delete_milestone, needs=Role.WRITE),
    RepoRoute("GET", "/milestones/{milestone_number}/labels", milestone_labels),
    RepoRoute("GET", "/assignees", list_assignees),
    RepoRoute("GET", "/assignees/{assignee}", check_assignee),
    RepoRoute("GET", "/issues/{issue_number}/assignees/{assignee}", check_issue_assignee),
    RepoRoute("GET", "/issue-types", repo_types),
)
ROOT_ROUTES = (Route("GET", "/orgs/{org}/issue-types", org_types, public=False),)
