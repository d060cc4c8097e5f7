"""The same rows and needs where people and machines do what nobody planned for."""

from __future__ import annotations

from dataclasses import replace

import pytest
from stories.story_kit import EPIC, PRD, FaultKind, Story


def crashed(story: Story) -> None:
    """A push was killed when GitHub had made its first issue and not answered."""
    with story.in_the_middle() as process:
        process.kill()
        process.wait()
    assert len(story.issues) == 1


def test_after_a_crash_the_file_is_renamed_and_edited(story: Story) -> None:
    """Row "Safe after crash mid-create": its file has another name and title now, and its text."""
    text = "People want to buy what they see.\n\nSo there is a cart, and a till behind it."
    story.cli.item(f"{PRD}/shop.md", "Shop", text)
    crashed(story)
    (story.root / f"{PRD}/shop.md").rename(story.root / f"{PRD}/store.md")
    story.change(f"{PRD}/store.md", "name: Shop", "name: Store")
    document = story.json("push")
    assert story.titles == ["Store"]
    assert document["renames"] == [{"old": f"{PRD}/shop", "new": f"{PRD}/store", "number": 1}]
    story.nothing_to_do()


def test_after_a_crash_nothing_of_the_file_is_left(story: Story) -> None:
    """Row "Safe after crash mid-create": nothing says that the two are one, so nobody guesses."""
    story.cli.item(f"{PRD}/shop.md", "Shop", "Why.")
    crashed(story)
    (story.root / f"{PRD}/shop.md").rename(story.root / f"{PRD}/store.md")
    story.change(f"{PRD}/store.md", "name: Shop", "name: Store")
    document = story.json("push", "--dry-run")
    (left,) = document["skipped"]
    command = f"ghsync map adopt {PRD}/store 1 --any-title"
    assert left["reason"].endswith(f"if {PRD}/store.md is it, renamed, first `{command}`")
    assert story.cli(*command.split()[1:]).code == 0
    story.json("push")
    assert story.titles == ["Store"]
    story.nothing_to_do()


def test_after_a_crash_a_person_edits_what_was_made(story: Story) -> None:
    """Row "Safe after crash mid-create": a person found the half-made issue and worked on it."""
    story.shop(1)
    crashed(story)
    story.person.edit(story.number("Shop"), title="The shop", now=story.now)
    story.person.label(story.number("The shop"), "customer", now=story.now)
    assert story.json("push")["totals"]["create"] == 2
    assert story.titles == ["Sell things", "Task 1", "The shop"]
    assert story.labels("The shop") == {"prd", "customer"}
    story.nothing_to_do()


def test_after_a_crash_a_person_deletes_what_was_made(story: Story) -> None:
    """Row "Safe after crash mid-create": what was made is deleted by the time of the next push."""
    story.shop(1)
    crashed(story)
    story.person.delete(story.number("Shop"), now=story.now)
    story.json("push")
    assert story.titles == ["Sell things", "Shop", "Task 1"]
    story.nothing_to_do()


def test_a_copied_marker_makes_no_pair(story: Story) -> None:
    """Need 1: somebody copies an issue's text, marker included, into a new issue."""
    story.shop(1)
    story.push()
    task = story.issue("Task 1")
    story.person.open_issue("Copy of task 1", body=task.body, now=story.now)
    story.change(f"{EPIC}/001.md", "Do 1.", "Do 1 now.")
    document = story.push()
    (warning,) = document["findings"]
    assert warning["code"] == "duplicate_issue"
    assert len(story.issues) == 4
    assert story.body("Task 1") == "Do 1 now."
    assert story.body("Copy of task 1") == "Do 1."


def test_a_removed_marker_costs_nothing(story: Story) -> None:
    """Need 1: a person rewrites the whole text, marker and all; the map knows the issue."""
    story.shop(1)
    story.push()
    story.person.edit(story.number("Task 1"), body="All new.", now=story.now)
    story.change(f"{EPIC}/001.md", "name: Task 1", "name: Task one")
    document = story.push()
    assert [op["op"] for op in document["operations"]] == ["update"]
    assert story.body("Task one") == "All new."
    story.nothing_to_do()


