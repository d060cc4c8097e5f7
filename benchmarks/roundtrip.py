"""Push every repository of a folder to the sandbox, pull, and compare the files byte for byte.

``python benchmarks/roundtrip.py FOLDER``, where FOLDER holds one repository a folder. Copies are
used, the originals are only read. Exits 1 where a byte differs, or a second push writes.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

PUSH = ("push", "--sandbox", "--limits", "none", "--yes", "--json")
PULL = ("pull", "--sandbox", "--limits", "none", "--json")


def main() -> int:
    """Print a line for each repository."""
    differing = 0
    for source in sorted(path for path in Path(sys.argv[1]).iterdir() if path.is_dir()):
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder) / "copy"
            shutil.copytree(source, root, symlinks=True, ignore=shutil.ignore_patterns(".git"))
            line, same = _round_trip(root)
        differing += not same
        print(f"{source.name}: {line}")
    return 1 if differing else 0


def _round_trip(root: Path) -> tuple[str, bool]:
    before = _files(root)
    made = _ghsync(root, *PUSH)["totals"]["create"]
    pulled = _ghsync(root, *PULL)["totals"]
    again = _ghsync(root, *PUSH)["spent"]["writes"]
    same = _files(root) == before and again == 0
    changed = pulled["changed"] + pulled["new"]
    return f"{made} created, {changed} files changed by the pull, {again} writes after it", same


def _files(root: Path) -> dict[str, bytes]:
    """Every file but ghsync's own."""
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file() and ".ghsync" not in path.parts
    }


def _ghsync(root: Path, command: str, *options: str) -> dict[str, dict[str, int]]:
    done = subprocess.run(
        [sys.executable, "-m", "ghsync", command, *options],
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
    )
    found: dict[str, dict[str, int]] = json.loads(done.stdout)
    return found


if __name__ == "__main__":
    sys.exit(main())
