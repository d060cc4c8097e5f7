"""Look at a GitHub through PyGithub: a client that nobody here wrote, for ``ghsync doctor``.

Reads only, outside the limiter, a handful a run. What is sent and received is PyGithub's and
requests' work; what the answer means is decided by :mod:`ghsync.remote.decode`, as always.
PyGithub is imported here on first use, and nowhere else but for tokens
(:mod:`ghsync.remote.pygithub`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import field
from typing import TYPE_CHECKING, Self
from urllib.parse import urlencode

from ghsync import __version__
from ghsync.errors import InternalError, UsageError
from ghsync.remote.answers import RequestLog, in_short
from ghsync.remote.auth import Token
from ghsync.remote.decode import Decoded, Failed, Response, decode
from ghsync.remote.errors import Lost
from ghsync.remote.origin import Origin
from ghsync.remote.pygithub import stay_on_this_machine, unlogged
from ghsync.remote.requests import Request
from ghsync.values import dataclass

if TYPE_CHECKING:
    from types import TracebackType

    from github import Github
    from github.Requester import Requester

TIMEOUT = 10
"""Seconds, for the connection and for each read."""
_CERTIFICATE = "CERTIFICATE_VERIFY_FAILED"
_LONGEST = 160


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What one request brought; without any answer ``outcome`` is a failure of class ``Lost``."""

    request: Request
    outcome: Decoded
    headers: Mapping[str, str] = field(default_factory=dict)
    """Names in lower case; empty without an answer."""
    at: float
    """This machine's time in the middle of the exchange, epoch seconds."""
    status: int | None = None
    """``None`` without an answer."""


class Inspector:
    """Asks one GitHub, one request after another; use it as a context manager."""

    def __init__(
        self,
        *,
        api_url: str,
        token: Token,
        now: Callable[[], float],
        timeout: int = TIMEOUT,
        on_request: Callable[[RequestLog], None] | None = None,
    ) -> None:
        """Take note; nothing is sent yet. Raises :class:`UsageError` for plain http."""
        self.origin = Origin.parse(api_url)
        if not self.origin.private:
            raise UsageError(
                f"a token is not sent over plain http to {self.origin.host}",
                hint="Use https:// in GITHUB_API_URL; http:// is for this machine alone.",
            )
        self._api_url = api_url.strip().rstrip("/")
        self._token = token
        self._now = now
        self._timeout = timeout
        self._on_request = on_request
        self._github: Github | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        github, self._github = self._github, None
        if github is not None:
            github.close()

    async def ask(self, request: Request) -> Reply:
        """Send a read in a thread; whatever goes wrong is part of the reply."""
        if request.method != "GET" or request.given:
            raise InternalError("the inspector only reads what it names itself")
        sent = self._now()
        reply = await asyncio.to_thread(self._ask, request)
        if self._on_request is not None:
            self._on_request(self._line(reply, sent))
        return reply

    def _line(self, reply: Reply, sent: float) -> RequestLog:
        query = urlencode(reply.request.query)
        return RequestLog(
            at=sent,
            label=reply.request.label,
            method=reply.request.method,
            path=f"{reply.request.path}?{query}" if query else reply.request.path,
            status=reply.status,
            request_id=reply.headers.get("x-github-request-id"),
            attempt=1,
            waited=0.0,
            seconds=self._now() - sent,
            error=in_short(reply.outcome),
        )

    def _ask(self, request: Request) -> Reply:
        started = self._now()
        try:
            with unlogged():
                status, headers, body = self._requester().requestJson(
                    "GET", request.path, parameters=dict(request.query)
                )
            response = Response(
                status=status,
                headers={name: self._token.hide_in(value) for name, value in headers.items()},
                # Its text ends in messages; a debugging proxy may echo what it was sent.
                body=self._token.hide_in(body).encode("utf-8", "replace"),
            )
        except Exception as error:  # noqa: BLE001 (PyGithub asserts; requests, urllib3 share no base)
            return Reply(request=request, outcome=self._lost(request, error), at=self._now())
        middle = (started + self._now()) / 2
        return Reply(
            request=request,
            outcome=decode(response, request, now=middle),
            headers=response.headers,
            at=middle,
            status=status,
        )

    def _lost(self, request: Request, error: Exception) -> Failed:
        why = self._token.hide_in(_why(error))
        hint = "Check the network, the proxy settings and GITHUB_API_URL."
        if _CERTIFICATE in why:
            hint = "Set REQUESTS_CA_BUNDLE and SSL_CERT_FILE to your company's CA bundle."
        return Failed(
            error=Lost(
                f"could not {request.label}: no answer from {self.origin.host} ({why})",
                hint=hint,
                request=request.label,
            )
        )

    def _requester(self) -> Requester:
        import github

        if self._github is None:
            self._github = github.Github(
                auth=github.Auth.Token(self._token.reveal()),
                base_url=self._api_url,
                user_agent=f"ghsync/{__version__} doctor PyGithub",
                timeout=self._timeout,
                retry=0,
                seconds_between_requests=0,
                seconds_between_writes=0,
                lazy=True,
            )
            stay_on_this_machine(self._github.requester, self._api_url)
        return self._github.requester


def _why(error: BaseException) -> str:
    """Say a failure in a few words: those of its root, which name no URL and no header."""
    root = error
    seen: set[int] = set()
    while id(root) not in seen:
        seen.add(id(root))
        root = root.__cause__ or root.__context__ or root
    if "timeout" in type(error).__name__.casefold() or isinstance(root, TimeoutError):
        return f"nothing came for {TIMEOUT} s"
    if isinstance(root, OSError) and root.strerror:
        text = root.strerror
    elif isinstance(root, RuntimeError):  # PyGithub's own: a redirect to another host
        text = str(root)
    else:
        text = type(root).__name__
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return f"{_CERTIFICATE}: {line}"[:_LONGEST] if _CERTIFICATE in str(error) else line[:_LONGEST]
