"""The question before a push is sent: on a terminal, with the totals; never in a pipe or in CI."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from cli_kit import EPIC, Cli, Served, make_shop, start

import ghsync
from ghsync.cli import confirm
from ghsync.sandbox.people import Person

pytestmark = pytest.mark.skipif(os.name != "posix", reason="terminals of this kind are POSIX's")
_STYLE = re.compile(r"\x1b\[[?\d;]*[A-Za-z]|\r")
QUESTION = "Send this?"
REPO = "octo/plan"


class Terminal:
    """A push whose stdin and stderr are a terminal; its stdout is a pipe."""

    def __init__(self, root: Path, server: Served, *arguments: str, **env: str) -> None:
        pty = pytest.importorskip("pty")
        self._main, side = pty.openpty()
        plain = {"NO_COLOR": "1", "TERM": "xterm", "COLUMNS": "200", "CI": ""}
        self.process = start(
            root, "push", "--limits", "none", *arguments,
            env={**server.environment(), **plain, **env}, stdin=side, stderr=side,
        )  # fmt: skip
        os.close(side)
        self.shown = ""

    def until(self, text: str) -> None:
        """Read until the terminal shows a text."""
        seen = len(self.shown)
        while text not in self.shown[seen:]:
            assert self._read(), self.shown

    def say(self, text: str) -> None:
        """Type."""
        os.write(self._main, text.encode())

    def end(self) -> int:
        """Read to the end; return the exit code."""
        while self._read():
            pass
        self.out = self.process.communicate(timeout=30)[0]
        assert "Traceback" not in self.shown + self.out
        return self.process.returncode

    def close(self) -> None:
        """Leave nothing behind."""
        with suppress(ProcessLookupError, subprocess.TimeoutExpired):
            self.process.kill()
            self.process.communicate(timeout=5)
        os.close(self._main)

    def _read(self) -> bool:
        try:
            read = os.read(self._main, 65536)
        except OSError:
            return False
        self.shown = _STYLE.sub("", self.shown + read.decode(errors="replace"))
        return bool(read)


@pytest.fixture
def terminals() -> Iterator[list[Terminal]]:
    """Those of one test, closed after it."""
    found: list[Terminal] = []
    yield found
    for each in found:
        each.close()


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """An epic with two tasks."""
    make_shop(tmp_path, 2)
    return tmp_path


def test_yes_sends_what_was_shown(shop: Path, server: Served, terminals: list[Terminal]) -> None:
    """The totals come first; `d` shows every write; `y` sends."""
    terminals.append(here := Terminal(shop, server))
    here.until(QUESTION)
    assert "Push: octo/plan on GitHub" in here.shown
    assert "Plan: 3 to create" in here.shown
    assert "Needs" in here.shown
    assert "Task 2" not in here.shown
    assert server.titles == []
    here.say("d\n")
    here.until(QUESTION)
    assert "Task 2" in here.shown
    here.say("y\n")
    assert here.end() == 0
    assert server.titles == ["Shop", "Task 1", "Task 2"]


@pytest.mark.parametrize("said", ["n\n", "\n", "perhaps\n", "\x04"])
def test_anything_else_sends_nothing(
    shop: Path, server: Served, terminals: list[Terminal], said: str
) -> None:
    """No, Enter, other words and the end of the input: 5, and nothing is recorded but the log."""
    terminals.append(here := Terminal(shop, server))
    here.until(QUESTION)
    here.say(said)
    assert here.end() == 5
    assert "Nothing was sent" in here.shown
    assert "--yes" in here.shown
    assert here.out == ""
    assert server.titles == []
    written = [request for request in server.github.log if request.method != "GET"]
    assert written == []
    kept = {path.name for path in (shop / ".ghsync").iterdir()}
    assert not kept & {"map.json", "journal.jsonl", "cache.json"}, kept
    assert "runs" in kept


def test_ctrl_c_at_the_question(shop: Path, server: Served, terminals: list[Terminal]) -> None:
    """130 at once, with nothing sent."""
    terminals.append(here := Terminal(shop, server))
    here.until(QUESTION)
    here.process.send_signal(signal.SIGINT)
    assert here.end() == 130
    assert "nothing was sent" in here.shown
    assert server.titles == []


@pytest.mark.parametrize(
    ("arguments", "env"),
    [
        (["--yes"], {}),
        (["--json"], {}),
        ([], {"CI": "true"}),
        (["--dry-run"], {}),
        (["--sandbox"], {}),
    ],
)
def test_who_is_not_asked(
    shop: Path, server: Served, terminals: list[Terminal], arguments: list[str], env: dict[str, str]
) -> None:
    """With --yes, --json, in CI, for a dry run and in the sandbox it goes on."""
    terminals.append(here := Terminal(shop, server, *arguments, **env))
    assert here.end() == 0
    assert QUESTION not in here.shown


def test_a_file_may_say_that_nobody_is_asked(
    shop: Path, server: Served, terminals: list[Terminal]
) -> None:
    """``confirm = false``; and a push with nothing to write does not ask."""
    (shop / "ghsync.toml").write_text("confirm = false\n")
    terminals.append(here := Terminal(shop, server))
    assert here.end() == 0
    (shop / "ghsync.toml").unlink()
    terminals.append(again := Terminal(shop, server))
    assert again.end() == 0
    assert QUESTION not in here.shown + again.shown


def test_a_brake_comes_before_the_question(
    shop: Path, server: Served, terminals: list[Terminal]
) -> None:
    """What is refused is not asked about."""
    make_shop(shop, 12)
    terminals.append(first := Terminal(shop, server, "--yes"))
    assert first.end() == 0
    for n in range(1, 13):
        (shop / EPIC / f"{n:03d}.md").write_text(f"---\nname: New {n}\nstatus: open\n---\n\nNew.\n")
    terminals.append(here := Terminal(shop, server))
    assert here.end() == 5
    assert QUESTION not in here.shown
    assert "--allow-changes 12" in here.out + here.shown


def test_another_run_meanwhile(cli: Cli, server: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """Issues of ours that appear while somebody thinks: the plan is another one, so 5."""
    for name, text in server.environment().items():
        monkeypatch.setenv(name, text)
    monkeypatch.setattr(confirm, "_somebody_there", lambda: True)
    cli.shop(2)

    async def slowly(question: str) -> str:
        body = f"<!-- ghsync:uid={'1' * 32} key={EPIC}/001 -->\n\nDo 1."
        Person(server.github, REPO, login="octo", now=0.0).open_issue("Task 1", body=body, now=0.0)
        return "y\n"

    monkeypatch.setattr(confirm, "_answer", slowly)
    result = cli("push", "--limits", "none", "--allow-changes", "9")
    assert result.code == 5
    assert "another run made issues here" in result.out + result.err
    assert server.titles == ["Task 1"]


def test_the_library_never_asks(
    shop: Path, server: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever stdin is."""
    monkeypatch.setattr(confirm, "_somebody_there", lambda: True)
    run = ghsync.push(shop, env=server.environment(), limits="none")
    assert run.error is None
    assert len(server.titles) == 3
