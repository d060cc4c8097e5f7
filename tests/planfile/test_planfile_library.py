"""Plan files from the library: kept with ``save_plan``, carried out with ``apply``."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

import ghsync
from ghsync.config.settings import SETTINGS
from ghsync.saving import CARRIED, SHAPING

EPIC = ".claude/epics/shop"
RUNNING = {
    "repo", "api_url", "limits", "settle", "reserve", "concurrency", "max_time", "confirm",
    "on_error", "max_failures", "remote_lock", "pull", "token_file", "token_from",
}  # fmt: skip
"""Settings that change nothing of a plan, or are compared by themselves."""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder with an epic and a task."""
    folder = tmp_path / EPIC
    folder.mkdir(parents=True)
    for name, title in (("epic", "Shop"), ("001", "One")):
        (folder / f"{name}.md").write_text(f"---\nname: {title}\nstatus: open\n---\n\nText.\n")
    return tmp_path


def test_a_plan_is_kept_and_applied(root: Path) -> None:
    """With the options that it was made with; in a loop, too."""
    plan = root / "plan.json"
    ghsync.save_plan(ghsync.plan(root, sandbox=True, only="001", env={}), plan)
    run = ghsync.apply(plan, root, env={})
    assert run.command == "apply"
    assert (run.total, run.succeeded, run.error) == (4, 4, None)
    assert asyncio.run(ghsync.apply_async(plan, root, env={})).total == 0


def test_what_moved_is_the_runs_error(root: Path) -> None:
    """A value, as with every run that was refused; the list is whole."""
    plan = root / "plan.json"
    ghsync.save_plan(ghsync.plan(root, sandbox=True, env={}), plan)
    (root / EPIC / "001.md").write_text("---\nname: Other\n---\n")
    run = ghsync.apply(plan, root, env={}, dry_run=True)
    assert isinstance(run.error, ghsync.StalePlanError)
    assert run.error.moved[0] == f"file {EPIC}/001.md: it changed"
    assert run.error.exit_code == 5
    assert isinstance(ghsync.apply(plan, root, env={}).error, ghsync.StalePlanError)


def test_what_can_be_no_plan_file_is_said(root: Path) -> None:
    """No dry run, no GitHub, refused, items that are no files, no file at all, no plan in it."""
    plan = root / "plan.json"
    with pytest.raises(ghsync.AuthError):
        ghsync.save_plan(ghsync.plan(root, env={}), plan)
    with pytest.raises(ghsync.UsageError, match="dry run"):
        ghsync.save_plan(ghsync.push(root, sandbox=True, env={}), plan)
    (root / EPIC / "002.md").write_text("---\nname: Two\ndepends_on: [77]\nstatus: open\n---\n")
    with pytest.raises(ghsync.StrictLintError):
        ghsync.save_plan(ghsync.plan(root, sandbox=True, strict=True, env={}), plan)
    items = ghsync.load(root).items
    (root / "other").mkdir()
    given = ghsync.plan(root / "other", items=items, sandbox=True, env={})
    with pytest.raises(ghsync.UsageError, match="files"):
        ghsync.save_plan(given, plan)
    with pytest.raises(ghsync.UsageError, match="cannot be read"):
        ghsync.apply(plan, root, env={})
    plan.write_text("[]")
    with pytest.raises(ghsync.PlanFileError):
        ghsync.apply(plan, root, env={})
    assert isinstance(ghsync.PlanFileError("x"), ghsync.RefusedError)


def test_each_setting_is_decided() -> None:
    """A new setting either shapes plans, is taken over by ``apply``, or is the run's own."""
    names = {setting.name for setting in SETTINGS}
    assert names == {*SHAPING, *CARRIED, *RUNNING}
