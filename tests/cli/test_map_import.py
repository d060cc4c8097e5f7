"""``ghsync map import``: a repository that used another tool goes on with ghsync, nothing doubled.

Each story has the files and the issues as that tool leaves them, through the command line against
the sandbox over HTTP.
"""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from cli_kit import REPO, Cli, Served, environment

from ghsync.sandbox.people import Person

NOW = 1_790_000_000.0
URL = f"https://github.com/{REPO}/issues"


class Past:
    """A folder and a GitHub on which another tool was at work."""

    def __init__(self, cli: Cli, server: Served) -> None:
        self.cli = cli
        self.person = Person(server.github, REPO, login="octo", now=NOW)

    def issue(self, title: str, body: str = "Text.", labels: Iterable[str] = ()) -> int:
        """An issue as the tool made it; returns its number."""
        return self.person.open_issue(title, body=body, labels=labels, now=NOW).number

    def labels(self, number: int) -> set[str]:
        """The names of an issue's labels."""
        repo = self.person.repo
        return {repo.labels[each].name for each in self.person.issue(number).labels}

    @property
    def count(self) -> int:
        """How many issues there are."""
        return len(self.person.repo.issues)

    def push(self, *options: str) -> dict[str, Any]:
        """Push, in which nothing may be created."""
        before = self.count
        document = self.cli.json("push", *options)
        assert document["totals"]["create"] == 0
        assert self.count == before
        return document

    def map(self) -> dict[str, int]:
        """Which key is which issue."""
        return {item["key"]: item["number"] for item in self.cli.json("map", "show")["items"]}

    def take(self, *options: str) -> dict[str, Any]:
        """Import, with everybody's consent."""
        return self.cli.json("map", "import", "--yes", *options)


@pytest.fixture
def past(cli: Cli, server: Served, monkeypatch: pytest.MonkeyPatch) -> Past:
    """An empty folder and an empty repository."""
    for name, value in server.environment().items():
        monkeypatch.setenv(name, value)
    return Past(cli, server)


def verdicts(document: dict[str, Any]) -> dict[str, str]:
    """The verdict of each record by its local name."""
    return {record["text"]: record["verdict"] for record in document["records"]}


def reasons(document: dict[str, Any]) -> str:
    """Every reason, in order."""
    return "\n".join(record["reason"] for record in document["records"])


# ------------------------------------------------------------------------- ClaudeAutoPM


def autopm(past: Past, name: str, *, kind: str, title: str, ident: str, text: str = "x") -> int:
    """A file of the local mode, and its issue as ``pm-sync-upload-local.js`` makes it."""
    past.cli.write(
        name,
        f"---\nid: {ident}\ntitle: {title}\nstatus: pending\npriority: high\n---\n\n{text}\n",
    )
    body = f"**Status:** pending\n**Priority:** high\n\n---\n\n{text}"
    return past.issue(f"[{kind.upper()}] {title}", body, (kind, "high", "customer"))


def test_claudeautopm_local_mode(past: Past) -> None:
    """A flat map: nothing is created, titles and texts are conflicts, labels stay."""
    folder = ".claude/epics/epic-001-shop"
    prd = autopm(past, ".claude/prds/prd-001-shop.md", kind="prd", title="Shop", ident="prd-001")
    epic = autopm(past, f"{folder}/epic.md", kind="epic", title="Sell things", ident="epic-001")
    task = autopm(
        past, f"{folder}/task-001.md", kind="task", title="Cart", ident="task-epic-001-001"
    )
    numbers = {"prd-001": prd, "epic-001": epic, "task-epic-001-001": task}
    past.cli.write(".claude/sync-map.json", json.dumps(numbers, indent=2))

    document = past.take()
    assert verdicts(document) == dict.fromkeys(numbers, "adopt")
    assert document["dry_run"] is False
    pushed = past.push()
    assert {each["field"] for each in pushed["conflicts"]} == {"title", "body"}
    past.push("--on-conflict", "local")
    assert past.person.issue(task).title == "Cart"
    assert past.labels(task) >= {"task", "high", "customer"}
    assert past.person.issue(task).parent is not None
    assert past.push()["operations"] == []


