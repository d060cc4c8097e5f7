"""A small layered layout: what comes first stands left, and edges cross little. Pure.

The steps of Sugiyama, Tagawa and Toda (1981): edges that close a cycle are turned, nodes get the
layer of their longest way from a start, long edges get a bend in each layer between, the order
inside a layer follows the neighbours' (barycentre), and so does the height. The same input gives
the same picture.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import TypeAlias

from ghsync.values import dataclass

Edge: TypeAlias = tuple[str, str]
Point: TypeAlias = tuple[int, float]
"""Layer and height; a node is 1 high, a bend :data:`BEND`."""
_Spot: TypeAlias = str | tuple[str, str, int]
"""A node, or the bend of an edge in a layer."""

BEND = 0.45
_SWEEPS = 8
_BENDS = 4000
"""Bends that are placed; where there would be more, edges run straight through."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """An edge: the places it passes, from its source to its target."""

    source: str
    target: str
    points: tuple[Point, ...]
    turned: bool = False
    """It closes a cycle, so it runs against the others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """Where everything stands; heights start at 0."""

    places: dict[str, Point]
    routes: tuple[Route, ...]
    layers: int
    height: float


def layered(nodes: Sequence[str], edges: Iterable[Edge]) -> Layout:
    """Lay out a graph; edges to itself, to nobody and double ones are left out."""
    known = dict.fromkeys(nodes)
    kept = [e for e in dict.fromkeys(edges) if e[0] != e[1] and e[0] in known and e[1] in known]
    forward, turned = _without_cycles(list(known), kept)
    layer = _layers(list(known), forward)
    bends = sum(layer[target] - layer[source] - 1 for source, target in forward)
    chains = {edge: _chain(edge, layer, bends=bends <= _BENDS) for edge in forward}
    rows = _rows(list(known), layer, chains.values())
    heights = _heights(_ordered(rows, list(chains.values())), list(chains.values()))
    low = min((y - _size(s) / 2 for s, y in heights.items()), default=0.0)
    high = max((y + _size(s) / 2 for s, y in heights.items()), default=0.0)
    at = {spot: round(y - low, 3) for spot, y in heights.items()}
    routes = []
    for edge in kept:
        chain = chains[edge if edge in chains else (edge[1], edge[0])]
        points = [(_layer_of(spot, layer), at[spot]) for spot in chain]
        back = edge in turned
        routes.append(
            Route(
                source=edge[0],
                target=edge[1],
                points=tuple(reversed(points) if back else points),
                turned=back,
            )
        )
    return Layout(
        places={node: (layer[node], at[node]) for node in known},
        routes=tuple(routes),
        layers=len(rows),
        height=round(high - low, 3),
    )


# ----------------------------------------------------------------------------- layers


def _without_cycles(nodes: Sequence[str], edges: Sequence[Edge]) -> tuple[list[Edge], set[Edge]]:
    """The edges with those turned that lead back to where the search came from."""
    after: dict[str, list[str]] = {node: [] for node in nodes}
    for source, target in edges:
        after[source].append(target)
    turned: set[Edge] = set()
    state: dict[str, int] = {}
    for start in nodes:
        if start in state:
            continue
        state[start] = 1
        stack = [(start, iter(after[start]))]
        while stack:
            node, rest = stack[-1]
            for target in rest:
                if target not in state:
                    state[target] = 1
                    stack.append((target, iter(after[target])))
                    break
                if state[target] == 1:  # on the way here
                    turned.add((node, target))
            else:
                state[node] = 2
                stack.pop()
    forward = dict.fromkeys((b, a) if (a, b) in turned else (a, b) for a, b in edges)
    return list(forward), turned


def _layers(nodes: Sequence[str], edges: Sequence[Edge]) -> dict[str, int]:
    """The longest way from a start; a start moves up to right before what needs it."""
    before: dict[str, int] = dict.fromkeys(nodes, 0)
    after: dict[str, list[str]] = {node: [] for node in nodes}
    for source, target in edges:
        before[target] += 1
        after[source].append(target)
    starts = [node for node in nodes if not before[node]]
    layer = dict.fromkeys(nodes, 0)
    queue = list(starts)
    for node in queue:  # grows while it is read
        for target in after[node]:
            layer[target] = max(layer[target], layer[node] + 1)
            before[target] -= 1
            if not before[target]:
                queue.append(target)
    for node in starts:
        if after[node]:
            layer[node] = min(layer[target] for target in after[node]) - 1
    return layer


