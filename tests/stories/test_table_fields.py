"""Rows of the peers' feature table: what an issue carries, and what people changed on it."""

from __future__ import annotations

from stories.story_kit import EPIC, PRD, FaultKind, Story

from ghsync.sandbox.records import Role


def test_sub_issues_are_githubs_own(story: Story) -> None:
    """Row "Native sub-issues": the tree, in the files' order; a task that moves is moved.

    ccpm's sub-issues were never linked.
    """
    story.shop(3)
    story.cli.item(".claude/epics/store/epic.md", "Keep things")
    story.push()
    assert story.parent("Sell things") == "Shop"
    assert story.children("Sell things") == ["Task 1", "Task 2", "Task 3"]
    numbers = {title: story.number(title) for title in story.titles}
    (story.root / f"{EPIC}/003.md").rename(story.root / ".claude/epics/store/003.md")
    story.change(".claude/epics/store/003.md", "depends_on: [002]", "depends_on: []")
    document = story.push()
    assert sorted(op["op"] for op in document["operations"]) == ["link", "unblock"]
    assert story.children("Sell things") == ["Task 1", "Task 2"]
    assert story.parent("Task 3") == "Keep things"
    assert numbers == {title: story.number(title) for title in story.titles}


def test_blocked_by_is_githubs_own(story: Story) -> None:
    """Row "Native blocked-by": octal-looking ids are text; an edge that a file drops goes.

    PyYAML reads ``[001, 010]`` as 1 and 8.
    """
    story.cli.item(f"{EPIC}/epic.md", "Sell things")
    for n in (1, 8, 10):
        story.cli.item(f"{EPIC}/{n:03d}.md", f"Task {n}")
    story.cli.item(f"{EPIC}/011.md", "Last", depends_on="[001, 010]")
    story.push()
    assert story.blockers("Last") == ["Task 1", "Task 10"]
    story.change(f"{EPIC}/011.md", "[001, 010]", "[010, 008]")
    document = story.push()
    assert sorted(op["op"] for op in document["operations"]) == ["block", "unblock"]
    assert set(story.blockers("Last")) == {"Task 10", "Task 8"}
    story.nothing_to_do()


def test_missing_labels_are_made(story: Story) -> None:
    """Row "Creates missing labels": once each, in whatever case; they stop nothing.

    Missing labels stopped ClaudeAutoPM's script in silence (#581), and gh-issue-sync's push (#4).
    """
    story.cli.item(f"{EPIC}/epic.md", "Sell things", labels="[payments, Bug, needs review]")
    story.cli.item(f"{EPIC}/001.md", "Task 1", labels="[Payments, bug]")
    document = story.push()
    made = sorted(
        op["title"].lower() for op in document["operations"] if op["op"] == "create_label"
    )
    assert made == ["epic", "needs review", "payments", "task"]
    held = {title: {name.lower() for name in story.labels(title)} for title in story.titles}
    assert held["Sell things"] == {"epic", "payments", "bug", "needs review"}
    assert held["Task 1"] == {"task", "payments", "bug"}


def test_labels_that_people_add_stay(story: Story) -> None:
    """Row "Keeps labels people added": through an edit, a removal in the file, a file without any.

    planhub wipes the labels of a file that has no ``labels:``; ClaudeAutoPM replaces all of them.
    """
    story.cli.item(f"{EPIC}/epic.md", "Sell things")
    story.cli.item(f"{EPIC}/001.md", "Task 1", labels="[ui, later]")
    story.push()
    story.person.label(story.number("Task 1"), "customer", now=story.now)
    story.person.label(story.number("Sell things"), "quarter-3", now=story.now)
    story.person.unlabel(story.number("Task 1"), "ui", now=story.now)
    story.change(f"{EPIC}/001.md", "labels: [ui, later]", "labels: [ui]")
    story.change(f"{EPIC}/epic.md", "Text.", "More text.")
    story.push()
    assert story.labels("Task 1") == {"task", "customer"}
    assert story.labels("Sell things") == {"epic", "quarter-3"}


def test_milestones_are_made_and_set(story: Story) -> None:
    """Row "Milestones": made with day and text where missing, kept by both, taken off."""
    story.cli.write(
        "ghsync.toml", '[milestones."v1.0"]\ndue = 2026-12-01\ndescription = "First."\n'
    )
    story.cli.item(f"{EPIC}/epic.md", "Sell things", milestone="v1.0")
    story.cli.item(f"{EPIC}/001.md", "Task 1", milestone="v1.0")
    document = story.push()
    assert document["totals"]["create_milestone"] == 1
    (made,) = story.person.repo.milestones.values()
    assert (made.title, made.description) == ("v1.0", "First.")
    assert story.milestone("Task 1") == story.milestone("Sell things") == "v1.0"
    story.change(f"{EPIC}/001.md", "milestone: v1.0\n", "")
    story.push()
    assert story.milestone("Task 1") is None
    story.nothing_to_do()


