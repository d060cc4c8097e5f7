"""The fold never loses or doubles an entry, and no text that is not a whole map becomes a map."""

from __future__ import annotations

import json
import math
import string
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ghsync.journal import (
    Base,
    BoundTo,
    CodecError,
    Entry,
    Forgotten,
    Intent,
    JournalEvent,
    NotExecuted,
    Recorded,
    Rekeyed,
    Sent,
    SyncMap,
    Trying,
    decode,
    dump_map,
    encode,
    fold,
    numbers,
    parse_map,
    pending,
    sends,
)
from ghsync.model import IssueId, IssueNumber, Key, Kind, RepoId, State, Uid

# Few keys, numbers and uids, so that events meet; wild texts elsewhere.
keys = st.sampled_from(["a", "b", "c/d", "specs/001#T001"]).map(Key)
numbers_ = st.integers(1, 4).map(IssueNumber)
uids = st.sampled_from([Uid(digit * 32) for digit in "0123"])
texts = st.text(max_size=12)
lists = st.lists(texts, max_size=3).map(tuple)
bases = st.builds(
    Base,
    title=texts,
    body=st.text(string.hexdigits, min_size=16, max_size=16),
    labels=lists,
    assignees=lists,
    milestone=st.none() | texts,
    type=st.none() | texts,
    fields=st.dictionaries(texts, texts, max_size=3).map(lambda d: tuple(sorted(d.items()))),
    state=st.sampled_from(State),
    locked=st.booleans(),
    parent=st.none() | numbers_,
    blocked_by=st.lists(numbers_, max_size=3).map(tuple),
    children=st.lists(numbers_, max_size=3).map(tuple),
)
entries = st.builds(
    Entry,
    key=keys | texts.map(Key),
    number=numbers_,
    id=st.integers(1, 2**63 - 1).map(IssueId),
    uid=st.none() | uids,
    kind=st.sampled_from(Kind),
    path=st.sampled_from(["a.md", "b.md", "c/d.md", "specs/001/tasks.md"]) | texts,
    ident=st.none() | texts,
    base=st.none() | bases,
    commented=st.none() | uids,
)
times = st.floats(0, 4e9)
events = st.one_of(
    st.builds(
        Intent, key=keys, uid=uids, floor=numbers_, at=times, what=texts, base=st.none() | bases
    ),
    st.builds(NotExecuted, uid=uids),
    st.builds(Recorded, entry=entries),
    st.builds(Trying, entry=entries),
    st.builds(Rekeyed, old=keys, new=keys, number=numbers_),
    st.builds(Forgotten, key=keys, number=numbers_),
    st.builds(BoundTo, repo_id=st.integers(1, 3).map(RepoId), repo=texts),
    st.builds(Sent, at=times, content=st.booleans()),
)
journals = st.lists(events, max_size=12)
maps = st.builds(
    SyncMap,
    repo_id=st.none() | st.integers(1, 2**40).map(RepoId),
    repo=st.none() | texts,
    entries=st.lists(entries, max_size=5, unique_by=(lambda e: e.key, lambda e: e.number)).map(
        lambda items: {entry.key: entry for entry in items}
    ),
    forgotten=st.frozensets(st.integers(1, 9).map(IssueNumber), max_size=3),
)


def entry(key: str = "a", number: int = 1, uid: str | None = "f" * 32, **rest: object) -> Entry:
    fields = {"id": IssueId(number + 100), "kind": Kind.TASK, "path": f"{key}.md"} | rest
    return Entry(
        key=Key(key),
        number=IssueNumber(number),
        uid=None if uid is None else Uid(uid),
        **fields,  # type: ignore[arg-type]
    )


def map_of(*items: Entry) -> SyncMap:
    return SyncMap(repo_id=RepoId(5), repo="octo/plans", entries={item.key: item for item in items})


def rekeyed(old: str, new: str, number: int) -> Rekeyed:
    return Rekeyed(old=Key(old), new=Key(new), number=IssueNumber(number))


A, B = entry("a", 1), entry("b", 2)
USED_KEY = [
    Recorded(entry=B),
    Forgotten(key=Key("b"), number=IssueNumber(2)),
    rekeyed("a", "b", 1),
]


# ---------------------------------------------------------------------------- fold


@given(maps, journals)
@example(map_of(A), USED_KEY)
@example(map_of(A), [Recorded(entry=B), rekeyed("a", "b", 1)])
@example(map_of(A, B), [rekeyed("b", "c", 2), rekeyed("a", "b", 1)])
@settings(max_examples=150, deadline=None)
def test_a_replay_changes_nothing(sync_map: SyncMap, journal: list[JournalEvent]) -> None:
    """A crash between "map replaced" and "journal cut" replays events that the map holds."""
    once = fold(sync_map, journal)
    assert fold(once, journal) == once


