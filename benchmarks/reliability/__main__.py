"""Measure how many duplicates each client makes, and write that down.

    python -m benchmarks.reliability [--client NAME]... [--dry]

Prints the tables, writes ``results.json`` beside this file and the tables into
``docs/reliability.md``. Loopback only, but for npm, which fetches Octokit. Exit 1 when ghsync made
a duplicate or lost an issue, or when the measurement is void; 2 when a client could not be run.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path

from benchmarks.reliability.clients import GHSYNC, PEERS, ROOT
from benchmarks.reliability.harness import measure
from benchmarks.reliability.tables import markdown, write_into

RESULTS = Path(__file__).with_name("results.json")
PAGE = ROOT / "docs" / "reliability.md"


def main() -> int:
    """Run what the command line asks for; returns the exit code."""
    names = [client.name for client in (*PEERS, *GHSYNC)]
    parser = argparse.ArgumentParser(prog="python -m benchmarks.reliability")
    parser.add_argument("--client", action="append", choices=names, help="only this one")
    parser.add_argument("--dry", action="store_true", help="print, write nothing")
    options = parser.parse_args()
    begun = time.monotonic()
    wanted = options.client or names
    report = measure(wanted, lambda line: print(f"  {line}", file=sys.stderr))
    print(markdown(report))
    print(f"\n{time.monotonic() - begun:.0f} s", file=sys.stderr)
    problems = report.problems()
    print("\n".join(problems), file=sys.stderr)
    missing = set(wanted) - {client.name for client in report.clients}
    if not (options.dry or options.client or missing):
        RESULTS.write_text(f"{json.dumps(report.as_json(), indent=1)}\n", "utf-8")
        write_into(PAGE, report)
    return 1 if problems else 2 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
