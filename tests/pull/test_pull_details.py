"""Types and issue fields that people set on GitHub come into the files, where they have a place."""

from __future__ import annotations

from pathlib import Path

import pytest
from push.world import EPIC, World, code

from ghsync.errors import ExitCode
from ghsync.pulling import exit_code_of_pull
from ghsync.sandbox.people import Person

ONE = f"{EPIC}/001.md"
KEY = ONE.removesuffix(".md")
FIELDS = (
    'fields = { effort = "Effort", due = "Target date", importance = "Priority", team = "Team", '
    'runs_on = "Platforms" }\n'
)


@pytest.fixture
def org(tmp_path: Path) -> World:
    """A folder, a GitHub with an organization, and the time."""
    world = World(tmp_path)
    world.options |= {"repo": "acme/plan", "remote_lock": False}
    world.me = Person(world.github, "acme/plan", login="octo", now=world.clock.now())
    world.file(
        f"{EPIC}/epic.md",
        "---\nname: Shop\nstatus: open\n---\n\nText.\n",
    )
    return world


def task(world: World, *lines: str) -> str:
    """Write the task, with these lines; returns its text."""
    text = "\n".join(["---", "name: Task 1", "status: open", *lines, "---", "", "Text.", ""])
    world.file(ONE, text)
    return text


def settled(world: World) -> bool:
    """Whether neither a push nor a pull has anything to do."""
    run = world.push()
    return code(run) is ExitCode.DONE and run.results == () and world.pull().files == ()


def typed(world: World, kind: str | None) -> None:
    """Somebody gives the task's issue another type."""
    world.me.edit(world.issue("Task 1").number, type=kind, now=world.later())


def put(world: World, name: str, value: object) -> None:
    """Somebody sets an issue field of the task's issue."""
    world.me.set_field(world.issue("Task 1").number, name, value, now=world.later())


def pulled(world: World) -> str:
    """The task's file after a pull that leaves nothing undone, and has nothing more to do."""
    shown = world.pull(dry_run=True)
    done = world.pull()
    assert (exit_code_of_pull(done), done.files) == (ExitCode.DONE, shown.files)
    text = world.read(ONE)
    assert settled(world)
    assert world.status()[KEY].state == "in step"
    return text


# -------------------------------------------------------------------------------- types


def test_a_type_comes_into_the_field_that_names_it(org: World) -> None:
    """One word changes; taken off, the field is empty."""
    before = task(org, "issue_type: 'Bug'  # what it is")
    org.push()
    typed(org, "Task")
    assert org.status()[KEY].detail == "changed on GitHub: type"
    assert pulled(org) == before.replace("'Bug'", "'Task'")
    typed(org, None)
    assert pulled(org) == before.replace("'Bug'", "''")


def test_another_type_than_the_kinds_is_added_where_the_config_gives_types(org: World) -> None:
    """And a kind's own type that somebody takes off can be held by no file: said once."""
    org.file("ghsync.toml", 'types = { task = "Task" }\n')
    before = task(org)
    org.push()
    typed(org, "Bug")
    assert pulled(org) == before.replace("status: open\n", "status: open\nissue_type: Bug\n")
    typed(org, None)
    assert [item.unheld for item in org.pull().items] == [("type",)]
    assert org.pull().items == ()
    assert org.push().results == ()
    assert org.issue("Task 1").type is None


def test_a_type_that_no_file_names_stays_on_github(org: World) -> None:
    """Without types in the config and a field in the file, nothing is added."""
    before = task(org)
    org.push()
    typed(org, "Bug")
    assert [(i.changes, i.unheld) for i in org.pull().items] == [((), ("type",))]
    assert org.pull().items == ()
    assert org.read(ONE) == before
    assert org.status()[KEY].state == "in step"
    typed(org, "Task")  # another one is news
    assert org.status()[KEY].state == "behind"
    assert [item.unheld for item in org.pull().items] == [("type",)]
    assert org.push().results == ()


