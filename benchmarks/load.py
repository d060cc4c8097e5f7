"""Loading, linting and planning planning files: seconds and memory, by the number of files.

    python -m benchmarks.load [--quick] [FOLDER…]

Each measurement is a process of its own; the plan is the one of a dry run without GitHub. With
folders, each of them is measured in place of the files made here, its files repeated until there
are ten thousand; none of its text is kept.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from benchmarks.planningfiles import write

NAME = "load"
FILES = 10_000
SECONDS = 5.0
MEGABYTES = 150.0
"""What 10,000 files may take."""
_SIZES = (1_000, 2_000, 4_000, FILES, 30_000, 100_000)
_QUICK = (1_000, 4_000)
_ROUNDS = 5
_WORKER = Path(__file__).with_name("loadworker.py")


def run(*, quick: bool = False, say: Callable[[str], None] = lambda _: None) -> dict[str, Any]:
    """Measure each size in its own process; JSON-able."""
    rows = []
    for size in _QUICK if quick else _SIZES:
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder)
            read = write(root, size)
            rounds = 1 if quick or size > FILES else _ROUNDS
            rows.append({"files": size, "bytes": read, **measure(root, rounds)})
            say(f"{size:,} files: {rows[-1]['cpu_seconds']:.2f} s, {rows[-1]['megabytes']:.0f} MB")
    return {"rows": rows, "limits": {"files": FILES, "seconds": SECONDS, "megabytes": MEGABYTES}}


def measure(root: Path, rounds: int = 1) -> dict[str, Any]:
    """Load, lint and plan what is below ``root``, in a process each time; the median of each."""
    env = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    command = (sys.executable, str(_WORKER), str(root))
    said = [
        json.loads(subprocess.run(command, env=env, check=True, capture_output=True).stdout)
        for _ in range(rounds)
    ]
    found: dict[str, Any] = {
        name: round(statistics.median(each[name] for each in said), 3) for name in said[0]
    }
    found["rounds"] = rounds
    return found


def markdown(results: dict[str, Any]) -> str:
    """The table, and how it was measured."""
    lines = [
        "| files | text | load | lint | plan | process | a file | peak memory |",
        "|---|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {row['files']:,} | {row['bytes'] / 1e6:.0f} MB | {row['load']:.2f} s "
        f"| {row['lint']:.2f} s | {row['plan']:.2f} s | {row['cpu_seconds']:.2f} s "
        f"| {1000 * row['cpu_seconds'] / row['files']:.2f} ms | {row['megabytes']:.0f} MB |"
        for row in results["rows"]
    ]
    limits = results["limits"]
    lines += [
        "",
        f"Goal: {limits['files']:,} files in under {limits['seconds']:.0f} s and "
        f"{limits['megabytes']:.0f} MB. CPU and peak memory are those of a whole process, "
        "interpreter included; load, lint and plan are CPU seconds within it. The texts stay in "
        "memory, since the plan shows them.",
    ]
    return "\n".join(lines)


def plots(results: dict[str, Any]) -> dict[str, str]:
    """CPU by the number of files, if there is something to draw with."""
    try:
        from benchmarks import svg
    except ImportError:
        return {}
    draw = getattr(svg, "lines", None)
    if draw is None:
        return {}
    rows = results["rows"]
    steps = {
        name: [(row["files"], row[key]) for row in rows]
        for name, key in (("whole process", "cpu_seconds"), ("load", "load"), ("plan", "plan"))
    }
    return {"load.svg": draw("Load, lint and plan", "files", "CPU seconds", steps)}


def repeated(folder: Path, root: Path, count: int = FILES) -> int:
    """Copy the markdown of a folder's projects below ``root`` until there are ``count`` files."""
    made = copy = 0
    while made < count:
        for source, below in _projects(folder):
            target = root / str(copy) / below
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
            made += 1
            if made == count:
                break
        if not made:
            raise SystemExit(f"no markdown below {folder}")
        copy += 1
    return made


def _projects(folder: Path) -> Iterator[tuple[Path, Path]]:
    for path in sorted(folder.rglob("*.md")):
        if path.is_file():
            yield path, path.relative_to(folder)


def main(arguments: Sequence[str]) -> None:
    """Print the table for the files made here, or for the folders that are named."""
    folders = [Path(each) for each in arguments if not each.startswith("--")]
    if not folders:
        found = run(quick="--quick" in arguments, say=lambda line: print(line, file=sys.stderr))
        print(markdown(found))
    for folder in folders:
        with tempfile.TemporaryDirectory() as place:
            made = repeated(folder, Path(place))
            print(json.dumps({"files": made, **measure(Path(place), 3)}))


if __name__ == "__main__":
    main(sys.argv[1:])