@given(maps, journals)
@settings(max_examples=60, deadline=None)
def test_a_fold_is_always_a_sound_map(sync_map: SyncMap, journal: list[JournalEvent]) -> None:
    """Whatever happened: keys fit their entries, and no issue belongs to two items."""
    result = fold(sync_map, journal)
    assert all(key == item.key for key, item in result.entries.items())
    assert len(numbers(result)) == len(result.entries)
    assert parse_map(dump_map(result)) == result


@given(maps, journals, journals)
@settings(max_examples=60, deadline=None)
def test_folding_by_parts_settles_the_same_issues(
    sync_map: SyncMap, first: list[JournalEvent], second: list[JournalEvent]
) -> None:
    """A checkpoint between two batches binds and forgets what one at the end would have."""
    parts = fold(fold(sync_map, first), second)
    whole = fold(sync_map, [*first, *second])
    assert (parts.repo_id, parts.repo, parts.forgotten) == (
        whole.repo_id,
        whole.repo,
        whole.forgotten,
    )


def test_a_rename_takes_the_entry_and_its_file_along() -> None:
    """The entry moves to the new key; its path follows when it is the key's own file."""
    renamed = fold(map_of(A), [rekeyed("a", "x/y", 1)])
    assert renamed.entries == {"x/y": entry("x/y", 1)}
    line = entry("specs/1#T1", path="specs/1/tasks.md")
    moved = fold(map_of(line), [rekeyed("specs/1#T1", "specs/1#T2", 1)])
    assert moved.entries[Key("specs/1#T2")].path == "specs/1/tasks.md"


def test_a_rename_of_an_unmapped_issue_does_nothing() -> None:
    """Another branch's map may have dropped the entry meanwhile."""
    assert fold(map_of(A), [rekeyed("b", "c", 9)]) == map_of(A)


def test_two_files_can_swap_their_names() -> None:
    """Each issue follows its own file; neither entry overwrites the other on the way."""
    swapped = fold(map_of(A, B), [rekeyed("a", "b", 1), rekeyed("b", "a", 2)])
    assert numbers(swapped) == {1: "b", 2: "a"}


def test_a_key_used_before_is_not_lost_on_replay() -> None:
    """Created, forgotten, then another file renamed onto it: the rename wins each time."""
    once = fold(map_of(A), USED_KEY)
    assert numbers(once) == {1: "b"}
    assert fold(once, USED_KEY) == once


def test_the_last_word_on_a_forgotten_issue_counts() -> None:
    """A forgotten number stays forgotten until its issue is recorded again."""
    forget = Forgotten(key=Key("a"), number=IssueNumber(1))
    assert fold(map_of(A), [forget]).forgotten == {1}
    again = fold(map_of(A), [forget, Recorded(entry=A)])
    assert again == map_of(A)


# ------------------------------------------------------------------------- pending


def test_an_intent_is_pending_until_it_is_settled() -> None:
    """Its result, found by uid, or the certainty that nothing happened settles it."""
    intents = [
        Intent(key=Key(k), uid=Uid(k * 32), floor=IssueNumber(0), at=0.0) for k in ("a", "b", "c")
    ]
    assert list(pending(intents)) == ["a" * 32, "b" * 32, "c" * 32]
    settled = [
        *intents,
        NotExecuted(uid=Uid("b" * 32)),
        Recorded(entry=entry("renamed", 1, "a" * 32)),
        Recorded(entry=entry("adopted", 2, None)),
    ]
    assert list(pending(settled).values()) == [intents[2]]


def test_sends_are_kept_in_order() -> None:
    """The limiter's seed is what the journal says was sent."""
    first, second = Sent(at=1.0, content=True), Sent(at=2.0, content=False)
    assert sends([first, Recorded(entry=A), second]) == (first, second)


# ------------------------------------------------------------------- journal codec


@given(events)
@settings(max_examples=60, deadline=None)
def test_an_event_comes_back_as_it_was(event: JournalEvent) -> None:
    """Every event is one line that decodes to itself."""
    line = encode(event)
    assert "\n" not in line
    assert decode(line) == event
    assert line.encode().decode() == line


