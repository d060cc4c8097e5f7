"""A world that can be killed at every step, copied, and compared.

A step is what a run does to the world outside: a call that writes to the disk, a request that
leaves, an answer that arrives. Everything is decided by a seed; nothing sleeps.
"""

from __future__ import annotations

import asyncio
import dataclasses
import random
import re
from collections import deque
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from copy import copy, deepcopy
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar

import httpx
from push.world import START, World
from store.store_disk import Inode, Killed, MemoryDisk

from ghsync import sync
from ghsync.clock import Clock, VirtualClock
from ghsync.journal import Base, Entry, Intent
from ghsync.model import Run
from ghsync.render import split
from ghsync.sandbox.faults import FaultBook
from ghsync.sandbox.github import GitHub
from ghsync.sandbox.inprocess import SandboxTransport
from ghsync.sandbox.limits import Limits
from ghsync.sandbox.people import Person
from ghsync.sandbox.records import Issue
from ghsync.sandbox.state import Repo, State
from ghsync.stop import Stop
from ghsync.store import Files, Store
from ghsync.sync import Surroundings

LATENCY = 0.25
T = TypeVar("T")
_LINK = re.compile(r'/issues/(\d+) "#\d+')


class Fate(StrEnum):
    """What becomes of the requests that are under way when their process dies."""

    ARRIVE = "arrive"
    """GitHub carries them out at once."""
    LOST = "lost"
    """They never arrive."""
    LATE = "late"
    """GitHub carries them out some seconds later, while the next run is at work."""


@dataclass
class Steps:
    """Counts a run's steps, and kills it at one of them."""

    kill_at: int | None = None
    cancel_at: int | None = None
    cancel: Callable[[], object] = lambda: None
    names: list[str] = field(default_factory=list)
    dead: bool = False

    def take(self, name: str) -> None:
        """Count a step; from the deadly one on, nothing happens any more."""
        if self.dead:
            raise Killed
        self.names.append(name)
        if len(self.names) == self.kill_at:
            self.dead = True
            raise Killed
        if len(self.names) == self.cancel_at:
            self.cancel()


@dataclass
class SimDisk(MemoryDisk):
    """A disk whose steps are counted together with the network's."""

    steps_of_run: Steps = field(default_factory=Steps)

    def _step(self, name: str) -> None:
        if self.dead:
            raise Killed
        try:
            self.steps_of_run.take(f"disk: {name}")
        except Killed:
            self.steps.append(name)
            self.kill_at, self.dead = len(self.steps), True
            raise
        super()._step(name)

    def write(self, fd: int, data: bytes) -> None:
        if self.dead:
            raise Killed
        super().write(fd, data)

    def after_one_power_cut(self, chance: random.Random) -> SimDisk:
        """One of the disks that a power cut could leave: unsynced names and bytes may be gone."""
        disk = self.after_kill()
        assert isinstance(disk, SimDisk)
        for inode in disk._inodes():
            inode.data = inode.synced = _fate(inode, chance)
        changes = disk.unsynced
        kept = changes[: chance.randint(0, len(changes))]
        if changes and chance.random() < 0.5:  # or all but one: not every disk keeps the order
            lost = chance.randrange(len(changes))
            kept = changes[:lost] + changes[lost + 1 :]
        disk.names = dict(disk.synced_names)
        for change in kept:
            for path, inode in change:
                disk._set(path, inode)
        roots = {path for path in disk.folders if path.parent not in disk.folders}
        disk.folders = disk.synced_folders | roots
        disk.names = {path: i for path, i in disk.names.items() if path.parent in disk.folders}
        disk.synced_names, disk.unsynced = dict(disk.names), []
        return disk


def _fate(inode: Inode, chance: random.Random) -> bytes:
    """What is left of a file: what was synced, all of it, or a torn end."""
    if not inode.data.startswith(inode.synced):
        return chance.choice([inode.synced, inode.data])
    return inode.data[: chance.randint(len(inode.synced), len(inode.data))]


class At(Clock):
    """A clock that stands at one moment, for what happens then whatever the time is now."""

    def __init__(self, now: float) -> None:
        self._now = now

    def now(self) -> float:
        return self._now

    async def sleep_until(self, t: float) -> None:
        pass


class Skewed(Clock):
    """A machine's clock that is set wrong, beside the world's."""

    def __init__(self, true: VirtualClock, ahead: float) -> None:
        self._true = true
        self._ahead = ahead

    def now(self) -> float:
        return self._true.now() + self._ahead

    async def sleep_until(self, t: float) -> None:
        await self._true.sleep_until(t - self._ahead)


