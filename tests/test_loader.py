"""The loader on disk: walking, bytes, links, and what cannot be read."""

from __future__ import annotations

from pathlib import Path

import pytest

from ghsync import loader
from ghsync.errors import NoLayoutError
from ghsync.model import Key, Kind


def write(root: Path, files: dict[str, str]) -> Path:
    """Write these files below a root."""
    for path, text in files.items():
        target = root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    return root


CCPM = {
    ".claude/prds/shop.md": "---\nname: shop\nstatus: active\n---\n\n# PRD: Shop\n",
    ".claude/epics/shop/epic.md": (
        "---\nname: shop\nstatus: backlog\nprd: .claude/prds/shop.md\n---\n\n# Epic: Shop\n"
    ),
    ".claude/epics/shop/001.md": "---\nname: Cart\nstatus: open\ndepends_on: []\n---\nA cart.\n",
    ".claude/epics/shop/002.md": (
        "---\nname: Till\nstatus: closed\ndepends_on: [001]\n---\n\nA till.\n"
    ),
}


def test_loads_a_ccpm_tree(tmp_path: Path) -> None:
    """A PRD, its epic and its tasks become items with parents and blockers."""
    loaded = loader.load(write(tmp_path, CCPM))

    by_key = {item.key: item for item in loaded.items}
    assert {key: item.kind for key, item in by_key.items()} == {
        ".claude/prds/shop": Kind.PRD,
        ".claude/epics/shop/epic": Kind.EPIC,
        ".claude/epics/shop/001": Kind.TASK,
        ".claude/epics/shop/002": Kind.TASK,
    }
    assert by_key[Key(".claude/epics/shop/002")].blocked_by == (".claude/epics/shop/001",)
    assert by_key[Key(".claude/epics/shop/002")].parent == ".claude/epics/shop/epic"
    assert by_key[Key(".claude/epics/shop/epic")].parent == ".claude/prds/shop"
    assert loaded.findings == ()
    assert loaded.layouts == ("ccpm",)


def test_nothing_recognised_is_a_usage_error(tmp_path: Path) -> None:
    """A folder without planning files says what was looked for, and the next step."""
    with pytest.raises(NoLayoutError) as caught:
        loader.load(write(tmp_path, {"README.md": "# Hello\n"}))

    assert "ccpm" in caught.value.message
    assert "ghsync init" in caught.value.hint
