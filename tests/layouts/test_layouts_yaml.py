"""YAML as text: nothing is turned into a number, a date or a boolean; nothing gets out of hand."""

from __future__ import annotations

import contextlib
import time
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ghsync.layouts import plainyaml, yamltext
from ghsync.layouts.yamltext import Mapping, Scalar, Sequence, Value, YamlError


def plain(value: Value | None) -> object:
    """The value without its columns and sources."""
    match value:
        case Scalar(text=text, line=line, plain=is_plain):
            return text, line, is_plain
        case Sequence(items=items, line=line):
            return [plain(item) for item in items], line
        case Mapping(entries=entries):
            return [(plain(key), plain(inner)) for key, inner in entries]
    return None


def texts(source: str) -> object:
    """The value as texts alone."""
    return only_text(yamltext.read(source))


def only_text(value: Value | None) -> object:
    """A scalar's text, a list of texts, a dict of texts."""
    match value:
        case Scalar(text=text):
            return text
        case Sequence(items=items):
            return [only_text(item) for item in items]
        case Mapping(entries=entries):
            return {key.text: only_text(inner) for key, inner in entries}
    return None


@pytest.mark.parametrize(
    "word", ["010", "1.10", "1e3", "0x1F", "12:30:45", "yes", "off", "2025-02-30", "+1", "1_000"]
)
def test_scalars_stay_the_text_they_are(word: str) -> None:
    """Octal, floats, sexagesimals, booleans and dates are all read as their characters."""
    assert texts(f"a: {word}\nb: [{word}]\n") == {"a": word, "b": [word]}


@pytest.mark.parametrize("word", ["", " null", " ~", " NULL"])
def test_null_and_empty_are_nothing(word: str) -> None:
    """The ways to write null are all nothing; a quoted null is text."""
    assert texts(f"a:{word}\nb: 'null'\n") == {"a": None, "b": "null"}


def test_lines_are_those_of_the_values() -> None:
    """Every key and value knows its line."""
    value = yamltext.read("a: x\nb:\n  - y\n  - z\n")

    assert plain(value) == [
        (("a", 0, True), ("x", 0, True)),
        (("b", 1, True), ([("y", 2, True), ("z", 3, True)], 2)),
    ]


def test_deep_nesting_is_refused() -> None:
    """A tower of brackets is an error, not a crash of the parser underneath."""
    with pytest.raises(YamlError, match="deep"):
        yamltext.read("a: " + "[" * 200 + "]" * 200)


def test_aliases_do_not_multiply() -> None:
    """A billion laughs are refused by the count of the values they stand for."""
    lines = ["a: &a [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"{n}: &{n} [{', '.join([f'*{p}'] * 10)}]" for p, n in pairwise("abcdefg")]

    with pytest.raises(YamlError, match="aliases"):
        yamltext.read("\n".join(lines))


def test_an_alias_gives_the_value_again() -> None:
    """An ordinary alias is read."""
    assert texts("a: &x one\nb: *x\n") == {"a": "one", "b": "one"}


@pytest.mark.parametrize(
    ("source", "line"),
    [("a: b: c\n", 0), ("ok: 1\na: @x\n", 1), ("a: [x\nb: y\n", 0), ("{{id}}: 1\n", 0)],
)
def test_errors_name_their_line(source: str, line: int) -> None:
    """What is no YAML is an error with the line."""
    with pytest.raises(YamlError) as caught:
        yamltext.read(source)

    assert caught.value.line == line


def test_a_huge_nest_is_refused_quickly() -> None:
    """Sixty thousand brackets do not keep the parser busy."""
    begun = time.process_time()

    with pytest.raises(YamlError):
        yamltext.read("a: " + "[" * 60_000)

    assert time.process_time() - begun < 5


@given(st.text(max_size=60))
def test_no_text_gets_past_the_error(source: str) -> None:
    """Any text is read or is a YamlError."""
    with contextlib.suppress(YamlError):
        yamltext.read(source)


WORD = st.text(alphabet="ab1_/:, []-.'\"&*!|>%@`?~中é\\=<();+$^{}#\t", max_size=9)
NAME = st.sampled_from(["a", "depends_on", "_x", "K9", "k-e-y", "null", "yes"])
LINE = st.one_of(
    st.builds("{}{}{}".format, NAME, st.sampled_from([":", ": ", ":  "]), WORD),
    st.builds("{}:{}".format, NAME, st.sampled_from(["", " ", " []", " [ ]", " ''", ' ""', " ~"])),
    st.builds("{}: {}".format, NAME, st.builds("[{}]".format, WORD)),
    st.builds("{}: '{}'".format, NAME, WORD),
    st.builds('{}: "{}"'.format, NAME, WORD),
    st.builds("{}- {}".format, st.sampled_from(["", "  ", "    "]), WORD),
    st.builds("{}- '{}'".format, st.sampled_from(["", "  "]), WORD),
    st.sampled_from(["", " ", "  text", "- ", "-", "---", "...", "? a"]),
)
SOURCES = st.builds(
    "{}{}".format, st.lists(LINE, max_size=6).map("\n".join), st.sampled_from(["", "\n"])
)


def exact(value: Value | None) -> object:
    """Everything that is read of a value: texts, lines, columns, sources."""
    match value:
        case Scalar(text=None, line=line, plain=plain):
            return ("nothing", line, plain)  # what is empty ends nowhere
        case Scalar(text=text, line=line, plain=plain, end_line=last, end_column=column):
            return (text, line, plain, last, column)
        case Sequence(items=items, line=line, raw=raw):
            return ([exact(item) for item in items], line, raw)
        case Mapping(entries=entries, line=line):
            return ([(exact(key), exact(inner)) for key, inner in entries], line)
    return None


@settings(max_examples=600)
@given(SOURCES)
def test_the_quick_reader_agrees_with_the_parser(source: str) -> None:
    """What is read without the parser is what the parser reads: places and sources, too."""
    quick = plainyaml.read(source)

    if quick is not None:
        assert exact(quick) == exact(yamltext.parse(source))


FRONTMATTER = """name: Task 3 - do it (now), "soon"
status: in-progress

created: 2025-08-29T17:42:06Z
github: [Will be updated when synced to GitHub]
link: https://github.com/o/r/issues/12
depends_on: [001, '002', "T003"]
assignee:
  - '@me'
  - octocat
labels:
- a
- b c
empty:
parallel: true
"""


def test_common_frontmatter_is_read_quickly() -> None:
    """Plain fields, quotes, and lists in both forms need no parser."""
    quick = plainyaml.read(FRONTMATTER)

    assert quick is not None
    assert exact(quick) == exact(yamltext.parse(FRONTMATTER))


@given(st.text(alphabet=st.characters(exclude_categories=("Cs", "Cc")), max_size=40))
def test_the_text_of_a_quoted_scalar_survives(text: str) -> None:
    """A single-quoted value comes back character by character."""
    quoted = text.replace("'", "''").replace("\N{LINE SEPARATOR}", "").replace("\u2029", "")
    expected = text.replace("\N{LINE SEPARATOR}", "").replace("\u2029", "")
    if "\ufffe" in text or "\uffff" in text or any(ord(c) in range(0xFDD0, 0xFDF0) for c in text):
        return
    try:
        read = texts(f"a: '{quoted}'\n")
    except YamlError:
        return  # YAML forbids some characters everywhere
    assert read == {"a": expected}
