"""The use cases, one function per verb: each wires the rest and returns a value.

Nothing here prints, exits or configures logging; progress goes to an injected observer. Each verb
loads what it needs when it is called: what a push is carried out with, a dry run never loads.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from ghsync.access import unreadable
from ghsync.clock import SystemClock
from ghsync.config import Config
from ghsync.config.limits import profile_of
from ghsync.journal import SyncMap
from ghsync.lint import check
from ghsync.model import Checked, FileWrite, Finding, Key, Loaded, Requests, Run, StatusRow
from ghsync.model.saved import Binding, SavedPlan, Side
from ghsync.outcome import (
    eta,
    eta_offline,
    first_requests,
    last_requests,
    lock_needs,
    make_run,
    needed,
    reads_expected,
    refusal,
)
from ghsync.prepared import NOTHING, files_of, offline, read_items
from ghsync.store import Store
from ghsync.surroundings import Surroundings

if TYPE_CHECKING:
    from ghsync.differing import Difference
    from ghsync.history import RunRecord
    from ghsync.prepared import Prepared
    from ghsync.pulling import Pulled
    from ghsync.rebuild import Rebuilt
    from ghsync.settling import After

_WRONG = ("failed", "unknown", "skipped")
_PUSHES = ("push", "apply")

__all__ = [
    "Surroundings",
    "diff",
    "items",
    "lint",
    "preview",
    "push",
    "rebuild_map",
    "retry",
    "show_map",
    "status",
    "undo",
]


def items(config: Config) -> Loaded:
    """The loader's view: every item, and every markdown file that is not one with the reason."""
    return read_items(config)


def lint(config: Config) -> tuple[Loaded, Checked]:
    """Check the files against GitHub's limits; GitHub is not asked."""
    loaded = items(config)
    return loaded, check(loaded, settings=config.lint_settings)


def show_map(config: Config) -> SyncMap:
    """The sync map, with what the journal adds to it."""
    return Store.open(config.root).load().map


async def status(config: Config, around: Surroundings) -> tuple[tuple[StatusRow, ...], str]:
    """Say for each item whether its issue is in step with it, and which GitHub was read."""
    from ghsync.pulling import settings_of
    from ghsync.standing import standing

    prepared, smap, kind = await _looked_at(config, around)
    return standing(prepared, smap, settings_of(config, prepared.loaded)), kind


async def diff(
    config: Config, around: Surroundings, keys: Sequence[Key] = ()
) -> tuple[tuple[Difference, ...], str]:
    """Say in which fields items and issues differ, and which GitHub was read."""
    from ghsync.differing import differences

    prepared, _, kind = await _looked_at(config, around)
    return differences(prepared, keys), kind


async def _looked_at(config: Config, around: Surroundings) -> tuple[Prepared, SyncMap, str]:
    """Plan as a push would, to look at; the map it set out from, and which GitHub was read."""
    from ghsync.lost import with_lost_creates
    from ghsync.prepare import Preparer

    store = around.store(config)
    state = store.load()
    around.tell((*config.notices, *state.notices))
    async with around.session(config, keep=False) as session:
        preparer = Preparer(config, store, session, around.on_event)
        smap = await with_lost_creates(session.client, preparer, state)
        return await preparer.plan(smap, look=True), smap, session.kind


async def rebuild_map(config: Config, around: Surroundings, *, any_author: bool = False) -> Rebuilt:
    """Make the sync map again from the markers that GitHub's issues carry."""
    from ghsync.rebuild import rebuild

    store = around.store(config)
    with store.locked(since=SystemClock().now(), command="map rebuild"):
        async with around.session(config) as session:
            return await rebuild(config, store, session, around.on_event, any_author=any_author)


