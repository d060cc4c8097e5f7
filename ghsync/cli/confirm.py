"""Ask before a push is sent: on a terminal, with the totals in view; nowhere else."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress

import click

from ghsync.config import Config
from ghsync.model import Run

_OFF = ("", "0", "false")


def asker(
    config: Config, *, as_json: bool, pause: Callable[[], None]
) -> Callable[[Run], Awaitable[bool]] | None:
    """What asks whoever sits there; ``None`` where nobody is to be asked.

    That is: with ``--yes`` or ``confirm = false``, in the sandbox, with ``--json``, in CI, and
    where stdin or stderr is no terminal. ``pause`` leaves the terminal to the question.
    """
    if not config.confirm or config.sandbox or as_json or not _somebody_there():
        return None

    async def ask(run: Run) -> bool:
        pause()
        _show(run, details=False)
        while True:
            said = (await _answer("Send this? [y/N, d for every write] ")).strip().casefold()
            if said not in ("d", "details"):
                return said in ("y", "yes")
            _show(run, details=True)

    return ask


def _somebody_there() -> bool:
    in_ci = os.environ.get("CI", "").casefold() not in _OFF
    return not in_ci and sys.stdin.isatty() and sys.stderr.isatty()


def _show(run: Run, *, details: bool) -> None:
    """The plan on stderr: in numbers, or every write."""
    from ghsync.report import planview
    from ghsync.report.text import View, plan_view, write

    now = time.time()
    brief = View(lambda _: planview.brief(run, now=now, tz=None))
    write(plan_view(run, now=now, verbose=True) if details else brief, sys.stderr)


async def _answer(question: str) -> str:
    """A line from the terminal, ``""`` at its end.

    A thread waits for it, so that the loop hears Ctrl-C. It reads the descriptor and not
    ``sys.stdin``, whose lock it would still hold when the process ends after a Ctrl-C.
    """
    import asyncio
    import threading

    click.echo(question, nl=False, err=True)
    loop = asyncio.get_running_loop()
    line: asyncio.Future[bytes] = loop.create_future()

    def give(found: bytes) -> None:
        if not line.done():
            line.set_result(found)

    def read() -> None:
        found = b""
        with suppress(OSError):
            found = os.read(sys.stdin.fileno(), 4096)
        with suppress(RuntimeError):  # the loop has ended meanwhile
            loop.call_soon_threadsafe(give, found)

    threading.Thread(target=read, daemon=True).start()
    try:
        found = await line
    except asyncio.CancelledError:
        click.echo(err=True)
        raise
    if not found:
        click.echo(err=True)
    return found.decode(errors="replace")
