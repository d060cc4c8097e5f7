"""What is not prose, by markdown-it's block parser: the exact and slower way."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from ghsync.issuetext.inline import pieces

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

_CELL = re.compile(r"(?<!\\)\|")
_SENTINEL = "ghsync-sentinel"


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    """Blocks as GitHub knows them; inline content is not parsed."""
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark").enable("table")
    parser.core.ruler.enableOnly(["normalize", "block"])
    return parser


def parsed(text: str) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """The spans that are never changed, and the HTML blocks."""
    starts = [0]
    for line in text.split("\n"):
        starts.append(starts[-1] + len(line) + 1)
    starts[-1] -= 1
    environment: dict[str, Any] = {}
    fixed: list[tuple[int, int]] = []
    html: list[tuple[int, int]] = []
    table = False
    for token in _parser().parse(text, environment):
        if token.type in ("table_open", "table_close"):
            table = token.type == "table_open"
        if token.map is None or token.type not in _KINDS:
            continue
        start, end = starts[token.map[0]], starts[min(token.map[1], len(starts) - 1)]
        if token.type in ("fence", "code_block"):
            fixed.append((start, end))
        elif token.type == "html_block":
            html.append((start, end))
            fixed += _inner(text, start, end, html=True)
        elif token.type == "tr_open":
            fixed += _cells(text, start, end)
        elif not table:
            fixed += _inner(text, start, end)
    return fixed, html


_KINDS = frozenset({"fence", "code_block", "html_block", "inline", "tr_open"})


def _inner(text: str, start: int, end: int, *, html: bool = False) -> list[tuple[int, int]]:
    """The spans within one block."""
    return [(piece.start, piece.end) for piece in pieces(text, start, end, html=html)]


def _cells(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """A table's row, cell by cell: GitHub cuts it at every bare pipe before it looks for code."""
    edges = [start, *(match.start() for match in _CELL.finditer(text, start, end)), end]
    found: list[tuple[int, int]] = []
    for first, last in pairwise(edges):
        found += _inner(text, first, last)
    return found


def swallows(text: str) -> bool:
    """Whether a paragraph that is appended to the text would not be one."""
    tokens = _parser().parse(f"{text}\n\n{_SENTINEL}\n", {})
    last = [token for token in tokens if token.type == "inline" and token.map is not None]
    return not last or last[-1].content != _SENTINEL
