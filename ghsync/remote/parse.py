"""GitHub's JSON as values of the model; anything else is a :class:`BadAnswer`, never a crash.

Field names: GitHub's OpenAPI (``issue``, ``repository``, ``label``, ``milestone``).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from ghsync.model import (
    FieldKind,
    HeldField,
    Issue,
    IssueField,
    IssueId,
    IssueNumber,
    Label,
    Milestone,
    Repo,
    RepoId,
    State,
    Uid,
)
from ghsync.patterns import regex
from ghsync.remote.errors import BadAnswer
from ghsync.render import split
from ghsync.values import dataclass

_ISSUE_URL = regex(r"/repos/([^/?#]+/[^/?#]+)/issues/([1-9][0-9]{0,17})/?\Z")
_REPO_URL = regex(r"/repos/([^/?#]+/[^/?#]+)/?\Z")
_SLUG = regex(r"[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+")
_KINDS = frozenset(kind.value for kind in FieldKind)
_SURROGATE = regex("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueRef:
    """Which issue an answer speaks of; ``repo`` is ``owner/name``, ``None`` if it is not said."""

    repo: str | None
    number: IssueNumber
    id: IssueId


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentRef:
    """Which comment an answer speaks of."""

    uid: Uid | None
    """The uid in its marker."""
    html_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PostedComment:
    """A comment as anybody can have written it."""

    id: int
    body: str
    author: str
    """The login; empty where the account is gone."""
    by_app: bool
    """Whether an app's account wrote it."""
    html_url: str


_BLANKS = regex(r"\A(?:[ \t]*\n)+")
"""Blank lines above a text, for which no file has a place: without them a pull is in step."""


def parse_issue(data: object, *, request: str = "") -> Issue | None:
    """Read an issue; ``None`` for a pull request. Raises :class:`BadAnswer`.

    A parent in another repository (GitHub allows one of the same owner) is left out: the model's
    numbers are this repository's.
    """
    issue = _object(data, "an issue", request)
    if issue.get("pull_request") is not None:
        return None
    text, marker = split(_text(issue.get("body"), "body", request, default=""))
    reason = issue.get("state_reason")
    return Issue(
        number=IssueNumber(_positive(issue.get("number"), "number", request)),
        id=IssueId(_positive(issue.get("id"), "id", request)),
        title=_text(issue.get("title"), "title", request),
        body=_BLANKS.sub("", text, count=1),
        state=_state(issue.get("state"), request),
        state_reason=reason.lower() if isinstance(reason, str) else None,
        labels=_names(issue.get("labels"), "name", request),
        assignees=_names(issue.get("assignees"), "login", request),
        milestone=_milestone_title(issue.get("milestone"), request),
        parent=_parent(issue),
        children_total=_count(issue.get("sub_issues_summary"), "total"),
        blocked_by_total=_blocked_by_total(issue.get("issue_dependencies_summary")),
        uid=None if marker is None else marker.uid,
        marker_key=None if marker is None else marker.key,
        stranger=None if marker is None else _stranger(issue),
        locked=issue.get("locked") is True,
        type=_type_name(issue.get("type"), request),
        fields=_held(issue.get("issue_field_values"), request),
        updated_at=_text(issue.get("updated_at"), "updated_at", request, default=""),
        html_url=_web_url(issue.get("html_url")),
    )


def parse_ref(data: object, *, request: str = "") -> IssueRef:
    """Read only which issue this is; a list of blockers can name other repositories' issues."""
    issue = _object(data, "an issue", request)
    return IssueRef(
        repo=issue_repository(issue),
        number=IssueNumber(_positive(issue.get("number"), "number", request)),
        id=IssueId(_positive(issue.get("id"), "id", request)),
    )


def issue_repository(data: object) -> str | None:
    """The ``owner/name`` an issue says it is in, to see that it was not transferred."""
    if not isinstance(data, Mapping):
        return None
    for field, pattern in (("repository_url", _REPO_URL), ("url", _ISSUE_URL)):
        url = data.get(field)
        found = pattern.search(url) if isinstance(url, str) else None
        if found is not None:
            return found[1]
    return None


def ref_of_url(url: str) -> IssueRef | None:
    """Which issue an address of the API names, where it names the repository and not its id."""
    found = _ISSUE_URL.search(url)
    if found is None:
        return None
    return IssueRef(repo=found[1], number=IssueNumber(int(found[2])), id=IssueId(0))


