"""Which records are believed: against the files, the map, each other and GitHub."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ghsync.importers import bytitle
from ghsync.importers.judging import Known, Row, Verdict, judge
from ghsync.importers.matching import Matcher, of_items
from ghsync.importers.records import ByIdent, ByKey, ByPath, ByTitle, Record, Tool
from ghsync.importers.titles import ALIKE, similarity
from ghsync.journal import Entry, SyncMap
from ghsync.model import (
    Issue,
    IssueId,
    IssueNumber,
    Item,
    Key,
    Kind,
    RecordedIssue,
    State,
)


def item(key: str, title: str = "Cart", recorded: int | None = None, **more: Any) -> Item:
    """An item; ``recorded`` is the number in its own file."""
    named = None
    if recorded is not None:
        named = RecordedIssue(number=IssueNumber(recorded), repo=None, line=3)
    given_ = {"kind": Kind.TASK, "layout": "ccpm", "body": "x", "path": f"{key}.md", **more}
    return Item(key=Key(key), title=title, recorded=named, **given_)


def issue(number: int, title: str = "Cart", **more: Any) -> Issue:
    """An issue."""
    values = {"body": "x", "state": State.OPEN, **more}
    return Issue(number=IssueNumber(number), id=IssueId(number), title=title, **values)


def record(key: str, number: int | None, **more: Any) -> Record:
    """A record that names an item by its key."""
    values = {"tool": Tool.CCPM, "path": "m", "line": 1, "text": key, **more}
    values.setdefault("names", (ByKey(key=Key(key)),))
    return Record(number=IssueNumber(number) if number else None, **values)


def rows(
    records: list[Record],
    items: list[Item],
    issues: list[Issue],
    *,
    smap: SyncMap | None = None,
    pending: frozenset[Key] = frozenset(),
    **options: bool,
) -> list[Row]:
    """Match and judge."""
    known = Known(
        repo="octo/plan",
        own=frozenset({"octo/plan", "octo/old"}),
        items=items,
        issues={each.number: each for each in issues},
        absent={IssueNumber(8): "is a pull request"},
        titles={each.key: each.title for each in items},
        smap=smap or SyncMap(),
        pending=pending,
    )
    matcher = Matcher(items)
    return list(judge([matcher.match(each) for each in records], known, **options))


def only(*arguments: Any, **more: Any) -> Row:
    """The only row."""
    (row,) = rows(*arguments, **more)
    return row


def mapped(key: str, number: int) -> SyncMap:
    """A map of one entry."""
    entry = Entry(
        key=Key(key),
        number=IssueNumber(number),
        id=IssueId(number),
        uid=None,
        kind=Kind.TASK,
        path=f"{key}.md",
    )
    return SyncMap(entries={Key(key): entry})


def test_what_fits_is_adopted() -> None:
    """The issue exists, is nobody else's, and has the title."""
    row = only([record("a", 1)], [item("a")], [issue(1)])
    assert (row.verdict, row.alike) == (Verdict.ADOPT, 100)


def test_another_title_needs_a_word() -> None:
    """It is shown with how alike they are, and taken only where somebody says so."""
    arguments = ([record("a", 1)], [item("a", "Cart")], [issue(1, "Login fails on Safari")])
    row = only(*arguments)
    assert row.verdict is Verdict.TITLE
    assert row.alike is not None
    assert row.alike < ALIKE
    assert only(*arguments, any_title=True).verdict is Verdict.ADOPT


def test_a_tools_prefix_is_no_other_title() -> None:
    """ClaudeAutoPM writes ``[TASK]``, ccpm ``Epic:`` and the folder's name."""
    assert similarity("[TASK] Cart", ["cart"]) == 100
    assert similarity("Epic: user-auth", ["User Auth"]) == 100
    epic = item("e/shop/epic", "Everything about selling", kind=Kind.EPIC)
    assert only([record("e/shop/epic", 1)], [epic], [issue(1, "Epic: shop")]).alike == 100


