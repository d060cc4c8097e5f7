"""Texts that link other items: in one write where that can be, in two where it cannot."""

from __future__ import annotations

import subprocess

from push.world import EPIC, World, code

from ghsync.errors import ExitCode
from ghsync.model import CreateIssue, FillLinks, Run, op_name

TITLES = {"shop": "epic.md", "Task 1": "001.md", "Task 2": "002.md"}


def ops(run: Run) -> list[str]:
    """The operations of a run but for its labels."""
    plan = run.plan.operations
    return [f"{op_name(op)} {op.title}" for op in plan if op_name(op) != "create_label"]


def body(world: World, title: str) -> str:
    """The text of an issue."""
    return next(i.body or "" for i in world.issues.values() if i.title == title)


def number(world: World, title: str) -> int:
    """The number of an issue."""
    return next(i.number for i in world.issues.values() if i.title == title)


def url(world: World, title: str) -> str:
    """Where a link to an issue leads."""
    at = number(world, title)
    return f'(https://github.com/octo/plan/issues/{at} "#{at} {TITLES[title]}")'


def test_a_task_links_its_epic_and_the_tasks_before_it_at_once(world: World) -> None:
    """No second write is needed for what exists first."""
    world.item(f"{EPIC}/epic.md", "shop")
    world.item(f"{EPIC}/001.md", "Task 1", body="[up](epic.md)")
    world.item(f"{EPIC}/002.md", "Task 2", body="[up](epic.md) and [one](001.md)")
    dry = world.push(dry_run=True)
    assert ops(dry) == ["create shop", "create Task 1", "create Task 2"]
    run = world.push()
    assert code(run) is ExitCode.DONE
    assert run.plan.operations == dry.plan.operations
    assert f"[up]{url(world, 'shop')} and [one]{url(world, 'Task 1')}" in body(world, "Task 2")
    assert world.push().results == ()


def test_what_is_linked_is_made_first_where_the_order_is_nobodys(world: World) -> None:
    """Else the order of the sub-issues would have to be mended, which costs more than a PATCH."""
    world.item(f"{EPIC}/epic.md", "shop")
    world.item(f"{EPIC}/001.md", "Task 1", body="[two](002.md)")
    world.item(f"{EPIC}/002.md", "Task 2")
    ordered = world.push(dry_run=True)
    assert ops(ordered) == ["create shop", "create Task 1", "create Task 2", "update Task 1"]
    world.file("ghsync.toml", 'order = "none"\n')
    run = world.push()
    assert ops(run) == ["create shop", "create Task 2", "create Task 1"]
    assert f"[two]{url(world, 'Task 2')}" in body(world, "Task 1")


def test_an_epic_that_links_its_tasks_takes_one_second_write(world: World) -> None:
    """The dry run counts it, and the push after it has nothing to do."""
    world.item(f"{EPIC}/epic.md", "shop", body="- [one](001.md)\n- [two](002.md)")
    world.item(f"{EPIC}/001.md", "Task 1", body="[up](epic.md)")
    world.item(f"{EPIC}/002.md", "Task 2", body="[one](001.md)")
    dry = world.push(dry_run=True)
    assert ops(dry) == ["create shop", "create Task 1", "create Task 2", "update shop"]
    (fill,) = (op for op in dry.plan.operations if isinstance(op, FillLinks))
    assert fill.links == (f"{EPIC}/001", f"{EPIC}/002")
    before = len(world.writes())
    run = world.push()
    assert code(run) is ExitCode.DONE
    made = [entry for entry in world.writes()[before:] if "/labels" not in entry.path]
    assert [entry.method for entry in made] == ["POST", "POST", "POST", "PATCH"]
    shop = body(world, "shop")
    assert f"- [one]{url(world, 'Task 1')}\n- [two]{url(world, 'Task 2')}" in shop
    assert world.push().results == ()


