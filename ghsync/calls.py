"""What every function of the library takes, and how it is settled."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Coroutine, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal, Protocol, TypedDict, TypeVar

from ghsync.config import Config, load_config
from ghsync.errors import UsageError
from ghsync.model import Event, Item
from ghsync.remote.auth import Environment, Token, TokenProvider
from ghsync.surroundings import Surroundings

T = TypeVar("T")
Root = str | os.PathLike[str]


class PyGithubAuth(Protocol):
    """One of PyGithub's ``Auth`` objects, for a token, an app or a user of an app."""

    @property
    def token_type(self) -> str:
        """The word before the token in the header."""

    @property
    def token(self) -> str:
        """The token."""


class Options(TypedDict, total=False):
    """What every function that looks at GitHub takes, as far as it concerns it.

    Whatever is left out is settled as on the command line: from ``env``, ``ghsync.toml`` and the
    git remote. A switch that is ``False`` is off, whatever those say.
    """

    repo: str
    """``owner/name``."""
    token: str | Token | TokenProvider | PyGithubAuth
    """A token's text, a provider that renews one, or an ``Auth`` object of PyGithub's."""
    token_file: str | os.PathLike[str]
    """A file that holds a token."""
    sandbox: bool
    layout: tuple[str, ...]
    archived: bool
    strict: bool
    only: str | tuple[str, ...]
    """Keys, paths, folders, names or globs of items; what those need comes along."""
    kind: Literal["prd", "epic", "task"] | tuple[Literal["prd", "epic", "task"], ...]
    limit: int
    """Write to at most so many items, the most urgent ones."""
    on_conflict: Literal["skip", "local", "remote"]
    allow_changes: int
    """The number that a brake named."""
    allow_dropped: bool
    prune: bool
    """Close the issues whose files, or items, are gone."""
    remote_lock: bool
    """``False``: create issues without the lock between machines."""
    limits: Literal["github", "ghes", "cautious", "none"]
    reserve: int
    """Requests of the token's hourly limit to leave for others."""
    concurrency: int
    """Operations under way at once."""
    settle: float
    """Seconds."""
    max_time: float
    """Seconds."""
    on_error: Literal["continue", "stop", "rollback"]
    """What a failed operation does to the others."""
    max_failures: int
    """Stop after so many failed operations."""
    write_back: bool
    """Write each issue's URL or number into its file."""
    on_progress: Callable[[Event], None]
    """Called with each event, in the caller's thread."""
    env: Mapping[str, str]
    """The environment to read; the process's by default."""


def settled(
    root: Root,
    command: str,
    options: Options,
    items: Iterable[Item] | None = None,
    *,
    configure: Callable[..., Config] | None = None,
) -> tuple[Config, Surroundings]:
    """The settings and surroundings of one call; ``configure`` stands in for :func:`config_of`."""
    hide(options)
    env: Mapping[str, str] = options.get("env") or Environment({})
    others = ("env", "token", "on_progress")
    settings: dict[str, object] = {k: v for k, v in options.items() if k not in others}
    config = with_items((configure or config_of)(root, env, **settings), items)
    around = Surroundings(
        env=env,
        token=_token(options.get("token"), config),
        on_event=options.get("on_progress", _nobody),
        command=command,
    )
    return config, around


def hide(options: Options) -> None:
    """Put what is secret where a traceback that prints variables does not show it."""
    if not isinstance(options.get("env"), Environment):
        options["env"] = Environment(options.pop("env", os.environ))
    if isinstance(options.get("token"), str):
        options["token"] = Token(str(options.pop("token")))


def _token(token: object, config: Config) -> Token | TokenProvider | None:
    """A token that was given in any form, as one of ours."""
    from ghsync.remote.pygithub import is_pygithub, provider_of

    if token is None or isinstance(token, Token):
        return token
    if is_pygithub(token):
        from ghsync.clock import SystemClock

        repo = None if config.repo is None else config.repo.full_name
        auth: Any = token
        return provider_of(auth, api_url=config.api_url, repo=repo, now=SystemClock().now)
    if not callable(getattr(token, "token", None)):
        raise UsageError(
            f"token is a {type(token).__name__}, which gives no token.",
            hint="Give text, a PyGithub Auth object, or an object with "
            "`async def token(self, *, stale=None) -> ghsync.Token`.",
        )
    provider: Any = token
    found: TokenProvider = provider
    return found


def with_items(config: Config, items: Iterable[Item] | None) -> Config:
    """The settings for these items; what is no file gets no line."""
    if items is None:
        return config
    from ghsync.given import loaded

    return replace(config, given=loaded(items, config.load_options), write_back=False)


def _nobody(event: Event) -> None:
    """Watch nothing."""


def config_of(root: Root, env: Mapping[str, str], **options: object) -> Config:
    """The settings of one root."""
    return load_config(Path(root), options=options, env=env)


def wait(work: Coroutine[Any, Any, T], name: str) -> T:
    """Run it to its end. Raises :class:`UsageError` inside a running event loop."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(work)
    work.close()
    raise UsageError(
        f"ghsync.{name} was called inside a running event loop.",
        hint=f"Call `await ghsync.{name}_async(...)` there.",
    )
