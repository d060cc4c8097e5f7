"""The library: what the command line does, as typed functions; sync, and async with ``_async``.

Nothing here prints, exits or configures logging. What keeps a run from starting is raised as a
:class:`~ghsync.errors.GhsyncError`; what stops it later is the returned run's ``error``.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

from ghsync import sync
from ghsync.calls import Options, Root, config_of, hide, settled, wait, with_items
from ghsync.errors import UsageError
from ghsync.model import Checked, Event, Item, Key, Loaded, Run, StatusRow
from ghsync.values import dataclass

if TYPE_CHECKING:
    from types import TracebackType

    from ghsync.config import Config
    from ghsync.differing import Difference
    from ghsync.pulling import Pulled
    from ghsync.stop import Stop


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
    return sync.items(config_of(root, {}, layout=layout))


def lint(
    root: Root = ".", *, layout: tuple[str, ...] = (), items: Iterable[Item] | None = None
) -> Checked:
    """Check the items under ``root``, or these, against GitHub's limits; GitHub is not asked.

    Raises what :func:`load` raises; what is wrong with an item is a finding, not an error.
    """
    return sync.lint(with_items(config_of(root, {}, layout=layout), items))[1]


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
    config, around = settled(root, "push", options, items)
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
    hide(options)
    return wait(push_async(root, items=items, dry_run=dry_run, **options), "push")


async def plan_async(
    root: Root = ".", *, items: Iterable[Item] | None = None, **options: Unpack[Options]
) -> Run:
    """Say what a push would do, and write nothing: its dry run. Raises what a push raises."""
    return await push_async(root, items=items, dry_run=True, **options)


def plan(
    root: Root = ".", *, items: Iterable[Item] | None = None, **options: Unpack[Options]
) -> Run:
    """Call :func:`plan_async` and wait for it. Raises what :func:`push` raises."""
    hide(options)
    return wait(plan_async(root, items=items, **options), "plan")


def save_plan(run: Run, path: Root) -> None:
    """Keep the plan of a dry run in a file, for :func:`apply`; written whole or not at all.

    Raises the run's own error where it is refused, :class:`~ghsync.errors.AuthError` where GitHub
    was not read, :class:`~ghsync.errors.UsageError` for a run that was no dry run, or of items
    that are no files, and :class:`~ghsync.errors.PlanFileError` where it cannot be written.
    """
    from ghsync.saving import save

    save(run, Path(path))


async def apply_async(
    plan: Root, root: Root = ".", *, dry_run: bool = False, **options: Unpack[Options]
) -> Run:
    """Carry out the plan that a file keeps, if it is still the plan; ``dry_run`` says whether.

    It brings the options that it was made with. Raises what a push raises,
    :class:`~ghsync.errors.PlanFileError` for a file that is not as ghsync wrote it, and
    :class:`~ghsync.errors.StalePlanError` for settings that have changed. Where files, map or
    GitHub have moved, that is the returned run's ``error``.
    """
    from ghsync import applying

    found = applying.open_plan(Path(plan))

    def configure(root: Root, env: Mapping[str, str], **given: object) -> Config:
        return applying.settle(found, Path(root), options=given, env=env)

    config, around = settled(root, "apply", options, configure=configure)
    return await applying.apply(config, around, found, dry_run=dry_run)


def apply(
    plan: Root, root: Root = ".", *, dry_run: bool = False, **options: Unpack[Options]
) -> Run:
    """Call :func:`apply_async` and wait for it. Raises what that raises, as :func:`push` does."""
    hide(options)
    return wait(apply_async(plan, root, dry_run=dry_run, **options), "apply")


async def retry_async(
    root: Root = ".", *, items: Iterable[Item] | None = None, **options: Unpack[Options]
) -> Run:
    """Push only what failed in the last push, and what that needs. Raises what a push raises."""
    config, around = settled(root, "retry", options, items)
    return await sync.retry(config, around)


def retry(
    root: Root = ".", *, items: Iterable[Item] | None = None, **options: Unpack[Options]
) -> Run:
    """Call :func:`retry_async` and wait for it. Raises what :func:`push` raises."""
    hide(options)
    return wait(retry_async(root, items=items, **options), "retry")


async def undo_async(
    root: Root = ".", *, run: str | None = None, dry_run: bool = False, **options: Unpack[Options]
) -> Run:
    """Take back what a run did: the one with this id, or the last push that did anything.

    Updated fields are restored where nobody has touched them since; what was created is closed.
    Raises what a push raises, and :class:`~ghsync.errors.UsageError` where there is no such run.
    """
    config, around = settled(root, "undo", options)
    return await sync.undo(config, around, run, dry_run=dry_run)


def undo(
    root: Root = ".", *, run: str | None = None, dry_run: bool = False, **options: Unpack[Options]
) -> Run:
    """Call :func:`undo_async` and wait for it. Raises what that raises, as :func:`push` does."""
    hide(options)
    return wait(undo_async(root, run=run, dry_run=dry_run, **options), "undo")


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
    hide(options)

    def start(on_event: Callable[[Event], None], stop: Stop) -> Coroutine[Any, Any, Run]:
        config, around = settled(root, "push", options, items)

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

        if self._task is not None:
            raise UsageError(
                "This push was begun before.", hint="Call ghsync.push_events(…) for each push."
            )
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
        failure = None if task.cancelled() else task.exception()
        if error is None:
            task.result()
        elif failure is not None:  # the program's own error goes on, and this one is not lost
            error.add_note(f"The push ended, too: {failure}")

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
    config, around = settled(root, "pull", options)
    return await sync.pull(config, around, dry_run=dry_run)


def pull(root: Root = ".", *, dry_run: bool = False, **options: Unpack[Options]) -> Pulled:
    """Call :func:`pull_async` and wait for it. Raises what that raises, as :func:`push` does."""
    hide(options)
    return wait(pull_async(root, dry_run=dry_run, **options), "pull")


async def pull_and_push_async(
    root: Root = ".", *, dry_run: bool = False, **options: Unpack[Options]
) -> Synced:
    """Pull, then push, as ``ghsync sync`` does. Raises what either raises."""
    hide(options)
    pulled = await pull_async(root, dry_run=dry_run, **options)
    return Synced(pulled=pulled, run=await push_async(root, dry_run=dry_run, **options))


def pull_and_push(root: Root = ".", *, dry_run: bool = False, **options: Unpack[Options]) -> Synced:
    """Call :func:`pull_and_push_async` and wait for it. Raises what that raises."""
    hide(options)
    return wait(pull_and_push_async(root, dry_run=dry_run, **options), "pull_and_push")


async def status_async(
    root: Root = ".", *, items: Iterable[Item] | None = None, **options: Unpack[Options]
) -> tuple[StatusRow, ...]:
    """Say for each item whether its issue is in step with it. Raises what a push raises."""
    config, around = settled(root, "status", options, items)
    return (await sync.status(config, around))[0]


def status(
    root: Root = ".", *, items: Iterable[Item] | None = None, **options: Unpack[Options]
) -> tuple[StatusRow, ...]:
    """Call :func:`status_async` and wait for it. Raises what :func:`push` raises."""
    hide(options)
    return wait(status_async(root, items=items, **options), "status")


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
    config, around = settled(root, "diff", options, items)
    named = [keys] if isinstance(keys, str) else keys
    return (await sync.diff(config, around, [Key(key) for key in named]))[0]


def diff(
    root: Root = ".",
    *,
    keys: Iterable[str] = (),
    items: Iterable[Item] | None = None,
    **options: Unpack[Options],
) -> tuple[Difference, ...]:
    """Call :func:`diff_async` and wait for it. Raises what that raises."""
    hide(options)
    return wait(diff_async(root, keys=keys, items=items, **options), "diff")
