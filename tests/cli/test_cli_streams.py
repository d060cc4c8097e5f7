"""Streams that are full, closed, narrow or not UTF-8: one clear line, never a traceback."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from cli_kit import EPIC, call, environment, make_shop, start

FULL = Path("/dev/full")
HEAVY = ("asyncio", "httpx", "rich", "sqlite3", "tenacity", "yaml", "github", "ghsync.model")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder with an epic and two tasks."""
    make_shop(tmp_path, 2)
    return tmp_path


def test_help_loads_nothing_heavy(root: Path) -> None:
    """``ghsync --help`` is there at once: no network, no YAML, no terminal library."""
    program = (
        "import sys; from ghsync.cli.main import run; run(['--help']);"
        f"print([name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=root,
        env=environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == "[]\n"


@pytest.mark.skipif(not FULL.exists(), reason="there is no /dev/full here")
@pytest.mark.parametrize("more", [[], ["--json"]], ids=["text", "json"])
def test_full_disk_on_stdout(root: Path, more: list[str]) -> None:
    """What was pushed is pushed; that it could not be told is one line and 1."""
    with FULL.open("w") as full:
        result = call(root, "push", "--sandbox", "-q", *more, stdout=full)
    assert result.code == 1
    assert result.err.startswith(
        "ghsync: The output could not be written: No space left on device\n"
    )
    assert (root / ".ghsync/map.json").exists()


def test_reader_that_goes_away(root: Path) -> None:
    """``ghsync … | head -1``: no message, and the code of a broken pipe."""
    process = start(root, "items")
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    err = process.stderr.read()
    process.stderr.close()
    assert process.wait(30) == 141
    assert err == ""


def test_closed_streams(root: Path) -> None:
    """With no stdout and no stderr a push is a push, and no file gets what was to be printed."""
    script = f"exec {sys.executable} -m ghsync push --sandbox <&- >&- 2>&-"
    done = subprocess.run(["/bin/sh", "-c", script], cwd=root, env=environment(), check=False)
    assert done.returncode == 0
    assert (root / ".ghsync/map.json").read_text().startswith("{")


def test_locale_without_utf8(root: Path) -> None:
    """Titles and signs that the encoding lacks become escapes."""
    (root / EPIC / "001.md").write_text("---\nname: Überall 日本\n---\n", encoding="utf-8")
    ascii_only = {"LC_ALL": "C", "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    result = call(root, "items", env=ascii_only)
    assert result.code == 0
    assert "\\xdcberall \\u65e5\\u672c" in result.out
    assert "`- task" in result.out


@pytest.mark.skipif(os.name != "posix", reason="terminals of this kind are POSIX's")
@pytest.mark.parametrize("columns", [80, 200])
def test_terminal(root: Path, columns: int) -> None:
    """Nothing is wider than the terminal; an error is said once, broken between words."""
    pty = pytest.importorskip("pty")
    import fcntl
    import struct
    import termios

    main, side = pty.openpty()
    fcntl.ioctl(side, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    colourless = {"NO_COLOR": "1", "TERM": "xterm"}
    process = start(
        root, "push", "--sandbox", "--strict", "--layout", "spec-kit", "-q",
        env=colourless, stdout=side, stderr=side,
    )  # fmt: skip
    os.close(side)
    shown = b""
    while True:
        try:
            read = os.read(main, 65536)
        except OSError:
            break
        if not read:
            break
        shown += read
    os.close(main)
    assert process.wait(30) == 2
    lines = shown.decode().splitlines()
    assert max(map(len, lines)) <= columns
    assert "\x1b" not in shown.decode()
    assert lines[0].startswith("ghsync: No planning files recognised")
    assert (len(lines) > 2) == (columns == 80)


def test_read_only_folder(root: Path) -> None:
    """Where the state cannot be kept nothing is sent: 5, with what to do."""
    if os.geteuid() == 0:
        (root / ".ghsync").write_text("a file is in the way")
    else:
        root.chmod(0o500)
    result = call(root, "push", "--sandbox")
    root.chmod(0o700)
    assert result.code == 5
    assert ".ghsync" in result.err
