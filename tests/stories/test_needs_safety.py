"""What none of the peers has, needs 1 to 8: nothing twice, nothing by accident, nothing lost."""

from __future__ import annotations

import json
import re
from itertools import pairwise
from pathlib import Path

import pytest
from stories.story_kit import EPIC, PRD, REPO, FaultKind, Story

from ghsync.sandbox.limits import Limits

# ------------------------------------------------------- 1: a create that cannot double


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": FaultKind.STATUS, "status": 502},
        {"kind": FaultKind.RESET},
        {"kind": FaultKind.TRUNCATED},
    ],
    ids=lambda fault: str(fault["kind"]),
)
def test_1_an_unanswered_create_is_looked_for(story: Story, fault: dict[str, object]) -> None:
    """Need 1: GitHub makes the issue and answers 502, hangs up, or stops in mid-sentence.

    aidevops made pairs of it; node-gitlab-2-github repeats the create.
    """
    story.shop(3)
    how = {"committed": True, **fault} if fault["kind"] is not FaultKind.TRUNCATED else fault
    number = story.server.github.faults
    struck = story.fails(skip=1, times=2, **how)
    story.json("push")
    assert number.struck(struck) == 2
    assert story.titles == ["Sell things", "Shop", "Task 1", "Task 2", "Task 3"]
    story.nothing_to_do()


def test_1_the_lookup_is_no_search(story: Story) -> None:
    """Need 1: killed after the create, the map gone, and the list a minute behind: read directly.

    todo-to-issue-action searches titles; the index lags, and the issue is there again.
    """
    story.shop(2)
    with story.in_the_middle() as process:
        process.kill()
        process.wait()
    story.fails(FaultKind.LAG, method="^GET$", path="", times=None, seconds=60.0)
    story.json("push")
    assert story.titles == ["Sell things", "Shop", "Task 1", "Task 2"]
    assert not any(entry.path.startswith("/search") for entry in story.log())


def test_1_two_runs_at_once_in_one_folder(story: Story) -> None:
    """Need 1: the second run is refused with the first one's number, and nothing is there twice."""
    story.shop(2)
    with story.in_the_middle() as process:
        refused = story("push", code=5)
        assert str(process.pid) in refused.err
        assert len(story.issues) == 1
    story.json("push")
    assert story.titles == ["Sell things", "Shop", "Task 1", "Task 2"]


def test_1_two_runs_at_once_on_two_machines(story: Story, tmp_path: Path) -> None:
    """Need 1: CI and a laptop push the same files at once; aidevops got 13 pairs of that."""
    story.shop(1)
    story.push()
    laptop = tmp_path / "laptop"
    (laptop / ".ghsync").mkdir(parents=True)
    (laptop / ".ghsync/map.json").write_bytes((story.root / ".ghsync/map.json").read_bytes())
    there = Story(story.elsewhere(laptop), story.server, story.clock)
    for each in (story, there):
        each.shop(3)
    with story.in_the_middle():
        refused = there("push", laptop, code=5)
        assert "Another machine is pushing" in refused.err
        assert len(story.issues) == 4
    story.json("push", "--no-remote-lock")
    assert there.json("push", laptop, "--no-remote-lock")["totals"]["create"] == 0
    assert story.titles == ["Sell things", "Shop", "Task 1", "Task 2", "Task 3"]


# --------------------------------------------------------------------- 2: write pacing


def test_2_the_time_is_said_and_a_run_stops_and_goes_on(story: Story) -> None:
    """Need 2: 606 issues, about an hour; after ten minutes the run stops, the next one finishes.

    On the embedded GitHub, whose clock jumps, and which refuses what is over its limits.
    """
    for epic in range(6):
        folder = f".claude/epics/epic-{epic}"
        story.cli.item(f"{folder}/epic.md", f"Epic {epic}")
        for n in range(1, 101):
            story.cli.item(f"{folder}/{n:03d}.md", f"Task {epic}.{n}")
    shown = story("push", "--sandbox", "--dry-run").out
    assert re.search(r"Takes about 1 h( \d+ min)? at GitHub's limits", shown), shown[-400:]
    stopped = story.json("push", "--sandbox", "--max-time", "10m", code=6)
    done = sum(op["op"] == "create" and op["status"] == "done" for op in stopped["operations"])
    assert 400 < done < 606
    rest = story.json("push", "--sandbox")
    assert rest["totals"]["create"] == 606 - done
    assert rest["totals"]["failed"] == 0
    assert story.json("push", "--sandbox")["operations"] == []


