"""Issues: create, read, update, lock (docs: rest/issues/issues)."""

from __future__ import annotations

from typing import Any

from ghsync.sandbox import changes
from ghsync.sandbox.call import Call, RepoRoute, missing, text_field, wrong_type
from ghsync.sandbox.fieldvalues import field_owner, field_values
from ghsync.sandbox.messages import (
    JsonObject,
    Problem,
    Response,
    field_error,
    invalid,
    no_content,
    not_found,
    reply_json,
)
from ghsync.sandbox.records import ISSUE_TYPES, Issue, Role
from ghsync.sandbox.state import Repo, State

_REASONS = ("completed", "not_planned", "duplicate", "reopened")
_LOCK_REASONS = ("off-topic", "too heated", "resolved", "spam")


def find_issue(call: Call, repo: Repo, number: int | None = None) -> Issue:
    """The issue that the path names; 404, 410 when deleted, 301 when transferred."""
    wanted = call.number("issue_number") if number is None else number
    issue = repo.issues.get(wanted)
    if issue is None:
        raise not_found()
    if issue.deleted:
        raise Problem(410, "This issue was deleted")
    if issue.moved_to is not None:
        target = call.state.issue_by_id(issue.moved_to)
        if target is None:
            raise Problem(410, "This issue was deleted")
        url = call.view.issue_url(target)
        raise Problem(301, "Moved Permanently", headers=(("location", url),), extra={"url": url})
    return issue


def own_or(call: Call, repo: Repo, author: str, role: Role) -> None:
    """Let an author, or somebody with ``role``, go on; GitHub's 403 for others."""
    if call.login.casefold() != author.casefold():
        call.need(repo, role)


# ------------------------------------------------------------------------- create


def create_issue(call: Call, repo: Repo) -> Response:
    """``POST /repos/{owner}/{repo}/issues``."""
    content = call.body()
    title = _title(content, required=True)
    body = text_field(content, "body")
    if body is not None and (
        len(body) > changes.BODY_LIMIT
        or len(body.encode("utf-8", "surrogatepass")) > changes.BODY_BYTES
    ):
        raise body_too_long("Issue")
    parent = _parent(call, repo, content)
    fields = _guarded_fields(call, repo, content)
    issue = changes.new_issue(
        call.state, repo, login=call.login, now=call.now, title=title, body=body, **fields
    )
    if parent is not None:
        _adopt(call, parent, issue, keep_milestone="milestone" in content)
        issue = repo.issues[issue.number]
    shown = call.view.issue(repo, issue)
    return reply_json(201, shown, headers=(("location", shown["url"]),))


def _adopt(call: Call, parent: Issue, issue: Issue, *, keep_milestone: bool) -> None:
    before = issue.milestone
    changes.add_sub_issue(
        call.state, parent, issue, login=call.login, now=call.now, replace_parent=False
    )
    if keep_milestone:
        call.state.touch(issue.id, call.now, milestone=before)


def _parent(call: Call, repo: Repo, content: JsonObject) -> Issue | None:
    value = content.get("parent_issue_id")
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int):
        raise wrong_type("parent_issue_id", value, "integer")
    parent = call.state.issue_by_id(value)
    if parent is None or not visible(call, parent):
        raise invalid(field_error("Issue", "parent_issue_id", "invalid", value=value))
    if parent.pull or changes.owner(call.state, parent) != repo.info.owner.casefold():
        raise invalid(field_error("Issue", "parent_issue_id", "invalid", value=value))
    call.need(call.state.repos[parent.repo], Role.TRIAGE)
    if len(parent.sub_issues) >= changes.SUB_ISSUE_LIMIT:
        raise _no_parent(f"Parent cannot have more than {changes.SUB_ISSUE_LIMIT} sub-issues")
    if changes.depth(call.state, parent) >= changes.LEVEL_LIMIT:
        raise _no_parent(f"Sub-issues cannot be nested more than {changes.LEVEL_LIMIT} levels deep")
    return parent


def _no_parent(reason: str) -> Problem:
    return invalid(field_error("Issue", "parent_issue_id", "custom", message=reason))


def visible(call: Call, issue: Issue) -> bool:
    """Whether this request may see an issue at all."""
    return call.role(call.state.repos[issue.repo]) >= Role.READ


# ------------------------------------------------------------------------- fields of a body


def _title(content: JsonObject, *, required: bool) -> str:
    if "title" not in content and required:
        raise missing("title")
    value = content.get("title")
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise wrong_type("title", value, "string")
    title = str(value).strip()
    if not title:
        raise invalid(field_error("Issue", "title", "missing_field"))
    if len(title) > changes.TITLE_LIMIT:
        message = f"title is too long (maximum is {changes.TITLE_LIMIT} characters)"
        raise invalid(field_error("Issue", "title", "custom", message=message))
    return title


def body_too_long(resource: str) -> Problem:
    """The 422 for an oversized body."""
    message = f"body is too long (maximum is {changes.BODY_LIMIT} characters)"
    return invalid(field_error(resource, "body", "custom", message=message))


def label_names(value: Any) -> list[str]:
    """The names in a ``labels`` list: plain texts, or objects with a name."""
    if not isinstance(value, list):
        raise wrong_type("labels", value, "array")
    names = [each.get("name") if isinstance(each, dict) else each for each in value]
    for name in names:
        if not isinstance(name, str):
            raise wrong_type("labels", name, "string")
    texts = [str(name) for name in names]
    changes.check_label_names(texts)
    return texts


