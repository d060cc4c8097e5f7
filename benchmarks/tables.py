"""Markdown tables, and the marked places of a page that they go into."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path


def table(headers: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table whose columns but the first are numbers, aligned to the right."""
    lines = [f"| {' | '.join(headers)} |", f"|---|{'---:|' * (len(headers) - 1)}"]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in rows)])


def put(page: Path, name: str, text: str) -> None:
    """Replace what is between a benchmark's markers. Raises :class:`ValueError` without them."""
    begin, end = f"<!-- bench:{name}: begin -->", f"<!-- bench:{name}: end -->"
    old = page.read_text("utf-8")
    before, found, rest = old.partition(begin)
    _, closed, after = rest.partition(end)
    if not found or not closed:
        raise ValueError(f"{page} lacks the markers {begin} and {end}")
    page.write_text(f"{before}{begin}\n\n{text.strip()}\n\n{end}{after}", "utf-8")
