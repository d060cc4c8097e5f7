"""Options that several commands share, and from them the configuration."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import click

from ghsync.cli import complete, logfile
from ghsync.config import Config, load_config
from ghsync.model import Kind

F = TypeVar("F", bound=Callable[..., Any])

root = click.argument(
    "root",
    required=False,
    default=".",
    type=click.Path(path_type=Path),
    shell_complete=complete.folders,
)
layout = click.option(
    "--layout",
    multiple=True,
    metavar="NAME",
    help="Use these layouts only (repeatable).",
    shell_complete=complete.layouts,
)
repo = click.option("--repo", metavar="OWNER/NAME", help="The repository on GitHub.")
token_file = click.option(
    "--token-file",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Read the token from this file.",
)
sandbox = click.option(
    "--sandbox",
    is_flag=True,
    default=None,
    help="Use the embedded GitHub in .ghsync/sandbox.",
)
limits = click.option(
    "--limits",
    type=click.Choice(["github", "ghes", "cautious", "none"]),
    help="The limits to keep to (and that the sandbox enforces).",
)
strict = click.option(
    "--strict", is_flag=True, default=None, help="Exit 3 on any error or warning; send nothing."
)
archived = click.option(
    "--archived", is_flag=True, default=None, help="Create issues for archived items, too."
)
yes = click.option("-y", "--yes", is_flag=True, help="Do not ask before anything is sent.")
as_json = click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
verbose = click.option("-v", "--verbose", is_flag=True, help="Show everything, fold nothing.")
quiet = click.option("-q", "--quiet", is_flag=True, help="Say nothing on stderr but errors.")
events = click.option(
    "--events",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write what happens to this file while it happens, as NDJSON.",
)
log_file = click.option(
    "--log-file",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    callback=logfile.begin,
    expose_value=False,
    is_eager=True,
    help="Add to this file, as NDJSON, every request sent, every record made and every wait.",
)

_CARRYING = (
    click.option(
        "--on-conflict",
        type=click.Choice(["skip", "local", "remote"]),
        help="Who wins a field that both sides changed.",
    ),
    click.option(
        "--write-back",
        is_flag=True,
        default=None,
        help="Write each issue's URL or number into its file, as the layout does.",
    ),
    click.option(
        "--prune", is_flag=True, default=None, help="Close the issues whose files are gone."
    ),
    click.option(
        "--allow-changes",
        metavar="N",
        type=click.IntRange(min=0),
        help="Let a large change through.",
    ),
    click.option(
        "--allow-dropped",
        is_flag=True,
        default=None,
        help="Go on where the token may not set labels, assignees or milestones.",
    ),
    click.option(
        "--on-error",
        type=click.Choice(["continue", "stop", "rollback"]),
        help="After a failed operation: go on, stop, or take back this run.",
    ),
    click.option(
        "--max-failures",
        metavar="N",
        type=click.IntRange(min=1),
        help="Stop after so many failed operations.",
    ),
    click.option(
        "--remote-lock/--no-remote-lock",
        default=None,
        help="Lock out other machines while issues are created (default: yes).",
    ),
    click.option(
        "--concurrency",
        metavar="N",
        type=click.IntRange(min=1),
        help="Operations under way at once.",
    ),
    click.option(
        "--reserve",
        metavar="N",
        type=click.IntRange(min=0),
        help="Requests of the hourly limit to leave for others.",
    ),
    click.option(
        "--settle", metavar="SECONDS", help="Wait before an unclear create is sought again."
    ),
    click.option("--max-time", metavar="TIME", help="Stop in time, resumable: 50m, 2h, 90s."),
)
"""How a plan is carried out, in the order of the help."""


def carrying(command: F) -> F:
    """Add what every command that pushes takes: limits of a run, and what it may do."""
    for option in reversed(_CARRYING):
        command = option(command)
    return command


_NAMING = (
    click.option(
        "--only",
        multiple=True,
        metavar="PATTERN",
        help="These items and what they need: a key, a path, a folder, a name, a glob "
        "(repeatable).",
        shell_complete=complete.keys_and_paths,
    ),
    click.option(
        "--kind",
        multiple=True,
        type=click.Choice([kind.value for kind in Kind]),
        help="Items of this kind and what they need (repeatable).",
    ),
)
_LIMIT = click.option(
    "--limit",
    metavar="N",
    type=click.IntRange(min=1),
    help="Write to at most so many items, the most urgent ones.",
)


def naming(command: F) -> F:
    """Add what says which items a command is about."""
    for option in reversed(_NAMING):
        command = option(command)
    return command


def selecting(command: F) -> F:
    """Add what says which items a push is about, and how many of them."""
    return naming(_LIMIT(command))


def remote(command: F) -> F:
    """Add what every command that talks to GitHub takes."""
    for option in (log_file, limits, sandbox, token_file, repo, layout):
        command = option(command)
    return command


def configure(root: Path, **options: object) -> Config:
    """Settle the configuration from a command's options, the environment and the files."""
    return load_config(root, options=below(root, options), env=os.environ)


def below(root: Path, options: Mapping[str, object]) -> dict[str, object]:
    """A command's options, with each pattern as it is meant below the root."""
    only = options.get("only")
    if not isinstance(only, tuple):
        return dict(options)
    return {**options, "only": tuple(_below(root, str(pattern)) for pattern in only)}


def _below(root: Path, pattern: str) -> str:
    """A pattern that is a path from here (as a shell completes it), as a path from the root."""
    try:
        if os.path.lexists(pattern) and (root != Path() or Path(pattern).is_absolute()):
            return Path(pattern).absolute().relative_to(root.absolute()).as_posix()
    except ValueError:  # a file elsewhere, and perhaps the name of an item in the root
        pass
    return pattern
