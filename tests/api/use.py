"""A user's program, for the type checker: `make types` checks it with `mypy --strict`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import assert_type

import github

import ghsync


class Mine:
    """A provider of tokens."""

    async def token(self, *, stale: ghsync.Token | None = None) -> ghsync.Token:
        """One that never changes."""
        return ghsync.Token("x" * 40)


def see(event: ghsync.Event) -> None:
    """Every event is one of five."""
    match event:
        case ghsync.PlanReady():
            assert_type(event.plan, ghsync.Plan)
        case ghsync.OperationEnded():
            assert_type(event.result, ghsync.OpResult)
        case ghsync.Reading() | ghsync.Waiting() | ghsync.Notice():
            pass


def plain(options: ghsync.Options) -> None:
    """The functions that wait."""
    assert_type(ghsync.load("."), ghsync.Loaded)
    assert_type(ghsync.lint(), ghsync.Checked)
    ghsync.push(".", **options)
    run = ghsync.push(".", on_progress=see)
    assert_type(run, ghsync.Run)
    assert_type(run.errors, tuple[str, ...])
    assert_type(run.error, ghsync.GhsyncError | None)
    assert_type(ghsync.plan(items=[ghsync.item("a", title="A", kind="epic")]), ghsync.Run)
    assert_type(ghsync.status(repo="o/r"), tuple[ghsync.StatusRow, ...])
    assert_type(ghsync.diff(keys=["a"]), tuple[ghsync.Difference, ...])
    assert_type(ghsync.pull(token=Mine()), ghsync.Pulled)
    assert_type(ghsync.pull_and_push().pulled, ghsync.Pulled)
    assert_type(ghsync.undo(token=github.Auth.Token("x")), ghsync.Run)
    ghsync.retry(token=github.Auth.AppAuth(1, "key"))
    ghsync.save_plan(run, "plan.json")
    assert_type(ghsync.apply("plan.json", "."), ghsync.Run)
    for result in run.results:
        assert_type(ghsync.op_name(result.operation), str)


async def waiting(env: Mapping[str, str]) -> None:
    """The async forms."""
    assert_type(await ghsync.push_async(env=env, on_conflict="remote"), ghsync.Run)
    async with ghsync.push_events(".") as push:
        async for event in push:
            assert_type(event, ghsync.Event)
    assert_type(push.run, ghsync.Run)
