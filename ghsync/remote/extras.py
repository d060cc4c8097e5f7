"""Requests for what an issue carries beside its fields: issue fields, a lock, comments, a place.

Paths and costs as in :mod:`.requests`. GitHub's OpenAPI marks issue field values and the order of
sub-issues as content, and neither types, locks nor reading.
"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

from ghsync.model import IssueId, IssueNumber
from ghsync.remote.requests import (
    CONTENT,
    READ,
    WRITE,
    About,
    JsonValue,
    Request,
    Shape,
    field_values,
    issue_path,
    list_of,
    repo_path,
)


def list_issue_types(repo: str) -> Request:
    """The issue types of the repository's organization; 404 where a user owns it."""
    return Request(
        method="GET",
        path=f"{repo_path(repo)}/issue-types",
        cost=READ,
        idempotent=True,
        label=f"list the issue types of {repo}",
        shape=Shape.LIST,
    )


def list_issue_fields(org: str) -> Request:
    """The issue fields of an organization; 404 for a user, and on a server without them."""
    return Request(
        method="GET",
        path=f"/orgs/{quote(org, safe='')}/issue-fields",
        cost=READ,
        idempotent=True,
        label=f"list the issue fields of {org}",
        shape=Shape.LIST,
    )


def set_issue_fields(
    repo: str, number: IssueNumber, values: Sequence[tuple[int, JsonValue]]
) -> Request:
    """Set issue fields by their ids; those that are not named stay. Never with no values.

    An empty list would clear every field of the issue.
    """
    if not values:
        raise ValueError("no values: GitHub would clear all fields")
    return Request(
        method="POST",
        path=f"{issue_path(repo, number)}/issue-field-values",
        body={"issue_field_values": field_values(values)},
        cost=CONTENT,
        idempotent=True,
        label=f"set the fields of #{number}",
        about=About.ISSUE,
        shape=Shape.LIST,
    )


def clear_issue_field(repo: str, number: IssueNumber, field: int) -> Request:
    """Take the value of one issue field off an issue. Again: 404, nothing changes."""
    return Request(
        method="DELETE",
        path=f"{issue_path(repo, number)}/issue-field-values/{field}",
        cost=CONTENT,
        idempotent=True,
        label=f"clear a field of #{number}",
        about=About.ISSUE,
    )


def lock_issue(repo: str, number: IssueNumber) -> Request:
    """Lock the conversation of an issue; needs write access."""
    return _lock("PUT", repo, number)


def unlock_issue(repo: str, number: IssueNumber) -> Request:
    """Unlock the conversation of an issue; needs write access."""
    return _lock("DELETE", repo, number)


def _lock(method: str, repo: str, number: IssueNumber) -> Request:
    return Request(
        method="PUT" if method == "PUT" else "DELETE",
        path=f"{issue_path(repo, number)}/lock",
        cost=WRITE,
        idempotent=True,
        label=f"{'lock' if method == 'PUT' else 'unlock'} #{number}",
        about=About.ISSUE,
    )


def move_sub_issue(
    repo: str,
    parent: IssueNumber,
    child: IssueId,
    *,
    after: IssueId | None = None,
    before: IssueId | None = None,
) -> Request:
    """Give a sub-issue its place right after or right before another (all by database id)."""
    sent: dict[str, JsonValue] = {"sub_issue_id": child}
    if after is not None:
        sent["after_id"] = after
    elif before is not None:
        sent["before_id"] = before
    return Request(
        method="PATCH",
        path=f"{issue_path(repo, parent)}/sub_issues/priority",
        body=sent,
        cost=CONTENT,
        idempotent=True,
        label=f"order the sub-issues of #{parent}",
        about=About.ISSUE,
    )


def create_comment(repo: str, number: IssueNumber, body: str) -> Request:
    """Comment on an issue. Never idempotent."""
    return Request(
        method="POST",
        path=f"{issue_path(repo, number)}/comments",
        body={"body": body},
        cost=CONTENT,
        idempotent=False,
        label=f"comment on #{number}",
        about=About.ISSUE,
        shape=Shape.OBJECT,
    )


def update_comment(repo: str, comment: int, body: str) -> Request:
    """Replace the text of a comment, named by its id."""
    return Request(
        method="PATCH",
        path=f"{repo_path(repo)}/issues/comments/{int(comment)}",
        body={"body": body},
        cost=WRITE,
        idempotent=True,
        label="update a comment",
        shape=Shape.OBJECT,
    )


def list_comments(repo: str, number: IssueNumber, since: str | None = None) -> Request:
    """The comments of an issue; ``since`` (ISO 8601, UTC) is about ``updated_at``."""
    query = () if since is None else (("since", since),)
    path = f"{issue_path(repo, number)}/comments"
    return list_of(path, f"list the comments of #{number}", 100, *query, about=About.ISSUE)


def list_events(repo: str, number: IssueNumber) -> Request:
    """What happened to an issue, oldest first."""
    path = f"{issue_path(repo, number)}/events"
    return list_of(path, f"list the events of #{number}", 100, about=About.ISSUE)
