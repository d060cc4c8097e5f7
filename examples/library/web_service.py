"""Pushes that a web service starts: an ASGI application for any server, such as uvicorn.

    PLANS=path/to/project uvicorn web_service:app

``POST /push`` answers with a line of JSON for each event while the push goes on, and one for its
end. One push at a time: a second one is answered 409.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import ghsync

Message = MutableMapping[str, Any]
Send = Callable[[Message], Awaitable[None]]
busy = asyncio.Lock()


async def app(scope: Message, receive: Callable[[], Awaitable[Message]], send: Send) -> None:
    """Answer one request."""
    if scope["type"] != "http":
        return
    if (scope["method"], scope["path"]) != ("POST", "/push"):
        await answer(send, 404, "POST /push")
    elif busy.locked():
        await answer(send, 409, "a push is under way")
    else:
        async with busy:
            await push(send)


async def push(send: Send) -> None:
    """Push, and send a line for each event."""
    await begin(send, 200)
    try:
        async with ghsync.push_events(os.environ["PLANS"]) as events:
            async for event in events:
                if isinstance(event, ghsync.OperationEnded):
                    await line(send, {"done": event.done, "of": event.total})
        run = events.run
        last = {"succeeded": run.succeeded, "failed": run.failed, "errors": run.errors}
    except ghsync.GhsyncError as error:
        last = {"error": error.code, "message": error.message, "hint": error.hint}
    await line(send, last, more=False)


async def begin(send: Send, status: int) -> None:
    """Send the head of an answer."""
    headers = [(b"content-type", b"application/x-ndjson")]
    await send({"type": "http.response.start", "status": status, "headers": headers})


async def line(send: Send, data: object, *, more: bool = True) -> None:
    """Send a line of an answer."""
    body = json.dumps(data).encode() + b"\n"
    await send({"type": "http.response.body", "body": body, "more_body": more})


async def answer(send: Send, status: int, message: str) -> None:
    """Send a whole answer."""
    await begin(send, status)
    await line(send, {"message": message}, more=False)
