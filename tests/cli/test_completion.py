"""Completion in real shells: what they are offered, and that asking costs and changes nothing."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import shutil
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from cli_kit import EPIC, Cli, environment, make_shop

from ghsync.cli.completion import VARIABLE

SHELLS = ("bash", "zsh", "fish")
START = {
    "bash": ("bash", "--norc", "--noprofile", "-i"),
    "zsh": ("zsh", "-f", "-i"),
    "fish": ("fish", "--no-config", "--interactive"),
}
LOAD = {
    "bash": 'bind "set bell-style none"; bind "set enable-bracketed-paste off" 2>/dev/null; '
    'eval "$(ghsync completion bash)"',
    "zsh": 'unsetopt beep; autoload -U compinit; compinit -u -D; eval "$(ghsync completion zsh)"',
    "fish": "ghsync completion fish | source",
}
PATIENCE = 30.0
"""Seconds for a shell to answer; then the test fails, and says what was on the screen."""


@pytest.fixture
def bin_folder(tmp_path: Path) -> Path:
    """A folder with a ``ghsync`` that completes as this checkout's, and else notes its words."""
    folder = tmp_path / "bin"
    folder.mkdir()
    script = folder / "ghsync"
    script.write_text(
        f"""#!/bin/sh
if [ -n "${VARIABLE}" ] || [ "$1" = completion ]; then exec "{sys.executable}" -m ghsync "$@"; fi
for word; do printf '%s|' "$word"; done >>"{tmp_path}/called"
echo >>"{tmp_path}/called"
"""
    )
    script.chmod(0o755)
    return folder


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """An epic with two tasks."""
    root = tmp_path / "project"
    make_shop(root, 2)
    return root


class Terminal:
    """A shell at the other end of a terminal."""

    def __init__(self, end: int) -> None:
        self._end = end
        self._commands = 0
        self.screen = ""

    def type(self, keys: str) -> None:
        """Press keys."""
        os.write(self._end, keys.encode())

    def run(self, line: str) -> None:
        """Type a line (its tabs complete), and wait until the shell has carried it out."""
        self._commands += 1
        before, _, after = line.partition("\t")
        self.type(before)
        if "\t" in line:
            self.type("\t")
            self.type(after)
        # Computed by the shell, so that the line itself is not taken for its result.
        self.type(f"; echo end-'{self._commands}'-of\n")
        self.wait_for(f"end-{self._commands}-of")

    def wait_for(self, text: str) -> None:
        """Read the screen until this is on it."""
        deadline = time.monotonic() + PATIENCE
        while text not in self.screen:
            ready, _, _ = select.select([self._end], [], [], max(0, deadline - time.monotonic()))
            assert ready, self.screen
            try:
                self.screen += os.read(self._end, 65536).decode(errors="replace")
            except OSError:
                raise AssertionError(self.screen) from None


def _own_terminal() -> None:
    """Make stdin the session's terminal: fish asks whose it is."""
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


@contextmanager
def terminal(shell: str, project: Path, bin_folder: Path, home: Path) -> Iterator[Terminal]:
    """Start a shell in the project, with completion loaded."""
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not on this machine")
    ours, theirs = pty.openpty()
    env = environment({"PATH": f"{bin_folder}:{os.environ['PATH']}", "HOME": str(home)})
    env |= {"TERM": "dumb" if shell == "fish" else "vt100", "COLUMNS": "200", "PS1": "$ "}
    process = subprocess.Popen(
        START[shell],
        cwd=project,
        env=env,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
        preexec_fn=_own_terminal,  # noqa: PLW1509 (no thread is running)
    )
    os.close(theirs)
    try:
        opened = Terminal(ours)
        opened.run(LOAD[shell])
        yield opened
    finally:
        process.kill()
        process.wait()
        os.close(ours)


