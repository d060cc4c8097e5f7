"""The layered layout, and which dependencies are drawn together."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from ghsync.model import IssueNumber, Key
from ghsync.report.html.entries import Entry
from ghsync.report.html.graph import ALL_TOGETHER, components, dependencies
from ghsync.report.html.layered import Edge, layered
from ghsync.report.html.svg import drawn, shortened

NODES = [f"n{n}" for n in range(9)]
EDGES = st.lists(st.tuples(st.sampled_from(NODES), st.sampled_from([*NODES, "x"])), max_size=25)


def entry(
    at: int, *, kind: str = "task", parent: str | None = None, by: tuple[str, ...] = ()
) -> Entry:
    """An issue of a page."""
    return Entry(
        anchor=f"i{at}",
        key=Key(f"k{at}"),
        kind=kind,
        path=f"k{at}.md",
        title=f"Issue {at}",
        number=IssueNumber(at),
        parent=Key(parent) if parent else None,
        blocked_by=tuple(Key(key) for key in by),
    )


def test_what_comes_first_stands_left() -> None:
    """A node stands right of all that it waits for; one that nothing needs early stands late."""
    made = layered(["a", "b", "c", "d"], [("a", "b"), ("b", "c"), ("a", "c"), ("d", "c")])
    assert {node: layer for node, (layer, _) in made.places.items()} == {
        "a": 0, "b": 1, "c": 2, "d": 1,
    }  # fmt: skip
    long = next(route for route in made.routes if (route.source, route.target) == ("a", "c"))
    assert [layer for layer, _ in long.points] == [0, 1, 2]


def test_a_cycle_is_drawn_with_one_edge_turned() -> None:
    """A cycle ends no layout: the edge that closes it runs back, and says so."""
    made = layered(["a", "b", "c"], [("a", "b"), ("b", "c"), ("c", "a"), ("a", "a")])
    turned = [(r.source, r.target) for r in made.routes if r.turned]
    assert turned == [("c", "a")]
    assert len(made.routes) == 3
    assert made.routes[2].points[0] == made.places["c"]


@given(EDGES)
def test_no_graph_breaks_the_layout(edges: list[Edge]) -> None:
    """Every node has a place, none overlaps another, edges run right unless they are turned."""
    made = layered(NODES, edges)
    assert made == layered(NODES, edges)
    assert set(made.places) == set(NODES)
    rows: dict[int, list[float]] = {}
    for layer, height in made.places.values():
        assert 0 <= layer < made.layers
        assert 0.5 <= height + 0.01
        assert height <= made.height - 0.49
        rows.setdefault(layer, []).append(height)
    for heights in rows.values():
        heights.sort()
        assert all(b - a > 0.99 for a, b in pairwise(heights))
    kept = {e for e in edges if e[0] != e[1] and e[1] != "x"}
    assert {(r.source, r.target) for r in made.routes} == kept
    for route in made.routes:
        assert route.points[0] == made.places[route.source]
        assert route.points[-1] == made.places[route.target]
        steps = [b[0] - a[0] for a, b in pairwise(route.points)]
        assert set(steps) == {-1 if route.turned else 1}


def test_a_long_chain_takes_no_recursion() -> None:
    """Two thousand issues in a row are laid out."""
    nodes = [str(n) for n in range(2000)]
    made = layered(nodes, list(pairwise(nodes)))
    assert (made.layers, made.height) == (2000, 1.0)


def test_a_dense_graph_is_laid_out_without_bends() -> None:
    """Everything waiting for everything would have a bend for each pair and layer."""
    nodes = [str(n) for n in range(60)]
    edges = [(a, b) for at, a in enumerate(nodes) for b in nodes[at + 1 :]]
    made = layered(nodes, edges)
    assert {len(route.points) for route in made.routes} == {2}
    assert len(made.routes) == len(edges)


def test_few_are_drawn_by_what_connects_them() -> None:
    """Parts that nothing connects are pictures of their own, the largest first."""
    made = dependencies([entry(1), entry(2, by=("k1",)), entry(3), entry(4, by=("k3",)),
                         entry(5, by=("k4", "gone", "k5")), entry(6)])  # fmt: skip
    assert [p.nodes for p in made.pictures] == [("i3", "i4", "i5"), ("i1", "i2")]
    assert (made.issues, len(made.edges)) == (5, 3)
    assert components(["a", "b"], []) == [("a",), ("b",)]


def test_many_are_drawn_by_epic() -> None:
    """First the epics among each other, then the issues of each, folded."""
    many = ALL_TOGETHER
    entries = [entry(1, kind="epic"), entry(2, kind="epic")]
    entries += [
        entry(n, parent="k1", by=(f"k{n - 1}",) if n > 10 else ()) for n in range(10, 10 + many)
    ]
    entries.append(entry(900, parent="k2", by=("k12", "k13")))
    between, inside = dependencies(entries).pictures
    assert (between.nodes, dict(between.counts)) == (("i1", "i2"), {("i1", "i2"): 2})
    assert (inside.title, len(inside.nodes), inside.folded) == ("Issue 1", many, True)
    svg = drawn(between, {e.anchor: e for e in entries}, "g1", planned=True)
    assert "Issue 1 blocks Issue 2 (2 dependencies)" in svg


def test_epics_without_links_between_them_are_shown_as_far_as_they_fit() -> None:
    """Where no epic waits for another, the first epics' own pictures are unfolded."""
    entries = [entry(n, kind="epic") for n in range(1, 5)]
    for n in range(100, 100 + 2 * ALL_TOGETHER):
        parent = f"k{1 + n % 4}"
        entries.append(entry(n, parent=parent, by=(f"k{n - 4}",) if n >= 104 else ()))
    pictures = dependencies(entries).pictures
    assert [(len(p.nodes), p.folded) for p in pictures] == [
        (30, False), (30, False), (30, True), (30, True),
    ]  # fmt: skip


def test_many_without_epics_are_drawn_by_part() -> None:
    """Where no epic holds them together, a part is one picture and most parts are folded."""
    entries = [entry(n, by=(f"k{n - 1}",) if n % 2 else ()) for n in range(2, 2 * ALL_TOGETHER)]
    pictures = dependencies(entries).pictures
    assert sum(len(p.nodes) for p in pictures if not p.folded) <= ALL_TOGETHER
    assert {len(p.nodes) for p in pictures} == {2}


def test_a_wide_letter_takes_two_columns() -> None:
    """A title is cut by what it takes on the screen."""
    assert shortened("設計を書く", 9) == "設計を書…"
    assert shortened("short", 9) == "short"
