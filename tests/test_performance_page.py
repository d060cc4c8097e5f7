"""docs/performance.md holds what was measured, and names tests that exist."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "docs/performance.md").read_text("utf-8")
RESULTS = sorted((ROOT / "benchmarks/results").glob("*.json"))


def test_every_benchmark_has_its_place() -> None:
    """`make bench` finds where its tables go."""
    for name in ("limits", "throughput", "startup", "load", "scaling"):
        begin, end = f"<!-- bench:{name}: begin -->", f"<!-- bench:{name}: end -->"
        assert PAGE.count(begin) == PAGE.count(end) == 1
        assert PAGE.index(begin) < PAGE.index(end)


def test_every_test_and_plot_that_the_page_names_is_there() -> None:
    """A claim whose test or picture is gone is a claim without one."""
    named = [
        *re.findall(r"`(tests/[\w/]+\.py)`", PAGE),
        *(f"docs/{plot}" for plot in re.findall(r"\((plots/[\w.-]+)\)", PAGE)),
    ]
    assert [name for name in named if not (ROOT / name).is_file()] == []


@pytest.mark.skipif(not RESULTS, reason="a source archive has no benchmarks")
def test_the_page_shows_the_results_that_are_kept() -> None:
    """Each result's date and, of the throughput, ghsync's own figures."""
    for path in RESULTS:
        result = json.loads(path.read_text("utf-8"))
        section = PAGE.partition(f"bench:{path.stem}: begin")[2].partition(": end -->")[0]
        assert f"Measured {result['meta']['date']}" in section, path.stem
        if path.stem == "throughput":
            for each in result["runs"]:
                ours = each["clients"]["ghsync"]
                assert f"| **ghsync** | {ours['items']:,} | {ours['per_second']:,.0f} |" in section


@pytest.mark.skipif(not RESULTS, reason="a source archive has no benchmarks")
def test_no_measured_push_was_turned_away_or_above_a_window() -> None:
    """Counts, unlike times, are the same on every machine."""
    for path in RESULTS:
        if path.stem == "limits":
            for each in json.loads(path.read_text("utf-8"))["runs"]:
                assert each["rejections"] == 0
                assert each["most_in_minute"] <= 80
                assert each["most_in_hour"] <= 500
