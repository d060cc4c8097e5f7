"""What an issue says is written into its file: the layout's field, its word, one line."""

from __future__ import annotations

from dataclasses import replace

import pytest
from writing_kit import items, lines, write

from ghsync.edit import EditError
from ghsync.layouts.base import CustomLayout, FieldNames
from ghsync.model import Kind, State, StateReason
from ghsync.writing import Record, Vocabulary, Want, WriteSettings, rewrite

EPIC = ".claude/epics/shop/epic.md"
TASK = ".claude/epics/shop/001.md"
KEY = ".claude/epics/shop/001"
TEXT = """---
name: 'Pay'  # the name
status: open
created: 2025-01-01T00:00:00Z
updated: 2025-01-01T00:00:00Z
github: [Will be updated when synced]
depends_on: []
---

# Task: Pay

Text.
"""
SHOP = {EPIC: "---\nname: shop\nstatus: backlog\n---\n\n# Epic\n", TASK: TEXT}
STORY = "docs/stories/1.1.pay.md"
BMAD = {STORY: "# Story 1.1: **Pay**\n\n## Status\n\n**Draft** <!-- who -->\n\n## Story\n\nText\n"}
BACKLOG = "backlog/tasks/task-1 - Pay.md"
MARSHMALLOW = """---
id: task-1
title: Pay
status: To Do
assignee: []
created_date: '2025-09-10 16:09'
updated_date: '2025-09-10 16:09'
labels:
  - bug
dependencies: []
---

## Description

Text
"""


def test_closed_and_reopened_in_one_line() -> None:
    """The layout's words; a reopened item gets back the word it had."""
    closed, item = write(SHOP, KEY, Want(state=State.CLOSED))
    assert lines(TEXT, closed.text) == [("status: open", "status: closed")]
    assert (item.state, item.reason) == (State.CLOSED, StateReason.COMPLETED)
    shop = {**SHOP, TASK: closed.text}
    assert write(shop, KEY, Want(state=State.OPEN))[0].text == TEXT
    again, item = write(shop, KEY, Want(state=State.OPEN, word="in-progress"))
    assert item.status == "in-progress"
    assert write(shop, KEY, Want(state=State.OPEN, word="done"))[1].status == "open"
    assert again.changed == ("state",)


def test_not_planned_has_a_word_too() -> None:
    """Closed as not planned is told apart from done, and done from not planned."""
    dropped, item = write(SHOP, KEY, Want(state=State.CLOSED, reason=StateReason.NOT_PLANNED))
    assert item.reason is StateReason.NOT_PLANNED
    assert "status: cancelled\n" in dropped.text
    shop = {**SHOP, TASK: dropped.text}
    assert write(shop, KEY, Want(state=State.CLOSED))[1].reason is StateReason.COMPLETED


def test_the_projects_own_words_are_used() -> None:
    """Where other items say `Done`, this one does; the layout's own word wins where it is used."""
    loaded = [replace(item, status="Done") for item in items(SHOP).values()]
    settings = WriteSettings(vocabulary=Vocabulary.of(loaded))
    assert write(SHOP, KEY, Want(state=State.CLOSED), settings)[1].status == "Done"
    both = WriteSettings(
        vocabulary=Vocabulary.of([*loaded, *loaded, *[replace(loaded[0], status="closed",
                                                             kind=Kind.TASK)]])
    )  # fmt: skip
    assert write(SHOP, KEY, Want(state=State.CLOSED), both)[1].status == "closed"


def test_what_is_there_already_changes_no_byte() -> None:
    """All present values at once: the same bytes, nothing changed, nothing unheld."""
    for texts in (SHOP, BMAD, {BACKLOG: MARSHMALLOW}):
        for key, item in items(texts).items():
            want = Want(
                title=item.title,
                state=item.state,
                reason=item.reason,
                labels=item.labels,
                assignees=item.assignees,
                milestone=item.milestone,
                body=item.body,
            )
            written, _ = write(texts, key, want, WriteSettings(touch="2026-01-01T00:00:00Z"))
            assert written.text == texts[item.path]
            assert (written.changed, written.unheld) == ((), ())


