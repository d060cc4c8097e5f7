"""What the pages show in a terminal is what happens."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import click
import pytest
from docs.console import BLOCK, agrees, run_page

from ghsync.cli.main import cli

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PAGES = sorted([ROOT / "README.md", ROOT / "CONTRIBUTING.md", *DOCS.rglob("*.md")])
SHOWN = [page for page in PAGES if "```console\n" in page.read_text("utf-8")]


@pytest.mark.parametrize("page", SHOWN, ids=lambda page: page.stem)
def test_the_page_runs_as_it_says(page: Path, tmp_path: Path) -> None:
    """Each file is written, each command run in order, each output compared."""
    assert run_page(page, tmp_path) == []


def test_there_is_something_to_run() -> None:
    """The tutorial and the guides are among them."""
    assert {"tutorial", "many", "enterprise", "scripts"} <= {page.stem for page in SHOWN}


def commands() -> list[tuple[str, str]]:
    """Each ``ghsync …`` of each page: in blocks of a shell, and as code in a text."""
    found = []
    for page in PAGES:
        if page.name == "CHANGELOG.md":
            continue
        text = page.read_text("utf-8")
        lines = [
            line.removeprefix("$ ").split("  #")[0]
            for block in BLOCK.finditer(text)
            if block.group(1) in {"sh", "bash", "shell", "console"}
            for line in block.group(3).splitlines()
        ]
        lines += re.findall(r"`(ghsync [^`\n]+)`", BLOCK.sub("", text))
        found += [
            (page.relative_to(ROOT).as_posix(), line.strip())
            for line in lines
            if re.match(r"ghsync [a-z-]", line.strip())
        ]
    return sorted(set(found))


def test_every_command_of_every_page_exists() -> None:
    """Each names a command, and options of it."""
    assert [f"{page}: {line}: {why}" for page, line in commands() if (why := fault(line))] == []


def fault(line: str) -> str | None:
    """What is wrong with a command line; ``None`` for one that could be run."""
    words = shlex.split(re.split(r" (?:&&|\|\||[|>&]|2>)|;", line)[0].replace("…", ""))[1:]
    ctx = click.Context(cli)
    command: click.Command | None = cli
    while isinstance(command, click.Group) and words and re.match(r"[a-z]", words[0]):
        name = words.pop(0)
        command = command.get_command(ctx, name)
        if command is None:
            return f"no command {name}"
    assert command is not None
    known = {"--help", "-h", *(o for p in command.params for o in (*p.opts, *p.secondary_opts))}
    asked = {word.split("=")[0] for word in words if re.match(r"--?[a-zA-Z]", word)}
    return f"no option {sorted(asked - known)}" if asked - known else None


def test_an_output_agrees_only_with_itself() -> None:
    """``…`` stands for lines, or for the rest of a line, and for nothing else."""
    assert agrees("a\n…\nd\n", "a\nb\nc\nd\n")
    assert agrees("Done: 3 …\n", "Done: 3 created\n")
    assert not agrees("a\nb\n", "a\nc\n")
    assert not agrees("a\n", "a\nb\n")
    assert not agrees("Done: 3 …\nx\n", "Done: 3\ny\nx\n")
