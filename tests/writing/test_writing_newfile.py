"""An issue without a file gets one: named, numbered and filled as its layout's own files are."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from writing_kit import items

from ghsync.edit import EditError
from ghsync.layouts.base import CustomLayout, LoadOptions
from ghsync.model import Kind, State, StateReason
from ghsync.writing import NewFile, NewIssue, WriteSettings, new_file
from ghsync.writing.naming import slug

ISSUE = NewIssue(
    kind=Kind.TASK,
    title="Pay: the #bill",
    body="Text.\n\n- [ ] one",
    number=42,
    url="https://github.com/o/r/issues/42",
    created="2026-01-02T03:04:05Z",
)
EPIC = ".claude/epics/shop/epic.md"
FRONT = "---\nname: {0}\nstatus: {1}\n---\n\nText.\n"
SHOP = {EPIC: FRONT.format("shop", "backlog")}


def make(
    texts: dict[str, str],
    layout: str,
    issue: NewIssue = ISSUE,
    parent: str | None = None,
    settings: WriteSettings | None = None,
) -> tuple[NewFile, dict[str, object]]:
    """The new file, and all items with it."""
    settings = settings or WriteSettings()
    options = LoadOptions(custom=settings.custom)
    found = items(texts, options)
    made = new_file(
        layout,
        issue,
        parent=found[parent] if parent else None,
        items=tuple(found.values()),
        paths=texts,
        settings=settings,
    )
    assert made.path not in texts
    loaded = items({**texts, made.path: made.text}, options)
    assert set(found) <= set(loaded)
    return made, {item.path: item for item in loaded.values()}


def test_the_first_task_of_an_epic_is_named_by_its_issue() -> None:
    """As ccpm names it after its own sync; the fields are ccpm's."""
    made, loaded = make(SHOP, "ccpm", parent=".claude/epics/shop/epic")
    assert made.path == ".claude/epics/shop/42.md"
    assert made.text == (
        '---\nname: "Pay: the #bill"\nstatus: open\ncreated: 2026-01-02T03:04:05Z\n'
        "updated: 2026-01-02T03:04:05Z\ngithub: https://github.com/o/r/issues/42\n"
        "depends_on: []\nparallel: true\nconflicts_with: []\n---\n\nText.\n\n- [ ] one\n"
    )
    item = loaded[made.path]
    assert (item.title, item.body, item.parent) == (  # type: ignore[attr-defined]
        ISSUE.title,
        ISSUE.body,
        ".claude/epics/shop/epic",
    )


@pytest.mark.parametrize(
    ("names", "path"),
    [
        (["001.md", "009.md"], "010.md"),
        (["001-cart.md", "002-ship.md"], "003-pay-the-bill.md"),
        (["task-7.md"], "task-8.md"),
        (["T001.md", "T002.md"], "T003.md"),
    ],
)
def test_the_next_number_in_the_folders_own_form(names: list[str], path: str) -> None:
    """Width, prefix and slug are those of the files beside it."""
    folder = ".claude/epics/shop/"
    texts = SHOP | {folder + name: FRONT.format(name, "open") for name in names}
    assert make(texts, "ccpm", parent=".claude/epics/shop/epic")[0].path == folder + path


def test_no_name_that_the_layout_takes_for_something_else() -> None:
    """``003-data-analysis.md`` would be a study beside a task."""
    folder = ".claude/epics/shop/"
    texts = SHOP | {f"{folder}002-cart.md": FRONT.format("cart", "open")}
    issue = replace(ISSUE, title="Data analysis")
    made, _ = make(texts, "ccpm", issue, ".claude/epics/shop/epic")
    assert made.path == f"{folder}003.md"


def test_files_named_by_their_issues() -> None:
    """Where the others are, the new one is."""
    other = "---\nname: a\nstatus: open\ngithub: https://github.com/o/r/issues/7\n---\n"
    texts = SHOP | {".claude/epics/shop/7.md": other}
    made, _ = make(texts, "ccpm", parent=".claude/epics/shop/epic")
    assert made.path == ".claude/epics/shop/42.md"