class Wire(httpx.AsyncBaseTransport):
    """The network between a run and GitHub: each request and each answer is a step.

    A request that is on its way goes on without its process, as ``world.fate`` says.
    """

    def __init__(self, world: SimWorld, inner: httpx.AsyncBaseTransport) -> None:
        self._world = world
        self._inner = inner

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        world = self._world
        what = f"{request.method} {request.url.path}"
        world.steps.take(f"send {what}")
        await world.deliver_late()
        await request.aread()
        flight = asyncio.ensure_future(self._carry(request))
        world.flying[flight] = request
        flight.add_done_callback(lambda done: world.flying.pop(done, None))
        response = await asyncio.shield(flight)
        world.steps.take(f"answer {what}")
        return response

    async def _carry(self, request: httpx.Request) -> httpx.Response:
        return await self._inner.handle_async_request(request)

    async def aclose(self) -> None:
        await self._inner.aclose()


@dataclass
class SimWorld(World):
    """One folder, one GitHub and the time; a run in it can be killed at a step."""

    disk: MemoryDisk = field(default_factory=SimDisk)
    chance: random.Random = field(default_factory=lambda: random.Random(0))
    steps: Steps = field(default_factory=Steps)
    fate: Fate = Fate.ARRIVE
    skew: float = 0.0
    """Seconds by which this machine's clock is ahead of GitHub's."""
    can_be_late: Callable[[httpx.Request], bool] = lambda request: request.method != "GET"
    flying: dict[asyncio.Future[Any], httpx.Request] = field(default_factory=dict)
    done: list[str] = field(default_factory=list)
    """The operations of the last push, for scenarios."""
    late: list[tuple[float, httpx.Request]] = field(default_factory=list)
    """Requests of dead processes that GitHub carries out at these times."""

    def around(self, *, stop: Stop | None = None, files: Files | None = None) -> Surroundings:
        around = super().around(stop=stop, files=files)
        assert around.embedded is not None
        clock: Any = Skewed(self.clock, self.skew) if self.skew else self.clock
        wire = Wire(self, SandboxTransport(self.github, self.clock, latency=LATENCY))
        embedded = dataclasses.replace(around.embedded, clock=clock, wrap=lambda _: wire)
        return dataclasses.replace(around, random_bytes=self.chance.randbytes, embedded=embedded)

    # ------------------------------------------------------------------ runs

    def do(self, work: Callable[[], Awaitable[T]]) -> T:
        """Do something in a process of its own; it may be killed."""
        random.seed(self.chance.random())  # the client's jitter
        assert isinstance(self.disk, SimDisk)
        asked = self.steps
        self.steps = self.disk.steps_of_run = Steps(asked.kill_at, asked.cancel_at)
        return asyncio.run(self._process(work))

    async def _process(self, work: Callable[[], Awaitable[T]]) -> T:
        asyncio.get_running_loop().set_exception_handler(lambda *_: None)
        task = asyncio.current_task()
        assert task is not None
        self.steps.cancel = task.cancel
        try:
            return await work()
        except Killed:
            await self._land()
            raise

    async def _land(self) -> None:
        """Decide what becomes of the requests that were under way."""
        left = dict(self.flying)
        if self.fate is Fate.ARRIVE:
            await asyncio.gather(*left, return_exceptions=True)
        for flight, request in left.items():
            if flight.done():
                continue
            flight.cancel()
            if self.fate is Fate.LATE and self.can_be_late(request):
                self.late.append((self.clock.now() + self.chance.uniform(0.0, 9.5), request))
        self.flying.clear()

    async def deliver_late(self) -> None:
        """Let GitHub carry out what is due of dead processes' requests."""
        due = [each for each in self.late if each[0] <= self.clock.now()]
        self.late = [each for each in self.late if each[0] > self.clock.now()]
        for moment, request in sorted(due, key=lambda each: each[0]):
            clock = At(moment)
            await SandboxTransport(self.github, clock, latency=0.0).handle_async_request(request)

    def push(self, *, stop: Stop | None = None, dry_run: bool = False, **options: object) -> Run:
        """Push, in a process of its own."""
        around, config = self.around(stop=stop), self.config(**options)
        return self.do(lambda: sync.push(config, around, dry_run=dry_run))

    def later(self, seconds: float = 120.0) -> float:
        """Let time pass, and what is still under way arrive."""
        now = super().later(seconds)
        if self.late:
            asyncio.run(self.deliver_late())
        return now

    def rebuild(self) -> None:
        """Rebuild the map, in a process of its own."""
        around, config = self.around(), self.config()
        self.do(lambda: sync.rebuild_map(config, around))

    @contextmanager
    def killed_at_step(self, step: int | None, *, cancel: int | None = None) -> Iterator[None]:
        """Kill, or cancel, what happens inside at this step, counted from 1."""
        self.steps = Steps(kill_at=step, cancel_at=cancel)
        try:
            yield
        finally:
            self.steps = Steps()

    def power_cut(self) -> None:
        """Take the disk as it is found after the power failed."""
        assert isinstance(self.disk, SimDisk)
        self.disk = self.disk.after_one_power_cut(self.chance)

    # ---------------------------------------------------------------- copies

    def copy(self) -> SimWorld:
        """The same world once more, which goes its own way; the folder of files is shared."""
        world = SimWorld(
            self.root,
            github=copy_github(self.github),
            clock=VirtualClock(self.clock.now()),
            disk=deepcopy(self.disk),
            chance=deepcopy(self.chance),
            fate=self.fate,
            late=list(self.late),
            token=self.token,
        )
        world.options = dict(self.options)
        return world

    # ------------------------------------------------------------ comparison

    @property
    def pending(self) -> tuple[Intent, ...]:
        """Creates whose outcome this folder does not know."""
        return Store.open(self.root, files=self.disk).load().pending

    def picture(self) -> list[tuple[object, ...]]:
        """What GitHub holds, without numbers and ids: two runs that did the same look the same."""
        return sorted((self._seen(issue) for issue in self.issues.values()), key=repr)

    def _seen(self, issue: Issue) -> tuple[object, ...]:
        repo = self.me.repo
        return (
            issue.title,
            self._unnumbered(split(issue.body or "")[0]),
            tuple(sorted(repo.labels[each].name for each in issue.labels)),
            tuple(sorted(issue.assignees)),
            repo.milestones[issue.milestone].title if issue.milestone is not None else None,
            (issue.state, issue.state_reason),
            self._title(issue.parent),
            tuple(sorted(str(self._title(each)) for each in issue.blocked_by)),
            issue.comments,
            issue.locked,
            [self._title(each) for each in issue.sub_issues],
        )

    def _unnumbered(self, text: str) -> str:
        """A text with titles in the place of the numbers that it links."""
        return _LINK.sub(lambda link: f"/issues/{self._title_of(int(link[1]))}", text)

    def _title_of(self, number: int) -> str | None:
        issue = self.issues.get(number)
        return issue.title if issue is not None else None

    def _plain(self, entry: Entry) -> Base:
        """An entry's base without numbers, also those in the text that its digest stands for."""
        base = entry.base
        assert base is not None
        linking = _LINK.search(self.issues[entry.number].body or "") is not None
        body = "" if linking else base.body
        return dataclasses.replace(base, body=body, parent=None, blocked_by=(), children=())

    def chart(self) -> list[tuple[object, ...]]:
        """The map, without numbers and ids."""
        entries = self.map.entries.values()
        titles = {e.number: self.issues[e.number].title for e in entries if e.number in self.issues}
        return sorted(
            (
                (
                    entry.key,
                    titles.get(entry.number),
                    entry.kind,
                    entry.path,
                    entry.ident,
                    entry.uid is None,
                    entry.base
                    and (
                        self._plain(entry),
                        [titles.get(n) for n in entry.base.children],
                        titles.get(entry.base.parent) if entry.base.parent else None,
                        sorted(str(titles.get(n)) for n in entry.base.blocked_by),
                    ),
                )
                for entry in entries
            ),
            key=repr,
        )


