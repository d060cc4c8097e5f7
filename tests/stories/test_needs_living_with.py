"""What none of the peers has, needs 9 to 15: references, other tools, CI, names, broken parts."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from stories.story_kit import EPIC, PRD, REPO, FaultKind, Story, call

import ghsync
from ghsync.report import markdown

# -------------------------------------------------------------- 9: two-pass references


def test_9_references_become_numbers(story: Story) -> None:
    """Need 9: links to files of items lead to their issues, those that point ahead, too.

    ccpm's renaming turned "HTTP 001" into "HTTP 2".
    """
    story.cli.item(f"{EPIC}/epic.md", "Sell things", "First [the cart](001.md). HTTP 001.")
    story.cli.item(f"{EPIC}/001.md", "Task 1", "Of [the epic](epic.md#why); then [pay](002.md).")
    story.cli.item(f"{EPIC}/002.md", "Task 2", "Text.", depends_on="[001]")
    story.push()
    one, two, epic = (story.number(name) for name in ("Task 1", "Task 2", "Sell things"))
    assert f"/issues/{one} " in story.body("Sell things")
    assert "HTTP 001." in story.body("Sell things")
    assert f"/issues/{epic} " in story.body("Task 1")
    assert f"/issues/{two} " in story.body("Task 1")
    assert story.blockers("Task 2") == ["Task 1"]
    story.nothing_to_do()


def test_9_over_a_hundred_children_are_reported(story: Story) -> None:
    """Need 9: GitHub takes 100 sub-issues of one parent; the rest is named, with a way out."""
    story.cli.shop(102)
    dry = story.json("push", "--dry-run", code=1)
    over = [each for each in dry["findings"] if each["code"] == "too_many_children"]
    assert [each["path"] for each in over] == [f"{EPIC}/101.md", f"{EPIC}/102.md"]
    assert "overflow" in over[0]["message"]
    story.cli.write("ghsync.toml", 'overflow = "label"\n')
    story.json("push", "--limits", "none")
    assert len(story.children("Shop")) == 100
    assert story.parent("Task 102") is None
    assert {"task", "in: shop"} <= story.labels("Task 102")


# --------------------------------------------------------------------- 10: importers


def test_10_ccpms_record_is_taken_over(story: Story) -> None:
    """Need 10: the mapping file and ``github:`` of ccpm, where a file's name is another's number.

    Of 710 such files 162 are called by another number than their issue's.
    """
    octo = story.person
    epic = octo.open_issue("Epic: shop", body="Sell.", now=story.now).number
    octo.open_pull_request("Cart", now=story.now)
    cart = octo.open_issue("Cart", body="Do.", now=story.now).number
    pay = octo.open_issue("Pay", body="Do.", now=story.now).number
    url = f"https://github.com/{REPO}/issues"
    story.cli.item(f"{EPIC}/epic.md", "shop", "Sell.", github=f"{url}/{epic}")
    story.cli.item(f"{EPIC}/{pay}.md", "Cart", "Do.", github=f'"{url}/{cart}"')
    story.cli.item(f"{EPIC}/002.md", "Pay", "Do.", github="(will be set on sync)")
    story.cli.write(
        f"{EPIC}/github-mapping.md",
        f"# GitHub Issue Mapping\n\nEpic: #{epic} - {url}/{epic}\n\nTasks:\n\n"
        f"- #{pay}: Pay - {url}/{pay}\n\nSynced: 2025-09-24T19:02:26Z\n",
    )
    story("map", "import", "--yes")
    assert story.map() == {f"{EPIC}/epic": epic, f"{EPIC}/{pay}": cart, f"{EPIC}/002": pay}
    document = story.push("--on-conflict", "local")
    assert document["totals"]["create"] == 0
    assert len(story.issues) == 3
    story.nothing_to_do()


def test_10_an_issue_that_exists_is_adopted(story: Story) -> None:
    """Need 10: ``map adopt`` takes the issue that a person opened; asked for in beads (#3254)."""
    story.shop(1)
    number = story.person.open_issue("Task 1", body="Do 1.", now=story.now).number
    story("map", "adopt", f"{EPIC}/001", number)
    document = story.push()
    assert document["totals"]["create"] == 2
    assert story.titles == ["Sell things", "Shop", "Task 1"]
    assert story.parent("Task 1") == "Sell things"


# ------------------------------------------------------------------ 11: pull requests


def test_11_a_pull_request_shows_the_plan(story: Story, tmp_path: Path) -> None:
    """Need 11: a preview with a read-only look, and one runner that is the only creator.

    The comment's text comes from the library; the second runner at the same time is refused.
    """
    story.shop(2)
    text = markdown.step_summary(ghsync.plan(story.root))
    assert "Task 1" in text
    assert story.issues == []
    runner = tmp_path / "runner"
    there = Story(story.elsewhere(runner), story.server, story.clock)
    there.shop(2)
    with story.in_the_middle():
        done = call(runner, "push", "--json", env=story.server.environment() | {"CI": "true"})
        assert done.code == 5
        assert done.document["totals"]["failed"] == 0
    assert len(story.issues) == 1


# ---------------------------------------------------- 12: names that change, files that go


def test_12_a_file_may_be_renamed_moved_and_renumbered(story: Story) -> None:
    """Need 12: by its content; one file takes the number of another that moves on.

    ClaudeAutoPM's files, never renamed, broke "the entire PM workflow" (#213).
    """
    story.shop(3)
    story.push()
    numbers = {title: story.number(title) for title in story.titles}
    for old, new in (("003", "017-third"), ("002", "018")):
        (story.root / f"{EPIC}/{old}.md").rename(story.root / f"{EPIC}/{new}.md")
    story.change(f"{EPIC}/017-third.md", "[002]", "[018]")
    (story.root / f"{PRD}/shop.md").rename(story.root / f"{PRD}/store.md")
    story.change(f"{EPIC}/epic.md", f"{PRD}/shop.md", f"{PRD}/store.md")
    document = story.json("push")
    assert document["totals"]["create"] == 0
    assert len(document["renames"]) == 3
    assert numbers == {title: story.number(title) for title in story.titles}
    story.nothing_to_do()


def test_12_deleted_files_are_reported(story: Story) -> None:
    """Need 12: the issue of a file that is gone stays open, is named, and waits for the file."""
    story.shop(2)
    story.push()
    (story.root / f"{EPIC}/002.md").unlink()
    document = story.push()
    assert document["operations"] == []
    (left,) = document["skipped"]
    assert (left["path"], left["reason"]) == (
        f"{EPIC}/002.md",
        f"its file is gone; issue #{story.number('Task 2')} is left as it is",
    )
    assert f"{left['path']}\n     {left['reason']}" in story("push").out
    assert story.issue("Task 2").state == "open"
    story.shop(2)
    story.nothing_to_do()


def test_12_prune_closes_what_has_no_file(story: Story) -> None:
    """Need 12: ``--prune`` closes that issue as not planned, and no issue of a person."""
    story.shop(2)
    story.push()
    story.person.open_issue("By a person", now=story.now)
    (story.root / f"{EPIC}/002.md").unlink()
    document = story.push("--prune")
    assert [op["op"] for op in document["operations"]] == ["close"]
    assert story.issue("Task 2").state_reason == "not_planned"
    assert story.issue("By a person").state == "open"
    story.nothing_to_do()


def test_12_what_became_of_an_issue_is_said_by_name(story: Story) -> None:
    """Need 12: transferred, deleted, converted: named, left alone, and not made again."""
    story.shop(3)
    story.push()
    now = story.now
    story.person.transfer(story.number("Task 1"), "octo/other", now=now)
    story.person.delete(story.number("Task 2"), now=now)
    story.person.convert_to_discussion(story.number("Task 3"), now=now)
    for n in (1, 2, 3):
        story.change(f"{EPIC}/{n:03d}.md", f"Do {n}.", f"Do {n} now.")
    result = story("push", code=1)
    for word in ("transferred", "deleted", "discussion"):
        assert word in result.out
    assert story.titles == ["Sell things", "Shop", "Task 3"]


# ------------------------------------------------------------------------ 13: mentions


def test_13_nobody_is_notified_by_accident(story: Story) -> None:
    """Need 13: decorators, strangers and stray numbers; code stays; the project's people are meant.

    In ghapi every ``@name`` notified a person (#121).
    """
    story.person.add_collaborator("ann", now=story.now)
    text = (
        "Use @staticmethod, ask @ann and @stranger. Our #1 reason; fixes #12.\n\n"
        "```python\n@property\ndef x(self): ...  # 7 and #7\n```\n\nMail a@b.example."
    )
    story.cli.item(f"{EPIC}/epic.md", "Sell things", text)
    story.push()
    body = story.body("Sell things")
    for harmless in ("@&#8203;staticmethod", "@&#8203;stranger", "#&#8203;1 reason"):
        assert harmless in body
    assert "ask @ann" in body
    assert "#12" not in body
    for kept in ("```python\n@property\n", "# 7 and #7", "a@b.example"):
        assert kept in body
    story.nothing_to_do()


# ----------------------------------------------------------------- 14: partial failure


def test_14_one_bad_part_costs_that_part(story: Story) -> None:
    """Need 14: a bad assignee, a long label, a file that is no UTF-8: exit 1, the rest is there.

    ClaudeAutoPM exits 0; one bad assignee loses an issue elsewhere.
    """
    story.shop(2)
    story.cli.item(f"{EPIC}/003.md", "Task 3", assignee="-no--one-", labels=f"[{'x' * 60}, ok]")
    story.cli.write(f"{EPIC}/004.md", b"---\nname: caf\xe9\n---\n")
    story.cli.write(f"{EPIC}/005.md", "---\nname: [broken\n---\n\nText.\n")
    document = story.push(code=1)
    codes = {each["code"] for each in document["findings"]}
    assert {"assignee_no_login", "label_too_long", "not_utf8", "yaml_invalid"} <= codes
    assert story.labels("Task 3") == {"task", "ok"}
    assert story.titles == ["Sell things", "Shop", "Task 1", "Task 2", "Task 3"]


def test_14_a_failed_request_fails_one_item(story: Story) -> None:
    """Need 14: GitHub refuses one update; the others are made, exit 1, and a retry mends it."""
    story.shop(3)
    story.push()
    for n in (1, 2, 3):
        story.change(f"{EPIC}/{n:03d}.md", f"Do {n}.", f"Do {n} now.")
    number = story.number("Task 2")
    story.fails(FaultKind.STATUS, method="^PATCH$", path=f"/issues/{number}$", status=422)
    document = story.json("push", code=1)
    assert (document["totals"]["failed"], document["totals"]["update"]) == (1, 3)
    assert story.body("Task 2") == "Do 2."
    assert story.body("Task 3") == "Do 3 now."
    story("retry")
    assert story.body("Task 2") == "Do 2 now."


# --------------------------------------------------------- 15: a report, a fake GitHub


def test_15_a_plan_is_rehearsed_offline(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    """Need 15: without a token or a network, on the embedded GitHub; JSON by a published schema."""
    for name in story.server.environment():
        monkeypatch.delenv(name)
    story.shop(2)
    document = story.json("push", "--sandbox", "--events", "events.ndjson")
    assert document["totals"]["create"] == 4
    events = [json.loads(line) for line in story.file("events.ndjson").splitlines()]
    assert events[-1]["event"] == "end"
    assert story.json("push", "--sandbox")["operations"] == []
    assert story.log() == []
