"""What ghsync wrote last into which file: kept between runs, and no trouble when it is lost."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest
from store.store_disk import MemoryDisk

from ghsync.errors import InternalError
from ghsync.store import Store, writings

FILE = Path("/work-folder/.ghsync/written.json")


class FullDisk(MemoryDisk):
    """A disk that takes no more of what ghsync wrote."""

    def create(self, path: Path, *, like: Path) -> int:
        """Refuse the one file."""
        if path.name == "written.json.tmp":
            raise OSError(errno.ENOSPC, "No space left on device")
        return super().create(path, like=like)


def opened(disk: MemoryDisk) -> Store:
    """The store of the folder."""
    disk.folders.add(FILE.parent.parent)
    return Store.open(FILE.parent.parent, files=disk)


def note(disk: MemoryDisk, **written: str) -> str | None:
    """Note writings, in a run of its own."""
    store = opened(disk)
    with store.locked(since=0.0):
        return store.note_written(written)


def test_what_was_written_last_is_known_to_the_next_run() -> None:
    """Digests add up; a file that is written again has its new one; nothing noted makes no file."""
    disk = MemoryDisk()
    assert note(disk) is None
    assert opened(disk).written() == {}
    assert disk.read(FILE) is None
    note(disk, a="1", b="2")
    note(disk, a="3", c="ü/x.md")
    assert opened(disk).written() == {"b": "2", "a": "3", "c": "ü/x.md"}


def test_the_oldest_are_forgotten_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """The file does not grow without end."""
    monkeypatch.setattr(writings, "MOST", 2)
    disk = MemoryDisk()
    note(disk, a="1", b="2")
    note(disk, a="3")
    note(disk, c="4")
    assert opened(disk).written() == {"a": "3", "c": "4"}


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff",
        b"[]",
        b"null",
        b'{"schema": "ghsync.written/9", "files": {"a": "1"}}',
        b'{"schema": "ghsync.written/1", "files": ["a"]}',
        b'{"schema": "ghsync.written/1"}',
    ],
)
def test_a_damaged_file_is_as_if_it_were_not_there(data: bytes) -> None:
    """No error, and the next writing replaces it."""
    disk = MemoryDisk()
    note(disk, a="1")
    disk.remove(FILE)
    disk.write(disk.append_to(FILE), data)
    assert opened(disk).written() == {}
    note(disk, b="2")
    assert opened(disk).written() == {"b": "2"}


def test_a_full_disk_is_a_notice() -> None:
    """A pull or a push does not fail for it."""
    notice = note(FullDisk(), a="1")
    assert notice is not None
    assert "written.json was not written (No space left on device)" in notice


def test_it_needs_the_lock() -> None:
    """Two runs would each forget what the other wrote."""
    with pytest.raises(InternalError):
        opened(MemoryDisk()).note_written({"a": "1"})
