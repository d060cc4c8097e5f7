"""A title or a status that stands in the text: one line of the body changes."""

from __future__ import annotations

import re

from ghsync.edit import EditError, Lines
from ghsync.layouts import bodystatus, markdown
from ghsync.layouts.frontmatter import Document

_ATX = re.compile(r"( {0,3}#[ \t]+)(.*?)((?:[ \t]+#+)?[ \t]*)$")
_SETEXT = re.compile(r" {0,3}=+[ \t]*$")
_CLOSED = re.compile(r"(?:^|[ \t])#+$")
_MARKS = ("**", "__", "*", "_", "`")


def heading_line(document: Document) -> int | None:
    """The line (from 0 in the file) of the heading that gives a title, if one does."""
    previous: tuple[int, str] | None = None
    for number, line in markdown.lines_outside_code(document.body):
        found = markdown.heading(line)
        if found and found[0] == 1 and markdown.plain(found[1]):
            return document.body_line - 1 + number
        if previous and previous[1] and _SETEXT.match(line):
            return document.body_line - 1 + previous[0]
        previous = (number, line.strip()) if found is None else None
    return None


def retitled(text: str, document: Document, title: str) -> str:
    """The text with another first heading; its level, emphasis and closing ``#`` stay."""
    at = heading_line(document)
    if at is None:
        raise EditError("There is no heading to hold the title.", hint="Add one: `# Title`.")
    lines = Lines(text)
    line = lines.texts[at]
    match = _ATX.match(line)
    head, old, tail = match.groups() if match else _around(line)
    mark = _mark(old)
    if match and not mark and "#" not in tail and _CLOSED.search(title):
        tail = f" #{tail}"  # else its own last characters would be taken for the closing ones
    lines.texts[at] = f"{head}{mark}{title}{mark}{tail}"
    return lines.text()


def _around(line: str) -> tuple[str, str, str]:
    inner = line.strip()
    start = line.index(inner)
    return line[:start], inner, line[start + len(inner) :]


def _mark(text: str) -> str:
    """The emphasis around the whole of a heading."""
    for mark in _MARKS:
        inner = text[len(mark) : -len(mark)]
        if len(text) > 2 * len(mark) and text == mark + inner + mark and mark not in inner:
            return mark
    return ""


def restated(text: str, document: Document, word: str) -> str | None:
    """The text with another status word in its status line or section; ``None`` without one."""
    found = bodystatus.find(document)
    if found is None:
        return None
    lines = Lines(text)
    line = lines.texts[found.line - 1]
    colon = re.match(r"[\s\-*]*status\**\s*:", line, re.IGNORECASE)
    old = found.text.strip("*_` ")  # emphasis with a comment behind it is read as part of the word
    at = line.find(old, colon.end() if colon else 0)
    if at < 0 or not old:
        return None
    lines.texts[found.line - 1] = line[:at] + word + line[at + len(old) :]
    return lines.text()


def with_status_line(text: str, document: Document, word: str) -> str | None:
    """The text with a ``Status:`` line below its first heading; ``None`` without a heading."""
    at = heading_line(document)
    if at is None:
        return None
    lines = Lines(text)
    if at + 1 < len(lines) and _SETEXT.match(lines.texts[at + 1]):
        at += 1
    lines.insert(at + 1, ["", f"Status: {word}"])
    return lines.text()
