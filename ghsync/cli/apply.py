"""``apply``: carry out the plan that a dry run kept in a file."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path

import click

from ghsync import applying
from ghsync.cli import confirm, options, output, picture, running
from ghsync.cli.push import show
from ghsync.errors import StalePlanError, WrongRepositoryError
from ghsync.outcome import exit_code_of
from ghsync.report import safe


@click.command()
@click.argument("plan", type=click.Path(path_type=Path))
@options.root
@click.option("-n", "--dry-run", is_flag=True, help="Say whether it can still be applied.")
@options.remote
@options.strict
@options.archived
@options.selecting
@options.carrying
@options.yes
@options.events
@picture.option
@options.as_json
@options.verbose
@options.quiet
def apply(
    plan: Path,
    root: Path,
    *,
    dry_run: bool,
    yes: bool,
    events: Path | None,
    html: Path | None,
    as_json: bool,
    verbose: bool,
    quiet: bool,
    **settings: object,
) -> int:
    """Carry out the plan that `push --dry-run --out PLAN` kept; - is stdin.

    Just what the plan shows is sent, or nothing: if a file, the map or an issue of the plan has
    moved since, it is refused with 5, and each is named. The plan brings the options that it was
    made with; one that was cut off goes on with the same command.
    """
    picture.ready(html)
    found = applying.open_plan(plan, stdin=sys.stdin.buffer)
    settings["confirm"] = False if yes else None
    config = applying.settle(found, root, options=options.below(root, settings), env=os.environ)
    with running.observer(
        quiet=quiet or as_json, verbose=verbose, virtual=config.sandbox, events=events
    ) as (seen, file):
        ask = confirm.asker(config, as_json=as_json, pause=seen.pause)
        run = running.finish(
            lambda around: applying.apply(
                config, replace(around, confirm=ask), found, dry_run=dry_run
            ),
            command="apply",
            on_event=seen,
        )
        if file is not None:
            file.end(run)
    code = picture.write(html, run, config, exit_code_of(run))
    if isinstance(run.error, StalePlanError | WrongRepositoryError) and not as_json:
        stale(run.error)  # the plan that was made now is not the one that anybody asked for
    else:
        show(run, as_json=as_json, verbose=verbose)
    return code


def stale(error: StalePlanError | WrongRepositoryError) -> None:
    """Say why; where the message cannot name everything that moved, list it."""
    moved = error.moved if isinstance(error, StalePlanError) else ()
    if len(moved) > applying.SHOWN:
        for line in moved:
            click.echo(safe.line(line))
    output.error(error.message, error.hint)
