"""Merge two edited versions of a text with the version both started from, line by line.

As ``git merge-file``: what one side alone changed is taken, what both changed alike is taken once,
and where both changed the same lines, or lines next to each other, differently, there is a
conflict. Where git would see a conflict, one thing more is tried: ticks of checkboxes
(``- [ ]`` and ``- [x]``) are merged apart from the words beside them, so that a tick on one side
and an edit of the same line, or of its neighbours, on the other do not conflict.

Symmetric: with the sides exchanged the same comes out, only the names of the sides differ.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

from ghsync.linediff import Edit, edits
from ghsync.model import Hunk
from ghsync.patterns import regex
from ghsync.values import dataclass

Side = Literal["local", "remote"]


class Line(NamedTuple):
    """A line of the merged text and where it comes from, each from 0; ``None``: not from there.

    A line with both indices, or with a tick merged in, may differ from its source in the tick.
    """

    text: str
    local: int | None
    remote: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TextMerge:
    """What merging gave."""

    lines: tuple[Line, ...]
    """In a conflict the lines of the preferred side."""
    conflicts: tuple[Hunk, ...]
    """Every hunk that both sides changed differently, decided or not."""

    @property
    def text(self) -> str:
        """The merged text, without a line end at its end."""
        return "\n".join(line.text for line in self.lines)


def merge_text(base: str, local: str, remote: str, *, prefer: Side = "local") -> TextMerge:
    """Merge texts with LF line ends; ``prefer`` is whose lines stand where they conflict."""
    texts = (_lines(base), _lines(local), _lines(remote))
    plain = _Merger(*texts, prefer).run()
    if plain.conflicts and any(map(tick_of, texts[1])) and any(map(tick_of, texts[2])):
        ticked = _Ticks(*texts, prefer).run()
        if len(ticked.conflicts) <= len(plain.conflicts):
            plain = ticked
    return TextMerge(lines=_trimmed(plain.lines), conflicts=plain.conflicts)


def merge_without_base(local: str, remote: str, *, prefer: Side) -> TextMerge:
    """Take one side's text as a whole, where nobody knows what both started from."""
    text, other = (local, remote) if prefer == "local" else (remote, local)
    rows = _lines(text)
    lines = (
        Line(row, i, None) if prefer == "local" else Line(row, None, i)
        for i, row in enumerate(rows)
    )
    hunks = () if text == other else (_hunk((), _lines(local), _lines(remote), 0, 0),)
    return TextMerge(lines=_trimmed(tuple(lines)), conflicts=hunks)


def carry_back(merged: TextMerge, raw: Sequence[str], fitted: Sequence[str]) -> tuple[str, ...]:
    """Bring a merge into the file whose lines, one for one, gave the local text.

    A line that the local side has keeps its form in the file, with the tick that was merged in.
    ``fitted`` is the merged text in the file's form, line for line: of it come the other lines.
    """
    result = []
    for line, fit in zip(merged.lines, fitted, strict=True):
        if line.local is None or line.local >= len(raw):
            result.append(fit)
            continue
        tick = tick_of(line.text)
        result.append(raw[line.local] if tick is None else with_tick(raw[line.local], tick))
    return tuple(result)


# ---------------------------------------------------------------------------- ticks

_BOX = regex(
    r"(?P<lead>(?<![ \t>])[ \t>]*(?:[-*+]|[0-9]{1,9}[.)])[ \t]+\[)(?P<tick>[ xX])(?=\](?:\s|$))"
)


def tick_of(line: str) -> str | None:
    """What stands in a task line's checkbox, ``" "`` or ``x``; ``None``: it has none."""
    found = _BOX.match(line)
    return found["tick"] if found is not None else None


def with_tick(line: str, tick: str) -> str:
    """The line with this in its checkbox; a line without one, or with the same, stays."""
    found = _BOX.match(line)
    if found is None or found["tick"].lower() == tick.lower():
        return line
    return f"{found['lead']}{tick}{line[found.end() :]}"


def _boxed(line: str, tick: str) -> str:
    """The line with exactly this in its checkbox, a capital ``X`` kept apart from ``x``."""
    found = _BOX.match(line)
    return line if found is None else f"{found['lead']}{tick}{line[found.end() :]}"


def _merged_tick(base: str | None, one: str, other: str) -> str | None:
    """Three-way, for the two values there are; ``None`` where nobody can say."""
    if one.lower() == other.lower():
        return min(one, other, key=lambda tick: (tick != base, tick))
    if base is None:
        return None
    return other if one.lower() == base.lower() else one


