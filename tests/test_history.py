"""What a run writes into its log, and what is read from it again, however damaged it is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from push.world import EPIC, World
from store.store_disk import Inode

from ghsync import control
from ghsync.errors import RunCancelledError, RunInterruptedError, StoppedError, UsageError
from ghsync.history import Counts, RunRecord, RunStatus, parse, statistics
from ghsync.model import Key, Requests, RunId
from ghsync.sandbox.faults import FaultKind
from ghsync.store import Store
from ghsync.trail import ended


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A folder, a GitHub and the time."""
    return World(tmp_path)


ID = RunId("1795000000000-0000ab")
HEADER = {
    "e": "run",
    "schema": "ghsync.runlog/1",
    "id": ID,
    "command": "push",
    "version": "0.1.0",
    "repo": "octo/plan",
    "started": 1_795_000_000.0,
    "user": "ann@laptop",
    "commit": "1" * 40,
}
PLAN = {"e": "plan", "at": 10.0, "total": 3, "operations": {"create": 3}, "eta_seconds": 4.5}
END = {
    "e": "end",
    "at": 70.0,
    "status": "completed",
    "total": 3,
    "succeeded": 1,
    "failed": 2,
    "unknown": 1,
    "skipped": 0,
    "pending": 0,
    "issues": 1,
    "duration": 60.0,
    "spent": {"reads": 2, "writes": 4, "content": 3},
}


def request(at: float = 20.0, **fields: Any) -> dict[str, Any]:
    """A line of one sending."""
    return {
        "e": "request",
        "at": at,
        "label": "create x",
        "method": "POST",
        "path": "/repos/octo/plan/issues",
        "status": 201,
        "request_id": "A:1",
        "attempt": 1,
        "waited": 0.5,
        "seconds": 0.25,
        "error": None,
        "op": "create",
        "key": "epics/shop/001",
        "target": None,
        "number": None,
        **fields,
    }


def operation(at: float = 21.0, **fields: Any) -> dict[str, Any]:
    """A line of one operation."""
    return {
        "e": "op",
        "at": at,
        "op": "create",
        "key": "epics/shop/001",
        "target": None,
        "path": "epics/shop/001.md",
        "number": 7,
        "title": "One",
        "status": "done",
        "message": "",
        "before": {},
        "after": {"title": "One", "parent": None},
        **fields,
    }


def log(*lines: Any) -> str:
    """The text of a log."""
    return "".join(
        (line if isinstance(line, str) else json.dumps(line, separators=(",", ":"))) + "\n"
        for line in lines
    )


# --------------------------------------------------------------------------- reading


def test_a_finished_run_is_read_whole() -> None:
    """Header, plan, requests, operations and end come back typed; a create's request knows #7."""
    text = log(HEADER, PLAN, request(), operation(), END)
    run = parse(ID, text)
    assert (run.status, run.code, run.under_way) == (RunStatus.COMPLETED, None, False)
    assert (run.command, run.repo, run.user) == ("push", "octo/plan", "ann@laptop")
    assert (run.version, run.commit, run.started) == ("0.1.0", "1" * 40, 1_795_000_000.0)
    assert run.counts == Counts(total=3, done=1, failed=1, unknown=1)
    assert (run.duration, run.ended, run.issues) == (60.0, 70.0, 1)
    assert run.throughput == 1.0
    assert run.spent == Requests(reads=2, writes=4, content=3)
    assert (run.planned, run.eta_seconds) == ({"create": 3}, 4.5)
    assert [(r.key, r.number, r.request_id) for r in run.requests] == [("epics/shop/001", 7, "A:1")]
    assert run.operations[0].after == {"title": "One", "parent": None}
    assert parse(ID, text, holder=RunId("another")) == run


def test_a_brief_reading_says_the_same_without_the_trail() -> None:
    """A list of runs need not read what the last line sums up; without one it reads all."""
    for lines in ([HEADER, PLAN, request(), operation(), END], [HEADER, PLAN, request()]):
        whole, brief = parse(ID, log(*lines)), parse(ID, log(*lines), brief=True)
        assert brief.requests == brief.operations == ()
        assert brief.counts == whole.counts
        assert (brief.status, brief.duration, brief.spent) == (
            whole.status,
            whole.duration,
            whole.spent,
        )