def parse_repo(data: object, *, request: str = "") -> Repo:
    """Read a repository; where nothing says what the token may do, everything seems allowed.

    An app's token gets no ``permissions``, or false for each role, ``pull`` too, though it reads
    (https://github.com/lindell/multi-gitter/issues/334).
    """
    repo = _object(data, "a repository", request)
    name = _text(repo.get("full_name"), "full_name", request)
    if not _SLUG.fullmatch(name):
        raise _bad("full_name", "owner/name", name, request)
    permissions = repo.get("permissions")
    allowed = permissions if isinstance(permissions, Mapping) else {"pull": False}
    known = allowed.get("pull") is not False
    push = any(allowed.get(role) is True for role in ("push", "maintain", "admin"))
    return Repo(
        id=RepoId(_positive(repo.get("id"), "id", request)),
        full_name=name,
        archived=repo.get("archived") is True,
        has_issues=repo.get("has_issues") is not False,
        push=push or not known,
        triage=push or allowed.get("triage") is True or not known,
        permissions_known=known,
        forked_from=tuple(
            found for name in ("parent", "source") if (found := _repo_id(repo.get(name)))
        ),
        made_from=_repo_id(repo.get("template_repository")),
    )


def _repo_id(data: object) -> RepoId | None:
    """The id of a repository that another one names; ``None`` where there is none to read."""
    found = data.get("id") if isinstance(data, Mapping) else None
    return RepoId(found) if isinstance(found, int) and not isinstance(found, bool) else None


def parse_label(data: object, *, request: str = "") -> Label:
    """Read a label of the repository."""
    label = _object(data, "a label", request)
    return Label(
        name=_text(label.get("name"), "name", request),
        color=_text(label.get("color"), "color", request, default=""),
        description=_text(label.get("description"), "description", request, default=""),
    )


def parse_milestone(data: object, *, request: str = "") -> Milestone:
    """Read a milestone of the repository."""
    milestone = _object(data, "a milestone", request)
    return Milestone(
        number=_positive(milestone.get("number"), "number", request),
        title=_text(milestone.get("title"), "title", request),
        state=_state(milestone.get("state"), request),
    )


def parse_issue_type(data: object, *, request: str = "") -> str | None:
    """Read the name of an issue type; ``None`` for one that is switched off."""
    kind = _object(data, "an issue type", request)
    if kind.get("is_enabled") is False:
        return None
    return _text(kind.get("name"), "name", request)


def parse_issue_field(data: object, *, request: str = "") -> IssueField | None:
    """Read the definition of an issue field; ``None`` for a kind that is not known here."""
    field = _object(data, "an issue field", request)
    kind = _field_kind(field.get("data_type"))
    if kind is None:
        return None
    return IssueField(
        id=_positive(field.get("id"), "id", request),
        name=_text(field.get("name"), "name", request),
        kind=kind,
        options=_names(field.get("options"), "name", request),
    )


def parse_field_values(data: object, *, request: str = "") -> tuple[HeldField, ...]:
    """Read the values of issue fields, sorted by name."""
    if not isinstance(data, list):
        raise _bad("a list of field values", "a list", data, request)
    found = [_field_value(_object(each, "a field value", request), request) for each in data]
    return tuple(sorted((f for f in found if f is not None), key=lambda f: f.name.casefold()))


def parse_comment(data: object, *, request: str = "") -> CommentRef:
    """Read which comment of ghsync's this is, if it is one."""
    comment = _object(data, "a comment", request)
    _, marker = split(_text(comment.get("body"), "body", request, default=""))
    return CommentRef(
        uid=None if marker is None else marker.uid, html_url=_web_url(comment.get("html_url"))
    )


def parse_posted(data: object, *, request: str = "") -> PostedComment:
    """Read a whole comment, and who wrote it."""
    comment = _object(data, "a comment", request)
    user = comment.get("user")
    author = _object(user, "user", request) if user is not None else {}
    return PostedComment(
        id=_positive(comment.get("id"), "id", request),
        body=_text(comment.get("body"), "body", request, default=""),
        author=_text(author.get("login"), "user.login", request, default=""),
        by_app=author.get("type") == "Bot",
        html_url=_web_url(comment.get("html_url")),
    )


def parse_event(data: object, *, request: str = "") -> str:
    """Read the word of an event in an issue's history."""
    return _text(_object(data, "an event", request).get("event"), "event", request, default="")


def parse_login(data: object, *, request: str = "") -> str:
    """Read a user's login."""
    return _text(_object(data, "a user", request).get("login"), "login", request)


# ----------------------------------------------------------------------------- helpers


_OWN = frozenset({"OWNER", "MEMBER", "COLLABORATOR", "MANNEQUIN"})
"""Of ``author_association``; a mannequin stands for an author whom a migration brought along."""


def _stranger(issue: Mapping[str, object]) -> str | None:
    """Who opened it, if that is nobody of the repository's; an app was let in by its owner."""
    said, user = issue.get("author_association"), issue.get("user")
    author = user if isinstance(user, Mapping) else {}
    if not isinstance(said, str) or said in _OWN or author.get("type") == "Bot":
        return None
    login = author.get("login")
    return _clean(login) if isinstance(login, str) and login else "ghost"


