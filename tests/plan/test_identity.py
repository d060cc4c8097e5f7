"""Which item is which issue: renames by evidence, adoptions, refusals."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from plan_kit import base, entry, issue, item, keyed, recorded, smap, snapshot

from ghsync.identity import Matched, match
from ghsync.journal import Entry, SyncMap
from ghsync.model import IssueNumber, Item, Key, Kind, Snapshot
from ghsync.render import digest


def matched(
    items: list[Item],
    known: SyncMap | None = None,
    there: Snapshot | None = None,
    refused: frozenset[Key] = frozenset(),
) -> Matched:
    """Match these items."""
    return match(keyed(items), known or SyncMap(), there or snapshot(), refused)


def renamed(items: list[Item], *entries: Entry) -> list[tuple[str, str]]:
    """Which entries follow which items."""
    return [(r.old, r.new) for r in matched(items, smap(*entries)).renames]


def test_content_leads_a_renamed_file_to_its_issue() -> None:
    """The same kind, title and body."""
    assert renamed([item("new")], entry("old", 1)) == [("old", "new")]
    assert renamed([item("new", body="Other.")], entry("old", 1)) == []
    assert renamed([item("new", kind=Kind.EPIC)], entry("old", 1)) == []


def test_names_that_were_handed_on_follow_the_recorded_numbers() -> None:
    """``2`` was the first task's neighbour and is its issue now: the files' own numbers decide."""
    chain = [item(key, body=key, recorded=recorded(n)) for key, n in (("b", 1), ("c", 2))]
    found = matched(chain, smap(entry("a", 1), entry("b", 2)))
    assert [(r.old, r.new, r.number) for r in found.renames] == [("a", "b", 1), ("b", "c", 2)]
    assert {key: found.entries[Key(key)].number for key in "bc"} == {"b": 1, "c": 2}
    swap = [item(key, body=key, recorded=recorded(n)) for key, n in (("a", 2), ("b", 1))]
    assert renamed(swap, entry("a", 1), entry("b", 2)) == [("b", "a"), ("a", "b")]


def test_a_number_that_contradicts_the_map_moves_nothing_by_itself() -> None:
    """The name is another's still, or the other's file is there and says nothing else."""
    said = item("b", recorded=recorded(1))
    assert renamed([said], entry("a", 1), entry("b", 2)) == []
    assert renamed([item("a"), said], entry("a", 1), entry("b", 2)) == []
    assert renamed([item("a"), item("c", recorded=recorded(1))], entry("a", 1)) == []


def numbered(**bodies: str) -> list[Item]:
    """Files of these names, each with a text of its own."""
    return [item(key, title=f"T {body}", body=body) for key, body in bodies.items()]


def pushed(**bodies: str) -> list[Entry]:
    """The entries of such files, numbered from 1."""
    made = enumerate(bodies.items(), start=1)
    return [entry(key, n, base=base(f"T {body}", body=body)) for n, (key, body) in made]


def test_files_that_are_renumbered_keep_their_issues() -> None:
    """One put first moves all that follow; two may change places, three go round."""
    three = pushed(a="A", b="B", c="C")
    shifted = [("a", "b"), ("b", "c"), ("c", "d")]
    assert renamed(numbered(a="New", b="A", c="B", d="C"), *three) == shifted
    assert renamed(numbered(b="A", c="B", d="C"), *three) == shifted
    assert renamed(numbered(a="B", b="A", c="C"), *three) == [("b", "a"), ("a", "b")]
    assert renamed(numbered(a="C", b="A", c="B"), *three) == [("c", "a"), ("a", "b"), ("b", "c")]
    found = matched(numbered(a="New", b="A", c="B", d="C"), smap(*three))
    assert {key: each.number for key, each in found.entries.items()} == {"b": 1, "c": 2, "d": 3}


def test_who_is_gone_leaves_its_name_to_the_next_and_gets_the_last_one() -> None:
    """The first is deleted and the others are renumbered: no issue gets its neighbour's text."""
    three = pushed(a="A", b="B", c="C")
    assert renamed(numbered(a="B", b="C"), *three) == [("b", "a"), ("c", "b"), ("a", "c")]
    assert renamed(numbered(a="A", b="C"), *three) == [("c", "b"), ("b", "c")]
    assert renamed(numbered(a="B"), *pushed(a="A", b="B")) == [("b", "a"), ("a", "b")]


