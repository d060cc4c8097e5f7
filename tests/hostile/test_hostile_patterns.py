"""Every regular expression of ghsync against texts made to exhaust it: time grows as they do.

For each unbounded repeat of a pattern a string is made that fills it and then fails to match.
A pattern that needs the square of 4,000 steps takes a hundred times what any other one takes.
"""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from re import _constants as ops  # type: ignore[attr-defined]
from re import _parser as sre  # type: ignore[attr-defined]
from typing import Any

import pytest

import ghsync
from ghsync.patterns import _Later

LONG = 4000
SECONDS = 0.01
"""CPU time for one text; a linear pattern takes a hundredth of it."""
FILLERS = "a1 -"
SHORT = {
    "ghsync.layouts.export._SYNCED",  # paths
    "ghsync.layouts.names._FILE",  # names of files
    "ghsync.layouts.names._NUMBER",  # names of files
}
"""Patterns that search in what no system allows to be long."""
SEARCHES = ("search", "sub", "split", "findall", "finditer")


def patterns() -> dict[str, re.Pattern[str]]:
    """Every pattern that a module of ghsync holds, by where it is."""
    found: dict[str, re.Pattern[str]] = {}
    for info in pkgutil.walk_packages(ghsync.__path__, "ghsync."):
        if info.name.endswith("__main__"):
            continue
        for name, value in vars(importlib.import_module(info.name)).items():
            for each in _flat(value):
                if isinstance(each, _Later):
                    found.setdefault(f"{info.name}.{name}", re.compile(each.pattern, each._flags))
                elif isinstance(each, re.Pattern) and isinstance(each.pattern, str):
                    found.setdefault(f"{info.name}.{name}", each)
    unique = {(each.pattern, each.flags): name for name, each in reversed(found.items())}
    return {name: found[name] for name in sorted(unique.values())}


def _flat(value: object) -> Iterator[object]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list | tuple):
        for each in value:
            yield from _flat(each)
    else:
        yield value


def evil(pattern: re.Pattern[str]) -> Iterator[str]:
    """Texts that fill one repeat each and match nowhere at their end."""
    tree = sre.parse(pattern.pattern, pattern.flags & ~re.DEBUG)
    filler = _Filler()
    filler.text(tree, -1, "a")
    for target in range(filler.repeats):
        for char in FILLERS:
            text = _Filler().text(tree, target, char)
            if len(text) >= LONG // 2:
                yield f"{text}\0"
                yield text


class _Filler:
    """Makes a text that a parsed pattern nearly matches."""

    def __init__(self) -> None:
        self.repeats = 0

    def text(self, tree: Iterable[Any], target: int, char: str) -> str:
        """The text, with the repeat of this number filled with ``char`` where it may be."""
        return "".join(self._one(op, value, target, char) for op, value in tree)

    def _one(self, op: Any, value: Any, target: int, char: str) -> str:
        if op is ops.LITERAL:
            return chr(value)
        if op in (ops.NOT_LITERAL, ops.ANY):
            return char if value is None or chr(value) != char else "b"
        if op is ops.IN:
            return _member(value, char)
        if op in (ops.MAX_REPEAT, ops.MIN_REPEAT):
            low, high, inner = value
            mine, self.repeats = self.repeats, self.repeats + 1
            piece = self.text(inner, target, char)
            long = mine == target and high > 20
            return piece * (min(LONG, int(high)) if long else low)
        if op is ops.SUBPATTERN:
            return self.text(value[3], target, char)
        if op is ops.BRANCH:
            return max((self.text(branch, target, char) for branch in value[1]), key=len)
        if op in (ops.ASSERT, ops.ASSERT_NOT):
            self.text(value[1], target, char)
        return ""


def _member(items: Sequence[Any], char: str) -> str:
    """A character of a class: this one if it is in it."""
    inside = re.compile(_source(items))
    candidates = (char, *"ab1 _-.:*#/[](){}<>\"'`|,\n@&;x~\u2014")
    return next((each for each in candidates if inside.fullmatch(each)), "a")


