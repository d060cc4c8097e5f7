"""Files are written whole or not at all, and never over what a person did."""

from __future__ import annotations

import errno
import os
import stat
import subprocess
from pathlib import Path

import pytest

from ghsync.checkout import Checkout
from ghsync.errors import RefusedError
from ghsync.store.fs import Files
from ghsync.writer import FileChange, Refusal, Writer, digest, uncommitted

GIT = {
    "PATH": os.environ["PATH"],
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_SYSTEM": os.devnull,
    "GIT_AUTHOR_NAME": "a",
    "GIT_AUTHOR_EMAIL": "a@example.org",
    "GIT_COMMITTER_NAME": "a",
    "GIT_COMMITTER_EMAIL": "a@example.org",
}


def change(path: str, before: bytes | None = b"old\n", after: bytes = b"new\n") -> FileChange:
    """A change of a file that holds ``old``."""
    return FileChange(path=path, before=before, after=after)


def file(root: Path, path: str = "a/b.md", data: bytes = b"old\n") -> Path:
    """A file below the root."""
    made = root / path
    made.parent.mkdir(parents=True, exist_ok=True)
    made.write_bytes(data)
    return made


def git(root: Path, *arguments: str) -> None:
    """Run git in a folder, with no configuration but its own."""
    subprocess.run(["git", *arguments], cwd=root, env=GIT, check=True, capture_output=True)


def test_a_file_gets_its_new_bytes_and_keeps_its_mode(tmp_path: Path) -> None:
    """Only the bytes change; nothing else is left in the folder."""
    path = file(tmp_path)
    path.chmod(0o640)
    applied = Writer(tmp_path).apply([change("a/b.md")])
    assert path.read_bytes() == b"new\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert applied.written == {"a/b.md": digest(b"new\n")}
    assert [entry.name for entry in path.parent.iterdir()] == ["b.md"]


def test_a_new_file_and_its_folders_are_made(tmp_path: Path) -> None:
    """Unless somebody has made a file of that name, which keeps its bytes."""
    writer = Writer(tmp_path)
    new = change("x/y/z.md", before=None)
    assert writer.apply([new]).refused == ()
    assert (tmp_path / "x/y/z.md").read_bytes() == b"new\n"
    (tmp_path / "x/y/z.md").write_bytes(b"mine\n")
    assert [found.refusal for found in writer.apply([new]).refused] == [Refusal.EXISTS]
    assert (tmp_path / "x/y/z.md").read_bytes() == b"mine\n"


def test_a_file_made_in_the_last_moment_is_not_replaced(tmp_path: Path) -> None:
    """Between the last look and the writing, too."""

    class Racing(Files):
        def sync(self, fd: int) -> None:
            file(tmp_path, "z.md", b"mine\n")

    found = Writer(tmp_path, files=Racing()).apply([change("z.md", before=None)])
    assert [refused.refusal for refused in found.refused] == [Refusal.EXISTS]
    assert (tmp_path / "z.md").read_bytes() == b"mine\n"
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["z.md"]


@pytest.mark.parametrize("now", [b"typed meanwhile\n", None])
def test_a_file_that_changed_since_it_was_read_is_left_alone(
    tmp_path: Path, now: bytes | None
) -> None:
    """Changed or gone: it stays so, and the other files go on."""
    file(tmp_path, "other.md")
    if now is not None:
        file(tmp_path, data=now)
    applied = Writer(tmp_path).apply([change("a/b.md"), change("other.md")])
    assert [found.refusal for found in applied.refused] == [Refusal.CHANGED]
    assert list(applied.written) == ["other.md"]
    path = tmp_path / "a/b.md"
    assert (path.read_bytes() if path.exists() else None) == now


@pytest.mark.parametrize("path", ["../out.md", "/etc/x.md", "a/../../x.md", "", "a\0.md"])
def test_nothing_is_written_outside_the_root(tmp_path: Path, path: str) -> None:
    """Whatever a name says."""
    root = tmp_path / "root"
    root.mkdir()
    applied = Writer(root).apply([change(path, before=None)])
    assert [found.refusal for found in applied.refused] == [Refusal.LINK]
    assert list(tmp_path.iterdir()) == [root]


def test_links_are_not_followed(tmp_path: Path) -> None:
    """Neither a linked file nor one in a linked folder is written."""
    root, outside = tmp_path / "root", tmp_path / "outside"
    target = file(outside, "b.md")
    root.mkdir()
    (root / "a").symlink_to(outside)
    (root / "c.md").symlink_to(target)
    applied = Writer(root).apply([change("a/b.md"), change("c.md")])
    assert [found.refusal for found in applied.refused] == [Refusal.LINK, Refusal.LINK]
    assert target.read_bytes() == b"old\n"


def test_a_read_only_file_is_left_alone(tmp_path: Path) -> None:
    """Somebody has said so; the hint says how to change it."""
    file(tmp_path).chmod(0o444)
    (found,) = Writer(tmp_path).apply([change("a/b.md")]).refused
    assert found.refusal is Refusal.READ_ONLY
    assert "chmod" in found.hint