def test_a_file_name_that_is_not_utf8_survives() -> None:
    """A key with lone surrogates is written as escapes, which every UTF-8 file can hold."""
    odd = Recorded(entry=entry("caf\udce9"))
    assert decode(encode(odd).encode().decode()) == odd
    assert parse_map(dump_map(map_of(odd.entry)).encode().decode()) == map_of(odd.entry)


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ('{"e":"moved","key":"a"}', "event 'moved' is unknown to this version"),
        ('{"e":"sent","at":1.0,"points":5}', "unknown to this version of ghsync: 'points'"),
        ('{"e":"sent"}', "'at' is missing"),
        ('{"e":"sent","at":true}', "'at' has a wrong value"),
        ('{"e":"sent","at":1e999}', "'at' has a wrong value"),
        ('{"e":"sent","at":NaN}', "not valid JSON: NaN"),
        ('{"e":"forgotten","key":"a","number":"1"}', "'number' has a wrong value"),
        ('{"e":"forgotten","key":"a","number":true}', "'number' has a wrong value"),
        ('{"e":"forgotten","key":"a","number":-1}', "'number' has a wrong value"),
        ('{"e":"forgotten","key":"a"}', "'number' is missing"),
        ('{"e":"forgotten","key":"a","key":"b","number":1}', "'key' is given twice"),
        ('["e"]', "not a JSON object"),
        ('{"e":"se', "not valid JSON"),
        ("", "not valid JSON: it ends too early"),
        ("[" * 100_000, "not valid JSON: nested too deeply"),
    ],
)
def test_a_line_that_is_no_event_is_refused(line: str, problem: str) -> None:
    """Nothing is guessed; a newer version's event is named as such."""
    with pytest.raises(ValueError, match=problem) as caught:
        decode(line)
    assert isinstance(caught.value, CodecError)
    assert caught.value.hint


def test_a_time_that_is_no_number_cannot_be_written() -> None:
    """What ``decode`` refuses, ``encode`` does not write."""
    with pytest.raises(ValueError, match="not JSON compliant"):
        encode(Sent(at=math.inf, content=True))


# ----------------------------------------------------------------------- map codec


@given(maps)
@settings(max_examples=60, deadline=None)
def test_a_map_comes_back_as_it_was(sync_map: SyncMap) -> None:
    """Reading what was written gives the map, and writing that gives the same bytes."""
    text = dump_map(sync_map)
    assert parse_map(text) == sync_map
    assert dump_map(parse_map(text)) == text
    assert parse_map(text.replace("\n", "\r\n")) == sync_map


def test_the_map_is_one_item_a_line() -> None:
    """Sorted by key, empty fields left out: the text that people review."""
    base = Base(title="Log in", body="0" * 16, labels=("task",), parent=IssueNumber(2))
    text = dump_map(map_of(B, entry("a", 1, base=base)))
    assert text == (
        "{\n"
        '"schema": "ghsync.map/1",\n'
        '"repo": {"id":5,"full_name":"octo/plans"},\n'
        '"forgotten": [],\n'
        '"items": [\n'
        '{"key":"a","number":1,"id":101,"uid":"ffffffffffffffffffffffffffffffff","kind":"task",'
        '"base":{"title":"Log in","body":"0000000000000000","labels":["task"],"parent":2}},\n'
        '{"key":"b","number":2,"id":102,"uid":"ffffffffffffffffffffffffffffffff","kind":"task"}\n'
        "]\n"
        "}\n"
    )


def test_an_update_of_one_item_changes_one_line() -> None:
    """What git shows, and merges, is the item that changed."""
    before = dump_map(map_of(A, B)).splitlines()
    after = dump_map(fold(map_of(A, B), [Recorded(entry=entry("a", 1, ident="T-1"))])).splitlines()
    assert sum(old != new for old, new in zip(before, after, strict=True)) == 1


def test_any_truncation_is_an_error() -> None:
    """A map cut off anywhere (but for its last line end) is refused, never read as less."""
    text = dump_map(map_of(A, B))
    for end in range(len(text) - 1):
        with pytest.raises(CodecError):
            parse_map(text[:end])


@given(maps, st.data())
@settings(max_examples=60, deadline=None)
def test_any_truncation_of_any_map_is_an_error(sync_map: SyncMap, data: st.DataObject) -> None:
    """The same for maps with wild texts in them."""
    text = dump_map(sync_map)
    with pytest.raises(CodecError):
        parse_map(text[: data.draw(st.integers(0, len(text) - 2))])


@pytest.mark.parametrize(
    "conflict",
    [
        "<<<<<<< HEAD\n{ours}\n=======\n{theirs}\n>>>>>>> topic\n",
        "<<<<<<< HEAD\n{ours}\n||||||| 1234567\n=======\n{theirs}\n>>>>>>> topic\n",
        "{ours}\n=======\n{theirs}\n",
    ],
)
def test_a_merge_conflict_is_explained(conflict: str) -> None:
    """Git's markers are named with their line, and the way out."""
    ours, theirs = dump_map(map_of(A)), dump_map(map_of(B))
    head, tail = ours.splitlines()[:5], ours.splitlines()[6:]
    middle = conflict.format(ours=ours.splitlines()[5], theirs=theirs.splitlines()[5])
    for line_end in ("\n", "\r\n"):
        text = "\n".join([*head, middle.rstrip("\n"), *tail]).replace("\n", line_end)
        with pytest.raises(CodecError, match="git merge conflict markers") as caught:
            parse_map(text)
        assert caught.value.line in (6, 7)
        assert "ghsync map rebuild" in caught.value.hint


