"""A disk in memory that can be stopped at every step, fill up, and lose its power.

It knows what is only in the page cache: a file's bytes until ``sync``, a folder's names until
``sync_folder``. ``after_power_cut`` gives every disk that a power cut could leave behind.
"""

from __future__ import annotations

import errno
import itertools
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path

from ghsync.store import Files


class Killed(BaseException):
    """The process is gone; no handler of ghsync's may see this as an error to deal with."""


@dataclass(eq=False)
class Inode:
    """A file: its bytes as programs see them, and as the platter has them."""

    data: bytes = b""
    synced: bytes = b""


@dataclass
class MemoryDisk(Files):
    """Files whose every call that writes is a step."""

    slow = False
    kill_at: int | None = None
    """The number (from 1) of the step at which :class:`Killed` is raised."""
    fail_at: int | None = None
    error: int = errno.EIO
    partial: float = 0.0
    """How much of a write happens before it is killed or fails, from 0 to 1."""
    read_only: bool = False
    steps: list[str] = field(default_factory=list)
    folders: set[Path] = field(default_factory=set)
    synced_folders: set[Path] = field(default_factory=set)
    names: dict[Path, Inode] = field(default_factory=dict)
    synced_names: dict[Path, Inode] = field(default_factory=dict)
    unsynced: list[list[tuple[Path, Inode | None]]] = field(default_factory=list)
    """Names given and taken since their folder was synced, oldest first; a rename is one."""
    open_files: dict[int, Inode] = field(default_factory=dict)
    locks: set[Path] = field(default_factory=set)
    dead: bool = False

    def _step(self, name: str) -> None:
        if self.dead:
            raise Killed
        if self.read_only:
            raise OSError(errno.EROFS, "Read-only file system")
        self.steps.append(name)
        if len(self.steps) == self.kill_at:
            self.dead = True
            raise Killed
        if len(self.steps) == self.fail_at:
            raise OSError(self.error, errno.errorcode[self.error])

    # -- what a power cut leaves

    def after_kill(self) -> MemoryDisk:
        """The disk as the next process finds it: the page cache survives, the lock does not."""
        copy = deepcopy(self)
        copy.kill_at = copy.fail_at = None
        copy.dead = False
        copy.steps, copy.open_files, copy.locks = [], {}, set()
        return copy

    def after_power_cut(self) -> Iterator[MemoryDisk]:
        """Every order-keeping loss of unsynced names, with every mix of kept, lost, torn bytes.

        Names are lost from some point on, or one change alone: not every file system writes them
        in order.
        """
        base = self.after_kill()
        loose = [inode for inode in base._inodes() if inode.data != inode.synced]
        changes = range(len(base.unsynced))
        survivors = [tuple(changes[:kept]) for kept in range(len(changes) + 1)]
        survivors += [tuple(n for n in changes if n != lost) for lost in changes[:-1]]
        for kept in survivors:
            for fates in itertools.product(*(_fates(inode) for inode in loose)):
                memo = {id(i): Inode(data, data) for i, data in zip(loose, fates, strict=True)}
                disk = deepcopy(base, memo)
                disk.names = dict(disk.synced_names)
                for change in kept:
                    for path, inode in disk.unsynced[change]:
                        disk._set(path, inode)
                disk.folders = set(disk.synced_folders)
                disk.names = {p: i for p, i in disk.names.items() if p.parent in disk.folders}
                disk.synced_names, disk.unsynced = dict(disk.names), []
                yield disk

    def _inodes(self) -> list[Inode]:
        nodes = [*self.names.values(), *self.synced_names.values()]
        nodes += [inode for change in self.unsynced for _, inode in change if inode is not None]
        return list({id(inode): inode for inode in nodes}.values())

    def _set(self, path: Path, inode: Inode | None) -> None:
        if inode is None:
            self.names.pop(path, None)
        else:
            self.names[path] = inode

    def _name(self, path: Path, inode: Inode | None) -> None:
        self._set(path, inode)
        self.unsynced.append([(path, inode)])

    # -- Files

    def read(self, path: Path) -> bytes | None:
        inode = self.names.get(path)
        return None if inode is None else inode.data

    def is_folder(self, path: Path) -> bool:
        return path in self.folders

    def is_link(self, path: Path) -> bool:
        return False

    def list_folder(self, path: Path) -> list[str]:
        return sorted(each.name for each in self.names if each.parent == path)

    def make_folder(self, path: Path) -> None:
        if path not in self.folders:
            self._step(f"make folder {path.name}")
            self.folders.add(path)

    def append_to(self, path: Path) -> int:
        if path not in self.names:
            self._step(f"make {path.name}")
            self._name(path, Inode())
        return self._open(path)

    def create(self, path: Path, *, like: Path) -> int:
        self._step(f"make {path.name}")
        if path in self.names:
            raise FileExistsError(errno.EEXIST, "File exists", str(path))
        self._name(path, Inode())
        return self._open(path)

    def _open(self, path: Path) -> int:
        fd = max(self.open_files, default=0) + 1
        self.open_files[fd] = self.names[path]
        return fd

    def size(self, fd: int) -> int:
        return len(self.open_files[fd].data)

    def write(self, fd: int, data: bytes) -> None:
        inode = self.open_files[fd]
        try:
            self._step(f"write {len(data)}")
        except BaseException:
            if len(self.steps) in (self.kill_at, self.fail_at):
                inode.data += data[: int(len(data) * self.partial)]
            raise
        inode.data += data

    def sync(self, fd: int) -> None:
        self._step("sync")
        self.open_files[fd].synced = self.open_files[fd].data

    def truncate(self, fd: int, size: int) -> None:
        self._step("truncate")
        self.open_files[fd].data = self.open_files[fd].data[:size]

    def close(self, fd: int) -> None:
        del self.open_files[fd]

    def replace(self, source: Path, target: Path) -> None:
        self._step(f"replace {target.name}")
        inode = self.names.pop(source)
        self.names[target] = inode
        self.unsynced.append([(target, inode), (source, None)])

    def sync_folder(self, path: Path) -> None:
        self._step(f"sync folder {path.name}")
        synced = [change for change in self.unsynced if change[0][0].parent == path]
        self.unsynced = [change for change in self.unsynced if change[0][0].parent != path]
        for name, inode in itertools.chain.from_iterable(synced):
            self.synced_names.pop(name, None)
            if inode is not None:
                self.synced_names[name] = inode
        self.synced_folders |= {folder for folder in self.folders if folder.parent == path}

    def remove(self, path: Path) -> None:
        if path in self.names:
            self._step(f"remove {path.name}")
            self._name(path, None)

    def lock(self, path: Path) -> Callable[[], None]:
        self._step("lock")
        if path in self.locks:
            raise BlockingIOError(errno.EAGAIN, "held")
        self.locks.add(path)
        return lambda: self.locks.discard(path)


def _fates(inode: Inode) -> list[bytes]:
    """What may be left of a file: what was synced, all of it, or a torn end."""
    fates = [inode.synced, inode.data]
    if inode.data.startswith(inode.synced):
        extra = len(inode.data) - len(inode.synced)
        fates += [inode.data[: len(inode.synced) + n] for n in {extra // 2, extra - 1}]
    return list(dict.fromkeys(fates))