def test_the_lock_tells_a_running_run_from_a_killed_one() -> None:
    """No end: running if this run holds the lock, pending while it is paused, else interrupted."""
    text = log(HEADER, PLAN, request(), operation())
    assert parse(ID, text, holder=ID).status is RunStatus.RUNNING
    assert parse(ID, text, holder=ID).ended is None
    assert parse(ID, text, holder=RunId("x")).status is RunStatus.INTERRUPTED
    assert parse(ID, text).counts == Counts(total=3, done=1)
    assert parse(ID, text).counts.pending == 2
    assert parse(ID, text).spent == Requests(writes=1, content=1)
    paused = text + log({"e": "pause", "at": 30.0})
    assert parse(ID, paused, holder=ID).status is RunStatus.PENDING
    assert parse(ID, paused).status is RunStatus.INTERRUPTED
    resumed = parse(ID, paused + log({"e": "resume", "at": 42.0}), holder=ID)
    assert resumed.status is RunStatus.RUNNING
    assert [(wait.reason, wait.seconds) for wait in resumed.waits] == [("paused", 12.0)]


@pytest.mark.parametrize(
    ("end", "status", "code"),
    [
        ({"status": "completed"}, RunStatus.COMPLETED, None),
        ({"status": "cancelled", "code": "cancelled"}, RunStatus.CANCELLED, "cancelled"),
        ({"status": "interrupted", "code": "interrupted"}, RunStatus.INTERRUPTED, "interrupted"),
        ({"status": "failed", "code": "stopped"}, RunStatus.FAILED, "stopped"),
        ({"status": "failed"}, RunStatus.FAILED, None),
        ({"status": "unavailable"}, RunStatus.FAILED, "unavailable"),  # as 0.1.0.dev wrote it
    ],
)
def test_how_a_run_ended(end: dict[str, str], status: RunStatus, code: str | None) -> None:
    """The last line says it, also in the words of an older version."""
    run = parse(ID, log(HEADER, {"e": "end", **end}), holder=ID)
    assert (run.status, run.code) == (status, code)


def test_a_torn_last_line_is_nothing() -> None:
    """A killed run leaves half a line; one in the middle, or no object, is counted as damage."""
    whole = log(HEADER, PLAN, operation())
    assert parse(ID, whole + '{"e":"op","at":2').counts.done == 1
    assert parse(ID, whole + '{"e":"op","at":2').damaged == 0
    run = parse(ID, log(HEADER, "{nonsense", "[1]", "3", "", operation()))
    assert (run.damaged, run.counts.done) == (3, 1)
    assert parse(ID, "").status is RunStatus.INTERRUPTED
    assert parse(ID, '{"e":"run"').command == ""


junk = st.sampled_from(
    [None, True, -1, 0, 3, 10**400, 1.5, float("nan"), float("inf"), "", "x", [], [1], {}, {"a": 1}]
)
names = sorted({name for line in (HEADER, PLAN, END, request(), operation()) for name in line})
kinds = st.sampled_from(
    ["run", "plan", "request", "op", "wait", "notice", "pause", "resume", "end"]
)
lines = st.builds(
    lambda kind, fields: {**fields, "e": kind}, kinds, st.dictionaries(st.sampled_from(names), junk)
)


@given(st.lists(lines, max_size=8), st.integers(min_value=0), st.booleans())
def test_no_log_is_too_broken_to_read(given_lines: list[Any], cut: int, brief: bool) -> None:
    """Whatever the lines hold and wherever they end, a record and its sums come out."""
    text = log(*given_lines)
    run = parse(ID, text[: cut % (len(text) + 1)], brief=brief)
    assert run.id == ID
    assert run.counts.pending >= 0
    statistics([run])


@given(st.integers(min_value=0))
def test_every_beginning_of_a_log_is_a_log(cut: int) -> None:
    """A run that is read while it writes shows what was written until then."""
    text = log(HEADER, PLAN, *(operation(at=20.0 + n, key=f"k{n}") for n in range(3)), END)
    part = text[: cut % len(text)]
    run = parse(ID, part, holder=ID)
    assert run.status is RunStatus.RUNNING or part.endswith("}")
    assert run.counts.done == part.count('"status":"done"') or not part.endswith("\n")