def test_one_issue_for_two_items_is_refused() -> None:
    """Both items are named; a merge of two branches can do this without a conflict."""
    text = dump_map(map_of(A, B)).replace('"number":2', '"number":1')
    with pytest.raises(CodecError, match="issue #1 belongs to two items: 'a' and 'b'") as caught:
        parse_map(text)
    assert caught.value.line == 7


def test_one_item_with_two_issues_is_refused() -> None:
    """Both issues are named."""
    text = dump_map(map_of(A, B)).replace('"key":"b"', '"key":"a"')
    with pytest.raises(CodecError, match="two items have the key 'a': issues #1 and #2") as caught:
        parse_map(text)
    assert caught.value.line == 7


def edited(**fields: object) -> str:
    return json.dumps(json.loads(dump_map(map_of(A, B))) | fields)


ITEM = {"key": "a", "number": 1, "id": 2, "kind": "task"}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "it ends too early"),
        ("null", "the map is not a JSON object"),
        ("[]", "the map is not a JSON object"),
        ("{}", "the schema is None"),
        ("\0" * 300, "not valid JSON"),
        (edited(schema="ghsync.map/2"), "written by another version of ghsync"),
        (edited(schema="other"), "not a sync map"),
        (edited(generation=3), "unknown to this version of ghsync: 'generation'"),
        (edited(repo=None), "'repo' has a wrong value"),
        (edited(repo={"id": "5"}), "'id' has a wrong value"),
        (edited(forgotten=["5"]), "'forgotten' has a wrong value"),
        (edited(items=None), "'items' has a wrong value"),
        (edited(items={}), "'items' has a wrong value"),
        (edited(items=["a"]), "item number 1 of the list: an item is not a JSON object"),
        (edited(items=[ITEM | {"number": None}]), "item 'a': the field 'number' has a wrong value"),
        (edited(items=[ITEM | {"kind": "story"}]), "item 'a': the field 'kind' holds 'story'"),
        (edited(items=[ITEM | {"base": {"title": "x"}}]), "item 'a': the field 'body' is missing"),
        (edited(items=[ITEM | {"type": "Bug"}]), "item 'a': the item has a field unknown"),
        ('{"schema":"ghsync.map/1","items":[],"items":[]}', "'items' is given twice"),
    ],
)
def test_what_is_no_map_is_refused(text: str, problem: str) -> None:
    """Each with what is wrong and what to do, and never as an empty map."""
    with pytest.raises(CodecError, match=problem) as caught:
        parse_map(text)
    assert "ghsync map rebuild" in caught.value.hint


def test_a_reformatted_map_is_read() -> None:
    """A formatter in a commit hook may lay the JSON out anew."""
    assert parse_map(json.dumps(json.loads(dump_map(map_of(A, B))), indent=4)) == map_of(A, B)


def test_the_documented_map_is_one() -> None:
    """The example in the documentation is what ghsync itself would write."""
    page = Path(__file__).parents[1] / "docs" / "state-files.md"
    example = page.read_text("utf-8").split("```json\n")[1].split("```")[0]
    assert dump_map(parse_map(example)) == example


def test_a_new_child_changes_no_line_but_its_own() -> None:
    """Two branches that each add a task to one epic merge; an order of one's own is kept."""
    epic = child("e/epic", 1, children=(2, 3))
    two = [child("e/001", 2, parent=1), child("e/002", 3, parent=1)]
    three = [*two, child("e/003", 4, parent=1)]
    before = dump_map(family(epic, *two)).splitlines()
    grown = replace(epic, base=replace(epic.base, children=(2, 3, 4)))  # type: ignore[type-var]
    after = dump_map(family(grown, *three)).splitlines()
    assert {line.rstrip(",") for line in before} < {line.rstrip(",") for line in after}
    for children in ((), (3, 2), (2, 3)):
        own = family(child("e/epic", 1, children=children), *two)
        assert parse_map(dump_map(own)) == own


def child(
    key: str, number: int, *, parent: int | None = None, children: tuple[int, ...] = ()
) -> Entry:
    """An entry of a file."""
    base = Base(
        title=key,
        body="0" * 16,
        parent=None if parent is None else IssueNumber(parent),
        children=tuple(map(IssueNumber, children)),
    )
    return Entry(
        key=Key(key),
        number=IssueNumber(number),
        id=IssueId(number),
        uid=None,
        kind=Kind.TASK,
        path=f"{key}.md",
        base=base,
    )


def family(*entries: Entry) -> SyncMap:
    """A map of these entries."""
    return SyncMap(repo_id=RepoId(1), repo="o/r", entries={each.key: each for each in entries})
