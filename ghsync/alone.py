"""Carry a plan out alone: take the lock between machines, then plan on what the others made."""

from __future__ import annotations

from collections.abc import Callable

from ghsync.config import Config
from ghsync.errors import GhsyncError, LockedError
from ghsync.journal import Sent, SyncMap
from ghsync.ledger import Ledger
from ghsync.model import Notice, Repo, RunId
from ghsync.outcome import refusal, wants_lock
from ghsync.prepare import Preparer
from ghsync.prepared import Prepared
from ghsync.remotelock import RemoteLock
from ghsync.session import Session
from ghsync.stop import Stop
from ghsync.store import Store


def remote_lock(
    session: Session,
    repo: Repo,
    run: RunId,
    store: Store,
    ledger: Ledger,
    stop: Stop,
    notice: Callable[[Notice], None],
) -> RemoteLock:
    """The lock of one run, not taken yet; if it is lost on the way, the run is asked to stop."""
    clock = session.clock
    lock = RemoteLock(
        client=session.client,
        clock=clock,
        repo=repo,
        run=run,
        store=store,
        tell=lambda message: notice(Notice(message=message)),
        record=lambda: ledger.append([Sent(at=clock.now(), content=False)]),
    )
    lock.on_lost = stop.request
    return lock


async def plan_alone(
    config: Config, lock: RemoteLock, preparer: Preparer, prepared: Prepared, smap: SyncMap
) -> tuple[Prepared, GhsyncError | None]:
    """Take the lock if issues are to be made; return the plan as it is then, and why it is refused.

    The snapshot may be older than another machine's run that has ended since, so GitHub is read
    again before anything is sent.
    """
    error = refusal(config, prepared, smap)
    if error is not None or not wants_lock(config, prepared):
        return prepared, error
    try:
        if not await lock.take():
            return prepared, None
    except LockedError as locked:
        return prepared, locked
    again = await preparer.plan_again(prepared, smap)
    return again, None if again is prepared else refusal(config, again, smap)
