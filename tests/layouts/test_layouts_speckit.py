"""spec-kit: many items in one file, in the forms that people write them."""

from __future__ import annotations

from layouts_kit import codes, items, load, only

from ghsync.model import Kind, Priority, State

SPEC = "# Feature Specification: Search\n\n**Status**: Draft\n\nWhat it is.\n"
TASKS = """\
---
description: "Task list"
---

# Tasks: Search

## Format: `[ID] [P?] [Story] Description`

- **[P]**: Can run in parallel

## Phase 1: Setup

- [x] T001 Create the project per plan.md
- [X] T002 [P] Configure linting

## Phase 3: User Story 1 - Find things (Priority: P1)

- [ ] T010 [P] [US1] Index in `src/index.py` (depends on T001, T002)
  - keep it small
  - test it

    with care
- [ ] T011 [US1] Query in src/query.py
* [ ] **T012** [US2]: Rank results

## Dependencies

- T010 before T011

```
- [ ] T099 an example
```
"""


def feature(tasks: str = TASKS, spec: str | None = SPEC) -> dict[str, str]:
    """A feature folder."""
    texts = {"specs/001-search/tasks.md": tasks, "specs/001-search/plan.md": "# Plan\n"}
    if spec is not None:
        texts["specs/001-search/spec.md"] = spec
    return texts


def test_a_feature_is_an_epic_and_each_line_a_task() -> None:
    """Keys, lines, titles, states, labels, parents and blockers of checkbox lines."""
    loaded = load(feature())
    by_key = items(loaded)

    assert [str(item.key) for item in loaded.items] == [
        "specs/001-search",
        *(f"specs/001-search#{i}" for i in ("T001", "T002", "T010", "T011", "T012")),
    ]
    epic = by_key["specs/001-search"]
    assert (epic.kind, epic.title) == (Kind.EPIC, "Feature Specification: Search")
    assert epic.body == SPEC.strip()
    assert (epic.status, epic.state) == ("Draft", State.OPEN)
    ten = by_key["specs/001-search#T010"]
    assert (ten.path, ten.line) == ("specs/001-search/tasks.md", 18)
    assert ten.title == "Index in `src/index.py` (depends on T001, T002)"
    assert (ten.labels, ten.parent) == (("task", "US1"), "specs/001-search")
    assert ten.blocked_by == ("specs/001-search#T001", "specs/001-search#T002")
    assert ten.priority is Priority.HIGH
    assert by_key["specs/001-search#T002"].state is State.CLOSED
    assert (by_key["specs/001-search#T012"].title, codes(loaded)) == ("Rank results", [])


def test_the_body_is_the_line_and_what_is_indented_under_it() -> None:
    """Without the checkbox, and without the common indent."""
    body = items(load(feature()))["specs/001-search#T010"].body

    assert body.split("\n") == [
        "T010 [P] [US1] Index in `src/index.py` (depends on T001, T002)",
        "- keep it small",
        "- test it",
        "",
        "  with care",
    ]


def test_the_other_files_of_a_feature_are_listed() -> None:
    """Plans, contracts and checklists are no items."""
    texts = {**feature(), "specs/001-search/checklists/ux.md": "x", "specs/README.md": "x"}

    assert [entry.path for entry in load(texts).not_items] == [
        "specs/001-search/checklists/ux.md",
        "specs/001-search/plan.md",
        "specs/README.md",
    ]


def test_tasks_without_a_spec_are_still_an_epics() -> None:
    """The epic is the folder, its title the folder's name."""
    loaded = load(feature(spec=None))
    epic = items(loaded)["specs/001-search"]

    assert (epic.path, epic.title) == ("specs/001-search/tasks.md", "001-search")
    assert len(loaded.items) == 6


def test_a_spec_without_tasks_is_an_epic() -> None:
    """And a tasks.md without task lines says so."""
    loaded = load(feature("# Tasks\n\nTo come.\n"))

    assert len(loaded.items) == 1
    assert "holds no task lines" in loaded.not_items[1].reason


def test_headings() -> None:
    """Tasks as headings have the text under them as their body."""
    tasks = (
        "# Tasks\n\n### T001: Set up ✅\n\nMake it.\n\n- [ ] a step\n\n---\n\n"
        "### Task T002 - Build [P]\n\n**Status**: cancelled\n**Dependencies**: T001\n\n"
        "## Notes\n\nT001 is done.\n"
    )
    loaded = load(feature(tasks))
    one, two = loaded.items[1:]

    assert (one.title, one.body, one.state) == ("Set up", "Make it.\n\n- [ ] a step", State.CLOSED)
    assert (two.title, two.line, two.reason) == ("Build", 11, "not_planned")
    assert two.blocked_by == (one.key,)


