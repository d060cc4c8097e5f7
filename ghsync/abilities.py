"""What the server can take of an item's type and issue fields, as far as it was asked.

Only organizations have issue types and issue fields, and older servers have neither. What cannot
be set is left out with one warning, not with one for each item.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import field, replace

from ghsync.details import wire_value
from ghsync.model import Finding, IssueField, Item, Key, Severity, Snapshot
from ghsync.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Able:
    """The items as the server can take them, and what was left out of them."""

    items: tuple[Item, ...]
    no_type: frozenset[Key] = frozenset()
    """Items whose type was left out: no removal."""
    no_fields: Mapping[Key, frozenset[str]] = field(default_factory=dict)
    """Items to the case-folded names of the fields that were left out."""
    findings: tuple[Finding, ...] = ()


def able(items: Iterable[Item], snapshot: Snapshot) -> Able:
    """Leave out what the server is known not to take."""
    return _Check(snapshot).run(items)


class _Check:
    def __init__(self, snapshot: Snapshot) -> None:
        self._repo = snapshot.repo.full_name
        self._types = (
            None if snapshot.types is None else {each.casefold(): each for each in snapshot.types}
        )
        self._fields = snapshot.fields
        self._told: set[str] = set()
        self._findings: list[Finding] = []
        self._no_type: set[Key] = set()
        self._no_fields: dict[Key, set[str]] = {}

    def run(self, items: Iterable[Item]) -> Able:
        kept = tuple(self._item(item) for item in items)
        return Able(
            items=kept,
            no_type=frozenset(self._no_type),
            no_fields={key: frozenset(names) for key, names in self._no_fields.items()},
            findings=tuple(self._findings),
        )

    def _item(self, item: Item) -> Item:
        if item.type is not None and self._types is not None:
            item = self._type(item, item.type, self._types)
        if item.fields and self._fields is not None:
            known = self._fields
            fields = tuple(f for f in item.fields if self._field(item, known, *f))
            item = item if fields == item.fields else replace(item, fields=fields)
        return item

    def _type(self, item: Item, name: str, types: Mapping[str, str]) -> Item:
        spelled = types.get(name.casefold())
        if spelled is not None:
            return item if spelled == name else replace(item, type=spelled)
        self._no_type.add(item.key)
        if not types:
            self._warn(
                item,
                "types_unavailable",
                "types",
                f"{self._repo} has no issue types (only an organization's repositories have), "
                "so no type is set. Take `types` out of ghsync.toml to be rid of this",
            )
        else:
            offered = ", ".join(types.values())
            self._warn(
                item,
                "type_unknown",
                f"type {name.casefold()}",
                f"{self._repo} has no issue type {name!r}, so it is left out; it has {offered}",
            )
        return replace(item, type=None)

    def _field(self, item: Item, known: Mapping[str, IssueField], name: str, value: str) -> bool:
        found = known.get(name.casefold())
        if found is None:
            self._no_fields.setdefault(item.key, set()).add(name.casefold())
            if not known:
                self._warn(
                    item,
                    "fields_unavailable",
                    "fields",
                    f"{self._repo} has no issue fields that this token may read (only an "
                    "organization has them, and not on every server), so none is set",
                )
            else:
                offered = ", ".join(each.name for each in known.values())
                self._warn(
                    item,
                    "field_unknown",
                    f"field {name.casefold()}",
                    f"there is no issue field {name!r}, so it is left out; there are {offered}",
                )
            return False
        try:
            wire_value(found, value)
        except ValueError as error:
            self._no_fields.setdefault(item.key, set()).add(name.casefold())
            self._warn(
                item,
                "field_value",
                f"value {item.key} {name}",
                f"the issue field {found.name!r} {error}, not {value[:60]!r}; it is left out",
            )
            return False
        return True

    def _warn(self, item: Item, code: str, once: str, message: str) -> None:
        if once in self._told:
            return
        self._told.add(once)
        self._findings.append(
            Finding(
                path=item.path,
                line=item.line,
                code=code,
                severity=Severity.WARNING,
                message=message,
                key=item.key,
            )
        )
