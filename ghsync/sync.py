"""The use cases, one function per verb: each wires the rest and returns a value.

Nothing here prints, exits or configures logging; progress goes to an injected observer.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace

from ghsync.alone import plan_alone, remote_lock
from ghsync.clock import Clock, SystemClock
from ghsync.config import Config
from ghsync.control import obeying
from ghsync.errors import AuthError, GhsyncError, StoppedError
from ghsync.executor import Executor
from ghsync.journal import (
    BoundTo,
    Entry,
    Intent,
    JournalEvent,
    NotExecuted,
    Recorded,
    Rekeyed,
    SyncMap,
    fold,
)
from ghsync.ledger import Ledger
from ghsync.lint import check
from ghsync.loader import load
from ghsync.model import (
    Checked,
    Event,
    Finding,
    Issue,
    Kind,
    Loaded,
    Notice,
    PlanReady,
    Run,
    RunId,
    StatusRow,
)
from ghsync.outcome import eta, lock_needs, make_run, needed, refusal
from ghsync.prepare import Prepared, Preparer, offline, refresh_cache
from ghsync.rebuild import Rebuilt, rebuild
from ghsync.reconcile import Accounts, Reconciler
from ghsync.recording import recorded
from ghsync.remote.auth import Token, TokenProvider
from ghsync.remote.errors import ApiError
from ghsync.sender import Rules
from ghsync.session import (
    HOW_TO_GET_IN,
    Embedded,
    Session,
    find_token,
    open_session,
    require_repo,
)
from ghsync.standing import standing
from ghsync.store import Files, Store, Unsynced
from ghsync.threeway import base_of
from ghsync.trail import Trail
from ghsync.uploader import Stop, Uploaded, Uploader


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What a run takes from outside: environment, token, randomness, who watches, who stops it."""

    env: Mapping[str, str] = field(default_factory=lambda: dict(os.environ))
    token: Token | TokenProvider | None = None
    on_event: Callable[[Event], None] = lambda _: None
    stop: Stop | None = None
    random_bytes: Callable[[int], bytes] = os.urandom
    command: str = "push"
    embedded: Embedded | None = None
    """A sandbox to use with ``sandbox`` settings, instead of the one kept in the folder."""
    files: Files | None = None
    """The disk on which ``.ghsync/`` is kept; ``None`` for the real one."""

    def store(self, config: Config) -> Store:
        """The state kept beside these files.

        The sandbox does not fsync what it is told, and a power cut may set it back; a journal
        that survives one would then know more than its GitHub, and cost a third of the time.
        """
        return Store.open(config.root, files=self.files or (Unsynced() if config.sandbox else None))

    def tell(self, messages: Iterable[str]) -> None:
        """Pass notices on to whoever watches."""
        for message in messages:
            self.on_event(Notice(message=message))

    def new_run_id(self, clock: Clock) -> RunId:
        """Name a run: its start in milliseconds, so that names sort by time, and a nonce."""
        return RunId(f"{int(clock.now() * 1000):013d}-{self.random_bytes(3).hex()}")


def items(config: Config) -> Loaded:
    """The loader's view: every item, and every markdown file that is not one with the reason."""
    return load(config.root, config.load_options)


def lint(config: Config) -> tuple[Loaded, Checked]:
    """Check the files against GitHub's limits; GitHub is not asked."""
    loaded = items(config)
    return loaded, check(loaded, settings=config.lint_settings)


def show_map(config: Config) -> SyncMap:
    """The sync map, with what the journal adds to it."""
    return Store.open(config.root).load().map


async def status(config: Config, around: Surroundings) -> tuple[tuple[StatusRow, ...], str]:
    """Say for each item whether its issue is in step with it, and which GitHub was read."""
    store = around.store(config)
    state = store.load()
    around.tell((*config.notices, *state.notices))
    async with open_session(
        config,
        env=around.env,
        on_event=around.on_event,
        token=around.token,
        keep=False,
        embedded=around.embedded,
    ) as session:
        preparer = Preparer(config, store, session, around.on_event)
        smap = await _with_lost_creates(preparer, state.map, state.pending)
        return standing(await preparer.plan(smap)), session.kind


async def rebuild_map(config: Config, around: Surroundings) -> Rebuilt:
    """Make the sync map again from the markers that GitHub's issues carry."""
    store = around.store(config)
    with store.locked(since=SystemClock().now(), command="map rebuild"):
        async with open_session(
            config,
            env=around.env,
            on_event=around.on_event,
            token=around.token,
            embedded=around.embedded,
        ) as session:
            return await rebuild(config, store, session, around.on_event)


async def push(config: Config, around: Surroundings, *, dry_run: bool = False) -> Run:
    """Bring GitHub to the files, or with ``dry_run`` say what that would take.

    Raises :class:`~ghsync.errors.GhsyncError` for what keeps a run from starting; what stops it
    later is the returned run's ``error``.
    """
    return await (_dry_run if dry_run else _push)(config, around)


