"""Rows of the peers' feature table: what is read, made, brought back, and remembered."""

from __future__ import annotations

from pathlib import Path

import pytest
from stories.story_kit import EPIC, PRD, REPO, FaultKind, Story


def test_prd_epic_and_task_files_become_a_tree(story: Story) -> None:
    """Row "PRD→epic→task markdown": ccpm's and ClaudeAutoPM's files side by side, as they occur.

    ClaudeAutoPM makes ``[PRD] undefined`` of a file with ``name:`` for ``title:``, and one issue
    for two PRDs without an id.
    """
    story.shop(2)
    autopm = ".claude/epics/epic-002-search"
    story.cli.write(
        f"{PRD}/prd-002-search.md",
        "---\nid: prd-002\ntitle: Search\nstatus: draft\npriority: P0\n---\n\nFind.\n",
    )
    story.cli.write(
        f"{autopm}/epic.md",
        "---\nid: epic-002\nprd_id: prd-002\ntitle: Index\nstatus: planning\n"
        "github_issue: null\n---\n\nIndex it.\n",
    )
    story.cli.write(
        f"{autopm}/task-001.md",
        "---\nid: task-epic-002-001\nepic_id: epic-002\ntitle: Tokenise\nstatus: pending\n"
        "github: [Will be updated when synced to GitHub]\n---\n\nSplit.\n",
    )
    story.cli.write(f"{PRD}/one.md", "---\ntitle: One\nstatus: draft\n---\n\nNo id.\n")
    story.cli.write(f"{PRD}/two.md", "---\ntitle: Two\nstatus: draft\n---\n\nNo id.\n")
    document = story.push()
    assert document["totals"]["create"] == 9
    tree = {title: story.parent(title) for title in story.titles}
    assert tree == {
        "Shop": None,
        "Sell things": "Shop",
        "Task 1": "Sell things",
        "Task 2": "Sell things",
        "Search": None,
        "Index": "Search",
        "Tokenise": "Index",
        "One": None,
        "Two": None,
    }
    assert story.body("Shop") == "Why.\n\n---\n\nWhat."
    story.nothing_to_do()


def test_a_push_creates(story: Story) -> None:
    """Row "Push: create": bodies whole, with their rules; no frontmatter on GitHub.

    ccpm's ``sed`` pushes an empty body, or cuts at the first rule; its first version pushes the
    frontmatter; ClaudeAutoPM deletes what stands above a rule in a file without frontmatter.
    """
    rules = "Above.\n\n---\n\nBelow.\n\n---\n\nEnd.\n"
    story.shop(1)
    story.cli.write(f"{PRD}/bare.md", f"# Bare\n\n{rules}")
    before = story.file(f"{PRD}/bare.md")
    story.push()
    for part in ("Above.", "Below.", "End."):
        assert part in story.body("Bare")
    assert story.file(f"{PRD}/bare.md") == before
    assert all("status: open" not in (issue.body or "") for issue in story.issues)
    assert story.issue("Task 1").state == "open"


def test_the_map_is_a_file_of_its_own(story: Story, tmp_path: Path) -> None:
    """Row "Separate persisted map": on another branch no file names an issue, and none is doubled.

    ClaudeAutoPM creates files without ``github_issue`` again.
    """
    story.shop(2)
    story.push()
    kept = story.remember()
    assert kept["repo"]["full_name"] == REPO
    assert [entry["number"] for entry in kept["items"]] == [3, 4, 2, 1]
    branch = tmp_path / "branch"
    (branch / ".ghsync").mkdir(parents=True)
    (branch / ".ghsync/map.json").write_bytes((story.root / ".ghsync/map.json").read_bytes())
    there = Story(story.elsewhere(branch), story.server, story.clock)
    there.shop(2)
    assert there.json("push", branch)["operations"] == []


def test_a_lost_map_is_made_again(story: Story) -> None:
    """Row "Map rebuildable": the map is deleted; the markers say which issue is whose.

    planhub's and ccpm's records cannot be made again.
    """
    story.shop(3)
    story.push()
    kept = story.map()
    (story.root / ".ghsync/map.json").unlink()
    (story.root / ".ghsync/journal.jsonl").unlink()
    story.person.edit(story.number("Task 2"), title="Renamed by a person", now=story.now)
    story("map", "rebuild")
    assert story.map() == kept
    assert story.json("push")["totals"]["create"] == 0


