"""What somebody in another terminal wants of a run: ``control.json``, a wish and not an order.

The file states how the run should be, not what has happened: as long as it says ``pause``, the run
is paused, so no order is lost or obeyed twice. It is written without the lock, which the run has.
"""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path

from ghsync.model import RunId
from ghsync.store.fs import Files, write_atomically
from ghsync.values import dataclass


class Action(StrEnum):
    """What a run can be asked for."""

    PAUSE = "pause"
    RESUME = "resume"
    CANCEL = "cancel"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """An action, and the run that it is meant for."""

    run: RunId
    action: Action


def read_wish(files: Files, path: Path) -> Wish | None:
    """The wish on the disk; ``None`` where there is none that can be understood."""
    try:
        raw = json.loads(files.read(path) or b"null")
        return Wish(run=RunId(str(raw["run"])), action=Action(raw["action"]))
    except (OSError, ValueError, TypeError, LookupError, RecursionError):
        return None


def write_wish(files: Files, path: Path, wish: Wish) -> None:
    """Put it there. Raises ``OSError``."""
    data = json.dumps({"run": wish.run, "action": wish.action})
    write_atomically(files, path, f"{data}\n".encode(), durable=False)
