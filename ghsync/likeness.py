"""Which file that is new is one that is gone, renamed and edited: by what both say, as git does.

Git calls a file renamed when more than half of it is the same. Here a wrong guess would put one
item's text into another's issue, so what several files have in common counts for nothing (the
lines of a template), something must be left that tells, and a pair counts only where neither
side is as much like anything else. Two files alone may be made from one template, too: below
titles that have nothing to do with each other, headings and open boxes tell nothing.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping

from ghsync.model import Key, Kind
from ghsync.patterns import regex
from ghsync.values import dataclass

LEAST = 0.5
"""The share of both texts that must be the same, as git's ``-M50%``."""
TELLING = 40
"""Characters that both must have in common beside what other files have, too."""
MOST = 400
"""Beyond so many files that are gone, or new, nothing is compared: that is no rename."""

_FORM = regex(r"#{1,6}(\s|$)|([-*+]|\d+[.)])\s+\[ ?\]|\*\*[^*]+\*\*:?$|[-=*_]{3,}$")
"""Headings (bold lines, too), rules and boxes that nobody ticked: what a template consists of."""
_WORD = regex(r"[^\W\d_]+")
_KINDS = frozenset(kind.value for kind in Kind)


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a file says: its kind, its title, its text as it was pushed or is to be."""

    kind: Kind
    title: str
    body: str

    def lines(self) -> Iterator[str]:
        """Its lines, without the space around them."""
        yield self.title.strip()
        yield from map(str.strip, self.body.splitlines())


def renamed(
    gone: Mapping[Key, Said], new: Mapping[Key, Said], others: Iterable[Said]
) -> dict[Key, Key]:
    """Pair files that are gone with new ones; ``others`` are all that are neither."""
    if not gone or not new or len(gone) > MOST or len(new) > MOST:
        return {}
    old_lines = {key: Counter(said.lines()) for key, said in gone.items()}
    new_lines = {key: Counter(said.lines()) for key, said in new.items()}
    common = _common(old_lines) | _common(new_lines)
    here = {line for side in (old_lines, new_lines) for lines in side.values() for line in lines}
    for said in others:
        common.update(line for line in said.lines() if line in here)
    old_lines = {key: _telling(lines, common) for key, lines in old_lines.items()}
    new_lines = {key: _telling(lines, common) for key, lines in new_lines.items()}
    of_line = {line: key for key, lines in new_lines.items() for line in lines}
    like: dict[Key, list[Key]] = defaultdict(list)
    liked: dict[Key, list[Key]] = defaultdict(list)
    for old, lines in old_lines.items():
        for key in sorted({of_line[line] for line in lines if line in of_line}):
            if _pair(gone[old], new[key], lines, new_lines[key]):
                like[old].append(key)
                liked[key].append(old)
    return {old: found[0] for old, found in like.items() if len(found) == len(liked[found[0]]) == 1}


def _common(side: Mapping[Key, Counter[str]]) -> set[str]:
    """The lines that stand in several files of one side; each other one leads to one file."""
    files = Counter(line for lines in side.values() for line in lines)
    return {line for line, count in files.items() if count > 1}


def _telling(lines: Counter[str], common: set[str]) -> Counter[str]:
    return Counter({line: count for line, count in lines.items() if line not in common})


def _pair(old: Said, new: Said, one: Counter[str], other: Counter[str]) -> bool:
    if old.kind is not new.kind:
        return False
    if _same_subject(old.title, new.title):
        return _alike(one, other)
    return _alike(_without_form(one), _without_form(other))


def _same_subject(one: str, other: str) -> bool:
    """Whether one title says all that the other says; a number may have changed."""
    first, second = _words(one), _words(other)
    return bool(first and second) and (first <= second or second <= first)


def _words(title: str) -> frozenset[str]:
    return frozenset(_WORD.findall(title.casefold())) - _KINDS


def _without_form(lines: Counter[str]) -> Counter[str]:
    return Counter({line: count for line, count in lines.items() if not _FORM.match(line)})


def _alike(one: Counter[str], other: Counter[str]) -> bool:
    both = _length(one & other)
    return both >= TELLING and 2 * both >= LEAST * (_length(one) + _length(other))


def _length(lines: Counter[str]) -> int:
    return sum(len(line) * count for line, count in lines.items())
