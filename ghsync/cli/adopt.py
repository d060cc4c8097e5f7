"""``map import`` and ``map adopt``: take issues that exist as the items' own."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any

import click

from ghsync import adopting
from ghsync.adopting import Adoption
from ghsync.cli import complete, options, output, running
from ghsync.config import Config
from ghsync.errors import ExitCode, GhsyncError, RefusedError, UsageError
from ghsync.importers.judging import Verdict
from ghsync.importers.records import Tool
from ghsync.model import IssueNumber, Key
from ghsync.report import words
from ghsync.surroundings import Surroundings

_ROOT = click.option("--root", default=".", type=click.Path(path_type=Path), help="The folder.")
_DRY = click.option("-n", "--dry-run", is_flag=True, help="Show what was found; adopt nothing.")
_YES = click.option("-y", "--yes", is_flag=True, help="Do not ask.")
_ANY_TITLE = click.option(
    "--any-title", is_flag=True, help="Take issues whose title is another than the item's, too."
)
_NUMBER = re.compile(r"#?([1-9]\d{0,8})$")
Work = Callable[[Surroundings, bool], Coroutine[Any, Any, Adoption]]


@click.command("import", short_help="Take over another tool's issue numbers.")
@click.argument("paths", nargs=-1, metavar="[PATH]...", type=click.Path(path_type=Path))
@_ROOT
@click.option(
    "--from",
    "tool",
    type=click.Choice([tool.value for tool in Tool]),
    help="Read the records of this tool only.",
)
@_DRY
@_YES
@_ANY_TITLE
@options.remote
@options.as_json
@options.verbose
@options.quiet
def import_(
    paths: tuple[Path, ...],
    *,
    root: Path,
    tool: str | None,
    dry_run: bool,
    yes: bool,
    any_title: bool,
    as_json: bool,
    verbose: bool,
    quiet: bool,
    **settings: object,
) -> int:
    """Read what another tool recorded of which file is which issue, and take it into the map.

    PATH is a file or folder of records; without one, those that are known by their names are
    looked for. What was found is shown first. Each issue is verified on GitHub: it exists, is no
    pull request, belongs to no other item, and has the item's title.
    """

    def work(around: Surroundings, dry: bool) -> Coroutine[Any, Any, Adoption]:
        return adopting.import_records(
            config,
            around,
            paths,
            tool=Tool(tool) if tool else None,
            dry_run=dry,
            any_title=any_title,
        )

    config = options.configure(root, **settings)
    show = _Show("map import", as_json=as_json, verbose=verbose, quiet=quiet)
    return _asked(config, show, work, dry_run=dry_run, yes=yes)


@click.command("adopt", short_help="Say which issue is an item's.")
@click.argument(
    "pairs", nargs=-1, metavar="[KEY NUMBER]...", shell_complete=complete.keys_and_numbers
)
@_ROOT
@click.option(
    "--by-title",
    is_flag=True,
    help="Pair items and issues of the same title, if no other has it on either side.",
)
@_DRY
@_YES
@_ANY_TITLE
@options.remote
@options.as_json
@options.verbose
@options.quiet
def adopt(
    pairs: tuple[str, ...],
    *,
    root: Path,
    by_title: bool,
    dry_run: bool,
    yes: bool,
    any_title: bool,
    as_json: bool,
    verbose: bool,
    quiet: bool,
    **settings: object,
) -> int:
    """Take issue NUMBER as the issue of item KEY, once GitHub has been asked.

    With --by-title, pairs are found and shown, and adopted once somebody has agreed.
    """
    if by_title == bool(pairs):
        raise UsageError(
            "Name pairs of KEY and NUMBER, or give --by-title.",
            hint="For example: ghsync map adopt .claude/epics/shop/epic 41",
        )
    config = options.configure(root, **settings)
    show = _Show("map adopt", as_json=as_json, verbose=verbose, quiet=quiet)
    if by_title:
        return _asked(
            config,
            show,
            lambda around, dry: adopting.adopt_by_title(config, around, dry_run=dry),
            dry_run=dry_run,
            yes=yes,
        )
    wanted = _pairs(pairs)

    def work(around: Surroundings, dry: bool) -> Coroutine[Any, Any, Adoption]:
        return adopting.adopt_pairs(config, around, wanted, dry_run=dry, any_title=any_title)

    return show(_run(config, show, work, dry_run))


def _pairs(arguments: Sequence[str]) -> list[tuple[Key, IssueNumber]]:
    """Keys and numbers in turn."""
    found = []
    for key, number in zip(arguments[::2], [*arguments[1::2], None], strict=False):
        match = _NUMBER.match(number or "")
        if match is None:
            said = f"{number!r} is no issue's number" if number else f"no number follows {key}"
            raise UsageError(f"KEY and NUMBER take turns; {said}.", hint="Write 41 or #41.")
        found.append((Key(key.removesuffix(".md")), IssueNumber(int(match.group(1)))))
    return found


class _Show:
    """How a result is shown, and the exit code that it means."""

    def __init__(self, command: str, *, as_json: bool, verbose: bool, quiet: bool) -> None:
        self.command = command
        self.as_json = as_json
        self.verbose = verbose
        self.quiet = quiet

    def __call__(self, adoption: Adoption, error: GhsyncError | None = None) -> int:
        """Print it; 1 where something was left out that a person should look at."""
        from ghsync.report.adoptview import adoption_document, adoption_view

        if self.as_json:
            document = adoption_document(
                adoption.rows,
                command=self.command,
                repo=adoption.repo,
                remote=adoption.remote,
                dry_run=adoption.dry_run,
                error=error,
            )
            output.document(document)
        else:
            output.view(
                adoption_view(adoption.rows, dry_run=adoption.dry_run, verbose=self.verbose)
            )
        return ExitCode.PARTIAL if adoption.left_out else ExitCode.DONE


def _asked(config: Config, show: _Show, work: Work, *, dry_run: bool, yes: bool) -> int:
    """Show what would be adopted, and do it once somebody has agreed."""
    if yes and not dry_run:
        return show(_run(config, show, work, dry_run=False))
    found = _run(config, show, work, dry_run=True)
    many = found.count(Verdict.ADOPT)
    if dry_run or not many:
        return show(found)
    if not show.as_json:
        show(found)
        if sys.stdin.isatty() and sys.stdout.isatty():
            question = f"Adopt {words.count(many, 'issue')}?"
            if click.confirm(question, err=True):
                return show(_run(config, show, work, dry_run=False))
    error = RefusedError(
        "Nothing was adopted: nobody has agreed to it.", hint="If the pairs are right, add --yes."
    )
    if show.as_json:
        show(found, error)
    else:
        output.error(error.message, error.hint)
    return error.exit_code


def _run(config: Config, show: _Show, work: Work, dry_run: bool) -> Adoption:
    with running.observer(
        quiet=show.quiet or show.as_json, verbose=show.verbose, virtual=config.sandbox
    ) as (seen, _):
        return running.finish(
            lambda around: work(around, dry_run), command=show.command, on_event=seen
        )
