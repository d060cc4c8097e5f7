"""Rows and needs about GitHub's side coming into the files: pull, sync, one line at a time."""

from __future__ import annotations

from stories.story_kit import EPIC, PRD, REPO, Story

TASK = """---
# how we pay; ask Ann first
name: 'Task 1'          # the title
status: open
hours: 010
depends_on: []   # none yet
x-own: {keep: me}
---

# Task 1

Above.

---

Below.

- [ ] Ask the bank
- [ ] Build it

"""


def committed(story: Story) -> None:
    """A shop with one hand-written task, pushed and committed."""
    story.shop(1)
    story.cli.write(f"{EPIC}/001.md", TASK)
    story.push()
    story.git("init", "-q", "-b", "main")
    story.git("add", ".")
    story.git("commit", "-qm", "Plan")


def test_a_pull_brings_edits_and_new_issues(story: Story) -> None:
    """Row "Pull": title, text, tick, state and a new sub-issue; a push after it sends none.

    ClaudeAutoPM's download makes epics and tasks again on each run, and drops ``---`` rules.
    """
    committed(story)
    now = story.now
    task = story.issue("Task 1")
    body = (task.body or "").replace("[ ] Ask", "[x] Ask").replace("Above.", "On top.")
    story.person.edit(task.number, body=body.replace("\n", "\r\n"), now=now)
    story.person.close(task.number, now=now)
    story.person.edit(story.number("Shop"), title="The shop", now=now)
    new = story.person.open_issue("Refund", body="Give it back.", now=now)
    story.person.add_sub_issue(story.number("Sell things"), new.number, now=now)
    before = len(story.log())
    dry = story.json("pull", "--dry-run")
    assert story.git("status", "--short") == ""
    done = story.json("pull")
    assert dry["files"] == done["files"]
    assert [e.method for e in story.log(before) if e.method != "GET"] == []
    assert (done["totals"]["changed"], done["totals"]["new"]) == (2, 1)
    text = story.file(f"{EPIC}/001.md")
    assert "On top.\n\n---\n\nBelow.\n\n- [x] Ask the bank\n- [ ] Build it\n" in text
    assert "name: The shop" in story.file(f"{PRD}/shop.md")
    (made,) = [item["path"] for item in done["items"] if item["new"]]
    assert made.startswith(f"{EPIC}/")
    assert "Give it back." in story.file(made)
    again = story.json("pull")
    assert again["files"] == []
    story.nothing_to_do()
    assert len(story.issues) == 4


def test_8_one_line_changes(story: Story) -> None:
    """Need 8: comments, quotes, order, rules and unknown fields stay; ``git diff`` is one line.

    ClaudeAutoPM's write-back drops YAML comments; a file with rules lost all above the first.
    """
    committed(story)
    story.person.edit(story.number("Task 1"), title="Pay by card", now=story.now)
    story("pull")
    expected = TASK.replace("name: 'Task 1'  ", "name: 'Pay by card'  ")
    assert story.file(f"{EPIC}/001.md") == expected
    assert story.git("diff", "--numstat", "--", EPIC).split()[:2] == ["1", "1"]
    story.person.close(story.number("Pay by card"), reason="not_planned", now=story.now)
    story("pull")
    lines = story.git("diff", "--unified=0", "--", EPIC).splitlines()
    changed = [line for line in lines if line[:1] in "+-" and line[:3] not in ("+++", "---")]
    assert changed == [
        "-name: 'Task 1'          # the title",
        "-status: open",
        "+name: 'Pay by card'          # the title",
        "+status: cancelled",
    ]
    story.nothing_to_do()


