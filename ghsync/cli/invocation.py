"""What one call of ``ghsync`` keeps from its options to its end. Light: every call loads it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from ghsync.cli.logfile import LogFile


class Invocation:
    """click's ``obj``: one for each command line."""

    def __init__(self, arguments: Sequence[str]) -> None:
        self.arguments = tuple(arguments)
        self.log: LogFile | None = None
        """The file of ``--log-file``, once that option was read."""


def log() -> LogFile | None:
    """The log of the command that is running, if it has one."""
    context = click.get_current_context(silent=True)
    found = context.find_object(Invocation) if context is not None else None
    return found.log if found is not None else None
