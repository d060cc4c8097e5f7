"""Options of a multi-select field: which names a text with commas means."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ghsync.choices import chosen, same

OPTIONS = ("Web", "iOS", "Web, mobile", "Back end")


@given(st.lists(st.sampled_from(OPTIONS), unique=True))
def test_what_is_written_is_read(wanted: list[str]) -> None:
    """Whatever options there are, in whatever case; the same options are the same."""
    text = ", ".join(wanted)
    assert same(", ".join(chosen(text.upper(), OPTIONS)), text)
    assert same(", ".join(reversed(wanted)), text)


def test_a_comma_in_a_name_is_the_options_to_tell() -> None:
    """The longest name that fits; what is none is named."""
    assert chosen("web, mobile,ios", OPTIONS) == ["Web, mobile", "iOS"]
    assert chosen("web, web", OPTIONS) == ["Web"]
    with pytest.raises(ValueError, match="BeOS"):
        chosen("Web, BeOS", OPTIONS)


def test_many_parts_take_no_longer_than_there_are() -> None:
    """No piece is tried that is longer than any option: all of them would take hours."""
    assert chosen("web," * 20_000 + "ios", OPTIONS) == ["Web", "iOS"]
    with pytest.raises(ValueError, match="BeOS"):
        chosen("web," * 20_000 + "BeOS", OPTIONS)
    with pytest.raises(ValueError, match="a"):
        chosen("a,b", ())
