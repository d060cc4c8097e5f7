"""Outages, dead tokens and closed repositories: one message and few requests, not a thousand."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass, field

import httpx
import pytest
from world import World, code, names, of_status, unfinished

from ghsync.clock import VirtualClock
from ghsync.errors import ExitCode, RemoteUnavailableError
from ghsync.model import Event, OperationEnded, Run, Status, Waiting
from ghsync.sandbox.people import add_token, revoke_token
from ghsync.sandbox.seeds import SANDBOX_TOKEN

TASKS = 30
PROBE = 4
"""Requests that one operation sends at most while the server fails it: the client's tries."""
GIVES_UP = 60.0
"""Seconds of outage after which a run ends."""


@dataclass
class Outage(httpx.AsyncBaseTransport):
    """A server that fails for a while, and notes each request that it fails."""

    inner: httpx.AsyncBaseTransport
    clock: VirtualClock
    start: float
    seconds: float
    committed: bool = False
    """Carry a write out before its answer is lost."""
    kind: str = "503"
    seen: list[tuple[float, str, str]] = field(default_factory=list)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer one request, or fail it."""
        now = self.clock.now()
        if not self.start <= now < self.start + self.seconds:
            return await self.inner.handle_async_request(request)
        self.seen.append((now, request.method, request.url.path))
        if self.committed and request.method != "GET":
            await self.inner.handle_async_request(request)
        else:
            await self.clock.sleep_until(now + 0.25)
        if self.kind == "refused":
            raise httpx.ConnectError("All connection attempts failed", request=request)
        if self.kind == "reset":
            raise httpx.ReadError("Connection reset by peer", request=request)
        return httpx.Response(503, json={"message": "Service Unavailable"}, request=request)


def outage(
    world: World, seconds: float, *, after: float, committed: bool = False, kind: str = "503"
) -> list[Outage]:
    """Let the server fail from so many seconds on; the list holds the outage of the next run."""
    made: list[Outage] = []

    def wrap(inner: httpx.AsyncBaseTransport) -> Outage:
        start = world.clock.now() + after
        made.append(Outage(inner, world.clock, start, seconds, committed, kind))
        return made[-1]

    world.wrap = wrap
    return made


def updates(world: World) -> None:
    """An epic with tasks that have all changed."""
    world.backlog(TASKS)
    assert unfinished(world.push()) == []
    for number in range(1, TASKS + 1):
        world.task(number, f"New {number}")
    world.later()


def creates(world: World) -> None:
    """An epic with tasks that are all to be made."""
    world.backlog(TASKS)


KINDS = {"creates": creates, "updates": updates}
AFTER = {"creates": 5.0, "updates": 0.6}
"""Seconds from a run's start on which some of its operations are done."""


def waits(world: World) -> list[Waiting]:
    """The waits that the breaker told."""
    return [e for e in world.events if isinstance(e, Waiting) and "server fails" in e.reason]


def well(world: World) -> None:
    """Push until nothing is left: each item has one issue."""
    world.wrap = lambda inner: inner
    world.later()
    run = world.push(allow_changes=TASKS)
    assert (unfinished(run), code(run)) == ([], ExitCode.DONE)
    assert len({*world.titles}) == len(world.titles) == TASKS + 1
    world.agree()
    world.later()
    assert names(world.push()) == []


@pytest.mark.parametrize("committed", [False, True])
@pytest.mark.parametrize("kind", ["503", "refused", "reset"])
@pytest.mark.parametrize("work", KINDS)
def test_half_a_minute_is_waited_out(world: World, work: str, kind: str, committed: bool) -> None:
    """No operation fails, the wait is told, and nothing is made twice."""
    KINDS[work](world)
    outage(world, 30.0, after=AFTER[work], kind=kind, committed=committed and kind != "refused")
    run = world.push(allow_changes=TASKS)
    assert (unfinished(run), code(run)) == ([], ExitCode.DONE)
    assert 1 <= len(waits(world)) <= 3
    well(world)


@pytest.mark.parametrize("kind", ["503", "refused", "reset"])
@pytest.mark.parametrize("work", KINDS)
def test_a_long_outage_ends_the_run_early(world: World, work: str, kind: str) -> None:
    """Exit 6 within its time, one message, no failed operation, and only probes meanwhile."""
    KINDS[work](world)
    made = outage(world, math.inf, after=AFTER[work], kind=kind)
    run = world.push(allow_changes=TASKS)
    assert code(run) is ExitCode.STOPPED
    assert isinstance(run.error, RemoteUnavailableError)
    assert of_status(run, Status.FAILED) == []
    assert of_status(run, Status.SKIPPED) == []
    assert of_status(run, Status.PENDING)
    told = waits(world)
    assert world.clock.now() - told[0].until <= GIVES_UP + 60
    open_since = told[0].until - told[0].seconds
    # The lock is let go at the end, which is no operation.
    seen = [(at, path) for at, _, path in made[0].seen if "/labels/" not in path]
    meanwhile = [(at, path) for at, path in seen if at > open_since]
    probes = [(w.until, n.until - n.seconds) for w, n in itertools.pairwise(told)]
    probes.append((told[-1].until, math.inf))
    for begin, end in probes:
        sent = [path for at, path in meanwhile if begin <= at <= end]
        assert 1 <= len(sent) <= PROBE
        assert len({*sent}) == 1
    assert all(any(b <= at <= e for b, e in probes) for at, _ in meanwhile)
    well(world)


