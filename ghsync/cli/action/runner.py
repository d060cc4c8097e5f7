"""What GitHub's runner reads: its files for outputs and the summary, and commands in the log.

Escaping and the files' format are those of actions/toolkit (``packages/core``).
"""

from __future__ import annotations

import secrets
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from ghsync.report.annotations import message as command


class Runner:
    """The runner of this step; without its files (on a terminal) those words go nowhere."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self._outputs = env.get("GITHUB_OUTPUT", "")
        self._summary = env.get("GITHUB_STEP_SUMMARY", "")

    def outputs(self, values: Mapping[str, str]) -> None:
        """Set the step's outputs. No value can end its own or begin another one."""
        text = "".join(heredoc(name, value) for name, value in values.items())
        _append(self._outputs, text)

    def summary(self, markdown: str) -> None:
        """Show markdown on the run's page; GitHub takes 1 MiB for a step."""
        _append(self._summary, markdown)

    @contextmanager
    def unheard(self) -> Iterator[None]:
        """Print what holds text of files and issues: nothing in it is a command to the runner."""
        word = secrets.token_hex(16)
        say(f"::stop-commands::{word}")
        try:
            yield
        finally:
            say(f"::{word}::")

    def annotate(self, commands: Iterable[str]) -> None:
        """Say workflow commands, each escaped by :mod:`ghsync.report.annotations`."""
        for each in commands:
            say(each)

    def error(self, message: str) -> None:
        """Say what went wrong, on the run's page, too."""
        say(command("error", message))

    def warning(self, message: str) -> None:
        """Say what is worth a look, on the run's page, too."""
        say(command("warning", message))


def heredoc(name: str, value: str) -> str:
    """An output as the runner's file holds it, between two lines that nobody can guess."""
    end = f"ghsync_{secrets.token_hex(16)}"
    return f"{name}<<{end}\n{value}\n{end}\n"


def say(line: str) -> None:
    """Print a line now, so that it stands before what is printed to stderr later."""
    print(line, flush=True)


def _append(path: str, text: str) -> None:
    if path:
        with Path(path).open("a", encoding="utf-8", errors="replace", newline="\n") as file:
            file.write(text)
    sys.stdout.flush()
