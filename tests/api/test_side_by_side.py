"""The library in programs: threads, loops, several repositories, events, every verb."""

from __future__ import annotations

import asyncio
import gc
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

import ghsync
from ghsync.sandbox.github import GitHub
from ghsync.sandbox.limits import NONE
from ghsync.sandbox.seeds import SANDBOX_TOKEN
from ghsync.sandbox.serve import running

EPIC = ".claude/epics/shop"
SYNC = [name for name in ghsync.__all__ if f"{name}_async" in ghsync.__all__]


def project(root: Path, tasks: int = 2) -> Path:
    """A folder with an epic and tasks."""
    folder = root / EPIC
    folder.mkdir(parents=True)
    for name, title in [("epic", "Shop"), *((f"{n:03}", f"Task {n}") for n in range(1, tasks + 1))]:
        (folder / f"{name}.md").write_text(f"---\nname: {title}\nstatus: open\n---\n\nText.\n")
    return root


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A project."""
    return project(tmp_path)


@pytest.fixture
def github() -> Iterator[tuple[GitHub, dict[str, Any]]]:
    """A GitHub over HTTP, and the options that reach it."""
    made = GitHub(limits=NONE)
    with running(made) as address:
        env = {"GITHUB_API_URL": address.url, "GITHUB_TOKEN": SANDBOX_TOKEN}
        yield made, {"env": env, "limits": "none"}


def titles(github: GitHub, repo: str) -> list[str]:
    """What issues a repository has."""
    found = github.state.repo_named(repo)
    assert found is not None
    return sorted(issue.title for issue in found.issues.values())


def test_two_threads_push_to_two_repositories(
    tmp_path: Path, github: tuple[GitHub, dict[str, Any]]
) -> None:
    """Each has its map; events come in the thread that pushes, and none of the other's."""
    server, options = github
    seen: dict[str, set[int]] = {}
    start = threading.Barrier(2)

    def work(name: str) -> tuple[ghsync.Run, int]:
        folder = project(tmp_path / name, tasks=6)
        threads = seen.setdefault(name, set())

        def watch(event: ghsync.Event) -> None:
            threads.add(threading.get_ident())
            if isinstance(event, ghsync.PlanReady):
                assert event.plan.repo.full_name == f"octo/{name}"

        start.wait(10)
        run = ghsync.push(folder, repo=f"octo/{name}", on_progress=watch, **options)
        return run, threading.get_ident()

    with ThreadPoolExecutor(2) as pool:
        ended = dict(zip(("one", "two"), pool.map(work, ("one", "two")), strict=True))
    for name, (run, thread) in ended.items():
        assert run.error is None
        assert run.succeeded == run.total > 7
        assert seen[name] == {thread}
        assert titles(server, f"octo/{name}") == ["Shop", *(f"Task {n}" for n in range(1, 7))]


def test_two_pushes_in_one_loop(tmp_path: Path, github: tuple[GitHub, dict[str, Any]]) -> None:
    """To two repositories, at the same time, with one provider of tokens."""
    server, options = github
    folders = [project(tmp_path / name) for name in ("one", "two")]

    class Mine:
        async def token(self, *, stale: ghsync.Token | None = None) -> ghsync.Token:
            await asyncio.sleep(0)
            return ghsync.Token(SANDBOX_TOKEN)

    async def both() -> list[ghsync.Run]:
        mine = Mine()
        pushes = (
            ghsync.push_async(folder, repo=f"octo/{folder.name}", token=mine, **options)
            for folder in folders
        )
        return list(await asyncio.gather(*pushes))

    options["env"] = {"GITHUB_API_URL": options["env"]["GITHUB_API_URL"]}
    assert [run.failed for run in asyncio.run(both())] == [0, 0]
    assert titles(server, "octo/one") == titles(server, "octo/two")


def test_the_same_root_is_pushed_by_one(root: Path, github: tuple[GitHub, dict[str, Any]]) -> None:
    """The second one is refused while the first is at work, and nothing is made twice."""
    server, options = github

    async def both() -> list[ghsync.Run | BaseException]:
        pushes = (ghsync.push_async(root, repo="octo/plan", **options) for _ in range(2))
        return list(await asyncio.gather(*pushes, return_exceptions=True))

    ended = asyncio.run(both())
    assert sorted(type(each).__name__ for each in ended) == ["LockedError", "Run"]
    assert titles(server, "octo/plan") == ["Shop", "Task 1", "Task 2"]


@pytest.mark.parametrize("name", SYNC)
def test_plain_functions_refuse_a_running_loop(root: Path, name: str) -> None:
    """And name the one to await."""

    async def inside() -> None:
        arguments = ("plan.json",) if name == "apply" else ()
        with pytest.raises(ghsync.UsageError, match="running event loop") as caught:
            getattr(ghsync, name)(*arguments, root, sandbox=True, env={})
        assert f"ghsync.{name}_async" in caught.value.hint

    asyncio.run(inside())


