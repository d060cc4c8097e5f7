"""The lock between machines: a label on GitHub, whose creation is an atomic test-and-set.

Who makes the label ``ghsync-lock`` holds it; its description says who that is and until when, by
the server's clock. Three rules keep it exclusive although labels know no compare-and-set:

- Its holder touches it only while it is good for another :data:`MARGIN`, others only once it is
  over. So no two ever change the same label.
- A lock that is over is broken by renaming it to a name made from its own description. Of all who
  saw the same lock only one can do that: the others are told that the name is taken.
- Deleting by name is never repeated blindly: the name may be another's by then.

What is left open, and how small it is, stands in ``docs/two-at-once.md``.
"""

from __future__ import annotations

import asyncio
import platform
from collections.abc import AsyncIterator, Callable, Set
from contextlib import asynccontextmanager, suppress
from dataclasses import replace

from ghsync.clock import Clock
from ghsync.errors import GhsyncError, LockedError, StateFileError
from ghsync.lint import LOCK_LABEL
from ghsync.lockholder import Holder, read_note, short_host, words, write_note
from ghsync.model import Cost, Label, Repo, Requests, RunId
from ghsync.remote import wire
from ghsync.remote.answers import Answer
from ghsync.remote.client import Client
from ghsync.store import Store

LEASE = 900.0
"""Seconds that the lock of a run that died is in the way of other machines."""
MARGIN = 60.0
"""Seconds before its end from which a lock is not relied on. GitHub ends a request after 10, so
what is sent before that is over, done or not, when another machine may break the lock."""
_SETTLE = 10.0
_AGAIN = 30.0
_PATIENCE = 30.0
"""Seconds that a run that ends spends on its lock at most; what is left ends by itself."""
_DELETE = Cost(points=5)
_ROUNDS = 4
_COLOR = "d4c5f9"
_HINT = (
    "Wait until that run has ended, then run the same command again. If it is dead, its lock is "
    "broken after the time it names; --no-remote-lock goes on at once."
)


class Lapsed(Exception):
    """The lock is not certainly held any more: renew it before anything is sent under it."""


