"""The examples: read as they are meant, without a complaint, and true in what they show."""

from __future__ import annotations

import runpy
import shutil
from collections import Counter
from pathlib import Path

import pytest

from ghsync.lint import LintSettings, check
from ghsync.loader import load
from ghsync.model import Item, Key, Kind, Loaded, Priority, Severity, State

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"
PROJECTS = {
    # folder: (layout, PRDs, epics, tasks)
    "ccpm-shop": ("ccpm", 2, 2, 8),
    "backlog-app": ("backlog", 0, 0, 9),
    "spec-kit-notes": ("spec-kit", 0, 2, 12),
}


def read(project: str) -> Loaded:
    """The example as the loader sees it."""
    return load(EXAMPLES / project)


def items(project: str) -> dict[Key, Item]:
    """The example's items by key."""
    return {item.key: item for item in read(project).items}


@pytest.mark.parametrize("project", PROJECTS)
def test_each_example_is_its_layout(project: str) -> None:
    """The layout is detected, and the kinds add up."""
    layout, prds, epics, tasks = PROJECTS[project]
    loaded = read(project)
    assert loaded.layouts == (layout,)
    expected = {Kind.PRD: prds, Kind.EPIC: epics, Kind.TASK: tasks}
    assert {k: n for k, n in expected.items() if n} == Counter(i.kind for i in loaded.items)


@pytest.mark.parametrize("project", PROJECTS)
def test_each_example_is_without_findings(project: str) -> None:
    """Neither the loader nor lint has an error or a warning, so that a newcomer sees none."""
    loaded = read(project)
    checked = check(loaded, settings=LintSettings())
    assert checked.refused == {}
    assert [f for f in checked.findings if f.severity is not Severity.INFO] == []


def test_ccpm_has_parents_dependencies_and_priorities() -> None:
    """A task hangs below its epic, the epic below its PRD; ``[001, 002]`` are two tasks."""
    shop = items("ccpm-shop")
    folder = ".claude/epics/guest-checkout"
    pay = shop[Key(f"{folder}/003")]
    assert pay.title == "Take a payment for a guest order"
    assert pay.parent == f"{folder}/epic"
    assert shop[Key(f"{folder}/epic")].parent == ".claude/prds/guest-checkout"
    assert pay.blocked_by == (f"{folder}/001", f"{folder}/002")
    assert pay.priority is Priority.CRITICAL
    assert {"backend", "payments"} <= set(pay.labels)
    assert [i.key for i in shop.values() if i.state is State.CLOSED] == [f"{folder}/001"]


def test_ccpm_notes_are_listed_as_no_items() -> None:
    """An analysis beside a task is named, with the reason why it is none."""
    assert [n.path for n in read("ccpm-shop").not_items if n.reason] == [
        ".claude/epics/guest-checkout/002-analysis.md"
    ]


def test_backlog_has_subtasks_milestones_and_an_archive() -> None:
    """``parent_task_id`` is the parent; a completed task is archived and closed."""
    app = {item.ident: item for item in read("backlog-app").items}
    assert app["task-3.1"].parent == app["task-3"].key
    assert app["task-3.1"].blocked_by == (app["task-2"].key,)
    assert app["task-5"].milestone == "Year two"
    assert app["task-1"].state is State.CLOSED
    assert not app["task-1"].archived
    assert app["task-0"].archived
    assert app["task-0"].state is State.CLOSED
    assert sorted(n.path.split("/")[1] for n in read("backlog-app").not_items) == [
        "decisions",
        "drafts",
    ]


def test_spec_kit_has_a_task_for_each_line() -> None:
    """A feature is an epic by its H1; a ticked line is closed; ``[US1]`` is a label."""
    notes = items("spec-kit-notes")
    feature = Key("specs/001-offline-notes")
    assert "Offline notes" in notes[feature].title
    ticked = [k for k, i in notes.items() if i.state is State.CLOSED]
    assert ticked == [f"{feature}#T001", f"{feature}#T002", f"{feature}#T003"]
    killed = notes[Key(f"{feature}#T005")]
    assert killed.parent == feature
    assert "US1" in killed.labels
    assert killed.line == 20


def test_the_library_example_runs(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The program pushes the shop to the sandbox; a second time there is nothing to do."""
    for name in ("GITHUB_TOKEN", "GH_TOKEN", "GITHUB_REPOSITORY", "GITHUB_API_URL"):
        monkeypatch.delenv(name, raising=False)
    shop = shutil.copytree(EXAMPLES / "ccpm-shop", tmp_path / "shop")
    program = runpy.run_path(str(EXAMPLES / "library/push.py"))
    assert program["main"](str(shop)) == 0
    first = capsys.readouterr()
    assert first.err == ""
    assert first.out.count("done") > len(items("ccpm-shop"))
    assert program["main"](str(shop)) == 0
    assert capsys.readouterr().out.startswith("0 of 0 operations")
