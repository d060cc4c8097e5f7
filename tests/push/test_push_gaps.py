"""What a review of the protocol found once, each held by a test of its own."""

from __future__ import annotations

import asyncio
import dataclasses

import pytest
from push.world import World, code, codes

from ghsync import sync
from ghsync.errors import ExitCode, WrongRepositoryError
from ghsync.journal import Intent
from ghsync.sandbox.faults import FaultKind


def pending(world: World) -> tuple[Intent, ...]:
    """Creates whose outcome the journal does not know."""
    return world.around().store(world.config()).load().pending


def blind(world: World) -> None:
    """Let no single issue be read, so that an unclear create stays unknown."""
    world.fault(FaultKind.STATUS, method="GET", path=r"/issues/\d+$", times=None, status=502)


def test_each_sending_moves_the_time_of_its_intent(world: World) -> None:
    """A create that a limit turned away first is looked for from its second sending on."""
    world.epic()
    world.fault(
        FaultKind.LIMITED, method="POST", path=r"/issues$", times=1, status=403, retry_after="60"
    )
    world.fault(FaultKind.TIMEOUT, method="POST", path=r"/issues$", times=None, committed=False)
    blind(world)
    started = world.clock.now()
    world.push(settle=20, remote_lock=False)
    (intent,) = pending(world)
    assert intent.at >= started + 60.0


def test_a_child_that_may_have_been_made_is_looked_for(world: World) -> None:
    """A 422 about a sibling being added is no proof that the create did nothing."""
    world.epic()
    world.push()
    world.task(1, "One")
    world.later()
    world.fault(
        FaultKind.STATUS,
        method="POST",
        path=r"/issues$",
        committed=True,
        status=422,
        message="Priority has already been taken",
    )
    world.push()
    assert world.titles.count("One") == 1


def test_intents_are_not_settled_in_another_repository(world: World) -> None:
    """A push to another repository is refused before it looks for what the first one lost."""
    world.epic()
    world.push()
    world.task(1, "One")
    world.later()
    world.fault(FaultKind.RESET, method="POST", path=r"/issues$", committed=True)
    blind(world)
    world.push(remote_lock=False)
    before = pending(world)
    assert before
    world.github.faults.clear()
    with pytest.raises(WrongRepositoryError):
        world.push(repo="octo/other")
    assert pending(world) == before


def test_a_rebuild_keeps_what_a_late_list_does_not_show(world: World) -> None:
    """Entries that the list lacks are read directly before they are dropped."""
    world.backlog(3)
    world.push()
    world.fault(FaultKind.EMPTY_LIST, method="GET", path=r"/issues$", times=None)
    rebuilt = asyncio.run(sync.rebuild_map(world.config(), world.around()))
    assert {entry.number for entry in rebuilt.map.entries.values()} == set(world.issues)


def test_a_second_issue_with_a_mapped_items_marker_is_named(world: World) -> None:
    """Past the bound there are two; a push whose map has the item says so, until one is closed."""
    world.epic()
    world.push()
    copy = world.me.open_issue("A copy", body=world.issue("Shop").body, now=world.later())
    assert "duplicate_issue" in codes(world.push())
    world.me.close(copy.number, now=world.later())
    run = world.push()
    assert "duplicate_issue" not in codes(run)
    assert code(run) is ExitCode.DONE


def test_a_clock_that_was_set_back_does_not_hold_the_next_push(world: World) -> None:
    """The settle time counts from now where the intent's time is still to come."""
    world.epic()
    world.fault(FaultKind.RESET, method="POST", path=r"/issues$", committed=False)
    blind(world)
    world.push(settle=20, remote_lock=False)
    (intent,) = pending(world)
    store = world.around().store(world.config())
    with store.locked(since=0.0):
        store.append([dataclasses.replace(intent, at=intent.at + 7200.0)])
    world.github.faults.clear()
    started = world.clock.now()
    world.push(settle=20)
    assert world.clock.now() - started < 600.0
    assert world.titles == ["Shop"]


def test_a_server_without_sub_issues_and_dependencies(world: World) -> None:
    """Its issues are made all the same, one warning says what is missing, and links are skipped."""
    world.backlog(3)
    world.task(3, "shop 3", depends_on="[001]")
    for path in ("/sub_issues", "/dependencies/"):
        world.fault(FaultKind.STATUS, path=path, status=404, times=None)
    world.fault(
        FaultKind.DROP, method="POST", path="/issues$", drop=("parent_issue_id",), times=None
    )
    run = world.push()
    assert code(run) is ExitCode.DONE
    assert len(world.issues) == 4
    lacking = [finding.message for finding in run.findings if finding.code == "server_lacks"]
    assert len(lacking) == 2
    again = world.push()
    assert code(again) is ExitCode.DONE
    assert {r.message for r in again.results} == {
        "this server has no sub-issues",
        "this server has no dependencies between issues",
    }
