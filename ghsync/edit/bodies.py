"""Replace a body line by line: a line that stays keeps its line end and its place."""

from __future__ import annotations

import re

from ghsync.edit.base import Lines
from ghsync.layouts import frontmatter
from ghsync.linediff import edits


def trimmed(body: str) -> str:
    """A body as the loader gives it: LF, no blank lines before it, no white space behind it."""
    text = body.replace("\r\n", "\n").replace("\r", "\n").rstrip()
    return re.sub(r"\A(?:[ \t]*\n)*", "", text)


def set_body(lines: Lines, body: str) -> None:
    """Give the file this body; blank lines around it and its last line end stay."""
    document = frontmatter.parse("", lines.seen())
    new = trimmed(body)
    if new == document.body:
        return
    wanted = new.split("\n") if new else []
    if not document.body:
        if wanted:
            _first(lines, wanted)
        return
    start = document.body_line - 1
    old = document.body.split("\n")
    tail = lines.texts[start + len(old) - 1][len(old[-1]) :]
    if not wanted:
        lines.remove(start, start + len(old) - 1)
        lines.texts[start] = tail
        return
    _merge(lines, start, old, wanted, tail)


def _merge(lines: Lines, start: int, old: list[str], wanted: list[str], tail: str) -> None:
    """Replace what differs, from the end to the start, so that the places above stay right."""
    lines.texts[start + len(old) - 1] = old[-1]
    # Not difflib, which takes the cube of 30,000 lines that alternate, and people write them.
    for low, high, first, last in reversed(edits(old, wanted)):
        common = min(high - low, last - first)
        for offset in range(common):
            lines.texts[start + low + offset] = wanted[first + offset]
        if last - first > common:
            lines.insert(start + low + common, wanted[first + common : last])
        elif high - low > common:
            _remove(lines, start + low + common, start + high)
    lines.texts[start + len(wanted) - 1] += tail


def _remove(lines: Lines, low: int, high: int) -> None:
    """Take lines out; a file that ended without a line end still does."""
    if high == len(lines) and low and not lines.ends[-1]:
        lines.ends[low - 1] = ""
    lines.remove(low, high)


def _first(lines: Lines, wanted: list[str]) -> None:
    """A body where there was none but white space: below an empty line, ended as lines are."""
    front = frontmatter.parse("", lines.seen())
    if not front.has_frontmatter:
        end = lines.end_near(0)
        lines.remove(0, len(lines))
        lines.insert(0, wanted)
        lines.ends[-1] = lines.ends[-1] or end
        return
    below = len(lines)
    while below and not lines.texts[below - 1].strip():
        below -= 1
    blank = len(lines) - below
    if blank == 0:
        lines.insert(below, ["", *wanted])
        return
    if blank == 1:
        lines.insert(len(lines), wanted)
        return
    lines.texts[-1:] = [wanted[0] + ""]
    lines.insert(len(lines), wanted[1:])
