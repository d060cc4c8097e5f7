"""The documentation of the layouts names every finding and every layout."""

from __future__ import annotations

import re
from pathlib import Path

from ghsync.layouts import catalogue

ROOT = Path(__file__).parents[2]


def test_every_code_is_documented() -> None:
    """Each code in the sources has its line in docs/layouts.md, and the other way round."""
    sources = [*sorted((ROOT / "ghsync/layouts").glob("*.py")), ROOT / "ghsync/loader.py"]
    text = "\n".join(path.read_text(encoding="utf-8") for path in sources)
    used = set(re.findall(r'code="(\w+)"', text))
    used |= set(re.findall(r'_warning\(\s*draft,\s*[\w.]+,\s*"(\w+)"', text))
    used |= set(re.findall(r'code, other = "(\w+)"', text))
    table = (ROOT / "docs/layouts.md").read_text(encoding="utf-8").partition("## Findings")[2]

    assert set(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)) == used


def test_every_layout_is_documented() -> None:
    """Each name for ``--layout`` has its line."""
    text = (ROOT / "docs/layouts.md").read_text(encoding="utf-8")

    assert all(f"| [`{name}`](layouts/{name}.md)" in text for name in catalogue.names())
