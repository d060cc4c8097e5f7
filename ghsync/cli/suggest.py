"""What somebody may have meant by a command that there is not."""

from __future__ import annotations

import re
from difflib import get_close_matches

import click

_ELSEWHERE = {
    "plan": "push --dry-run",
    "preview": "push --dry-run",
    "dry-run": "push --dry-run",
    "check": "lint",
    "validate": "lint",
    "list": "items",
    "ls": "items",
    "config": "init --print",
    "settings": "init --print",
    "setup": "init",
    "history": "runs",
    "log": "runs",
    "resume": "push",
    "revert": "undo",
    "rollback": "undo",
    "link": "map adopt",
    "import": "map import",
    "adopt": "map adopt",
    "forget": "map forget",
    "rebuild": "map rebuild",
    "show": "map show",
    "serve": "sandbox serve",
    "reset": "sandbox reset",
    "pause": "runs pause",
    "cancel": "runs cancel",
    "help": "--help",
    "version": "--version",
}
"""Words that other tools have for what ghsync has, and words of its own groups."""


def instead(error: click.ClickException) -> str | None:
    """The command line that was meant, as far as it can be guessed; ``None`` if it cannot."""
    context: click.Context | None = getattr(error, "ctx", None)
    if context is None or not isinstance(context.command, click.Group):
        return None
    unknown = re.fullmatch(r"No such command '(.*)'\.", error.format_message(), re.DOTALL)
    if unknown is None:
        return None
    word = unknown[1].casefold()
    near = get_close_matches(word, context.command.list_commands(context), n=1)
    if near:
        return f"{context.command_path} {near[0]}"
    if context.parent is None and word in _ELSEWHERE:
        return f"{context.command_path} {_ELSEWHERE[word]}"
    return None
