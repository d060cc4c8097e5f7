"""Mentions and issue numbers that mean something else on GitHub than in the file.

GitHub looks for them in the text that a browser would show, outside of ``pre``, ``code`` and
``a`` (html-pipeline's MentionFilter), so neither a backslash nor an entity for the sign itself
helps: only a character in between does. As Renovate does, that is ``&#8203;``, the zero-width
space, written as an entity so that whoever edits the text sees it.

How often ``&#8203;`` stands after the sign is a number that :func:`to_github` raises and
:func:`to_file` lowers by one. Below zero it is counted by ``<!-- ghsync:live -->`` after the
name: what a person typed on GitHub on purpose comes back so, and stays live when it is pushed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from ghsync.issuetext.context import Context, Note
from ghsync.issuetext.links import Edit
from ghsync.model import IssueNumber
from ghsync.patterns import regex

GAP = "&#8203;"
LIVE = "<!-- ghsync:live -->"

_MENTION = regex(
    rf"@(?<![A-Za-z0-9_]@)((?:{GAP})*)([A-Za-z0-9][A-Za-z0-9_-]*(?:/[A-Za-z0-9][A-Za-z0-9._-]*)?)"
)
_NUMBER = regex(rf"#(?<![A-Za-z0-9_&]#)((?:{GAP})*)([0-9]{{1,10}})(?![A-Za-z0-9_])")
# These two are told apart by ``match.re``, so they are no patterns that are compiled later.
_GH = re.compile(rf"GH-(?<![A-Za-z0-9_-]GH-)((?:{GAP})*)([0-9]{{1,10}})(?![A-Za-z0-9_])")
_EXPLICIT = re.compile(r"#(?<=[A-Za-z0-9_.-]#)([0-9]{1,10})(?![A-Za-z0-9_])")
# Before ``owner/repo#12``; after these characters it would be no such reference.
_FREE = regex(rf"(?<![\w./@&-])(?<!{GAP})")
_OWNER = regex(rf"{_FREE.pattern}[A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9._-]+\Z")
# What follows must not become part of the name or number once the comment is gone.
_LIVES = regex(rf"(?:{LIVE})+(?![\w/#@-])")
_LIVES_NUMBER = regex(rf"(?:{LIVE})+(?![\w#@])")
_REACH = 200  # no owner, name and closing word are longer
_CLOSING = regex(
    rf"(?<![A-Za-z0-9_@/-])(?<!{GAP})(?:close[sd]?|fix(?:es|ed)?|resolve[sd]?):?"
    rf"((?:{GAP})*)((?:{LIVE})*)[ \t]+\Z",
    re.IGNORECASE,
)


class Found(NamedTuple):
    """The places that may have to change."""

    mentions: list[re.Match[str]]
    numbers: list[re.Match[str]]

    def positions(self) -> list[int]:
        """Where they begin."""
        return [match.start() for matches in self for match in matches]


def find(text: str) -> Found:
    """What looks like a mention or a number, wherever it stands."""
    mentions = list(_MENTION.finditer(text)) if "@" in text else []
    numbers: list[re.Match[str]] = []
    if "#" in text:
        numbers += _NUMBER.finditer(text)
        numbers += _EXPLICIT.finditer(text)
    if "GH-" in text:
        numbers += _GH.finditer(text)
    return Found(mentions, numbers)


class References(NamedTuple):
    """What came of them."""

    edits: list[Edit]
    notes: list[Note]


def rewrite_references(
    text: str, found: Found, free: Callable[[int], bool], path: str, context: Context, *, back: bool
) -> References:
    """Make mentions and numbers harmless, or undo that; only where ``free`` says so."""
    done = References([], [])
    names: set[int] = set()
    for match in found.mentions:
        if free(match.start()):
            names.update(range(*match.span()))
            done.edits.extend(_mention(text, match, context, back=back))
    for match in found.numbers:
        if match.start() not in names and free(match.start()):
            done.edits.extend(_number(text, match, path, context, done.notes, back=back))
    return done


def _mention(text: str, match: re.Match[str], context: Context, *, back: bool) -> Iterator[Edit]:
    """One ``@name`` or ``@org/team``."""
    name = match[2].rstrip("-_.").casefold()
    if context.known is None or name in context.known:
        return
    lives = _LIVES.match(text, match.end())
    gaps, count = len(match[1]) // len(GAP), _count(lives)
    gaps, count = _turned(gaps, count, back)
    end = lives.end() if lives else match.end()
    yield Edit(match.start(), end, f"@{GAP * gaps}{match[2]}{LIVE * count}")


def _number(
    text: str,
    match: re.Match[str],
    path: str,
    context: Context,
    notes: list[Note],
    *,
    back: bool,
) -> Iterator[Edit]:
    """One ``#12``, ``GH-12`` or ``owner/repo#12``, and a closing keyword before it."""
    line = text.rfind("\n", 0, match.start()) + 1
    start, digits = match.start(), match[match.lastindex or 0]
    owner = None
    if match.re is _EXPLICIT:
        found = _OWNER.search(text, max(line, start - _REACH), start)
        if found is None:
            return
        owner, start = found[0], found.start()
    if int(digits) == 0:
        return
    live = True
    if owner is None or owner == context.repo:
        kept, doubt = _kept(digits, path, context)
        if doubt and owner is None and not match[1] and not back:
            notes.append(_ambiguous(text, line, digits))
        if not kept:
            edit, live = _own_number(text, match, start, owner, context.repo, back)
            yield edit
    if live:
        yield from _keyword(text, line, start, back)


