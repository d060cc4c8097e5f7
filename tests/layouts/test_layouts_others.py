"""ClaudeAutoPM, Backlog.md, the user's own layouts, and the two of last resort."""

from __future__ import annotations

import pytest
from layouts_kit import EPIC, codes, items, load, task

from ghsync.errors import NoLayoutError, UsageError
from ghsync.layouts.base import CustomLayout, FieldNames, LoadOptions
from ghsync.model import Kind, State, StateReason

AUTOPM = {
    ".claude/prds/prd-001-shop.md": "---\nid: prd-001\ntitle: Shop\nstatus: draft\n---\nx\n",
    ".claude/epics/epic-001-shop/epic.md": (
        "---\nid: epic-001\nprd_id: prd-001\ntitle: Shop epic\nstatus: planning\n"
        "github_issue: null\n---\nx\n"
    ),
    ".claude/epics/epic-001-shop/task-001.md": (
        "---\nid: task-epic-001-001\nepic_id: epic-001\ntitle: Cart\nstatus: pending\n"
        "dependencies: []\n---\nx\n"
    ),
    ".claude/epics/epic-001-shop/task-002.md": (
        "---\nid: task-epic-001-002\nepic_id: epic-001\ntitle: Till\nstatus: pending\n"
        "priority: high\ngithub_issue: 7\ndependencies: [task-001, task-epic-001-001]\n---\nx\n"
    ),
}


def test_claudeautopm_by_its_ids() -> None:
    """Ids, ``prd_id``, ``epic_id`` and short ids in ``dependencies``."""
    loaded = load(AUTOPM)
    by_key = items(loaded)

    assert loaded.layouts == ("claudeautopm",)
    assert codes(loaded) == []
    second = by_key[".claude/epics/epic-001-shop/task-002"]
    assert second.parent == ".claude/epics/epic-001-shop/epic"
    assert second.blocked_by == (".claude/epics/epic-001-shop/task-001",)
    assert (second.ident, second.title) == ("task-epic-001-002", "Till")
    epic = by_key[".claude/epics/epic-001-shop/epic"]
    assert (epic.parent, epic.kind) == (".claude/prds/prd-001-shop", Kind.EPIC)


def test_claudeautopm_one_level_deeper() -> None:
    """A feature of several epics: ``epics/<feature>/<NN-name>/epic.md``."""
    loaded = load(
        {
            ".claude/epics/shop/01-cart/epic.md": "---\nid: epic-002\ntitle: Cart\n---\n",
            ".claude/epics/shop/01-cart/task-001.md": (
                "---\nid: task-epic-002-001\ntitle: A\nstatus: pending\nepic_id: epic-002\n---\n"
            ),
            ".claude/epics/shop/02-till/epic.md": "---\nid: epic-003\ntitle: Till\n---\n",
        }
    )

    assert items(loaded)[".claude/epics/shop/01-cart/task-001"].parent == (
        ".claude/epics/shop/01-cart/epic"
    )
    assert {item.layout for item in loaded.items} == {"claudeautopm"}


def test_ccpm_and_claudeautopm_share_a_base() -> None:
    """Each file belongs to exactly one of the two, by its ids or its folder's."""
    loaded = load(
        {
            **AUTOPM,
            ".claude/prds/cart.md": "---\nname: cart\nstatus: backlog\n---\n",
            ".claude/epics/cart/epic.md": "---\nname: cart\nstatus: backlog\n---\n",
            ".claude/epics/cart/001.md": task(),
        }
    )
    layouts = {str(item.key): item.layout for item in loaded.items}

    assert loaded.layouts == ("ccpm", "claudeautopm")
    assert len(layouts) == len(AUTOPM) + 3
    assert layouts[".claude/epics/cart/001"] == layouts[".claude/prds/cart"] == "ccpm"


