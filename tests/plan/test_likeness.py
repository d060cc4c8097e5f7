"""A renamed and edited file is known by what only it says."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from ghsync.likeness import Said, renamed
from ghsync.model import Key, Kind

A, B, X, Y = (Key(name) for name in "abxy")
TEMPLATE = "## Acceptance criteria\n\n- [ ] all tests pass\n- [ ] the documentation is up to date\n"
OWN = "The cart keeps what was chosen, also after a reload.\nIt is emptied by a purchase.\n"


def said(title: str, body: str, kind: Kind = Kind.TASK) -> Said:
    return Said(kind=kind, title=title, body=body)


def test_a_text_that_stayed_is_followed() -> None:
    """Also below another title, and with some lines more."""
    gone = {A: said("Cart", OWN + TEMPLATE)}
    new = {X: said("Basket", OWN + "And it has an icon.\n")}
    assert renamed(gone, new, ()) == {A: X}
    assert renamed(gone, {X: said("Basket", OWN, Kind.EPIC)}, ()) == {}


def test_a_template_is_no_likeness() -> None:
    """What another file says as well counts for nothing, on either side or elsewhere."""
    gone = {A: said("Cart", "Keep it.\n" + TEMPLATE)}
    new = {X: said("Print", "Print it.\n" + TEMPLATE)}
    assert renamed(gone, new, [said("Other", TEMPLATE)]) == {}
    assert renamed(gone | {B: said("Pay", TEMPLATE)}, new, ()) == {}
    assert renamed(gone, new | {Y: said("Pay", TEMPLATE)}, ()) == {}


def test_two_files_alone_may_be_made_from_one_template() -> None:
    """Headings and open boxes tell something only below titles that say the same."""
    form = "## What\n\n" + TEMPLATE + "**Notes**\n\n---\n* [ ] somebody else has read it\n"
    gone = {A: said("Add login", form + "By name.\n")}
    assert renamed(gone, {X: said("Export CSV", form + "One row each.\n")}, ()) == {}
    assert renamed(gone, {X: said("Add export", form + "One row each.\n")}, ()) == {}
    assert renamed(gone, {X: said("Add login form", form + "By e-mail.\n")}, ()) == {A: X}
    numbered = {A: said("Task 2: login", form)}
    assert renamed(numbered, {X: said("Task 3: Login", form + "By name.\n")}, ()) == {A: X}
    assert renamed(numbered, {X: said("Task 3: export", form + "By name.\n")}, ()) == {}
    assert renamed({A: said("Task 2", form)}, {X: said("Task 3", form + "New.\n")}, ()) == {}


def test_of_two_that_fit_none_is_taken() -> None:
    """A wrong guess would put one item's text into another's issue."""
    second = OWN.replace("purchase", "sale")
    both = {X: said("One", OWN), Y: said("Two", second)}
    assert renamed({A: said("Cart", OWN)}, both, ()) == {}


@given(st.dictionaries(st.sampled_from("abcdef"), st.text("xyz\n ", max_size=400)), st.data())
def test_every_pair_is_one_of_each(texts: dict[str, str], data: st.DataObject) -> None:
    """Nothing is paired twice, and nothing with what is of another kind."""
    keys = {Key(name): said(name, text) for name, text in texts.items()}
    new = {Key(f"new-{name}"): each for name, each in keys.items() if data.draw(st.booleans())}
    found = renamed(keys, new, ())
    assert len(set(found.values())) == len(found)
    assert found.keys() <= keys.keys()
    assert set(found.values()) <= new.keys()
