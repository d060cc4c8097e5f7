"""Runs from another terminal: look at them, pause, resume and cancel one; and obey, as the run.

The other terminal writes what it wants into ``.ghsync/control.json`` (:mod:`ghsync.store.wish`),
the run looks at it twice a second. A run on a virtual clock is over before anybody could ask.
"""

from __future__ import annotations

import math
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Iterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from ghsync.clock import Clock, SystemClock
from ghsync.errors import RunCancelledError, UsageError
from ghsync.history import RunRecord, parse
from ghsync.model import Event, Notice, RunId, Waiting
from ghsync.store import Action, Store, Wish

if TYPE_CHECKING:  # who only looks at runs need not load what runs one
    from ghsync.remote.gate import Gate
    from ghsync.session import Session
    from ghsync.stop import Stop
    from ghsync.trail import Trail

EVERY = 0.5
"""Seconds between two looks at the wish."""
LAST = "last"
"""Stands for the newest run."""


# --------------------------------------------------------------------- another terminal


def runs(
    store: Store, *, brief: bool = True, only: Collection[RunId] | None = None
) -> tuple[RunRecord, ...]:
    """Every run whose log is kept, newest first; ``brief`` without their trails.

    ``only``: none but these, in place of a look at all.
    """
    holder = store.running()
    return tuple(
        parse(run_id, text, holder=holder, brief=brief)
        for run_id in (reversed(store.run_ids()) if only is None else only)
        if (text := store.read_log(run_id)) is not None
    )


def find(store: Store, name: str) -> RunRecord:
    """The run of that id, or of the one id that begins so, or the ``last``, with its whole trail.

    Raises :class:`~ghsync.errors.UsageError` where that is none, or more than one.
    """
    run_id = resolve(store.run_ids(), name)
    holder = store.running()  # before the log: a run that ends meanwhile is seen as ended
    return parse(run_id, store.read_log(run_id) or "", holder=holder)


def last(store: Store, commands: Collection[str]) -> RunRecord:
    """The newest run of one of these commands that has ended, with its whole trail.

    Raises :class:`~ghsync.errors.UsageError` where there is none.
    """
    record = next(ended(store, commands), None)
    if record is None:
        raise UsageError(
            "No push is recorded here.", hint="`ghsync push` makes one; a dry run leaves no log."
        )
    return record


def since(
    store: Store, commands: Collection[str], others: Collection[str]
) -> tuple[RunRecord, ...]:
    """The newest run of these commands and the ``others`` after it, newest first, whole.

    One that was refused or declined has done nothing, so the one before it is looked for, too.
    Raises :class:`~ghsync.errors.UsageError` where there is none at all.
    """
    found: list[RunRecord] = []
    for record in ended(store, (*commands, *others)):
        found.append(record)
        if record.command in commands and (record.operations or record.code is None):
            break
    return tuple(found) or (last(store, (*commands, *others)),)


def ended(store: Store, commands: Collection[str]) -> Iterator[RunRecord]:
    """The runs of these commands that are not under way, newest first."""
    holder = store.running()
    for run_id in reversed(store.run_ids()):
        if run_id == holder:
            continue
        record = parse(run_id, store.read_log(run_id) or "", holder=holder)
        if record.command in commands:
            yield record


def resolve(run_ids: Iterable[RunId], name: str) -> RunId:
    """The run that a user means. Raises :class:`~ghsync.errors.UsageError`."""
    known = sorted(run_ids)
    if not known:
        raise UsageError(
            "No run is recorded here.", hint="`ghsync push` makes one; a dry run leaves no log."
        )
    if name == LAST:
        return known[-1]
    found = [run_id for run_id in known if run_id == name] or [
        run_id for run_id in known if name and run_id.startswith(name)
    ]
    if len(found) == 1:
        return found[0]
    if found:
        raise UsageError(
            f"{len(found)} runs begin with {name}: {found[0]} … {found[-1]}.",
            hint="Give more of the id.",
        )
    raise UsageError(f"There is no run {name}.", hint="`ghsync runs` lists them.")


def ask(store: Store, action: Action, name: str | None = None) -> RunId:
    """Tell the run that is under way what is wanted of it; returns its id.

    ``name`` is a run as :func:`resolve` takes it. Raises :class:`~ghsync.errors.UsageError`
    where no run, or another one, is under way.
    """
    running = store.running()
    wanted = resolve(store.run_ids(), name) if name is not None else running
    if running is None or running != wanted:
        which = "No run is" if wanted is None else f"The run {wanted} is not"
        raise UsageError(
            f"{which} under way, so there is nothing to {action}.",
            hint="`ghsync runs` says how each ended; `ghsync push` goes on where the last did.",
        )
    store.ask(Wish(run=running, action=action))
    return running


# -------------------------------------------------------------------------- the run


@asynccontextmanager
async def obeying(
    store: Store,
    run_id: RunId,
    session: Session,
    stop: Stop,
    trail: Trail,
    on_event: Callable[[Event], None],
) -> AsyncIterator[None]:
    """Do what another terminal wants of this run for as long as the block runs; needs the lock."""
    store.drop_wish()  # for a run that is gone
    import asyncio  # who only looks at runs, or completes their ids, waits for none

    watch: asyncio.Task[None] | None = None
    clock, gate = session.clock, session.client.gate
    if isinstance(clock, SystemClock):
        obedience = _Obedience(store, run_id, gate, stop, trail, on_event)
        watch = asyncio.ensure_future(obedience.watch(clock))
    try:
        yield
    finally:
        if watch is not None:
            watch.cancel()
            await asyncio.gather(watch, return_exceptions=True)
            gate.resume()
            store.drop_wish()


class _Obedience:
    def __init__(
        self,
        store: Store,
        run_id: RunId,
        gate: Gate,
        stop: Stop,
        trail: Trail,
        on_event: Callable[[Event], None],
    ) -> None:
        self._store = store
        self._run_id = run_id
        self._gate = gate
        self._stop = stop
        self._trail = trail
        self._on_event = on_event
        self._paused = False

    async def watch(self, clock: Clock) -> None:
        """Look at the wish until cancelled."""
        while True:
            self._look()
            await clock.sleep_until(clock.now() + EVERY)

    def _look(self) -> None:
        wish = self._store.wish()
        action = wish.action if wish is not None and wish.run == self._run_id else None
        if action is Action.CANCEL and not self._stop.requested:
            self._stop.request(
                RunCancelledError(
                    "Cancelled by `ghsync runs cancel`.",
                    hint="Run the same command again: it goes on where this ended.",
                )
            )
            return  # the gate opens at the next look, when the run has taken notice
        self._set(paused=action is Action.PAUSE and not self._stop.requested)

    def _set(self, *, paused: bool) -> None:
        if paused is self._paused:
            return
        self._paused = paused
        if not paused:
            self._trail.resumed()
            self._gate.resume()
            self._on_event(Notice(message="the pause is over"))
            return
        self._gate.pause()
        self._trail.paused()
        reason = "paused; `ghsync runs resume` goes on"
        self._on_event(Notice(message=reason))
        self._on_event(Waiting(reason=reason, seconds=math.inf, until=math.inf))
