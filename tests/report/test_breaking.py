"""Lines broken for a terminal: at blanks, between ideographs, inside what fits no row."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from ghsync.report.breaking import offsets

TEXTS = st.text(st.sampled_from("ab .,()購入「」。ーé🙂👩\u200d한́"), max_size=80)


def rows(text: str, first: int, rest: int) -> list[str]:
    """The rows, with the blanks at their ends."""
    cuts = [0, *offsets(text, first, rest), len(text)]
    return [text[start:end] for start, end in pairwise(cuts)]


def test_words_go_to_the_next_row_whole() -> None:
    """A blank is where a row ends."""
    assert rows("one two three", 8, 8) == ["one two ", "three"]


def test_a_giant_begins_where_there_is_room() -> None:
    """What fits no row is cut, and does not leave the row before it empty."""
    assert rows("task  " + "x" * 40, 20, 20) == ["task  " + "x" * 14, "x" * 20, "x" * 6]
    assert rows("a longer head  " + "x" * 40, 20, 20)[0] == "a longer head  "


def test_a_path_is_cut_between_its_names() -> None:
    """Where that does not leave half of a row empty."""
    assert rows("a/long/path/to/some/file.md", 18, 18) == ["a/long/path/to/", "some/file.md"]
    assert rows("a/" + "x" * 30, 18, 18) == ["a/" + "x" * 16, "x" * 14]


def test_text_without_blanks_is_broken_between_ideographs() -> None:
    """Not before a closing bracket, a full stop or a long mark, nor after an opening bracket."""
    assert rows("epic  購入フローを直す", 16, 12) == ["epic  購入フロー", "を直す"]
    for room in range(8, 20):
        found = rows("見出し（購入）。「はい」" * 3, room, room)
        assert not [row for row in found[1:] if row.startswith(("）", "。", "」"))]
        assert not [row for row in found[:-1] if row.endswith(("（", "「"))]


def test_what_belongs_together_stays_together() -> None:
    """A combining mark is never the first of a row, nor is half of an emoji."""
    family = "👩\u200d👧"
    for row in rows("x" * 11 + family * 8, 12, 12):
        assert not row.startswith("\u200d")
        assert not row.rstrip().endswith("\u200d")
    assert all(not row.startswith("\u0301") for row in rows("e\u0301" * 40, 13, 13))


@given(TEXTS, st.integers(4, 30), st.integers(4, 30))
def test_nothing_is_lost_and_nothing_sticks_out(text: str, first: int, rest: int) -> None:
    """The rows are the text, and each fits, unless a single sign is wider than its row."""
    found = rows(text, first, rest)
    assert "".join(found) == text
    for number, row in enumerate(found):
        room = rest if number else first
        assert cell_len(row.rstrip()) <= room or "\u200d" in row, (row, room)
