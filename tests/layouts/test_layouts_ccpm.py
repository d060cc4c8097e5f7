"""ccpm's folders: what is an item, what is not and why, and who is whose parent."""

from __future__ import annotations

import pytest
from layouts_kit import EPIC, codes, epic, items, key, load, only, task

from ghsync.model import Kind, State, StateReason

PRD = "---\nname: shop\nstatus: active\n---\n\n# PRD: Shop\n"


@pytest.mark.parametrize("base", [".claude", "ccpm", ".doh", ".project", "deep/er/.claude"])
def test_every_base_is_recognised(base: str) -> None:
    """The same tree is found under each of ccpm's bases, at any depth."""
    loaded = load(
        {
            f"{base}/prds/shop.md": PRD,
            f"{base}/epics/shop/epic.md": EPIC,
            f"{base}/epics/shop/001.md": task(),
        }
    )

    assert [(item.kind, item.parent) for item in loaded.items] == [
        (Kind.TASK, f"{base}/epics/shop/epic"),
        (Kind.EPIC, f"{base}/prds/shop"),
        (Kind.PRD, None),
    ]
    assert loaded.findings == ()


@pytest.mark.parametrize(
    "name",
    ["001", "12", "001-set-up", "001-核心架构搭建", "005a-more", "task-007", "T012", "T012-cart"],
)
def test_a_name_makes_a_task(name: str) -> None:
    """Numbered names are tasks, with or without frontmatter."""
    for text in (task(), "# Cart\n\nNo frontmatter.\n"):
        loaded = load(epic(**{name: text}))
        assert items(loaded)[key(name)].kind is Kind.TASK


def test_frontmatter_makes_a_task() -> None:
    """Any other name is a task if it has a name or title, and a status."""
    loaded = load(epic(cart=task(), ideas="---\nname: Ideas\n---\nx\n"))

    assert key("cart") in items(loaded)
    assert [entry.path for entry in loaded.not_items] == [f"{key('ideas')}.md"]


@pytest.mark.parametrize(
    "path",
    [
        "README.md",
        "001-analysis.md",
        "DECOMPOSITION_SUMMARY.md",
        "github-mapping.md",
        "execution-status.md",
        ".hidden.md",
        "updates/001/stream-A.md",
        "001-design.md",
        "architecture.md",
    ],
)
def test_what_is_beside_the_items_is_listed_with_a_reason(path: str) -> None:
    """Nothing disappears: each of these is no item, and says why."""
    loaded = load({**epic(_001=task()), f".claude/epics/shop/{path}": "# Notes\n\nText.\n"})

    assert [entry.path for entry in loaded.not_items] == [f".claude/epics/shop/{path}"]
    assert loaded.not_items[0].reason


@pytest.mark.parametrize("name", ["003-dashboard", "004-audit-log-design", "T005-research-plan"])
def test_a_numbered_slug_is_a_task_whatever_it_is_about(name: str) -> None:
    """Without frontmatter, the number says so."""
    assert key(name) in items(load(epic(**{name: "# Text\n"})))


@pytest.mark.parametrize("name", ["index-service", "agents-suite", "template-engine", "docs"])
def test_features_with_the_names_of_documents(name: str) -> None:
    """A PRD, an epic folder and a flat epic may be called so."""
    loaded = load(
        {
            f".claude/prds/{name}.md": PRD,
            f".claude/epics/{name}/epic.md": EPIC,
            f".claude/epics/{name}/001.md": task(),
            f".claude/epics/{name}-two.md": "# Epic\n",
        }
    )

    assert loaded.not_items == ()


def test_a_prd_may_be_about_an_analysis() -> None:
    """With a PRD's frontmatter it is one; a summary without any is not."""
    loaded = load(
        {".claude/prds/sentiment-analysis.md": PRD, ".claude/prds/x-summary.md": "# Summary\n"}
    )

    assert [str(item.key) for item in loaded.items] == [".claude/prds/sentiment-analysis"]
    assert loaded.not_items[0].path == ".claude/prds/x-summary.md"


