"""The state on a real disk: torn lines, broken lines, permissions, links, and a real kill."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

import ghsync
from ghsync.errors import InternalError, StateFileError
from ghsync.journal import (
    BoundTo,
    Entry,
    Intent,
    NotExecuted,
    Recorded,
    Sent,
    SyncMap,
    dump_map,
    encode,
    fold,
)
from ghsync.model import IssueId, IssueNumber, Key, Kind, RepoId, Uid
from ghsync.store import State, Store

INTENT = Intent(key=Key("epics/ä"), uid=Uid("a" * 32), floor=IssueNumber(3), at=1.5)
ENTRY = Entry(
    key=Key("epics/ä"),
    number=IssueNumber(4),
    id=IssueId(404),
    uid=INTENT.uid,
    kind=Kind.EPIC,
    path="epics/ä.md",
)
BOUND = BoundTo(repo_id=RepoId(7), repo="octo/plans")
MAP = SyncMap(repo_id=RepoId(7), repo="octo/plans", entries={ENTRY.key: ENTRY})


def journal(root: Path) -> Path:
    return root / ".ghsync" / "journal.jsonl"


def map_file(root: Path) -> Path:
    return root / ".ghsync" / "map.json"


def given(root: Path, *, lines: bytes = b"", text: str | None = None) -> Store:
    (root / ".ghsync").mkdir(exist_ok=True)
    journal(root).write_bytes(lines)
    if text is not None:
        map_file(root).write_bytes(text.encode())
    return Store.open(root)


def environment() -> dict[str, str]:
    return os.environ | {"PYTHONPATH": str(Path(ghsync.__file__).parents[1])}


# ------------------------------------------------------------------------ the round


def test_a_run_is_read_back(tmp_path: Path) -> None:
    """What a run appended is the next one's state; a checkpoint moves it into the map."""
    store = Store.open(tmp_path)
    assert store.load() == State(map=SyncMap())
    with store.locked(since=0.0):
        store.append([BOUND, INTENT])
        assert store.load().pending == (INTENT,)
        store.append([Recorded(entry=ENTRY), Sent(at=2.0, content=True)])
        state = store.load()
        assert state == State(map=MAP, sent=(Sent(at=2.0, content=True),))
        store.checkpoint(state.map, state.sent)
    assert map_file(tmp_path).read_text("utf-8") == dump_map(MAP)
    assert journal(tmp_path).read_text("utf-8") == encode(state.sent[0]) + "\n"
    assert Store.open(tmp_path).load() == state
    names = {path.name for path in (tmp_path / ".ghsync").iterdir()}
    assert names == {".gitignore", "journal.jsonl", "lock", "map.json"}


def test_only_the_map_is_for_git(tmp_path: Path) -> None:
    """The folder ignores all but the map and the rule itself; a person's own rule is kept."""
    store = Store.open(tmp_path)
    with store.locked(since=0.0):
        store.append([BOUND])
    rule = tmp_path / ".ghsync" / ".gitignore"
    assert rule.read_text().splitlines()[1:] == ["*", "!.gitignore", "!map.json"]
    rule.write_text("mine\n")
    with store.locked(since=0.0):
        pass
    assert rule.read_text() == "mine\n"


def test_a_second_state_lives_beside_the_first(tmp_path: Path) -> None:
    """The sandbox's map can be kept apart, inside the same ignored folder."""
    apart = Store.open(tmp_path, folder=".ghsync/sandbox")
    with apart.locked(since=0.0):
        apart.checkpoint(MAP)
    assert apart.load().map == MAP
    assert Store.open(tmp_path).load().map == SyncMap()
    assert (tmp_path / ".ghsync" / ".gitignore").exists()


def test_an_unchanged_map_is_not_written(tmp_path: Path) -> None:
    """The same bytes, even with git's CRLF line ends, leave the file alone."""
    store = Store.open(tmp_path)
    with store.locked(since=0.0):
        store.checkpoint(SyncMap())
        assert not map_file(tmp_path).exists(), "an empty map of a new project is no file"
        for text in (dump_map(MAP), dump_map(MAP).replace("\n", "\r\n")):
            map_file(tmp_path).write_bytes(text.encode())
            before = map_file(tmp_path).stat()
            store.checkpoint(MAP)
            assert map_file(tmp_path).stat().st_ino == before.st_ino
            assert map_file(tmp_path).read_bytes() == text.encode()


@pytest.mark.skipif(os.name == "nt", reason="POSIX permissions")
def test_the_maps_permissions_are_kept(tmp_path: Path) -> None:
    """A map that only its owner may read stays so."""
    store = given(tmp_path, text=dump_map(SyncMap()))
    map_file(tmp_path).chmod(0o600)
    with store.locked(since=0.0):
        store.checkpoint(MAP)
    assert stat.S_IMODE(map_file(tmp_path).stat().st_mode) == 0o600


