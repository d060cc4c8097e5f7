"""What holds for every file: nothing changes by itself, and nothing else changes."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from ghsync.edit import FieldEdit, Lines, edit, loaded
from ghsync.edit.bodies import trimmed
from ghsync.layouts import frontmatter

ENDS = st.sampled_from(["\n", "\r\n"])
WORDS = (
    st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1, max_size=12)
    .map(lambda text: " ".join(text.split()))
    .filter(bool)
)
QUOTED = frozenset({"yes", "no", "on", "off", "true", "false", "null"})
"""Words that YAML takes for something else, so that they are never written bare."""
PLAIN = st.from_regex(r"[a-z][a-z0-9 ./]{0,10}[a-z]", fullmatch=True).filter(
    lambda word: word not in QUOTED
)
COMMENTS = st.sampled_from(["", " # why", "   #  two  "])


@st.composite
def values(draw: st.DrawFn) -> str:
    """A value as people write it."""
    word = draw(PLAIN)
    return draw(
        st.sampled_from([word, f"'{word}'", f'"{word}"', "", "[]", f"[{word}, b]", f"[ {word} ]",
                         f"\n  - {word}\n  - 'z'", f"\n- {word}", f"|\n  {word}\n  more"])
    )  # fmt: skip


@st.composite
def files(draw: st.DrawFn) -> str:
    """A markdown file with frontmatter, its line ends mixed."""
    names = draw(st.lists(st.sampled_from("abcdefgh"), unique=True, min_size=1, max_size=5))
    lines = ["---"]
    for name in names:
        value = draw(values())
        comment = draw(COMMENTS) if "\n" not in value else ""
        lines += f"{name}: {value}{comment}".rstrip(" " if not comment else "").split("\n")
    lines += ["---", *draw(st.lists(st.sampled_from(["", "Text.", "  - [ ] one  ", "# T"])))]
    return "".join(line + draw(ENDS) for line in lines)


TEXTS = st.one_of(files(), st.text(st.sampled_from("ab-#: \n\r\t\0[]'\"é"), max_size=60))


@given(TEXTS)
def test_lines_are_the_text(text: str) -> None:
    """Taking a text apart and putting it together changes nothing."""
    lines = Lines(text)
    assert lines.text() == text
    assert loaded(text) == lines.seen()


@given(TEXTS)
def test_the_body_that_is_there_changes_nothing(text: str) -> None:
    """Any text, however odd, keeps its bytes when its own body is set."""
    assert edit(text, body=frontmatter.parse("", loaded(text)).body) == text


@given(files(), WORDS)
def test_a_field_alone_changes(text: str, word: str) -> None:
    """Every other line is the same, in the same order; the loader reads the new text."""
    document = frontmatter.parse("", loaded(text))
    name = next(iter(document.fields))
    new = edit(text, changes=[FieldEdit(name=name, value=word)])
    after = frontmatter.parse("", loaded(new))
    assert frontmatter._show(after.fields[name].value) == f"'{word[:60]}'"
    assert after.body == document.body
    head, tail = _common(text.splitlines(keepends=True), new.splitlines(keepends=True))
    assert head + tail >= len(new.splitlines()) - 1


def _common(old: list[str], new: list[str]) -> tuple[int, int]:
    """How many lines are the same at the start and at the end."""
    head = 0
    while head < min(len(old), len(new)) and old[head] == new[head]:
        head += 1
    tail = 0
    while tail < min(len(old), len(new)) - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    return head, tail


@settings(max_examples=50)
@given(files(), PLAIN)
def test_back_and_forth(text: str, word: str) -> None:
    """Setting a plain value and the old one again gives the old bytes."""
    document = frontmatter.parse("", loaded(text))
    for name, found in document.fields.items():
        old = getattr(found.value, "text", None)
        if old is None or "\n" in old or found.value.end_line != found.value.line:  # type: ignore[union-attr]
            continue
        new = edit(text, changes=[FieldEdit(name=name, value=word)])
        assert edit(new, changes=[FieldEdit(name=name, value=old)]) == text


@settings(max_examples=50)
@given(files(), st.lists(WORDS.filter(lambda word: not set(word) & set(",;@")), max_size=4))
def test_lists_hold_what_is_wanted(text: str, wanted: list[str]) -> None:
    """Any list can be set into any field, and setting it again changes nothing."""
    document = frontmatter.parse("", loaded(text))
    unique = tuple({word.casefold(): word for word in wanted}.values())
    for name in document.fields:
        new = edit(text, changes=[FieldEdit(name=name, value=unique)])
        assert edit(new, changes=[FieldEdit(name=name, value=unique)]) == new
        assert frontmatter.parse("", loaded(new)).body == document.body


@settings(max_examples=50)
@given(files(), st.text(st.sampled_from("ab \n#-"), max_size=40))
def test_any_body_can_be_set_and_set_back(text: str, body: str) -> None:
    """The frontmatter keeps its bytes, the body is what was wanted, and the old one comes back."""
    document = frontmatter.parse("", loaded(text))
    new = edit(text, body=body)
    after = frontmatter.parse("", loaded(new))
    assert after.body == trimmed(body)
    assert list(after.fields) == list(document.fields)
    if document.body:
        back = edit(new, body=document.body)
        assert frontmatter.parse("", loaded(back)).body == document.body
