"""What an issue carries beside its PATCH, merged three ways: issue fields and the lock.

Issue fields are texts by name until they are sent: which kind a field is, only GitHub says, so a
number is compared as a number where the issue's own value tells that it is one.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import TypeVar

from ghsync.bases import alike
from ghsync.choices import chosen, same
from ghsync.journal import Base
from ghsync.model import (
    Change,
    ClearField,
    Conflict,
    Fate,
    FieldKind,
    Fields,
    HeldField,
    Issue,
    IssueField,
    IssueNumber,
    Item,
    Key,
    LockIssue,
    Operation,
    SetFields,
    UnlockIssue,
)
from ghsync.patterns import regex
from ghsync.threeway import OnConflict
from ghsync.values import dataclass

T = TypeVar("T")
_SLOT = regex(r"\{[a-z]+\}")
_NUMBER = regex(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)")


def closing_comment(template: str, item: Item, title: str, commit: str | None) -> str:
    """The text of the comment on an item that is closed; its slots are the config's to check."""
    slots = {
        "{path}": item.path,
        "{key}": item.key,
        "{title}": title,
        "{status}": item.status or "closed",
        "{commit}": commit or "an unknown commit",
    }
    return _SLOT.sub(lambda found: slots.get(found[0], found[0]), template)


def fate_of(key: Key, number: IssueNumber, fate: Fate | None, repo: str) -> tuple[str, str]:
    """What became of an item's issue, and what to do about it."""
    again = f"`ghsync map forget {shlex.quote(key)}` lets the next push make a new one"
    match fate.kind if fate is not None else "missing":
        case "transferred":
            where = fate.where if fate is not None and fate.where else "another repository"
            return (
                f"Issue #{number} of this item was transferred to {where}",
                f"Move the file to where that repository's planning is, or have it back: {again}.",
            )
        case "converted":
            return (
                f"Issue #{number} of this item was converted to a discussion of {repo}",
                f"If the work is over, close the item (or move its file away); if not, {again}.",
            )
        case "deleted":
            return (
                f"Issue #{number} of this item was deleted from {repo}",
                f"Delete the file, too, or have it back: {again}.",
            )
        case "pull request":
            return (
                f"#{number} is a pull request of {repo}, no issue",
                f"{again[0].upper()}{again[1:]}.",
            )
        case _:
            return (
                f"Issue #{number} of this item is no longer in {repo}: deleted, transferred to "
                "where this token may not look, or converted",
                f"{again}.",
            )


def inherited(
    base: Base | None, wanted: str | None, issue: Issue, parent: Issue | None
) -> Base | None:
    """The base where GitHub gave a sub-issue its parent's milestone: nobody chose it.

    (Changelog of 2025-09-11: a sub-issue that is linked gets it, if it has none.) So a file that
    names another one later, ``wanted``, is no conflict; one that names none leaves it.
    """
    if base is None or wanted is None or parent is None or base.milestone is not None:
        return base
    if issue.milestone is None or not alike(issue.milestone, parent.milestone):
        return base
    return replace(base, milestone=issue.milestone)


def of_title(known: Mapping[str, T], title: str) -> T | None:
    """What is known of a milestone: of exactly this title, else of one in another case."""
    if title in known:
        return known[title]
    folded = title.casefold()
    return next((known[name] for name in sorted(known) if name.casefold() == folded), None)


def wire_value(field: IssueField, text: str) -> str | int | float | list[str]:
    """A value as GitHub takes it; :class:`ValueError` says what the field holds instead."""
    match field.kind:
        case FieldKind.NUMBER:
            if not _NUMBER.fullmatch(text.strip()):
                raise ValueError("holds numbers")
            number = float(text)
            return int(number) if number.is_integer() else number
        case FieldKind.DATE:
            try:
                return date.fromisoformat(text.strip()[:10]).isoformat()
            except ValueError:
                raise ValueError("holds dates such as 2026-12-01") from None
        case FieldKind.SINGLE_SELECT:
            names = {option.casefold(): option for option in field.options}
            option = names.get(text.strip().casefold())
            if option is None:
                raise ValueError(f"offers {', '.join(field.options) or 'nothing'}")
            return option
        case FieldKind.TEXT:
            return text
        case FieldKind.MULTI_SELECT:
            try:
                return chosen(text, field.options)
            except ValueError:
                offered = ", ".join(field.options) or "nothing"
                raise ValueError(f"offers {offered}, several at once") from None


def held_equal(held: Iterable[HeldField], name: str, value: str | None) -> bool:
    """Whether an issue's fields hold this value of a field; ``None``: hold none of it."""
    found = next((each for each in held if each.name.casefold() == name.casefold()), None)
    if found is None or value is None:
        return found is None and value is None
    return _same(found, value)


def _same(held: HeldField, text: str) -> bool:
    match held.kind:
        case FieldKind.NUMBER:
            fits = _NUMBER.fullmatch(text.strip()) and _NUMBER.fullmatch(held.value)
            return bool(fits) and float(text) == float(held.value)
        case FieldKind.DATE:
            return text.strip()[:10] == held.value[:10]
        case FieldKind.SINGLE_SELECT:
            return text.strip().casefold() == held.value.casefold()
        case FieldKind.MULTI_SELECT:
            return same(text, held.value)
        case FieldKind.TEXT:
            return text == held.value


