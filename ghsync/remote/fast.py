"""aiohttp behind httpx's transport interface, for servers that are faster than httpx.

Not the package ``httpx-aiohttp`` (0.2.0): it takes a connection that breaks in the middle of a
request for one that was never made (``ConnectTimeout``), after which a create would be sent twice.
Here that is said of a failed ``connect`` alone; whatever fails later is a ``ReadError``.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import aiohttp
import httpx
from multidict import CIMultiDict
from yarl import URL

_KEEP_ALIVE = 5.0
"""Seconds; as httpx has it. A server's own limit is longer, so it rarely closes first."""
_LONGEST_HEADER = 64 * 1024
_NOT_CONNECTED = (aiohttp.ClientConnectorError, aiohttp.ClientHttpProxyError)
"""Raised before a byte of the request is written, by ``TCPConnector.connect`` alone."""


class FastTransport(httpx.AsyncBaseTransport):
    """Sends each request once: no redirect, no cookie, no repeat, no proxy."""

    def __init__(self, *, tls: bool, trust_env: bool, connections: int) -> None:
        """``trust_env``: honour ``SSL_CERT_FILE`` and ``SSL_CERT_DIR``. Needs a running loop."""
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                limit=connections,
                keepalive_timeout=_KEEP_ALIVE,
                ssl=httpx.create_ssl_context(trust_env=trust_env) if tls else True,
            ),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,  # httpx does it, so that what it unpacks to can be counted
            skip_auto_headers=("Accept", "Accept-Encoding", "Content-Type", "User-Agent"),
            max_line_size=_LONGEST_HEADER,
            max_field_size=_LONGEST_HEADER,
            trust_env=False,
        )
        # aiohttp repeats a GET, PUT or DELETE by itself when a kept connection turns out to be
        # dead. No request goes out that the gate, the journal and the log do not know.
        self._session._retry_connection = False
        self._under_way = 0
        self._url: tuple[httpx.URL, URL] | None = None
        self._timeout: tuple[dict[str, float], aiohttp.ClientTimeout] | None = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request; returns when the answer's head is there."""
        await request.aread()
        if not self._under_way:
            # The loop may not have looked at its sockets for long: two turns, in the first of
            # which it sees that a server has closed, so that no kept connection is a dead one.
            await asyncio.sleep(0)
            await asyncio.sleep(0)
        self._under_way += 1
        try:
            answer = await self._answer(request)
        finally:
            self._under_way -= 1
        return httpx.Response(
            answer.status,
            headers=list(answer.raw_headers),
            stream=_Body(answer, request),
            request=request,
        )

    async def aclose(self) -> None:
        """Close every connection."""
        await self._session.close()

    async def _answer(self, request: httpx.Request) -> aiohttp.ClientResponse:
        headers = CIMultiDict(
            (name.decode("ascii"), value.decode("latin-1"))
            for name, value in request.headers.raw
            if name.lower() != b"host"  # aiohttp's own is the same, made from the URL
        )
        try:
            return await self._session.request(
                request.method,
                self._target(request.url),
                data=request.content or None,
                headers=headers,
                allow_redirects=False,
                timeout=self._timeouts(request),
            )
        except aiohttp.ConnectionTimeoutError as error:
            raise httpx.ConnectTimeout(str(error), request=request) from error
        except _NOT_CONNECTED as error:
            raise httpx.ConnectError(str(error), request=request) from error
        except aiohttp.SocketTimeoutError as error:
            raise httpx.ReadTimeout(str(error), request=request) from error
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise httpx.ReadError(str(error) or type(error).__name__, request=request) from error

    def _target(self, url: httpx.URL) -> URL:
        """The URL for aiohttp, byte for byte: it is encoded already."""
        if self._url is None or self._url[0] is not url:
            self._url = url, URL(str(url), encoded=True)
        return self._url[1]

    def _timeouts(self, request: httpx.Request) -> aiohttp.ClientTimeout:
        wanted = request.extensions.get("timeout", {})
        if self._timeout is None or self._timeout[0] is not wanted:
            limits = aiohttp.ClientTimeout(
                total=None, sock_connect=wanted.get("connect"), sock_read=wanted.get("read")
            )
            self._timeout = wanted, limits
        return self._timeout[1]


class _Body(httpx.AsyncByteStream):
    """An answer's bytes as they come, its failures as httpx names them."""

    def __init__(self, answer: aiohttp.ClientResponse, request: httpx.Request) -> None:
        self._answer = answer
        self._request = request

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            async for chunk in self._answer.content.iter_any():
                yield chunk
        except aiohttp.SocketTimeoutError as error:
            raise httpx.ReadTimeout(str(error), request=self._request) from error
        except (aiohttp.ClientError, OSError, ValueError) as error:
            words = str(error) or type(error).__name__
            raise httpx.ReadError(words, request=self._request) from error

    async def aclose(self) -> None:
        """Keep the connection for the next request, if this answer was read to its end."""
        if self._answer.content.at_eof():
            self._answer.release()
        else:
            self._answer.close()
