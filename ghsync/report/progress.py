"""Progress of a run, for a terminal (a bar) or a log (plain lines); it never disturbs the run."""

from __future__ import annotations

import contextlib
import math
import time
from collections.abc import Callable
from datetime import tzinfo
from types import TracebackType
from typing import IO, TYPE_CHECKING, Self

from ghsync.model import (
    Event,
    Notice,
    OperationEnded,
    PlanReady,
    Reading,
    Status,
    Waiting,
    op_name,
)
from ghsync.report import facts, safe, words

if TYPE_CHECKING:
    from rich.progress import Progress as Bar
    from rich.progress import TaskID

_LONG_WAIT = 5.0
"""Seconds from which a wait is worth a word in a log."""
_WITH_TIME = 60.0
"""Seconds from which a wait, or what is left, is worth a time of day."""
_EVERY = 10.0
"""Seconds between two lines of a log, unless another tenth is done."""
_YEAR = 365 * 24 * 3600.0
_SOON = 1.0
"""Seconds within which another tenth is not worth a line of a log either."""


class Silent:
    """The observer of ``--quiet``, and what the others are made of."""

    def __enter__(self) -> Self:
        """Start showing."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop showing and leave the terminal as it was."""
        self.close()

    def __call__(self, event: Event) -> None:
        """Take an event; a stream that is gone or too narrow never stops the run."""
        with contextlib.suppress(Exception):
            self.show(event)

    def show(self, event: Event) -> None:
        """Show one event."""

    def close(self) -> None:
        """Leave the stream as it was found."""


