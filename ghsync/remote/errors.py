"""What can go wrong with a request: one class per meaning, each with its next step.

Every class says by ``executed`` whether GitHub did what was asked: ``False`` for certainly not
(it may be sent again), ``None`` for not known (a create must be reconciled first).
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import ClassVar, Literal

from ghsync.errors import (
    AuthError,
    ExitCode,
    GhsyncError,
    RemoteProtocolError,
    RemoteUnavailableError,
    RepositoryError,
    StoppedError,
)
from ghsync.values import dataclass

_NO_HEADERS: Mapping[str, str] = MappingProxyType({})

PERMISSIONS_HINT = (
    "A fine-grained token or an app needs Issues: read and write and Metadata: read on this "
    "repository, a classic token the scope repo, GITHUB_TOKEN in Actions `permissions: issues: "
    "write`."
)


class ApiError(GhsyncError):
    """A request failed; ``request`` is its label, ``status`` is ``None`` without an answer."""

    exit_code = ExitCode.PARTIAL
    code = "api"
    executed: ClassVar[Literal[False] | None] = False

    def __init__(
        self,
        message: str,
        *,
        hint: str = "",
        request: str = "",
        status: int | None = None,
        headers: Mapping[str, str] = _NO_HEADERS,
        retry_after: float | None = None,
        transient: bool = False,
    ) -> None:
        super().__init__(message, hint=hint)
        self.request = request
        self.status = status
        self.headers: Mapping[str, str] = dict(headers)
        self.retry_after = retry_after
        """Seconds the server asked to wait before the next try."""
        self.transient = transient
        """The same request may well succeed in a moment."""

    @property
    def request_id(self) -> str | None:
        """GitHub's name for this request, which its support asks for."""
        return self.headers.get("x-github-request-id")


# ------------------------------------------------------------------------- answered


class BadRequest(ApiError):
    """A refusal without a class of its own (400, 405, 409, 413, 415 …)."""

    code = "bad_request"


class Unauthorized(ApiError, AuthError):
    """401: no token, or one that GitHub does not accept (any more)."""

    exit_code = ExitCode.AUTH
    code = "unauthorized"


class Forbidden(ApiError):
    """403 that is no limit: this one thing may not be done."""

    code = "forbidden"


class PermissionDenied(Forbidden, AuthError):
    """403: the token may not do this at all; every request like it will answer the same."""

    exit_code = ExitCode.AUTH
    code = "permission"


class RepositoryClosed(Forbidden, RepositoryError):
    """403 or 451: the repository is archived, or access to it is blocked."""

    exit_code = ExitCode.AUTH
    code = "repository"


class NotFound(ApiError):
    """404: not there, or not for this token's eyes."""

    code = "not_found"


class RepositoryNotFound(NotFound, RepositoryError):
    """404 to a question about the repository as a whole."""

    exit_code = ExitCode.AUTH
    code = "repository"


class Gone(ApiError):
    """410: deleted."""

    code = "gone"


class IssuesDisabled(Gone, RepositoryError):
    """410: the repository has no issues."""

    exit_code = ExitCode.AUTH
    code = "repository"


class Moved(ApiError):
    """A redirect, never followed by itself: an issue may have moved to another repository."""

    code = "moved"

    def __init__(self, message: str, *, location: str | None, **facts: object) -> None:
        super().__init__(message, **facts)  # type: ignore[arg-type]
        self.location = location


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldError:
    """One entry of a 422's ``errors``; plain strings become a ``message`` alone."""

    resource: str = ""
    field: str = ""
    code: str = ""
    message: str = ""
    value: object = None

    def __str__(self) -> str:
        """As a person would say it: ``assignees: octocat is not valid``."""
        if self.message:
            return self.message
        said = _CODES.get(self.code, self.code or "refused")
        shown = f" {self.value!r}" if isinstance(self.value, str | int) else ""
        return f"{self.field or self.resource or 'the request'}{shown} {said}"


_CODES: Mapping[str, str] = {
    "missing": "does not exist",
    "missing_field": "is missing",
    "invalid": "is not valid",
    "already_exists": "exists already",
    "unprocessable": "cannot be processed",
}


