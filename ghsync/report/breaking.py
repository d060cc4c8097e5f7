"""Where a line is broken for a terminal: at blanks, in Chinese and Japanese, and inside giants.

rich's own wrapping starts each word that fits no row on a row of its own, and takes a sentence
without blanks for such a word.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from rich.cells import cell_len

_WORD = re.compile(r"\s*\S+\s*")
_LEAST = 12
"""Cells of a row that are worth beginning a giant in."""
_IDEOGRAPHS = ("Lo", "Po", "Ps", "Pe", "Pi", "Pf", "Lm")
_NOT_FIRST = ("Pe", "Pf", "Po", "Lm", "Mn", "Me", "Mc")
"""Categories that begin no row in text without blanks: closing brackets, full stops, long marks."""
_NOT_LAST = ("Ps", "Pi")
_JOINER = "\u200d"


def offsets(text: str, first: int, rest: int) -> list[int]:
    """Where rows begin, apart from the first: it has ``first`` cells, the others ``rest``."""
    found: list[int] = []
    row, left = 0, first  # where this row begins, and the cells it has left
    at = 0
    for piece in _pieces(text):
        visible = cell_len(piece.rstrip())
        if visible > left:
            giant = visible > rest
            if at > row and not (giant and left >= _LEAST):
                found.append(at)
                row, left = at, rest
            start = at
            while cell_len(text[start : at + len(piece)].rstrip()) > left:
                start += _fitting(text[start : at + len(piece)], left)
                found.append(start)
                row, left = start, rest
            left -= cell_len(text[start : at + len(piece)])
        else:
            left -= cell_len(piece)
        at += len(piece)
    return found


def _pieces(text: str) -> Iterator[str]:
    """What is not to be broken, each with the blanks that follow it."""
    for match in _WORD.finditer(text):
        word = match.group()
        start = 0
        for index in range(1, len(word)):
            if _breaks(word[index - 1], word[index]):
                yield word[start:index]
                start = index
        yield word[start:]


def _breaks(before: str, after: str) -> bool:
    """Whether a row may end between these two, neither of which is a blank."""
    if before.isspace() or after.isspace() or not (_wide(before) or _wide(after)):
        return False
    return (
        unicodedata.category(after) not in _NOT_FIRST
        and unicodedata.category(before) not in _NOT_LAST
    )


def _wide(char: str) -> bool:
    """An ideograph, a kana or their punctuation; Hangul has blanks, and emoji are joined."""
    return (
        unicodedata.east_asian_width(char) in "WF"
        and unicodedata.category(char) in _IDEOGRAPHS
        and not "\uac00" <= char <= "\ud7a3"
    )


def _fitting(text: str, room: int) -> int:
    """How many characters of a giant fit, at least one; nothing that belongs together is cut."""
    used, end = 0, 0
    while end < len(text):
        after = end + 1
        while after < len(text) and _belongs(text[after - 1], text[after]):
            after += 1
        used += cell_len(text[end:after])
        if used > room and end:
            return _after_slash(text, end)
        end = after
    return end


def _after_slash(text: str, end: int) -> int:
    """A path is better cut between two names, where that leaves no more than half a row empty."""
    slash = text.rfind("/", 0, end)
    return slash + 1 if slash + 1 > end // 2 else end


def _belongs(before: str, after: str) -> bool:
    return _JOINER in (before, after) or cell_len(after) == 0
