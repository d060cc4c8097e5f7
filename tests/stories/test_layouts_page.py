"""``docs/layouts/``: each layout has a page, and its example gives the items that it says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from stories.story_kit import Cli, Story

from ghsync.layouts import catalogue

DOCS = Path(__file__).resolve().parents[2] / "docs"
SECTIONS = {page.stem: page.read_text("utf-8") for page in sorted((DOCS / "layouts").glob("*.md"))}


def write(cli: Cli, section: str) -> None:
    """Write the example's files: fenced blocks whose info string ends in a path."""
    blocks = re.findall(
        r"^```\w+ (\S.*?)\n(.*?)^```$",
        SECTIONS[section].partition("`ghsync items` finds:")[0],
        re.M | re.DOTALL,
    )
    assert blocks
    for path, text in blocks:
        cli.write(path, text)


def expected(section: str) -> list[tuple[str, ...]]:
    """The rows of the page's table of items."""
    table = SECTIONS[section].partition("`ghsync items` finds:\n\n")[2].partition("\n\n")[0]
    lines = table.splitlines()
    rows = [[cell.strip(" `") for cell in line.strip("|").split("|")] for line in lines[2:]]
    return sorted(tuple(row) for row in rows)


def test_each_layout_has_a_page() -> None:
    """Each in the catalogue, and one's own; the overview links to each."""
    assert sorted(SECTIONS) == sorted([*catalogue.names(), "your-own"])
    overview = (DOCS / "layouts.md").read_text("utf-8")
    assert [name for name in SECTIONS if f"](layouts/{name}.md)" not in overview] == []


@pytest.mark.parametrize("section", SECTIONS)
def test_the_example_gives_its_items(cli: Cli, section: str) -> None:
    """``ghsync items`` over the page's files is the page's table, without a finding."""
    write(cli, section)
    document = cli.json("items")
    found = [
        (
            item["key"],
            item["kind"],
            item["title"],
            item["parent"] or "",
            ", ".join(item["blocked_by"]),
            item["state"],
        )
        for item in document["items"]
    ]
    assert sorted(found) == expected(section)
    assert [each for each in document["findings"] if each["severity"] != "info"] == []
    layouts = document["layout"]
    assert section in (*layouts, layouts) or section == "your-own"


@pytest.mark.parametrize("section", [name for name in SECTIONS if name != "export"])
def test_the_example_goes_there_and_back(story: Story, section: str) -> None:
    """Pushed, the issues are the table's; a pull changes no byte; a second push sends nothing.

    (The export's numbers are issues of a repository that is not this one.)
    """
    write(story.cli, section)
    story.push("--archived")
    assert story.titles == sorted(row[2] for row in expected(section))
    before = {path: path.read_bytes() for path in story.root.rglob("*.md")}
    assert story.json("pull")["files"] == []
    assert before == {path: path.read_bytes() for path in story.root.rglob("*.md")}
    story.nothing_to_do()
