"""Push a folder of planning markdown from Python, first into the sandbox.

    python examples/library/push.py examples/ccpm-shop

No token is needed: ``sandbox=True`` swaps GitHub for the embedded one. Leave it out, set
``GITHUB_TOKEN`` and name ``repo="owner/name"`` to push to GitHub.
"""

from __future__ import annotations

import sys

import ghsync


def show(event: ghsync.Event) -> None:
    """Print a line for each operation that has an outcome."""
    if isinstance(event, ghsync.OperationEnded):
        print(f"{event.done:3}/{event.total}  {event.result.status}  {event.result.url or ''}")


def main(root: str) -> int:
    """Push ``root`` and say what came of it."""
    try:
        run = ghsync.push(root, sandbox=True, on_progress=show)
    except ghsync.GhsyncError as error:
        print(f"{error.message}\n{error.hint}", file=sys.stderr)
        return int(error.exit_code)
    print(f"{run.succeeded} of {run.total} operations; GitHub would take {run.duration:.0f} s")
    for line in run.errors:
        print(line, file=sys.stderr)
    return 1 if run.errors else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else "."))
