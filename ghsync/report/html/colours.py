"""Colours of labels, readable on a light page and on a dark one (contrast AA: 4.5 to 1)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TypeAlias

_DARK = (13, 17, 23)
"""The canvas of the dark scheme."""
_ENOUGH = 4.6

Rgb: TypeAlias = tuple[int, int, int]


def rules(colours: Iterable[str]) -> str:
    """Style rules ``.l-RRGGBB``, one for each colour, sorted."""
    return "".join(_rule(colour) for colour in sorted(set(colours)))


def css_class(colour: str) -> str:
    """The class of a label of this colour."""
    return f"l-{_plain(colour)}"


def light(colour: str) -> tuple[Rgb, Rgb]:
    """Background and text on a light page."""
    back = _rgb(colour)
    black, white = (0, 0, 0), (255, 255, 255)
    return back, black if contrast(back, black) >= contrast(back, white) else white


def dark(colour: str) -> tuple[Rgb, Rgb]:
    """Background and text on a dark page: a tint of the colour, and the colour lightened."""
    own = _rgb(colour)
    back = _mixed(own, _DARK, 0.22)
    share = 0.0
    while contrast(back, front := _mixed((255, 255, 255), own, share)) < _ENOUGH and share < 1:
        share += 0.05
    return back, front


def contrast(one: Rgb, other: Rgb) -> float:
    """The contrast of two colours as WCAG 2 defines it, 1 to 21."""
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def _rule(colour: str) -> str:
    (back, front), (dark_back, dark_front) = light(colour), dark(colour)
    return (
        f".{css_class(colour)}{{background:light-dark({_hex(back)},{_hex(dark_back)});"
        f"color:light-dark({_hex(front)},{_hex(dark_front)})}}\n"
    )


def _plain(colour: str) -> str:
    found = colour.lower().removeprefix("#")
    return found if re.fullmatch("[0-9a-f]{6}", found) else "ededed"


def _rgb(colour: str) -> Rgb:
    text = _plain(colour)
    return int(text[:2], 16), int(text[2:4], 16), int(text[4:], 16)


def _hex(colour: Rgb) -> str:
    return "#{:02x}{:02x}{:02x}".format(*colour)


def _mixed(one: Rgb, other: Rgb, share: float) -> Rgb:
    """``share`` of the one, the rest of the other."""
    share = min(share, 1.0)
    red, green, blue = (round(a * share + b * (1 - share)) for a, b in zip(one, other, strict=True))
    return red, green, blue


def _luminance(colour: Rgb) -> float:
    parts = []
    for value in colour:
        part = value / 255
        parts.append(part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4)
    red, green, blue = parts
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
