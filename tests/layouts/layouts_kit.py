"""Small helpers for the tests of the layouts: texts in, items by key out."""

from __future__ import annotations

from collections.abc import Mapping

from ghsync import loader
from ghsync.layouts.base import LoadOptions
from ghsync.model import Finding, Item, Loaded


def load(texts: Mapping[str, str], options: LoadOptions | None = None) -> Loaded:
    """Load these texts by path."""
    return loader.load_texts(texts, options)


def items(loaded: Loaded) -> dict[str, Item]:
    """The items by key."""
    return {str(item.key): item for item in loaded.items}


def codes(loaded: Loaded) -> list[str]:
    """The codes of all findings, in order."""
    return [finding.code for finding in loaded.findings]


def only(loaded: Loaded, code: str) -> Finding:
    """The one finding with this code."""
    found = [finding for finding in loaded.findings if finding.code == code]
    assert len(found) == 1, loaded.findings
    return found[0]


def task(fields: str = "", body: str = "Text.", name: str = "A task") -> str:
    """A ccpm task: a name, a status, and these further fields."""
    more = f"{fields}\n" if fields else ""
    return f"---\nname: {name}\nstatus: open\n{more}---\n\n{body}\n"


EPIC = "---\nname: shop\nstatus: open\n---\n\n# Epic: Shop\n"


def epic(**tasks: str) -> dict[str, str]:
    """A ccpm epic named ``shop`` with tasks by the names of their files (``_001`` is 001.md)."""
    folder = ".claude/epics/shop"
    texts = {f"{folder}/{name.lstrip('_')}.md": text for name, text in tasks.items()}
    return {f"{folder}/epic.md": EPIC, **texts}


def key(name: str) -> str:
    """The key of a file in that epic."""
    return f".claude/epics/shop/{name}"
