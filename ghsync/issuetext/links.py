"""Links and images whose destination is a path, made to work in an issue.

``[the epic](../epic.md)`` becomes ``[the epic](https://github.com/o/r/issues/41 "#41
../epic.md")``: the author's words stay, GitHub records the reference on issue 41, and the
link's tooltip keeps the path, from which the file's line is restored to the byte.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import field
from typing import NamedTuple

from ghsync.issuetext.context import Context, Note
from ghsync.issuetext.paths import Outside, Target, targets
from ghsync.issuetext.permalinks import base, owned, permalink
from ghsync.issuetext.zones import Zones
from ghsync.model import Key
from ghsync.patterns import regex
from ghsync.values import dataclass

_DESTINATION = (
    r"(?P<dest><[^<>\n]*>|(?:[^\s()<>\\]|\\[!-/:-@\[-`{-~]|\([^\s()<>\\]*\))+)"
    r"(?:(?P<gap>[ \t]+)(?P<title>\"(?:[^\"\\\n]|\\[^\n])*\"|'[^'\\\n]*'|\([^()\\\n]*\)))?"
)
_TAIL = regex(rf"\]\([ \t]*{_DESTINATION}[ \t]*\)")
_DEFINITION = regex(
    rf"^ {{0,3}}\[(?P<label>(?!\^)(?:[^\[\]\\\n]|\\[^\n])+)\]:[ \t]*{_DESTINATION}[ \t]*$",
    re.MULTILINE,
)
_MARK = regex(
    r"(?P<own>(?:· )*)(?:#(?P<number>\d+) )?(?P<source><[^<>]*>|[^\s<>]\S*)(?: · (?P<title>.*))?"
)


class Edit(NamedTuple):
    """Put ``new`` in the place of a part of the text."""

    start: int
    end: int
    new: str


@dataclass(slots=True)
class Links:
    """What came of the links of one text."""

    edits: list[Edit] = field(default_factory=list)
    spans: list[tuple[int, int]] = field(default_factory=list)
    """Links and definitions: in none of them is a mention or number what it seems."""
    waits: dict[Key, None] = field(default_factory=dict)
    notes: list[Note] = field(default_factory=list)


class _Place(NamedTuple):
    """One destination in the text."""

    match: re.Match[str]
    start: int
    """Where the whole link begins."""
    image: bool


def rewrite_links(text: str, zones: Zones, path: str, context: Context, *, back: bool) -> Links:
    """Rewrite every link for GitHub, or ``back`` into the form of the file."""
    done = Links()
    for place in _places(text, zones):
        match = place.match
        done.spans.append((place.start, match.end()))
        label = match.groupdict().get("label")
        if label is not None and ("@" in label or "#" in label):
            done.spans += _uses(text, f"[{label}]")
        dest, title = match["dest"], match["title"]
        if back:
            new = _to_file(dest, title, place.image, path, context)
        else:
            line = text.count("\n", 0, match.start()) + 1
            new = _to_github(dest, title, place.image, path, context, done, line)
        if new is None:
            continue
        end = match.end("dest") if title is None else match.end("title")
        gap = match["gap"] or " "
        shown = new[0] if new[1] is None else f"{new[0]}{gap}{new[1]}"
        done.edits.append(Edit(match.start("dest"), end, shown))
    return done


def _uses(text: str, label: str) -> Iterator[tuple[int, int]]:
    """Where a definition's label stands, which must stay what it is."""
    position = text.find(label)
    while position >= 0:
        yield position, position + len(label)
        position = text.find(label, position + 1)


# -------------------------------------------------------------------------- finding


def link_positions(text: str) -> list[int]:
    """Where something may be a link or a definition; cheap, and too many."""
    found = []
    if "](" in text:
        position = text.find("](")
        while position >= 0:
            found.append(position)
            position = text.find("](", position + 2)
    if "]:" in text:
        found += [match.start("label") - 1 for match in _DEFINITION.finditer(text)]
    return found


def links_matter(text: str, positions: list[int], context: Context) -> bool:
    """Whether one of them may be rewritten: most lead to other sites."""
    own = base(context) in text
    return any(own or _ELSEWHERE.match(text, position) is None for position in positions)


_ELSEWHERE = regex(r"\]\([ \t]*<?(?:https?:|mailto:|#)")


def _places(text: str, zones: Zones) -> Iterator[_Place]:
    """The links and definitions outside of code and HTML, in order of their kind."""
    position = text.find("](")
    while position >= 0:
        match = None
        if position not in zones.fixed and position not in zones.html:
            match = _TAIL.match(text, position)
        opening = _opening(text, position, zones) if match else None
        if match is not None and opening is not None:
            image = text[opening - 1 : opening] == "!" and text[opening - 2 : opening - 1] != "\\"
            yield _Place(match, opening, image)
        position = text.find("](", match.end() if match else position + 2)
    if "]:" in text:
        yield from _definitions(text, zones)


