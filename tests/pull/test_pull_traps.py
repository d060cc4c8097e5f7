"""What real files hold and GitHub does not take, and what people do where nobody expects it."""

from __future__ import annotations

from push.world import EPIC, World, code

from ghsync.errors import ExitCode
from ghsync.model import UpdateIssue
from ghsync.pulling import exit_code_of_pull

ONE = f"{EPIC}/001.md"


def settled(world: World) -> bool:
    """Whether neither a push nor a pull has anything to do."""
    run = world.push()
    return code(run) is ExitCode.DONE and run.results == () and world.pull().files == ()


def test_what_a_push_leaves_out_stays_in_the_file(world: World) -> None:
    """People who are no logins, and labels with a comma: the file keeps them beside the new."""
    world.epic()
    world.task(1, assignee="Jane Doe", labels=['"a,b"', "api"])
    assert code(world.push()) is ExitCode.DONE
    number = world.issue("Task 1").number
    world.person().edit(number, title="New", now=world.later())
    world.person().assign(number, "octo", now=world.later())
    world.person().label(number, "bug", now=world.later())
    assert exit_code_of_pull(world.pull()) is ExitCode.DONE
    text = world.read(ONE)
    assert "name: New\n" in text
    assert 'labels: ["a,b", api, bug]' in text
    assert "Jane Doe" in text
    assert "octo" in text
    assert settled(world)


def test_a_text_that_was_cut_off_is_not_brought_back(world: World) -> None:
    """The issue has a part of it; the file keeps the whole, and the edit stays on GitHub."""
    world.file("ghsync.toml", 'oversize = "truncate"\n')
    world.epic()
    world.task(1, body="A paragraph.\n\n" * 6000 + "The end.")
    world.push()
    before = world.read(ONE)
    number = world.issue("Task 1").number
    body = (world.issue("Task 1").body or "") + "\n\nMore."
    world.person().edit(number, body=body, now=world.later())
    (item,) = world.pull().items
    assert (item.unheld, item.changes) == (("body",), ())
    assert world.read(ONE) == before
    assert world.push().results == ()
    assert (world.issue("Task 1").body or "").endswith("More.")


def test_what_a_line_cannot_hold_is_not_lost_when_the_line_changes_too(world: World) -> None:
    """The text on GitHub stays until somebody decides."""
    tasks = "specs/001-shop/tasks.md"
    world.file("specs/001-shop/spec.md", "# Shop\n\nText.\n")
    world.file(tasks, "# Tasks\n\n- [ ] T001 Pay\n  - how\n- [ ] T002 Ship\n")
    world.push()
    number = world.issue("Pay").number
    body = f"{world.issue('Pay').body}\n\n# A heading that ends the list\n\nTheirs."
    world.person().edit(number, body=body, now=world.later())
    world.file(tasks, "# Tasks\n\n- [ ] T001 Pay now\n  - how\n- [ ] T002 Ship\n")
    for _ in range(2):
        world.pull()
        world.push()
        assert "Theirs." in (world.issues[number].body or "")
    assert "Pay now" in world.read(tasks)


def test_a_line_that_is_title_and_text_takes_one_write(world: World) -> None:
    """The issue says its words twice, and a person changed one of them.

    In the file both are the same line, so that the other is out of date on GitHub: one push
    writes it, and no more. A sync does both, and says so before.
    """
    world.file("specs/001-shop/spec.md", "# Shop\n\nText.\n")
    world.file("specs/001-shop/tasks.md", "# Tasks\n\n- [ ] T001 Pay\n- [ ] T002 Ship\n")
    world.file("docs/stories/1.1.cart.md", "# Story 1.1: Cart\n\nStatus: Draft\n\nText.\n")
    world.push()
    for title, new in (("Pay", "Pay later"), ("Story 1.1: Cart", "Story 1.1: Basket")):
        world.person().edit(world.issue(title).number, title=new, now=world.later())
        assert exit_code_of_pull(world.pull()) is ExitCode.DONE
        run = world.push()
        (update,) = run.plan.operations
        assert isinstance(update, UpdateIssue)
        assert [change.field for change in update.changes] == ["body"]
        assert new in (world.issue(new).body or "")
        assert settled(world)