def test_tables() -> None:
    """Rows of a table with a header."""
    tasks = (
        "# Tasks\n\n| ID | Task | Depends | Status |\n|---|---|---|---|\n"
        "| T001 | Set up | - | Done |\n| T002 | Build | T001 | Open |\n"
    )
    one, two = load(feature(tasks)).items[1:]

    assert [(task.title, task.line) for task in (one, two)] == [("Set up", 5), ("Build", 6)]
    assert (one.state, two.state, two.blocked_by) == (State.CLOSED, State.OPEN, (one.key,))


def test_plain_lists() -> None:
    """List lines without boxes are tasks where nothing else is; not under Dependencies."""
    tasks = "# Tasks\n\n- T001 Set up\n- T002: Build\n\n## Dependencies\n\n- T002 after T001\n"

    assert [item.title for item in load(feature(tasks)).items[1:]] == ["Set up", "Build"]


def test_an_id_twice_is_an_error_for_the_second() -> None:
    """Both lines are named, the second is an item of its own, and refused."""
    loaded = load(feature("- [ ] T001 One\n- [ ] T002 Two\n- [ ] T001 Again\n"))
    finding = only(loaded, "duplicate_key")

    assert (finding.key, finding.line) == ("specs/001-search#T001~2", 3)
    assert "tasks.md:1" in finding.message
    assert [item.title for item in loaded.items[1:]] == ["One", "Two", "Again"]


def test_a_hundred_children_are_linked_and_no_more() -> None:
    """The rest stand without a parent, with one warning."""
    loaded = load(feature("".join(f"- [ ] T{n:03} Task {n}\n" for n in range(1, 104))))

    parents = [item.parent for item in loaded.items[1:]]
    assert parents == ["specs/001-search"] * 100 + [None] * 3
    assert only(loaded, "too_many_children").line == 101


def test_long_lines_have_a_short_title() -> None:
    """A title is cut at a word; the body has the whole line."""
    text = "word " * 80
    item = load(feature(f"- [ ] T001 {text}\n")).items[1]

    assert len(item.title) <= 200
    assert item.title.endswith("word…")
    assert item.body == f"T001 {text.strip()}"


def test_features_do_not_share_their_ids() -> None:
    """T001 of one feature is never T001 of another."""
    texts = feature()
    texts["specs/002-sort/tasks.md"] = "- [ ] T001 A\n- [ ] T005 B (depends on T001, T010)\n"
    loaded = load(texts)

    assert items(loaded)["specs/002-sort#T005"].blocked_by == ("specs/002-sort#T001",)
    assert codes(loaded) == ["reference_unknown"]


def test_line_numbers_count_the_frontmatter() -> None:
    """The line is that of the file, whatever comes first."""
    loaded = load(feature("---\na: b\n---\n\n\n- [ ] T001 One\n"))

    assert loaded.items[1].line == 6


def test_a_broken_spec_refuses_the_epic_alone() -> None:
    """Its tasks keep it as their parent."""
    loaded = load(feature(spec="---\na: b: c\n---\n# S\n"))

    assert only(loaded, "yaml_invalid").key == "specs/001-search"
    assert loaded.items[1].parent == "specs/001-search"


def test_broken_frontmatter_of_the_tasks_refuses_none_of_them() -> None:
    """It is an error of the file; the lines below it are read."""
    loaded = load(feature("---\na: b: c\n---\n- [ ] T001 One\n"))

    assert only(loaded, "yaml_invalid").key is None
    assert loaded.items[1].title == "One"


def test_lines_as_people_mark_them() -> None:
    """Bold, code, brackets, struck out, ``Task`` in front; ``[-]`` is not planned."""
    tasks = (
        "- [ ] **T001 [P]** A\n- [ ] `T002` B\n- [ ] [T003] [US02] C\n- [ ] ~~T004~~ D\n"
        "- [ ] Task T005: E\n- [-] T006 F\n1. [x] T007 G\n- [ ] **T008**: H\n"
    )
    made = load(feature(tasks)).items[1:]

    assert [item.title for item in made] == list("ABCDEFGH")
    assert [str(item.key)[-4:] for item in made] == [f"T00{n}" for n in range(1, 9)]
    assert made[2].labels == ("task", "US2")
    assert made[5].reason == "not_planned"
    assert made[6].state is State.CLOSED


def test_forms_may_be_mixed() -> None:
    """The form with the most ids leads; an id seen there already is only mentioned elsewhere."""
    tasks = (
        "### T001: A\n\n- [ ] T002 first\n\n### T002: B\n\n### T003: C\n\n## More\n\n- [ ] T010 D\n"
    )
    loaded = load(feature(tasks))

    assert [item.title for item in loaded.items[1:]] == ["A", "B", "C", "D"]
    assert codes(loaded) == []


def test_boxes_without_an_id_are_counted() -> None:
    """They are no tasks, and one note says so."""
    loaded = load(feature("- [ ] T001 A\n- [ ] Something\n- [ ] More\n"))

    assert only(loaded, "task_without_id").line == 2
    assert len(loaded.items) == 2
