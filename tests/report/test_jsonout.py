"""The JSON documents hold what the design says and nothing their schemas do not."""

from __future__ import annotations

import json
from typing import Any

import pytest
import report_samples as samples
import report_strategies as strategies
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from ghsync.errors import AuthError, RefusedError
from ghsync.journal import Base, Entry, SyncMap
from ghsync.model import (
    Check,
    Event,
    IssueId,
    IssueNumber,
    Key,
    Kind,
    Loaded,
    NotItem,
    OperationEnded,
    PlanReady,
    RepoId,
    Requests,
    Run,
    Status,
    StatusRow,
)
from ghsync.report import jsonout, schemas

VALIDATORS = {name: Draft202012Validator(schemas.load(name)) for name in schemas.NAMES}
SLOW = settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))


def check(document: dict[str, Any]) -> dict[str, Any]:
    """Validate a document by the schema it names, after a trip through its text."""
    read = json.loads(jsonout.dumps(document))
    name = read["schema"].removeprefix("ghsync.").removesuffix("/1")
    VALIDATORS[name].validate(read)
    return read


@pytest.mark.parametrize("name", schemas.NAMES)
def test_schema_is_valid(name: schemas.Name) -> None:
    """Each published schema is itself valid and names its document."""
    schema = schemas.load(name)
    Draft202012Validator.check_schema(schema)
    assert schema["title"] == f"ghsync.{name}/1"


def test_shared_definitions_are_the_same() -> None:
    """A definition of one name means the same in every schema; only operations differ."""
    seen: dict[str, Any] = {}
    for name in schemas.NAMES:
        for key, value in schemas.load(name).get("$defs", {}).items():
            if key not in ("operation", "totals"):
                assert seen.setdefault(key, value) == value


def test_dry_run_document_has_the_designs_fields() -> None:
    """A dry run names every operation with its fields, and totals that count as agreed."""
    document = check(jsonout.run_document(samples.run()))
    assert document["schema"] == "ghsync.run/1"
    assert document["command"] == "push"
    assert document["dry_run"] is True
    assert document["repo"] == "octo/plans"
    assert document["totals"] == {
        "items": 11,
        "create": 3,
        "update": 1,
        "close": 1,
        "reopen": 0,
        "link": 1,
        "unlink": 0,
        "block": 1,
        "unblock": 0,
        "create_label": 2,
        "create_milestone": 0,
        "comment": 0,
        "adopt": 0,
        "set_fields": 0,
        "clear_field": 0,
        "move": 0,
        "lock": 0,
        "unlock": 0,
        "unchanged": 4,
        "skipped": 1,
        "conflict": 1,
        "failed": 0,
        "unknown": 0,
    }
    assert [o["op"] for o in document["operations"]] == [
        "create_label", "create_label", "update", "create", "create", "create", "close", "block",
        "link",
    ]  # fmt: skip
    assert document["requests"] == {"reads": 4, "writes": 9, "content": 5}
    assert document["spent"] == {"reads": 4, "writes": 0, "content": 0}
    assert document["eta_seconds"] == 3960.0
    assert document["rate_limit"] == {"limit": 5000, "remaining": 4988, "reset": 1800003600}
    assert document["skipped"][0]["reason"] == "its frontmatter cannot be read"
    assert document["conflicts"][0]["field"] == "title"
    assert "error" not in document


def test_create_carries_its_kind_parent_and_fields() -> None:
    """A create names kind, parent, blockers, labels, assignees, milestone and state."""
    operations = jsonout.run_document(samples.run())["operations"]
    assert operations[3] == {
        "op": "create",
        "key": "epics/login/001",
        "path": "epics/login/001.md",
        "number": None,
        "title": "Store passwords with argon2",
        "changes": [],
        "reason": "not on GitHub yet",
        "status": "pending",
        "url": None,
        "message": "",
        "kind": "task",
        "parent": "epics/login/epic",
        "blocked_by": [],
        "links": [],
        "labels": ["task", "backend", "security"],
        "assignees": ["octocat"],
        "milestone": "v1",
        "type": None,
        "fields": {},
        "state": "open",
    }
    assert operations[5]["state"] == "closed"


def test_update_carries_old_and_new() -> None:
    """An update names each changed field before and after."""
    update = jsonout.run_document(samples.run())["operations"][2]
    assert update["changes"][0] == {"field": "title", "old": "Logins", "new": "Login"}
    assert update["changes"][1]["new"] == ["epic", "good first issue"]


def test_push_counts_items_that_failed_or_are_unknown() -> None:
    """failed, unknown and skipped count items, each item where it matters most."""
    document = check(jsonout.run_document(samples.pushed()))
    totals = document["totals"]
    assert (totals["failed"], totals["unknown"], totals["skipped"]) == (1, 1, 1)
    assert document["operations"][3]["number"] == 12
    assert document["operations"][3]["url"] == "https://github.com/octo/plans/issues/12"


def test_skipped_operation_lists_its_item() -> None:
    """An item that the run skipped is listed with the reason, beside those of the plan."""
    pushed = samples.pushed()
    results = tuple(r for r in pushed.results if r.status in (Status.SKIPPED, Status.DONE))
    document = jsonout.run_document(samples.pushed(results=results))
    assert document["skipped"][1] == {
        "key": "epics/login/002",
        "path": "epics/login/002.md",
        "reason": "its issue does not exist yet",
    }
    assert document["totals"]["skipped"] == 2