def test_writing_needs_the_lock(tmp_path: Path) -> None:
    """Forgetting it is a bug in ghsync, not a state file's error."""
    store = Store.open(tmp_path)
    with pytest.raises(InternalError):
        store.append([BOUND])
    with pytest.raises(InternalError):
        store.checkpoint(MAP)
    assert not (tmp_path / ".ghsync").exists()


def test_a_look_before_the_lock_costs_nobody_an_event(tmp_path: Path) -> None:
    """What another run appended between this one's look and its lock is kept."""
    early, other = Store.open(tmp_path), Store.open(tmp_path)
    early.load()
    with other.locked(since=0.0):
        other.append([BOUND])
    with early.locked(since=0.0):
        early.append([INTENT])
    assert early.load() == State(map=fold(SyncMap(), [BOUND]), pending=(INTENT,))


def test_an_intent_is_settled_by_the_map_as_well(tmp_path: Path) -> None:
    """A kept intent whose issue came in through another machine's map is not unknown any more."""
    store = given(tmp_path, lines=encode(INTENT).encode() + b"\n", text=dump_map(MAP))
    assert store.load().pending == ()


# --------------------------------------------------------------------- what is broken


def test_a_tail_torn_anywhere_is_ignored_with_a_notice(tmp_path: Path) -> None:
    """At every byte of the last line: the events before it stand, and the next one is sound."""
    whole = encode(BOUND).encode() + b"\n"
    last = encode(Recorded(entry=ENTRY)).encode() + b"\n"
    for end in range(1, len(last)):
        store = given(tmp_path, lines=whole + last[:end])
        state = store.load()
        assert state.map == fold(SyncMap(), [BOUND]), end
        (notice,) = state.notices
        assert "journal.jsonl:2: the last line was cut off" in notice
        with store.locked(since=0.0):
            store.append([INTENT])
        assert journal(tmp_path).read_bytes() == whole + encode(INTENT).encode() + b"\n"
    assert given(tmp_path, lines=whole + last).load().notices == ()


@pytest.mark.parametrize("tail", [b"\0" * 700, b"\xff\xfe\n", b"\0\0\0}\n", b"\n"])
def test_rubble_at_the_end_is_a_torn_line(tmp_path: Path, tail: bytes) -> None:
    """What a power cut leaves in place of a line is ignored as one that was cut off."""
    state = given(tmp_path, lines=encode(INTENT).encode() + b"\n" + tail).load()
    assert state.pending == (INTENT,)
    assert len(state.notices) == 1


@pytest.mark.parametrize(
    ("lines", "where", "hint"),
    [
        (b'{"e":"sen\n{"e":"sent","at":1.0}\n', "journal.jsonl:1: not valid JSON", "map rebuild"),
        (b'{"e":"sen\n{"e":"se', "journal.jsonl:1: not valid JSON", "map rebuild"),
        (b'\xff\n{"e":"sent","at":1.0}\n', "journal.jsonl:1: .*not UTF-8", "map rebuild"),
        (b'{"e":"sent","at":1.0}\n{"e":"moved"}\n', "journal.jsonl:2: event 'moved'", "newer"),
        (b'{"e":"sent","at":"x"}\n', "journal.jsonl:1: the field 'at'", "map rebuild"),
    ],
)
def test_a_broken_line_is_an_error(tmp_path: Path, lines: bytes, where: str, hint: str) -> None:
    """Not at the very end, or not for want of its end: file, line and the way out."""
    with pytest.raises(StateFileError, match=where) as caught:
        given(tmp_path, lines=lines).load()
    assert hint in caught.value.hint
    assert journal(tmp_path).read_bytes() == lines, "nothing is repaired in silence"


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("", "map.json:1: not valid JSON: it ends too early"),
        (dump_map(MAP)[:-20], "map.json:6: not valid JSON: it ends too early"),
        ("{\n<<<<<<< HEAD\n", "map.json:2: the file holds git merge conflict markers"),
        (dump_map(MAP).replace("/1", "/9"), "map.json: the schema is 'ghsync.map/9'"),
    ],
)
def test_a_broken_map_is_an_error(tmp_path: Path, text: str, where: str) -> None:
    """Never an empty map: that would create every issue a second time."""
    with pytest.raises(StateFileError, match=where) as caught:
        given(tmp_path, text=text).load()
    assert "ghsync map rebuild" in caught.value.hint


def test_a_map_that_is_not_utf8_is_an_error(tmp_path: Path) -> None:
    """It is named; a byte order mark alone is accepted."""
    store = given(tmp_path, text="\ufeff" + dump_map(MAP))
    assert store.load().map == MAP
    map_file(tmp_path).write_bytes(dump_map(MAP).encode("utf-16"))
    with pytest.raises(StateFileError, match=r"map\.json: not valid JSON: not UTF-8"):
        store.load()


