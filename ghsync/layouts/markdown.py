"""The little that layouts need to know of markdown: headings, and what lies in a code fence."""

from __future__ import annotations

from collections.abc import Iterator

from ghsync.patterns import regex

_FENCE = regex(r" {0,3}(`{3,}|~{3,})(.*)$")
_ATX = regex(r" {0,3}(#{1,6})(?:[ \t]+(.*?))?(?:[ \t]+#+)?[ \t]*$")
_SETEXT = regex(r" {0,3}=+[ \t]*$")


def lines_outside_code(text: str) -> Iterator[tuple[int, str]]:
    """The lines outside fenced code blocks and HTML comments, with their 0-based numbers."""
    fence: str | None = None
    comment = False
    for number, line in enumerate(text.split("\n")):
        if comment:
            comment = "-->" not in line
            continue
        match = _FENCE.match(line) if "```" in line or "~~~" in line else None
        if fence is not None:
            if match and match.group(1).startswith(fence) and not match.group(2).strip():
                fence = None
            continue
        if match and not (match.group(1)[0] == "`" and "`" in match.group(2)):
            fence = match.group(1)
            continue
        if line.lstrip().startswith("<!--"):
            comment = "-->" not in line
            continue
        yield number, line


def heading(line: str) -> tuple[int, str] | None:
    """The level and text of an ATX heading line."""
    if "#" not in line:
        return None
    match = _ATX.match(line)
    return (len(match.group(1)), (match.group(2) or "").strip()) if match else None


def first_h1(text: str) -> str | None:
    """The first level-1 heading that has a text, without emphasis around the whole of it."""
    if "#" not in text and "=" not in text:
        return None
    previous = ""
    for _, line in lines_outside_code(text):
        found = heading(line)
        if found and found[0] == 1 and (title := plain(found[1])):
            return title
        if previous and _SETEXT.match(line):
            return plain(previous)
        previous = line.strip() if found is None else ""
    return None


def plain(text: str) -> str:
    """The text without emphasis or code marks around the whole of it."""
    for mark in ("**", "__", "*", "_", "`"):
        inner = text[len(mark) : -len(mark)]
        if len(text) > 2 * len(mark) and text == mark + inner + mark and mark not in inner:
            return inner.strip()
    return text.strip()
