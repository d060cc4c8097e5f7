"""The list of an epic's children that ghsync keeps in the epic's body.

It stands between two HTML comments and belongs to ghsync: it is taken off before a body is
compared or merged, so neither a new child nor a tick in it is an edit of the body. A row is
``- [ ] #41`` and nothing more, because GitHub shows such a row with the issue's own title and
state (docs: autolinked references, "If you reference an issue … in a list").
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from ghsync.issuetext.zones import ends_open
from ghsync.model import IssueNumber
from ghsync.values import dataclass

_BEGIN = "<!-- ghsync:children -->"
_END = "<!-- /ghsync:children -->"
_BLOCK = re.compile(rf"^{_BEGIN}\n(?:.*\n)*?{_END}$", re.MULTILINE)


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
    """Take every managed block out of a text; what remains is what a person wrote."""
    block = None
    while match := _BLOCK.search(text):
        block = match[0] if block is None else block
        before, after = text[: match.start()], text[match.end() :]
        if not after.strip():
            text = before.rstrip()
        elif not before.strip():
            text = after.removeprefix("\n").removeprefix("\n")
        else:
            text = f"{before.rstrip()}\n\n{after.lstrip(chr(10))}"
    return WithoutChildren(text, block)
