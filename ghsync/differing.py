"""What differs between each file and its issue, field by field: ``ghsync diff``."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection

from ghsync.apart import called
from ghsync.errors import UsageError
from ghsync.model import Change, Conflict, IssueNumber, Key
from ghsync.prepared import Prepared
from ghsync.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One item that is out of step with its issue."""

    key: Key
    path: str
    number: IssueNumber
    title: str
    outgoing: tuple[Change, ...]
    """What a push changes in the issue."""
    incoming: tuple[Change, ...]
    """What GitHub has and the file has not: a pull brings it."""
    apart: tuple[Change, ...]
    """What GitHub has and the file cannot hold, as a pull has said."""
    conflicts: tuple[Conflict, ...]


def differences(prepared: Prepared, keys: Collection[Key] = ()) -> tuple[Difference, ...]:
    """The items that differ from their issues, by path; of ``keys`` only, where any are named.

    Items without an issue differ in nothing, and those of which only GitHub can hold what differs
    are shown where they are named. Raises :class:`~ghsync.errors.UsageError` for a key
    that no item has.
    """
    planned = prepared.planned
    for key in keys:
        if key not in planned.locals:
            raise UsageError(
                f"There is no item {key}.", hint="`ghsync items` lists them with their keys."
            )
    conflicts: dict[Key, list[Conflict]] = defaultdict(list)
    for conflict in planned.plan.conflicts:
        conflicts[conflict.key].append(conflict)
    found = []
    for key, merged in planned.merges.items():
        there = [change for change in merged.incoming if called(change) not in merged.apart]
        apart = [change for change in merged.incoming if called(change) in merged.apart]
        changes = (*merged.changes, *there, *conflicts[key], *(apart if key in keys else ()))
        chosen = prepared.chosen is None or key in prepared.chosen
        if not changes or not chosen or (keys and key not in keys):
            continue
        local = planned.locals[key]
        found.append(
            Difference(
                key=key,
                path=local.item.path,
                number=planned.entries[key].number,
                title=local.title,
                outgoing=merged.changes,
                incoming=tuple(there),
                apart=tuple(apart),
                conflicts=tuple(conflicts[key]),
            )
        )
    return tuple(sorted(found, key=lambda each: (each.path, each.key)))
