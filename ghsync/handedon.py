"""Files whose names were handed on: renumbered, swapped, moved up after one that was deleted.

Then the keys alone would give every file its neighbour's issue, and each issue its neighbour's
text. ccpm renames ``2.md`` to its issue's number 3 while ``3.md`` becomes ``4.md``; who puts a
task first renumbers all that follow.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping

from ghsync.journal import Base, Entry
from ghsync.model import Key
from ghsync.render import digest
from ghsync.threeway import Local

_NO_TEXT = digest("")


def handed_on(
    entries: Mapping[Key, Entry],
    locals_: Mapping[Key, Local],
    recorded: Mapping[Key, Hashable | None],
) -> dict[Key, Key]:
    """Files that are another entry's because names were handed on: old key to new.

    A move counts where the name that it takes was free, is handed on itself, or its item is gone
    (:func:`_pushed_out`). The name that it leaves is gone or taken by another, if a recorded
    number is all there is; where the file holds just what was pushed, it may also be a new
    file's, but one move by itself is a copy.
    """
    said = _recorded_elsewhere(entries, recorded)
    claimed = set(said.values())
    same = _same_content(entries, locals_)
    moves = {old: new for old, new in same.items() if new not in claimed} | said
    moves |= _pushed_out(moves, same, entries, locals_)
    while True:
        news = set(moves.values())
        kept = {
            old: new
            for old, new in moves.items()
            if (new not in entries or new in moves)
            and (old not in locals_ or old in news or (same.get(old) == new and new in moves))
        }
        if len(kept) == len(moves):
            return kept
        moves = kept


def _pushed_out(
    moves: Mapping[Key, Key],
    same: Mapping[Key, Key],
    entries: Mapping[Key, Entry],
    locals_: Mapping[Key, Local],
) -> dict[Key, Key]:
    """Items that are gone though their names are not: each gets the name that is free in the end.

    Who deletes the first task and renumbers the others leaves no file of the last name.
    Whether such an item is in a new file after all, is for the caller to find out.
    """
    came = {new: old for old, new in same.items() if moves.get(old) == new}
    out: dict[Key, Key] = {}
    for name in came.keys() & entries.keys() - moves.keys():
        end = came[name]
        while end in came:
            end = came[end]
        if end not in locals_:
            out[name] = end
    return out


def _recorded_elsewhere(
    entries: Mapping[Key, Entry], recorded: Mapping[Key, Hashable | None]
) -> dict[Key, Key]:
    owner: dict[Hashable, Key] = {entry.number: key for key, entry in entries.items()}
    said = unique((number, key) for key, number in recorded.items())
    return {owner[n]: key for n, key in said.items() if n in owner and owner[n] != key}


def _same_content(entries: Mapping[Key, Entry], locals_: Mapping[Key, Local]) -> dict[Key, Key]:
    """Entries whose whole content another entry's file, or a new one, has now, and nobody else.

    Of whatever kind: a file that has become an epic is still the one that it was.
    """
    there = unique((said_by(local.base), key) for key, local in locals_.items())
    was = unique((said_by(entry.base), key) for key, entry in entries.items())
    found = {old: there[said] for said, old in was.items() if said in there}
    return {
        old: new
        for old, new in found.items()
        if old != new
        and (old in locals_ or new in entries)
        and entries[old].kind is locals_[new].item.kind
    }


def unique(pairs: Iterable[tuple[Hashable | None, Key]]) -> dict[Hashable, Key]:
    """The evidence that speaks for one key alone, with that key."""
    found: dict[Hashable, list[Key]] = defaultdict(list)
    for evidence, key in pairs:
        if evidence is not None:
            found[evidence].append(key)
    return {evidence: keys[0] for evidence, keys in found.items() if len(keys) == 1}


def said_by(base: Base | None) -> Hashable | None:
    """Title and text together; without a text it would be the title alone, which proves nothing."""
    return None if base is None or base.body == _NO_TEXT else (base.title, base.body)