def new_world(root: Path, *, seed: int = 0, limits: Limits | None = None) -> SimWorld:
    """An empty folder and an empty GitHub."""
    root.mkdir(parents=True, exist_ok=True)
    world = SimWorld(root, clock=VirtualClock(START), chance=random.Random(seed))
    if limits is not None:
        world.limit(limits)
    return world


def copy_github(github: GitHub) -> GitHub:
    """A GitHub that starts from the same state; its records are frozen and shared."""
    twin = GitHub(state=_copy_state(github.state), limits=github.limits)
    twin.meter = deepcopy(github.meter)
    twin.meter.in_flight = 0
    twin.faults = FaultBook(random=github.faults.random)
    twin.faults._installed = deepcopy(github.faults._installed)
    twin.faults._next = github.faults._next
    twin.log = deque(github.log, maxlen=github.log.maxlen)
    twin._requests = github._requests
    return twin


def _copy_state(state: State) -> State:
    twin = State()
    for name in State.__slots__:
        setattr(twin, name, copy(getattr(state, name)))
    twin.repos = {number: _copy_repo(repo) for number, repo in state.repos.items()}
    return twin


def _copy_repo(repo: Repo) -> Repo:
    return Repo(**{f.name: _copy_part(getattr(repo, f.name)) for f in dataclasses.fields(Repo)})


def _copy_part(value: Any) -> Any:
    if type(value) is dict:
        return {k: list(v) if isinstance(v, list) else v for k, v in value.items()}
    return copy(value)


def people(world: World, login: str = "ana") -> Person:
    """Somebody else who may be assigned."""
    world.me.add_collaborator(login, now=world.clock.now())
    return world.person(login)
