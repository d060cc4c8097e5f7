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
from ghsync.report.canvas import ASCII, UNICODE, Line, Look
from ghsync.values import dataclass

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions
    from rich.text import Text

    from ghsync.differing import Difference
    from ghsync.history import RunRecord, RunStats
    from ghsync.journal import SyncMap
    from ghsync.model import Check, Finding, Loaded, Run, StatusRow
    from ghsync.pulling import Pulled

_LIKE_A_TERMINAL = ("FORCE_COLOR", "TTY_COMPATIBLE")
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
        look = Look(
            glyphs=ASCII if options.ascii_only else UNICODE,
            width=options.max_width if console.is_terminal else None,
            verbose=self.verbose,
        )
        for line in self.build(look):
            yield from _rows(line, look, console, options.encoding)


def write(view: View, stream: IO[str]) -> None:
    """Write a view to a terminal in colour, or to a pipe or file as :func:`plain_rows`.

    What is no terminal is written without rich, whose import alone takes 30 ms.
    """
    if stream.isatty() or any(os.environ.get(name) for name in _LIKE_A_TERMINAL):
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
        text = "".join(safe.encodable(safe.line(part), encoding) for part, _ in line.spans).rstrip()
        yield line.first + text if text else line.first.rstrip()


def make_console(stream: IO[str], *, width: int | None = None) -> Console:
    """Make the console that views are printed on; NO_COLOR and TERM are rich's to read.

    A stream that is no terminal gets no colour and no line breaks.
    """
    from rich.console import Console

    console = Console(file=stream, width=width, highlight=False, markup=False, emoji=False)
    if not console.is_terminal and width is None:
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


# -------------------------------------------------------------------------- painting


def _rows(line: Line, look: Look, console: Console, encoding: str) -> Iterator[Text]:
    from rich.text import Text

    text = Text(no_wrap=True, overflow="ignore")
    for part, style in line.spans:
        text.append(safe.encodable(safe.line(part), encoding), style=style or None)
    for guide, row in _broken(text, line, look, console):
        row.rstrip()
        guide = guide if row.plain else guide.rstrip()
        yield Text.assemble((guide, "dim"), row, no_wrap=True, overflow="ignore")


def _broken(text: Text, line: Line, look: Look, console: Console) -> Iterator[tuple[str, Text]]:
    """Break the text at the terminal's width: the first row after ``first``, then ``rest``."""
    if look.width is None or text.cell_len + len(line.first) <= look.width:
        yield line.first, text
        return
    row = text.wrap(console, _room(look.width, line.first), no_wrap=False, overflow="fold")[0]
    yield line.first, row
    end = len(row.plain.rstrip())
    end += len(text.plain) - end - len(text.plain[end:].lstrip(" "))
    left = text.divide([end])[-1]
    for row in left.wrap(console, _room(look.width, line.rest), no_wrap=False, overflow="fold"):
        yield line.rest, row


def _room(width: int, guide: str) -> int:
    return max(20, width - len(guide))
