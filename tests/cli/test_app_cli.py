"""A GitHub App from the command line: the key in a file, PyGithub's signature, real HTTP, a token
that ends while the push goes on.
"""

from __future__ import annotations

import http.client
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from cli_kit import REPO, Cli, Served, served
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from ghsync.sandbox.people import add_token, revoke_token
from ghsync.sandbox.seeds import SANDBOX_TOKEN


@dataclass
class AppGithub:
    """The sandbox with the app's endpoint before it; its tokens end after some requests."""

    served: Served
    lasts: int = 10_000
    """Requests after which a token is refused."""
    refuses: int = 10_000
    """The number from which on no token is given."""
    given: list[str] = field(default_factory=list)
    looked_up: list[str] = field(default_factory=list)
    """The paths by which its installation was asked for."""
    used: int = 0
    url: str = ""

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        """Give a token, or pass the request on."""
        size = int(handler.headers.get("content-length") or 0)
        body = handler.rfile.read(size)
        if handler.path == "/app/installations/34/access_tokens":
            return self.mint(handler)
        if handler.path.endswith("/installation"):
            self.looked_up.append(handler.path)
            data = {"id": 34, "url": f"{self.url}/app/installations/34"}
            return self.send(handler, 200, json.dumps(data).encode(), {})
        self.used += 1
        if self.used == self.lasts and self.given:
            revoke_token(self.served.github, self.given[-1])
        place = urlsplit(self.served.url)
        inner = http.client.HTTPConnection(str(place.hostname), place.port, timeout=10)
        headers = {k: v for k, v in handler.headers.items() if k.lower() != "host"}
        inner.request(
            handler.command, handler.path, body or None, {**headers, "Host": place.netloc}
        )
        reply = inner.getresponse()
        data = reply.read().replace(self.served.url.encode(), self.url.encode())
        self.send(handler, reply.status, data, dict(reply.getheaders()))
        inner.close()
        return None

    def mint(self, handler: BaseHTTPRequestHandler) -> None:
        """Answer the app itself."""
        if len(self.given) + 1 >= self.refuses:
            self.send(handler, 401, b'{"message": "A JSON web token could not be decoded"}', {})
            return
        self.given.append(f"ghs_{len(self.given):036d}")
        self.used = 0
        add_token(self.served.github, self.given[-1])
        end = (datetime.now(UTC) + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
        data = json.dumps({"token": self.given[-1], "expires_at": end}).encode()
        self.send(handler, 201, data, {})

    def send(
        self, handler: BaseHTTPRequestHandler, status: int, data: bytes, headers: dict[str, str]
    ) -> None:
        """Send an answer."""
        handler.send_response(status)
        ours = {"content-length", "connection", "transfer-encoding", "date", "server"}
        for name, value in headers.items():
            if name.lower() not in ours:
                handler.send_header(name, value.replace(self.served.url, self.url))
        handler.send_header("content-length", str(len(data)))
        handler.end_headers()
        handler.wfile.write(data)


class Listening(ThreadingHTTPServer):
    """A server for many connections at once: beyond five, the kernel would drop some in silence."""

    request_queue_size = 256
    daemon_threads = True


@pytest.fixture
def app(cli: Cli, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[AppGithub]:
    """A GitHub that knows the app of the environment."""
    with served() as inner:
        made = AppGithub(inner)

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_any(self) -> None:
                made.answer(self)

            def log_message(self, format: str, *args: Any) -> None:
                """Say nothing."""

        for verb in ("GET", "POST", "PATCH", "PUT", "DELETE"):
            setattr(Handler, f"do_{verb}", Handler.handle_any)
        listening = Listening(("127.0.0.1", 0), Handler)
        thread = threading.Thread(target=listening.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        made.url = f"http://127.0.0.1:{listening.server_port}"
        pem = rsa.generate_private_key(public_exponent=65537, key_size=2048).private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        key = tmp_path.parent / f"{tmp_path.name}.pem"
        key.touch(0o600)
        key.write_bytes(pem)
        settings = {
            **inner.environment(),
            "GITHUB_API_URL": made.url,
            "GHSYNC_APP_ID": "12",
            "GHSYNC_APP_INSTALLATION": "34",
            "GHSYNC_APP_PRIVATE_KEY_FILE": str(key),
        }
        for name, value in settings.items():
            monkeypatch.setenv(name, value)
        yield made
        listening.shutdown()
        thread.join()
        listening.server_close()


def test_a_push_outlives_an_apps_token(cli: Cli, app: AppGithub) -> None:
    """Each token is refused after ten requests; every issue is made once."""
    cli.shop(tasks=12)
    app.lasts = 10
    done = cli("push", "--limits", "none", "--no-remote-lock")
    assert done.code == 0, done.err
    assert len(app.given) > 2
    assert app.served.titles == sorted(["Shop", *(f"Task {n}" for n in range(1, 13))])
    assert cli("token", "source").out == f"{urlsplit(app.url).netloc}: the GitHub App 12\n"


def test_an_app_needs_no_number_of_an_installation(
    cli: Cli, app: AppGithub, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The repository's is looked up, once for a push however often the token is renewed."""
    monkeypatch.delenv("GHSYNC_APP_INSTALLATION")
    cli.shop(tasks=12)
    app.lasts = 10
    done = cli("push", "--limits", "none", "--no-remote-lock")
    assert done.code == 0, done.err
    assert len(app.given) > 2
    assert app.looked_up == [f"/repos/{REPO}/installation"]


def test_a_renewal_that_is_refused_ends_the_push_with_4(cli: Cli, app: AppGithub) -> None:
    """What was done is recorded; with the key mended the next push does the rest."""
    cli.shop(tasks=12)
    app.lasts, app.refuses = 12, 2
    ended = cli("push", "--limits", "none", "--no-remote-lock")
    assert ended.code == 4
    assert "got no token for installation 34: HTTP 401" in ended.err
    assert 0 < len(app.served.titles) < 13
    app.lasts = app.refuses = 10_000
    again = cli.json("push", "--limits", "none", "--no-remote-lock")
    assert again["totals"]["failed"] == 0
    assert app.served.titles == sorted(["Shop", *(f"Task {n}" for n in range(1, 13))])


def test_a_token_file_of_this_call_comes_before_the_app(
    cli: Cli, app: AppGithub, tmp_path: Path
) -> None:
    """``--token-file`` wins over everything that is set."""
    cli.shop()
    file = tmp_path / "token"
    file.touch(0o600)
    file.write_text(f"{SANDBOX_TOKEN}\n")
    assert cli("push", "--limits", "none", "--token-file", file).code == 0
    assert app.given == []
    file.chmod(0o644)
    refused = cli("status", "--token-file", file)
    assert refused.code == 4
    assert "open to everybody" in refused.err
