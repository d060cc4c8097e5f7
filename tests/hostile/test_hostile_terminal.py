"""What files and GitHub say, on a terminal and in a job's log: shown, never obeyed."""

from __future__ import annotations

import re
import time

import pytest
from cli.cli_kit import EPIC, REPO, Cli, Served

from ghsync.sandbox.people import Person

NOW = time.time() + 3600.0  # after whatever a push has read
RAW = ("\x1b", "\x07", "\x08", "\x9b", "\x9d", "\u202e", "\u2066", "\u200f", "\r", "\x00")
TITLES = {
    "link": "\x1b]8;;https://evil.example\x07click\x1b]8;;\x07",
    "title": "\x1b]0;owned\x07",
    "clear": "\x1b[2J\x1b[H\x9b2J",
    "bidi": "\u202etxt.exe \u2066x\u2069",
    "markup": "[bold red]x[/] [link=https://evil.example]y[/link] [/nothing]",
    "command": "::error file=x::y",
    "old command": "##[error]x ##vso[task.setvariable]",
    "late command": "x" * 90 + " ::set-output name=a::b",
    "cell": "a | b `c` <img src=x onerror=alert(1)> @octo/team #1",
    "erase": "ab\b\b\rcd",
}
COMMANDS = (
    ["items", "-v"],
    ["lint", "-v"],
    ["push", "--dry-run", "-v"],
    ["push", "-v"],
    ["status"],
    ["diff"],
    ["pull", "--dry-run"],
    ["pull"],
    ["map", "show"],
    ["runs"],
    ["runs", "show", "last", "-v"],
    ["doctor"],
    ["undo", "last", "--dry-run"],
)


def harmless(said: str) -> None:
    """Nothing moves a cursor or turns text round; no line is a workflow command."""
    assert not [mark for mark in RAW if mark in said], ascii(said)
    for row in said.splitlines():
        assert not row.lstrip().startswith("::"), row
        assert "##[" not in row, row


@pytest.mark.parametrize("name", TITLES)
def test_nothing_of_a_title_reaches_a_terminal_raw(cli: Cli, github: Served, name: str) -> None:
    """In files, as GitHub's own, as label, milestone, author and text: in every command."""
    text = TITLES[name]
    quoted = "".join(c if c.isprintable() and c not in '"\\' else f"\\u{ord(c):04x}" for c in text)
    cli.shop(1)
    cli.write(
        f"{EPIC}/002.md",
        f'---\nname: "{quoted}"\nstatus: "{quoted}"\nlabels: ["{quoted}"]\nmilestone: "{quoted}"\n'
        f'assignees: ["{quoted}"]\ndepends_on: ["{quoted}"]\n---\n\n{text}\n',
    )
    for command in COMMANDS:
        result = cli(*command)
        assert result.code in (0, 1, 4), (command, result.err)
        harmless(result.out + result.err)
    person = Person(github.github, REPO, login="octo", now=NOW)
    person.edit(1, title=text or "x", body=text, now=NOW)
    child = person.open_issue(text, body=text, labels=("task",), now=NOW)
    person.add_sub_issue(1, child.number, now=NOW)
    for command in COMMANDS:
        result = cli(*command)
        harmless(result.out + result.err)
        assert result.code != 70, result.err


@pytest.mark.parametrize("name", TITLES)
def test_arguments_and_repositories_are_shown_harmless(cli: Cli, name: str) -> None:
    """What somebody pastes as a name, a folder or an id comes back in an error, escaped."""
    cli.shop(1)
    text = TITLES[name].replace("\0", "")
    for command in (
        ["push", "--repo", text],
        ["push", "--only", text, "--sandbox", "-n"],
        ["runs", "show", text],
        ["map", "adopt", text, "1", "--sandbox"],
        ["map", "forget", text],
        ["items", text],
        [text],
        ["push", "--layout", text],
    ):
        result = cli(*command)
        harmless(result.out + result.err)
        assert result.code != 70, result.err


@pytest.mark.parametrize("columns", ["40", "80", "100"])
def test_no_wrapped_row_begins_a_command(
    cli: Cli, monkeypatch: pytest.MonkeyPatch, columns: str
) -> None:
    """A job's log may be painted as on a terminal: lines are broken there, without colours."""
    for name, text in (("FORCE_COLOR", "1"), ("NO_COLOR", "1"), ("COLUMNS", columns)):
        monkeypatch.setenv(name, text)
    cli.shop(0)
    for n in range(1, 40):
        cli.item(f"{EPIC}/{n:03d}.md", "x" * n + " " + "::error::y" * 20)
    for command in (["items", "-v"], ["push", "--sandbox", "-n", "-v"], ["push", "--sandbox"]):
        result = cli(*command)
        for row in result.out.splitlines():
            assert not re.sub(r"\x1b\[[0-9;]*m", "", row).lstrip().startswith("::"), row
