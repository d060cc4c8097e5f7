"""``ghsync retry`` and ``ghsync undo``: what they print, ask and exit with."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import click
import pytest
from cli_kit import EPIC, REPO, Cli, Served, environment

from ghsync.sandbox.faults import FaultKind, FaultRule
from ghsync.sandbox.people import Person


@pytest.fixture
def shop(cli: Cli) -> Cli:
    """A folder whose epic and two tasks were pushed, and of which one task has changed since."""
    cli.shop(2)
    assert cli("push", "--sandbox").code == 0
    cli.item(f"{EPIC}/001.md", "Renamed", "Do more.")
    assert cli("push", "--sandbox").code == 0
    return cli


def titles(cli: Cli) -> set[str]:
    """The titles that the map has agreed on."""
    return {item["base"]["title"] for item in _map(cli)["items"]}


def _map(cli: Cli) -> dict[str, list[dict[str, dict[str, str]]]]:
    found: dict[str, list[dict[str, dict[str, str]]]] = json.loads(
        (cli.root / ".ghsync/map.json").read_text()
    )
    return found


def files(root: Path) -> dict[str, bytes]:
    """Every file of the folder."""
    return {str(path): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def test_without_a_terminal_nothing_is_taken_back(shop: Cli) -> None:
    """The plan is shown, nothing is written, and exit 5 says what to add."""
    before = files(shop.root)
    result = shop("undo", "--sandbox")
    assert result.code == 5
    assert "Task 1" in result.out
    assert "- Do more." in result.out
    assert "Nothing was taken back" in result.err
    assert "--yes" in result.err
    assert files(shop.root) == before


def test_without_a_terminal_the_document_says_why(shop: Cli) -> None:
    """One document with the plan and the error, also under ``--json``."""
    result = shop("undo", "--sandbox", "--json")
    document = result.document
    assert result.code == 5
    assert (document["command"], document["dry_run"]) == ("undo", True)
    assert document["error"]["code"] == "refused"
    assert [op["op"] for op in document["operations"]] == ["update"]
    assert document["operations"][0]["reason"] == "undo"


def test_a_dry_run_shows_the_plan_and_writes_nothing(shop: Cli) -> None:
    """Exit 0, and every file is as it was."""
    before = files(shop.root)
    for arguments in (["undo", "-n", "--sandbox"], ["undo", "--dry-run", "--yes", "--sandbox"]):
        result = shop(*arguments)
        assert (result.code, "Renamed" in result.out) == (0, True)
        assert "1 to update" in result.out
    assert files(shop.root) == before


def test_yes_takes_it_back_and_twice_is_nothing(shop: Cli) -> None:
    """The second undo of the same push has nothing to do; both exit 0."""
    first = shop("undo", "--sandbox", "--yes")
    assert (first.code, titles(shop)) == (0, {"Shop", "Task 1", "Task 2"})
    assert "1 updated" in first.out
    second = shop("undo", "--sandbox", "--yes")
    assert (second.code, "Nothing to do" in second.out) == (0, True)
    nothing = shop("undo", "--sandbox")
    assert (nothing.code, nothing.err.count("taken back")) == (0, 0)


def test_an_older_run_is_named_by_the_beginning_of_its_id(shop: Cli) -> None:
    """And what a later run changed is named as skipped."""
    oldest = shop.json("runs")["runs"][-1]["id"]
    document = shop.json("undo", oldest[:13], "--sandbox", "--yes")
    assert {op["op"] for op in document["operations"]} == {"close"}
    assert shop("undo", "nonsense", "--sandbox", "--yes").code == 2


@pytest.mark.parametrize(("answer", "code"), [(True, 0), (False, 5)])
def test_on_a_terminal_it_asks(
    shop: Cli, monkeypatch: pytest.MonkeyPatch, answer: bool, code: int
) -> None:
    """Once, after the plan, with its size; no is exit 5 and nothing written."""
    asked: list[str] = []

    def confirm(text: str, **_: object) -> bool:
        asked.append(text)
        return answer

    monkeypatch.setattr(click, "confirm", confirm)
    monkeypatch.setattr("ghsync.cli.again._on_a_terminal", lambda as_json: not as_json)
    result = shop("undo", "--sandbox")
    assert (result.code, asked) == (code, ["Take back 1 operation?"])
    assert result.out.count("Dry run") == 1
    assert ("Task 1" in titles(shop)) is answer


@pytest.mark.parametrize(("typed", "code"), [(b"y\n", 0), (b"n\n", 5), (b"\x04", 130)])
def test_a_real_terminal(shop: Cli, typed: bytes, code: int) -> None:
    """Through a pseudo-terminal: yes, no, and the end of the input."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "ghsync", "undo", "--sandbox"],
        cwd=shop.root,
        env=environment({"TERM": "dumb"}),
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    said = b""
    while b"Take back 1 operation?" not in said:
        said += os.read(ours, 4096)
    os.write(ours, typed)
    while True:
        try:
            part = os.read(ours, 4096)
        except OSError:  # Linux says so when the other end is closed
            break
        if not part:
            break
        said += part
    os.close(ours)
    assert process.wait(timeout=30) == code, said
    assert b"Traceback" not in said
    assert ("Task 1" in titles(shop)) is (code == 0)


