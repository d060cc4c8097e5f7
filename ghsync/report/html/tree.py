"""The issues as a tree of rows, PRD → epic → task; each row opens to its issue."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from ghsync.model import Key, Kind, State
from ghsync.report import words as numbers
from ghsync.report.html import words
from ghsync.report.html.entries import Entry
from ghsync.report.html.issue import Page, issue, state_word
from ghsync.report.html.markup import later, text

_OPEN = 150
"""Up to so many issues every epic shows its tasks; past that only what needs a look does."""
_DEEPEST = 9
"""Levels that are drawn; GitHub has eight."""
_URGENT = frozenset(("failed", "unknown", "conflict"))
_KINDS = frozenset(kind.value for kind in Kind)


def nested(entries: Sequence[Entry]) -> dict[Key | None, tuple[Key, ...]]:
    """The children of each issue in their order, the roots under ``None``; each is in it once.

    What hangs below a cycle, or deeper than is drawn, comes under the nearest that is drawn.
    """
    known = {entry.key: entry for entry in entries}
    children: dict[Key, list[Key]] = {}
    roots: list[Key] = []
    for entry in entries:
        if entry.parent is None or entry.parent not in known or entry.parent == entry.key:
            roots.append(entry.key)
        else:
            children.setdefault(entry.parent, []).append(entry.key)
    made: dict[Key | None, list[Key]] = {None: []}
    placed: set[Key] = set()
    for start in [*roots, *(entry.key for entry in entries)]:  # the rest is in cycles
        stack: list[tuple[Key, tuple[Key, ...]]] = [] if start in placed else [(start, ())]
        while stack:
            key, above = stack.pop()
            if key in placed:
                continue
            placed.add(key)
            made.setdefault(above[-1] if above else None, []).append(key)
            below = (*above, key)[:_DEEPEST]
            stack += [(child, below) for child in reversed(children.get(key, ()))]
    return {key: tuple(found) for key, found in made.items()}


def tree(page: Page) -> str:
    """Every issue with what hangs below it."""
    below = nested(page.entries)
    urgent = _urgent(page.entries, below)
    unfolded = len(page.entries) <= _OPEN
    drawn: dict[Key, str] = {}
    for key in reversed(_order(below)):  # children first: no recursion, however deep
        inside = [drawn.pop(child) for child in below.get(key, ())]
        entry = page.by_key[key]
        drawn[key] = _item(entry, page, inside, unfolded=unfolded or key in urgent)
    rows = "".join(drawn[key] for key in below[None])
    return f'<ul class="tree">{rows}</ul>'


def _order(below: Mapping[Key | None, tuple[Key, ...]]) -> list[Key]:
    order: list[Key] = []
    stack = list(reversed(below[None]))
    while stack:
        key = stack.pop()
        order.append(key)
        stack.extend(reversed(below.get(key, ())))
    return order


def _urgent(
    entries: Sequence[Entry], below: Mapping[Key | None, tuple[Key, ...]]
) -> frozenset[Key]:
    """Issues with something below them that somebody has to look at."""
    above = {child: key for key, children in below.items() if key for child in children}
    found: set[Key] = set()
    for entry in entries:
        at = above.get(entry.key) if _URGENT & set(entry.marks) else None
        while at is not None and at not in found:
            found.add(at)
            at = above.get(at)
    return frozenset(found)


def _item(entry: Entry, page: Page, inside: Sequence[str], *, unfolded: bool) -> str:
    marked = " ".join(entry.marks)
    below = ""
    if inside:
        shown = " open" if unfolded else ""
        counted = _below(entry, page, len(inside))
        below = (
            f'<details class="kids"{shown}><summary>{counted}</summary>'
            f"<ul>{''.join(inside)}</ul></details>"
        )
    return (
        f'<li id="{entry.anchor}" data-m="{marked}"><details class="it">{_row(entry, page)}'
        f"{later(issue(entry, page))}</details>{below}</li>"
    )


def _row(entry: Entry, page: Page) -> str:
    mark = entry.marks[0]
    badge = f'<span class="op {mark}">{words.of_mark(mark, planned=page.planned)}</span>'
    state = state_word(entry)
    icon = f'<span class="st {state.replace(" ", "-")}"><span class="vh">{state}</span></span>'
    labels = "".join(page.label(name) for name in entry.labels if name.casefold() not in _KINDS)
    labels = f'<span class="ls">{labels}</span>' if labels else ""
    number = f"#{entry.number}" if entry.number else ""
    own = entry.path.removesuffix(".md")
    where = entry.path if entry.key == own else entry.key
    more = " · ".join(filter(None, (number, entry.kind, where)))
    return (
        f"<summary>{badge}{icon}<h3>{text(entry.title)}</h3>{labels}"
        f'<span class="m">{text(more)}</span></summary>'
    )


def _below(entry: Entry, page: Page, direct: int) -> str:
    """How many sub-issues there are, and what becomes of them."""
    children = [page.by_key[key] for key in page.children.get(entry.key, ())]
    count = Counter(child.marks[0] for child in children)
    parts = [numbers.count(direct, "sub-issue")]
    closed = sum(child.state is State.CLOSED for child in children)
    if closed:
        parts.append(f"{closed:,} closed")
    parts += [
        words.counted(mark, number, planned=page.planned)
        for mark, number in sorted(count.items())
        if mark != "unchanged"
    ]
    return text(" · ".join(parts))
