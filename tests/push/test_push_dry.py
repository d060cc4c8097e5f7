"""The dry run is the plan: it writes nothing, and a push does exactly what it said."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from world import EPIC, World, code, names, ops, unfinished

from ghsync import sync
from ghsync.config import load_config
from ghsync.errors import ExitCode, NoLayoutError
from ghsync.sync import Surroundings


def bytes_of(root: Path) -> dict[str, bytes]:
    """Every file below a folder."""
    return {str(p.relative_to(root)): p.read_bytes() for p in root.rglob("*") if p.is_file()}


def push_for_real(root: Path, *, dry_run: bool = False) -> object:
    """A push with the folder's own sandbox, on the real disk."""
    config = load_config(root, options={"sandbox": True, "limits": "none"}, env={})
    return asyncio.run(sync.push(config, Surroundings(env={}), dry_run=dry_run))


def test_a_dry_run_writes_nothing(world: World) -> None:
    """Not a byte in the folder, before the first push and after it, sandbox included."""
    world.backlog(3)
    before = bytes_of(world.root)
    push_for_real(world.root, dry_run=True)
    assert bytes_of(world.root) == before
    push_for_real(world.root)
    world.task(1, "New")
    world.task(9, "More")
    before = bytes_of(world.root)
    run = push_for_real(world.root, dry_run=True)
    assert len(run.plan.operations) == 2  # type: ignore[attr-defined]
    assert bytes_of(world.root) == before


def test_the_folders_own_sandbox_is_kept(world: World) -> None:
    """A second push finds the issues of the first, with no write."""
    world.backlog(3)
    first = push_for_real(world.root)
    second = push_for_real(world.root)
    assert first.succeeded == first.total > 0  # type: ignore[attr-defined]
    assert second.total == 0  # type: ignore[attr-defined]
    assert (world.root / ".ghsync/map.json").exists()


def test_a_dry_run_leaves_github_alone(world: World) -> None:
    """It reads; a push after it does what it said, in its order."""
    world.backlog(3)
    plan = world.dry_run()
    assert world.writes() == []
    assert world.disk.steps == []
    run = world.push()
    assert run.plan.operations == plan.plan.operations
    assert plan.requests.writes == run.spent.writes


def test_pending_writes_can_be_asked_for(world: World) -> None:
    """A dry run's exit code is 0, or 10 where that is asked for and writes are pending."""
    from ghsync.outcome import exit_code_of

    world.backlog(1)
    run = world.dry_run()
    assert (code(run), exit_code_of(run, detailed=True)) == (ExitCode.DONE, ExitCode.PENDING)
    world.push()
    world.later()
    assert exit_code_of(world.dry_run(), detailed=True) is ExitCode.DONE


def test_strict_sends_nothing_when_there_is_a_finding(world: World) -> None:
    """Exit 3, in a dry run, too."""
    world.task(1, "An orphan")
    for dry_run in (True, False):
        run = world.push(dry_run=dry_run, strict=True)
        assert code(run) is ExitCode.STRICT
    assert world.writes() == []
    assert unfinished(world.push()) == []


def test_a_folder_without_items_is_a_usage_error(world: World) -> None:
    """Exit 2, with what was looked for."""
    world.file("README.md", "# Hello\n")
    with pytest.raises(NoLayoutError) as caught:
        world.push()
    assert caught.value.exit_code is ExitCode.USAGE


# ---------------------------------------------------------------------- any project

NUMBERS = st.integers(1, 6)
WORDS = st.sampled_from(["open", "in-progress", "done", "cancelled"])
LABELS = st.lists(st.sampled_from(["a", "b", "Big Thing", "EPIC"]), max_size=3)
TASK = st.fixed_dictionaries(
    {
        "title": st.sampled_from(["One", "Two", "One"]),
        "body": st.sampled_from(["", "Text.", "- [ ] box\n- [x] tick", "Ümläut\n\n```\n<!--\n```"]),
        "status": WORDS,
        "labels": LABELS,
        "depends_on": st.lists(NUMBERS, max_size=3),
        "priority": st.sampled_from(["critical", "high", "low"]),
        "milestone": st.sampled_from(["v1", "v2", ""]),
    }
)
FOLDERS = (".claude/epics/a", ".claude/epics/b")
PROJECT = st.dictionaries(
    st.tuples(st.sampled_from(FOLDERS), st.integers(0, 6)), TASK, min_size=1, max_size=8
)
"""Folder and number (0: the epic itself) to the fields of an item."""


def write(world: World, project: dict[tuple[str, int], dict[str, object]]) -> None:
    """Let the folder hold exactly these items."""
    for folder in FOLDERS:
        for path in (world.root / folder).glob("*.md") if (world.root / folder).exists() else ():
            path.unlink()
    for (folder, number), fields in project.items():
        if number:
            world.task(number, folder=folder, **fields)
        else:
            world.epic(folder=folder, **fields)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(states=st.lists(PROJECT, min_size=1, max_size=3))
def test_any_project_after_any_edits(
    states: list[dict[tuple[str, int], dict[str, object]]],
) -> None:
    """A push does what the dry run said; after it nothing is left; the map is GitHub."""
    with tempfile.TemporaryDirectory() as folder:
        world = World(Path(folder))
        for project in states:
            write(world, project)
            plan = world.dry_run(allow_changes=99)
            assert plan.eta_seconds >= 0
            run = world.push(allow_changes=99)
            assert run.plan.operations == plan.plan.operations
            assert unfinished(run) == []
            assert run.spent.writes == plan.requests.writes
            world.later()
            again = world.push()
            assert ops(again) == []
            world.agree()
            states_ = {row.state for row in world.status().values()}
            assert states_ <= {"in step", "missing", "gone"} | (
                {"behind"} if "milestone" in str(project) else set()
            )
            world.later()


def test_the_order_of_the_files_does_not_matter(tmp_path: Path) -> None:
    """The same items in another order of the disk give the same plan."""
    plans = []
    for name, numbers in (("a", range(1, 9)), ("b", range(8, 0, -1))):
        (tmp_path / name).mkdir()
        world = World(tmp_path / name)
        for number in numbers:
            world.task(number, f"Task {number}", EPIC, depends_on=[number % 8 + 1])
        world.epic()
        plans.append(world.dry_run().plan)
    assert plans[0] == plans[1]
    assert names(world.push()).count("create") == 9
