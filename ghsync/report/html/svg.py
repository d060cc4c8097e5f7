"""A picture of dependencies as inline SVG: each node a link to its issue, nothing fetched."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence

from ghsync.report.html import words
from ghsync.report.html.entries import Entry
from ghsync.report.html.graph import Picture, components
from ghsync.report.html.layered import Layout, Point, Route, layered
from ghsync.report.html.markup import text

_WIDTH, _HEIGHT = 196, 40
_ACROSS, _DOWN = _WIDTH + 52, _HEIGHT + 14
_MARGIN = 4
_ROOM = 26
"""Columns of text in a node."""


def drawn(picture: Picture, entries: Mapping[str, Entry], name: str, *, planned: bool) -> str:
    """Draw a picture, what nothing connects one below the other; ``name`` is its label's id."""
    parts: list[str] = []
    width = top = 0
    for nodes in components(picture.nodes, picture.edges):
        layout = layered(nodes, picture.edges)
        edges = "".join(_edge(route, picture, entries) for route in layout.routes)
        shown = "".join(_node(entries[node], layout, planned=planned) for node in nodes)
        parts.append(f'<g transform="translate(0 {top})">{edges}{shown}</g>')
        width = max(width, layout.layers * _ACROSS - (_ACROSS - _WIDTH) + 2 * _MARGIN)
        top += round(layout.height * _DOWN)
    return (
        f'<svg class="graph" viewBox="0 0 {width} {top}" width="{width}" height="{top}" '
        f'role="group" aria-labelledby="{name}">{"".join(parts)}</svg>'
    )


def _node(entry: Entry, layout: Layout, *, planned: bool) -> str:
    x, y = _at(layout.places[entry.anchor])
    top = y - _HEIGHT / 2
    number = f"#{entry.number}" if entry.number else entry.kind
    small = f"{number} · {words.of_mark(entry.marks[0], planned=planned)}"
    title = text(shortened(entry.title, _ROOM))
    return (
        f'<a href="#{entry.anchor}"><title>{text(entry.title)}</title>'
        f'<rect class="n {entry.marks[0]} {entry.state.value}" x="{_n(x)}" y="{_n(top)}" '
        f'width="{_WIDTH}" height="{_HEIGHT}" rx="6"/>'
        f'<text class="s" x="{_n(x + 12)}" y="{_n(top + 15)}">{text(small)}</text>'
        f'<text x="{_n(x + 12)}" y="{_n(top + 31)}">{title}</text></a>'
    )


def _edge(route: Route, picture: Picture, entries: Mapping[str, Entry]) -> str:
    ends = (route.source, route.target)
    css = "e new" if ends in picture.new else "e"
    css += " turned" if route.turned else ""
    number = picture.counts.get(ends, 1)
    source, target = (entries[end].title for end in ends)
    words = f"{source} blocks {target}" + (f" ({number} dependencies)" if number > 1 else "")
    words += ", which closes a cycle" if route.turned else ""
    path, tip = _path(route.points, turned=route.turned)
    label = ""
    if number > 1:
        (x1, y1), (x2, y2) = _ends(route.points, turned=route.turned)
        middle = f'x="{_n((x1 + x2) / 2)}" y="{_n((y1 + y2) / 2 - 4)}"'
        label = f'<text class="c" {middle}>{number}</text>'
    return (
        f'<g class="{css}"><title>{text(words)}</title><path d="{path}"/>'
        f'<path class="tip" d="{tip}"/>{label}</g>'
    )


def _ends(points: Sequence[Point], *, turned: bool) -> tuple[Point, Point]:
    """Where an edge leaves its source and meets its target."""
    (x1, y1), (x2, y2) = _at(points[0]), _at(points[-1])
    leave, meet = (0, _WIDTH) if turned else (_WIDTH, 0)
    return (x1 + leave, y1), (x2 + meet, y2)


def _path(points: Sequence[Point], *, turned: bool) -> tuple[str, str]:
    """The line of an edge and its arrow head."""
    start, (end_x, end_y) = _ends(points, turned=turned)
    way = -1 if turned else 1
    stops: list[tuple[float, float]] = [start]
    for point in points[1:-1]:  # straight past the nodes of a layer
        x, y = _at(point)
        stops += [(x + _WIDTH, y), (x, y)] if turned else [(x, y), (x + _WIDTH, y)]
    stops.append((end_x - 5 * way, end_y))
    parts = [f"M{_n(start[0])} {_n(start[1])}"]
    for index in range(1, len(stops)):
        (x1, y1), (x2, y2) = stops[index - 1], stops[index]
        if y1 == y2:
            parts.append(f"H{_n(x2)}")
            continue
        bend = (x2 - x1) / 2
        parts.append(f"C{_n(x1 + bend)} {_n(y1)} {_n(x2 - bend)} {_n(y2)} {_n(x2)} {_n(y2)}")
    back = end_x - 7 * way
    tip = f"M{_n(end_x)} {_n(end_y)}L{_n(back)} {_n(end_y - 4)}V{_n(end_y + 4)}Z"
    return "".join(parts), tip


def _at(point: Point) -> tuple[int, float]:
    """The left edge of a node and its middle height, in pixels."""
    layer, height = point
    return _MARGIN + layer * _ACROSS, height * _DOWN


def _n(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def shortened(value: str, room: float) -> str:
    """Cut a text to so many columns."""
    if columns(value) <= room:
        return value
    kept, used = [], 1.0
    for char in value:
        used += columns(char)
        if used > room:
            break
        kept.append(char)
    return "".join(kept).rstrip() + "…"


def columns(value: Iterable[str]) -> float:
    """How wide a text is, about: in small letters of a sans serif, ideographs twice that."""
    return sum(_column(char) for char in value)


def _column(char: str) -> float:
    if char in _NARROW:
        return 0.6
    if char in _BROAD:
        return 1.5
    if unicodedata.east_asian_width(char) in "WF":
        return 2
    return 1.2 if char.isupper() else 1


_NARROW = frozenset("iljtfrI.,:;'|!()[] -")
_BROAD = frozenset("mwMW@%—")
