"""The brakes on the command line: exit 5, the number, and the way on that the message names."""

from __future__ import annotations

import shutil

import pytest
from cli_kit import EPIC, REPO, Cli, Served

from ghsync.sandbox.people import Person

FORK = "me/plan"


@pytest.fixture
def octo(cli: Cli, server: Served, monkeypatch: pytest.MonkeyPatch) -> Person:
    """Somebody in the repository that this process's settings name."""
    for name, text in server.environment().items():
        monkeypatch.setenv(name, text)
    cli.write("ghsync.toml", 'limits = "none"\n')
    return Person(server.github, REPO, login="octo", now=0.0)


def test_a_fork_from_the_refusal_to_its_own_issues(
    cli: Cli, octo: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The map is the original's, and a file names an issue by number: as the hint says."""
    cli.shop(2)
    assert cli("push").code == 0
    cli.item(f"{EPIC}/002.md", "Task 2", github_issue=3)
    fork = octo.fork(FORK, now=0.0)
    before = {number: issue.title for number, issue in octo.repo.issues.items()}
    monkeypatch.setenv("GITHUB_REPOSITORY", FORK)
    for command in (["push"], ["push", "--dry-run"], ["status"], ["diff"]):
        result = cli(*command)
        assert result.code == 5, command
        assert f"{FORK} (id {fork.repo.info.id}) is a fork of it" in result.err
        assert "`ghsync map rebuild`" in result.err
        assert "`ghsync map forget --all`" in result.err
    assert cli.json("push")["error"]["code"] == "wrong_repository"

    assert cli("map", "rebuild").code == 0
    assert "recorded_missing" in str(cli.json("push", "--dry-run")["findings"])
    forgotten = cli("map", "forget", "--all")
    assert (forgotten.code, forgotten.out) == (0, f"{EPIC}/002: #3 is forgotten\n")
    assert cli("push").code == 0
    assert sorted(issue.title for issue in fork.repo.issues.values()) == [
        "Shop",
        "Task 1",
        "Task 2",
    ]
    assert {number: issue.title for number, issue in octo.repo.issues.items()} == before
    assert cli.json("push")["operations"] == []


@pytest.mark.parametrize("arguments", [[], ["--all", f"{EPIC}/001"]])
def test_forget_takes_keys_or_all(cli: Cli, arguments: list[str]) -> None:
    """One of the two."""
    cli.shop(1)
    assert cli("map", "forget", *arguments).code == 2


@pytest.mark.parametrize("prune", [[], ["--prune"]])
def test_an_empty_root(cli: Cli, octo: Person, prune: list[str]) -> None:
    """Where the files were: 5 with the number; without a map it is 2 as ever."""
    assert cli("push").code == 2
    cli.shop(3)
    cli("push")
    shutil.rmtree(cli.root / ".claude")
    for more in ([], ["--dry-run"], ["--allow-changes", "3"]):
        result = cli("push", *prune, *more)
        assert result.code == 5
        assert "--allow-changes 4" in result.err
    assert cli("push", *prune, "--allow-changes", "4").code == 0
    states = {issue.state for issue in octo.repo.issues.values()}
    assert states == {"closed" if prune else "open"}


def test_an_empty_root_without_a_token(
    cli: Cli, octo: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The dry run without GitHub says so, too."""
    cli.shop(3)
    cli("push")
    shutil.rmtree(cli.root / ".claude")
    monkeypatch.delenv("GITHUB_TOKEN")
    assert cli("push", "--dry-run").code == 5


def test_another_tools_issues(cli: Cli, octo: Person) -> None:
    """The same titles without a map: the hint's command takes them over, and nothing is made."""
    for title in ("Shop", "Task 1"):
        octo.open_issue(title, now=0.0)
    cli.shop(1)
    result = cli("push")
    assert result.code == 5
    assert "--allow-changes 2" in result.out + result.err
    assert cli("map", "adopt", "--by-title", "--yes").code == 0
    cli("push", "--on-conflict", "local")
    assert sorted(issue.title for issue in octo.repo.issues.values()) == ["Shop", "Task 1"]
