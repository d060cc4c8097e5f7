"""The other commands of the Action: a plan that is applied later, pull, sync, status, lint."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from action.action_kit import REPO, Job, Use, World

from ghsync.cli.action import event
from ghsync.cli.action.inputs import Command


def test_a_plan_is_applied_later(job: Job, world: World, use: Use) -> None:
    """What was shown is sent; once something has moved it is refused, and named."""
    job.example("ccpm-shop")
    plan = use(command="plan").outputs["plan"]
    assert json.loads(Path(plan).read_text())["schema"].startswith("ghsync.plan/")
    path = job.item(".claude/epics/guest-checkout/009.md", "Nobody has seen this")
    done = use(command="apply", plan=plan)
    assert (done.code, world.titles) == (5, [])
    assert "- operation new: create .claude/epics/guest\\-checkout/009" in done.summary.replace(
        "\\.", "."
    )
    assert "| create |" not in done.summary  # nobody asked for the plan that was made now
    assert "+ create" not in done.log
    path.unlink()
    done = use(command="apply", plan=plan, html="page.html")
    assert (done.code, done.outputs["created"], len(world.titles)) == (0, "12", 12)
    assert "<html" in (job.workspace / "page.html").read_text()
    assert use(command="apply").code == 2


def test_both_ways(job: Job, world: World, use: Use) -> None:
    """A pull changes lines of files, a sync does both, a status says what is left."""
    job.example("ccpm-shop")
    assert use(command="push").code == 0
    [number] = [n for n, i in world.octo.repo.issues.items() if i.title.startswith("Load test")]
    world.octo.edit(number, title="Load test twice", now=time.time() + 60)
    looked = use(command="status")
    assert (looked.code, looked.outputs["changes-pending"]) == (0, "true")
    assert "| behind | [#" in looked.summary
    planned = use(command="pull", dry_run="true")
    assert (planned.outputs["files"], planned.outputs["changes-pending"]) == ("1", "true")
    assert "+name: Load test twice" in planned.summary
    job.item(".claude/epics/guest-checkout/009.md", "One more")
    done = use(command="sync")
    assert (done.outputs["files"], done.outputs["created"]) == ("1", "1")
    assert done.report["schema"] == "ghsync.sync/1"
    assert done.summary.count(f": {REPO}\n") == 2
    assert use(command="status").outputs["changes-pending"] == "false"


def test_a_lint_needs_no_token(job: Job, use: Use) -> None:
    """Errors are annotations and a summary; warnings fail only under ``strict``."""
    job.item(".claude/epics/shop/001.md", "T" * 300)
    done = use(command="lint", token="")
    assert (done.code, done.report["schema"]) == (1, "ghsync.lint/1")
    assert "title\\_too\\_long" in done.summary
    assert any(c.startswith("::error file=.claude/epics/shop/001.md") for c in done.commands)
    assert use(command="lint", token="", strict="true").code == 3


@pytest.mark.parametrize(
    ("name", "ref", "branch", "meant"),
    [
        ("push", "refs/heads/main", "main", Command.PUSH),
        ("push", "refs/heads/other", "main", Command.PLAN),
        ("push", "refs/tags/v1", "main", Command.PLAN),
        ("workflow_dispatch", "refs/heads/main", "main", Command.PUSH),
        ("schedule", "refs/heads/main", "", Command.PUSH),
        ("merge_group", "refs/heads/main", "main", Command.PLAN),
        ("release", "refs/heads/main", "", Command.PLAN),
        ("workflow_run", "refs/heads/main", "main", Command.PLAN),
        ("issue_comment", "refs/heads/main", "main", Command.PLAN),
        ("pull_request_target", "refs/heads/main", "main", Command.PLAN),
        ("", "", "", Command.PLAN),
    ],
)
def test_what_auto_means(name: str, ref: str, branch: str, meant: Command) -> None:
    """A push on the default branch, a plan everywhere else, and where nobody knows.

    Anybody can cause some events that name that branch: then the files may be a fork's.
    """
    trigger = event.Trigger(
        event=name, ref=ref, sha="", default_branch=branch, pull=None, from_fork=False,
        repository=REPO, run_url="",
    )  # fmt: skip
    assert trigger.settle(Command.AUTO) is meant
    assert trigger.settle(Command.PULL) is Command.PULL


@pytest.mark.parametrize(
    ("head", "kind", "fork"),
    [
        ({"repo": {"full_name": REPO.upper()}}, "pull_request", False),
        ({"repo": {"full_name": "other/plans"}}, "pull_request", True),
        ({"repo": None}, "pull_request", True),
        ({"repo": {"full_name": "other/plans"}}, "pull_request_target", False),
    ],
)
def test_what_a_fork_is(tmp_path: Path, head: dict[str, object], kind: str, fork: bool) -> None:
    """Another repository's branch, also one that is gone; its token may write on ``_target``."""
    payload = {"pull_request": {"number": 3, "head": head, "base": {"repo": {"full_name": REPO}}}}
    (tmp_path / "event.json").write_text(json.dumps(payload))
    trigger = event.read(
        {"GITHUB_EVENT_NAME": kind, "GITHUB_EVENT_PATH": str(tmp_path / "event.json")}
    )
    assert (trigger.pull, trigger.from_fork) == (3, fork)
    assert trigger.settle(Command.AUTO) is Command.PLAN
