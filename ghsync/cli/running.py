"""Run an async use case: progress on stderr, events to a file, Ctrl-C that ends cleanly."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Coroutine, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, TypeVar

from ghsync.cli import outfile, output
from ghsync.cli.invocation import log
from ghsync.errors import GhsyncError, RunInterruptedError, UsageError
from ghsync.model import Event, OperationEnded, PlanReady, Run
from ghsync.surroundings import Surroundings

if TYPE_CHECKING:
    from ghsync.cli.logfile import LogFile
    from ghsync.report.progress import Silent

T = TypeVar("T")
_AGAIN = "Run the same command again: it goes on where this ended."
Observer = Callable[[Event], None]


class Seen:
    """Passes events on to the progress on stderr, and to the files if there are any."""

    def __init__(self, progress: Silent, file: EventFile | None, log: LogFile | None) -> None:
        self._progress = progress
        self._file = file
        self._log = log

    def __call__(self, event: Event) -> None:
        """Take one event."""
        self._progress(event)
        if self._file is not None:
            self._file.event(event)
        if self._log is not None:
            self._log.event(event)

    def pause(self) -> None:
        """Leave the terminal to a question; the next event shows progress again."""
        self._progress.close()


@contextmanager
def observer(
    *, quiet: bool, verbose: bool, virtual: bool = False, events: Path | None = None
) -> Iterator[tuple[Seen, EventFile | None]]:
    """Watch a run: progress on stderr, and NDJSON in a file if one is named.

    ``virtual`` says that the run is the sandbox's: its time is virtual, its addresses are none.
    """
    from ghsync.report.progress import make_progress

    file = EventFile(events, virtual=virtual) if events is not None else None
    try:
        with make_progress(
            sys.stderr, is_tty=_moves(sys.stderr), quiet=quiet, verbose=verbose, virtual=virtual
        ) as progress:
            yield Seen(progress, file, log()), file
    except GhsyncError as error:
        if file is not None:
            file.failed(error)
        raise
    finally:
        if file is not None:
            file.close()


def _moves(stream: IO[str]) -> bool:
    """Whether a bar can be drawn there: a terminal that knows how to go back a line."""
    return stream.isatty() and os.environ.get("TERM", "").casefold() not in ("dumb", "unknown")


class EventFile:
    """The file of ``--events``: a full disk ends it, not the run."""

    def __init__(self, path: Path, *, virtual: bool) -> None:
        self._stream = _open(path)
        self._virtual = virtual
        self._ended = False

    def event(self, event: Event) -> None:
        """Add one event."""
        from ghsync.report.jsonout import event_document

        self._write(event_document(event, at=self._now(), linked=not self._virtual))

    def end(self, run: Run) -> None:
        """Add the last event: how the run ended."""
        from ghsync.report.jsonout import end_document

        self._ended = True
        self._write(end_document(run, at=self._now()))

    def failed(self, error: GhsyncError) -> None:
        """Add the last event of a run that has nothing else to tell."""
        from ghsync.report.jsonout import failed_document

        if not self._ended:
            self._write(failed_document(error, at=self._now()))

    def close(self) -> None:
        """Close the file; what could not be written has been said."""
        with suppress(OSError):
            self._stream.close()

    def _now(self) -> float | None:
        return None if self._virtual else time.time()

    def _write(self, document: Mapping[str, Any]) -> None:
        from ghsync.report.jsonout import dumps

        if self._stream.closed:
            return
        try:
            self._stream.write(f"{dumps(document)}\n")
            self._stream.flush()
        except OSError as error:
            self.close()
            output.note(f"--events: the file is incomplete: {error.strerror}")


def _open(path: Path) -> IO[str]:
    outfile.check("--events", path)
    try:
        return path.open("w", encoding="utf-8")
    except OSError as error:
        raise UsageError(
            f"--events {path} cannot be written: {error.strerror}",
            hint="Name a file in a folder that exists and is writable.",
        ) from error


def finish(
    work: Callable[[Surroundings], Coroutine[Any, Any, T]], *, command: str, on_event: Observer
) -> T:
    """Run a use case to its end; Ctrl-C and SIGTERM let requests under way end first."""
    import asyncio

    # httpx brings its own command line along where rich and pygments are installed, and with it
    # 60 ms of imports; told that there is none, it does without. This process needs it for nothing.
    sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]
    return asyncio.run(_finish(work, command, on_event))


async def _finish(
    work: Callable[[Surroundings], Coroutine[Any, Any, T]], command: str, on_event: Observer
) -> T:
    import asyncio

    from ghsync.stop import Stop

    stop = Stop()
    done, total = 0, None

    def watch(event: Event) -> None:
        nonlocal done, total
        match event:
            case PlanReady():
                total = len(event.plan.operations)
            case OperationEnded():
                done = event.done
            case _:
                pass
        on_event(event)

    def interrupted() -> RunInterruptedError:
        if not total:
            return RunInterruptedError("Interrupted; nothing was sent.", hint=_AGAIN)
        return RunInterruptedError(
            f"Interrupted after {done:,} of {total:,} operations.", hint=_AGAIN
        )

    around = Surroundings(on_event=watch, stop=stop, command=command, trace=log())
    task = asyncio.ensure_future(work(around))

    def interrupt() -> None:
        if total and not stop.requested:
            output.note("stopping; requests under way may end (again to stop at once)")
            stop.request(RunInterruptedError("Interrupted.", hint=_AGAIN))
        else:
            task.cancel()

    if not os.environ.get("GHSYNC_TRACEBACK"):
        # A request that a second Ctrl-C cuts off ends in an error that nobody waits for; what it
        # may have done is in the journal.
        asyncio.get_running_loop().set_exception_handler(lambda loop, context: None)
    with _signals(interrupt):
        try:
            return await task
        except asyncio.CancelledError:
            raise interrupted() from None


@contextmanager
def _signals(handler: Callable[[], None]) -> Iterator[None]:
    """Call ``handler`` on SIGINT and SIGTERM, where the platform's loop can."""
    import asyncio

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
