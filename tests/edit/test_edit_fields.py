"""One field of a frontmatter is changed, and every other byte stays."""

from __future__ import annotations

import pytest

from ghsync.edit import EditError, FieldEdit, FieldValue, edit

TASK = """---
# made by hand
name: 'Pay: the bill'   # the title
status: open # see docs
labels: [bug, "needs: care"]
assignees:
  - ann   # lead
  - "bob"
milestone:
due: 2025-01-01
x-unknown: {a: 1}
---

# Pay

Text.  \n"""


def change(text: str, name: str, value: FieldValue, **more: object) -> str:
    """The text with one field changed."""
    return edit(text, changes=[FieldEdit(name=name, value=value, **more)])  # type: ignore[arg-type]


def only_line(old: str, new: str) -> tuple[str, str]:
    """The one line that differs."""
    pairs = [(a, b) for a, b in zip(old.split("\n"), new.split("\n"), strict=True) if a != b]
    assert len(pairs) == 1, pairs
    return pairs[0]


@pytest.mark.parametrize(
    ("name", "value", "line"),
    [
        ("name", "Pay", "name: 'Pay'   # the title"),
        ("name", "It's", "name: 'It''s'   # the title"),
        ("Status", "done", "status: done # see docs"),
        ("status", "yes", 'status: "yes" # see docs'),
        ("status", None, "status: # see docs"),
        ("milestone", "v1", "milestone: v1"),
        ("milestone", "1.10", "milestone: '1.10'"),
        ("due", "2025-02-03", "due: 2025-02-03"),
        ("labels", ("bug", "needs: care", "ui"), 'labels: [bug, "needs: care", ui]'),
        ("labels", ("needs: care",), 'labels: ["needs: care"]'),
        ("labels", ("bug",), "labels: [bug]"),
        ("labels", ("a, b",), 'labels: ["a, b"]'),
        ("labels", (), "labels: []"),
    ],
)
def test_one_line_changes(name: str, value: FieldValue, line: str) -> None:
    """The value is replaced in its place, in its quotes, and the comment behind it stays."""
    text = TASK if name != "milestone" or value != "1.10" else TASK.replace('"', "'")
    assert only_line(text, change(text, name, value))[1] == line.replace(
        '"', "'" if text != TASK else '"'
    )


@pytest.mark.parametrize(
    "word", ["yes", "No", "on", "null", "~", "1e3", "0x1f", "010", "1.10", "2025-01-01", "y", "=",
             "#x", "a: b", "a #b", "@ann", "- x", "[x]", "{x}", "*x", "&x", "!x", "|", ">", "%x",
             "'x'", '"x"', "`x`", "a:", " x", "x ", "", "?", "-", "---", "a\tb", "\N{BELL}",
             "1_000", "12:30:45", ".5", "+1", ".inf", "<<"],
)  # fmt: skip
@pytest.mark.parametrize("old", ["old", "'old'", '"old"', "", "[]", "[a, b]", "|\n  old"])
def test_what_yaml_would_misread_is_quoted(word: str, old: str) -> None:
    """Whatever the text and the old form, the very text is read back, also by a typed reader."""
    import yaml

    text = f"---\na: 1\nk: {old}\nz: 2\n---\nBody\n"
    new = change(text, "k", word)
    assert (yaml.safe_load(new.split("---\n")[1])["k"] or "") == word
    assert new.startswith("---\na: 1\nk:")
    assert new.endswith("\nz: 2\n---\nBody\n")


def test_a_missing_field_is_inserted_where_it_belongs() -> None:
    """Behind the last of the fields that it shall follow, lists included; else at the end."""
    new = change(TASK, "github", "https://github.com/o/r/issues/1", after=("name", "assignees"))
    assert '  - "bob"\ngithub: https://github.com/o/r/issues/1\nmilestone:\n' in new
    assert "x-unknown: {a: 1}\ngithub: 12\n---\n" in change(TASK, "github", 12)


def test_what_was_inserted_can_be_dropped_again() -> None:
    """Inserting and dropping a field gives the old bytes back."""
    new = change(TASK, "github", 12, after=("name",))
    assert change(new, "github", None, drop=True) == TASK


def test_a_block_list_changes_line_by_line() -> None:
    """Items go and come as lines with the list's own indent; the others keep their comments."""
    assert change(TASK, "assignees", ("ann", "eve")) == TASK.replace('  - "bob"\n', "  - eve\n")
    assert change(TASK, "assignees", ("bob",)) == TASK.replace("  - ann   # lead\n", "")
    emptied = change(TASK, "assignees", ())
    assert emptied == TASK.replace('assignees:\n  - ann   # lead\n  - "bob"\n', "assignees: []\n")