def test_epics_and_prds_get_a_place_by_their_title() -> None:
    """A name that the layout takes for something else, or that is taken, is not given."""
    epic = replace(ISSUE, kind=Kind.EPIC, title="Shop")
    made, loaded = make(SHOP, "ccpm", epic)
    assert made.path == ".claude/epics/epic-42/epic.md"
    study = replace(ISSUE, kind=Kind.PRD, title="Market analysis", state=State.CLOSED)
    made, loaded = make(SHOP, "ccpm", study)
    assert made.path == ".claude/prds/market-analysis.md"
    item = loaded[made.path]
    assert item.state is State.CLOSED  # type: ignore[attr-defined]


def test_claude_auto_pm_has_ids() -> None:
    """The id of a task holds its epic's."""
    texts = {
        ".claude/epics/epic-001-shop/epic.md": "---\nid: epic-001\ntitle: Shop\nstatus: planning\n"
        "---\n",
        ".claude/epics/epic-001-shop/task-epic-001-004.md": "---\nid: task-epic-001-004\n"
        "epic_id: epic-001\ntitle: A\nstatus: pending\n---\n",
    }
    made, loaded = make(texts, "claudeautopm", parent=".claude/epics/epic-001-shop/epic")
    assert made.path == ".claude/epics/epic-001-shop/task-epic-001-005.md"
    assert "id: task-epic-001-005\nepic_id: epic-001\n" in made.text
    assert "github_issue: 42\n" in made.text
    item = loaded[made.path]
    assert item.layout == "claudeautopm"  # type: ignore[attr-defined]
    assert item.parent == ".claude/epics/epic-001-shop/epic"  # type: ignore[attr-defined]


def test_backlog_names_and_quotes_as_backlog_does() -> None:
    """The next id of all tasks, archived ones too; lists one item a line; parts of a task."""
    old = "---\nid: task-{0}\ntitle: A\nstatus: {1}\n---\n"
    texts = {
        "backlog/tasks/task-3 - A.md": old.format(3, "To Do"),
        "backlog/completed/task-9 - B.md": old.format(9, "Done"),
    }
    issue = replace(
        ISSUE, labels=("task", "bug"), assignees=("ann",), state=State.CLOSED, milestone="v1"
    )
    made, loaded = make(texts, "backlog", issue)
    assert made.path == "backlog/tasks/task-10 - Pay-the-bill.md"
    assert made.text.startswith(
        "---\nid: task-10\ntitle: 'Pay: the #bill'\nstatus: Done\nassignee:\n  - ann\n"
        "created_date: '2026-01-02 03:04'\nlabels:\n  - bug\nmilestone: v1\ndependencies: []\n---\n"
    )
    assert made.unheld == ()
    sub, loaded = make(texts, "backlog", parent="backlog/tasks/task-3 - A")
    assert sub.path == "backlog/tasks/task-3.1 - Pay-the-bill.md"
    assert loaded[sub.path].parent == "backlog/tasks/task-3 - A"  # type: ignore[attr-defined]


def test_stories_features_and_folders() -> None:
    """Each is numbered behind its like."""
    bmad = {
        "docs/epics/epic-2-shop.md": "# Shop\n",
        "docs/stories/2.3.cart.md": "# Cart\n\nStatus: draft\n",
    }
    made, loaded = make(bmad, "bmad", parent="docs/epics/epic-2-shop")
    assert made.path == "docs/stories/2.4.pay-the-bill.md"
    assert loaded[made.path].title == ISSUE.title  # type: ignore[attr-defined]
    study = replace(ISSUE, title="Data analysis")
    made, _ = make(bmad, "bmad", study, "docs/epics/epic-2-shop")
    assert made.path == "docs/stories/2.4.md"
    spec = {"specs/001-shop/spec.md": "# Shop\n"}
    made, loaded = make(spec, "spec-kit", replace(ISSUE, kind=Kind.EPIC))
    assert made.path == "specs/002-pay-the-bill/spec.md"
    assert made.text == "# Pay: the #bill\n\nText.\n\n- [ ] one\n"
    assert made.unheld == ("body",)
    folder = {"issues/007-a.md": FRONT.format("a", "open")}
    made, loaded = make(folder, "folder", replace(ISSUE, labels=("bug",)))
    assert made.path == "issues/008-pay-the-bill.md"
    assert "labels: [bug]\n" in made.text
    assert loaded[made.path].recorded.number == 42  # type: ignore[attr-defined]