def test_names_in_capitals() -> None:
    """``EPIC.md``, ``PRDS/`` and ``Tasks/`` are read as their small spellings."""
    loaded = load(
        {
            ".claude/PRDS/Shop.md": PRD,
            ".claude/Epics/Shop/EPIC.md": EPIC,
            ".claude/Epics/Shop/Tasks/TASK-001.md": task("depends_on: [task-2]"),
            ".claude/Epics/Shop/Tasks/Task_002.md": task(),
        }
    )

    first = loaded.items[1]
    assert (first.parent, first.blocked_by) == (
        ".claude/Epics/Shop/EPIC",
        (".claude/Epics/Shop/Tasks/Task_002",),
    )
    assert loaded.items[0].parent == ".claude/PRDS/Shop"
    assert codes(loaded) == []


def test_a_study_is_no_task_even_with_task_frontmatter() -> None:
    """``*-analysis.md`` is never an item."""
    assert key("001-analysis") not in items(load(epic(**{"001-analysis": task(), "001": task()})))


def test_a_slug_beside_its_number_is_a_document() -> None:
    """``003-notes-on-x.md`` without frontmatter belongs to ``003.md``."""
    loaded = load(epic(**{"003": task(), "003-what-we-tried": "# Notes\n"}))

    assert [entry.path for entry in loaded.not_items] == [f"{key('003-what-we-tried')}.md"]


def test_other_files_of_the_base_are_listed() -> None:
    """Commands and rules of the same base are no items."""
    loaded = load({**epic(_001=task()), ".claude/commands/pm/sync.md": "x", "README.md": "x"})

    assert [(entry.path, entry.reason) for entry in loaded.not_items] == [
        (".claude/commands/pm/sync.md", "not in prds/ or epics/"),
        ("README.md", "outside every layout"),
    ]


def test_tasks_may_lie_in_a_folder_of_their_own() -> None:
    """``tasks/`` and folders inside it belong to the epic around them."""
    loaded = load(
        epic(**{"tasks/001-a": task(), "tasks/018/001-b": task("depends_on: [001]"), "002": task()})
    )

    assert {item.parent for item in loaded.items if item.kind is Kind.TASK} == {key("epic")}


def test_flat_epics() -> None:
    """Markdown right in ``epics/`` is an epic; documents beside them are not."""
    loaded = load(
        {
            ".claude/epics/01-search.md": "# Epic 1: Search\n",
            ".claude/epics/01-commit-strategy.md": "# Strategy\n",
            ".claude/epics/README.md": "# Epics\n",
        }
    )

    assert [(item.kind, item.title) for item in loaded.items] == [(Kind.EPIC, "Epic 1: Search")]


def test_an_epic_inside_an_epic_is_its_child() -> None:
    """The epic folder around an epic folder is its parent; tasks stay with their own."""
    loaded = load(
        {
            **epic(_001=task()),
            ".claude/epics/shop/cart/epic.md": "---\nname: cart\nstatus: open\n---\n",
            ".claude/epics/shop/cart/001.md": task(),
        }
    )

    by_key = items(loaded)
    assert by_key[key("cart/epic")].parent == key("epic")
    assert by_key[key("cart/001")].parent == key("cart/epic")


def test_a_folder_without_an_epic_has_tasks_without_a_parent() -> None:
    """One warning for the folder."""
    loaded = load({".claude/epics/shop/001.md": task(), ".claude/epics/shop/002.md": task()})

    assert [item.parent for item in loaded.items] == [None, None]
    assert "2 tasks" in only(loaded, "no_epic").message


def test_the_epic_field_must_agree_with_the_folder() -> None:
    """The folder decides; another name is a warning at its line."""
    agreeing = load(epic(_001=task("epic: shop"), _002=task("epic: .claude/epics/shop/epic.md")))
    differing = load(epic(_001=task("epic: cart")))

    assert codes(agreeing) == []
    assert (only(differing, "epic_disagrees").line, differing.items[0].parent) == (4, key("epic"))


def test_the_epic_field_may_be_a_number() -> None:
    """``epic: 024`` is the epic whose number is 024, and not 20."""
    texts = epic(_001=task("epic: 024"), _002=task("epic: 20"))
    texts[".claude/epics/shop/epic.md"] = "---\nname: shop\nnumber: 024\nstatus: open\n---\n"
    loaded = load(texts)

    assert only(loaded, "epic_disagrees").key == key("002")


