"""Which lines differ between two texts: Myers' algorithm, bounded, with git's placing of changes.

E. W. Myers, "An O(ND) Difference Algorithm and Its Variations" (1986), in its linear-space form:
the middle of a shortest path is found from both ends, then each half is solved on its own. Where
the texts have so little in common that the search would be quadratic, a half is cut short after
:data:`MOST` steps at the point that got furthest; the result is right, only not shortest.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

MOST = 100
"""Edits from each end after which a search is cut short: bounds it to lines times this."""


class Edit(NamedTuple):
    """Lines ``start:end`` of the old text stand where ``new_start:new_end`` of the new one do."""

    start: int
    end: int
    new_start: int
    new_end: int


def edits(old: Sequence[str], new: Sequence[str]) -> tuple[Edit, ...]:
    """The differences, in order; between two of them at least one line is the same.

    A pure insertion or deletion that fits in several places (a repeated line) stands at the last
    of them, as git puts it.
    """
    names: dict[str, int] = {}
    a = [names.setdefault(line, len(names)) for line in old]
    b = [names.setdefault(line, len(names)) for line in new]
    gone, come = _differing(a, b)
    return tuple(_settled(_runs(gone, come), a, b))


def _differing(a: list[int], b: list[int]) -> tuple[list[bool], list[bool]]:
    """For each line of both whether it is only there."""
    gone, come = [True] * len(a), [True] * len(b)
    in_a, in_b = set(a), set(b)
    # A line that the other text does not have cannot be common; without those the search is short.
    left = [i for i, line in enumerate(a) if line in in_b]
    right = [j for j, line in enumerate(b) if line in in_a]
    x, y = [a[i] for i in left], [b[j] for j in right]
    for i, j in _matches(x, y):
        gone[left[i]] = come[right[j]] = False
    return gone, come


def _matches(a: list[int], b: list[int]) -> list[tuple[int, int]]:
    """Pairs of equal lines that a shortest edit keeps."""
    found: list[tuple[int, int]] = []
    boxes = [(0, len(a), 0, len(b))]
    while boxes:
        low, high, left, right = boxes.pop()
        while low < high and left < right and a[low] == b[left]:
            found.append((low, left))
            low, left = low + 1, left + 1
        while low < high and left < right and a[high - 1] == b[right - 1]:
            high, right = high - 1, right - 1
            found.append((high, right))
        if low < high and left < right:
            i, j = _middle(a[low:high], b[left:right])
            boxes += [(low, low + i, left, left + j), (low + i, high, left + j, right)]
    return found


def _middle(a: list[int], b: list[int]) -> tuple[int, int]:
    """A point on a shortest path between two texts whose ends differ."""
    n, m = len(a), len(b)
    delta = n - m
    # How far each diagonal (index in a minus index in b) was reached, from the start, from the end.
    ahead, back = {1: 0}, {delta - 1: n}
    for step in range(n + m):
        for k in _diagonals(step, 0, n, m):
            i = _reached(ahead, k, step)
            while i < n and i - k < m and a[i] == b[i - k]:
                i += 1
            ahead[k] = i
            if delta % 2 and abs(k - delta) < step and back.get(k, n + 1) <= i <= n and i - k <= m:
                return i, i - k
        for k in _diagonals(step, delta, n, m):
            i = _reached_back(back, k, step, delta)
            while i > 0 and i - k > 0 and a[i - 1] == b[i - k - 1]:
                i -= 1
            back[k] = i
            if not delta % 2 and abs(k) <= step and ahead.get(k, -1) >= i >= max(0, k):
                return i, i - k
        if step >= MOST:
            break
    return _furthest(ahead, back, n, m)


def _diagonals(step: int, centre: int, n: int, m: int) -> range:
    """The diagonals that this many edits can reach and that lie inside the box, outermost first."""
    high, low = centre + step, centre - step
    if high > n:
        high -= (high - n + 1) // 2 * 2
    if low < -m:
        low += (-m - low + 1) // 2 * 2
    return range(high, low - 1, -2)


def _reached(ahead: dict[int, int], k: int, step: int) -> int:
    """Where one more edit on diagonal ``k`` starts, coming from the start."""
    if step == 0:
        return 0
    return max(ahead.get(k - 1, -2) + 1, ahead.get(k + 1, -1))


def _reached_back(back: dict[int, int], k: int, step: int, delta: int) -> int:
    """The same from the end."""
    far = 1 << 60
    if step == 0:
        return back[delta - 1]
    return min(back.get(k + 1, far) - 1, back.get(k - 1, far))


def _furthest(ahead: dict[int, int], back: dict[int, int], n: int, m: int) -> tuple[int, int]:
    """The point that either search got furthest to."""
    forth = [(2 * i - k, i) for k, i in ahead.items() if i <= n and 0 <= i - k <= m]
    home = [(2 * i - k, i) for k, i in back.items() if i >= 0 and 0 <= i - k <= m]
    far, near = max(forth), min(home)
    total, i = far if far[0] >= n + m - near[0] else near
    return i, total - i


def _runs(gone: list[bool], come: list[bool]) -> list[Edit]:
    """Runs of differing lines, as edits."""
    found: list[Edit] = []
    i = j = 0
    while i < len(gone) or j < len(come):
        start, new_start = i, j
        while i < len(gone) and gone[i]:
            i += 1
        while j < len(come) and come[j]:
            j += 1
        if i > start or j > new_start:
            found.append(Edit(start, i, new_start, j))
        else:
            i, j = i + 1, j + 1
    return found


def _settled(runs: list[Edit], a: list[int], b: list[int]) -> list[Edit]:
    """Move pure insertions and deletions down as far as they fit.

    What touches another on its way, up or down, becomes one with it: a line taken out and a line
    put in are one change of a line wherever they can be.
    """
    above, done = list(runs), list[Edit]()
    while above:
        each = above.pop()
        below = done[-1].start if done else len(a)
        limit = above[-1].end if above else 0
        low = _moved(each, a, b, limit, below, 1)
        if done and low.end == below:
            above.append(_joined(low, done.pop()))
            continue
        high = _moved(each, a, b, limit, below, -1)
        if above and high.start == limit:
            above.append(_joined(above.pop(), high))
            continue
        done.append(low)
    return done[::-1]


def _joined(first: Edit, then: Edit) -> Edit:
    return Edit(first.start, then.end, first.new_start, then.new_end)


def _moved(edit: Edit, a: list[int], b: list[int], top: int, bottom: int, step: int) -> Edit:
    """Move one down (``step`` 1) or up (-1), between these lines of the old text."""
    start, end, new_start, new_end = edit
    if start < end and new_start < new_end:
        return edit
    lines, first, last = (a, start, end) if start < end else (b, new_start, new_end)
    by = 0
    if step > 0:
        while end + by < bottom and lines[first + by] == lines[last + by]:
            by += 1
    else:
        while start + by > top and lines[first + by - 1] == lines[last + by - 1]:
            by -= 1
    return Edit(start + by, end + by, new_start + by, new_end + by)
