"""Mend what is remembered on this machine: let go of issues, start the sandbox afresh."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from contextlib import suppress

from ghsync.clock import SystemClock
from ghsync.config import Config
from ghsync.embedded import sandbox_folder
from ghsync.errors import NoLayoutError, StateFileError, UsageError
from ghsync.journal import Forgotten, SyncMap
from ghsync.ledger import Ledger
from ghsync.loader import load
from ghsync.model import SANDBOX_REPOS, IssueNumber, Key
from ghsync.patterns import regex
from ghsync.sandbox.store import SandboxStore, reset
from ghsync.store import Store

_DIGITS = regex(r"[1-9][0-9]{0,8}")


def forget(config: Config, keys: Sequence[Key] | None) -> tuple[tuple[Key, IssueNumber], ...]:
    """Let go of items' issues: the map forgets them, and their files' numbers are not taken.

    ``None`` stands for every item that has one; ``#12`` for an issue, which needs no item: a pull
    makes no file of it then. The issues stay on GitHub as they are. Raises
    :class:`~ghsync.errors.UsageError` for a key that neither the map nor a file gives an issue.
    """
    clock = SystemClock()
    store = Store.open(config.root)
    with store.locked(since=clock.now(), command="map forget"):
        state = store.load()
        known = _known(config, state.map)
        keys = sorted(known) if keys is None else [_named(key, known) for key in keys]
        known |= {key: number for key in keys if (number := _number(key)) is not None}
        for key in keys:
            if key not in known:
                near = difflib.get_close_matches(key, known, n=1)
                raise UsageError(
                    f"No issue is known for {key}.",
                    hint=f"Did you mean {near[0]}?"
                    if near
                    else "`ghsync map show` lists the keys.",
                )
        found = tuple((key, known[key]) for key in keys)
        ledger = Ledger(store, state)
        ledger.append([Forgotten(key=key, number=number) for key, number in found])
        ledger.close(clock.now())
    return found


def _number(key: Key) -> IssueNumber | None:
    """The issue that a key is, where it is none of an item."""
    digits = key.removeprefix("#")
    return IssueNumber(int(digits)) if key != digits and _DIGITS.fullmatch(digits) else None


def _named(key: Key, known: Mapping[Key, IssueNumber]) -> Key:
    """The item that is meant: an issue's own, where a number is given and it has one."""
    number = _number(key)
    return next((other for other, n in known.items() if n == number), key)


def _known(config: Config, smap: SyncMap) -> dict[Key, IssueNumber]:
    """The issue of each key, by its file and, which counts more, by the map."""
    known: dict[Key, IssueNumber] = {}
    with suppress(NoLayoutError):
        for item in load(config.root, config.load_options).items:
            if item.recorded is not None:
                known[item.key] = item.recorded.number
    return known | {key: entry.number for key, entry in smap.entries.items()}


def reset_sandbox(config: Config) -> tuple[str, ...]:
    """Remove the sandbox of a root, and the map and journal if they were made against it.

    Returns what was done, a sentence each. A map of a real repository is left alone.
    """
    store = Store.open(config.root)
    folder = sandbox_folder(config.root)
    if not folder.exists() and not _is_sandboxes(config, store):
        return ("there is no sandbox here",)
    with store.locked(since=SystemClock().now(), command="sandbox reset"):
        made_here = _is_sandboxes(config, store)
        if folder.exists() and not reset(folder):
            return ("there is no sandbox here",)
        if not made_here:
            return ("the sandbox is removed",)
        store.remove()
    return (
        "the sandbox is removed",
        "the map and journal that were made against it are removed",
    )


def _is_sandboxes(config: Config, store: Store) -> bool:
    """True if the map names a repository of this sandbox."""
    try:
        smap = store.load().map
    except StateFileError:
        return False
    folder = sandbox_folder(config.root)
    if smap.repo_id is None:
        return folder.exists()
    if smap.repo_id >= SANDBOX_REPOS:
        return True
    if not folder.exists():
        return False
    try:
        with SandboxStore(sandbox_folder(config.root)) as sandbox:
            state = sandbox.open().state
            return any(info == smap.repo_id for info in state.repos)
    except StateFileError:
        return smap.repo is not None and smap.repo.startswith("sandbox/")
