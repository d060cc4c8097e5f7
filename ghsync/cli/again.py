"""``retry`` and ``undo``: go on with what failed, or take back what a run did."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import click

from ghsync import sync
from ghsync.cli import complete, confirm, options, output, picture, running
from ghsync.cli.push import show
from ghsync.errors import ExitCode, RefusedError
from ghsync.model import Run
from ghsync.outcome import exit_code_of
from ghsync.report import words


@click.command()
@options.root
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
def retry(
    root: Path,
    *,
    yes: bool,
    html: Path | None,
    as_json: bool,
    verbose: bool,
    quiet: bool,
    **settings: object,
) -> int:
    """Push only what failed in the last push of ROOT, and what that needs."""
    picture.ready(html)
    config = options.configure(root, **settings, confirm=False if yes else None)
    with running.observer(quiet=quiet or as_json, verbose=verbose, virtual=config.sandbox) as (
        seen,
        _,
    ):
        ask = confirm.asker(config, as_json=as_json, pause=seen.pause)
        run = running.finish(
            lambda around: sync.retry(config, replace(around, confirm=ask)),
            command="retry",
            on_event=seen,
        )
    code = picture.write(html, run, config, exit_code_of(run))
    show(run, as_json=as_json, verbose=verbose)
    return code


@click.command()
@click.argument("run", required=False, metavar="[RUN]", shell_complete=complete.run_ids)
@click.option("--root", default=".", type=click.Path(path_type=Path), help="The folder.")
@click.option("-n", "--dry-run", is_flag=True, help="Show the plan alone.")
@click.option("-y", "--yes", is_flag=True, help="Do not ask.")
@options.remote
@picture.option
@options.as_json
@options.verbose
@options.quiet
def undo(
    run: str | None,
    *,
    root: Path,
    dry_run: bool,
    yes: bool,
    html: Path | None,
    as_json: bool,
    verbose: bool,
    quiet: bool,
    **settings: object,
) -> int:
    """Take back what a push did: RUN, as `ghsync runs` names it, or the last one.

    Fields are restored where nobody has touched them since; what was created is closed. The plan
    is shown first.
    """
    picture.ready(html)
    config = options.configure(root, **settings)

    def once(dry: bool) -> Run:
        with running.observer(quiet=quiet or as_json, verbose=verbose, virtual=config.sandbox) as (
            seen,
            _,
        ):
            return running.finish(
                lambda around: sync.undo(config, around, run, dry_run=dry),
                command="undo",
                on_event=seen,
            )

    if dry_run or not yes:
        planned = once(dry=True)
        asked = bool(planned.results) and not dry_run
        if (asked and not as_json) or dry_run:
            show(planned, as_json=as_json, verbose=verbose)
        if dry_run:
            return picture.write(html, planned, config, exit_code_of(planned))
        if asked and not (_on_a_terminal(as_json) and click.confirm(_question(planned), err=True)):
            return picture.write(html, planned, config, _left(planned, as_json))
    done = once(dry=False)
    code = picture.write(html, done, config, exit_code_of(done))
    show(done, as_json=as_json, verbose=verbose)
    return code


def _question(planned: Run) -> str:
    return f"Take back {words.count(planned.total, 'operation')}?"


def _on_a_terminal(as_json: bool) -> bool:
    """Whether a person can be asked, with the plan in view."""
    return not as_json and sys.stdin.isatty() and sys.stdout.isatty()


def _left(planned: Run, as_json: bool) -> ExitCode:
    """Say that nothing was taken back; the document holds the plan and this error."""
    error = RefusedError(
        "Nothing was taken back: nobody has agreed to it.", hint="If the plan is right, add --yes."
    )
    if as_json:
        show(replace(planned, error=error, stopped=error.message), as_json=True, verbose=False)
    else:
        output.error(error.message, error.hint)
    return error.exit_code
