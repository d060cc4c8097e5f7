"""One writing run at a time, and the lock of a dead one is nobody's."""

from __future__ import annotations

import os
import platform
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

import ghsync
from ghsync.errors import ExitCode, LockedError
from ghsync.store import Store

HOLDER = """
import sys
from pathlib import Path
from ghsync.store import Store

with Store.open(Path(sys.argv[1])).locked(since=1_790_000_000.0, command="ghsync push"):
    print("held", flush=True)
    sys.stdin.read()
"""


def hold(root: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(root)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": str(Path(ghsync.__file__).parents[1])},
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_a_second_process_is_refused_and_told_who_holds_it(tmp_path: Path) -> None:
    """At once, with pid, host, since when and doing what; exit 5."""
    with hold(tmp_path) as process:
        with (
            pytest.raises(LockedError) as caught,
            Store.open(tmp_path).locked(since=0.0),
        ):
            pass
        process.communicate("")
    message = caught.value.message
    assert f"pid {process.pid} on {platform.node()} since 2026-09-21 14:13:20 UTC" in message
    assert "(ghsync push)" in message
    assert caught.value.exit_code is ExitCode.REFUSED
    with Store.open(tmp_path).locked(since=0.0):
        pass


@pytest.mark.skipif(os.name == "nt", reason="SIGKILL")
def test_a_killed_process_frees_the_lock(tmp_path: Path) -> None:
    """The lock dies with its holder; the note it left behind holds nobody up."""
    with hold(tmp_path) as process:
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert (tmp_path / ".ghsync" / "lock.json").exists()
    with Store.open(tmp_path).locked(since=0.0):
        pass
    assert not (tmp_path / ".ghsync" / "lock.json").exists()


def test_one_process_cannot_hold_it_twice(tmp_path: Path) -> None:
    """Two pushes in one program exclude each other: same store, another store, another thread."""
    store = Store.open(tmp_path)
    refusals: list[str] = []

    def try_it(other: Store) -> None:
        try:
            with other.locked(since=0.0):
                pass
        except LockedError as error:
            refusals.append(error.message)

    with store.locked(since=0.0):
        try_it(store)
        try_it(Store.open(tmp_path))
        thread = threading.Thread(target=try_it, args=(Store.open(tmp_path),))
        thread.start()
        thread.join()
        store.append([])  # a refused attempt leaves the holder's own lock alone
    assert [f"pid {os.getpid()} on" in message for message in refusals] == [True] * 3
    with store.locked(since=0.0):
        pass


def test_looking_needs_no_lock(tmp_path: Path) -> None:
    """A dry run beside a push reads what is there."""
    with Store.open(tmp_path).locked(since=0.0):
        assert Store.open(tmp_path).load().pending == ()


def test_a_holder_without_a_note_is_still_a_holder(tmp_path: Path) -> None:
    """The note is for people; a damaged one changes nothing about the lock."""
    store = Store.open(tmp_path)
    with store.locked(since=0.0):
        for note in ("", "[]", "{}", "\0"):
            (tmp_path / ".ghsync" / "lock.json").write_text(note)
            with (
                pytest.raises(LockedError, match="it has not said who it is"),
                Store.open(tmp_path).locked(since=0.0),
            ):
                pass
