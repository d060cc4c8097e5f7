"""One run that writes: from the lock to the last record, for push, retry and undo."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace

from ghsync import basetexts
from ghsync.access import HOW_TO_GET_IN, require_repo, unreadable
from ghsync.alone import Bound, plan_alone, remote_lock
from ghsync.brakes import check_repository
from ghsync.clock import SystemClock
from ghsync.config import Config
from ghsync.control import obeying
from ghsync.deadline import Deadline
from ghsync.engine import OnError
from ghsync.errors import (
    AuthError,
    GhsyncError,
    NoLayoutError,
    StoppedError,
)
from ghsync.executor import Executor
from ghsync.history import parse
from ghsync.journal import Entry, NotExecuted, Recorded, SyncMap
from ghsync.ledger import Ledger
from ghsync.loader import load
from ghsync.model import (
    FileWrite,
    Finding,
    Key,
    Loaded,
    PlanReady,
    Requests,
    Run,
    RunId,
)
from ghsync.outcome import countdown, eta, last_requests, lock_needs, make_run, needed
from ghsync.prepare import Preparer, entry_of_found
from ghsync.prepared import NOTHING, Prepared, files_of, known
from ghsync.reconcile import Accounts, Reconciler, originals, settle_comment
from ghsync.recording import recorded
from ghsync.remember import refresh_cache
from ghsync.remote.errors import ApiError
from ghsync.rollback import after_rollback, as_left, has_failed, left_over, taken_back
from ghsync.sender import Rules
from ghsync.session import Session
from ghsync.stop import Stop
from ghsync.store import Store
from ghsync.surroundings import Surroundings
from ghsync.threeway import OnConflict
from ghsync.trail import Trail
from ghsync.undo import Done, done_of, made_by, plan_undo
from ghsync.uploader import Uploaded, Uploader
from ghsync.writeback import WroteBack, begin, finish


async def carry_out(
    config: Config, around: Surroundings, work: Callable[[Push], Awaitable[Run]]
) -> Run:
    """Open everything that a writing run needs, do the work, and close it in order.

    Raises :class:`~ghsync.errors.GhsyncError` for what keeps a run from starting.
    """
    require_repo(config)
    clock = SystemClock()
    if not config.sandbox and unreadable(config, around.token_for):
        raise AuthError("There is no token for GitHub.", hint=HOW_TO_GET_IN)
    store = around.store(config)
    run_id = around.new_run_id(clock)
    with store.locked(since=clock.now(), command=around.command, run=run_id):
        state = store.load()
        with recorded(config, store, run_id, around.command, clock, around.on_event) as trail:
            stop = around.stop or Stop()
            deadline = Deadline(config.max_time, stop.request)
            watching = deadline.watching(trail.watching(around.on_event))
            around = replace(around, on_event=watching, stop=stop)
            around.tell((*config.notices, *state.notices))
            ledger = Ledger(store, state)
            async with (
                around.session(
                    config, on_request=lambda line: trail.request(line.as_line())
                ) as session,
                obeying(store, run_id, session, stop, trail, around.on_event),
            ):
                trail.now = session.clock.now
                session.seed(state.sent)
                try:
                    deadline.begin(session.clock)
                    push = Push(config, around, store, session, ledger, run_id, trail, deadline)
                    trail.run = await work(push)
                finally:
                    ledger.close(session.clock.now(), counts=session.limiter.longest)
            return trail.run


class Push:
    """One push, from reading to the last record."""

    def __init__(
        self,
        config: Config,
        around: Surroundings,
        store: Store,
        session: Session,
        ledger: Ledger,
        run_id: RunId,
        trail: Trail,
        deadline: Deadline,
    ) -> None:
        self._config = config
        self._around = around
        self._stop = around.stop or Stop()
        self._store = store
        self._session = session
        self._ledger = ledger
        self._run_id = run_id
        self._trail = trail
        self._deadline = deadline
        self._started = session.clock.now()
        self._cleaned = Requests()  # what removed the lock of a killed run

    async def run(self, only: frozenset[Key] | None = None, bound: Bound | None = None) -> Run:
        """Read, settle what is unclear, plan, refuse or carry out, remember.

        ``only`` restricts the operations to those of these items, and what they need; ``bound``
        is the plan that it has to be.
        """
        preparer = Preparer(
            self._config,
            self._store,
            self._session,
            self._around.on_event,
            loaded=files_of(self._config, self._ledger.map),
            only=only,
        )
        back = begin(self._config, self._around, preparer.loaded)
        snapshot = await self._deadline.bound(preparer.read())
        check_repository(self._ledger.map, snapshot.repo)
        accounts = Accounts(highest=snapshot.highest, known=set(preparer.numbers))
        lock = remote_lock(
            self._session,
            snapshot.repo,
            self._run_id,
            self._store,
            self._ledger,
            self._stop,
            self._around.on_event,
        )
        await self._deadline.bound(lock.clean_up())
        self._cleaned = Requests(writes=self._session.spent.writes)
        await self._deadline.bound(self._settle_lost(preparer, accounts))
        smap = self._ledger.map
        prepared = await self._deadline.bound(preparer.plan(smap))
        executor = uploaded = None
        async with lock.released_at_end():
            prepared, error = await self._deadline.bound(
                plan_alone(self._config, lock, preparer, prepared, smap, self._confirm, bound)
            )
            accounts.add_all(preparer.numbers)
            self._trail.issues = prepared.snapshot.issues
            announced = self._announce(prepared)
            if error is None:
                if bound is not None:
                    bound.begin(self._store)
                self._keep_bodies(
                    basetexts.agreed(prepared.planned, every=not self._store.keeps_bodies)
                )
                self._commit_to(prepared, smap)
                executor = self._executor(prepared, accounts)
                executor.lock = lock if lock.held else None
                uploaded = await self._upload(prepared, executor)
                executor.record_orders(prepared.planned.orders, uploaded.results)
                if self._config.on_error is OnError.ROLLBACK and has_failed(uploaded):
                    uploaded = await self._roll_back(prepared, executor, accounts, uploaded)
        if executor is None or uploaded is None:
            return self._result(prepared, announced, error=error)
        self._keep_bodies(executor.linked)
        await self._remember(prepared, executor, uploaded)
        wrote = WroteBack()
        if back is not None:  # also where the run ended early: what has an issue gets its line
            issues = {**prepared.snapshot.issues, **executor.written}
            here = {n: issue for n, issue in issues.items() if n not in executor.gone}
            entries = self._ledger.map.entries
            wrote = finish(back, self._around, self._store, prepared, entries, here)
        return self._result(
            prepared,
            announced,
            error=uploaded.error,
            uploaded=uploaded,
            extra=(*executor.findings, *wrote.findings),
            files=wrote.files,
        )

    async def undo(self, done: Sequence[Done], *, with_lost: bool) -> Run:
        """Take back what a run did, where nobody has touched it since.

        ``with_lost``: creates that nobody saw answered are that run's, and are taken back, too.
        """
        preparer = Preparer(
            self._config,
            self._store,
            self._session,
            self._around.on_event,
            loaded=self._files() if self._ledger.pending else NOTHING,
        )
        snapshot = await self._deadline.bound(preparer.read())
        check_repository(self._ledger.map, snapshot.repo)
        accounts = Accounts(highest=snapshot.highest, known=set(preparer.numbers))
        found = await self._deadline.bound(self._settle_lost(preparer, accounts))
        if with_lost:
            done = (*done, *(made_by(entry.key, entry.number) for entry in found))
        smap = self._ledger.map
        prepared = await self._deadline.bound(preparer.plan_back(done, smap))
        self._trail.issues = prepared.snapshot.issues
        announced = self._announce(prepared)
        self._keep_bodies(basetexts.written(prepared.planned.plan))
        self._commit_to(prepared, smap)
        executor = self._executor(prepared, accounts, on_conflict=OnConflict.SKIP)
        uploaded = await self._upload(prepared, executor, on_error=OnError.CONTINUE)
        await self._remember(prepared, executor, uploaded)
        return self._result(
            prepared,
            announced,
            error=uploaded.error,
            uploaded=uploaded,
            extra=tuple(executor.findings),
        )

    def _files(self) -> Loaded:
        """The items, as far as there are any: a folder may have lost its files since."""
        try:
            return load(self._config.root, self._config.load_options)
        except NoLayoutError:
            return NOTHING

    async def _roll_back(
        self, prepared: Prepared, executor: Executor, accounts: Accounts, uploaded: Uploaded
    ) -> Uploaded:
        """After a failure: take back what this run did so far, whatever its time or limits."""
        record = parse(self._run_id, self._store.read_log(self._run_id) or "", holder=None)
        done = done_of(record)
        if not done:
            return uploaded
        smap = self._ledger.map
        snapshot = as_left(prepared.snapshot, executor.written, smap)
        planned = plan_undo(done, smap, snapshot)
        back = replace(prepared, snapshot=snapshot, planned=planned, read_at=0.0)
        self._around.tell([f"rolling back: {len(back.planned.plan.operations)} operations"])
        self._trail.issues = snapshot.issues
        self._commit_to(back, smap)
        second = self._executor(back, accounts, on_conflict=OnConflict.SKIP)
        ended = await self._upload(
            back, second, stop=Stop(), on_error=OnError.CONTINUE, unbounded=True
        )
        executor.written.update(second.written)
        left = left_over(back.planned.plan, ended.results)
        results = tuple(taken_back(r, {each.key for each in done}, left) for r in uploaded.results)
        return Uploaded(results=results, error=after_rollback(uploaded.error, left, self._run_id))

    async def _settle_lost(self, preparer: Preparer, accounts: Accounts) -> list[Entry]:
        """Find out what became of creates that an earlier run sent and did not see answered.

        Returns those that happened.
        """
        found: list[Entry] = []
        if self._ledger.tried:
            await preparer.read()
            entries = await preparer.take_back_trials(self._ledger.map, self._ledger.tried)
            self._ledger.append([Recorded(entry=entry) for entry in entries])
        await self._settle_comments(preparer)
        pending = self._ledger.pending
        if not pending:
            return found
        snapshot = await preparer.read()
        by_uid = originals(pending, snapshot.issues.values())
        reconciler = Reconciler(
            self._session.client,
            snapshot.repo,
            self._session.clock,
            accounts,
            settle=self._config.settle,
            notice=self._around.on_event,
        )
        # From now, not from the intent's time: the clock may have been set since, and a request
        # that a limit turned away at first was sent later than that.
        now = self._session.clock.now()
        for intent in pending:
            issue = by_uid.get(intent.uid) or await reconciler.settle(intent, unclear_at=now)
            if issue is None:
                self._ledger.append([NotExecuted(uid=intent.uid)])
                continue
            preparer.take_in(issue)
            accounts.add(issue.number)
            found.append(entry_of_found(intent, issue, preparer.loaded))
            self._ledger.append([Recorded(entry=found[-1])])
        return found

    async def _settle_comments(self, preparer: Preparer) -> None:
        """Find out what became of comments that an earlier run sent and did not see answered."""
        comments = self._ledger.comments
        if not comments:
            return
        snapshot = await preparer.read()
        entries = {entry.number: entry for entry in self._ledger.map.entries.values()}
        for intent in comments:
            entry = entries.get(intent.floor)
            made = entry is not None and await settle_comment(
                self._session.client,
                snapshot.repo,
                self._session.clock,
                intent,
                settle=self._config.settle,
                unclear_at=self._session.clock.now(),
            )
            if made and entry is not None:
                self._ledger.append([Recorded(entry=replace(entry, commented=intent.uid))])
            else:
                self._ledger.append([NotExecuted(uid=intent.uid)])

    @property
    def _confirm(self) -> Callable[[Prepared], Awaitable[bool]] | None:
        """Ask whoever started this whether the plan may be sent, where there is somebody."""
        ask = self._around.confirm
        if ask is None:
            return None
        return lambda it: ask(self._result(it, self._ready(it), error=None))

    def _announce(self, prepared: Prepared) -> PlanReady:
        ready = self._ready(prepared)
        self._around.on_event(ready)
        return ready

    def _ready(self, prepared: Prepared) -> PlanReady:
        plan = prepared.planned.plan
        lock = replace(lock_needs(self._config, prepared), reads=0)  # those are spent by now
        return PlanReady(
            plan=plan,
            requests=needed(prepared, self._session.spent.reads, lock + self._cleaned),
            eta_seconds=eta(
                self._session,
                self._config,
                plan.operations,
                after=last_requests(self._config, prepared),
            ),
        )

    def _commit_to(self, prepared: Prepared, smap: SyncMap) -> None:
        """Journal what is known without any request: the repository, renames, agreements."""
        self._ledger.append(known(prepared, smap))

    def _keep_bodies(self, texts: Mapping[str, str]) -> None:
        """Keep texts, by digest, that both sides will start from: a later merge needs them."""
        notice = self._store.keep_bodies(texts)
        self._around.tell([notice] if notice else [])

    def _executor(
        self,
        prepared: Prepared,
        accounts: Accounts,
        *,
        on_conflict: OnConflict | None = None,
    ) -> Executor:
        random_bytes = self._around.random_bytes
        return Executor(
            client=self._session.client,
            recorder=self._ledger,
            clock=self._session.clock,
            snapshot=prepared.snapshot,
            entries=prepared.planned.entries,
            locals_=prepared.planned.locals,
            accounts=accounts,
            rules=Rules(
                settle=self._config.settle,
                allow_dropped=self._config.allow_dropped,
                on_conflict=on_conflict or self._config.on_conflict,
            ),
            random_bytes=lambda: random_bytes(16),
            read_at=prepared.read_at,
            texts=prepared.planned.texts,
            bodies=prepared.planned.bodies,
            notice=self._around.on_event,
        )

    async def _upload(
        self,
        prepared: Prepared,
        executor: Executor,
        *,
        stop: Stop | None = None,
        on_error: OnError | None = None,
        unbounded: bool = False,
    ) -> Uploaded:
        stop = stop or self._stop
        uploader = Uploader(
            prepared.planned.plan.operations,
            executor,
            concurrency=self._config.concurrency or self._session.concurrency,
            stop=stop,
            on_error=on_error or self._config.on_error,
            max_failures=None if unbounded else self._config.max_failures,
            clock=self._session.clock,
            on_event=self._around.on_event,
            eta=countdown(self._session, self._config, prepared),
            paced=lambda: self._session.limiter.limited,
        )
        deadline = asyncio.ensure_future(self._deadline.wait())
        try:
            return await uploader.run()
        finally:
            deadline.cancel()

    async def _remember(self, prepared: Prepared, executor: Executor, uploaded: Uploaded) -> None:
        """Keep what GitHub holds now for the next run; failing that costs reads, no more."""
        if uploaded.error is not None:
            return
        try:
            notice = await self._deadline.bound(
                refresh_cache(self._session, self._store, prepared, executor.written, executor.gone)
            )
        except (ApiError, StoppedError) as error:
            notice = f"what was written could not be read again: {error.message}"
        self._around.tell([notice] if notice else [])

    def _result(
        self,
        prepared: Prepared,
        announced: PlanReady,
        *,
        error: GhsyncError | None,
        uploaded: Uploaded | None = None,
        extra: tuple[Finding, ...] = (),
        files: tuple[FileWrite, ...] = (),
    ) -> Run:
        return make_run(
            prepared,
            run_id=self._run_id,
            command=self._around.command,
            dry_run=False,
            remote=self._session.kind,
            session=self._session,
            requests=announced.requests,
            eta_seconds=announced.eta_seconds,
            duration=self._session.clock.now() - self._started,
            error=error,
            results=uploaded.results if uploaded is not None else None,
            extra=extra,
            files=files,
        )