@pytest.mark.parametrize("work", KINDS)
def test_an_outage_at_the_very_end_is_waited_out(world: World, work: str) -> None:
    """With an operation or two left there is no crowd of failures to tell it by."""
    world.backlog(1)
    if work == "updates":
        world.push()
        world.task(1, "New")
        world.later()
    outage(world, 30.0, after=1.0 if work == "creates" else 0.4)
    run = world.push(remote_lock=False)
    assert (unfinished(run), code(run)) == ([], ExitCode.DONE)
    assert waits(world)
    assert len(world.issues) == 2


def test_an_operation_that_the_server_always_fails_is_named(world: World) -> None:
    """The others are done, it fails, and the run is over with exit 1."""
    updates(world)
    broken = world.issue("shop 7").number

    class Poison(httpx.AsyncBaseTransport):
        def __init__(self, inner: httpx.AsyncBaseTransport) -> None:
            self._inner = inner

        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            if request.method == "PATCH" and request.url.path.endswith(f"/{broken}"):
                return httpx.Response(500, json={"message": "Server Error"}, request=request)
            return await self._inner.handle_async_request(request)

    world.wrap = Poison
    run = world.push(allow_changes=TASKS)
    assert code(run) is ExitCode.PARTIAL
    assert of_status(run, Status.FAILED) == ["update New 7"]
    assert len(of_status(run, Status.DONE)) == TASKS - 1
    well(world)


def test_creates_of_unknown_outcome_stay_unknown(world: World) -> None:
    """A run that ends in an outage does not call pending what may have happened."""
    world.backlog(TASKS)
    outage(world, math.inf, after=5.0, committed=True)
    run = world.push()
    assert code(run) is ExitCode.STOPPED
    unknown = of_status(run, Status.UNKNOWN)
    assert unknown
    assert len(unknown) + len(of_status(run, Status.PENDING)) + len(
        of_status(run, Status.DONE)
    ) == len(run.results)
    well(world)


# -------------------------------------------------------------- what does not pass


def closing(world: World, change: Callable[[], None], after: int, **options: object) -> Run:
    """Push, and let something happen after so many operations."""
    ended = 0

    def on_event(event: Event) -> None:
        nonlocal ended
        world.events.append(event)
        if isinstance(event, OperationEnded):
            ended += 1
            if ended == after:
                change()

    world.on_event = on_event  # type: ignore[method-assign]
    return world.push(allow_changes=TASKS, **options)


ENDS: dict[str, Callable[[World], None]] = {
    "a revoked token": lambda world: revoke_token(world.github, SANDBOX_TOKEN),
    "an archived repository": lambda world: _configure(world, archived=True),
    "issues disabled": lambda world: _configure(world, has_issues=False),
}


def _configure(world: World, **fields: object) -> None:
    world.me.configure(now=world.clock.now(), **fields)


@pytest.mark.parametrize("work", KINDS)
@pytest.mark.parametrize("end", ENDS)
def test_what_does_not_pass_ends_the_run_at_once(world: World, end: str, work: str) -> None:
    """One message, exit 4, one failed operation, and no more requests than were under way."""
    KINDS[work](world)
    seen = 0

    def change() -> None:
        nonlocal seen
        seen = len(world.github.log)
        ENDS[end](world)

    run = closing(world, change, after=5)
    assert code(run) is ExitCode.AUTH
    assert run.error is not None
    assert run.error.hint
    assert len(of_status(run, Status.FAILED)) == 1
    assert of_status(run, Status.PENDING)
    refused = [e for e in list(world.github.log)[seen:] if e.status >= 400]
    assert len(refused) <= 12
    assert of_status(run, Status.SKIPPED) == []


def test_a_rollback_with_a_dead_token_says_what_is_left(world: World) -> None:
    """Exit 4 as without it; what was done is not called taken back, and an undo does it later."""
    updates(world)
    run = closing(world, lambda: revoke_token(world.github, SANDBOX_TOKEN), 5, on_error="rollback")
    assert code(run) is ExitCode.AUTH
    assert run.error is not None
    assert "could not be taken back" in run.error.message
    assert run.id in run.error.hint
    done = [result for result in run.results if result.status is Status.DONE]
    assert done
    assert all(result.message.startswith("not taken back") for result in done)
    world.token = "another"
    add_token(world.github, world.token)
    world.later()
    assert unfinished(world.undo()) == []
    assert not any(title.startswith("New") for title in world.titles)
