"""ccpm's ``github-mapping.md``, as its prompt asks for it and as models write it."""

from __future__ import annotations

from ghsync.importers import catalogue
from ghsync.importers.records import ByPath, ByTitle, Record

PATH = ".claude/epics/shop/github-mapping.md"
URL = "https://github.com/octo/plan/issues"
EXACT = f"""# GitHub Issue Mapping

Epic: #1 - {URL}/1

Tasks:
- #2: Cart - add: and remove - {URL}/2
- #3: Pay - {URL}/3

Synced: 2025-09-24T19:02:26Z
"""


def read(text: str) -> list[Record]:
    """The records of a mapping file."""
    return list(catalogue.read(PATH, text))


def test_the_form_of_the_prompt() -> None:
    """The epic is the folder's; a title may hold dashes and colons, the address counts."""
    epic, cart, pay = read(EXACT)
    assert (epic.number, epic.names) == (1, (ByPath(path=".claude/epics/shop/epic.md"),))
    assert (cart.number, cart.title, cart.repo) == (2, "Cart - add: and remove", "octo/plan")
    assert ByTitle(folder=".claude/epics/shop", title="Cart - add: and remove") in cart.names
    assert ByPath(path=".claude/epics/shop/3.md") in pay.names
    assert [record.line for record in (epic, cart, pay)] == [3, 6, 7]


def test_a_blank_line_after_tasks_and_a_state_behind_the_address() -> None:
    """Both come and go."""
    text = EXACT.replace("Tasks:\n", "Tasks:\n\n").replace("/2\n", "/2 (CLOSED, PR #9)\n")
    assert [(r.number, r.title) for r in read(text)][1] == (2, "Cart - add: and remove")


def test_the_address_on_the_next_line_and_a_file_in_brackets() -> None:
    """Another form that is seen: the old file's name stands there."""
    text = f"## Epic\n\n#6 - Testing\n{URL}/6\n\n## Tasks\n\n- #7 - Set up (001.md)\n  {URL}/7\n"
    epic, task = read(text)
    assert epic.number == 6
    assert (task.number, task.title) == (7, "Set up")
    assert ByPath(path=".claude/epics/shop/001.md") in task.names


def test_a_table_of_files() -> None:
    """File and number in a row, in any order."""
    text = (
        "| Task File | Issue # | Title |\n|---|---|---|\n"
        "| 229.md | #229 | Set up |\n"
        f"| #230 | Pay | `.claude/epics/shop/002.md` | {URL}/230 |\n"
    )
    first, second = read(text)
    assert (first.number, first.names) == (229, (ByPath(path=".claude/epics/shop/229.md"),))
    assert (second.number, second.names) == (230, (ByPath(path=".claude/epics/shop/002.md"),))
    assert second.repo == "octo/plan"


def test_an_address_that_contradicts_the_number_is_left_out() -> None:
    """Neither is believed."""
    record = read(f"- #2: Cart - {URL}/20\n")[0]
    assert (record.number, "#20" in (record.wrong or "")) == (None, True)


def test_a_line_without_an_address_is_named() -> None:
    """Pull requests are listed like this."""
    record = read("- #595: First implementation (merged)\n")[0]
    assert (record.number, record.wrong) == (None, "has no issue's address")


def test_a_template_address_is_nobodys() -> None:
    """``owner/repo`` was never filled in."""
    record = read("- #2: Cart - https://github.com/owner/repo/issues/2\n")[0]
    assert record.number is None


def test_one_address_and_one_file_in_lines_that_belong_together() -> None:
    """Written in another language, the file's name is what tells."""
    records = read(
        f"### 001 - Kern\n- Vorgang: {URL}/2\n- Lokal: .claude/epics/shop/001-Kern.md\n"
        f"- Status: open\n\n### 002 - Rest\n- Vorgang: {URL}/3\n"
    )
    assert [(r.number, r.line, r.wrong is None) for r in records] == [
        (2, 2, True),
        (None, 7, False),
    ]
    assert ByPath(path=".claude/epics/shop/001-Kern.md") in records[0].names


def test_an_address_in_another_form_is_named_and_prose_is_not() -> None:
    """Nothing that has an issue's address disappears without a word; a mention is no record."""
    records = read(
        f"# Mapping\n\nThe epic became {URL}/4 and all went well.\n\n- Needs #230 first\n"
    )
    assert [(record.line, record.number) for record in records] == [(3, None)]
