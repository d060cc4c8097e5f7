"""The library: what the command line does, as typed functions; sync, and async with ``_async``.

Nothing here prints, exits or configures logging. What keeps a run from starting is raised as a
:class:`~ghsync.errors.GhsyncError`; what stops it later is the returned run's ``error``.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Coroutine, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypedDict, TypeVar, Unpack

from ghsync import sync
from ghsync.config import Config, load_config
from ghsync.errors import UsageError
from ghsync.model import Checked, Event, Item, Key, Loaded, Run, StatusRow
from ghsync.remote.auth import Environment, Token, TokenProvider
from ghsync.values import dataclass

if TYPE_CHECKING:
    from types import TracebackType

    from ghsync.differing import Difference
    from ghsync.pulling import Pulled
    from ghsync.stop import Stop

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
    git remote.
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
    limits: Literal["github", "cautious", "none"]
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Synced:
    """What a pull and the push after it did."""

    pulled: Pulled
    run: Run


# -------------------------------------------------------------------------- the files alone


def load(root: Root = ".", *, layout: tuple[str, ...] = ()) -> Loaded:
    """Read the items under ``root``: what they are, what is none and why, and findings.

    Raises :class:`~ghsync.errors.NoLayoutError` where nothing is recognised.
    """
    return sync.items(_config(root, {}, layout=layout))


def lint(
    root: Root = ".", *, layout: tuple[str, ...] = (), items: Iterable[Item] | None = None
) -> Checked:
    """Check the items under ``root``, or these, against GitHub's limits; GitHub is not asked.

    Raises what :func:`load` raises; what is wrong with an item is a finding, not an error.
    """
    return sync.lint(_with_items(_config(root, {}, layout=layout), items))[1]


# ------------------------------------------------------------------------- towards GitHub


async def push_async(
    root: Root = ".",
    *,
    items: Iterable[Item] | None = None,
    dry_run: bool = False,
    **options: Unpack[Options],
) -> Run:
    """Bring GitHub's issues to the files under ``root``; with ``dry_run`` say what that takes.

    With ``items`` these are pushed in place of what the files hold: they are the whole set of
    this ``root``, so that an item which is missing counts as gone. Make them with
    :func:`ghsync.item`.

    Raises :class:`~ghsync.errors.GhsyncError` when the run cannot start. A run that stopped
    early has its ``error`` set and is resumed by the next call.
    """
    config, around = _settled(root, "push", options, items)
    return await sync.push(config, around, dry_run=dry_run)


def push(
    root: Root = ".",
    *,
    items: Iterable[Item] | None = None,
    dry_run: bool = False,
    **options: Unpack[Options],
) -> Run:
    """Call :func:`push_async` and wait for it.

    Raises what that raises, and :class:`~ghsync.errors.UsageError` inside a running event loop.
    """
    _hide(options)
    return _wait(push_async(root, items=items, dry_run=dry_run, **options), "push")


async def plan_async(
    root: Root = ".", *, items: Iterable[Item] | None = None, **options: Unpack[Options]
) -> Run:
    """Say what a push would do, and write nothing: its dry run. Raises what a push raises."""
    return await push_async(root, items=items, dry_run=True, **options)


def plan(
    root: Root = ".", *, items: Iterable[Item] | None = None, **options: Unpack[Options]
) -> Run:
    """Call :func:`plan_async` and wait for it. Raises what :func:`push` raises."""
    _hide(options)
    return _wait(plan_async(root, items=items, **options), "plan")


async def retry_async(
    root: Root = ".", *, items: Iterable[Item] | None = None, **options: Unpack[Options]
) -> Run:
    """Push only what failed in the last push, and what that needs. Raises what a push raises."""
    config, around = _settled(root, "retry", options, items)
    return await sync.retry(config, around)


def retry(
    root: Root = ".", *, items: Iterable[Item] | None = None, **options: Unpack[Options]
) -> Run:
    """Call :func:`retry_async` and wait for it. Raises what :func:`push` raises."""
    _hide(options)
    return _wait(retry_async(root, items=items, **options), "retry")


async def undo_async(
    root: Root = ".", *, run: str | None = None, dry_run: bool = False, **options: Unpack[Options]
) -> Run:
    """Take back what a run did: the one with this id, or the last push that did anything.

    Updated fields are restored where nobody has touched them since; what was created is closed.
    Raises what a push raises, and :class:`~ghsync.errors.UsageError` where there is no such run.
    """
    config, around = _settled(root, "undo", options)
    return await sync.undo(config, around, run, dry_run=dry_run)


def undo(
    root: Root = ".", *, run: str | None = None, dry_run: bool = False, **options: Unpack[Options]
) -> Run:
    """Call :func:`undo_async` and wait for it. Raises what that raises, as :func:`push` does."""
    _hide(options)
    return _wait(undo_async(root, run=run, dry_run=dry_run, **options), "undo")


def push_events(
    root: Root = ".",
    *,
    items: Iterable[Item] | None = None,
    dry_run: bool = False,
    **options: Unpack[Options],
) -> PushEvents:
    """Push, and give the events one by one while it goes on.

    ::

        async with ghsync.push_events("plans") as push:
            async for event in push:
                ...
        print(push.run.succeeded)

    Leaving the block early ends the push in order: requests under way end, what was done is
    recorded, and the next push goes on. Raises what :func:`push_async` raises, from the block.
    """
    _hide(options)

    def start(on_event: Callable[[Event], None], stop: Stop) -> Coroutine[Any, Any, Run]:
        config, around = _settled(root, "push", options, items)

        def both(event: Event) -> None:
            around.on_event(event)
            on_event(event)

        watched = replace(around, on_event=both, stop=stop)
        return sync.push(config, watched, dry_run=dry_run)

    return PushEvents(start)


class PushEvents:
    """The events of a push that is under way, and in the end its run; see :func:`push_events`."""

    def __init__(
        self, start: Callable[[Callable[[Event], None], Stop], Coroutine[Any, Any, Run]]
    ) -> None:
        self._start = start
        self._events: asyncio.Queue[Event | None] = asyncio.Queue()
        self._task: asyncio.Task[Run] | None = None
        self._stop: Stop | None = None

    @property
    def run(self) -> Run:
        """What the push did. Raises :class:`~ghsync.errors.UsageError` while it is under way."""
        if self._task is None or not self._task.done():
            raise UsageError(
                "The push is not over.", hint="Ask for its run after the `async with` block."
            )
        return self._task.result()

    async def __aenter__(self) -> PushEvents:
        from ghsync.stop import Stop

        self._stop = Stop()
        self._task = asyncio.ensure_future(self._start(self._events.put_nowait, self._stop))
        self._task.add_done_callback(lambda _: self._events.put_nowait(None))
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        task, stop = self._task, self._stop
        if task is None or stop is None:
            return
        if not task.done():
            from ghsync.errors import RunInterruptedError

            stop.request(
                RunInterruptedError("The program left the push.", hint="The next push goes on.")
            )
        await asyncio.wait([task])
        if error is None:
            task.result()

    def __aiter__(self) -> PushEvents:
        if self._task is None:
            raise UsageError(
                "The push has not begun.", hint="`async with ghsync.push_events(…) as push:`"
            )
        return self

    async def __anext__(self) -> Event:
        event = await self._events.get()
        if event is None:
            self._events.put_nowait(None)
            raise StopAsyncIteration
        return event


# ---------------------------------------------------------------------------- both ways


async def pull_async(
    root: Root = ".", *, dry_run: bool = False, **options: Unpack[Options]
) -> Pulled:
    """Bring what people changed on GitHub into the files; with ``dry_run`` say what that takes.

    Raises :class:`~ghsync.errors.GhsyncError` when it cannot start. What was left alone, and why,
    is in the returned value.
    """
    config, around = _settled(root, "pull", options)
    return await sync.pull(config, around, dry_run=dry_run)


def pull(root: Root = ".", *, dry_run: bool = False, **options: Unpack[Options]) -> Pulled:
    """Call :func:`pull_async` and wait for it. Raises what that raises, as :func:`push` does."""
    _hide(options)
    return _wait(pull_async(root, dry_run=dry_run, **options), "pull")


async def pull_and_push_async(
    root: Root = ".", *, dry_run: bool = False, **options: Unpack[Options]
) -> Synced:
    """Pull, then push, as ``ghsync sync`` does. Raises what either raises."""
    _hide(options)
    pulled = await pull_async(root, dry_run=dry_run, **options)
    return Synced(pulled=pulled, run=await push_async(root, dry_run=dry_run, **options))


def pull_and_push(root: Root = ".", *, dry_run: bool = False, **options: Unpack[Options]) -> Synced:
    """Call :func:`pull_and_push_async` and wait for it. Raises what that raises."""
    _hide(options)
    return _wait(pull_and_push_async(root, dry_run=dry_run, **options), "pull_and_push")


async def status_async(
    root: Root = ".", *, items: Iterable[Item] | None = None, **options: Unpack[Options]
) -> tuple[StatusRow, ...]:
    """Say for each item whether its issue is in step with it. Raises what a push raises."""
    config, around = _settled(root, "status", options, items)
    return (await sync.status(config, around))[0]


def status(
    root: Root = ".", *, items: Iterable[Item] | None = None, **options: Unpack[Options]
) -> tuple[StatusRow, ...]:
    """Call :func:`status_async` and wait for it. Raises what :func:`push` raises."""
    _hide(options)
    return _wait(status_async(root, items=items, **options), "status")


async def diff_async(
    root: Root = ".",
    *,
    keys: Iterable[str] = (),
    items: Iterable[Item] | None = None,
    **options: Unpack[Options],
) -> tuple[Difference, ...]:
    """Say in which fields items and issues differ; of ``keys`` only, where any are named.

    Raises what a push raises, and :class:`~ghsync.errors.UsageError` for a key that no item has.
    """
    config, around = _settled(root, "diff", options, items)
    return (await sync.diff(config, around, [Key(key) for key in keys]))[0]


def diff(
    root: Root = ".",
    *,
    keys: Iterable[str] = (),
    items: Iterable[Item] | None = None,
    **options: Unpack[Options],
) -> tuple[Difference, ...]:
    """Call :func:`diff_async` and wait for it. Raises what that raises."""
    _hide(options)
    return _wait(diff_async(root, keys=keys, items=items, **options), "diff")


# -------------------------------------------------------------------------------- details


def _settled(
    root: Root, command: str, options: Options, items: Iterable[Item] | None = None
) -> tuple[Config, sync.Surroundings]:
    """The settings and surroundings of one call."""
    _hide(options)
    env: Mapping[str, str] = options.get("env") or Environment({})
    others = ("env", "token", "on_progress")
    settings: dict[str, object] = {k: v for k, v in options.items() if k not in others}
    # A switch that is off is one that was not given: the file may turn it on.
    given = {k: v for k, v in settings.items() if v is not False or k == "remote_lock"}
    config = _with_items(_config(root, env, **given), items)
    around = sync.Surroundings(
        env=env,
        token=_token(options.get("token"), config),
        on_event=options.get("on_progress", _nobody),
        command=command,
    )
    return config, around


def _hide(options: Options) -> None:
    """Put what is secret where a traceback that prints variables does not show it."""
    token = options.get("token")
    if isinstance(token, str):
        options["token"] = Token(token)
    env = options.get("env", os.environ)
    if not isinstance(env, Environment):
        options["env"] = Environment(env)


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


def _with_items(config: Config, items: Iterable[Item] | None) -> Config:
    """The settings for these items; what is no file gets no line."""
    if items is None:
        return config
    from ghsync.given import loaded

    return replace(config, given=loaded(items, config.load_options), write_back=False)


def _nobody(event: Event) -> None:
    """Watch nothing."""


def _config(root: Root, env: Mapping[str, str], **options: object) -> Config:
    return load_config(Path(root), options=options, env=env)


def _wait(work: Coroutine[Any, Any, T], name: str) -> T:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(work)
    work.close()
    raise UsageError(
        f"ghsync.{name} was called inside a running event loop.",
        hint=f"Call `await ghsync.{name}_async(...)` there.",
    )
