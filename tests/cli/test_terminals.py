"""What a real terminal is sent: no row wider than it, no colour that was not wanted, no escape."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from pathlib import Path

import pytest
from cli_kit import EPIC, environment, make_shop
from rich.cells import cell_len

TITLES = (
    "購入フロー：パスワードなしで購入できるようにする（ゲスト購入）と配送先住所の入力画面の改善",
    "Combining e\u0301 x\u0302 and اللغة and 🇩🇪 ❤️ 👩‍👩‍👧 in one long title that is to be broken",
    "x" * 200,
    "[red]no markup[/red] :smile: ::error::no command",
)
ESCAPE = "\x1b"
COLOUR = re.compile(r"\x1b\[(?:\d+;)*(?:3\d|4\d|9\d|10\d)[;m\d]*")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """An epic whose tasks have titles that are hard to show."""
    make_shop(tmp_path, 0)
    for number, title in enumerate(TITLES, 1):
        text = f'---\nname: "{title}"\nstatus: open\n---\n\nText.\n'
        (tmp_path / EPIC / f"{number:03d}.md").write_text(text, encoding="utf-8")
    return tmp_path


def on_a_terminal(root: Path, *arguments: str, columns: int = 80, **settings: str) -> str:
    """What a terminal of so many columns is sent."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    unset = ("COLUMNS", "NO_COLOR", "FORCE_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "CI")
    env = {name: text for name, text in environment().items() if name not in unset}
    env |= {"TERM": "xterm-256color", "LC_ALL": "C.UTF-8", **settings}
    process = subprocess.Popen(
        [sys.executable, "-m", "ghsync", *arguments],
        cwd=root,
        env=env,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    sent = b""
    try:
        while part := os.read(ours, 65536):
            sent += part
    except OSError:  # the other end is closed
        pass
    finally:
        os.close(ours)
        process.wait()
    return sent.decode()


@pytest.mark.parametrize(
    ("command", "columns"),
    [("push -n", 40), ("push -n", 80), ("push -n", 200), ("items", 40), ("--help", 40)],
)
def test_no_row_is_wider_than_the_terminal(project: Path, command: str, columns: int) -> None:
    """Whatever the titles are made of."""
    shown = on_a_terminal(project, *command.split(), columns=columns, NO_COLOR="1")
    rows = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", shown).replace("\r", "").split("\n")
    assert len(rows) > 8
    assert max(map(cell_len, rows)) <= columns, [row for row in rows if cell_len(row) > columns]
    assert "[red]no markup[/red]" in shown or command == "--help"


def test_a_dumb_terminal_gets_plain_text(project: Path) -> None:
    """No escape at all, also while a push goes on."""
    shown = on_a_terminal(project, "push", "--sandbox", TERM="dumb")
    assert ESCAPE not in shown
    assert "Done: 5 created" in shown


@pytest.mark.parametrize("setting", [{"NO_COLOR": "1"}, {"CLICOLOR": "0"}])
def test_who_wants_no_colour_gets_none(project: Path, setting: dict[str, str]) -> None:
    """In the result and in the progress; with neither setting there is some."""
    assert not COLOUR.search(on_a_terminal(project, "push", "--sandbox", **setting))


def test_a_terminal_gets_colour(project: Path) -> None:
    """The same without the settings, so that the test above can fail."""
    assert COLOUR.search(on_a_terminal(project, "push", "--sandbox"))