def test_claudeautopm_what_is_wrong_is_named_and_left_out(past: Past) -> None:
    """No id ("undefined"), an id of two files, a pull request, a file that says otherwise."""
    one = autopm(past, ".claude/prds/prd-001-a.md", kind="prd", title="Alpha", ident="prd-001")
    two = autopm(past, ".claude/prds/prd-002-b.md", kind="prd", title="Beta", ident="prd-002")
    autopm(past, ".claude/prds/prd-003-c.md", kind="prd", title="Gamma", ident="prd-003")
    autopm(past, ".claude/prds/prd-003-d.md", kind="prd", title="Delta", ident="prd-003")
    pull = past.person.open_pull_request("Alpha", now=NOW).number
    late = past.issue("[PRD] Epsilon")
    past.cli.write(
        ".claude/prds/prd-005-e.md",
        f"---\nid: prd-005\ntitle: Epsilon\nstatus: draft\ngithub_issue: {late}\n---\n\nx\n",
    )
    stale = {"undefined": one, "prd-001": pull, "prd-002": two, "prd-003": 3, "prd-005": two}
    past.cli.write(".claude/sync-map.json", json.dumps(stale))

    result = past.cli("map", "import", "--yes")
    assert result.code == 1
    assert past.map() == {".claude/prds/prd-002-b": two, ".claude/prds/prd-005-e": late}
    for said in (
        "no item's id",
        f"#{pull} is a pull request",
        "fits several items",
        f"itself names #{late}, which counts",
    ):
        assert said in result.out


def test_claudeautopm_services(past: Past) -> None:
    """The services' two maps, in a mixed file, and epic-sync's task mapping."""
    epic = past.issue("Epic: User auth", "## Overview\nx", ("epic", "priority:P1"))
    first, second = past.issue("Log in", labels=("task",)), past.issue("Log out", labels=("task",))
    past.cli.item(".claude/epics/user-auth/epic.md", "User auth")
    past.cli.item(f".claude/epics/user-auth/{first}.md", "Log in")  # renamed by epic-sync
    past.cli.item(".claude/epics/user-auth/002.md", "Log out")  # where it stopped
    past.cli.write(
        ".claude/epic-sync-map.json",
        json.dumps(
            {
                "epic-to-github": {"user-auth": str(epic)},
                "github-to-epic": {str(epic): "user-auth"},
                "metadata": {"user-auth": {"lastSync": "x", "githubNumber": str(epic)}},
            }
        ),
    )
    past.cli.write(
        ".claude/epics/user-auth/.task-mapping.txt", f"001 {first}\n002 {second}\n003 \n"
    )
    document = past.take()
    assert document["totals"]["adopt"] == 3
    assert document["totals"]["wrong"] == 1
    assert past.map() == {
        ".claude/epics/user-auth/epic": epic,
        f".claude/epics/user-auth/{first}": first,
        ".claude/epics/user-auth/002": second,
    }
    past.push("--on-conflict", "local")
    assert past.labels(epic) >= {"epic", "priority:P1"}


# --------------------------------------------------------------------------------- ccpm


def test_ccpm_mapping_and_fields(past: Past) -> None:
    """The mapping's titles find files with old names; a file's own ``github:`` counts first."""
    epic = past.issue("Epic: shop", "Sell.", ("epic", "epic:shop", "feature"))
    cart = past.issue("Cart: add - and remove", "Do.", ("task", "epic:shop"))
    pay = past.issue("Pay", "Do.", ("task", "epic:shop"))
    folder = ".claude/epics/shop"
    past.cli.item(f"{folder}/epic.md", "shop", "Sell.", github=f"{URL}/{epic}")
    past.cli.item(f"{folder}/001.md", '"Cart: add - and remove"', "Do.")
    past.cli.item(
        f"{folder}/{pay}.md", "Pay", "Do.", github="[Will be updated when synced to GitHub]"
    )
    past.cli.write(
        f"{folder}/github-mapping.md",
        f"# GitHub Issue Mapping\n\nEpic: #{epic} - {URL}/{epic}\n\nTasks:\n"
        f"- #{cart}: Cart: add - and remove - {URL}/{cart}\n- #{pay}: Pay - {URL}/{pay}\n"
        f"- #99: Gone - https://github.com/else/where/issues/99\n\nSynced: 2025-09-24T19:02:26Z\n",
    )
    document = past.take()
    assert document["totals"] == {"adopt": 3, "mapped": 0, "again": 1, "title": 0, "wrong": 1}
    assert past.map() == {f"{folder}/epic": epic, f"{folder}/001": cart, f"{folder}/{pay}": pay}
    past.push("--on-conflict", "local")
    assert past.labels(cart) >= {"task", "epic:shop"}
    assert past.push()["operations"] == []


