"""Change a list in place: what stays keeps its line or its place, in the form that the list has."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TypeAlias

from ghsync.edit import scalars
from ghsync.edit.base import EditError, Lines
from ghsync.edit.scalars import Quote
from ghsync.edit.spans import Entry, Front, Listing, Node, Point, Text
from ghsync.values import dataclass

_DASH = re.compile(r"[ \t]*-[ \t]*$")
_AT = "@"
_Item: TypeAlias = Text | Node
_Style: TypeAlias = Callable[[str, bool], str]
"""Writes one item, in a flow list or not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """How new items are written: the quotes that they get, where they need some.

    ``bare`` lets a number stand without any, as which it may be read.
    """

    prefer: Quote
    bare: bool = False

    def write(self, text: str, old: Quote, *, flow: bool = False) -> str:
        """One item as YAML text."""
        number = self.bare and text.isascii() and text.isdigit()
        return scalars.write(text, old=old, prefer=self.prefer, flow=flow, same_type=number)


def set_list(lines: Lines, front: Front, entry: Entry, wanted: Sequence[str], way: Way) -> None:
    """Give a field this list, in its own form.

    Raises:
        EditError: The list is written in a way that cannot be changed item by item.
    """
    value = entry.value
    match value:
        case Text():
            _set_text(lines, front, entry, value, wanted, way)
        case Listing(flow=True):
            _set_flow(lines, value, wanted, way)
        case Listing():
            _set_block(lines, entry, value, wanted, way)
        case Node():
            raise EditError(
                f"`{entry.name}` is a mapping, which ghsync reads and does not change.",
                hint="Write it as a list.",
            )


def folded(text: str) -> str:
    """An item as two lists are compared: without case, extra spaces and the ``@`` of a person."""
    return " ".join(text.split()).casefold().removeprefix(_AT)


def _style(items: Sequence[_Item], way: Way) -> _Style:
    """How new items are written: as all the others are, ``@`` included."""
    texts = [item for item in items if isinstance(item, Text) and item.text]
    quotes = {item.quote for item in texts}
    old = quotes.pop() if len(quotes) == 1 else Quote.PLAIN
    at = bool(texts) and all((item.text or "").startswith(_AT) for item in texts)

    def write(text: str, flow: bool) -> str:
        shown = _AT + text if at and not text.startswith(_AT) else text
        return way.write(shown, old, flow=flow)

    return write


def _split(items: Sequence[_Item], wanted: Sequence[str]) -> tuple[list[int], list[str]]:
    """The positions of the items that stay, and the texts that are new."""
    rest = {folded(text): text for text in wanted}
    kept: list[int] = []
    seen: set[str] = set()
    for position, item in enumerate(items):
        if isinstance(item, Node):
            raise EditError(
                f"Line {item.start[0] + 1} is a mapping in a list, which ghsync reads and does "
                "not change.",
                hint="Write the list as names: `- name`.",
            )
        if item.text is not None and folded(item.text) in rest:
            seen.add(folded(item.text))
            kept.append(position)
    return kept, [text for key, text in rest.items() if key not in seen]


# ------------------------------------------------------------------------- one text


def _set_text(
    lines: Lines, front: Front, entry: Entry, value: Text, wanted: Sequence[str], way: Way
) -> None:
    """One word, ``bug, ui``, or nothing yet."""
    source = value.text or ""
    pieces = [
        Text(text=part.strip(), start=value.start, stop=value.stop, quote=value.quote, bound=False)
        for part in re.split(r"[,;\n]", source)
        if part.strip()
    ]
    kept, new = _split(pieces, wanted)
    at = bool(pieces) and all((piece.text or "").startswith(_AT) for piece in pieces)
    texts = [pieces[i].text or "" for i in kept]
    texts += [_AT + text if at and not text.startswith(_AT) else text for text in new]
    if not pieces and texts and _uses_blocks(front):
        _new_block(lines, front, entry, value, texts, way)
        return
    lines.put(value.start, value.stop, _as_text(entry, value, pieces, texts, way))