# ---------------------------------------------------------- 3: a dry run that is the plan


def test_3_the_dry_run_is_the_plan(story: Story) -> None:
    """Need 3: create, update, close, move, no-op and conflict in one plan, and then in one push.

    Every push of these stories is held to its dry run; this one has everything in it.
    """
    story.shop(4)
    story.cli.item(".claude/epics/store/epic.md", "Keep things")
    story.push()
    story.change(f"{EPIC}/001.md", "Do 1.", "Do 1 well.")
    story.change(f"{EPIC}/002.md", "status: open", "status: done")
    story.change(f"{EPIC}/003.md", "name: Task 3", "name: Mine")
    story.person.edit(story.number("Task 3"), title="Theirs", now=story.now)
    (story.root / f"{EPIC}/004.md").rename(story.root / ".claude/epics/store/004.md")
    story.cli.item(f"{EPIC}/005.md", "Task 5", labels="[new]", milestone="v2")
    document = story.push(code=1)
    totals = {name: count for name, count in document["totals"].items() if count}
    assert totals == {
        "items": 8, "create": 1, "update": 1, "close": 1, "link": 1, "unblock": 1,
        "create_label": 1, "create_milestone": 1, "conflict": 1, "unchanged": 3,
    }  # fmt: skip
    shown = story("push", "--dry-run", code=1).out
    assert "Theirs" in shown
    assert "Mine" in shown


def test_3_the_dry_run_knows_what_a_crash_left(story: Story) -> None:
    """Need 3: after a killed run it says three creates and not four, since one issue is there."""
    story.shop(2)
    with story.in_the_middle() as process:
        process.kill()
        process.wait()
    document = story.push()
    assert document["totals"]["create"] == 3
    assert len(story.issues) == 4


def test_3_the_reviewed_plan_is_sent_or_nothing(story: Story) -> None:
    """Need 3: the plan is a file that somebody reviews; if anything moved, nothing is sent."""
    story.shop(2)
    story("push", "--dry-run", "--out", "plan.json")
    before = story.file(f"{EPIC}/002.md")
    story.change(f"{EPIC}/002.md", "Do 2.", "Do more.")
    refused = story("apply", "plan.json", "--yes", code=5)
    assert f"{EPIC}/002.md" in refused.err
    assert story.issues == []
    story.cli.write(f"{EPIC}/002.md", before)
    story("apply", "plan.json", "--yes")
    assert story.titles == ["Sell things", "Shop", "Task 1", "Task 2"]
    story.nothing_to_do()


# -------------------------------------------------------------------------- 4: a brake


def test_4_too_much_at_once_is_refused(story: Story) -> None:
    """Need 4: an editor's replace changed every file; the number must be named to go on.

    ECC's script would have labelled 87 of 87 issues as epics (#3084).
    """
    story.shop(10)
    story.push()
    for n in range(1, 11):
        story.change(f"{EPIC}/{n:03d}.md", f"name: Task {n}", f"name: Taks {n}")
    before = story.titles
    refused = story("push", code=5)
    assert "10 of 12" in refused.err
    assert story.titles == before
    story.push("--allow-changes", "10")
    assert "Taks 10" in story.titles


def test_4_many_creates_without_a_map_are_refused(story: Story, tmp_path: Path) -> None:
    """Need 4: a clone without the map; GitHub already holds these files' markers."""
    story.shop(3)
    story.push()
    clone = tmp_path / "clone"
    there = Story(story.elsewhere(clone), story.server, story.clock)
    there.shop(3)
    refused = there("push", clone, code=5)
    assert "already holds 5 issues" in refused.err
    there("map", "rebuild", clone)
    assert there.json("push", clone)["operations"] == []
    assert len(story.issues) == 5


# ------------------------------------------------------------- 5: the wrong repository


