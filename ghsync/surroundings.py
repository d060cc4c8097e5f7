"""What a run takes from outside: environment, token, randomness, who watches, who stops it."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import field
from typing import TYPE_CHECKING, Protocol

from ghsync.access import find_token
from ghsync.clock import Clock, SystemClock
from ghsync.config import Config
from ghsync.model import Event, Notice, Run, RunId
from ghsync.remote.auth import Environment
from ghsync.store import Files, Store, Unsynced
from ghsync.values import dataclass

if TYPE_CHECKING:  # a dry run without GitHub needs none of these
    from ghsync.embedded import Embedded
    from ghsync.journal import JournalEvent
    from ghsync.remote.answers import RequestLog
    from ghsync.remote.auth import Token, TokenProvider
    from ghsync.session import Session
    from ghsync.stop import Stop


class Trace(Protocol):
    """What a log takes; neither method raises, and either may be called in any thread."""

    def request(self, line: RequestLog, /) -> None:
        """One request was sent, once; told whatever became of it."""

    def journal(self, events: tuple[JournalEvent, ...], /) -> None:
        """These events are durable."""


_last = Environment({})


def _environment() -> Environment:
    """The process's environment; the same object while it is the same.

    A command may look for its token more than once, and what a helper answered is kept with it.
    """
    global _last  # noqa: PLW0603 (one process, one environment)
    if dict(_last) != dict(os.environ):
        _last = Environment(os.environ)
    return _last


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What a run takes from outside: environment, token, randomness, who watches, who stops it."""

    env: Mapping[str, str] = field(default_factory=_environment)
    token: Token | TokenProvider | None = None
    """What a caller gave; :meth:`token_for` looks for another where it is ``None``."""
    on_event: Callable[[Event], None] = lambda _: None
    stop: Stop | None = None
    confirm: Callable[[Run], Awaitable[bool]] | None = None
    """Asked once about a push that writes, with the plan that is sent; ``None`` asks nobody."""
    random_bytes: Callable[[int], bytes] = os.urandom
    command: str = "push"
    embedded: Embedded | None = None
    """A sandbox to use with ``sandbox`` settings, instead of the one kept in the folder."""
    found: dict[str, Token | TokenProvider | None] = field(default_factory=dict, repr=False)
    """The token that was looked for, by the API's URL: some sources are slow, or ask a person."""
    trace: Trace | None = None
    """Who is told of each request and each record, for a log; must not raise."""
    files: Files | None = None
    """The disk on which ``.ghsync/`` is kept; ``None`` for the real one."""

    def store(self, config: Config) -> Store:
        """The state kept beside these files.

        The sandbox does not fsync what it is told, and a power cut may set it back; a journal
        that survives one would then know more than its GitHub, and cost a third of the time.
        """
        files = self.files or (Unsynced() if config.sandbox else None)
        watch = self.trace.journal if self.trace is not None else None
        return Store.open(config.root, files=files, watch=watch)

    def session(
        self,
        config: Config,
        *,
        keep: bool = True,
        on_request: Callable[[RequestLog], None] | None = None,
    ) -> AbstractAsyncContextManager[Session]:
        """Open the connection that the settings name, as :func:`~ghsync.session.open_session`."""
        from ghsync.session import open_session

        return open_session(
            config,
            on_event=self.on_event,
            on_request=_both(on_request, self.trace),
            token=None if config.sandbox else self.token_for(config),
            keep=keep,
            embedded=self.embedded,
        )

    def token_for(self, config: Config) -> Token | TokenProvider | None:
        """The token to go with, looked for once. Raises :class:`~ghsync.errors.AuthError`."""
        if self.token is not None:
            return self.token
        if config.api_url not in self.found:
            now = SystemClock().now
            self.found[config.api_url] = find_token(config, self.env, now)
        return self.found[config.api_url]

    def tell(self, messages: Iterable[str]) -> None:
        """Pass notices on to whoever watches."""
        for message in messages:
            self.on_event(Notice(message=message))

    def new_run_id(self, clock: Clock) -> RunId:
        """Name a run: its start in milliseconds, so that names sort by time, and a nonce."""
        return RunId(f"{int(clock.now() * 1000):013d}-{self.random_bytes(3).hex()}")


def _both(
    on_request: Callable[[RequestLog], None] | None, trace: Trace | None
) -> Callable[[RequestLog], None] | None:
    """One callback for the run's own trail and the log."""
    if on_request is None or trace is None:
        return on_request if trace is None else trace.request

    def told(line: RequestLog) -> None:
        trace.request(line)
        on_request(line)

    return told
