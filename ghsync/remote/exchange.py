"""One request on the wire, one whole answer back, and what a failure in between means.

Everything is said in httpx's interface: the sandbox, a test's mock and both networks are
transports. Proxies and CA bundles of the environment (``HTTPS_PROXY``, ``NO_PROXY``,
``SSL_CERT_FILE``) are honoured, except for a loopback host, whose requests never leave the machine.
"""

from __future__ import annotations

import asyncio
import traceback
from collections.abc import AsyncIterable
from typing import TYPE_CHECKING, cast
from urllib.request import getproxies

from ghsync import __version__
from ghsync.errors import GhsyncError, InternalError, UsageError
from ghsync.remote.origin import Origin
from ghsync.remote.unpack import TooMuch, unpacker_for
from ghsync.remote.wire import BadAnswer, Lost, NotSent, Request, Response, encode

if TYPE_CHECKING:
    import httpx

    from ghsync.remote.auth import Token

_ACCEPT = b"application/vnd.github+json"
_CONNECT = 10.0
_PATIENCE = 4
"""A whole exchange may take this many times the timeout of one read."""


class Exchange:
    """Carries requests to one host, over one httpx transport or, in a hurry, a faster one."""

    def __init__(
        self,
        origin: Origin,
        *,
        transport: httpx.AsyncBaseTransport | None,
        api_version: str | None,
        timeout: float,
        connections: int,
        largest: int,
    ) -> None:
        self._origin = origin
        self._given = transport
        self._timeout = timeout
        self._connections = connections
        self._largest = largest
        self._opened = False
        self._http: httpx.AsyncClient | None = None
        self._fast: httpx.AsyncBaseTransport | None = None
        self._url: tuple[str, httpx.URL] | None = None  # the last one: creates share it
        self._headers = [
            (b"Host", origin.netloc.encode("ascii")),
            (b"Accept", _ACCEPT),
            (b"Accept-Encoding", b"gzip"),
            (b"User-Agent", f"ghsync/{__version__}".encode("ascii")),
        ]
        if api_version is not None:
            self._headers.append((b"X-GitHub-Api-Version", api_version.encode("ascii")))
        self._timeouts = {
            "connect": min(_CONNECT, timeout),
            "read": timeout,
            "write": timeout,
            "pool": timeout,
        }

    def open(self) -> None:
        """Allow requests from now on; nothing is imported or connected before the first one."""
        self._opened = True

    def _client(self) -> httpx.AsyncClient:
        if not self._opened:
            raise InternalError("the client is used outside its `async with` block")
        if self._http is None:
            self._http = self._made()
        return self._http

    def _made(self) -> httpx.AsyncClient:
        import httpx

        try:
            return httpx.AsyncClient(
                transport=self._given,
                verify=self._origin.scheme == "https",  # else no certificate is ever looked at
                limits=httpx.Limits(
                    max_connections=self._connections,
                    max_keepalive_connections=self._connections,
                ),
                follow_redirects=False,
                trust_env=not self._origin.loopback,
            )
        except (ValueError, ImportError, OSError) as error:
            raise _unusable(error) from error

    async def aclose(self) -> None:
        """Close every connection."""
        self._opened = False
        http, self._http = self._http, None
        fast, self._fast = self._fast, None
        for each in (http, fast):
            if each is not None:
                await each.aclose()

    def hurry(self) -> None:
        """Go on over a faster transport, if there is one: aiohttp's, which is slow to import.

        Not with a proxy, whose every kind httpx knows, and not instead of a given transport.
        """
        proxied = not self._origin.loopback and any(
            getproxies().get(scheme) for scheme in ("http", "https", "all")
        )
        if self._given is not None or proxied or not self._opened or self._fast is not None:
            return
        try:
            from ghsync.remote.fast import FastTransport
        except ImportError:  # not installed, or not for this platform
            return
        try:
            self._fast = FastTransport(
                tls=self._origin.scheme == "https",
                trust_env=not self._origin.loopback,
                connections=self._connections,
            )
        except (ValueError, OSError) as error:
            raise _unusable(error) from error

    async def carry(self, request: Request, url: str, token: Token | None) -> Response:
        """Put a request on the wire and read the whole answer.

        Raises :class:`NotSent`, :class:`Lost`, or :class:`BadAnswer` for an endless answer.
        """
        client = self._client()
        import httpx

        unsent = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
        try:
            message = self._message(request, url, token)
            # httpx's own timeouts are for each read: a server that drips would never meet them.
            async with asyncio.timeout(self._timeout * _PATIENCE):
                if self._fast is not None:
                    answer = await self._fast.handle_async_request(message)
                else:
                    answer = await client.send(message, stream=True)
                response = await self._read(answer, request)
        except (*unsent, httpx.UnsupportedProtocol, httpx.InvalidURL) as error:
            bare(error, token)
            raise self._not_sent(error, request) from error
        except (httpx.HTTPError, httpx.StreamError, OSError) as error:
            bare(error, token)
            raise Lost(
                f"could not {request.label}: no whole answer from {self._origin.host} "
                f"({self._why(error)})",
                hint="Check the connection and try again.",
                request=request.label,
                transient=True,
            ) from error
        except BaseException as error:
            if not isinstance(error, GhsyncError):
                bare(error, token)
            raise
        return response if token is None else _without(response, token)

    async def _read(self, answer: httpx.Response, request: Request) -> Response:
        stream = cast("AsyncIterable[bytes]", answer.stream)
        try:
            unpacker = unpacker_for(answer.headers.get("content-encoding"))
            body = bytearray()
            came = 0
            async for chunk in stream:
                came += len(chunk)
                room = self._largest - len(body)
                body += chunk if unpacker is None else unpacker.take(chunk, room)
                if max(came, len(body)) > self._largest:
                    raise TooMuch(f"the answer is over {self._largest:,} bytes")
            if unpacker is not None and came:
                unpacker.end()
        except TooMuch as error:
            raise BadAnswer(
                f"could not {request.label}: {error}",
                hint="Check that GITHUB_API_URL is a GitHub API.",
                request=request.label,
                status=answer.status_code,
            ) from None
        finally:
            await answer.aclose()
        headers = {name.lower(): value for name, value in answer.headers.items()}
        return Response(status=answer.status_code, headers=headers, body=bytes(body))

    def _message(self, request: Request, url: str, token: Token | None) -> httpx.Request:
        """The request for httpx, whose class of headers hides ``authorization`` in its repr."""
        import httpx

        body = encode(request)
        headers = [*self._headers]
        if body is not None:
            headers.append((b"Content-Type", b"application/json; charset=utf-8"))
        if body is not None or request.method != "GET":
            headers.append((b"Content-Length", b"%d" % len(body or b"")))
        headers += [
            (name.encode("ascii"), value.encode("ascii")) for name, value in request.headers
        ]
        if token is not None:
            headers.append((b"Authorization", b"Bearer " + token.reveal().encode("ascii")))
        if self._url is None or self._url[0] != url:
            self._url = url, httpx.URL(url)
        # With its stream and its length given, httpx makes up no header of its own.
        return httpx.Request(
            request.method,
            self._url[1],
            headers=httpx.Headers(headers),
            stream=httpx.ByteStream(body or b""),
            extensions={"timeout": self._timeouts},
        )

    def _not_sent(self, error: Exception, request: Request) -> NotSent:
        why = self._why(error)
        certificate = "CERTIFICATE_VERIFY_FAILED" in why
        return NotSent(
            f"could not {request.label}: no connection to {self._origin.host} ({why})",
            hint="Set SSL_CERT_FILE to your company's CA bundle."
            if certificate
            else "Check the network, the proxy settings and GITHUB_API_URL.",
            request=request.label,
            transient=not certificate,
        )

    def _why(self, error: BaseException) -> str:
        """Say a transport's failure in a few printable words."""
        name = type(error).__name__
        if isinstance(error, TimeoutError):
            return f"not finished after {self._timeout * _PATIENCE:.0f} s"
        if "Timeout" in name:
            return {"ConnectTimeout": "connecting timed out", "ReadTimeout": "read timeout"}.get(
                name, name
            )
        text = "".join(c if c.isprintable() else " " for c in str(error))[:200]
        return text or name


