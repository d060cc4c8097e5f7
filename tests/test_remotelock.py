"""Two machines on one repository: a label as a lock, in virtual time on the sandbox."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from push.world import REPO, World, code, names, unfinished
from store.store_disk import Killed

from ghsync import sync
from ghsync.clock import VirtualClock
from ghsync.config import load_config
from ghsync.errors import ExitCode, GhsyncError, LockedError, RunInterruptedError
from ghsync.lockholder import Holder
from ghsync.model import Event, Notice, OperationEnded, Run
from ghsync.remotelock import LEASE, MARGIN
from ghsync.sandbox.faults import FaultKind, lagging_lists
from ghsync.sandbox.inprocess import SandboxTransport
from ghsync.sandbox.records import Label
from ghsync.stop import Stop

LOCK = "ghsync-lock"
ITEMS = ["shop", "shop 1", "shop 2", "shop 3"]


@dataclass
class Skewed:
    """A machine's clock that is wrong by so many seconds."""

    true: VirtualClock
    by: float

    def now(self) -> float:
        return self.true.now() + self.by

    async def sleep_until(self, t: float) -> None:
        await self.true.sleep_until(t - self.by)


class Machine(World):
    """A checkout of its own, on the GitHub and the time that another one has."""

    skew = 0.0

    def around(self, **options: Any) -> sync.Surroundings:
        """The surroundings, with this machine's own idea of the time."""
        around = super().around(**options)
        if not self.skew:
            return around
        assert around.embedded is not None
        wrong: Any = Skewed(self.clock, self.skew)
        true = self.wrap(SandboxTransport(self.github, self.clock))
        return replace(around, embedded=replace(around.embedded, clock=wrong, wrap=lambda _: true))

    async def run(self, **options: object) -> Run:
        """Push, in a loop that runs already."""
        return await sync.push(self.config(**options), self.around())

    @property
    def notices(self) -> str:
        """What was told."""
        return "\n".join(e.message for e in self.events if isinstance(e, Notice))


@pytest.fixture
def here(tmp_path: Path) -> Machine:
    """One machine."""
    return machine(tmp_path, "here")


def machine(tmp_path: Path, name: str, like: World | None = None) -> Machine:
    """A machine with a backlog; ``like`` shares its GitHub and time with it."""
    root = tmp_path / name
    root.mkdir()
    shared = {"github": like.github, "clock": like.clock} if like is not None else {}
    made = Machine(root, **shared)
    made._random = itertools.count(10_000 * len(name))  # machines draw no equal numbers
    made.backlog(3)
    return made


def there(here: Machine) -> Machine:
    """A second machine with the same files."""
    return machine(here.root.parent, "there", here)


def locks(world: World) -> list[Label]:
    """The labels of ours that are on GitHub."""
    return [
        label for label in world.me.repo.labels.values() if label.name.casefold().startswith(LOCK)
    ]


def hold(world: World, holder: Holder, name: str = LOCK) -> None:
    """Let some other machine hold the lock."""
    run = asyncio.run(_make_label(world, name, str(holder)))
    assert run == 201


async def _make_label(world: World, name: str, description: str) -> int:
    client = httpx.AsyncClient(transport=SandboxTransport(world.github, world.clock))
    async with client:
        answer = await client.post(
            f"https://api.github.com/repos/{REPO}/labels",
            headers={"Authorization": f"Bearer {world.token}"},
            json={"name": name, "color": "ffffff", "description": description},
        )
    return answer.status_code


def other(world: World, *, left: float = LEASE) -> Holder:
    """A run of another machine, whose lock holds for so many more seconds."""
    now = float(int(world.clock.now()))
    return Holder(host="ci-7", run="1795000000000-aaaaaa", since=now, until=now + left)


# ------------------------------------------------------------------------- one machine


def test_a_push_that_creates_takes_the_lock_and_leaves_nothing(here: Machine) -> None:
    """One label made and one deleted around the creates; the plan has counted both."""
    dry = here.dry_run()
    assert not here.writes()
    run = here.push()
    assert (code(run), unfinished(run)) == (ExitCode.DONE, [])
    assert locks(here) == []
    writes = [(e.method, e.path.rpartition("/")[2]) for e in here.writes()]
    assert (writes[0], writes[-1]) == (("POST", "labels"), ("DELETE", LOCK))
    assert run.requests == dry.requests == run.spent
    assert dry.requests.writes == len(run.plan.operations) + 2
    assert not here.disk.read(here.root / ".ghsync" / "remote-lock.json")


