"""Every error says what to do next: read from the code, so that none is forgotten."""

from __future__ import annotations

import ast
import inspect
import pickle
from pathlib import Path

import ghsync
from ghsync import errors
from ghsync.errors import ExitCode, GhsyncError, InternalError, StalePlanError, StoppedError
from ghsync.remote import errors as of_the_wire

PACKAGE = Path(ghsync.__file__).parent


def family() -> dict[str, type[GhsyncError]]:
    """The classes by name, those of bugs aside: what to do about a bug is said in one place."""
    found = {**vars(errors), **vars(of_the_wire)}
    return {
        name: each
        for name, each in found.items()
        if inspect.isclass(each) and issubclass(each, GhsyncError) and each is not InternalError
    }


def test_every_error_that_is_made_has_a_hint() -> None:
    """A message without a next step leaves a person, or an agent, alone with it."""
    names = family().keys() - {"GhsyncError"}
    bare = []
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Call) or not (node.args or node.keywords):
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else None
            name = node.func.id if isinstance(node.func, ast.Name) else name
            given = {keyword.arg for keyword in node.keywords}  # None is for **facts
            foreign = isinstance(node.func, ast.Attribute) and ast.unparse(node.func.value) in (
                "httpx",
                "h11",
            )
            if name in names and not foreign and not given & {"hint", None}:
                bare.append(f"{path.relative_to(PACKAGE)}:{node.lineno}: {name}")
    assert bare == []


def test_every_class_has_a_code_of_its_own_meaning() -> None:
    """A program that reads the code of ``--json`` can tell what happened."""
    for name, each in family().items():
        assert each.code.replace("_", "").isalpha(), name
        assert isinstance(each.exit_code, ExitCode), name
        assert each.__doc__, name


def test_no_hint_names_a_page_that_an_installation_lacks() -> None:
    """A command is there; a file of this repository is not."""
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.keyword) and node.arg == "hint":
                assert "docs/" not in ast.unparse(node.value), path


def test_an_error_is_pickled_whole() -> None:
    """A pool of processes gets the same error: class, words, code, and what it holds besides."""
    moved = StalePlanError("It has moved.", hint="Plan again.", moved=("map",))
    for error in (moved, StoppedError("Time is over.", hint="Go on.")):
        again = pickle.loads(pickle.dumps(error))
        assert type(again) is type(error)
        assert vars(again) == vars(error)
        assert (str(again), again.code, again.exit_code) == (
            str(error),
            error.code,
            error.exit_code,
        )
