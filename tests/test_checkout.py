"""What git says about a folder, in real repositories made for each test."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from ghsync.checkout import Checkout
from ghsync.writer import uncommitted

ENV = {
    "PATH": os.environ["PATH"],
    "HOME": "/nonexistent",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_NAME": "a",
    "GIT_AUTHOR_EMAIL": "a@example.com",
    "GIT_COMMITTER_NAME": "a",
    "GIT_COMMITTER_EMAIL": "a@example.com",
}


def git(folder: Path, *arguments: str) -> str:
    """Run git."""
    done = subprocess.run(
        ["git", "-C", str(folder), *arguments], env=ENV, check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


def commit(folder: Path, name: str, text: str = "text") -> str:
    """Commit a file; the commit's name."""
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text)
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", name)
    return git(folder, "rev-parse", "HEAD")


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    """An empty repository."""
    folder = tmp_path / "repo"
    folder.mkdir()
    git(folder, "init", "-q", "-b", "main")
    return folder


def test_no_checkout_knows_nothing(tmp_path: Path) -> None:
    """And says so instead of failing."""
    found = Checkout(tmp_path, ENV)
    assert (found.prefix, found.commit, found.files) == (None, None, frozenset())


def test_no_git_knows_nothing(repo: Path) -> None:
    """A machine without git."""
    assert Checkout(repo, {**ENV, "PATH": "/nonexistent"}).commit is None


def test_a_repository_without_commits(repo: Path) -> None:
    """There is a prefix, and nothing else."""
    found = Checkout(repo, ENV)
    assert (found.prefix, found.commit, found.files) == ("", None, frozenset())


def test_files_and_folders_of_the_commit(repo: Path) -> None:
    """Relative to the checkout, whatever folder is asked about; a new file is not in it."""
    commit(repo, "docs/plan/ä b.md")
    (repo / "docs" / "new.md").write_text("")
    found = Checkout(repo / "docs", ENV)
    assert found.prefix == "docs/"
    assert found.files == {"docs", "docs/plan", "docs/plan/ä b.md"}


def test_the_commit_is_one_that_the_remote_has(repo: Path, tmp_path: Path) -> None:
    """A commit that was not pushed yet would be a dead link."""
    pushed = commit(repo, "a.md")
    assert Checkout(repo, ENV).commit == pushed
    git(tmp_path, "clone", "-q", str(repo), "clone")
    clone = tmp_path / "clone"
    assert Checkout(clone, ENV).commit == pushed
    commit(clone, "b.md")
    mine = commit(clone, "c.md")
    assert Checkout(clone, ENV).commit == pushed
    assert Checkout(clone, {**ENV, "GITHUB_ACTIONS": "true"}).commit == mine


def test_a_dirty_file_is_one_that_git_tracks(repo: Path) -> None:
    """Changed, staged and deleted ones are; new and ignored ones are not."""
    for name in ("same.md", "changed.md", "staged.md", "sub/deleted.md", "[x]*.md"):
        commit(repo, name)
    (repo / "changed.md").write_text("other")
    (repo / "staged.md").write_text("other")
    (repo / "[x]*.md").write_text("other")
    git(repo, "add", "staged.md")
    (repo / "sub" / "deleted.md").unlink()
    (repo / "new.md").write_text("")
    names = ["same.md", "changed.md", "staged.md", "sub/deleted.md", "new.md", "[x]*.md"]
    found = uncommitted(Checkout(repo, ENV), repo)(names)
    assert found == {"changed.md", "staged.md", "sub/deleted.md", "[x]*.md"}
    sub = repo / "sub"
    assert uncommitted(Checkout(sub, ENV), sub)(["deleted.md"]) == {"deleted.md"}
