"""``pull`` and ``sync``: what changed on GitHub into the files, and both ways."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click

from ghsync import sync
from ghsync.cli import confirm, options, output, picture, running
from ghsync.cli.push import show
from ghsync.errors import ExitCode
from ghsync.outcome import exit_code_of
from ghsync.pulling import Pulled, exit_code_of_pull

_ON_CONFLICT = click.option(
    "--on-conflict",
    type=click.Choice(["skip", "local", "remote"]),
    help="Who wins a field that both sides changed.",
)


@click.command()
@options.root
@click.option("-n", "--dry-run", is_flag=True, help="Show every change of a file, and make none.")
@options.remote
@options.naming
@_ON_CONFLICT
@options.as_json
@options.verbose
@options.quiet
def pull(
    root: Path, *, dry_run: bool, as_json: bool, verbose: bool, quiet: bool, **settings: object
) -> int:
    """Bring what people changed on GitHub into the files under ROOT.

    Only the lines concerned change. A file with uncommitted changes is left alone and named, and
    what both sides changed differently is a conflict. Exits 1 where there is either.
    """
    config = options.configure(root, **settings)
    with running.observer(quiet=quiet or as_json, verbose=verbose) as (seen, _):
        pulled = running.finish(
            lambda around: sync.pull(config, around, dry_run=dry_run),
            command="pull",
            on_event=seen,
        )
    if as_json:
        from ghsync.report.pullout import document

        output.document(document(pulled))
    else:
        _show(pulled, verbose=verbose)
    return exit_code_of_pull(pulled)


@click.command("sync")
@options.root
@click.option("-n", "--dry-run", is_flag=True, help="Show both ways, and change nothing.")
@options.remote
@options.strict
@options.archived
@options.selecting
@options.carrying
@options.yes
@picture.option
@options.as_json
@options.verbose
@options.quiet
def both(
    root: Path,
    *,
    dry_run: bool,
    yes: bool,
    html: Path | None,
    as_json: bool,
    verbose: bool,
    quiet: bool,
    **settings: object,
) -> int:
    """Pull, then push: bring files and issues under ROOT in step, both ways."""
    picture.ready(html)
    config = options.configure(root, **settings, confirm=False if yes else None)
    with running.observer(quiet=quiet or as_json, verbose=verbose, virtual=config.sandbox) as (
        seen,
        _,
    ):
        pulled = running.finish(
            lambda around: sync.pull(config, around, dry_run=dry_run, ahead=True),
            command="pull",
            on_event=seen,
        )
        ask = confirm.asker(config, as_json=as_json, pause=seen.pause)
        run = running.finish(
            lambda around: sync.push(
                config, replace(around, confirm=ask), dry_run=dry_run, after=pulled.after
            ),
            command="push",
            on_event=seen,
        )
    pushed = picture.write(html, run, config, exit_code_of(run))
    if as_json:
        from ghsync.report.pullout import sync_document

        output.document(sync_document(pulled, run))
    else:
        _show(pulled, verbose=verbose)
        show(run, as_json=False, verbose=verbose)
    return pushed if pushed is not ExitCode.DONE else exit_code_of_pull(pulled)


def _show(pulled: Pulled, *, verbose: bool) -> None:
    from ghsync.report.text import pull_view

    output.view(pull_view(pulled, verbose=verbose))