def test_what_github_says_against_it() -> None:
    """A pull request, a number above all, another item's marker."""
    items = [item("a"), item("b")]
    assert "pull request" in only([record("a", 8)], items, []).reason
    assert only([record("a", 9)], items, []).reason == "#9 does not exist"
    marked = issue(1, marker_key=Key("b"))
    assert only([record("a", 1)], items, [marked]).reason == "#1 carries the marker of b"


def test_an_issue_that_carries_the_items_own_marker_needs_no_title() -> None:
    """It says itself that it is this item."""
    marked = issue(1, "Quite something else", marker_key=Key("a"))
    assert only([record("a", 1)], [item("a")], [marked]).verdict is Verdict.ADOPT


def test_what_the_map_says_against_it() -> None:
    """Mapped already, mapped otherwise, another item's, forgotten, or not settled."""
    items, issues = [item("a"), item("b")], [issue(1), issue(2)]
    assert only([record("a", 1)], items, issues, smap=mapped("a", 1)).verdict is Verdict.MAPPED
    assert "map forget a" in only([record("a", 1)], items, issues, smap=mapped("a", 2)).reason
    assert only([record("a", 1)], items, issues, smap=mapped("b", 1)).reason == "#1 belongs to b"
    forgotten = SyncMap(forgotten=frozenset({IssueNumber(1)}))
    assert "let go" in only([record("a", 1)], items, issues, smap=forgotten).reason
    again = only([record("a", 1)], items, issues, smap=forgotten, forgotten=True)
    assert again.verdict is Verdict.ADOPT
    unsettled = only([record("a", 1)], items, issues, pending=frozenset({Key("a")}))
    assert "not settled" in unsettled.reason


def test_records_against_each_other() -> None:
    """One number for two items, or two numbers for one, and neither is believed."""
    items, issues = [item("a"), item("b")], [issue(1), issue(2)]
    both = rows([record("a", 1), record("b", 1)], items, issues)
    assert [row.reason for row in both] == [
        "#1 is claimed for b as well",
        "#1 is claimed for a as well",
    ]
    two = rows([record("a", 1), record("a", 2)], items, issues)
    assert [row.verdict for row in two] == [Verdict.WRONG, Verdict.WRONG]
    same = rows([record("a", 1), record("a", 1)], items, issues)
    assert [row.verdict for row in same] == [Verdict.ADOPT, Verdict.AGAIN]


def test_what_the_file_itself_says_counts() -> None:
    """As in ClaudeAutoPM's own look-up, the frontmatter wins over the map."""
    items, issues = [item("a", recorded=2), item("b")], [issue(1), issue(2)]
    stale, field = rows([record("a", 1), *of_items(items)], items, issues)
    assert (stale.verdict, field.verdict) == (Verdict.WRONG, Verdict.ADOPT)
    assert stale.reason == "a.md itself names #2, which counts"
    assert "named by a itself" in only([record("b", 2)], items, issues).reason


def test_another_repositorys_number_is_not_ours() -> None:
    """Only the names that proved to be this repository count."""
    items, issues = [item("a")], [issue(1)]
    row = only([record("a", 1, repo="else/where")], items, issues)
    assert row.reason == "names else/where#1, which is not in octo/plan"
    assert only([record("a", 1, repo="Octo/Old")], items, issues).verdict is Verdict.ADOPT
    ours = rows([record("a", 1, repo="else/where"), record("a", 1)], items, issues)
    assert [row.verdict for row in ours] == [Verdict.WRONG, Verdict.ADOPT]