def test_5_the_wrong_repository_is_refused(story: Story, monkeypatch: pytest.MonkeyPatch) -> None:
    """Need 5: a fork inherits the map; users' epics were filed in ccpm's own repository."""
    story.shop(2)
    story.push()
    monkeypatch.setenv("GITHUB_REPOSITORY", "somebody/fork")
    before = len(story.server.github.log)
    refused = story("push", code=5)
    assert REPO in refused.err
    assert [e.method for e in story.log(before) if e.method != "GET"] == []
    monkeypatch.setenv("GITHUB_REPOSITORY", REPO)
    story.person.configure(now=story.now, name="renamed")  # its id is the same
    monkeypatch.setenv("GITHUB_REPOSITORY", "octo/renamed")
    assert story.json("push")["totals"]["create"] == 0


# --------------------------------------------------------------- 6: a map that merges


def test_6_two_branches_merge_their_maps(story: Story) -> None:
    """Need 6: two branches add a task each; git merges the map, and no issue is made again.

    In the same epic they meet at its line; the map is made again then.
    """
    story.shop(2)
    for name in ("store", "zoo"):
        story.cli.item(f".claude/epics/{name}/epic.md", name.title())
    story.git("init", "-q", "-b", "main")
    story.push()
    story.git("add", ".")
    story.git("commit", "-qm", "Plan")
    story.git("checkout", "-qb", "other")
    story.cli.item(".claude/epics/zoo/001.md", "Lion")
    story.push()
    story.git("add", ".")
    story.git("commit", "-qm", "Lion")
    story.git("checkout", "-q", "main")
    story.cli.item(f"{EPIC}/003.md", "Task 3")
    story.push()
    story.git("add", ".")
    story.git("commit", "-qm", "Three")
    story.git("merge", "-q", "--no-edit", "other")
    assert len(story.map()) == 8
    assert story.json("push")["operations"] == []
    assert len(story.issues) == 8


def test_6_a_damaged_map_is_never_an_empty_one(story: Story) -> None:
    """Need 6: conflict marks, or half a file; ClaudeAutoPM reads ``{}`` and makes all again."""
    story.shop(2)
    story.push()
    text = story.file(".ghsync/map.json")
    for broken in (text[: len(text) // 2], f"<<<<<<< HEAD\n{text}", "", "{}"):
        story.cli.write(".ghsync/map.json", broken)
        refused = story("push", code=5)
        assert "map.json" in refused.err
        assert len(story.issues) == 4
    story.cli.write(".ghsync/map.json", text)
    lines = text.splitlines()
    keys = [json.loads(line.rstrip(","))["key"] for line in lines if '"key"' in line]
    assert keys == sorted(keys)
    assert len(keys) == 4
    story.nothing_to_do()


# --------------------------------------------------------------- 7: who owns a field


def test_7_what_people_did_on_github_survives(story: Story) -> None:
    """Need 7: labels, ticks, assignees, a comment, fields of a board: a push changes what is new.

    planhub sends empty lists for what a file does not name.
    """
    story.cli.item(f"{EPIC}/epic.md", "Sell things", "- [ ] Ask\n- [ ] Build\n\nEnd.")
    story.cli.item(f"{PRD}/shop.md", "Shop")
    story.push()
    epic = story.issue("Sell things")
    now = story.now
    story.person.add_collaborator("ann", now=now)
    story.person.label(epic.number, "customer", now=now)
    story.person.assign(epic.number, "ann", now=now)
    story.person.comment(epic.number, "Looks good", now=now)
    story.person.edit(
        epic.number, body=(epic.body or "").replace("- [ ] Ask", "- [x] Ask"), now=now
    )
    story.change(f"{EPIC}/epic.md", "- [ ] Build", "- [ ] Build it")
    story.change(f"{EPIC}/epic.md", "status: open", "status: done")
    story.push()
    epic = story.issue("Sell things")
    assert story.body("Sell things") == "- [x] Ask\n- [ ] Build it\n\nEnd."
    assert story.labels("Sell things") == {"epic", "customer"}
    assert (epic.assignees, epic.comments, epic.state) == (("ann",), 1, "closed")
    story.nothing_to_do()


def test_2_restarts_do_not_burst(hurried: Story) -> None:
    """Need 2: what an earlier run sent counts in the next one's windows; nothing is refused."""
    story = hurried
    story.server.github.limits = Limits(content=((80, 60.0), (500, 3600.0)))
    for n in range(1, 4):
        story.cli.shop(n)
        story.json("push")
    assert [entry for entry in story.log() if entry.limited] == []
    times = [e.time for e in story.log() if e.content and e.executed]
    assert all(b - a > 0.7 for a, b in pairwise(times))