def test_a_type_that_both_changed_is_a_conflict(org: World) -> None:
    """Until somebody decides."""
    task(org, "issue_type: Bug")
    org.push()
    typed(org, "Task")
    task(org, "issue_type: Feature")
    assert [each.field for each in org.pull().conflicts] == ["type"]
    assert org.pull(on_conflict="remote").conflicts == ()
    assert "issue_type: Task\n" in org.read(ONE)
    assert settled(org)


# --------------------------------------------------------------------------------- fields


@pytest.mark.parametrize(
    ("name", "value", "before", "after"),
    [
        ("Effort", 8, "effort: 3 # days", "effort: 8 # days"),
        ("Effort", 2.5, 'effort: "3"', 'effort: "2.5"'),
        ("Target date", "2026-12-24", "due: 2026-12-01", "due: 2026-12-24"),
        ("Priority", "Low", "importance: high", "importance: Low"),
        ("Team", "Shop: web", "team: Shop", 'team: "Shop: web"'),
        ("Platforms", ["Web", "iOS"], "runs_on: [web]", "runs_on: [web, iOS]"),
        ("Platforms", ["Web", "iOS"], "runs_on: web", "runs_on: Web, iOS"),
        ("Effort", 8, "x: 1", "x: 1"),
        ("Platforms", ["Web", "iOS"], "x: 1", "x: 1"),
    ],
)
def test_an_issue_field_comes_into_its_own(
    org: World, name: str, value: object, before: str, after: str
) -> None:
    """In the form that it has; one that the file lacks is added, with the name in the config."""
    org.file("ghsync.toml", FIELDS)
    text = task(org, before)
    assert code(org.push()) is ExitCode.DONE
    put(org, name, value)
    assert org.status()[KEY].detail == f"changed on GitHub: {name}"
    expected = text.replace(before, after)
    if before == after:
        own = "effort: 8" if name == "Effort" else "runs_on: [Web, iOS]"
        expected = text.replace("status: open\n", f"status: open\n{own}\n")
    now = pulled(org)
    assert now == expected
    org.me.set_field(org.issue("Task 1").number, name, None, now=org.later())
    emptied = pulled(org)
    assert emptied.count("\n") == now.count("\n")


def test_an_issue_field_that_both_changed(org: World) -> None:
    """A conflict for that field; GitHub's value comes where somebody says so."""
    org.file("ghsync.toml", FIELDS)
    task(org, "effort: 3", "team: Shop")
    org.push()
    put(org, "Effort", 8)
    task(org, "effort: 5", "team: Web")
    assert [(c.local, c.remote) for c in org.pull().conflicts] == [("Effort: 5", "Effort: 8")]
    assert org.pull(on_conflict="remote").conflicts == ()
    assert "effort: 8\nteam: Web\n" in org.read(ONE)
    assert code(org.push()) is ExitCode.DONE
    assert settled(org)


def test_a_new_file_has_its_type_and_its_fields(org: World) -> None:
    """As far as the config has a place for them."""
    org.file("ghsync.toml", 'types = { task = "Task" }\n' + FIELDS)
    task(org)
    org.push()
    made = org.me.open_issue("New", now=org.later())
    org.me.edit(made.number, type="Bug", now=org.later())
    org.me.set_field(made.number, "Effort", 2, now=org.later())
    org.me.set_field(made.number, "Platforms", ["Web", "iOS"], now=org.later())
    org.me.add_sub_issue(org.issue("Shop").number, made.number, now=org.later())
    (new,) = org.pull().items
    text = org.read(new.path)
    assert "\nissue_type: Bug\neffort: 2\nruns_on: [Web, iOS]\n" in text
    assert new.unheld == ()
    assert settled(org)


def test_a_line_of_a_list_holds_none_of_it(org: World) -> None:
    """Said once, and left."""
    org.file("ghsync.toml", FIELDS)
    org.file("specs/001-shop/spec.md", "# Specs\n\nText.\n")
    org.file("specs/001-shop/tasks.md", "# Tasks\n\n- [ ] T001 Task 1\n")
    org.remove(f"{EPIC}/epic.md")
    org.push()
    put(org, "Effort", 8)
    typed(org, "Bug")
    assert [item.unheld for item in org.pull().items] == [("fields", "type")]
    assert org.pull().items == ()
    assert org.push().results == ()