@pytest.mark.parametrize("prd", ["shop", ".claude/prds/shop.md", "../../prds/shop.md", "shop.md"])
def test_the_prd_that_the_epic_names_is_its_parent(prd: str) -> None:
    """By slug, by path from the root, by path from the file."""
    loaded = load(
        {
            ".claude/prds/shop.md": PRD,
            ".claude/prds/other.md": PRD,
            ".claude/epics/other/epic.md": f"---\nname: x\nstatus: open\nprd: {prd}\n---\n",
        }
    )

    assert items(loaded)[".claude/epics/other/epic"].parent == ".claude/prds/shop"


def test_the_prd_of_the_same_name_is_the_parent_where_none_is_named() -> None:
    """And one that is named but missing is a warning, not a guess."""
    texts = {".claude/prds/shop.md": PRD, **epic()}
    named = {**texts, ".claude/epics/shop/epic.md": "---\nname: s\nprd: till\n---\n"}

    assert items(load(texts))[key("epic")].parent == ".claude/prds/shop"
    assert items(load(named))[key("epic")].parent is None
    assert only(load(named), "reference_unknown").line == 3


def test_parent_names_another_epic() -> None:
    """``parent:`` comes before the PRD."""
    loaded = load(
        {
            **epic(),
            ".claude/prds/cart.md": PRD,
            ".claude/epics/cart/epic.md": "---\nname: cart\nparent: shop\n---\n",
        }
    )

    assert items(loaded)[".claude/epics/cart/epic"].parent == key("epic")


@pytest.mark.parametrize("folder", ["archived", "archive", "completed", "done"])
def test_archive_folders_close_their_files(folder: str) -> None:
    """Archived items are closed whatever their status says, and keep their parents."""
    loaded = load(
        {
            f".claude/epics/{folder}/shop/epic.md": EPIC,
            f".claude/epics/{folder}/shop/001.md": task(),
            ".claude/epics/live/epic.md": EPIC,
        }
    )

    done = items(loaded)[f".claude/epics/{folder}/shop/001"]
    assert (done.archived, done.state, done.reason) == (
        True,
        State.CLOSED,
        StateReason.COMPLETED,
    )
    assert done.parent == f".claude/epics/{folder}/shop/epic"
    assert not items(loaded)[".claude/epics/live/epic"].archived


def test_an_epic_named_done_is_no_archive() -> None:
    """A folder that holds an epic.md itself is an epic."""
    loaded = load({".claude/epics/done/epic.md": EPIC, ".claude/epics/done/001.md": task()})

    assert [(item.archived, item.state) for item in loaded.items] == [(False, State.OPEN)] * 2


def test_titles() -> None:
    """``title``, else ``name``, else the first H1, else the file's name; null is nothing."""
    loaded = load(
        epic(
            _001="---\nname: slug\ntitle: A title\nstatus: open\n---\n# H\n",
            _002="---\ntitle: null\nname: slug\nstatus: open\n---\n# H\n",
            _003="---\ntitle: ''\nstatus: open\n---\n\n# H\n",
            _004="no heading\n",
        )
    )

    assert [item.title for item in loaded.items] == ["A title", "slug", "H", "004", "shop"]


def test_labels_in_any_form() -> None:
    """A list, comma-separated text, one word; the kind comes first, and nothing twice."""
    loaded = load(
        epic(
            _001=task("labels: [ui, 'good first issue', UI]"),
            _002=task("tags: ui, api"),
            _003=task("labels: ui\ntags:\n  - area: web\n  - null"),
            _004=task("labels: []"),
        )
    )

    assert [item.labels for item in loaded.items][:4] == [
        ("task", "ui", "good first issue"),
        ("task", "ui", "api"),
        ("task", "ui", "area: web"),
        ("task",),
    ]


