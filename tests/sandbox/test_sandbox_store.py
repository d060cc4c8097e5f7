"""The sandbox's state in a folder: kept by every request, read by the next process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from sandbox_kit import NOW, Kit, R

from ghsync.errors import LockedError, StateFileError
from ghsync.sandbox.codec import encode, restore
from ghsync.sandbox.limits import GITHUB, NONE
from ghsync.sandbox.records import Issue
from ghsync.sandbox.store import FILE_NAME, SandboxStore, reset


def outline(kit: Kit) -> list[Any]:
    """Everything a client can read of the repository."""
    paths = (
        R, "/user", f"{R}/issues?state=all", f"{R}/labels", f"{R}/milestones?state=all",
        f"{R}/issues/comments", f"{R}/issues/events", f"{R}/issues/1/sub_issues",
        f"{R}/issues/2/dependencies/blocked_by", f"{R}/collaborators",
    )  # fmt: skip
    return [kit.ask("GET", path).json() for path in paths]


def fill(kit: Kit) -> None:
    """One of everything."""
    kit.ask("POST", f"{R}/milestones", {"title": "m"})
    parent = kit.create("parent", labels=["new"], milestone=1, assignees=["sandbox-user"])
    kit.create("child \u00e9\u4e2d", body="a\r\nb", parent_issue_id=parent["id"], type="Task")
    path = f"{R}/issues/2/dependencies/blocked_by"
    kit.ask("POST", path, {"issue_id": parent["id"]})
    kit.ask("POST", f"{R}/issues/1/comments", {"body": "c"})
    kit.ask("PATCH", f"{R}/issues/2", {"state": "closed", "state_reason": "not_planned"})
    kit.create("gone")
    kit.person("sandbox-user").delete(3, now=NOW)
    kit.ask("DELETE", f"{R}/labels/wontfix")
    kit.ask("PATCH", f"{R}/issues/1", {"title": "renamed"})


def test_a_second_process_sees_what_the_first_left(tmp_path: Path) -> None:
    """Every record comes back as it was, and ids and numbers go on."""
    with SandboxStore(tmp_path) as store:
        first = Kit(github=store.open(limits=NONE))
        fill(first)
        before = outline(first)
    with SandboxStore(tmp_path) as store:
        second = Kit(github=store.open(limits=NONE))
        assert outline(second) == before
        assert second.ask("GET", f"{R}/issues/3").status == 410
        assert second.create()["number"] == 4
        assert second.github.state.newest == NOW


def test_limits_hold_across_processes(tmp_path: Path) -> None:
    """A restart does not open the windows again."""
    with SandboxStore(tmp_path) as store:
        kit = Kit(github=store.open(limits=GITHUB))
        for _ in range(80):
            assert kit.quick("POST", f"{R}/issues", {"title": "x"}).status == 201
    with SandboxStore(tmp_path) as store:
        kit = Kit(github=store.open(limits=GITHUB))
        assert kit.ask("POST", f"{R}/issues", {"title": "x"}).status == 403
        kit.now += 60
        assert kit.ask("POST", f"{R}/issues", {"title": "x"}).status == 201


def test_one_process_at_a_time(tmp_path: Path) -> None:
    """The second is told who is in the way; a closed one is not."""
    with SandboxStore(tmp_path) as store:
        store.open()
        with pytest.raises(LockedError, match="another process"):
            SandboxStore(tmp_path).open()
        with pytest.raises(LockedError, match="another process"):
            reset(tmp_path)
    with SandboxStore(tmp_path) as store:
        store.open()


_KILLED = """
import os, signal, sys
from pathlib import Path
from ghsync.sandbox.limits import NONE
from ghsync.sandbox.messages import SandboxRequest
from ghsync.sandbox.store import SandboxStore
github = SandboxStore(Path(sys.argv[1])).open(limits=NONE)
for _ in range(25):
    github.handle(SandboxRequest(
        method="POST", target="/repos/sandbox/demo/issues", body=b'{"title": "x"}',
        headers={"authorization": "Bearer sandbox-token"},
    ), 1795000000.0)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_nothing_that_was_answered_is_lost_by_a_kill(tmp_path: Path) -> None:
    """After SIGKILL the lock is free and every answered create is there."""
    done = subprocess.run([sys.executable, "-c", _KILLED, str(tmp_path)], check=False)
    assert done.returncode == -signal.SIGKILL
    with SandboxStore(tmp_path) as store:
        kit = Kit(github=store.open(limits=NONE))
        assert kit.create()["number"] == 26


def test_a_damaged_file_is_an_error_with_a_remedy(tmp_path: Path) -> None:
    """Never an empty sandbox, never a traceback; ``reset`` helps."""
    path = tmp_path / FILE_NAME
    path.write_bytes(b"this is no database" * 100)
    with pytest.raises(StateFileError) as caught:
        SandboxStore(tmp_path).open()
    assert str(path) in caught.value.message
    assert "ghsync sandbox reset" in caught.value.hint
    assert reset(tmp_path)
    assert not reset(tmp_path)
    with SandboxStore(tmp_path) as store:
        store.open()


def test_a_full_disk_does_not_cost_the_sandbox(tmp_path: Path) -> None:
    """What is in it stays, and nobody is told to reset it; with room again it goes on."""
    with SandboxStore(tmp_path) as store:
        kit = Kit(github=store.open(limits=NONE))
        kit.create("first")
        assert store._db is not None
        pages = store._db.execute("PRAGMA page_count").fetchone()[0]
        store._db.execute(f"PRAGMA max_page_count = {pages}")
        with pytest.raises(StateFileError) as caught:
            kit.create("second", body="x" * 60_000)
        assert "full" in caught.value.message
        assert caught.value.hint.startswith("free some disk space")
    with SandboxStore(tmp_path) as store:
        again = Kit(github=store.open(limits=NONE))
        assert again.ask("GET", f"{R}/issues/1").json()["title"] == "first"


def test_a_truncated_file_is_an_error(tmp_path: Path) -> None:
    """Half a database is damaged, too."""
    with SandboxStore(tmp_path) as store:
        kit = Kit(github=store.open(limits=NONE))
        for _ in range(50):
            kit.quick("POST", f"{R}/issues", {"title": "x", "body": "y" * 2000})
    path = tmp_path / FILE_NAME
    os.truncate(path, path.stat().st_size // 2)
    with pytest.raises(StateFileError):
        SandboxStore(tmp_path).open()


@pytest.mark.parametrize(
    "row",
    [
        ("issue", "1", "{"),
        ("issue", "1", "[]"),
        ("issue", "1", '{"id": 1}'),
        ("label", "1", '{"id":1,"repo":9,"name":"x","color":"ffffff"}'),
        ("nonsense", "1", "{}"),
    ],
)
def test_a_broken_record_is_named(row: tuple[str, str, str]) -> None:
    """A record that cannot be read is a ``ValueError`` that says which."""
    with pytest.raises(ValueError, match=r"."):
        restore([row])


def test_the_codec_keeps_every_field() -> None:
    """An issue with every field set comes back equal."""
    kit = Kit()
    fill(kit)
    rows = [
        (kind, key, encode(kind, record))
        for (kind, key), record in kit.github.state.changes.items()
        if record is not None
    ]
    back = restore(rows)
    for repo_id, repo in kit.github.state.repos.items():
        assert back.repos[repo_id].issues == repo.issues
        assert back.repos[repo_id].tally == repo.tally
        assert back.repos[repo_id].info == repo.info
        assert back.repos[repo_id].events == repo.events
    assert back.tokens == kit.github.state.tokens
    assert {f.name for f in fields(Issue)} >= {"parent", "blocked_by"}
