"""How long GitHub's limits make a push take, in virtual time, beside the least time possible.

    python -m benchmarks.limits [--quick]

``ghsync push --sandbox`` keeps GitHub's limits on a clock that jumps. T(m) is the least time for m
creates under 80 in any minute and 500 in any hour: 3600·⌊(m-1)/500⌋ + 60·⌊((m-1) mod 500)/80⌋.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from benchmarks.machine import environment, measured
from benchmarks.svg import lines
from benchmarks.tables import table
from benchmarks.throughput import ROOT, write_plan

NAME = "limits"


def least(creates: int) -> float:
    """T(m), seconds."""
    hours, rest = divmod(creates - 1, 500)
    return 3600.0 * hours + 60.0 * (rest // 80)


def run(*, quick: bool = False, say: Callable[[str], None] = lambda _: None) -> dict[str, Any]:
    """Push so many items to the embedded GitHub; JSON-able."""
    found = []
    for items in (100, 300) if quick else (100, 1_000, 3_000, 10_000):
        say(f"{items:,} items")
        with tempfile.TemporaryDirectory() as folder:
            found.append(_one(Path(folder), items))
    return {"runs": found}


def _one(folder: Path, items: int) -> dict[str, Any]:
    root = folder / "plan"
    write_plan(root, items)
    command = [sys.executable, "-m", "ghsync", "push", str(root), "--sandbox", "--json"]
    cost = measured(command, env=environment(), cwd=ROOT, scratch=folder)
    if cost.code:
        raise RuntimeError(f"ghsync ended with {cost.code}: {cost.errors[-400:]}")
    said = json.loads(cost.output)
    log = next((root / ".ghsync" / "runs").iterdir()).read_text("utf-8").splitlines()
    sent = [each for each in map(json.loads, log) if each["e"] == "request"]
    times = sorted(each["at"] for each in sent if each["label"].startswith("create the issue"))
    return {
        "items": items,
        "seconds": round(said["duration_seconds"], 1),
        "least": least(items),
        "first_eta": round(said["eta_seconds"], 1),
        "rejections": sum(each["status"] in (403, 429) for each in sent),
        "most_in_minute": _most(times, 60.0),
        "most_in_hour": _most(times, 3600.0),
        "reads": said["spent"]["reads"],
        "writes": said["spent"]["writes"],
        "real_seconds": round(cost.wall, 1),
    }


def _most(times: list[float], period: float) -> int:
    """The most of these in any stretch of this length."""
    first = most = 0
    for last, moment in enumerate(times):
        while moment - times[first] >= period:
            first += 1
        most = max(most, last - first + 1)
    return most


def markdown(results: Mapping[str, Any]) -> str:
    """One table."""
    rows = [
        [
            f"{each['items']:,}",
            _span(each["least"]),
            _span(each["seconds"]),
            f"{each['seconds'] / each['least']:.3f}",
            _span(each["first_eta"]),
            str(each["rejections"]),
            str(each["most_in_minute"]),
            str(each["most_in_hour"]),
            f"{each['writes']:,}",
            f"{each['reads']:,}",
        ]
        for each in results["runs"]
    ]
    heads = ["creates", "least, T(m)", "ghsync", "× T(m)", "foretold", "rejections",
             "most in 60 s", "most in 1 h", "writes", "reads"]  # fmt: skip
    return table(heads, rows)


def _span(seconds: float) -> str:
    if seconds < 600:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.1f} min" if seconds < 3 * 3600 else f"{seconds / 3600:.2f} h"


def plots(results: Mapping[str, Any]) -> dict[str, str]:
    """Both times by the number of creates."""
    runs = results["runs"]
    series = {
        "ghsync": [(each["items"], each["seconds"]) for each in runs],
        "T(m)": [(each["items"], each["least"]) for each in runs],
    }
    return {"limits.svg": lines("Under GitHub's limits", "creates", "seconds", series)}


if __name__ == "__main__":
    print(markdown(run(quick="--quick" in sys.argv, say=lambda line: print(line, file=sys.stderr))))
