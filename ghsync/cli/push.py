"""``push``: the main job, and with ``--dry-run`` its preview."""

from __future__ import annotations

import sys
import time
from dataclasses import replace
from pathlib import Path

import click

from ghsync.cli import confirm, options, output, picture, planout, running
from ghsync.config import Config
from ghsync.errors import DeclinedError, UsageError
from ghsync.model import Run


@click.command()
@options.root
@click.option("-n", "--dry-run", is_flag=True, help="Show every write, and make none.")
@click.option(
    "--detailed-exitcode", is_flag=True, help="With --dry-run: exit 10 when writes are pending."
)
@options.remote
@options.strict
@options.archived
@options.selecting
@options.carrying
@options.yes
@options.events
@picture.option
@planout.option
@options.as_json
@options.verbose
@options.quiet
def push(
    root: Path,
    *,
    dry_run: bool,
    detailed_exitcode: bool,
    yes: bool,
    events: Path | None,
    html: Path | None,
    out: Path | None,
    as_json: bool,
    verbose: bool,
    quiet: bool,
    **settings: object,
) -> int:
    """Bring GitHub's issues to the files under ROOT.

    Without a token, `--sandbox` pushes to the embedded GitHub. What was pushed is remembered in
    .ghsync/map.json, which is meant to be committed.
    """
    from ghsync import sync  # not at the top: --help and a shell's completion need none of it
    from ghsync.outcome import exit_code_of

    if detailed_exitcode and not dry_run:
        raise UsageError(
            "--detailed-exitcode says whether writes are pending, which only a dry run can.",
            hint="Add --dry-run.",
        )
    picture.ready(html)
    planout.ready(out, dry_run=dry_run, as_json=as_json)
    config = options.configure(root, **settings, confirm=False if yes else None)
    with running.observer(
        quiet=quiet or as_json, verbose=verbose, virtual=config.sandbox, events=events
    ) as (seen, file):
        run = _preview(config, seen) if dry_run else None
        if run is None:
            ask = confirm.asker(config, as_json=as_json, pause=seen.pause)
            run = running.finish(
                lambda around: sync.push(config, replace(around, confirm=ask), dry_run=dry_run),
                command="push",
                on_event=seen,
            )
        if file is not None:
            file.end(run)
    code = picture.write(html, run, config, exit_code_of(run, detailed=detailed_exitcode))
    planout.write(out, run)
    if run.error is not None or not planout.on_stdout(out):
        show(run, as_json=as_json, verbose=verbose)
    if not quiet:
        planout.tell(out, run)
    return code


def _preview(config: Config, on_event: running.Observer) -> Run | None:
    """The dry run without GitHub: nothing is waited for, so no event loop is started for it."""
    from ghsync import sync

    return sync.preview(config, sync.Surroundings(on_event=on_event, command="push"))


def show(run: Run, *, as_json: bool, verbose: bool) -> None:
    """Print a run: the document, or the plan or summary and why it stopped."""
    if isinstance(run.error, DeclinedError):  # the plan has just been shown
        output.error(run.error.message, run.error.hint)
        return
    if as_json:
        from ghsync.report.jsonout import run_document

        output.document(run_document(run))
    else:
        from ghsync.report.text import plan_view, run_summary

        planned = run.dry_run or (run.error is not None and not run.spent.writes)
        output.view(
            plan_view(run, now=time.time(), verbose=verbose)
            if planned
            else run_summary(run, verbose=verbose)
        )
    if run.error is not None and (as_json or not sys.stdout.isatty()):
        # On a terminal the view has just said it.
        output.error(run.error.message, run.error.hint)