def test_an_unchanged_re_run_is_safe(story: Story) -> None:
    """Row "Safe unchanged re-run": three more pushes make nothing, also when GitHub's list lags.

    aidevops took an empty search for "not found" and made 19 duplicates.
    """
    story.shop(3)
    story.push()
    titles = story.titles
    story.fails(FaultKind.EMPTY_LIST, method="^GET$", path=r"/issues$", times=None)
    for _ in range(3):
        story.json("push")
    story.server.github.faults.clear()
    assert story.titles == titles
    story.nothing_to_do()


def test_a_re_run_after_an_edit_is_safe(story: Story) -> None:
    """Row "Safe re-run after an edit": an epic gets a new name and words; there are as many issues.

    planpilot went from 3 issues to 6 in this case.
    """
    story.shop(1)
    story.push()
    number = story.number("Sell things")
    story.change(f"{EPIC}/epic.md", "Sell things", "Sell everything")
    story.change(f"{EPIC}/epic.md", "Sell.", "Sell all of it.")
    document = story.push()
    assert [op["op"] for op in document["operations"]] == ["update"]
    assert story.titles == ["Sell everything", "Shop", "Task 1"]
    assert story.number("Sell everything") == number
    assert story.body("Sell everything") == "Sell all of it."


def test_a_crash_in_the_middle_of_a_create_is_safe(story: Story) -> None:
    """Row "Safe after crash mid-create": killed when GitHub had made the issue and not answered.

    No peer survives it.
    """
    story.shop(2)
    with story.in_the_middle() as process:
        process.kill()
        process.wait()
    assert len(story.issues) == 1
    document = story.push()
    assert document["totals"]["create"] == 3
    assert story.titles == ["Sell things", "Shop", "Task 1", "Task 2"]
    story.nothing_to_do()


def test_nothing_is_sent_where_nothing_changed(story: Story) -> None:
    """Row "Sends nothing if unchanged": a file is touched and its line ends change; no write.

    ClaudeAutoPM and planhub PATCH every issue on every run.
    """
    story.shop(3)
    story.push()
    task = story.root / f"{EPIC}/001.md"
    task.write_bytes(task.read_bytes().replace(b"\n", b"\r\n"))
    (story.root / f"{EPIC}/002.md").touch()
    updated = {issue.number: issue.updated_at for issue in story.issues}
    story.nothing_to_do()
    assert updated == {issue.number: issue.updated_at for issue in story.issues}
    assert "Nothing to do: 5 unchanged" in story("push").out


@pytest.mark.parametrize("times", [1, 2])
def test_the_dry_run_is_there(story: Story, times: int) -> None:
    """Row "Dry run exists": it says create, writes nothing, here or there, and costs no number.

    ClaudeAutoPM's dry run writes its map; planpilot's still says "create 3" after a sync.
    """
    story.shop(2)
    for _ in range(times):
        document = story.json("push", "--dry-run")
        assert (document["dry_run"], document["totals"]["create"]) == (True, 4)
    assert story.issues == []
    assert not (story.root / ".ghsync/map.json").exists()
    story("push", "--dry-run", "--detailed-exitcode", code=10)
    story.push()
    story("push", "--dry-run", "--detailed-exitcode", code=0)


def test_the_dry_run_reads_github(story: Story) -> None:
    """Row "Dry run reads GitHub": what a person changed there is in it; a conflict is exit 1.

    gh-issue-sync's ``--dry-run`` makes no conflict check.
    """
    story.shop(2)
    story.push()
    story.person.edit(story.number("Task 1"), title="Task one", now=story.now)
    story.person.delete(story.number("Task 2"), now=story.now)
    story.change(f"{EPIC}/001.md", "name: Task 1", "name: Task I")
    story.change(f"{EPIC}/002.md", "Do 2.", "Do it.")
    document = story.json("push", "--dry-run", code=1)
    (conflict,) = document["conflicts"]
    assert (conflict["local"], conflict["remote"]) == ("Task I", "Task one")
    assert {each["code"] for each in document["findings"]} >= {"issue_gone"}


def test_the_differences_are_shown_field_by_field(story: Story) -> None:
    """Row "Field diff view": title old → new, the lines of the body, both directions."""
    story.shop(1)
    story.push()
    story.change(f"{EPIC}/001.md", "name: Task 1", "name: Take payment")
    story.change(f"{EPIC}/001.md", "Do 1.", "Do 1.\n\nAsk the bank.")
    story.person.label(story.number("Task 1"), "customer", now=story.now)
    shown = story("diff").out
    assert 'title: "Task 1" → "Take payment"' in shown
    assert "+ Ask the bank." in shown
    assert "customer" in shown
    dry = story("push", "--dry-run").out
    assert '"Task 1" → "Take payment"' in dry
    assert "+ Ask the bank." in dry
    assert story.titles == ["Sell things", "Shop", "Task 1"]
