"""How many requests each thing costs, counted by the server.

The numbers are budgets: a change that needs more has to say why.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from push.world import EPIC, REPO, World, names

from ghsync.embedded import SANDBOX_URL
from ghsync.journal import Base, BoundTo, Entry, Recorded, SyncMap, fold
from ghsync.model import Issue, IssueId, IssueNumber, Key, Kind, RepoId, Run, State, Uid
from ghsync.render import digest, with_marker
from ghsync.sandbox.limits import NONE
from ghsync.store import Cache, Store

LOCK = Counter({"POST labels": 1, "DELETE labels": 1})
"""The lock between machines, taken by a run that creates issues."""
MAPPED = 10_000


@pytest.fixture
def world(tmp_path: Path) -> World:
    """An epic and twenty tasks, and GitHub without limits."""
    made = World(tmp_path)
    made.limit(NONE)
    made.backlog(20)
    return made


def requests(world: World, work: Callable[[], object]) -> tuple[Counter[str], Counter[str]]:
    """What some work makes the server see: reads and writes, by method and kind of path."""
    before = len(world.github.log)
    work()
    reads: Counter[str] = Counter()
    writes: Counter[str] = Counter()
    for entry in list(world.github.log)[before:]:
        rest = entry.path.partition("?")[0].strip("/").split("/")[3:]
        kind = f"{entry.method} {rest[0] if rest else 'repo'}"
        if len(rest) > 2:
            kind = f"{kind} {rest[2]}"
        (reads if entry.method == "GET" else writes)[kind] += 1
    return reads, writes


def test_a_new_item_is_one_write_with_its_parent(world: World) -> None:
    """21 issues are 21 writes: text, labels, assignees and parent travel inside."""
    reads, writes = requests(world, world.push)
    made = Counter({"POST issues": 21, "POST labels": 2})
    assert writes == made + LOCK
    assert len(world.issues) == 21
    assert world.parent("shop 7") == "shop"
    # The repository; the issues before, under the lock, and what was made; the labels; what lies
    # above the highest number, since a list may lag.
    assert reads["GET repo"] == 1
    assert reads["GET labels"] == 1
    assert reads.total() <= 9, reads


def test_without_the_lock_between_machines_there_is_no_write_beside_the_items(
    world: World,
) -> None:
    """And fewer reads: nobody else is looked for."""
    reads, writes = requests(world, lambda: world.push(remote_lock=False))
    assert writes == Counter({"POST issues": 21, "POST labels": 2})
    assert reads == Counter({"GET repo": 1, "GET issues": 2, "GET labels": 1})


def test_a_dry_run_reads_what_a_push_reads_before_its_first_write(world: World) -> None:
    """Repository, issues, and the labels, because some are to be made."""
    reads, writes = requests(world, world.dry_run)
    assert writes.total() == 0
    assert reads == Counter({"GET repo": 1, "GET issues": 1, "GET labels": 1})


def test_an_unchanged_item_costs_nothing(world: World) -> None:
    """A second push reads the repository and what changed since, and writes nothing."""
    world.push()
    world.later(600)
    for work in (world.push, world.dry_run, world.push):
        reads, writes = requests(world, work)
        assert writes.total() == 0
        assert reads == Counter({"GET repo": 1, "GET issues": 1})


def test_one_changed_field_is_one_write_and_so_are_five(world: World) -> None:
    """One PATCH; the rest is reading that it overwrites nobody."""
    world.push()
    world.later(600)
    world.task(3, "Renamed")
    reads, writes = requests(world, world.push)
    assert writes == Counter({"PATCH issues": 1})
    assert reads.total() <= 5, reads
    world.later(600)
    world.task(3, "Again", body="Other text.", labels=["odd"], assignees=["octo"], status="closed")
    reads, writes = requests(world, world.push)
    assert writes == Counter({"PATCH issues": 1, "POST labels": 1})
    assert world.issue("Again").state == "closed"
    assert reads.total() <= 7, reads


def test_a_closed_item_is_one_write(world: World) -> None:
    """No read of the issue beforehand: the reading of the run is fresh."""
    world.push()
    world.later(600)
    world.task(5, "shop 5", status="closed")
    reads, writes = requests(world, world.push)
    assert writes == Counter({"PATCH issues": 1})
    assert reads.total() <= 3, reads


def test_a_new_parent_is_one_write(world: World) -> None:
    """Not a removal and an addition."""
    world.epic("Store", folder=".claude/epics/store")
    world.push()
    world.later(600)
    world.move(f"{EPIC}/004.md", ".claude/epics/store/004.md")
    reads, writes = requests(world, world.push)
    assert writes == Counter({"POST issues sub_issues": 1})
    assert reads.total() <= 4, reads


def test_a_new_blocker_is_one_write(world: World) -> None:
    """Nothing is read to add an edge."""
    world.push()
    world.later(600)
    world.task(6, "shop 6", depends_on=["001"])
    reads, writes = requests(world, world.push)
    assert writes == Counter({"POST issues dependencies": 1})
    assert reads.total() <= 4, reads


def test_one_item_more_is_one_create(world: World) -> None:
    """In a repository that has many: nothing is read again for the others."""
    world.push()
    world.later(600)
    world.task(21, "New")
    reads, writes = requests(world, world.push)
    assert writes == Counter({"POST issues": 1}) + LOCK
    assert reads.total() <= 9, reads


def test_what_changed_on_github_is_read_by_the_page(world: World) -> None:
    """Three edits on the web page are in the one list that is read anyway."""
    world.push()
    for number in (2, 3, 4):
        world.me.edit(number, title=f"By hand {number}", now=world.later())
    world.later(600)
    reads, writes = requests(world, world.push)
    assert writes.total() == 0
    assert reads == Counter({"GET repo": 1, "GET issues": 1})


def test_a_run_over_ten_thousand_mapped_items_is_five_requests_at_most(tmp_path: Path) -> None:
    """Two: the repository, and what changed since the last run; not a hundred pages."""
    world = World(tmp_path)
    world.limit(NONE)
    known = [mapped(world, number) for number in range(1, MAPPED + 1)]
    world.later(3600)
    remember(world, known)
    world.later(600)
    runs: list[Run] = []
    reads, writes = requests(world, lambda: runs.append(world.push()))
    assert (names(runs[0]), len(runs[0].items)) == ([], MAPPED)
    assert writes.total() == 0
    assert reads == Counter({"GET repo": 1, "GET issues": 1})


def mapped(world: World, number: int) -> tuple[Entry, Issue]:
    """A file and its issue, in step, as an earlier run left them."""
    title, key, path = f"Item {number}", f".claude/prds/{number}", f".claude/prds/{number}.md"
    uid = Uid(f"{number:032x}")
    body = with_marker("Text.", uid, Key(key))
    made = world.me.open_issue(title, body=body, labels=["prd"], now=world.clock.now())
    world.item(path, title)
    base = Base(title=title, body=digest("Text."), labels=("prd",))
    entry = Entry(
        key=Key(key),
        number=IssueNumber(made.number),
        id=IssueId(made.id),
        uid=uid,
        kind=Kind.PRD,
        path=path,
        base=base,
    )
    issue = Issue(
        number=entry.number,
        id=entry.id,
        title=title,
        body="",
        digest=base.body,
        state=State.OPEN,
        labels=base.labels,
        uid=uid,
        marker_key=entry.key,
        updated_at=iso(world.clock.now()),
    )
    return entry, issue


def remember(world: World, known: list[tuple[Entry, Issue]]) -> None:
    """Keep the map and the cache that such a run keeps."""
    store = Store.open(world.root, files=world.disk)
    repo = world.me.repo.info
    now = iso(world.clock.now())
    with store.locked(since=world.clock.now()):
        bound = BoundTo(repo_id=RepoId(repo.id), repo=REPO)
        store.checkpoint(fold(SyncMap(), [bound, *(Recorded(entry=e) for e, _ in known)]))
        store.save_cache(
            Cache(
                repo_id=RepoId(repo.id),
                api_url=SANDBOX_URL,
                cursor=now,
                whole=now,
                issues={issue.number: issue for _, issue in known},
            )
        )


def iso(moment: float) -> str:
    """A time as GitHub writes it."""
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
