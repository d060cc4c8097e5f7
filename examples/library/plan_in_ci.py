"""Fail a CI job while the issues are not in step with the files.

    python examples/library/plan_in_ci.py examples/ccpm-shop

Exits 0 when a push would change nothing, 10 when it would, and with the error's own code when
the plan cannot be made. Nothing is written, neither to GitHub nor to the folder.
"""

from __future__ import annotations

import sys

import ghsync

PENDING = int(ghsync.ExitCode.PENDING)


def main(root: str) -> int:
    """Plan ``root``, list what is pending, and say so by the exit code."""
    try:
        run = ghsync.plan(root)
    except ghsync.GhsyncError as error:
        print(f"{error.message}\n{error.hint}", file=sys.stderr)
        return int(error.exit_code)
    for finding in run.findings:
        if finding.severity is ghsync.Severity.ERROR:
            print(f"{finding.path}:{finding.line}: {finding.message}", file=sys.stderr)
    for result in run.results:
        operation = result.operation
        print(ghsync.op_name(operation), getattr(operation, "path", ""), operation.reason)
    if run.error is not None:
        print(f"{run.error.message}\n{run.error.hint}", file=sys.stderr)
        return int(run.error.exit_code)
    print(f"{run.total} operations pending, about {run.eta_seconds:.0f} s")
    return PENDING if run.total else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else "."))