def test_an_issue_that_is_there_links_what_is_made_now(world: World) -> None:
    """In the same PATCH as its other changes, or in one of its own where nothing else changed."""
    world.item(f"{EPIC}/epic.md", "shop", body="[one](001.md)")
    world.push()
    assert "001.md" in body(world, "shop")
    world.item(f"{EPIC}/001.md", "Task 1")
    run = world.push()
    assert ops(run) == ["create Task 1", "update shop"]
    assert url(world, "Task 1") in body(world, "shop")
    world.item(f"{EPIC}/epic.md", "shop", body="[one](001.md) [two](002.md)")
    world.item(f"{EPIC}/002.md", "Task 2")
    run = world.push()
    assert ops(run) == ["create Task 2", "update shop"]
    assert url(world, "Task 2") in body(world, "shop")
    assert world.push().results == ()


def test_what_a_person_wrote_meanwhile_is_merged(world: World) -> None:
    """The second write carries the lines that a person has added since the first."""
    world.item(f"{EPIC}/epic.md", "shop", body="First.\n\n[one](001.md)\n\nLast.")
    world.push()
    text = body(world, "shop") + "\n\nA person."
    world.person().edit(number(world, "shop"), body=text, now=world.later())
    world.item(f"{EPIC}/001.md", "Task 1")
    assert code(world.push()) is ExitCode.DONE
    assert url(world, "Task 1") in body(world, "shop")
    assert body(world, "shop").endswith("A person.")


def test_a_link_whose_target_failed_leads_to_the_file(world: World) -> None:
    """And to the issue after the next push."""
    world.item(f"{EPIC}/epic.md", "shop", body="[one](001.md)")
    world.item(f"{EPIC}/001.md", "x" * 300)
    assert code(world.push()) is ExitCode.PARTIAL
    assert "[one](001.md)" in body(world, "shop")
    world.item(f"{EPIC}/001.md", "Task 1")
    assert ops(world.push()) == ["create Task 1", "update shop"]
    assert url(world, "Task 1") in body(world, "shop")


def test_permalinks_and_people(world: World) -> None:
    """A file is linked at the commit, and a new one changes nothing; strangers are not called."""
    for line in ("init -q -b main", "add -A", "commit -qm one"):
        if line.startswith("add"):
            world.file("docs/a.md", "text")
            world.item(f"{EPIC}/epic.md", "shop", body="[a](../../../docs/a.md) @octo @stranger")
        git(world, *line.split())
    head = git(world, "rev-parse", "HEAD")
    assert code(world.push()) is ExitCode.DONE
    text = body(world, "shop")
    assert f"https://github.com/octo/plan/blob/{head}/docs/a.md" in text
    assert "@octo @&#8203;stranger" in text
    world.file("docs/b.md", "text")
    git(world, "add", "-A")
    git(world, "commit", "-qm", "two")
    assert world.push().results == ()


def git(world: World, *arguments: str) -> str:
    """Run git in the folder."""
    named = ("-c", "user.name=a", "-c", "user.email=a@example.com")
    done = subprocess.run(
        ["git", "-C", str(world.root), *named, *arguments],
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout.strip()


def test_what_is_too_long_once_it_is_linked_is_refused(world: World) -> None:
    """Before anything is sent for it, with the reason."""
    git(world, "init", "-q")
    world.item(f"{EPIC}/001.md", "Task 1")
    world.item(f"{EPIC}/epic.md", "shop", body="[x](001.md) " * 4_000)
    run = world.push()
    assert {finding.code for finding in run.findings} == {"body_too_long", "parent_not_pushed"}
    assert [op.key for op in run.plan.operations if isinstance(op, CreateIssue)] == [f"{EPIC}/001"]


def test_a_link_that_was_filled_in_is_nobodys_edit(world: World) -> None:
    """A person edits a line whose link leads to a file; then that item gets its issue."""
    world.item(f"{EPIC}/epic.md", "shop", body="First.\n\nSee [one](001.md) next.\n\nLast.")
    world.push()
    text = body(world, "shop").replace("next.", "next, says a person.")
    world.person().edit(number(world, "shop"), body=text, now=world.later())
    world.item(f"{EPIC}/001.md", "Task 1")
    run = world.push()
    assert (code(run), ops(run)) == (ExitCode.DONE, ["create Task 1", "update shop"])
    assert f"See [one]{url(world, 'Task 1')} next, says a person." in body(world, "shop")
    world.pull()
    assert "See [one](001.md) next, says a person." in world.read(f"{EPIC}/epic.md")
    assert world.push().results == ()
