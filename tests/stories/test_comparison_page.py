"""``docs/comparison.md``: each cell has a test that is there, or a source."""

from __future__ import annotations

import ast
import re
from pathlib import Path

HERE = Path(__file__).resolve().parent
PAGE = (HERE.parents[1] / "docs/comparison.md").read_text("utf-8")
OURS = re.compile(r"[YPN]( `test_\w+`)+")
THEIRS = re.compile(
    r"–|\?|(Y|P|N|read) "
    r"(\[(run|src|table)\]|\[\[iss\]\]\(https://github\.com/[\w./-]+/(issues|pull)/\d+\))"
)
"""A peer's cell: a word and its mark; a thread's mark is a link."""
PEERS = 10
FEATURES = 27
NEEDS = 15


def rows(heading: str) -> list[list[str]]:
    """The cells of the table below a heading, its head left out."""
    part = PAGE.split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0]
    lines = [line for line in part.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def stories() -> dict[str, str]:
    """Every story and its docstring."""
    found: dict[str, str] = {}
    for path in sorted(HERE.glob("test_*.py")):
        if path.stem.endswith("_page"):
            continue
        for node in ast.parse(path.read_text("utf-8")).body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                found[node.name] = ast.get_docstring(node) or ""
    return found


def test_each_feature_has_a_story_and_each_peer_a_source() -> None:
    """27 rows; ours name tests whose stories name the row, theirs carry a mark."""
    table, told = rows("Features"), stories()
    assert len(table) == FEATURES
    for name, ours, *theirs in table:
        assert OURS.fullmatch(ours), (name, ours)
        for test in re.findall(r"`(\w+)`", ours):
            assert f'Row "{name}"' in told[test], (name, test)
        assert len(theirs) == PEERS
        assert [cell for cell in theirs if not THEIRS.fullmatch(cell)] == [], name


def test_each_need_has_a_story() -> None:
    """15 rows; the tests are the need's own, and what others did has a mark or is not claimed."""
    table, told = rows("What none of them had"), stories()
    assert [int(number) for number, *_ in table] == list(range(1, NEEDS + 1))
    for number, _, ours, elsewhere in table:
        assert OURS.fullmatch(ours), ours
        named = re.findall(r"`(\w+)`", ours)
        assert sorted(named) == sorted(t for t in told if t.startswith(f"test_{number}_")), number
        for test in named:
            assert f"Need {number}:" in told[test]
        assert re.search(r"\[(run|src)\]|\[\[iss\]\]\(https://", elsewhere), elsewhere


def test_no_story_is_left_out() -> None:
    """What the page does not name belongs to a row or a need all the same."""
    for name, text in stories().items():
        assert re.match(r'(Row "[^"]+"|Need \d+)', text), name
