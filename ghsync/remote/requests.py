"""Requests to GitHub's REST API as values, each with what it costs and whether it may repeat.

Paths: GitHub's REST reference. Costs: a read 1 point, a write 5; ``content`` marks what GitHub's
OpenAPI marks as notifying, or warns about ("too quickly").
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from enum import Enum, auto
from types import MappingProxyType
from typing import Literal, TypeAlias
from urllib.parse import quote

from ghsync.errors import UsageError
from ghsync.model import Cost, IssueId, IssueNumber, State
from ghsync.values import dataclass

Method: TypeAlias = Literal["GET", "POST", "PATCH", "PUT", "DELETE"]
JsonValue: TypeAlias = (
    "str | int | float | bool | Sequence[JsonValue] | Mapping[str, JsonValue] | None"
)

READ = Cost(points=1)
WRITE = Cost(points=5)
CONTENT = Cost(points=5, content=True)

_LABEL_LIMIT = 60
_SLUG = re.compile(r"[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+")


class About(Enum):
    """What a 404 or 410 to this request is about."""

    REPOSITORY = auto()
    ISSUE = auto()
    OTHER = auto()


class Shape(Enum):
    """What a successful answer must be, or it is no answer."""

    ANY = auto()
    OBJECT = auto()
    LIST = auto()
    ISSUE = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One request, before it knows its host.

    ``path`` starts with ``/`` and is percent-encoded; where :func:`follow` made the request, it is
    the whole URL that an answer gave, ``given``.
    ``idempotent``: sending it twice leaves GitHub as sending it once does (a repeat may answer
    with a 422 that :mod:`ghsync.remote.errors` recognises), so the client may send it again
    after an unclear failure. ``label`` completes "could not …".
    """

    method: Method
    path: str
    query: tuple[tuple[str, str], ...] = ()
    body: Mapping[str, JsonValue] | None = None
    cost: Cost
    idempotent: bool
    label: str
    headers: tuple[tuple[str, str], ...] = ()
    about: About = About.OTHER
    shape: Shape = Shape.ANY
    given: bool = False
    urgent: bool = False
    """Does not stand in the gate's line: what keeps a lock cannot wait behind an hour's creates."""


def check_repo(repo: str) -> str:
    """Return ``owner/name`` as it is, or raise :class:`UsageError`."""
    if not _SLUG.fullmatch(repo) or any(part in (".", "..") for part in repo.split("/")):
        raise UsageError(
            f"{repo!r} is not a repository's name", hint="Write it as OWNER/NAME: --repo octo/site."
        )
    return repo


def conditional(request: Request, etag: str | None) -> Request:
    """Ask for an answer only if it changed since ``etag`` (else a 304, free of charge)."""
    if not etag:
        return request
    return replace(request, headers=(*request.headers, ("If-None-Match", etag)))


def follow(url: str, *, like: Request) -> Request:
    """Read the URL that an answer to ``like`` gave; the client checks that it is its own host."""
    return replace(like, path=url, query=(), headers=(), given=True)


def encode(request: Request) -> bytes | None:
    """The body as JSON in UTF-8; half a surrogate pair, which UTF-8 lacks, is left escaped."""
    if request.body is None:
        return None
    body = dict(request.body)
    try:
        return json.dumps(body, ensure_ascii=False, allow_nan=False).encode()
    except UnicodeEncodeError:
        return json.dumps(body, allow_nan=False).encode()


# --------------------------------------------------------------------- server and repo


def get_repo(repo: str) -> Request:
    """The repository, its features and this token's permissions."""
    return _read(repo_path(repo), f"read the repository {repo}", About.REPOSITORY, Shape.OBJECT)


def get_user() -> Request:
    """Who the token belongs to (an app's token has no user: 403)."""
    return _read("/user", "read the token's user", About.OTHER, Shape.OBJECT)


def get_rate_limit() -> Request:
    """The primary budgets; 404 on a server without limits."""
    return _read("/rate_limit", "read the rate limits", About.OTHER, Shape.OBJECT)


def list_labels(repo: str, *, page_size: int = 100) -> Request:
    """All labels."""
    return list_of(f"{repo_path(repo)}/labels", f"list the labels of {repo}", page_size)


def create_label(repo: str, name: str, color: str, description: str = "") -> Request:
    """Make a label; ``color`` is six hex digits. Again: 422 ``already_exists``."""
    body: dict[str, JsonValue] = {"name": name, "color": color.lstrip("#")}
    if description:
        body["description"] = description
    return Request(
        method="POST",
        path=f"{repo_path(repo)}/labels",
        body=body,
        cost=WRITE,
        idempotent=True,
        label=f"create the label {_clip(name)}",
        about=About.REPOSITORY,
        shape=Shape.OBJECT,
    )


def get_label(repo: str, name: str) -> Request:
    """One label, in any case of its name."""
    label = f"read the label {_clip(name)}"
    return _read(_label(repo, name), label, About.OTHER, Shape.OBJECT)


