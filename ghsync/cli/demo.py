"""``demo``: the examples, pushed to the sandbox in front of the user's eyes."""

from __future__ import annotations

import shutil
import tempfile
from importlib.resources import as_file, files
from pathlib import Path

import click

from ghsync import sync
from ghsync.cli import options, output, running
from ghsync.cli.push import show
from ghsync.errors import ExitCode, InternalError
from ghsync.model import Run
from ghsync.outcome import exit_code_of

_PROJECTS = ("ccpm-shop", "backlog-app", "spec-kit-notes")
_EDITED = Path("ccpm-shop/.claude/epics/guest-checkout/002.md")


@click.command()
@click.option("--keep", is_flag=True, help="Keep the temporary folder, to look at it.")
@options.verbose
def demo(keep: bool, verbose: bool) -> int:
    """Copy the examples to a temporary folder and push them to the embedded GitHub, twice.

    No token and no network are needed. The second push has nothing to do; then one file is
    edited, and the third push updates its issue alone.
    """
    folder = Path(tempfile.mkdtemp(prefix="ghsync-demo-"))
    try:
        code = _demo(folder, verbose)
    finally:
        if not keep:
            shutil.rmtree(folder, ignore_errors=True)
    if keep:
        click.echo(f"The folder is {folder}; see its issues: ghsync sandbox serve {folder}")
    return code


def _demo(folder: Path, verbose: bool) -> int:
    _copy_examples(folder)
    _step(1, "the examples become issues: ghsync push --sandbox")
    first = _push(folder, verbose)
    _step(2, "the same again: nothing is done twice")
    second = _push(folder, verbose)
    _step(3, f"one file is edited: {_EDITED.as_posix()}")
    path = folder / _EDITED
    path.write_text(path.read_text(encoding="utf-8") + _ADDITION, encoding="utf-8")
    _push(folder, verbose, dry_run=True)
    click.echo()
    third = _push(folder, verbose)
    good = first.succeeded and not second.total and third.total == third.succeeded == 1
    if not good:
        raise InternalError("The demo did not do what it should.", hint="Please report it.")
    click.echo("\nNext, in a folder of your own: ghsync items, then ghsync push --sandbox")
    return max(exit_code_of(run) for run in (first, second, third)) or ExitCode.DONE


_ADDITION = "\n## Note\n\n- [ ] The e-mail address is checked before the order is placed.\n"


def _copy_examples(folder: Path) -> None:
    """Copy the example projects, from the package or from the checkout it is installed from."""
    for name in _PROJECTS:
        with as_file(files("ghsync") / "examples" / name) as packaged:
            source = packaged if packaged.is_dir() else _checkout() / "examples" / name
            if not source.is_dir():
                raise InternalError(f"The example {name} is missing.", hint="Install ghsync again.")
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns(".ghsync"))


def _checkout() -> Path:
    return Path(__file__).resolve().parents[2]


def _step(number: int, text: str) -> None:
    from ghsync.report.canvas import BLANK, heading
    from ghsync.report.text import View

    output.view(View(lambda _: (BLANK, heading(f"{number}. {text}"), BLANK)))


def _push(folder: Path, verbose: bool, *, dry_run: bool = False) -> Run:
    config = options.configure(folder, sandbox=True)
    with running.observer(quiet=True, verbose=False) as (seen, _):
        run = running.finish(
            lambda around: sync.push(config, around, dry_run=dry_run), command="push", on_event=seen
        )
    show(run, as_json=False, verbose=verbose)
    return run
