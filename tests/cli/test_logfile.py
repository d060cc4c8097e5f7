"""``--log-file``: everything that was sent, recorded and waited for, and no secret."""

from __future__ import annotations

import json
import stat
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from cli_kit import Cli, Served, judged
from test_cli_docs import commands, options

from ghsync import sync
from ghsync.sandbox.seeds import SANDBOX_TOKEN

SECRET = "ghp_" + "n0t4ev3ryb0dy" * 3


@pytest.fixture
def connected(cli: Cli, server: Served, monkeypatch: pytest.MonkeyPatch) -> Cli:
    """A project with two tasks, and a server for it."""
    cli.shop(2)
    cli.write("ghsync.toml", 'limits = "none"\n')
    for name, text in server.environment().items():
        monkeypatch.setenv(name, text)
    return cli


def lines(cli: Cli, name: str = "log") -> list[dict[str, Any]]:
    """The log's lines, each as the schema says."""
    return [judged(json.loads(line)) for line in (cli.root / name).read_text().splitlines()]


def kinds(found: list[dict[str, Any]]) -> Counter[str]:
    """How many lines there are of each kind."""
    return Counter(line["log"] for line in found)


def test_a_push_tells_every_request_and_record(connected: Cli, server: Served) -> None:
    """As many requests as the server saw, in order, with its names for them; never the token."""
    assert connected("push", "-q", "--log-file", "log").code == 0
    found = lines(connected)
    assert found[0]["log"] == "start"
    assert found[0]["arguments"] == ["push", "-q", "--log-file", "log"]
    assert (found[-1]["log"], found[-1]["exit_code"]) == ("end", 0)
    sent = [(line["method"], line["path"]) for line in found if line["log"] == "request"]
    assert Counter(sent) == Counter((entry.method, entry.path) for entry in server.github.log)
    made = [line for line in found if line["log"] == "request" and line["status"] == 201]
    assert all(line["request_id"] and line["seconds"] >= 0 for line in made)
    events = Counter(line["event"] for line in found if line["log"] == "journal")
    assert events["intent"] == 3
    assert events["recorded"] >= 3
    assert kinds(found)["operation"] == 5, "three issues and two labels"
    assert SANDBOX_TOKEN not in (connected.root / "log").read_text()


def test_the_file_is_its_owners_alone_and_grows(connected: Cli) -> None:
    """A second command adds to it; each begins and ends with a line of its own."""
    for command in ("push", "status", "pull", "diff", "doctor"):
        assert connected(command, "-q", "--log-file", "log").code == 0
    assert stat.S_IMODE((connected.root / "log").stat().st_mode) == 0o600
    found = lines(connected)
    assert kinds(found)["start"] == kinds(found)["end"] == 5
    doctors = found[max(n for n, line in enumerate(found) if line["log"] == "start") :]
    asked = [line["path"] for line in doctors if line["log"] == "request"]
    assert asked[:2] == ["/user", "/rate_limit"]
    assert len(asked) >= 5


def test_every_command_that_talks_to_github_takes_it() -> None:
    """Whoever names a repository can keep a log."""
    talking = {name for name, command in commands().items() if "--sandbox" in options(command)}
    assert {"push", "pull", "sync", "status", "diff", "retry", "undo", "doctor"} <= talking
    for name in talking:
        assert "--log-file" in options(commands()[name]), name


def test_the_limiters_waits_are_told(cli: Cli) -> None:
    """A hundred creates do not go at once: how long each was held back is in its line."""
    cli.shop(100)
    assert cli("push", "--sandbox", "-q", "--log-file", "log").code == 0
    found = lines(cli)
    assert max(line["waited_seconds"] for line in found if line["log"] == "request") > 0.5


def test_a_full_disk_ends_the_log_and_not_the_push(connected: Cli, server: Served) -> None:
    """It is said once."""
    if not Path("/dev/full").exists():
        pytest.skip("this system has no /dev/full")
    result = connected("push", "-q", "--log-file", "/dev/full")
    assert result.code == 0
    assert result.err.count("--log-file") == 1
    assert "the command goes on" in result.err
    assert len(server.titles) == 3


@pytest.mark.parametrize("name", ["-", "nowhere/log", ".claude"])
def test_a_file_that_cannot_be_written_is_refused(connected: Cli, name: str) -> None:
    """Before anything is sent."""
    result = connected("push", "-q", "--log-file", name)
    assert result.code == 2
    assert "--log-file" in result.err


def test_an_error_is_in_it(connected: Cli) -> None:
    """With its code, its hint and the exit code."""
    assert connected("push", "--log-file", "log", "--only", "zzz").code == 2
    *_, error, end = lines(connected)
    assert (error["code"], error["hint"]) == ("usage", "`ghsync items` lists the keys.")
    assert end["exit_code"] == 2


def test_a_bug_leaves_its_trace_and_no_token(
    connected: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The traceback is for whoever mends it; what looks like a token is blanked."""

    async def broken(*arguments: object) -> None:
        raise ZeroDivisionError(f"{SECRET} and {SANDBOX_TOKEN} and Bearer {SECRET[5:]}")

    monkeypatch.setattr(sync, "status", broken)
    assert connected("status", "-q", "--log-file", "log").code == 70
    (error,) = [line for line in lines(connected) if line["log"] == "error"]
    assert error["code"] == "bug"
    assert any("in broken" in line for line in error["traceback"])
    text = (connected.root / "log").read_text()
    assert SECRET[4:] not in text
    assert SANDBOX_TOKEN not in text
    assert "*** and *** and ***" in text