@pytest.mark.parametrize("shell", SHELLS)
def test_a_shell_completes_commands_options_and_values(
    shell: str, project: Path, bin_folder: Path, tmp_path: Path
) -> None:
    """A command, an option, a layout, a key with blanks in it: each by its first letters."""
    (project / EPIC / "003 pay & go.md").write_text("---\nname: Pay\nstatus: open\n---\n")
    with terminal(shell, project, bin_folder, tmp_path) as opened:
        opened.run("ghsync unde\t")
        opened.run("ghsync und\t --write-back")
        opened.run("ghsync push --detailed\t")
        opened.run("ghsync items --layout clau\t")
        opened.run(f"ghsync diff --root . {EPIC}/003\t -q")
        screen = opened.screen
    called = (tmp_path / "called").read_text().splitlines()
    assert called == [
        "unde|",
        "undo|--write-back|",
        "push|--detailed-exitcode|",
        "items|--layout|claudeautopm|",
        f"diff|--root|.|{EPIC}/003 pay & go|-q|",
    ], screen


@dataclass
class Asked:
    """What the answer to a shell's script offers."""

    cli: Cli
    monkeypatch: pytest.MonkeyPatch

    def __call__(self, line: str) -> list[str]:
        """Complete the last word of a line in bash; the values without their types."""
        words = line.split(" ")
        self.monkeypatch.setenv(VARIABLE, "bash_complete")
        self.monkeypatch.setenv("COMP_WORDS", line)
        self.monkeypatch.setenv("COMP_CWORD", str(len(words) - 1))
        result = self.cli()
        self.monkeypatch.delenv(VARIABLE)
        assert (result.code, result.err) == (0, "")
        return [row.partition(",")[2] for row in result.out.splitlines() if row]


