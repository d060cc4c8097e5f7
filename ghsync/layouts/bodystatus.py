"""The status where a layout writes it into the body: a ``Status:`` line or a section of its own."""

from __future__ import annotations

import re
from dataclasses import replace

from ghsync.layouts import build, fields, markdown, status
from ghsync.layouts.frontmatter import Document
from ghsync.model import Finding, Item
from ghsync.patterns import regex

_LINE = regex(r"^\s*(?:[-*]\s+)?\**status\**\s*:\s*\**\s*(.+)$", re.IGNORECASE)
_HEADED = regex(r"\**status\**\s*:\s*(\S.*)$", re.IGNORECASE)
_LED = regex(r"\**([^*]+)\*\*\s*[-–—,;:(]")
"""``**In Progress** - two of three``: the bold words are the status, the rest is prose."""
_COMMENT = regex(r"<!--.*?(?:-->|$)")
_HEAD = 30
"""A status stands at the head of a file; further down the word is prose."""


def find(document: Document) -> fields.Text | None:
    """The status at the head of the body: ``**Status**: x``, or the line below ``## Status``."""
    section = False
    for number, line in markdown.lines_outside_code(document.body):
        at = document.body_line + number
        found = markdown.heading(line)
        if section and line.strip() and found is None:
            return fields.Text(text=_word(line.strip(" -*")), line=at, field="Status")
        if found is not None:
            if number < _HEAD and (match := _HEADED.match(found[1])):
                return fields.Text(text=_word(match.group(1).rstrip()), line=at, field="Status")
            section = found[1].casefold().rstrip(":") == "status"
        elif number < _HEAD and (match := _LINE.match(line)):
            return fields.Text(text=_word(match.group(1)), line=at, field="Status")
    return None


def _word(text: str) -> str:
    """The status without emphasis and without a comment behind it."""
    bare = _COMMENT.sub("", text).strip()
    led = _LED.match(bare)
    return markdown.plain(led.group(1).strip() if led else bare)


def apply(
    document: Document, item: Item, *, prose: bool = False
) -> tuple[Item, tuple[Finding, ...]]:
    """The item with the body's status, where its frontmatter has none.

    ``prose`` says that an unknown word is probably no status at all, and is passed over.
    """
    word = find(document) if item.status is None and not document.broken else None
    if word is None:
        return item, ()
    verdict = status.judge(word.text)
    if not verdict.known and prose:
        return item, ()
    findings = () if verdict.known else (build.unknown_status(document.path, word),)
    if item.archived:
        return replace(item, status=word.text), findings
    return replace(item, status=word.text, state=verdict.state, reason=verdict.reason), findings
