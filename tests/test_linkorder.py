"""Links that need no second write, and those that do."""

from __future__ import annotations

from collections.abc import Mapping
from graphlib import TopologicalSorter

from hypothesis import given
from hypothesis import strategies as st

from ghsync.linkorder import first
from ghsync.model import Key


def keys(text: str) -> list[Key]:
    """Keys of one letter each."""
    return [Key(letter) for letter in text]


def made(**parents: str | None) -> dict[Key, Key | None]:
    """Items and their parents."""
    return {Key(key): Key(parent) if parent else None for key, parent in parents.items()}


def linked(**links: str) -> dict[Key, list[Key]]:
    """Items and what their texts link."""
    return {Key(key): keys(targets) for key, targets in links.items()}


def test_a_link_is_made_after_its_target() -> None:
    """Whatever their names are."""
    assert first(made(a=None, b=None), linked(a="b")) == {"a": {"b"}, "b": set()}


def test_a_parent_cannot_wait_for_its_child() -> None:
    """An epic that lists its tasks is made first, so its links take a second write."""
    found = first(made(e=None, t="e"), linked(e="t", t="e"))
    assert found == {"e": set(), "t": {"e"}}


def test_nor_for_what_waits_for_its_child() -> None:
    """A circle through another item is a circle."""
    found = first(made(e=None, t="e", x=None), linked(e="x", x="t"))
    assert found == {"e": set(), "t": set(), "x": {"t"}}


def test_of_two_that_link_each_other_one_waits() -> None:
    """The one that comes first by its key is made first."""
    assert first(made(a=None, b=None), linked(a="b", b="a")) == {"a": set(), "b": {"a"}}


def test_itself_and_what_is_not_made_are_no_targets() -> None:
    """A link to an issue that exists costs nothing."""
    assert first(made(a=None), linked(a="az")) == {"a": set()}


@st.composite
def _plans(draw: st.DrawFn) -> tuple[dict[Key, Key | None], dict[Key, list[Key]]]:
    names = keys("abcdefgh")
    parents: dict[Key, Key | None] = {}
    for name in draw(st.permutations(names)):
        parents[name] = draw(st.sampled_from([None, *parents]))
    links = {name: draw(st.lists(st.sampled_from(names), max_size=3)) for name in names}
    return parents, links


def _sorted(parents: Mapping[Key, Key | None], ahead: Mapping[Key, frozenset[Key]]) -> list[Key]:
    """An order in which all that an item waits for comes before it; raises for a circle."""
    graph = {key: {*ahead[key], *([p] if (p := parents[key]) else [])} for key in parents}
    return list(TopologicalSorter(graph).static_order())


@given(_plans())
def test_there_is_always_an_order(plan: tuple[dict[Key, Key | None], dict[Key, list[Key]]]) -> None:
    """Parents and accepted links together form no circle."""
    parents, links = plan
    assert len(_sorted(parents, first(parents, links))) == len(parents)


@given(_plans())
def test_links_without_a_circle_all_come_first(
    plan: tuple[dict[Key, Key | None], dict[Key, list[Key]]],
) -> None:
    """A link only ever waits for the sake of a circle."""
    parents, links = plan
    rank = {key: place for place, key in enumerate(sorted(parents))}
    flat: dict[Key, Key | None] = dict.fromkeys(parents)
    down = {key: [t for t in links[key] if rank[t] < rank[key]] for key in parents}
    assert first(flat, down) == {key: frozenset(down[key]) for key in parents}
