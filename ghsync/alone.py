"""Carry a plan out alone: take the lock between machines, then plan on what the others made."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Protocol

from ghsync.config import Config
from ghsync.errors import DeclinedError, GhsyncError, LockedError, RefusedError
from ghsync.journal import Sent, SyncMap
from ghsync.ledger import Ledger
from ghsync.model import Adopt, Notice, Repo, RunId
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
    ledger: Ledger | None = None,
    stop: Stop | None = None,
    notice: Callable[[Notice], None] = lambda _: None,
) -> RemoteLock:
    """The lock of one run, not taken yet; if it is lost on the way, the run is asked to stop.

    Without a ledger and a stop it is one to look at: nothing is journalled.
    """
    clock = session.clock
    lock = RemoteLock(
        client=session.client,
        clock=clock,
        repo=repo,
        run=run,
        store=store,
        tell=lambda message: notice(Notice(message=message)),
        record=lambda: ledger.append([Sent(at=clock.now(), content=False)]) if ledger else None,
    )
    if stop is not None:
        lock.on_lost = stop.request
    return lock


class Bound(Protocol):
    """What a run is bound to beforehand: the plan of a file."""

    def refusal(self, prepared: Prepared, smap: SyncMap) -> GhsyncError | None:
        """Why a plan that was made now is not the one that was meant, if so."""
        ...

    def begin(self, store: Store) -> None:
        """Remember that it is carried out from now on; nothing has been sent yet."""
        ...


async def plan_alone(
    config: Config,
    lock: RemoteLock,
    preparer: Preparer,
    prepared: Prepared,
    smap: SyncMap,
    confirm: Callable[[Prepared], Awaitable[bool]] | None = None,
    bound: Bound | None = None,
) -> tuple[Prepared, GhsyncError | None]:
    """Take the lock if issues are to be made; return the plan as it is then, and why it is refused.

    The snapshot may be older than another machine's run that has ended since, so GitHub is read
    again before anything is sent. Whoever is asked by ``confirm`` may take long over it, so the
    lock is taken afterwards; what is sent then is what was shown, or nothing. ``bound`` refuses
    what is not the plan that was meant.
    """
    error = _refusal(config, prepared, smap, bound)
    if error is None and confirm is not None and _writes(prepared):
        error = None if await confirm(prepared) else _declined()
    if error is not None or not wants_lock(config, prepared):
        return prepared, error
    try:
        if not await lock.take():
            return prepared, None
    except LockedError as locked:
        return prepared, locked
    again = await preparer.plan_again(prepared, smap)
    if again is prepared:
        return prepared, None
    error = _refusal(config, again, smap, bound)
    if error is None and confirm is not None and _writes(again):
        error = _changed()
    return again, error


def _refusal(
    config: Config, prepared: Prepared, smap: SyncMap, bound: Bound | None
) -> GhsyncError | None:
    error = bound.refusal(prepared, smap) if bound is not None else None
    return error or refusal(config, prepared, smap)


def _writes(prepared: Prepared) -> bool:
    return any(not isinstance(op, Adopt) for op in prepared.planned.plan.operations)


def _declined() -> DeclinedError:
    return DeclinedError(
        "Nothing was sent: nobody has agreed to it.",
        hint="--yes sends without asking; --dry-run shows every write.",
    )


def _changed() -> RefusedError:
    return RefusedError(
        "While you were asked, another run made issues here, so this is not the plan that was "
        "shown any more; nothing was sent.",
        hint="Run the same command again: it shows the new plan.",
    )
