"""The map, the journal, the lock, the snapshot cache and the run logs on disk.

See ``docs/state-files.md`` for the files and their promises. Whatever is written goes through
:mod:`ghsync.store.fs`.
"""

from ghsync.store.cache import Cache
from ghsync.store.fs import Files, Unsynced
from ghsync.store.group import GroupCommit
from ghsync.store.origin import head_commit, whoami
from ghsync.store.runlog import RunHeader, RunLog
from ghsync.store.store import State, Store
from ghsync.store.wish import Action, Wish

__all__ = [
    "Action",
    "Cache",
    "Files",
    "GroupCommit",
    "RunHeader",
    "RunLog",
    "State",
    "Store",
    "Unsynced",
    "Wish",
    "head_commit",
    "whoami",
]