def test_an_emptied_text_is_a_conflict(story: Story) -> None:
    """Row "Conflict check before push": the text is emptied on GitHub and edited in the file."""
    story.shop(1)
    story.push()
    story.person.edit(story.number("Task 1"), body="", now=story.now)
    story.change(f"{EPIC}/001.md", "Do 1.", "Do 1 now.")
    document = story.push(code=1)
    assert [each["field"] for each in document["conflicts"]] == ["body"]
    assert story.body("Task 1") == ""
    story("push", "--on-conflict", "local")
    assert story.body("Task 1") == "Do 1 now."


def test_a_renamed_label_is_not_made_again(story: Story) -> None:
    """Row "Creates missing labels": a person renames ``task`` to ``work`` for all issues."""
    story.shop(2)
    story.push()
    repo = story.person.repo
    (label,) = [each for each in repo.labels.values() if each.name == "task"]
    story.server.github.state.put_label(replace(label, name="work"))
    story.change(f"{EPIC}/001.md", "Do 1.", "Do 1 now.")
    story.json("push")
    assert "work" in story.labels("Task 1")
    story.nothing_to_do()


def test_a_sub_issue_that_a_person_moves_stays_there(story: Story) -> None:
    """Need 7: a person drags a task below another epic; the next push does not drag it back."""
    story.shop(2)
    story.cli.item(".claude/epics/store/epic.md", "Keep things")
    story.push()
    parent, child = story.number("Keep things"), story.number("Task 2")
    story.person.add_sub_issue(parent, child, now=story.now)
    story.change(f"{EPIC}/002.md", "Do 2.", "Do 2 now.")
    story.push()
    assert story.parent("Task 2") == "Keep things"
    assert story.body("Task 2") == "Do 2 now."


def test_an_old_repository_name_still_leads_there(story: Story) -> None:
    """Need 5: the repository was renamed; the settings and the map have the old name."""
    story.shop(1)
    story.push()
    story.person.configure(now=story.now, name="renamed")
    result = story("push")
    assert "octo/renamed" in result.out
    assert len(story.issues) == 3


@pytest.mark.parametrize(
    "title",
    [
        "yes",
        "# not a comment",
        "a: b",
        "@ann: 'quoted' \"twice\"",
        "- dash",
        "010",
        "null",
        "{brace}",
        "Umlaut Ä € 🚀",
        "back\\slash",
        "trailing #",
        "*star*",
        "%percent",
        "2026-11-22",
        "!tag",
        "&anchor",
        "| pipe",
        "`code`",
    ],
)
def test_hostile_titles_come_back_as_they_are(story: Story, title: str) -> None:
    """Need 8: a title that YAML would read as something else comes back as it is."""
    story.cli.item(f"{EPIC}/epic.md", "Sell things")
    story.json("push")
    story.person.edit(story.number("Sell things"), title=title, now=story.now)
    story("pull")
    (item,) = story.json("items")["items"]
    assert item["title"] == title
    story.nothing_to_do()


@pytest.mark.parametrize(
    "body",
    [
        "---\nname: evil\nstatus: closed\n---\n\nText.",
        "---",
        "# Another heading\n\nText.",
        "```\nunclosed",
        "<!-- open comment",
        "line\r\nline\rline",
        "  indented\n\ttab",
        "status: closed",
        "",
        "ends with spaces   \n\n\n",
    ],
)
def test_hostile_texts_come_back_as_they_are(story: Story, body: str) -> None:
    """Need 8: a text that looks like frontmatter, or closes nothing, stays a text."""
    story.cli.item(f"{EPIC}/epic.md", "Sell things")
    story.json("push")
    issue = story.issue("Sell things")
    marker = (issue.body or "").split("\n", 1)[0]
    story.person.edit(issue.number, body=f"{marker}\n\n{body}", now=story.now)
    story("pull")
    (item,) = story.json("items")["items"]
    assert (item["title"], item["state"]) == ("Sell things", "open")
    assert story.json("pull")["files"] == []
    story.nothing_to_do()