def test_what_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    """A folder in a file's place, for one."""
    (tmp_path / ".ghsync" / "map.json").mkdir(parents=True)
    with pytest.raises(StateFileError, match=r"cannot read .*map\.json: Is a directory"):
        Store.open(tmp_path).load()


@pytest.mark.parametrize("name", ["map.json", "journal.jsonl"])
def test_a_link_is_not_followed(tmp_path: Path, name: str) -> None:
    """A repository from elsewhere must not make ghsync write outside of it."""
    target = tmp_path / "precious"
    target.write_text("mine")
    (tmp_path / ".ghsync").mkdir()
    (tmp_path / ".ghsync" / name).symlink_to(target)
    store = Store.open(tmp_path)
    with pytest.raises(StateFileError, match=f"{name} is a symbolic link"):
        store.load()
    with store.locked(since=0.0):
        if name == "journal.jsonl":
            with pytest.raises(StateFileError):
                store.append([BOUND])
        store.checkpoint(MAP)  # puts a file in the link's place
    assert target.read_text() == "mine"


def test_a_killed_runs_temporary_files_are_removed(tmp_path: Path) -> None:
    """They were never put in place, so they mean nothing."""
    store = given(tmp_path)
    for name in ("map.json.tmp", "journal.jsonl.tmp", "cache.jsonl.tmp", "remote-lock.json.tmp"):
        (tmp_path / ".ghsync" / name).write_text("half")
    assert store.load() == State(map=SyncMap())
    with store.locked(since=0.0):
        pass
    assert not list((tmp_path / ".ghsync").glob("*.tmp"))


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write")
def test_a_read_only_folder_can_be_looked_at(tmp_path: Path) -> None:
    """A dry run works there; a push says what to do."""
    tmp_path.chmod(0o555)
    try:
        store = Store.open(tmp_path)
        assert store.load() == State(map=SyncMap())
        with pytest.raises(StateFileError, match="Permission denied"), store.locked(since=0.0):
            pass
    finally:
        tmp_path.chmod(0o755)


# ------------------------------------------------------------------- real processes

APPENDER = """
import sys
from pathlib import Path
from ghsync.journal import Intent
from ghsync.store import Store

store = Store.open(Path(sys.argv[1]))
with store.locked(since=0.0):
    for n in range(100_000):
        batch = [Intent(key="k" * 50, uid=f"{n:031d}{i}", floor=n, at=0.0) for i in range(3)]
        store.append(batch)
        print(n, flush=True)
"""


@pytest.mark.skipif(os.name == "nt", reason="SIGKILL")
@pytest.mark.parametrize("after", [1, 7, 40])
def test_a_killed_process_loses_nothing_that_it_was_promised(tmp_path: Path, after: int) -> None:
    """SIGKILL while it appends: each batch whose append returned is whole on the disk."""
    with subprocess.Popen(
        [sys.executable, "-c", APPENDER, str(tmp_path)],
        stdout=subprocess.PIPE,
        env=environment(),
        text=True,
    ) as process:
        assert process.stdout is not None
        for _ in range(after):
            process.stdout.readline()
        process.send_signal(signal.SIGKILL)
        promised = after + len(process.stdout.readlines())
    pending = Store.open(tmp_path).load().pending
    assert len(pending) >= 3 * promised
    store = Store.open(tmp_path)
    with store.locked(since=0.0):
        store.append([NotExecuted(uid=intent.uid) for intent in pending])
    assert store.load() == State(map=SyncMap())


FULL_DISK = """
import resource, signal, sys
from pathlib import Path
from ghsync.errors import StateFileError
from ghsync.journal import Intent
from ghsync.store import Store

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
store = Store.open(Path(sys.argv[1]))
recorded = 0
with store.locked(since=0.0):
    try:
        while True:
            store.append([Intent(key="k", uid=f"{recorded:032d}", floor=0, at=0.0)])
            recorded += 1
    except StateFileError as error:
        print(recorded)
        print(error.message)
"""


@pytest.mark.skipif(os.name == "nt", reason="RLIMIT_FSIZE")
def test_a_file_that_may_not_grow_is_told_and_left_whole(tmp_path: Path) -> None:
    """The kernel writes a part of the line and then refuses: the part is taken back."""
    done = subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(tmp_path)],
        capture_output=True,
        env=environment(),
        text=True,
        check=True,
    )
    recorded, message = done.stdout.splitlines()
    assert "cannot append to" in message
    assert "journal.jsonl: File too large" in message
    state = Store.open(tmp_path).load()
    assert len(state.pending) == int(recorded) > 5
    assert state.notices == ()
