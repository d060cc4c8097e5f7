"""Crashes, full disks and interrupts at every step: the next push goes on, nothing is twice."""

from __future__ import annotations

import asyncio
import errno
import itertools
from pathlib import Path

import pytest
from store.store_disk import Killed
from world import World, code, names, of_status, unfinished

from ghsync import sync
from ghsync.errors import ExitCode, RunInterruptedError, StateFileError
from ghsync.journal import Intent, JournalEvent
from ghsync.model import Event, IssueNumber, Key, OperationEnded, Status, Uid
from ghsync.sandbox.faults import FaultKind
from ghsync.stop import Stop
from ghsync.store import Store

WRITTEN = ["shop", "shop 1", "shop 2", "shop 3", "shop 4"]


def finish(world: World) -> None:
    """Push on the same folder, as the next process would, until all is well."""
    world.revive()
    world.later()
    run = world.push()
    assert (unfinished(run), code(run)) == ([], ExitCode.DONE)
    assert sorted(world.titles) == WRITTEN
    world.agree()
    world.later()
    assert names(world.push()) == []


def test_a_push_killed_at_any_step_is_finished_by_the_next(tmp_path: Path) -> None:
    """Between any two writes to the disk: before an intent, after an answer, inside an append."""
    for step in itertools.count(1):
        world = _world(tmp_path, step)
        world.disk.partial = 0.5 * (step % 3)
        world.disk.kill_at = step
        try:
            world.push()
        except Killed:
            finish(world)
        else:
            assert step > 50
            return


def test_a_disk_that_fills_up_stops_the_run(tmp_path: Path) -> None:
    """Nothing is sent that was not recorded; with room again, the next push finishes."""
    for step in itertools.count(1, 2):
        world = _world(tmp_path, step)
        world.me.configure(lag=10.0 * (step % 4 == 1), now=world.clock.now())
        world.disk.fail_at, world.disk.error = step, errno.ENOSPC
        try:
            run = world.push()
        except StateFileError as error:
            assert error.exit_code is ExitCode.REFUSED  # noqa: PT017
        else:
            assert run.error is None or isinstance(run.error, StateFileError)
        known = {entry.number for entry in world.map.entries.values()}
        assert len(world.issues.keys() - known) <= len(_intents(world))
        if len(world.disk.steps) < step:
            assert step > 50
            return
        finish(world)


def _world(tmp_path: Path, step: int) -> World:
    root = tmp_path / str(step)
    root.mkdir()
    world = World(root)
    world.backlog(4)
    return world


def _intents(world: World) -> tuple[Intent, ...]:
    return Store.open(world.root, files=world.disk).load().pending


@pytest.mark.parametrize("request_number", range(1, 8))
@pytest.mark.parametrize("committed", [False, True])
def test_a_process_that_dies_with_requests_under_way(
    world: World, request_number: int, committed: bool
) -> None:
    """Killed while a write is on the wire, done or not: adopted or sent, never sent twice."""
    world.backlog(4)
    world.wrap = lambda inner: _Deadly(inner, request_number, committed)
    with pytest.raises(Killed):
        world.push()
    world.wrap = lambda inner: inner
    finish(world)


class _Deadly:
    """A transport that kills the process at a write, before or after it was carried out."""

    def __init__(self, inner: object, at: int, committed: bool) -> None:
        self._inner = inner
        self._left = at
        self._committed = committed

    async def handle_async_request(self, request: object) -> object:
        self._left -= request.method != "GET"  # type: ignore[attr-defined]
        dying = self._left == 0 and request.method != "GET"  # type: ignore[attr-defined]
        if dying and not self._committed:
            raise Killed
        answer = await self._inner.handle_async_request(request)  # type: ignore[attr-defined]
        if dying:
            raise Killed
        return answer

    async def aclose(self) -> None:
        await self._inner.aclose()  # type: ignore[attr-defined]