def test_people_keep_their_at_sign() -> None:
    """Where all are written with ``@``, a new one is, in the quotes that YAML asks for."""
    text = "---\nassignee: '@ann'\n---\n"
    assert change(text, "assignee", ("ann",)) == text
    assert change(text, "assignee", ("bob",)) == "---\nassignee: '@bob'\n---\n"


def test_an_empty_list_is_written_as_the_files_other_lists() -> None:
    """Block lists beget a block list, none a flow list."""
    block = "---\ntags:\n- a\nlabels:\n---\n"
    assert change(block, "labels", ("v", "x")) == "---\ntags:\n- a\nlabels:\n- v\n- x\n---\n"
    assert change("---\nlabels:\n---\n", "labels", ("v", "x")) == "---\nlabels: [v, x]\n---\n"
    assert change("---\nlabels: []\n---\n", "labels", ("x",)) == "---\nlabels: [x]\n---\n"


def test_comma_texts_stay_comma_texts() -> None:
    """``bug, ui`` gets a third with a comma; one word becomes a list when it gets a second."""
    assert "labels: bug, ui, x\n" in change(
        "---\nlabels: bug, ui\n---\n", "labels", ("bug", "ui", "x")
    )
    assert "labels: [bug, x]\n" in change("---\nlabels: bug\n---\n", "labels", ("bug", "x"))


def test_lists_over_several_lines() -> None:
    """Items of a list in brackets keep their lines and comments."""
    text = "---\nlabels: [\n  a, # one\n  b,\n  c\n]\nz: 1\n---\n"
    assert change(text, "labels", ("a", "b")) == "---\nlabels: [\n  a, # one\n  b\n]\nz: 1\n---\n"
    assert change(text, "labels", ("A", "b", "c")) == text


@pytest.mark.parametrize("end", ["\r\n", "\r", "\n"])
def test_line_ends_stay(end: str) -> None:
    """A changed or new line has the line end of its neighbours."""
    text = TASK.replace("\n", end)
    for name, value in (("status", "done"), ("new", "x"), ("assignees", ("ann", "eve"))):
        new = change(text, name, value)  # type: ignore[arg-type]
        assert new.replace(end, "\n") == change(TASK, name, value)  # type: ignore[arg-type]


def test_mixed_line_ends_and_a_byte_order_mark_in_the_text() -> None:
    """Only the changed line is touched, whatever the ends of the others are."""
    text = "---\r\nname: a\nstatus: open\r\n---\r\rText\n"
    assert change(text, "status", "done") == text.replace("open", "done")


def test_a_block_of_text_becomes_one_line() -> None:
    """A title written as a block is replaced as a whole."""
    text = "---\ntitle: |\n  One\n  two\n\nstatus: open\n---\n"
    assert change(text, "title", "Three") == "---\ntitle: Three\n\nstatus: open\n---\n"
    folded = "---\ntitle: One\n  two\nstatus: open\n---\n"
    assert change(folded, "title", "Three") == "---\ntitle: Three\nstatus: open\n---\n"


def test_duplicates() -> None:
    """The field that the loader takes is changed; where the other would show, nothing is."""
    text = "---\nstatus: open\nStatus: waiting\n---\n"
    assert change(text, "status", "done") == "---\nstatus: open\nStatus: done\n---\n"
    with pytest.raises(EditError, match="status"):
        change(text, "status", None)


@pytest.mark.parametrize(
    ("text", "name", "value"),
    [
        ("---\na: &x open\nstatus: *x\n---\n", "a", "done"),
        ("---\na: &x open\nstatus: *x\n---\n", "status", "done"),
        ("---\n{status: open}\n---\n", "status", "done"),
        ("---\nlabels:\n  - name: bug\n---\n", "labels", ("ui",)),
        ("---\nstatus: [open\n---\n", "status", "done"),
        ("Text\n", "status", "done"),
        ("---\nlabels: {a: 1}\n---\n", "labels", ("ui",)),
        ("---\nlabels:\n  - - a\n---\n", "labels", ("ui",)),
    ],
)
def test_rare_yaml_is_refused(text: str, name: str, value: FieldValue) -> None:
    """What cannot be changed alone is refused with what to do, and nothing is lost."""
    with pytest.raises(EditError) as caught:
        change(text, name, value)
    assert caught.value.hint


def test_a_frontmatter_is_added_only_when_asked() -> None:
    """Above the text, with an empty line between; the text is the same."""
    new = change("# Title\r\n", "github", 7, open=True)
    assert new == "---\r\ngithub: 7\r\n---\r\n\r\n# Title\r\n"
    assert change("", "github", 7, open=True) == "---\ngithub: 7\n---\n"
    assert change("---\n---\n", "github", 7) == "---\ngithub: 7\n---\n"


def test_an_indented_frontmatter() -> None:
    """A new field is indented as the others are."""
    text = "---\n  name: a\n  status: open\n---\n"
    assert change(text, "github", 7) == "---\n  name: a\n  status: open\n  github: 7\n---\n"
