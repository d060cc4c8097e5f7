"""planhub's and gh-issue-sync's files, as those tools write them."""

from __future__ import annotations

import pytest

from ghsync.importers import catalogue, singlefiles

PLANHUB = """---
id: "planhub-issue-001"
number: 123
title: "Stage 1 — Schema"
labels: ["schema", "db"]
state: "open"
---

Text.
"""
GIS = """---
title: Fix login bug
labels:
    - bug
state: open
state_reason: null
synced_at: 2025-01-15T10:30:00Z
info:
    author: charlie
---

Text.
"""


def test_planhubs_number() -> None:
    """``number:`` is the issue once it is synced, in every folder that planhub uses."""
    for path in (
        ".plan/issues/schema.md",
        ".plan/milestones/stage-1/issues/schema.md",
        ".plan/archive/issues/schema.md",
        ".plan/archive/milestones/stage-1/issues/schema.md",
    ):
        records = catalogue.read(path, PLANHUB)
        assert [(r.number, r.line, r.text) for r in records] == [(123, 3, "Stage 1 — Schema")]


@pytest.mark.parametrize("path", [".plan/milestones/s/milestone.md", ".plan/config.yaml", "a.md"])
def test_a_milestones_number_is_no_issues(path: str) -> None:
    """The same field means a milestone in ``milestone.md``."""
    assert not catalogue.known(path)


def test_planhub_without_a_number_and_with_a_wrong_one() -> None:
    """A new file has none; ``Stage 2`` is none."""
    assert catalogue.read(".plan/issues/a.md", PLANHUB.replace("number: 123\n", "")) == ()
    assert catalogue.read(".plan/issues/a.md", PLANHUB.replace("123", "null")) == ()
    record = catalogue.read(".plan/issues/a.md", PLANHUB.replace("123", "Stage 2"))[0]
    assert (record.number, "no issue's number" in (record.wrong or "")) == (None, True)


@pytest.mark.parametrize(
    ("path", "number"),
    [
        (".issues/open/42-fix-login-bug.md", 42),
        (".issues/closed/99.md", 99),
        (".issues/open/T1-new-idea.md", None),
        (".issues/open/Tabc-idea.md", None),
        (".issues/open/notes.md", None),
    ],
)
def test_gh_issue_sync_names_files_by_number(path: str, number: int | None) -> None:
    """The number in front of the name; ``T…`` is not pushed yet."""
    assert [record.number for record in catalogue.read(path, GIS)] == ([number] if number else [])
    assert singlefiles.number_of_name(path) == number


@pytest.mark.parametrize(
    "path", [".issues/.sync/originals/42.md", ".issues/open/42.comment.md", ".issues/42-x.md"]
)
def test_what_gh_issue_sync_keeps_beside_the_issues_is_no_record(path: str) -> None:
    """Copies and queued comments carry numbers, too."""
    assert not catalogue.known(path)
