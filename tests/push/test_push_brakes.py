"""The brakes end to end: what is refused, with which number, and what then works."""

from __future__ import annotations

import asyncio
import shutil
from typing import Any

import pytest
from world import EPIC, REPO, World, code, names, ops, unfinished

from ghsync import sync
from ghsync.errors import ExitCode, RefusedError, WrongRepositoryError
from ghsync.model import Run
from ghsync.sandbox.faults import FaultKind
from ghsync.sandbox.people import Person

FORK = "me/plan"


def refused(run: Run, number: int) -> str:
    """What a run says that a brake holds until this number is named."""
    assert isinstance(run.error, RefusedError)
    assert code(run) is ExitCode.REFUSED
    assert f"`--allow-changes {number}`" in run.error.hint, run.error.hint
    assert run.spent.writes == 0
    return run.error.message + " " + run.error.hint


def held(world: World, number: int, **options: Any) -> str:
    """Check that the dry run says the same, that one less is too little, and the number enough."""
    world.later()
    shown = refused(world.dry_run(**options), number)
    world.later()
    assert refused(world.push(**options), number) == shown
    world.later()
    refused(world.push(**options, allow_changes=number - 1), number)
    world.later()
    assert unfinished(world.push(**options, allow_changes=number)) == []
    return shown


# -------------------------------------------------------------------- too much at once


def test_many_titles(world: World) -> None:
    """Says how many of how many, and of what."""
    world.backlog(11)
    world.push()
    for number in range(1, 5):
        world.task(number, f"New {number}")
    assert "4 of 12 mapped issues (4 with another title)" in held(world, 4)


def test_many_texts(world: World) -> None:
    """As after a formatter went over the folder."""
    world.backlog(11)
    world.push()
    for number in range(1, 6):
        world.task(number, f"shop {number}", body="New.")
    assert "5 of 12 mapped issues (5 with another text)" in held(world, 5)


def test_many_closes(world: World) -> None:
    """As after a search and replace in the statuses."""
    world.backlog(11)
    world.push()
    for number in range(1, 5):
        world.task(number, f"shop {number}", status="done")
    assert "(4 to close)" in held(world, 4)


def test_much_pruning(world: World) -> None:
    """As in a sparse checkout."""
    world.backlog(11)
    world.push()
    for number in range(1, 6):
        world.remove(f"{EPIC}/{number:03d}.md")
    world.later()
    assert code(world.dry_run()) is ExitCode.DONE  # without --prune nothing is closed
    assert "(5 to close)" in held(world, 5, prune=True)


# ------------------------------------------------------------------------- no files


@pytest.mark.parametrize("prune", [False, True])
def test_an_empty_root(world: World, prune: bool) -> None:
    """No layout is recognised any more, and a map says that there were files."""
    world.backlog(3)
    world.push()
    shutil.rmtree(world.root / ".claude")
    for dry_run in (True, False):
        world.later()
        with pytest.raises(RefusedError, match="4 items") as caught:
            world.push(dry_run=dry_run, prune=prune)
        assert caught.value.exit_code is ExitCode.REFUSED
        assert "`--allow-changes 4`" in caught.value.hint
    with pytest.raises(RefusedError):
        world.push(prune=prune, allow_changes=3)
    world.later()
    run = world.push(prune=prune, allow_changes=4)
    assert names(run) == ["close"] * (4 if prune else 0)
    assert len(run.plan.skipped) == (0 if prune else 4)


def test_none_of_the_mapped_files(world: World) -> None:
    """Another project's files in the same root: nothing is orphaned or made without a word."""
    world.backlog(3)
    world.push()
    shutil.rmtree(world.root / ".claude")
    world.backlog(2, ".claude/epics/other")
    text = held(world, 4)
    assert "None of the 4 mapped files is here" in text
    assert "orphaned, and 3 new ones made" in text


def test_none_of_the_mapped_files_pruned(world: World) -> None:
    """With --prune it says that they would be closed."""
    world.backlog(3)
    world.push()
    shutil.rmtree(world.root / ".claude")
    world.item(".claude/prds/new.md", "New")
    assert "would be closed, and 1 new one made" in held(world, 4, prune=True)


def test_files_that_cannot_be_read_are_there(world: World) -> None:
    """All of them saved in another encoding: errors, and no brake that says they are gone."""
    world.backlog(3)
    world.push()
    for path in (world.root / EPIC).glob("*.md"):
        path.write_bytes(b"\x80\x81")
    world.later()
    run = world.push(prune=True)
    assert (code(run), ops(run)) == (ExitCode.PARTIAL, [])


def test_one_or_two_files_may_all_go(world: World) -> None:
    """A small project whose files are deleted by hand."""
    world.item(".claude/prds/one.md", "One")
    world.push()
    world.remove(".claude/prds/one.md")
    world.item(".claude/prds/two.md", "Two")
    world.later()
    assert unfinished(world.push()) == []


def test_a_move_of_every_key(world: World) -> None:
    """A layout change: the issues would follow, and somebody should know that all of them do."""
    world.backlog(10)
    world.push()
    shutil.move(world.root / ".claude", world.root / "ccpm")
    text = held(world, 11)
    assert "11 would move (such as .claude/epics/shop/001 to ccpm/epics/shop/001)" in text
    world.agree()
    assert len(world.titles) == 11


def test_a_folder_is_renamed_without_a_word(world: World) -> None:
    """As long as something has kept its key."""
    world.item(".claude/prds/shop.md", "Shop PRD")
    world.backlog(10)
    world.push()
    shutil.move(world.root / EPIC, world.root / ".claude/epics/store")
    world.later()
    run = world.push()
    assert len(run.plan.renames) == 11
    assert unfinished(run) == []


