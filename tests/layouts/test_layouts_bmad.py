"""BMAD: stories by their numbers, and what lies beside them."""

from __future__ import annotations

import pytest
from layouts_kit import codes, items, load, only

from ghsync.model import Kind, State


def test_bmad() -> None:
    """Stories find their epic by number; the status is a section or a line of the body."""
    loaded = load(
        {
            "docs/epics/epic-001-base.md": "# Epic 1: Base\n\n## Status\n\nIn Progress\n",
            "docs/stories/001.02.cart.md": "# Story 1.2: Cart\n\n## Status\n\nDone\n\n## Story\n",
            "docs/stories/2.1.till.md": "# Story 2.1: Till\n\nStatus: ready-for-dev\n",
            "docs/prd/shop-prd.md": "# Shop PRD\n",
            "docs/architecture/x.md": "# X\n",
        }
    )
    by_key = items(loaded)

    assert loaded.layouts == ("bmad",)
    story = by_key["docs/stories/001.02.cart"]
    assert (story.parent, story.state, story.ident) == (
        "docs/epics/epic-001-base",
        State.CLOSED,
        "1.2",
    )
    assert by_key["docs/stories/2.1.till"].parent is None
    assert [entry.path for entry in loaded.not_items] == ["docs/architecture/x.md"]
    assert codes(loaded) == []


def test_an_unknown_status_in_a_story_is_said() -> None:
    """The line is that of the body."""
    loaded = load({"docs/stories/1.1.a.md": "# A\n\n## Status\n\nGO for it\n"})

    assert only(loaded, "unknown_status").line == 5


def test_a_comment_behind_the_status_is_none_of_it() -> None:
    """Templates list the words that may stand there."""
    loaded = load({"docs/stories/1.1.a.md": "# A\n\n## Status\n\nDone <!-- Draft | Done -->\n"})

    assert (loaded.items[0].status, loaded.items[0].state) == ("Done", State.CLOSED)
    assert codes(loaded) == []


def test_stories_of_stories() -> None:
    """``3.1.2`` is a number of its own, and belongs to epic 3."""
    loaded = load(
        {
            "docs/epics/epic-3-import.md": "# Epic 3\n",
            "docs/stories/3.1.1.load.md": "# Story 3.1.1: Load\n",
            "docs/stories/3.1.2.check.md": "# Story 3.1.2: Check\n",
        }
    )

    assert [item.ident for item in loaded.items] == [None, "3.1.1", "3.1.2"]
    assert {item.parent for item in loaded.items[1:]} == {"docs/epics/epic-3-import"}


@pytest.mark.parametrize(
    "name", ["2.1.cart.PO-review", "2.1.cart.validation-report", "2.1.fix-plan-v2"]
)
def test_documents_about_a_story_are_none(name: str) -> None:
    """They have its number, end like a document, and lack a story's sections."""
    loaded = load(
        {"docs/stories/2.1.cart.md": "# Cart\n", f"docs/stories/{name}.md": "# R\n\n## Verdict\n"}
    )

    assert [item.key for item in loaded.items] == ["docs/stories/2.1.cart"]
    assert "a document about a story" in loaded.not_items[0].reason


def test_a_story_may_be_called_like_a_document() -> None:
    """Its sections tell."""
    loaded = load({"docs/stories/5.2.order-review.md": "# Story 5.2\n\n## Acceptance Criteria\n"})

    assert len(loaded.items) == 1


def test_epics_without_a_number() -> None:
    """Named ``epic-…`` where epics are kept; lists of epics and templates are none."""
    loaded = load(
        {
            "out/planning-artifacts/epic-chat.md": "# Chat\n",
            "out/planning-artifacts/epics.md": "# All epics\n",
            "out/planning-artifacts/epic-list.md": "# List\n",
            "out/implementation-artifacts/1-1-a.md": "# Story 1.1\n",
        }
    )
    epics = [item.path for item in loaded.items if item.kind is Kind.EPIC]

    assert epics == ["out/planning-artifacts/epic-chat.md"]


def test_bmad_beside_other_layouts() -> None:
    """Numbered stories are recognised wherever they are."""
    loaded = load(
        {
            "specs/001-a/tasks.md": "- [ ] T001 A\n",
            "specs/001-a/spec.md": "# A\n",
            "docs/stories/1.1.b.md": "# B\n",
        }
    )

    assert loaded.layouts == ("bmad", "spec-kit")
    assert len(loaded.items) == 3


WORDS = ["Draft", "Approved", "InProgress", "Review", "Ready for Review"]
WORDS += ["backlog", "drafted", "contexted", "ready-for-dev", "in-progress", "review"]


@pytest.mark.parametrize("word", WORDS)
def test_the_words_of_both_templates_are_known(word: str) -> None:
    """Version 4's story template and version 6's sprint status; none of them is closed."""
    loaded = load({"docs/stories/1.1.a.md": f"# Story 1.1: A\n\nStatus: {word}\n"})

    assert loaded.items[0].state is State.OPEN
    assert codes(loaded) == []


@pytest.mark.parametrize(
    ("line", "word", "state"),
    [
        ("## Status: Done", "Done", State.CLOSED),
        ("## **Status**: Approved", "Approved", State.OPEN),
        ("**Status**: **In Progress** - stories 1.1 and 1.2 done", "In Progress", State.OPEN),
        ("- **Status:** **Done** (2025-01-31)", "Done", State.CLOSED),
    ],
)
def test_a_status_in_a_heading_or_with_prose_behind_it(line: str, word: str, state: State) -> None:
    """An older template writes it into the heading; people explain it."""
    loaded = load({"docs/stories/1.1.a.md": f"# Story 1.1: A\n\n{line}\n\n## Story\n\nx\n"})

    assert (loaded.items[0].status, loaded.items[0].state) == (word, state)
    assert codes(loaded) == []


def test_a_story_of_version_6() -> None:
    """``1-2-name.md`` in the artifacts folder; a single ``epics.md`` is no item."""
    folder = "_bmad-output/implementation-artifacts"
    loaded = load(
        {
            f"{folder}/1-2-cart.md": "# Story 1.2: Cart\n\nStatus: done\n\n## Story\n\nx\n",
            "_bmad-output/planning-artifacts/epics.md": "# Epics\n",
            "_bmad-output/planning-artifacts/epics/epic-1-base.md": "# Epic 1: Base\n",
        }
    )
    story = items(loaded)[f"{folder}/1-2-cart"]

    assert (story.ident, story.state) == ("1.2", State.CLOSED)
    assert story.parent == "_bmad-output/planning-artifacts/epics/epic-1-base"
    assert [entry.path for entry in loaded.not_items] == [
        "_bmad-output/planning-artifacts/epics.md"
    ]
