"""What a figure was measured on, and what a process cost."""

from __future__ import annotations

import os
import platform
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

KEPT_OUT = ("GITHUB_", "GH_", "GHSYNC_")
_PACKAGES = ("aiohttp", "gidgethub", "githubkit", "httpx", "PyGithub", "uvloop")


def meta() -> dict[str, object]:
    """The machine, in words that name nobody's."""
    return {
        "date": time.strftime("%Y-%m-%d", time.gmtime()),
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else None,
        "python": platform.python_version(),
        "system": platform.system(),
        "versions": {name: found for name in _PACKAGES if (found := _version(name))},
    }


def in_words(known: Mapping[str, object]) -> str:
    """One line that goes above a table."""
    return (
        f"Measured {known['date']} on {known['cores']} cores (load {known['load']} before it), "
        f"Python {known['python']}, {known['system']}."
    )


def environment() -> dict[str, str]:
    """The environment without proxies, tokens and settings of whoever runs this."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(KEPT_OUT) and not name.lower().endswith("_proxy")
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What a whole process took."""

    wall: float
    cpu: float
    """Seconds, of user and system."""
    memory: float
    """Peak resident megabytes."""
    code: int
    output: str
    errors: str


def measured(command: Sequence[str], *, env: Mapping[str, str], cwd: Path, scratch: Path) -> Cost:
    """Run a program to its end. POSIX alone: it asks the system what the child used."""
    out, err = scratch / "out", scratch / "err"
    begun = time.perf_counter()
    with out.open("w") as stdout, err.open("w") as stderr:
        process = subprocess.Popen(command, env=env, cwd=cwd, stdout=stdout, stderr=stderr)
        _, status, used = os.wait4(process.pid, 0)
    wall = time.perf_counter() - begun
    process.returncode = os.waitstatus_to_exitcode(status)
    unit = 1024 * 1024 if platform.system() == "Darwin" else 1024
    return Cost(
        wall=wall,
        cpu=used.ru_utime + used.ru_stime,
        memory=used.ru_maxrss / unit,
        code=process.returncode,
        output=out.read_text("utf-8", "replace"),
        errors=err.read_text("utf-8", "replace"),
    )


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