def test_names_must_mean_one_item() -> None:
    """An id of two files fits none; of a live and an archived one, the live one has it."""
    ident = (ByIdent(ident="PRD-001"),)
    twins = [item("a", ident="prd-001"), item("b", ident="prd-001")]
    assert only([record("x", 1, names=ident)], twins, [issue(1)]).reason.startswith("fits several")
    one = [twins[0], replace(twins[1], archived=True)]
    assert only([record("x", 1, names=ident)], one, [issue(1)]).verdict is Verdict.ADOPT
    none = only([record("x", 1, names=ident)], [item("c")], [issue(1)])
    assert none.reason == "no item is called 'PRD-001' by its id"
    names = (ByPath(path="e/2.md"), ByTitle(folder="e", title="Cart"))
    apart = [item("e/2", "Pay"), item("e/7", "Cart")]
    torn = only([record("x", 2, names=names)], apart, [issue(2)])
    assert torn.reason == "fits several items: e/2, e/7"
    apart = [item("e/2", "Pay", recorded=9), apart[1]]  # called 2 and says that it is 9
    settled = only([record("x", 2, names=names)], apart, [issue(2)])
    assert (settled.item, settled.verdict) == (apart[1], Verdict.ADOPT)


def test_planpilots_block_proves_or_disproves() -> None:
    """The block in the issue's text counts for more than the title and the map."""
    body = "PLANPILOT_META_V1\nPLAN_ID:1\nITEM_ID:T1\nEND_PLANPILOT_META\n"
    items = [item("a", ident="T1"), item("b", ident="T2")]
    issues = [issue(1, "Quite something else", body=body)]

    def of(ident: str) -> Record:
        return record("x", 1, tool=Tool.PLANPILOT, names=(ByIdent(ident=ident),))

    assert only([of("T1")], items, issues).verdict is Verdict.ADOPT
    assert only([of("T2")], items, issues).reason == "#1 says itself that it is T1"


def test_by_title_only_where_it_is_the_only_one_on_both_sides() -> None:
    """Mapped items and closed issues count for that, too."""
    items = [item("a", "One"), item("b", "Two"), item("c", "Two"), item("d", "Three"),
             item("e", "Four", recorded=9), item("f", "one "), item("g", "Five")]  # fmt: skip
    issues = [issue(1, "One"), issue(2, "Two"), issue(3, "Three"), issue(4, "Three"),
              issue(5, "Four"), issue(6, "Five", marker_key=Key("z"))]  # fmt: skip
    titles = {each.key: each.title for each in items}
    found = bytitle.pairs(items, titles, {each.number: each for each in issues}, SyncMap())
    assert [(each.path, each.number) for each in found] == [("a.md", 1)]
    assert bytitle.pairs(items, titles, {IssueNumber(1): issues[0]}, mapped("z", 1)) == ()


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(1, 5)), max_size=12))
def test_no_issue_and_no_item_is_ever_taken_twice(said: list[tuple[int, int]]) -> None:
    """Whatever the records say, adoptions are one to one."""
    items = [item(f"i{n}") for n in range(4)]
    issues = [issue(n) for n in range(1, 5)]
    found = rows([record(f"i{key}", number) for key, number in said], items, issues)
    taken = [(row.item.key, row.issue.number) for row in found
             if row.verdict is Verdict.ADOPT and row.item and row.issue]  # fmt: skip
    assert len({key for key, _ in taken}) == len({number for _, number in taken}) == len(taken)


@given(st.text(max_size=30), st.text(max_size=30))
def test_similarity_is_a_share_and_equal_titles_are_alike(one: str, other: str) -> None:
    """0 to 100 percent, and 100 for the same title."""
    assert 0 <= similarity(one, [other]) <= 100
    assert similarity(one, [one]) == 100


def test_a_key_in_the_command_is_one_word() -> None:
    """Keys of Backlog.md hold blanks: the command works when it is copied."""
    key = "backlog/tasks/task-1 - Cart"
    values: Any = {"uid": None, "kind": Kind.TASK, "path": "x.md"}
    known = Entry(key=Key(key), number=IssueNumber(9), id=IssueId(9), **values)
    smap = SyncMap(entries={known.key: known})
    (row,) = rows([record(key, 1)], [item(key)], [issue(1), issue(9)], smap=smap)
    assert f"`ghsync map forget '{key}'`" in row.reason
