"""The client on real sockets: what servers and broken lines really do to httpx."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable

import pytest
from remote_kit import REPO, START, issue_json

from ghsync.clock import VirtualClock
from ghsync.limiter import GHES, Limiter
from ghsync.model import IssueNumber
from ghsync.remote import wire
from ghsync.remote.client import Client
from ghsync.remote.gate import Gate

GET = wire.get_issue(REPO, IssueNumber(7))
MAKE = wire.create_issue(REPO, title="T", body="B" * 100_000)
BODY = json.dumps(issue_json()).encode()
WHOLE = (
    b"HTTP/1.1 201 Created\r\ncontent-type: application/json\r\n"
    b"content-length: %d\r\n\r\n" % len(BODY)
)

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


async def read_request(reader: asyncio.StreamReader) -> bytes:
    """One request, its body by its content-length."""
    head = await reader.readuntil(b"\r\n\r\n")
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            await reader.readexactly(int(line.split(b":")[1]))
    return head


def against(serve: Serve, story: Callable[[Client], Awaitable[None]], *, timeout: float) -> int:
    """Tell a story to a client of this server; returns how many connections it took."""
    connections = 0

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        try:
            await serve(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def inside() -> None:
        server = await asyncio.start_server(accept, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        clock = VirtualClock(START)
        async with (
            server,
            Client(
                api_url=f"http://127.0.0.1:{port}",
                token=None,
                gate=Gate(Limiter(GHES), clock),
                clock=clock,
                timeout=timeout,
            ) as client,
        ):
            await story(client)

    asyncio.run(inside())
    return connections


async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Takes the request and closes."""
    await read_request(reader)


async def deaf(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Resets before it has read the request."""
    await reader.read(10)
    writer.transport.abort()


async def hanging(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Takes the request and says nothing, until the client goes."""
    await read_request(reader)
    await reader.read()


async def dripping(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answers a byte at a time, each in time, without an end."""
    await read_request(reader)
    writer.write(b"HTTP/1.1 201 Created\r\ncontent-length: 1000000\r\n\r\n")
    while not reader.at_eof():
        writer.write(b" ")
        await writer.drain()
        await asyncio.sleep(0.01)


async def half(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Promises more than it sends."""
    await read_request(reader)
    writer.write(WHOLE + BODY[: len(BODY) // 2])


async def garbled(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Speaks no HTTP."""
    await read_request(reader)
    writer.write(b"SSH-2.0-OpenSSH_9.6\r\n")


async def endless_head(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Sends headers for ever."""
    await read_request(reader)
    writer.write(b"HTTP/1.1 201 Created\r\n" + b"x-a: b\r\n" * 200_000)


@pytest.mark.parametrize(
    ("serve", "timeout"),
    [
        (silent, 5.0),
        (deaf, 5.0),
        (hanging, 0.1),
        (dripping, 0.1),
        (half, 5.0),
        (garbled, 5.0),
        (endless_head, 5.0),
    ],
)
def test_a_broken_line_makes_a_create_unclear_and_is_tried_again_for_a_read(
    serve: Serve, timeout: float
) -> None:
    """One connection for the create; four for the read, which then says what it saw."""

    async def create(client: Client) -> None:
        with pytest.raises(wire.UnknownOutcome) as caught:
            await client.send(MAKE)
        assert caught.value.reason.isprintable()

    async def read(client: Client) -> None:
        with pytest.raises(wire.Lost):
            await client.send(GET)

    assert against(serve, create, timeout=timeout) == 1
    assert against(serve, read, timeout=timeout) == 4


def test_nobody_listening_means_not_sent() -> None:
    """A create may go again; it certainly did not happen."""

    async def inside() -> None:
        server = await asyncio.start_server(lambda r, w: None, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        server.close()
        await server.wait_closed()
        clock = VirtualClock(START)
        async with Client(
            api_url=f"http://127.0.0.1:{port}",
            token=None,
            gate=Gate(Limiter(GHES), clock),
            clock=clock,
        ) as client:
            with pytest.raises(wire.NotSent):
                await client.send(MAKE)
            assert clock.now() == pytest.approx(START + 7.0, abs=2.0)

    asyncio.run(inside())


def test_a_connection_that_the_server_closed_while_idle_is_not_used_again() -> None:
    """After a long wait for a limit, the next create must not end as unknown."""
    closed = asyncio.Event()

    async def once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(WHOLE + BODY)
        await writer.drain()
        writer.close()
        await writer.wait_closed()
        closed.set()

    async def story(client: Client) -> None:
        for _ in range(3):
            closed.clear()
            assert (await client.send(MAKE)).status == 201
            await closed.wait()

    assert against(once, story, timeout=5.0) == 3


def test_one_connection_serves_many_requests() -> None:
    """Keep-alive: no handshake for each."""

    async def patient(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while not reader.at_eof():
            await read_request(reader)
            writer.write(WHOLE + BODY)
            await writer.drain()

    async def story(client: Client) -> None:
        for _ in range(5):
            await client.send(MAKE)

    assert against(patient, story, timeout=5.0) == 1
