"""``TODO.md``-like lists through a layout of one's own: each line with an id is a task."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from layouts_kit import codes, items, load, only

from ghsync.layouts.base import CustomLayout, LoadOptions
from ghsync.layouts.listlines import parse
from ghsync.model import Kind, State, StateReason

TODO = CustomLayout(name="todo", kinds=(), lists=("TODO.md", "lists/*.md"))
OPTIONS = LoadOptions(custom=(TODO,))


def test_each_line_with_an_id_is_a_task() -> None:
    """State by the box, the rest of the line is the title, what is indented under it the text."""
    text = (
        "# Things\n\n- [ ] T1: Cart\n  More of it.\n\n  - [ ] a step\n- [x] [BUG-3] **Pay**\n"
        "- [-] **SHOP-4**: Dropped\n* [ ] t005 Ship it blocked-by:T1,BUG-3\n"
    )
    found = items(load({"TODO.md": text}, OPTIONS))
    assert list(found) == ["TODO#T1", "TODO#BUG-3", "TODO#SHOP-4", "TODO#t005"]
    cart, pay, dropped, ship = found.values()
    assert (cart.title, cart.line) == ("Cart", 3)
    assert cart.body == "T1: Cart\nMore of it.\n\n- [ ] a step"
    assert (pay.title, pay.reason) == ("Pay", StateReason.COMPLETED)
    assert (dropped.state, dropped.reason) == (State.CLOSED, StateReason.NOT_PLANNED)
    assert (ship.title, ship.blocked_by) == ("Ship it", ("TODO#T1", "TODO#BUG-3"))


def test_a_line_without_an_id_is_named_and_none() -> None:
    """With its words alone, every edit would make another issue."""
    loaded = load({"TODO.md": "- [ ] T1: Cart\n- [ ] Pay\n- [ ] Ship\n"}, OPTIONS)
    assert list(items(loaded)) == ["TODO#T1"]
    finding = only(loaded, "task_without_id")
    assert (finding.line, "2 checkbox lines" in finding.message) == (2, True)
    none = load({"TODO.md": "- [ ] Pay\n"}, OPTIONS)
    assert (none.items, "has an id" in none.not_items[0].reason) == ((), True)


@pytest.mark.parametrize(
    "text",
    [
        "UTF-8 in logs",
        "S3 bucket",
        "P1 now",
        "v2 of it",
        "#12 again",
        "T12 now",
        "see T1: x",
        "12: x",
    ],
)
def test_a_word_that_looks_like_an_id_is_none(text: str) -> None:
    """It must say so itself: a colon, brackets, bold, code, or three digits."""
    assert parse(f"- [ ] {text}", 1).tasks == ()


def test_a_line_that_names_its_issue_needs_no_id() -> None:
    """The number is the one thing about it that does not change."""
    text = (
        "- [ ] Cart ref:GH#12\n- [ ] T2: Pay https://github.com/octo/plan/issues/13\n"
        "- [ ] Ship ([#14](https://github.com/octo/plan/issues/14))\n"
    )
    found = items(load({"TODO.md": text}, OPTIONS))
    assert {key: item.recorded and item.recorded.number for key, item in found.items()} == {
        "TODO#GH12": 12,
        "TODO#T2": 13,
        "TODO#GH14": 14,
    }
    assert [item.title for item in found.values()] == ["Cart", "Pay", "Ship"]


def test_tasks_under_tasks_and_under_the_file() -> None:
    """A deeper task is a sub-issue; a file that is an epic by its glob has the others."""
    layout = CustomLayout(name="todo", kinds=(("lists/*.md", Kind.EPIC),), lists=("lists/*.md",))
    text = (
        "# Shop\n\n- [ ] T1: Cart\n    - [ ] T2: Add\n        - [ ] T3: One\n    - [ ] T4: Take\n"
    )
    found = items(load({"lists/shop.md": text}, LoadOptions(custom=(layout,))))
    assert {key: item.parent for key, item in found.items()} == {
        "lists/shop": None,
        "lists/shop#T1": "lists/shop",
        "lists/shop#T2": "lists/shop#T1",
        "lists/shop#T3": "lists/shop#T2",
        "lists/shop#T4": "lists/shop#T1",
    }
    assert found["lists/shop"].kind is Kind.EPIC


def test_one_id_twice_is_an_error() -> None:
    """Which of the two the issue would be, nobody can tell."""
    loaded = load({"TODO.md": "- [ ] T1: Cart\n- [ ] T1: Pay\n"}, OPTIONS)
    assert "duplicate_key" in codes(loaded)


def test_code_is_no_list() -> None:
    """A fence shows how to write one."""
    assert parse("```\n- [ ] T1: Cart\n```\n", 1).tasks == ()


@given(st.text(alphabet="-*[] xXT1:\n#ab`", max_size=120))
def test_any_text_can_be_read(text: str) -> None:
    """Lines are in the file, in their order, and every id is one line's."""
    found = parse(text, 1)
    lines = [task.line for task in found.tasks]
    assert lines == sorted(set(lines))
    assert all(1 <= line <= text.count("\n") + 1 for line in (*lines, *found.without_id))