def test_failed_label_is_counted() -> None:
    """A label that could not be made is one failure, though it is no item."""
    results = (
        samples.OpResult(operation=samples.OPERATIONS[0], status=Status.FAILED, message="no"),
    )
    totals = jsonout.run_document(samples.pushed(results=results))["totals"]
    assert totals["failed"] == 1


@pytest.mark.parametrize("command", ["push", "items", "lint"])
def test_fatal_error_is_one_document(command: str) -> None:
    """A fatal error is a run document of zeros with the error's code, message and hint."""
    error = AuthError("GitHub refused the token", hint="make a new one")
    document = check(jsonout.error_document(command, error))
    assert document["error"] == {
        "code": "auth",
        "message": "GitHub refused the token",
        "hint": "make a new one",
    }
    assert set(document["totals"].values()) == {0}
    assert document["operations"] == []


def test_error_of_a_run_is_in_its_document() -> None:
    """A run that an error ended keeps its results and names the error."""
    error = RefusedError("too many changes", hint="--allow-changes 40")
    assert jsonout.run_document(samples.run(), error)["error"]["code"] == "refused"
    assert jsonout.run_document(samples.run(error=error))["error"]["code"] == "refused"


def test_items_document() -> None:
    """Every item and every markdown file that is none is in the items document."""
    loaded = Loaded(
        items=samples.ITEMS,
        not_items=(NotItem(path="README.md", reason="a README"),),
        findings=samples.FINDINGS,
        layouts=("ccpm", "spec-kit"),
    )
    document = check(jsonout.items_document(loaded))
    assert document["layout"] == "ccpm,spec-kit"
    assert len(document["items"]) == 11
    assert document["items"][2]["parent"] == "epics/login/epic"
    assert document["not_items"] == [{"path": "README.md", "reason": "a README"}]
    assert check(jsonout.items_document(Loaded(items=())))["layout"] is None


def test_lint_status_doctor_and_map_documents() -> None:
    """The small documents validate and count what they list."""
    lint = check(jsonout.lint_document(samples.FINDINGS, items=11))
    assert lint["totals"] == {"items": 11, "error": 1, "warning": 9, "info": 0}
    row = StatusRow(key=Key("a"), path="a.md", number=None, state="missing")
    status = check(jsonout.status_document([row], repo="o/r", remote="github"))
    assert status["totals"]["missing"] == 1
    checks = [Check(name="token", ok=None, detail="?"), Check(name="api", ok=True, detail="")]
    assert check(jsonout.doctor_document(checks))["ok"] is True
    failed = [*checks, Check(name="repo", ok=False, detail="404", hint="look")]
    assert check(jsonout.doctor_document(failed))["ok"] is False
    assert [i["number"] for i in check(jsonout.map_document(sync_map()))["items"]] == [7, 3]


def sync_map() -> SyncMap:
    """Make a map of two entries."""
    entries = [
        Entry(
            key=Key(key),
            number=IssueNumber(number),
            id=IssueId(number * 10),
            uid=None,
            kind=Kind.TASK,
            path=f"{key}.md",
            base=Base(title="T", body="0" * 16) if number == 3 else None,
        )
        for key, number in (("b", 3), ("a", 7))
    ]
    return SyncMap(
        repo_id=RepoId(1),
        repo="o/r",
        entries={entry.key: entry for entry in entries},
        forgotten=frozenset({IssueNumber(9)}),
    )


def test_events_stream_the_same_facts() -> None:
    """The plan's event has its totals; an operation's has what the document has of it."""
    run = samples.pushed()
    plan = check(
        jsonout.event_document(
            PlanReady(plan=run.plan, requests=Requests(), eta_seconds=3.0), at=samples.NOW
        )
    )
    assert plan["at"] == samples.NOW
    assert plan["totals"]["create"] == 3
    ended = OperationEnded(result=run.results[3], done=4, total=9, eta_seconds=1.0)
    event = check(jsonout.event_document(ended))
    in_document = jsonout.run_document(run)["operations"][3]
    assert {k: event[k] for k in in_document if k != "state"} == {
        k: v for k, v in in_document.items() if k != "state"
    }
    end = check(jsonout.end_document(run))
    assert end["totals"] == jsonout.run_document(run)["totals"]


def test_text_is_ascii_and_has_no_lone_surrogates() -> None:
    """The JSON text moves no cursor on a terminal and is read by strict readers."""
    text = jsonout.dumps({"a": ["\x1b[31m\u202e\x7f\udc80é😀"]})
    assert text.isascii()
    assert "\x1b" not in text
    assert json.loads(text)["a"] == ["\x1b[31m\u202e\x7f\ufffdé😀"]


@SLOW
@given(run=strategies.runs())
def test_any_run_validates(run: Run) -> None:
    """Whatever a run holds, its document and its last event are valid."""
    document = check(jsonout.run_document(run))
    check(jsonout.end_document(run, at=1.0))
    counted = sum(document["totals"][op] for op in jsonout.facts.OPS)
    assert counted == len(document["operations"])


@SLOW
@given(event=strategies.events(), at=st.none() | st.floats(0, 1e10))
def test_any_event_validates(event: Event, at: float | None) -> None:
    """Whatever an event holds, its line is valid and is one line."""
    document = jsonout.event_document(event, at=at)
    check(document)
    assert "\n" not in jsonout.dumps(document)


@SLOW
@given(items=strategies.ITEMS, findings=st.lists(strategies.FINDING, max_size=2))
def test_any_items_validate(items: Any, findings: Any) -> None:
    """Whatever the loader found, the items and lint documents are valid."""
    check(jsonout.items_document(Loaded(items=items, findings=tuple(findings))))
    check(jsonout.lint_document(findings, items=len(items)))
