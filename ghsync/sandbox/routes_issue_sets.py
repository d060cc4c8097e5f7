"""The labels and assignees of one issue (docs: rest/issues/labels, rest/issues/assignees)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ghsync.sandbox import changes
from ghsync.sandbox.call import Call, RepoRoute
from ghsync.sandbox.messages import Problem, Response, no_content, reply_json
from ghsync.sandbox.records import Issue, Role
from ghsync.sandbox.routes_issues import find_issue, label_names, login_list
from ghsync.sandbox.state import Repo

# ------------------------------------------------------------------------- labels of an issue


def issue_labels(call: Call, repo: Repo) -> Response:
    """``GET …/issues/{issue_number}/labels``."""
    return _labels(call, repo, find_issue(call, repo))


def add_labels(call: Call, repo: Repo) -> Response:
    """``POST …/issues/{issue_number}/labels``."""
    return _set_labels(call, repo, keep=True)


def set_labels(call: Call, repo: Repo) -> Response:
    """``PUT …/issues/{issue_number}/labels``."""
    return _set_labels(call, repo, keep=False)


def _set_labels(call: Call, repo: Repo, *, keep: bool) -> Response:
    issue = find_issue(call, repo)
    names = label_names(_bare_list(call, "labels"))
    kept = [repo.labels[each].name for each in issue.labels] if keep else []
    ids = changes.ensure_labels(
        call.state, repo, kept + names, may_create=call.role(repo) >= Role.WRITE
    )
    issue = changes.edit_issue(
        call.state, repo, issue, login=call.login, now=call.now, fields={"labels": ids}
    )
    return _labels(call, repo, issue)


def _bare_list(call: Call, name: str) -> Any:
    """The list of a body that is an object, or (as GitHub allows here) the list itself."""
    text = call.request.body.strip()
    if not text.startswith(b"["):
        return call.body().get(name, [])
    wrapped = b'{"' + name.encode() + b'":' + text + b"}"
    return replace(call, request=replace(call.request, body=wrapped)).body()[name]


def clear_labels(call: Call, repo: Repo) -> Response:
    """``DELETE …/issues/{issue_number}/labels``."""
    issue = find_issue(call, repo)
    changes.edit_issue(
        call.state, repo, issue, login=call.login, now=call.now, fields={"labels": ()}
    )
    return no_content()


def remove_label(call: Call, repo: Repo) -> Response:
    """``DELETE …/issues/{issue_number}/labels/{name}``."""
    issue = find_issue(call, repo)
    label = repo.label_named(call.params["name"])
    if label is None or label.id not in issue.labels:
        raise Problem(404, "Label does not exist")
    left = tuple(each for each in issue.labels if each != label.id)
    issue = changes.edit_issue(
        call.state, repo, issue, login=call.login, now=call.now, fields={"labels": left}
    )
    return _labels(call, repo, issue)


def _labels(call: Call, repo: Repo, issue: Issue) -> Response:
    return reply_json(200, [call.view.label(repo, repo.labels[each]) for each in issue.labels])


# ------------------------------------------------------------------------- assignees of an issue


def add_assignees(call: Call, repo: Repo) -> Response:
    """``POST …/issues/{issue_number}/assignees``; unknown logins are ignored here."""
    return _change_assignees(call, repo, add=True)


def remove_assignees(call: Call, repo: Repo) -> Response:
    """``DELETE …/issues/{issue_number}/assignees``."""
    return _change_assignees(call, repo, add=False)


def _change_assignees(call: Call, repo: Repo, *, add: bool) -> Response:
    issue = find_issue(call, repo)
    named = {each.casefold() for each in login_list(call.body().get("assignees", []))}
    if add:
        known = changes.assignable(call.state, repo)
        new = [x for x in known if x.casefold() in named and x not in issue.assignees]
        after = (*issue.assignees, *new)
    else:
        after = tuple(each for each in issue.assignees if each.casefold() not in named)
    after = changes.check_assignees(call.state, repo, after)
    issue = changes.edit_issue(
        call.state, repo, issue, login=call.login, now=call.now, fields={"assignees": after}
    )
    return reply_json(201 if add else 200, call.view.issue(repo, issue))


_ONE = "/issues/{issue_number}"

ROUTES = (
    RepoRoute("GET", f"{_ONE}/labels", issue_labels, issues=True),
    RepoRoute("POST", f"{_ONE}/labels", add_labels, needs=Role.TRIAGE, issues=True),
    RepoRoute("PUT", f"{_ONE}/labels", set_labels, needs=Role.TRIAGE, issues=True),
    RepoRoute("DELETE", f"{_ONE}/labels", clear_labels, needs=Role.TRIAGE, issues=True),
    RepoRoute("DELETE", f"{_ONE}/labels/{{name}}", remove_label, needs=Role.TRIAGE, issues=True),
    RepoRoute("POST", f"{_ONE}/assignees", add_assignees, needs=Role.TRIAGE, issues=True),
    RepoRoute("DELETE", f"{_ONE}/assignees", remove_assignees, needs=Role.TRIAGE, issues=True),
)
