"""What is killed at every step: scenarios that together hold every operation there is."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from push.world import EPIC, REPO, code, unfinished
from sim_kit import SimWorld, new_world, people

from ghsync.errors import ExitCode, RefusedError
from ghsync.journal import SyncMap
from ghsync.sandbox.faults import FaultKind
from ghsync.sandbox.limits import GITHUB
from ghsync.store import Store

OTHER = ".claude/epics/other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """A prepared world, and what somebody does in it; doing it again must finish it."""

    name: str
    prepare: Callable[[SimWorld], None]
    act: Callable[[SimWorld], None]
    operations: frozenset[str] = frozenset()
    """The operations that it is there for."""


def push(world: SimWorld) -> None:
    """Push once; everything must be done by it."""
    run = world.last = world.push()
    assert (unfinished(run), code(run)) == ([], ExitCode.DONE)
    world.done = [type(op).__name__ for op in run.plan.operations]


def push_twice(world: SimWorld) -> None:
    """Push; what siblings were put before while its create was unclear, the next one moves."""
    push(world)
    done = world.done
    push(world)
    world.done = [*done, *world.done]


def rebuild_and_push(world: SimWorld) -> None:
    """Push; where that is refused for want of a map, rebuild it first."""
    try:
        run = world.push()
    except RefusedError:
        run = None
    if run is None or isinstance(run.error, RefusedError):
        world.rebuild()
    push(world)


# ------------------------------------------------------------------------ a first push


def _one_epic(world: SimWorld) -> None:
    """An epic under a PRD, with every kind of field."""
    people(world)
    world.item(".claude/prds/shop.md", "The shop", "Why.")
    world.epic("Shop", labels=["web"], milestone="v1", assignee="octo")
    world.task(1, "Cart", labels=["web", "ui"], milestone="v1", assignee="ana")
    world.task(2, "Pay", depends_on=["001"], milestone="v2")
    world.task(3, "Shipped", status="done", depends_on=["001", "002"])


def _files(world: SimWorld) -> None:
    """The same and another epic."""
    _one_epic(world)
    world.epic("Other", folder=OTHER)
    world.task(4, "Search", folder=OTHER, status="cancelled")
    world.task(5, "Find", folder=OTHER)


FIRST = Scenario(
    name="first",
    prepare=_one_epic,
    act=push,
    operations=frozenset({"CreateLabel", "CreateMilestone", "CreateIssue", "Block", "CloseIssue"}),
)


# ------------------------------------------------------------------------ a later push


def _later(world: SimWorld) -> None:
    """Everything changes: fields, states, parents, blockers, names; issues are adopted."""
    _files(world)
    world.task(6, "Stays")
    world.task(7, "Undone", status="done")
    world.task(8, "Moves")
    world.task(9, "Leaves")
    world.task(10, "Known before")
    push(world)
    world.later()
    somebody = world.person("ben")
    first = somebody.open_issue("Adopted", body="By hand.", labels=["help"], now=world.later())
    somebody.open_pull_request("A change", now=world.later(1))
    _forget(world, f"{EPIC}/010")
    world.epic("Shop, new", body="New text.", labels=["web", "big"], milestone="v1")
    world.task(1, "Cart", body="More text.", labels=["ui"], assignee="octo", milestone="v3")
    world.task(2, "Pay", status="done", milestone="v2")
    world.task(3, "Shipped", status="done", depends_on=["002", "006"])
    world.task(7, "Undone")
    world.remove(f"{EPIC}/008.md")
    world.task(8, "Moves", folder=OTHER)
    world.remove(f"{EPIC}/009.md")
    world.task(9, "Leaves", folder=".claude/epics/loose")
    world.task(5, "Find", folder=OTHER, depends_on=["004"])
    world.task(
        11, "Adopted", body="By hand.", github=f"https://github.com/{REPO}/issues/{first.number}"
    )
    world.task(12, "New", labels=["new"])
    world.later()


def _forget(world: SimWorld, key: str) -> None:
    """Take a map that somebody else committed before this item had its issue."""
    store = Store.open(world.root, files=world.disk)
    with store.locked(since=0.0):
        smap = store.load().map
        kept = {k: entry for k, entry in smap.entries.items() if k != key}
        store.checkpoint(SyncMap(repo_id=smap.repo_id, repo=smap.repo, entries=kept))


LATER = Scenario(
    name="later",
    prepare=_later,
    act=push,
    operations=frozenset(
        {
            "Adopt",
            "CreateLabel",
            "CreateMilestone",
            "CreateIssue",
            "UpdateIssue",
            "CloseIssue",
            "ReopenIssue",
            "LinkParent",
            "UnlinkParent",
            "Block",
            "Unblock",
        }
    ),
)


# ------------------------------------------------------- limits, unclear outcomes, no map


def _few_files(world: SimWorld) -> None:
    """One epic, three tasks."""
    world.epic("Shop")
    world.task(1, "Cart", labels=["web"])
    world.task(2, "Pay", depends_on=["001"], milestone="v2")
    world.task(3, "Shipped", status="done")


def _limited(world: SimWorld) -> None:
    """Limits that the client does not expect, so that some requests are turned away."""
    _few_files(world)
    world.limit(
        dataclasses.replace(GITHUB, content=((2, 20.0), (500, 3600.0)), retry_after="exact")
    )


def _unclear(world: SimWorld) -> None:
    """Some creates are answered by an error, done or not; lists are behind."""
    _few_files(world)
    world.me.configure(lag=10.0, now=world.clock.now())
    world.me.open_pull_request("A change", now=world.clock.now())
    world.fault(FaultKind.STATUS, method="POST", path="/issues$", committed=True)
    world.fault(FaultKind.RESET, method="POST", path="/issues$", skip=1)
    world.fault(FaultKind.TRUNCATED, method="POST", path="/issues$", skip=3)
    world.fault(FaultKind.TIMEOUT, method="PATCH", committed=True)
    world.fault(FaultKind.STATUS, method="POST", path="/blocked_by$", status=504, committed=True)


def _details(world: SimWorld) -> None:
    """Texts that link what is made later, comments, locks, and the order of sub-issues."""
    world.file("ghsync.toml", 'closing_comment = "Closed by {path}."\nlock = "closed"\n')
    world.epic("Shop", body="See [one](001.md) and [three](003.md).")
    world.task(1, "Cart", body="Of [the shop](epic.md).")
    world.task(2, "Pay", status="done")
    push(world)
    world.later()
    world.task(1, "Cart", body="Of [the shop](epic.md).", status="done")
    world.task(2, "Pay")
    world.task(3, "Ship", body="After [the cart](001.md).")
    world.task(0, "First of all")
    world.epic("Other", folder=OTHER, body="- [find](001.md)\n- [cart](../shop/001.md)")
    world.task(1, "Find", folder=OTHER, body="Of [the other](epic.md).")
    world.later()


DETAILS = Scenario(
    name="details",
    prepare=_details,
    act=push,
    operations=frozenset(
        {"FillLinks", "Comment", "LockIssue", "UnlockIssue", "MoveChild", "CloseIssue"}
    ),
)


def _no_map(world: SimWorld) -> None:
    """The folder of state is lost, and one file has changed."""
    _files(world)
    push(world)
    world.later()
    fresh = new_world(world.root)
    world.disk = fresh.disk
    world.task(1, "Cart", body="More text.", labels=["web", "ui"], milestone="v1", assignee="ana")
    world.later()


SCENARIOS = (
    FIRST,
    LATER,
    DETAILS,
    Scenario(name="limits", prepare=_limited, act=push),
    Scenario(name="unclear", prepare=_unclear, act=push_twice),
    Scenario(name="rebuild", prepare=_no_map, act=rebuild_and_push),
)


def prepared(scenario: Scenario, root: Path) -> SimWorld:
    """The scenario's world, right before somebody acts."""
    world = new_world(root / scenario.name)
    scenario.prepare(world)
    world.done = []
    return world