# ----------------------------------------------------------------------------- dry run


async def _dry_run(config: Config, around: Surroundings) -> Run:
    store = around.store(config)
    state = store.load()
    around.tell((*config.notices, *state.notices))
    clock = SystemClock()
    run_id = around.new_run_id(clock)
    if not config.sandbox and _unreadable(config, around, clock):
        prepared = offline(config, state.map)
        return make_run(
            prepared,
            run_id=run_id,
            command=around.command,
            dry_run=True,
            remote="none",
            session=None,
            requests=needed(prepared, 0, lock_needs(config, prepared)),
            eta_seconds=eta(None, prepared.planned.plan.operations),
            duration=0.0,
            error=refusal(config, prepared, state.map),
        )
    async with open_session(
        config,
        env=around.env,
        on_event=around.on_event,
        token=around.token,
        keep=False,
        embedded=around.embedded,
    ) as session:
        session.seed(state.sent)
        started = session.clock.now()
        preparer = Preparer(config, store, session, around.on_event)
        smap = await _with_lost_creates(preparer, state.map, state.pending)
        prepared = await preparer.plan(smap)
        return make_run(
            prepared,
            run_id=run_id,
            command=around.command,
            dry_run=True,
            remote=session.kind,
            session=session,
            requests=needed(prepared, session.spent.reads, lock_needs(config, prepared)),
            eta_seconds=eta(session, prepared.planned.plan.operations),
            duration=session.clock.now() - started,
            error=refusal(config, prepared, smap),
        )


def _unreadable(config: Config, around: Surroundings, clock: Clock) -> bool:
    """True where nothing says which GitHub to read, or with which token."""
    token = around.token or find_token(config, around.env, clock.now)
    return token is None or config.repo is None


async def _with_lost_creates(
    preparer: Preparer, smap: SyncMap, pending: Sequence[Intent]
) -> SyncMap:
    """Take in creates that an earlier run lost, as a push will, but in memory only."""
    if not pending:
        return smap
    snapshot = await preparer.read()
    by_uid = {issue.uid: issue for issue in snapshot.issues.values() if issue.uid is not None}
    return fold(
        smap,
        [
            Recorded(entry=_entry_of_found(intent, by_uid[intent.uid], preparer.loaded))
            for intent in pending
            if intent.uid in by_uid
        ],
    )


# -------------------------------------------------------------------------------- push


async def _push(config: Config, around: Surroundings) -> Run:
    require_repo(config)
    clock = SystemClock()
    if not config.sandbox and _unreadable(config, around, clock):
        raise AuthError("There is no token for GitHub.", hint=HOW_TO_GET_IN)
    store = around.store(config)
    run_id = around.new_run_id(clock)
    with store.locked(since=clock.now(), command=around.command, run=run_id):
        state = store.load()
        with recorded(config, store, run_id, around.command, clock, around.on_event) as trail:
            stop = around.stop or Stop()
            around = replace(around, on_event=trail.watching(around.on_event), stop=stop)
            around.tell((*config.notices, *state.notices))
            ledger = Ledger(store, state.map, state.pending, state.sent)
            async with (
                open_session(
                    config,
                    env=around.env,
                    on_event=around.on_event,
                    on_request=lambda line: trail.request(asdict(line)),
                    token=around.token,
                    embedded=around.embedded,
                ) as session,
                obeying(store, run_id, session, stop, trail, around.on_event),
            ):
                trail.now = session.clock.now
                session.seed(state.sent)
                try:
                    push = _Push(config, around, store, session, ledger, run_id, trail)
                    trail.run = await push.run()
                finally:
                    ledger.close(session.clock.now())
            return trail.run


