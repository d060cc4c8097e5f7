"""Plan files that are applied again: after a kill, a limit of time, a failure, or for no reason."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path

import pytest
from apply_kit import PLAN, Project
from cli_kit import EPIC, REPO, Cli, make_shop, served, start

from ghsync.sandbox.faults import FaultKind, FaultRule
from ghsync.sandbox.people import Person


def git(root: Path, *arguments: str) -> str:
    """Run git in a project."""
    who = ["-c", "user.name=Octo", "-c", "user.email=octo@example.com"]
    done = subprocess.run(
        ["git", "-C", str(root), *who, *arguments], capture_output=True, check=True, text=True
    )
    return done.stdout.strip()


def test_a_plan_that_is_done_is_done(project: Project) -> None:
    """The second time nothing is sent, and that is said; 0, so that a job may be run again."""
    project.plan()
    assert project.apply().code == 0
    writes = project.writes
    again = project.apply()
    assert again.code == 0
    assert "everything in this plan is done" in again.err
    assert project.writes == writes


def test_a_plan_that_a_push_has_done_is_stale(project: Project) -> None:
    """The map has moved, though just so: it is no apply of this plan that moved it."""
    project.plan()
    project.push()
    project.refused(f"map: {EPIC}/001 has issue #", f"operation gone: create {EPIC}/001")


def test_what_is_done_is_no_reason_to_let_other_things_in(project: Project) -> None:
    """A plan that was carried out holds for its own items, as their files were."""
    project.plan()
    project.apply()
    project.task(3)
    project.refused(f"operation new: create {EPIC}/003")
    (project.cli.root / EPIC / "003.md").unlink()
    path = project.task(1, "Other")
    project.refused(f"file {path}: it changed")


def test_conflicts_and_skips_are_left_as_in_a_push(project: Project) -> None:
    """They can be saved; the run ends with 1, and the rest is done."""
    project.push()
    project.task(1, "Ours")
    project.task(2, body="Other.")
    project.somebody.edit(project.number("Task 1"), now=time.time(), title="Theirs")
    assert project.plan().code == 1
    assert project.raw["conflicts"][0]["field"] == "title"
    done = project.apply("--json")
    assert done.code == 1
    assert done.document["totals"]["conflict"] == 1
    assert project.somebody.issue(project.number("Task 2")).body.endswith("Other.")
    assert project.apply().code == 1


def test_what_failed_is_tried_again(project: Project) -> None:
    """By the same command: what is left of a plan is still that plan."""
    project.plan()
    rule = FaultRule(kind=FaultKind.STATUS, status=422, method="POST", path=r".*/issues", times=1)
    project.server.github.faults.install(rule)
    first = project.apply("--concurrency", 1)
    assert first.code == 1, first.out + first.err
    assert len(project.server.titles) < 3
    assert project.apply().code == 0
    assert project.server.titles == ["Shop", "Task 1", "Task 2"]


def test_time_that_is_up_is_no_end(cli: Cli) -> None:
    """``--max-time`` stops with 6; the same command goes on, also with links left to fill in."""
    cli.shop(9)
    cli.item(f"{EPIC}/001.md", "First", "See [the last](009.md) and [the epic](epic.md).")
    cli.item(f"{EPIC}/009.md", "Last", "See [the first](001.md).", depends_on="[001, 002]")
    cli("push", "--sandbox", "--dry-run", "--out", PLAN)
    codes = []
    for _ in range(12):
        codes.append(cli("apply", PLAN, "--max-time", "4s").code)
        if codes[-1] != 6:
            break
    assert codes[0] == 6
    assert codes[-1] == 0, codes
    assert "Nothing to do" in cli("push", "--sandbox").out
    assert len(cli.json("map", "show")["items"]) == 10


def test_the_rest_of_a_plan_with_a_limit_is_no_more_than_the_limit(cli: Cli) -> None:
    """What is done makes no room for items that nobody has reviewed."""
    cli.shop(9)
    cli.item(f"{EPIC}/001.md", "First", "See [the last](009.md).")
    cli("push", "--sandbox", "--limit", 6, "--dry-run", "--out", PLAN)
    for _ in range(12):
        if cli("apply", PLAN, "--max-time", "4s").code != 6:
            break
    assert cli("apply", PLAN).code == 0
    assert len(cli.json("map", "show")["items"]) == 6


def test_somebody_who_changes_what_is_left_stops_it(project: Project) -> None:
    """What the run had not come to is still what the plan takes for granted."""
    project.push()
    project.task(1, body="Other.")
    project.task(2, body="Other.")
    project.plan()
    rule = FaultRule(kind=FaultKind.STATUS, status=422, method="PATCH", skip=1)
    project.server.github.faults.install(rule)
    assert project.apply("--concurrency", 1).code == 1
    number = project.number("Task 2")
    project.somebody.label(number, "urgent", now=time.time())
    said = project.refused(f"issue #{number}: labels changed on GitHub")
    assert "nothing more was sent" in said
    assert EPIC + "/001" not in said


@pytest.mark.skipif(os.name == "nt", reason="there is no SIGKILL")
@pytest.mark.parametrize("after", [4, 12])
def test_a_killed_apply_goes_on(cli: Cli, monkeypatch: pytest.MonkeyPatch, after: int) -> None:
    """Killed after so many writes, the same command does the rest, and makes no issue twice."""
    make_shop(cli.root, 6)
    text = "---\nname: Task 6\nstatus: done\ndepends_on: [001, 002]\n---\n\n[1](001.md)\n"
    (cli.root / EPIC / "006.md").write_text(text)
    with served(latency=0.02) as server:
        env = {**server.environment(), "GHSYNC_SETTLE": "0.1"}
        for name, value in env.items():
            monkeypatch.setenv(name, value)
        options = ("--limits", "none", "--concurrency", "2")
        assert cli("push", *options, "--dry-run", "--out", PLAN).code == 0
        before = len(server.github.log)
        # What comes after is answered late, so that the process is still there to be killed.
        late = FaultRule(kind=FaultKind.SLOW, method="POST", skip=after, seconds=1.0, times=None)
        server.github.faults.install(late)
        process = start(cli.root, "apply", PLAN, *options, env=env)
        while process.poll() is None:
            if sum(e.method != "GET" for e in list(server.github.log)[before:]) >= after:
                process.kill()
            time.sleep(0.002)
        process.communicate()
        assert process.returncode == -9
        server.github.faults.clear()
        done = cli("apply", PLAN, *options)
        assert done.code == 0, done.err
        assert server.titles == ["Shop", *(f"Task {n}" for n in range(1, 7))]
        somebody = Person(server.github, REPO, login="octo", now=time.time())
        (sixth,) = (i for i in somebody.repo.issues.values() if i.title == "Task 6")
        assert (sixth.state, len(sixth.blocked_by)) == ("closed", 2)
        assert "Nothing to do" in cli("push", *options, "--dry-run").out


# -------------------------------------------------------------- after a merge, and around


def test_the_merged_commit_is_the_one_that_is_linked(project: Project) -> None:
    """A plan made on a branch is applied on main, whose commit is another: links name that one."""
    root = project.cli.root
    git(root, "init", "-q", "-b", "main")
    project.cli.write("docs/design.md", "A design.\n")
    project.cli.write("ghsync.toml", 'closing_comment = "Closed at {commit}"\n')
    git(root, "add", ".")
    git(root, "commit", "-q", "-m", "one")
    project.push()
    project.task(1, body="See [it](../../../docs/design.md).")
    project.cli.item(f"{EPIC}/002.md", "Task 2")
    text = (root / EPIC / "002.md").read_text().replace("status: open", "status: done")
    (root / EPIC / "002.md").write_text(text)
    project.plan()
    planned = git(root, "rev-parse", "HEAD")
    git(root, "commit", "-q", "-a", "-m", "two")
    merged = git(root, "rev-parse", "HEAD")
    assert planned in project.file.read_text("utf-8")
    done = project.apply()
    assert done.code == 0, done.err
    body = project.somebody.issue(project.number("Task 1")).body
    assert f"/blob/{merged}/docs/design.md" in body
    comments = project.somebody.repo.comments.values()
    assert [f"Closed at {merged}" in each.body for each in comments] == [True]


def test_a_dry_run_says_whether_it_still_holds(project: Project) -> None:
    """For a check on the pull request: 0 or 5, and nothing is sent."""
    project.plan()
    assert project.apply("--dry-run").code == 0
    path = project.task(1, "Other")
    project.refused(f"file {path}: it changed", options=("--dry-run",))
    assert project.writes == 0
    assert not (project.cli.root / ".ghsync/plans.json").exists()


def test_without_a_token_nobody_knows_whether_it_holds(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A check that cannot read GitHub is no check that has passed."""
    monkeypatch.delenv("GITHUB_API_URL")
    project.cli.write("ghsync.toml", f'api_url = "{project.server.url}"\n')
    project.plan()
    assert project.apply("--dry-run").code == 0
    monkeypatch.delenv("GITHUB_TOKEN")
    for options in (("--dry-run",), ()):
        done = project.apply(*options)
        assert done.code == 4
        assert "no token" in done.err