def test_every_verb(root: Path) -> None:
    """Push, status, diff, pull, both ways, retry, undo: typed values, and files that follow."""
    options: dict[str, Any] = {"sandbox": True, "env": {}}
    ghsync.push(root, **options)
    assert [row.state for row in ghsync.status(root, **options)] == ["in step"] * 3
    file = root / EPIC / "001.md"
    file.write_text(file.read_text().replace("Text.", "More text."))
    (difference,) = ghsync.diff(root, **options)
    assert [change.field for change in difference.outgoing] == ["body"]
    assert ghsync.diff(root, keys=[f"{EPIC}/002"], **options) == ()
    assert ghsync.diff(root, keys=f"{EPIC}/001", **options) == (difference,)
    with pytest.raises(ghsync.UsageError, match="no item nobody"):
        ghsync.diff(root, keys=["nobody"], **options)
    assert ghsync.pull(root, **options).items == ()
    synced = ghsync.pull_and_push(root, **options)
    assert (synced.pulled.items, synced.run.succeeded) == ((), 1)
    assert ghsync.retry(root, **options).total == 0
    planned = ghsync.undo(root, dry_run=True, **options)
    undone = ghsync.undo(root, **options)
    assert planned.total == undone.succeeded == 1
    assert [row.state for row in ghsync.status(root, **options)].count("behind") <= 1


def test_events_can_be_iterated_over(root: Path) -> None:
    """They are those that ``on_progress`` gets; the run is there when the block is over."""
    heard: list[ghsync.Event] = []

    async def story() -> ghsync.Run:
        events = ghsync.push_events(root, sandbox=True, env={}, on_progress=heard.append)
        with pytest.raises(ghsync.UsageError, match="has not begun"):
            aiter(events)
        seen = []
        async with events as push:
            with pytest.raises(ghsync.UsageError, match="not over"):
                _ = push.run
            async for event in push:
                seen.append(event)  # noqa: PERF401 (this is what a program writes)
            assert [event async for event in push] == []
        assert seen == heard
        return push.run

    run = asyncio.run(story())
    assert run.succeeded == run.total == sum(isinstance(e, ghsync.OperationEnded) for e in heard)


def test_leaving_the_events_ends_the_push_in_order(tmp_path: Path) -> None:
    """What was done is recorded, and the next push does the rest, each once."""
    root = project(tmp_path, tasks=30)

    async def story() -> ghsync.Run:
        async with ghsync.push_events(root, sandbox=True, env={}) as push:
            async for event in push:
                if isinstance(event, ghsync.OperationEnded) and event.done == 5:
                    break
        return push.run

    run = asyncio.run(story())
    assert isinstance(run.error, ghsync.RunInterruptedError)
    assert 5 <= run.succeeded < run.total
    again = ghsync.push(root, sandbox=True, env={})
    assert run.succeeded + again.succeeded == run.total
    assert ghsync.plan(root, sandbox=True, env={}).total == 0


def test_an_error_comes_out_of_the_block(tmp_path: Path) -> None:
    """One of the push, and before it one of the program's own."""

    async def story(wrong: type[Exception] | None) -> None:
        async with ghsync.push_events(tmp_path, sandbox=True, env={}) as push:
            if wrong is not None:
                raise wrong
            assert [event async for event in push] == []

    with pytest.raises(ghsync.NoLayoutError):
        asyncio.run(story(None))
    with pytest.raises(ZeroDivisionError):
        asyncio.run(story(ZeroDivisionError))


def test_two_errors_at_once_are_both_told(tmp_path: Path) -> None:
    """The program's own comes out and names the push's; asyncio has nothing to complain about."""
    complaints: list[object] = []

    async def wrong_in(push: ghsync.PushEvents) -> None:
        async with push:
            assert [event async for event in push] == []
            raise ZeroDivisionError

    async def story() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _, found: complaints.append(found))
        push = ghsync.push_events(tmp_path, sandbox=True, env={})
        with pytest.raises(ZeroDivisionError) as caught:
            await wrong_in(push)
        assert "The push ended, too: No planning files" in caught.value.__notes__[0]
        with pytest.raises(ghsync.UsageError, match="begun before"):
            async with push:
                pass
        del push
        gc.collect()

    asyncio.run(story())
    assert complaints == []


def test_a_cancelled_task_loses_nothing(tmp_path: Path) -> None:
    """A web service that is shut down: the next push does the rest, each once."""
    root = project(tmp_path, tasks=20)
    done: list[int] = []

    async def story() -> None:
        def watch(event: ghsync.Event) -> None:
            if isinstance(event, ghsync.OperationEnded):
                done.append(event.done)
                if event.done == 4:
                    task.cancel()

        work = ghsync.push_async(root, sandbox=True, env={}, on_progress=watch)
        task = asyncio.ensure_future(work)
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(story())
    assert len(done) < 20
    again = ghsync.push(root, sandbox=True, env={})
    assert again.error is None
    assert ghsync.plan(root, sandbox=True, env={}).total == 0
    assert len(ghsync.status(root, sandbox=True, env={})) == 21


def test_a_watcher_that_fails_ends_the_push_with_its_error(root: Path) -> None:
    """A bug of the program's is not swallowed, and loses nothing."""

    def watch(event: ghsync.Event) -> None:
        if isinstance(event, ghsync.OperationEnded):
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        ghsync.push(root, sandbox=True, env={}, on_progress=watch)
    assert ghsync.push(root, sandbox=True, env={}).error is None
    assert ghsync.plan(root, sandbox=True, env={}).total == 0
