"""Which parts of a markdown text are not prose: code, comments, tags, URLs.

Nearly every body is plain enough to be taken apart by a few regular expressions: fences that
start in column 0, code spans that end in their line. Whatever is less plain (a fence in a list,
an indented line that may be code, an HTML block) is left to markdown-it's block parser, which
is exact and some fifty times slower. A test holds both against each other.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple, TypeAlias

from ghsync.issuetext.inline import Piece, pieces
from ghsync.patterns import regex

Span: TypeAlias = tuple[int, int]


class Spans:
    """A set of positions in a text, given as half-open intervals."""

    __slots__ = ("_ends", "_starts")

    def __init__(self, spans: Iterable[Span]) -> None:
        self._starts: list[int] = []
        self._ends: list[int] = []
        for start, end in sorted(spans):
            if self._ends and start <= self._ends[-1]:
                self._ends[-1] = max(end, self._ends[-1])
            else:
                self._starts.append(start)
                self._ends.append(end)

    def __contains__(self, position: int) -> bool:
        index = bisect_right(self._starts, position) - 1
        return index >= 0 and position < self._ends[index]

    def __iter__(self) -> Iterator[Span]:
        return zip(self._starts, self._ends, strict=True)


class Zones(NamedTuple):
    """The parts of a text that are not prose."""

    fixed: Spans
    """Never changed."""
    html: Spans
    """HTML blocks: their text is shown, but markdown means nothing in it."""


def zones(text: str, positions: Sequence[int]) -> Zones:
    """The parts that are not prose; exact only where ``positions`` (sorted) are."""
    plain = _plain(text, positions)
    if plain is not None:
        return Zones(Spans(plain), Spans(()))
    from ghsync.issuetext.blocks import parsed

    fixed, html = parsed(text)
    return Zones(Spans(fixed), Spans(html))


def ends_open(text: str) -> bool:
    """Whether what is appended to the text would be swallowed by an open fence or comment."""
    from ghsync.issuetext.blocks import swallows

    return ("```" in text or "~~~" in text or "<" in text) and swallows(text)


# ---------------------------------------------------------------------- the plain way

_TICKS = regex("````*")  # a literal beginning is what makes a search fast
_TILDES = regex("~~~~*")
_CLOSE = {
    "`": regex(r"^( *)(````*)[ \t]*$", re.MULTILINE),
    "~": regex(r"^( *)(~~~~*)[ \t]*$", re.MULTILINE),
}
_CONTAINER = " \t>-*+0123456789.)"
_TAG = regex(r"<(?=[A-Za-z/!?])(?![A-Za-z][A-Za-z0-9+.-]*[:@])")
_COMMENT_LINE = regex(r"<!--(?!-?>)(?:(?!-->).)*-->[ \t]*(?:\n|\Z)")
_DEEP = regex(r"[>\-*+0-9.) ]*(?: {4}|\t)")
_DELIMITERS = regex(r"^(?:[ \t|:-]*>)*[ \t|:]*-[ \t|:-]*$", re.MULTILINE)


def _plain(text: str, positions: Sequence[int]) -> list[Span] | None:
    """The spans of a plain text; ``None`` where only a parser can tell."""
    blocks = _fences(text)
    if blocks is None or not _comment_lines(text, blocks):
        return None
    fixed = list(blocks)
    known = Spans(blocks)
    done = -1
    for position in positions:
        if position in known:
            continue
        if _DEEP.match(text, text.rfind("\n", 0, position) + 1, position):
            return None
        if position < done:
            continue
        start, end = _paragraph(text, position, known)
        done = end
        spans = pieces(text, start, end)
        if not _within_lines(text, spans, start, end):
            return None
        fixed += [(piece.start, piece.end) for piece in spans]
    return fixed


def _runs(text: str) -> Iterable[re.Match[str]]:
    """What may open or close a fence, in order."""
    if "~~~" not in text:
        return _TICKS.finditer(text)
    both = (*_TICKS.finditer(text), *_TILDES.finditer(text))
    return sorted(both, key=lambda match: match.start())


def _fences(text: str) -> list[Span] | None:
    """The fenced blocks, where it is sure of each that it is one."""
    found: list[Span] = []
    done = 0
    for match in _runs(text):
        if match.start() < done:
            continue
        line = text.rfind("\n", 0, match.start()) + 1
        before = text[line : match.start()]
        if before.strip(_CONTAINER):
            continue
        stop = text.find("\n", match.end())
        stop = len(text) if stop < 0 else stop
        if match[0][0] == "`" and text.find("`", match.end(), stop) >= 0:
            continue
        if before.strip(" "):
            return None
        end = _closed(text, stop, match[0]) if not before else _inset(text, stop, match[0], before)
        if end is None:
            return None
        found.append((line, end))
        done = end
    return found


def _closed(text: str, stop: int, mark: str) -> int:
    """Where a fence that starts in column 0 ends."""
    for match in _CLOSE[mark[0]].finditer(text, stop):
        if match[2].startswith(mark) and len(match[1]) < 4:
            return match.end()
    return len(text)


def _inset(text: str, stop: int, mark: str, before: str) -> int | None:
    """Where an indented fence ends, if it is protected whatever is around it.

    Its lines and its end are indented at least and exactly as its beginning, so that they stay
    in the same list item. From four columns on it may also be text of a paragraph (then its
    backticks make a code span, as long as no blank line parts them) or indented code.
    """
    for match in _CLOSE[mark[0]].finditer(text, stop):
        if match[2].startswith(mark):
            break
    else:
        return None
    inner = text[stop + 1 : match.start()]
    lines = inner.split("\n")[:-1]
    if match[1] != before or any(line.strip() and not line.startswith(before) for line in lines):
        return None
    if len(before) > 3:
        broken = any(not line.strip() for line in lines)
        if broken or match[2] != mark or mark[0] == "~" or mark in inner:
            return None
    return match.end()


def _comment_lines(text: str, blocks: list[Span]) -> bool:
    """Add comments that are a line of their own; false where another HTML block may start."""
    fences = Spans(blocks)
    end = 0
    for match in _TAG.finditer(text):
        position = match.start()
        if position < end or position in fences:
            continue
        line = text.rfind("\n", 0, position) + 1
        if text[line:position].strip(_CONTAINER):
            continue
        comment = _COMMENT_LINE.match(text, position)
        if comment is None or line != position:
            return False
        end = comment.end()
        blocks.append((position, end))
    return True


def _paragraph(text: str, position: int, known: Spans) -> Span:
    """The lines around a position, up to an empty line or a block: a paragraph or a few."""
    start = text.rfind("\n\n", 0, position) + 1
    end = text.find("\n\n", position)
    end = len(text) if end < 0 else end
    for first, last in known:
        if start < last <= position:
            start = last
        if position < first < end:
            end = first
    return start, end


def _within_lines(text: str, spans: Sequence[Piece], start: int, end: int) -> bool:
    """Whether every span stays in its line and its table cell: then no block can disagree."""
    table = "|" in text[start:end] and _DELIMITERS.search(text, start, end) is not None
    for piece in spans:
        inner = text[piece.start : piece.end]
        if "\n" in inner or (table and "|" in inner):
            return False
    return True
