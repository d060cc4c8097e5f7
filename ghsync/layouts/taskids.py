"""The ids of spec-kit's task lines: what is one, and which ones a text says it depends on."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice

_BARE = r"(?:TASK-|T[A-Z]{0,2}-?)\d{1,4}[a-z]?(?:\.\d+)*"
_SUFFIX = r"(?:-(?!T-?\d)(?:[A-Z]{1,4}-?\d{0,3}|[a-z]{2,12}|\d{1,2})(?![\w-]))"
"""``T001-BE-01``, ``T067b-verify``, ``T011-A``: a part of a task with an id of its own."""
ID = rf"{_BARE}{_SUFFIX}?"
END = r"(?=[\s:.,\-–—|*\[(`]|$)"
_TO = r"\s*(?:-|–|—|to|through|\.\.+)\s*"
RANGE = re.compile(rf"{_BARE}{_TO}T?\d{{3,4}}\b")
"""``T001-T005``: several tasks at once."""
_ONE_OR_RANGE = rf"{ID}(?:{_TO}{_BARE})?"
_AND = r"\s*(?:,?\s*(?:and|&|\+|/)\s*|,\s*)"
_DEPENDS = re.compile(
    r"\b(?:depend(?:s|ing|ent|encies|ency)?(?:[ _-]?on)?|deps|blocked[ _]by|requires|after"
    r"|prerequisites?)\b[*_`]*\s*[:：]?[*_`]*\s*"
    rf"({_ONE_OR_RANGE}(?:{_AND}{_ONE_OR_RANGE})*)",
    re.IGNORECASE,
)
_LEADING = re.compile(r"^[\s>*_`+-]*(?:depend|deps\b|blocked[ _]by|requires|prerequisite)", re.I)
_EACH = re.compile(rf"({ID})(?:{_TO}({_BARE}))?", re.IGNORECASE)
_PARTS = re.compile(r"([A-Za-z]+-?)(\d+)")
MOST = 100
"""Tasks that one range names; GitHub takes 50 blockers."""


def bare(ident: str) -> str:
    """The id without its suffix: ``T001`` of ``T001-BE-01``."""
    match = re.match(_BARE, ident)
    return match.group(0) if match else ident


def is_dependency_line(line: str) -> bool:
    """Whether a line under a task begins by naming what the task depends on."""
    return _LEADING.match(line) is not None


def references(text: str) -> list[tuple[str, int]]:
    """The ids and ranges after ``depends on`` and the like, with their places in the text."""
    return [
        (" ".join(found.group(0).split()), match.start(1) + found.start())
        for match in _DEPENDS.finditer(text)
        for found in _EACH.finditer(match.group(1))
    ]


def listed(text: str) -> list[str]:
    """The ids and ranges anywhere in a text that is nothing but a list of them."""
    return [" ".join(found.group(0).split()) for found in _EACH.finditer(text)]


class Known:
    """The ids of one file's tasks, looked up by name; made once for all of its references."""

    def __init__(self, idents: Iterable[str]) -> None:
        self.idents = tuple(idents)
        self.by_name: Mapping[str, str] = {name.casefold(): name for name in self.idents}
        self._ranges: dict[tuple[str, str], tuple[str, ...]] = {}

    def between(self, first: str, last: str) -> tuple[str, ...]:
        """The tasks from one id to another, the first `MOST` of them."""
        ends = (first.casefold(), last.casefold())
        if ends not in self._ranges:
            self._ranges[ends] = tuple(islice(_between(first, last, self.idents), MOST))
        return self._ranges[ends]


def expand(reference: str, known: Known) -> tuple[str, ...]:
    """The ids that a reference means among those of its file.

    ``T001-T004`` is each task from the one to the other; an end that does not exist stays, so
    that it can be said. ``T001-based`` is ``T001`` where nothing has the longer id.
    """
    match = _EACH.fullmatch(reference)
    if match is None:
        return (reference,)
    first, last = match.groups()
    by_name = known.by_name
    if last is None:
        return (by_name.get(first.casefold()) or by_name.get(bare(first).casefold()) or first,)
    ends = (first, last)
    inside = known.between(bare(first), last)
    missing = [end for end in ends if end.casefold() not in by_name]
    return tuple(dict.fromkeys((*inside, *missing)))


def _between(first: str, last: str, known: Iterable[str]) -> Iterator[str]:
    start, end = _PARTS.match(first), _PARTS.match(last)
    if start is None or end is None or start.group(1).casefold() != end.group(1).casefold():
        ends = (first.casefold(), last.casefold())
        yield from (name for name in known if name.casefold() in ends)
        return
    low, high = int(start.group(2)), int(end.group(2))
    for name in known:
        match = _PARTS.match(name)
        if match is None or match.group(1).casefold() != start.group(1).casefold():
            continue
        if low <= int(match.group(2)) <= high:
            yield name
