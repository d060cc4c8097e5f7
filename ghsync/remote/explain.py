"""GitHub's error answers as errors with a sentence and a next step.

Bodies: GitHub's OpenAPI ``basic-error``, ``validation-error`` and ``validation-error-simple``
(``errors`` may be objects or plain strings). Whatever a server says is shown as one printable
line, cut to a length: it ends on terminals and in CI logs.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TypedDict, assert_never

from ghsync.limiter import Headers
from ghsync.remote.errors import (
    PERMISSIONS_HINT,
    ApiError,
    BadAnswer,
    BadRequest,
    FieldError,
    Forbidden,
    Gone,
    IssuesDisabled,
    Moved,
    NotFound,
    PermissionDenied,
    RepositoryClosed,
    RepositoryNotFound,
    ServerTrouble,
    Unauthorized,
    Unprocessable,
)
from ghsync.remote.requests import About, Request

_LONGEST = 300
_MOST_ERRORS = 20


class _Facts(TypedDict):
    """What every error of an answer knows."""

    request: str
    status: int
    headers: Mapping[str, str]
    retry_after: float | None


def error(
    status: int, headers: Mapping[str, str], data: object, limits: Headers, request: Request
) -> ApiError:
    """Make the error for a status that is neither success, nor 304, nor a limit."""
    facts = _Facts(
        request=request.label, status=status, headers=headers, retry_after=limits.retry_after
    )
    said = message_of(data)
    what = f"could not {request.label}: {_answered(status, said)}"
    match status:
        case 401:
            return Unauthorized(what, hint=_unauthorized_hint(said), **facts)
        case 403 | 451:
            return _forbidden(what, said, facts)
        case 404:
            return _not_found(what, request, facts)
        case 410:
            return _gone(what, said, facts)
        case 422:
            return _unprocessable(said, data, request, facts)
        case 408:
            return _trouble(what, facts)
        case _ if 300 <= status < 400:
            return _moved(headers, data, request, facts)
        case _ if 400 <= status < 500:
            return BadRequest(what, hint=_bad_request_hint(said), **facts)
        case _ if 500 <= status < 600:
            return _trouble(what, facts)
        case _:
            return BadAnswer(what, hint="This is no HTTP status that GitHub uses.", **facts)


# ------------------------------------------------------------------------ what was said


def message_of(data: object) -> str:
    """The answer's ``message`` as one printable line; empty if it has none."""
    return _plain(data.get("message")) if isinstance(data, Mapping) else ""


def documentation_url(data: object) -> str:
    """The answer's ``documentation_url``; empty if it has none."""
    url = data.get("documentation_url") if isinstance(data, Mapping) else None
    return url if isinstance(url, str) else ""


def everything_said(data: object) -> str:
    """The message and the errors' messages, folded, to look for known words in."""
    if not isinstance(data, Mapping):
        return ""
    said = [message_of(data), *(each.message for each in field_errors(data))]
    return " ".join(said).casefold()


def field_errors(data: object) -> tuple[FieldError, ...]:
    """The entries of ``errors``: objects, plain strings, or one string for all."""
    errors = data.get("errors") if isinstance(data, Mapping) else None
    if isinstance(errors, str | Mapping):
        errors = [errors]
    if not isinstance(errors, list):
        return ()
    return tuple(_field_error(each) for each in errors[:_MOST_ERRORS])


def _field_error(data: object) -> FieldError:
    if not isinstance(data, Mapping):
        return FieldError(message=_plain(data))
    return FieldError(
        resource=_plain(data.get("resource")),
        field=_plain(data.get("field")),
        code=_plain(data.get("code")),
        message=_plain(data.get("message")),
        value=data.get("value"),
    )


def _plain(data: object) -> str:
    """One printable line of limited length; empty for what is not text."""
    if not isinstance(data, str):
        return ""
    line = "".join(c if c.isprintable() else " " for c in data[: 4 * _LONGEST])
    line = " ".join(line.split())
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"


def _answered(status: int, said: str) -> str:
    return f"GitHub answered {status}" + (f": {said}" if said else "")


# -------------------------------------------------------------------------- one by one


