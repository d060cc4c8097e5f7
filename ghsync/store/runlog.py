"""The audit trail of one run: NDJSON, a header, whatever happened, a footer.

It is not fsynced, and a disk that does not take it never stops a run.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

from ghsync.model import RunId
from ghsync.store.fs import Files
from ghsync.values import dataclass

SCHEMA = "ghsync.runlog/1"
KEPT = 100
"""How many logs are kept, the newest."""
_SUFFIX = ".jsonl"


@dataclass(frozen=True, slots=True, kw_only=True)
class RunHeader:
    """Who ran what, where, from which commit."""

    id: RunId
    command: str
    version: str
    """ghsync's own."""
    repo: str | None
    started: float
    user: str
    """``name@host``, as :func:`ghsync.store.whoami` says it."""
    commit: str | None
    """The checked-out commit of the folder, as :func:`ghsync.store.head_commit` finds it."""


def run_ids(files: Files, folder: Path) -> list[RunId]:
    """The runs that have a log, oldest first: their names begin with the time."""
    names = files.list_folder(folder)
    return [RunId(name.removesuffix(_SUFFIX)) for name in names if name.endswith(_SUFFIX)]


def read_log(files: Files, folder: Path, run: RunId) -> str | None:
    """The text of a log, ``None`` where there is none; bytes that are no UTF-8 are replaced."""
    data = files.read(folder / f"{run}{_SUFFIX}")
    return None if data is None else data.decode("utf-8", "replace")


def prune(files: Files, folder: Path) -> None:
    """Make room for one more log; a disk that does not let go of the oldest is no trouble."""
    with suppress(OSError):
        for run in run_ids(files, folder)[: 1 - KEPT]:
            files.remove(folder / f"{run}{_SUFFIX}")


class RunLog:
    """``runs/<id>.jsonl``. Its methods never raise for the disk's sake; see ``notice``."""

    def __init__(self, files: Files, path: Path, header: RunHeader) -> None:
        self._files = files
        self._path = path
        self._fd: int | None = None
        self.notice: str | None = None
        """Why the log is incomplete, or ``None``."""
        try:
            files.make_folder(path.parent)
            self._fd = files.append_to(path)
        except OSError as error:
            self._give_up(error)
        self.write({"e": "run", "schema": SCHEMA} | asdict(header))

    def write(self, entry: Mapping[str, object]) -> None:
        """Add a line; what JSON cannot hold is written as text. Never put a secret into one."""
        if self._fd is None:
            return
        text = json.dumps(entry, separators=(",", ":"), default=str)
        try:
            self._files.write(self._fd, f"{text}\n".encode())
        except OSError as error:
            self._give_up(error)

    def close(self, footer: Mapping[str, object]) -> None:
        """Write the last line (``{"e":"end", …}``) and close the file."""
        self.write({"e": "end"} | dict(footer))
        self._close()

    def _give_up(self, error: OSError) -> None:
        reason = error.strerror or str(error)
        self.notice = f"the run's log {self._path} is incomplete: {reason}"
        self._close()

    def _close(self) -> None:
        fd, self._fd = self._fd, None
        if fd is not None:
            with suppress(OSError):
                self._files.close(fd)