def _chain(edge: Edge, layer: dict[str, int], *, bends: bool) -> list[_Spot]:
    source, target = edge
    between = range(layer[source] + 1, layer[target]) if bends else ()
    return [source, *((source, target, at) for at in between), target]


def _layer_of(spot: _Spot, layer: dict[str, int]) -> int:
    return layer[spot] if isinstance(spot, str) else spot[2]


def _size(spot: _Spot) -> float:
    return 1.0 if isinstance(spot, str) else BEND


# -------------------------------------------------------------------- order and height


def _rows(
    nodes: Sequence[str], layer: dict[str, int], chains: Iterable[Sequence[_Spot]]
) -> list[list[_Spot]]:
    rows: list[list[_Spot]] = [[] for _ in range(max(layer.values(), default=-1) + 1)]
    for node in nodes:
        rows[layer[node]].append(node)
    for chain in chains:
        for spot in chain[1:-1]:
            rows[_layer_of(spot, layer)].append(spot)
    return rows


def _ordered(rows: list[list[_Spot]], chains: Sequence[Sequence[_Spot]]) -> list[list[_Spot]]:
    """The best order that a few sweeps find."""
    before, after = _neighbours(chains)
    best, least = [list(row) for row in rows], _crossings(rows, after)
    for sweep in range(_SWEEPS):
        if not least:
            break
        down = sweep % 2 == 0
        for row in rows if down else reversed(rows):
            _sort(row, rows, before if down else after)
        if (now := _crossings(rows, after)) < least:
            best, least = [list(row) for row in rows], now
    return best


def _neighbours(
    chains: Iterable[Sequence[_Spot]],
) -> tuple[dict[_Spot, list[_Spot]], dict[_Spot, list[_Spot]]]:
    before: dict[_Spot, list[_Spot]] = {}
    after: dict[_Spot, list[_Spot]] = {}
    for chain in chains:
        for one, other in pairwise(chain):
            after.setdefault(one, []).append(other)
            before.setdefault(other, []).append(one)
    return before, after


def _sort(
    row: list[_Spot], rows: Iterable[Sequence[_Spot]], near: dict[_Spot, list[_Spot]]
) -> None:
    at = {spot: index for each in rows for index, spot in enumerate(each)}

    def centre(spot: _Spot) -> float:
        found = near.get(spot)
        return sum(at[other] for other in found) / len(found) if found else at[spot]

    row.sort(key=centre)


def _crossings(rows: Sequence[Sequence[_Spot]], after: dict[_Spot, list[_Spot]]) -> int:
    """How many pairs of edges between neighbouring layers cross."""
    at = {spot: index for row in rows for index, spot in enumerate(row)}
    total = 0
    for row in rows:
        seen: list[int] = []
        for spot in row:
            ends = [at[other] for other in after.get(spot, ())]
            total += sum(len(seen) - bisect_right(seen, end) for end in ends)
            for end in ends:
                insort(seen, end)
    return total


def _heights(
    rows: Sequence[Sequence[_Spot]], chains: Sequence[Sequence[_Spot]]
) -> dict[_Spot, float]:
    """Each spot as near to its neighbours as the order allows."""
    before, after = _neighbours(chains)
    at: dict[_Spot, float] = {}
    for row in rows:
        y = 0.0
        for spot in row:
            at[spot] = y + _size(spot) / 2
            y += _size(spot)
    for sweep in range(_SWEEPS):
        near = before if sweep % 2 == 0 else after
        for row in rows if sweep % 2 == 0 else reversed(rows):
            wanted = [_mean([at[o] for o in near.get(spot, ())], at[spot]) for spot in row]
            at.update(zip(row, _apart(row, wanted), strict=True))
    return at


def _mean(values: Sequence[float], default: float) -> float:
    return sum(values) / len(values) if values else default


def _apart(row: Sequence[_Spot], wanted: Sequence[float]) -> list[float]:
    """Heights near the wanted ones that keep the order and the distance.

    The mean of pushing down from the top and up from the bottom: each keeps both, so it does too.
    """
    gaps = [(_size(a) + _size(b)) / 2 for a, b in pairwise(row)]
    down = list(wanted)
    for index, gap in enumerate(gaps, 1):
        down[index] = max(down[index], down[index - 1] + gap)
    up = list(wanted)
    for index in range(len(row) - 2, -1, -1):
        up[index] = min(up[index], up[index + 1] - gaps[index])
    return [(a + b) / 2 for a, b in zip(down, up, strict=True)]
