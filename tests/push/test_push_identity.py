"""Which item is which issue: recorded numbers, renamed and copied files, markers, a lost map."""

from __future__ import annotations

import asyncio

import pytest
from world import EPIC, World, code, codes, names, ops, unfinished

from ghsync.adopting import adopt_pairs
from ghsync.errors import ExitCode
from ghsync.importers.judging import Verdict
from ghsync.journal import Forgotten
from ghsync.model import Adopt, IssueNumber, Key, op_name
from ghsync.render import split
from ghsync.store import Store

ISSUE = f"{EPIC}/epic"


def test_a_recorded_issue_that_is_equal_is_taken_without_a_write(world: World) -> None:
    """The file names #1, both sides are equal: mapped, and nothing is sent."""
    world.me.open_issue("Shop", body="Text.\r\n", labels=["epic"], now=world.clock.now())
    world.epic(github=1)
    run = world.push()
    assert (names(run), code(run)) == (["adopt"], ExitCode.DONE)
    assert world.writes() == []
    assert world.map.entries[Key(ISSUE)].number == 1
    world.later()
    assert ops(world.push()) == []
    world.epic("New", github=1)
    world.later()
    assert names(world.push()) == ["update"]


def test_a_recorded_issue_that_differs_is_a_conflict(world: World) -> None:
    """Nobody knows who is right: named by every push until it is decided."""
    world.me.open_issue("Theirs", body="Other.", labels=["mine"], now=world.clock.now())
    world.epic(github=1, labels=["ours"])
    for _ in range(2):
        run = world.push()
        assert {conflict.field for conflict in run.plan.conflicts} == {"title", "body"}
        assert (names(run), world.map.entries) == ([], {})
        assert code(run) is ExitCode.PARTIAL
        assert world.titles == ["Theirs"]
        world.later()
    run = world.push(on_conflict="local")
    assert unfinished(run) == []
    assert world.titles == ["Shop"]
    assert world.labels("Shop") == {"mine", "ours", "epic"}
    found = split(world.issue("Shop").body or "")
    assert found.body == "Text."
    assert found.marker is not None
    world.later()
    assert ops(world.push()) == []


def test_github_may_win_over_the_file_that_records_it(world: World) -> None:
    """``--on-conflict remote`` takes the issue as it is."""
    world.me.open_issue("Theirs", body="Other.", labels=["epic"], now=world.clock.now())
    world.epic(github=1)
    run = world.push(on_conflict="remote")
    assert names(run) == ["adopt"]
    world.later()
    run = world.push()
    assert (ops(run), run.plan.conflicts, world.titles) == ([], (), ["Theirs"])


def test_a_recorded_issue_that_is_not_there_is_an_error(world: World) -> None:
    """The item waits; after ``map forget`` a new issue is made."""
    world.me.open_pull_request("A pull request", now=world.clock.now())
    world.epic(github=1)
    world.task(1, "One", github=4711)
    run = world.push()
    assert (names(run), code(run)) == ([], ExitCode.PARTIAL)
    assert codes(run) == {"recorded_missing"}
    assert {skip.key for skip in run.plan.skipped} == {ISSUE, f"{EPIC}/001"}
    store = Store.open(world.root, files=world.disk)
    with store.locked(since=0.0):
        state = store.load()
        store.append(
            Forgotten(key=Key(key), number=IssueNumber(number))
            for key, number in ((ISSUE, 1), (f"{EPIC}/001", 4711))
        )
        assert state.map.forgotten == frozenset()
    world.later()
    run = world.push()
    assert (unfinished(run), code(run)) == ([], ExitCode.DONE)
    assert world.titles == ["Shop", "One"]


def test_an_issue_of_another_repository_is_not_taken(world: World) -> None:
    """A warning; the item is new here."""
    world.epic(github="https://github.com/other/place/issues/3")
    run = world.push()
    assert "recorded_elsewhere" in codes(run)
    assert code(run) is ExitCode.DONE
    assert world.titles == ["Shop"]


def test_an_older_name_of_this_repository_is_the_same(world: World) -> None:
    """The URL in the file still has the name from before the repository was renamed."""
    world.me.open_issue("Shop", body="Text.", labels=["epic"], now=world.clock.now())
    world.me.configure(name="renamed", now=world.clock.now())
    world.epic(github="https://github.com/octo/plan/issues/1")
    run = world.push(repo="octo/renamed")
    assert (names(run), codes(run)) == (["adopt"], set())