def _opening(text: str, position: int, zones: Zones) -> int | None:
    """The bracket that the one at ``position`` closes, within the paragraph."""
    depth = 0
    stop = max(text.rfind("\n\n", 0, position), position - 2_000, 0)
    for index in range(position, stop - 1, -1):
        char = text[index]
        if char not in "[]" or (index != position and index in zones.fixed):
            continue
        if index and text[index - 1] == "\\":
            if index == position:
                return None
            continue
        depth += 1 if char == "]" else -1
        if depth == 0:
            return index
    return None


_ABOVE = regex(r"[ \t]*$|#{1,6}(?:[ \t]|$)")


def _definitions(text: str, zones: Zones) -> Iterator[_Place]:
    """Reference definitions that fill one line each and interrupt no paragraph."""
    last = 0
    for match in _DEFINITION.finditer(text):
        start = match.start()
        bracket = match.start("label") - 1
        if bracket in zones.fixed or bracket in zones.html:
            continue
        before = text[text.rfind("\n", 0, max(start - 1, 0)) + 1 : max(start - 1, 0)]
        begins = start == 0 or start - 1 == last or _ABOVE.match(before) is not None
        follows = text[match.end() + 1 :][:200].lstrip(" \t")[:1]
        if begins and (match["title"] is not None or follows not in ('"', "'", "(")):
            last = match.end()
            yield _Place(match, bracket, image=False)


# ----------------------------------------------------------------------- rewriting


def _to_github(
    dest: str,
    title: str | None,
    image: bool,
    path: str,
    context: Context,
    done: Links,
    line: int,
) -> tuple[str, str | None] | None:
    """The destination and title for GitHub; ``None`` to leave both."""
    if owned(dest, context):
        seen = _marked(dest, title, image, path, context)
        return None if seen is None else (dest, f'"· {seen[0]}"')
    try:
        options = targets(dest, path)
    except Outside:
        done.notes.append(_note(line, "outside-link", f"{dest} leaves the repository"))
        return None
    target = _find(options, context)
    if target is None:
        if options and ".md" in dest:
            done.notes.append(_note(line, "missing-link", f"{dest} is no file of the repository"))
        return None
    if '"' in dest or "\\" in dest or (title is not None and title[0] != '"'):
        done.notes.append(_note(line, "link-form", f"the link to {dest} is too unusual to rewrite"))
        return None
    tip = dest if title is None else f"{dest} · {title[1:-1]}"
    key = None if image or target.path == path else context.items.get(target.path)
    if key is not None:
        number = context.numbers.get(key)
        if number is not None:
            return f"{base(context)}/issues/{number}", f'"#{number} {tip}"'
        done.waits[key] = None
    if context.commit is None:
        return None
    commit = context.commit if context.committed(target.path) else "HEAD"
    return permalink(target, image, commit, context), f'"{tip}"'


def _to_file(
    dest: str, title: str | None, image: bool, path: str, context: Context
) -> tuple[str, str | None] | None:
    """Undo :func:`_to_github`."""
    if not owned(dest, context):
        return None
    seen = _marked(dest, title, image, path, context)
    if seen is None:
        return None
    inner, match = seen
    if match["own"]:
        return dest, f'"{inner.removeprefix("· ")}"'
    return match["source"], None if match["title"] is None else f'"{match["title"]}"'


def _marked(
    dest: str, title: str | None, image: bool, path: str, context: Context
) -> tuple[str, re.Match[str]] | None:
    """Whether a link to our repository is one that we wrote: its tooltip tells its path."""
    if title is None or title[0] != '"':
        return None
    inner = title[1:-1]
    match = _MARK.fullmatch(inner)
    if match is None or '"' in match["source"] or "\\" in match["source"]:
        return None
    try:
        options = targets(match["source"], path)
    except Outside:
        return None
    return (inner, match) if _agrees(dest, match["number"], options, image, context) else None


def _agrees(
    dest: str, number: str | None, options: tuple[Target, ...], image: bool, context: Context
) -> bool:
    """Whether the path of a tooltip and the URL beside it mean the same."""
    rest = dest.removeprefix(base(context))
    for target in options:
        if number is not None:
            key = context.items.get(target.path)
            if key is not None and rest == f"/issues/{number}":
                return str(context.numbers.get(key)) == number
        else:
            commit = rest.split("/")[2] if rest.count("/") >= 3 else ""
            if _HEX.fullmatch(commit) and dest == permalink(target, image, commit, context):
                return True
    return False


_HEX = regex("[0-9a-f]{40}|HEAD")


def _find(options: tuple[Target, ...], context: Context) -> Target | None:
    """The first thing a destination may mean that exists."""
    for target in options:
        if target.path in context.items or context.files(target.path):
            return target
    return None


def _note(line: int, code: str, message: str) -> Note:
    return Note(line=line, code=code, message=message)
