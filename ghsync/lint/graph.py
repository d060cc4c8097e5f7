"""The links between items: parents and blockers, as far as GitHub takes them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

from ghsync.lint.base import Overflow, Work
from ghsync.model import Item, Key
from ghsync.room import CHILDREN_MAX, LEVELS_MAX, RELATION_MAX

_SHOWN = 8
"""How many names of a cycle a message shows."""


def parents(items: Sequence[Item], refused: Mapping[Key, str], work: Work) -> dict[Key, Key]:
    """Child to parent, as far as GitHub takes it: no cycle, 100 children, 8 levels."""
    by_key = {item.key: item for item in items}
    links: dict[Key, Key] = {}
    for item in items:
        if item.parent is None:
            continue
        if item.parent == item.key:
            work.error("parent_self", item, "it names itself as its parent; the link is left out")
        elif _linkable(item, item.parent, "parent", by_key, refused, work):
            links[item.key] = item.parent
    _cut_parent_cycles(items, links, work)
    _cut_children(items, links, work)
    _cut_levels(items, links, work)
    return links


def _linkable(
    item: Item,
    other: Key,
    role: str,
    by_key: Mapping[Key, Item],
    refused: Mapping[Key, str],
    work: Work,
) -> bool:
    """Whether the other end of a link will be sent; a warning that names both if not."""
    if other in by_key:
        return True
    if other in refused:
        work.warn(
            f"{role}_refused",
            item,
            f"{item.key!r} is not linked to its {role} {other!r}, which is refused",
        )
    else:
        work.warn(f"{role}_unknown", item, f"{item.key!r} names {role} {other!r}, which is no item")
    return False


def _cut_parent_cycles(items: Sequence[Item], links: dict[Key, Key], work: Work) -> None:
    """Break each cycle at its last item by path: that link closes it, all others stand."""
    rank = {item.key: place for place, item in enumerate(items)}
    seen: dict[Key, Key] = {}  # key to the start of the walk that first met it
    for item in items:
        trail: list[Key] = []
        key: Key | None = item.key
        while key is not None and key not in seen:
            seen[key] = item.key
            trail.append(key)
            key = links.get(key)
        if key is None or seen[key] != item.key:
            continue
        cycle = trail[trail.index(key) :]
        last = max(cycle, key=rank.__getitem__)
        work.error(
            "parent_cycle",
            items[rank[last]],
            f"its parent {links[last]!r} is below it ({_chain(cycle)}); the link is left out",
        )
        del links[last]


def _chain(cycle: Sequence[Key]) -> str:
    """A cycle as text, closed; a long one is shortened in the middle."""
    names = [*cycle, cycle[0]]
    if len(names) > _SHOWN:
        names = [*names[: _SHOWN // 2], Key("…"), *names[-_SHOWN // 2 :]]
    return " → ".join(names)


def _cut_children(items: Sequence[Item], links: dict[Key, Key], work: Work) -> None:
    """Keep the first 100 children of a parent, live before archived, then by path."""
    count: defaultdict[Key, int] = defaultdict(int)
    for item in sorted(items, key=lambda item: item.archived):
        parent = links.get(item.key)
        if parent is None:
            continue
        count[parent] += 1
        if count[parent] > CHILDREN_MAX:
            _overflow(item, parent, work)
            del links[item.key]


def _overflow(item: Item, parent: Key, work: Work) -> None:
    """Say what becomes of a child for which its parent has no place."""
    full = (
        f"parent {parent!r} has {CHILDREN_MAX} other children already, GitHub allows no more; it "
        "stands without a parent"
    )
    match work.settings.overflow:
        case Overflow.ERROR:
            work.error(
                "too_many_children",
                item,
                f"{full}. Split the parent in two (an epic may hold epics), or set "
                'overflow = "label" (or "none") in ghsync.toml to have it so',
            )
        case Overflow.NONE:
            work.warn("too_many_children", item, full)
        case Overflow.LABEL:
            work.overflown[item.key] = parent
            work.warn("too_many_children", item, f"{full}, with a label that names it")


def _cut_levels(items: Sequence[Item], links: dict[Key, Key], work: Work) -> None:
    """Cut the link to level 9; what hangs below starts again from level 1."""
    children: defaultdict[Key, list[Item]] = defaultdict(list)
    for item in items:
        if item.key in links:
            children[links[item.key]].append(item)
    todo = [(item, 1) for item in items if item.key not in links]
    while todo:
        parent, level = todo.pop()
        for item in children[parent.key]:
            if level < LEVELS_MAX:
                todo.append((item, level + 1))
                continue
            work.error(
                "too_many_levels",
                item,
                f"parent {parent.key!r} is on level {LEVELS_MAX}, GitHub allows no more; it "
                "stands without a parent. Name a parent further up to give it one",
            )
            del links[item.key]
            todo.append((item, 1))


def blockers(
    items: Sequence[Item], refused: Mapping[Key, str], work: Work
) -> dict[Key, tuple[Key, ...]]:
    """What blocks each item, as far as GitHub takes it: no cycle, 50 each way."""
    by_key = {item.key: item for item in items}
    edges: dict[Key, dict[Key, None]] = {}
    for item in items:
        edges[item.key] = {
            blocker: None
            for blocker in dict.fromkeys(item.blocked_by)
            if blocker != item.key and _linkable(item, blocker, "blocker", by_key, refused, work)
        }
        if item.key in item.blocked_by:
            work.error("blocked_by_self", item, "it is blocked by itself; the link is left out")
    _cut_blocker_cycles(items, edges, work)
    _cut_relations(items, edges, work)
    return {key: tuple(blockers) for key, blockers in edges.items()}


def _cut_blocker_cycles(
    items: Sequence[Item], edges: dict[Key, dict[Key, None]], work: Work
) -> None:
    """Leave out each link that leads back to an item on the way to it (depth first, by path)."""
    rank = {item.key: place for place, item in enumerate(items)}
    ordered = {key: sorted(blockers, key=rank.__getitem__) for key, blockers in edges.items()}
    done: set[Key] = set()
    for start in items:
        if start.key in done:
            continue
        way = {start.key: iter(ordered[start.key])}  # the stack: insertion order
        while way:
            key = next(reversed(way))
            blocker = next(way[key], None)
            if blocker is None:
                way.popitem()  # not ``del``: it would leave a hole that ``reversed`` scans
                done.add(key)
            elif blocker in way:
                del edges[key][blocker]
                work.error(
                    "blocked_by_cycle",
                    items[rank[key]],
                    f"its blocker {blocker!r} waits for it ({_way_back(way, blocker)}); "
                    "the link is left out",
                )
            elif blocker not in done:
                way[blocker] = iter(ordered[blocker])


def _way_back(way: dict[Key, Iterator[Key]], blocker: Key) -> str:
    """The cycle that a link from the end of the way to ``blocker`` would close."""
    names: list[Key] = []
    for key in islice(reversed(way), _SHOWN):
        names.append(key)
        if key == blocker:
            return _chain(names[::-1])
    return f"{blocker} → … → {' → '.join(names[: _SHOWN // 2][::-1])} → {blocker}"


def _cut_relations(items: Sequence[Item], edges: dict[Key, dict[Key, None]], work: Work) -> None:
    """Keep the first 50 blockers of an item as its file names them, and the first 50 it blocks."""
    blocking: defaultdict[Key, int] = defaultdict(int)
    for item in items:
        named = tuple(edges[item.key])
        if len(named) > RELATION_MAX:
            work.error(
                "too_many_blockers",
                item,
                f"{len(named)} blockers, GitHub allows {RELATION_MAX}; left out: "
                + ", ".join(repr(key) for key in named[RELATION_MAX : RELATION_MAX + 5])
                + (" …" if len(named) > RELATION_MAX + 5 else "")
                + ". Name an item that stands for several of them, such as their epic",
            )
        kept: list[Key] = []
        for blocker in named[:RELATION_MAX]:
            blocking[blocker] += 1
            if blocking[blocker] <= RELATION_MAX:
                kept.append(blocker)
                continue
            work.error(
                "too_many_blocked",
                item,
                f"{blocker!r} blocks {RELATION_MAX} other items already, GitHub allows no more; "
                "the link is left out. Let an epic wait for it in place of each of its tasks",
            )
        edges[item.key] = dict.fromkeys(kept)
