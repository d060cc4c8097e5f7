"""``ghsync map adopt``: a person says which issue is an item's, or asks for equal titles."""

from __future__ import annotations

import pytest
from cli_kit import EPIC, REPO, Cli, Served

from ghsync.sandbox.people import Person

NOW = 1_790_000_000.0


@pytest.fixture
def octo(cli: Cli, server: Served, monkeypatch: pytest.MonkeyPatch) -> Person:
    """A shop of two tasks, and a person with issues of the same names."""
    for name, value in server.environment().items():
        monkeypatch.setenv(name, value)
    cli.shop(2)
    person = Person(server.github, REPO, login="octo", now=NOW)
    for title in ("Shop", "Task 1", "Login fails on Safari"):
        person.open_issue(title, body="Text.", labels=("customer",), now=NOW)
    return person


def mapped(cli: Cli) -> dict[str, int]:
    """Which key is which issue."""
    return {item["key"]: item["number"] for item in cli.json("map", "show")["items"]}


def test_pairs_are_adopted(cli: Cli, octo: Person) -> None:
    """Several at once, with or without the hash and the ending; the push creates only the rest."""
    result = cli("map", "adopt", f"{EPIC}/epic", "1", f"{EPIC}/001.md", "#2")
    assert (result.code, "2 adopted" in result.out) == (0, True)
    assert mapped(cli) == {f"{EPIC}/epic": 1, f"{EPIC}/001": 2}
    document = cli.json("push", "--on-conflict", "local")
    assert document["totals"]["create"] == 1
    assert {op["number"] for op in document["operations"] if op["op"] == "update"} == {1, 2}
    labels = {octo.repo.labels[each].name for each in octo.issue(2).labels}
    assert labels == {"customer", "task"}
    assert cli.json("push")["operations"] == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([f"{EPIC}/01", "2"], f"Did you mean {EPIC}/001?"),
        ([f"{EPIC}/001"], "no number follows"),
        ([f"{EPIC}/001", "two"], "'two' is no issue's number"),
        ([], "--by-title"),
        (["--by-title", f"{EPIC}/001", "2"], "--by-title"),
    ],
)
def test_what_makes_no_sense_is_a_usage_error(
    cli: Cli, octo: Person, arguments: list[str], said: str
) -> None:
    """Exit 2 with the next step, and nothing is adopted."""
    result = cli("map", "adopt", *arguments)
    assert (result.code, said in result.err) == (2, True)
    assert octo.repo.issues
    assert mapped(cli) == {}


def test_what_is_wrong_is_refused_politely(cli: Cli, octo: Person) -> None:
    """A number that is no issue, one of another title, one of another item: named, exit 1."""
    octo.open_pull_request("Task 2", now=NOW)
    for number, said in (
        ("4", "#4 is a pull request"),
        ("5", "#5 does not exist"),
        ("3", "--any-title"),
    ):
        result = cli("map", "adopt", f"{EPIC}/002", number)
        assert (result.code, said in result.out) == (1, True)
    assert cli("map", "adopt", f"{EPIC}/001", "2").code == 0
    result = cli("map", "adopt", f"{EPIC}/002", "2", "--any-title")
    assert (result.code, f"#2 belongs to {EPIC}/001" in result.out) == (1, True)
    result = cli("map", "adopt", f"{EPIC}/001", "1", "--any-title")
    assert (result.code, f"map forget {EPIC}/001" in result.out) == (1, True)
    assert mapped(cli) == {f"{EPIC}/001": 2}
    assert cli("map", "adopt", f"{EPIC}/002", "3", "--any-title").code == 0


def test_a_dry_run_adopts_nothing(cli: Cli, octo: Person) -> None:
    """The document is the same, but for that."""
    document = cli.json("map", "adopt", f"{EPIC}/001", "2", "--dry-run")
    assert (document["totals"]["adopt"], document["dry_run"]) == (1, True)
    assert octo.issue(2).title == "Task 1"
    assert mapped(cli) == {}


def test_a_forgotten_issue_can_be_taken_back(cli: Cli, octo: Person) -> None:
    """Forgetting keeps a file's number from being taken; a person's word counts for more."""
    number = octo.issue(2).number
    assert cli("map", "adopt", f"{EPIC}/001", str(number)).code == 0
    assert cli("map", "forget", f"{EPIC}/001").code == 0
    assert mapped(cli) == {}
    assert cli("map", "adopt", f"{EPIC}/001", str(number)).code == 0
    assert mapped(cli) == {f"{EPIC}/001": number}


def test_by_title_pairs_only_what_is_unique_and_asks(cli: Cli, octo: Person) -> None:
    """Shown first; without a terminal nothing happens until --yes."""
    octo.open_issue("Task 2", now=NOW)
    octo.open_issue("Task 2", now=NOW)
    result = cli("map", "adopt", "--by-title")
    assert (result.code, "2 to adopt" in result.out, "add --yes" in result.err) == (5, True, True)
    assert mapped(cli) == {}
    assert cli("map", "adopt", "--by-title", "--dry-run").code == 0
    assert mapped(cli) == {}
    assert cli("map", "adopt", "--by-title", "--yes").code == 0
    assert mapped(cli) == {f"{EPIC}/epic": 1, f"{EPIC}/001": 2}
    assert cli("map", "adopt", "--by-title").code == 0


def test_a_push_never_adopts_by_title(cli: Cli, octo: Person) -> None:
    """Without the request it stops and names it; by number, three new issues are made."""
    refused = cli.json("push")["error"]
    assert "ghsync map adopt --by-title" in refused["hint"]
    assert cli.json("push", "--allow-changes", 2)["totals"]["create"] == 3
    assert [issue.title for issue in octo.repo.issues.values()].count("Task 1") == 2


def test_a_list_with_ids_keeps_its_issues(cli: Cli, server: Served) -> None:
    """``TODO.md`` through a layout of one's own: words, order and ticks change, the issues stay."""
    env = server.environment()
    cli.write("ghsync.toml", '[layouts.todo]\nlists = ["TODO.md"]\n')
    cli.write("TODO.md", "- [ ] T1: Cart\n- [ ] T2: Pay\n  - [ ] T3: Refund\n- [ ] no id\n")
    assert env
    with pytest.MonkeyPatch.context() as patch:
        for name, value in env.items():
            patch.setenv(name, value)
        assert cli.json("push")["totals"]["create"] == 3
        assert cli.json("push")["operations"] == []
        cli.write("TODO.md", "- [x] T2: Pay at once\n  - [ ] T3: Refund\n- [ ] T1: Cart\n")
        document = cli.json("push")
        assert [(op["op"], op["title"]) for op in document["operations"]] == [
            ("update", "Pay at once")
        ]
        assert cli.json("push")["operations"] == []
