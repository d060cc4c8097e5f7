"""Where an option may write: the files of ``--html``, ``--events`` and ``--log-file``."""

from __future__ import annotations

from pathlib import Path

from ghsync.errors import UsageError
from ghsync.wholefile import leads_away


def check(option: str, path: Path) -> None:
    """Raise :class:`UsageError` for a place that no output of ours belongs in."""
    if str(path) == "-":
        raise UsageError(f"{option} goes to a file; stdout is for the result.", hint="Name a file.")
    if leads_away(path):
        raise UsageError(
            f"{option} {path} is a link that leads to another folder.", hint="Name a file."
        )
    if path.suffix.casefold() == ".md":
        raise UsageError(
            f"{option} {path} is markdown, which ghsync reads as planning files.",
            hint="Name another file; what is in this one would be lost.",
        )
