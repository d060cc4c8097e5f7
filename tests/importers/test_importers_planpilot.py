"""planpilot's sync map, as pydantic writes it, and the block in its issues' bodies."""

from __future__ import annotations

import json
from typing import Any

from ghsync.importers import catalogue, planpilot
from ghsync.importers.records import ByIdent, Tool
from ghsync.model import Issue, IssueId, IssueNumber, State

ENTRIES: dict[str, Any] = {
    "E1": {
        "id": "I_kwDOA1",
        "key": "#10",
        "url": "https://github.com/octo/plan/issues/10",
        "item_type": "EPIC",
    },
    "T1": {
        "id": "I_kwDOA2",
        "key": "#11",
        "url": "https://github.com/octo/plan/issues/11",
        "item_type": None,
    },
}


def text(entries: dict[str, Any]) -> str:
    """A sync map as ``model_dump_json(indent=2)`` has it."""
    board = "https://github.com/orgs/octo/projects/1"
    value = {"plan_id": "6f2a", "target": "octo/plan", "board_url": board, "entries": entries}
    return json.dumps(value, indent=2)


def issue(number: int, body: str) -> Issue:
    """An issue with a body."""
    return Issue(
        number=IssueNumber(number),
        id=IssueId(number),
        title="T",
        body=body,
        state=State.OPEN,
    )


def block(ident: str) -> str:
    """The head of a body as planpilot renders it."""
    return f"PLANPILOT_META_V1\nPLAN_ID:6f2a\nITEM_ID:{ident}\nEND_PLANPILOT_META\n\n## Goal\n\nx\n"


def test_entries_by_id_with_their_address() -> None:
    """The address has the number and the repository; the shape tells whose file it is."""
    records = catalogue.read("sync-map.json", text(ENTRIES))
    assert [(r.tool, r.text, r.number, r.repo) for r in records] == [
        (Tool.PLANPILOT, "E1", 10, "octo/plan"),
        (Tool.PLANPILOT, "T1", 11, "octo/plan"),
    ]
    assert records[1].names == (ByIdent(ident="T1"),)
    assert records[1].line == 12


def test_an_entry_of_a_dry_run_has_no_address() -> None:
    """Its key and address were made up; the file of a dry run is not looked for either."""
    entry = {"id": "dry-run", "key": "dry-run", "url": "dry-run", "item_type": "TASK"}
    record = catalogue.read("sync-map.json", text({"T1": entry}))[0]
    assert (record.number, record.wrong) == (None, "has no issue's address")
    assert not catalogue.known("sync-map.json.dry-run")


def test_damaged_entries_are_named() -> None:
    """What is no entry is no empty map."""
    records = catalogue.read("sync-map.json", text({"T1": None, "T2": "x", "T3": {}}))
    assert [record.number for record in records] == [None] * 3


def test_the_block_in_a_body_names_the_item() -> None:
    """Where the map is lost, the issues themselves say what they are."""
    records = planpilot.read_bodies([issue(4, block("T1")), issue(5, "no block")])
    assert [(r.text, r.number, r.proven, r.wrong) for r in records] == [("T1", 4, True, None)]


def test_two_issues_of_one_item_are_both_named() -> None:
    """Renaming an epic made planpilot create the whole plan again."""
    records = planpilot.read_bodies([issue(4, block("T1")), issue(9, block("T1"))])
    assert {r.wrong for r in records} == {"#4, #9 all say that they are T1"}


def test_an_unfinished_block_is_none() -> None:
    """Somebody has cut the text."""
    assert planpilot.item_of("PLANPILOT_META_V1\nITEM_ID:T1\n") is None
