"""Which dependencies are drawn together: all of them, or, where they are many, by epic. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from ghsync.model import Block, Key
from ghsync.report.html.entries import Entry
from ghsync.report.html.layered import Edge
from ghsync.values import dataclass

ALL_TOGETHER = 60
"""Up to so many issues with dependencies are drawn at once."""
MOST = 250
"""A picture of more is no picture; its dependencies are in the issues."""
MOST_EDGES = 4 * MOST


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A graph to draw. An edge leads from what blocks to what it blocks; all by anchor."""

    title: str
    nodes: tuple[str, ...]
    edges: tuple[Edge, ...]
    counts: Mapping[Edge, int]
    """Dependencies behind an edge, where it stands for several."""
    new: frozenset[Edge] = frozenset()
    """Edges that this run adds."""
    folded: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependencies:
    """All dependencies, and the pictures of them."""

    edges: tuple[Edge, ...]
    issues: int
    pictures: tuple[Picture, ...]


def dependencies(entries: Sequence[Entry]) -> Dependencies:
    """Find the dependencies between the issues of a page and divide them into pictures."""
    by_key = {entry.key: entry for entry in entries}
    edges = tuple(
        (by_key[blocker].anchor, entry.anchor)
        for entry in entries
        for blocker in dict.fromkeys(entry.blocked_by)
        if blocker in by_key and blocker != entry.key
    )
    new = frozenset(
        (by_key[operation.blocker].anchor, entry.anchor)
        for entry in entries
        for result in entry.results
        if isinstance(operation := result.operation, Block) and operation.blocker in by_key
    )
    touched = {end for edge in edges for end in edge}
    nodes = tuple(entry.anchor for entry in entries if entry.anchor in touched)
    above = {entry.anchor: _epic_of(entry, by_key) for entry in entries}
    groups = {above[node] for node in nodes}
    if len(nodes) <= ALL_TOGETHER or len(groups) > len(nodes) / 2:
        pictures = tuple(_by_part(nodes, edges, new))
    else:
        pictures = tuple(_by_epic(entries, above, nodes, edges, new))
    return Dependencies(edges=edges, issues=len(nodes), pictures=pictures)


def components(nodes: Sequence[str], edges: Iterable[Edge]) -> list[tuple[str, ...]]:
    """The parts of a graph that nothing connects, the largest first, else in the nodes' order."""
    leader = {node: node for node in nodes}

    def find(node: str) -> str:
        while leader[node] != node:
            leader[node] = node = leader[leader[node]]
        return node

    for one, other in edges:
        if one in leader and other in leader:
            leader[find(other)] = find(one)
    parts: dict[str, list[str]] = {}
    for node in nodes:
        parts.setdefault(find(node), []).append(node)
    return sorted((tuple(part) for part in parts.values()), key=len, reverse=True)


def _picture(
    title: str,
    nodes: Sequence[str],
    edges: Iterable[Edge],
    new: frozenset[Edge],
    *,
    folded: bool = False,
) -> Picture:
    inside = frozenset(nodes)
    kept = tuple(edge for edge in edges if edge[0] in inside and edge[1] in inside)
    return Picture(
        title=title,
        nodes=tuple(nodes),
        edges=kept,
        counts={},
        new=new & frozenset(kept),
        folded=folded,
    )


def _by_part(
    nodes: Sequence[str], edges: Sequence[Edge], new: frozenset[Edge]
) -> Iterable[Picture]:
    """One picture of what is connected; past so many issues the others are folded."""
    shown = 0
    for part in components(nodes, edges):
        folded = bool(shown) and shown + len(part) > ALL_TOGETHER
        shown += len(part)
        yield _picture("", part, edges, new, folded=folded)


def _by_epic(
    entries: Sequence[Entry],
    above: Mapping[str, str],
    nodes: Sequence[str],
    edges: Sequence[Edge],
    new: frozenset[Edge],
) -> Iterable[Picture]:
    """One picture of the epics among each other, then one of each epic's own issues.

    Unfolded are the first that together are not too many.
    """
    titles = {entry.anchor: entry.title for entry in entries}
    counts: Counter[Edge] = Counter((above[one], above[other]) for one, other in edges)
    between = {edge: number for edge, number in counts.items() if edge[0] != edge[1]}
    ends = {end for edge in between for end in edge}
    if between:
        order = tuple(entry.anchor for entry in entries if entry.anchor in ends)
        yield Picture(title="Between epics", nodes=order, edges=tuple(between), counts=between)
    members: dict[str, list[str]] = {}
    for node in nodes:
        members.setdefault(above[node], []).append(node)
    shown = ALL_TOGETHER if between else 0
    for epic, inside in members.items():
        own = {(one, other) for one, other in edges if above[one] == above[other] == epic}
        touched = {end for edge in own for end in edge}
        if own:
            order = tuple(node for node in inside if node in touched)
            picked = [edge for edge in edges if edge in own]
            shown += len(order)
            yield _picture(titles[epic], order, picked, new, folded=shown > ALL_TOGETHER)


def _epic_of(entry: Entry, by_key: Mapping[Key, Entry]) -> str:
    """The nearest epic or PRD above an issue; what has none stands for itself."""
    seen = {entry.key}
    at = entry
    while at.kind not in ("epic", "prd") and at.parent is not None:
        if at.parent not in by_key or at.parent in seen:
            break
        at = by_key[at.parent]
        seen.add(at.key)
    return at.anchor if at.kind in ("epic", "prd") else entry.anchor
