"""Small charts as SVG text: bars, and lines over logarithmic axes; no library, no script."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape

_WIDTH = 720
_COLOURS = ("#1f6feb", "#bf5b04", "#0e8a16", "#8e44ad", "#57606a")
_HEAD = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {w} {h}" width="{w}" height="{h}" '
    'font-family="sans-serif" font-size="13"><rect width="100%" height="100%" fill="#ffffff"/>'
)


def bars(title: str, unit: str, values: Mapping[str, float], *, ours: str) -> str:
    """One bar a name, the longest first; ``ours`` begins the names in another colour."""
    ordered = sorted(values.items(), key=lambda each: -each[1])
    most = max(values.values(), default=1.0) or 1.0
    parts = [_text(16, 26, title, size=15)]
    for row, (name, value) in enumerate(ordered):
        y = 44 + row * 26
        length = max(1.0, 400 * value / most)
        colour = _COLOURS[0] if name.startswith(ours) else _COLOURS[4]
        parts.append(_text(196, y + 14, name, anchor="end"))
        parts.append(f'<rect x="204" y="{y}" width="{length:.1f}" height="18" fill="{colour}"/>')
        parts.append(_text(210 + length, y + 14, f"{value:,.0f} {unit}"))
    return _whole(parts, 60 + 26 * len(ordered))


def lines(
    title: str, x_name: str, y_name: str, series: Mapping[str, Sequence[tuple[float, float]]]
) -> str:
    """Points joined by lines, both axes logarithmic: what is linear has the dashes' slope."""
    points = [point for each in series.values() for point in each]
    left, right, top, bottom = 80, _WIDTH - 170, 50, 370
    x_low, x_high = _decades([x for x, _ in points])
    y_low, y_high = _decades([y for _, y in points])

    def place(x: float, y: float) -> tuple[float, float]:
        along = (math.log10(x) - x_low) / (x_high - x_low)
        up = (math.log10(y) - y_low) / (y_high - y_low)
        return left + along * (right - left), bottom - up * (bottom - top)

    parts = [_text(16, 26, title, size=15), _text((left + right) / 2, 410, x_name, anchor="middle")]
    parts.append(_text(16, top - 8, y_name))
    for power in range(x_low, x_high + 1):
        x, _ = place(10.0**power, 10.0**y_low)
        parts.append(_line(x, top, x, bottom, "#d0d7de"))
        parts.append(_text(x, bottom + 18, f"{10**power:,}", anchor="middle"))
    for power in range(y_low, y_high + 1):
        _, y = place(10.0**x_low, 10.0**power)
        parts.append(_line(left, y, right, y, "#d0d7de"))
        parts.append(_text(left - 6, y + 4, f"{10.0**power:,g}", anchor="end"))
    for number, (name, found) in enumerate(series.items()):
        colour = _COLOURS[number % len(_COLOURS)]
        places = [place(x, y) for x, y in found]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in places]
        if found:  # what it would be if it were exactly linear from its first point on
            x0, y0 = found[0]
            x1 = found[-1][0]
            a, b = place(x0, y0), place(x1, y0 * x1 / x0)
            if b[1] >= top:
                dashes = ' stroke-dasharray="3 5"'
                parts.append(_line(*a, *b, colour, dashes))
            parts.append(_text(places[-1][0] + 10, places[-1][1] + 4, name, fill=colour))
    return _whole(parts, 424)


def _decades(values: Sequence[float]) -> tuple[int, int]:
    low = math.floor(math.log10(min(values)))
    return low, max(low + 1, math.ceil(math.log10(max(values))))


def _text(
    x: float, y: float, text: str, *, anchor: str = "start", size: int = 13, fill: str = "#1f2328"
) -> str:
    where = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"'
    return f'<text {where} font-size="{size}" fill="{fill}">{escape(text)}</text>'


def _line(x1: float, y1: float, x2: float, y2: float, colour: str, more: str = "") -> str:
    ends = f'x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"'
    return f'<line {ends} stroke="{colour}"{more}/>'


def _whole(parts: Sequence[str], height: int) -> str:
    head = _HEAD.format(w=_WIDTH, h=height)
    return "\n".join([head, *parts, "</svg>", ""])