async def push(
    config: Config, around: Surroundings, *, dry_run: bool = False, after: After | None = None
) -> Run:
    """Bring GitHub to the files, or with ``dry_run`` say what that would take.

    ``after``: a dry run of what follows a pull that was only looked at. Raises
    :class:`~ghsync.errors.GhsyncError` for what keeps a run from starting; what stops it later is
    the returned run's ``error``.
    """
    if dry_run:
        return await _dry_run(config, around, after)
    from ghsync.pushing import carry_out

    return await carry_out(config, around, lambda run: run.run())


async def pull(
    config: Config,
    around: Surroundings,
    *,
    dry_run: bool = False,
    only: frozenset[Key] | None = None,
    ahead: bool = False,
) -> Pulled:
    """Bring what people changed on GitHub into the files; with ``dry_run`` say what that takes.

    ``only`` restricts it to these items; ``ahead`` lets a dry run say what a push would set out
    from. Raises :class:`~ghsync.errors.GhsyncError` for what keeps it from starting.
    """
    from ghsync.pulling import pull as run

    return await run(config, around, dry_run=dry_run, only=only, ahead=ahead)


async def retry(config: Config, around: Surroundings) -> Run:
    """Push only what failed in the last push, and what that needs."""
    from ghsync import control
    from ghsync.pushing import carry_out

    last, *earlier = control.since(around.store(config), _PUSHES, ("retry",))
    failed = _failed((last, *earlier))
    if not failed:
        around.tell(_nothing_to_retry(last))
    return await carry_out(config, around, lambda run: run.run(only=failed))


def _failed(records: Sequence[RunRecord]) -> frozenset[Key]:
    """The items with an operation that failed, is unknown, or was skipped for one of those.

    ``records``: the retries since the last push, newest first, and that push. What a retry did
    not come to is still as the run before left it.
    """
    from ghsync.history import RunStatus

    failed: set[Key] = set()
    for record in reversed(records):
        wrong = {op.key for op in record.operations if op.key and op.status in _WRONG}
        failed = wrong if record.status is RunStatus.COMPLETED else failed | wrong
    return frozenset(failed)


def _nothing_to_retry(last: RunRecord) -> list[str]:
    from ghsync.history import RunStatus

    if last.status is RunStatus.COMPLETED:
        return [f"nothing failed in the last {last.command}"]
    return [
        f"nothing failed in the last {last.command} before it ended early; "
        "`ghsync push` goes on with the rest"
    ]


async def undo(
    config: Config, around: Surroundings, run: str | None = None, *, dry_run: bool = False
) -> Run:
    """Take back what a run did: the one named, or the last push that did anything.

    Updated fields are restored where nobody has touched them since; what was created is closed.
    """
    from ghsync import control
    from ghsync.prepare import Preparer
    from ghsync.pushing import carry_out
    from ghsync.undo import done_of

    store = around.store(config)
    record = control.find(store, run) if run else _last_that_did(store)
    done = done_of(record)
    around.tell([f"taking back the {record.command} {record.id}"])
    if not dry_run:
        newest = control.last(store, (*_PUSHES, "retry", "undo")).id == record.id
        return await carry_out(config, around, lambda it: it.undo(done, with_lost=newest))
    async with around.session(config, keep=False) as session:
        started = session.clock.now()
        preparer = Preparer(config, store, session, around.on_event, loaded=NOTHING)
        prepared = await preparer.plan_back(done, store.load().map)
        return make_run(
            prepared,
            run_id=around.new_run_id(session.clock),
            command=around.command,
            dry_run=True,
            remote=session.kind,
            session=session,
            requests=needed(prepared, session.spent.reads),
            eta_seconds=eta(
                session,
                config,
                prepared.planned.plan.operations,
                before=Requests(reads=session.spent.reads),
                after=last_requests(config, prepared),
            ),
            duration=session.clock.now() - started,
            error=None,
        )


def _last_that_did(store: Store) -> RunRecord:
    """The newest push that changed an issue, else the newest one."""
    from ghsync import control

    pushes = (*_PUSHES, "retry")
    found = (record for record in control.ended(store, pushes) if _did(record))
    return next(found, None) or control.last(store, pushes)