def test_a_conflict_is_named(cli: Cli, server: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who touched what since: exit 1, and both sides are shown."""
    for name, value in server.environment().items():
        monkeypatch.setenv(name, value)
    cli.shop(1)
    assert cli("push").code == 0
    cli.item(f"{EPIC}/001.md", "Renamed", "Do 1.")
    assert cli("push").code == 0
    person = Person(server.github, REPO, login="somebody", now=0.0)
    number = next(n for n, issue in person.repo.issues.items() if issue.title == "Renamed")
    person.edit(number, now=server.github.state.newest + 5, title="Mine")
    result = cli("undo", "--yes")
    assert result.code == 1
    assert "Mine" in result.out
    assert "conflict" in result.out
    assert "Mine" in server.titles


def test_without_a_run_there_is_nothing_to_undo_or_retry(cli: Cli) -> None:
    """A usage error with the next step, also as a document."""
    cli.shop(1)
    for command in ("undo", "retry"):
        result = cli(command, "--sandbox")
        assert (result.code, "No push is recorded" in result.err) == (2, True)
        assert cli(command, "--sandbox", "--json").document["error"]["code"] == "usage"


def test_retry_takes_what_failed(cli: Cli, server: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit 1 with what failed, then ``retry`` alone makes it; its document says retry."""
    for name, value in server.environment().items():
        monkeypatch.setenv(name, value)
    cli.shop(3)
    server.github.faults.install(
        FaultRule(kind=FaultKind.STATUS, status=422, method="^POST$", path="/issues$", skip=2)
    )
    assert cli("push", "--concurrency", "1").code == 1
    assert len(server.titles) == 3
    cli.item(f"{EPIC}/009.md", "Fresh")
    document = cli.json("retry")
    assert (document["command"], len(document["operations"])) == ("retry", 1)
    assert len(server.titles) == 4
    again = cli("retry")
    assert (again.code, "nothing failed in the last retry" in again.err) == (0, True)
    assert "Fresh" not in server.titles


def test_retry_takes_the_options_of_a_push(shop: Cli) -> None:
    """What a refused retry's hint names, it understands."""
    help_text = shop("retry", "--help").out
    for option in ("--allow-changes", "--on-error", "--max-failures", "--max-time", "--strict"):
        assert option in help_text
    assert shop("retry", "--sandbox", "--allow-changes", "5").code == 0


@pytest.mark.parametrize(("word", "left"), [("stop", "open"), ("rollback", "closed")])
def test_on_error(
    cli: Cli, server: Served, monkeypatch: pytest.MonkeyPatch, word: str, left: str
) -> None:
    """Exit 6, and after a rollback nothing of the run is open."""
    for name, value in server.environment().items():
        monkeypatch.setenv(name, value)
    cli.shop(3)
    server.github.faults.install(
        FaultRule(kind=FaultKind.STATUS, status=422, method="^POST$", path="/issues$", skip=2)
    )
    result = cli("push", "--on-error", word, "--concurrency", "1")
    assert result.code == 6
    assert f"--on-error is {word}" in result.err
    assert ("is taken back" in result.err) is (word == "rollback")
    person = Person(server.github, REPO, login="octo", now=0.0)
    assert {issue.state for issue in person.repo.issues.values()} == {left}
    assert cli("push").code == 0
    assert server.titles == ["Shop", "Task 1", "Task 2", "Task 3"]
