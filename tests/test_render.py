"""Titles, bodies, markers and colours, and the way back from an issue's text."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from ghsync import render
from ghsync.model import Item, Key, Kind, Uid

UID = Uid("0123456789abcdef" * 2)
OTHER = Uid("f" * 32)


def item(title: str = "T", body: str = "", kind: Kind = Kind.TASK, key: str = "a") -> Item:
    return Item(key=Key(key), kind=kind, path="a.md", layout="ccpm", title=title, body=body)


texts = st.text(alphabet=st.characters(exclude_categories=()), max_size=60)
bodies = st.lists(
    st.one_of(
        texts,
        st.sampled_from(
            [
                "```python\nopen fence",
                "<!-- never closed",
                "-->",
                "<!-- ghsync:uid=" + "a" * 32 + " key=other -->",
                "<!-- ghsync:uid=short key=x -->",
                "---",
                "\ufeff",
                "  ",
            ]
        ),
    ),
    max_size=5,
).map("\n".join)


class TestMarker:
    @given(body=bodies, key=texts, uid=st.binary(min_size=16, max_size=16))
    @example(body="x", key="a--b---c", uid=b"\0" * 16)
    @example(body="<!-- ghsync:uid=" + "a" * 32 + " key=old -->\nx", key="a", uid=b"\0" * 16)
    def test_round_trip(self, body: str, key: str, uid: bytes) -> None:
        """Whatever the key and the body, what was put together comes apart again."""
        name = render.new_uid(uid)
        wire = render.with_marker(body, name, Key(key))
        assert render.parse_marker(wire) == (name, key)
        assert render.split(wire) == (render.canonical(body), (name, key))

    @given(body=bodies, key=texts)
    def test_survives_the_web_editor(self, body: str, key: str) -> None:
        """CRLF line ends, as GitHub's editor sends them, change nothing."""
        wire = render.with_marker(body, UID, Key(key)).replace("\n", "\r\n")
        assert render.split(wire) == (render.canonical(body), (UID, key))

    @given(key=texts)
    def test_cannot_end_its_comment(self, key: str) -> None:
        """No key can end the comment, leave its line or leave ASCII."""
        comment = render.marker(UID, Key(key))
        inner = comment.removeprefix("<!--").removesuffix("-->")
        assert comment.isascii()
        assert comment.isprintable()
        assert "--" not in inner
        assert ">" not in inner

    def test_reads_well(self) -> None:
        """An ordinary path stays readable; what could mean something to GitHub is encoded."""
        assert (
            render.marker(UID, Key("specs/001-name#T001"))
            == f"<!-- ghsync:uid={UID} key=specs/001-name%23T001 -->"
        )

    @pytest.mark.parametrize(
        ("text", "body"),
        [
            ("\ufeff\n\n{m}\nText", "Text"),
            ("{m}\r\nText\r\nmore\r\n", "Text\nmore"),
            ("{m}\r\rText", "\nText"),
            ("A line above\n{m}\nText", "A line above\nText"),
            ("A line above\r\n\r\n{m}\r\n\r\nText", "A line above\n\n\nText"),
            ("Text\n\n{m}", "Text"),
            ("inside {m} a line", "inside  a line"),
            ("{m}Text", "Text"),
            ("{m}", ""),
        ],
    )
    def test_a_person_moved_it(self, text: str, body: str) -> None:
        """The marker is found wherever it stands, and only it and its line go."""
        wire = text.format(m=render.marker(UID, Key("a b")))
        assert render.split(wire) == (body, (UID, "a b"))

    def test_two_markers(self) -> None:
        """Of two markers the first counts, and the second is text."""
        second = render.marker(OTHER, Key("b"))
        wire = f"{render.marker(UID, Key('a'))}\n{second}\nText"
        assert render.split(wire) == (f"{second}\nText", (UID, "a"))

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "no marker",
            "<!-- ghsync:uid=XYZ key=a -->",
            f"<!--ghsync:uid={UID} key=a-->",
            f"<!-- ghsync:uid={UID.upper()} key=a -->",
            f"<!-- ghsync:uid={UID} key=a b -->",
            f"<!-- ghsync:uid={UID} key=%ZZ -->",
            f"<!-- ghsync:uid={UID} key=%FF -->",
            f"<!-- ghsync:uid={UID}0 key=a -->",
        ],
    )
    def test_is_strict(self, text: str) -> None:
        """What is not exactly our comment is no marker and stays in the text."""
        assert render.parse_marker(text) is None
        assert render.split(text) == (text, None)

    def test_a_broken_one_does_not_hide_the_next(self) -> None:
        """A comment that only looks like ours is passed over."""
        good = render.marker(UID, Key("a"))
        assert render.parse_marker(f"<!-- ghsync:uid={OTHER} key=%F -->\n{good}") == (UID, "a")

    def test_uid_length(self) -> None:
        """A uid is made of 16 bytes, no fewer."""
        assert render.new_uid(b"\x01" * 16) == "01" * 16
        with pytest.raises(ValueError, match="16 random bytes"):
            render.new_uid(b"short")