def _akin(one: str, other: str) -> bool:
    """Whether a task line is the other, edited: half of its words are, or of its characters."""
    first, second = (_BOX.sub("", line, count=1) for line in (one, other))
    a, b = first.split(), second.split()
    common = sum((Counter(a) & Counter(b)).values()) - 1  # "]", which is what is left of the box
    if common > 0 and 4 * common >= len(a) + len(b) - 2:
        return True
    shortest = min(len(first), len(second))
    lead = next((i for i in range(shortest) if first[i] != second[i]), shortest)
    most = shortest - lead
    tail = next((i for i in range(most) if first[-1 - i] != second[-1 - i]), most)
    alike, longest = lead + tail - 2, max(len(first), len(second)) - 2  # without the "] "
    return alike > 0 and 2 * alike >= longest


# --------------------------------------------------------------------------- merging


class _Region(NamedTuple):
    """Lines of the base, and what stands there on each side; ``by``: who changed them."""

    base: range
    local: range
    remote: range
    by: frozenset[Side]


class _Merger:
    """Merges by lines as they are."""

    def __init__(
        self, base: tuple[str, ...], local: tuple[str, ...], remote: tuple[str, ...], prefer: Side
    ) -> None:
        self._base = base
        self._local = local
        self._remote = remote
        self._prefer = prefer
        self._lines: list[Line] = []
        self._conflicts: list[Hunk] = []

    def run(self) -> TextMerge:
        same = [self._same(lines) for lines in (self._base, self._local, self._remote)]
        for region in _regions(same[0], same[1], same[2]):
            if not region.by:
                self._stable(region)
            elif len(region.by) == 1:
                self._one_side(region, "local" if "local" in region.by else "remote")
            elif _cut(same[1], region.local) == _cut(same[2], region.remote):
                self._alike(region)
            else:
                self._conflict(region)
        return TextMerge(lines=tuple(self._lines), conflicts=tuple(self._conflicts))

    def _same(self, lines: tuple[str, ...]) -> tuple[str, ...]:
        """What is compared in place of these lines."""
        return lines

    def _stable(self, region: _Region) -> None:
        for j, k in zip(region.local, region.remote, strict=True):
            self._lines.append(Line(self._local[j], j, k))

    def _one_side(self, region: _Region, side: Side) -> None:
        self._take(region, side)

    def _alike(self, region: _Region) -> None:
        self._stable(region)

    def _conflict(self, region: _Region) -> None:
        self._conflicts.append(
            _hunk(
                _cut(self._base, region.base),
                _cut(self._local, region.local),
                _cut(self._remote, region.remote),
                region.local.start,
                region.remote.start,
            )
        )
        self._take(region, self._prefer)

    def _take(self, region: _Region, side: Side) -> None:
        if side == "local":
            self._lines += [Line(self._local[j], j, None) for j in region.local]
            return
        # A line that is only ticked anew is still the local line: its form in the file stays.
        still = dict(_ticked_anew(self._local, region.local, self._remote, region.remote))
        self._lines += [Line(self._remote[k], still.get(k), k) for k in region.remote]


