"""Any YAML, from the events of PyYAML's parser: each scalar as its characters with its line.

Every promise about size is kept here: no aliases are expanded beyond a bound, and no nesting goes
deeper than one.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import yaml

from ghsync.layouts.yamlnodes import (
    MAX_DEPTH,
    MAX_NODES,
    NULLS,
    Mapping,
    Scalar,
    Sequence,
    Value,
    YamlError,
)

try:  # libyaml is some ten times faster; wheels of PyYAML carry it, some builds do not
    from yaml.cyaml import CParser as _Parser  # type: ignore[attr-defined]
except ImportError:  # pragma: no cover - depends on how PyYAML was built

    class _Parser(  # type: ignore[no-redef]
        yaml.reader.Reader, yaml.scanner.Scanner, yaml.parser.Parser
    ):
        """The same events from the parser written in Python."""

        def __init__(self, stream: str) -> None:
            yaml.reader.Reader.__init__(self, stream)
            yaml.scanner.Scanner.__init__(self)
            yaml.parser.Parser.__init__(self)


_STARTS = frozenset(
    {
        "while scanning a simple key",
        "while scanning a quoted scalar",
        "while parsing a flow sequence",
        "while parsing a flow mapping",
    }
)


def parse(text: str) -> Value | None:
    """Read one YAML document; raises `YamlError` as :func:`ghsync.layouts.yamltext.read` does."""
    try:
        return _Builder(text).document()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        if error.context in _STARTS and error.context_mark is not None:
            mark = error.context_mark  # where the thing starts that is never finished
        raise YamlError(_problem(error), mark.line if mark is not None else 0) from error
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) if error.position >= 0 else 0
        raise YamlError(f"a character that YAML does not allow: {error.reason}", line) from error
    except (yaml.YAMLError, ValueError, OverflowError) as error:
        if isinstance(error, YamlError):
            raise
        raise YamlError(str(error).splitlines()[0] if str(error) else "not YAML", 0) from error


def _problem(error: yaml.MarkedYAMLError) -> str:
    """The parser's complaint on one line."""
    parts = [part for part in (error.problem, error.context) if part]
    return " ".join(parts) or "not YAML"


class _Builder:
    """Puts the parser's events together, counting as it goes."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._next: Callable[[], Any] = _Parser(text).get_event
        self._anchors: dict[str, Value] = {}
        self._sizes: dict[str, int] = {}
        self._nodes = 0

    def document(self) -> Value | None:
        value: Value | None = None
        while not isinstance(event := self._next(), yaml.StreamEndEvent):
            if isinstance(event, yaml.DocumentStartEvent):
                if value is not None:
                    raise YamlError("a second YAML document", _at(event.start_mark).line)
                value = self._value(self._next(), 0)
        return value

    def _value(self, event: yaml.Event, depth: int) -> Value:
        self._count(1, event)
        if depth > MAX_DEPTH:
            raise YamlError(f"nested more than {MAX_DEPTH} levels deep", _at(event.start_mark).line)
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event)
        before = self._nodes
        value = self._node(event, depth)
        anchor = getattr(event, "anchor", None)
        if anchor is not None:
            self._anchors[anchor] = value
            self._sizes[anchor] = self._nodes - before + 1
        return value

    def _node(self, event: yaml.Event, depth: int) -> Value:
        if isinstance(event, yaml.ScalarEvent):
            return _scalar(event)
        start = _at(event.start_mark)
        if isinstance(event, yaml.SequenceStartEvent):
            items: list[Value] = []
            while not isinstance(inner := self._next(), yaml.SequenceEndEvent):
                items.append(self._value(inner, depth + 1))
            return Sequence(tuple(items), start.line, self._raw(start, _at(inner.end_mark), depth))
        entries: list[tuple[Scalar, Value]] = []
        while not isinstance(inner := self._next(), yaml.MappingEndEvent):
            key = self._value(inner, depth + 1)
            if not isinstance(key, Scalar):
                raise YamlError(
                    "a list or a mapping as a key, as in {{…}}", _at(inner.start_mark).line
                )
            entries.append((key, self._value(self._next(), depth + 1)))
        return Mapping(tuple(entries), start.line, self._raw(start, _at(inner.end_mark), depth))

    def _alias(self, event: yaml.AliasEvent) -> Value:
        anchor = event.anchor
        if anchor not in self._anchors:
            raise YamlError(f"an alias to an unknown anchor: *{anchor}", _at(event.start_mark).line)
        self._count(self._sizes[anchor], event)
        return self._anchors[anchor]

    def _count(self, nodes: int, event: yaml.Event) -> None:
        self._nodes += nodes
        if self._nodes > MAX_NODES:
            raise YamlError(
                f"over {MAX_NODES:,} values, aliases counted", _at(event.start_mark).line
            )

    def _raw(self, start: yaml.Mark, end: yaml.Mark, depth: int) -> str:
        """The source of a top-level field's value; deeper ones are never shown."""
        return self._text[start.index : end.index].strip() if depth == 1 else ""


def _scalar(event: yaml.ScalarEvent) -> Scalar:
    plain = event.style is None or event.style == ""
    null = event.value in NULLS if plain else False
    start, end = _at(event.start_mark), _at(event.end_mark)
    return Scalar(None if null else event.value, start.line, plain, end.line, end.column)


def _at(mark: Any) -> yaml.Mark:
    """The mark of an event: the stubs allow for none, the parsers always set one."""
    found: yaml.Mark = mark
    return found
