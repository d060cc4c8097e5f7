"""``status`` and ``map``: what is known of the items and their issues."""

from __future__ import annotations

from pathlib import Path

import click

from ghsync import sync, upkeep
from ghsync.cli import complete, options, output, running
from ghsync.cli.adopt import adopt, import_
from ghsync.errors import ExitCode, UsageError
from ghsync.model import Key
from ghsync.report import safe, words


@click.command()
@options.root
@options.remote
@options.naming
@options.as_json
@options.verbose
@options.quiet
def status(root: Path, as_json: bool, verbose: bool, quiet: bool, **settings: object) -> int:
    """Say for each item under ROOT whether its issue is in step with it."""
    config = options.configure(root, **settings)
    with running.observer(quiet=quiet or as_json, verbose=verbose) as (seen, _):
        rows, remote = running.finish(
            lambda around: sync.status(config, around), command="status", on_event=seen
        )
    if as_json:
        from ghsync.report.jsonout import status_document

        output.document(status_document(rows, repo=str(config.repo or ""), remote=remote))
    else:
        from ghsync.report.text import status_view

        output.view(status_view(rows, verbose=verbose))
    return ExitCode.DONE


@click.group("map")
def map_group() -> None:
    """Look at the sync map, or mend it."""


map_group.add_command(adopt)
map_group.add_command(import_)


@map_group.command("show")
@options.root
@options.as_json
def show(root: Path, as_json: bool) -> int:
    """Show which file is which issue."""
    config = options.configure(root)
    found = sync.show_map(config)
    if as_json:
        from ghsync.report.jsonout import map_document

        output.document(map_document(found))
    else:
        from ghsync.report.text import map_view

        output.view(map_view(found))
    return ExitCode.DONE


@map_group.command("forget", short_help="Let go of an item's issue.")
@click.argument("keys", nargs=-1, metavar="[KEY]...", shell_complete=complete.mapped_keys)
@click.option("--all", "every", is_flag=True, help="Every item that has an issue.")
@click.option("--root", default=".", type=click.Path(path_type=Path), help="The folder.")
def forget(keys: tuple[str, ...], every: bool, root: Path) -> int:
    """Let go of the issue of an item, so that the next push makes a new one.

    A number ('#12') names an issue; one that has no item is left on GitHub alone by pulls.
    """
    if every == bool(keys):
        raise UsageError("Name the KEYs, or give --all.", hint="`ghsync map show` lists the keys.")
    config = options.configure(root)
    for key, number in upkeep.forget(config, None if every else [Key(key) for key in keys]):
        name = "" if key == f"#{number}" else f"{safe.line(key)}: "
        click.echo(f"{name}#{number} is forgotten")
    return ExitCode.DONE


@map_group.command("rebuild", short_help="Make the map again from the issues' markers.")
@options.root
@click.option(
    "--any-author",
    is_flag=True,
    help="Take markers in issues of people whom GitHub does not count among the repository's own.",
)
@options.remote
@options.as_json
@options.quiet
def rebuild(root: Path, any_author: bool, as_json: bool, quiet: bool, **settings: object) -> int:
    """Make the map again from the markers that the issues on GitHub carry."""
    config = options.configure(root, **settings)
    with running.observer(quiet=quiet or as_json, verbose=False, virtual=config.sandbox) as (
        seen,
        _,
    ):
        rebuilt = running.finish(
            lambda around: sync.rebuild_map(config, around, any_author=any_author),
            command="map rebuild",
            on_event=seen,
        )
    output.notes(rebuilt.notices)
    if as_json:
        from ghsync.report.jsonout import map_document

        output.document(map_document(rebuilt.map))
    else:
        held = words.count(len(rebuilt.map.entries), "item")
        click.echo(f"the map holds {held} of {rebuilt.map.repo}")
    return ExitCode.DONE
