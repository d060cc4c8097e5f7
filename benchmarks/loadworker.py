"""One process of :mod:`benchmarks.load`: load, lint and plan a folder, and say what it took.

For a repository, as in a checkout: without one no text is rewritten, which is most of a plan.
"""

from __future__ import annotations

import gc
import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ghsync import prepared
from ghsync.config import load_config
from ghsync.journal import SyncMap


def timed(name: str, seconds: dict[str, float]) -> None:
    """Note the CPU seconds of a step of the dry run from now on."""
    original: Callable[..., Any] = getattr(prepared, name)

    def step(*given: Any, **named: Any) -> Any:
        begun = time.process_time()
        result = original(*given, **named)
        seconds[name] = time.process_time() - begun
        return result

    setattr(prepared, name, step)


def main(root: Path) -> None:
    """Print the CPU seconds of each step, the whole process's, and its peak memory."""
    gc.set_threshold(100_000, 50, 50)  # as the command line does
    seconds: dict[str, float] = {}
    for name in ("load", "check", "make_plan"):
        timed(name, seconds)
    found = prepared.offline(load_config(root, options={"repo": "octo/plan"}, env={}), SyncMap())
    used = resource.getrusage(resource.RUSAGE_SELF)
    kilo = 1 if sys.platform == "darwin" else 1024
    print(
        json.dumps(
            {
                "load": seconds["load"],
                "lint": seconds["check"],
                "plan": seconds["make_plan"],
                "cpu_seconds": used.ru_utime + used.ru_stime,
                "megabytes": used.ru_maxrss * kilo / 1e6,
                "items": len(found.loaded.items),
                "operations": len(found.planned.plan.operations),
            }
        )
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