def test_only_a_push_that_creates_takes_it(here: Machine) -> None:
    """Updates and closes are the same twice, and need no lock."""
    here.push()
    here.later()
    here.task(1, "shop 1", body="Other text.")
    before = len(here.github.log)
    assert names(here.push()) == ["update"]
    assert [e.method for e in here.writes(before)] == ["PATCH"]


@pytest.mark.parametrize("off", ["option", "file"])
def test_it_can_be_left_out(here: Machine, off: str) -> None:
    """``--no-remote-lock``, or ``remote_lock = false``: no request of the lock's is sent."""
    if off == "file":
        here.file("ghsync.toml", "remote_lock = false\n")
    options = {"remote_lock": False} if off == "option" else {}
    hold(here, other(here))
    run = here.push(**options)
    assert (code(run), unfinished(run)) == (ExitCode.DONE, [])
    assert run.requests.writes == run.spent.writes == len(run.plan.operations)
    assert len(locks(here)) == 1
    assert load_config(here.root).remote_lock is (off == "option")


def test_a_token_that_may_not_make_labels_goes_on_with_a_notice(here: Machine) -> None:
    """Without the right to labels there is no lock, and the run says what that means."""
    here.fault(
        FaultKind.STATUS,
        method="POST",
        path="/labels$",
        status=403,
        message="Resource not accessible by integration",
    )
    run = here.push()
    assert (code(run), unfinished(run)) == (ExitCode.DONE, [])
    assert "could make an issue twice" in here.notices
    assert locks(here) == []


@pytest.mark.parametrize("status", [404, 410])
def test_a_server_without_such_labels_goes_on(here: Machine, status: int) -> None:
    """A 404 is how GitHub refuses a right, too."""
    here.fault(FaultKind.STATUS, method="POST", path="/labels$", status=status)
    assert code(here.push()) is ExitCode.DONE


def test_a_server_that_gives_no_label_by_its_name(here: Machine) -> None:
    """Its lock stays; the next run of this folder says so and goes on, others see the holder."""
    for method in ("GET", "PATCH", "DELETE"):
        here.fault(FaultKind.STATUS, method=method, path="/labels/g", status=404, times=None)
    assert code(here.push()) is ExitCode.DONE
    assert "could not be removed" in here.notices
    assert len(locks(here)) == 1
    here.task(4, "One more")
    run = here.push()
    assert (code(run), unfinished(run)) == (ExitCode.DONE, [])
    assert "does not give it by its name" in here.notices
    late = there(here)
    late.task(5, "Another")
    refused = late.push(allow_changes=4)
    assert "Another machine is pushing" in str(refused.error)


def test_a_run_that_fails_releases_it(here: Machine) -> None:
    """A token that dies for issues, and everything else that ends a run early."""
    here.fault(FaultKind.UNAUTHORIZED, method="POST", path="/issues$", skip=2, times=None)
    run = here.push()
    assert code(run) is ExitCode.AUTH
    assert locks(here) == []


def test_an_error_between_lock_and_first_create_releases_it(here: Machine) -> None:
    """The second look fails: the run ends with that, and the lock is gone."""
    here.fault(FaultKind.STATUS, method="GET", path="/issues$", skip=1, times=None)
    with pytest.raises(GhsyncError):
        here.push()
    assert locks(here) == []


class Stopping(Machine):
    """A machine where somebody presses Ctrl-C, or a caller cancels, after two operations."""

    do: Callable[[], object] = lambda: None

    def on_event(self, event: Event) -> None:
        """Stop."""
        super().on_event(event)
        if isinstance(event, OperationEnded) and event.done == 2:
            self.do()


@pytest.mark.parametrize("how", ["stop", "cancel"])
def test_an_interrupted_run_releases_it(here: Machine, how: str) -> None:
    """By Ctrl-C, or by a caller that cancels the task."""
    stopping = Stopping(here.root, github=here.github, clock=here.clock)
    stopping.backlog(20)
    stop = Stop()

    async def main() -> None:
        task = asyncio.ensure_future(sync.push(stopping.config(), stopping.around(stop=stop)))
        stopping.do = (
            task.cancel
            if how == "cancel"
            else lambda: stop.request(RunInterruptedError("Interrupted."))
        )
        if how == "cancel":
            with pytest.raises(asyncio.CancelledError):
                await task
        else:
            assert code(await task) is ExitCode.INTERRUPTED

    asyncio.run(main())
    assert locks(here) == []
    assert len(here.issues) < 20