def _source(items: Sequence[Any]) -> str:
    """A class as a pattern again."""
    parts: list[str] = []
    names = {
        ops.CATEGORY_DIGIT: r"\d",
        ops.CATEGORY_NOT_DIGIT: r"\D",
        ops.CATEGORY_SPACE: r"\s",
        ops.CATEGORY_NOT_SPACE: r"\S",
        ops.CATEGORY_WORD: r"\w",
        ops.CATEGORY_NOT_WORD: r"\W",
    }
    for op, value in items:
        if op is ops.NEGATE:
            parts.append("^")
        elif op is ops.LITERAL:
            parts.append(re.escape(chr(value)))
        elif op is ops.RANGE:
            parts.append(f"{re.escape(chr(value[0]))}-{re.escape(chr(value[1]))}")
        elif op is ops.CATEGORY:
            parts.append(names[value])
    return f"[{''.join(parts)}]"


def searched() -> Iterator[tuple[str, re.Pattern[str]]]:
    """The patterns that are looked for anywhere in a text, named or spelled where they are used."""
    used: set[str] = set()
    root = Path(ghsync.__file__).parent
    for path in root.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
                continue
            owner = node.func.value
            if node.func.attr not in SEARCHES:
                continue
            first = node.args[0] if node.args else None
            named = getattr(owner, "id", getattr(owner, "attr", None))
            if named != "re":
                used.add(str(named))
            elif isinstance(first, ast.Constant):
                yield f"{path.name}:{node.lineno}", re.compile(first.value)
    for name, pattern in patterns().items():
        if name.rpartition(".")[2] in used and name not in SHORT:
            yield name, pattern


def took(pattern: re.Pattern[str], text: str, *, search: bool = False) -> float:
    """The CPU time of matching from the start, or of looking everywhere; the better of two."""
    times = []
    for _ in range(2):
        start = time.process_time()
        if search:
            pattern.sub("", text)
        else:
            pattern.match(text)
        times.append(time.process_time() - start)
        if times[0] < SECONDS:
            break
    return min(times)


def test_no_pattern_is_exhausted_by_a_text() -> None:
    """From the start of a text, as most are used: none takes time as the square of its length."""
    slow = {
        f"{name}: {pattern.pattern[:60]!r} on {text[:12]!r}"
        for name, pattern in patterns().items()
        for text in evil(pattern)
        if took(pattern, text) > SECONDS
    }
    assert not slow, "\n".join(sorted(slow))


def test_no_search_is_exhausted_by_a_text() -> None:
    """Anywhere in a text: a run of what a pattern begins with is not begun at each character."""
    slow = {
        f"{name}: {pattern.pattern[:60]!r} on {text[:12]!r}"
        for name, pattern in searched()
        for text in evil(pattern)
        if took(pattern, text, search=True) > 2 * SECONDS
    }
    assert not slow, "\n".join(sorted(slow))


@pytest.mark.parametrize(
    ("bad", "text"),
    [(r"[ ]*[ ]*x", " " * LONG), (r"^\s*((?:[\w.\s-])+?)\s*=", " " * (LONG // 4))],
)
def test_the_measure_tells_a_square_from_a_line(bad: str, text: str) -> None:
    """What is bad takes longer than the bound; what is good a fraction of it."""
    assert took(re.compile(bad), text) > SECONDS
    assert took(re.compile(r"[ ]*x"), text) < SECONDS / 4


def test_the_texts_find_a_square() -> None:
    """The texts that are made are the ones that hurt: these two were found in ghsync."""
    for bad in (r"^ITEM:[ ]*(\S.*?)[ ]*$", r"^[ |:-]*-[ |:-]*$"):
        pattern = re.compile(bad)
        assert max(took(pattern, text) for text in evil(pattern)) > SECONDS
