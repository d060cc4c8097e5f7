"""How a request ends, for its caller and for the audit trail."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import assert_never

from ghsync.model import Issue
from ghsync.remote.wire import (
    ApiError,
    Decoded,
    Failed,
    Limited,
    NotModified,
    Ok,
    RateLimited,
    Request,
    Response,
    UnknownOutcome,
)
from ghsync.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A successful answer; ``data`` is its JSON, ``None`` for a 204 or 304."""

    status: int
    data: object
    headers: Mapping[str, str]
    next: str | None = None
    issue: Issue | None = None
    """The data as an issue, where one was asked for and came."""

    @property
    def etag(self) -> str | None:
        """What :func:`~ghsync.remote.wire.conditional` takes; tied to this token."""
        return self.headers.get("etag")

    @property
    def request_id(self) -> str | None:
        """GitHub's name for this request."""
        return self.headers.get("x-github-request-id")


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestLog:
    """One line of the audit trail: one sending of one request, without secrets."""

    at: float
    """When it was sent, epoch seconds."""
    label: str
    method: str
    path: str
    status: int | None
    request_id: str | None
    attempt: int
    waited: float
    """Seconds at the gate before it was sent."""
    seconds: float
    error: str | None

    def as_line(self) -> dict[str, object]:
        """The fields by name, in their order."""
        return {name: getattr(self, name) for name in _FIELDS}


_FIELDS = tuple(field.name for field in fields(RequestLog))


def settled(error: ApiError, request: Request) -> ApiError:
    """Turn what is not clear about a create into :class:`UnknownOutcome`."""
    if request.idempotent or error.executed is False:
        return error
    reason = error.message.rpartition(f"{request.label}: ")[2]
    return UnknownOutcome(
        f"it is not known whether this was done: {request.label} ({reason})",
        hint="Nothing is sent twice: the next run looks on GitHub first.",
        reason=reason,
        request=error.request,
        status=error.status,
        headers=error.headers,
    )


def gave_up(request: Request, limited: Limited, response: Response, *, times: int) -> RateLimited:
    """The error for a request that a limit turned away too often."""
    kind = "primary" if limited.primary else "secondary"
    said = f": {limited.message}" if limited.message else ""
    return RateLimited(
        f"could not {request.label}: turned away {times} times by a {kind} rate limit{said}",
        hint="Run the same command again later; what is done stays done.",
        request=request.label,
        status=response.status,
        headers=response.headers,
        retry_after=limited.headers.retry_after,
    )


def in_short(decoded: Decoded) -> str | None:
    """What the audit line says of an outcome; ``None`` for a good one."""
    match decoded:
        case Ok() | NotModified():
            return None
        case Limited(primary=primary, message=message):
            return f"{'primary' if primary else 'secondary'} limit: {message}"
        case Failed(error=error):
            return error.message
        case _:
            assert_never(decoded)
