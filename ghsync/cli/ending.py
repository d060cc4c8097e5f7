"""How a command ends that did not end well: one message, one document, one exit code."""

from __future__ import annotations

import errno
import os
import re
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

import click

from ghsync import __version__
from ghsync.cli import output
from ghsync.cli.suggest import instead
from ghsync.errors import ExitCode, GhsyncError, InternalError, RunInterruptedError, UsageError
from ghsync.values import dataclass

if TYPE_CHECKING:
    from ghsync.cli.logfile import LogFile

_GROUPS = ("map", "runs", "sandbox")
_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EROFS, errno.EBADF)
_NEXT = {
    ExitCode.AUTH: "`ghsync doctor` looks at token, repository and permissions.",
    ExitCode.REFUSED: "`ghsync status` says how files and issues stand.",
    ExitCode.STOPPED: "Run the same command again later: it goes on where this ended.",
    ExitCode.BUG: "Please report it, with the command.",
}
"""The next step after an error that names none itself."""
_RECORDED = "What was done is recorded; make room, and run the same command again."
BROKEN_PIPE = 128 + 13
"""What a shell reports of a program that died of SIGPIPE."""


class OutputError(GhsyncError):
    """What was to be printed could not be; what was done is recorded all the same."""

    exit_code = ExitCode.PARTIAL
    code = "output"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a command line asks for, as far as it can be told where parsing it failed."""

    command: str
    as_json: bool
    dry_run: bool


def asked(arguments: Sequence[str]) -> Asked:
    """Look at a command line without parsing it."""
    words = [word for word in arguments if not word.startswith("-")]
    command = " ".join(words[: 2 if words[:1] and words[0] in _GROUPS else 1])
    joined = " ".join(arguments)
    return Asked(
        command=command or "ghsync",
        as_json="--json" in arguments or re.search(r"--format[ =]json\b", joined) is not None,
        dry_run=any(re.fullmatch(r"--dry-run|-[a-z]*n[a-z]*", word) for word in arguments),
    )


def end(error: BaseException, asked: Asked, log: LogFile | None = None) -> int:
    """Say what went wrong, and give the exit code; a bug's traceback only if it is asked for."""
    _no_more_interrupts()
    match error:
        case click.UsageError() if type(error).__name__ == "NoArgsIsHelpError" and error.ctx:
            click.echo(error.ctx.get_help())  # click 8.1 does this itself
            return ExitCode.DONE
        case click.ClickException():
            return report(_usage(error), asked, log)
        case KeyboardInterrupt() | click.Abort():
            hint = "Run the same command again; what is done is not done twice."
            return report(RunInterruptedError("Interrupted.", hint=hint), asked, log)
        case GhsyncError():
            return report(error, asked, log)
        case BrokenPipeError() | SystemExit():  # click turns the former into the latter
            return _broken_pipe()
        case OSError(errno=number) if number in _DISK:
            said = f"The output could not be written: {error.strerror}"
            return report(OutputError(said, hint=_RECORDED), asked, log)
        case _:
            if os.environ.get("GHSYNC_TRACEBACK"):
                raise error
            return report(_bug(error), asked, log)


def report(error: GhsyncError, asked: Asked, log: LogFile | None = None) -> int:
    """Say an error on stderr, as the document of ``--json`` and in the log; give its exit code."""
    error.hint = error.hint or _NEXT.get(error.exit_code, "")
    if log is not None:
        log.failed(error)
    with suppress(OSError):
        output.error(error.message, error.hint)
    if asked.as_json:
        from ghsync.report.jsonout import error_document

        with suppress(OSError):
            output.document(error_document(asked.command, error, dry_run=asked.dry_run))
    return error.exit_code


def _usage(error: click.ClickException) -> UsageError:
    context: click.Context | None = getattr(error, "ctx", None)
    hint = f"See `{context.command_path} --help`." if context is not None else ""
    if meant := instead(error):
        hint = f"Did you mean `{meant}`? {hint}"
    return UsageError(error.format_message(), hint=hint)


def _bug(error: BaseException) -> InternalError:
    where = error.__traceback__
    while where is not None and where.tb_next is not None:
        where = where.tb_next
    place = f"{where.tb_frame.f_code.co_name}:{where.tb_lineno}" if where is not None else "?"
    bug = InternalError(
        f"A bug in ghsync {__version__}: {type(error).__name__} in {place}: {error}",
        hint="Please report it, with the command; GHSYNC_TRACEBACK=1 shows the whole trace.",
    )
    bug.__cause__ = error
    return bug


def _broken_pipe() -> int:
    """The reader went away (``| head``): no message, and none from Python's own cleanup."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return BROKEN_PIPE


def _no_more_interrupts() -> None:
    """An impatient second Ctrl-C does not cut the last words short."""
    with suppress(ValueError):  # not the main thread
        signal.signal(signal.SIGINT, signal.SIG_IGN)
