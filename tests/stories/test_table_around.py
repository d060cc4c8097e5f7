"""Rows of the peers' feature table: CI, the library, and what other tools left."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from action.action_kit import World, workflows_bot
from action.workflow_kit import Hosted
from stories.story_kit import EPIC, REPO, Story

import ghsync
from ghsync.sandbox.people import Person


def test_a_workflow_previews_and_pushes(story: Story, tmp_path: Path) -> None:
    """Row "Ready-made GitHub Action": its steps and the example workflows, as a runner has them.

    The plan is a comment on the pull request; the push commits the map, so the next runner, whose
    checkout is fresh, makes nothing again.
    """
    github = story.server.github
    hosted = Hosted(tmp_path / "hosted", World(github, story.server.url, workflows_bot(github)))
    story.shop(2)
    hosted.commit(lambda at: shutil.copytree(story.root, at, dirs_exist_ok=True))
    assert not hosted.run("preview.yml", pull=hosted.world.open_pull()).failed
    [comment] = hosted.world.comments
    assert "3 to create" in comment.body or "4 to create" in comment.body
    assert hosted.world.titles == []
    assert not hosted.run("push.yml").failed
    made = hosted.world.titles
    assert str(len(made)) in comment.body
    assert ".ghsync/map.json" in hosted.files()
    again = hosted.run("push.yml")
    assert (again.failed, hosted.world.titles) == (False, made)


def test_the_library_does_the_same(story: Story, capsys: pytest.CaptureFixture[str]) -> None:
    """Row "Importable library": typed values, nothing printed; the command line sees the result."""
    story.shop(2)
    capsys.readouterr()
    plan = ghsync.plan(story.root)
    run = ghsync.push(story.root)
    assert (run.total, run.succeeded, run.failed) == (plan.total, plan.total, 0)
    assert {result.number for result in run.results if result.number} == {1, 2, 3, 4}
    assert capsys.readouterr() == ("", "")
    story.nothing_to_do()


def test_another_tools_map_is_taken_over(story: Story) -> None:
    """Row "Imports another tool's map": planpilot's, whose issues people have edited since.

    No peer reads another one's map.
    """
    octo = story.person
    epic = octo.open_issue("Epic: Sell things", labels=("customer",), now=story.now).number
    task = octo.open_issue("Task 1", now=story.now).number
    for name, title, ident in (("epic", "Sell things", "E1"), ("001", "Task 1", "T1")):
        story.cli.item(f"{EPIC}/{name}.md", title, id=ident)
    entries = {
        ident: {
            "id": f"I_{number}",
            "key": f"#{number}",
            "url": f"https://github.com/{REPO}/issues/{number}",
            "item_type": kind,
        }
        for ident, number, kind in (("E1", epic, "EPIC"), ("T1", task, "TASK"))
    }
    story.cli.write(
        "sync-map.json",
        json.dumps({"plan_id": "abc", "target": REPO, "board_url": "x", "entries": entries}),
    )
    document = story.json("map", "import", "--yes")
    assert document["totals"]["adopt"] == 2
    pushed = story.push("--on-conflict", "local")
    assert pushed["totals"]["create"] == 0
    assert story.titles == ["Sell things", "Task 1"]
    assert story.labels("Sell things") == {"epic", "customer"}
    assert isinstance(octo, Person)
    story.nothing_to_do()