def test_a_number_of_a_foreign_repository_is_left_out(past: Past) -> None:
    """A template's epics were filed in ccpm's own repository; the same number here is another."""
    past.issue("Cart")
    past.cli.item(".claude/epics/shop/001.md", "Cart")
    past.cli.write(
        ".claude/epics/shop/github-mapping.md",
        "- #1: Cart - https://github.com/automazeio/ccpm/issues/1\n",
    )
    document = past.take()
    assert reasons(document) == f"names automazeio/ccpm#1, which is not in {REPO}"
    assert past.map() == {}


def test_a_renamed_repository_is_the_same(past: Past) -> None:
    """Its old name leads to it, as GitHub redirects."""
    number = past.issue("Cart")
    past.person.configure(now=NOW, name="shop")
    past.cli.item(".claude/epics/shop/001.md", "Cart")
    past.cli.write(
        ".claude/epics/shop/github-mapping.md",
        f"- #{number}: Cart - https://github.com/{REPO}/issues/{number}\n",
    )
    document = past.take("--repo", "octo/shop")
    assert document["repo"] == "octo/shop"
    assert document["totals"]["adopt"] == 1


# ---------------------------------------------------------------------------- planpilot


def planpilot_issue(past: Past, ident: str, title: str) -> int:
    """An issue as planpilot renders it."""
    head = f"PLANPILOT_META_V1\nPLAN_ID:6f2a\nITEM_ID:{ident}\nEND_PLANPILOT_META"
    return past.issue(title, f"{head}\n\n## Goal\n\nx\n", ("planpilot", "human"))


def test_planpilot_map(past: Past) -> None:
    """Entries by id; the block in the issue proves what a changed title would not."""
    epic = planpilot_issue(past, "E1", "Shop")
    task = planpilot_issue(past, "T1", "Once called otherwise")
    past.cli.item(".claude/epics/shop/epic.md", "Shop", id="E1")
    past.cli.item(".claude/epics/shop/001.md", "Cart", id="T1")
    entries = {
        ident: {"id": f"I_{n}", "key": f"#{n}", "url": f"{URL}/{n}", "item_type": None}
        for ident, n in {"E1": epic, "T1": task, "T9": 400}.items()
    }
    board = "https://github.com/orgs/octo/projects/1"
    sync_map = {"plan_id": "6f2a", "target": REPO, "board_url": board, "entries": entries}
    past.cli.write("sync-map.json", json.dumps(sync_map, indent=2))
    document = past.take("--from", "planpilot")
    assert document["totals"] == {"adopt": 2, "mapped": 0, "again": 2, "title": 0, "wrong": 1}
    assert "no item is called 'T9'" in reasons(document)
    past.push("--on-conflict", "local")
    assert past.labels(task) >= {"planpilot", "human"}


def test_planpilot_without_its_map(past: Past) -> None:
    """The blocks in the issues are enough, and doubled issues are named."""
    epic = planpilot_issue(past, "E1", "Shop")
    doubles = [planpilot_issue(past, "T1", "Cart") for _ in range(2)]
    past.cli.item(".claude/epics/shop/epic.md", "Shop", id="E1")
    past.cli.item(".claude/epics/shop/001.md", "Cart", id="T1")
    document = past.take()
    assert past.map() == {".claude/epics/shop/epic": epic}
    assert document["totals"]["wrong"] == 2
    assert f"#{doubles[0]}, #{doubles[1]} all say that they are T1" in reasons(document)


