"""What the simulations have found, each as a test of its own."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from sim_kit import Fate, SimDisk, SimWorld, new_world
from store.store_disk import Killed

from ghsync.sandbox.faults import FaultKind


@pytest.fixture
def world(tmp_path: Path) -> SimWorld:
    """An empty folder and an empty GitHub."""
    return new_world(tmp_path)


def die(world: SimWorld) -> None:
    """Push, and perhaps die."""
    with suppress(Killed):
        world.push()


def die_after_the_create(world: SimWorld, title: str = "Shop") -> None:
    """Push, and die when the issue is made but not recorded."""
    for step in range(1, 200):
        twin = world.copy()
        with twin.killed_at_step(step):
            die(twin)
        if title in twin.titles:
            break
    with world.killed_at_step(step), pytest.raises(Killed):
        world.push()
    world.revive()
    assert title in world.titles
    assert not [e for e in world.map.entries.values() if world.issue(title).number == e.number]


def test_an_edit_of_an_issue_whose_create_was_lost_survives(world: SimWorld) -> None:
    """Somebody edits and closes it before the next run finds it: a change of their side alone."""
    world.epic()
    die_after_the_create(world)
    number = world.issue("Shop").number
    world.me.edit(number, title="Edited", body=f"{world.issues[number].body}\n\nMore.",
                  now=world.later(1))  # fmt: skip
    world.me.close(number, now=world.later(1))
    assert world.push().plan.operations == ()
    assert world.titles == ["Edited"]
    assert (world.issues[number].body or "").endswith("More.")
    assert world.issues[number].state == "closed"


def test_a_file_that_changed_after_its_create_was_lost_is_pushed(world: SimWorld) -> None:
    """That is a change of the file's side alone, no conflict."""
    world.epic()
    die_after_the_create(world)
    world.epic("Shop two", body="Other text.")
    run = world.push()
    assert [type(op).__name__ for op in run.plan.operations] == ["UpdateIssue"]
    assert world.titles == ["Shop two"]


def test_a_deleted_issue_is_noticed_within_a_day(world: SimWorld) -> None:
    """No reading "since" tells of it, so everything is read again now and then."""
    world.epic()
    world.push()
    world.later()
    world.push()
    world.me.delete(1, now=world.later())
    world.later(100_000.0)
    run = world.push()
    assert [finding.code for finding in run.findings] == ["issue_gone"]


def test_a_list_that_lags_does_not_hide_what_was_just_written(world: SimWorld) -> None:
    """What this run's own answers said is newer than the list that is read after it."""
    world.epic("One")
    world.push()
    world.later()
    world.me.configure(lag=30.0, now=world.clock.now())
    world.epic("Two")
    world.push()
    world.later(5)
    world.epic("One")
    world.push()
    world.later(700)
    world.push()
    assert world.titles == ["One"]


def test_pull_requests_do_not_end_the_search_by_number(world: SimWorld) -> None:
    """More of them in a row than are read beyond the highest number, and a list that is late."""
    world.epic()
    world.push()
    world.me.configure(lag=600.0, now=world.clock.now())
    world.task(1, "Cart")
    for number in range(8):
        world.me.open_pull_request(f"A change {number}", now=world.later(1))
    world.fault(FaultKind.TIMEOUT, method="POST", path="/issues$", committed=True)
    world.push()
    assert world.titles == ["Shop", "Cart"]


def test_many_issues_of_others_do_not_hide_a_create(world: SimWorld) -> None:
    """More than are read directly at once, while the list shows none of them."""
    world.epic()
    world.push()
    world.me.configure(lag=600.0, now=world.clock.now())
    world.task(1, "Cart")
    for number in range(150):
        world.me.open_issue(f"Other {number}", now=world.clock.now())
    world.later(1)
    world.fault(FaultKind.TIMEOUT, method="POST", path="/issues$", committed=True)
    world.push()
    assert world.titles.count("Cart") == 1


def test_a_create_that_arrives_after_the_clock_was_set_is_found(world: SimWorld) -> None:
    """The settle time counts from the next run's start, not by the intent's time."""
    world.epic()
    for step in range(1, 60):
        twin = world.copy()
        twin.fate = Fate.LATE
        with twin.killed_at_step(step):
            die(twin)
        twin.revive()
        twin.late = [(moment + 9.0 - (moment - twin.clock.now()), r) for moment, r in twin.late]
        twin.skew = 600.0
        twin.push()
        twin.later(700)
        assert twin.titles == ["Shop"]