# ------------------------------------------------------------------------ statistics


def test_statistics_sum_up_runs() -> None:
    """Pace, errors, retries, waits by reason, and each kind of operation with its times."""
    first = parse(
        ID,
        log(
            HEADER,
            PLAN,
            request(status=404, method="GET", error="not there", op=None, key=None),
            request(at=21, status=502, error="GitHub answered 502", seconds=1.0),
            request(at=23, attempt=2, seconds=3.0),
            operation(),
            request(at=30, key="b"),
            operation(key="b", status="failed"),
            {"e": "wait", "at": 30.0, "reason": "content/min", "seconds": 20.0},
            {"e": "wait", "at": 40.0, "reason": "content/min", "seconds": 15.0},
            {"e": "wait", "at": 65.0, "reason": "points/min", "seconds": 60.0},
            END,
        ),
    )
    second = parse(RunId("2"), log(HEADER, {**END, "status": "cancelled"}))
    stats = statistics([first, second])
    assert stats.runs[RunStatus.COMPLETED] == stats.runs[RunStatus.CANCELLED] == 1
    assert (stats.requests, stats.errors, stats.retries) == (4, 1, 1)
    assert stats.error_rate == 0.25
    assert (stats.issues, stats.duration, stats.throughput) == (2, 120.0, 1.0)
    # The second wait went on from the first; the third was over when the run was.
    assert [(w.reason, w.times, w.seconds) for w in stats.waits] == [
        ("content/min", 1, 25.0),
        ("points/min", 1, 5.0),
    ]
    (create,) = stats.operations
    assert (create.op, create.count, create.done, create.failed) == ("create", 2, 1, 1)
    assert (create.mean_seconds, create.max_seconds) == (2.125, 4.0)


def test_statistics_of_nothing() -> None:
    """No runs, no division by zero."""
    stats = statistics([])
    assert (stats.throughput, stats.error_rate, stats.waits, stats.operations) == (
        None,
        None,
        (),
        (),
    )


# --------------------------------------------------------------------------- writing


def last(world: World) -> RunRecord:
    """The newest run of a world, with its trail."""
    return control.find(Store.open(world.root, files=world.disk), "last")


def of(run: RunRecord, op: str, key: str) -> tuple[Any, Any]:
    """What an operation replaced, before and after."""
    found = [each for each in run.operations if (each.op, each.key) == (op, key)]
    assert len(found) == 1, run.operations
    return found[0].before, found[0].after


def test_a_run_writes_what_it_replaced(world: World) -> None:
    """Each operation with each field before and after, texts in full, issues by number."""
    one, two, three = (world.task(n, body=f"Text {n}.") for n in (1, 2, 3))
    world.push()
    run = last(world)
    assert of(run, "create", one) == ({}, {"title": "Task 1", "parent": None})
    number = {title: world.issue(title).number for title in ("Task 1", "Task 2", "Task 3")}
    assert {op.key: op.number for op in run.operations if op.op == "create"} == {
        one: number["Task 1"],
        two: number["Task 2"],
        three: number["Task 3"],
    }

    world.later()
    epic = world.epic()
    world.task(1, "One", body="New text.\n\nMore.", labels=["ui"], depends_on=["002"])
    world.task(3, body="Text 3.", status="done")
    world.push()
    run, shop = last(world), world.issue("Shop").number
    before, after = of(run, "update", one)
    assert before == {"title": "Task 1", "body": "Text 1.", "labels": ["task"]}
    assert after == {"title": "One", "body": "New text.\n\nMore.", "labels": ["task", "ui"]}
    assert of(run, "close", three) == (
        {"state": "open"},
        {"state": "closed", "state_reason": "completed"},
    )
    assert of(run, "link", two) == ({"parent": None}, {"parent": shop})
    assert of(run, "block", one) == ({}, {"blocked_by": number["Task 2"]})

    world.later()
    world.remove(f"{EPIC}/epic.md")
    world.task(1, "One", body="New text.\n\nMore.", labels=["ui"])
    world.task(3, body="Text 3.")
    world.push(prune=True, allow_changes=9)
    run = last(world)
    assert of(run, "unlink", two) == ({"parent": shop}, {"parent": None})
    assert of(run, "unblock", one) == ({"blocked_by": number["Task 2"]}, {})
    assert of(run, "reopen", three) == (
        {"state": "closed", "state_reason": "completed"},
        {"state": "open"},
    )
    assert {op.op for op in run.operations if op.key == epic} == {"close"}


