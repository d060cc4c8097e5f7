"""What an earlier run sent and did not see answered, taken in without writing anything."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from ghsync.brakes import check_repository
from ghsync.journal import Intent, Recorded, SyncMap, fold
from ghsync.model import Snapshot
from ghsync.prepare import Preparer, entry_of_found
from ghsync.reconcile import has_comment, originals
from ghsync.remote.client import Client
from ghsync.store import State


async def with_lost_creates(client: Client, preparer: Preparer, state: State) -> SyncMap:
    """Take in creates and updates that an earlier run lost, as a push will, in memory only."""
    smap, pending = state.map, state.pending
    if not pending and not state.tried:
        return smap
    snapshot = await preparer.read()
    check_repository(smap, snapshot.repo)
    entries = await preparer.take_back_trials(smap, state.tried)
    smap = fold(smap, [Recorded(entry=entry) for entry in entries])
    smap = await _with_comments(client, snapshot, smap, pending)
    by_uid = originals(pending, snapshot.issues.values())
    return fold(
        smap,
        [
            Recorded(entry=entry_of_found(intent, by_uid[intent.uid], preparer.loaded))
            for intent in pending
            if intent.uid in by_uid
        ],
    )


async def _with_comments(
    client: Client, snapshot: Snapshot, smap: SyncMap, pending: Iterable[Intent]
) -> SyncMap:
    """Take in closing comments that an earlier run sent and did not see answered."""
    entries = {entry.number: entry for entry in smap.entries.values()}
    made = [
        Recorded(entry=replace(entries[intent.floor], commented=intent.uid))
        for intent in pending
        if intent.what == "comment" and intent.floor in entries
        if await has_comment(client, snapshot.repo, intent)
    ]
    return fold(smap, made)
