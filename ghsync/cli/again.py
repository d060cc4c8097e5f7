"""``retry`` and ``undo``: go on with what failed, or take back what a run did."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from ghsync import sync
from ghsync.cli import options, output, running
from ghsync.cli.push import show
from ghsync.errors import ExitCode
from ghsync.model import Run
from ghsync.outcome import exit_code_of


@click.command()
@options.root
@options.remote
@options.as_json
@options.verbose
@options.quiet
def retry(root: Path, *, as_json: bool, verbose: bool, quiet: bool, **settings: object) -> int:
    """Push only what failed in the last push of ROOT, and what that needs."""
    config = options.configure(root, **settings)
    with running.observer(quiet=quiet or as_json, verbose=verbose) as (seen, _):
        run = running.finish(
            lambda around: sync.retry(config, around), command="retry", on_event=seen
        )
    show(run, as_json=as_json, verbose=verbose)
    return exit_code_of(run)


@click.command()
@click.argument("run", required=False, metavar="[RUN]")
@click.option("--root", default=".", type=click.Path(path_type=Path), help="The folder.")
@click.option("-n", "--dry-run", is_flag=True, help="Show the plan alone.")
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
@options.remote
@options.as_json
@options.verbose
@options.quiet
def undo(
    run: str | None,
    *,
    root: Path,
    dry_run: bool,
    yes: bool,
    as_json: bool,
    verbose: bool,
    quiet: bool,
    **settings: object,
) -> int:
    """Take back what a push did: RUN, as `ghsync runs` names it, or the last one.

    Fields are restored where nobody has touched them since; what was created is closed. The plan
    is shown first.
    """
    config = options.configure(root, **settings)

    def once(dry: bool) -> Run:
        with running.observer(quiet=quiet or as_json, verbose=verbose) as (seen, _):
            return running.finish(
                lambda around: sync.undo(config, around, run, dry_run=dry),
                command="undo",
                on_event=seen,
            )

    if dry_run or not yes:
        planned = once(dry=True)
        if dry_run or not planned.results or not _agreed(planned, verbose, as_json):
            show(planned, as_json=as_json, verbose=verbose)
            return _left(planned, dry_run)
    done = once(dry=False)
    show(done, as_json=as_json, verbose=verbose)
    return exit_code_of(done)


def _agreed(planned: Run, verbose: bool, as_json: bool) -> bool:
    """Ask on a terminal, with the plan in view; elsewhere nobody has agreed."""
    if as_json or not (sys.stdin.isatty() and sys.stdout.isatty()):
        return False
    show(planned, as_json=False, verbose=verbose)
    return click.confirm(f"Take back {planned.total} operations?", err=True)


def _left(planned: Run, dry_run: bool) -> int:
    """The exit code where nothing was taken back."""
    if dry_run or not planned.results:
        return exit_code_of(planned)
    output.error("Nothing was taken back.", "If the plan is right, add --yes.")
    return ExitCode.REFUSED