def _own_number(
    text: str, match: re.Match[str], start: int, owner: str | None, repo: str, back: bool
) -> tuple[Edit, bool]:
    """Turn a number of this repository by one step; also whether GitHub links it."""
    digits = match[match.lastindex or 0]
    sign = "GH-" if match.re is _GH else "#"
    lives = _LIVES_NUMBER.match(text, match.end())
    step = -1 if back else 1
    if match.re is _GH or (owner is None and _FREE.match(text, start) is None):
        gaps, count = _turned(len(match[1]) // len(GAP), _count(lives), back)
        end = lives.end() if lives else match.end()
        value = gaps - count
        return Edit(start, end, f"{sign}{GAP * gaps}{digits}{LIVE * count}"), (
            value - step * back
        ) <= 0
    if owner is None:
        value, end = len(match[1]) // len(GAP), match.end()
    else:
        value, end = -1 - _count(lives), lives.end() if lives else match.end()
    turned = value + step
    sign = f"#{GAP * turned}" if turned >= 0 else f"{repo}#"
    new = f"{sign}{digits}{LIVE * (-1 - turned)}"
    return Edit(start, end, new), (value if back else turned) <= 0


def _kept(digits: str, path: str, context: Context) -> tuple[bool, bool]:
    """Whether a number means the issue of that number, and whether it could mean another item.

    Only what the files themselves record counts, not what number an item happened to get: a
    text must not change because issues were made. An item that has the number as its own id may
    be meant wherever it is: old texts count in the files' numbers, also in those next door.
    """
    number = IssueNumber(int(digits))
    if digits[0] == "0" or number not in context.named:
        return False, False
    local = context.idents.get((path.rpartition("/")[0], digits))
    meant = context.anywhere.get(digits, frozenset()) | ({local} if local is not None else set())
    if all(context.numbers.get(key) == number for key in meant):
        return True, False
    return False, True


def _ambiguous(text: str, line: int, digits: str) -> Note:
    """The note for a number that fits an issue and another item's own id."""
    return Note(
        line=text.count("\n", 0, line) + 1,
        code="ambiguous-number",
        message=f"#{digits} is an issue and the id of another item; it is no link. "
        f"Write the repository before it (owner/name#{digits}) or link the file",
    )


def _keyword(text: str, line: int, start: int, back: bool) -> Iterator[Edit]:
    """Part ``fixes`` from the reference that follows it, or put them together again."""
    match = _CLOSING.search(text, max(line, start - _REACH), start)
    if match is not None:
        gaps, lives = _turned(len(match[1]) // len(GAP), len(match[2]) // len(LIVE), back)
        yield Edit(match.start(1), match.end(2), GAP * gaps + LIVE * lives)


def _turned(gaps: int, lives: int, back: bool) -> tuple[int, int]:
    """One step towards harmless, or back towards live; each is the other's inverse."""
    if back:
        return (gaps - 1, lives) if gaps else (0, lives + 1)
    return (0, lives - 1) if lives and not gaps else (gaps + 1, lives)


def _count(lives: re.Match[str] | None) -> int:
    """How many comments there are."""
    return 0 if lives is None else len(lives[0]) // len(LIVE)
