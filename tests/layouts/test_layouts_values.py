"""Status words, priorities, recorded issues, headings, bytes and globs."""

from __future__ import annotations

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ghsync.layouts import globs, markdown, priority, recorded, status, texts
from ghsync.model import Priority, Severity, State, StateReason

CLOSED = (
    "closed, complete, completed, done, implemented, released, resolved, merged, shipped, fixed"
)
NOT_PLANNED = (
    "cancelled, canceled, wont do, won't do, wontfix, skip, skipped, rejected, abandoned, "
    "superseded, obsolete, duplicate, split"
)


@pytest.mark.parametrize("word", CLOSED.split(", "))
def test_words_that_close(word: str) -> None:
    """Done in any spelling is closed as completed."""
    for spelling in (word, word.upper(), f" {word} ", f"✅ {word.title()}"):
        verdict = status.judge(spelling)
        assert (verdict.state, verdict.reason) == (State.CLOSED, StateReason.COMPLETED)


@pytest.mark.parametrize("word", NOT_PLANNED.split(", "))
def test_words_that_close_as_not_planned(word: str) -> None:
    """Given up in any spelling is closed as not planned."""
    for spelling in (word, word.replace(" ", "-"), word.replace(" ", "_").upper()):
        assert status.judge(spelling).reason is StateReason.NOT_PLANNED


@pytest.mark.parametrize("word", ["open", "in-progress", "in_progress", "In Progress", "To Do"])
def test_words_that_are_open(word: str) -> None:
    """Known open words are open without a word about it."""
    verdict = status.judge(word)

    assert (verdict.state, verdict.known) == (State.OPEN, True)


def test_an_unknown_word_is_open() -> None:
    """A word that nobody knows is open, and known to be unknown."""
    assert not status.judge("epic_created").known
    assert status.judge("epic_created").state is State.OPEN


def test_own_words_win() -> None:
    """A layout's own words are asked first."""
    own = {"Parked": StateReason.NOT_PLANNED, "done": None}

    assert status.judge("parked", own).reason is StateReason.NOT_PLANNED
    assert status.judge("Done", own).state is State.OPEN


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("critical", Priority.CRITICAL),
        ("P0 - CRITICAL GAP", Priority.CRITICAL),
        ("urgent", Priority.CRITICAL),
        ("High", Priority.HIGH),
        ("P1", Priority.HIGH),
        ("p2", Priority.MEDIUM),
        ("low", Priority.LOW),
        ("P3", Priority.LOW),
        (None, Priority.MEDIUM),
        ("whatever", Priority.MEDIUM),
    ],
)
def test_priorities(text: str | None, expected: Priority) -> None:
    """Words and P-numbers; medium by default."""
    assert priority.judge(text) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://github.com/o/r/issues/12", (12, "o/r")),
        ("<https://github.com/o/r/issues/12>", (12, "o/r")),
        ("https://github.com/o/r/issues/12#issuecomment-5", (12, "o/r")),
        ("https://ghe.example/api/v3/repos/o/r/issues/12", (12, "o/r")),
        ("[#12](https://github.com/o/r/issues/12)", (12, "o/r")),
        ("o/r#12", (12, "o/r")),
        ("12", (12, None)),
        ('"#101"', (101, None)),
        ("github.com/o/r/issues/12", (12, "o/r")),
        ("https://github.com/owner/repo/issues/7", None),
        ("https://github.com/[owner]/[repo]/issues/7", None),
        ("007", None),
        ("0", None),
        ("[Will be updated when synced to GitHub]", None),
        ("(will be set on sync)", None),
        ("https://github.com/o/r/pull/12", None),
        ("https://github.com/o/r/issues/XXX", None),
        ("N/A", None),
        ("", None),
    ],
)
def test_the_issue_in_a_text(text: str, expected: tuple[int, str | None] | None) -> None:
    """Numbers and URLs in all their forms, and placeholders that say nothing."""
    assert recorded.issue_in(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("# A ##\n", "A"),
        ("```\n# no\n```\n# Yes\n", "Yes"),
        ("~~~md\n# no\n```\n~~~\n# Yes", "Yes"),
        ("<!--\n# no\n-->\n# Yes", "Yes"),
        ("Title\n=====\n", "Title"),
        ("## only two\n", None),
        ("#hashtag\n# \n# **Bold all**\n", "Bold all"),
        ("# *a* and *b*\n", "*a* and *b*"),
    ],
)
def test_the_first_h1(text: str, expected: str | None) -> None:
    """Headings in code and comments are none."""
    assert markdown.first_h1(text) == expected


@pytest.mark.parametrize(
    "data",
    [
        codecs.BOM_UTF8 + "a\nä".encode(),
        codecs.BOM_UTF16_LE + "a\nä".encode("utf-16-le"),
        codecs.BOM_UTF16_BE + "a\nä".encode("utf-16-be"),
        b"a\r\n\xc3\xa4",
        b"a\r\xc3\xa4",
        b"a\n\xc3\xa4",
    ],
)
def test_bytes_become_text(data: bytes) -> None:
    """Byte order marks, UTF-16 and all line ends give the same text."""
    decoded = texts.decode("a.md", data)

    assert (decoded.text, decoded.finding) == ("a\nä", None)


def test_utf16_without_a_mark_is_seen_by_its_nuls() -> None:
    """Every other byte is NUL, so it is UTF-16."""
    source = "---\nname: A task\n---\nSome words\n"

    assert texts.decode("a.md", source.encode("utf-16-le")).text == source
    assert texts.decode("a.md", source.encode("utf-16-be")).text == source


def test_bytes_that_are_no_utf8_are_an_error_at_their_line() -> None:
    """Latin-1 is refused with its line, lone CR counted."""
    finding = texts.decode("a.md", b"one\rtwo\r\nna\xefve\n").finding

    assert finding is not None
    assert (finding.code, finding.line, finding.severity) == ("not_utf8", 3, Severity.ERROR)


def test_nul_is_replaced_and_said() -> None:
    """A NUL among text becomes U+FFFD."""
    decoded = texts.decode("a.md", b"one\ntwo\0three and more text\n")

    assert decoded.text == "one\ntwo\N{REPLACEMENT CHARACTER}three and more text\n"
    assert decoded.finding is not None
    assert (decoded.finding.code, decoded.finding.line) == ("nul_character", 2)


@given(st.binary(max_size=300))
def test_any_bytes_are_decoded_or_refused(data: bytes) -> None:
    """Nothing raises, and no text holds CR or NUL."""
    decoded = texts.decode("a.md", data)

    assert not {"\r", "\0"} & set(decoded.text)


@pytest.mark.parametrize(
    ("path", "glob", "expected"),
    [
        ("tasks/a.md", "tasks/*.md", True),
        ("tasks/b/a.md", "tasks/*.md", False),
        ("tasks/b/c/a.md", "tasks/**/*.md", True),
        ("tasks/a.md", "tasks/**/*.md", True),
        ("x/tasks/a.md", "**/tasks/*.md", True),
        ("tasks/T01.md", "tasks/T[0-9]?.md", True),
        ("tasks/a+b.md", "tasks/a+b.md", True),
        ("tasks/a.md", "**", True),
    ],
)
def test_globs(path: str, glob: str, expected: bool) -> None:
    """One star stays in a folder, two cross folders."""
    assert globs.matches(path, glob) is expected
