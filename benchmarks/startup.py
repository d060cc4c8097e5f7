"""What a short command costs: CPU seconds of whole processes, interpreter included.

    python -m benchmarks.startup [--quick]

Each command is a process of its own with bytecode in place, as after an installation; the dry runs
plan ten items: without a token, against the embedded GitHub, and against one served over HTTP.
"""

from __future__ import annotations

import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.planningfiles import write

NAME = "startup"
ITEMS = 10
LIMITS = {"--help": 0.15, "push --dry-run, without GitHub": 0.4}
LIMITS |= {f"push --dry-run, {of}": 0.4 for of in ("--sandbox", "GitHub over HTTP")}
"""CPU seconds that each of these may take."""
_ROUNDS = 9
_SECRETS = ("GITHUB_TOKEN", "GH_TOKEN", "GITHUB_REPOSITORY", "GITHUB_API_URL")
_GHSYNC = (sys.executable, "-m", "ghsync")


def run(*, quick: bool = False, say: Callable[[str], None] = lambda _: None) -> dict[str, Any]:
    """Measure every command; JSON-able."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "project"
        write(root, ITEMS)
        env = {k: v for k, v in os.environ.items() if k not in _SECRETS}
        env.pop("PYTHONDONTWRITEBYTECODE", None)
        env["PYTHONPYCACHEPREFIX"] = str(Path(folder) / "bytecode")
        with _served(Path(folder) / "server", env) as (there, repo):
            commands = _commands(root, env, there, repo)
            for command, around in commands.values():
                _cpu(command, around)  # compiles
            found: dict[str, list[float]] = {name: [] for name in commands}
            for number in range(3 if quick else _ROUNDS):
                say(f"round {number + 1}")
                for name, (command, around) in commands.items():  # in turns: load hits all alike
                    found[name].append(_cpu(command, around))
    return {
        "items": ITEMS,
        "rounds": len(found["--help"]),
        "commands": {
            name: {
                "cpu_seconds": round(statistics.median(times), 4),
                "least": round(min(times), 4),
                "most": round(max(times), 4),
                "limit": LIMITS.get(name),
            }
            for name, times in found.items()
        },
    }


def markdown(results: dict[str, Any]) -> str:
    """The table, and how it was measured."""
    lines = ["| command | CPU, median | least–most | goal |", "|---|---|---|---|"]
    for name, row in results["commands"].items():
        goal = f"under {row['limit']:.2f} s" if row["limit"] else ""
        span = f"{row['least']:.2f}–{row['most']:.2f} s"
        lines.append(f"| {name} | {row['cpu_seconds']:.3f} s | {span} | {goal} |")
    lines += [
        "",
        f"User and system time of a whole process, {results['rounds']} rounds in turns, bytecode "
        f"in place; the dry runs plan {results['items']} files.",
    ]
    return "\n".join(lines)


def plots(results: dict[str, Any]) -> dict[str, str]:
    """None: six numbers are a table."""
    return {}


def _commands(
    root: Path, env: Mapping[str, str], there: Mapping[str, str], repo: str
) -> dict[str, tuple[Sequence[str], Mapping[str, str]]]:
    plan = (*_GHSYNC, "push", str(root), "--dry-run")
    return {
        "python -c pass": ((sys.executable, "-c", "pass"), env),
        "python -c 'import click'": ((sys.executable, "-c", "import click"), env),
        "python -c 'import asyncio, httpx'": ((sys.executable, "-c", "import asyncio, httpx"), env),
        "--version": ((*_GHSYNC, "--version"), env),
        "--help": ((*_GHSYNC, "--help"), env),
        "push --help": ((*_GHSYNC, "push", "--help"), env),
        "push --dry-run, without GitHub": (plan, env),
        "push --dry-run, --sandbox": ((*plan, "--sandbox"), env),
        "push --dry-run, GitHub over HTTP": ((*plan, "--repo", repo), {**env, **there}),
    }


def _cpu(command: Sequence[str], env: Mapping[str, str]) -> float:
    """The CPU seconds of one process with its children."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, env=env, check=True, capture_output=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


@contextmanager
def _served(folder: Path, env: Mapping[str, str]) -> Iterator[tuple[dict[str, str], str]]:
    """An embedded GitHub on loopback: the environment that names it, and its repository."""
    folder.mkdir()
    command = (*_GHSYNC, "sandbox", "serve", str(folder), "--json", "--limits", "none")
    with subprocess.Popen(command, env=env, stdout=subprocess.PIPE) as server:
        try:
            assert server.stdout is not None  # noqa: S101
            said = json.loads(server.stdout.readline())
            yield {"GITHUB_API_URL": said["url"], "GITHUB_TOKEN": said["token"]}, said["repo"]
        finally:
            server.terminate()


if __name__ == "__main__":
    measured = run(quick="--quick" in sys.argv, say=lambda line: print(line, file=sys.stderr))
    print(markdown(measured))