@pytest.mark.parametrize("step", ["create", "write", "sync", "replace"])
@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EACCES, errno.EROFS])
def test_a_disk_that_fails_leaves_the_old_file(tmp_path: Path, step: str, error: int) -> None:
    """At any step: the old bytes, no leftovers, a sentence with the reason, and the next file."""

    class Failing(Files):
        left = 1

    def fail(self: Failing, *arguments: object, **more: object) -> object:
        if self.left:
            self.left -= 1
            raise OSError(error, os.strerror(error))
        return getattr(Files, step)(self, *arguments, **more)

    setattr(Failing, step, fail)
    path = file(tmp_path)
    file(tmp_path, "other.md")
    applied = Writer(tmp_path, files=Failing()).apply([change("a/b.md"), change("other.md")])
    (found,) = applied.refused
    assert (found.refusal, found.path) == (Refusal.FAILED, "a/b.md")
    assert os.strerror(error).lower() in found.message
    assert path.read_bytes() == b"old\n"
    assert [entry.name for entry in path.parent.iterdir()] == ["b.md"]
    assert list(applied.written) == ["other.md"]


@pytest.mark.parametrize("step", ["create", "write", "sync", "close", "replace", "sync_folder"])
def test_a_killed_run_leaves_the_old_file_or_the_new(tmp_path: Path, step: str) -> None:
    """And what it leaves beside it, the next run removes."""

    class Killed(BaseException):
        pass

    class Dying(Files):
        dead = False

        def remove(self, path: Path) -> None:
            if not self.dead:
                super().remove(path)

    def die(self: Dying, *arguments: object, **more: object) -> object:
        self.dead = True
        raise Killed

    setattr(Dying, step, die)
    path = file(tmp_path)
    with pytest.raises(Killed):
        Writer(tmp_path, files=Dying()).apply([change("a/b.md")])
    assert path.read_bytes() in (b"old\n", b"new\n")
    again = change("a/b.md", before=path.read_bytes(), after=b"next\n")
    assert Writer(tmp_path).apply([again]).refused == ()
    assert [entry.name for entry in path.parent.iterdir()] == ["b.md"]
    assert path.read_bytes() == b"next\n"


def test_uncommitted_work_is_left_alone(tmp_path: Path) -> None:
    """Staged or not; a committed, an ignored and an untracked file are written."""
    git(tmp_path, "init", "-q")
    root = tmp_path / "deep"
    names = ["clean.md", "edited.md", "staged.md"]
    for name in names:
        file(root, name, b"first\n" if name != "clean.md" else b"old\n")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "x")
    for name in names:
        file(root, name)
    git(tmp_path, "add", "deep/staged.md")
    file(root, "untracked ünë.md")
    dirty = uncommitted(Checkout(root, GIT), root)
    changes = [change(name) for name in (*names, "untracked ünë.md")]
    applied = Writer(root, dirty=dirty).apply(changes)
    assert {found.path: found.refusal for found in applied.refused} == {
        "edited.md": Refusal.DIRTY,
        "staged.md": Refusal.DIRTY,
    }
    assert (root / "edited.md").read_bytes() == b"old\n"
    assert set(applied.written) == {"clean.md", "untracked ünë.md"}


def test_what_ghsync_wrote_itself_is_not_somebodys_work(tmp_path: Path) -> None:
    """A second pull before a commit goes on, unless a person has edited in between."""
    git(tmp_path, "init", "-q")
    path = file(tmp_path)
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "x")
    dirty = uncommitted(Checkout(tmp_path, GIT), tmp_path)
    ours = Writer(tmp_path, dirty=dirty).apply([change("a/b.md")]).written
    again = change("a/b.md", before=b"new\n", after=b"newer\n")
    assert Writer(tmp_path, dirty=dirty, ours=ours).apply([again]).refused == ()
    path.write_bytes(b"edited\n")
    third = change("a/b.md", before=b"edited\n")
    (found,) = Writer(tmp_path, dirty=dirty, ours=ours).check([third])
    assert found.refusal is Refusal.DIRTY


def test_where_git_cannot_say_nothing_is_written(tmp_path: Path) -> None:
    """A checkout whose index is broken; no checkout at all is no reason."""
    git(tmp_path, "init", "-q")
    path = file(tmp_path)
    (tmp_path / ".git/index").write_bytes(b"broken")
    with pytest.raises(RefusedError, match="git"):
        Writer(tmp_path, dirty=uncommitted(Checkout(tmp_path, GIT), tmp_path)).apply(
            [change("a/b.md")]
        )
    assert path.read_bytes() == b"old\n"
    without = uncommitted(Checkout(tmp_path, {**GIT, "PATH": ""}), tmp_path)
    with pytest.raises(RefusedError, match="git"):
        without(["a/b.md"])


def test_without_a_checkout_no_file_is_dirty(tmp_path: Path) -> None:
    """There is nothing to compare with; the bytes that were read are."""
    ceiling = {**GIT, "GIT_CEILING_DIRECTORIES": str(tmp_path)}
    assert uncommitted(Checkout(tmp_path, ceiling), tmp_path)(["a/b.md"]) == frozenset()


def test_two_changes_of_one_file_are_a_mistake(tmp_path: Path) -> None:
    """The caller makes one of them; half of the work is never lost in silence."""
    with pytest.raises(ValueError, match="two changes"):
        Writer(tmp_path).check([change("a.md"), change("a.md")])
