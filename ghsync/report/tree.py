"""Items as a tree PRD → epic → task, with what is not worth a line folded away."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence

from ghsync.model import Item, Key
from ghsync.report import marks, words
from ghsync.report.canvas import Branch, Line, Spans

_CROWD = 5
"""How many items that are left out for one reason are drawn without ``--verbose``."""


def grow(
    items: Sequence[Item],
    draw: Callable[[Item], Branch],
    *,
    quiet: Callable[[Key], bool],
    folded: Callable[[Sequence[Key]], Spans],
) -> list[Branch]:
    """Build the trees in the items' order.

    A quiet item is shown only as the ancestor of one that is not; the others of its parent are
    told in one line (``folded``). Every item is in the result or counted, whatever cycles
    or missing parents there are.
    """
    children, roots = _children(items)
    order = _order(children, roots)
    by_key = {item.key: item for item in items}
    branches: dict[Key, Branch] = {}
    hidden: dict[Key, list[Key]] = {}
    for key in reversed(order):
        below, away = _gather(children.get(key, ()), branches, hidden)
        if quiet(key) and not below:
            hidden[key] = [key, *away]
            continue
        branch = draw(by_key[key])
        branch.children = below + ([Branch(folded(away))] if away else [])
        branches[key] = branch
    top, away = _gather(roots, branches, hidden)
    return top + ([Branch(folded(away))] if away else [])


def without_crowds(
    items: Sequence[Item], reasons: Mapping[Key, str]
) -> tuple[list[Item], Counter[str]]:
    """Take out items that are left out for the same reason as many others.

    Gives the items to draw, and how many were taken out for each reason. An item that others
    hang from stays.
    """
    often = Counter(reasons.values())
    crowd = {key for key, reason in reasons.items() if often[reason] > _CROWD}
    parents = {item.key: item.parent for item in items}
    needed: set[Key] = set()
    for item in items:
        above = item.parent if item.key not in crowd else None
        while above is not None and above not in needed:
            needed.add(above)
            above = parents.get(above)
    kept = [item for item in items if item.key not in crowd or item.key in needed]
    shown = {item.key for item in kept}
    return kept, Counter(reasons[i.key] for i in items if i.key not in shown)


def crowds(counts: Mapping[str, int]) -> Iterator[Line]:
    """Draw what was taken out, a line for each reason."""
    for reason, number in counts.items():
        text = f"  {words.count(number, 'item')}: {reason}"
        yield Line(((marks.SKIPPED), (text, ""), ("; --verbose lists them", "dim")), "", "    ")


def _gather(
    keys: Sequence[Key],
    branches: Mapping[Key, Branch],
    hidden: Mapping[Key, Sequence[Key]],
) -> tuple[list[Branch], list[Key]]:
    shown = [branches[key] for key in keys if key in branches]
    return shown, [each for key in keys for each in hidden.get(key, ())]


def _children(items: Sequence[Item]) -> tuple[dict[Key, list[Key]], list[Key]]:
    known = {item.key for item in items}
    children: dict[Key, list[Key]] = {}
    roots: list[Key] = []
    for item in items:
        if item.parent is None or item.parent not in known:
            roots.append(item.key)
        else:
            children.setdefault(item.parent, []).append(item.key)
    _cut_cycles(items, children, roots)
    return children, roots


def _cut_cycles(items: Sequence[Item], children: dict[Key, list[Key]], roots: list[Key]) -> None:
    """Make the first item of each cycle a root: nothing else leads to it."""
    reached = set(_order(children, roots))
    for item in items:
        if item.key in reached or item.parent is None:
            continue
        children[item.parent].remove(item.key)
        roots.append(item.key)
        reached.update(_order(children, [item.key]))


def _order(children: Mapping[Key, Sequence[Key]], roots: Sequence[Key]) -> list[Key]:
    order: list[Key] = []
    stack = list(reversed(roots))
    while stack:
        key = stack.pop()
        order.append(key)
        stack.extend(reversed(children.get(key, ())))
    return order