@dataclass(frozen=True, slots=True, kw_only=True)
class DetailMerge:
    """What an issue's fields and lock need, and what both sides agree on now."""

    operations: tuple[Operation, ...] = ()
    fields: Fields = ()
    locked: bool = False
    conflicts: tuple[Conflict, ...] = ()
    incoming: tuple[Change, ...] = ()
    """Issue fields that somebody set on GitHub, for the file."""


def merge_details(
    item: Item,
    title: str,
    issue: Issue,
    base: Base,
    on_conflict: OnConflict,
    withheld: frozenset[str] = frozenset(),
    known: Iterable[str] = (),
) -> DetailMerge:
    """Merge issue fields, each for itself, and the lock.

    ``withheld`` are case-folded names of fields that the file has and that cannot be set: they
    are no removals. ``known`` are the fields that files have a place for, whether this one has
    a value or not. A server that tells of no fields has none to merge.
    """
    merger = _Fields(item, title, issue, base, on_conflict, withheld)
    if issue.fields is not None:
        merger.run(issue.fields, known)
    operations, locked = _lock(item, title, issue, base)
    if merger.conflicts:
        return DetailMerge(conflicts=tuple(merger.conflicts))
    return DetailMerge(
        operations=(*merger.operations(), *operations),
        fields=tuple(sorted(merger.agreed.items())),
        locked=locked,
        incoming=tuple(merger.incoming),
    )


def _lock(
    item: Item, title: str, issue: Issue, base: Base
) -> tuple[tuple[LockIssue | UnlockIssue, ...], bool]:
    """The request that locks or unlocks, and the lock to remember until then."""
    if item.locked == issue.locked:
        return (), item.locked
    if base.locked != issue.locked:
        return (), base.locked  # somebody else changed it, and the file did not
    kind = LockIssue if item.locked else UnlockIssue
    operation = kind(
        key=item.key, path=item.path, number=issue.number, title=title, priority=item.priority
    )
    return (operation,), base.locked


class _Fields:
    """Merges the issue fields of one issue."""

    def __init__(
        self,
        item: Item,
        title: str,
        issue: Issue,
        base: Base,
        on_conflict: OnConflict,
        withheld: frozenset[str],
    ) -> None:
        self._item = item
        self._title = title
        self._issue = issue
        self._on_conflict = on_conflict
        self._withheld = withheld
        self._local = dict(item.fields)
        self._base = dict(base.fields)
        self._held: tuple[HeldField, ...] = ()
        self._new: dict[str, str] = {}
        self._gone: list[str] = []
        self.agreed: dict[str, str] = dict(base.fields)
        self.conflicts: list[Conflict] = []
        self.incoming: list[Change] = []

    def run(self, held: tuple[HeldField, ...], known: Iterable[str]) -> None:
        """Merge each field that the file or the base has, or could have."""
        self._held = held
        mine = {*self._local, *self._base}
        here = {name.casefold() for name in mine}
        mine |= {name for name in known if name.casefold() not in here}
        for name in sorted(mine):
            if name.casefold() not in self._withheld:
                self._merge(name)

    def _merge(self, name: str) -> None:
        local, base = self._local.get(name), self._base.get(name)
        if held_equal(self._held, name, local):
            self._agree(name, local)
        elif held_equal(self._held, name, base):
            self._change(name, local)
        elif local != base:
            match self._on_conflict:
                case OnConflict.LOCAL:
                    self._change(name, local)
                case OnConflict.REMOTE:
                    self._agree(name, local)
                    self._come(name, local)
                case OnConflict.SKIP:
                    self._conflict(name, local, base)
        else:
            self._come(name, local)

    def _come(self, name: str, local: str | None) -> None:
        self.incoming.append(Change(field="fields", name=name, old=local, new=self._value(name)))

    def _agree(self, name: str, value: str | None) -> None:
        if value is None:
            self.agreed.pop(name, None)
        else:
            self.agreed[name] = value

    def _change(self, name: str, value: str | None) -> None:
        if value is None:
            self._gone.append(name)
        else:
            self._new[name] = value

    def _conflict(self, name: str, local: str | None, base: str | None) -> None:
        self.conflicts.append(
            Conflict(
                key=self._item.key,
                path=self._item.path,
                number=self._issue.number,
                field="fields",
                base=_shown(name, base),
                local=_shown(name, local),
                remote=_shown(name, self._value(name)),
            )
        )

    def _value(self, name: str) -> str | None:
        folded = name.casefold()
        return next((f.value for f in self._held if f.name.casefold() == folded), None)

    def operations(self) -> list[Operation]:
        """One request for all that is set, and one for each that is taken off."""
        item = self._item
        operations: list[Operation] = []
        if self._new:
            held = {name: self._value(name) for name in self._new}
            operations.append(
                SetFields(
                    key=item.key,
                    path=item.path,
                    number=self._issue.number,
                    title=self._title,
                    old=tuple((name, value) for name, value in held.items() if value is not None),
                    new=tuple(self._new.items()),
                    priority=item.priority,
                )
            )
        operations += [
            ClearField(
                key=item.key,
                path=item.path,
                number=self._issue.number,
                title=self._title,
                field=name,
                old=self._value(name) or "",
                priority=item.priority,
            )
            for name in self._gone
        ]
        return operations


def _shown(name: str, value: str | None) -> str | None:
    return None if value is None else f"{name}: {value}"
