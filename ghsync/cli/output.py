"""Printing: views and documents to stdout, notices and errors to stderr."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import click

from ghsync.report import safe

if TYPE_CHECKING:
    from ghsync.report.text import View


def document(content: Mapping[str, Any]) -> None:
    """Print one JSON document."""
    from ghsync.report.jsonout import dumps

    click.echo(dumps(content))


def view(content: View) -> None:
    """Print a view for the terminal or the pipe that stdout is."""
    from ghsync.report.text import make_console

    make_console(sys.stdout).print(content)


def note(message: str) -> None:
    """Say something on stderr."""
    click.echo(f"ghsync: {safe.line(message)}", err=True)


def error(message: str, hint: str = "") -> None:
    """Say what went wrong, and the next step."""
    note(message)
    if hint:
        click.echo(f"        {safe.line(hint)}", err=True)


def notes(messages: Iterable[str]) -> None:
    """Say several things on stderr."""
    for message in messages:
        note(message)
