"""The README's pictures of a terminal show what ghsync prints today."""

from __future__ import annotations

import re
import runpy
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_the_pictures_are_todays(tmp_path: Path) -> None:
    """Taken anew they say the same; `make pictures` mends them. They fetch nothing."""
    taken = runpy.run_path(str(ROOT / "docs/pictures.py"))["pictures"](tmp_path)
    assert sorted(taken) == sorted(p.stem for p in (ROOT / "docs/pictures").glob("*.svg"))
    for name, svg in taken.items():
        committed = (ROOT / f"docs/pictures/{name}.svg").read_text("utf-8")
        assert words(svg) == words(committed), name
        assert re.findall(r"(?:url\(|href=)\W?https?://", committed) == []


def words(svg: str) -> list[str]:
    """What stands on the picture, line by line."""
    return re.findall(r"<text[^>]*>(.*?)</text>", svg)


def test_the_readme_shows_them() -> None:
    """Each picture is used, and says in words what it shows."""
    readme = (ROOT / "README.md").read_text("utf-8")
    shown = re.findall(r"!\[([^\]]{20,})\]\(docs/pictures/([\w-]+)\.svg\)", readme)
    assert sorted(name for _, name in shown) == sorted(
        p.stem for p in (ROOT / "docs/pictures").glob("*.svg")
    )
