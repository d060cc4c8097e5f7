"""Merging two edited texts: held against ``git merge-file``, symmetric, nothing lost."""

from __future__ import annotations

import random
import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ghsync.linediff import edits
from ghsync.textmerge import Side, TextMerge, carry_back, merge_text, merge_without_base, with_tick

Lines = list[str]


@st.composite
def edited(draw: st.DrawFn, words: st.SearchStrategy[str]) -> tuple[Lines, Lines, Lines]:
    """A text and two edits of it; ``words`` are the lines there are."""
    base = draw(st.lists(words, max_size=12))

    def side(mark: str) -> Lines:
        lines = list(base)
        for n in range(draw(st.integers(0, 3))):
            at = draw(st.integers(0, len(lines)))
            new = [f"{draw(words)}{mark}{n}" for _ in range(draw(st.integers(0, 2)))]
            lines[at : at + draw(st.integers(0, 2))] = new
        return [*lines, "end"]

    return [*base, "end"], side("<"), side(">")


FEW = st.sampled_from(["", "a", "b", "c"])
UNIQUE = st.integers(0, 10**9).map("line {}".format)


def merged(base: Lines, local: Lines, remote: Lines) -> TextMerge:
    """Merge lines."""
    return merge_text("\n".join(base), "\n".join(local), "\n".join(remote))


def by_git(folder: Path, base: Lines, local: Lines, remote: Lines) -> tuple[bool, str]:
    """What ``git merge-file`` says: whether there is a conflict, and the text."""
    for name, lines in (("base", base), ("local", local), ("remote", remote)):
        (folder / name).write_text("".join(f"{line}\n" for line in lines))
    command = ["git", "merge-file", "-p", "-q", "local", "base", "remote"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    return done.returncode != 0, done.stdout


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=edited(UNIQUE))
def test_it_merges_as_git_does(tmp_path: Path, texts: tuple[Lines, Lines, Lines]) -> None:
    """The same verdict on any edits, and where both merge cleanly, the same text."""
    conflict, text = by_git(tmp_path, *texts)
    ours = merged(*texts)
    assert bool(ours.conflicts) == conflict
    if not conflict:
        assert f"{ours.text}\n" == text


def test_with_repeated_lines_git_is_met_but_for_a_few_placings(tmp_path: Path) -> None:
    """Among equal lines several shortest edits exist; of 400 such merges 1 % may differ."""
    rng = random.Random(5)
    differ = 0
    for _ in range(400):
        base = [rng.choice(["", "a", "b", "c"]) for _ in range(rng.randrange(12))]
        sides = []
        for _ in range(2):
            side = list(base)
            for _ in range(rng.randrange(4)):
                at = rng.randrange(len(side) + 1)
                new = [rng.choice(["", "a", "b", "c"]) for _ in range(rng.randrange(3))]
                side[at : at + rng.randrange(3)] = new
            sides.append([*side, "end"])
        conflict, text = by_git(tmp_path, [*base, "end"], sides[0], sides[1])
        ours = merged([*base, "end"], sides[0], sides[1])
        differ += bool(ours.conflicts) != conflict or (not conflict and f"{ours.text}\n" != text)
    assert differ <= 4


TASKS = st.builds(
    "- [{}] {}".format, st.sampled_from([" ", "x", "X"]), st.sampled_from(["a b c", "d e f", "g"])
)


@given(texts=st.one_of(edited(FEW), edited(UNIQUE), edited(st.one_of(FEW, TASKS))))
def test_merging_is_symmetric(texts: tuple[Lines, Lines, Lines]) -> None:
    """With the sides exchanged the same text and the same conflicts come out."""
    base, local, remote = ("\n".join(lines) for lines in texts)
    one = merge_text(base, local, remote, prefer="local")
    other = merge_text(base, remote, local, prefer="remote")
    assert one.text == other.text
    assert [(h.base, h.local, h.remote) for h in one.conflicts] == [
        (h.base, h.remote, h.local) for h in other.conflicts
    ]