def test_a_title_keeps_its_quotes_and_loses_its_template() -> None:
    """The template of the config is undone; a title that does not fit it is not held."""
    settings = WriteSettings(title="Shop: {title}")
    written, item = write(SHOP, KEY, Want(title="Shop: Don't pay"), settings)
    assert item.title == "Don't pay"
    assert lines(TEXT, written.text) == [
        ("name: 'Pay'  # the name", "name: 'Don''t pay'  # the name")
    ]
    unfit, _ = write(SHOP, KEY, Want(title="Pay"), settings)
    assert (unfit.text, unfit.unheld) == (TEXT, ("title",))


def test_a_title_in_a_heading() -> None:
    """The heading's line changes, its emphasis stays, and the body is named as changed."""
    written, item = write(BMAD, "docs/stories/1.1.pay", Want(title="Story 1.1: Buy"))
    assert item.title == "Story 1.1: Buy"
    assert written.changed == ("title", "body")
    assert "# Story 1.1: Buy\n" in written.text
    setext = {**SHOP, TASK: "Pay\n===\n\nText\n"}
    assert write(setext, KEY, Want(title="Buy"))[0].text == "Buy\n===\n\nText\n"
    bold = {**SHOP, TASK: "# **Pay** #\n\nText\n"}
    assert write(bold, KEY, Want(title="Buy"))[0].text == "# **Buy** #\n\nText\n"


def test_a_title_that_is_the_files_name_is_not_held() -> None:
    """No file is renamed for a title; an empty title field is filled."""
    nameless = {**SHOP, TASK: "Text\n"}
    written, _ = write(nameless, KEY, Want(title="Buy"))
    assert (written.text, written.unheld) == ("Text\n", ("title",))
    empty = {**SHOP, TASK: "---\nname:\nstatus: open\n---\nText\n"}
    assert write(empty, KEY, Want(title="Buy"))[0].text.startswith("---\nname: Buy\nstatus")


def test_a_status_in_the_body() -> None:
    """A story's status section changes by its word alone; one without gets a line."""
    written, item = write(BMAD, "docs/stories/1.1.pay", Want(state=State.CLOSED))
    assert lines(BMAD[STORY], written.text) == [("**Draft** <!-- who -->", "**Done** <!-- who -->")]
    assert written.changed == ("state", "body")
    assert item.state is State.CLOSED
    bare = {STORY: "# Story\n\n## Story\n\nText\n"}
    added, item = write(bare, "docs/stories/1.1.pay", Want(state=State.CLOSED))
    assert added.text.startswith("# Story\n\nStatus: done\n\n## Story")
    assert item.state is State.CLOSED


def test_labels_go_into_a_field_that_is_there() -> None:
    """The kind's label and ghsync's own stay out; without a field they are not held."""
    texts = {BACKLOG: MARSHMALLOW}
    want = Want(labels=("task", "Bug", "ui", "prio-1"))
    settings = WriteSettings(own_labels=frozenset({"prio-1"}))
    written, item = write(texts, "backlog/tasks/task-1 - Pay", want, settings)
    assert written.text == MARSHMALLOW.replace("  - bug\n", "  - bug\n  - ui\n")
    assert item.labels == ("task", "bug", "ui")
    plain, _ = write(SHOP, KEY, Want(labels=("task", "ui")))
    assert (plain.text, plain.unheld) == (TEXT, ("labels",))
    allowed, item = write(SHOP, KEY, Want(labels=("task", "ui")), WriteSettings(labels=True))
    assert item.labels == ("task", "ui")
    assert allowed.unheld == ()
    gone, _ = write(texts, "backlog/tasks/task-1 - Pay", Want(labels=("bug",)))
    assert (gone.text, gone.unheld) == (MARSHMALLOW, ("labels",))


def test_people_and_milestones() -> None:
    """Backlog.md holds both; ccpm has no field for either."""
    texts = {BACKLOG: MARSHMALLOW}
    want = Want(assignees=("ann", "bob"), milestone="v1")
    written, item = write(texts, "backlog/tasks/task-1 - Pay", want)
    assert "assignee: [ann, bob]\n" in written.text
    assert (item.assignees, item.milestone) == (("ann", "bob"), "v1")
    back, item = write(
        {BACKLOG: written.text}, "backlog/tasks/task-1 - Pay", Want(assignees=(), milestone=None)
    )
    assert (item.assignees, item.milestone) == ((), None)
    assert back.text == MARSHMALLOW.replace("  - bug\n", "  - bug\nmilestone:\n")
    assert write(SHOP, KEY, want)[0].unheld == ("assignees", "milestone")


