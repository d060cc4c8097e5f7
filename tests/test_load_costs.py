"""What loading and planning cost, in counts: seconds are in benchmarks/load.py."""

from __future__ import annotations

import gc
import tracemalloc
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ghsync import loader, prepared
from ghsync.config import load_config
from ghsync.journal import SyncMap
from ghsync.layouts import frontmatter, yamlevents


def texts(count: int) -> dict[str, str]:
    """An epic for every 20 tasks; each task waits for the one before it."""
    made: dict[str, str] = {}
    for number in range(count):
        epic, task = divmod(number, 20)
        path = (
            f".claude/epics/part-{epic:04d}/{task:03d}.md"
            if task
            else (f".claude/epics/part-{epic:04d}/epic.md")
        )
        needs = f"[{task - 1:03d}]" if task > 1 else "[]"
        made[path] = (
            f"---\nname: Step {number}\nstatus: open\ndepends_on: {needs}\n---\n\n"
            f"# Step {number}\n\n{'Words of a task. ' * 20}\n"
        )
    return made


def counting(monkeypatch: pytest.MonkeyPatch, counts: Counter[str], module: Any, name: str) -> None:
    """Count the calls of a function from now on."""
    original: Callable[..., Any] = getattr(module, name)

    def counted(*arguments: Any) -> Any:
        counts[name] += 1
        return original(*arguments)

    monkeypatch.setattr(module, name, counted)


def test_each_file_is_read_and_parsed_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A dry run reads each file once, and PyYAML only what is not plain."""
    files = texts(60)
    files[".claude/epics/part-0000/007.md"] = "---\nname: Seven # or 8\nstatus: open\n---\nText\n"
    for path, text in files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text, encoding="utf-8")
    counts: Counter[str] = Counter()
    counting(monkeypatch, counts, loader, "_bytes")
    counting(monkeypatch, counts, frontmatter, "parse")
    counting(monkeypatch, counts, yamlevents, "parse")
    counts.clear()
    planned = prepared.offline(load_config(tmp_path, options={}, env={}), SyncMap())
    assert len(planned.loaded.items) == 60
    assert counts["_bytes"] == 60
    assert counts["parse"] == 60 + 1


def memory(root: Path, count: int) -> float:
    """The most bytes that a dry run of so many items needs, for each of them."""
    for path, text in texts(count).items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, encoding="utf-8")
    config = load_config(root, options={}, env={})
    gc.collect()
    tracemalloc.start()
    try:
        found = prepared.offline(config, SyncMap())
        assert len(found.planned.plan.operations) >= count
        return tracemalloc.get_traced_memory()[1] / count
    finally:
        tracemalloc.stop()


def test_memory_is_flat_an_item(tmp_path: Path) -> None:
    """Four times the items take four times the memory, a tenth of slack, each under 12 KB."""
    memory(tmp_path / "warm", 100)  # what is loaded and cached once
    few, many = memory(tmp_path / "few", 300), memory(tmp_path / "many", 1_200)
    assert many < 1.1 * few
    assert many < 12_000
