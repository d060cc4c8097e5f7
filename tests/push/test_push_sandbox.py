"""The folder's own sandbox, and what is remembered of one that is gone."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import ghsync
from ghsync.config import load_config
from ghsync.errors import WrongRepositoryError
from ghsync.upkeep import reset_sandbox


def test_what_was_read_of_a_removed_sandbox_is_not_taken_for_the_new_one(tmp_path: Path) -> None:
    """The map of it is refused, in a dry run and in a push; a reset starts afresh."""
    folder = tmp_path / ".claude" / "epics" / "shop"
    folder.mkdir(parents=True)
    (folder / "epic.md").write_text("---\nname: Shop\nstatus: open\n---\nText.\n")

    def push(*, dry_run: bool = False) -> ghsync.Run:
        return ghsync.push(tmp_path, sandbox=True, dry_run=dry_run, env={})

    assert push().succeeded
    assert push().plan.unchanged
    shutil.rmtree(tmp_path / ".ghsync" / "sandbox")
    for dry_run in (True, False, True):
        with pytest.raises(WrongRepositoryError, match="an earlier sandbox"):
            push(dry_run=dry_run)
    reset_sandbox(load_config(tmp_path))
    assert push().succeeded


def test_a_pull_may_be_the_first_to_use_the_sandbox(tmp_path: Path) -> None:
    """It is kept, so that the map which the pull leaves is the next push's own."""
    folder = tmp_path / ".claude" / "epics" / "shop"
    folder.mkdir(parents=True)
    (folder / "epic.md").write_text("---\nname: Shop\nstatus: open\n---\nText.\n")
    assert ghsync.pull(tmp_path, sandbox=True, dry_run=True, env={}).items == ()
    assert not (tmp_path / ".ghsync" / "sandbox").exists()
    assert ghsync.pull(tmp_path, sandbox=True, env={}).items == ()
    assert ghsync.push(tmp_path, sandbox=True, env={}).succeeded
    assert ghsync.pull(tmp_path, sandbox=True, env={}).items == ()
    assert not ghsync.push(tmp_path, sandbox=True, env={}).results