def test_assignees_are_set_and_one_bad_name_costs_nothing(story: Story) -> None:
    """Row "Assignees": people who can be assigned are; others are named; who came by hand stays.

    One bad assignee loses the issue in node-gitlab-2-github (#187).
    """
    for login in ("ann", "bob"):
        story.person.add_collaborator(login, Role.WRITE, now=story.now)
    story.cli.item(f"{EPIC}/epic.md", "Sell things", assignees="['@ann', nobody-here]")
    document = story.push()
    assert story.issue("Sell things").assignees == ("ann",)
    assert "assignee_not_assignable" in {each["code"] for each in document["findings"]}
    story.person.assign(story.number("Sell things"), "ann", "bob", now=story.now)
    story.change(f"{EPIC}/epic.md", "'@ann', ", "")
    story.push()
    assert story.issue("Sell things").assignees == ("bob",)


def test_boards_are_left_alone(story: Story) -> None:
    """Row "Projects v2": not kept in step; the field stays in the file, and no request is sent.

    planpilot needs a board; where people keep one by hand, nothing here touches it.
    """
    story.cli.item(f"{EPIC}/epic.md", "Sell things", projects="[Roadmap]", size="3")
    before = story.file(f"{EPIC}/epic.md")
    story.push()
    assert story.file(f"{EPIC}/epic.md") == before
    paths = {entry.path.lower() for entry in story.log()}
    assert not any("graphql" in path or "project" in path for path in paths)


def test_the_status_closes_and_reopens(story: Story) -> None:
    """Row "Close/reopen from status": with its reason; what a person closed stays closed.

    specops leaves what is done open (#199); aidevops closed a parent again and again.
    """
    story.shop(3)
    story.push()
    for n, word in ((1, "completed"), (2, "cancelled")):
        story.change(f"{EPIC}/{n:03d}.md", "status: open", f"status: {word}")
    story.person.close(story.number("Task 3"), now=story.now)
    story.push()
    assert [story.issue(f"Task {n}").state for n in (1, 2, 3)] == ["closed"] * 3
    assert story.issue("Task 1").state_reason == "completed"
    assert story.issue("Task 2").state_reason == "not_planned"
    story.change(f"{EPIC}/001.md", "status: completed", "status: in-progress")
    document = story.push()
    assert [op["op"] for op in document["operations"]] == ["reopen"]
    assert (story.issue("Task 1").state, story.issue("Task 3").state) == ("open", "closed")
    assert story.issue("Sell things").state == "open"


def test_a_conflict_is_found_before_anything_is_sent(story: Story) -> None:
    """Row "Conflict check before push": a body edited on both sides is merged; a title is not.

    planpilot overwrites edited bodies; plane's sync corrupted them (#9077).
    """
    text = "First.\n\n- [ ] Ask the bank\n\nLast."
    story.cli.item(f"{EPIC}/epic.md", "Sell things", text)
    story.cli.item(f"{EPIC}/001.md", "Task 1")
    story.push()
    epic, task = story.issue("Sell things"), story.issue("Task 1")
    assert epic.body is not None
    ticked = epic.body.replace("[ ]", "[x]").replace("\n", "\r\n")
    story.person.edit(epic.number, body=ticked, now=story.now)
    story.person.edit(task.number, title="Task, by a person", now=story.now)
    story.change(f"{EPIC}/epic.md", "Last.", "Last, in the file.")
    story.change(f"{EPIC}/001.md", "name: Task 1", "name: Task, in the file")
    document = story.push(code=1)
    assert story.body("Sell things") == "First.\n\n- [x] Ask the bank\n\nLast, in the file."
    (conflict,) = document["conflicts"]
    assert conflict["key"] == f"{EPIC}/001"
    assert "Task, by a person" in story.titles
    story.push("--on-conflict", "local")
    assert "Task, in the file" in story.titles


def test_older_servers_link_afterwards(story: Story) -> None:
    """Row "Native sub-issues", where GitHub ignores ``parent_issue_id``: linked then."""
    story.shop(2)
    story.fails(FaultKind.DROP, drop=("parent_issue_id",), times=None)
    story.json("push")
    assert story.children("Sell things") == ["Task 1", "Task 2"]
    assert story.parent("Sell things") == "Shop"
    story.server.github.faults.clear()
    story.nothing_to_do()
    assert (story.root / f"{PRD}/shop.md").exists()
