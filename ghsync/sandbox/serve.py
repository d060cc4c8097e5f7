"""The sandbox over HTTP/1.1 on loopback: asyncio for the sockets, h11 for the protocol.

Any GitHub client can be pointed at it, at ``/`` or under ``/api/v3``. Faults are real here:
connections are reset, requests hang, bodies break off.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from functools import partial
from typing import assert_never

import h11

from ghsync.clock import Clock, SystemClock
from ghsync.sandbox import page
from ghsync.sandbox.admin import PREFIX, Admin
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
from ghsync.sandbox.seeds import SANDBOX_TOKEN
from ghsync.values import dataclass

MAX_BODY = 4 * 1024 * 1024
_MAX_HEAD = 64 * 1024
_CHUNK = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where a sandbox listens."""

    host: str
    port: int
    token: str = SANDBOX_TOKEN

    @property
    def url(self) -> str:
        """The API's root URL, without a slash at its end."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"


class _Hangup(Exception):
    """Drops this connection without another word."""


class Server:
    """A sandbox that listens; make it with :func:`serve` or :func:`running`."""

    def __init__(self, github: GitHub, clock: Clock, *, latency: float = 0.0) -> None:
        self._github = github
        self._clock = clock
        self._latency = latency
        self._admin = Admin(github)
        self._connections: set[asyncio.Task[None]] = set()

    async def start(self, host: str, port: int) -> tuple[asyncio.Server, Address]:
        """Listen; port 0 picks a free one. Raises :class:`OSError` when it cannot."""
        server = await asyncio.start_server(self._accept, host, port)
        bound = server.sockets[0].getsockname()
        return server, Address(host=bound[0], port=bound[1])

    async def stop(self, server: asyncio.Server) -> None:
        """Close the door and every connection."""
        server.close()
        for task in list(self._connections):
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)
        await server.wait_closed()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._connections.add(task)
        try:
            await self._converse(reader, writer)
        except (OSError, _Hangup, asyncio.CancelledError):
            pass
        finally:
            if task is not None:
                self._connections.discard(task)
            writer.close()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one request after another for as long as the client keeps the connection."""
        conn = h11.Connection(h11.SERVER, max_incomplete_event_size=_MAX_HEAD)
        while True:
            try:
                request = await _receive(conn, reader, writer)
            except h11.RemoteProtocolError as error:
                await _refuse(conn, writer, error.error_status_hint or 400, str(error))
                return
            if request is None:
                return
            await self._answer(conn, reader, writer, request)
            if conn.our_state is h11.MUST_CLOSE or conn.their_state is h11.MUST_CLOSE:
                return
            conn.start_next_cycle()

    async def _answer(
        self,
        conn: h11.Connection,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        request: SandboxRequest,
    ) -> None:
        if self._latency > 0:
            await asyncio.sleep(self._latency / 2)
        self._github.meter.in_flight += 1
        try:
            reply = self._reply(request)
            if self._latency > 0:
                await asyncio.sleep(self._latency / 2)
            await _deliver(conn, reader, writer, reply)
        finally:
            self._github.meter.in_flight -= 1

    def _reply(self, request: SandboxRequest) -> Reply:
        now = self._clock.now() + self._admin.offset
        if request.target.startswith(PREFIX):
            return self._admin.handle(request, now)
        shown = page.answer(self._github.state, request)
        return self._github.handle(request, now) if shown is None else shown


# ------------------------------------------------------------------------- one request


