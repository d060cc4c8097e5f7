"""What changing an issue means on GitHub: fields, events, relations, and their rules.

Used by the routes (where a token's permissions are checked first) and by
:mod:`ghsync.sandbox.people` (where a person acts on the web page).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from ghsync.sandbox.messages import Problem, field_error, invalid
from ghsync.sandbox.records import Comment, Issue, IssueEvent, Label, Role
from ghsync.sandbox.state import Repo, State

TITLE_LIMIT = 256
BODY_LIMIT = 65_536
BODY_BYTES = 262_144
LABEL_NAME_LIMIT = 50
LABEL_DESCRIPTION_LIMIT = 100
LABELS_PER_ISSUE = 100
ASSIGNEES_PER_ISSUE = 10
SUB_ISSUE_LIMIT = 100
LEVEL_LIMIT = 8
BLOCKER_LIMIT = 50
DEFAULT_COLOR = "ededed"


def note(state: State, issue: Issue, actor: str, event: str, now: float, **data: Any) -> None:
    """Add a line to an issue's history."""
    state.put_event(
        IssueEvent(
            id=state.new_id("event"), repo=issue.repo, issue=issue.number,
            event=event, actor=actor, created_at=now, data=data,
        )
    )  # fmt: skip


def new_issue(
    state: State, repo: Repo, *, login: str, now: float, pull: bool = False, **fields: Any
) -> Issue:
    """Create an issue, or a pull request, with the repository's next number."""
    number = repo.info.next_number
    state.put_repo(replace(repo.info, next_number=number + 1))
    issue = Issue(
        id=state.new_id("issue"), repo=repo.info.id, number=number, user=login, pull=pull,
        created_at=now, updated_at=now, **fields,
    )  # fmt: skip
    state.put_issue(issue, now)
    for label in issue.labels:
        note(state, issue, login, "labeled", now, label=_label_data(repo.labels[label]))
    for assignee in issue.assignees:
        note(state, issue, login, "assigned", now, assignee=assignee)
    if issue.milestone is not None:
        _milestone_event(state, repo, issue, login, "milestoned", issue.milestone, now)
    return issue


def edit_issue(
    state: State, repo: Repo, issue: Issue, *, login: str, now: float, fields: Mapping[str, Any]
) -> Issue:
    """Replace fields of an issue, with the events that GitHub records; no change, no event."""
    changed = {name: value for name, value in fields.items() if getattr(issue, name) != value}
    if not changed:
        return issue
    if "title" in changed:
        note(
            state, issue, login, "renamed", now,
            rename={"from": issue.title, "to": changed["title"]},
        )  # fmt: skip
    if "labels" in changed:
        _label_events(state, repo, issue, changed["labels"], login, now)
    if "assignees" in changed:
        for gone in set(issue.assignees) - set(changed["assignees"]):
            note(state, issue, login, "unassigned", now, assignee=gone)
        for added in set(changed["assignees"]) - set(issue.assignees):
            note(state, issue, login, "assigned", now, assignee=added)
    if "milestone" in changed:
        if issue.milestone is not None:
            _milestone_event(state, repo, issue, login, "demilestoned", issue.milestone, now)
        if changed["milestone"] is not None:
            _milestone_event(state, repo, issue, login, "milestoned", changed["milestone"], now)
    return state.touch(issue.id, now, **changed)


def set_state(
    state: State, issue: Issue, *, login: str, now: float, to: str, reason: str | None
) -> Issue:
    """Close or reopen; closing for another reason closes anew.

    The docs (update an issue) say that the reason counts only when the state changes; others saw
    that a closed issue is closed again (microsoft/vscode-github-triage-actions#102).
    """
    if to == issue.state and (to == "open" or reason in (None, issue.state_reason)):
        return issue
    if to == "closed":
        note(state, issue, login, "closed", now, state_reason=reason)
        return state.touch(
            issue.id, now, state="closed", state_reason=reason or "completed",
            closed_at=now, closed_by=login,
        )  # fmt: skip
    note(state, issue, login, "reopened", now, state_reason=None)
    return state.touch(
        issue.id, now, state="open", state_reason="reopened", closed_at=None, closed_by=None
    )


def add_comment(
    state: State, repo: Repo, issue: Issue, *, login: str, now: float, body: str
) -> Comment:
    """Add a comment to an issue."""
    comment = state.put_comment(
        Comment(
            id=state.new_id("comment"), repo=repo.info.id, issue=issue.number, body=body,
            user=login, created_at=now, updated_at=now,
        )
    )  # fmt: skip
    state.touch(issue.id, now, comments=issue.comments + 1)
    return comment


def delete_comment(state: State, comment: Comment, now: float) -> None:
    """Delete a comment."""
    state.remove_comment(comment)
    issue = state.repos[comment.repo].issues[comment.issue]
    state.touch(issue.id, now, comments=issue.comments - 1)