def _without(response: Response, token: Token) -> Response:
    """An answer without the token: its text ends in messages, logs, files and the map.

    A debugging proxy may echo what it was sent, in the body, a header or a redirect.
    """
    headers = {token.hide_in(n): token.hide_in(v) for n, v in response.headers.items()}
    return Response(
        status=response.status, headers=headers, body=token.hide_in_bytes(response.body)
    )


def bare(error: BaseException, token: Token | None) -> None:
    """Cut off the frames of an error that came out of a library, and of those that led to it.

    Their variables hold the headers, which some programs print with a traceback. Where the frames
    were stays as a note.
    """
    each: BaseException | None = error
    seen: set[int] = set()
    while each is not None and id(each) not in seen:
        seen.add(id(each))
        frames = traceback.format_tb(each.__traceback__)
        each.__traceback__ = None
        if token is not None:
            each.args = tuple(_hidden(part, token) for part in each.args)
        if len(frames) > 1:
            each.add_note("".join(frames))
        each = each.__cause__ or each.__context__


def _hidden(part: object, token: Token) -> object:
    """An argument of an error; one that shows the token becomes a text that does not."""
    text = part if isinstance(part, str) else repr(part)
    hidden = token.hide_in(text)
    return part if hidden == text else hidden


def _unusable(error: Exception) -> UsageError:
    return UsageError(
        f"the proxy or certificate settings of the environment cannot be used: {error}",
        hint="Check HTTPS_PROXY, ALL_PROXY, NO_PROXY, SSL_CERT_FILE and SSL_CERT_DIR.",
    )
