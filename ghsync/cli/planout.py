"""``--out``: the plan of a dry run as a file for ``ghsync apply``."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

import click

from ghsync.cli import output
from ghsync.errors import UsageError
from ghsync.model import Run

option = click.option(
    "--out",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="With --dry-run: keep the plan in this file, for `ghsync apply`; - is stdout.",
)


def ready(out: Path | None, *, dry_run: bool, as_json: bool) -> None:
    """Refuse what cannot be, before anything is read. Raises :class:`UsageError`."""
    if out is None:
        return
    if not dry_run:
        raise UsageError(
            "--out keeps the plan of a dry run, and this push would carry it out.",
            hint="Add --dry-run; `ghsync apply FILE` carries it out later.",
        )
    if not on_stdout(out):
        from ghsync.saving import check_place

        check_place(out)
    elif as_json:
        raise UsageError(
            "--out - and --json both want stdout.", hint="Name a file for one of them."
        )


def on_stdout(out: Path | None) -> bool:
    """Whether the plan goes to stdout, in place of what is shown there."""
    return str(out) == "-"


def write(out: Path | None, run: Run) -> None:
    """Keep the plan, unless it is refused anyway."""
    if out is None or run.error is not None:
        return
    from ghsync import saving

    if not on_stdout(out):
        saving.save(run, out)
        return
    from ghsync.planfile import encode

    text = encode(saving.saved_plan(run))
    sys.stdout.flush()
    click.echo(text.encode(), nl=False)


def tell(out: Path | None, run: Run) -> None:
    """Say on stderr where the plan is, or why it is nowhere."""
    if out is None:
        return
    if run.error is not None:
        output.note("no plan was saved: it would be refused")
    elif not on_stdout(out):
        output.note(f"the plan is in {out}; `ghsync apply {shlex.quote(str(out))}` carries it out")
