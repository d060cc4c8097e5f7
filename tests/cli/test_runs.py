"""``ghsync runs`` against real runs: what it shows, and how it stops and starts one over HTTP."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

import ghsync
from ghsync import control
from ghsync.cli.main import run as ghsync_main
from ghsync.history import statistics
from ghsync.model import RunId
from ghsync.report import schemas, text
from ghsync.sandbox.github import GitHub
from ghsync.sandbox.limits import NONE
from ghsync.sandbox.seeds import SANDBOX_TOKEN
from ghsync.sandbox.serve import running
from ghsync.store import Action, Store, Wish

REPO = "octo/plan"
TASKS = 24
LATENCY = 0.06
"""Seconds that an answer takes, so that a push can be caught while it goes on."""
PATIENCE = 20.0

Tell = Callable[..., dict[str, Any]]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder with an epic and its tasks."""
    folder = tmp_path / ".claude/epics/shop"
    folder.mkdir(parents=True)
    (folder / "epic.md").write_text("---\nname: Shop\nstatus: open\n---\n\nSell.\n")
    for n in range(1, TASKS + 1):
        (folder / f"{n:03d}.md").write_text(f"---\nname: Task {n}\nstatus: open\n---\n\nDo {n}.\n")
    return tmp_path


@pytest.fixture
def tell(capsys: pytest.CaptureFixture[str]) -> Tell:
    """Run a command with ``--json`` in this process; the document, judged by its schema."""

    def tell(*arguments: object) -> dict[str, Any]:
        capsys.readouterr()
        assert ghsync_main([*map(str, arguments), "--json"]) == 0
        document: dict[str, Any] = json.loads(capsys.readouterr().out)
        name = document["schema"].removeprefix("ghsync.").removesuffix("/1")
        Draft202012Validator(schemas.load(name)).validate(document)
        return document

    return tell


def wait_for(true: Callable[[], bool], process: subprocess.Popen[str] | None = None) -> None:
    """Wait until it holds, for real; another process makes it so."""
    until = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < until, "it never happened"
        assert process is None or process.poll() is None, process and process.communicate()
        time.sleep(0.02)


STARTED: list[subprocess.Popen[str]] = []


@pytest.fixture(autouse=True)
def nobody_left() -> Iterator[None]:
    """End every process that a test started and did not wait for."""
    yield
    while STARTED:
        process = STARTED.pop()
        if process.poll() is None:
            process.kill()
        with suppress(ValueError):
            process.communicate()