@pytest.mark.parametrize("fault", [FaultKind.STATUS, FaultKind.TIMEOUT, FaultKind.RESET])
@pytest.mark.parametrize("committed", [False, True])
def test_an_unclear_answer_to_the_making(here: Machine, fault: FaultKind, committed: bool) -> None:
    """The label is ours if it carries this run's name, however its answer was lost."""
    here.fault(fault, method="POST", path="/labels$", committed=committed)
    run = here.push()
    assert (code(run), unfinished(run)) == (ExitCode.DONE, [])
    assert locks(here) == []


@pytest.mark.parametrize("fault", [FaultKind.STATUS, FaultKind.TIMEOUT, FaultKind.RESET])
@pytest.mark.parametrize("committed", [False, True])
@pytest.mark.parametrize("times", [1, 9])
def test_an_unclear_answer_to_the_deleting(
    here: Machine, fault: FaultKind, committed: bool, times: int
) -> None:
    """It is looked for before anything is deleted again; the run is not the worse for it."""
    here.fault(fault, method="DELETE", path=f"/labels/{LOCK}$", committed=committed, times=times)
    run = here.push()
    assert (code(run), unfinished(run)) == (ExitCode.DONE, [])
    if fault is not FaultKind.TIMEOUT:  # which takes longer than a run waits for its lock
        assert locks(here) == []
    here.github.faults.clear()
    here.task(9, "One more")
    here.later()
    assert code(here.push()) is ExitCode.DONE
    assert locks(here) == []


def test_a_lost_delete_does_not_take_the_next_ones_lock(here: Machine) -> None:
    """The answer to our DELETE is lost, and another machine has the lock by now: it stays."""
    holder = other(here)

    class Snatch(httpx.AsyncBaseTransport):
        def __init__(self, inner: httpx.AsyncBaseTransport) -> None:
            self.inner, self.done = inner, False

        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            answer = await self.inner.handle_async_request(request)
            if request.method == "DELETE" and not self.done:
                self.done = True
                assert await _make_label(here, LOCK, str(holder)) == 201
                raise httpx.ReadError("Connection reset by peer", request=request)
            return answer

    here.wrap = Snatch
    assert code(here.push()) is ExitCode.DONE
    assert [label.description for label in locks(here)] == [str(holder)]


def test_a_release_that_cannot_be_sent_is_left_to_the_next_run(here: Machine) -> None:
    """GitHub is down at the end: the run is done all the same, and the next one cleans up."""
    here.fault(FaultKind.STATUS, method="DELETE", path=LOCK, times=None)
    rule = here.fault(FaultKind.STATUS, method="(GET|PATCH)", path=LOCK, times=None)
    assert code(here.push()) is ExitCode.DONE
    assert len(locks(here)) == 1
    assert "could not be removed" in here.notices
    assert rule
    here.github.faults.clear()
    here.later()
    assert names(here.push()) == []
    assert locks(here) == []
    before = len(here.github.log)
    here.later()
    here.push()
    assert here.writes(before) == []


# ----------------------------------------------------------------------------- crashes


class Deadly(httpx.AsyncBaseTransport):
    """Kills the process at a write, before or after it was carried out."""

    def __init__(self, inner: httpx.AsyncBaseTransport, at: int, committed: bool) -> None:
        self.inner, self.left, self.committed = inner, at, committed

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.left -= request.method != "GET"
        dying = self.left == 0 and request.method != "GET"
        if dying and not self.committed:
            raise Killed
        answer = await self.inner.handle_async_request(request)
        if dying:
            raise Killed
        return answer


def killed(world: Machine, at: int = 5, *, committed: bool = True) -> None:
    """Push, and die at this write; the lock's own is the first."""
    world.wrap = lambda inner: Deadly(inner, at, committed)
    with pytest.raises(Killed):
        asyncio.run(world.run())
    world.wrap = lambda inner: inner
    world.revive()


@pytest.mark.parametrize("committed", [False, True])
@pytest.mark.parametrize("at", [1, 2, 3, 4, 5, 6, 7, 8])
def test_a_killed_run_is_resumed_at_once(here: Machine, at: int, committed: bool) -> None:
    """In its own folder nobody waits for a dead run's lock: the OS lock proves that it is dead."""
    killed(here, at, committed=committed)
    dry = here.dry_run()
    run = here.push()
    assert (code(run), unfinished(run)) == (ExitCode.DONE, [])
    assert dry.requests.writes == run.requests.writes == run.spent.writes  # its label's, too
    assert sorted(here.titles) == ITEMS
    assert locks(here) == []
    here.agree()
    before = len(here.github.log)
    here.later()
    here.push()
    assert here.writes(before) == []


