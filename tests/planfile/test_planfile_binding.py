"""What a plan is bound to: which field of a file, a line of the map and an issue it depends on."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from plan.plan_kit import entry, issue, item, recorded

from ghsync.journal import Entry
from ghsync.model import (
    Adopt,
    CloseIssue,
    CreateIssue,
    FieldKind,
    HeldField,
    Issue,
    IssueNumber,
    Item,
    Key,
    Kind,
    LockIssue,
    Operation,
    Plan,
    Priority,
    Rename,
    Repo,
    RepoId,
    State,
    StateReason,
)
from ghsync.model.saved import SavedPlan, Side
from ghsync.planfile import Ground, moved, sides

REPO = Repo(id=RepoId(7), full_name="octo/plan")
PATH = "https://github.com/octo/plan/blob"
CLOSE = CloseIssue(
    key=Key("a"), path="a.md", number=IssueNumber(1), title="Title",
    state_reason=StateReason.COMPLETED, priority=Priority.MEDIUM,
)  # fmt: skip


def create(key: str = "a", **fields: Any) -> CreateIssue:
    """A create of a task."""
    return CreateIssue(
        **{
            "key": Key(key), "kind": Kind.TASK, "path": f"{key}.md", "title": "Title",
            "body": "Body.", "labels": (), "assignees": (), "milestone": None, "parent": None,
            "blocked_by": (), "priority": Priority.MEDIUM, **fields,
        }
    )  # fmt: skip


def saved(*operations: Operation, at: tuple[Side, ...] = (), **fields: Any) -> SavedPlan:
    """A plan of these operations."""
    plan = Plan(repo=REPO, operations=operations, **fields)
    return SavedPlan(
        plan=plan, version="1", api_url="", sandbox=False, inside="", commit=None, settings={},
        given=(), sides=at,
    )  # fmt: skip


def side(
    file: Item | None = None, line: Entry | None = None, there: Issue | None = None
) -> tuple[Side, ...]:
    """What a plan that closes the issue of ``a`` takes for granted."""
    ground = Ground(
        items={Key("a"): file or item("a")},
        entries={Key("a"): line or entry("a", 1)},
        issues={IssueNumber(1): there or issue(1)},
    )
    return sides(Plan(repo=REPO, operations=(CLOSE,)), ground)


def said(before: tuple[Side, ...], now: tuple[Side, ...]) -> str:
    """What has moved."""
    return "; ".join(moved(saved(CLOSE, at=before), saved(CLOSE, at=now)))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", "Other"),
        ("body", "Other."),
        ("labels", ("urgent",)),
        ("assignees", ("octocat",)),
        ("milestone", "v1"),
        ("type", "Task"),
        ("fields", (HeldField(name="Effort", kind=FieldKind.NUMBER, value="3"),)),
        ("locked", True),
        ("parent", IssueNumber(9)),
    ],
)
def test_each_field_of_an_issue_counts(field: str, value: object) -> None:
    """Whatever ghsync keeps in step: the issue that was reviewed is another one."""
    there = issue(1, **{field: value})
    assert said(side(), side(there=there)) == f"issue #1: {field} changed on GitHub (a)"
    assert said(side(there=there), side(there=there)) == ""


def test_why_an_issue_was_closed_counts() -> None:
    """And that it was; the reason of one that was reopened does not."""
    done, skipped = (
        issue(1, state=State.CLOSED, state_reason=why) for why in ("completed", "not_planned")
    )
    assert "state_reason changed" in said(side(there=done), side(there=skipped))
    assert "state, state_reason changed" in said(side(), side(there=done))
    assert said(side(), side(there=issue(1, state_reason="reopened"))) == ""


@pytest.mark.parametrize("field", ["children_total", "blocked_by_total", "updated_at", "id"])
def test_what_ghsync_does_not_keep_in_step_does_not_count(field: str) -> None:
    """Comments move the time, and other people's links the sums."""
    there = replace(issue(1), **{field: "2026" if field == "updated_at" else 5})
    assert said(side(), side(there=there)) == ""


def test_what_of_a_file_and_its_line_counts() -> None:
    """Not the number that ``--write-back`` wrote, nor the order of children that others settled."""
    assert said(side(), side(file=item("a", recorded=recorded(1)))) == ""
    assert said(side(), side(file=item("a", locked=True))) == "file a.md: it changed"
    line = entry("a", 1)
    assert line.base is not None
    ordered = replace(line, base=replace(line.base, children=(IssueNumber(2),)))
    titled = replace(line, base=replace(line.base, title="Other"))
    assert said(side(), side(line=ordered)) == ""
    assert said(side(), side(line=titled)) == "map: the line of a (issue #1) changed"


def test_a_renamed_file_is_bound_to_its_old_line() -> None:
    """The map has it under the old key until the rename is written."""
    rename = Rename(old=Key("b"), new=Key("a"), number=IssueNumber(1))
    plan = Plan(repo=REPO, operations=(), renames=(rename,))

    def bound(line: Entry) -> tuple[Side, ...]:
        there = {IssueNumber(1): issue(1)}
        ground = Ground(items={Key("a"): item("a")}, entries={Key("b"): line}, issues=there)
        return sides(plan, ground)

    [found] = bound(entry("b", 1))
    assert (found.key, found.number, found.entry is not None) == ("a", 1, True)
    assert [found] != list(bound(entry("b", 1, ident="x")))


def test_a_rename_that_is_none_any_more_is_named() -> None:
    """The item would become another issue's."""
    rename = Rename(old=Key("b"), new=Key("a"), number=IssueNumber(1))
    assert moved(saved(renames=(rename,)), saved()) == ("file a: it is no longer taken for b",)


def test_the_commit_in_a_new_issues_permalink_does_not_count() -> None:
    """The merge has another one; another file does."""
    first, merged, other = (
        saved(create(body=f'[it]({PATH}/{commit}/docs/{name}.md "docs/{name}.md")'))
        for commit, name in (("a" * 40, "it"), ("b" * 40, "it"), ("b" * 40, "other"))
    )
    assert moved(first, merged) == ()
    assert moved(first, other) == ("operation changed: create a (body)",)


def test_what_is_left_of_a_plan_that_was_begun() -> None:
    """Anything for an issue that the plan makes, but never a stranger's in its place."""
    lock = LockIssue(key=Key("a"), path="a.md", number=IssueNumber(1), title="Title",
                     priority=Priority.MEDIUM)  # fmt: skip
    adopt = Adopt(key=Key("a"), path="a.md", number=IssueNumber(9), title="Title", uid=None,
                  reason="its marker")  # fmt: skip
    assert moved(saved(create()), saved(lock), begun=True) == ()
    assert moved(saved(create("b")), saved(lock), begun=True) == ("operation new: lock a",)
    assert moved(saved(create()), saved(adopt), begun=True) == ("operation new: adopt a",)


def test_an_item_that_has_another_issue_by_now_stops_what_is_left() -> None:
    """The run itself changes the line of the map, and never the number in it."""
    before = side()
    now = tuple(replace(each, entry="other", number=IssueNumber(2)) for each in before)
    found = moved(saved(CLOSE, at=before), saved(CLOSE, at=now), begun=True)
    assert found == ("map: a has issue #2 by now, it was #1",)