def login_list(value: Any) -> list[str]:
    """The logins of an ``assignees`` list."""
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise wrong_type("assignees", value, "array")
    return list(value)


def _guarded_fields(call: Call, repo: Repo, content: JsonObject) -> dict[str, Any]:
    """Labels, assignees, milestone, type and fields; dropped without the right to set them."""
    role = call.role(repo)
    fields: dict[str, Any] = {}
    allowed = role >= Role.TRIAGE
    logins = content.get("assignees")
    if logins is None and content.get("assignee"):
        logins = [content["assignee"]]
    if logins is not None and allowed:
        fields["assignees"] = changes.check_assignees(call.state, repo, login_list(logins))
    if "milestone" in content and allowed:
        fields["milestone"] = _milestone(repo, content["milestone"])
    if "type" in content and allowed:
        fields["type"] = _type(call.state, repo, content["type"])
    if content.get("issue_field_values") and role >= Role.WRITE and field_owner(call.state, repo):
        fields["fields"] = tuple(sorted(field_values(content["issue_field_values"]).items()))
    if content.get("labels") is not None:
        names = label_names(content["labels"])
        if allowed:
            fields["labels"] = changes.ensure_labels(
                call.state, repo, names, may_create=role >= Role.WRITE
            )
    return fields


def _milestone(repo: Repo, value: Any) -> int | None:
    if value is None or value == "":
        return None
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise wrong_type("milestone", value, "integer")
    text = str(value)
    if not text.isascii() or not text.isdigit() or int(text) not in repo.milestones:
        raise invalid(field_error("Issue", "milestone", "invalid", value=value))
    return int(text)


def _type(state: State, repo: Repo, value: Any) -> str | None:
    if value is None:
        return None
    known = {kind.name.casefold(): kind.name for kind in ISSUE_TYPES}
    found = known.get(value.casefold()) if isinstance(value, str) else None
    if not field_owner(state, repo) or found is None:
        raise invalid(field_error("Issue", "type", "invalid", value=value))
    return found


# ------------------------------------------------------------------------- read and update


def get_issue(call: Call, repo: Repo) -> Response:
    """``GET /repos/{owner}/{repo}/issues/{issue_number}``."""
    return reply_json(200, call.view.issue(repo, find_issue(call, repo)))


def update_issue(call: Call, repo: Repo) -> Response:
    """``PATCH /repos/{owner}/{repo}/issues/{issue_number}``."""
    issue = find_issue(call, repo)
    own_or(call, repo, issue.user, Role.TRIAGE)
    content = call.body()
    fields: dict[str, Any] = {}
    if content.get("title") is not None:
        fields["title"] = _title(content, required=False)
    if "body" in content:
        body = text_field(content, "body")
        if not _kept(body):
            fields["body"] = body
    if ("title" in fields or "body" in fields) and issue.locked:
        own_or(call, repo, issue.user, Role.WRITE)
    to, reason = _state(content)
    fields |= _guarded_fields(call, repo, content)
    issue = changes.edit_issue(
        call.state, repo, issue, login=call.login, now=call.now, fields=fields
    )
    if to is not None:
        issue = changes.set_state(
            call.state, issue, login=call.login, now=call.now, to=to, reason=reason
        )
    return reply_json(200, call.view.issue(repo, issue))


def _kept(body: str | None) -> bool:
    """Whether an oversized body is dropped in silence: measured for a PATCH over the byte cap."""
    if body is None:
        return False
    if len(body.encode("utf-8", "surrogatepass")) > changes.BODY_BYTES:
        return True
    if len(body) > changes.BODY_LIMIT:
        raise body_too_long("Issue")
    return False


def _state(content: JsonObject) -> tuple[str | None, str | None]:
    to, reason = content.get("state"), content.get("state_reason")
    if to is not None and to not in ("open", "closed"):
        raise invalid(field_error("Issue", "state", "invalid", value=to))
    if reason is not None and reason not in _REASONS:
        raise invalid(field_error("Issue", "state_reason", "invalid", value=reason))
    return to, reason


# ------------------------------------------------------------------------- lock


def lock_issue(call: Call, repo: Repo) -> Response:
    """``PUT …/lock``."""
    issue = find_issue(call, repo)
    reason = text_field(call.body(), "lock_reason")
    if reason is not None and reason not in _LOCK_REASONS:
        raise invalid(field_error("Issue", "lock_reason", "invalid", value=reason))
    changes.note(call.state, issue, call.login, "locked", call.now, lock_reason=reason)
    call.state.touch(issue.id, call.now, locked=True, lock_reason=reason)
    return no_content()


def unlock_issue(call: Call, repo: Repo) -> Response:
    """``DELETE …/lock``."""
    issue = find_issue(call, repo)
    changes.note(call.state, issue, call.login, "unlocked", call.now, lock_reason=None)
    call.state.touch(issue.id, call.now, locked=False, lock_reason=None)
    return no_content()


_ONE = "/issues/{issue_number}"

ROUTES = (
    RepoRoute("POST", "/issues", create_issue, issues=True),
    RepoRoute("GET", _ONE, get_issue, issues=True),
    RepoRoute("PATCH", _ONE, update_issue, issues=True),
    RepoRoute("PUT", f"{_ONE}/lock", lock_issue, needs=Role.WRITE, issues=True),
    RepoRoute("DELETE", f"{_ONE}/lock", unlock_issue, needs=Role.WRITE, issues=True),
)
