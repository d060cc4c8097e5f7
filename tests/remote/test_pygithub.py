"""PyGithub's Auth objects, and the renewal of an app's token by PyGithub over real HTTP."""

from __future__ import annotations

import asyncio
import json
import logging
import subprocess
import sys
import threading
import traceback
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import github
import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

import ghsync
from ghsync.errors import AuthError, GhsyncError, RemoteUnavailableError, UsageError
from ghsync.remote.auth import AppToken, Token
from ghsync.remote.pygithub import is_pygithub, provider_of
from ghsync.tokens import app_from_env

SECRET = "ghs_" + "canary" * 6
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PEM = KEY.private_bytes(
    serialization.Encoding.PEM,
    serialization.PrivateFormat.PKCS8,
    serialization.NoEncryption(),
).decode()
PUBLIC = KEY.public_key()


@dataclass
class AppServer:
    """What GitHub answers an app: its installation of a repository, and tokens."""

    url: str = ""
    seen: list[tuple[str, str]] = field(default_factory=list)
    status: int = 201
    permissions: list[object] = field(default_factory=list)
    issuers: set[str] = field(default_factory=set)
    token: str = field(default=SECRET, repr=False)

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        """Answer one request; the signature is checked."""
        size = int(handler.headers.get("content-length") or 0)
        sent = json.loads(handler.rfile.read(size) or b"{}") if size else {}
        self.seen.append((handler.command, handler.path))
        said = handler.headers["authorization"].removeprefix("Bearer ")
        claims = jwt.decode(said, PUBLIC, algorithms=["RS256"], options={"verify_iat": False})
        self.issuers.add(str(claims["iss"]))
        status, data = self.status, {"message": f"no {said}"}
        if status < 400 and handler.path.endswith("/installation"):
            status, data = 200, {"id": 34, "url": f"{self.url}/app/installations/34"}
        elif status < 400:
            self.permissions.append(sent.get("permissions"))
            end = datetime.now(UTC) + timedelta(hours=1)
            data = {"token": self.token, "expires_at": end.strftime("%Y-%m-%dT%H:%M:%SZ")}
        body = json.dumps(data).encode()
        handler.send_response(status)
        handler.send_header("content-type", "application/json")
        handler.send_header("content-length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)


@pytest.fixture
def server() -> Iterator[AppServer]:
    """An app's GitHub on a free port."""
    made = AppServer()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            made.answer(self)

        def do_POST(self) -> None:
            made.answer(self)

        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

    listening = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=listening.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    made.url = f"http://127.0.0.1:{listening.server_port}"
    yield made
    listening.shutdown()
    thread.join()
    listening.server_close()


def now() -> float:
    """The time."""
    return datetime.now(UTC).timestamp()


def provider(auth: Any, url: str, repo: str | None = "octo/plan") -> AppToken:
    """The provider of an Auth object that renews."""
    found = provider_of(auth, api_url=url, repo=repo, now=now)
    assert isinstance(found, AppToken)
    return found


def test_an_app_of_the_environment_gets_its_token(
    server: AppServer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """PyGithub signs and sends; no proxy of this machine sees it, and no log the token."""
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    caplog.set_level(logging.DEBUG, "github.Requester")
    env = {
        "GHSYNC_APP_ID": "12",
        "GHSYNC_APP_INSTALLATION": "34",
        "GHSYNC_APP_PRIVATE_KEY": PEM.replace("\n", "\\n"),
    }
    app = app_from_env(env, api_url=server.url, now=now)
    assert app is not None

    async def ask() -> list[Token]:
        return await asyncio.gather(*(app.token() for _ in range(5)))

    tokens = asyncio.run(ask())
    assert {token.reveal() for token in tokens} == {SECRET}
    assert tokens[0].source == "the GitHub App 12"
    assert server.seen == [("POST", "/app/installations/34/access_tokens")]
    assert server.issuers == {"12"}
    assert SECRET not in caplog.text
    logging.getLogger("github.Requester").debug("others are heard")
    assert "others are heard" in caplog.text


def test_an_app_finds_its_installation_by_the_repository(server: AppServer) -> None:
    """``AppAuth`` alone is enough where a repository is named; asked for once."""
    app = provider(github.Auth.AppAuth(12, PEM), server.url)
    first = asyncio.run(app.token())
    assert asyncio.run(app.token(stale=first)) is not first
    assert [path for _, path in server.seen] == [
        "/repos/octo/plan/installation",
        "/app/installations/34/access_tokens",
        "/app/installations/34/access_tokens",
    ]
    with pytest.raises(UsageError, match="no repository says which"):
        provider(github.Auth.AppAuth(12, PEM), server.url, repo=None)


def test_an_installation_keeps_its_permissions(server: AppServer) -> None:
    """``get_installation_auth`` names the installation and may narrow what the token may do."""
    auth = github.Auth.AppAuth(12, PEM).get_installation_auth(7, {"issues": "write"})
    assert asyncio.run(provider(auth, server.url).token()).reveal() == SECRET
    assert server.seen == [("POST", "/app/installations/7/access_tokens")]
    assert server.permissions == [{"issues": "write"}]


@pytest.mark.parametrize(
    ("status", "error"), [(401, AuthError), (404, AuthError), (503, RemoteUnavailableError)]
)
def test_a_refusal_is_one_error_without_the_signature(
    server: AppServer, status: int, error: type[GhsyncError]
) -> None:
    """The answer repeats what was sent; neither message nor traceback nor its variables do."""
    server.status = status
    app = provider(github.Auth.AppAuth(12, PEM), server.url)
    with pytest.raises(error, match=f"octo/plan: HTTP {status}") as caught:
        asyncio.run(app.token())
    frames = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
    text = "".join(frames.format())
    assert "eyJ" not in text
    assert "PRIVATE KEY" not in text


def test_an_unreachable_server_is_for_later() -> None:
    """Exit 6: the next push goes on."""
    app = provider(github.Auth.AppAuth(12, PEM), "http://127.0.0.1:9")
    with pytest.raises(RemoteUnavailableError):
        asyncio.run(app.token())


@pytest.mark.parametrize("key", ["", "-----BEGIN KEY-----", "x" * 300])
def test_a_key_that_is_none_is_not_shown(server: AppServer, key: str) -> None:
    """Not by jwt's or cryptography's errors, nor by the variables of their frames."""
    app = app_from_env(
        {
            "GHSYNC_APP_ID": "12",
            "GHSYNC_APP_INSTALLATION": "34",
            "GHSYNC_APP_PRIVATE_KEY": f"canary{key}",
        },
        api_url=server.url,
        now=now,
    )
    assert app is not None
    with pytest.raises(AuthError, match="got no token for installation 34") as caught:
        asyncio.run(app.token())
    shown = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
    assert "canary" not in "".join(shown.format())
    assert server.seen == []


def test_a_token_that_is_none_is_not_shown(server: AppServer) -> None:
    """What a server gives in place of one: neither it nor the key is in a frame of the error."""
    server.token = "canary and more"
    app = provider(github.Auth.AppAuth(12, PEM), server.url)
    with pytest.raises(AuthError, match="is not a token") as caught:
        asyncio.run(app.token())
    shown = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
    assert "canary" not in "".join(shown.format())
    frames = [frame.name for frame in traceback.extract_tb(caught.value.__traceback__)]
    assert "fetch" not in frames


def test_a_users_token_is_renewed_by_its_own_object(monkeypatch: pytest.MonkeyPatch) -> None:
    """``AppUserAuth`` refreshes itself, once, when GitHub refuses the token or its end is near."""
    auth = github.Auth.AppUserAuth(
        "id", "secret", "ghu_old", expires_at=datetime.now(UTC) + timedelta(hours=1),
        refresh_token="ghr_1",
    )  # fmt: skip
    refreshed: list[str] = []

    def refresh() -> None:
        refreshed.append("once")
        auth._token = "ghu_new"
        auth._expires_at = datetime.now(UTC) + timedelta(hours=8)

    monkeypatch.setattr(auth, "_refresh", refresh)
    users = provider(auth, "https://api.github.com")

    async def story() -> list[str]:
        first = await users.token()
        second = await users.token(stale=first)
        return [first.reveal(), second.reveal(), (await users.token()).reveal()]

    assert asyncio.run(story()) == ["ghu_old", "ghu_new", "ghu_new"]
    assert refreshed == ["once"]


def test_netrc_gives_the_configured_hosts_password(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of the API's host; another host's is not taken."""
    (tmp_path / "netrc").write_text(f"machine api.github.com login octo password {SECRET}\n")
    (tmp_path / "netrc").chmod(0o600)
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    found = provider_of(
        github.Auth.NetrcAuth(), api_url="https://api.github.com", repo=None, now=now
    )
    assert isinstance(found, Token)
    assert found.reveal() == SECRET
    with pytest.raises(AuthError, match="no token for ghes"):
        provider_of(github.Auth.NetrcAuth(), api_url="https://ghes.corp/api/v3", repo=None, now=now)


@pytest.mark.parametrize(
    ("auth", "said"),
    [
        (github.Auth.Login("octo", SECRET), "no login with a password"),
        (github.Auth.AppAuthToken(SECRET), "speaks for the app itself"),
        (object(), "gives no token"),
        (17, "gives no token"),
    ],
)
def test_what_gives_no_token_is_refused(tmp_path: Path, auth: Any, said: str) -> None:
    """Before anything is sent, and without the password."""
    with pytest.raises(GhsyncError, match=said) as caught:
        ghsync.push(tmp_path, repo="octo/plan", token=auth, env={})
    assert SECRET not in "".join(traceback.format_exception(caught.value))


def test_a_plain_auth_token_is_a_token(tmp_path: Path) -> None:
    """``github.Auth.Token`` is what its text is."""
    auth = github.Auth.Token(SECRET)
    assert is_pygithub(auth)
    found = provider_of(auth, api_url="https://api.github.com", repo=None, now=now)
    assert isinstance(found, Token)
    assert found.reveal() == SECRET


def test_plain_http_is_refused_for_apps_too() -> None:
    """A signature and the token that it brings are as good as the key for an hour."""
    with pytest.raises(UsageError, match="plain http"):
        provider_of(github.Auth.AppAuth(12, PEM), api_url="http://ghes.corp", repo="o/r", now=now)


def test_a_program_without_pygithub_never_loads_it(tmp_path: Path) -> None:
    """A provider of one's own, a push into the sandbox: PyGithub is not imported."""
    program = (
        "import sys, ghsync\n"
        "class Mine:\n"
        "    async def token(self, *, stale=None): return ghsync.Token('x' * 40)\n"
        f"ghsync.push({str(tmp_path)!r}, items=[ghsync.item('a', title='A')], sandbox=True,\n"
        "    token=Mine(), env={})\n"
        "assert 'github' not in sys.modules and 'keyring' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
