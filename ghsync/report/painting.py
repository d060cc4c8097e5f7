"""Lines painted for a terminal by rich: broken at its width, with a second column where it is wide.

Every text passes :func:`ghsync.report.safe.line` here, whatever a view is built from.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.cells import cell_len
from rich.text import Text

from ghsync.report import safe
from ghsync.report.breaking import offsets
from ghsync.report.canvas import Line, Look, Spans, with_tail

_FROM = 120
"""Columns from which there is a second one."""
_GAP = 2
_MOST = 0.75
_ALIKE = 24
"""Cells by which the longest quarter may exceed the others and still say where the column is."""


def painted(lines: Sequence[Line], look: Look, encoding: str) -> Iterator[Text]:
    """Paint lines, row by row."""
    width = look.width
    column = None if width is None or width < _FROM else _column(lines, width)
    for line in lines:
        if width is None or column is None or line.tail is None:
            yield from _broken(_text(with_tail(line, look.glyphs), encoding), line, width)
            continue
        head, tail = _text(line.spans, encoding), _text((line.tail,), encoding)
        end = len(line.first) + head.cell_len
        start = max(column, end + _GAP)
        if start + tail.cell_len <= width:
            head.append(" " * (start - end))
            head.append_text(tail)
            yield from _broken(head, line, width)
        else:
            yield from _broken(head, line, width)
            yield from _broken(tail, Line(first=line.rest, rest=line.rest), width)


def _column(lines: Sequence[Line], width: int) -> int | None:
    """Where the second column begins; ``None`` where no line has one."""
    both = [(line, line.tail[0]) for line in lines if line.tail is not None]
    if not both:
        return None
    longest = max(cell_len(safe.line(tail)) for _, tail in both)
    limit = max(width - longest, width // 2)
    ends = sorted(_width(line) + _GAP for line, _ in both)
    fitting = [end for end in ends if end <= limit] or [limit]
    usual = fitting[int(_MOST * (len(fitting) - 1))]
    return fitting[-1] if fitting[-1] - usual <= _ALIKE else usual


def _width(line: Line) -> int:
    return len(line.first) + sum(cell_len(safe.line(part)) for part, _ in line.spans)


def _text(spans: Spans, encoding: str) -> Text:
    text = Text(no_wrap=True, overflow="ignore")
    for part, style in spans:
        text.append(safe.encodable(safe.line(part), encoding), style=style or None)
    return text


def _broken(text: Text, line: Line, width: int | None) -> Iterator[Text]:
    """Break the text at the terminal's width: the first row after ``first``, then ``rest``."""
    rows = [text]
    if width is not None and text.cell_len + len(line.first) > width:
        rooms = _room(width, line.first), _room(width, line.rest)
        rows = list(text.divide(offsets(text.plain, *rooms)))
    for index, row in enumerate(rows):
        row.rstrip()
        guide = line.rest if index else line.first
        guide = guide if row.plain else guide.rstrip()
        if index and row.plain.lstrip().startswith("::"):  # a job's log would obey such a row
            row = Text.assemble("\\", row)
        yield Text.assemble((guide, "dim"), row, no_wrap=True, overflow="ignore")


def _room(width: int, guide: str) -> int:
    return max(20, width - len(guide))
