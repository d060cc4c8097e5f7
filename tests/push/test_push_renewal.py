"""A push that outlives its token: a GitHub App's is renewed, and nothing is made twice."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from world import World, code

from ghsync.errors import AuthError, ExitCode, GhsyncError, RemoteUnavailableError
from ghsync.remote.auth import AppToken, Token
from ghsync.sandbox.limits import NONE
from ghsync.sandbox.people import add_token, revoke_token
from ghsync.surroundings import Surroundings


@dataclass
class App(World):
    """A folder whose pushes have tokens that end."""

    said: float = 3600.0
    """For how long a token is good, by what GitHub says."""
    lives: float = 3600.0
    """And in truth."""
    ends: dict[str, float] = field(default_factory=dict)
    refuses: dict[int, GhsyncError] = field(default_factory=dict)
    """What becomes of the fetch of that number, from 1, and of those after it."""
    fetches: int = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        self.wrap = lambda inner: Expiring(inner, self)

    async def fetch(self) -> tuple[Token, float]:
        """Get a token, as from GitHub."""
        self.fetches += 1
        for number, error in self.refuses.items():
            if self.fetches >= number:
                raise error
        value = f"ghs_{self.fetches:036d}"
        add_token(self.github, value)
        now = self.clock.now()
        self.ends[value] = now + self.lives
        return Token(value), now + self.said

    def around(self, **options: Any) -> Surroundings:
        """With the app's tokens in place of the sandbox's one."""
        around = super().around(**options)
        assert around.embedded is not None
        tokens = AppToken(self.fetch, now=self.clock.now)
        return replace(around, embedded=replace(around.embedded, tokens=tokens))

    def many(self, tasks: int) -> None:
        """So many tasks under two epics."""
        self.backlog(tasks // 2)
        self.backlog(tasks - tasks // 2, ".claude/epics/mail")

    def whole(self, items: int) -> None:
        """Every issue is there once."""
        assert Counter(self.titles).most_common(1)[0][1] == 1
        assert len(self.titles) == items
        self.agree()


class Expiring(httpx.AsyncBaseTransport):
    """The sandbox, whose tokens end by its clock; it counts what it refuses."""

    def __init__(self, inner: httpx.AsyncBaseTransport, app: App) -> None:
        self.inner, self.app = inner, app

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """End the tokens whose time is over, and pass the request on."""
        for value, end in [*self.app.ends.items()]:
            if self.app.clock.now() >= end:
                revoke_token(self.app.github, value)
                del self.app.ends[value]
        return await self.inner.handle_async_request(request)


@pytest.fixture
def app(tmp_path: Path) -> App:
    """A folder, a GitHub with tokens that end, and the time."""
    return App(tmp_path)


def refusals(app: App) -> int:
    """How many requests were answered 401."""
    return sum(entry.status == 401 for entry in app.github.log)


def test_a_token_is_renewed_before_its_end(app: App) -> None:
    """No request is refused, however long the push takes."""
    app.said = app.lives = 360.0  # five minutes of which are never used
    app.many(150)
    run = app.push()
    assert code(run) is ExitCode.DONE
    assert run.duration > 110
    assert app.fetches >= 2
    assert refusals(app) == 0
    app.whole(152)


def test_a_token_that_ends_midway_is_renewed_once(app: App) -> None:
    """What was answered 401 was not executed: it is sent again with the new token, once."""
    app.lives = 2.0
    app.limit(NONE)
    app.backlog(90)
    run = app.push(limits="none")
    assert code(run) is ExitCode.DONE
    revoked = sum(token.revoked for token in app.github.state.tokens.values())
    assert refusals(app) >= revoked > 3
    assert app.fetches == 1 + revoked
    app.whole(91)


@pytest.mark.parametrize(
    ("error", "exit_code"),
    [
        (AuthError("the GitHub App got no token: HTTP 401"), ExitCode.AUTH),
        (RemoteUnavailableError("the GitHub App got no token: ConnectionError"), ExitCode.STOPPED),
    ],
)
def test_a_renewal_that_fails_ends_the_push_and_the_next_goes_on(
    app: App, error: GhsyncError, exit_code: ExitCode
) -> None:
    """Exit 4 for a refusal, 6 where nobody answers; what was done is known, nothing is unclear."""
    app.lives = 30.0
    app.refuses = {2: error}
    app.backlog(60)
    run = app.push()
    assert code(run) is exit_code
    assert 0 < run.succeeded < run.total
    assert app.fetches < 8
    done = len(app.titles)
    app.lives, app.refuses, app.fetches = 3600.0, {}, 10
    again = app.push()
    assert code(again) is ExitCode.DONE
    assert 0 < done < len(app.titles)
    app.whole(61)


def test_a_renewal_that_nobody_answers_may_come_later(app: App) -> None:
    """While the present token is good, the push goes on with it."""
    app.said = app.lives = 390.0
    app.refuses = {2: RemoteUnavailableError("nobody answers")}
    app.many(160)
    run = app.push()
    assert run.duration > 120
    assert app.fetches == 2, "it is not tried at every request"
    assert code(run) is ExitCode.DONE
    app.whole(162)


def test_an_app_that_is_thrown_out_ends_the_push(app: App) -> None:
    """New tokens are refused, too: each request asks for one more at most, and the push ends."""
    app.backlog(40)
    app.lives = 15.0

    async def useless() -> tuple[Token, float]:
        token, end = await App.fetch(app)
        if app.fetches > 1:
            revoke_token(app.github, token.reveal())
        return token, end

    app.fetch = useless  # type: ignore[method-assign]
    run = app.push()
    assert code(run) is ExitCode.AUTH
    assert app.fetches <= 12