def _unauthorized_hint(said: str) -> str:
    if "requires authentication" in said.casefold():
        return "Set GITHUB_TOKEN (or GH_TOKEN) to a token that may write issues."
    return "The token is wrong, expired or revoked. Set GITHUB_TOKEN (or GH_TOKEN) to a valid one."


_DENIED = ("resource not accessible", "must have", "saml", "not authorized", "token")
_CLOSED = ("archived", "access blocked", "has been disabled")


def _forbidden(what: str, said: str, facts: _Facts) -> ApiError:
    folded = said.casefold()
    if facts["status"] == 451:
        hint = "GitHub has blocked access to it; its answer or its web page says why."
        return RepositoryClosed(what, hint=hint, **facts)
    if any(words in folded for words in _CLOSED):
        hint = "Unarchive it in the repository's settings, or name another with --repo."
        return RepositoryClosed(what, hint=hint, **facts)
    if "locked" in folded:
        hint = "The issue is locked: unlock it on GitHub, or use a token with write access."
        return Forbidden(what, hint=hint, **facts)
    needs = _plain(facts["headers"].get("x-accepted-github-permissions"))
    needed = f"GitHub says it needs: {needs}. " if needs else ""
    if "x-github-sso" in facts["headers"] or "saml" in folded:
        hint = "Authorize the token for the organization's single sign-on, in its settings."
        where = re.search(r"url=(https://[!-~]+)", facts["headers"].get("x-github-sso", ""))
        if where is not None:
            hint = f"Authorize the token for the organization's single sign-on: {where[1]}"
        return PermissionDenied(what, hint=hint, **facts)
    if any(words in folded for words in _DENIED):
        return PermissionDenied(what, hint=needed + PERMISSIONS_HINT, **facts)
    return Forbidden(what, hint=needed.rstrip() or PERMISSIONS_HINT, **facts)


def _not_found(what: str, request: Request, facts: _Facts) -> ApiError:
    match request.about:
        case About.REPOSITORY:
            hint = f"Check its name. A 404 can also mean: not for this token. {PERMISSIONS_HINT}"
            return RepositoryNotFound(what, hint=hint, **facts)
        case About.ISSUE:
            hint = "It was deleted, or the token may not see it."
            return NotFound(what, hint=hint, **facts)
        case About.OTHER:
            hint = f"It, or something it names, is not there for this token. {PERMISSIONS_HINT}"
            return NotFound(what, hint=hint, **facts)
        case _:
            assert_never(request.about)


def _gone(what: str, said: str, facts: _Facts) -> ApiError:
    folded = said.casefold()
    if "issues" in folded and "disabled" in folded:
        hint = "Turn Issues on in the repository's settings, under Features."
        return IssuesDisabled(what, hint=hint, **facts)
    if "version" in folded:
        hint = "This server no longer has the API version that ghsync asks for; upgrade ghsync."
        return BadRequest(what, hint=hint, **facts)
    return Gone(what, hint="The issue was deleted.", **facts)


def _unprocessable(said: str, data: object, request: Request, facts: _Facts) -> ApiError:
    errors = field_errors(data)
    reasons = "; ".join(str(each) for each in errors)
    text = _plain(": ".join(part for part in (said or "Validation Failed", reasons) if part))
    return Unprocessable(
        f"GitHub refused to {request.label}: {text}", errors=errors, said=said, **facts
    )


def _moved(headers: Mapping[str, str], data: object, request: Request, facts: _Facts) -> ApiError:
    location = headers.get("location")
    if not location and isinstance(data, Mapping) and isinstance(data.get("url"), str):
        location = str(data["url"])
    hint = "The repository was renamed or moved; use its new name with --repo."
    if request.about is About.ISSUE:
        hint = "The issue or its repository was moved; ghsync does not follow it elsewhere."
    what = f"could not {request.label}: it moved to {_plain(location) or 'a place not named'}"
    return Moved(what, hint=hint, location=location or None, **facts)


def _bad_request_hint(said: str) -> str:
    if "version" in said.casefold():
        return "This server does not know the API version that ghsync asks for."
    return ""


def _trouble(what: str, facts: _Facts) -> ApiError:
    hint = "Try again in a few minutes; https://www.githubstatus.com says if GitHub is down."
    return ServerTrouble(what, hint=hint, transient=True, **facts)
