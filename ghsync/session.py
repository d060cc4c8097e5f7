"""Wire a run's connection: token, clock, limiter, gate, client; GitHub or the sandbox.

This is the only place that decides which of the two a run talks to; nothing above it knows.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager, nullcontext
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ghsync.clock import Clock, SystemClock
from ghsync.config import Config, Limits, Source
from ghsync.config.values import is_loopback
from ghsync.errors import AuthError, UsageError
from ghsync.journal import Sent
from ghsync.limiter import CAUTIOUS, GITHUB, UNLIMITED, Limiter, Profile
from ghsync.model import Cost, Event, Requests
from ghsync.remote.answers import RequestLog
from ghsync.remote.auth import Token, TokenProvider, app_from_env, resolve_token
from ghsync.remote.client import Client
from ghsync.remote.gate import Gate
from ghsync.values import dataclass

if TYPE_CHECKING:
    from ghsync.embedded import Embedded

HOW_TO_GET_IN = (
    "Set GITHUB_TOKEN (or GH_TOKEN) to a token with Issues: read and write, "
    "or try it without one: `ghsync push --sandbox`."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """An open connection to GitHub or the sandbox."""

    client: Client
    limiter: Limiter
    clock: Clock
    repo: str
    kind: str
    """``github`` or ``sandbox``."""
    api_url: str

    @property
    def spent(self) -> Requests:
        """What this session has sent so far."""
        return self.client.spent

    @property
    def concurrency(self) -> int:
        """How many operations may be under way."""
        return self.limiter.profile.concurrency

    def seed(self, sent: Iterable[Sent]) -> None:
        """Tell the limiter what an earlier run sent, so that a restart cannot burst again."""
        self.limiter.seed((each.at, Cost(points=5, content=each.content)) for each in sent)


def profile_of(limits: Limits) -> Profile:
    """The limiter's profile for a setting."""
    match limits:
        case Limits.GITHUB:
            return GITHUB
        case Limits.CAUTIOUS:
            return CAUTIOUS
        case Limits.NONE:
            return UNLIMITED


def require_repo(config: Config) -> str:
    """The repository's name, or an error that says how to name it."""
    if config.repo is None:
        raise UsageError(
            "No repository is named, and the folder's git remote names none.",
            hint="Pass --repo OWNER/NAME, or set GITHUB_REPOSITORY; --sandbox needs neither.",
        )
    return config.repo.full_name


def find_token(
    config: Config, env: Mapping[str, str], now: Callable[[], float]
) -> Token | TokenProvider | None:
    """A GitHub App's tokens if its variables are set, else a plain token, else ``None``."""
    app = app_from_env(env, api_url=config.api_url, now=now)
    return app if app is not None else resolve_token(env)


def unreadable(
    config: Config,
    env: Mapping[str, str],
    token: Token | TokenProvider | None,
    now: Callable[[], float],
) -> bool:
    """True where nothing says which GitHub to read, or with which token."""
    return config.repo is None or (token or find_token(config, env, now)) is None


@asynccontextmanager
async def open_session(
    config: Config,
    *,
    env: Mapping[str, str],
    on_event: Callable[[Event], None],
    on_request: Callable[[RequestLog], None] | None = None,
    token: Token | TokenProvider | None = None,
    keep: bool = True,
    embedded: Embedded | None = None,
) -> AsyncIterator[Session]:
    """Open the connection that the settings name.

    ``keep`` is false for a run that must not write: what the sandbox learns is then forgotten.
    Raises :class:`~ghsync.errors.AuthError` without a token and
    :class:`~ghsync.errors.UsageError` without a repository.
    """
    repo = require_repo(config)
    if config.sandbox:
        from ghsync.embedded import own_sandbox

        with own_sandbox(config, keep=keep) if embedded is None else nullcontext(embedded) as held:
            async with _sandbox(config, repo, held, on_event, on_request) as session:
                yield session
        return
    clock = SystemClock()
    token = token or find_token(config, env, clock.now)
    if token is None:
        raise AuthError("There is no token for GitHub.", hint=HOW_TO_GET_IN)
    check_host(config)
    limiter = Limiter(profile_of(config.limits), reserve=config.reserve)
    gate = Gate(limiter, clock, on_wait=on_event)
    client = Client(
        api_url=config.api_url,
        token=token,
        gate=gate,
        clock=clock,
        on_request=on_request,
        on_notice=on_event,
    )
    async with client:
        if not _is_github(config.api_url):
            await client.probe_limits()
        yield Session(
            client=client,
            limiter=limiter,
            clock=clock,
            repo=repo,
            kind="github",
            api_url=config.api_url,
        )


def check_host(config: Config) -> None:
    """Send no token to a host that only a file of the checkout names: a stranger may own both."""
    host = urlsplit(config.api_url).hostname or ""
    named_by_file = config.sources.get("api_url") is Source.FILE
    if named_by_file and not _is_github(config.api_url) and not is_loopback(host):
        raise AuthError(
            f"{config.file} names the API server {host}; a token is not sent to a server that "
            "only a file of the checkout names.",
            hint=f"If it is yours, set GITHUB_API_URL={config.api_url}.",
        )


@asynccontextmanager
async def _sandbox(
    config: Config,
    repo: str,
    held: Embedded,
    on_event: Callable[[Event], None],
    on_request: Callable[[RequestLog], None] | None,
) -> AsyncIterator[Session]:
    """The embedded GitHub on a virtual clock: nothing waits, the report says how long it took."""
    from ghsync.sandbox.inprocess import SandboxTransport

    limiter = Limiter(profile_of(config.limits), reserve=config.reserve)
    client = Client(
        api_url=config.api_url,
        token=Token(held.token, source="the sandbox"),
        gate=Gate(limiter, held.clock, on_wait=on_event),
        clock=held.clock,
        transport=held.wrap(SandboxTransport(held.github, held.clock)),
        on_request=on_request,
        on_notice=on_event,
    )
    async with client:
        yield Session(
            client=client,
            limiter=limiter,
            clock=held.clock,
            repo=repo,
            kind="sandbox",
            api_url=held.url,
        )


def _is_github(api_url: str) -> bool:
    """True for the servers whose limits are published: github.com and ghe.com."""
    host = urlsplit(api_url).hostname or ""
    return host == "api.github.com" or host.endswith(".ghe.com")