def test_an_issue_that_is_somebody_elses_is_not_taken(world: World) -> None:
    """Two files cannot have one issue: the newcomer is refused, with the owner's name."""
    world.epic()
    world.push()
    world.task(1, "One", github=1)
    world.later()
    run = world.push()
    assert codes(run) == {"recorded_taken"}
    assert ISSUE in run.findings[0].message
    assert world.titles == ["Shop"]


# -------------------------------------------------------------------- renamed files


@pytest.mark.parametrize("evidence", ["content", "ident", "recorded"])
def test_a_renamed_file_takes_its_issue_along(world: World, evidence: str) -> None:
    """By its content, by the id it gives itself, or by the number that it records."""
    fields = {"content": {}, "ident": {"id": "T-7"}, "recorded": {"github": 2}}[evidence]
    world.epic()
    world.push()
    world.task(1, "One", **{k: v for k, v in fields.items() if k != "github"})
    world.push()
    world.move(f"{EPIC}/001.md", f"{EPIC}/002-new.md")
    if evidence != "content":
        title = "Another title"
        world.item(f"{EPIC}/002-new.md", title, **fields)
    world.later()
    run = world.push()
    (rename,) = run.plan.renames
    assert (rename.old, rename.new, rename.number) == (f"{EPIC}/001", f"{EPIC}/002-new", 2)
    assert names(run) == ([] if evidence == "content" else ["update"])
    assert len(world.issues) == 2
    assert Key(f"{EPIC}/001") not in world.map.entries
    world.later()
    run = world.push()
    assert (ops(run), run.plan.renames) == ([], ())


def test_a_task_put_first_renumbers_the_others_and_their_issues_go_along(world: World) -> None:
    """One issue is made, none is written over with its neighbour's text."""
    world.backlog(3)
    world.push()
    before = known(world)
    for number in (3, 2, 1):
        world.move(f"{EPIC}/{number:03d}.md", f"{EPIC}/{number + 1:03d}.md")
    world.task(1, title="First of all")
    for kind in (world.dry_run(), world.push()):
        assert [op_name(each) for each in kind.plan.operations] == ["create", "move"]
    assert before == {title: n for title, n in known(world).items() if title != "First of all"}
    world.agree()


def known(world: World) -> dict[str, int]:
    """Every issue's number by its title."""
    return {title: world.issue(title).number for title in world.titles}


def test_a_moved_epic_takes_its_tasks_along(world: World) -> None:
    """A folder that is renamed keeps every issue, and parents stay."""
    world.backlog(3)
    world.push()
    for path in sorted((world.root / EPIC).iterdir()):
        world.move(f"{EPIC}/{path.name}", f".claude/epics/moved/{path.name}")
    world.later()
    run = world.push()
    assert (ops(run), len(run.plan.renames)) == ([], 4)
    assert len(world.issues) == 4
    world.later()
    assert ops(world.push()) == []


def test_a_title_alone_is_no_evidence(world: World) -> None:
    """A file with the same title and another text is a new item."""
    world.epic()
    world.task(1, "One", body="First.")
    world.push()
    world.remove(f"{EPIC}/001.md")
    world.task(2, "One", body="Second.")
    world.later()
    run = world.push()
    assert names(run) == ["create"]
    assert run.plan.renames == ()


def test_a_copied_file_is_a_new_item(world: World) -> None:
    """The first file is still there, so its issue is nobody else's."""
    world.backlog(1)
    world.push()
    text = (world.root / EPIC / "001.md").read_text(encoding="utf-8")
    world.file(f"{EPIC}/002.md", text)
    world.later()
    run = world.push()
    assert (names(run), run.plan.renames) == (["create"], ())
    assert len(world.issues) == 3
    world.agree()


def test_two_equal_files_are_not_told_apart(world: World) -> None:
    """Evidence that fits two is none: the renamed twins are new, their issues are left alone."""
    world.epic()
    world.task(1, "Same")
    world.task(2, "Same")
    world.push()
    world.move(f"{EPIC}/001.md", f"{EPIC}/003.md")
    world.move(f"{EPIC}/002.md", f"{EPIC}/004.md")
    world.later()
    run = world.push()
    assert names(run) == ["create", "create"]
    assert len(run.plan.skipped) == 2