# ------------------------------------------------------------------------- labels, assignees


def ensure_labels(
    state: State, repo: Repo, names: Iterable[str], *, may_create: bool
) -> tuple[int, ...]:
    """The ids of labels by name; unknown ones are made in grey, or dropped without the right."""
    ids: list[int] = []
    for name in names:
        label = repo.label_named(name)
        if label is None and may_create:
            label = new_label(state, repo, name=name, color=DEFAULT_COLOR, description=None)
        if label is not None and label.id not in ids:
            ids.append(label.id)
    if len(ids) > LABELS_PER_ISSUE:
        message = f"Issues can have at most {LABELS_PER_ISSUE} labels"
        raise invalid(field_error("Issue", "labels", "custom", message=message))
    return tuple(ids)


def check_label_names(names: Iterable[str]) -> None:
    """Refuse names that no label can have."""
    for name in names:
        if not name.strip():
            raise invalid(field_error("Label", "name", "missing_field"))
        if len(name) > LABEL_NAME_LIMIT:
            message = f"name is too long (maximum is {LABEL_NAME_LIMIT} characters)"
            raise invalid(field_error("Label", "name", "custom", message=message, value=name))


def new_label(state: State, repo: Repo, *, name: str, color: str, description: str | None) -> Label:
    """Make a label."""
    return state.put_label(
        Label(
            id=state.new_id("label"), repo=repo.info.id, name=name, color=color.lower(),
            description=description,
        )
    )  # fmt: skip


def assignable(state: State, repo: Repo) -> list[str]:
    """Who can be assigned: everybody with at least triage rights, by login."""
    logins = [
        user.login
        for user in state.users.values()
        if user.kind != "Organization" and state.role(repo, user.login) >= Role.TRIAGE
    ]
    return sorted(logins, key=str.casefold)


def check_assignees(state: State, repo: Repo, logins: Iterable[str]) -> tuple[str, ...]:
    """The canonical logins; one that is not assignable fails the whole request."""
    known = {login.casefold(): login for login in assignable(state, repo)}
    found: list[str] = []
    for login in logins:
        canonical = known.get(login.casefold())
        if canonical is None:
            raise invalid(field_error("Issue", "assignees", "invalid", value=login))
        if canonical not in found:
            found.append(canonical)
    if len(found) > ASSIGNEES_PER_ISSUE:
        message = f"Issues can have at most {ASSIGNEES_PER_ISSUE} assignees"
        raise invalid(field_error("Issue", "assignees", "custom", message=message))
    return tuple(found)


# ------------------------------------------------------------------------- sub-issues


def add_sub_issue(
    state: State, parent: Issue, child: Issue, *, login: str, now: float, replace_parent: bool
) -> Issue:
    """Make ``child`` a sub-issue of ``parent`` (docs: adding-sub-issues); returns the parent."""
    _check_sub_issue(state, parent, child, replace_parent=replace_parent)
    if child.parent is not None:
        remove_sub_issue(state, child, login=login, now=now)
        parent = state.issue_by_id(parent.id) or parent
    inherited = child.milestone
    if inherited is None and parent.milestone is not None and parent.repo == child.repo:
        inherited = parent.milestone
    state.touch(child.id, now, parent=parent.id, milestone=inherited)
    note(state, parent, login, "sub_issue_added", now)
    note(state, child, login, "parent_issue_added", now)
    return state.touch(parent.id, now, sub_issues=(*parent.sub_issues, child.id))


def remove_sub_issue(state: State, child: Issue, *, login: str, now: float) -> Issue | None:
    """Take an issue out of its parent's sub-issues; returns the parent."""
    parent = None if child.parent is None else state.issue_by_id(child.parent)
    state.touch(child.id, now, parent=None)
    if parent is None:
        return None
    note(state, parent, login, "sub_issue_removed", now)
    note(state, child, login, "parent_issue_removed", now)
    left = tuple(each for each in parent.sub_issues if each != child.id)
    return state.touch(parent.id, now, sub_issues=left)


def _check_sub_issue(state: State, parent: Issue, child: Issue, *, replace_parent: bool) -> None:
    if child.pull or parent.pull:
        raise _not_added("Sub issue must be an issue")
    if owner(state, parent) != owner(state, child):
        raise _not_added("Sub issue must belong to the same organization or user as its parent")
    if child.parent == parent.id or (child.parent is not None and not replace_parent):
        raise _not_added(
            "Issue may not contain duplicate sub-issues and Sub issue may only have one parent"
        )
    if len(parent.sub_issues) >= SUB_ISSUE_LIMIT:
        raise _not_added(f"Parent cannot have more than {SUB_ISSUE_LIMIT} sub-issues")
    above = _ancestors(state, parent)
    if child.id in above:
        raise _not_added("Sub issue cannot be an ancestor of its parent")
    if len(above) + _height(state, child) > LEVEL_LIMIT:
        raise _not_added(f"Sub-issues cannot be nested more than {LEVEL_LIMIT} levels deep")


