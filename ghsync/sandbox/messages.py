"""What goes into the sandbox and what comes out: requests, responses, faults as values.

Pure: a mount (in process or over HTTP) turns its own kind of request into these and back.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import field
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, TypeAlias

from ghsync.values import dataclass

JsonObject: TypeAlias = dict[str, Any]

DOCS = "https://docs.github.com/rest"


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxRequest:
    """One HTTP request as the sandbox sees it.

    ``target`` is the path with its query, still percent-encoded, without a host;
    ``headers`` have lower-case names; ``base`` is the scheme and host that the client used
    (``https://api.github.com``), under which every URL in the answer stands.
    """

    method: str
    target: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    base: str = "https://api.github.com"


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """A complete HTTP answer."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""

    def json(self) -> Any:
        """The body as JSON; ``None`` when it is empty."""
        return json.loads(self.body) if self.body else None

    def header(self, name: str) -> str | None:
        """The first header of that name, in any case."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reset:
    """The connection is reset unanswered; ``committed`` says what the client cannot know."""

    committed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """The connection is never made: nothing was executed, and the client can know it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeout:
    """No answer ever comes."""

    committed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Truncated:
    """The answer breaks off after ``sent`` bytes of its body, though its headers promise all."""

    response: Response
    sent: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Slow:
    """The answer comes ``seconds`` later than it would."""

    response: Response
    seconds: float


Reply: TypeAlias = Response | Reset | Refused | Timeout | Truncated | Slow


class Problem(Exception):
    """An error answer on its way out of a handler; never leaves the sandbox."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        errors: Sequence[Mapping[str, Any] | str] = (),
        headers: tuple[tuple[str, str], ...] = (),
        extra: Mapping[str, Any] | None = None,
        docs: str = DOCS,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.errors = errors
        self.headers = headers
        self.extra = extra or {}
        self.docs = docs

    def response(self) -> Response:
        """The answer, in the shape of GitHub's error bodies."""
        content: JsonObject = {"message": self.message}
        if self.errors:
            content["errors"] = list(self.errors)
        content.update(self.extra)
        content["documentation_url"] = self.docs
        content["status"] = str(self.status)
        return reply_json(self.status, content, headers=self.headers)


def not_found() -> Problem:
    """GitHub's 404, the same for what does not exist and for what may not be seen."""
    return Problem(404, "Not Found")


def invalid(*errors: Mapping[str, Any] | str) -> Problem:
    """GitHub's 422 with its list of errors."""
    return Problem(422, "Validation Failed", errors=errors)


def field_error(
    resource: str, name: str, code: str, *, message: str | None = None, value: Any = None
) -> JsonObject:
    """One entry of a 422's ``errors``."""
    error: JsonObject = {"resource": resource, "field": name, "code": code}
    if message is not None:
        error["message"] = message
    if value is not None:
        error["value"] = value
    return error


def reply_json(status: int, content: Any, *, headers: tuple[tuple[str, str], ...] = ()) -> Response:
    """An answer with a JSON body."""
    body = json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode(
        "utf-8", "surrogatepass"
    )
    return Response(
        status=status,
        headers=(("content-type", "application/json; charset=utf-8"), *headers),
        body=body,
    )


def json_body(body: bytes) -> JsonObject:
    """A request's JSON object; an empty body is an empty object."""
    if not body.strip():
        return {}
    try:
        content = json.loads(body)
    except ValueError:
        raise Problem(400, "Problems parsing JSON") from None
    if not isinstance(content, dict):
        raise Problem(400, "Body should be a JSON object")
    return content


def no_content(status: int = 204) -> Response:
    """An answer without a body."""
    return Response(status=status)


def iso(moment: float) -> str:
    """Epoch seconds as GitHub writes a time: UTC, whole seconds, rounded down."""
    return _iso(int(moment))


@lru_cache(maxsize=4096)
def _iso(moment: int) -> str:
    return datetime.fromtimestamp(moment, tz=UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def maybe_iso(moment: float | None) -> str | None:
    """The same for a time that may be missing."""
    return None if moment is None else iso(moment)


def parse_iso(text: str) -> float | None:
    """A time as clients write it, in epoch seconds; ``None`` when it is not one."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return moment.timestamp()
