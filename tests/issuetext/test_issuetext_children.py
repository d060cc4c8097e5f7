"""The list of children that ghsync keeps in an epic's body."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ghsync.issuetext.children import Child, split_children, with_children
from ghsync.model import IssueNumber
from ghsync.render import canonical

ROWS = [
    Child(number=IssueNumber(41), closed=False),
    Child(number=IssueNumber(42), closed=True),
]
BLOCK = "<!-- ghsync:children -->\n- [ ] #41\n- [x] #42\n<!-- /ghsync:children -->"


def test_the_list_stands_below_the_body() -> None:
    """One row an issue; GitHub shows the title and state itself."""
    assert f"Body.\n\n{BLOCK}" == with_children("Body.", ROWS)
    assert BLOCK == with_children("", ROWS)
    assert "Body." == with_children("Body.", [])


@pytest.mark.parametrize("body", ["a\n```\nopen", "a\n<!-- open", "~~~\nopen", "<pre>\nopen"])
def test_a_body_that_swallows_what_follows_has_it_above(body: str) -> None:
    """An open fence or comment would hide the list."""
    assert f"{BLOCK}\n\n{body}" == with_children(body, ROWS)
    assert (body, BLOCK) == split_children(with_children(body, ROWS))


def test_a_list_is_replaced_and_not_doubled() -> None:
    """Whatever people ticked in it."""
    ticked = with_children("Body.", ROWS).replace("- [ ]", "- [x]")
    assert with_children("Body.", ROWS) == with_children(ticked, ROWS)
    assert "Body." == split_children(ticked).text


def test_a_list_that_a_person_moved_is_still_the_list() -> None:
    """What is written below it is the person's."""
    assert ("Body.\n\nMore.", BLOCK) == split_children(f"Body.\n\n{BLOCK}\n\nMore.")


@given(st.lists(st.sampled_from(["text", "", "```", "~~~", "<!--", "-->", "    code", "- x"])))
def test_taking_the_list_off_gives_the_body(lines: list[str]) -> None:
    """To the byte, for every canonical body."""
    body = canonical("\n".join(lines))
    assert (body, BLOCK) == split_children(with_children(body, ROWS))
    assert (body, None) == split_children(body)
