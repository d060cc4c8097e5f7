"""One file an issue, as gh-issue-sync, planhub and gh2md write them."""

from __future__ import annotations

from layouts_kit import codes, items, load, only

from ghsync.model import Kind, State, StateReason

GH2MD = r"""# [\#7 Issue](https://github.com/octo/plan/issues/7) `closed`: Cart: add
**Labels**: `bug`, `good first issue`


#### <img src="https://a/u/1?v=4" width="50">[Octo](https://github.com/octo) opened issue at [2017-05-20 18:11](https://github.com/octo/plan/issues/7):

First line.

Second line.

#### <img src="https://a/u/1?v=4" width="50">[Octo](https://github.com/octo) commented at [2017-05-20 18:12](https://github.com/octo/plan/issues/7#issuecomment-3):

A comment.


-------------------------------------------------------------------------------



[Export of Github issue for [octo/plan](https://github.com/octo/plan). Generated on 2021.06.27 at 12:04:30.]
"""  # noqa: E501 (as the tool writes it)


def gis(title: str, more: str = "") -> str:
    """A file of gh-issue-sync's, as Go's YAML writes it."""
    head = f"title: {title}\nlabels:\n    - bug\nstate: open\nstate_reason: null\n{more}"
    return f"---\n{head}---\n\nText.\n"


def test_gh_issue_sync() -> None:
    """The number is in the name, the state in the folder, references are issue numbers."""
    loaded = load(
        {
            ".issues/open/50-login.md": gis("Login", "type: Epic\n"),
            ".issues/open/42-safari.md": gis(
                "Safari", "parent: 50\nblocked_by:\n    - 99\n    - T1\n"
            ),
            ".issues/closed/99.md": gis("Old").replace("null", "not_planned"),
            ".issues/open/T1-new-idea.md": gis("New"),
            ".issues/open/42.comment.md": "Hello.\n",
            ".issues/.sync/originals/42.md": gis("Safari"),
        }
    )
    found = items(loaded)
    assert loaded.layouts == ("export",)
    safari = found[".issues/open/42-safari"]
    assert safari.recorded is not None
    assert (safari.recorded.number, safari.parent) == (42, ".issues/open/50-login")
    assert safari.blocked_by == (".issues/closed/99", ".issues/open/T1-new-idea")
    old = found[".issues/closed/99"]
    assert (old.state, old.reason) == (State.CLOSED, StateReason.NOT_PLANNED)
    assert found[".issues/open/50-login"].kind is Kind.EPIC
    new = found[".issues/open/T1-new-idea"]
    assert (new.recorded, new.ident, new.state) == (None, "T1", State.OPEN)
    assert [entry.reason for entry in loaded.not_items] == [
        "gh-issue-sync's own copy",
        "a queued comment",
    ]
    assert codes(loaded) == []


def test_a_temporary_number_is_no_issues() -> None:
    """``blocked_by: 1`` means issue 1, and never the local T1."""
    loaded = load(
        {
            ".issues/open/T1-new.md": gis("New"),
            ".issues/open/2-other.md": gis("Other", "blocked_by:\n    - 1\n"),
        }
    )
    assert items(loaded)[".issues/open/2-other"].blocked_by == ()
    assert codes(loaded) == ["reference_unknown"]


def test_planhub() -> None:
    """``number:`` is the issue, wherever planhub keeps the file; milestones are no issues."""
    head = 'id: "i-1"\nnumber: 12\ntitle: "Schema"\nstate: "open"\nassignees: ["octo"]'
    old = 'number: 4\ntitle: Old\nstate: "closed"'
    loaded = load(
        {
            ".plan/issues/schema.md": f"---\n{head}\n---\n\nText.\n",
            ".plan/milestones/one/issues/docs.md": "---\ntitle: Docs\nmilestone: 3\n---\n\nText.\n",
            ".plan/milestones/one/milestone.md": "---\ntitle: One\nnumber: 3\n---\n",
            ".plan/archive/issues/old.md": f"---\n{old}\n---\n\nText.\n",
        }
    )
    found = items(loaded)
    schema = found[".plan/issues/schema"]
    assert schema.recorded is not None
    assert (schema.recorded.number, schema.ident, schema.assignees) == (12, "i-1", ("octo",))
    docs = found[".plan/milestones/one/issues/docs"]
    assert (docs.recorded, docs.milestone) == (None, None)
    assert only(loaded, "milestone_number").line == 3
    archived = found[".plan/archive/issues/old"]
    assert (archived.archived, archived.state) == (True, State.CLOSED)
    assert [entry.path for entry in loaded.not_items] == [".plan/milestones/one/milestone.md"]


def test_gh2md() -> None:
    """All is in the heading; comments and the footer are no part of the text."""
    loaded = load(
        {
            "export/2017-05-20.7.issue.closed.md": GH2MD,
            "export/2017-05-21.8.pr.open.md": GH2MD,
            "export/2017-05-22.9.issue.open.md": "# Something else\n",
        }
    )
    (item,) = loaded.items
    assert (item.title, item.state, item.body) == (
        "Cart: add",
        State.CLOSED,
        "First line.\n\nSecond line.",
    )
    assert item.labels == ("task", "bug", "good first issue")
    assert item.recorded is not None
    assert (item.recorded.number, item.recorded.repo) == (7, "octo/plan")
    assert [entry.reason for entry in loaded.not_items] == [
        "a pull request",
        "gh2md's heading of an issue is not at its top",
    ]


def test_another_layout_comes_first() -> None:
    """Where planning files are recognised, an export beside them is not pushed again."""
    loaded = load(
        {
            ".claude/epics/shop/epic.md": "---\nname: shop\nstatus: open\n---\n\nText.\n",
            ".issues/open/42-safari.md": gis("Safari"),
        }
    )
    assert loaded.layouts == ("ccpm",)
