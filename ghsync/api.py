"""The library: load, lint, plan and push as typed functions; sync, and async with ``_async``.

Nothing here prints, exits or configures logging. What keeps a run from starting is raised as a
:class:`~ghsync.errors.GhsyncError`; what stops it later is the returned run's ``error``.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Coroutine, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, TypedDict, TypeVar, Unpack

from ghsync import sync
from ghsync.config import Config, load_config
from ghsync.errors import UsageError
from ghsync.model import Checked, Event, Loaded, Run
from ghsync.remote.auth import Token, TokenProvider

if TYPE_CHECKING:
    from ghsync.pulling import Pulled

T = TypeVar("T")
Root = str | os.PathLike[str]


def load(root: Root = ".", *, layout: tuple[str, ...] = ()) -> Loaded:
    """Read the items under ``root``: what they are, what is none and why, and findings.

    Raises :class:`~ghsync.errors.NoLayoutError` where nothing is recognised.
    """
    return sync.items(_config(root, {}, layout=layout))


def lint(root: Root = ".", *, layout: tuple[str, ...] = ()) -> Checked:
    """Check the items under ``root`` against GitHub's limits; GitHub is not asked.

    Raises what :func:`load` raises; what is wrong with an item is a finding, not an error.
    """
    return sync.lint(_config(root, {}, layout=layout))[1]


class Options(TypedDict, total=False):
    """What :func:`push` and :func:`plan` take; whatever is left out is settled as on the CLI.

    That is: from ``env``, ``ghsync.toml`` and the git remote.
    """

    repo: str
    """``owner/name``."""
    token: str | Token | TokenProvider
    """A token's text, or a provider that renews one."""
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
    """Close the issues whose files are gone."""
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


async def push_async(root: Root = ".", *, dry_run: bool = False, **options: Unpack[Options]) -> Run:
    """Bring GitHub's issues to the files under ``root``; with ``dry_run`` say what that takes.

    Raises :class:`~ghsync.errors.GhsyncError` when the run cannot start. A run that stopped
    early has its ``error`` set and is resumed by the next call.
    """
    config, around = _settled(root, "push", options)
    return await sync.push(config, around, dry_run=dry_run)


def push(root: Root = ".", *, dry_run: bool = False, **options: Unpack[Options]) -> Run:
    """Call :func:`push_async` and wait for it.

    Raises what that raises, and :class:`~ghsync.errors.UsageError` inside a running event loop.
    """
    return _wait(push_async(root, dry_run=dry_run, **options), "push")


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
    return _wait(pull_async(root, dry_run=dry_run, **options), "pull")


async def plan_async(root: Root = ".", **options: Unpack[Options]) -> Run:
    """Say what a push would do, and write nothing: its dry run. Raises what a push raises."""
    return await push_async(root, dry_run=True, **options)


def plan(root: Root = ".", **options: Unpack[Options]) -> Run:
    """Call :func:`plan_async` and wait for it. Raises what :func:`push` raises."""
    return _wait(plan_async(root, **options), "plan")


def _settled(root: Root, command: str, options: Options) -> tuple[Config, sync.Surroundings]:
    """The settings and surroundings of one call."""
    settings: dict[str, object] = dict(options)
    env = options.get("env", os.environ)
    token = options.get("token")
    on_progress = options.get("on_progress", _nobody)
    for name in ("env", "token", "on_progress"):
        settings.pop(name, None)
    # A switch that is off is one that was not given: the file may turn it on.
    given = {k: v for k, v in settings.items() if v is not False or k == "remote_lock"}
    around = sync.Surroundings(
        env=env,
        token=Token(token) if isinstance(token, str) else token,
        on_event=on_progress,
        command=command,
    )
    return _config(root, env, **given), around


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