# ------------------------------------------------------------------------- a lost map


def lose_the_map(world: World) -> None:
    """As in a fresh checkout where nobody committed it."""
    for name in [path for path in world.disk.names if ".ghsync" in str(path)]:
        world.disk.names.pop(name)


def test_a_lost_map_stops_the_run(world: World) -> None:
    """Our markers are on GitHub and no map is here: exit 5, and the number to allow is named."""
    world.backlog(3)
    world.push()
    lose_the_map(world)
    before = len(world.writes())
    run = world.push()
    assert code(run) is ExitCode.REFUSED
    assert run.error is not None
    assert "--allow-changes 4" in run.error.hint
    assert len(world.writes()) == before
    assert not world.map.entries


def test_a_lost_map_can_be_taken_from_github(world: World) -> None:
    """``--allow-changes`` adopts the issues by their markers; equal ones need no write."""
    world.backlog(2)
    world.task(3, "Three", depends_on=[1, 2])
    world.push()
    lose_the_map(world)
    before = len(world.writes())
    run = world.push(allow_changes=4)
    assert (set(names(run)), code(run)) == ({"adopt"}, ExitCode.DONE)
    assert len(world.writes()) == before
    world.agree()
    world.later()
    assert ops(world.push()) == []


def test_a_lost_map_and_changed_files(world: World) -> None:
    """Refused as well; once allowed, each difference is a conflict, on a map that is there."""
    world.backlog(2)
    world.push()
    lose_the_map(world)
    world.backlog(2, body="Changed.")
    assert code(world.push()) is ExitCode.REFUSED
    run = world.push(allow_changes=3)
    assert (set(names(run)), code(run)) == ({"adopt"}, ExitCode.PARTIAL)
    assert len(run.plan.conflicts) == 2
    run = world.push()
    assert (names(run), code(run)) == ([], ExitCode.PARTIAL)
    run = world.push(on_conflict="local")
    assert names(run) == ["update"] * 2
    world.later()
    assert ops(world.push()) == []
    world.agree()


def test_another_machines_issue_is_taken_over(world: World) -> None:
    """A map that lacks what a colleague pushed meanwhile: the marker says whose it is."""
    world.backlog(3)
    theirs = World(world.root, github=world.github, clock=world.clock)
    world.push()
    theirs.disk = world.disk.after_kill()
    world.task(4, "Four")
    world.later()
    world.push()
    theirs.later()
    run = theirs.push()
    (adopt,) = run.plan.operations
    assert isinstance(adopt, Adopt)
    assert len(world.issues) == 5
    theirs.agree()


def test_two_issues_with_one_marker_are_named(world: World) -> None:
    """The older one is taken, the other is for a person to close; exit 1."""
    world.epic()
    world.task(1, "One")
    world.push()
    body = world.issue("One").body
    world.me.open_issue("A copy", body=body, now=world.later())
    lose_the_map(world)
    run = world.push(allow_changes=2)
    assert "duplicate_issue" in codes(run)
    assert code(run) is ExitCode.PARTIAL
    assert {entry.number for entry in world.map.entries.values()} == {1, 2}


# -------------------------------------------------------------------------- the brakes


def test_too_many_changes_are_refused(world: World) -> None:
    """Over 30 % of at least 10 mapped issues: exit 5 until the number is named."""
    world.backlog(11)
    world.push()
    for number in range(1, 5):
        world.task(number, f"New {number}")
    world.later()
    run = world.push()
    assert code(run) is ExitCode.REFUSED
    assert "4 of 12" in str(run.error)
    assert code(world.dry_run()) is ExitCode.REFUSED
    assert code(world.push(allow_changes=3)) is ExitCode.REFUSED
    assert unfinished(world.push(allow_changes=4)) == []


def test_small_projects_and_small_changes_go_through(world: World) -> None:
    """Below 10 issues, or up to 30 %, nobody is asked."""
    world.backlog(9)
    world.push()
    for number in range(1, 4):
        world.task(number, f"New {number}")
    world.later()
    assert unfinished(world.push()) == []


# -------------------------------------------------------------------------- archived


