"""In which order renames are journalled, so that a torn write loses none. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from ghsync.journal.events import Rekeyed
from ghsync.model import Key, Rename


def rekeyed(renames: Iterable[Rename]) -> list[Rekeyed]:
    """Each prefix of these events leaves every entry a key of its own.

    Two entries of one key are one entry after the next fold, and the other issue would be made
    again. So a name is left before it is taken; a circle is opened by a name that nobody has.
    """
    todo = {rename.old: rename for rename in renames}
    events: list[Rekeyed] = []
    while todo:
        free = [rename for rename in todo.values() if rename.new not in todo]
        if not free:
            first = next(iter(todo.values()))
            aside = Key(f"{first.old} (being renamed)")
            events.append(Rekeyed(old=first.old, new=aside, number=first.number))
            del todo[first.old]
            todo[aside] = Rename(old=aside, new=first.new, number=first.number)
            continue
        for rename in free:
            events.append(Rekeyed(old=rename.old, new=rename.new, number=rename.number))
            del todo[rename.old]
    return events