def die_after_the_update(world: SimWorld, done: Callable[[SimWorld], bool]) -> None:
    """Push, and die when GitHub has carried something out and nothing says so on the disk."""
    for step in range(1, 200):
        twin = world.copy()
        with twin.killed_at_step(step):
            die(twin)
        if done(twin):
            break
    with world.killed_at_step(step), pytest.raises(Killed):
        world.push()
    world.revive()
    assert done(world)


def test_a_file_set_back_after_its_update_was_lost_is_pushed(world: SimWorld) -> None:
    """What a killed run wrote is not taken for a person's edit."""
    world.epic()
    world.push()
    world.later()
    world.epic("Wrong", body="Wrong.", labels=["wrong"], status="done")
    die_after_the_update(world, lambda w: w.titles == ["Wrong"])
    world.epic()
    assert not world.push().plan.conflicts
    assert (world.titles, world.labels("Shop"), world.issue("Shop").state) == (
        ["Shop"], {"epic"}, "open",
    )  # fmt: skip
    assert (world.issue("Shop").body or "").endswith("\nText.")


def test_a_file_that_changes_on_after_its_update_was_lost_is_no_conflict(world: SimWorld) -> None:
    """Only the file has changed, twice."""
    world.epic()
    world.push()
    world.later()
    world.epic("Two")
    die_after_the_update(world, lambda w: w.titles == ["Two"])
    world.epic("Three")
    run = world.push()
    assert (run.plan.conflicts, world.titles) == ((), ["Three"])


def test_a_link_that_was_lost_is_taken_back_with_its_file(world: SimWorld) -> None:
    """A blocker and a parent that nobody recorded, and that the files no longer want."""
    other = ".claude/epics/other"
    world.epic()
    world.epic("Other", folder=other)
    world.task(1, "Cart")
    world.task(2, "Pay")
    world.push()
    world.later()
    world.task(2, "Pay", depends_on=["001"])
    die_after_the_update(world, lambda w: w.blockers("Pay") == {"Cart"})
    world.task(2, "Pay")
    world.push()
    assert world.blockers("Pay") == set()
    world.later()
    world.move(".claude/epics/shop/002.md", f"{other}/002.md")
    die_after_the_update(world, lambda w: w.parent("Pay") == "Other")
    world.move(f"{other}/002.md", ".claude/epics/shop/002.md")
    world.push()
    assert world.parent("Pay") == "Shop"


def test_an_adopted_issue_in_another_place_is_adopted_once(world: SimWorld) -> None:
    """Its parent is a conflict, but whose it is, is not: the next push does not adopt it again."""
    world.epic()
    world.task(1, "Cart")
    world.push()
    mine = world.me.open_issue("Mine", now=world.later())
    world.me.add_sub_issue(mine.number, world.issue("Cart").number, now=world.later())
    world.disk = SimDisk()
    world.disk.folders.add(world.root)
    for _ in range(2):
        world.later()
        run = world.push(allow_changes=10)
        assert [conflict.field for conflict in run.plan.conflicts] == ["parent"]
    assert run.plan.operations == ()


LONG = "The cart keeps what was chosen.\n\n- it survives a reload\n- it is emptied by a purchase\n"


@pytest.mark.parametrize("kind", ["epic", "task"])
@pytest.mark.parametrize("linked", [False, True])
def test_a_file_that_is_renamed_and_retitled_after_its_create_was_lost(
    world: SimWorld, kind: str, linked: bool
) -> None:
    """The lost issue is found first, and then is the new file's: its text is still the same."""
    text = LONG + ("\nSee [the epic](epic.md).\n" if linked and kind == "task" else "")
    if kind == "task":
        world.epic()
        world.task(1, "Cart", body=text)
        die_after_the_create(world, "Cart")
        world.remove(".claude/epics/shop/001.md")
        world.item(".claude/epics/shop/basket.md", "Basket", text.replace("a reload", "reloads"))
    else:
        world.epic("Cart", body=text)
        die_after_the_create(world, "Cart")
        world.remove(".claude/epics/shop/epic.md")
        world.epic("Basket", ".claude/epics/basket", body=text)
    dry = world.dry_run()
    run = world.push()
    assert [rename.new for rename in run.plan.renames] == [
        rename.new for rename in dry.plan.renames
    ]
    assert len(run.plan.renames) == 1
    assert world.titles.count("Basket") == 1
    assert "Cart" not in world.titles
    world.agree()
    world.later()
    assert world.push().plan.operations == ()
