"""The sandbox as an httpx transport: no network, time from the caller's clock."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import assert_never

import httpx

from ghsync.clock import Clock
from ghsync.sandbox.github import GitHub
from ghsync.sandbox.messages import (
    Refused,
    Reply,
    Reset,
    Response,
    SandboxRequest,
    Slow,
    Timeout,
    Truncated,
)


class SandboxTransport(httpx.AsyncBaseTransport):
    """Carries httpx requests to a :class:`GitHub` in this process.

    A request is executed half of ``latency`` after it was sent and answered after the whole;
    cancelling it in the first half means that it never arrived. Faults become what httpx makes
    of them on a real network: ``ReadTimeout``, ``ReadError``, ``ConnectError``,
    ``RemoteProtocolError``.
    """

    def __init__(
        self, github: GitHub, clock: Clock, *, latency: float = 0.25, timeout: float = 30.0
    ) -> None:
        self.github = github
        self._clock = clock
        self._latency = latency
        self._timeout = timeout

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer one request."""
        body = await request.aread()
        await self._pass(self._latency / 2)
        self.github.meter.in_flight += 1
        try:
            reply = self.github.handle(_translated(request, body), self._clock.now())
            if not isinstance(reply, Timeout):
                await self._pass(self._latency / 2)
            return await self._answer(request, reply)
        finally:
            self.github.meter.in_flight -= 1

    async def _pass(self, seconds: float) -> None:
        if seconds > 0:
            await self._clock.sleep_until(self._clock.now() + seconds)

    async def _answer(self, request: httpx.Request, reply: Reply) -> httpx.Response:
        match reply:
            case Response():
                return _answer(reply, reply.body)
            case Slow():
                limit = _read_timeout(request, self._timeout)
                if reply.seconds > limit:
                    await self._pass(limit)
                    raise httpx.ReadTimeout("The read operation timed out", request=request)
                await self._pass(reply.seconds)
                return _answer(reply.response, reply.response.body)
            case Truncated():
                return _answer(reply.response, _Broken(reply.response.body[: reply.sent], request))
            case Timeout():
                await self._pass(_read_timeout(request, self._timeout))
                raise httpx.ReadTimeout("The read operation timed out", request=request)
            case Reset():
                raise httpx.ReadError("Connection reset by peer", request=request)
            case Refused():
                raise httpx.ConnectError("All connection attempts failed", request=request)
            case _:
                assert_never(reply)


class _Broken(httpx.AsyncByteStream):
    """A body that ends before its ``content-length`` does."""

    def __init__(self, part: bytes, request: httpx.Request) -> None:
        self._part = part
        self._request = request

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self._part
        raise httpx.RemoteProtocolError(
            "peer closed connection without sending complete message body", request=self._request
        )


def _translated(request: httpx.Request, body: bytes) -> SandboxRequest:
    url = request.url
    return SandboxRequest(
        method=request.method,
        target=url.raw_path.decode("ascii"),
        headers={name.lower(): value for name, value in request.headers.items()},
        body=body,
        base=f"{url.scheme}://{url.netloc.decode('ascii')}",
    )


def _answer(response: Response, content: bytes | _Broken) -> httpx.Response:
    headers = [*response.headers, ("content-length", str(len(response.body)))]
    if isinstance(content, _Broken):
        return httpx.Response(response.status, headers=headers, stream=content)
    return httpx.Response(response.status, headers=headers, content=content)


def _read_timeout(request: httpx.Request, default: float) -> float:
    timeouts = request.extensions.get("timeout", {})
    value = timeouts.get("read")
    return default if value is None else float(value)