def test_a_layout_can_be_forced() -> None:
    """``--layout ccpm`` reads the same files by ccpm's rules."""
    loaded = load(AUTOPM, LoadOptions(layouts=("ccpm",)))

    assert loaded.layouts == ("ccpm",)
    assert len(loaded.items) == len(AUTOPM)


# ------------------------------------------------------------------------ Backlog.md


def backlog(fields: str = "", status: str = "To Do") -> str:
    """A task of Backlog.md."""
    return f"---\nid: {fields}\nstatus: {status}\nassignee: []\nlabels: []\n---\n\n## Description\n"


BACKLOG = {
    "backlog/tasks/task-1 - Set-up.md": backlog("task-1\ntitle: 'Set up: all'"),
    "backlog/tasks/task-1.2 - More.md": backlog(
        "task-1.2\ntitle: More\nparent_task_id: task-1\ndependencies:\n  - task-3\n  - TASK-01"
    ),
    "backlog/completed/task-3 - Old.md": backlog("task-3\ntitle: Old", "Done"),
    "backlog/archive/tasks/task-4 - Gone.md": backlog("task-4\ntitle: Gone"),
    "backlog/drafts/draft-1 - Idea.md": backlog("draft-1\ntitle: Idea"),
    "backlog/docs/doc-1 - Guide.md": "x",
    "backlog/decisions/decision-1 - Why.md": "x",
    "backlog/milestones/m-1 - first.md": "---\nid: m-1\ntitle: First light\n---\n",
    "backlog/tasks/readme.md": "x",
}


def test_backlog() -> None:
    """Tasks with their parents and blockers; completed and archived ones are closed."""
    loaded = load(BACKLOG)
    by_key = items(loaded)

    more = by_key["backlog/tasks/task-1.2 - More"]
    assert more.parent == "backlog/tasks/task-1 - Set-up"
    assert more.blocked_by == ("backlog/completed/task-3 - Old", "backlog/tasks/task-1 - Set-up")
    old, gone = (
        by_key["backlog/completed/task-3 - Old"],
        by_key["backlog/archive/tasks/task-4 - Gone"],
    )
    assert (old.archived, old.reason) == (True, StateReason.COMPLETED)
    assert (gone.archived, gone.state, gone.reason) == (
        True,
        State.CLOSED,
        StateReason.NOT_PLANNED,
    )
    assert codes(loaded) == []


def test_what_backlog_keeps_beside_its_tasks() -> None:
    """Drafts, documents, decisions and milestones are listed with what they are."""
    reasons = {entry.path.split("/")[1]: entry.reason for entry in load(BACKLOG).not_items}

    assert reasons == {
        "drafts": "a draft, not a task",
        "docs": "a document, not a task",
        "decisions": "a decision, not a task",
        "milestones": "a milestone, not a task",
        "tasks": "a README or the like",
    }


def test_a_milestone_id_is_its_title() -> None:
    """``m-1`` is the id of a milestone file; any other text is the milestone itself."""
    loaded = load(
        {
            **BACKLOG,
            "backlog/tasks/task-5 - A.md": backlog("task-5\ntitle: A\nmilestone: m-1"),
            "backlog/tasks/task-6 - B.md": backlog("task-6\ntitle: B\nmilestone: v1.10"),
        }
    )

    assert items(loaded)["backlog/tasks/task-5 - A"].milestone == "First light"
    assert items(loaded)["backlog/tasks/task-6 - B"].milestone == "v1.10"


def test_backlog_after_a_change_of_prefix() -> None:
    """Files still say ``task-28`` after the ids became ``BACK-28``."""
    loaded = load(
        {
            "backlog/tasks/back-28 - A.md": backlog("BACK-28\ntitle: A"),
            "backlog/tasks/back-29 - B.md": backlog("BACK-29\ntitle: B\ndependencies: [task-28]"),
        }
    )

    assert items(loaded)["backlog/tasks/back-29 - B"].blocked_by == ("backlog/tasks/back-28 - A",)


