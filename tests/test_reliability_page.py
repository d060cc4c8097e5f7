"""docs/reliability.md holds what is tested and what was measured."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "docs/reliability.md").read_text("utf-8")
RESULTS = ROOT / "benchmarks/reliability/results.json"


def test_every_test_that_the_page_names_is_there() -> None:
    """A claim whose test was renamed or removed is a claim without a test."""
    named = re.findall(r"`(tests/[\w/]+\.py)(?:::(test_\w+))?`", PAGE)
    assert len(named) > 20
    missing = [
        f"{file}::{test}"
        for file, test in named
        if not (ROOT / file).is_file() or f"def {test}" not in (ROOT / file).read_text("utf-8")
    ]
    assert missing == []


@pytest.mark.skipif(not RESULTS.exists(), reason="a source archive has no benchmarks")
def test_the_page_shows_what_was_measured() -> None:
    """The sums in the table are those of the results; ghsync made no duplicate and lost nothing."""
    report = json.loads(RESULTS.read_text("utf-8"))
    names = [client["name"] for client in report["clients"]]
    assert f"| fault | times | {' | '.join(names)} |" in PAGE
    for committed, field in ((True, "duplicates"), (False, "lost")):
        sums = dict.fromkeys(names, 0)
        for each in report["results"]:
            if each["committed"] is committed:
                sums[each["client"]] += each[field]
        shown = r".*\| ".join(rf"\*\*{total}\b" for total in sums.values())
        assert re.search(rf"^\| \*\*all\*\* \| \| {shown}", PAGE, re.MULTILINE), sums
        if committed:
            assert {sums[name] for name in names if name.startswith("ghsync")} == {0}
