"""``diff``: what differs between files and issues, field by field."""

from __future__ import annotations

from pathlib import Path

import click

from ghsync import sync
from ghsync.cli import complete, options, output, running
from ghsync.errors import ExitCode
from ghsync.model import Key


@click.command()
@click.argument("keys", nargs=-1, metavar="[KEY]...", shell_complete=complete.keys)
@click.option("--root", default=".", type=click.Path(path_type=Path), help="The folder.")
@options.remote
@options.naming
@options.as_json
@options.verbose
@options.quiet
def diff(
    keys: tuple[str, ...], root: Path, as_json: bool, verbose: bool, quiet: bool, **settings: object
) -> int:
    """Show what a push sends, what a pull brings, and where both sides changed the same.

    Exits 1 where something is in conflict.
    """
    config = options.configure(root, **settings)
    with running.observer(quiet=quiet or as_json, verbose=verbose) as (seen, _):
        found, remote = running.finish(
            lambda around: sync.diff(config, around, [Key(key) for key in keys]),
            command="diff",
            on_event=seen,
        )
    if as_json:
        from ghsync.report.diffout import document

        output.document(document(found, repo=str(config.repo or ""), remote=remote))
    else:
        from ghsync.report.text import diff_view

        output.view(diff_view(found, verbose=verbose))
    return ExitCode.PARTIAL if any(each.conflicts for each in found) else ExitCode.DONE
