"""What a proxy of the environment gets to see: nothing of this machine's, and no token."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from remote_kit import REPO, SECRET

import ghsync
from ghsync.clock import SystemClock
from ghsync.errors import RemoteUnavailableError
from ghsync.limiter import GITHUB, Limiter
from ghsync.remote.auth import Token
from ghsync.remote.client import Client
from ghsync.remote.gate import Gate
from ghsync.remote.wire import create_label, get_repo
from ghsync.sandbox.github import GitHub
from ghsync.sandbox.limits import NONE
from ghsync.sandbox.seeds import SANDBOX_TOKEN
from ghsync.sandbox.serve import running

VARIABLES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")


class Proxy:
    """A proxy that writes down what it is told, and says no."""

    def __init__(self) -> None:
        self.heard = b""
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            with connection:
                self.heard += connection.recv(65_536)
                connection.sendall(b"HTTP/1.1 502 No\r\ncontent-length: 0\r\n\r\n")

    def close(self) -> None:
        """End it."""
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self._thread.join(5)


@pytest.fixture
def proxy(monkeypatch: pytest.MonkeyPatch) -> Iterator[Proxy]:
    """The environment's proxy for everything."""
    made = Proxy()
    for name in VARIABLES:
        monkeypatch.setenv(name, made.url)
        monkeypatch.setenv(name.lower(), made.url)
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    yield made
    made.close()


@pytest.mark.parametrize("write", [False, True])
def test_a_proxy_is_asked_for_a_tunnel_and_gets_no_token(proxy: Proxy, write: bool) -> None:
    """``CONNECT host:443``; the token goes into the TLS that comes after it."""
    clock = SystemClock()
    gate = Gate(Limiter(GITHUB), clock)
    request = create_label(REPO, name="x", color="ffffff", description="") if write else None

    async def story() -> None:
        client = Client(
            api_url="https://ghes.invalid/api/v3",
            token=Token(SECRET),
            gate=gate,
            clock=clock,
            random=lambda: 0.0,
        )
        async with client:
            client._sleep = lambda seconds: asyncio.sleep(0)  # type: ignore[method-assign]
            await client.send(request or get_repo(REPO))

    with pytest.raises(RemoteUnavailableError):
        asyncio.run(story())
    assert proxy.heard.startswith(b"CONNECT ghes.invalid:443 HTTP/1.1")
    assert SECRET.encode() not in proxy.heard
    assert b"uthorization" not in proxy.heard


def test_this_machines_requests_go_to_no_proxy(proxy: Proxy, tmp_path: Path) -> None:
    """Plain http would show the token to it."""
    with running(GitHub(limits=NONE)) as address:
        run = ghsync.push(
            tmp_path,
            items=[ghsync.item("a", title="A")],
            repo="octo/plan",
            token=SANDBOX_TOKEN,
            limits="none",
            env={"GITHUB_API_URL": address.url},
        )
    assert run.error is None
    assert run.succeeded == run.total > 0
    assert proxy.heard == b""