def _as_text(
    entry: Entry, value: Text, pieces: Sequence[Text], texts: Sequence[str], way: Way
) -> str:
    """The new value: one word where it was one, commas where it had them, else ``[…]``."""
    if not texts:
        return value.quote.value * 2
    single = entry.name.casefold().rstrip("s") == entry.name.casefold()
    if not any(re.search(r"[,;]", text) for text in texts):
        if len(texts) == 1 and (pieces or single):
            return way.write(texts[0], value.quote)
        if len(pieces) > 1:
            source = value.text or ""
            joint = "; " if ";" in source and "," not in source else ", "
            return way.write(joint.join(texts), value.quote)
    old = value.quote if pieces else Quote.PLAIN
    return f"[{', '.join(way.write(t, old, flow=True) for t in texts)}]"


def _uses_blocks(front: Front) -> bool:
    """Whether this file writes its lists one item a line."""
    lists = [e.value for e in front.entries if isinstance(e.value, Listing) and e.value.items]
    return bool(lists) and not any(found.flow for found in lists)


def _new_block(
    lines: Lines, front: Front, entry: Entry, value: Text, texts: Sequence[str], way: Way
) -> None:
    """A list below a name that has nothing yet, indented as the file's other lists are."""
    lead = f"{front.indent}  - "
    for other in front.entries:
        if isinstance(other.value, Listing) and other.value.items:
            lead = _lead(lines, other.value.items[0].start) or lead
            break
    write = _style((), way)
    lines.put(value.start, value.stop, "")
    lines.insert(entry.key[0] + 1, [lead + write(text, False) for text in texts])


# ------------------------------------------------------------------------ [a, b]


def _set_flow(lines: Lines, value: Listing, wanted: Sequence[str], way: Way) -> None:
    """Items of ``[…]``: one that goes takes a comma along, new ones stand at the end."""
    items = value.items
    kept, new = _split(items, wanted)
    style = _style(items, way)
    written = [style(text, True) for text in new]
    (line, column), (end_line, end_column) = value.start, value.stop
    if not kept:
        lines.replace((line, column + 1), (end_line, end_column - 1), ", ".join(written))
        return
    last = kept[-1]
    changes: list[tuple[Point, Point, str]] = []
    for position in range(len(items)):
        if position < last and position not in kept:
            changes.append((items[position].start, items[position + 1].start, ""))
        elif position > last:
            changes.append((items[position - 1].stop, items[position].stop, ""))
    joint = _joint(lines, items)
    if written:
        added = "".join(joint + text for text in written)
        changes.append((items[last].stop, items[last].stop, added))
    for start, stop, text in sorted(changes, reverse=True):
        lines.replace(start, stop, text)


def _joint(lines: Lines, items: Sequence[_Item]) -> str:
    """What stands between two items."""
    if len(items) > 1 and items[0].stop[0] == items[1].start[0]:
        return lines.texts[items[0].stop[0]][items[0].stop[1] : items[1].start[1]]
    return ", "


# ------------------------------------------------------------------------- - a line


def _set_block(lines: Lines, entry: Entry, value: Listing, wanted: Sequence[str], way: Way) -> None:
    """One item a line: lines go and come, the others stay as they are."""
    items = value.items
    kept, new = _split(items, wanted)
    leads = [_lead(lines, item.start) for item in items]
    if any(lead is None for lead in leads):
        raise EditError(
            f"An item of `{entry.name}` is written in a way that ghsync does not change.",
            hint="Write one item a line: `- name`.",
        )
    style = _style(items, way)
    written = [f"{leads[0]}{style(text, False)}" for text in new]
    place = items[kept[-1]].stop[0] + 1 if kept else items[0].start[0]
    empty = not kept and not new
    for position in reversed(range(len(items))):
        if items[position].stop[0] + 1 == place:
            lines.insert(place, written)
        if position not in kept:
            lines.remove(items[position].start[0], items[position].stop[0] + 1)
    if not kept:
        lines.insert(place, written)
    if empty:
        lines.put(entry.colon, entry.colon, "[]")


def _lead(lines: Lines, start: Point) -> str | None:
    """What stands before an item: spaces, a dash, a space."""
    match = _DASH.match(lines.texts[start[0]][: start[1]])
    if match is None:
        return None
    lead = match.group(0)
    return lead if lead.endswith((" ", "\t")) else f"{lead} "