# ----------------------------------------------------------- planhub and gh-issue-sync


def test_planhub_files(past: Past) -> None:
    """``number:`` is the issue; a file without labels wipes none, as planhub itself would."""
    number = past.issue("Schema", "Text.", ("db", "customer"))
    later = past.issue("Docs", "Text.")
    past.cli.write(
        ".plan/issues/schema.md",
        f'---\nid: "i-1"\nnumber: {number}\ntitle: "Schema"\nstate: "open"\n---\n\nText.\n',
    )
    past.cli.write(
        ".plan/milestones/one/issues/docs.md",
        f'---\nnumber: {later}\ntitle: "Docs"\nmilestone: 3\nstate: "open"\n---\n\nText.\n',
    )
    past.cli.write(".plan/milestones/one/milestone.md", "---\ntitle: One\nnumber: 1\n---\n")
    document = past.take("--from", "planhub")
    assert past.map() == {".plan/issues/schema": number, ".plan/milestones/one/issues/docs": later}
    assert document["totals"]["wrong"] == 0
    pushed = past.push()
    assert pushed["conflicts"] == []
    assert past.labels(number) == {"db", "customer", "task"}
    assert past.push()["operations"] == []


def test_gh_issue_sync_files(past: Past) -> None:
    """The number is in the name, the state in the folder; references by number become links."""
    parent = past.issue("Login", "Text.", ("bug",))
    child = past.issue("Safari", "Text.", ("bug", "ios"))
    past.person.close(child, now=NOW)
    past.cli.write(
        f".issues/open/{parent}-login.md",
        "---\ntitle: Login\nlabels:\n    - bug\ntype: Epic\nstate: open\nstate_reason: null\n"
        "---\n\nText.\n",
    )
    past.cli.write(
        f".issues/closed/{child}-safari.md",
        f"---\ntitle: Safari\nlabels:\n    - bug\nstate: closed\nstate_reason: completed\n"
        f"parent: {parent}\n---\n\nText.\n",
    )
    past.cli.write(f".issues/.sync/originals/{child}.md", "---\ntitle: Safari\n---\n\nText.\n")
    past.cli.write(f".issues/open/{parent}.comment.md", "A comment.\n")
    past.take("--from", "gh-issue-sync")
    assert set(past.map().values()) == {parent, child}
    assert past.push()["conflicts"] == []
    assert past.labels(child) >= {"bug", "ios"}
    assert past.person.issue(child).parent == past.person.issue(parent).id
    assert past.push()["operations"] == []


# ------------------------------------------------------------------------ the command


@pytest.fixture
def mapped_task(past: Past) -> Past:
    """One task and its issue, in a task mapping."""
    number = past.issue("Cart")
    past.cli.item(".claude/epics/shop/001.md", "Cart")
    past.cli.write(".claude/epics/shop/.task-mapping.txt", f"001 {number}\n")
    return past


def test_a_dry_run_shows_and_writes_nothing(mapped_task: Past) -> None:
    """Exit 0, no map, no folder of state."""
    result = mapped_task.cli("map", "import", "--dry-run", "--yes")
    assert result.code == 0
    assert "+ adopt" in result.out
    assert "1 to adopt" in result.out
    assert not (mapped_task.cli.root / ".ghsync/map.json").exists()


def test_without_a_terminal_nobody_has_agreed(mapped_task: Past) -> None:
    """What was found is shown, exit 5 says what to add; the document says it, too."""
    result = mapped_task.cli("map", "import")
    assert result.code == 5
    assert "+ adopt" in result.out
    assert "add --yes" in result.err
    document = mapped_task.cli("map", "import", "--json").document
    assert document["error"]["code"] == "refused"
    assert document["dry_run"] is True
    assert mapped_task.map() == {}


