"""``ghsync diff``: what differs, field by field, for the eye and as a document."""

from __future__ import annotations

import pytest
from cli_kit import EPIC, REPO, Cli, Served

from ghsync.sandbox.people import Person

BODY = "First.\n\nMiddle.\n\nLast."
KEY = f"{EPIC}/epic"


@pytest.fixture
def person(cli: Cli, server: Served, monkeypatch: pytest.MonkeyPatch) -> Person:
    """Somebody on GitHub, where the epic's issue is in step with its file."""
    for name, text in server.environment().items():
        monkeypatch.setenv(name, text)
    cli.item(f"{EPIC}/epic.md", "Shop", BODY)
    cli.item(f"{EPIC}/001.md", "Task")
    assert cli("push", "-q").code == 0
    return Person(server.github, REPO, login="somebody", now=0.0)


def edit(person: Person, old: str, new: str) -> None:
    """Somebody edits the epic's body on GitHub."""
    body = person.issue(1).body or ""
    person.edit(1, body=body.replace(old, new), now=4_000_000_000.0)


def test_nothing_differs(cli: Cli, person: Person) -> None:
    """Exit 0, and one line."""
    assert person.issue(1).title == "Shop"
    result = cli("diff")
    assert (result.code, result.out) == (0, "no item differs from its issue\n")


def test_what_a_push_sends_and_what_a_pull_brings(cli: Cli, person: Person) -> None:
    """Both directions of one item, merged texts as line diffs; the others are not shown."""
    edit(person, "First.", "First, by a person.")
    cli.item(f"{EPIC}/epic.md", "Shop 2", BODY.replace("Last.", "Last, in the file."))
    result = cli("diff", KEY)
    assert result.code == 0
    head, *rows = result.out.splitlines()
    assert head == f"{EPIC}/epic.md  #1  Shop 2"
    assert rows[:2] == ["  a push sends", '    title: "Shop" → "Shop 2"']
    assert "    + Last, in the file." in rows
    assert "    + First, by a person." in rows
    assert rows.index("    + Last, in the file.") < rows.index("  changed on GitHub")
    document = cli.json("diff")
    (item,) = document["items"]
    assert [change["field"] for change in item["outgoing"]] == ["title", "body"]
    assert [change["field"] for change in item["incoming"]] == ["body"]
    assert item["incoming"][0]["new"] == item["outgoing"][1]["new"]
    assert document["totals"] == {"items": 1, "outgoing": 1, "incoming": 1, "conflict": 0}


def test_a_conflict_is_shown_with_both_sides(cli: Cli, person: Person) -> None:
    """Its lines, where they are, and how it is decided; exit 1."""
    edit(person, "First.", "Theirs.")
    cli.item(f"{EPIC}/epic.md", "Shop", BODY.replace("First.", "Mine.").replace("Last.", "New."))
    result = cli("diff")
    assert result.code == 1
    for row in ("    - Theirs.", "    + Mine.", "    @ line 1 of the file's text"):
        assert row in result.out.splitlines()
    assert "--on-conflict" in result.out
    assert "New." not in result.out
    document = cli("diff", "--json")
    assert document.code == 1
    (conflict,) = document.document["items"][0]["conflicts"]
    assert (conflict["local"], conflict["remote"]) == (
        BODY.replace("First.", "Mine.").replace("Last.", "New."),
        BODY.replace("First.", "Theirs."),
    )
    assert conflict["base"] == BODY
    (hunk,) = conflict["hunks"]
    assert (hunk["base"], hunk["local"], hunk["remote"]) == (["First."], ["Mine."], ["Theirs."])


def test_a_key_that_no_item_has(cli: Cli, person: Person) -> None:
    """Exit 2, with the command that lists the keys."""
    assert person.issue(1).title == "Shop"
    result = cli("diff", "nothing")
    assert (result.code, "ghsync items" in result.err) == (2, True)


def test_nothing_is_written(cli: Cli, person: Person) -> None:
    """A diff reads, and leaves map and journal as they are."""
    edit(person, "First.", "Theirs.")
    before = {path: path.read_bytes() for path in (cli.root / ".ghsync").glob("*.json*")}
    cli("diff")
    assert before == {path: path.read_bytes() for path in (cli.root / ".ghsync").glob("*.json*")}