def test_archived_items_are_updated_and_not_created(world: World) -> None:
    """Only those that have an issue are touched, unless ``--archived`` says otherwise."""
    world.backlog(1)
    world.push()
    for name in ("001.md", "epic.md"):
        world.move(f"{EPIC}/{name}", f".claude/epics/archived/shop/{name}")
    world.item(".claude/epics/archived/old/epic.md", "Old")
    world.later()
    run = world.push(allow_changes=9)
    assert sorted(names(run)) == ["close", "close"]
    assert [skip.key for skip in run.plan.skipped] == [".claude/epics/archived/old/epic"]
    world.later()
    run = world.push(archived=True)
    assert sorted(names(run)) == ["close", "create"]
    assert world.issue("Old").state == "closed"


def test_status_tells_how_each_item_stands(world: World) -> None:
    """In step, ahead, behind, diverged, missing."""
    world.backlog(4)
    world.push()
    numbers = {title: issue.number for issue in world.issues.values() for title in [issue.title]}
    world.task(1, "Ahead")
    world.me.edit(numbers["shop 2"], title="Behind", now=world.later())
    world.me.edit(numbers["shop 3"], title="There", now=world.later())
    world.task(3, "Here")
    world.task(5, "Missing")
    world.later()
    rows = world.status()
    states = {key.rpartition("/")[2]: (row.state, row.number) for key, row in rows.items()}
    assert states == {
        "epic": ("in step", 1), "001": ("ahead", 2), "002": ("behind", 3),
        "003": ("diverged", 4), "004": ("in step", 5), "005": ("missing", None),
    }  # fmt: skip
    assert "title" in rows[f"{EPIC}/002"].detail


def test_a_file_that_is_renamed_and_edited_takes_its_issue_along(world: World) -> None:
    """By what its text still shares with the one that was pushed, as git has it; then one write."""
    text = "The cart keeps what was chosen.\n\nIt survives a reload.\nA purchase empties it.\n"
    world.epic()
    world.task(1, "Cart", body=text)
    world.task(2, "Pay", body="Money comes in.\n\nAnd a receipt goes out.")
    world.push()
    number = world.issue("Cart").number
    world.later()
    world.remove(f"{EPIC}/001.md")
    world.item(f"{EPIC}/basket.md", "Basket", f"{text}\nIt has an icon.\n")
    dry = world.dry_run()
    assert [(r.new, r.number) for r in dry.plan.renames] == [(f"{EPIC}/basket", number)]
    assert ops(world.push()) == ["update Basket", "move Basket"]
    assert world.issue("Basket").number == number
    world.agree()
    world.later()
    assert ops(world.push()) == []


def test_what_may_be_a_renamed_file_is_said_with_the_way_to_adopt_it(world: World) -> None:
    """Nothing of its text stayed, so nobody guesses; the number and the command are said."""
    world.epic()
    world.task(1, "Cart", body="The cart keeps what was chosen.")
    world.push()
    number = world.issue("Cart").number
    world.remove(f"{EPIC}/001.md")
    world.task(9, "Basket", body="All anew.")
    [skip] = world.dry_run().plan.skipped
    command = f"`ghsync map adopt {EPIC}/009 {number} --any-title`"
    assert skip.reason.endswith(f"if {EPIC}/009.md is it, renamed, first {command}")
    pairs = [(Key(f"{EPIC}/009"), number)]
    found = asyncio.run(
        adopt_pairs(world.config(), world.around(command="map adopt"), pairs, any_title=True)
    )
    assert [row.verdict for row in found.rows] == [Verdict.ADOPT]
    assert ops(world.push()) == ["update Basket"]
    assert world.titles == ["Shop", "Basket"]
    world.agree()


def test_a_line_that_is_gone_is_called_a_line(world: World) -> None:
    """The file is still there; what was reworded has the same id and keeps its issue."""
    folder = "specs/001-shop"
    world.file(f"{folder}/spec.md", "# Shop\n\nWhat it is.\n")
    lines = ["- [ ] T001 Make the cart", "- [ ] T002 Make the till"]
    world.file(f"{folder}/tasks.md", "# Tasks\n\n" + "\n".join(lines) + "\n")
    world.push()
    number = world.issue("Make the till").number
    world.later()
    world.file(f"{folder}/tasks.md", "# Tasks\n\n- [ ] T001 Make the basket\n")
    run = world.push()
    assert ops(run) == ["update Make the basket"]
    [skip] = run.plan.skipped
    assert skip.reason == f"its line is gone; issue #{number} is left as it is"
