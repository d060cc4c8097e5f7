"""Run every benchmark, print its tables, and keep them: ``make bench``.

    python -m benchmarks [--quick] [--only NAME]... [--dry]

Writes ``results/<name>.json`` beside this file, the plots into ``docs/plots/`` and the tables into
``docs/performance.md``. ``--quick`` and ``--dry`` write nothing. Loopback only, but for npm, which
fetches Octokit. POSIX alone.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from types import ModuleType

from benchmarks.machine import in_words, meta
from benchmarks.tables import put

NAMES = ("startup", "load", "throughput", "limits", "scaling")
HERE = Path(__file__).parent
DOCS = HERE.parent / "docs"


def main() -> int:
    """Run what the command line asks for; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("--quick", action="store_true", help="small sizes; writes nothing")
    parser.add_argument("--only", action="append", choices=NAMES, help="only this one")
    parser.add_argument("--dry", action="store_true", help="print, write nothing")
    options = parser.parse_args()
    for name in options.only or NAMES:
        begun = time.monotonic()
        benchmark = import_module(f"benchmarks.{name}")
        known = meta()
        results = benchmark.run(quick=options.quick, say=_say(name))
        print(f"\n## {name}\n\n{in_words(known)}\n\n{benchmark.markdown(results)}", flush=True)
        if not (options.quick or options.dry):
            keep(benchmark, {"meta": known, **results})
        print(f"{name}: {time.monotonic() - begun:.0f} s", file=sys.stderr)
    return 0


def keep(benchmark: ModuleType, results: dict[str, object]) -> None:
    """Write what was measured, and show it on the page."""
    name = benchmark.NAME
    folder = HERE / "results"
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.json").write_text(f"{json.dumps(results, indent=1)}\n", "utf-8")
    charts = benchmark.plots(results)
    (DOCS / "plots").mkdir(exist_ok=True)
    for file, text in charts.items():
        (DOCS / "plots" / file).write_text(text, "utf-8")
    known = results["meta"]
    assert isinstance(known, dict)  # noqa: S101 (as this module makes it)
    shown = [f"![{file.removesuffix('.svg')}](plots/{file})" for file in charts]
    text = "\n\n".join([in_words(known), benchmark.markdown(results), *shown])
    put(DOCS / "performance.md", name, text)


def _say(name: str) -> Callable[[str], None]:
    return lambda line: print(f"  {name}: {line}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
