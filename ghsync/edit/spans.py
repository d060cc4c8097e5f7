"""Where each field of a frontmatter stands: its name, its value, and the items of a list.

Points are (line, column), both from 0 in the file. Built on the events of PyYAML's parser, which
is what the loader reads with too.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import yaml

from ghsync.edit.base import EditError, Lines
from ghsync.edit.scalars import Quote
from ghsync.layouts import frontmatter
from ghsync.layouts.handler import TextHandler
from ghsync.layouts.yamlnodes import NULLS
from ghsync.values import dataclass

try:
    from yaml import CSafeLoader as _Loader
except ImportError:  # pragma: no cover - depends on how PyYAML was built
    from yaml import SafeLoader as _Loader  # type: ignore[assignment]

Point: TypeAlias = tuple[int, int]
_QUOTES = {"'": Quote.SINGLE, '"': Quote.DOUBLE}


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A scalar: its text (``None`` for null), where it stands and how it is quoted."""

    text: str | None
    start: Point
    stop: Point
    quote: Quote
    bound: bool
    """It has an anchor, or is an alias: others may mean the same value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """A list, in ``[…]`` or one item a line."""

    items: tuple[Text | Node, ...]
    flow: bool
    start: Point
    stop: Point
    """Where its last item, or the closing bracket, ends."""
    bound: bool
    """It, or something in it, has an anchor."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """Anything else: a mapping, or a list in a list."""

    start: Point
    stop: Point
    empty: bool
    bound: bool


Value: TypeAlias = Text | Listing | Node


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One top-level field."""

    name: str
    key: Point
    colon: Point
    """Right behind the colon."""
    value: Value

    @property
    def last(self) -> int:
        """The last line of the value."""
        return max(self.key[0], self.value.stop[0])


@dataclass(frozen=True, slots=True, kw_only=True)
class Front:
    """A frontmatter: its fields in file order, and the lines of its two ``---``."""

    entries: tuple[Entry, ...]
    opening: int
    closing: int
    indent: str = ""

    def find(self, name: str) -> Entry | None:
        """The field that the loader takes for this name: the last, a full one before an empty."""
        taken: Entry | None = None
        for entry in self.entries:
            if frontmatter.fold(entry.name) != frontmatter.fold(name):
                continue
            if taken is None or not (empty(entry.value) and not empty(taken.value)):
                taken = entry
        return taken


def empty(value: Value) -> bool:
    """Whether there is nothing in a value."""
    match value:
        case Text(text=text):
            return text is None or not text.strip()
        case Listing(items=items):
            return not items
        case Node(empty=nothing):
            return nothing


def front(lines: Lines) -> Front | None:
    """The frontmatter of a file; ``None`` where it has none.

    Raises:
        EditError: It is not valid YAML, or is written in one of YAML's rarer ways.
    """
    seen = lines.seen()
    handler = TextHandler()
    if not handler.detect(seen):
        return None
    try:
        raw, rest = handler.split(seen)
    except ValueError:
        return None
    start = seen.count("\n", 0, len(seen) - len(rest) - len("---")) - raw.count("\n")
    closing = start + raw.count("\n")
    try:
        found = _Reader(raw, start).entries()
    except (yaml.YAMLError, ValueError) as error:
        raise EditError(
            "The frontmatter is not valid YAML, so nothing is changed in it.",
            hint="Mend the line that `ghsync lint` names.",
        ) from error
    if found is None:
        return None  # a text between two rules
    columns = {entry.key[1] for entry in found}
    indent = " " * columns.pop() if len(columns) == 1 else ""
    return Front(entries=found, opening=start - 1, closing=closing, indent=indent)


class _Reader:
    """Puts the parser's events together with their places."""

    def __init__(self, raw: str, offset: int) -> None:
        self._events: Any = yaml.parse(raw, Loader=_Loader)
        self._lines = raw.split("\n")
        self._offset = offset

    def entries(self) -> tuple[Entry, ...] | None:
        """The fields; ``None`` where the text is no mapping."""
        event = next(self._events)
        while isinstance(event, yaml.StreamStartEvent | yaml.DocumentStartEvent):
            event = next(self._events)
        if isinstance(event, yaml.StreamEndEvent):
            return ()
        if isinstance(event, yaml.ScalarEvent) and event.value in NULLS and not event.style:
            return ()
        if not isinstance(event, yaml.MappingStartEvent):
            return None
        if event.flow_style:
            raise EditError(
                "The frontmatter is one {…}, which ghsync reads and does not change.",
                hint="Write one `name: value` a line.",
            )
        found: list[Entry] = []
        while not isinstance(key := next(self._events), yaml.MappingEndEvent):
            if not isinstance(key, yaml.ScalarEvent):
                raise ValueError("a key that is no text")
            value = self._value(next(self._events))
            found.append(
                Entry(
                    name=key.value,
                    key=self._at(key.start_mark),
                    colon=self._colon(self._at(key.end_mark)),
                    value=value,
                )
            )
        return tuple(found)

    def _colon(self, stop: Point) -> Point:
        line = self._lines[stop[0] - self._offset]
        at = line.find(":", stop[1])
        if at < 0 or line[stop[1] : at].strip():
            raise ValueError("a colon on a line of its own")
        return stop[0], at + 1

    def _value(self, event: Any) -> Value:
        start = self._at(event.start_mark)
        bound = getattr(event, "anchor", None) is not None or isinstance(event, yaml.AliasEvent)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._listing(event, start, bound)
        if isinstance(event, yaml.MappingStartEvent):
            last, count = start, 0
            while not isinstance(inner := next(self._events), yaml.MappingEndEvent):
                part = self._value(inner)
                last, count, bound = part.stop, count + 1, bound or part.bound
            stop = self._at(inner.end_mark) if event.flow_style else last
            return Node(start=start, stop=stop, empty=count == 0, bound=bound)
        if isinstance(event, yaml.AliasEvent):
            stop = self._at(event.end_mark)
            return Text(text="*", start=start, stop=stop, quote=Quote.PLAIN, bound=True)
        null = not event.style and event.value in NULLS
        return Text(
            text=None if null else event.value,
            start=start,
            stop=self._trimmed(start, self._at(event.end_mark), event),
            quote=_QUOTES.get(event.style, Quote.PLAIN),
            bound=bound,
        )

    def _listing(self, event: Any, start: Point, bound: bool) -> Listing:
        items: list[Text | Node] = []
        while not isinstance(inner := next(self._events), yaml.SequenceEndEvent):
            item = self._value(inner)
            if isinstance(item, Listing):
                item = Node(start=item.start, stop=item.stop, empty=False, bound=item.bound)
            bound = bound or item.bound
            items.append(item)
        stop = self._at(inner.end_mark)
        if not event.flow_style and items:
            stop = items[-1].stop
        return Listing(
            items=tuple(items), flow=bool(event.flow_style), start=start, stop=stop, bound=bound
        )

    def _at(self, mark: Any) -> Point:
        return mark.line + self._offset, mark.column

    def _trimmed(self, start: Point, stop: Point, event: Any) -> Point:
        """Where a scalar's own text ends: a block of text is said to end on the next line."""
        if event.style not in ("|", ">") or stop == start:
            return stop
        line = stop[0] - self._offset
        if stop[1] == 0:
            line -= 1
        while line > start[0] - self._offset and not self._lines[line].strip():
            line -= 1
        return line + self._offset, len(self._lines[line])