@pytest.mark.parametrize("skew", [-600.0, 0.0, 600.0])
@pytest.mark.parametrize("holders_skew", [-600.0, 600.0])
def test_another_machine_waits_for_the_expiry_by_the_servers_clock(
    here: Machine, skew: float, holders_skew: float
) -> None:
    """Clocks that are wrong by ten minutes change nothing: only GitHub's time counts."""
    here.skew = holders_skew
    taken = here.clock.now()
    killed(here)
    (label,) = locks(here)
    holder = Holder.parse(label.description or "")
    assert holder is not None
    assert taken + LEASE - 5 <= holder.until <= taken + LEASE + 10
    second = there(here)
    second.skew = skew
    here.clock.advance(holder.until - 5 - here.clock.now())
    run = second.push(allow_changes=9)
    assert code(run) is ExitCode.REFUSED
    assert isinstance(run.error, LockedError)
    assert len(here.issues) < len(ITEMS)
    here.clock.advance(10)
    run = second.push(allow_changes=9)
    assert (code(run), unfinished(run)) == (ExitCode.DONE, [])
    assert "left over; broken" in second.notices
    assert sorted(here.titles) == ITEMS
    assert locks(here) == []


# ---------------------------------------------------------------------- two machines


def both(first: Machine, second: Machine) -> list[Run]:
    """Push on both at the same time."""

    async def main() -> list[Run]:
        return list(await asyncio.gather(first.run(), second.run()))

    return asyncio.run(main())


@pytest.mark.parametrize("skew", [0.0, -600.0, 600.0])
def test_two_machines_in_the_same_second(here: Machine, skew: float) -> None:
    """One makes every issue; the other is refused with 5 and told by whom and until when."""
    second = there(here)
    second.skew = skew
    runs = both(here, second)
    assert sorted(code(run) for run in runs) == [ExitCode.DONE, ExitCode.REFUSED]
    assert sorted(here.titles) == ITEMS
    assert locks(here) == []
    winner, loser = sorted(runs, key=code)
    assert isinstance(loser.error, LockedError)
    assert f"run {winner.id} on " in loser.error.message
    assert "since 2026-" in loser.error.message
    assert "until 2026-" in loser.error.message
    assert "--no-remote-lock" in loser.error.hint
    assert loser.spent.content == 0
    assert loser.requests.writes == winner.requests.writes


@pytest.mark.parametrize("lead", range(0, 40, 3))
def test_whatever_lies_between_two_starts(here: Machine, lead: int) -> None:
    """The second run starts at any moment of the first: never is an issue made twice."""
    second = there(here)

    async def later() -> Run:
        await here.clock.sleep_until(here.clock.now() + lead / 4)
        return await second.run()

    async def main() -> list[Run]:
        return list(await asyncio.gather(here.run(), later()))

    runs = asyncio.run(main())
    assert code(runs[0]) is ExitCode.DONE
    assert code(runs[1]) is ExitCode.REFUSED  # by the lock, or since it has no map
    assert sorted(here.titles) == ITEMS
    assert locks(here) == []


@pytest.mark.parametrize("lag", [0.0, 600.0])
def test_what_was_made_since_the_reading_is_adopted(here: Machine, lag: float) -> None:
    """A run that ended between our reading and our lock made what we wanted to make."""
    here.push()
    second = there(here)
    second.disk = here.disk.after_kill()
    second.disk.names = {
        second.root / path.relative_to(here.root): inode
        for path, inode in second.disk.names.items()
    }
    second.disk.folders |= {second.root / ".ghsync", second.root / ".ghsync" / "runs"}
    for world in (here, second):
        world.task(7, "Seven")
        world.task(8, "Eight")
    here.later()
    if lag:
        here.github.faults.install(lagging_lists(lag))
    one_more = second.root / ".claude/epics/shop/009.md"
    one_more.write_text("---\nname: Nine\nstatus: open\n---\n\nText.\n", encoding="utf-8")

    class Overtaken(httpx.AsyncBaseTransport):
        """Before our label is made, the other machine's whole run goes by."""

        def __init__(self, inner: httpx.AsyncBaseTransport) -> None:
            self.inner, self.done = inner, False

        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            if request.method == "POST" and not self.done:
                self.done = True
                assert code(await here.run()) is ExitCode.DONE
            return await self.inner.handle_async_request(request)

    second.wrap = Overtaken
    run = second.push()
    assert (code(run), unfinished(run)) == (ExitCode.DONE, [])
    assert sorted(names(run)) == ["adopt", "adopt", "create"]
    assert sorted(here.titles) == sorted([*ITEMS, "Seven", "Eight", "Nine"])
    assert locks(here) == []
    here.github.faults.clear()
    second.agree()