def test_backlogs_archive_by_topic() -> None:
    """What is archived in folders of other names is archived all the same; drafts stay drafts."""
    loaded = load(
        {
            **BACKLOG,
            "backlog/archive/epic-1/task-8 - Old.md": backlog("task-8\ntitle: Old"),
            "backlog/archive/epic-1/README.md": "x",
            "backlog/archive/drafts/draft-6 - Idea.md": backlog("draft-6\ntitle: Idea"),
        }
    )
    old = items(loaded)["backlog/archive/epic-1/task-8 - Old"]

    assert (old.archived, old.reason) == (True, StateReason.NOT_PLANNED)
    assert len(loaded.items) == 5


def test_a_backlog_folder_of_any_name() -> None:
    """The files' names give the layout away; ``archive/tasks`` makes no base of its own."""
    loaded = load({path.replace("backlog/", "plan/", 1): text for path, text in BACKLOG.items()})

    assert loaded.layouts == ("backlog",)
    assert len(loaded.items) == 4
    assert sum(item.archived for item in loaded.items) == 2


# ------------------------------------------------------------------------ one's own

OWN = CustomLayout(
    name="ours",
    kinds=(("plan/epics/*.md", Kind.EPIC), ("plan/**/*.md", Kind.TASK)),
    ignore=("plan/notes/**",),
    archived=("plan/old/**",),
    fields=FieldNames(
        title=("headline",),
        status=("stage",),
        ident=("ref",),
        parent=("part_of",),
        blocked_by=("needs",),
        labels=("areas",),
        issue=("ticket",),
    ),
    statuses={"live": StateReason.COMPLETED, "parked": None},
    title="{ref}: {title}",
    labels={Kind.TASK: ("todo", "plan")},
)
OURS = {
    "plan/epics/big.md": "---\nheadline: Big\n---\n",
    "plan/a.md": "---\nref: A-1\nheadline: One\nstage: live\npart_of: big\nareas: x, y\n---\n",
    "plan/b.md": "---\nref: A-2\nheadline: Two\nstage: parked\nneeds: [A-1]\nticket: 9\n---\n",
    "plan/old/c.md": "---\nheadline: Three\n---\n",
    "plan/notes/n.md": "x",
    ".claude/epics/shop/epic.md": EPIC,
    ".claude/epics/shop/001.md": task(),
}


def test_a_layout_of_ones_own() -> None:
    """Globs, field names, status words, title template and labels are the user's."""
    by_key = items(load(OURS, LoadOptions(custom=(OWN,))))

    one, two = by_key["plan/a"], by_key["plan/b"]
    assert (one.title, one.state, one.parent) == ("A-1: One", State.CLOSED, "plan/epics/big")
    assert one.labels == ("todo", "plan", "x", "y")
    assert (two.state, two.blocked_by) == (State.OPEN, ("plan/a",))
    assert two.recorded is not None
    assert (by_key["plan/epics/big"].title, by_key["plan/epics/big"].labels) == ("Big", ("epic",))
    assert by_key["plan/old/c"].archived


def test_ones_own_layout_stands_beside_the_others() -> None:
    """Its globs take files before the built-in layouts see them; restricting leaves it alone."""
    both = load(OURS, LoadOptions(custom=(OWN,)))
    alone = load(OURS, LoadOptions(custom=(OWN,), layouts=("ours",)))

    assert both.layouts == ("ccpm", "ours")
    assert alone.layouts == ("ours",)
    assert ".claude/epics/shop/001.md" in {entry.path for entry in alone.not_items}


def test_ones_own_layout_may_take_a_built_in_base() -> None:
    """A glob over ``.claude`` wins."""
    mine = CustomLayout(kinds=((".claude/**/*.md", Kind.TASK),))

    assert load(OURS, LoadOptions(custom=(mine,))).layouts == ("custom",)


