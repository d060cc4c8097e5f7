"""``items`` and ``lint``: the files alone, GitHub is not asked."""

from __future__ import annotations

from pathlib import Path

import click

from ghsync.cli import options, output
from ghsync.errors import UsageError
from ghsync.lint import check, exit_code
from ghsync.loader import load


@click.command()
@options.root
@options.layout
@options.as_json
@options.verbose
@options.quiet
def items(root: Path, layout: tuple[str, ...], as_json: bool, verbose: bool, quiet: bool) -> int:
    """List every item under ROOT, and every markdown file that is none, with the reason."""
    config = options.configure(root, layout=layout)
    output.notes(() if quiet else config.notices)
    loaded = load(config.root, config.load_options)
    if as_json:
        from ghsync.report.jsonout import items_document

        output.document(items_document(loaded))
    else:
        from ghsync.report.text import loaded_view

        output.view(loaded_view(loaded, verbose=verbose))
    return exit_code(loaded.findings, strict=False)


@click.command()
@options.root
@options.layout
@options.strict
@click.option(
    "--format",
    "style",
    type=click.Choice(["text", "json", "github"]),
    default="text",
    help="How to print: for people, as JSON, or as annotations for GitHub Actions.",
)
@options.as_json
@options.verbose
@options.quiet
def lint(
    root: Path,
    layout: tuple[str, ...],
    strict: bool | None,
    style: str,
    as_json: bool,
    verbose: bool,
    quiet: bool,
) -> int:
    """Check the files under ROOT against GitHub's limits and the layouts' rules.

    Exits 0, or 1 when there are errors; with --strict 3 for any error or warning.
    """
    if as_json and style == "github":
        raise UsageError("--json and --format github are two outputs.", hint="Give one of them.")
    config = options.configure(root, layout=layout, strict=strict)
    output.notes(() if quiet else config.notices)
    loaded = load(config.root, config.load_options)
    checked = check(loaded, settings=config.lint_settings)
    if as_json or style == "json":
        from ghsync.report.jsonout import lint_document

        count = len(loaded.items)
        output.document(lint_document(checked.findings, items=count, strict=config.strict))
    elif style == "github":
        from ghsync.report.annotations import commands

        prefix = f"{config.inside}/" if config.inside else ""
        for command in commands(checked.findings, prefix=prefix):
            click.echo(command)
    else:
        from ghsync.report.text import lint_view

        count = len(loaded.items)
        output.view(lint_view(checked.findings, items=count, verbose=verbose))
    return exit_code(checked.findings, strict=config.strict)
