"""Code spans, tags, comments and URLs within one paragraph, as CommonMark finds them.

https://spec.commonmark.org/0.31.2/#code-spans: the leftmost of code span, autolink and tag
wins, and a backslash before a backtick outside of code makes it a plain character.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from ghsync.patterns import regex

# As cmark-gfm's autolink extension has it: a scheme after anything but a letter, ``www.`` only
# after a space or one of ``*_~(``; brackets belong to the URL in pairs.
_URL = r"(?:[^\s<>()\[\]`]|\([^\s<>()`]*\)|\[[^\s<>\[\]`]*\])*"
# A comment or element of one paragraph has an end near by, or none: it is not looked for for ever.
_TOKEN = regex(
    r"\\[\\`<\[]"
    r"|(?P<ticks>`+)"
    r"|(?P<fixed>"
    r"<!--(?:-?>|.{0,4000}?-->)"
    r"|<(?P<name>code|pre|tt|a|script|style|textarea)(?=[\s>])[^<>]*>.{0,4000}?</(?P=name)\s*>"
    r"|<[A-Za-z][A-Za-z0-9+.-]{1,31}:[^\s<>]*>"
    r"|<[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9.-]+>"
    r"|</?[A-Za-z][A-Za-z0-9-]*(?:\s[^<>]*)?/?>"
    rf"|(?<![A-Za-z])(?:[hH][tT][tT][pP][sS]?://|[fF][tT][pP]://){_URL}"
    rf"|(?<![^\s*_~(])www\.{_URL}"
    r")",
    re.DOTALL,
)
_SIGNS = ("`", "<", "://", "www.")
_TICKS = regex("`+")


class Piece(NamedTuple):
    """Something within a paragraph that is not prose."""

    start: int
    end: int
    code: bool
    """A code span; else a tag, a comment or a URL."""


def pieces(text: str, start: int, end: int, *, html: bool = False) -> list[Piece]:
    """What is not prose in one paragraph; in an HTML block backticks mean nothing."""
    found: list[Piece] = []
    if not any(text.find(sign, start, end) >= 0 for sign in _SIGNS):
        return found
    lonely: set[int] = set()
    position = start
    while match := _TOKEN.search(text, position, end):
        position = match.end()
        ticks = match["ticks"]
        if match["fixed"] is not None:
            found.append(Piece(match.start(), position, code=False))
        elif ticks is not None and not html and len(ticks) not in lonely:
            close = _partner(text, position, end, len(ticks))
            if close is None:
                lonely.add(len(ticks))
            else:
                found.append(Piece(match.start(), close, code=True))
                position = close
    return found


def _partner(text: str, position: int, end: int, length: int) -> int | None:
    """Where the run of ``length`` backticks that closes a code span ends."""
    for match in _TICKS.finditer(text, position, end):
        if match.end() - match.start() == length:
            return match.end()
    return None
