"""``--html FILE``: a run as a page for a browser, written whole or not at all."""

from __future__ import annotations

import time
from pathlib import Path

import click

from ghsync.cli import outfile, output
from ghsync.config import Config
from ghsync.config.git import web_url_of
from ghsync.errors import ExitCode, UsageError
from ghsync.model import Run
from ghsync.wholefile import can_write, write_whole

option = click.option(
    "--html",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Write it as one page for a browser, too.",
)
_HINT = "Name a file in a folder that exists and is writable."


def ready(path: Path | None) -> None:
    """Raise :class:`UsageError` before anything is sent if the page could not be written then."""
    if path is None:
        return
    outfile.check("--html", path)
    if path.exists() and not path.is_file():
        raise UsageError(f"--html {path}: that is no file.", hint="Name a file.")
    try:
        can_write(path)
    except (OSError, ValueError) as error:
        raise UsageError(f"--html {path} cannot be written: {_why(error)}", hint=_HINT) from error


def write(path: Path | None, run: Run, config: Config, code: ExitCode) -> ExitCode:
    """Write the page of a run if one is asked for; give the exit code, 1 where that failed.

    What the run did stays done: the code of a run that ended worse is kept.
    """
    if path is None:
        return code
    from ghsync.report.html import Links, page

    web = None if config.sandbox else web_url_of(config.api_url)
    links = Links(web_url=web, file_url=config.file_url, inside=config.inside)
    content = page(run, now=time.time(), links=links).encode("utf-8", "replace")
    try:
        write_whole(path, content)
    except OSError as error:
        output.error(f"--html {path} could not be written: {_why(error)}", _HINT)
        return ExitCode.PARTIAL if code in (ExitCode.DONE, ExitCode.PENDING) else code
    return code


def _why(error: Exception) -> str:
    return str(getattr(error, "strerror", None) or error)
