"""The client on real sockets: what servers and broken lines really do to each transport."""

from __future__ import annotations

import asyncio
import gzip
import json
import ssl
import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from remote_kit import REPO, START, issue_json

from ghsync.clock import VirtualClock
from ghsync.limiter import GHES, Limiter
from ghsync.model import IssueNumber
from ghsync.remote import wire
from ghsync.remote.client import Client
from ghsync.remote.fast import FastTransport
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


@pytest.fixture(params=["httpx", "aiohttp"])
def fast(request: pytest.FixtureRequest) -> bool:
    """Whether the client is in a hurry; what is promised holds over either transport."""
    return bool(request.param == "aiohttp")


def against(
    serve: Serve, story: Callable[[Client], Awaitable[None]], *, fast: bool, timeout: float = 5.0
) -> int:
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
            if fast:
                client._exchange.hurry()
                assert client._exchange._fast is not None
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
    serve: Serve, timeout: float, fast: bool
) -> None:
    """One connection for the create; four for the read, which then says what it saw."""

    async def create(client: Client) -> None:
        with pytest.raises(wire.UnknownOutcome) as caught:
            await client.send(MAKE)
        assert caught.value.reason.isprintable()

    async def read(client: Client) -> None:
        with pytest.raises(wire.Lost):
            await client.send(GET)

    assert against(serve, create, fast=fast, timeout=timeout) == 1
    assert against(serve, read, fast=fast, timeout=timeout) == 4


def test_nobody_listening_means_not_sent(fast: bool) -> None:
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
            if fast:
                client._exchange.hurry()
            with pytest.raises(wire.NotSent):
                await client.send(MAKE)
            assert clock.now() == pytest.approx(START + 7.0, abs=2.0)

    asyncio.run(inside())


def test_a_connection_that_the_server_closed_while_idle_is_not_used_again(fast: bool) -> None:
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

    assert against(once, story, fast=fast) == 3


def test_one_connection_serves_many_requests(fast: bool) -> None:
    """Keep-alive: no handshake for each."""

    async def patient(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while not reader.at_eof():
            await read_request(reader)
            writer.write(WHOLE + BODY)
            await writer.drain()

    async def story(client: Client) -> None:
        for _ in range(5):
            await client.send(MAKE)

    assert against(patient, story, fast=fast) == 1


def test_both_transports_send_the_same_request(fast: bool) -> None:
    """The host, what is wanted, who asks, how long the body is; no cookie, nothing else."""
    heads: list[bytes] = []

    async def listening(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for _ in range(2):
            heads.append(await read_request(reader))
            writer.write(WHOLE.replace(b"\r\n\r\n", b"\r\nset-cookie: a=b\r\n\r\n") + BODY)
            await writer.drain()

    async def story(client: Client) -> None:
        await client.send(MAKE)
        await client.send(GET)

    against(listening, story, fast=fast)
    names = [
        sorted(line.partition(b":")[0].lower() for line in head.split(b"\r\n")[1:] if line)
        for head in heads
    ]
    same = [b"accept", b"accept-encoding", b"host", b"user-agent", b"x-github-api-version"]
    assert names[1] == same
    assert names[0] == sorted([*same, b"content-length", b"content-type"])
    assert heads[0].startswith(b"POST /repos/octo/site/issues HTTP/1.1\r\n")


def test_a_redirect_is_not_followed(fast: bool) -> None:
    """The token goes nowhere that nobody configured."""

    async def moved(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(b"HTTP/1.1 301 Moved\r\nlocation: /elsewhere\r\ncontent-length: 0\r\n\r\n")

    async def story(client: Client) -> None:
        with pytest.raises(wire.Moved):
            await client.send(MAKE)

    assert against(moved, story, fast=fast) == 1


def test_a_packed_answer_is_unpacked(fast: bool) -> None:
    """And what it unpacks to is what counts against the largest answer."""
    packed = gzip.compress(BODY)

    async def packing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        head = b"HTTP/1.1 201 Created\r\ncontent-encoding: gzip\r\ncontent-length: %d\r\n\r\n"
        writer.write(head % len(packed) + packed)

    async def story(client: Client) -> None:
        assert (await client.send(MAKE)).data == issue_json()

    against(packing, story, fast=fast)


def test_no_request_goes_out_twice_behind_the_clients_back(fast: bool) -> None:
    """A kept connection that dies under a DELETE is one try; the next is the client's own."""
    seen: list[bytes] = []

    async def dying(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(await read_request(reader))
        writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
        await writer.drain()
        seen.append(await read_request(reader))
        writer.transport.abort()

    async def story(client: Client) -> None:
        request = wire.delete_label(REPO, "x", again=False)
        await client.send(request)
        with pytest.raises(wire.UnknownOutcome):
            await client.send(request)

    against(dying, story, fast=fast)
    assert len(seen) == 2


def test_a_server_without_limits_is_written_to_over_the_faster_transport() -> None:
    """After so many writes that importing it is worth the while; never before."""

    async def patient(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while not reader.at_eof():
            await read_request(reader)
            writer.write(WHOLE + BODY)
            await writer.drain()

    async def story(client: Client) -> None:
        for _ in range(20):
            await client.send(MAKE)
            assert client._exchange._fast is None
        await client.send(MAKE)
        assert client._exchange._fast is not None
        await client.send(MAKE)

    assert against(patient, story, fast=False) == 2


def test_without_aiohttp_everything_goes_over_httpx(monkeypatch: pytest.MonkeyPatch) -> None:
    """As where no build of it exists for a platform."""
    monkeypatch.delitem(sys.modules, "ghsync.remote.fast", raising=False)
    monkeypatch.setitem(sys.modules, "aiohttp", None)

    async def once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(WHOLE + BODY)

    async def story(client: Client) -> None:
        client._exchange.hurry()
        assert client._exchange._fast is None
        assert (await client.send(MAKE)).status == 201

    against(once, story, fast=False)


def test_a_proxy_of_the_environment_keeps_to_httpx(monkeypatch: pytest.MonkeyPatch) -> None:
    """Which knows every kind of them."""
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    clock = VirtualClock(START)
    client = Client(
        api_url="https://ghes.example/api/v3",
        token=None,
        gate=Gate(Limiter(GHES), clock),
        clock=clock,
    )

    async def inside() -> None:
        async with client:
            client._exchange.hurry()
            assert client._exchange._fast is None

    asyncio.run(inside())


def test_a_certificate_that_nobody_vouches_for_is_no_connection(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing was sent; with ``SSL_CERT_FILE`` the same server is trusted."""
    certificate = self_signed(tmp_path)

    async def once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(WHOLE + BODY)

    async def status(port: int) -> int:
        transport = FastTransport(tls=True, trust_env=True, connections=1)
        async with transport:
            url = f"https://localhost:{port}/"
            answer = await transport.handle_async_request(httpx.Request("POST", url, content=b"{}"))
            await answer.aclose()
            return answer.status_code

    async def inside() -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server = await asyncio.start_server(once, "localhost", 0, ssl=context)
        async with server:
            port = server.sockets[0].getsockname()[1]
            with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
                await status(port)
            monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
            assert await status(port) == 201

    asyncio.run(inside())


def self_signed(folder: Path) -> Path:
    """A certificate for localhost with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "localhost.pem"
    pem = serialization.Encoding.PEM
    path.write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + certificate.public_bytes(pem)
    )
    return path
