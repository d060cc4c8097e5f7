"""Which file that is new is one that is gone, renamed and edited: by what both say, as git does.

Git calls a file renamed when more than half of it is the same. Here a wrong guess would put one
item's text into another's issue, so what several files have in common counts for nothing (the
lines of a template), something must be left that tells, and a pair counts only where neither
side is as much like anything else.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

from ghsync.model import Key, Kind
from ghsync.values import dataclass

LEAST = 0.5
"""The share of both texts that must be the same, as git's ``-M50%``."""
TELLING = 40
"""Characters that both must have in common beside what other files have, too."""
MOST = 400
"""Beyond so many files that are gone, or new, nothing is compared: that is no rename."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a file says: its kind, its title, its text as it was pushed or is to be."""

    kind: Kind
    title: str
    body: str

    def lines(self) -> Counter[str]:
        """Its lines, without the space around them, by how often they stand there."""
        lines = (" ".join(line.split()) for line in (self.title, *self.body.splitlines()))
        return Counter(line for line in lines if line)


def renamed(
    gone: Mapping[Key, Said], new: Mapping[Key, Said], others: Iterable[Said]
) -> dict[Key, Key]:
    """Pair files that are gone with new ones; ``others`` are all that are neither."""
    if not gone or not new or len(gone) > MOST or len(new) > MOST:
        return {}
    old_lines = {key: said.lines() for key, said in gone.items()}
    new_lines = {key: said.lines() for key, said in new.items()}
    common = _common([old_lines, new_lines], others)
    old_lines = {key: _telling(lines, common) for key, lines in old_lines.items()}
    new_lines = {key: _telling(lines, common) for key, lines in new_lines.items()}
    like: dict[Key, list[Key]] = defaultdict(list)
    liked: dict[Key, list[Key]] = defaultdict(list)
    for old, said in gone.items():
        for key, other in new.items():
            if said.kind is other.kind and _alike(old_lines[old], new_lines[key]):
                like[old].append(key)
                liked[key].append(old)
    return {old: found[0] for old, found in like.items() if len(found) == len(liked[found[0]]) == 1}


def _common(sides: Iterable[Mapping[Key, Counter[str]]], others: Iterable[Said]) -> frozenset[str]:
    """The lines that stand in several files of one side, or in any of the others."""
    found: set[str] = set()
    for side in sides:
        files = Counter(line for lines in side.values() for line in lines)
        found.update(line for line, count in files.items() if count > 1)
    for said in others:
        found.update(said.lines())
    return frozenset(found)


def _telling(lines: Counter[str], common: frozenset[str]) -> Counter[str]:
    return Counter({line: count for line, count in lines.items() if line not in common})


def _alike(one: Counter[str], other: Counter[str]) -> bool:
    both = _length(one & other)
    return both >= TELLING and 2 * both >= LEAST * (_length(one) + _length(other))


def _length(lines: Counter[str]) -> int:
    return sum(len(line) * count for line, count in lines.items())