def test_two_break_the_same_lock_at_once(here: Machine) -> None:
    """Both see it expired; whatever order their requests arrive in, one alone has it then."""
    second = there(here)
    hold(here, other(here, left=-1))
    runs = both(here, second)
    assert sorted(code(run) for run in runs) == [ExitCode.DONE, ExitCode.REFUSED]
    assert sorted(here.titles) == ITEMS
    assert locks(here) == []


def test_a_breaker_that_comes_late_breaks_no_living_lock(here: Machine) -> None:
    """It saw the dead lock, and then stood still while another broke that and took its own."""
    second = there(here)
    hold(here, other(here, left=-1))
    reached = asyncio.Event()
    may_go = asyncio.Event()

    class Late(httpx.AsyncBaseTransport):
        def __init__(self, inner: httpx.AsyncBaseTransport) -> None:
            self.inner = inner

        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            if request.method == "PATCH":
                reached.set()
                await may_go.wait()
            return await self.inner.handle_async_request(request)

    second.wrap = Late

    class Taking(Machine):
        def on_event(self, event: Event) -> None:
            super().on_event(event)
            if isinstance(event, OperationEnded) and event.done == 2:
                may_go.set()

    first = Taking(here.root, github=here.github, clock=here.clock)

    async def main() -> tuple[Run, Run]:
        task = asyncio.ensure_future(second.run())
        await reached.wait()
        return await first.run(), await task

    runs = asyncio.run(main())
    assert [code(run) for run in runs] == [ExitCode.DONE, ExitCode.REFUSED]
    assert isinstance(runs[1].error, LockedError)
    assert runs[0].id in runs[1].error.message
    assert sorted(here.titles) == ITEMS
    assert locks(here) == []


def test_a_label_that_is_no_lock_of_ours_is_left_alone(here: Machine) -> None:
    """Somebody made a label of that name: nobody knows until when, so the run asks a person."""
    assert asyncio.run(_make_label(here, "GHSYNC-Lock", "hands off")) == 201
    run = here.push()
    assert code(run) is ExitCode.REFUSED
    assert run.error is not None
    assert "no run of ghsync made" in run.error.message
    assert "Delete that label" in run.error.hint
    assert not here.issues
    assert [label.description for label in locks(here)] == ["hands off"]


# -------------------------------------------------------------------------- long runs


