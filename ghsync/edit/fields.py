"""Set, empty, drop and insert one field of a frontmatter, by the places of its parts."""

from __future__ import annotations

from collections import Counter
from typing import TypeAlias

from ghsync.edit import lists, scalars, spans
from ghsync.edit.base import EditError, Lines
from ghsync.edit.scalars import Quote
from ghsync.edit.spans import Entry, Front, Listing, Node, Text
from ghsync.layouts import frontmatter
from ghsync.values import dataclass

FieldValue: TypeAlias = str | tuple[str, ...] | int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldEdit:
    """A value for one top-level field of the frontmatter.

    ``None`` empties the field and leaves its name in place; with ``drop`` its lines go. A field
    that is not there is inserted behind the last of ``after`` that is, else at the end; where
    there is no frontmatter, one is written only with ``open``.
    """

    name: str
    value: FieldValue
    after: tuple[str, ...] = ()
    drop: bool = False
    open: bool = False
    bare: bool = False
    """A number or a date may stand without quotes, as which it may be read."""


def apply(lines: Lines, change: FieldEdit) -> None:
    """Make one change in the lines of a file.

    Raises:
        EditError: The field cannot be changed without touching another.
    """
    found = spans.front(lines)
    if found is None:
        if change.value is None:
            return
        found = _opened(lines, change)
    entry = found.find(change.name)
    if change.drop:
        for one in reversed(found.entries):
            if frontmatter.fold(one.name) == frontmatter.fold(change.name):
                lines.remove(one.key[0], one.last + 1)
    elif entry is None:
        _insert(lines, found, change)
    elif not same(entry.value, change.value):
        _set(lines, found, entry, change.value, bare=change.bare)


def same(value: spans.Value, wanted: FieldValue) -> bool:
    """Whether a field has this value already."""
    match wanted:
        case None:
            return spans.empty(value)
        case int():
            return isinstance(value, Text) and value.text == str(wanted)
        case str():
            return isinstance(value, Text) and (value.text or "") == wanted
        case tuple():
            texts = _texts(value)
            return texts is not None and [*map(lists.folded, texts)] == [*map(lists.folded, wanted)]


def _texts(value: spans.Value) -> list[str] | None:
    """The texts of a list in any form that can be changed."""
    match value:
        case Text(text=text):
            return [part for part in (text or "").replace(";", ",").split(",") if part.strip()]
        case Listing(items=items):
            found = [item.text for item in items if isinstance(item, Text)]
            return [text or "" for text in found] if len(found) == len(items) else None
        case Node():
            return None


def _set(lines: Lines, front: Front, entry: Entry, wanted: FieldValue, *, bare: bool) -> None:
    """Give a field that is there another value."""
    value = entry.value
    if value.bound:
        raise EditError(
            f"`{entry.name}` (line {entry.key[0] + 1}) has a YAML anchor or alias, so other fields "
            "may hang on it.",
            hint="Write the value out, or change it by hand.",
        )
    prefer = preferred(front)
    if isinstance(wanted, tuple):
        lists.set_list(lines, front, entry, wanted, lists.Way(prefer=prefer, bare=bare))
        return
    if isinstance(value, Listing | Node) and not _inline(value):
        first = value.items[0].start[0] if isinstance(value, Listing) else value.start[0]
        if first == entry.key[0]:
            raise EditError(
                f"`{entry.name}` (line {first + 1}) is written in a way that ghsync does not "
                "change.",
                hint="Write `name: value`.",
            )
        lines.remove(first, value.stop[0] + 1)
        lines.put(entry.colon, entry.colon, _scalar(wanted, Quote.PLAIN, prefer, bare=bare))
        return
    old = value.quote if isinstance(value, Text) else Quote.PLAIN
    if isinstance(value, Text) and value.text and old is Quote.PLAIN:
        date = scalars.is_date(value.text) and isinstance(wanted, str) and scalars.is_date(wanted)
        lines.put(value.start, value.stop, _scalar(wanted, old, prefer, bare=date or bare))
        return
    if wanted is None and old is not Quote.PLAIN:
        lines.put(value.start, value.stop, old.value * 2)
        return
    lines.put(value.start, value.stop, _scalar(wanted, old, prefer, bare=bare))


def _inline(value: Listing | Node) -> bool:
    """Whether a list or mapping is one in brackets, which a value can simply replace."""
    if isinstance(value, Listing):
        return value.flow
    return value.empty


def _scalar(wanted: FieldValue, old: Quote, prefer: Quote, *, bare: bool = False) -> str:
    match wanted:
        case None:
            return ""
        case int():
            return f"{old.value}{wanted}{old.value}"
        case str():
            return scalars.write(wanted, old=old, prefer=prefer, same_type=bare) if wanted else ""
        case tuple():
            way = lists.Way(prefer=prefer, bare=bare)
            inner = (way.write(text, Quote.PLAIN, flow=True) for text in wanted)
            return f"[{', '.join(inner)}]"


def preferred(front: Front) -> Quote:
    """The quotes that most values of this frontmatter have; double where none has any."""
    counts: Counter[Quote] = Counter()
    for entry in front.entries:
        items = entry.value.items if isinstance(entry.value, Listing) else (entry.value,)
        for item in items:
            if isinstance(item, Text) and item.quote is not Quote.PLAIN:
                counts[item.quote] += 1
    return counts.most_common(1)[0][0] if counts else Quote.DOUBLE


def _insert(lines: Lines, front: Front, change: FieldEdit) -> None:
    """A new line behind the last of the fields that it shall follow, else at the end."""
    if change.value is None:
        return
    wanted = {frontmatter.fold(name) for name in change.after}
    before = [entry for entry in front.entries if frontmatter.fold(entry.name) in wanted]
    place = max((entry.last + 1 for entry in before), default=front.closing)
    written = _scalar(change.value, Quote.PLAIN, preferred(front), bare=change.bare)
    lines.insert(place, [f"{front.indent}{change.name}: {written}".rstrip()])


def _opened(lines: Lines, change: FieldEdit) -> Front:
    """A frontmatter with nothing in it, above a text that has none."""
    if not change.open:
        raise EditError(
            f"The file has no frontmatter to hold `{change.name}`.",
            hint="Add one: a line `---`, the fields, a line `---`.",
        )
    blank = not lines.texts or not lines.texts[0].strip()
    lines.insert(0, ["---", "---"] if blank else ["---", "---", ""])
    return Front(entries=(), opening=0, closing=1)
