"""Whatever a file holds, reading it ends in records that say what is in it or what is wrong."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ghsync.importers import catalogue
from ghsync.importers.records import Tool

PATHS = [
    ".claude/sync-map.json",
    ".claude/epic-sync-map.json",
    ".claude/epics/shop/.task-mapping.txt",
    ".claude/epics/shop/github-mapping.md",
    ".plan/issues/a.md",
    ".issues/open/4-a.md",
    "notes.md",
]
PIECES = st.sampled_from(
    [
        "- #4: ",
        "Epic: #1 - ",
        "https://github.com/o/r/issues/4",
        " - ",
        "001 4",
        "\n",
        "| 4.md | #4 |",
        '{"',
        '": 4',
        '": "4"',
        "}",
        "---\n",
        "number: 4\n",
        "title: a\n",
        "#",
        "x.md",
        "\r",
        "\u2028",
    ]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)
KEYS = st.sampled_from(
    [
        "local-to-github",
        "github-to-local",
        "epic-to-github",
        "metadata",
        "entries",
        "plan_id",
        "prd-001",
    ]
)


@given(st.sampled_from(PATHS), st.lists(PIECES, max_size=12).map("".join))
def test_any_text_can_be_read(path: str, text: str) -> None:
    """A record has a number, or says why it has none; its line is in the file."""
    for record in catalogue.read(path, text):
        assert (record.number is None) == (record.wrong is not None)
        assert 1 <= record.line <= len(text.splitlines()) + 1


@given(st.dictionaries(KEYS | st.text(max_size=8), VALUES, max_size=4))
def test_any_json_can_be_read(value: dict[str, object]) -> None:
    """No shape is taken on trust."""
    for record in catalogue.read("sync-map.json", json.dumps(value)):
        assert record.number is None or record.number > 0
        assert record.number is not None or record.wrong is not None


def test_a_file_of_no_tool_is_named() -> None:
    """With --from, a file of another name is read as that tool's."""
    assert "--from" in (catalogue.read("notes.md", "x")[0].wrong or "")
    text = "- #4: Cart - https://github.com/o/r/issues/4\n"
    assert [record.number for record in catalogue.read("notes.md", text, Tool.CCPM)] == [4]


@pytest.mark.parametrize("path", PATHS[:-1])
def test_the_known_names(path: str) -> None:
    """These are looked for below the root."""
    assert catalogue.known(path)
