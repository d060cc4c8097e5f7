"""What ghsync wrote last into which file, by digest: ``written.json``.

A file that still holds just that is nobody's uncommitted work, so a pull may write it again before
anybody has committed it. This is a help and no record: what is lost makes a file that is left
alone until it is committed. So it is written without waiting for the disk, and a damaged one is as
if it were not there.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from ghsync.store.fs import Files, write_atomically

SCHEMA = "ghsync.written/1"
MOST = 50_000
"""Files that are remembered; the ones written longest ago are forgotten first."""


def read_written(files: Files, path: Path) -> dict[str, str]:
    """Digests by path, oldest first; empty where there is nothing that can be understood."""
    try:
        raw = json.loads(files.read(path) or b"null")
        if raw["schema"] != SCHEMA:
            return {}
        return {str(name): str(digest) for name, digest in raw["files"].items()}
    except (OSError, ValueError, TypeError, LookupError, AttributeError, RecursionError):
        return {}


def add_written(files: Files, path: Path, written: Mapping[str, str]) -> None:
    """Remember these, too. Raises ``OSError``."""
    old = read_written(files, path)
    kept = {name: digest for name, digest in old.items() if name not in written} | dict(written)
    newest = dict(list(kept.items())[-MOST:])
    data = json.dumps({"schema": SCHEMA, "files": newest}, indent=0)
    write_atomically(files, path, f"{data}\n".encode(), durable=False)