class TestCanonical:
    @given(texts)
    def test_idempotent_and_encodable(self, text: str) -> None:
        """Canonical text is a fixed point and has a UTF-8 form."""
        once = render.canonical(text)
        assert render.canonical(once) == once
        assert "\r" not in once
        assert "\0" not in once
        once.encode()

    def test_forms(self) -> None:
        """Line ends become LF, the end is trimmed, the beginning is not."""
        assert render.canonical("\n a\r\nb\rc \n\n\t ") == "\n a\nb\nc"
        assert render.canonical("a\0b\ud800c") == "ab\ufffdc"

    def test_digest(self) -> None:
        """Sixteen hex digits, the same for texts that differ in line ends only."""
        assert render.digest("a\r\nb\n") == render.digest("a\nb")
        assert render.digest("a") != render.digest("b")
        assert re.fullmatch(r"[0-9a-f]{16}", render.digest(""))


class TestTitle:
    def test_one_line(self) -> None:
        """A title is one line without control characters."""
        assert render.title(item("  a\n\tb \x07 c\x00 ")) == "a b c"

    def test_template(self) -> None:
        """One template for all kinds, or one a kind."""
        assert render.title(item("X"), "Epic: {title}") == "Epic: X"
        by_kind = {Kind.EPIC: "Epic: {title}"}
        assert render.title(item("X", kind=Kind.EPIC), by_kind) == "Epic: X"
        assert render.title(item("X"), by_kind) == "X"

    def test_braces_are_text(self) -> None:
        """Braces in a title are no placeholders."""
        assert render.title(item("{0} {title} {x!r}"), "[{title}]") == "[{0} {title} {x!r}]"

    @given(
        text=texts.filter(lambda t: bool(render.one_line(t))),
        before=st.sampled_from(["", "Epic: ", "[", "a  b "]),
        after=st.sampled_from(["", "]", " (epic)"]),
    )
    def test_undone(self, text: str, before: str, after: str) -> None:
        """Taking a title out of its template gives the title."""
        template = f"{before}{{title}}{after}"
        shown = render.title(item(text), template)
        assert render.untitle(template, shown) == render.one_line(text)

    def test_does_not_fit(self) -> None:
        """A title that somebody wrote without the template is not cut up."""
        assert render.untitle("Epic: {title}", "Something else") is None
        assert render.untitle("aa{title}aa", "aaa") is None
        assert render.untitle({Kind.EPIC: "E {title}"}, "E x", Kind.EPIC) == "x"
        assert render.untitle({Kind.EPIC: "E {title}"}, "E x", Kind.TASK) == "E x"


class TestBody:
    @given(bodies)
    def test_wire_length(self, body: str) -> None:
        """The length that lint checks is the length that is sent."""
        one = item(body=body, key="dir/ä--b")
        wire = render.with_marker(render.issue_body(one), UID, one.key)
        assert render.wire_length(one) == len(wire)
        assert render.split(wire).body == render.issue_body(one)


class TestColor:
    @given(texts)
    def test_is_a_colour(self, name: str) -> None:
        """Every name has a colour, and case does not matter."""
        assert re.fullmatch(r"[0-9a-f]{6}", render.label_color(name))

    def test_stable(self) -> None:
        """Colours are part of what users see: they do not change between versions."""
        assert render.label_color("Epic") == render.label_color("epic") == "3e4b9e"
        assert render.label_color("priority: High") == render.label_color("high") == "d93f0b"
        assert render.label_color("backend") == render.label_color("BACKEND")
        names = [render.label_color(f"area-{n}") for n in range(40)]
        assert len(set(names)) > 10
