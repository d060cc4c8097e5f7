"""The views of the terminal, as renderables for rich (imported only for a terminal).

Every text passes :func:`ghsync.report.safe.line` here, whatever a view is built from.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import tzinfo
from io import BytesIO, TextIOWrapper
from typing import IO, TYPE_CHECKING

from ghsync.report import safe
from ghsync.report.canvas import ASCII, UNICODE, Line, Look, with_tail
from ghsync.values import dataclass

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions
    from rich.text import Text

    from ghsync.differing import Difference
    from ghsync.history import RunRecord, RunStats
    from ghsync.journal import SyncMap
    from ghsync.model import Check, Finding, Loaded, Run, StatusRow
    from ghsync.pulling import Pulled

_LIKE_A_TERMINAL = ("FORCE_COLOR", "CLICOLOR_FORCE", "TTY_COMPATIBLE")
"""Settings that make rich take a pipe for a terminal, as a CI's log wants it."""
_PIPE_WIDTH = 1_000_000
"""A pipe has no columns: nothing is broken, so that ``grep`` finds whole lines."""


@dataclass(frozen=True, slots=True)
class View:
    """Something to show: lines for a given look, painted by rich."""

    build: Callable[[Look], Iterable[Line]]
    verbose: bool = False

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[Text]:
        """Paint the lines, broken at the terminal's width under their own indent."""
        from ghsync.report.painting import painted

        bounded = console.is_terminal and options.max_width < _PIPE_WIDTH
        look = Look(
            glyphs=ASCII if options.ascii_only else UNICODE,
            width=options.max_width if bounded else None,
            verbose=self.verbose,
        )
        return painted(list(self.build(look)), look, options.encoding)


def write(view: View, stream: IO[str]) -> None:
    """Write a view to a terminal in colour, or to a pipe or file as :func:`plain_rows`.

    What is no terminal is written without rich, whose import alone takes 30 ms.
    """
    if stream.isatty() or _like_a_terminal():
        make_console(stream).print(view)
        return
    rows = plain_rows(view, encoding=getattr(stream, "encoding", None) or "utf-8")
    stream.write("".join(f"{row}\n" for row in rows))
    stream.flush()


def plain_rows(view: View, *, encoding: str = "utf-8") -> Iterator[str]:
    """The lines of a view as a pipe gets them: no colour, no line broken."""
    unicode = encoding.lower().startswith("utf")
    look = Look(glyphs=UNICODE if unicode else ASCII, width=None, verbose=view.verbose)
    for line in view.build(look):
        spans = with_tail(line, look.glyphs)
        text = "".join(safe.encodable(safe.line(part), encoding) for part, _ in spans).rstrip()
        yield line.first + text if text else line.first.rstrip()


def _like_a_terminal() -> bool:
    """Whether the environment asks for colour where there is no terminal, as a CI's log does."""
    return any(os.environ.get(name, "") not in ("", "0") for name in _LIKE_A_TERMINAL)


def make_console(stream: IO[str], *, width: int | None = None) -> Console:
    """Make the console that views are printed on.

    ``NO_COLOR``, ``CLICOLOR=0`` and a dumb terminal get no colour; ``FORCE_COLOR`` and
    ``CLICOLOR_FORCE`` put it where there is no terminal. What has no columns of its own, and is
    told of none in ``COLUMNS``, gets no line breaks.
    """
    from rich.console import Console

    forced = not stream.isatty() and _like_a_terminal()
    plain = os.environ.get("CLICOLOR") == "0" and not forced
    console = Console(
        file=stream,
        width=width,
        highlight=False,
        markup=False,
        emoji=False,
        force_terminal=True if forced else None,
        no_color=True if plain or os.environ.get("NO_COLOR") else None,
    )
    if width is None and not stream.isatty() and not os.environ.get("COLUMNS", "").isdecimal():
        console.width = _PIPE_WIDTH
    return console


def to_text(view: View, *, width: int | None = None, encoding: str = "utf-8") -> str:
    """Render a view without colour: as in a pipe, or as on a terminal of ``width`` columns."""
    from rich.console import Console

    console = Console(
        file=TextIOWrapper(BytesIO(), encoding=encoding),
        width=width or _PIPE_WIDTH,
        force_terminal=width is not None,
        color_system=None,
        legacy_windows=False,
    )
    with console.capture() as capture:
        console.print(view)
    return capture.get()


# ----------------------------------------------------------------------------- views


def plan_view(run: Run, *, now: float, tz: tzinfo | None = None, verbose: bool = False) -> View:
    """Show a dry run; ``now`` is epoch seconds, ``tz`` the zone of "done by" (default: local)."""
    from ghsync.report import planview

    return View(lambda look: planview.lines(run, look, now=now, tz=tz), verbose)


def run_summary(run: Run, *, verbose: bool = False) -> View:
    """Show what a push did, what failed and how to go on."""
    from ghsync.report import runview

    return View(lambda look: runview.lines(run, look), verbose)


def loaded_view(loaded: Loaded, *, verbose: bool = False) -> View:
    """Show every item, and every markdown file that is not one."""
    from ghsync.report import listviews

    return View(lambda look: listviews.loaded(loaded, look), verbose)


def lint_view(findings: Sequence[Finding], *, items: int, verbose: bool = False) -> View:
    """Show findings by file, and how many there are in how many items."""
    from ghsync.report import findings as findings_lines
    from ghsync.report import words

    def build(look: Look) -> Iterator[Line]:
        yield from findings_lines.lines(findings, look)
        total = findings_lines.totals(findings)
        yield Line((*total.spans, (f" in {words.count(items, 'item')}", "")))

    return View(build, verbose)


def status_view(rows: Sequence[StatusRow], *, verbose: bool = False) -> View:
    """Show which files and issues are out of step."""
    from ghsync.report import listviews

    return View(lambda look: listviews.status(rows, look), verbose)


def diff_view(found: Sequence[Difference], *, verbose: bool = False) -> View:
    """Show what differs between files and issues, field by field."""
    from ghsync.report import diffout

    return View(lambda look: diffout.lines(found, look), verbose)


def pull_view(pulled: Pulled, *, verbose: bool = False) -> View:
    """Show what a pull brought, or in a dry run would bring, file by file."""
    from ghsync.report import pullout

    return View(lambda look: pullout.lines(pulled, look), verbose)


def doctor_view(checks: Sequence[Check]) -> View:
    """Show what was checked, what is wrong and how to mend it."""
    from ghsync.report import listviews

    return View(lambda look: listviews.doctor(checks))


def runs_view(records: Sequence[RunRecord], *, tz: tzinfo | None = None) -> View:
    """Show which runs there were and how each ended; ``tz`` is the zone of its times."""
    from ghsync.report import historyviews

    return View(lambda look: historyviews.runs(records, look, tz))


def run_view(record: RunRecord, *, tz: tzinfo | None = None, verbose: bool = False) -> View:
    """Show one run and its audit trail."""
    from ghsync.report import historyviews

    return View(lambda look: historyviews.run(record, look, tz), verbose)


def stats_view(stats: RunStats) -> View:
    """Show all runs in numbers."""
    from ghsync.report import historyviews

    return View(lambda look: historyviews.statistics(stats))


def map_view(sync_map: SyncMap) -> View:
    """Show which file is which issue."""
    from ghsync.report import listviews

    return View(lambda look: listviews.sync_map(sync_map, look))
