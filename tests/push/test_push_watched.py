"""What whoever watches a push is told, and what happens when watching fails."""

from __future__ import annotations

import asyncio

import pytest
from world import World, unfinished

from ghsync import sync
from ghsync.model import Event, OperationEnded


@pytest.mark.parametrize("tasks", [5, 25, 60])
def test_the_time_left_is_told_with_every_operation(world: World, tasks: int) -> None:
    """However many operations there are; it is nothing only when all is done."""
    world.backlog(tasks)
    assert unfinished(world.push()) == []
    ended = [event for event in world.events if isinstance(event, OperationEnded)]
    half = ended[: len(ended) // 2]
    assert min(event.eta_seconds for event in half) > 0.25 * len(ended)
    assert ended[-1].eta_seconds < 5.0


def test_a_watcher_that_fails_ends_the_run_and_leaves_nothing_under_way(world: World) -> None:
    """The error comes out; no request goes out behind it, and the next push makes nothing twice."""
    world.backlog(30)

    class BrokenError(Exception):
        pass

    seen = 0

    def watch(event: Event) -> None:
        nonlocal seen
        if isinstance(event, OperationEnded) and event.done == 8:
            seen = len(world.github.log)
            raise BrokenError

    world.on_event = watch  # type: ignore[method-assign]
    around = world.around()

    async def run() -> int:
        with pytest.raises(BrokenError):
            await sync.push(world.config(), around)
        return len(asyncio.all_tasks()) - 1

    assert asyncio.run(run()) == 0
    assert [entry for entry in world.writes(seen) if entry.path.endswith("/issues")] == []
    del world.on_event  # type: ignore[attr-defined]
    world.later()
    assert unfinished(world.push()) == []
    assert len(world.titles) == len(set(world.titles)) == 31
