"""The audit trail is written line by line, and never in the way."""

from __future__ import annotations

import errno
import json
import os
import subprocess
from pathlib import Path

import pytest
from store_disk import MemoryDisk

from ghsync.errors import InternalError
from ghsync.model import RunId
from ghsync.store import RunHeader, Store, head_commit, whoami

HEADER = RunHeader(
    id=RunId("20260701-120000-abcd"),
    command="push",
    version="0.1.0",
    repo="octo/plans",
    started=1_790_000_000.0,
    user="ann@laptop",
    commit="1" * 40,
)


def test_a_run_log_has_a_header_lines_and_a_footer(tmp_path: Path) -> None:
    """Each line is on the disk as soon as it is written, and is one JSON object."""
    store = Store.open(tmp_path)
    path = tmp_path / ".ghsync" / "runs" / "20260701-120000-abcd.jsonl"
    with store.locked(since=0.0):
        log = store.run_log(HEADER)
        log.write({"e": "request", "path": Path("x"), "status": 201})
        lines = [json.loads(line) for line in path.read_text().splitlines()]
        assert [line["e"] for line in lines] == ["run", "request"]
        log.close({"succeeded": 3})
        log.write({"e": "late"})
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert lines[0] == {
        "e": "run",
        "schema": "ghsync.runlog/1",
        "id": "20260701-120000-abcd",
        "command": "push",
        "version": "0.1.0",
        "repo": "octo/plans",
        "started": 1_790_000_000.0,
        "user": "ann@laptop",
        "commit": "1" * 40,
    }
    assert lines[1:] == [
        {"e": "request", "path": "x", "status": 201},
        {"e": "end", "succeeded": 3},
    ]
    assert log.notice is None


@pytest.mark.parametrize("step", [1, 2, 3, 4, 5])
def test_a_disk_that_takes_no_log_never_stops_a_run(step: int) -> None:
    """Whichever call fails, the log falls silent and says so once."""
    root = Path("project")
    disk = MemoryDisk(folders={root})
    store = Store.open(root, files=disk)
    with store.locked(since=0.0):
        disk.fail_at, disk.error = len(disk.steps) + step, errno.ENOSPC
        log = store.run_log(HEADER)
        log.write({"e": "request"})
        log.close({})
        assert log.notice is not None
        assert log.notice.endswith("is incomplete: ENOSPC")
    assert disk.open_files == {}


def test_a_run_log_needs_the_lock(tmp_path: Path) -> None:
    """A look leaves no trail."""
    with pytest.raises(InternalError):
        Store.open(tmp_path).run_log(HEADER)


def git(folder: Path, *words: str) -> str:
    quiet = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    who = ["-c", "user.name=x", "-c", "user.email=x@example.org", "-c", "commit.gpgsign=false"]
    done = subprocess.run(
        ["git", *who, *words],
        cwd=folder,
        env=os.environ | quiet,
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout.strip()


def test_the_checked_out_commit_is_found(tmp_path: Path) -> None:
    """As git says it: on a branch, packed, detached, in a worktree, from a folder below."""
    main, tree = tmp_path / "main", tmp_path / "tree"
    (main / "plans").mkdir(parents=True)
    git(main, "init", "-q", "-b", "topic/one")
    assert head_commit(main) is None
    git(main, "commit", "-q", "--allow-empty", "-m", "one")
    commit = git(main, "rev-parse", "HEAD")
    assert head_commit(main / "plans") == commit
    git(main, "worktree", "add", "-q", "-b", "other", str(tree))
    assert head_commit(tree) == commit
    git(main, "pack-refs", "--all")
    assert head_commit(main) == commit
    assert head_commit(tree) == commit
    git(main, "checkout", "-q", "--detach")
    assert head_commit(main) == commit


def test_a_folder_without_git_has_no_commit(tmp_path: Path) -> None:
    """A damaged pointer counts as none, too."""
    (tmp_path / ".git").write_text("gitdir: nowhere\n")
    assert head_commit(tmp_path) is None


def test_who_runs_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """User and host; a container's user without a name is unknown."""
    monkeypatch.setenv("LOGNAME", "ann")
    assert whoami().startswith("ann@")

    def nobody() -> str:
        raise KeyError("uid")

    monkeypatch.setattr("getpass.getuser", nobody)
    assert whoami().startswith("unknown@")