def test_a_milestone_by_its_id() -> None:
    """Where tasks name a milestone file's id, the id of the wanted title is written."""
    texts = {
        BACKLOG: MARSHMALLOW.replace("labels:\n  - bug\n", "milestone: m-1\n"),
        "backlog/milestones/m-1.md": "---\nid: m-1\ntitle: First\n---\n",
        "backlog/milestones/m-2.md": "---\nid: m-2\ntitle: Second\n---\n",
    }
    settings = WriteSettings(milestones={"First": "m-1", "Second": "m-2"})
    written, item = write(texts, "backlog/tasks/task-1 - Pay", Want(milestone="Second"), settings)
    assert "milestone: m-2\n" in written.text
    assert item.milestone == "Second"
    assert write(texts, "backlog/tasks/task-1 - Pay", Want(milestone="First"))[0].changed == ()


def test_the_issue_is_recorded_the_layouts_own_way() -> None:
    """A placeholder is replaced in place; a number stays a number; another issue's is replaced."""
    record = Record(number=7, url="https://github.com/o/r/issues/7")
    written, item = write(SHOP, KEY, Want(recorded=record))
    assert lines(TEXT, written.text) == [
        ("github: [Will be updated when synced]", f"github: {record.url}")
    ]
    assert item.recorded is not None
    assert item.recorded.number == 7
    number = {**SHOP, TASK: TEXT.replace("github: [Will be updated when synced]", "issue: 3")}
    assert "issue: 7\n" in write(number, KEY, Want(recorded=record))[0].text
    same = {**SHOP, TASK: TEXT.replace("[Will be updated when synced]", "'#7'")}
    assert write(same, KEY, Want(recorded=record))[0].changed == ()
    none = {**SHOP, TASK: TEXT.replace("github: [Will be updated when synced]\n", "")}
    assert f"\nupdated: 2025-01-01T00:00:00Z\ngithub: {record.url}\n" in (
        write(none, KEY, Want(recorded=record))[0].text
    )
    assert write(BMAD, "docs/stories/1.1.pay", Want(recorded=record))[0].unheld == ("recorded",)


def test_the_time_of_the_last_change_only_with_touch() -> None:
    """In the form that the field has, and only when something else changes."""
    touch = WriteSettings(touch="2026-02-03T04:05:06Z")
    written, _ = write(SHOP, KEY, Want(state=State.CLOSED), touch)
    assert "updated: 2026-02-03T04:05:06Z\n" in written.text
    other, _ = write(
        {BACKLOG: MARSHMALLOW}, "backlog/tasks/task-1 - Pay", Want(state=State.CLOSED), touch
    )
    assert "updated_date: '2026-02-03 04:05'\n" in other.text
    assert "status: Done\n" in other.text


def test_an_archived_item_cannot_be_reopened_in_place() -> None:
    """Its folder says closed; nothing is written, and it is said."""
    path = ".claude/epics/shop/archived/002.md"
    texts = {**SHOP, path: TEXT}
    written, item = write(texts, path.removesuffix(".md"), Want(state=State.OPEN))
    assert item.archived
    assert (written.text, written.unheld) == (TEXT, ("state",))


def test_a_body_brings_its_own_title_and_status() -> None:
    """What a person wrote on GitHub into the text is the file's title and status then."""
    body = "# Story 1.1: Buy\n\n## Status\n\nDone\n"
    written, item = write(BMAD, "docs/stories/1.1.pay", Want(body=body))
    assert (item.title, item.state) == ("Story 1.1: Buy", State.CLOSED)
    assert set(written.changed) == {"title", "state", "body"}


def test_body_and_title_together() -> None:
    """The body is written first, then the heading in it."""
    written, item = write(
        BMAD,
        "docs/stories/1.1.pay",
        Want(title="Buy", body="# Story 1.1: **Pay**\n\nOther\n", state=State.CLOSED),
    )
    assert item.title == "Buy"
    assert item.state is State.CLOSED
    assert written.text == "# Buy\n\nStatus: Done\n\nOther\n"


