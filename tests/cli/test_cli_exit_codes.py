"""Exit codes: one test for each, by the way to it that a user is likeliest to take."""

from __future__ import annotations

import os

import pytest
from cli_kit import EPIC, REPO, Cli, Served

from ghsync.errors import ExitCode
from ghsync.sandbox.people import Person
from ghsync.store import Store


def connect(monkeypatch: pytest.MonkeyPatch, server: Served, **changes: str) -> None:
    """Point the settings of this process at a server."""
    for name, text in {**server.environment(), **changes}.items():
        monkeypatch.setenv(name, text)


def test_0_done_and_nothing_to_do(cli: Cli) -> None:
    """A push that does all, and one that has nothing to do."""
    cli.shop()
    assert cli("push", "--sandbox").code == 0
    again = cli("push", "--sandbox")
    assert again.code == 0
    assert "Nothing to do: 3 unchanged" in again.out


def test_1_some_items_are_refused(cli: Cli) -> None:
    """A file that cannot be read is refused and named, the others are pushed."""
    cli.shop()
    cli.write(f"{EPIC}/003.md", b"---\nname: caf\xe9\n---\n")
    pushed = cli("push", "--sandbox")
    assert pushed.code == 1
    assert "003.md" in pushed.out
    assert "3 created" in pushed.out


def test_1_conflict(cli: Cli, server: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """What both sides changed is left alone, named, and 1."""
    connect(monkeypatch, server)
    cli.shop(1)
    assert cli("push", "--limits", "none").code == 0
    person = Person(server.github, REPO, login="octo", now=0.0)
    number = next(n for n, i in person.repo.issues.items() if i.title == "Task 1")
    person.edit(number, title="Theirs", now=4_000_000_000.0)
    cli.item(f"{EPIC}/001.md", "Ours", body="Do 1.")
    document = cli.json("push", "--limits", "none")
    assert [c["field"] for c in document["conflicts"]] == ["title"]
    assert cli("push", "--limits", "none").code == 1
    assert "Theirs" in server.titles


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["psh"], "No such command 'psh'"),
        (["push", "--nope"], "No such option '--nope'"),
        (["push", "--limits", "some"], "'some' is not one of"),
        (["push", "--concurrency", "0"], "'--concurrency'"),
        (["push", "--max-time", "soon"], "--max-time must be"),
        (["push", "--repo", "nobody"], "OWNER/NAME"),
        (["push", "--detailed-exitcode"], "Add --dry-run"),
        (["push", "a", "b"], "unexpected extra argument"),
        (["push", "nowhere"], "nowhere is not a folder"),
        (["items", "notes.md"], "notes.md is not a folder"),
        (["push", "notes.md"], "add --only notes.md"),
        (["pus"], "Did you mean `ghsync push`?"),
        (["plan"], "Did you mean `ghsync push --dry-run`?"),
        (["serve"], "Did you mean `ghsync sandbox serve`?"),
        (["lint", "empty"], "No planning files recognised"),
        (["push", "--layout", "none-such", "--sandbox"], "no layout 'none-such'"),
        (["push"], "No repository is named"),
        (["map", "forget", "nothing"], "No issue is known"),
        (["init", "written"], "is there already"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_2_usage(cli: Cli, arguments: list[str], words: str) -> None:
    """What is wrong with the command line is one line, with the next step below it."""
    cli.shop()
    cli.write("notes.md", "x")
    cli.write("written/ghsync.toml", "")
    (cli.root / "empty").mkdir()
    result = cli(*arguments)
    assert result.code == 2
    assert words in result.err
    assert result.out == ""
    first, hint, *more = result.err.splitlines()
    assert first.startswith("ghsync: ")
    assert hint.startswith("        ")
    assert more == []


def test_2_two_outputs_at_once(cli: Cli) -> None:
    """Options that contradict each other are refused, and not one of them ignored."""
    cli.shop()
    result = cli("lint", "--json", "--format", "github")
    assert result.code == 2
    assert "two outputs" in result.document["error"]["message"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("limits = ", "ghsync.toml"),
        ('limits = "fast"', "limits"),
        ("nonsense = 1", "nonsense"),
        ('api_url = "http://example.com"', "https"),
    ],
)
def test_2_configuration(cli: Cli, text: str, words: str) -> None:
    """A broken ghsync.toml is named, with what is wrong in it."""
    cli.shop()
    cli.write("ghsync.toml", text)
    result = cli("push", "--sandbox")
    assert result.code == 2
    assert words in result.err


