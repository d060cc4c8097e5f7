"""``--log-file``: everything that a command sends, records and waits for, line by line.

One ``write`` a line, appended and not buffered: what is on the disk when a process is killed is
what happened until then, and two processes can share a file. A disk that takes no more ends the
log, is said once, and stops nothing.
"""

from __future__ import annotations

import os
import re
import time
import traceback
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ghsync.cli import outfile, output
from ghsync.cli.invocation import Invocation
from ghsync.errors import GhsyncError, InternalError, UsageError

if TYPE_CHECKING:
    from ghsync.journal import JournalEvent
    from ghsync.model import Event
    from ghsync.remote.answers import RequestLog

_TOKEN = re.compile(r"(?:gh[a-z]_|github_pat_)\w{8,}|(?i:bearer|basic)\s+[\w.~+/=-]{8,}")
"""What GitHub's tokens look like; none should get this far."""
_SHORTEST = 8
_SECRET_SETTINGS = ("GITHUB_TOKEN", "GH_TOKEN")


class LogFile:
    """The open file; each method adds lines, from any thread, and raises nothing."""

    def __init__(self, path: Path, environment: Mapping[str, str]) -> None:
        """Open to append; made for its owner alone. Raises :class:`UsageError`."""
        self._path = path
        self._fd: int | None = _open(path)
        self._started = time.monotonic()
        values = [environment.get(name, "") for name in _SECRET_SETTINGS]
        self._secrets = tuple(value for value in values if len(value) >= _SHORTEST)

    def start(self, arguments: Sequence[str]) -> None:
        """Begin a command."""
        from ghsync.report import logout

        self._write(logout.start(arguments, process=os.getpid()))

    def event(self, event: Event) -> None:
        """Add what a run says of itself."""
        from ghsync.report import logout

        self._write(logout.event(event))

    def request(self, line: RequestLog) -> None:
        """Add one sending of one request."""
        from ghsync.report import logout

        self._write(logout.request(line))

    def journal(self, events: Sequence[JournalEvent]) -> None:
        """Add what was made durable."""
        from ghsync.report import logout

        for line in logout.journal(events):
            self._write(line)

    def failed(self, error: GhsyncError) -> None:
        """Add why the command ends; of a bug also where."""
        from ghsync.report import logout

        bug = error.__cause__ if isinstance(error, InternalError) else None
        self._write(logout.failed(error, traceback.format_exception(bug) if bug else ()))

    def end(self, code: int) -> None:
        """Add how it ended, and close the file."""
        from ghsync.report import logout

        self._write(logout.end(code, seconds=time.monotonic() - self._started))
        self._close()

    def _write(self, line: dict[str, Any]) -> None:
        from ghsync.report import logout
        from ghsync.report.jsonout import dumps

        if self._fd is None:
            return
        text = dumps(logout.stamped(line, now=time.time()))
        for secret in self._secrets:
            text = text.replace(secret, "***")
        data = (_TOKEN.sub("***", text) + "\n").encode()
        try:
            while data:
                data = data[os.write(self._fd, data) :]
        except OSError as error:
            self._close()
            with suppress(OSError):
                output.note(
                    f"--log-file: {self._path} ends here: {error.strerror}; the command goes on"
                )

    def _close(self) -> None:
        fd, self._fd = self._fd, None
        if fd is not None:
            with suppress(OSError):
                os.close(fd)


def begin(context: click.Context, parameter: click.Parameter, path: Path | None) -> None:
    """Open the file that the option names: click's callback."""
    invocation = context.find_object(Invocation)
    if path is None or context.resilient_parsing or invocation is None:
        return
    invocation.log = LogFile(path, os.environ)
    invocation.log.start(invocation.arguments)


def _open(path: Path) -> int:
    outfile.check("--log-file", path)
    try:
        return os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    except OSError as error:
        raise UsageError(
            f"--log-file {path} cannot be written: {error.strerror}",
            hint="Name a file in a folder that exists and is writable.",
        ) from error