@pytest.fixture
def asked(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> Asked:
    """A shell in a folder of its own."""
    return Asked(cli, monkeypatch)


def test_commands_groups_and_options_are_offered(asked: Asked) -> None:
    """Also those of a group, and both forms of a switch."""
    assert asked("ghsync p") == ["push", "pull"]
    assert asked("ghsync map ") == ["adopt", "forget", "import", "rebuild", "show"]
    assert asked("ghsync runs ") == ["cancel", "list", "pause", "resume", "show", "stats"]
    assert asked("ghsync push --remote") == ["--remote-lock"]
    assert asked("ghsync push --no-remote") == ["--no-remote-lock"]
    assert asked("ghsync completion ") == ["bash", "zsh", "fish"]


def test_values_of_options_are_offered(asked: Asked) -> None:
    """Choices, kinds and layouts, those of the configuration included; bash may split at "="."""
    asked.cli.write("ghsync.toml", '[layouts.plans]\ntask = "plans/*.md"\n')
    assert asked("ghsync push --on-conflict ") == ["skip", "local", "remote"]
    assert asked("ghsync push --on-conflict = l") == ["local"]
    assert asked("ghsync push --kind e") == ["epic"]
    assert asked("ghsync items --layout ")[0] == "plans"
    assert "ccpm" in asked("ghsync items --layout c")


def test_keys_are_offered_from_files_and_map(asked: Asked) -> None:
    """Of the folder that is named; in pairs of key and number, only where a key can stand."""
    asked.cli.shop(1)
    both = [f"{EPIC}/001", f"{EPIC}/epic"]
    assert asked("ghsync diff .cl") == both
    assert asked("ghsync map adopt ") == both
    assert asked(f"ghsync map adopt {EPIC}/001 ") == []
    assert asked(f"ghsync map adopt {EPIC}/001 41 ") == both
    assert asked("ghsync map forget ") == [], "nothing is mapped yet"
    assert asked.cli("push", "--sandbox", "-q").code == 0
    (asked.cli.root / EPIC / "001.md").unlink()
    assert asked("ghsync map forget ") == both
    assert asked("ghsync push --only .cl") == both
    (asked.cli.root / "elsewhere").mkdir()
    assert asked("ghsync diff --root elsewhere ") == []


def test_where_no_key_fits_a_path_may(asked: Asked) -> None:
    """The shell itself knows the files."""
    asked.cli.shop(1)
    assert asked("ghsync push --only docs/") == ["docs/"]


def test_many_keys_are_offered_by_folder(asked: Asked) -> None:
    """Nobody reads three hundred lines; one folder's are offered when that folder is there."""
    for name in ("shop", "mail", "ware"):
        asked.cli.item(f".claude/epics/{name}/epic.md", name)
        for number in range(1, 101):
            asked.cli.item(f".claude/epics/{name}/{number:03d}.md", f"{name} {number}")
    assert asked("ghsync diff .") == [f".claude/epics/{name}/" for name in ("mail", "shop", "ware")]
    assert asked("ghsync diff .claude/epics/mail/00")[0] == ".claude/epics/mail/001"


def test_runs_are_offered_newest_first(asked: Asked) -> None:
    """By their ids, for whatever takes one."""
    asked.cli.shop(1)
    assert asked("ghsync runs show ") == []
    for _ in range(2):
        assert asked.cli("push", "--sandbox", "-q").code == 0
        asked.cli.item(f"{EPIC}/001.md", "Renamed")
    logs = sorted((asked.cli.root / ".ghsync/runs").glob("*.jsonl"), reverse=True)
    names = [log.stem for log in logs]
    assert asked("ghsync runs show ") == names
    assert asked("ghsync undo ") == names
    assert asked(f"ghsync runs cancel {names[0]}") == names[:1]


def test_nothing_goes_wrong_aloud(asked: Asked) -> None:
    """A configuration, a map and a line that cannot be read: nothing is offered, nothing said."""
    asked.cli.write("ghsync.toml", "layout = [")
    asked.cli.write(".ghsync/map.json", "[1")
    asked.cli.shop(1)
    assert asked("ghsync items --layout ") == []
    assert asked("ghsync map forget ") == []
    assert asked("ghsync diff 'unfinished") == []


def test_a_pipe_in_the_place_of_the_map_keeps_nobody_waiting(asked: Asked) -> None:
    """Anybody may have put it into a checkout."""
    (asked.cli.root / ".ghsync").mkdir()
    os.mkfifo(asked.cli.root / ".ghsync/map.json")
    assert asked("ghsync map forget ") == []


def test_no_escape_of_a_files_name_reaches_the_shell(asked: Asked) -> None:
    """A name that cannot be shown is not offered."""
    asked.cli.shop(1)
    asked.cli.write(f"{EPIC}/002 \x1b[31mred.md", "---\nname: Red\nstatus: open\n---\n")
    assert asked("ghsync diff .") == [f"{EPIC}/001", f"{EPIC}/epic"]


def test_the_scripts_name_their_shell(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a word the login shell's; one that is not known is an error that names the others."""
    for shell in SHELLS:
        assert f"{VARIABLE}={shell}_complete" in cli("completion", shell).out
        monkeypatch.setenv("SHELL", f"/bin/{shell}")
        assert cli("completion").out == cli("completion", shell).out
    monkeypatch.setenv("SHELL", "/bin/tcsh")
    result = cli("completion")
    assert result.code == 2
    assert "tcsh" in result.err
    assert "ghsync completion bash" in result.err


def test_completing_loads_no_network_and_no_parser(project: Path) -> None:
    """What takes long to import stays out, so that a key is there before a finger is up."""
    code = (
        "import sys; from ghsync.cli.main import run; run([]); "
        "print(sorted({'httpx', 'asyncio', 'rich', 'github', 'ssl', 'aiohttp'} & set(sys.modules)))"
    )
    asked = {VARIABLE: "bash_complete", "COMP_WORDS": "ghsync push --only .", "COMP_CWORD": "3"}
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=project,
        env=environment(asked),
        check=True,
        capture_output=True,
        text=True,
    )
    assert done.stdout.splitlines()[-1] == "[]"
    assert f"{EPIC}/001" in done.stdout
