"""Markers that strangers write: in issues of their own, in old ones, in copies, in examples."""

from __future__ import annotations

import pytest
from cli.cli_kit import EPIC, REPO, Cli, Served

from ghsync.journal import Intent
from ghsync.model import Issue, IssueId, IssueNumber, Key, State, Uid
from ghsync.reconcile import originals
from ghsync.remote.parse import parse_issue
from ghsync.render import marker, parse_marker, split, with_marker
from ghsync.sandbox.people import Person

NOW = 1_790_000_000.0
UID = Uid("f" * 32)
TASK = Key(f"{EPIC}/001")


def stranger(github: Served) -> Person:
    """Somebody who may open issues, and nothing else."""
    Person(github.github, REPO, login="octo", now=NOW)
    return Person(github.github, REPO, login="mallory", now=NOW)


def titles(github: Served) -> dict[int, str]:
    """The issues that are there."""
    repo = Person(github.github, REPO, login="octo", now=NOW).repo
    return {each.number: each.title for each in repo.issues.values() if each.here}


def test_a_strangers_marker_takes_no_item(cli: Cli, github: Served) -> None:
    """Opened before the item was pushed, with its key: neither adopted nor made beside it."""
    cli.shop(1)
    forged = stranger(github).open_issue("Mine", body=with_marker("x", UID, TASK), now=NOW)
    document = cli.json("push")
    assert f"#{forged.number}" not in str(document["operations"])
    (finding,) = [each for each in document["findings"] if each["code"] == "marker_of_stranger"]
    assert "mallory" in finding["message"]
    assert "map adopt" in finding["message"]
    assert sorted(titles(github).values()) == ["Mine", "Shop"]
    assert cli("map", "adopt", TASK, forged.number, "--any-title").code == 0  # a person's word


def test_a_strangers_old_issue_does_not_become_the_item_when_the_map_is_lost(
    cli: Cli, github: Served
) -> None:
    """They copy the marker into an issue of theirs that is older, so its number is lower."""
    mallory = stranger(github)
    old = mallory.open_issue("Old", body="x", now=NOW)
    cli.shop(1)
    assert cli("push").code == 0
    task = next(n for n, title in titles(github).items() if title == "Task 1")
    body = mallory.repo.issues[task].body or ""
    mallory.edit(old.number, body=body, now=NOW)
    assert cli("map", "rebuild").code == 0
    numbers = {each["key"]: each["number"] for each in cli.json("map", "show")["items"]}
    assert numbers[TASK] == task
    assert cli.json("push")["operations"] == []


def test_a_strangers_marker_for_nothing_of_ours_stops_no_strict_push(
    cli: Cli, github: Served
) -> None:
    """A copy of a marker whose item has its issue is a stranger's text, and no warning."""
    cli.shop(1)
    assert cli("push").code == 0
    mallory = stranger(github)
    repo = mallory.repo
    for issue in list(repo.issues.values()):
        mallory.open_issue(f"Copy of {issue.title}", body=issue.body or "", now=NOW)
    assert cli("push", "--strict").code == 0


def test_a_rebuild_leaves_a_strangers_marker_out_and_says_so(cli: Cli, github: Served) -> None:
    """The only marker of a key is a stranger's: a notice, and nothing in the map."""
    cli.shop(1)
    stranger(github).open_issue("Mine", body=with_marker("x", UID, TASK), now=NOW)
    result = cli("map", "rebuild")
    assert "a stranger to the repository" in result.err
    assert cli.json("map", "show")["items"] == []
    assert cli("map", "rebuild", "--any-author").code == 0  # a person's word
    assert [each["key"] for each in cli.json("map", "show")["items"]] == [TASK]


def test_whose_token_it_is_is_no_stranger(
    cli: Cli, github: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server may count nobody among a repository's own; what we made comes back all the same."""
    cli.shop(1)
    assert cli("push").code == 0
    (cli.root / ".ghsync/map.json").unlink()
    (cli.root / ".ghsync/journal.jsonl").unlink(missing_ok=True)
    monkeypatch.setattr("ghsync.sandbox.present.View._association", lambda *_: "NONE")
    assert cli("map", "rebuild").code == 0
    assert len(cli.json("map", "show")["items"]) == 2
    assert cli.json("push")["operations"] == []


@pytest.mark.parametrize(
    ("association", "kind", "found"),
    [
        ("OWNER", "User", None),
        ("MEMBER", "User", None),
        ("COLLABORATOR", "User", None),
        ("MANNEQUIN", "User", None),
        ("NONE", "Bot", None),
        (None, "User", None),
        ("NONE", "User", "mallory"),
        ("CONTRIBUTOR", "User", "mallory"),
        ("FIRST_TIME_CONTRIBUTOR", "User", "mallory"),
        ("WHATEVER COMES", "User", "mallory"),
    ],
)
def test_who_is_a_stranger(association: str | None, kind: str, found: str | None) -> None:
    """By GitHub's word; apps were let in by the repository's owner; without a word nobody is."""
    data = {
        "number": 1,
        "id": 1,
        "title": "x",
        "state": "open",
        "body": marker(UID, TASK),
        "user": {"login": "mallory", "type": kind},
        "author_association": association,
    }
    issue = parse_issue(data)
    assert issue is not None
    assert issue.stranger == found


def test_a_lost_create_is_found_by_the_lowest_number_above_its_floor() -> None:
    """A copy is younger, and an old issue that somebody edits is below the floor."""

    def issue(number: int) -> Issue:
        return Issue(
            number=IssueNumber(number),
            id=IssueId(number),
            title="x",
            body="",
            state=State.OPEN,
            uid=UID,
            marker_key=TASK,
        )

    intent = Intent(key=TASK, uid=UID, floor=IssueNumber(10), at=NOW)
    found = originals([intent], [issue(30), issue(5), issue(11), issue(20)])
    assert found[UID].number == 11
    assert originals([intent], [issue(5), issue(10)]) == {}


@pytest.mark.parametrize(
    "text",
    [
        "```\n{}\n```",
        "~~~html\n{}\n~~~",
        "see `{}` there",
        "````\n```\n{}\n```\n````",
        "```\nunclosed\n{}",
    ],
)
def test_a_marker_in_code_is_an_example(text: str) -> None:
    """Somebody shows how it looks; the text keeps it, and it names nobody."""
    shown = text.replace("{}", marker(UID, TASK))
    assert parse_marker(shown) is None
    assert split(shown).body == shown
    ours = with_marker(shown, Uid("a" * 32), TASK)
    assert split(ours).marker is not None
    assert split(ours).body == shown


def test_a_marker_outside_code_is_found_wherever_it_was_moved() -> None:
    """After a block of code, in the middle, at the end."""
    for text in ("```\nx\n```\n{}", "a {} b", "a\n\n{}", "~~~\n```\n~~~\n{}\n"):
        found = parse_marker(text.replace("{}", marker(UID, TASK)))
        assert found is not None
        assert found.uid == UID
