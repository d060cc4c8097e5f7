"""The settings about what an issue carries: tables, dates, templates, and their mistakes."""

from __future__ import annotations

from pathlib import Path

import pytest

from ghsync.childorder import Order
from ghsync.config import load_config
from ghsync.errors import ConfigError
from ghsync.layouts.base import IssueTypes, LoadOptions, Locking
from ghsync.lint import Overflow
from ghsync.loader import load_texts
from ghsync.model import Item, Key, Kind
from ghsync.store import head_commit
from ghsync.tools import MilestoneSpec

SHA = "0123456789abcdef0123456789abcdef01234567"


def test_every_table(tmp_path: Path) -> None:
    """Each as the documentation shows it."""
    (tmp_path / "ghsync.toml").write_text(
        """
closing_comment = "Closed by {path}"
lock = "closed"
order = "none"
overflow = "label"
types = { epic = "Epic", field = "kind" }
fields = { effort = "Effort" }
[milestones."v1.0"]
due = 2026-12-01
description = "First."
[milestones.later]
due = "2027-01-31"
"""
    )
    config = load_config(tmp_path)
    assert config.types == IssueTypes(by_kind={Kind.EPIC: "Epic"}, field="kind")
    assert config.fields == {"effort": "Effort"}
    assert config.milestones == {
        "v1.0": MilestoneSpec(due="2026-12-01", description="First."),
        "later": MilestoneSpec(due="2027-01-31"),
    }
    assert (config.lock, config.order, config.overflow) == (
        Locking.CLOSED,
        Order.NONE,
        Overflow.LABEL,
    )
    assert config.plan_settings.closing_comment == "Closed by {path}"
    assert config.commit is None


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("milestones = 1", "must hold tables"),
        ('milestones = { v1 = { due = "soon" } }', "a day such as"),
        ("milestones = { v1 = { until = 1 } }", "knows no 'until'"),
        ("types = 1", "must be a table"),
        ('types = { story = "Story" }', "has no kind 'story'"),
        ("types = { epic = 1 }", "must give 'epic' a text"),
        ("fields = { a = 1 }", "must be a table of names"),
        ('fields = { a = "X", b = "X" }', "twice"),
        ('closing_comment = "by {user}"', "has no {user}"),
        ('closing_comment = ""', "must be a text"),
        ('lock = "all"', "must be one of"),
    ],
)
def test_mistakes_are_named(tmp_path: Path, text: str, says: str) -> None:
    """With the file, the line and what would be right."""
    (tmp_path / "ghsync.toml").write_text(text)
    with pytest.raises(ConfigError, match=r"ghsync\.toml:1: ") as caught:
        load_config(tmp_path)
    assert says in caught.value.message


def test_the_commit_is_read_where_a_comment_names_it(tmp_path: Path) -> None:
    """From git's own files: a branch, a packed one, a detached HEAD, a worktree, none yet."""
    git = tmp_path / ".git"
    (git / "refs" / "heads").mkdir(parents=True)
    (git / "HEAD").write_text("ref: refs/heads/main\n")
    assert head_commit(tmp_path) is None
    (git / "packed-refs").write_text(f"# pack-refs\n{'f' * 40} refs/heads/main\n")
    assert head_commit(tmp_path) == "f" * 40
    (git / "refs" / "heads" / "main").write_text(f"{SHA}\n")
    (tmp_path / "ghsync.toml").write_text('closing_comment = "At {commit}."\n')
    assert load_config(tmp_path).commit == SHA
    (git / "HEAD").write_text(f"{'a' * 40}\n")
    assert head_commit(tmp_path) == "a" * 40
    own = git / "worktrees" / "w"
    own.mkdir(parents=True)
    (own / "HEAD").write_text("ref: refs/heads/main\n")
    (own / "commondir").write_text("../..\n")
    tree = tmp_path / "w"
    tree.mkdir()
    (tree / ".git").write_text(f"gitdir: {own}\n")
    assert head_commit(tree) == SHA


def _items(options: LoadOptions, **texts: str) -> dict[Key, Item]:
    files = {f".claude/epics/shop/{name}.md": text for name, text in texts.items()}
    return {item.key: item for item in load_texts(files, options).items}


def test_what_a_file_says_of_its_type_fields_and_lock() -> None:
    """The file's own type before its kind's; placeholders are nothing; a lock by either."""
    options = LoadOptions(
        types=IssueTypes(by_kind={Kind.TASK: "Task"}),
        fields={"effort": "Effort", "due": "Target date"},
        lock=Locking.CLOSED,
    )
    found = _items(
        options,
        epic="---\nname: Shop\neffort: 8\n---\n",
        **{
            "001": "---\nname: A\nissue_type: Bug\ndue: TBD\nstatus: done\n---\n",
            "002": "---\nname: B\nlocked: yes\n---\n",
            "003": "---\nname: C\nstatus: done\nlocked: false\n---\n",
        },
    )
    told = {key[-3:]: (i.type, i.fields, i.locked) for key, i in found.items()}
    assert told == {
        "pic": (None, (("Effort", "8"),), False),
        "001": ("Bug", (), True),
        "002": ("Task", (), True),
        "003": ("Task", (), False),
    }


def test_a_line_of_a_list_has_no_frontmatter_of_its_own() -> None:
    """What stands above the list is not each line's."""
    texts = {
        "specs/001-shop/spec.md": "# Shop\n",
        "specs/001-shop/tasks.md": "---\nlocked: true\nissue_type: Bug\n---\n- [ ] T001 One\n",
    }
    options = LoadOptions(types=IssueTypes(by_kind={Kind.TASK: "Task"}))
    found = load_texts(texts, options).items
    assert [(i.type, i.locked) for i in found if i.kind is Kind.TASK] == [("Task", False)]
