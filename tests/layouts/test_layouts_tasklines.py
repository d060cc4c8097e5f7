"""spec-kit's task lines as people write them: ids, ranges, wrapped lines, overviews."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from layouts_kit import codes, load

from ghsync.layouts import taskids, tasklines
from ghsync.layouts.tasklines import TaskLine
from ghsync.model import State


def tasks(text: str) -> list[TaskLine]:
    """The tasks of a text whose first line is line 1."""
    return list(tasklines.parse(text, 1).tasks)


def depends(text: str) -> list[tuple[str, int]]:
    """What the last task depends on, with the lines."""
    return list(tasks(text)[-1].depends)


FOUR = "- [ ] T001 A\n- [ ] T002 B\n- [ ] T003 C\n- [ ] T004 D\n"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("(depends on T001-T003)", "T001 T002 T003"),
        ("(depends on T001–T002, T004)", "T001 T002 T004"),
        ("(depends on T001 to T002 and T004)", "T001 T002 T004"),
        ("(Depends on T002; see data-model.md)", "T002"),
        ("(depends on T002 models)", "T002"),
        ("depends_on: T001/T003", "T001 T003"),
        ("**Dependencies**: T001, T002", "T001 T002"),
        ("`depends_on`：T004", "T004"),
        ("(depends on T001-based work)", "T001"),
        ("(depends on T003-T006)", "T003 T004 T006"),
        ("independent of T001", ""),
    ],
)
def test_dependencies(text: str, expected: str) -> None:
    """Ranges are each task of the file between their ends; an end that is no task is kept."""
    found = depends(f"{FOUR}- [ ] T009 E {text}\n")

    assert [ident for ident, _ in found] == expected.split()
    assert {line for _, line in found} <= {5}


def test_a_list_of_dependencies_goes_on_after_a_range() -> None:
    """All of them are links."""
    loaded = load(
        {
            "specs/001-a/spec.md": "# A\n",
            "specs/001-a/tasks.md": f"{FOUR}- [ ] T005 E (depends on T001-T002, T004)\n",
        }
    )

    assert [key[-4:] for key in loaded.items[-1].blocked_by] == ["T001", "T002", "T004"]
    assert codes(loaded) == []


def test_dependencies_below_a_line() -> None:
    """In the paragraph of the task, or at the start of a line under it; each with its line."""
    text = (
        f"{FOUR}- [ ] T005 Write `src/a.py`\n  (depends on T001,\n  T002)\n"
        "  - **Depends on**: T003\n  - once T004 is there, after T004 more\n"
    )

    assert depends(text) == [("T001", 6), ("T002", 7), ("T003", 8)]


def test_wrapped_lines_are_one_title() -> None:
    """Where the line was full, ended at a comma or within parentheses; not before a label."""
    text = (
        "- [ ] T001 Show the pairs, the balance, the highest order size, and the limits of\n"
        "      loss that are set\n"
        "- [ ] T002 Create the project\n      Files: src/a.py\n"
        "- [ ] T003 Extend (see\n  data-model.md)\n"
        "- [ ] T004 Short\n  and no more\n"
        "- [ ] T005 Read this,\n  then that\n  - a step\n"
    )

    assert [task.text for task in tasks(text)] == [
        "Show the pairs, the balance, the highest order size, and the limits of loss that are set",
        "Create the project",
        "Extend (see data-model.md)",
        "Short",
        "Read this, then that",
    ]


@pytest.mark.parametrize(
    ("line", "ident", "text"),
    [
        ("**T001** — `src/a.py` gets a class", "T001", "`src/a.py` gets a class"),
        ("T001 `npm ci` in CI", "T001", "`npm ci` in CI"),
        ("T001 **Create** it", "T001", "**Create** it"),
        ("T001 Do **it**", "T001", "Do **it**"),
        ("**T001 [US2] Write `a.py` - Parts**:", "T001", "Write `a.py` - Parts"),
        ("~~T001 Old~~", "T001", "Old"),
        ("T001 [P] [Phase0] **Expert**: look", "T001", "**Expert**: look"),
        ("T067b-verify [P] Verify", "T067b-verify", "Verify"),
        ("T001-BE-01 — Write", "T001-BE-01", "Write"),
        ("T001-Create it", "T001", "Create it"),
        ("T003-T005: Write tests", "T003-T005", "Write tests"),
        ("TASK-007: Write", "TASK-007", "Write"),
        ("T-008 Write", "T-008", "Write"),
        ("T012: **[P]** Write", "T012", "Write"),
        ("T012 Write [US2]", "T012", "Write"),
    ],
)
def test_ids_and_titles(line: str, ident: str, text: str) -> None:
    """Marks around the id go, those of the text stay; a suffix makes an id of its own."""
    (task,) = tasks(f"- [ ] {line}\n")

    assert (task.ident, task.text) == (ident, text)
    assert task.body.lstrip("*~").startswith(ident[:4])


def test_parts_of_a_task_are_not_the_task() -> None:
    """``T002b-verify`` beside ``T002b`` is no double, and each is found by its own id."""
    loaded = load(
        {
            "specs/001-a/spec.md": "# A\n",
            "specs/001-a/tasks.md": (
                "- [ ] T002b-verify Check\n- [ ] T002b Do\n- [ ] T003 E (depends on T002b)\n"
            ),
        }
    )

    assert codes(loaded) == []
    assert loaded.items[-1].blocked_by == ("specs/001-a#T002b",)


def test_several_stories_in_one_bracket() -> None:
    """Each is a label."""
    (task,) = tasks("- [ ] T001 [P] [US1,US2] [US10] Migrate\n")

    assert (task.stories, task.text) == (("US1", "US2", "US10"), "Migrate")


def test_a_heading_for_several_tasks_is_none() -> None:
    """``T001-T005: …`` is a section."""
    text = "## T001-T002: Recipes\n\n### T001: One\n\n### T002: Two\n"

    assert [(task.ident, task.text) for task in tasks(text)] == [("T001", "One"), ("T002", "Two")]


def test_an_overview_lends_its_status() -> None:
    """The section of a task is the task; a table above it may say its state and dependencies."""
    text = (
        "| Task | Description | Depends | Status |\n|---|---|---|---|\n"
        "| T001 | First | - | Complete |\n| T002 | Second | T001 | Open |\n"
        "| T003 | Third | - | Pending |\n\n"
        "## T001: The first\n\nDetails.\n\n## T002: The second\n\n**Status**: done\n"
    )
    third, one, two = tasks(text)

    assert (one.text, one.body, one.status) == ("The first", "Details.", "Complete")
    assert (two.status, two.depends, two.line) == ("done", (("T001", 4),), 11)
    assert (third.ident, third.text) == ("T003", "Third")


def test_a_box_is_not_overruled_by_an_overview() -> None:
    """An empty box says open."""
    text = "- [ ] T001 A\n\n| ID | Task | Status |\n|---|---|---|\n| T001 | A | Done |\n"
    (task,) = tasks(text)

    assert (task.closed, task.status) == (False, None)


def test_a_status_in_any_marks() -> None:
    """Backticks and the full-width colon are marks as well."""
    (task,) = tasks("### T001 A\n\n- `status`：`done`\n")

    assert task.status == "done"


def test_paragraphs_that_open_with_an_id_in_bold() -> None:
    """They are tasks where no line is one; the boxes under them are their criteria."""
    text = "**T001** [P] Write (`a.py`)\n- [ ] Works\n\n**T002** Read\n- [ ] Works\n"

    assert [task.text for task in tasks(text)] == ["Write (`a.py`)", "Read"]


def test_template_features_are_none() -> None:
    """``000-template`` and ``_template`` are; a feature about e-mail templates is not."""
    files = ("000-template", "_template", "005-email-template", ".archive/004-old")
    loaded = load(
        {f"specs/{name}/{file}.md": "# X\n" for name in files for file in ("spec", "tasks")}
    )

    assert [item.key for item in loaded.items] == [
        "specs/.archive/004-old",
        "specs/005-email-template",
    ]


def test_the_folders_of_forks() -> None:
    """``kitty-specs`` is a folder of features, and closed lines are closed there."""
    loaded = load(
        {
            "kitty-specs/008-a/spec.md": "# A\n",
            "kitty-specs/008-a/tasks.md": "- [x] **T001**: Make `a`. [P]\n",
        }
    )

    assert loaded.layouts == ("spec-kit",)
    assert (loaded.items[1].title, loaded.items[1].state) == ("Make `a`.", State.CLOSED)


@given(st.lists(st.integers(1, 40), unique=True, min_size=2), st.data())
def test_a_range_is_what_lies_between(numbers: list[int], data: st.DataObject) -> None:
    """No task outside the ends, none inside left out, in the file's order."""
    known = [f"T{number:03}" for number in numbers]
    low, high = sorted(data.draw(st.tuples(st.sampled_from(numbers), st.sampled_from(numbers))))

    found = taskids.expand(f"T{low:03}-T{high:03}", taskids.Known(known))

    assert list(found) == [f"T{n:03}" for n in numbers if low <= n <= high]