def _not_added(reason: str) -> Problem:
    return Problem(
        422, f"An error occurred while adding the sub-issue to the parent issue. {reason}"
    )


def owner(state: State, issue: Issue) -> str:
    """The case-folded owner of the repository that an issue is in."""
    return state.repos[issue.repo].info.owner.casefold()


def depth(state: State, issue: Issue) -> int:
    """On which level an issue stands: 1 without a parent."""
    return len(_ancestors(state, issue))


def _ancestors(state: State, issue: Issue) -> list[int]:
    """The issue itself and everything above it."""
    found = [issue.id]
    while issue.parent is not None and issue.parent not in found:
        found.append(issue.parent)
        above = state.issue_by_id(issue.parent)
        if above is None:
            break
        issue = above
    return found


def _height(state: State, issue: Issue) -> int:
    below = [state.issue_by_id(each) for each in issue.sub_issues]
    return 1 + max((_height(state, child) for child in below if child is not None), default=0)


# ------------------------------------------------------------------------- dependencies


def add_blocker(state: State, issue: Issue, blocker: Issue, *, login: str, now: float) -> Issue:
    """Record that ``blocker`` blocks ``issue``; returns the blocked issue."""
    if blocker.id == issue.id:
        raise _no_edge("Issue cannot be blocked by itself")
    if blocker.pull or issue.pull:
        raise _no_edge("Target issue must be an issue")
    if blocker.id in issue.blocked_by:
        raise _no_edge("Target issue has already been taken")
    if len(issue.blocked_by) >= BLOCKER_LIMIT or len(blocker.blocking) >= BLOCKER_LIMIT:
        raise _no_edge(f"Issues cannot have more than {BLOCKER_LIMIT} dependencies of one kind")
    state.touch(blocker.id, now, blocking=(*blocker.blocking, issue.id))
    note(state, issue, login, "blocked_by_added", now)
    return state.touch(issue.id, now, blocked_by=(*issue.blocked_by, blocker.id))


def _no_edge(reason: str) -> Problem:
    return invalid(field_error("IssueDependency", "target_issue", "custom", message=reason))


def remove_blocker(state: State, issue: Issue, blocker_id: int, *, login: str, now: float) -> Issue:
    """Remove the edge; one that is not there is no error (GitHub answers 200)."""
    if blocker_id not in issue.blocked_by:
        return issue
    blocker = state.issue_by_id(blocker_id)
    if blocker is not None:
        state.touch(blocker_id, now, blocking=_without(blocker.blocking, issue.id))
    note(state, issue, login, "blocked_by_removed", now)
    return state.touch(issue.id, now, blocked_by=_without(issue.blocked_by, blocker_id))


def detach(state: State, issue: Issue, *, login: str, now: float) -> None:
    """Remove every relation of an issue that is about to go away."""
    if issue.parent is not None:
        remove_sub_issue(state, issue, login=login, now=now)
    for each in issue.sub_issues:
        child = state.issue_by_id(each)
        if child is not None:
            state.touch(each, now, parent=None)
    for each in issue.blocked_by:
        blocker = state.issue_by_id(each)
        if blocker is not None:
            state.touch(each, now, blocking=_without(blocker.blocking, issue.id))
    for each in issue.blocking:
        blocked = state.issue_by_id(each)
        if blocked is not None:
            state.touch(each, now, blocked_by=_without(blocked.blocked_by, issue.id))
    state.touch(issue.id, now, parent=None, sub_issues=(), blocked_by=(), blocking=())


def _without(ids: tuple[int, ...], gone: int) -> tuple[int, ...]:
    return tuple(each for each in ids if each != gone)


def _label_data(label: Label) -> dict[str, str]:
    return {"name": label.name, "color": label.color}


def _label_events(
    state: State, repo: Repo, issue: Issue, after: tuple[int, ...], login: str, now: float
) -> None:
    for gone in (each for each in issue.labels if each not in after and each in repo.labels):
        note(state, issue, login, "unlabeled", now, label=_label_data(repo.labels[gone]))
    for added in (each for each in after if each not in issue.labels):
        note(state, issue, login, "labeled", now, label=_label_data(repo.labels[added]))


def _milestone_event(
    state: State, repo: Repo, issue: Issue, login: str, event: str, number: int, now: float
) -> None:
    milestone = repo.milestones.get(number)
    if milestone is not None:
        note(state, issue, login, event, now, milestone={"title": milestone.title})
