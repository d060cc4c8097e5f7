"""A transport that checks every exchange against GitHub's OpenAPI."""

from __future__ import annotations

import json
from typing import Any

import httpx

from contract.openapi import NEW, OLD, check


class ConformingTransport(httpx.AsyncBaseTransport):
    """Wraps the sandbox's transport; an exchange that does not conform fails the test.

    ``checked`` counts the exchanges. A broken answer (a fault) is passed on unchecked.
    """

    def __init__(self, inner: httpx.AsyncBaseTransport) -> None:
        self._inner = inner
        self.checked = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        response = await self._inner.handle_async_request(request)
        content = _content(response)
        if content is None:
            return response
        selected = response.headers.get("x-github-api-version-selected", OLD)
        check(
            request.method,
            request.url.raw_path.decode("ascii"),
            _json(await request.aread()),
            response.status_code,
            _json(content),
            version=selected if selected in (OLD, NEW) else OLD,
        )
        self.checked += 1
        return response

    async def aclose(self) -> None:
        await self._inner.aclose()


def _content(response: httpx.Response) -> bytes | None:
    """The body of a response that is complete; ``None`` for a stream (a broken answer)."""
    return response.content if response.is_stream_consumed or response.is_closed else None


def _json(body: bytes) -> Any:
    if not body:
        return None
    try:
        return json.loads(body)
    except ValueError:
        return None