class PlainProgress(Silent):
    """Plain lines: one per tenth done or per ten seconds, long waits, what went wrong."""

    def __init__(
        self,
        stream: IO[str],
        *,
        verbose: bool = False,
        virtual: bool = False,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._stream = stream
        self._verbose = verbose
        self._virtual = virtual
        self._now = now
        self._last = now()
        self._tenth = 0
        self._waits: dict[str, float] = {}

    def show(self, event: Event) -> None:
        """Write the event's line, if it is worth one."""
        text = self._text(event)
        if text is not None:
            encoding = getattr(self._stream, "encoding", None) or "utf-8"
            self._stream.write(safe.encodable(safe.line(text), encoding) + "\n")
            self._stream.flush()

    def _text(self, event: Event) -> str | None:
        match event:
            case PlanReady():
                return _plan(event, self._virtual)
            case Reading():
                return f"read {event.count:,} {event.what}" if self._due() else None
            case OperationEnded():
                return self._operation(event)
            case Waiting():
                return None if self._virtual else self._wait(event)
            case Notice():
                return event.message

    def _operation(self, event: OperationEnded) -> str | None:
        progress = _progress(event, self._virtual)
        if event.result.status in (Status.FAILED, Status.UNKNOWN):
            return f"{progress}; {_outcome(event)}"
        if self._verbose:
            return f"{progress}; {_outcome(event)}"
        tenth = 10 * event.done // event.total if event.total else 10
        now = self._now()
        if now - self._last < (_EVERY if tenth == self._tenth else _SOON):
            return None
        self._tenth, self._last = tenth, now
        return progress

    def _wait(self, event: Waiting) -> str | None:
        # By the run's own time, which is virtual in the sandbox: the same wait is said once a
        # minute at most.
        before = self._waits.get(event.reason)
        if event.seconds <= _LONG_WAIT or (before is not None and event.until - before < 60):
            return None
        self._waits[event.reason] = event.until
        return waiting(event)

    def _due(self) -> bool:
        if self._now() - self._last < _EVERY:
            return False
        self._last = self._now()
        return True


class Progress(Silent):
    """A bar on a terminal: done of all, rate, what is left, and what is being waited for."""

    def __init__(
        self,
        stream: IO[str],
        *,
        verbose: bool = False,
        virtual: bool = False,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._stream = stream
        self._verbose = verbose
        self._virtual = virtual
        self._now = now
        self._started = now()
        self._bar: Bar | None = None
        self._task: TaskID | None = None

    def show(self, event: Event) -> None:
        """Move the bar, or say above it what is worth keeping."""
        match event:
            case PlanReady():
                self._started = self._now()
                self._update(0, len(event.plan.operations), self._left(event.eta_seconds))
            case Reading():
                self._update(None, None, f"read {event.count:,} {event.what}")
            case OperationEnded():
                if self._verbose or event.result.status in (Status.FAILED, Status.UNKNOWN):
                    self._say(_outcome(event))
                note = f"{self._rate(event.done)}{self._left(event.eta_seconds)}"
                self._update(event.done, event.total, note)
            case Waiting():
                if event.seconds >= 1 and not self._virtual:
                    self._update(None, None, waiting(event))
            case Notice():
                self._say(event.message)

    def close(self) -> None:
        """Take the bar away."""
        if self._bar is not None:
            with contextlib.suppress(Exception):
                self._bar.stop()
            self._bar = None

    def _rate(self, done: int) -> str:
        elapsed = self._now() - self._started
        return f"{60 * done / elapsed:,.0f} a minute, " if done and elapsed >= 1 else ""

    def _left(self, seconds: float) -> str:
        return "" if self._virtual else _left(seconds)

    def _say(self, text: str) -> None:
        bar = self._start()
        bar.console.print(self._safe(text), markup=False, highlight=False)

    def _update(self, done: int | None, total: int | None, note: str) -> None:
        bar = self._start()
        if self._task is not None:
            bar.update(self._task, completed=done, total=total, description=self._safe(note))

    def _safe(self, text: str) -> str:
        return safe.encodable(safe.line(text), getattr(self._stream, "encoding", None) or "utf-8")

    def _start(self) -> Bar:
        if self._bar is None:
            from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
            from rich.progress import Progress as Bar

            from ghsync.report.text import make_console

            # Texts are no markup here: a title in square brackets is a title.
            self._bar = Bar(
                BarColumn(bar_width=24),
                MofNCompleteColumn(),
                TextColumn("{task.description}", markup=False),
                console=make_console(self._stream),
                transient=True,
                redirect_stdout=False,
                redirect_stderr=False,
            )
            self._task = self._bar.add_task("", total=None)
            self._bar.start()
        return self._bar


def make_progress(
    stream: IO[str],
    is_tty: bool,
    quiet: bool = False,
    verbose: bool = False,
    virtual: bool = False,
) -> Silent:
    """Choose the observer: a bar on a terminal, plain lines elsewhere, nothing when quiet.

    ``virtual`` is for the sandbox's clock, on which nothing waits: no waits and no times are
    shown. Use it as a context manager; it is called with each event and never raises.
    """
    if quiet:
        return Silent()
    if is_tty:
        return Progress(stream, verbose=verbose, virtual=virtual)
    return PlainProgress(stream, verbose=verbose, virtual=virtual)


def waiting(event: Waiting, tz: tzinfo | None = None) -> str:
    """Say how long is waited, until when (a minute or more; ``tz`` or local), and for what."""
    if not math.isfinite(event.seconds):  # a pause that somebody else ends
        return f"waiting: {event.reason}"
    long = words.duration(event.seconds)
    if event.seconds >= _WITH_TIME:
        start = event.until - event.seconds
        long = f"{long}, until {words.clock_time(start, event.seconds, tz)}"
    return f"waiting {long}: {event.reason}"


def _plan(event: PlanReady, virtual: bool) -> str:
    operations = words.count(len(event.plan.operations), "operation")
    if event.eta_seconds < 1 or virtual:
        return f"plan: {operations}"
    takes = f"plan: {operations}, about {words.duration(event.eta_seconds)}"
    if not _WITH_TIME <= event.eta_seconds < _YEAR:
        return takes
    return f"{takes}, done by {words.clock_time(time.time(), event.eta_seconds, None)}"


def _progress(event: OperationEnded, virtual: bool) -> str:
    percent = 100 * event.done // event.total if event.total else 100
    left = "" if virtual else _left(event.eta_seconds)
    return f"{event.done:,}/{event.total:,} ({percent} %) {left}".rstrip()


def _left(seconds: float) -> str:
    return f"about {words.duration(seconds)} left" if seconds >= 1 else ""


def _outcome(event: OperationEnded) -> str:
    result = event.result
    number = facts.number_of(result)
    what = op_name(result.operation).replace("_", " ") + (f" #{number}" if number else "")
    text = f"{result.status.value}: {what} {facts.title_of(result.operation)}"
    return f"{text}: {result.message}" if result.message else text