class _Push:
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
    ) -> None:
        self._config = config
        self._around = around
        self._store = store
        self._session = session
        self._ledger = ledger
        self._run_id = run_id
        self._trail = trail
        self._started = session.clock.now()

    async def run(self) -> Run:
        """Read, settle what is unclear, plan, refuse or carry out, remember."""
        preparer = Preparer(self._config, self._store, self._session, self._around.on_event)
        snapshot = await preparer.read()
        accounts = Accounts(highest=snapshot.highest, known=set(preparer.numbers))
        stop = self._around.stop or Stop()
        lock = remote_lock(
            self._session,
            snapshot.repo,
            self._run_id,
            self._store,
            self._ledger,
            stop,
            self._around.on_event,
        )
        await lock.clean_up()
        await self._settle_lost(preparer, accounts)
        smap = self._ledger.map
        prepared = await preparer.plan(smap)
        executor = uploaded = None
        async with lock.released_at_end():
            prepared, error = await plan_alone(self._config, lock, preparer, prepared, smap)
            accounts.add_all(preparer.numbers)
            self._trail.parents = {n: i.parent for n, i in prepared.snapshot.issues.items()}
            announced = self._announce(prepared)
            if error is None:
                self._commit_to(prepared, smap)
                executor = self._executor(prepared, accounts)
                executor.lock = lock if lock.held else None
                uploaded = await self._upload(prepared, executor)
        if executor is None or uploaded is None:
            return self._result(prepared, announced, error=error)
        await self._remember(prepared, executor, uploaded)
        return self._result(
            prepared,
            announced,
            error=uploaded.error,
            uploaded=uploaded,
            extra=tuple(executor.findings),
        )

    async def _settle_lost(self, preparer: Preparer, accounts: Accounts) -> None:
        """Find out what became of creates that an earlier run sent and did not see answered."""
        pending = self._ledger.pending
        if not pending:
            return
        snapshot = await preparer.read()
        by_uid = {issue.uid: issue for issue in snapshot.issues.values() if issue.uid is not None}
        reconciler = Reconciler(
            self._session.client,
            snapshot.repo,
            self._session.clock,
            accounts,
            settle=self._config.settle,
            notice=self._around.on_event,
        )
        for intent in pending:
            issue = by_uid.get(intent.uid) or await reconciler.settle(intent)
            if issue is None:
                self._ledger.append([NotExecuted(uid=intent.uid)])
                continue
            preparer.take_in(issue)
            accounts.add(issue.number)
            self._ledger.append([Recorded(entry=_entry_of_found(intent, issue, preparer.loaded))])

    def _announce(self, prepared: Prepared) -> PlanReady:
        plan = prepared.planned.plan
        lock = replace(lock_needs(self._config, prepared), reads=0)  # those are spent by now
        ready = PlanReady(
            plan=plan,
            requests=needed(prepared, self._session.spent.reads, lock),
            eta_seconds=eta(self._session, plan.operations),
        )
        self._around.on_event(ready)
        return ready

    def _commit_to(self, prepared: Prepared, smap: SyncMap) -> None:
        """Journal what is known without any request: the repository, renames, agreements."""
        repo, planned = prepared.snapshot.repo, prepared.planned
        events: list[JournalEvent] = []
        if smap.repo_id is None or smap.repo != repo.full_name:
            events.append(BoundTo(repo_id=repo.id, repo=repo.full_name))
        events += [Rekeyed(old=r.old, new=r.new, number=r.number) for r in planned.plan.renames]
        events += [Recorded(entry=entry) for entry in planned.learned]
        self._ledger.append(events)

    def _executor(self, prepared: Prepared, accounts: Accounts) -> Executor:
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
                on_conflict=self._config.on_conflict,
            ),
            random_bytes=lambda: random_bytes(16),
            notice=self._around.on_event,
        )

    async def _upload(self, prepared: Prepared, executor: Executor) -> Uploaded:
        stop = self._around.stop or Stop()
        uploader = Uploader(
            prepared.planned.plan.operations,
            executor,
            concurrency=self._config.concurrency or self._session.concurrency,
            stop=stop,
            on_error=self._config.on_error,
            max_failures=self._config.max_failures,
            clock=self._session.clock,
            on_event=self._around.on_event,
            eta=lambda operations: eta(self._session, operations),
        )
        deadline = asyncio.ensure_future(self._deadline(stop))
        try:
            return await uploader.run()
        finally:
            deadline.cancel()

    async def _deadline(self, stop: Stop) -> None:
        """Ask the run to end when its time is over."""
        if self._config.max_time is None:
            return
        await self._session.clock.sleep_until(self._started + self._config.max_time)
        stop.request(
            StoppedError(
                f"The run's time of {self._config.max_time:.0f} s is over.",
                hint="Run the same command again: it goes on where this ended.",
            )
        )

    async def _remember(self, prepared: Prepared, executor: Executor, uploaded: Uploaded) -> None:
        """Keep what GitHub holds now for the next run; failing that costs reads, no more."""
        if uploaded.error is not None:
            return
        try:
            notice = await refresh_cache(
                self._session, self._store, prepared, executor.written, executor.gone
            )
        except ApiError as error:
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
        )


def _entry_of_found(intent: Intent, issue: Issue, loaded: Loaded) -> Entry:
    """The entry of an issue that a lost create made: both sides agree on what GitHub holds."""
    item = next((item for item in loaded.items if item.key == intent.key), None)
    return Entry(
        key=intent.key,
        number=issue.number,
        id=issue.id,
        uid=intent.uid,
        kind=item.kind if item is not None else Kind.TASK,
        path=item.path if item is not None else f"{intent.key}.md",
        ident=item.ident if item is not None else None,
        base=base_of(issue, item),
    )