class _Ticks(_Merger):
    """Merges by lines without their ticks, and each line's tick apart."""

    def _same(self, lines: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(with_tick(line, " ") for line in lines)

    def _stable(self, region: _Region) -> None:
        for i, j, k in zip(region.base, region.local, region.remote, strict=True):
            self._ticked(self._base[i], j, k)

    def _ticked(self, base: str, j: int, k: int) -> bool:
        """Add a line whose words are the same on both sides; false where nobody can say."""
        mine, theirs = tick_of(self._local[j]), tick_of(self._remote[k])
        text = self._local[j]
        if mine is not None and theirs is not None:
            tick = _merged_tick(tick_of(base), mine, theirs)
            if tick is None:
                return False
            text = _boxed(text, tick)
        self._lines.append(Line(text, j, k))
        return True

    def _one_side(self, region: _Region, side: Side) -> None:
        """The other side has the base's lines, some with another tick: those ticks are carried."""
        changed, rows = (
            (self._remote, region.remote) if side == "remote" else (self._local, region.local)
        )
        other, there = (
            (self._local, region.local) if side == "remote" else (self._remote, region.remote)
        )
        flips = {
            i: tick
            for i, k in zip(region.base, there, strict=True)
            if (tick := _flip(self._base[i], other[k])) is not None
        }
        taken = {j: changed[j] for j in rows}
        for i, tick in flips.items():
            j = self._counterpart(i, region.base, changed, rows)
            if j is None:
                self._conflict(region)
                return
            taken[j] = with_tick(taken[j], tick)
        for j, text in taken.items():
            self._lines.append(Line(text, j, None) if side == "local" else Line(text, None, j))

    def _counterpart(
        self, i: int, base: range, changed: tuple[str, ...], rows: range
    ) -> int | None:
        """Which of the changed lines is this line of the base, edited; ``None``: unsure."""
        ours = [n for n in base if tick_of(self._base[n]) is not None]
        theirs = [n for n in rows if tick_of(changed[n]) is not None]

        def akin(n: int, m: int) -> bool:
            return _akin(with_tick(self._base[n], " "), with_tick(changed[m], " "))

        if len(ours) == len(theirs):
            j = theirs[ours.index(i)]
            return j if akin(i, j) else None
        found = [m for m in theirs if akin(i, m)]
        if len(found) != 1 or sum(akin(n, found[0]) for n in ours) != 1:
            return None
        return found[0]

    def _alike(self, region: _Region) -> None:
        """Both changed the words alike; where the ticks differ, the base decides line by line."""
        before = [self._base[i] for i in region.base]
        known = before if len(before) == len(region.local) else [""] * len(region.local)
        at = len(self._lines)
        for line, j, k in zip(known, region.local, region.remote, strict=True):
            if not self._ticked(line, j, k):
                del self._lines[at:]
                self._conflict(region)
                return


def _ticked_anew(
    local: tuple[str, ...], mine: range, remote: tuple[str, ...], theirs: range
) -> Iterator[tuple[int, int]]:
    """Pairs of a remote line and the local line that it is but for the tick."""
    old = [with_tick(line, " ") for line in _cut(local, mine)]
    new = [with_tick(line, " ") for line in _cut(remote, theirs)]
    at = there = 0
    for edit in (*edits(old, new), Edit(len(old), len(old), len(new), len(new))):
        for by in range(edit.start - at):
            if tick_of(old[at + by]) is not None:
                yield theirs.start + there + by, mine.start + at + by
        at, there = edit.end, edit.new_end


def _flip(base: str, now: str) -> str | None:
    """The tick of a line, where it is another than the base's."""
    was, tick = tick_of(base), tick_of(now)
    return tick if was is not None and tick is not None and was.lower() != tick.lower() else None


def _regions(
    base: tuple[str, ...], local: tuple[str, ...], remote: tuple[str, ...]
) -> Iterator[_Region]:
    """Cut the three texts into pieces that nobody, one side or both changed.

    Changes that overlap or touch are one piece, as in git.
    """
    pending: list[tuple[Edit, Side]] = sorted(
        [(each, "local") for each in edits(base, local)]
        + [(each, "remote") for each in edits(base, remote)]
    )
    at, mine, theirs = 0, 0, 0
    n = 0
    while n < len(pending):
        start, end = pending[n][0].start, pending[n][0].end
        last = n
        while last < len(pending) and pending[last][0].start <= end:
            end = max(end, pending[last][0].end)
            last += 1
        group = pending[n:last]
        n = last
        if start > at:
            yield _piece(at, start - at, mine, start - at, theirs, start - at)
        mine, theirs = mine + start - at, theirs + start - at
        grown = dict.fromkeys(("local", "remote"), end - start)
        for edit, side in group:
            grown[side] += (edit.new_end - edit.new_start) - (edit.end - edit.start)
        by: frozenset[Side] = frozenset(side for _, side in group)
        yield _piece(start, end - start, mine, grown["local"], theirs, grown["remote"], by)
        at, mine, theirs = end, mine + grown["local"], theirs + grown["remote"]
    if at < len(base):
        rest = len(base) - at
        yield _piece(at, rest, mine, rest, theirs, rest)


def _piece(
    at: int,
    long: int,
    mine: int,
    my_long: int,
    theirs: int,
    their_long: int,
    by: frozenset[Side] = frozenset(),
) -> _Region:
    return _Region(
        range(at, at + long),
        range(mine, mine + my_long),
        range(theirs, theirs + their_long),
        by,
    )


def _hunk(
    base: tuple[str, ...], local: tuple[str, ...], remote: tuple[str, ...], at: int, there: int
) -> Hunk:
    """A conflict, without the lines at its ends that both sides have alike."""
    shortest = min(len(local), len(remote))
    lead = next((i for i in range(shortest) if local[i] != remote[i]), shortest)
    most = shortest - lead
    tail = next((i for i in range(most) if local[-1 - i] != remote[-1 - i]), most)
    return Hunk(
        base=base,
        local=local[lead : len(local) - tail],
        remote=remote[lead : len(remote) - tail],
        local_line=at + lead + 1,
        remote_line=there + lead + 1,
    )


def _cut(lines: tuple[str, ...], part: range) -> tuple[str, ...]:
    return lines[part.start : part.stop]


def _lines(text: str) -> tuple[str, ...]:
    return tuple(text.split("\n")) if text else ()


def _trimmed(lines: tuple[Line, ...]) -> tuple[Line, ...]:
    """Without white space at the end, as texts are compared and sent."""
    end = len(lines)
    while end and not lines[end - 1].text.strip():
        end -= 1
    if not end:
        return ()
    last = lines[end - 1]
    return (*lines[: end - 1], last._replace(text=last.text.rstrip()))
