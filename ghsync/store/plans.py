"""Which plan files have been begun here, by their checksums: ``plans.json``.

Written before the first request of ``ghsync apply``. A plan that is in it may find its own
work done; for any other plan that is a map that has moved. What cannot be read counts as none:
then a plan that was cut off is refused, and made again.
"""

from __future__ import annotations

import json
from pathlib import Path

from ghsync.store.fs import Files, write_atomically

SCHEMA = "ghsync.plans/1"
MOST = 200
"""Plans that are remembered, the newest."""


def read_plans(files: Files, path: Path) -> list[str]:
    """The checksums of plans that were begun, oldest first."""
    try:
        raw = json.loads(files.read(path) or b"null")
        if raw["schema"] != SCHEMA:
            return []
        return [str(name) for name in raw["begun"]]
    except (OSError, ValueError, TypeError, LookupError, RecursionError):
        return []


def add_plan(files: Files, path: Path, checksum: str) -> None:
    """Remember one more; on return it survives anything. Raises ``OSError``."""
    known = read_plans(files, path)
    if checksum in known:
        return
    data = json.dumps({"schema": SCHEMA, "begun": [*known, checksum][-MOST:]}, indent=0)
    write_atomically(files, path, f"{data}\n".encode())
