"""Whether the cost grows with the number of items and no faster, from 1,000 to 100,000.

    python -m benchmarks.scaling [--quick]

A dry run without GitHub (load, lint, plan), a first push and a push of nothing new to a fast
loopback server without limits; whole processes.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from benchmarks.machine import Cost, environment, measured
from benchmarks.svg import lines
from benchmarks.tables import table
from benchmarks.throughput import ROOT, serving, write_plan

NAME = "scaling"
STEPS = ("dry run", "first push", "push of nothing new")


def run(*, quick: bool = False, say: Callable[[str], None] = lambda _: None) -> dict[str, Any]:
    """Measure each size once; JSON-able."""
    sizes = (300, 1_000) if quick else (1_000, 3_000, 10_000, 30_000, 100_000)
    found = []
    with serving(0) as url:
        for items in sizes:
            say(f"{items:,} items")
            with tempfile.TemporaryDirectory() as folder:
                found.append({"items": items, **_one(Path(folder), items, url)})
    return {"runs": found}


def _one(folder: Path, items: int, url: str) -> dict[str, Any]:
    root = folder / "plan"
    write_plan(root, items)
    push = ["push", str(root), "--repo", f"bench/plan-{items}", "--json"]
    there = {"GITHUB_API_URL": url, "GITHUB_TOKEN": "bench"}
    steps = {
        "dry run": _step(folder, [*push, "--dry-run"], {}),
        "first push": _step(folder, push, there),
        "push of nothing new": _step(folder, push, there),
    }
    shutil.rmtree(root)
    return {
        name: {
            "seconds": round(cost.wall, 2),
            "cpu": round(cost.cpu, 2),
            "peak_mb": round(cost.memory, 1),
            "requests": sum(said["spent"][kind] for kind in ("reads", "writes")),
        }
        for name, (cost, said) in steps.items()
    }


def _step(folder: Path, options: list[str], env: Mapping[str, str]) -> tuple[Cost, dict[str, Any]]:
    command = [sys.executable, "-m", "ghsync", *options]
    cost = measured(command, env=environment() | dict(env), cwd=ROOT, scratch=folder)
    if cost.code:
        raise RuntimeError(f"{options[:1]} ended with {cost.code}: {cost.errors[-400:]}")
    return cost, json.loads(cost.output)


def markdown(results: Mapping[str, Any]) -> str:
    """A table for each step."""
    parts = []
    for step in STEPS:
        first = results["runs"][0]
        rows = [
            [
                f"{each['items']:,}",
                f"{each[step]['cpu']:.1f}",
                f"{1000 * each[step]['cpu'] / each['items']:.2f}",
                f"{each[step]['peak_mb']:.0f}",
                f"{1024 * _more(each, first, step):.1f}" if each is not first else "",
                f"{each[step]['requests']:,}",
            ]
            for each in results["runs"]
        ]
        heads = ["items", "CPU s", "CPU ms/item", "peak MB", "KB an item above the first row",
                 "requests"]  # fmt: skip
        parts += [f"**{step.capitalize()}**", table(heads, rows)]
    return "\n\n".join(parts)


def _more(each: Mapping[str, Any], first: Mapping[str, Any], step: str) -> float:
    grown = float(each[step]["peak_mb"] - first[step]["peak_mb"])
    return grown / float(each["items"] - first["items"])


def plots(results: Mapping[str, Any]) -> dict[str, str]:
    """CPU seconds and memory by the number of items; the dashes are exactly linear."""
    runs = results["runs"]
    cpu = {step: [(each["items"], each[step]["cpu"]) for each in runs] for step in STEPS}
    peak = {step: [(each["items"], each[step]["peak_mb"]) for each in runs] for step in STEPS}
    return {
        "scaling-cpu.svg": lines("CPU by number of items", "items", "CPU seconds", cpu),
        "scaling-memory.svg": lines("Memory by number of items", "items", "peak MB", peak),
    }


if __name__ == "__main__":
    print(markdown(run(quick="--quick" in sys.argv, say=lambda line: print(line, file=sys.stderr))))