def test_again_is_nothing(mapped_task: Past) -> None:
    """What is mapped already is counted, and nobody is asked."""
    assert mapped_task.take()["totals"]["adopt"] == 1
    result = mapped_task.cli("map", "import")
    assert (result.code, result.out.strip()) == (0, "1 mapped already")


def test_a_mismatch_is_shown_and_taken_only_on_request(past: Past) -> None:
    """How alike the titles are is told; --any-title takes it."""
    number = past.issue("Login fails on Safari")
    past.cli.item(".claude/epics/shop/001.md", "Cart")
    past.cli.write(".claude/epics/shop/.task-mapping.txt", f"001 {number}\n")
    result = past.cli("map", "import", "--yes")
    assert result.code == 1
    assert "? title" in result.out
    assert "% alike" in result.out
    assert past.map() == {}
    assert past.take("--any-title")["totals"]["adopt"] == 1
    assert past.map() == {".claude/epics/shop/001": number}


def test_deleted_and_transferred_issues_are_named(past: Past) -> None:
    """A number that once was an issue is none now."""
    numbers = [past.issue(f"Task {n}") for n in (1, 2, 3)]
    past.person.delete(numbers[0], now=NOW)
    past.person.transfer(numbers[1], "octo/other", now=NOW)
    for n in (1, 2, 3):
        past.cli.item(f".claude/epics/shop/{n:03d}.md", f"Task {n}")
    lines = [f"{n:03d} {number}" for n, number in enumerate((*numbers[:2], 4711), 1)]
    past.cli.write(".claude/epics/shop/.task-mapping.txt", "\n".join(lines))
    document = past.take()
    said = reasons(document)
    assert f"#{numbers[0]} was deleted" in said
    assert f"#{numbers[1]} was transferred" in said
    assert "#4711 does not exist" in said
    assert document["totals"]["adopt"] == 0


def test_files_that_are_named_are_the_only_ones_read(mapped_task: Past, tmp_path: Path) -> None:
    """Also one with another name; what cannot be read is exit 2."""
    mapped_task.cli.write("saved/flat.json", '{"prd-001": 7}')
    document = mapped_task.take("saved/flat.json")
    assert [record["path"] for record in document["records"]] == ["saved/flat.json"]
    result = mapped_task.cli("map", "import", "nothing.json")
    assert result.code == 2
    assert "nothing.json cannot be read" in result.err


def test_a_file_that_is_no_text_is_named(mapped_task: Past) -> None:
    """The others are read all the same."""
    mapped_task.cli.write(".claude/epics/shop/github-mapping.md", b"- #1: C\xe9 - https")
    document = mapped_task.take()
    assert document["totals"]["adopt"] == 1
    assert "UTF-8" in reasons(document)


def test_the_map_of_another_repository_is_left_alone(mapped_task: Past, server: Served) -> None:
    """As for a push: exit 5, and nothing is adopted."""
    assert mapped_task.take()["totals"]["adopt"] == 1
    Person(server.github, "octo/other", login="octo", now=NOW).open_issue("Cart", now=NOW)
    result = mapped_task.cli("map", "import", "--yes", "--repo", "octo/other")
    assert (result.code, "octo/plan" in result.err) == (5, True)


def test_a_terminal_is_asked(mapped_task: Past, server: Served) -> None:
    """The pairs are in view; y adopts them."""
    parent, child = pty.openpty()
    env = environment(server.environment()) | {"TERM": "dumb", "NO_COLOR": "1"}
    with subprocess.Popen(
        [sys.executable, "-m", "ghsync", "map", "import"],
        cwd=mapped_task.cli.root,
        env=env,
        stdin=child,
        stdout=child,
        stderr=child,
    ) as process:
        os.close(child)
        os.write(parent, b"y\n")
        said = b""
        while True:
            try:
                chunk = os.read(parent, 4096)
            except OSError:
                break
            if not chunk:
                break
            said += chunk
        assert process.wait(timeout=60) == 0
    os.close(parent)
    assert b"Adopt 1 issue?" in said
    assert list(mapped_task.map()) == [".claude/epics/shop/001"]
