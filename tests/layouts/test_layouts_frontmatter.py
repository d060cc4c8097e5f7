"""Frontmatter: where it starts and ends, which lines count, and what is odd about it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ghsync.layouts import fields, frontmatter
from ghsync.layouts.frontmatter import Document
from ghsync.model import Severity


def read(text: str) -> Document:
    """Parse one text."""
    return frontmatter.parse("a.md", text)


def value(document: Document, name: str) -> str | None:
    """The text of a field."""
    found = fields.one(document, (name,))
    return found.text if found else None


def codes(document: Document) -> list[tuple[str, int]]:
    """The codes and lines of the findings."""
    return [(finding.code, finding.line) for finding in document.findings]


def test_the_body_starts_after_the_frontmatter() -> None:
    """Leading blank lines and trailing space go; the body's line is known."""
    document = read("---\ntitle: A\n---\n\n\n# Head\ntext  \n\n")

    assert (document.body, document.body_line) == ("# Head\ntext", 6)


def test_rules_in_a_file_without_frontmatter_are_body() -> None:
    """A ``---`` further down opens nothing."""
    document = read("# A\n\n---\nb: c\n---\n")

    assert document.body == "# A\n\n---\nb: c\n---"
    assert not document.has_frontmatter


def test_two_rules_around_prose_are_body() -> None:
    """A file that starts with a rule and prose has no frontmatter."""
    document = read("---\nJust some words\n---\nmore\n")

    assert document.body == "---\nJust some words\n---\nmore"
    assert document.findings == ()


def test_frontmatter_never_closed_is_body_with_a_warning() -> None:
    """The whole text is the body, and line 1 says why."""
    document = read("---\nname: A\nstatus: open\n\n# A\n")

    assert document.body.startswith("---\nname: A")
    assert codes(document) == [("frontmatter_unclosed", 1)]
    assert document.findings[0].severity is Severity.WARNING


def test_a_heading_inside_the_frontmatter_is_an_error() -> None:
    """Prose between the rules is invalid YAML at its line."""
    document = read("---\nname: A\n# Head\nSome prose here\n---\nb\n")

    assert codes(document) == [("yaml_invalid", 4)]
    assert "below the closing '---'" in document.findings[0].message
    assert document.broken


@pytest.mark.parametrize(
    ("line", "advice"),
    [
        ("assignee: @octocat", '"@octocat"'),
        ("title: Fix: the thing", '"Fix: the thing"'),
        ("title: {{title}}", "Fill in the template"),
        ('title: "A" b', "Close the quote"),
        ("howto: [a](b)", '"[a](b)"'),
    ],
)
def test_invalid_yaml_says_how_to_mend_it(line: str, advice: str) -> None:
    """The finding names the file's line and the change to make."""
    document = read(f"---\nname: A\n{line}\nstatus: open\n---\nb\n")

    assert codes(document) == [("yaml_invalid", 3)]
    assert advice in document.findings[0].message


def test_what_is_readable_of_a_broken_file_is_kept() -> None:
    """A broken file still has its simple fields, so that it can be named."""
    document = read("---\nname: A\nassignee: @me\n---\nb\n")

    assert value(document, "name") == "A"
    assert document.body == "b"


def test_an_impossible_date_is_a_warning() -> None:
    """The text is taken; that other readers fail on it is said."""
    document = read("---\nname: A\ndue: 2025-02-30\n---\n")

    assert value(document, "due") == "2025-02-30"
    assert codes(document) == [("suspicious_date", 3)]


def test_a_boolean_for_a_word_shows_both_readings() -> None:
    """``no`` as a label is the text no, and a warning."""
    document = read("---\nname: A\nlabels: [no, ui]\n---\n")

    assert codes(document) == [("suspicious_boolean", 3)]
    assert "'no'" in document.findings[0].message
    assert "false" in document.findings[0].message


def test_ordinary_dates_and_flags_say_nothing() -> None:
    """``created`` and ``parallel`` are what they look like."""
    assert codes(read("---\nname: A\ncreated: 2025-02-28\nparallel: true\n---\n")) == []


def test_a_value_cut_off_shows_both_readings() -> None:
    """Everything after `` #`` is a comment to YAML."""
    document = read("---\nname: Triage PR #562 — classify\n---\n")

    assert value(document, "name") == "Triage PR"
    assert codes(document) == [("value_cut", 2)]
    assert '"Triage PR #562 — classify"' in document.findings[0].message


def test_a_number_behind_a_hash_is_nothing_and_said() -> None:
    """``github: #47`` is null in YAML."""
    document = read("---\nname: A\ngithub: #47\n---\n")

    assert value(document, "github") is None
    assert codes(document) == [("value_cut", 3)]
    assert '"#47"' in document.findings[0].message


def test_a_comment_that_is_one_says_nothing() -> None:
    """A comment after a status or a list is a comment."""
    text = "---\nname: A\nstatus: open  # or closed\ndepends_on: [001]  # the schema\n---\n"

    assert codes(read(text)) == []


def test_the_last_of_two_fields_wins_but_never_an_empty_one() -> None:
    """Both readings are shown."""
    document = read("---\nstatus: open\nstatus: done\nname: A\nname:\n---\n")

    assert (value(document, "status"), value(document, "name")) == ("done", "A")
    assert codes(document) == [("duplicate_field", 3), ("duplicate_field", 5)]
    assert "'done' (line 3) is taken, not 'open' (line 2)" in document.findings[0].message
    assert "'A' (line 4) is taken, not nothing (line 5)" in document.findings[1].message


def test_names_of_fields_are_folded() -> None:
    """Case, dashes and spaces in a field's name do not matter."""
    document = read("---\nDepends-On: [1]\n---\n")

    assert [text.text for text in fields.many(document, ("depends_on",))] == ["1"]


def test_blank_lines_before_the_frontmatter_count() -> None:
    """Lines stay those of the file."""
    document = read("\n\n---\nname: A\nname: B\n---\n\nbody\n")

    assert codes(document) == [("duplicate_field", 5)]
    assert document.body_line == 8


@given(st.text(max_size=200))
def test_any_text_is_read(text: str) -> None:
    """Nothing raises, with or without rules around it."""
    for source in (text, f"---\n{text}\n---\n{text}"):
        document = read(source.replace("\r", "\n"))
        assert document.body == document.body.rstrip()
