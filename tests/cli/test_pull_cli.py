"""``ghsync pull`` and ``ghsync sync``: for the eye, as documents, and with their exit codes."""

from __future__ import annotations

import pytest
from cli_kit import EPIC, REPO, Cli, Served

from ghsync.sandbox.people import Person

ONE = f"{EPIC}/001.md"


@pytest.fixture
def person(cli: Cli, server: Served, monkeypatch: pytest.MonkeyPatch) -> Person:
    """Somebody on GitHub, where an epic and its task are in step with their files."""
    for name, text in server.environment().items():
        monkeypatch.setenv(name, text)
    cli.item(f"{EPIC}/epic.md", "Shop", "First.\n\nLast.")
    cli.item(ONE, "Task")
    assert cli("push", "-q").code == 0
    return Person(server.github, REPO, login="somebody", now=0.0)


def edit(person: Person, number: int = 2, **fields: object) -> None:
    """Somebody edits an issue on GitHub."""
    person.edit(number, now=4_000_000_000.0, **fields)


def text(cli: Cli, path: str = ONE) -> str:
    """A file's text."""
    return (cli.root / path).read_text(encoding="utf-8")


def test_nothing_to_bring(cli: Cli, person: Person) -> None:
    """Exit 0, and a word."""
    assert person.issue(2).title == "Task"
    result = cli("pull")
    assert result.code == 0
    assert result.out.endswith("Done: nothing to bring: no file lacks what GitHub has\n")


def test_a_dry_run_shows_the_diff(cli: Cli, person: Person) -> None:
    """The changed fields, and each file as ``git diff`` shows it; nothing is written."""
    before = text(cli)
    edit(person, title="Better")
    result = cli("pull", "--dry-run")
    assert result.code == 0
    assert f"~ changed  {ONE}  #2  Better\n" in result.out
    assert '    title: "Task" → "Better"\n' in result.out
    assert "\n-name: Task\n+name: Better\n" in result.out
    assert result.out.endswith("Plan: 1 file changed\n")
    assert text(cli) == before
    document = cli.json("pull", "--dry-run")
    assert document["totals"] == {"changed": 1, "new": 0, "refused": 0, "conflict": 0}
    assert document["items"][0]["changes"] == [{"field": "title", "old": "Task", "new": "Better"}]
    assert document["files"][0]["path"] == ONE
    assert cli("pull").code == 0
    assert "name: Better" in text(cli)


def test_a_conflict_is_exit_1(cli: Cli, person: Person) -> None:
    """Both sides are shown, the file stays; ``--on-conflict`` decides."""
    cli.item(ONE, "Mine")
    edit(person, title="Theirs")
    result = cli("pull")
    assert result.code == 1
    assert f"{ONE}  #2: both sides changed the title" in result.out
    assert result.out.endswith("Done: 1 conflict\n")
    (conflict,) = cli.json("pull")["conflicts"]
    assert (conflict["local"], conflict["remote"]) == ("Mine", "Theirs")
    assert "name: Mine" in text(cli)
    assert cli("pull", "--on-conflict", "remote").code == 0
    assert "name: Theirs" in text(cli)


def test_sync_goes_both_ways(cli: Cli, person: Person) -> None:
    """GitHub's title comes into one file, the other file's title goes to GitHub."""
    cli.item(f"{EPIC}/epic.md", "Shop 2", "First.\n\nLast.")
    edit(person, title="Better")
    dry = cli.json("sync", "--dry-run")
    assert dry["pull"]["totals"]["changed"] == 1
    assert dry["push"]["totals"]["update"] == 1
    result = cli("sync")
    assert result.code == 0
    assert "Done: 1 file changed" in result.out
    assert "1 updated" in result.out
    assert person.issue(1).title == "Shop 2"
    assert "name: Better" in text(cli)
    again = cli("sync")
    assert "nothing to bring" in again.out
    assert "Nothing to do" in again.out


def test_what_a_file_cannot_hold_is_one_line(cli: Cli, person: Person) -> None:
    """It stays on GitHub, and it is no failure."""
    person.label(2, "bug", now=4_000_000_000.0)
    result = cli("pull")
    assert result.code == 0
    assert "1 file cannot hold the labels of #2; they stay on GitHub." in result.out


def test_an_issue_that_gets_no_file_can_be_left_on_github(cli: Cli, person: Person) -> None:
    """It is named and fails nothing. A number is enough to forget it, if it is no item's."""
    cli.item(f"{EPIC}/nested/epic.md", "Nested")
    made = person.open_issue("Alone", body="x", now=4_000_000_000.0)
    person.add_sub_issue(2, made.number, now=4_000_000_001.0)
    for command in (["pull", "--dry-run"], ["pull"], ["sync"]):
        result = cli(*command)
        assert result.code == 0
        assert "1 left alone" in result.out
    assert f"`ghsync map forget '#{made.number}'`" in " ".join(result.out.split())
    assert cli("map", "forget", f"#{made.number}").out == f"#{made.number} is forgotten\n"
    assert "left alone" not in cli("pull").out
    assert cli("map", "forget", "#2").out == f"{ONE.removesuffix('.md')}: #2 is forgotten\n"
    assert cli("map", "forget", "#").code == 2


def test_a_server_that_is_not_there(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    """No token is exit 4, no server exit 6; neither touches a file."""
    cli.item(ONE, "Task")
    assert cli("pull", "--repo", REPO).code == 4
    monkeypatch.setenv("GITHUB_TOKEN", "token-of-a-test")
    monkeypatch.setenv("GITHUB_API_URL", "http://127.0.0.1:9")
    result = cli("pull", "--repo", REPO)
    assert result.code == 6
    assert "Traceback" not in result.err