@pytest.mark.parametrize("evidence", ["ident", "text"])
def test_who_was_pushed_out_is_followed_where_it_went(evidence: str) -> None:
    """``b`` became ``c`` with a line more while ``a`` became ``b``: no second issue is made."""
    text = "The cart keeps what was chosen, also after a reload."
    ident = {"ident": "T-2" if evidence == "ident" else None}
    was = entry("b", 2, base=base("Cart", body=text), path="shop/b.md", **ident)
    known = [*pushed(a="A"), was]
    files = [
        *numbered(b="A"),
        item("c", "Cart", body=f"{text}\nMore.", path="shop/c.md", **ident),
    ]
    texts = {digest(text): text} if evidence == "text" else {}
    found = match(keyed(files), smap(*known), snapshot(), texts=texts)
    assert [(r.old, r.new) for r in found.renames] == [("a", "b"), ("b", "c")]
    assert {key: each.number for key, each in found.entries.items()} == {"b": 1, "c": 2}
    files = [*numbered(b="A"), item("c", "Print", body="Something else.")]
    found = match(keyed(files), smap(*known), snapshot(), texts=texts)
    assert [(r.old, r.new) for r in found.renames] == [("b", "a"), ("a", "b")]


def test_what_takes_the_place_of_a_renumbered_file_may_be_a_renamed_one() -> None:
    """The name is free for the item whose own is gone."""
    four = pushed(a="A", b="B", x="X")
    found = renamed(numbered(a="X", b="A", c="B"), *four)
    assert found == [("x", "a"), ("a", "b"), ("b", "c")]


def test_a_text_that_is_copied_or_pushes_another_out_moves_no_issue() -> None:
    """A copy beside a file with new words is new, and who is not gone for sure keeps its name."""
    two = pushed(a="A", b="B")
    assert renamed(numbered(a="New", b="A"), *two) == []
    assert renamed(numbered(a="New", b="B", c="A"), *two) == []
    assert renamed(numbered(a="A", b="A", c="B"), *two) == []
    assert renamed(numbered(a="B", b="New"), *two) == []


def test_files_that_change_their_kinds_move_no_issue() -> None:
    """The map has the kinds that they had; their texts are the same, which tells nothing."""
    was = [entry("a", 1, kind=Kind.EPIC), entry("b", 2)]
    assert renamed([item("a"), item("b", kind=Kind.EPIC)], *was) == []


@given(st.data())
def test_no_issue_is_lost_or_shared_however_files_are_handed_on(data: st.DataObject) -> None:
    """Every entry is kept, under a key of its own; a file that nobody touched keeps its issue."""
    names = "abcde"
    had = data.draw(st.lists(st.sampled_from(names), min_size=1, unique=True))
    known = pushed(**{name: name.upper() for name in had})
    have = data.draw(st.dictionaries(st.sampled_from(names), st.sampled_from("ABCDEXY")))
    said = data.draw(st.dictionaries(st.sampled_from(names), st.integers(1, 6)))
    items = [
        replace(each, recorded=recorded(said[each.key])) if each.key in said else each
        for each in numbered(**have)
    ]
    found = matched(items, smap(*known))
    assert {each.number for each in known} <= {each.number for each in found.entries.values()}
    assert all(key == each.key for key, each in found.entries.items())
    news = [each.new for each in found.renames]
    assert len(news) == len(set(news))
    for each in known:
        if have.get(each.key) == each.key.upper() and each.key not in said.keys() | set(news):
            assert found.entries[each.key].number == each.number


def test_a_title_without_a_text_is_no_evidence() -> None:
    """Two files that say only the same title are two items."""
    old = entry("old", 1, base=base("A title", body=""))
    assert renamed([item("new", "A title", body="")], old) == []


def test_an_id_leads_a_renamed_file_to_its_issue() -> None:
    """The same kind, id in any case, and top folder; whatever the text."""
    old = entry("docs/old", 1, ident="T-1", base=base("Before"))
    assert renamed([item("docs/new", ident="t-1")], old) == [("docs/old", "docs/new")]
    assert renamed([item("elsewhere/new", ident="T-1")], old) == []
    assert renamed([item("docs/new", ident="T-2")], old) == []


def test_an_id_that_others_share_is_no_evidence() -> None:
    """Epics number their tasks alike: one that replaces another does not get its issues."""
    gone, other = entry("p/a/x", 1, ident="T-1", base=base("A")), entry("p/c/x", 2, ident="T-1")
    assert renamed([item("p/c/x", ident="T-1"), item("p/b/x", "B", ident="T-1")], gone, other) == []
    assert renamed([item("p/c/x", ident="T-1"), item("p/b/x", "B", ident="T-1")], gone) == []
    assert renamed([item("p/b/x", "B", ident="T-1")], gone, other) == []


def test_a_bare_number_names_an_item_of_its_folder_alone() -> None:
    """``number: 1`` says which task of an epic, not which epic."""
    gone = entry("p/a/old", 1, ident="1", base=base("Before"))
    assert renamed([item("p/a/new", ident="1")], gone) == [("p/a/old", "p/a/new")]
    assert renamed([item("p/b/new", ident="1")], gone) == []


