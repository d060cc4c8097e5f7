"""``[layouts.NAME]`` tables to layouts of the user's own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields as dataclass_fields
from typing import TypeVar

from ghsync.config import values
from ghsync.config.tomlfile import TomlFile
from ghsync.layouts.base import CustomLayout, FieldNames
from ghsync.layouts.catalogue import names
from ghsync.model import Kind, StateReason

T = TypeVar("T")
TABLE = "layouts"
NONE: tuple[str, ...] = ()
KINDS = tuple(kind.value for kind in Kind)
FIELDS = tuple(field.name for field in dataclass_fields(FieldNames))
STATUSES: Mapping[str, StateReason | None] = {
    "open": None,
    "closed": StateReason.COMPLETED,
    "not_planned": StateReason.NOT_PLANNED,
}
LAYOUT_KEYS = (*KINDS, "lists", "ignore", "archived", "title", "fields", "status", "labels")


def custom_layouts(file: TomlFile) -> tuple[CustomLayout, ...]:
    """Read every ``[layouts.NAME]`` table; raises :class:`~ghsync.errors.ConfigError`."""
    table = file.table.get(TABLE, {})
    if not isinstance(table, Mapping):
        raise file.error(
            (TABLE,), "must hold tables such as [layouts.custom]; to choose layouts, set `layout`"
        )
    return tuple(_layout(file, name, _table(file, (TABLE, name), table)) for name in table)


def _layout(file: TomlFile, name: str, table: Mapping[str, object]) -> CustomLayout:
    """One layout out of its table."""
    at = (TABLE, name)
    if name.casefold() in {taken.casefold() for taken in names()}:
        raise file.error(at, "has the name of a layout that ghsync knows; choose another")
    _only(file, at, table, LAYOUT_KEYS)
    kinds = tuple(
        (glob, Kind(key))
        for key in table  # in the file's order: the first glob that matches wins
        if key in KINDS
        for glob in _read(file, (*at, key), table, _globs, NONE)
    )
    lists = _read(file, (*at, "lists"), table, _globs, NONE)
    if not kinds and not lists:
        raise file.error(at, f"names no files; set {', '.join(KINDS)} or lists")
    return CustomLayout(
        name=name,
        kinds=kinds,
        lists=lists,
        ignore=_read(file, (*at, "ignore"), table, _globs, NONE),
        archived=_read(file, (*at, "archived"), table, _globs, NONE),
        fields=_fields(file, (*at, "fields"), _table(file, (*at, "fields"), table)),
        statuses=_statuses(file, (*at, "status"), _table(file, (*at, "status"), table)),
        title=_read(file, (*at, "title"), table, _title, "{title}"),
        labels=_labels(file, (*at, "labels"), _table(file, (*at, "labels"), table)),
    )


def _fields(file: TomlFile, at: tuple[str, ...], table: Mapping[str, object]) -> FieldNames:
    """Which frontmatter field is what."""
    _only(file, at, table, FIELDS)
    return FieldNames(
        **{name: _read(file, (*at, name), table, values.texts, NONE) for name in table}
    )


def _statuses(
    file: TomlFile, at: tuple[str, ...], table: Mapping[str, object]
) -> dict[str, StateReason | None]:
    """Status words to open, closed, or closed as not planned."""
    _only(file, at, table, STATUSES)
    found: dict[str, StateReason | None] = {}
    for name in table:
        for word in _read(file, (*at, name), table, values.texts, NONE):
            if word in found:
                raise file.error((*at, name), f"has {word!r}, which stands in another list, too")
            found[word] = STATUSES[name]
    return found


def _labels(
    file: TomlFile, at: tuple[str, ...], table: Mapping[str, object]
) -> dict[Kind, tuple[str, ...]]:
    """The labels of each kind, in place of the kind's own word."""
    _only(file, at, table, KINDS)
    return {Kind(name): _read(file, (*at, name), table, values.texts, NONE) for name in table}


def _globs(value: object) -> tuple[str, ...]:
    """Globs that stay inside the root."""
    globs = values.texts(value)
    for glob in globs:
        parts = glob.split("/")
        if not glob or "\\" in glob or parts[0] == "" or ".." in parts:
            raise ValueError(
                f"must hold globs relative to the root, with /, such as tasks/**/*.md, not {glob!r}"
            )
    return globs


def _title(value: object) -> str:
    """A template over the file's own fields, such as ``{id}: {title}``."""
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f'must be a text such as "{{id}}: {{title}}", not {value!r}')
    return value


def _table(
    file: TomlFile, at: tuple[str, ...], around: Mapping[str, object]
) -> Mapping[str, object]:
    """The table inside another; empty if it is absent."""
    value = around.get(at[-1], {})
    if not isinstance(value, Mapping):
        raise file.error(at, "must be a table")
    return value


def _only(
    file: TomlFile,
    at: tuple[str, ...],
    table: Mapping[str, object],
    known: tuple[str, ...] | Mapping[str, object],
) -> None:
    """Refuse a key that means nothing."""
    for name in table:
        if name not in known:
            raise file.unknown((*at, name), known)


def _read(
    file: TomlFile,
    at: tuple[str, ...],
    table: Mapping[str, object],
    read: Callable[[object], T],
    default: T,
) -> T:
    """Read one key, the default if it is absent."""
    if at[-1] not in table:
        return default
    try:
        return read(table[at[-1]])
    except ValueError as error:
        raise file.error(at, str(error)) from None