def test_assignees_lose_their_at() -> None:
    """What cannot be a login is left for lint to say."""
    loaded = load(
        epic(
            _001=task("assignee: '@octocat'"),
            _002=task("assignees: [hubot, '@hubot', 碼農1號]"),
            _003=task("assignee: unassigned"),
            _004=task("assignees: a, b"),
        )
    )

    assert [item.assignees for item in loaded.items][:4] == [
        ("octocat",),
        ("hubot", "碼農1號"),
        (),
        ("a", "b"),
    ]


def test_the_other_fields() -> None:
    """Milestone, priority, id and the status word as the file has it."""
    text = "---\nname: A\nstatus: Won't Do\nmilestone: 1.10\npriority: P0\nid: T-7\n---\nx\n"
    item = load(epic(_001=text)).items[0]

    assert (item.milestone, item.priority, item.ident) == ("1.10", 0, "T-7")
    assert (item.status, item.state, item.reason) == (
        "Won't Do",
        State.CLOSED,
        StateReason.NOT_PLANNED,
    )


def test_a_status_that_nobody_knows_is_open_with_a_warning() -> None:
    """The finding stands at the status's line."""
    loaded = load(epic(_001="---\nname: A\nstatus: epic_created\n---\n"))

    assert loaded.items[0].state is State.OPEN
    assert only(loaded, "unknown_status").line == 3


def test_a_broken_file_is_refused_and_the_others_go_on() -> None:
    """It stays an item so that its children keep their parent; an error with its key refuses it."""
    texts = epic(_001=task(), _002="---\nname: A: b\nstatus: open\n---\nx\n")
    texts[".claude/epics/shop/epic.md"] = "---\nname: shop\nassignee: @me\n---\n"
    loaded = load(texts)

    assert [finding.key for finding in loaded.findings] == [key("002"), key("epic")]
    assert codes(loaded) == ["yaml_invalid", "yaml_invalid"]
    assert items(loaded)[key("001")].parent == key("epic")


def test_names_in_any_script_and_with_any_character() -> None:
    """Spaces, ``#``, ``%``, quotes and Chinese in paths."""
    folder = ".claude/epics/数据 #1 100% `x` 'y'"
    loaded = load({f"{folder}/epic.md": EPIC, f"{folder}/001.md": task("depends_on: [2]"),
                   f"{folder}/002.md": task()})  # fmt: skip

    assert loaded.items[0].blocked_by == (f"{folder}/002",)
    assert loaded.items[0].parent == f"{folder}/epic"


@pytest.mark.parametrize("base", [".opencode", ".pm", "apps/web/.codex", "ccpm", ".doh"])
def test_the_bases_of_forks(base: str) -> None:
    """The same two folders, wherever another agent's files are."""
    loaded = load(
        {
            f"{base}/prds/auth.md": "---\nname: auth\nstatus: backlog\n---\n",
            f"{base}/epics/auth/epic.md": f"---\nname: auth\nprd: {base}/prds/auth.md\n---\n",
            f"{base}/epics/auth/001.md": task(),
            f"{base}/epics/auth/002.md": task("depends_on: [001]"),
        }
    )
    by_key = items(loaded)

    assert by_key[f"{base}/epics/auth/epic"].parent == f"{base}/prds/auth"
    assert by_key[f"{base}/epics/auth/002"].blocked_by == (f"{base}/epics/auth/001",)
    assert codes(loaded) == []


def test_workstreams_are_no_tasks() -> None:
    """They group tasks, and have a name and a status, too."""
    path = ".project/epics/a/workstreams/WS-A.md"
    loaded = load({".project/epics/a/epic.md": EPIC, path: task()})

    assert [entry.path for entry in loaded.not_items] == [path]


def test_templates_are_no_items() -> None:
    """They have an item's frontmatter; a task about templates has a number, or another name."""
    text = "---\nname: x\nstatus: open\n---\n"
    folder = ".claude/epics/shop"
    files = ("task-template", "_template", "007-email-template", "email-template")
    loaded = load({f"{folder}/epic.md": EPIC, **{f"{folder}/{f}.md": text for f in files}})

    assert [entry.path[len(folder) + 1 :] for entry in loaded.not_items] == [
        "_template.md",
        "task-template.md",
    ]
