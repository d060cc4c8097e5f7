"""ClaudeAutoPM's three map shapes, as its own code writes them, and broken."""

from __future__ import annotations

import json

import pytest

from ghsync.importers import catalogue
from ghsync.importers.records import ByIdent, ByPath, Record, Tool

MAP = ".claude/sync-map.json"


def written(value: object) -> str:
    """JSON as fs-extra's ``writeJSON`` with two spaces has it."""
    return json.dumps(value, indent=2) + "\n"


def read(value: object, path: str = MAP) -> dict[str, Record]:
    """The records of a map, by their local names."""
    return {record.text: record for record in catalogue.read(path, written(value))}


def test_flat_ids_with_numbers() -> None:
    """The local mode's map: an id and a number, found by the item's id, with its line."""
    records = read({"prd-001": 101, "epic-001": 102, "task-epic-001-001": 103})
    assert {name: record.number for name, record in records.items()} == {
        "prd-001": 101,
        "epic-001": 102,
        "task-epic-001-001": 103,
    }
    task = records["task-epic-001-001"]
    assert (task.line, task.names, task.tool) == (
        4,
        (ByIdent(ident="task-epic-001-001"),),
        Tool.CLAUDEAUTOPM,
    )
    assert all(record.wrong is None and record.repo is None for record in records.values())


@pytest.mark.parametrize("ident", ["undefined", "null", "", "NaN"])
def test_what_is_no_id_is_named_and_left_out(ident: str) -> None:
    """A file without ``id:`` was written as "undefined", and so was the next one."""
    record = catalogue.read(MAP, written({ident: 7}))[0]
    assert record.wrong is not None
    assert "no item's id" in record.wrong


@pytest.mark.parametrize("value", [None, True, 0, -3, 1.5, "12x", "", {"n": 1}, [4], 10**12, "१२"])
def test_what_is_no_number_is_named(value: object) -> None:
    """Only a whole number above zero is an issue's."""
    record = read({"prd-001": value})["prd-001"]
    assert (record.number, record.wrong is None) == (None, False)


def test_an_id_that_stands_there_twice_is_no_id() -> None:
    """JSON readers take the last; here both are named."""
    records = catalogue.read(MAP, '{"prd-001": 1,\n "prd-001": 2}')
    assert [record.wrong for record in records] == ["prd-001 stands in the file twice"] * 2


def test_the_services_map_has_numbers_as_text() -> None:
    """IssueService: local numbers are files in ``.claude/issues``."""
    records = read(
        {
            "local-to-github": {"1": "123", "2": "124"},
            "github-to-local": {"123": "1", "124": "2"},
            "metadata": {"1": {"lastSync": "2025-10-14T10:00:00Z", "githubNumber": "123"}},
        }
    )
    assert {name: record.number for name, record in records.items()} == {"1": 123, "2": 124}
    assert records["1"].names == (ByPath(path=".claude/issues/1.md"),)
    assert records["2"].line == 4


def test_a_service_map_that_contradicts_itself() -> None:
    """Where the two directions disagree, neither is believed."""
    records = read({"local-to-github": {"1": "123"}, "github-to-local": {"123": "9"}})
    assert "contradicts itself" in (records["1"].wrong or "")


def test_epics_by_folder() -> None:
    """EpicService keys by the epic's folder name."""
    path = ".claude/epic-sync-map.json"
    value = {
        "epic-to-github": {"user-auth": "42"},
        "github-to-epic": {"42": "user-auth"},
        "metadata": {"user-auth": {"lastSync": "x", "githubNumber": "42", "lastAction": "push"}},
    }
    record = read(value, path)["user-auth"]
    assert record.number == 42
    assert ByPath(path=".claude/epics/user-auth/epic.md") in record.names


def test_a_mixed_file_gives_both_shapes() -> None:
    """Both writers share the path and neither checks what is there."""
    records = read(
        {
            "prd-001": 5,
            "local-to-github": {"1": "6"},
            "github-to-local": {"6": "1"},
            "metadata": {},
            "local-to-azure": {"1": "900"},
        }
    )
    assert {name: record.number for name, record in records.items()} == {"prd-001": 5, "1": 6}


@pytest.mark.parametrize("text", ["", "{", '{"prd-001": 1', "[1]", "null", "[" * 100_000])
def test_a_damaged_map_is_one_finding(text: str) -> None:
    """A truncated file is not an empty map."""
    records = catalogue.read(MAP, text)
    assert [record.number for record in records] == [None]
    assert "JSON" in (records[0].wrong or "")


def test_a_byte_order_mark_is_no_damage() -> None:
    """An editor on Windows may have saved it."""
    assert catalogue.read(MAP, '\ufeff{"prd-001": 1}')[0].number == 1


def test_the_azure_twins_are_no_records() -> None:
    """Their numbers are work items."""
    assert not catalogue.known(".claude/azure-sync-map.json")
    assert not catalogue.known(".claude/epic-azure-sync-map.json")


def test_a_task_mapping_is_read_before_and_after_the_renaming() -> None:
    """``001 42``: the file is 42.md by now, or still 001.md."""
    records = catalogue.read(".claude/epics/shop/.task-mapping.txt", "001 42\n002 43")
    assert [(record.text, record.number) for record in records] == [("001", 42), ("002", 43)]
    assert records[0].names == (
        ByPath(path=".claude/epics/shop/42.md"),
        ByPath(path=".claude/epics/shop/001.md"),
    )


def test_a_name_that_is_old_and_new_at_once_means_nothing() -> None:
    """``2 3`` and ``3 4``: whose file 3.md is, the mapping does not say."""
    records = catalogue.read("e/.task-mapping.txt", "2 3\n3 4\n")
    assert [list(record.names) for record in records] == [
        [ByPath(path="e/2.md")],
        [ByPath(path="e/4.md")],
    ]
    chain = catalogue.read("e/.task-mapping.txt", "2 3\n3 2\n")
    assert all("unclear" in (record.wrong or "") for record in chain)


def test_a_broken_line_of_a_task_mapping_is_named() -> None:
    """A create whose output was empty leaves a line without a number."""
    records = catalogue.read("e/.task-mapping.txt", "001 \n002 x\n003 7\n")
    assert [record.number for record in records] == [None, None, 7]
    assert [record.line for record in records if record.wrong] == [1, 2]
