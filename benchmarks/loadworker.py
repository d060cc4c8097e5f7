"""One process of :mod:`benchmarks.load`: load, lint and plan a folder, and say what it took."""

from __future__ import annotations

import gc
import json
import resource
import sys
import time
from itertools import pairwise
from pathlib import Path

from ghsync.config import load_config
from ghsync.journal import SyncMap
from ghsync.lint import check
from ghsync.loader import load
from ghsync.plan import assumed, make_plan


def main(root: Path) -> None:
    """Print the CPU seconds of each step, the whole process's CPU, and its peak memory."""
    gc.set_threshold(100_000, 50, 50)  # as the command line does
    config = load_config(root, options={}, env={})
    times = [time.process_time()]
    loaded = load(root, config.load_options)
    times.append(time.process_time())
    checked = check(loaded, settings=config.lint_settings)
    times.append(time.process_time())
    smap = SyncMap()
    planned = make_plan(checked, loaded, smap, assumed(smap), config.plan_settings, read=False)
    times.append(time.process_time())
    used = resource.getrusage(resource.RUSAGE_SELF)
    kilo = 1 if sys.platform == "darwin" else 1024
    load_time, lint_time, plan_time = (b - a for a, b in pairwise(times))
    print(
        json.dumps(
            {
                "load": load_time,
                "lint": lint_time,
                "plan": plan_time,
                "cpu_seconds": used.ru_utime + used.ru_stime,
                "megabytes": used.ru_maxrss * kilo / 1e6,
                "items": len(loaded.items),
                "operations": len(planned.plan.operations),
            }
        )
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
