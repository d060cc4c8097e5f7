"""The workflows of ``examples/workflows``, run step by step on a small GitHub Actions."""

from __future__ import annotations

import re
import shutil
import threading
import time
from pathlib import Path

import pytest
from action.action_kit import ROOT, Done, Job, World, action
from action.workflow_kit import WORKFLOWS, Hosted, workflow

from ghsync.sandbox.faults import FaultKind, FaultRule

NAMES = sorted(path.name for path in WORKFLOWS.glob("*.yml"))
PLACEHOLDER = "OWNER/ghsync@0000000000000000000000000000000000000000"


@pytest.fixture
def hosted(
    world: World,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Hosted:
    """A repository that holds the shop."""

    def use(job: Job, **inputs: str) -> Done:
        return job.call(monkeypatch, capsys, **inputs)

    made = Hosted(tmp_path / "hosted", world, use=use)
    made.commit(lambda at: shutil.copytree(ROOT / "examples/ccpm-shop", at, dirs_exist_ok=True))
    return made


@pytest.mark.parametrize("name", NAMES)
def test_a_workflow_asks_for_little(name: str) -> None:
    """Nothing at the top, few permissions in its job, actions by commit, inputs that exist."""
    text = (WORKFLOWS / name).read_text("utf-8")
    made = workflow(name)
    assert made["permissions"] == {}
    assert made["concurrency"]["cancel-in-progress"] is (name == "preview.yml")
    if made["concurrency"]["group"] == "ghsync-push":  # else a later one drops the one that waits
        assert made["concurrency"]["queue"] == "max"
    [job] = made["jobs"].values()
    assert set(job["permissions"]) <= {"contents", "issues", "pull-requests", "actions"}
    assert job["timeout-minutes"] < 360
    for step in job["steps"]:
        assert "${{" not in step.get("run", "")
        if "uses" in step:
            assert re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", step["uses"])
            if step["uses"].startswith("OWNER/"):
                assert step["uses"] == PLACEHOLDER
                assert set(step["with"]) <= set(action()["inputs"])
    assert re.findall(r"uses: \S+(?! # v\d)\n", text) == []
    writes = {k for k, v in job["permissions"].items() if v == "write"}
    assert ("contents" in writes) is (name != "preview.yml")


def test_the_preview_comments(hosted: Hosted) -> None:
    """The plan is on the pull request, and nothing is pushed."""
    ran = hosted.run("preview.yml", pull=hosted.world.open_pull())
    assert not ran.failed
    assert (hosted.world.titles, len(hosted.world.comments)) == ([], 1)
    assert hosted.files() == [name for name in hosted.files() if ".ghsync" not in name]


def test_the_push_commits_its_map(hosted: Hosted) -> None:
    """The next run has a fresh runner and the committed map: it makes nothing, and no commit."""
    assert not hosted.run("push.yml").failed
    assert len(hosted.world.titles) == 12
    held = [name for name in hosted.files() if name.startswith(".ghsync")]
    assert held == [".ghsync/.gitignore", ".ghsync/map.json"]
    before = hosted.git("rev-parse", "main")
    assert not hosted.run("push.yml").failed
    assert (len(hosted.world.titles), hosted.git("rev-parse", "main")) == (12, before)


def test_a_push_that_waited_knows_what_was_made_meanwhile(hosted: Hosted) -> None:
    """Files are changed and renamed while a push runs: the next one starts from its map.

    The commit that started it is older than that map: without it the renamed file would be a
    second issue, and the changed one in conflict.
    """
    use, folder = hosted.use, ".claude/epics/guest-checkout"

    def change(at: Path) -> None:
        hosted.git("mv", f"{folder}/005.md", f"{folder}/015.md", at=at)
        path = at / folder / "002.md"
        path.write_text(path.read_text("utf-8") + "\n- [ ] One more.\n", encoding="utf-8")

    def use_while_somebody_works(job: Job, **inputs: str) -> Done:
        done = use(job, **inputs)
        hosted.commit(change)
        hosted.use = use
        return done

    hosted.use = use_while_somebody_works
    assert not hosted.run("push.yml").failed
    waited = hosted.git("rev-parse", "main~1").strip()  # the last commit is the map's
    assert "015.md" in hosted.git("show", "--stat", waited)
    before = hosted.world.titles
    ran = hosted.run("push.yml", commit=waited)
    assert (ran.failed, hosted.world.titles, len(before)) == (False, before, 12)
    bodies = [issue.body for issue in hosted.world.octo.repo.issues.values()]
    assert sum("One more." in body for body in bodies) == 1


@pytest.mark.parametrize("name", ["push.yml", "long-push.yml"])
def test_a_map_that_somebody_beats_is_committed_all_the_same(hosted: Hosted, name: str) -> None:
    """Between the pull and the push of the last step somebody else pushed: once more."""
    hook = hosted.origin / "hooks/pre-receive"
    beaten = hosted.folder / "beaten"
    hook.write_text(f'#!/bin/sh\ntest -e "{beaten}" && exit 0\ntouch "{beaten}"\nexit 1\n')
    hook.chmod(0o755)
    ran = hosted.run(name, "workflow_dispatch")
    assert (ran.failed, beaten.exists()) == (False, True)
    assert ".ghsync/map.json" in hosted.files()


def test_the_pull_opens_one_pull_request(hosted: Hosted) -> None:
    """What people changed is on a branch of its own; a second night updates it."""
    hosted.run("push.yml")
    assert hosted.run("pull.yml", "schedule").asked == []
    world = hosted.world
    [number] = [n for n, i in world.octo.repo.issues.items() if i.title.startswith("Load test")]
    world.octo.edit(number, title="Load test twice", now=time.time() + 60)
    ran = hosted.run("pull.yml", "schedule")
    assert (ran.failed, ran.outputs("pull")["files"]) == (False, "1")
    assert [line.split(" --")[0] for line in ran.asked] == ["pr list", "pr create"]
    assert "--base main" in ran.asked[1]
    changed = hosted.git("diff", "--name-only", "main", "ghsync/pull").split()
    assert ".claude/epics/guest-checkout/005.md" in changed
    assert "Load test twice" in hosted.git(
        "show", "ghsync/pull:.claude/epics/guest-checkout/005.md"
    )
    again = hosted.run("pull.yml", "schedule")
    assert [line.split(" --")[0] for line in again.asked] == ["pr list"]


def _few(at: Path, *, concurrency: int) -> None:
    """Eight tasks in the place of the shop, sent a few at a time."""
    shutil.rmtree(at / ".claude")
    (at / "tasks").mkdir()
    for n in range(8):
        (at / f"tasks/{n}.md").write_text(f"---\ntitle: Task {n}\nstatus: open\n---\n\nDo it.\n")
    (at / "ghsync.toml").write_text(f"concurrency = {concurrency}\n")


def _slow(world: World, seconds: float) -> None:
    rule = FaultRule(
        kind=FaultKind.SLOW, method="POST", path="/issues$", seconds=seconds, times=None
    )
    world.github.faults.install(rule)


def test_a_long_push_goes_on_in_other_runs(hosted: Hosted) -> None:
    """Each run stops in time and starts the next one; an unclear create is not made twice."""
    world = hosted.world
    hosted.commit(lambda at: _few(at, concurrency=1))
    _slow(world, 0.5)
    world.github.faults.install(
        FaultRule(kind=FaultKind.STATUS, method="POST", path="/issues$", skip=2, committed=True)
    )
    previous, rounds = "", 0
    while True:
        ran = hosted.run(
            "long-push.yml",
            "workflow_dispatch",
            inputs={"previous": previous},
            change={"max_time": "2s"},
        )
        rounds += 1
        pushed = ran.outputs("push")
        started = [line for line in ran.asked if line.startswith("workflow run")]
        if pushed["exit-code"] == "0":
            assert (ran.failed, started) == (False, [])
            break
        assert (pushed["exit-code"], rounds < 20) == ("6", True)
        # On a machine so busy that nothing was made in time, somebody starts it again by hand.
        assert ran.failed is (pushed["changes"] == "0")
        assert len(started) == int(not ran.failed)
        for line in started:
            assert line == f"workflow run long-push.yml --ref main --field previous={ran.id}"
        previous = str(ran.id)
    assert rounds > 1
    assert world.titles == [f"Task {n}" for n in range(8)]


@pytest.mark.parametrize("again", ["another run", "Re-run jobs"])
def test_a_killed_run_is_gone_on_from(hosted: Hosted, again: str) -> None:
    """The program dies without a word: the journal goes to the next run, nothing is doubled.

    It was the very first one, so there is no map, and a push without the journal is refused.
    """
    world = hosted.world
    hosted.use = Job.use
    hosted.commit(lambda at: _few(at, concurrency=2))
    _slow(world, 0.15)

    def kill(job: Job) -> None:
        def watch() -> None:
            for _ in range(3000):
                if len(world.titles) > 2 and job.process is not None:
                    job.process.kill()
                    return
                time.sleep(0.01)

        threading.Thread(target=watch, daemon=True).start()

    ran = hosted.run("long-push.yml", "workflow_dispatch", ready=kill)
    assert (ran.failed, ran.asked) == (True, [])
    assert 2 < len(world.titles) < 8
    if again == "another run":
        after = hosted.run("long-push.yml", "workflow_dispatch", inputs={"previous": str(ran.id)})
    else:
        after = hosted.run("long-push.yml", "workflow_dispatch", attempt_of=ran.id)
    assert (after.failed, after.outputs("push")["exit-code"]) == (False, "0")
    assert world.titles == [f"Task {n}" for n in range(8)]