def test_8_write_back_adds_one_line(story: Story) -> None:
    """Need 8: ``--write-back`` puts the address into ccpm's own field; its dry run does not.

    ClaudeAutoPM writes the whole file anew, and syncs again on the next run.
    """
    story.shop(1)
    story.cli.write(f"{EPIC}/001.md", TASK)
    story.git("init", "-q", "-b", "main")
    story.git("add", ".")
    story.git("commit", "-qm", "Plan")
    story("push", "--write-back", "--dry-run")
    assert story.git("status", "--short", "--", ".claude") == ""
    story("push", "--write-back")
    lines = story.git("diff", "--unified=0", "--", f"{EPIC}/001.md").splitlines()
    changed = [line for line in lines if line[:1] in "+-" and line[:3] not in ("+++", "---")]
    assert changed == [f"+github: {story.server.url}/{REPO}/issues/{story.number('Task 1')}"]
    story.nothing_to_do()
    assert story.json("push", "--write-back")["operations"] == []
    assert story.json("pull")["files"] == []
    (story.root / ".ghsync/map.json").unlink()  # what the files record is enough
    (story.root / ".ghsync/journal.jsonl").unlink()
    assert story.json("push", "--allow-changes", 3)["totals"]["create"] == 0
    assert len(story.issues) == 3


def test_8_line_ends_stay(story: Story) -> None:
    """Need 8: a file from Windows keeps its line ends and its byte order mark."""
    story.shop(1)
    windows = b"\xef\xbb\xbf" + TASK.replace("\n", "\r\n").encode()
    story.cli.write(f"{EPIC}/001.md", windows)
    story.push()
    story.person.edit(story.number("Task 1"), title="Pay", now=story.now)
    story("pull")
    assert (story.root / f"{EPIC}/001.md").read_bytes() == windows.replace(b"'Task 1'", b"'Pay'")
    story.nothing_to_do()


def test_a_dirty_file_is_never_overwritten(story: Story) -> None:
    """Row "Pull": what is not committed stays, is named, exit 1; the other files get their lines.

    minibeads' pull destroyed local edits.
    """
    committed(story)
    story.change(f"{EPIC}/001.md", "Below.", "Below, half written")
    mine = story.file(f"{EPIC}/001.md")
    story.person.edit(story.number("Task 1"), title="Theirs", now=story.now)
    story.person.edit(story.number("Shop"), title="The shop", now=story.now)
    result = story("pull", code=1)
    assert f"{EPIC}/001.md" in result.out
    assert story.file(f"{EPIC}/001.md") == mine
    assert "name: The shop" in story.file(f"{PRD}/shop.md")
    story.git("commit", "-qam", "Mine")
    story("pull")
    assert "Below, half written" in story.file(f"{EPIC}/001.md")
    assert "'Theirs'" in story.file(f"{EPIC}/001.md")
    story.push()
    assert "Below, half written" in story.body("Theirs")
    story.nothing_to_do()


def test_sync_brings_both_sides_together(story: Story) -> None:
    """Row "Conflict check before push": ``sync``; different paragraphs meet, one field conflicts.

    gh-issue-sync merges field by field; a body that both sides edited is a conflict there.
    """
    committed(story)
    now = story.now
    task = story.issue("Task 1")
    story.person.edit(
        task.number, body=(task.body or "").replace("Above.", "Above, theirs."), now=now
    )
    story.change(f"{EPIC}/001.md", "Build it", "Build it, mine")
    story.person.edit(story.number("Shop"), title="Their shop", now=now)
    story.change(f"{PRD}/shop.md", "name: Shop", "name: My shop")
    story.git("commit", "-qam", "Mine")
    result = story("sync", code=1)
    assert "My shop" in result.out
    assert "Their shop" in result.out
    for text in (story.file(f"{EPIC}/001.md"), story.body("Task 1")):
        assert "Above, theirs." in text
        assert "Build it, mine" in text
    assert "Their shop" in story.titles
    assert "name: My shop" in story.file(f"{PRD}/shop.md")
    story.git("commit", "-qam", "Merged")
    story("sync", "--on-conflict", "remote")
    assert "name: Their shop" in story.file(f"{PRD}/shop.md")
    story.nothing_to_do()
    assert story.json("pull")["files"] == []
