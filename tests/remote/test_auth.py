"""Tokens: where they come from, that they do not show, and how an app's is renewed."""

from __future__ import annotations

import asyncio
import copy
import logging
import pickle
import traceback
from concurrent.futures import ThreadPoolExecutor
from itertools import repeat
from pathlib import Path

import httpx
import pytest
from remote_kit import REPO, SECRET, START, Wire, reply, run

from ghsync.errors import AuthError, ExitCode
from ghsync.remote.auth import AppToken, StaticToken, Token, resolve_token
from ghsync.remote.client import Client
from ghsync.remote.wire import get_repo
from ghsync.tokens import app_from_env


def test_github_token_comes_before_gh_token() -> None:
    """First set wins; an empty variable is not set."""
    env = {"GITHUB_TOKEN": "one", "GH_TOKEN": "two"}
    assert [
        None if token is None else (token.reveal(), token.source)
        for token in (
            resolve_token(env),
            resolve_token({**env, "GITHUB_TOKEN": ""}),
            resolve_token({}),
        )
    ] == [("one", "GITHUB_TOKEN"), ("two", "GH_TOKEN"), None]


@pytest.mark.parametrize(
    "text", [f"{SECRET}\n", f" {SECRET}", f"{SECRET}\x00", f"a {SECRET}", f"{SECRET}é", "\t"]
)
def test_what_cannot_be_a_token_is_refused_without_showing_it(text: str) -> None:
    """A line end smuggled into a header would be a second header."""
    with pytest.raises(AuthError) as caught:
        resolve_token({"GITHUB_TOKEN": text})
    assert SECRET not in "".join(traceback.format_exception(caught.value))
    assert "GITHUB_TOKEN" in caught.value.message
    assert caught.value.exit_code is ExitCode.AUTH


def test_a_token_shows_itself_nowhere(caplog: pytest.LogCaptureFixture) -> None:
    """Not by repr, str, format, a log line, or an exception that holds it."""
    token = Token(SECRET)
    logging.getLogger("t").warning("%s %r", token, token)
    shown = [repr(token), str(token), f"{token} {token!r:>80}", repr([token]), caplog.text]
    shown.append("".join(traceback.format_exception(ValueError(token))))
    assert all(SECRET not in text for text in shown)
    assert not hasattr(token, "__dict__")


@pytest.mark.parametrize("leak", [pickle.dumps, copy.copy, copy.deepcopy])
def test_a_token_is_never_pickled_or_copied(leak: object) -> None:
    """A pickle ends in files and other processes."""
    with pytest.raises(TypeError):
        leak(Token(SECRET))  # type: ignore[operator]


def test_a_static_token_has_no_other() -> None:
    """Asked for another one, it gives the same: the client then stops asking."""
    token = Token(SECRET)
    assert asyncio.run(StaticToken(token).token(stale=token)) is token


def test_an_apps_token_is_renewed_before_it_ends_and_when_it_is_refused() -> None:
    """One fetch serves everybody until then."""
    now = 1000.0
    made: list[str] = []

    async def fetch() -> tuple[Token, float]:
        await asyncio.sleep(0)
        made.append(f"ghs_{len(made)}")
        return Token(made[-1]), now + 3600

    async def story() -> list[str]:
        nonlocal now
        app = AppToken(fetch, now=lambda: now)
        first, same = await asyncio.gather(app.token(), app.token())
        assert first is same
        now += 3600 - 299
        second = await app.token()
        third = await app.token(stale=second)
        assert await app.token(stale=second) is third
        return [first.reveal(), second.reveal(), third.reveal()]

    assert asyncio.run(story()) == ["ghs_0", "ghs_1", "ghs_2"]


def test_many_requests_that_meet_the_end_renew_once() -> None:
    """Eight at once are answered 401; one of them renews, and all go again with the new token."""
    made: list[str] = []

    async def fetch() -> tuple[Token, float]:
        await asyncio.sleep(0.01)
        made.append(f"ghs_{len(made):036d}")
        return Token(made[-1]), START + 3600

    def handle(request: httpx.Request) -> httpx.Response:
        new = request.headers["authorization"] == f"Bearer ghs_{1:036d}"
        return reply(200, {"ok": True}) if new else reply(401, {"message": "Bad credentials"})

    async def story(door: Client) -> list[object]:
        asked = (door.send(get_repo(REPO)) for _ in range(8))
        return [answer.data for answer in await asyncio.gather(*asked)]

    wire = Wire(repeat(handle))
    client = wire.client(token=AppToken(fetch, now=wire.clock.now))
    assert run(client, story) == [{"ok": True}] * 8
    assert len(made) == 2


