"""Load every repository below a folder, and print what was found in each as a markdown table.

    python benchmarks/corpora.py FOLDER [--references] [--findings]

``--references`` prints every reference with the item that it was resolved to, for reading;
``--findings`` prints every finding. Exit 1 if a file is not accounted for or the loader raised.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from ghsync import loader
from ghsync.errors import GhsyncError
from ghsync.layouts import references, resolve
from ghsync.layouts.base import Draft
from ghsync.layouts.index import Index
from ghsync.layouts.references import Answer, Nothing, One, Several
from ghsync.model import Kind, Loaded, Severity

COLUMNS = (
    "repository",
    "layouts",
    "markdown",
    "prd",
    "epic",
    "task",
    "archived",
    "not items",
    "errors",
    "warnings",
    "references",
    "unknown",
    "ambiguous",
)


@dataclass
class Tally:
    """The references of one repository as they were answered."""

    counts: Counter[str] = field(default_factory=Counter)
    lines: list[str] = field(default_factory=list)


def say(text: str) -> None:
    """Write a line of the report."""
    sys.stdout.write(text + "\n")


def watch(tally: Tally) -> None:
    """Count every answer that the resolver gives from now on."""
    original = references.resolve

    def counted(
        index: Index, draft: Draft, text: str, kinds: frozenset[Kind] | None = None
    ) -> list[tuple[str, Answer]]:
        answers = original(index, draft, text, kinds)
        for part, answer in answers:
            name = {One: "resolved", Several: "ambiguous", Nothing: "unknown"}[type(answer)]
            tally.counts[name] += 1
            target = ""
            if isinstance(answer, One):
                target = index.drafts[answer.position].item.key
            tally.lines.append(f"{draft.item.key}\t{part}\t{name}\t{target}")
        return answers

    resolve.references.resolve = counted


def main(arguments: Iterable[str]) -> int:
    """Print the table; 1 if anything is missing."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--references", action="store_true")
    parser.add_argument("--findings", action="store_true")
    options = parser.parse_args(list(arguments))
    tally = Tally()
    watch(tally)
    rows: list[list[str]] = []
    wrong: list[str] = []
    begun = time.perf_counter()
    for root in sorted(path for path in options.folder.iterdir() if path.is_dir()):
        tally.counts.clear()
        tally.lines.clear()
        try:
            loaded = loader.load(root)
        except GhsyncError as error:
            wrong.append(f"{root.name}: {error.message}")
            continue
        rows.append(_row(root, loaded, tally))
        wrong += [f"{root.name}: {path} is lost" for path in sorted(lost(root, loaded))]
        wrong += [f"{root.name}: {line}" for line in broken_links(loaded)]
        if options.references:
            say("\n".join(f"{root.name}\t{line}" for line in tally.lines))
        if options.findings:
            say("\n".join(_finding(root, loaded)))
    _table(rows)
    sys.stderr.write(f"\n{len(rows)} repositories in {time.perf_counter() - begun:.1f} s\n")
    sys.stderr.writelines(f"{line}\n" for line in wrong)
    return 1 if wrong else 0


def lost(root: Path, loaded: Loaded) -> set[str]:
    """The markdown files that are no item, not listed, and not refused."""
    files = {
        path.relative_to(root).as_posix()
        for path in root.rglob("*")
        if path.suffix.casefold() == ".md" and path.is_file()
    }
    known = {item.path for item in loaded.items} | {entry.path for entry in loaded.not_items}
    return files - known - {f.path for f in loaded.findings if f.severity is Severity.ERROR}


def broken_links(loaded: Loaded) -> list[str]:
    """Parents and blockers that are no items, and keys that stand twice."""
    keys = Counter(item.key for item in loaded.items)
    lines = [f"{key} stands twice" for key, count in keys.items() if count > 1]
    for item in loaded.items:
        lines += [
            f"{item.key} links to {key}, which is no item"
            for key in (*item.blocked_by, *([item.parent] if item.parent else []))
            if key not in keys
        ]
    return lines


def _row(root: Path, loaded: Loaded, tally: Tally) -> list[str]:
    kinds = Counter(item.kind for item in loaded.items)
    severities = Counter(finding.severity for finding in loaded.findings)
    files = {item.path for item in loaded.items} | {entry.path for entry in loaded.not_items}
    return [
        root.name.replace("__", "/", 1),
        ", ".join(loaded.layouts),
        str(len(files)),
        str(kinds[Kind.PRD]),
        str(kinds[Kind.EPIC]),
        str(kinds[Kind.TASK]),
        str(sum(item.archived for item in loaded.items)),
        str(len(loaded.not_items)),
        str(severities[Severity.ERROR]),
        str(severities[Severity.WARNING]),
        str(tally.counts["resolved"]),
        str(tally.counts["unknown"]),
        str(tally.counts["ambiguous"]),
    ]


def _finding(root: Path, loaded: Loaded) -> list[str]:
    return [
        f"{root.name}\t{f.severity}\t{f.code}\t{f.path}:{f.line}\t{f.message}"
        for f in loaded.findings
    ]


def _table(rows: list[list[str]]) -> None:
    say(f"| {' | '.join(COLUMNS)} |")
    say(f"|{'---|' * 2}{'---:|' * (len(COLUMNS) - 2)}")
    for row in rows:
        say(f"| {' | '.join(row)} |")
    totals = [str(sum(int(row[i]) for row in rows)) for i in range(2, len(COLUMNS))]
    say(f"| **all** | | {' | '.join(totals)} |")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
