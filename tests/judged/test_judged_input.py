"""What stands in files and is neither read nor mentioned would be made twice, or lost."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import ghsync
from ghsync.cli.running import EventFile
from ghsync.embedded import sandbox_folder
from ghsync.remote import explain, wire
from ghsync.sandbox.store import SandboxStore

EPIC = Path(".claude/epics/e")


def write(root: Path, **tasks: str) -> None:
    """An epic, and tasks with this frontmatter."""
    (root / EPIC).mkdir(parents=True)
    (root / EPIC / "epic.md").write_text("---\nname: E\n---\n")
    for name, text in tasks.items():
        (root / EPIC / f"{name[1:]}.md").write_text(f"---\nname: T{name}\n{text}\n---\n")


@pytest.mark.parametrize(
    "text",
    [
        '"Issue #124"',
        '"#141 (closed)"',
        "issues/142",
        '"see #9"',
        "https://github.com/owner/repo/issues/7",
        "https://github.com/o/r/pull/12",
    ],
)
def test_what_looks_like_an_issue_and_is_none_is_named(tmp_path: Path, text: str) -> None:
    """A number that is not read makes a second issue, so it needs a word."""
    write(tmp_path, _001=f"github: {text}")
    loaded = ghsync.load(tmp_path)
    assert [item.recorded for item in loaded.items] == [None, None]
    assert [found.code for found in loaded.findings] == ["recorded_unusable"]


@pytest.mark.parametrize(
    "text", ["[Will be updated when synced to GitHub]", "TBD", "ISSUE-131", "null", '"{{issue}}"']
)
def test_a_placeholder_is_nothing(tmp_path: Path, text: str) -> None:
    """Nothing is recorded, and nothing is said."""
    write(tmp_path, _001=f"github: {text}")
    loaded = ghsync.load(tmp_path)
    assert [item.recorded for item in loaded.items] == [None, None]
    assert not loaded.findings


def test_a_template_in_many_files_refuses_none_of_them(tmp_path: Path) -> None:
    """The example's address is nobody's issue, so it is not recorded twice."""
    line = "github: https://github.com/owner/repo/issues/123"
    write(tmp_path, _001=line, _002=line)
    assert {found.severity for found in ghsync.load(tmp_path).findings} == {ghsync.Severity.WARNING}


def test_markdown_by_its_other_name_is_listed(tmp_path: Path) -> None:
    """Each markdown file is an item, or listed with the reason."""
    write(tmp_path, _001="status: open")
    (tmp_path / EPIC / "002.markdown").write_text("---\nname: two\n---\n")
    assert [each.path for each in ghsync.load(tmp_path).not_items] == [f"{EPIC}/002.markdown"]


def test_looking_at_a_sandbox_writes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A dry run works in a folder that cannot be written, with the sandbox in it, too."""
    write(tmp_path, _001="status: open")
    ghsync.push(tmp_path, sandbox=True)
    monkeypatch.setattr(os, "access", lambda *_: False)
    before = sorted(sandbox_folder(tmp_path).iterdir())
    with SandboxStore(sandbox_folder(tmp_path)) as store:
        github = store.open(keep=False)
        assert sorted(sandbox_folder(tmp_path).iterdir()) == before
    assert [len(repo.issues) for repo in github.state.repos.values()] == [2]
    assert not ghsync.push(tmp_path, sandbox=True, dry_run=True).plan.operations


def test_what_the_law_forbids_is_not_archived() -> None:
    """451 is no archived repository, which somebody could unarchive."""
    request = wire.get_repo("o/r")
    error = explain.error(451, {}, {"message": "Blocked"}, wire.parse_headers({}), request)
    assert "rchive" not in error.hint


def test_events_need_a_file() -> None:
    """``--events -`` is neither stdout nor a file named so."""
    with pytest.raises(ghsync.UsageError, match="goes to a file"):
        EventFile(Path("-"), virtual=True)
