"""``--only``, ``--kind`` and ``--limit`` on the command line."""

from __future__ import annotations

import time

import pytest
from cli_kit import EPIC, REPO, Cli, Served

import ghsync
from ghsync.cli import confirm
from ghsync.sandbox.people import Person


def created(document: dict[str, object]) -> list[str]:
    """The titles of what is created, sorted."""
    operations = document["operations"]
    assert isinstance(operations, list)
    return sorted(each["title"] for each in operations if each["op"] == "create")


def test_the_dry_run_shows_the_part_that_is_pushed(
    cli: Cli, server: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Over HTTP, with the same document but for what became of it."""
    for name, text in server.environment().items():
        monkeypatch.setenv(name, text)
    cli.shop(3)
    part = ("push", "--limits", "none", "--only", f"{EPIC}/00[12].md", "--kind", "task")
    shown = cli.json(*part, "--dry-run")
    assert created(shown) == created(cli.json(*part)) == ["Shop", "Task 1", "Task 2"]
    assert server.titles == ["Shop", "Task 1", "Task 2"]
    assert shown["totals"]["items"] == 3


def test_the_limit_says_what_is_left(cli: Cli) -> None:
    """In the text and in the document, in the dry run and in the push; 0 all the same."""
    cli.shop(3)
    left = [f"{EPIC}/002", f"{EPIC}/003"]
    assert cli.json("push", "--sandbox", "--limit", 2, "--dry-run")["later"] == left
    dry = cli("push", "--sandbox", "--limit", 2, "--dry-run")
    assert "2 items are left for the next run (--limit)" in dry.out
    done = cli("push", "--sandbox", "--limit", 2)
    assert done.code == 0
    assert "2 items are left for the next run (--limit)" in done.out
    assert "1 item is left" in cli("push", "--sandbox", "--limit", 1).out
    assert "for the next run" not in cli("push", "--sandbox", "--limit", 1).out


def test_without_github_the_part_is_shown_too(cli: Cli) -> None:
    """A dry run without a token narrows the plan as well."""
    cli.shop(3)
    assert created(cli.json("push", "--dry-run", "--only", "002")) == ["Shop", "Task 2"]


def test_a_path_from_here_is_one_from_the_root(cli: Cli) -> None:
    """As a shell completes it; so is an absolute one."""
    cli.write("sub/.claude/epics/shop/epic.md", "---\nname: Shop\nstatus: open\n---\n")
    cli.item("sub/.claude/epics/shop/001.md", "One")
    for pattern in ("sub/.claude/epics/shop/001.md", cli.root / "sub/.claude/epics/shop/001.md"):
        document = cli.json("push", "sub", "--sandbox", "--dry-run", "--only", pattern)
        assert created(document) == ["One", "Shop"]
    from_root = cli.json("push", "sub", "--sandbox", "-n", "--only", ".claude/epics/shop/epic")
    assert created(from_root) == ["Shop"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--only", f"{EPIC}/01"], f"{EPIC}/001"),
        (["--only", "qqqqqqq"], "ghsync items"),
        (["--only", " "], "--only must name"),
        (["--limit", "0"], "--limit"),
        (["--kind", "story"], "--kind"),
    ],
)
def test_what_fits_nothing_is_a_mistake(cli: Cli, arguments: list[str], said: str) -> None:
    """Exit 2 with the nearest, in the dry run as well; nothing is sent."""
    cli.shop()
    for more in ([], ["--dry-run"]):
        result = cli("push", "--sandbox", *arguments, *more)
        assert result.code == 2
        assert said in result.err
    assert not (cli.root / ".ghsync/map.json").exists()


def test_the_library_takes_them(cli: Cli) -> None:
    """As options of ``ghsync.push`` and ``ghsync.plan``."""
    cli.shop(3)
    planned = ghsync.plan(sandbox=True, only="shop", kind="task", limit=2)
    assert planned.plan.later == (f"{EPIC}/002", f"{EPIC}/003")
    assert ghsync.push(sandbox=True, only=f"{EPIC}/epic.md").succeeded == 2
    with pytest.raises(ghsync.UsageError, match="No item fits"):
        ghsync.push(sandbox=True, only="nothing-like-it")


def test_status_diff_and_pull_of_a_part(
    cli: Cli, server: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They take patterns and kinds, too: what is not named is not shown and not written."""
    for name, text in server.environment().items():
        monkeypatch.setenv(name, text)
    cli.write("ghsync.toml", 'limits = "none"\n')
    cli.shop(3)
    cli("push")
    octo = Person(server.github, REPO, login="octo", now=1.0)
    for number in octo.repo.issues:
        octo.edit(number, title=f"There {number}", now=time.time() + 5)
    rows = cli.json("status", "--only", "00[12]", "--kind", "task")["items"]
    assert [row["key"] for row in rows] == [f"{EPIC}/001", f"{EPIC}/002"]
    assert [each["key"] for each in cli.json("diff", "--only", "002")["items"]] == [f"{EPIC}/002"]
    for command in (["pull", "--dry-run"], ["pull"]):
        pulled = cli.json(*command, "--only", f"{EPIC}/001.md")
        assert [each["path"] for each in pulled["files"]] == [f"{EPIC}/001.md"]
    assert "There" not in (cli.root / EPIC / "002.md").read_text()
    for verb in ("status", "diff", "pull", "sync"):
        assert cli(verb, "--only", "nothing-like-it").code == 2


def test_sync_asks_before_it_pushes(
    cli: Cli, server: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was pulled stays; what was to be sent is not."""
    for name, text in server.environment().items():
        monkeypatch.setenv(name, text)
    cli.write("ghsync.toml", 'limits = "none"\n')
    cli.shop(1)
    cli("push")
    cli.item(f"{EPIC}/001.md", "Here")

    async def no(question: str) -> str:
        return "n\n"

    monkeypatch.setattr(confirm, "_somebody_there", lambda: True)
    monkeypatch.setattr(confirm, "_answer", no)
    assert cli("sync").code == 5
    assert "Here" not in server.titles
    assert cli("sync", "--yes").code == 0
    assert "Here" in server.titles
