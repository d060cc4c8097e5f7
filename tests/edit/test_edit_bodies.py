"""A body is replaced line by line; what is around it, and lines that stay, keep their bytes."""

from __future__ import annotations

import codecs

import pytest

from ghsync.edit import EditError, edit, unpack

FRONT = "---\nname: a\n---\n"


@pytest.mark.parametrize(
    ("text", "body", "new"),
    [
        (FRONT + "\nOne\nTwo\n", "One\nTwo!", FRONT + "\nOne\nTwo!\n"),
        (FRONT + "\n\nOne\n\n\n", "Zero\nOne", FRONT + "\n\nZero\nOne\n\n\n"),
        (FRONT + "One  ", "Two", FRONT + "Two  "),
        (FRONT + "One", "One\nTwo", FRONT + "One\nTwo"),
        (FRONT + "One\nTwo", "One", FRONT + "One"),
        (FRONT + "\r\nOne\r\nTwo\r\n", "One\n\nTwo", FRONT + "\r\nOne\r\n\r\nTwo\r\n"),
        (FRONT + "One\n", "", FRONT + "\n"),
        (FRONT + "\n\n", "One", FRONT + "\nOne\n"),
        (FRONT, "One\nTwo", FRONT + "\nOne\nTwo\n"),
        ("---\nname: a\n---", "One", "---\nname: a\n---\n\nOne"),
        ("", "One\nTwo", "One\nTwo\n"),
        ("One\r\n", "Two", "Two\r\n"),
        ("One\n", "\n\nOne\r\nTwo\n\n", "One\nTwo\n"),
    ],
)
def test_only_the_lines_concerned(text: str, body: str, new: str) -> None:
    """Blank lines before and after, the last line end and other lines stay."""
    assert edit(text, body=body) == new


def test_a_body_that_would_be_frontmatter_is_refused() -> None:
    """Text from GitHub can never become fields of the file."""
    with pytest.raises(EditError):
        edit("One\n", body="---\nstatus: done\n---\n")


@pytest.mark.parametrize(
    ("mark", "encoding"),
    [
        (b"", "utf-8"),
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
    ],
)
def test_the_encoding_stays(mark: bytes, encoding: str) -> None:
    """A byte order mark and UTF-16 are written back as they were."""
    data = mark + (FRONT + "Ünë\r\n").encode(encoding)
    source = unpack(data)
    assert source.pack(source.text) == data
    new = source.pack(edit(source.text, body="Zwë \U0001f600"))
    assert new == mark + (FRONT + "Zwë \U0001f600\r\n").encode(encoding)


def test_bytes_that_are_no_text_are_refused() -> None:
    """What cannot be written back byte for byte is not touched."""
    with pytest.raises(EditError, match="UTF-8"):
        unpack(b"---\nname: \xff\n---\n")


def test_nul_characters_stay_where_they_are() -> None:
    """The loader reads them as U+FFFD; a line that is not concerned keeps them."""
    text = FRONT + "a\0b\nTwo\n"
    assert edit(text, body="a�b\nThree") == FRONT + "a\0b\nThree\n"


def test_half_a_character_cannot_be_written() -> None:
    """A lone surrogate has no bytes; the file stays as it is."""
    with pytest.raises(EditError, match="U\\+D800"):
        unpack(b"a").pack("\ud800")
