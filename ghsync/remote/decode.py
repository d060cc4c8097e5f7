"""What an answer means: status, headers and bytes in, one of four outcomes out.

Total: whatever a server, a proxy or a broken line sends, :func:`decode` returns an outcome.
Rules for limits: docs.github.com, "Rate limits for the REST API", and the texts that clients in
the field match on (``docs/assumptions.md``).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import field
from typing import TypeAlias, assert_never

from ghsync.limiter import Headers
from ghsync.model import Issue
from ghsync.remote import explain
from ghsync.remote.errors import ApiError, BadAnswer
from ghsync.remote.headers import next_link, parse_headers
from ghsync.remote.parse import parse_issue, parse_ref
from ghsync.remote.requests import Request, Shape
from ghsync.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """An answer as it came; header names in lower case, the body decompressed."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ok:
    """Done; ``data`` is the JSON, ``None`` for an empty body."""

    status: int
    data: object
    next: str | None = None
    issue: Issue | None = None
    """The data as an issue, where one was asked for and came."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NotModified:
    """304: what the ETag stood for is still true."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limited:
    """A limit turned the request away: not executed, to be sent again when the gate says so."""

    primary: bool
    message: str
    headers: Headers


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """Refused, moved, broken, or not understood."""

    error: ApiError


Decoded: TypeAlias = Ok | NotModified | Limited | Failed


def decode(response: Response, request: Request, *, now: float | None = None) -> Decoded:
    """Say what an answer means; ``now`` serves a ``retry-after`` that is a date. Never raises."""
    try:
        data, readable = json_of(response.body), True
    except ValueError:
        data, readable = None, False
    limit = _limit(response, data, request)
    if limit is not None:
        headers = parse_headers(response.headers, now=now)
        return Limited(primary=limit, message=explain.message_of(data), headers=headers)
    if response.status == 304:
        return NotModified()
    if not 200 <= response.status < 300:
        headers = parse_headers(response.headers, now=now)
        error = explain.error(response.status, response.headers, data, headers, request)
        return Failed(error=error)
    if not readable:
        return Failed(error=_unreadable(response, request))
    if request.shape is Shape.ISSUE:
        issue = _as_issue(data, response, request)
        if isinstance(issue, BadAnswer):
            return Failed(error=issue)
        return Ok(status=response.status, data=data, issue=issue)
    wrong = _misshapen(data, response, request)
    if wrong is not None:
        return Failed(error=wrong)
    return Ok(status=response.status, data=data, next=next_link(response.headers))


def json_of(body: bytes) -> object:
    """Read JSON strictly (no NaN, UTF-8 only); empty is ``None``. Raises :class:`ValueError`."""
    if not body.strip():
        return None
    try:
        return _DECODER.decode(body.decode("utf-8"))
    except RecursionError:
        raise ValueError("nested too deeply") from None


def _no_constant(name: str) -> object:
    raise ValueError(f"{name} is not JSON")


_DECODER = json.JSONDecoder(parse_constant=_no_constant)


# ------------------------------------------------------------------------------ limits

_TOO_QUICK = "submitted too quickly"
_SECONDARY = (
    "secondary rate limit",
    "abuse detection",
    "blocked from content creation",
    _TOO_QUICK,
)
_PRIMARY = "api rate limit exceeded"
_URLS = ("#secondary-rate-limits", "#about-secondary-rate-limits", "#abuse-rate-limits")
_PLAIN = ("resource not accessible", "must have", "archived", "locked", "not authorized", "saml")


def _limit(response: Response, data: object, request: Request) -> bool | None:
    """``True`` for a primary limit, ``False`` for a secondary one, ``None`` for no limit."""
    match response.status:
        case 403 | 429:
            return _limit_of_refusal(response, data)
        case 422 if _TOO_QUICK in explain.everything_said(data):
            return False
        case 200 if request.path.endswith("/graphql"):
            return _limit_of_graphql(data)
        case _:
            return None


def _limit_of_refusal(response: Response, data: object) -> bool | None:
    """Words first: a secondary limit's headers can show a full primary budget, or none at all."""
    said = explain.everything_said(data)
    if any(words in said for words in _SECONDARY):
        return False
    if any(explain.documentation_url(data).endswith(url) for url in _URLS):
        return False
    spent = response.headers.get("x-ratelimit-remaining", "").strip() == "0"
    if _PRIMARY in said:
        return True
    if response.status == 403 and any(words in said for words in _PLAIN):
        return None
    if "retry-after" in response.headers:
        return False
    if spent:
        return True
    return False if response.status == 429 else None


def _limit_of_graphql(data: object) -> bool | None:
    """A limit comes as HTTP 200; data beside it means that part of it was executed."""
    if not isinstance(data, dict) or not isinstance(data.get("errors"), list):
        return None
    answered = data.get("data")
    if isinstance(answered, dict) and any(value is not None for value in answered.values()):
        return None
    kinds = {each.get("type") for each in data["errors"] if isinstance(each, dict)} & {
        "RATE_LIMITED",
        "RATE_LIMIT",
    }
    if kinds:
        return True
    return False if _TOO_QUICK in explain.everything_said(data) else None


# ------------------------------------------------------------------------ wrong answers


def _unreadable(response: Response, request: Request) -> BadAnswer:
    kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    what = "an HTML page" if "html" in kind else "something that is not JSON (cut off?)"
    return BadAnswer(
        f"could not {request.label}: the server answered {response.status} with {what}",
        hint="Check that GITHUB_API_URL is a GitHub API, and that no proxy answers in its place.",
        request=request.label,
        status=response.status,
        headers=response.headers,
        transient=True,
    )


def _as_issue(data: object, response: Response, request: Request) -> Issue | BadAnswer | None:
    """The issue that was asked for; ``None`` for a number that turns out a pull request's."""
    try:
        issue = parse_issue(data, request=request.label)
        if issue is None:
            parse_ref(data, request=request.label)
    except BadAnswer as error:
        error.status, error.headers = response.status, response.headers
        return error
    if issue is None and request.method == "POST":
        return _without("an issue", response, request)  # what is made is one
    return issue


def _misshapen(data: object, response: Response, request: Request) -> BadAnswer | None:
    """Check that a success is the kind of thing that was asked for."""
    match request.shape:
        case Shape.ANY | Shape.ISSUE:
            return None
        case Shape.OBJECT:
            right, wanted = isinstance(data, dict), "an object"
        case Shape.LIST:
            right, wanted = isinstance(data, list), "a list"
        case _:
            assert_never(request.shape)
    return None if right else _without(wanted, response, request)


def _without(wanted: str, response: Response, request: Request) -> BadAnswer:
    return BadAnswer(
        f"could not {request.label}: the server answered {response.status} without {wanted}",
        hint="Check that GITHUB_API_URL is a GitHub API (GHES: https://HOST/api/v3).",
        request=request.label,
        status=response.status,
        headers=response.headers,
        transient=True,
    )
