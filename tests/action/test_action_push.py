"""The Action on the default branch: its own steps push, and say so where GitHub reads it."""

from __future__ import annotations

import json
import signal
import threading
import time
from pathlib import Path

from action.action_kit import REPO, TOKEN, Job, Use, World

from ghsync.sandbox.faults import FaultKind, FaultRule


def test_it_pushes_on_the_default_branch(job: Job, world: World) -> None:
    """``auto`` pushes; outputs count, the summary has a row and a link for each issue."""
    done = job.example("ccpm-shop").use()
    assert done.code == 0, done.log
    assert len(world.titles) == 12
    counted = ("created", "updated", "closed", "failed", "conflicts", "changes-pending")
    assert [done.outputs[name] for name in counted] == ["12", "0", "1", "0", "0", "false"]
    assert (done.outputs["exit-code"], done.outputs["resumable"]) == ("0", "false")
    assert done.summary.startswith(f"### ghsync push: {REPO}\n")
    assert f"| created | Guest checkout | [#1](<{world.url}/{REPO}/issues/1>) |" in done.summary
    assert done.report["schema"] == "ghsync.run/1"
    assert done.report["totals"]["create"] == 12
    assert json.loads((job.workspace / ".ghsync/map.json").read_text())["items"]
    assert done.commands == []


def test_a_second_use_has_nothing_to_do(job: Job, world: World) -> None:
    """In the same job, from the same installation; nothing is done twice."""
    job.example("ccpm-shop").use()
    done = job.use()
    assert (done.code, done.outputs["created"], len(world.titles)) == (0, "0", 12)


def test_the_token_is_nowhere(job: Job, world: World) -> None:
    """Not in the log, the summary, the report, nor any file of the job."""
    done = job.example("ccpm-shop").use()
    assert done.code == 0
    assert TOKEN not in done.log + done.summary
    files = [p for p in job.folder.rglob("*") if p.is_file() and "bin" not in p.parts]
    assert [p for p in files if TOKEN.encode() in p.read_bytes()] == []


def test_another_branch_is_only_planned(job: Job, world: World, use: Use) -> None:
    """``auto`` pushes nowhere but on the default branch; a schedule runs there, too."""
    job.example("ccpm-shop").event("push", ref="refs/heads/other")
    done = use()
    assert (done.code, world.titles) == (0, [])
    assert (done.outputs["created"], done.outputs["changes-pending"]) == ("12", "true")
    assert "dry run" in done.summary
    job.event("schedule", ref="refs/heads/main", repository=None)
    assert use().code == 0
    assert len(world.titles) == 12


def test_a_dry_run_writes_nothing(job: Job, world: World, use: Use) -> None:
    """Neither to GitHub nor to the folder."""
    job.example("ccpm-shop")
    done = use(command="push", dry_run="true")
    assert (done.code, world.titles) == (0, [])
    assert not (job.workspace / ".ghsync").exists()


def test_a_folder_and_a_layout(job: Job, world: World, use: Use) -> None:
    """``path`` and ``layout`` say what is read."""
    job.example("ccpm-shop", into="plans").example("backlog-app")
    done = use(path="plans")
    assert (done.code, len(world.titles)) == (0, 12)
    done = use(layout="backlog, ccpm", only="backlog/tasks", dry_run="true")
    assert (done.code, done.report["dry_run"]) == (0, True)


def test_an_expired_time_is_resumable(job: Job, world: World) -> None:
    """Exit 6 and ``resumable``; the next use goes on, and nothing is there twice."""
    world.github.faults.install(
        FaultRule(kind=FaultKind.SLOW, method="POST", path="/issues$", seconds=0.4, times=None)
    )
    job.write("ghsync.toml", "concurrency = 1\n")
    for n in range(8):
        job.item(f".claude/epics/shop/{n:03d}.md", f"Task {n}")
    done = job.use(max_time="1s")
    assert (done.code, done.outputs["exit-code"], done.outputs["resumable"]) == (6, "6", "true")
    assert done.outputs["changes-pending"] == "true"
    assert any(command.startswith("::warning title=ghsync::The run") for command in done.commands)
    world.github.faults.clear()
    assert job.use().outputs["resumable"] == "false"
    assert world.titles == sorted(f"Task {n}" for n in range(8))


def test_a_cancelled_step_ends_cleanly(job: Job, world: World) -> None:
    """The runner's SIGINT reaches the program: outputs and report are there, the map is written."""
    world.github.faults.install(
        FaultRule(kind=FaultKind.SLOW, method="POST", path="/issues$", seconds=0.4, times=None)
    )
    job.write("ghsync.toml", "concurrency = 1\n")
    for n in range(8):
        job.item(f".claude/epics/shop/{n:03d}.md", f"Task {n}")

    def cancel() -> None:
        for _ in range(3000):
            if world.titles and job.process is not None:
                job.process.send_signal(signal.SIGINT)
                return
            time.sleep(0.01)

    threading.Thread(target=cancel, daemon=True).start()
    done = job.use()
    assert (done.code, done.outputs["resumable"]) == (130, "true")
    assert done.report["error"]["code"] == "interrupted"
    held = json.loads((job.workspace / ".ghsync/map.json").read_text())["items"]
    assert 0 < len(held) == len(world.titles) < 8


def test_failures_are_counted_and_said(job: Job, world: World, use: Use) -> None:
    """Exit 1, an annotation, and the reason in the summary."""
    world.github.faults.install(
        FaultRule(kind=FaultKind.STATUS, method="POST", path="/issues$", status=403)
    )
    job.item(".claude/epics/shop/001.md", "One")
    done = use()
    assert (done.code, done.outputs["failed"]) == (1, "1")
    assert "::error title=ghsync::1 item failed; the summary says why." in done.commands
    assert "failed to create" in done.summary


def test_write_back_says_how_many_files(job: Job, world: World, use: Use) -> None:
    """The files that a later step has to commit are counted."""
    job.example("ccpm-shop")
    done = use(write_back="true")
    assert (done.code, done.outputs["files"]) == (0, "12")


def test_changes_are_more_than_issues(job: Job, use: Use) -> None:
    """A push that only links has done something: a long push goes on by this count."""
    for n in (1, 2):
        job.item(f".claude/epics/shop/{n:03d}.md", f"Task {n}")
    assert int(use().outputs["changes"]) > 2  # the label, too
    text = "---\nname: Task 2\nstatus: open\ndepends_on: [001]\n---\n\nText.\n"
    job.write(".claude/epics/shop/002.md", text)
    counted = ("0", "0", "0", "1")
    for dry_run in ("true", "false"):
        found = use(dry_run=dry_run).outputs
        assert tuple(found[n] for n in ("created", "updated", "closed", "changes")) == counted
    assert use().outputs["changes"] == "0"


def test_a_rehearsal_needs_no_github(tmp_path: Path) -> None:
    """``sandbox: true`` pushes to the embedded GitHub."""
    job = Job(tmp_path / "job", "http://127.0.0.1:9").installed().example("ccpm-shop")
    done = job.use(command="push", sandbox="true", token="")
    assert (done.code, done.outputs["created"]) == (0, "12")
    assert "In the sandbox, not on GitHub." in done.summary