class Watching(Machine):
    """A machine that notes, whenever an operation ends, for how long its lock still holds."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.left: list[float] = []

    def on_event(self, event: Event) -> None:
        """Look at the label."""
        super().on_event(event)
        if isinstance(event, OperationEnded) and event.result.number:
            label = self.me.repo.label_named(LOCK)
            holder = Holder.parse((label.description or "") if label else "")
            self.left.append(holder.until - self.clock.now() if holder else -1.0)


def test_a_long_run_keeps_its_lock(tmp_path: Path) -> None:
    """1,000 creates at 500 an hour: renewed in the middle of each lease, however long they wait."""
    (tmp_path / "long").mkdir()
    world = Watching(tmp_path / "long")
    world.skew = 600.0
    for epic in range(10):
        world.backlog(99, folder=f".claude/epics/long{epic}")
    begin = world.clock.now()
    run = world.push()
    assert (code(run), unfinished(run)) == (ExitCode.DONE, [])
    assert len(world.issues) == 1000
    hours = (world.clock.now() - begin) / 3600
    assert 1 < hours < 2.2
    assert min(world.left) > LEASE / 2 - 10
    renewals = [e for e in world.writes() if e.method == "PATCH" and e.path.endswith(LOCK)]
    assert 0 <= hours * 3600 / (LEASE / 2) - len(renewals) <= 1.5
    assert locks(world) == []


def test_a_lock_that_lapsed_in_a_pause_is_taken_again(here: Machine) -> None:
    """A limit holds everything for longer than the lease: creates wait for the lock again."""
    here.fault(FaultKind.LIMITED, method="POST", path="/issues$", skip=2, retry_after="2000")
    run = here.push()
    assert (code(run), unfinished(run)) == (ExitCode.DONE, [])
    assert sorted(here.titles) == ITEMS
    assert locks(here) == []


def test_a_lock_that_another_took_in_a_pause_ends_the_run(here: Machine) -> None:
    """It lapsed, another machine broke it and made the rest: nothing is made twice, exit 5."""
    second = there(here)
    here.fault(FaultKind.LIMITED, method="POST", path="/issues$", skip=2, retry_after="2000")

    async def later() -> Run:
        await here.clock.sleep_until(here.clock.now() + LEASE + 100)
        return await second.run(allow_changes=9)

    async def main() -> list[Run]:
        return list(await asyncio.gather(here.run(), later()))

    mine, theirs = asyncio.run(main())
    assert code(theirs) is ExitCode.DONE
    assert code(mine) is ExitCode.REFUSED
    assert isinstance(mine.error, LockedError)
    assert mine.failed == 0
    assert sorted(here.titles) == ITEMS
    assert locks(here) == []
    here.later()
    run = here.push()
    assert (code(run), unfinished(run)) == (ExitCode.DONE, [])
    assert sorted(here.titles) == ITEMS
    here.agree()


def test_a_label_that_a_person_removes_ends_the_run(here: Machine) -> None:
    """Who deletes the lock by hand lets others in, so this run stops at its next renewal."""
    here.backlog(90)
    here.fault(FaultKind.LIMITED, method="POST", path="/issues$", skip=2, retry_after="700")

    async def remove() -> None:
        await here.clock.sleep_until(here.clock.now() + 100)
        repo = here.me.repo
        label = repo.label_named(LOCK)
        assert label is not None
        here.github.state.remove_label(label, here.clock.now())

    async def main() -> Run:
        run, _ = await asyncio.gather(here.run(), remove())
        return run

    run = asyncio.run(main())
    assert code(run) is ExitCode.REFUSED
    assert run.error is not None
    assert "somebody removed it" in run.error.message
    assert locks(here) == []


def test_a_renewal_that_fails_is_tried_again(tmp_path: Path) -> None:
    """An outage in the middle of a lease leaves time enough."""
    (tmp_path / "w").mkdir()
    world = Watching(tmp_path / "w")
    for epic in range(2):
        world.backlog(99, folder=f".claude/epics/long{epic}")
    world.fault(FaultKind.STATUS, method="GET", path=LOCK, times=6)
    run = world.push(limits="cautious")
    assert (code(run), unfinished(run)) == (ExitCode.DONE, [])
    assert min(world.left) > MARGIN
    assert locks(world) == []


# ------------------------------------------------------------------------ the words


def test_a_description_can_be_read_again_and_is_short_enough() -> None:
    """GitHub takes 100 characters."""
    holder = Holder(host="h" * 24, run="1795000000000-abcdef", since=1.79e9, until=1.79e9 + 900)
    assert len(str(holder)) == 100
    found = Holder.parse(str(holder))
    assert found is not None
    assert (found.host, found.run, found.until) == (holder.host, holder.run, holder.until)
    assert found.since == pytest.approx(holder.since, abs=60)
    assert len(holder.broken) <= 50


@pytest.mark.parametrize(
    "text", ["", "hands off", "a run b since c until d", "a run b since 2026-01-01T00:00Z until"]
)
def test_other_descriptions_are_nobodys(text: str) -> None:
    """What no run wrote is not guessed at."""
    assert Holder.parse(text) is None


def test_no_item_and_no_plan_has_its_label(here: Machine) -> None:
    """A file that asks for it is told; neither a label nor an issue is made with it."""
    here.task(1, "shop 1", labels=[LOCK, "real"])
    run = here.push()
    assert here.labels("shop 1") == {"task", "real"}
    assert "label_reserved" in {finding.code for finding in run.findings}
    assert not [op for op in run.plan.operations if getattr(op, "name", "").startswith(LOCK)]


def test_a_note_that_cannot_be_read_is_no_note(here: Machine) -> None:
    """Torn, or about another repository: the push goes on as without."""
    for note in (b"{", b"[]", json.dumps({"repo": 5, "runs": ["x"], "broken": []}).encode()):
        here.task(1, "shop 1", body=repr(note))
        here.disk.folders.add(here.root / ".ghsync")
        here.disk.write(here.disk.append_to(here.root / ".ghsync" / "remote-lock.json"), note)
        assert code(here.push()) is ExitCode.DONE
        here.later()