@given(texts=st.one_of(edited(FEW), edited(UNIQUE), edited(TASKS)))
def test_what_one_side_alone_wrote_is_in_the_merge(texts: tuple[Lines, Lines, Lines]) -> None:
    """Each line that a side added is in a clean merge, ticks aside; what it removed is not."""
    base, local, remote = texts
    ours = merged(*texts)
    if ours.conflicts:
        return
    plain = [with_tick(line.text, " ") for line in ours.lines]
    for side, other in ((local, remote), (remote, local)):
        added = {with_tick(line, " ") for line in side if line[-2:-1] in ("<", ">")}
        assert added <= set(plain)
        if other == base:
            assert ours.text == "\n".join(side).rstrip()


@given(texts=st.one_of(edited(FEW), edited(UNIQUE), edited(TASKS)))
def test_merging_with_an_unchanged_or_equal_side(texts: tuple[Lines, Lines, Lines]) -> None:
    """merge(b, l, b) is l; merge(b, l, l) is l; merging the merge again changes nothing."""
    base, local, remote = texts
    assert merged(base, local, base).text == "\n".join(local)
    assert merged(base, local, local).text == "\n".join(local)
    ours = merged(*texts)
    if not ours.conflicts:
        # The base after a push of the merge is the local text, after a pull the remote one.
        result = [line.text for line in ours.lines]
        assert merged(local, local, result).text == ours.text
        assert merged(remote, result, remote).text == ours.text


@given(texts=st.one_of(edited(FEW), edited(UNIQUE), edited(TASKS)))
def test_each_line_says_where_it_comes_from(texts: tuple[Lines, Lines, Lines]) -> None:
    """The indices lead to the line itself, but for its tick."""
    _, local, remote = texts
    for line in merged(*texts).lines:
        assert line.local is not None or line.remote is not None
        for at, side in ((line.local, local), (line.remote, remote)):
            if at is not None:
                assert with_tick(side[at], " ") == with_tick(line.text, " ")


@given(old=st.lists(FEW, max_size=14), new=st.lists(FEW, max_size=14))
def test_edits_lead_from_one_text_to_the_other(old: Lines, new: Lines) -> None:
    """Applied to the old text they give the new one, and between two of them lines are kept."""
    result: Lines = []
    at = last = 0
    for edit in edits(old, new):
        assert edit.start > last or not result
        assert edit.end > edit.start or edit.new_end > edit.new_start
        result += old[at : edit.start] + new[edit.new_start : edit.new_end]
        at = last = edit.end
    assert result + old[at:] == new


# ------------------------------------------------------------------------------ ticks

LIST = ["# Tasks", "- [ ] write the code", "- [ ] write docs", "- [ ] release"]


@pytest.mark.parametrize(
    ("local", "remote", "want"),
    [
        pytest.param(
            [*LIST[:2], "- [ ] write all docs", LIST[3]],
            [*LIST[:2], "- [x] write docs", LIST[3]],
            [*LIST[:2], "- [x] write all docs", LIST[3]],
            id="the same line",
        ),
        pytest.param(
            [*LIST[:2], "- [ ] review", *LIST[2:]],
            [LIST[0], "- [x] write the code", "- [X] write docs", LIST[3]],
            [LIST[0], "- [x] write the code", "- [ ] review", "- [X] write docs", LIST[3]],
            id="a task between two ticked ones",
        ),
        pytest.param(
            [LIST[0], "- [x] write the code", *LIST[2:]],
            [*LIST[:2], "- [x] write docs", LIST[3]],
            [LIST[0], "- [x] write the code", "- [x] write docs", LIST[3]],
            id="two lines, one on each side",
        ),
        pytest.param(
            ["# All tasks", *LIST[1:]],
            [LIST[0], "- [x] write the code", *LIST[2:]],
            ["# All tasks", "- [x] write the code", *LIST[2:]],
            id="the line above",
        ),
    ],
)
def test_a_tick_merges_with_an_edit_of_its_line(local: Lines, remote: Lines, want: Lines) -> None:
    """Where git has a conflict, a tick and an edit of the words are merged apart."""
    assert (merged(LIST, local, remote).text, merged(LIST, local, remote).conflicts) == (
        "\n".join(want),
        (),
    )


