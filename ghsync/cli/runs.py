"""``runs``: what earlier runs did; and pause, resume or cancel the one that is under way."""

from __future__ import annotations

from pathlib import Path

import click

from ghsync import control
from ghsync.cli import complete, options, output
from ghsync.errors import ExitCode
from ghsync.store import Action, Store


class _ListByDefault(click.Group):
    """``ghsync runs`` and ``ghsync runs FOLDER`` list, without the word for it."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put ``list`` in front of what is no command's name."""
        first = args[0] if args else "--json"
        named = first in self.commands or first in ("-h", "--help")
        if ctx.resilient_parsing and not args:  # a shell asks what could stand here
            return super().parse_args(ctx, args)
        if not named and (first.startswith("-") or Path(first).is_dir()):
            args = ["list", *args]
        return super().parse_args(ctx, args)


@click.group(cls=_ListByDefault)
def runs() -> None:
    """List the runs; look into one; pause, resume or cancel the one that is under way."""


run_id = click.argument("run_id", metavar="ID", shell_complete=complete.run_ids)
maybe_run_id = click.argument(
    "run_id", metavar="[ID]", required=False, shell_complete=complete.run_ids
)


@runs.command("list", short_help="List the runs of ROOT, newest first.")
@options.root
@options.as_json
def list_runs(root: Path, *, as_json: bool) -> int:
    """List the runs of ROOT, newest first; the newest hundred are kept."""
    found = control.runs(_store(root))
    if as_json:
        from ghsync.report.historyout import runs_document

        output.document(runs_document(found))
    else:
        from ghsync.report.text import runs_view

        output.view(runs_view(found))
    return ExitCode.DONE


@runs.command("show", short_help="Show one run: its audit trail.")
@run_id
@options.root
@options.as_json
@options.verbose
def show(run_id: str, root: Path, *, as_json: bool, verbose: bool) -> int:
    """Show who ran what, and each request: the audit trail of one run.

    ID is a run's id, the beginning of one, or `last`.
    """
    record = control.find(_store(root), run_id)
    if as_json:
        from ghsync.report.historyout import run_show_document

        output.document(run_show_document(record))
    else:
        from ghsync.report.text import run_view

        output.view(run_view(record, verbose=verbose))
    return ExitCode.DONE


@runs.command("stats", short_help="Sum up the runs of ROOT.")
@options.root
@options.as_json
def stats(root: Path, *, as_json: bool) -> int:
    """Sum up the runs of ROOT: pace, errors, retries, waits, and each kind of operation."""
    from ghsync.history import statistics

    found = statistics(control.runs(_store(root), brief=False))
    if as_json:
        from ghsync.report.historyout import runs_stats_document

        output.document(runs_stats_document(found))
    else:
        from ghsync.report.text import stats_view

        output.view(stats_view(found))
    return ExitCode.DONE


@runs.command("pause", short_help="Pause the run that is under way.")
@maybe_run_id
@options.root
def pause(run_id: str | None, root: Path) -> int:
    """Pause the run that is under way: requests under way end, no other is sent."""
    return _ask(Action.PAUSE, run_id, root, "pauses; `ghsync runs resume` goes on")


@runs.command("resume", short_help="Let a paused run go on.")
@maybe_run_id
@options.root
def resume(run_id: str | None, root: Path) -> int:
    """Let a paused run go on."""
    return _ask(Action.RESUME, run_id, root, "goes on")


@runs.command("cancel", short_help="End the run that is under way.")
@maybe_run_id
@options.root
def cancel(run_id: str | None, root: Path) -> int:
    """End the run that is under way, paused or not; the next push goes on from there."""
    return _ask(Action.CANCEL, run_id, root, "ends; the next `ghsync push` goes on where it ended")


def _ask(action: Action, run_id: str | None, root: Path, then: str) -> int:
    asked = control.ask(_store(root), action, run_id)
    click.echo(f"{asked} {then}")
    return ExitCode.DONE


def _store(root: Path) -> Store:
    return Store.open(options.configure(root).root)