def test_new_issues_with_hostile_titles_become_files(story: Story) -> None:
    """Row "Pull": no path leaves the folder, no name is taken twice, no device is opened."""
    story.shop(1)
    story.push()
    titles = ["../../../etc/passwd", "CON", "???", "Task 1", "Task 1", "ÄÖ 🚀", "x" * 250, "a/b\\c"]
    for title in titles:
        new = story.person.open_issue(title, body="---\nstatus: closed\n---", now=story.now)
        story.person.add_sub_issue(story.number("Sell things"), new.number, now=story.now)
    document = story.json("pull")
    made = [item["path"] for item in document["items"] if item["new"] and not item["refused"]]
    assert len(set(made)) == len(made) == len(titles)
    assert all(path.rpartition("/")[0] == EPIC for path in made)
    items = {item["path"]: item["title"] for item in story.json("items")["items"]}
    assert sorted(items[path] for path in made) == sorted(titles)
    before = len(story.issues)
    story.nothing_to_do()
    assert len(story.issues) == before
    assert story.json("pull")["files"] == []


def test_new_issues_get_ids_of_their_own(story: Story) -> None:
    """Row "Pull": two new sub-issues in one pull; Backlog.md's next number is given once each."""
    story.cli.write(
        "backlog/tasks/task-1 - Cart.md", "---\nid: task-1\ntitle: Cart\nstatus: To Do\n---\n\nX.\n"
    )
    story.push()
    for title in ("Sum", "Tax"):
        new = story.person.open_issue(title, body="Add.", now=story.now)
        story.person.add_sub_issue(story.number("Cart"), new.number, now=story.now)
    document = story.json("pull")
    assert sorted(item["path"] for item in document["items"]) == [
        "backlog/tasks/task-1.1 - Sum.md",
        "backlog/tasks/task-1.2 - Tax.md",
    ]
    assert "id: task-1.2" in story.file("backlog/tasks/task-1.2 - Tax.md")
    story.nothing_to_do()


def test_a_new_epic_comes_with_its_tasks(story: Story) -> None:
    """Row "Pull": a person made an epic with a task, numbered before it; one pull brings both."""
    story.shop(1)
    story.push()
    task = story.person.open_issue("Refund a part", body="Do.", now=story.now)
    epic = story.person.open_issue("Refunds", body="All.", labels=("epic",), now=story.now)
    story.person.add_sub_issue(story.number("Shop"), epic.number, now=story.now)
    story.person.add_sub_issue(epic.number, task.number, now=story.now)
    document = story.json("pull")
    made = sorted(item["path"] for item in document["items"])
    assert made == [f".claude/epics/refunds/{task.number}.md", ".claude/epics/refunds/epic.md"]
    assert story.json("pull")["files"] == []
    parents = {item["title"]: item["parent"] for item in story.json("items")["items"]}
    assert parents["Refund a part"] == ".claude/epics/refunds/epic"
    assert parents["Refunds"] == f"{PRD}/shop"
    story.nothing_to_do()


def test_a_pull_request_and_strangers_issues_are_left_alone(story: Story) -> None:
    """Row "Pull": pull requests and issues of people without a parent here become no files."""
    story.shop(1)
    story.push()
    story.person.open_pull_request("Task 2", now=story.now)
    story.person.open_issue("Bug", body="Help", now=story.now)
    document = story.json("pull")
    assert document["files"] == []
    story.nothing_to_do()


def test_an_outage_in_the_middle_costs_nothing(hurried: Story) -> None:
    """Need 1: GitHub answers 502 to everything for a while; each issue is there once."""
    story = hurried
    story.cli.shop(4)
    story.fails(FaultKind.STATUS, path="", method="", skip=8, times=6, status=502)
    assert story.cli("push").code in (0, 6)  # 6: it says to run it again
    story("push")
    assert story.titles == ["Shop", "Task 1", "Task 2", "Task 3", "Task 4"]


def test_the_token_dies_in_the_middle(story: Story) -> None:
    """Need 14: 401 after some writes: exit 4, and the next push goes on."""
    story.shop(3)
    story.fails(FaultKind.UNAUTHORIZED, method="", path="", skip=9, times=None)
    result = story("push", code=4)
    assert "Traceback" not in result.err
    story.server.github.faults.clear()
    story("push")
    assert story.titles == ["Sell things", "Shop", "Task 1", "Task 2", "Task 3"]
    story.nothing_to_do()