def push(root: Path, url: str) -> subprocess.Popen[str]:
    """Start a real push over HTTP."""
    process = subprocess.Popen(
        [sys.executable, "-m", "ghsync", "push", str(root), "--repo", REPO, "--concurrency", "1"],
        env={
            **{k: v for k, v in os.environ.items() if not k.startswith(("GH", "GITHUB_"))},
            "GITHUB_API_URL": url,
            "GITHUB_TOKEN": SANDBOX_TOKEN,
            "PYTHONPATH": str(Path(ghsync.__file__).parents[1]),
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    STARTED.append(process)
    return process


class Server:
    """A sandbox behind a socket, and how many issues it holds."""

    def __init__(self, github: GitHub, url: str) -> None:
        self.url = url
        self._github = github

    @property
    def titles(self) -> list[str]:
        """The titles of all issues."""
        repo = next(iter(self._github.state.repos.values()), None)
        return [] if repo is None else [i.title for i in list(repo.issues.values()) if not i.pull]


@contextmanager
def server() -> Iterator[Server]:
    """Serve a GitHub without limits whose answers take a while."""
    github = GitHub(limits=NONE)
    with running(github, latency=LATENCY) as address:
        yield Server(github, address.url)


# ------------------------------------------------------------------- from outside


def test_a_push_is_paused_resumed_paused_and_cancelled(
    root: Path, tell: Tell, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing is sent while it is paused; cancelled it exits 6, and the next push goes on."""

    def status() -> str:
        return str(tell("runs", root)["runs"][0]["status"])

    with server() as github:
        process = push(root, github.url)
        wait_for(lambda: len(github.titles) >= 3, process)
        assert status() == "running"

        assert ghsync_main(["runs", "pause", "last", str(root)]) == 0
        wait_for(lambda: status() == "pending", process)
        time.sleep(3 * LATENCY)  # what was under way has ended
        held = len(github.titles)
        time.sleep(6 * LATENCY)
        assert len(github.titles) == held < TASKS

        assert ghsync_main(["runs", "resume", "last", str(root)]) == 0
        wait_for(lambda: len(github.titles) > held, process)
        assert status() == "running"

        run_id = tell("runs", root)["runs"][0]["id"]
        assert ghsync_main(["runs", "pause", run_id[:15], str(root)]) == 0
        wait_for(lambda: status() == "pending", process)
        assert ghsync_main(["runs", "cancel", "last", str(root)]) == 0
        out, err = process.communicate(timeout=PATIENCE)
        assert process.returncode == 6, out + err
        assert "paused; `ghsync runs resume` goes on" in err
        assert "Cancelled" in err
        assert not (root / ".ghsync/control.json").exists()

        shown = tell("runs", "show", "last", root)
        assert shown["run"]["status"] == "cancelled"
        assert shown["run"]["error"]["code"] == "cancelled"
        assert shown["run"]["totals"]["pending"] > 0
        assert [wait["reason"] for wait in shown["waits"]] == ["paused", "paused"]
        assert ghsync_main(["runs", "resume", "last", str(root)]) == 2
        assert "is not under way" in capsys.readouterr().err

        again = push(root, github.url)
        again.communicate(timeout=PATIENCE)
        assert again.returncode == 0
        assert sorted(github.titles) == sorted(["Shop", *(f"Task {n}" for n in range(1, 25))])
        logs = [path.read_text() for path in (root / ".ghsync/runs").iterdir()]
        assert len(logs) == 2
        assert not any(SANDBOX_TOKEN in log for log in logs)


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT])
def test_a_killed_and_an_interrupted_run_are_interrupted(
    root: Path, tell: Tell, number: signal.Signals
) -> None:
    """Killed it leaves no end and a note of a lock that nobody holds; Ctrl-C ends the log."""
    with server() as github:
        process = push(root, github.url)
        wait_for(lambda: len(github.titles) >= 2, process)
        process.send_signal(number)
        process.communicate(timeout=PATIENCE)
        (record,) = tell("runs", root)["runs"]
        assert record["status"] == "interrupted"
        assert 0 < record["totals"]["done"] < record["totals"]["total"]
        log = (root / ".ghsync/runs" / f"{record['id']}.jsonl").read_text()
        assert ('"e":"end"' in log) is (number is signal.SIGINT)
        assert record["error"] == (
            None
            if number is signal.SIGKILL
            else {
                "code": "interrupted",
                "message": "Interrupted.",
                "hint": "Run the same command again: it goes on where this ended.",
            }
        )


def test_a_wish_for_a_run_that_is_gone_is_removed(root: Path, tell: Tell) -> None:
    """It names another run, so the next one does not obey it."""
    store = Store.open(root)
    store.make_folder()
    store.ask(Wish(run=RunId("gone"), action=Action.CANCEL))
    assert tell("push", root, "--sandbox", "--repo", REPO)["totals"]["failed"] == 0
    assert store.wish() is None
    (root / ".ghsync/control.json").write_text("{nonsense")
    assert store.wish() is None
    assert tell("push", root, "--sandbox", "--repo", REPO)["totals"]["failed"] == 0


# -------------------------------------------------------------------- what is shown


@pytest.fixture
def pushed(root: Path, tell: Tell) -> Path:
    """A folder that was pushed to its sandbox twice."""
    tell("push", root, "--sandbox", "--repo", REPO)
    (root / ".claude/epics/shop/001.md").write_text("---\nname: First\nstatus: open\n---\n\nX\n")
    tell("push", root, "--sandbox", "--repo", REPO)
    return root


def test_the_list_is_newest_first(pushed: Path, tell: Tell) -> None:
    """``runs``, ``runs list`` and ``runs ROOT`` are the same."""
    newest, oldest = tell("runs", pushed)["runs"]
    assert tell("runs", "list", pushed) == tell("runs", pushed)
    assert newest["id"] > oldest["id"]
    assert (oldest["status"], oldest["command"], oldest["repo"]) == ("completed", "push", REPO)
    assert oldest["totals"]["done"] == oldest["totals"]["total"] >= TASKS + 1
    assert oldest["issues"] == TASKS + 1
    assert oldest["issues_per_minute"] > 0
    assert newest["totals"]["done"] == newest["issues"] == 1
    assert newest["version"] == ghsync.__version__


def test_one_run_shows_each_request(pushed: Path, tell: Tell) -> None:
    """Time, operation, key, number, status, request id, attempt and wait; and what it replaced."""
    run_id = tell("runs", pushed)["runs"][1]["id"]
    shown = tell("runs", "show", run_id, pushed)
    posts = [r for r in shown["requests"] if r["method"] == "POST" and r["op"] == "create"]
    assert len(posts) == TASKS + 1
    assert {r["key"] for r in posts} == {
        op["key"] for op in shown["operations"] if op["op"] == "create"
    }
    for request in posts:
        assert request["number"] >= 1
        assert request["status"] == 201
        assert request["request_id"]
        assert request["attempt"] == 1
        assert request["waited_seconds"] >= 0
    assert sum(shown["planned"].values()) == shown["run"]["totals"]["total"]
    (update,) = tell("runs", "show", "last", pushed)["operations"]
    assert update["before"] == {"title": "Task 1", "body": "Do 1."}
    assert update["after"] == {"title": "First", "body": "X"}


def test_the_numbers_of_all_runs(pushed: Path, tell: Tell) -> None:
    """Counts, pace, and each kind of operation."""
    stats = tell("runs", "stats", pushed)
    assert stats["runs"]["completed"] == 2
    assert stats["issues"] == TASKS + 2
    assert stats["errors"] == stats["retries"] == 0
    by_op = {each["op"]: each for each in stats["operations"]}
    assert by_op["create"]["done"] == TASKS + 1
    assert by_op["create"]["mean_seconds"] > 0
    assert by_op["update"]["count"] == 1


def test_what_a_person_sees(pushed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Ids, status and counts; past forty requests only what went wrong, until --verbose."""

    def said(*words: str) -> str:
        assert ghsync_main(["runs", *words, str(pushed)]) == 0
        return capsys.readouterr().out

    capsys.readouterr()
    listed = said()
    assert "2 runs" in listed
    assert "27 of 27 done" in listed
    assert "completed" in listed
    last, first = (line.split()[0] for line in listed.splitlines()[1:])
    assert "PATCH, try 1, waited" in said("show", last)
    assert "done: create #1" not in said("show", first)
    everything = said("show", first, "-v")
    assert "27 operations, as they ended" in everything
    assert "done: create #1" in everything
    assert "create                  25      25       0" in said("stats")
    assert ghsync_main(["runs", "show", "1", str(pushed)]) == 2
    assert "2 runs begin with 1" in capsys.readouterr().err


def test_the_views_fit_eighty_columns(pushed: Path) -> None:
    """Rows are broken under their own indent, never by the terminal."""
    store = Store.open(pushed)
    runs = control.runs(store, brief=False)
    assert len(runs) == 2
    views = [text.runs_view(runs), text.stats_view(statistics(runs))]
    views += [text.run_view(each, verbose=verbose) for each in runs for verbose in (False, True)]
    for view in views:
        shown = text.to_text(view, width=80)
        assert max(len(line) for line in shown.splitlines()) <= 80


def test_usage_errors(
    root: Path, tell: Tell, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """No run yet, none under way, a word that is no command: exit 2 and the next step."""
    assert tell("runs", root)["runs"] == []
    assert tell("runs", "stats", root)["requests"] == 0
    for words, said in (
        (["runs", "show", "last", str(root)], "No run is recorded here"),
        (["runs", "pause", "last", str(root)], "No run is recorded here"),
        (["runs", "nonsense"], "No such command"),
    ):
        assert ghsync_main(words) == 2
        assert said in capsys.readouterr().err
    monkeypatch.chdir(root)
    assert ghsync_main(["runs", "cancel"]) == 2
    assert "No run is under way, so there is nothing to cancel" in capsys.readouterr().err
