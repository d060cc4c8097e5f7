"""Values of the model to JSON and back, strictly: the classes' own fields say what there is.

A field with its default is left out. What is read must have just these fields and types; a
:class:`Wrong` names the place.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any, Final, NamedTuple, TypeVar, get_args

from ghsync.model import Change, FieldName, Hunk, Kind, Priority, Severity, StateReason

T = TypeVar("T")
Json = dict[str, Any]
Reader = Callable[[object, str], Any]
NEEDED: Final = object()
"""Stands for the default of a field that has none."""


class Wrong(ValueError):
    """A value that is not what it should be, and where it stands."""

    def __init__(self, where: str, problem: str) -> None:
        super().__init__(f"{where} {problem}")


class Part(NamedTuple):
    """One field of a class."""

    name: str
    read: Reader
    write: Callable[[Any], Any]
    missing: object
    """The value that is not written, and that is read where nothing is; else ``NEEDED``."""


def written(value: object) -> Json:
    """An instance of one of the model's classes as JSON."""
    raw: Json = {}
    for part in parts(type(value)):
        held = getattr(value, part.name)
        if held != part.missing:
            raw[part.name] = part.write(held)
    return raw


def read(kind: type[T], raw: object, where: str) -> T:
    """An instance from its JSON; raises :class:`Wrong`."""
    if type(raw) is not dict:
        raise Wrong(where, "must be an object")
    values, found = {}, 0
    for part in parts(kind):
        if part.name in raw:
            values[part.name] = part.read(raw[part.name], f"{where}.{part.name}")
            found += 1
        elif part.missing is NEEDED:
            raise Wrong(where, f"has no {part.name!r}")
        else:
            values[part.name] = part.missing
    if found != len(raw):
        odd = next(name for name in raw if name not in values)
        raise Wrong(where, f"has {odd!r}, which this version of ghsync does not know")
    return kind(**values)


def parts(kind: type) -> tuple[Part, ...]:
    """The fields of a class, with what reads and writes each, by its annotation."""
    known = _PARTS.get(kind)
    if known is None:
        known = _PARTS[kind] = _parts(kind)
    return known


_PARTS: dict[type, tuple[Part, ...]] = {}


def _parts(kind: type) -> tuple[Part, ...]:
    return tuple(
        Part(field.name, *_BY_TYPE[str(field.type)], _missing(field))
        for field in dataclasses.fields(kind)
    )


def _missing(field: dataclasses.Field[Any]) -> object:
    if field.default is not dataclasses.MISSING:
        return field.default
    if field.default_factory is not dataclasses.MISSING:
        return field.default_factory()
    # None and nothing are left out, too: "priority" has no default, and a number may have none.
    kind = str(field.type)
    return None if kind.endswith("| None") else () if kind.startswith("tuple[") else NEEDED


# ----------------------------------------------------------------------------- readers


def text(value: object, where: str) -> str:
    """A text."""
    if type(value) is not str:
        raise Wrong(where, "must be a text")
    return value


def whole(value: object, where: str) -> int:
    """A whole number, not negative."""
    if type(value) is not int or value < 0:
        raise Wrong(where, "must be a whole number")
    return value


def flag(value: object, where: str) -> bool:
    """True or false."""
    if type(value) is not bool:
        raise Wrong(where, "must be true or false")
    return value


def items(value: object, where: str) -> list[Any]:
    """A list of anything."""
    if type(value) is not list:
        raise Wrong(where, "must be a list")
    return value


def texts(value: object, where: str) -> tuple[str, ...]:
    """A list of texts."""
    found = items(value, where)
    if not all(type(each) is str for each in found):
        raise Wrong(where, "must be a list of texts")
    return tuple(found)


def many(read_one: Reader) -> Reader:
    """A list, each of which ``read_one`` reads."""
    return lambda value, where: tuple(
        read_one(each, f"{where}[{place}]") for place, each in enumerate(items(value, where))
    )


def maybe(read_one: Reader) -> Reader:
    """The same, or null."""
    return lambda value, where: None if value is None else read_one(value, where)


def mapping(read_one: Reader) -> Reader:
    """An object, each value of which ``read_one`` reads."""

    def reader(value: object, where: str) -> Mapping[str, Any]:
        if type(value) is not dict:
            raise Wrong(where, "must be an object")
        return {name: read_one(each, f"{where}.{name}") for name, each in value.items()}

    return reader


def _word(kind: type[StrEnum]) -> Reader:
    words = {each.value: each for each in kind}

    def reader(value: object, where: str) -> StrEnum:
        found = words.get(value) if isinstance(value, str) else None
        if found is None:
            raise Wrong(where, f"must be one of {', '.join(words)}")
        return found

    return reader


def _priority(value: object, where: str) -> Priority:
    found = _PRIORITIES.get(value) if isinstance(value, str) else None
    if found is None:
        raise Wrong(where, f"must be one of {', '.join(_PRIORITIES)}")
    return found


def _field_name(value: object, where: str) -> str:
    if value not in _FIELD_NAMES:
        raise Wrong(where, "must be the name of an issue's field")
    return str(value)


def _field_value(value: object, where: str) -> str | tuple[str, ...] | None:
    if value is None or type(value) is str:
        return value
    return texts(value, where)


def _pair(value: object, where: str) -> tuple[str, ...]:
    found = texts(value, where)
    if len(found) != 2:
        raise Wrong(where, "must be a name and a value")
    return found


def _held(value: object, where: str) -> str | int | bool | tuple[str, ...]:
    if isinstance(value, str | int | bool):  # a float and null are none of these
        return value
    return texts(value, where)


def of(kind: type[T]) -> Callable[[object, str], T]:
    """What reads an instance of this class."""
    return lambda value, where: read(kind, value, where)


def _same(value: Any) -> Any:
    return value


def _list(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _pairs(value: Any) -> Any:
    return [list(pair) for pair in value]


def _value(value: Any) -> Any:
    return value.value


def _all(value: Any) -> Any:
    return [written(each) for each in value]


def _holding(value: Any) -> Any:
    return {name: _list(held) for name, held in value.items()}


def _name(value: Any) -> Any:
    return value.name.lower()


_PRIORITIES = {priority.name.lower(): priority for priority in Priority}
_FIELD_NAMES = frozenset(get_args(FieldName))
_TEXT = (text, _same)
_MAYBE = (maybe(text), _same)
_TEXTS = (texts, list)
_NUMBER = (whole, _same)

# By the annotation, as the class has it. A field of another type needs its line here; a test
# looks at every operation.
_BY_TYPE: Mapping[str, tuple[Reader, Callable[[Any], Any]]] = {
    "str": _TEXT,
    "Key": _TEXT,
    "str | None": _MAYBE,
    "Key | None": _MAYBE,
    "Uid | None": _MAYBE,
    "tuple[str, ...]": _TEXTS,
    "tuple[Key, ...]": _TEXTS,
    "int": _NUMBER,
    "IssueNumber": _NUMBER,
    "IssueNumber | None": (maybe(whole), _same),
    "bool": (flag, _same),
    "Kind": (_word(Kind), _value),
    "Severity": (_word(Severity), _value),
    "StateReason": (_word(StateReason), _value),
    "StateReason | None": (maybe(_word(StateReason)), _value),
    "Priority": (_priority, _name),
    "Fields": (many(_pair), _pairs),
    "FieldName": (_field_name, _same),
    "FieldValue": (_field_value, _list),
    "Mapping[str, Held] | None": (maybe(mapping(_held)), _holding),
    "tuple[Change, ...]": (many(of(Change)), _all),
    "tuple[Hunk, ...]": (many(of(Hunk)), _all),
}
