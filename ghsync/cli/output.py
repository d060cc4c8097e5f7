"""Printing: views and documents to stdout, notices and errors to stderr."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import click

from ghsync.report import safe

if TYPE_CHECKING:
    from ghsync.report.text import View


_LONGEST = 4000
"""Characters of a message; a value that somebody made to be shown in one can have millions."""


def document(content: Mapping[str, Any]) -> None:
    """Print one JSON document."""
    from ghsync.report.jsonout import dumps

    click.echo(dumps(content))


def view(content: View) -> None:
    """Print a view for the terminal or the pipe that stdout is."""
    from ghsync.report.text import write

    write(content, sys.stdout)


def note(message: str) -> None:
    """Say something on stderr."""
    _talk("ghsync: ", message)


def error(message: str, hint: str = "") -> None:
    """Say what went wrong, and the next step."""
    note(message)
    if hint:
        _talk(" " * 8, hint)


def _talk(lead: str, text: str) -> None:
    """Say a line on stderr; a terminal gets it broken between words, under its own indent."""
    whole = lead + safe.line(text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…")
    try:
        width = os.get_terminal_size(sys.stderr.fileno()).columns
    except (OSError, ValueError):  # no terminal
        width = 0
    if 40 <= width < len(whole):
        from textwrap import fill

        indent = " " * len(lead)
        whole = fill(
            whole,
            width,
            subsequent_indent=indent,
            break_long_words=False,
            break_on_hyphens=False,
            drop_whitespace=True,
        )
    click.echo(whole, err=True)


def notes(messages: Iterable[str]) -> None:
    """Say several things on stderr."""
    for message in messages:
        note(message)