def test_new_files_stand_where_people_made_their_issues(world: World) -> None:
    """A file that sorts before the others moves nothing on GitHub."""
    world.item(".claude/prds/shop.md", "PRD")
    world.epic()
    world.task(1)
    world.task(7)
    world.push()
    person = world.person()
    for parent, title in (("PRD", "A first epic"), ("Shop", "A task")):
        made = person.open_issue(title, body="Text.", now=world.later())
        person.add_sub_issue(world.issue(parent).number, made.number, now=world.later())
    assert [each.refused for each in world.pull().items] == ["", ""]
    assert settled(world)
    world.task(5)
    world.push()
    assert settled(world)


def test_an_edit_beside_the_list_of_children(world: World) -> None:
    """Below it, in it and above it; the list itself comes into no file."""
    world.options |= {"children": "list"}
    world.epic(body="Goal.\n\nEnd.")
    world.task(1)
    world.task(2)
    world.push()
    number = world.issue("Shop").number
    for old, new in (
        ("Goal.", "Goal!"),
        ("- [ ] #3\n", "- [ ] #3\nIn the list.\n"),
        ("<!-- /ghsync:children -->", "<!-- /ghsync:children -->\n\nBelow."),
    ):
        body = world.issues[number].body or ""
        assert old in body
        world.person().edit(number, body=body.replace(old, new), now=world.later())
        assert exit_code_of_pull(world.pull()) is ExitCode.DONE
        assert code(world.push()) is ExitCode.DONE
        assert settled(world)
    text = world.read(f"{EPIC}/epic.md")
    assert text.endswith("---\n\nGoal!\n\nEnd.\n\nIn the list.\n\nBelow.\n"), text
    assert (world.issues[number].body or "").endswith("<!-- /ghsync:children -->")


def test_titles_that_a_heading_cannot_say_keep_nothing_else_back(world: World) -> None:
    """Number signs at the end are closed; emphasis around the whole stays on GitHub, named."""
    world.epic()
    world.file(ONE, "---\nstatus: open\n---\n\n# One\n\nText.\n")
    world.push()
    number = world.issue("One").number
    world.person().edit(number, title="Use C #", now=world.later())
    assert exit_code_of_pull(world.pull()) is ExitCode.DONE
    assert "\n# Use C # #\n" in world.read(ONE)
    world.push()
    assert settled(world)
    world.person().edit(number, title="`all`", now=world.later())
    world.person().close(number, now=world.later())
    (item,) = world.pull().items
    assert (item.refused, item.unheld) == ("", ("title",))
    assert "status: closed" in world.read(ONE)
    assert world.push().results == ()
    assert world.issues[number].title == "`all`"


def test_a_new_file_links_from_where_it_stands(world: World) -> None:
    """A link that was copied from its parent's text is dead there, so the address stays.

    And a number that linked an issue goes on to, after the file was edited.
    """
    world.file("ghsync.toml", '[pull]\nlabel = "planned"\n')
    world.item(".claude/prds/shop.md", "PRD")
    world.epic()
    world.task(1, body="See [the epic](epic.md).")
    world.push()
    one, prd = world.issue("Task 1").number, world.issue("PRD").number
    link = f'[one](https://github.com/octo/plan/issues/{one} "#{one} ../epics/shop/001.md")'
    person = world.person()
    first = person.open_issue("Below", body=f"See {link}, #{one}.", now=world.later())
    person.add_sub_issue(prd, first.number, now=world.later())
    person.open_issue("Loose", body=f"See #{one}.", labels=["planned", "prd"], now=world.later())
    below, loose = sorted(world.pull().items, key=lambda each: each.number)
    assert below.path == ".claude/epics/below/epic.md"
    assert "(../epics/shop/001.md)" not in world.read(below.path)
    assert f"issues/{one}" in world.read(below.path)
    assert settled(world)
    for number, path in ((first.number, below.path), (loose.number, loose.path)):
        world.file(path, f"{world.read(path)}\nMore.\n")
        assert code(world.push()) is ExitCode.DONE
        said = world.issues[number].body or ""
        assert "More." in said
        assert f" #{one}." in said, said
        assert f"#&#8203;{one}" not in said, said
    assert f"issues/{one}" in (world.issues[first.number].body or "")