# --------------------------------------------------------------------- issues of others


def test_issues_of_the_same_titles(world: World) -> None:
    """Made by another tool: named, with the commands that take them over."""
    for number in range(1, 4):
        world.me.open_issue(f"Shop  {number}", now=world.clock.now())
    world.backlog(4)
    for limit, number in ((None, 3), (3, 2)):
        text = refused(world.push(limit=limit), number)
        assert "ghsync map import" in text
        assert "ghsync map adopt --by-title" in text
        assert "#1, #2" in text
        world.later()
    held(world, 3)
    assert len(world.titles) == 8


def test_issues_of_the_same_titles_after_a_first_try(world: World) -> None:
    """A map of one item is none to speak of; one that holds most of them is."""
    for number in range(1, 6):
        world.me.open_issue(f"shop {number}", now=world.clock.now())
    world.backlog(5)
    assert unfinished(world.push(limit=1)) == []
    assert "holds only 1 item" in held(world, 5)
    for number in range(6, 9):
        world.me.open_issue(f"shop {number}", now=world.later())
    world.backlog(8)
    world.later()
    assert unfinished(world.push()) == []


def test_a_single_title_may_be_chance(world: World) -> None:
    """So may few among many; and a map says that one knows whose they are."""
    for title in ("shop 1", "Other", "shop 9"):
        world.me.open_issue(title, now=world.clock.now())
    world.backlog(7)
    assert unfinished(world.push()) == []
    world.backlog(12)
    world.later()
    assert unfinished(world.push()) == []


def test_several_brakes_name_one_number(world: World) -> None:
    """Whoever follows the hint is not stopped by the next brake."""
    world.backlog(11)
    world.push()
    shutil.rmtree(world.root / ".claude")
    world.item(".claude/prds/new.md", "New")
    text = held(world, 12, prune=True)
    assert "None of the 12" in text
    assert "12 of 12 mapped issues (12 to close)" in text


def test_a_retry_keeps_the_brakes(world: World) -> None:
    """It is a push."""
    world.backlog(3)
    rule = world.fault(FaultKind.STATUS, method="POST", path="/labels$", status=422, times=None)
    world.push()
    world.github.faults.remove(rule)
    shutil.rmtree(world.root / ".claude")
    world.later()
    with pytest.raises(RefusedError, match="4 items"):
        world.retry()


# -------------------------------------------------------------------- the repository


def forked(world: World, **fields: bool) -> Person:
    """A push, then the checkout is that of another repository, made from the first."""
    world.backlog(2)
    world.push()
    other = world.me.fork(FORK, now=world.later(), **fields)
    world.options["repo"] = FORK
    return other


@pytest.mark.parametrize("template", [False, True])
def test_the_map_of_what_it_was_made_from(world: World, template: bool) -> None:
    """A fork, or a repository from a template, is named as one, with how it begins."""
    other = forked(world, template=template)
    for dry_run in (True, False):
        with pytest.raises(WrongRepositoryError) as caught:
            world.push(dry_run=dry_run)
        word = "made from it as a template" if template else "a fork of it"
        assert f"belongs to {REPO}" in caught.value.message
        assert f"{FORK} (id {other.repo.info.id})" in caught.value.message
        assert word in caught.value.message
        assert "`ghsync map rebuild`" in caught.value.hint
    assert other.repo.issues == {}


def test_a_fork_of_a_fork(world: World) -> None:
    """What a fork goes back to counts as well."""
    world.backlog(1)
    world.push()
    between = world.me.fork("you/plan", now=world.later())
    between.fork(FORK, now=world.later())
    world.options["repo"] = FORK
    with pytest.raises(WrongRepositoryError, match="is a fork of it"):
        world.push()


def test_a_fork_begins_with_a_map_of_its_own(world: World) -> None:
    """As the message says: `map rebuild`, then a push makes its issues; the first is untouched."""
    other = forked(world)
    before = dict(world.issues)
    asyncio.run(sync.rebuild_map(world.config(), world.around(command="map rebuild")))
    assert world.map.repo == FORK
    assert world.map.entries == {}
    world.later()
    assert unfinished(world.push()) == []
    assert sorted(issue.title for issue in other.repo.issues.values()) == [
        "shop", "shop 1", "shop 2",
    ]  # fmt: skip
    assert dict(world.issues) == before


def test_a_repository_made_anew(world: World) -> None:
    """The same name with another id is another repository."""
    world.backlog(1)
    world.push()
    world.me.configure(now=world.later(), name="old")
    Person(world.github, REPO, login="octo", now=world.later())
    world.github.state.redirects.clear()
    with pytest.raises(WrongRepositoryError):
        world.push()


def test_a_renamed_repository_is_the_same(world: World) -> None:
    """By its id: the push goes on, and the map has the new name."""
    world.backlog(1)
    world.push()
    world.me.configure(now=world.later(), name="renamed")
    world.task(2)
    assert unfinished(world.push()) == []
    assert world.map.repo == "octo/renamed"
    world.later()
    assert ops(world.push(repo="octo/renamed")) == []


def test_a_push_that_was_refused_hides_no_failure(world: World) -> None:
    """A retry after it still knows what failed in the push before."""
    world.backlog(3)
    rule = world.fault(
        FaultKind.STATUS, method="^POST$", path="/sub_issues$|/issues$", status=422, times=None
    )
    assert code(world.push()) is ExitCode.PARTIAL
    world.github.faults.remove(rule)
    world.item(f"{EPIC}/009.md", "New", depends_on="[nobody]")
    world.later()
    assert code(world.push(strict=True)) is ExitCode.STRICT
    world.later()
    run = world.retry()
    assert "create shop" in ops(run)
    assert "create New" not in ops(run)
    assert unfinished(run) == []