def _parent(issue: Mapping[str, object]) -> IssueNumber | None:
    url = issue.get("parent_issue_url")
    found = _ISSUE_URL.search(url) if isinstance(url, str) else None
    here = issue_repository(issue)
    if found is None or here is None or found[1].casefold() != here.casefold():
        return None
    return IssueNumber(int(found[2]))


def _blocked_by_total(summary: object) -> int:
    """The count with closed blockers; the older field counts the open ones alone."""
    return _count(summary, "total_blocked_by", "blocked_by")


def _count(summary: object, *fields: str) -> int:
    """The first of these fields of a summary that is a count; 0 where none is."""
    if not isinstance(summary, Mapping):
        return 0
    for field in fields:
        count = summary.get(field)
        if isinstance(count, int) and count >= 0:
            return int(count)
    return 0


def _milestone_title(data: object, request: str) -> str | None:
    """A milestone's title, given as an object or, by some servers' echo, as plain text."""
    if isinstance(data, str):
        return _clean(data) or None
    if not isinstance(data, Mapping):
        return None  # a number, as in the request: it does not say the title
    return _text(data.get("title"), "milestone.title", request)


def _type_name(data: object, request: str) -> str | None:
    """The name of an issue's type, given as an object or as plain text."""
    if data is None or isinstance(data, str):
        return data or None
    return _text(_object(data, "a type", request).get("name"), "type.name", request)


def _held(data: object, request: str) -> tuple[HeldField, ...] | None:
    """An issue's field values; ``None`` where the server says nothing of any."""
    return parse_field_values(data, request=request) if isinstance(data, list) else None


def _field_kind(data: object) -> FieldKind | None:
    return FieldKind(data) if isinstance(data, str) and data in _KINDS else None


def _field_value(data: Mapping[str, object], request: str) -> HeldField | None:
    """One value; ``None`` without a name or a value, or of a kind that is not known here."""
    kind, name, value = _field_kind(data.get("data_type")), data.get("issue_field_name"), None
    option, options = data.get("single_select_option"), data.get("multi_select_options")
    match kind:
        case FieldKind.SINGLE_SELECT if isinstance(option, Mapping):
            value = option.get("name")
        case FieldKind.MULTI_SELECT if options:
            value = ", ".join(_names(options, "name", request))
        case _:
            value = data.get("value")
    if kind is None or not isinstance(name, str) or value is None or isinstance(value, bool):
        return None
    shown = f"{value:.15g}" if isinstance(value, int | float) else str(value)
    return HeldField(name=_clean(name), kind=kind, value=_clean(shown)) if shown else None


def _names(data: object, field: str, request: str) -> tuple[str, ...]:
    """Names of labels or users, given as objects or as plain strings, in GitHub's order."""
    if data is None:
        return ()
    if not isinstance(data, list):
        raise _bad(f"a list of {field}s", "a list", data, request)
    found = [each.get(field) if isinstance(each, Mapping) else each for each in data]
    return tuple(dict.fromkeys(_clean(each) for each in found if isinstance(each, str) and each))


def _state(data: object, request: str) -> State:
    word = data.lower() if isinstance(data, str) else None
    if word not in ("open", "closed"):
        raise _bad("state", "open or closed", data, request)
    return State(word)


def _web_url(data: object) -> str:
    """A link that can be shown: http(s), without anything a terminal could take as a command."""
    if isinstance(data, str) and data.startswith(("https://", "http://")) and data.isprintable():
        return _clean(data)
    return ""


def _object(data: object, what: str, request: str) -> Mapping[str, object]:
    if not isinstance(data, Mapping):
        raise _bad(what, "an object", data, request)
    return cast("Mapping[str, object]", data)


def _positive(data: object, field: str, request: str) -> int:
    if isinstance(data, bool) or not isinstance(data, int) or not 0 < data < 2**63:
        raise _bad(field, "a positive whole number", data, request)
    return data


def _text(data: object, field: str, request: str, *, default: str | None = None) -> str:
    if isinstance(data, str):
        return _clean(data)
    if data is None and default is not None:
        return default
    raise _bad(field, "text", data, request)


def _clean(text: str) -> str:
    """Replace half surrogate pairs, which JSON can spell and UTF-8 cannot."""
    return text if text.isascii() else _SURROGATE.sub("\ufffd", text)


def _bad(field: str, wanted: str, got: object, request: str) -> BadAnswer:
    about = f"could not {request}: " if request else ""
    return BadAnswer(
        f"{about}the answer's {field} is not {wanted} but {_shown(got)}",
        hint="Check that GITHUB_API_URL is a GitHub API (GHES: https://HOST/api/v3).",
        request=request,
    )


def _shown(data: object) -> str:
    match data:
        case None:
            return "missing"
        case bool() | int() | float():
            return repr(data)[:40]
        case str():
            return repr(data[:40])
        case list():
            return "a list"
        case Mapping():
            return "an object"
        case _:
            return type(data).__name__
