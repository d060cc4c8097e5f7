"""The texts of bases: found by digest, never wrong, bounded, and no trouble when they are lost."""

from __future__ import annotations

from pathlib import Path

import pytest
from store.store_disk import MemoryDisk

from ghsync.journal import Base, Entry, SyncMap
from ghsync.model import IssueId, IssueNumber, Key, Kind
from ghsync.render import digest
from ghsync.store import Store
from ghsync.store.bodies import SMALL

FILE = Path("/work-folder/.ghsync/bodies.jsonl")


@pytest.fixture
def disk() -> MemoryDisk:
    """A disk in memory."""
    made = MemoryDisk()
    made.folders.add(FILE.parent.parent)
    return made


def opened(disk: MemoryDisk) -> Store:
    """The store of the folder."""
    return Store.open(FILE.parent.parent, files=disk)


def kept(*texts: str) -> dict[str, str]:
    """Texts by their digests."""
    return {digest(text): text for text in texts}


def keep(disk: MemoryDisk, *texts: str) -> None:
    """Keep texts, in a run of its own."""
    store = opened(disk)
    with store.locked(since=0.0):
        assert store.keep_bodies(kept(*texts)) is None


def named(*texts: str) -> SyncMap:
    """A map whose bases name these texts."""
    entries = [
        Entry(
            key=Key(f"k{n}"),
            number=IssueNumber(n),
            id=IssueId(n),
            uid=None,
            kind=Kind.TASK,
            path=f"k{n}.md",
            base=Base(title="T", body=digest(text)),
        )
        for n, text in enumerate(texts, start=1)
    ]
    return SyncMap(entries={entry.key: entry for entry in entries})


def test_texts_are_found_by_their_digests(disk: MemoryDisk) -> None:
    """Any text comes back as it was; one that is not there is not; nothing is kept twice."""
    texts = ("", "one\ntwo", 'quotes " and \\', "ünïcode \u2028 \U0001f600", "line\r\nends")
    keep(disk, *texts)
    size = len(disk.read(FILE) or b"")
    keep(disk, *texts)
    assert len(disk.read(FILE) or b"") == size
    assert opened(disk).bodies([*kept(*texts), "0" * 16]) == (kept(*texts), None)
    assert opened(disk).bodies([]) == ({}, None)


@pytest.mark.parametrize("cut", [1, 5, 20, 30])
def test_a_torn_end_spoils_one_text_only(disk: MemoryDisk, cut: int) -> None:
    """A crash in the middle of a line costs that line; what is added after it is whole."""
    keep(disk, "first text", "second text")
    data = disk.read(FILE) or b""
    disk.remove(FILE)
    disk.write(disk.append_to(FILE), data[:-cut])
    keep(disk, "third text")
    found, _ = opened(disk).bodies(kept("first text", "second text", "third text"))
    assert found.items() >= kept("first text", "third text").items()


def test_a_changed_line_is_left_out_with_a_notice(disk: MemoryDisk) -> None:
    """A text that is not what its digest says is no text."""
    keep(disk, "some text", "other")
    data = disk.read(FILE) or b""
    disk.remove(FILE)
    disk.write(disk.append_to(FILE), data.replace(b"some", b"evil"))
    found, notice = opened(disk).bodies(kept("some text", "other"))
    assert found == kept("other")
    assert notice is not None
    assert "damaged" in notice


def test_what_no_base_names_goes_when_the_file_has_grown(disk: MemoryDisk) -> None:
    """The file stays below twice what is needed; what is needed stays, an unsettled one too."""
    texts = [f"{n} " + "x" * 20_000 for n in range(60)]
    needed = texts[:5]
    keep(disk, *texts[:5])
    for n in range(5, 60, 11):
        store = opened(disk)
        with store.locked(since=0.0):
            store.keep_bodies(kept(*texts[n : n + 11]))
            store.checkpoint(named(*needed))
    assert len(disk.read(FILE) or b"") <= SMALL + 11 * 21_000
    assert opened(disk).bodies(kept(*needed)) == (kept(*needed), None)


def test_a_full_disk_is_a_notice(disk: MemoryDisk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The run goes on: the text is a help and no record."""
    store = opened(disk)
    with store.locked(since=0.0):

        def full(_: Path) -> int:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(disk, "append_to", full)
        notice = store.keep_bodies(kept("text"))
    assert notice is not None
    assert "No space left" in notice
