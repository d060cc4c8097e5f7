"""``init``: look at a folder, name what was found, write a commented configuration."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from ghsync.cli import options, output
from ghsync.errors import ExitCode, UsageError
from ghsync.report import safe, words


@click.command()
@options.root
@click.option("--force", is_flag=True, help="Replace a ghsync.toml that is there.")
@click.option("--print", "only_print", is_flag=True, help="Print the file instead of writing it.")
def init(root: Path, force: bool, only_print: bool) -> int:
    """Look at ROOT, say which layouts it holds, and write a commented ghsync.toml there."""
    from ghsync.config.inittext import init_text
    from ghsync.loader import detect

    found = detect(root)
    text = init_text(root, sorted({each.layout for each in found}))
    if only_print:
        click.echo(text, nl=False)
        return ExitCode.DONE
    path = root / "ghsync.toml"
    _write(path, text, force=force)
    for each in found:
        base = safe.line(each.base or ".")
        click.echo(f"found {each.layout} in {base}: {words.count(each.items, 'item')}")
    if not found:
        output.note("no layout is recognised here: describe yours at the end of the file")
    click.echo(f"wrote {safe.line(str(path))}")
    where = "" if root == Path() else f" {shlex.quote(safe.line(str(root)))}"
    click.echo(f"next: ghsync items{where}, then ghsync push --sandbox{where}")
    return ExitCode.DONE


def _write(path: Path, text: str, *, force: bool) -> None:
    try:
        with path.open("w" if force else "x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise UsageError(
            f"{path} is there already.", hint="--force replaces it; --print shows what it would be."
        ) from None
    except OSError as error:
        raise UsageError(
            f"{path} cannot be written: {error.strerror}", hint="Make the folder writable."
        ) from error
