"""Wire a run's connection: token, clock, limiter, gate, client; GitHub or the sandbox.

This is the only place that decides which of the two a run talks to; nothing above it knows.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager, nullcontext
from typing import TYPE_CHECKING

from ghsync.access import HOW_TO_GET_IN, check_host, is_github, require_repo
from ghsync.clock import Clock, SystemClock
from ghsync.config import Config, Source
from ghsync.config.limits import profile_of
from ghsync.errors import AuthError
from ghsync.journal import Sent
from ghsync.limiter import Limiter
from ghsync.model import Cost, Event, Requests
from ghsync.remote.answers import RequestLog
from ghsync.remote.auth import Token, TokenProvider
from ghsync.remote.client import Client
from ghsync.remote.gate import Gate
from ghsync.values import dataclass

if TYPE_CHECKING:
    from ghsync.embedded import Embedded


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


@asynccontextmanager
async def open_session(
    config: Config,
    *,
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
        if not is_github(config.api_url) and not _chosen(config):
            await client.probe_limits()
        yield Session(
            client=client,
            limiter=limiter,
            clock=clock,
            repo=repo,
            kind="github",
            api_url=config.api_url,
        )


def _chosen(config: Config) -> bool:
    """Whether somebody said which limits to keep to: the server's word comes second then."""
    return config.sources.get("limits", Source.DEFAULT) is not Source.DEFAULT


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
        token=held.tokens or Token(held.token, source="the sandbox"),
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