class RemoteLock:
    """One run's hold on a repository, against runs on other machines."""

    def __init__(
        self,
        *,
        client: Client,
        clock: Clock,
        repo: Repo,
        run: RunId,
        store: Store,
        tell: Callable[[str], None],
        record: Callable[[], None] = lambda: None,
        host: str | None = None,
    ) -> None:
        """``record`` is called before a write of the lock is sent; ``host`` names this machine."""
        self._client = client
        self._clock = clock
        self._repo = repo
        self._run = run
        self._store = store
        self._tell = tell
        self._record = record
        self._host = short_host(platform.node() if host is None else host)
        self._mine: Holder | None = None
        self._claimed = False  # a request that makes the label may have arrived
        self._noted = False
        self._read_at = 0.0  # the server's time when the label was read last
        self._broken: list[str] = []  # what this run renamed and deletes in the end
        self._dead: set[str] = set()  # killed runs of this very folder, whose OS lock is ours now
        self._busy = asyncio.Lock()
        self._keeper: asyncio.Task[None] | None = None
        self.on_lost: Callable[[LockedError], None] = lambda _: None
        """Called once if the lock turns out to be another's while this run goes on."""

    @property
    def held(self) -> bool:
        """True from :meth:`take` until it is released or lost."""
        return self._mine is not None

    async def clean_up(self) -> None:
        """Remove what a killed run of this folder left, if any did; costs nothing otherwise."""
        note = read_note(self._store.lock_note(), self._repo)
        if note is None:
            return
        dead, broken = note
        self._dead |= dead
        self._broken += broken
        self._noted = True  # until this run ends: what a killed one sent last can still arrive
        try:
            await self._remove(dead)
            await self._delete_broken()
        except wire.ApiError as error:
            self._tell(f"the lock that a killed run left could not be removed: {error.message}")

    async def left_behind(self) -> Requests:
        """What :meth:`clean_up` will write; reads, but writes nothing."""
        note = read_note(self._store.lock_note(), self._repo)
        if note is None:
            return Requests()
        with suppress(LockedError):
            found = await self._read()
            return Requests(writes=2 * (found is not None and found.run in note[0]) + len(note[1]))
        return Requests(writes=len(note[1]))

    async def take(self) -> bool:
        """Hold the lock from now on, and keep it fresh; ``False`` where the token may not.

        Raises :class:`~ghsync.errors.LockedError` at once where another run holds it.
        """
        self._write_note()
        try:
            self._mine = await self._acquire()
        except (wire.RepositoryClosed, wire.Unauthorized):
            raise
        except _MAY_NOT as error:
            self._claimed = False
            self._tell(
                "two machines that push at once could make an issue twice, because the lock "
                f"against that could not be taken: {error.message}"
            )
            return False
        self._keeper = asyncio.ensure_future(self._keep())
        return True

    def check(self) -> None:
        """Raise :class:`Lapsed` unless the lock is certainly held for the next :data:`MARGIN`."""
        if self._mine is None or self._client.server_time() >= self._mine.until - MARGIN:
            raise Lapsed

    async def renew(self) -> bool:
        """Make sure of the lock; ``False`` (and :attr:`on_lost`) where it is another's by now.

        Raises :class:`~ghsync.remote.errors.ApiError` where GitHub cannot be asked.
        """
        async with self._busy:
            while self._mine is not None:
                if self._mine.until - self._client.server_time() > LEASE / 2:
                    return True
                label = await self._read()
                if label is None or label.run != self._run:
                    return self._lose(label)
                try:
                    self.check()
                    await self._extend(self._mine)
                except Lapsed:
                    await self._retake(label)
            return False

    @asynccontextmanager
    async def released_at_end(self) -> AsyncIterator[None]:
        """Release when the block ends, also by an error or a cancellation.

        Not where the process itself is going down: then nothing is certain, and the note on the
        disk tells the next run.
        """
        try:
            yield
        except (Exception, asyncio.CancelledError):
            await self.release()
            raise
        else:
            await self.release()

    async def release(self) -> None:
        """Let go, as far as that is possible in a moment; never raises for GitHub's sake."""
        if self._keeper is not None:  # which ends by itself where the lock is lost
            self._keeper.cancel()
            keeper, self._keeper = self._keeper, None
            await asyncio.wait({keeper})
            if not keeper.cancelled():
                keeper.result()
        if not self._claimed and not self._broken:
            self._forget_note()
            return
        now = self._clock.now()
        if self._client.gate.limiter.opens(_DELETE, now) > now + _PATIENCE:
            self._tell(_STAYS)  # a limit lets nothing through until then
            return
        work = asyncio.ensure_future(self._let_go())
        timer = asyncio.ensure_future(self._clock.sleep_until(self._clock.now() + _PATIENCE))
        try:
            await asyncio.wait({work, timer}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            in_time = work.done()
            work.cancel()
            timer.cancel()
            await asyncio.gather(work, timer, return_exceptions=True)
        if in_time:
            work.result()  # whatever it raises is no answer of GitHub's
        else:
            self._tell(_STAYS)

    # --------------------------------------------------------------------------- taking

    async def _acquire(self) -> Holder:
        """Make the label; break one that is over, and give way to one that is not."""
        since = self._client.server_time()
        for _ in range(_ROUNDS):
            wanted = Holder(
                host=self._host,
                run=self._run,
                since=since,
                until=float(int(self._client.server_time() + LEASE)),
            )
            try:
                await self._create(wanted)
            except wire.Unprocessable as error:
                if not wire.label_exists(error):
                    raise
            else:
                return wanted
            found = await self._read()
            if found is None:
                continue
            if found.run == self._run:
                return found  # made by a request whose answer was lost
            if found.run not in self._dead and not self._is_over(found):
                self._claimed = False
                raise self._locked(found)
            if await self._break(found):
                self._tell(f"the lock of run {found.run} on {found.host} was left over; broken")
        self._claimed = False
        stuck = await self._listed()
        if stuck is not None and (stuck.run in self._dead or self._is_over(stuck)):
            raise wire.NotFound(
                f"the label {LOCK_LABEL} is there, but this server does not give it by its name",
                hint="Delete that label, or pass --no-remote-lock.",
                request="read the lock",
            )
        if stuck is not None:
            raise self._locked(stuck)
        raise LockedError(
            f"Other runs take and leave the lock of {self._repo.full_name} all the time.",
            hint="Run the same command again.",
        )

    async def _create(self, wanted: Holder) -> None:
        def before() -> None:
            self._record()
            self._claimed = True

        request = wire.create_label(self._repo.full_name, LOCK_LABEL, _COLOR, str(wanted))
        await self._send(request, before)

    async def _read(self) -> Holder | None:
        """Who holds the lock; ``None`` where nobody does."""
        request = wire.get_label(self._repo.full_name, LOCK_LABEL)
        try:
            answer = await self._send(request)
        except wire.NotFound:
            return None
        label = wire.parse_label(answer.data, request=request.label)
        return self._holder(label, answer)

    async def _listed(self) -> Holder | None:
        """Who holds the lock by the list of labels, for a server that gives none by its name."""
        async for answer in self._client.pages(wire.list_labels(self._repo.full_name)):
            for each in answer.data if isinstance(answer.data, list) else ():
                label = wire.parse_label(each, request="read the lock")
                if label.name == LOCK_LABEL:
                    return self._holder(label, answer)
        return None

    def _holder(self, label: Label, answer: Answer) -> Holder:
        """Whom a lock's label names; raises where no run of ghsync made it."""
        self._read_at = wire.parse_date(answer.headers.get("date")) or self._client.server_time()
        holder = Holder.parse(label.description)
        if holder is None:
            raise LockedError(
                f"{self._repo.full_name} has a label {label.name} that no run of ghsync made, so "
                "nobody knows until when it holds.",
                hint="Delete that label on GitHub, or pass --no-remote-lock.",
            )
        return holder

    def _is_over(self, found: Holder) -> bool:
        """By the server's own ``Date`` of the answer that showed it."""
        return self._read_at >= found.until

    def _locked(self, found: Holder) -> LockedError:
        return LockedError(
            f"Another machine is pushing to {self._repo.full_name}: run {found.run} on "
            f"{found.host}, since {words(found.since)}; its lock holds until "
            f"{words(found.until)} unless that run goes on.",
            hint=_HINT,
        )

    async def _break(self, found: Holder) -> bool:
        """Rename a lock out of the way; ``False`` if it is not there (any more)."""
        name = found.broken
        self._broken.append(name)
        self._write_note()
        request = wire.update_label(self._repo.full_name, LOCK_LABEL, new_name=name)
        try:
            await self._send(request, self._record)
        except (wire.NotFound, wire.Unprocessable) as error:
            if isinstance(error, wire.Unprocessable) and not wire.label_exists(error):
                raise
            self._broken.remove(name)  # whoever renamed it deletes it
            return False
        return True

    # -------------------------------------------------------------------------- keeping

    async def _keep(self) -> None:
        """Renew in the middle of each lease; where GitHub fails, try again before its end."""
        while self._mine is not None:
            wait = self._mine.until - LEASE / 2 - self._client.server_time()
            await self._clock.sleep_until(self._clock.now() + max(1.0, wait))
            try:
                await self.renew()
            except GhsyncError:
                await self._clock.sleep_until(self._clock.now() + _AGAIN)

    async def _extend(self, mine: Holder) -> None:
        """Write a new end; only while the old one is far enough to be sure of the label."""

        def before() -> None:
            self.check()
            self._record()

        wanted = replace(mine, until=float(int(self._client.server_time() + LEASE)))
        request = wire.update_label(self._repo.full_name, LOCK_LABEL, description=str(wanted))
        try:
            await self._send(request, before)
        except wire.NotFound:
            self._lose(None)
        else:
            self._mine = wanted

    async def _retake(self, label: Holder) -> None:
        """Take the lock again after it was over (the machine slept, a limit held everything).

        Only by renaming the very label that this run made: then nobody had it in between.
        """
        if not await self._break(label):
            self._lose(None)
            return
        try:
            self._mine = await self._acquire()
        except LockedError as error:
            self._lose(None, error)

    def _lose(self, found: Holder | None, error: LockedError | None = None) -> bool:
        """Give up a lock that is another's or nobody's; always ``False``."""
        self._mine, self._claimed = None, False
        whose = f"run {found.run} on {found.host} holds it" if found else "somebody removed it"
        self.on_lost(
            error
            or LockedError(
                f"This run lost its lock of {self._repo.full_name}: {whose}. Nothing more is "
                "created, so that no issue is made twice.",
                hint="Run the same command again: it goes on where this ended.",
            )
        )
        return False

    # ------------------------------------------------------------------------- releasing

    async def _let_go(self) -> None:
        try:
            if self._claimed:
                await self._remove({self._run})
            await self._delete_broken()
            self._forget_note()
            self._claimed = False
        except GhsyncError as error:
            self._tell(f"{_STAYS}: {error.message}")
        self._mine = None

    async def _remove(self, runs: Set[str]) -> None:
        """Remove the label if it is one of these runs'."""
        if self._mine is not None:
            request = wire.delete_label(self._repo.full_name, LOCK_LABEL, again=False)
            try:
                await self._send(request, self.check)
            except wire.NotFound as error:
                stuck = await self._listed()
                if stuck is not None and stuck.run in runs:  # a server that deletes none by name
                    raise error
                return
            except Lapsed:
                pass
            except wire.UnknownOutcome:
                # Repeated at once it could delete the label of whoever takes the lock meanwhile.
                await self._clock.sleep_until(self._clock.now() + _SETTLE)
            else:
                return
        try:
            found = await self._read()
        except LockedError:
            return
        if found is not None and found.run in runs:
            await self._break(found)

    async def _delete_broken(self) -> None:
        for name in tuple(self._broken):
            with suppress(wire.NotFound):
                await self._send(wire.delete_label(self._repo.full_name, name))
            self._broken.remove(name)

    # --------------------------------------------------------------------------- details

    async def _send(
        self, request: wire.Request, before: Callable[[], None] | None = None
    ) -> Answer:
        """Send past the line: a lock that waits behind an hour's creates would be over."""
        return await self._client.send(replace(request, urgent=True), before=before)

    def _write_note(self) -> None:
        """Let the next run of this folder know what is this folder's, should this one be killed."""
        self._store.note_lock(write_note(self._repo, {self._run, *self._dead}, self._broken))
        self._noted = True

    def _forget_note(self) -> None:
        if self._noted:
            self._noted = False
            with suppress(StateFileError):  # then the next run finds that nothing is left
                self._store.note_lock(None)


_STAYS = f"the label {LOCK_LABEL} could not be removed; it ends by itself"
_MAY_NOT = (
    wire.Forbidden,
    wire.NotFound,
    wire.Gone,
    wire.Moved,
    wire.Unprocessable,
    wire.BadRequest,
)