def test_a_renewal_works_in_several_loops_and_threads() -> None:
    """One provider for two pushes, one after the other and in two threads."""
    made: list[str] = []

    async def fetch() -> tuple[Token, float]:
        await asyncio.sleep(0.01)
        made.append("ghs")
        return Token("ghs_" + "x" * 36), 1e12

    app = AppToken(fetch, now=lambda: 0.0)

    def ask() -> str:
        async def several() -> str:
            first, *_ = await asyncio.gather(*(app.token() for _ in range(5)))
            return first.reveal()

        return asyncio.run(several())

    with ThreadPoolExecutor(2) as pool:
        answers = {*pool.map(lambda _: ask(), range(4)), ask()}
    assert answers == {"ghs_" + "x" * 36}
    assert len(made) <= 2


APP = {
    "GHSYNC_APP_ID": "12",
    "GHSYNC_APP_INSTALLATION": "34",
    "GHSYNC_APP_PRIVATE_KEY": "-----BEGIN KEY-----",
}


@pytest.mark.parametrize("missing", ["GHSYNC_APP_ID", "GHSYNC_APP_PRIVATE_KEY"])
def test_a_half_configured_app_says_what_is_missing(missing: str) -> None:
    """Nothing set is no app; something missing is an error that names it."""
    assert app_from_env({}, api_url="https://h", now=lambda: 0.0) is None
    assert isinstance(app_from_env(APP, api_url="https://h", now=lambda: 0.0), AppToken)
    env = {name: value for name, value in APP.items() if name != missing}
    with pytest.raises(AuthError, match=missing) as caught:
        app_from_env(env, api_url="https://h", now=lambda: 0.0)
    assert "GHSYNC_APP" in caught.value.hint


def test_an_apps_installation_is_the_repositorys() -> None:
    """It need not be named where a repository is."""
    env = {name: value for name, value in APP.items() if name != "GHSYNC_APP_INSTALLATION"}
    found = app_from_env(env, api_url="https://h", now=lambda: 0.0, repo="octo/plan")
    assert isinstance(found, AppToken)
    with pytest.raises(AuthError, match="no repository says which") as caught:
        app_from_env(env, api_url="https://h", now=lambda: 0.0)
    assert "--repo" in caught.value.hint


def test_an_apps_key_can_be_in_a_file(tmp_path: Path) -> None:
    """A file that cannot be read is named, its content is not."""
    env = {**APP, "GHSYNC_APP_PRIVATE_KEY": "", "GHSYNC_APP_PRIVATE_KEY_FILE": str(tmp_path / "k")}
    with pytest.raises(AuthError, match="cannot be read"):
        app_from_env(env, api_url="https://h", now=lambda: 0.0)
    (tmp_path / "k").write_text(APP["GHSYNC_APP_PRIVATE_KEY"])
    (tmp_path / "k").chmod(0o644)
    with pytest.raises(AuthError, match="open to everybody"):
        app_from_env(env, api_url="https://h", now=lambda: 0.0)
    (tmp_path / "k").chmod(0o600)
    assert isinstance(app_from_env(env, api_url="https://h", now=lambda: 0.0), AppToken)
    with pytest.raises(AuthError, match="not a number"):
        app_from_env({**APP, "GHSYNC_APP_INSTALLATION": "x"}, api_url="", now=lambda: 0.0)


def test_a_key_that_is_none_gets_no_token() -> None:
    """Whatever PyGithub and its libraries raise is one error without the key in it."""
    app = app_from_env(APP, api_url="https://127.0.0.1:1", now=lambda: 0.0)
    assert app is not None
    with pytest.raises(AuthError) as caught:
        asyncio.run(app.token())
    assert "BEGIN" not in "".join(traceback.format_exception(caught.value))
