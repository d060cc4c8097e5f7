"""Regular expressions that are compiled late do what others do, and none is wrong."""

from __future__ import annotations

import importlib
import pkgutil
import re
from typing import Any

import pytest

import ghsync
from ghsync.patterns import _Later, regex


def test_it_is_compiled_once_and_at_the_first_use(monkeypatch: pytest.MonkeyPatch) -> None:
    """Making one compiles nothing; then it has all that a compiled one has."""
    made: list[str] = []
    real = re.compile

    def compile_(text: str, flags: int = 0) -> re.Pattern[str]:
        made.append(text)
        return real(text, flags)

    monkeypatch.setattr(re, "compile", compile_)
    late = regex(r"(?P<a>A+)b", re.IGNORECASE)
    assert late.pattern == r"(?P<a>A+)b"
    assert made == []
    found = late.search("xaab")
    assert found is not None
    assert found["a"] == "aa"
    assert late.sub("-", "aab AB") == "- -"
    assert late.fullmatch("b") is None
    assert (late.groups, dict(late.groupindex)) == (1, {"a": 1})
    assert late.flags & re.IGNORECASE
    assert made == [r"(?P<a>A+)b"]


def _all() -> list[Any]:
    """Every such constant of the package."""
    names = [m.name for m in pkgutil.walk_packages(ghsync.__path__, "ghsync.")]
    modules = [importlib.import_module(name) for name in names if not name.endswith("__main__")]
    return [value for m in modules for value in vars(m).values() if isinstance(value, _Later)]


def test_every_one_of_the_package_compiles() -> None:
    """An error would else show only where somebody comes across it."""
    found = _all()
    assert len(found) > 50
    for late in found:
        assert late.flags is not None