def test_an_apply_can_be_undone(project: Project) -> None:
    """It is a run like a push: in the list of runs, and taken back."""
    project.plan()
    project.apply()
    runs = project.cli.json("runs")["runs"]
    assert [each["command"] for each in runs] == ["apply"]
    assert project.cli("undo", "--yes", "--limits", "none").code == 0
    issues = project.somebody.repo.issues.values()
    assert {issue.state for issue in issues} == {"closed"}


def test_a_retry_pushes_what_an_apply_could_not(project: Project) -> None:
    """As after a push."""
    project.push("--only", "002")
    project.plan()
    rule = FaultRule(kind=FaultKind.STATUS, status=422, method="POST", path=r".*/issues", times=1)
    project.server.github.faults.install(rule)
    assert project.apply().code == 1
    assert project.cli("retry", "--limits", "none").code == 0
    assert project.server.titles == ["Shop", "Task 1", "Task 2"]


def test_what_write_back_wrote_is_no_change_of_the_file(project: Project) -> None:
    """The plan is made with ``--write-back``; applied twice, the line in the file is its own."""
    project.plan("--write-back")
    assert project.apply().code == 0
    assert "github: " in (project.cli.root / EPIC / "001.md").read_text()
    again = project.apply()
    assert again.code == 0, again.err


def test_a_renamed_file_is_followed(project: Project) -> None:
    """The rename is a part of the plan; another one is not."""
    project.push()
    folder = project.cli.root / EPIC
    (folder / "002.md").rename(folder / "007.md")
    project.task(1, body="Other.")
    project.plan()
    assert project.raw["renames"] == [
        {"old": f"{EPIC}/002", "new": f"{EPIC}/007", "number": project.number("Task 2")}
    ]
    (folder / "007.md").rename(folder / "008.md")
    project.refused(f"file {EPIC}/008: it was {EPIC}/002")
    (folder / "008.md").rename(folder / "007.md")
    assert project.apply().code == 0
    assert {e["key"] for e in project.cli.json("map", "show")["items"]} == {
        f"{EPIC}/{name}" for name in ("001", "007", "epic")
    }
    assert project.apply().code == 0