def update_label(
    repo: str, name: str, *, new_name: str | None = None, description: str | None = None
) -> Request:
    """Change a label. A ``new_name`` that another label has: 422 ``already_exists``."""
    body: dict[str, JsonValue] = {}
    if new_name is not None:
        body["new_name"] = new_name
    if description is not None:
        body["description"] = description
    return Request(
        method="PATCH",
        path=_label(repo, name),
        body=body,
        cost=WRITE,
        idempotent=True,
        label=f"update the label {_clip(name)}",
        shape=Shape.OBJECT,
    )


def delete_label(repo: str, name: str, *, again: bool = True) -> Request:
    """Delete a label, also off every issue. Again: 404.

    ``again=False`` where somebody may have made a new label of that name in between, which a
    repeat would delete: then an unclear outcome is the caller's.
    """
    return Request(
        method="DELETE",
        path=_label(repo, name),
        cost=WRITE,
        idempotent=again,
        label=f"delete the label {_clip(name)}",
    )


def list_milestones(
    repo: str, *, state: Literal["open", "closed", "all"] = "all", page_size: int = 100
) -> Request:
    """All milestones; GitHub's own default leaves the closed ones out."""
    path = f"{repo_path(repo)}/milestones"
    return list_of(path, f"list the milestones of {repo}", page_size, ("state", state))


def create_milestone(
    repo: str, title: str, *, due: str | None = None, description: str = ""
) -> Request:
    """Make a milestone. Again: 422 ``already_exists``.

    ``due`` is a day (``YYYY-MM-DD``), sent as its noon, which is the same day in GitHub's own
    time zone.
    """
    body: dict[str, JsonValue] = {"title": title}
    if due is not None:
        body["due_on"] = f"{due}T12:00:00Z"
    if description:
        body["description"] = description
    return Request(
        method="POST",
        path=f"{repo_path(repo)}/milestones",
        body=body,
        cost=WRITE,
        idempotent=True,
        label=f"create the milestone {_clip(title)}",
        about=About.REPOSITORY,
        shape=Shape.OBJECT,
    )


def list_assignees(repo: str, *, page_size: int = 100) -> Request:
    """Everybody who can be assigned."""
    return list_of(f"{repo_path(repo)}/assignees", f"list who can be assigned in {repo}", page_size)


# ------------------------------------------------------------------------------ issues


def list_issues(
    repo: str,
    since: str | None = None,
    *,
    sort: Literal["created", "updated"] = "created",
    direction: Literal["asc", "desc"] = "asc",
    creator: str | None = None,
    page_size: int = 100,
) -> Request:
    """All issues, open and closed; the answer holds pull requests too.

    ``since`` (ISO 8601, UTC) is about ``updated_at``. Oldest first by default, so that an issue
    that is made while pages are read moves none of the others to a page that was read already.
    """
    query = [("state", "all"), ("sort", sort), ("direction", direction)]
    if since is not None:
        query.append(("since", since))
    if creator is not None:
        query.append(("creator", creator))
    return list_of(f"{repo_path(repo)}/issues", f"list the issues of {repo}", page_size, *query)


def get_issue(repo: str, number: IssueNumber) -> Request:
    """One issue (or pull request: they share the numbers)."""
    return _read(issue_path(repo, number), f"read #{number}", About.ISSUE, Shape.ISSUE)


def create_issue(
    repo: str,
    *,
    title: str,
    body: str,
    labels: Sequence[str] = (),
    assignees: Sequence[str] = (),
    milestone: int | None = None,
    parent_issue_id: IssueId | None = None,
    type: str | None = None,
    fields: Sequence[tuple[int, JsonValue]] = (),
) -> Request:
    """Make an issue. Never idempotent: GitHub has no key that would make a repeat harmless.

    ``milestone`` (a number) is sent even when ``None``: a sub-issue would else inherit its
    parent's. ``parent_issue_id`` is the parent's database id; servers that predate it ignore it.
    ``fields`` are values by the ids of issue fields; dropped in silence where there are none.
    """
    sent: dict[str, JsonValue] = {
        "title": title,
        "body": body,
        "labels": list(labels),
        "assignees": list(assignees),
    }
    if milestone is not None or parent_issue_id is not None:
        sent["milestone"] = milestone
    if parent_issue_id is not None:
        sent["parent_issue_id"] = parent_issue_id
    if type is not None:
        sent["type"] = type
    if fields:
        sent["issue_field_values"] = field_values(fields)
    return Request(
        method="POST",
        path=f"{repo_path(repo)}/issues",
        body=sent,
        cost=CONTENT,
        idempotent=False,
        label=f"create the issue {_clip(title)}",
        # With a parent, a 404 can be about the parent's id.
        about=About.REPOSITORY if parent_issue_id is None else About.OTHER,
        shape=Shape.ISSUE,
    )


def field_values(fields: Sequence[tuple[int, JsonValue]]) -> list[JsonValue]:
    """Values of issue fields as GitHub takes them."""
    return [{"field_id": field, "value": value} for field, value in fields]


