"""A plan that was committed with the files is carried out after the merge, or refused."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from action.action_kit import REPO, ROOT, TOKEN, World
from action.workflow_kit import Hosted
from cli.cli_kit import call


@pytest.fixture
def hosted(world: World, tmp_path: Path) -> Hosted:
    """A repository that holds the shop."""
    made = Hosted(tmp_path / "hosted", world)
    made.commit(lambda at: shutil.copytree(ROOT / "examples/ccpm-shop", at, dirs_exist_ok=True))
    return made


def plan(hosted: Hosted) -> None:
    """What an author does: make the plan in a clone, and commit it."""

    def write(at: Path) -> None:
        env = {"GITHUB_API_URL": hosted.world.url, "GITHUB_TOKEN": TOKEN, "GITHUB_REPOSITORY": REPO}
        made = call(at, "push", "--dry-run", "--out", "plan.json", env=env)
        assert made.code == 0, made.err

    hosted.commit(write, "The plan")


def test_the_merged_plan_is_applied(hosted: Hosted) -> None:
    """All of it, by a machine that has never seen the plan; the map is committed."""
    plan(hosted)
    ran = hosted.run("apply.yml")
    assert (ran.failed, ran.outputs("apply")["created"]) == (False, "12")
    assert len(hosted.world.titles) == 12
    assert ".ghsync/map.json" in hosted.files()


def test_a_file_that_changed_after_the_review_stops_it(hosted: Hosted) -> None:
    """Nothing is sent, and the run says which file."""
    plan(hosted)
    path = ".claude/epics/guest-checkout/002.md"
    hosted.commit(lambda at: (at / path).write_text((at / path).read_text() + "\n- [ ] More.\n"))
    ran = hosted.run("apply.yml")
    assert (ran.failed, ran.outputs("apply")["exit-code"]) == (True, "5")
    assert hosted.world.titles == []
