"""Run an async use case: progress on stderr, events to a file, Ctrl-C that ends cleanly."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, TypeVar

from ghsync.cli import output
from ghsync.errors import RunInterruptedError, UsageError
from ghsync.model import Event, PlanReady, Run
from ghsync.sync import Surroundings
from ghsync.uploader import Stop

T = TypeVar("T")
Observer = Callable[[Event], None]


@contextmanager
def observer(
    *, quiet: bool, verbose: bool, events: Path | None = None
) -> Iterator[tuple[Observer, IO[str] | None]]:
    """Watch a run: progress on stderr, and NDJSON in a file if one is named."""
    from ghsync.report.progress import make_progress

    stream = _open(events) if events is not None else None
    try:
        with make_progress(
            sys.stderr, is_tty=sys.stderr.isatty(), quiet=quiet, verbose=verbose
        ) as progress:

            def on_event(event: Event) -> None:
                progress(event)
                if stream is not None:
                    write_event(stream, event)

            yield on_event, stream
    finally:
        if stream is not None:
            stream.close()


def _open(path: Path) -> IO[str]:
    try:
        return path.open("w", encoding="utf-8")
    except OSError as error:
        raise UsageError(
            f"--events {path} cannot be written: {error.strerror}",
            hint="Name a file in a folder that exists and is writable.",
        ) from error


def write_event(stream: IO[str], event: Event) -> None:
    """Add one event; a full disk ends the stream, not the run."""
    from ghsync.report.jsonout import dumps, event_document

    _write(stream, dumps(event_document(event)))


def write_end(stream: IO[str], run: Run) -> None:
    """Add the last event: how the run ended."""
    from ghsync.report.jsonout import dumps, end_document

    _write(stream, dumps(end_document(run)))


def _write(stream: IO[str], line: str) -> None:
    if stream.closed:
        return
    try:
        stream.write(f"{line}\n")
        stream.flush()
    except OSError as error:
        stream.close()
        output.note(f"--events: the file is incomplete: {error.strerror}")


def finish(
    work: Callable[[Surroundings], Coroutine[Any, Any, T]], *, command: str, on_event: Observer
) -> T:
    """Run a use case to its end; Ctrl-C and SIGTERM let requests under way end first."""
    return asyncio.run(_finish(work, command, on_event))


async def _finish(
    work: Callable[[Surroundings], Coroutine[Any, Any, T]], command: str, on_event: Observer
) -> T:
    stop = Stop()
    sending = False

    def watch(event: Event) -> None:
        nonlocal sending
        sending = sending or isinstance(event, PlanReady)
        on_event(event)

    task = asyncio.ensure_future(work(Surroundings(on_event=watch, stop=stop, command=command)))

    def interrupt() -> None:
        if sending and not stop.requested:
            output.note("stopping; requests under way may end (again to stop at once)")
            stop.request(
                RunInterruptedError(
                    "Interrupted.", hint="Run the same command again: it goes on where this ended."
                )
            )
        else:
            task.cancel()

    with _signals(interrupt):
        try:
            return await task
        except asyncio.CancelledError:
            raise RunInterruptedError(
                "Interrupted.", hint="Run the same command again: it goes on where this ended."
            ) from None


@contextmanager
def _signals(handler: Callable[[], None]) -> Iterator[None]:
    """Call ``handler`` on SIGINT and SIGTERM, where the platform's loop can."""
    loop = asyncio.get_running_loop()
    taken: list[signal.Signals] = []
    for number in (signal.SIGINT, signal.SIGTERM):
        try:
            loop.add_signal_handler(number, handler)
            taken.append(number)
        except (NotImplementedError, RuntimeError, ValueError):
            continue  # Windows, or not the main thread: the default applies
    try:
        yield
    finally:
        for number in taken:
            loop.remove_signal_handler(number)
