"""One task of a spec-kit file is rewritten, and every other is read as before."""

from __future__ import annotations

import pytest
from writing_kit import items, lines, write

from ghsync.layouts.base import CustomLayout, LoadOptions
from ghsync.model import State, StateReason
from ghsync.writing import Record, Want, WriteSettings, rewrite

SPEC = "specs/001-shop/spec.md"
TASKS = "specs/001-shop/tasks.md"
KEY = "specs/001-shop#T001"
TEXT = """# Tasks

## Phase 1

- [ ] T001 [P] [US1] Make the shop in `src/`
  - with care
- [x] T002 Pay (depends on T001)
* [ ] **T003** Ship

| ID | Title |
|---|---|
| T009 | Row |
"""
TEXTS = {SPEC: "# Shop\n\n**Status**: Draft\n\nText\n", TASKS: TEXT}


@pytest.mark.parametrize(
    ("key", "want", "new"),
    [
        (KEY, Want(state=State.CLOSED), "- [x] T001 [P] [US1] Make the shop in `src/`"),
        (
            KEY,
            Want(state=State.CLOSED, reason=StateReason.NOT_PLANNED),
            "- [-] T001 [P] [US1] Make the shop in `src/`",
        ),
        ("specs/001-shop#T002", Want(state=State.OPEN), "- [ ] T002 Pay (depends on T001)"),
        (KEY, Want(title="Build it"), "- [ ] T001 [P] [US1] Build it"),
        ("specs/001-shop#T003", Want(title="Send"), "* [ ] **T003** Send"),
        (KEY, Want(body="T001 [P] [US1] Build it\n- with care"), "- [ ] T001 [P] [US1] Build it"),
        (
            KEY,
            Want(body="T001 [P] [US1] Make the shop in `src/`\n- at once"),
            "  - at once",
        ),
    ],
)
def test_one_line_changes(key: str, want: Want, new: str) -> None:
    """The box, the text behind the id, or a line under it."""
    written, item = write(TEXTS, key, want)
    assert [after for _, after in lines(TEXT, written.text)] == [new]
    assert written.unheld == ()
    if want.title:
        assert item.title == want.title
    if want.state:
        assert item.state is want.state
        closed = want.reason or StateReason.COMPLETED
        assert item.reason is (None if want.state is State.OPEN else closed)


def test_a_task_line_has_no_place_for_the_rest() -> None:
    """Labels, people, a milestone and the issue's number are named, and nothing is written."""
    record = Record(number=1, url="https://github.com/o/r/issues/1")
    want = Want(labels=("task",), assignees=("ann",), milestone="v1", recorded=record)
    written, _ = write(TEXTS, KEY, want)
    assert written.text == TEXT
    assert set(written.unheld) == {"labels", "assignees", "milestone", "recorded"}


def test_what_would_change_another_task_is_not_written() -> None:
    """A text that makes a second task of itself, or a row without a box, is not held."""
    written, _ = write(TEXTS, KEY, Want(body="T001 Make\n- [ ] T004 More"))
    assert (written.text, written.unheld) == (TEXT, ("body",))
    written, _ = write(TEXTS, "specs/001-shop#T009", Want(state=State.CLOSED))
    assert (written.text, written.unheld) == (TEXT, ("state",))


def test_lines_under_a_task_come_and_go() -> None:
    """Their indent is that of the others, or of the task's own text."""
    written, item = write(TEXTS, KEY, Want(body="T001 Make\n- with care\n\n  - more"))
    assert "- [ ] T001 Make\n  - with care\n\n    - more\n- [x] T002" in written.text
    written, _ = write(TEXTS, KEY, Want(body="T001 Make"))
    assert "- [ ] T001 Make\n- [x] T002" in written.text
    written, item = write(TEXTS, "specs/001-shop#T002", Want(body="T002 Pay\nsoon"))
    assert "- [x] T002 Pay\n  soon\n* [ ] **T003**" in written.text
    assert item.body == "T002 Pay\nsoon"


def test_a_feature_has_its_heading_and_its_status_line() -> None:
    """The spec's first heading and its status line are the epic's."""
    written, item = write(TEXTS, "specs/001-shop", Want(title="Market", state=State.CLOSED))
    assert written.text == "# Market\n\n**Status**: Completed\n\nText\n"
    assert (item.title, item.state) == ("Market", State.CLOSED)
    only = {TASKS: TEXT}
    written, _ = write(only, "specs/001-shop", Want(title="Market", body="x"))
    assert (written.text, written.unheld) == (TEXT, ("title", "body"))


def test_a_line_of_a_plain_list() -> None:
    """The same by an id of its own: box, words, what is under it, and the issue behind it."""
    custom = CustomLayout(name="todo", kinds=(), lists=("TODO.md",))
    settings = WriteSettings(custom=(custom,))
    text = "# To do\r\n\r\n- [ ] T1: Make  \r\n  - with care\r\n- [x] T2: Pay\r\n- [ ] loose\r\n"
    texts = {"TODO.md": text}
    record = Record(number=7, url="https://github.com/o/r/issues/7")
    for want, old, new in (
        (Want(state=State.CLOSED), "- [ ] T1", "- [x] T1"),
        (Want(title="Build"), "Make  \r\n", "Build  \r\n"),
        (Want(recorded=record), "Make  \r\n", "Make ref:GH#7  \r\n"),
        (Want(body="T1: Make\n- at once"), "with care", "at once"),
    ):
        options = LoadOptions(custom=(custom,))
        item = items(texts, options)["TODO#T1"]
        written = rewrite(item, text, want, settings)
        assert written.text == text.replace(old, new)
        assert written.unheld == ()
        after = items({"TODO.md": written.text}, options)
        assert set(after) == {"TODO#T1", "TODO#T2"}
    assert rewrite(item, text, Want(title="x\ny- [ ] T3: z")).unheld in (("title",), ())