class Unprocessable(ApiError):
    """422: GitHub understood the request and refuses its content."""

    code = "unprocessable"

    def __init__(
        self, message: str, *, errors: tuple[FieldError, ...] = (), said: str = "", **facts: object
    ) -> None:
        super().__init__(message, **facts)  # type: ignore[arg-type]
        self.errors = errors
        self.said = said
        """The answer's own ``message``."""

    def mentions(self, words: str) -> bool:
        """True if the message or one of the errors holds these words, in any case."""
        folded = words.casefold()
        texts = (self.said, *(error.message for error in self.errors))
        return any(folded in text.casefold() for text in texts)

    def has(self, code: str, *, field: str | None = None, resource: str | None = None) -> bool:
        """True if one of the errors has this code (and field, and resource, in any case)."""
        return any(
            error.code == code
            and (field is None or error.field.casefold() == field)
            and (resource is None or error.resource.casefold() == resource)
            for error in self.errors
        )


class RateLimited(ApiError, StoppedError):
    """A limit turned the same request away again and again; nothing was executed."""

    exit_code = ExitCode.STOPPED
    code = "rate_limited"


# ------------------------------------------------------------- not (properly) answered


class NotSent(ApiError, RemoteUnavailableError):
    """No connection: not one byte of the request reached the server."""

    exit_code = ExitCode.STOPPED
    code = "unavailable"


class ServerTrouble(ApiError, RemoteUnavailableError):
    """408 or 5xx: the server failed, perhaps after it did what was asked."""

    exit_code = ExitCode.STOPPED
    code = "unavailable"
    executed = None


class Lost(ApiError, RemoteUnavailableError):
    """The request went out and no whole answer came back: timeout, reset, cut off."""

    exit_code = ExitCode.STOPPED
    code = "unavailable"
    executed = None


class BadAnswer(ApiError, RemoteProtocolError):
    """An answer that is not what GitHub's API would say: no JSON, or the wrong shape."""

    exit_code = ExitCode.STOPPED
    code = "protocol"
    executed = None


class UnknownOutcome(ApiError):
    """A create that may or may not have happened; reconcile before sending it again."""

    code = "unknown_outcome"
    executed = None

    def __init__(self, message: str, *, reason: str, **facts: object) -> None:
        super().__init__(message, **facts)  # type: ignore[arg-type]
        self.reason = reason
        """What was seen: ``502``, ``read timeout``, ``the answer was cut off`` …"""


# ------------------------------------------------------------------ recognised 422s
# Texts: reference notes on sub-issues, dependencies and validation; see docs/assumptions.md.


def already_sub_issue(error: ApiError) -> bool:
    """The child is this parent's already: adding it again changed nothing."""
    return isinstance(error, Unprocessable) and error.mentions("duplicate sub-issues")


def has_other_parent(error: ApiError) -> bool:
    """The child has another parent, and ``replace`` was not asked for."""
    return (
        isinstance(error, Unprocessable)
        and error.mentions("only have one parent")
        and not already_sub_issue(error)
    )


def too_many_sub_issues(error: ApiError) -> bool:
    """The parent has its 100 sub-issues."""
    return isinstance(error, Unprocessable) and error.mentions("more than 100 sub-issues")


def priority_taken(error: ApiError) -> bool:
    """Two sub-issues were added to one parent at once; this one was not, and may go again."""
    return isinstance(error, Unprocessable) and error.mentions("priority has already been taken")


def already_blocked_by(error: ApiError) -> bool:
    """The edge is there already: adding it again changed nothing."""
    return isinstance(error, Unprocessable) and error.mentions(
        "target issue has already been taken"
    )


def label_exists(error: ApiError) -> bool:
    """A label of this name (in any case) is there already."""
    return isinstance(error, Unprocessable) and error.has("already_exists", resource="label")


def milestone_exists(error: ApiError) -> bool:
    """A milestone of this title is there already, open or closed."""
    return isinstance(error, Unprocessable) and error.has("already_exists", resource="milestone")


def invalid_field(error: ApiError, field: str) -> bool:
    """GitHub refuses what was sent for this field of an issue."""
    return isinstance(error, Unprocessable) and (
        error.has("invalid", field=field) or error.has("missing", field=field)
    )


def invalid_assignees(error: ApiError) -> tuple[str, ...]:
    """The logins that GitHub refuses; empty if it names none (see :func:`invalid_field`)."""
    if not isinstance(error, Unprocessable):
        return ()
    found: list[str] = []
    for each in error.errors:
        if each.field.casefold() not in ("assignees", "assignee"):
            continue
        values = each.value if isinstance(each.value, list) else [each.value]
        found += [value for value in values if isinstance(value, str) and value]
    return tuple(dict.fromkeys(found))