def test_a_task_lines_id_is_no_evidence_elsewhere() -> None:
    """Each task list has its T001; a feature that takes another's place has issues of its own."""
    gone = entry("specs/a#T001", 1, path="specs/a/tasks.md", ident="T001", base=base("Before"))
    line = item("specs/b#T001", "After", path="specs/b/tasks.md", ident="T001")
    assert renamed([line], gone) == []
    moved = item("specs/b#T001", "Before", path="specs/b/tasks.md", ident="T001")
    assert renamed([moved], gone) == [("specs/a#T001", "specs/b#T001")]


def test_a_recorded_number_leads_a_renamed_file_to_its_issue() -> None:
    """A bare number or one of this repository; before every other evidence."""
    old, twin = entry("old", 1, base=base("Before")), entry("twin", 2)
    assert renamed([item("new", recorded=recorded(1))], old, twin) == [("old", "new")]
    assert renamed([item("new", recorded=recorded(1, "Octo/Plan"))], old) == [("old", "new")]
    assert renamed([item("new", "X", recorded=recorded(1, "other/place"))], old) == []


def test_evidence_that_fits_two_is_none() -> None:
    """On either side."""
    assert renamed([item("a"), item("b")], entry("old", 1)) == []
    assert renamed([item("a")], entry("old", 1), entry("older", 2)) == []


def test_a_file_that_is_there_gives_its_issue_to_nobody() -> None:
    """A copy is new; so is a copy of a file that lint holds back."""
    assert renamed([item("old"), item("copy")], entry("old", 1)) == []
    held = matched([item("copy")], smap(entry("old", 1)), refused=frozenset({Key("old")}))
    assert held.renames == ()


def test_a_title_alone_is_no_evidence() -> None:
    """Real folders share hundreds of titles."""
    assert renamed([item("new", body="Other text.")], entry("old", 1)) == []


def test_a_renamed_entry_has_the_new_path() -> None:
    """And keeps its number, uid and base."""
    found = matched([item("new", ident="7")], smap(entry("old", 1)))
    assert found.entries == {
        "new": replace(entry("old", 1), key=Key("new"), path="new.md", ident="7")
    }


def test_a_marker_leads_to_its_issue() -> None:
    """The oldest of several, and the others are named."""
    one = issue(3, uid="0" * 32, marker_key=Key("k"))
    two = issue(5, uid="1" * 32, marker_key=Key("k"))
    found = matched([item("k")], None, snapshot(one, two))
    assert [adopt.number for adopt in found.adoptions] == [3]
    assert [finding.code for finding in found.findings] == ["duplicate_issue"]


def test_a_marker_of_a_mapped_issue_leads_nowhere() -> None:
    """A file was renamed and its old name is used again: the issue stays with its item."""
    held = issue(3, uid="0" * 32, marker_key=Key("old"))
    found = matched([item("new"), item("old", "X")], smap(entry("new", 3)), snapshot(held))
    assert found.adoptions == ()


@pytest.mark.parametrize("way", ["marker", "record"])
def test_a_forgotten_issue_is_not_taken_again(way: str) -> None:
    """``map forget`` means: make a new one."""
    there = issue(3, marker_key=Key("k") if way == "marker" else None)
    mine = item("k", recorded=recorded(3) if way == "record" else None)
    known = replace(smap(), forgotten=frozenset({IssueNumber(3)}))
    found = matched([mine], known, snapshot(there))
    assert (found.adoptions, found.skipped, found.findings) == ((), (), ())


def test_a_recorded_issue_is_taken_refused_or_left() -> None:
    """There: taken. Not there: refused. Taken by another: refused. Elsewhere: new."""
    there = snapshot(issue(3), issue(4))
    known = smap(entry("owner", 4))
    owner = item("owner")

    def outcome(number: int, repo: str | None = None) -> tuple[int, list[str], list[str]]:
        mine = item("k", "Mine", recorded=recorded(number, repo))
        found = matched([owner, mine], known, there)
        return (
            len(found.adoptions),
            [skip.key for skip in found.skipped],
            [finding.code for finding in found.findings],
        )

    assert outcome(3) == (1, [], [])
    assert outcome(3, "octo/PLAN") == (1, [], [])
    assert outcome(9) == (0, ["k"], ["recorded_missing"])
    assert outcome(4) == (0, ["k"], ["recorded_taken"])
    assert outcome(3, "other/place") == (0, [], ["recorded_elsewhere"])


def test_another_name_of_this_repository_is_this_repository() -> None:
    """As far as the reading found out."""
    there = replace(snapshot(issue(3)), aliases=frozenset({"old/name"}))
    found = matched([item("k", recorded=recorded(3, "Old/Name"))], None, there)
    assert len(found.adoptions) == 1


def test_without_github_nothing_is_adopted() -> None:
    """An item that names an issue waits; nobody can say whether it is there."""
    found = match(keyed([item("k", recorded=recorded(3))]), SyncMap(), None)
    assert found.adoptions == ()
    assert [skip.key for skip in found.skipped] == ["k"]
