"""The list of an epic's children that ghsync keeps in the epic's body.

It stands between two HTML comments and belongs to ghsync: it is taken off before a body is
compared or merged, so neither a new child nor a tick in it is an edit of the body. A row is
``- [ ] #41`` and nothing more, because GitHub shows such a row with the issue's own title and
state (docs: autolinked references, "If you reference an issue … in a list").
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ghsync.issuetext.zones import ends_open
from ghsync.model import IssueNumber
from ghsync.values import dataclass

_BEGIN = "<!-- ghsync:children -->"
_END = "<!-- /ghsync:children -->"
_ROW = re.compile(r"\s*[-*+] \[[ xX]\] #[0-9]+\s*$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Child:
    """One row: an issue, and whether it is closed."""

    number: IssueNumber
    closed: bool


class WithoutChildren(NamedTuple):
    """A body, and the managed block that was in it."""

    text: str
    block: str | None


def with_children(body: str, rows: Sequence[Child]) -> str:
    """Put the list below a canonical body, or above one whose end would swallow it.

    That is a body that leaves a fence or an HTML comment open. A block that the body has
    already is replaced; without rows there is none.
    """
    body = split_children(body).text
    if not rows:
        return body
    lines = (f"- [{'x' if row.closed else ' '}] #{row.number}" for row in rows)
    block = "\n".join((_BEGIN, *lines, _END))
    if not body:
        return block
    return f"{block}\n\n{body}" if ends_open(body) else f"{body}\n\n{block}"


def split_children(text: str) -> WithoutChildren:
    """Take every managed block out of a text; what remains is what a person wrote.

    A line that somebody wrote into the list stays, in its place.
    """
    if _BEGIN not in text:
        return WithoutChildren(text, None)
    lines = text.split("\n")
    blocks = list(_blocks(lines))
    if not blocks:
        return WithoutChildren(text, None)
    gone = managed(lines)
    kept = [line for i, line in enumerate(lines) if i not in gone]
    begin, end = blocks[0]
    return WithoutChildren("\n".join(kept).rstrip(), "\n".join(lines[begin : end + 1]))


def managed(lines: Sequence[str]) -> frozenset[int]:
    """Which lines of a text are ghsync's list and what parts it from the text around it."""
    gone: set[int] = set()
    for begin, end in _blocks(lines):
        own = {
            i
            for i in range(begin, end + 1)
            if i in (begin, end) or not lines[i].strip() or _ROW.match(lines[i])
        }
        gone |= own
        if len(own) == end + 1 - begin:
            gone |= _parting(lines, begin, end)
    return frozenset(gone)


def _blocks(lines: Sequence[str]) -> Iterator[tuple[int, int]]:
    """First and last line of each managed block."""
    begin = None
    for i, line in enumerate(lines):
        if begin is None and line == _BEGIN:
            begin = i
        elif begin is not None and line == _END:
            yield begin, i
            begin = None


def _parting(lines: Sequence[str], begin: int, end: int) -> set[int]:
    """The blank lines around a block that go with it; between two texts one stays."""
    first = begin
    while first and not lines[first - 1].strip():
        first -= 1
    last = end
    while last + 1 < len(lines) and not lines[last + 1].strip():
        last += 1
    before, after = set(range(first, begin)), set(range(end + 1, last + 1))
    if last + 1 == len(lines):
        return before | after
    if first == 0:
        return before | {end + 1} & after
    return (before | after) - {min(before | after, default=begin)}