def test_2_token_is_not_sent_in_clear(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    """http:// is for this machine only."""
    cli.shop()
    monkeypatch.setenv("GITHUB_API_URL", "http://example.com")
    monkeypatch.setenv("GITHUB_TOKEN", "secret-token")
    result = cli("push", "--repo", REPO)
    assert result.code == 2
    assert "https" in result.err
    assert "secret-token" not in result.err


def test_3_strict(cli: Cli) -> None:
    """--strict and a warning: nothing is sent, in a dry run and in lint just the same."""
    cli.shop()
    cli.item(f"{EPIC}/009.md", "Nine", depends_on="[77]")
    assert cli("lint").code == 0
    assert cli("lint", "--strict").code == 3
    assert cli("push", "--sandbox", "--strict", "--dry-run").code == 3
    refused = cli("push", "--sandbox", "--strict")
    assert refused.code == 3
    assert "Refused, nothing is sent" in refused.out
    assert not (cli.root / ".ghsync/map.json").exists()


def test_4_no_token(cli: Cli) -> None:
    """No token: what to do, with and without one."""
    cli.shop()
    result = cli("push", "--repo", REPO)
    assert result.code == 4
    assert "GITHUB_TOKEN" in result.err
    assert "--sandbox" in result.err


def test_4_refused_token(cli: Cli, server: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """A token that GitHub refuses."""
    connect(monkeypatch, server, GITHUB_TOKEN="of-nobody")
    cli.shop()
    result = cli("push")
    assert result.code == 4
    assert "expired or revoked" in result.err
    assert "of-nobody" not in result.err + result.out


def test_5_wrong_repository(cli: Cli) -> None:
    """The map of one repository is not pushed to another."""
    cli.shop()
    assert cli("push", "--sandbox", "--repo", REPO).code == 0
    result = cli("push", "--sandbox", "--repo", "octo/other")
    assert result.code == 5
    assert REPO in result.err
    assert "sandbox reset" in result.err


def test_5_another_run_holds_the_lock(cli: Cli) -> None:
    """The second of two pushes at once names the first."""
    cli.shop()
    store = Store.open(cli.root)
    with store.locked(since=0.0, command="push"):
        result = cli("push", "--sandbox")
    assert result.code == 5
    assert str(os.getpid()) in result.err


@pytest.mark.parametrize("name", ["map.json", "journal.jsonl"])
def test_5_unreadable_state(cli: Cli, name: str) -> None:
    """A damaged map or journal is an error with a remedy, never an empty map."""
    cli.shop()
    cli("push", "--sandbox")
    cli.write(f".ghsync/{name}", "not json\nat all\n")
    for command in (["push", "--sandbox"], ["status", "--sandbox"], ["map", "show"]):
        result = cli(*command)
        assert result.code == 5, command
        assert name in result.err


def test_5_brake(cli: Cli) -> None:
    """A plan that would rewrite much of what exists waits for its number to be named."""
    cli.shop(12)
    cli("push", "--sandbox")
    for n in range(1, 13):
        cli.item(f"{EPIC}/{n:03d}.md", f"New {n}")
    result = cli("push", "--sandbox")
    assert result.code == 5
    assert "--allow-changes 12" in result.err
    assert cli("push", "--sandbox", "--allow-changes", "12").code == 0


def test_6_out_of_time(cli: Cli) -> None:
    """--max-time ends a run that the next one finishes."""
    cli.shop(9)
    stopped = cli("push", "--sandbox", "--max-time", "4s")
    assert stopped.code == 6
    assert "the same command again" in stopped.out
    assert cli("push", "--sandbox").code == 0
    assert cli("push", "--sandbox").out.count("10 unchanged")


def test_10_writes_are_pending(cli: Cli) -> None:
    """--detailed-exitcode tells a dry run that found something from one that did not."""
    cli.shop()
    assert cli("push", "--sandbox", "--dry-run").code == 0
    assert cli("push", "--sandbox", "--dry-run", "--detailed-exitcode").code == 10
    cli("push", "--sandbox")
    assert cli("push", "--sandbox", "--dry-run", "--detailed-exitcode").code == 0


def test_70_bug(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bug is one line that says where, asks for a report, and is JSON, too."""

    def broken(*_: object) -> None:
        raise RuntimeError("never")

    monkeypatch.setattr("ghsync.sync.push", broken)
    result = cli("push", "--sandbox", "--json")
    assert result.code == 70
    assert "Please report it" in result.err
    assert result.document["error"]["code"] == "bug"


def test_each_code_is_in_the_readme(request: pytest.FixtureRequest) -> None:
    """The README's table names each exit code."""
    readme = (request.config.rootpath / "README.md").read_text("utf-8")
    for code in ExitCode:
        assert f"| {code.value} |" in readme
