"""The audit trail of one run: NDJSON, a header, whatever happened, a footer.

It is not fsynced, and a disk that does not take it never stops a run.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from ghsync.model import RunId
from ghsync.store.fs import Files

SCHEMA = "ghsync.runlog/1"


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