def update_issue(
    repo: str,
    number: IssueNumber,
    changes: Mapping[str, JsonValue],
) -> Request:
    """Set fields of an issue; ``labels`` and ``assignees`` replace the whole set.

    ``changes`` is the API's own mapping: ``title``, ``body``, ``labels``, ``assignees``,
    ``milestone`` (a number or ``None``), ``type`` (a name or ``None``), ``state`` and, ignored
    unless the state changes, ``state_reason``.
    """
    verb = "update"
    if set(changes) <= {"state", "state_reason"}:
        verb = "close" if changes.get("state") == State.CLOSED else "reopen"
    return Request(
        method="PATCH",
        path=issue_path(repo, number),
        body=MappingProxyType(dict(changes)),
        cost=WRITE,
        idempotent=True,
        label=f"{verb} #{number}",
        about=About.ISSUE,
        shape=Shape.ISSUE,
    )


# ------------------------------------------------------------- sub-issues, dependencies


def list_sub_issues(repo: str, number: IssueNumber, *, page_size: int = 100) -> Request:
    """The sub-issues of an issue."""
    path = f"{issue_path(repo, number)}/sub_issues"
    return list_of(path, f"list the sub-issues of #{number}", page_size, about=About.ISSUE)


def add_sub_issue(
    repo: str, parent: IssueNumber, child: IssueId, *, replace: bool = False
) -> Request:
    """Put an issue (its database id) under a parent. Again: a 422, ``already_sub_issue``."""
    sent: dict[str, JsonValue] = {"sub_issue_id": child}
    if replace:
        sent["replace_parent"] = True
    return Request(
        method="POST",
        path=f"{issue_path(repo, parent)}/sub_issues",
        body=sent,
        cost=CONTENT,
        idempotent=True,
        label=f"add a sub-issue to #{parent}",
        about=About.ISSUE,
    )


def remove_sub_issue(repo: str, parent: IssueNumber, child: IssueId) -> Request:
    """Take an issue (its database id) out of its parent. Again: 404 or 422, nothing changes."""
    return Request(
        method="DELETE",
        path=f"{issue_path(repo, parent)}/sub_issue",
        body={"sub_issue_id": child},
        cost=CONTENT,
        idempotent=True,
        label=f"remove a sub-issue from #{parent}",
        about=About.ISSUE,
    )


def list_blocked_by(repo: str, number: IssueNumber, *, page_size: int = 100) -> Request:
    """The issues that block this one; they can be in other repositories."""
    path = f"{issue_path(repo, number)}/dependencies/blocked_by"
    return list_of(path, f"list what blocks #{number}", page_size, about=About.ISSUE)


def add_blocked_by(repo: str, number: IssueNumber, blocker: IssueId) -> Request:
    """Record a blocker by its database id (a number would silently name a foreign issue)."""
    return Request(
        method="POST",
        path=f"{issue_path(repo, number)}/dependencies/blocked_by",
        body={"issue_id": blocker},
        cost=CONTENT,
        idempotent=True,
        label=f"record what blocks #{number}",
        about=About.ISSUE,
    )


def remove_blocked_by(repo: str, number: IssueNumber, blocker: IssueId) -> Request:
    """Remove a blocker by its database id; an edge that is not there answers 200."""
    return Request(
        method="DELETE",
        path=f"{issue_path(repo, number)}/dependencies/blocked_by/{int(blocker)}",
        cost=CONTENT,
        idempotent=True,
        label=f"remove what blocks #{number}",
        about=About.ISSUE,
    )


# ----------------------------------------------------------------------------- helpers


def repo_path(repo: str) -> str:
    """The path of a repository."""
    owner, name = check_repo(repo).split("/")
    return f"/repos/{quote(owner, safe='')}/{quote(name, safe='')}"


def _label(repo: str, name: str) -> str:
    return f"{repo_path(repo)}/labels/{quote(name, safe='')}"


def issue_path(repo: str, number: IssueNumber) -> str:
    """The path of an issue."""
    return f"{repo_path(repo)}/issues/{int(number)}"


def _clip(text: str) -> str:
    """A name as a label's last word: printable, quoted, not too long."""
    plain = "".join(c if c.isprintable() else " " for c in text)
    if len(plain) > _LABEL_LIMIT:
        plain = plain[: _LABEL_LIMIT - 1] + "…"
    return f"“{plain}”"


def _read(path: str, label: str, about: About, shape: Shape) -> Request:
    return Request(
        method="GET", path=path, cost=READ, idempotent=True, label=label, about=about, shape=shape
    )


def list_of(
    path: str,
    label: str,
    page_size: int,
    *query: tuple[str, str],
    about: About = About.REPOSITORY,
) -> Request:
    """The first page of a list; the others are found by the answer's ``Link``."""
    first = _read(path, label, about, Shape.LIST)
    return replace(first, query=(*query, ("per_page", str(page_size))))