@pytest.mark.parametrize(
    "local",
    [
        pytest.param([*LIST[:2], LIST[3]], id="removed"),
        pytest.param([*LIST[:2], "- [ ] buy milk", LIST[3]], id="replaced by another task"),
        pytest.param([*LIST[:2], "write docs", LIST[3]], id="no task any more"),
    ],
)
def test_a_tick_of_a_line_that_is_gone_is_a_conflict(local: Lines) -> None:
    """A tick is never put on another task, and never dropped in silence."""
    ticked = [*LIST[:2], "- [x] write docs", LIST[3]]
    (hunk,) = merged(LIST, local, ticked).conflicts
    assert "- [x] write docs" in hunk.remote


# ------------------------------------------------------------- conflicts, and the way back


def test_a_conflict_names_both_sides_and_the_rest_is_merged() -> None:
    """Each side's lines with their place; clean changes of either side are in the text anyhow."""
    base = ["a", "b", "c", "d", "e", "f", "g"]
    local = ["a", "B1", "c", "d", "e", "F", "g"]
    remote = ["new", "a", "B2", "c", "d", "e", "f", "g", "h"]
    wins: list[tuple[Side, str]] = [("local", "B1"), ("remote", "B2")]
    for prefer, line in wins:
        ours = merge_text(*("\n".join(t) for t in (base, local, remote)), prefer=prefer)
        assert ours.text.split("\n") == ["new", "a", line, "c", "d", "e", "F", "g", "h"]
        (hunk,) = ours.conflicts
        assert (hunk.base, hunk.local, hunk.remote) == (("b",), ("B1",), ("B2",))
        assert (hunk.local_line, hunk.remote_line) == (2, 3)


def test_without_a_base_one_text_is_taken_whole() -> None:
    """Nobody knows who changed what: the whole texts are the conflict."""
    ours = merge_without_base("a\nmine\nz", "a\ntheirs\nz", prefer="remote")
    assert ours.text == "a\ntheirs\nz"
    (hunk,) = ours.conflicts
    assert (hunk.local, hunk.remote) == (("mine",), ("theirs",))
    assert merge_without_base("same", "same", prefer="local").conflicts == ()


def test_a_merge_is_carried_back_into_the_files_own_lines() -> None:
    """Local lines keep the file's form (a link, a mention), others are translated, ticks set."""
    raw = ["See [x](x.md).", "* [ ] ask @ann"]
    local = ["See #4.", "* [ ] ask ann", "", "end"]
    remote = ["See #4.", "* [x] ask ann", "", "end", "more #4"]
    ours = merged(["See #4.", "* [ ] ask ann", "", "end"], local, remote)
    fitted = ours.text.replace("#4", "[x](x.md)").split("\n")
    back = carry_back(ours, [*raw, "", "end"], fitted)
    assert back == ("See [x](x.md).", "* [x] ask @ann", "", "end", "more [x](x.md)")


def test_it_stays_bounded_where_diffs_are_quadratic() -> None:
    """5,000 lines in another order or of few kinds; a full search would look at 10^8 places."""
    rng = random.Random(1)
    base = [f"line {n}" for n in range(5000)]
    few = [[rng.choice("abcde") for _ in base] for _ in range(3)]
    assert merged(base, rng.sample(base, 5000), base[::-1]).conflicts
    assert merged(few[0], few[1], few[2]).conflicts


def test_empty_texts() -> None:
    """A body that appears or disappears on one side alone."""
    assert merge_text("", "new", "").text == "new"
    assert merge_text("old", "", "old").text == ""
    assert len(merge_text("", "mine", "theirs").conflicts) == 1
