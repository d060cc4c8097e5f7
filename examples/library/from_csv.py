"""Make issues of the rows of a table, and keep them in step with it.

    python examples/library/from_csv.py examples/library/plan.csv

The map is kept in ``.ghsync/`` beside the table. A row that is changed updates its issue, a row
that is gone leaves it (``prune=True`` would close it), and what people write on GitHub stays.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator
from pathlib import Path

import ghsync


def items(table: Path) -> Iterator[ghsync.Item]:
    """An item for each row; a wrong word in one is an error that names it."""
    with table.open(encoding="utf-8", newline="") as lines:
        for line, row in enumerate(csv.DictReader(lines), start=2):
            kind, state = row["kind"], row["state"]
            yield ghsync.item(
                row["key"],
                title=row["title"],
                body=row["text"],
                kind=ghsync.Kind(kind) if kind else ghsync.Kind.TASK,
                state=ghsync.State(state) if state else ghsync.State.OPEN,
                labels=row["labels"].split(),
                parent=row["parent"] or None,
                blocked_by=row["after"].split(),
                path=table.name,
                line=line,
            )


def main(table: str) -> int:
    """Push the rows of a table."""
    path = Path(table)
    try:
        run = ghsync.push(path.parent, items=items(path))
    except ghsync.GhsyncError as error:
        print(f"{error.message}\n{error.hint}", file=sys.stderr)
        return int(error.exit_code)
    for line in run.errors:
        print(line, file=sys.stderr)
    print(f"{run.succeeded} of {run.total} operations done")
    return 1 if run.errors else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2] or ["plan.csv"]))