def _did(record: RunRecord) -> bool:
    from ghsync.history import RunStatus
    from ghsync.undo import done_of

    broken_off = record.status is RunStatus.INTERRUPTED and record.planned
    return bool(done_of(record) or broken_off)


# ----------------------------------------------------------------------------- dry run


def preview(config: Config, around: Surroundings) -> Run | None:
    """The dry run of a push where there is no GitHub to ask; ``None`` where there is one.

    Against what the map last agreed on. It waits for nothing, so it needs no event loop.
    """
    clock = SystemClock()
    if config.sandbox or not unreadable(config, around.token_for):
        return None
    state = around.store(config).load()
    around.tell((*config.notices, *state.notices))
    prepared = offline(config, state.map)
    files, said = _written_back(config, around, prepared)
    return make_run(
        prepared,
        run_id=around.new_run_id(clock),
        command=around.command,
        dry_run=True,
        remote="none",
        session=None,
        requests=needed(prepared, reads_expected(prepared), lock_needs(config, prepared)),
        eta_seconds=eta_offline(config, prepared, state.sent, clock.now()),
        duration=0.0,
        error=refusal(config, prepared, state.map),
        files=files,
        extra=said,
        limits=profile_of(config.limits).name,
    )


async def _dry_run(config: Config, around: Surroundings, after: After | None) -> Run:
    run = preview(config, around) if after is None else None
    if run is not None:
        return run
    store = around.store(config)
    state = store.load()
    if after is not None:
        state = replace(state, map=after.map)
    around.tell((*config.notices, *state.notices))
    run_id = around.new_run_id(SystemClock())
    from ghsync.alone import remote_lock
    from ghsync.lost import with_lost_creates
    from ghsync.prepare import Preparer

    async with around.session(config, keep=False) as session:
        session.seed(state.sent)
        started = session.clock.now()
        files = files_of(config, state.map) if after is None else after.loaded
        preparer = Preparer(config, store, session, around.on_event, loaded=files)
        smap = await with_lost_creates(session.client, preparer, state)
        prepared = await preparer.plan(smap)
        left = await remote_lock(session, prepared.snapshot.repo, run_id, store).left_behind()
        writes, said = _written_back(config, around, prepared, after)
        return make_run(
            prepared,
            run_id=run_id,
            command=around.command,
            dry_run=True,
            remote=session.kind,
            session=session,
            requests=needed(prepared, session.spent.reads, lock_needs(config, prepared) + left),
            eta_seconds=eta(
                session,
                config,
                prepared.planned.plan.operations,
                before=first_requests(config, prepared, session.spent.reads, left),
                after=last_requests(config, prepared),
            ),
            duration=session.clock.now() - started,
            error=refusal(config, prepared, smap),
            files=writes,
            extra=said,
            bound=_binding(config, prepared, smap),
        )


def _binding(config: Config, prepared: Prepared, smap: SyncMap) -> Binding | None:
    """What makes a plan file of this plan; loaded only where somebody wants one."""
    if config.given is not None:
        return None

    def bound(also: Iterable[Side]) -> SavedPlan:
        from ghsync.saving import bind

        return bind(config, prepared, smap, also)

    return bound


def _written_back(
    config: Config, around: Surroundings, prepared: Prepared, after: After | None = None
) -> tuple[tuple[FileWrite, ...], tuple[Finding, ...]]:
    """The files into which this push would write, and what is wrong with some.

    None of those that are not as they would be.
    """
    if not config.write_back:
        return (), ()
    if after is not None:
        items = tuple(item for item in prepared.loaded.items if item.path not in after.files)
        prepared = replace(prepared, loaded=replace(prepared.loaded, items=items))
    from ghsync.writeback import looked

    back = looked(config, around, prepared)
    return back.files, back.findings
