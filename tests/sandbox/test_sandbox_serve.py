"""The sandbox over HTTP: the protocol, real faults, and a clean end."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
from collections.abc import Iterator

import httpx
import pytest

from ghsync.sandbox.faults import FaultKind, FaultRule
from ghsync.sandbox.github import GitHub
from ghsync.sandbox.limits import NONE
from ghsync.sandbox.serve import MAX_BODY, Address, running, serve

TOKEN = {"authorization": "Bearer sandbox-token"}


@pytest.fixture(scope="module")
def github() -> GitHub:
    """One GitHub for the module; each test uses a repository of its own."""
    return GitHub(limits=NONE)


@pytest.fixture(scope="module")
def address(github: GitHub) -> Iterator[Address]:
    """Where it listens."""
    with running(github) as found:
        yield found


@pytest.fixture
def client(address: Address) -> Iterator[httpx.Client]:
    """A plain HTTP client with the sandbox's token."""
    with httpx.Client(base_url=address.url, headers=TOKEN, timeout=5, trust_env=False) as found:
        yield found


def talk(address: Address, *lines: str, body: bytes = b"") -> tuple[list[str], bytes]:
    """Send raw lines; the answer's head and body, until the server closes."""
    with socket.create_connection((address.host, address.port), timeout=5) as sock:
        sock.sendall("\r\n".join((*lines, "", "")).encode() + body)
        answer = b""
        while part := sock.recv(65536):
            answer += part
    head, _, content = answer.partition(b"\r\n\r\n")
    return head.decode().split("\r\n"), content


def test_a_request_over_http(client: httpx.Client, address: Address) -> None:
    """URLs stand under the request's own Host, also behind ``/api/v3``."""
    made = client.post("/repos/http/one/issues", json={"title": "\u00e9"})
    assert made.status_code == 201
    assert made.json()["url"] == f"{address.url}/repos/http/one/issues/1"
    assert made.headers["x-github-request-id"]
    other = client.get("/api/v3/repos/http/one/issues", headers={"host": "ghes.example:99"})
    assert other.json()[0]["url"].startswith("http://ghes.example:99/api/v3/repos/http/one/")


def test_connections_are_kept(address: Address) -> None:
    """Many requests go over one connection."""
    with socket.create_connection((address.host, address.port), timeout=5) as sock:
        reader = sock.makefile("rb")
        for _ in range(3):
            sock.sendall(b"GET /zen HTTP/1.1\r\nHost: x\r\n\r\n")
            assert reader.readline().startswith(b"HTTP/1.1 200")
            length = 0
            while (line := reader.readline()) != b"\r\n":
                if line.lower().startswith(b"content-length:"):
                    length = int(line.split(b":")[1])
            assert len(reader.read(length)) == length > 0


def test_absolute_form_request_lines(address: Address) -> None:
    """``GET http://host/path``, as proxies send it, names the host."""
    head, content = talk(
        address, "GET http://api.example/repos/http/abs HTTP/1.1", "Host: ignored.example",
        "Authorization: token sandbox-token", "Connection: close",
    )  # fmt: skip
    assert head[0].startswith("HTTP/1.1 200")
    assert json.loads(content)["url"] == "http://api.example/repos/http/abs"


def test_head_has_no_body(client: httpx.Client) -> None:
    """HEAD answers a GET's headers."""
    reply = client.head("/zen")
    assert (reply.status_code, reply.content) == (200, b"")
    assert client.head("/repos/http/one").status_code == 200


@pytest.mark.parametrize("line", ["nonsense", "GET / FTP/1.1", "GET  HTTP/1.1", "\x00\x01"])
def test_nonsense_is_answered_and_closed(address: Address, line: str) -> None:
    """What is not HTTP gets 400 and the door."""
    head, _ = talk(address, line, "Host: x")
    assert head[0].startswith("HTTP/1.1 400")


def test_an_enormous_body_is_refused(address: Address) -> None:
    """413 before it fills the memory."""
    head, _ = talk(
        address, "POST /repos/http/one/issues HTTP/1.1", "Host: x",
        f"Content-Length: {MAX_BODY + 1}", body=b"x" * (MAX_BODY + 1),
    )  # fmt: skip
    assert head[0].startswith("HTTP/1.1 413")


def test_browsers_and_clients_share_the_root(client: httpx.Client) -> None:
    """The page for a browser, GitHub's root document for a client."""
    assert "<!doctype html>" in client.get("/", headers={"accept": "text/html"}).text
    assert "current_user_url" in client.get("/").json()


@pytest.mark.parametrize(
    ("rule", "error", "count"),
    [
        (FaultRule(kind=FaultKind.RESET, method="POST"), httpx.ReadError, 0),
        (FaultRule(kind=FaultKind.RESET, method="POST", committed=True), httpx.ReadError, 1),
        (FaultRule(kind=FaultKind.TRUNCATED, method="POST"), httpx.RemoteProtocolError, 1),
        (FaultRule(kind=FaultKind.TIMEOUT, method="POST", committed=True), httpx.ReadTimeout, 1),
    ],
)
def test_faults_are_real(
    github: GitHub,
    client: httpx.Client,
    rule: FaultRule,
    error: type[httpx.TransportError],
    count: int,
) -> None:
    """A reset is a reset, a hang is a hang, a body breaks off."""
    path = f"/repos/faults/{rule.kind}-{count}/issues"
    github.faults.install(rule)
    with pytest.raises(error):
        client.post(path, json={"title": "x"}, timeout=0.3)
    assert len(client.get(path).json()) == count


def test_faults_and_clock_over_http(client: httpx.Client) -> None:
    """Another process can make the sandbox fail, and move its clock."""
    made = client.post("/_sandbox/faults", json={"kind": "status", "path": "/far", "status": 503})
    assert made.status_code == 201
    assert client.get("/repos/http/far").status_code == 503
    assert client.get("/repos/http/far").status_code == 200
    before = client.get("/_sandbox/clock").json()["now"]
    client.post("/_sandbox/clock", json={"advance": 3600})
    assert client.get("/_sandbox/clock").json()["now"] >= before + 3600
    assert client.get("/_sandbox/state", headers={"authorization": ""}).status_code == 401


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_cleanly(number: signal.Signals) -> None:
    """``serve`` tells its address when it listens, and returns after SIGINT or SIGTERM."""
    seen: list[Address] = []

    def ready(address: Address) -> None:
        seen.append(address)
        os.kill(os.getpid(), number)

    asyncio.run(serve(GitHub(limits=NONE), on_ready=ready))
    assert seen[0].url.startswith("http://127.0.0.1:")
    with pytest.raises(OSError, match=r"."):
        socket.create_connection((seen[0].host, seen[0].port), timeout=1).close()


def test_open_connections_do_not_keep_it_alive() -> None:
    """A client that stays connected is let go at the end."""
    with running(GitHub(limits=NONE)) as address:
        sock = socket.create_connection((address.host, address.port), timeout=5)
        sock.sendall(b"GET /zen HTTP/1.1\r\nHost: x\r\n\r\n")
        assert sock.recv(100).startswith(b"HTTP/1.1 200")
    with sock:
        while sock.recv(65536):
            pass


def test_a_taken_port_is_an_error(address: Address) -> None:
    """The caller hears about it as an ``OSError``."""
    with pytest.raises(OSError, match=r"."):
        asyncio.run(serve(GitHub(), port=address.port))
