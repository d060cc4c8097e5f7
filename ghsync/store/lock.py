"""One writing run at a time: an OS lock that dies with its process, and a note of who holds it."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from ghsync.errors import LockedError
from ghsync.model import RunId
from ghsync.store.errors import explained
from ghsync.store.fs import Files, write_atomically


@contextmanager
def held(
    files: Files, path: Path, *, since: float, command: str, run: RunId | None = None
) -> Iterator[None]:
    """Hold the lock; raises :class:`LockedError` at once where another run, here or in another
    process, holds it.

    The note is a file of its own, ``lock.json``: Windows lets nobody read a locked file. Left
    by a killed run it means nothing; only the lock itself locks.
    """
    note = path.with_name(f"{path.name}.json")
    release = _acquire(files, path, note)
    try:
        with suppress(OSError):  # the lock holds without it
            holder = {
                "pid": os.getpid(),
                "host": platform.node(),
                "since": datetime.fromtimestamp(since, UTC).strftime("%Y-%m-%d %H:%M:%S UTC"),
                "command": command,
                "run": run,
            }
            write_atomically(files, note, f"{json.dumps(holder)}\n".encode(), durable=False)
        yield
    finally:
        with suppress(OSError):
            files.remove(note)  # before the release: afterwards it may be the next holder's
        release()


def running(files: Files, path: Path) -> RunId | None:
    """The run that holds the lock now, ``None`` where none does or it cannot be told.

    A note that a killed run left behind names nobody, so the lock itself is asked; but only where
    there is a note, since asking takes it for a moment.
    """
    note = path.with_name(f"{path.name}.json")
    try:
        raw = json.loads(files.read(note) or b"null")
        run = raw["run"]
    except (OSError, ValueError, TypeError, LookupError, RecursionError):
        return None
    if not isinstance(run, str):
        return None
    try:
        files.lock(path)()
    except BlockingIOError:
        return RunId(run)
    except OSError:
        return None
    return None


def _acquire(files: Files, path: Path, note: Path) -> Callable[[], None]:
    with explained("lock", path):
        try:
            return files.lock(path)
        except BlockingIOError:
            pass
    raise LockedError(
        f"another ghsync run holds the lock {path}: {_holder(files, note)}",
        hint="wait until it has ended, or stop that process; the lock is freed with it",
    )


def _holder(files: Files, note: Path) -> str:
    try:
        raw = json.loads(files.read(note) or b"")
        command = f" ({raw['command']})" if raw["command"] else ""
        return f"pid {raw['pid']} on {raw['host']} since {raw['since']}{command}"
    except (OSError, ValueError, TypeError, LookupError, RecursionError):
        return "it has not said who it is"
