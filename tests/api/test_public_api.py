"""Nothing of the public API changes unseen, and what it promises of itself is so."""

from __future__ import annotations

import ast
import difflib
import importlib
import inspect
import re
from pathlib import Path

import pytest
from surface import family, surface

import ghsync
from ghsync.errors import ExitCode

HERE = Path(__file__).resolve().parent
LIBRARY = (HERE.parents[1] / "docs/library.md").read_text("utf-8")


def test_the_public_api_is_the_committed_one() -> None:
    """A change is noted by `make api`; removing something breaks somebody's program."""
    kept = (HERE / "public.txt").read_text("utf-8").splitlines()
    diff = "\n".join(difflib.unified_diff(kept, surface().splitlines(), "public.txt", "now", n=2))
    assert not diff, f"the public API has changed; `make api` notes it:\n{diff}"


def test_public_is_what_all_lists() -> None:
    """One list: what a type checker sees, what is loaded when used, and `__all__` are the same."""
    tree = ast.parse(Path(ghsync.__file__).read_text("utf-8"))
    block = next(n for n in tree.body if isinstance(n, ast.If))
    typed = {
        alias.asname or alias.name: node.module
        for node in ast.walk(block)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert {*typed, "__version__"} == set(ghsync.__all__) == set(dir(ghsync))
    assert typed == ghsync._HOME_OF
    assert list(ghsync.__all__) == sorted(ghsync.__all__)
    for name, home in typed.items():
        assert getattr(ghsync, name) is getattr(importlib.import_module(str(home)), name)


def test_each_public_name_is_documented() -> None:
    """By a docstring; a function says what it raises, and docs/library.md names each function."""
    for name in ghsync.__all__:
        thing = getattr(ghsync, name)
        if inspect.isfunction(thing) or inspect.isclass(thing):
            assert inspect.getdoc(thing), name
        if inspect.isfunction(thing) and name != "op_name":
            assert "Raises" in (inspect.getdoc(thing) or ""), name
            assert f"`{name.removesuffix('_async')}" in LIBRARY, name


def test_each_sync_function_has_its_async_form() -> None:
    """With the same parameters, in the same order."""
    for name in ghsync.__all__:
        twin = getattr(ghsync, f"{name}_async", None)
        if twin is not None:
            plain = inspect.signature(getattr(ghsync, name))
            assert plain.parameters == inspect.signature(twin).parameters
            assert plain.return_annotation == inspect.signature(twin).return_annotation


def test_the_errors_are_those_of_the_page() -> None:
    """docs/library.md has a row for each code: its public class and its exit code."""
    rows = re.findall(r"^\| `(\w+)` \| `(\w+)` \| (\d+) \|", LIBRARY, re.MULTILINE)
    page = {code: (name, int(exit_code)) for code, name, exit_code in rows}
    assert len(rows) == len(page)
    assert set(page) == {cls.code for cls in family()}
    for cls in family():
        name, exit_code = page[cls.code]
        assert issubclass(cls, getattr(ghsync, name)), f"{cls.__name__} is no {name}"
        assert cls.exit_code is ExitCode(exit_code), cls


@pytest.mark.parametrize("name", ["plan", "lint", "undo"])
def test_a_function_wins_over_the_module_of_its_name(name: str) -> None:
    """Whoever imported what before."""
    importlib.import_module(f"ghsync.{name}")
    assert inspect.isfunction(getattr(ghsync, name))
