"""``init``: look at a folder, name what was found, write a commented configuration."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ghsync.cli import options, output
from ghsync.errors import ConfigError, ExitCode, GhsyncError, UsageError
from ghsync.report import safe, words
from ghsync.wholefile import how_to_write, leads_away, write_new, write_whole

if TYPE_CHECKING:
    from ghsync.config import Config
    from ghsync.loader import Detected
    from ghsync.model import Loaded

_PLACES = 5
"""Folders of one layout that are named; the others are counted."""
_EXAMPLES = 2
"""Items of a layout whose titles are shown, so that a person sees that they are the right ones."""


@click.command()
@options.root
@click.option("-n", "--dry-run", is_flag=True, help="Say what was found, and write nothing.")
@click.option("--force", is_flag=True, help="Replace what is there, also where it was edited.")
@click.option("--print", "only_print", is_flag=True, help="Print the file instead of writing it.")
@click.option(
    "--skill",
    is_flag=True,
    help="Write the skill file that teaches a coding agent, in place of a ghsync.toml.",
)
def init(root: Path, *, dry_run: bool, force: bool, only_print: bool, skill: bool) -> int:
    """Look at ROOT, say which layouts it holds, and write a commented ghsync.toml there.

    With --skill, put a SKILL.md where the coding agents that are used in ROOT look for one.
    """
    if skill:
        return _skill(root, dry_run=dry_run, force=force, only_print=only_print)
    from ghsync.config.inittext import init_text
    from ghsync.loader import detect

    if not only_print:
        _refuse(root, force=force or dry_run)
    config = _config(root)
    found = detect(root)
    named = sorted({each.layout for each in found})
    text = init_text(root, named, repo=str(config.repo) if config and config.repo else None)
    if only_print:
        click.echo(text, nl=False)
        return ExitCode.DONE
    for line in _found(root, found, config):
        click.echo(line)
    path = root / "ghsync.toml"
    if not dry_run:
        _write(path, text, force=force)
    click.echo(f"{'would write' if dry_run else 'wrote'} {safe.line(str(path))}")
    for line in _next(root, found):
        click.echo(line)
    return ExitCode.DONE


# ------------------------------------------------------------------------- what there is


def _config(root: Path) -> Config | None:
    """What is known without the file that is to be written; ``None`` where one is broken."""
    from ghsync.config import load_config

    try:
        return load_config(root, options={}, env=os.environ)
    except ConfigError as error:
        output.note(f"what is there is not used: {error.message}")
        return None


def _found(root: Path, found: Sequence[Detected], config: Config | None) -> Iterator[str]:
    """What was recognised, with a few titles, and what lint says of it in short."""
    if config is not None and config.repo is not None:
        source = config.sources["repo"].value
        yield f"repository: {safe.line(str(config.repo))} ({source})"
    else:
        yield "repository: none is named yet: set `repo`, or give --repo OWNER/NAME"
    if not found:
        yield "no layout is recognised here: one of your own stands at the end of the file"
        return
    from ghsync.loader import load

    loaded = load(root, config.load_options if config is not None else None)
    for layout in dict.fromkeys(each.layout for each in found):
        places = [each for each in found if each.layout == layout]
        for each in places[:_PLACES]:
            yield _place(each, loaded)
        rest = places[_PLACES:]
        if rest:
            count = words.count(sum(each.items for each in rest), "item")
            folders = words.count(len(rest), "folder")
            yield f"found {layout} in {folders} more: {count}"
    yield from _findings(loaded, config)


def _place(found: Detected, loaded: Loaded) -> str:
    inside = f"{found.base}/" if found.base else ""
    mine = [
        item
        for item in loaded.items
        if item.layout == found.layout and item.path.startswith(inside)
    ]
    titles = ", ".join(f'"{_short(item.title)}"' for item in mine[:_EXAMPLES])
    more = ", …" if len(mine) > _EXAMPLES else ""
    count = words.count(found.items, "item")
    base = safe.line(found.base or ".")
    return f"found {found.layout} in {base}: {count}{f': {titles}{more}' if titles else ''}"


def _findings(loaded: Loaded, config: Config | None) -> Iterator[str]:
    from ghsync.lint import LintSettings, check
    from ghsync.report.findings import totals

    if loaded.not_items:
        count = words.count(len(loaded.not_items), "markdown file")
        yield f"left out: {count} beside the items; `ghsync items` says why"
    settings = LintSettings() if config is None else config.lint_settings
    findings = check(loaded, settings=settings).findings
    if findings:
        text = "".join(part for part, _ in totals(findings).spans)
        yield f"lint: {text}; `ghsync lint` lists them"


def _short(title: str) -> str:
    text = safe.line(title)
    return text if len(text) <= 40 else f"{text[:39]}…"


def _next(root: Path, found: Sequence[Detected]) -> Iterator[str]:
    """The commands that follow, as they are to be typed."""
    where = "" if root == Path() else f" {shlex.quote(safe.line(str(root)))}"
    if not found:
        yield f"next: set the globs in the file, then: ghsync items{where}"
        return
    yield f"next: ghsync items{where}"
    yield f"      ghsync push --sandbox{where}  (a rehearsal: no token, nothing on GitHub)"
    yield f"      ghsync push --dry-run{where}  (the plan; then the same without --dry-run)"
    yield "A push makes .ghsync/; commit its map.json, which says which file is which issue."
    yield f"A coding agent writes the files? ghsync init --skill{where}"


# ------------------------------------------------------------------------------- writing


def _refuse(root: Path, *, force: bool) -> None:
    """Refuse a home folder, which is no project, and settings that are there already."""
    if not root.is_dir():
        return  # the loader says so
    real = root.resolve()
    home = Path(os.path.expanduser("~")).resolve()  # noqa: PTH111 (Path.home raises without one)
    if real in (home, Path(real.anchor)) and not (real / ".git").exists() and not force:
        raise UsageError(
            f"{real} is no project's folder.",
            hint="Name the repository's: ghsync init FOLDER. (--force takes this one.)",
        )
    if (root / "ghsync.toml").exists() and not force:
        raise UsageError(
            f"{root / 'ghsync.toml'} is there already.",
            hint="--force replaces it; --print shows what it would be.",
        )
    if not force and _in_pyproject(root):
        raise UsageError(
            f"{root / 'pyproject.toml'} has settings in [tool.ghsync] already, which a ghsync.toml "
            "would put out of force.",
            hint="Add to that table what `ghsync init --print` shows; --force writes the file.",
        )


def _in_pyproject(root: Path) -> bool:
    from ghsync.config.tomlfile import read_settings

    try:
        return read_settings(root) is not None
    except GhsyncError:
        return False


def _write(path: Path, text: str, *, force: bool) -> None:
    if leads_away(path):
        raise UsageError(
            f"{path} is a link that leads to another folder.", hint="Replace the link."
        )
    try:
        if force:
            write_whole(path, text.encode())
        else:
            write_new(path, text.encode())
    except FileExistsError:
        raise UsageError(
            f"{path} is there already.", hint="--force replaces it; --print shows what it would be."
        ) from None
    except OSError as error:
        raise UsageError(
            f"{path} cannot be written: {error.strerror}", hint=how_to_write(error)
        ) from error


def _skill(root: Path, *, dry_run: bool, force: bool, only_print: bool) -> int:
    from ghsync import skill

    if only_print:
        click.echo(skill.text(), nl=False)
        return ExitCode.DONE
    if not root.is_dir():
        raise UsageError(f"{root} is not a folder", hint="Name the repository's folder.")
    for each in skill.place(root, force=force, dry_run=dry_run):
        path = safe.line(str(each.path))
        match each.state:
            case "written" | "updated":
                click.echo(f"{'would write' if dry_run else each.state} {path}")
            case "there":
                click.echo(f"{path} is up to date")
            case "changed":
                click.echo(f"{path} was edited here and is left as it is")
                output.note("--skill --print shows the present text, --skill --force replaces it")
    return ExitCode.DONE
