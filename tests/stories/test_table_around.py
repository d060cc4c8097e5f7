"""Rows of the peers' feature table: CI, the library, and what other tools left."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from stories.story_kit import EPIC, REPO, Story, call

import ghsync
from ghsync.sandbox.people import Person

WORKFLOW = Path(__file__).resolve().parents[2] / "examples/workflows/push.yml"


def test_a_workflow_previews_and_pushes(story: Story, tmp_path: Path) -> None:
    """Row "Ready-made GitHub Action": the example workflow's own commands, as a runner has them.

    A fresh checkout, the repository and the server in Actions' variables; the map is committed,
    so the next runner makes nothing again.
    """
    commands = re.findall(r"- run: (ghsync .+)", WORKFLOW.read_text("utf-8"))
    assert commands == ["ghsync lint --format github", "ghsync push --dry-run", "ghsync push"]
    story.shop(2)
    story.git("init", "-q", "-b", "main")
    story.git("add", ".")
    story.git("commit", "-qm", "Plan")
    runner = tmp_path / "runner"
    env = story.server.environment() | {"GITHUB_ACTIONS": "true", "CI": "true"}
    story.git("clone", "-q", str(story.root), str(runner))
    for command in commands:
        done = call(runner, *command.split()[1:], env=env)
        assert done.code == 0, done.err
    assert len(story.issues) == 4
    for name in ("add .ghsync", "commit -qm Map"):
        there = Story(story.elsewhere(runner), story.server, story.clock)
        there.git(*name.split(" ", 2))
    held = there.git("ls-files", ".ghsync").split()
    assert held == [".ghsync/.gitignore", ".ghsync/map.json"]
    second = tmp_path / "second"
    story.git("clone", "-q", str(runner), str(second))
    assert call(second, "push", "--json", env=env).document["operations"] == []


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
