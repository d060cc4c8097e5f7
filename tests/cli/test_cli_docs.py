"""The README and the documentation against the tool: what they name exists, what they show runs."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import click
import pytest
from cli_kit import Cli, served

from ghsync.cli.main import cli as ghsync_group

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text("utf-8")
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
FOREIGN = {"--editable", "--retry", "--hostname"}
"""Options of other programs that the pages mention."""


@cache
def commands() -> dict[str, click.Command]:
    """Every command by its words: ``push``, ``map show``."""
    found: dict[str, click.Command] = {}
    todo: list[tuple[str, click.Command]] = [("", ghsync_group)]
    while todo:
        name, command = todo.pop()
        found[name] = command
        if isinstance(command, click.Group):
            context = click.Context(command, info_name="ghsync")
            for word in command.list_commands(context):
                sub = command.get_command(context, word)
                assert sub is not None
                todo.append((f"{name} {word}".strip(), sub))
    return found


def options(command: click.Command) -> set[str]:
    """The options of a command."""
    names = {"--help", "-h"}
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            names |= {*parameter.opts, *parameter.secondary_opts}
    return names


def blocks(text: str, language: str) -> list[str]:
    """The code blocks of a page in this language, or in none."""
    found = re.findall(r"^```(\w*)\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    return [block for name, block in found if name == language]


def shell_lines(text: str) -> Iterator[str]:
    """The ``ghsync`` commands of a page's shell blocks."""
    for block in blocks(text, "sh"):
        for line in block.splitlines():
            if line.startswith("ghsync "):
                yield line.partition("#")[0].strip()


def test_each_command_has_help_that_says_what_it_does() -> None:
    """Every command and option is described; no one-line help is cut off."""
    for name, command in commands().items():
        assert command.help, name
        for parameter in command.params:
            if isinstance(parameter, click.Option):
                assert parameter.help, f"{name} {parameter.opts}"
        for word, sub in getattr(command, "commands", {}).items():
            assert len(sub.get_short_help_str(70)) < 70, f"{name} {word}: give it a short_help"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_options_on_the_pages_exist(page: Path) -> None:
    """Each ``--option`` in backquotes is an option of some command."""
    known = set().union(*(options(command) for command in commands().values())) | FOREIGN
    for code in re.findall(r"`([^`\n]*--[^`\n]*)`", page.read_text("utf-8")):
        if code.startswith(("git ", "python ", "pip ", "make ", ".venv")):
            continue
        for option in re.findall(r"(?<![\w-])--[a-z][a-z-]+", code):
            assert option in known, f"{page.name}: `{code}`"


def test_every_command_is_in_the_readme() -> None:
    """What there is can be found."""
    for name in commands():
        assert name.partition(" ")[0] in README


def test_the_readmes_first_push_runs_as_it_is_written(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From ``items`` over the rehearsal to the real push, on an example, against a server."""
    shutil.copytree(ROOT / "examples/ccpm-shop", cli.root, dirs_exist_ok=True)
    lines = list(shell_lines(README))
    assert lines == [
        "ghsync items",
        "ghsync lint",
        "ghsync push --sandbox",
        "ghsync sandbox reset",
        "ghsync push --dry-run",
        "ghsync push",
    ]
    with served() as server:
        for name, text in server.environment().items():
            monkeypatch.setenv(name, text)
        monkeypatch.setenv("GHSYNC_SETTLE", "0")
        cli.write("ghsync.toml", 'limits = "none"\n')
        for line in lines:
            result = cli(*line.split()[1:])
            assert result.code == 0, f"{line}: {result.out}{result.err}"
        assert len(server.titles) == 12


def test_the_readmes_program_runs(cli: Cli, capsys: pytest.CaptureFixture[str]) -> None:
    """The Python block is a program that works."""
    shutil.copytree(ROOT / "examples/ccpm-shop", cli.root, dirs_exist_ok=True)
    (program,) = blocks(README, "python")
    exec(compile(program, "README.md", "exec"), {})
    assert "operations in" in capsys.readouterr().out


def test_the_readmes_make_targets_exist() -> None:
    """``make demo`` and ``make test`` are there."""
    makefile = (ROOT / "Makefile").read_text("utf-8")
    for target in re.findall(r"^make ([a-z]+)", README, re.MULTILINE):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE)
