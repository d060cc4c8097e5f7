"""Renames reach the journal in an order that a torn write does not hurt."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from test_journal import entry

from ghsync.journal import SyncMap, fold, rekeyed
from ghsync.model import IssueNumber, Key, Rename

NAMES = "abcdefgh"


@given(st.permutations(NAMES), st.integers(min_value=0, max_value=len(NAMES)))
def test_no_prefix_of_renames_loses_an_entry(order: list[str], known: int) -> None:
    """Chains and circles alike: whatever was written of them, each issue has a key of its own."""
    entries = {Key(name): entry(name, number) for number, name in enumerate(NAMES[:known], 1)}
    renames = [
        Rename(old=Key(old), new=Key(new), number=IssueNumber(number))
        for number, (old, new) in enumerate(zip(NAMES[:known], order, strict=False), 1)
        if old != new
    ]
    events = rekeyed(renames)
    before = SyncMap(entries=entries)
    for cut in range(len(events) + 1):
        left = fold(before, events[:cut])
        assert {each.number for each in left.entries.values()} == set(range(1, known + 1))
    moved = {rename.number: rename.new for rename in renames}
    after = {each.number: key for key, each in fold(before, events).entries.items()}
    assert after == {e.number: moved.get(e.number, key) for key, e in entries.items()}