def test_a_file_that_was_changed_meanwhile_is_refused() -> None:
    """The item must be what the text says."""
    item = items(SHOP)[KEY]
    with pytest.raises(EditError, match="title"):
        rewrite(item, TEXT.replace("Pay", "Buy"), Want(state=State.CLOSED))
    with pytest.raises(EditError, match="cannot be read"):
        rewrite(item, TEXT.replace("status: open", "status: [open"), Want(state=State.CLOSED))


def test_a_parent_by_field() -> None:
    """A subtask names its parent by id; a ccpm task has it by its folder."""
    texts = {
        BACKLOG: MARSHMALLOW,
        "backlog/tasks/task-2 - All.md": MARSHMALLOW.replace("task-1", "task-2"),
    }
    parent = items(texts)["backlog/tasks/task-2 - All"]
    written, item = write(texts, "backlog/tasks/task-1 - Pay", Want(parent=parent))
    assert item.parent == parent.key
    assert "parent_task_id: task-2\n" in written.text
    texts = {**texts, BACKLOG: written.text}
    assert write(texts, "backlog/tasks/task-1 - Pay", Want(parent=parent))[0].changed == ()
    assert write(texts, "backlog/tasks/task-1 - Pay", Want(parent=None))[1].parent is None
    assert write(SHOP, KEY, Want(parent=None))[0].unheld == ("parent",)


def test_a_layout_of_the_users_own() -> None:
    """Its fields, its words, and its title template, undone."""
    custom = CustomLayout(
        name="mine",
        kinds=(("work/*.md", Kind.TASK),),
        fields=FieldNames(title=("what",), status=("phase",)),
        statuses={"shipped-it": StateReason.COMPLETED, "cooking": None},
        title="[{id}] {title}",
    )
    texts = {"work/a.md": "---\nid: W-1\nwhat: Pay\nphase: cooking\n---\n"}
    settings = WriteSettings(custom=(custom,))
    want = Want(title="[W-1] Buy", state=State.CLOSED)
    written, item = write(texts, "work/a", want, settings)
    assert written.text == "---\nid: W-1\nwhat: Buy\nphase: shipped-it\n---\n"
    assert item.title == "[W-1] Buy"
    assert write(texts, "work/a", Want(title="Buy"), settings)[0].unheld == ("title",)
    back = write({"work/a.md": written.text}, "work/a", Want(state=State.OPEN), settings)[0]
    assert "phase: cooking\n" in back.text


def test_line_ends_and_trailing_spaces_stay() -> None:
    """A CRLF file with spaces at its ends differs in the one value."""
    text = TEXT.replace("\n", "\r\n").replace("Text.", "Text.  ")
    item = items({**SHOP, TASK: text})[KEY]
    written = rewrite(item, text, Want(state=State.CLOSED))
    assert written.text == text.replace("status: open", "status: closed")


def test_exports_of_other_tools() -> None:
    """A field of its own says why (planhub); a folder is the state (gh-issue-sync)."""
    plan = {".plan/issues/a.md": "---\ntitle: Pay\nstate: open\n---\n\nText\n"}
    record = Record(number=7, url="https://github.com/o/r/issues/7")
    dropped = Want(state=State.CLOSED, reason=StateReason.NOT_PLANNED, recorded=record)
    written, item = write(plan, ".plan/issues/a", dropped)
    assert (item.state, item.reason) == (State.CLOSED, StateReason.NOT_PLANNED)
    assert {"state: closed", "state_reason: not_planned", "number: 7"} < set(
        written.text.split("\n")
    )
    _, item = write({".plan/issues/a.md": written.text}, ".plan/issues/a", Want(state=State.OPEN))
    assert item.state is State.OPEN
    synced = {".issues/open/42-a.md": "---\ntitle: Pay\nlabels: [bug]\n---\n\nText\n"}
    want = Want(title="Buy", state=State.CLOSED, labels=("task", "bug", "ui"), recorded=record)
    written, item = write(synced, ".issues/open/42-a", want)
    assert written.text == "---\ntitle: Buy\nlabels: [bug, ui]\n---\n\nText\n"
    assert written.unheld == ("state", "recorded")