async def _receive(
    conn: h11.Connection, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> SandboxRequest | None:
    head: h11.Request | None = None
    body = bytearray()
    while True:
        event = conn.next_event()
        if event is h11.NEED_DATA:
            if conn.they_are_waiting_for_100_continue:
                going_on = h11.InformationalResponse(status_code=100, headers=[])
                writer.write(conn.send(going_on) or b"")
            conn.receive_data(await reader.read(_CHUNK))
        elif isinstance(event, h11.Request):
            head = event
        elif isinstance(event, h11.Data):
            body += event.data
            if len(body) > MAX_BODY:
                raise h11.RemoteProtocolError("body too large", error_status_hint=413)
        elif isinstance(event, h11.EndOfMessage) and head is not None:
            return _request(head, bytes(body))
        else:
            return None


def _request(head: h11.Request, body: bytes) -> SandboxRequest:
    headers = {name.decode("ascii"): value.decode("latin-1") for name, value in head.headers}
    target = head.target.decode("ascii", "replace")
    base = f"http://{headers.get('host', 'localhost')}"
    if "://" in target.partition("?")[0]:  # absolute form: the line names the host itself
        scheme, _, rest = target.partition("://")
        host, slash, path = rest.partition("/")
        base, target = f"{scheme.lower()}://{host}", slash + path or "/"
    return SandboxRequest(
        method=head.method.decode("ascii"), target=target, headers=headers, body=body, base=base
    )


async def _refuse(
    conn: h11.Connection, writer: asyncio.StreamWriter, status: int, text: str
) -> None:
    if conn.our_state in (h11.IDLE, h11.SEND_RESPONSE):
        headers = [("content-type", "text/plain"), ("connection", "close")]
        await _send(conn, writer, Response(status=status, headers=(*headers,), body=text.encode()))


# ------------------------------------------------------------------------- one answer


async def _deliver(
    conn: h11.Connection, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, reply: Reply
) -> None:
    match reply:
        case Response():
            await _send(conn, writer, reply)
        case Slow():
            await asyncio.sleep(reply.seconds)
            await _send(conn, writer, reply.response)
        case Truncated():
            await _send(conn, writer, reply.response, only=reply.sent)
            raise _Hangup
        case Timeout():
            while await reader.read(_CHUNK):
                pass
            raise _Hangup
        case Reset() | Refused():
            _reset(writer)
            raise _Hangup
        case _:
            assert_never(reply)


async def _send(
    conn: h11.Connection,
    writer: asyncio.StreamWriter,
    response: Response,
    *,
    only: int | None = None,
) -> None:
    headers = list(response.headers)
    if response.status not in (204, 304) and not any(n == "content-length" for n, _ in headers):
        headers.append(("content-length", str(len(response.body))))
    message = h11.Response(status_code=response.status, headers=headers, reason=b"")
    writer.write(conn.send(message) or b"")
    body = response.body if only is None else response.body[:only]
    if body:
        writer.write(conn.send(h11.Data(data=body)) or b"")
    if only is None:
        writer.write(conn.send(h11.EndOfMessage()) or b"")
    await writer.drain()


def _reset(writer: asyncio.StreamWriter) -> None:
    """Close with RST instead of FIN."""
    sock = writer.get_extra_info("socket")
    if sock is not None:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


# ------------------------------------------------------------------------- running it


async def serve(
    github: GitHub,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    clock: Clock | None = None,
    latency: float = 0.0,
    on_ready: Callable[[Address], None] = lambda address: None,
) -> None:
    """Serve until SIGINT or SIGTERM, or until the task is cancelled.

    ``on_ready`` is called once the port is open. Raises :class:`OSError` when it cannot be.
    """
    server = Server(github, clock or SystemClock(), latency=latency)
    listening, address = await server.start(host, port)
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    caught: list[signal.Signals] = []
    for each in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError, RuntimeError, ValueError):
            loop.add_signal_handler(each, stopped.set)
            caught.append(each)
    try:
        on_ready(address)
        await stopped.wait()
    finally:
        for each in caught:
            loop.remove_signal_handler(each)
        await server.stop(listening)


@contextlib.contextmanager
def running(
    github: GitHub, *, clock: Clock | None = None, latency: float = 0.0
) -> Iterator[Address]:
    """A sandbox on a free loopback port, served by a thread, for as long as the block runs."""
    ready = threading.Event()
    found: list[Address] = []
    stop: list[Callable[[], None]] = []

    async def main() -> None:
        server = Server(github, clock or SystemClock(), latency=latency)
        listening, address = await server.start("127.0.0.1", 0)
        stopped = asyncio.Event()
        loop = asyncio.get_running_loop()
        stop.append(partial(_tell, loop, stopped))
        found.append(address)
        ready.set()
        try:
            await stopped.wait()
        finally:
            await server.stop(listening)

    def run() -> None:
        try:
            asyncio.run(main())
        finally:
            ready.set()

    thread = threading.Thread(target=run, name="ghsync-sandbox", daemon=True)
    thread.start()
    ready.wait(10)
    if not found:
        raise OSError("the sandbox could not listen on loopback")
    try:
        yield found[0]
    finally:
        stop[0]()
        thread.join(10)


def _tell(loop: asyncio.AbstractEventLoop, stopped: asyncio.Event) -> None:
    """Set an event of a loop that runs in another thread."""
    loop.call_soon_threadsafe(stopped.set)
