"""Texts of a set of items: links to their issues, permalinks, names, the list of children."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from ghsync import render
from ghsync.bodies import Bodies, Children, Mentions, Place, TextSettings
from ghsync.model import IssueNumber, Item, Key, Kind, RecordedIssue, State

COMMIT = "a" * 40
URL = "https://github.com/octo/plan"


def item(path: str, body: str = "", **fields: Any) -> Item:
    """An item of a file."""
    kind = Kind.EPIC if path.endswith("epic.md") else Kind.TASK
    key = Key(path.removesuffix(".md"))
    return Item(key=key, kind=kind, path=path, layout="ccpm", title=key, body=body, **fields)


PLACE = Place(
    repo="octo/plan",
    prefix="work/",
    commit=lambda: COMMIT,
    committed={"docs/a.md", "work/e/1.md", "work/e/epic.md"}.__contains__,
    exists={"docs/a.md", "docs/new.md", "work/e/1.md", "work/e/epic.md"}.__contains__,
)
EPIC = item("e/epic.md", "See [one](1.md), [two](2.md).")
ONE = item("e/1.md", "[up](epic.md) @stranger @octo", parent=Key("e/epic"))
TWO = item("e/2.md", "#1 #7", parent=Key("e/epic"), state=State.CLOSED)
NUMBERS = {Key("e/epic"): IssueNumber(41), Key("e/1"): IssueNumber(42)}


def bodies(*items: Item, known: frozenset[str] | None = None, **settings: Any) -> Bodies:
    """The texts of these items, or of all."""
    return Bodies(items or (EPIC, ONE, TWO), PLACE, TextSettings(**settings), known=known)


def test_a_link_waits_for_its_issue_and_is_one_then() -> None:
    """Until then it leads to the file."""
    early = bodies().body(EPIC, NUMBERS)
    assert f'[one]({URL}/issues/42 "#42 1.md")' in early.text
    assert f'[two]({URL}/blob/HEAD/work/e/2.md "2.md")' in early.text
    assert early.waits == ("e/2",)
    late = bodies().body(EPIC, {**NUMBERS, Key("e/2"): IssueNumber(43)})
    assert (f"{URL}/issues/43" in late.text, late.waits) == (True, ())


def test_a_file_that_no_commit_has_is_linked_by_the_default_branch() -> None:
    """And what that changes when it is committed is no change of the text."""
    one = item("e/1.md", "[a](../../docs/a.md) [new](../../docs/new.md)")
    text = bodies(one).body(one, {}).text
    assert f"{URL}/blob/{COMMIT}/docs/a.md" in text
    assert f"{URL}/blob/HEAD/docs/new.md" in text
    assert render.digest(text) == render.digest(text.replace("HEAD", "b" * 40))


def test_only_known_people_are_called() -> None:
    """As long as nobody asked who they are, nobody is, and the text says that it matters."""
    unread = bodies().body(ONE, NUMBERS)
    assert ("@&#8203;stranger" in unread.text, "@&#8203;octo" in unread.text) == (True, True)
    assert unread.calls
    read = bodies(known=frozenset({"octo"})).body(ONE, NUMBERS)
    assert ("@&#8203;stranger" in read.text, "@octo" in read.text) == (True, True)
    assert not read.calls
    assert render.digest(read.text) == render.digest(unread.text)
    assert "&#8203;" not in bodies(mentions=Mentions.ALL).body(ONE, NUMBERS).text
    nobody = bodies(mentions=Mentions.NONE, known=frozenset({"octo"})).body(ONE, NUMBERS)
    assert ("@&#8203;octo" in nobody.text, nobody.calls) == (True, False)


def test_a_number_is_an_issue_only_where_a_file_records_it() -> None:
    """And where no neighbour has that number as its own."""
    assert bodies().body(TWO, NUMBERS).text == "#&#8203;1 #&#8203;7"
    recorded = RecordedIssue(number=IssueNumber(7), repo="Octo/Plan", line=2)
    elsewhere = RecordedIssue(number=IssueNumber(1), repo="octo/other", line=2)
    seven, one = item("f/7.md", recorded=recorded), item("f/1.md", recorded=elsewhere)
    assert bodies(TWO, seven, one).body(TWO, NUMBERS).text == "#&#8203;1 #7"
    other = item("e/007-x.md")
    assert bodies(TWO, seven, other).body(TWO, NUMBERS).text == "#&#8203;1 #&#8203;7"


def test_the_list_of_children_is_in_the_order_of_the_files() -> None:
    """Those without an issue follow when they have one; archived ones are not listed."""
    archived = item("e/0.md", parent=Key("e/epic"), archived=True)
    some = bodies(EPIC, TWO, ONE, archived, children=Children.LIST)
    early = some.body(EPIC, {Key("e/1"): IssueNumber(42)})
    assert "- [ ] #42" in early.text
    assert early.waits == ("e/2",)
    late = some.body(EPIC, {**NUMBERS, Key("e/2"): IssueNumber(43)})
    assert "- [ ] #42\n- [x] #43\n" in late.text
    assert some.body(ONE, NUMBERS).text == bodies().body(ONE, NUMBERS).text


def test_a_text_comes_back_into_the_form_of_the_file() -> None:
    """Line for line, without the list of children."""
    some = bodies(children=Children.LIST)
    for each in (EPIC, ONE, TWO):
        assert some.file_text(each, some.body(each, NUMBERS).text, NUMBERS) == each.body


def test_without_a_repository_texts_stay_as_they_are() -> None:
    """There is nothing to link to."""
    assert Bodies([EPIC, ONE]).body(ONE, NUMBERS) == (ONE.body, (), False, ())


def test_what_cannot_be_linked_is_a_finding_of_its_line() -> None:
    """The line is the text's own."""
    lost = item("e/1.md", "text\n\n[x](gone.md)")
    (finding,) = bodies(lost).body(lost, {}).findings
    assert finding.message == "line 3 of the text: gone.md is no file of the repository"


def test_what_is_to_say_of_a_text_costs_no_second_rewriting(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The findings of a text that was rendered for a first push are kept, those of this text."""
    one = item("e/1.md", "[gone](nowhere.md)")
    fresh, asked = bodies(one), bodies(one)
    rendered = asked.body(one, {}).findings
    assert [f.path for f in rendered] == ["e/1.md"]
    assert fresh.findings(one) == rendered
    with monkeypatch.context() as patch:
        patch.delattr(Bodies, "_rewritten")
        assert asked.findings(one) == rendered
    assert asked.findings(replace(one, body="Words.")) == ()