def test_each_request_names_its_operation(world: World) -> None:
    """Key, number, status, request id, attempt and wait; the readings before the plan name none."""
    world.backlog(3, labels=["ui"])
    world.fault(FaultKind.STATUS, method="POST", path="/issues", status=502, committed=True)
    world.push()
    run = last(world)
    posts = [r for r in run.requests if r.method == "POST" and r.path.endswith("/issues")]
    assert {r.op for r in posts} == {"create"}
    made = {op.key: op.number for op in run.operations if op.op == "create"}
    assert len(made) == 4
    assert all(r.number == made[r.key] for r in posts)
    assert all(r.request_id and r.attempt >= 1 and r.waited >= 0 for r in posts)
    assert [r.status for r in posts].count(502) == 1
    labels = {r.target for r in run.requests if r.op == "create_label"}
    assert {"ui", "task", "epic"} <= labels
    before_plan = [r for r in run.requests if r.op is None]
    assert before_plan[0].label.startswith("read the repository")
    looked = [r for r in run.requests if r.op == "create" and r.method == "GET"]
    assert looked, "the search for the lost create belongs to it"
    assert run.counts.total == run.counts.done == len(run.operations)
    assert run.issues == 4


def test_no_token_is_ever_written(world: World) -> None:
    """Not in headers, bodies, errors or messages: the canary is nowhere on the disk."""
    world.backlog(2)
    world.fault(FaultKind.STATUS, method="POST", status=422, message=f"no {world.token}", times=2)
    world.push()
    text = b"".join(inode.data for inode in world.disk.names.values())
    assert b"no ***" in text
    assert world.token.encode() not in text


def test_a_run_that_is_refused_says_why(world: World) -> None:
    """An error before the plan ends the log, too, with its code."""
    world.backlog(1)
    world.fault(FaultKind.STATUS, method="GET", path="/repos/octo/plan", status=401, times=99)
    with pytest.raises(Exception, match="answered 401"):
        world.push()
    run = last(world)
    assert run.status is RunStatus.FAILED
    assert run.code is not None
    assert run.message


def test_how_errors_are_worded() -> None:
    """Cancelled and interrupted are words of their own; everything else failed."""
    assert ended(None) == "completed"
    assert ended(RunCancelledError("x")) == "cancelled"
    assert ended(RunInterruptedError("x")) == "interrupted"
    assert ended(KeyboardInterrupt()) == "interrupted"
    assert ended(StoppedError("x")) == "failed"
    assert ended(RuntimeError("x")) == "failed"


# ----------------------------------------------------------------------------- naming


def test_a_run_is_named_by_id_beginning_or_last() -> None:
    """A beginning must be of one run; what is not found is a usage error that says what to do."""
    known = [RunId("17-a"), RunId("18-b"), RunId("18-c")]
    assert control.resolve(known, "last") == "18-c"
    assert control.resolve(known, "17") == "17-a"
    assert control.resolve([*known, RunId("18")], "18") == "18"
    for wrong in ("18", "9", ""):
        with pytest.raises(UsageError):
            control.resolve(known, wrong)
    with pytest.raises(UsageError, match="No run is recorded"):
        control.resolve([], "last")


def test_the_newest_hundred_logs_are_kept(world: World) -> None:
    """A run makes room for its own log before it starts."""
    folder = world.root / ".ghsync" / "runs"
    for n in range(120):
        path = folder / f"{n:013d}-0000aa.jsonl"
        world.disk.names[path] = Inode()
    world.disk.folders |= {world.root / ".ghsync", folder}
    world.backlog(1)
    world.push()
    ids = Store.open(world.root, files=world.disk).run_ids()
    assert len(ids) == 100
    assert ids[0] == f"{21:013d}-0000aa"
    assert last(world).counts.done > 0


def test_keys_are_keys() -> None:
    """What is not text is no key, and #0 is no issue."""
    run = parse(ID, log(HEADER, operation(key=3, number=0), operation(key="k")))
    assert [(op.key, op.number) for op in run.operations] == [(None, None), (Key("k"), 7)]