def test_a_layout_of_the_users_own() -> None:
    """Only a path that its globs make an item of that kind."""
    custom = CustomLayout(name="mine", kinds=(("work/*.md", Kind.TASK),))
    settings = WriteSettings(custom=(custom,))
    texts = {"work/fix-cart.md": FRONT.format("a", "open")}
    made, _ = make(texts, "mine", settings=settings)
    assert made.path == "work/pay-the-bill.md"


def test_no_place() -> None:
    """A task without an epic, a line of a tasks.md, a story of no epic: said, not guessed."""
    for layout, texts in (
        ("ccpm", SHOP),
        ("export", {".issues/open/1-a.md": FRONT.format("a", "open")}),
        ("folder", {"tasks/epic-1.md": FRONT.format("a", "open")}),
        ("spec-kit", {"specs/001-shop/spec.md": "# Shop\n"}),
        ("bmad", {"docs/stories/2.3.cart.md": "# Cart\n"}),
    ):
        with pytest.raises(EditError) as caught:
            make(texts, layout)
        assert caught.value.hint


def test_a_kind_or_a_parent_that_a_layout_does_not_know() -> None:
    """Backlog.md has tasks only; a flat epic has no folder; a PRD has no parent."""
    backlog = {"backlog/tasks/task-3 - A.md": "---\nid: task-3\ntitle: A\n---\n"}
    with pytest.raises(EditError, match="tasks only"):
        make(backlog, "backlog", replace(ISSUE, kind=Kind.EPIC))
    flat = {".claude/epics/shop.md": FRONT.format("shop", "backlog")}
    with pytest.raises(EditError, match="no folder"):
        make(flat, "ccpm", parent=".claude/epics/shop")
    prd = replace(ISSUE, kind=Kind.PRD)
    assert "parent" in make(SHOP, "ccpm", prd, ".claude/epics/shop/epic")[0].unheld


def test_a_closed_feature_says_so_in_its_text() -> None:
    """spec-kit has no other place for it."""
    issue = replace(ISSUE, kind=Kind.EPIC, state=State.CLOSED)
    made, loaded = make({"specs/001-shop/spec.md": "# Shop\n"}, "spec-kit", issue)
    assert loaded[made.path].state is State.CLOSED  # type: ignore[attr-defined]


def test_closed_as_not_planned() -> None:
    """The state is the issue's, with its reason."""
    issue = replace(ISSUE, state=State.CLOSED, reason=StateReason.NOT_PLANNED)
    made, loaded = make(SHOP, "ccpm", issue, ".claude/epics/shop/epic")
    assert loaded[made.path].reason is StateReason.NOT_PLANNED  # type: ignore[attr-defined]


@given(st.text(max_size=80))
def test_a_slug_is_a_safe_name(title: str) -> None:
    """No separators, dots or control characters, no device, and short enough for any disk."""
    for name in (slug(title), slug(title, lower=False)):
        assert not set(name) & set('/\\.:*?"<>|\0\n')
        assert name.isprintable()
        assert len(f"2026-{name}.md".encode()) < 200
        assert name.casefold() not in {"con", "prn", "aux", "nul", "com1", "lpt9"}
        assert name == name.strip("- ")


@given(st.text(max_size=60), st.text(max_size=60))
def test_any_issue_gives_a_file_that_says_it_or_none(title: str, body: str) -> None:
    """What is written is read back as the same title and state."""
    issue = replace(ISSUE, title=title or "x", body=body)
    try:
        made, loaded = make(SHOP, "ccpm", issue, ".claude/epics/shop/epic")
    except EditError:
        return
    assert made.path == ".claude/epics/shop/42.md"
    item = loaded[made.path]
    assert item.title == " ".join(issue.title.split())  # type: ignore[attr-defined]
