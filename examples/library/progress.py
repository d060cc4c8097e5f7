"""Push in async code, and show how far it is and how long it will take.

    python examples/library/progress.py examples/ccpm-shop

With ``--sandbox`` after the folder no token is needed.
"""

from __future__ import annotations

import asyncio
import sys

import ghsync


def told(event: ghsync.Event) -> str | None:
    """A line for an event, or ``None`` for one that needs none."""
    match event:
        case ghsync.PlanReady():
            return f"{len(event.plan.operations)} operations, about {event.eta_seconds:.0f} s"
        case ghsync.OperationEnded():
            return f"{event.done}/{event.total}  {event.eta_seconds:.0f} s left"
        case ghsync.Waiting():
            return f"waiting {event.seconds:.0f} s: {event.reason}"
        case _:
            return None


async def push(root: str, *, sandbox: bool) -> ghsync.Run:
    """Push ``root`` and print its progress."""
    async with ghsync.push_events(root, sandbox=sandbox) as events:
        async for event in events:
            if line := told(event):
                print(line)
    return events.run


def main(root: str, *, sandbox: bool = False) -> int:
    """Push and say what came of it."""
    try:
        run = asyncio.run(push(root, sandbox=sandbox))
    except ghsync.GhsyncError as error:
        print(f"{error.message}\n{error.hint}", file=sys.stderr)
        return int(error.exit_code)
    print(f"{run.succeeded} of {run.total} operations done")
    return 1 if run.errors else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2] or ["."], sandbox="--sandbox" in sys.argv))