def test_an_intent_without_an_issue_is_sent_again(world: World) -> None:
    """Its create never arrived: looked for, waited for, looked for again, then made."""
    world.backlog(4)
    lost = Intent(
        key=Key(".claude/epics/shop/epic"), uid=Uid("ab" * 16), floor=IssueNumber(0), at=0.0
    )
    _journal(world, [lost])
    finish(world)


def _journal(world: World, events: list[JournalEvent]) -> None:
    store = Store.open(world.root, files=world.disk)
    with store.locked(since=0.0):
        store.append(events)


def test_a_dry_run_takes_in_what_a_crash_left(world: World) -> None:
    """It shows no create for an issue that exists, and writes nothing."""
    world.backlog(4)
    world.wrap = lambda inner: _Deadly(inner, 6, True)
    with pytest.raises(Killed):
        world.push()
    world.wrap = lambda inner: inner
    world.revive()
    world.later()
    steps = len(world.disk.steps)
    plan = world.dry_run().plan
    assert len(world.disk.steps) == steps
    run = world.push()
    assert run.plan.operations == plan.operations
    assert sorted(world.titles) == WRITTEN


# ------------------------------------------------------------------------- stopping


class _Stopper(World):
    """A world in which somebody presses Ctrl-C after so many operations."""

    after = 3

    def on_event(self, event: Event) -> None:
        """Ask the run to stop."""
        super().on_event(event)
        if isinstance(event, OperationEnded) and event.done == self.after:
            self.stop.request(RunInterruptedError("Interrupted."))

    stop: Stop


@pytest.mark.parametrize("after", [1, 3, 5, 8])
def test_a_stop_lets_what_is_under_way_end(world: World, after: int) -> None:
    """What was sent ends and is recorded, the rest stays pending, and the exit code is 130."""
    stopper = _Stopper(world.root, github=world.github, clock=world.clock)
    stopper.after = after
    stopper.backlog(30)
    stopper.stop = Stop()
    run = stopper.push(stop=stopper.stop)
    assert code(run) is ExitCode.INTERRUPTED
    assert len(of_status(run, Status.DONE)) >= after
    assert of_status(run, Status.PENDING)
    assert not of_status(run, Status.FAILED) + of_status(run, Status.UNKNOWN)
    made = [t for t in of_status(run, Status.DONE) if t.startswith("create shop")]
    assert len(made) == len(stopper.titles)
    stopper.agree()
    stopper.after = -1
    assert unfinished(stopper.push()) == []
    assert len(stopper.titles) == 31
    stopper.agree()


def test_a_stop_while_an_outcome_is_unclear(world: World) -> None:
    """The create is found out in time, or left to the next run; never made twice."""
    stopper = _Stopper(world.root, github=world.github, clock=world.clock)
    stopper.backlog(4)
    stopper.stop = Stop()
    stopper.fault(FaultKind.STATUS, method="POST", path="/issues$", skip=1, committed=True)
    run = stopper.push(stop=stopper.stop)
    assert code(run) is ExitCode.INTERRUPTED
    stopper.after = -1
    finish(stopper)


def test_a_cancelled_push_is_resumed(world: World) -> None:
    """A library's caller cancels the task: recorded, raised, and gone on with by the next."""

    class Canceller(World):
        def on_event(self, event: Event) -> None:
            super().on_event(event)
            if isinstance(event, OperationEnded) and event.done == 4:
                assert self.running is not None
                self.running.cancel()

        running: asyncio.Task[object] | None = None

        async def start(self) -> None:
            self.running = asyncio.ensure_future(sync.push(self.config(), self.around()))
            await self.running

    canceller = Canceller(world.root, github=world.github, clock=world.clock)
    canceller.backlog(4)
    with pytest.raises(asyncio.CancelledError):
        asyncio.run(canceller.start())
    canceller.on_event = lambda event: None  # type: ignore[method-assign]
    finish(canceller)
