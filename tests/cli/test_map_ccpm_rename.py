"""ccpm renames ``001.md`` to the issue's number and rewrites references: no issue is doubled."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from cli_kit import EPIC, REPO, Cli, Served

from ghsync.sandbox.people import Person

NOW = 1_790_000_000.0


@pytest.fixture
def pushed(cli: Cli, server: Served, monkeypatch: pytest.MonkeyPatch) -> Person:
    """An epic and three tasks, two of which wait for the first, on GitHub."""
    for name, value in server.environment().items():
        monkeypatch.setenv(name, value)
    cli.item(f"{EPIC}/epic.md", "shop", "Sell.")
    cli.item(f"{EPIC}/001.md", "Cart", "See HTTP 001.")
    cli.item(f"{EPIC}/002.md", "Pay", "Text.", depends_on="[001]")
    cli.item(f"{EPIC}/003.md", "Ship", "Text.", depends_on="[001, 002]")
    assert cli.json("push")["totals"]["create"] == 4
    return Person(server.github, REPO, login="octo", now=NOW)


def rename(cli: Cli, *, github: bool, whole: bool) -> dict[str, str]:
    """What ccpm does after its sync: names, references, and the ``github:`` field.

    ``whole`` is its ``sed`` over the whole file, text included.
    """
    items = cli.json("map", "show")["items"]
    numbers = {Path(item["path"]).stem: item["number"] for item in items}
    numbers.pop("epic")
    names = re.compile(rf"\b({'|'.join(numbers)})\b")
    texts: dict[str, str] = {}
    for old, number in numbers.items():
        file = cli.root / EPIC / f"{old}.md"
        text = file.read_text()
        file.unlink()
        lines = text.split("\n")
        text = "\n".join(
            names.sub(lambda match: str(numbers[match.group(0)]), line)
            if whole or line.startswith("depends_on:")
            else line
            for line in lines
        )
        if github:
            url = f"https://github.com/{REPO}/issues/{number}"
            text = text.replace("status: open", f"github: {url}\nupdated: x\nstatus: open", 1)
        texts[f"{EPIC}/{number}.md"] = text
    for path, text in texts.items():
        cli.write(path, text)
    return texts


def standing(person: Person) -> dict[str, Any]:
    """What matters of each issue: title, parent and blockers."""
    issues = person.repo.issues.values()
    return {i.title: (i.number, i.parent, sorted(i.blocked_by)) for i in issues}


@pytest.mark.parametrize("github", [True, False], ids=["github", "content"])
def test_the_renaming_is_followed(cli: Cli, pushed: Person, github: bool) -> None:
    """By the number that the file records, or by its content: no issue, no link, no write."""
    before = standing(pushed)
    rename(cli, github=github, whole=False)
    document = cli.json("push")
    assert [op["op"] for op in document["operations"]] == []
    assert document["totals"]["unchanged"] == 4
    assert len(document["renames"]) == 3
    assert standing(pushed) == before
    assert cli.json("push")["operations"] == []
    mapped = {item["key"]: item["number"] for item in cli.json("map", "show")["items"]}
    assert all(key.endswith(f"/{n}") for key, n in mapped.items() if not key.endswith("epic"))


def test_sed_over_the_whole_file(cli: Cli, pushed: Person) -> None:
    """``HTTP 001`` has become ``HTTP 2``: that text is pushed as the edit that it is."""
    before = standing(pushed)
    rename(cli, github=True, whole=True)
    document = cli.json("push")
    assert [(op["op"], op["title"]) for op in document["operations"]] == [("update", "Cart")]
    assert standing(pushed) == before
    assert cli.json("push")["operations"] == []


def test_names_that_are_old_and_new_at_once(cli: Cli, pushed: Person) -> None:
    """Without zeros ``2.md`` is the second task before, the issue #2 after: the field decides."""
    for old, new in (("001", "1"), ("002", "2"), ("003", "3")):
        text = (cli.root / EPIC / f"{old}.md").read_text()
        (cli.root / EPIC / f"{old}.md").unlink()
        cli.write(f"{EPIC}/{new}.md", re.sub(r"\b00(\d)\b(?=[\],])", r"\1", text))
    assert cli.json("push")["operations"] == []
    before = standing(pushed)
    rename(cli, github=True, whole=False)
    document = cli.json("push")
    assert document["operations"] == []
    assert len(document["renames"]) == 3
    assert standing(pushed) == before
    assert cli.json("push")["operations"] == []