def test_an_unknown_layout_is_a_usage_error() -> None:
    """The message lists the names; ``speckit`` is one of them by another name."""
    with pytest.raises(UsageError) as caught:
        load(OURS, LoadOptions(layouts=("jira",)))
    with pytest.raises(NoLayoutError):
        load(OURS, LoadOptions(layouts=("speckit",)))

    assert "spec-kit" in caught.value.hint


# ---------------------------------------------------------------------- last resorts


def test_folders_of_issues() -> None:
    """One file an issue: by frontmatter, by number, or by the folder's name."""
    loaded = load(
        {
            "app/tasks/T001-cart.md": "---\ntitle: Cart\nstatus: done\ngithub_issue: '#4'\n---\n",
            "app/tasks/T002.md": "---\ntitle: Till\nstatus: open\ndepends_on: T001\n---\n",
            "app/tasks/notes.md": "# Notes\n",
            "web/tasks/T001.md": "---\ntitle: Page\nstatus: open\ndepends: [app/T002]\n---\n",
            "issues/bugs/crash.md": "# A crash\n",
            "README.md": "x",
        }
    )
    by_key = items(loaded)

    assert loaded.layouts == ("folder",)
    assert by_key["app/tasks/T002"].blocked_by == ("app/tasks/T001-cart",)
    assert by_key["web/tasks/T001"].blocked_by == ("app/tasks/T002",)
    assert by_key["issues/bugs/crash"].title == "A crash"
    assert [entry.path for entry in loaded.not_items] == ["README.md", "app/tasks/notes.md"]


def test_an_export_of_github() -> None:
    """``githubUrl``, ``parentIssue`` and ticked-off blockers are read."""
    url = "https://github.com/o/r/issues"
    loaded = load(
        {
            "content/issues/issue-7.md": (
                f"---\nid: 7\ntitle: A\nstate: CLOSED\ngithubUrl: '{url}/7'\nparentIssue: 9\n"
                "blockedBy:\n  - '[x] 8 Another one'\n---\n"
            ),
            "content/issues/issue-8.md": f"---\nid: 8\ntitle: B\ngithubUrl: '{url}/8'\n---\n",
            "content/issues/issue-9.md": f"---\nid: 9\ntitle: C\ngithubUrl: '{url}/9'\n---\n",
        }
    )
    seven = items(loaded)["content/issues/issue-7"]

    assert (seven.state, seven.parent) == (State.CLOSED, "content/issues/issue-9")
    assert seven.blocked_by == ("content/issues/issue-8",)


def test_folders_are_asked_last() -> None:
    """Beside a layout of its own, a folder named ``tasks`` is nothing."""
    loaded = load({**BACKLOG, "docs/tasks/001-x.md": "# X\n"})

    assert loaded.layouts == ("backlog",)
    assert only_outside(loaded.not_items) == ["docs/tasks/001-x.md"]


def only_outside(entries: object) -> list[str]:
    """The paths listed as outside every layout."""
    return [e.path for e in entries if e.reason == "outside every layout"]  # type: ignore[attr-defined]


def test_a_status_in_prose_is_not_taken_for_one() -> None:
    """A folder's files may speak of a status without having one."""
    loaded = load({"issues/1-a.md": "# A\n\nStatus: see the board for it\n"})

    assert codes(loaded) == []


def test_ids_by_their_kind() -> None:
    """``story_id`` is a story's id; ``epic_id`` its parent, and an epic's own id."""
    loaded = load(
        {
            "docs/stories/STORY-7-a.md": (
                "---\nstory_id: STORY-7\nepic_id: EPIC-2\ntitle: A\nstatus: open\n---\n"
            ),
            "docs/stories/EPIC-2-b.md": "---\nepic_id: EPIC-2\ntitle: B\nstatus: open\n---\n",
        }
    )
    epic, story = loaded.items

    assert (epic.ident, epic.kind, epic.parent) == ("EPIC-2", Kind.EPIC, None)
    assert (story.ident, story.parent) == ("STORY-7", epic.key)
    assert codes(loaded) == []
