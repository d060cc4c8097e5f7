"""The project's own rules, as far as a program can check them."""

from __future__ import annotations

import ast
import re
import subprocess
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TypeAlias

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "ghsync"
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
MODULES = sorted(PACKAGE.rglob("*.py"))
MAX_LINES = 450
PURE = tuple(
    name.removeprefix("ghsync.")
    for contract in PYPROJECT["tool"]["importlinter"]["contracts"]
    if contract["name"].startswith("The core")
    for name in contract["source_modules"]
)

Described: TypeAlias = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
"""What can have a docstring."""

# In pieces, so that this file does not hold what it looks for.
FOREIGN = {
    "a path of somebody's machine": re.compile(
        r"(?<![\w.~:/-])/(?:work|farm|root|home|Users|opt)/(?!runner\b)[\w.-]"
    ),
    "a registry's host": re.compile(
        "|".join(
            re.escape(".".join(parts))
            for parts in (
                ("pypi", "org"),
                ("pythonhosted", "org"),
                ("npmjs", "org"),
                ("npmjs", "com"),
            )
        )
    ),
}
LOCK_FILES = re.compile(r"(?:^|/)(?:uv\.lock|poetry\.lock|pdm\.lock|Pipfile\.lock|pylock.*\.toml)$")


@cache
def tracked() -> tuple[Path, ...]:
    """The files that git tracks; in an unpacked source archive, every file that is no cache."""
    try:
        listing = subprocess.run(
            ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True
        ).stdout
    except (OSError, subprocess.CalledProcessError):
        skipped = {".venv", ".git", ".ghsync", "__pycache__", "dist", "build"}
        return tuple(
            path
            for path in sorted(ROOT.rglob("*"))
            if path.is_file() and not skipped & set(path.relative_to(ROOT).parts)
        )
    return tuple(path for name in listing.split("\0") if name and (path := ROOT / name).is_file())


def text_of(path: Path) -> str:
    """The file's text; bytes that are no UTF-8 are kept apart, never an error."""
    return path.read_text("utf-8", errors="surrogateescape")


@cache
def tree_of(path: Path) -> ast.Module:
    """The module, parsed."""
    return ast.parse(text_of(path))


def name_of(path: Path) -> str:
    """``ghsync/cli/push.py`` for a path of this checkout."""
    return path.relative_to(ROOT).as_posix()


def functions(tree: ast.Module) -> Iterator[tuple[str, Described]]:
    """Public functions, classes and methods with their dotted names; nothing inside functions."""
    todo: list[tuple[str, Described]] = [("", tree)]
    while todo:
        prefix, node = todo.pop()
        for child in ast.iter_child_nodes(node):
            if not isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                continue
            if child.name.startswith("_"):
                continue
            yield prefix + child.name, child
            if isinstance(child, ast.ClassDef):
                todo.append((f"{prefix}{child.name}.", child))


def is_override(node: Described) -> bool:
    """True for what implements a described method: an override, an overload, a setter."""
    return any(
        isinstance(d, ast.Name | ast.Attribute)
        and (d.id if isinstance(d, ast.Name) else d.attr) in {"override", "overload", "setter"}
        for d in getattr(node, "decorator_list", [])
    )


MOUNTS = {"inprocess.py", "serve.py", "store.py"}
"""The sandbox's adapters to a client, a socket and a file; the rest of it is pure."""


def pure_modules() -> list[Path]:
    """The files of the modules that may do no I/O."""
    found: list[Path] = []
    for name in PURE:
        path = PACKAGE / name.replace(".", "/")
        found += [path.with_suffix(".py")] if path.with_suffix(".py").exists() else []
        found += [p for p in sorted(path.rglob("*.py")) if p.name not in MOUNTS]
    return found


@pytest.mark.parametrize("what", FOREIGN)
def test_nothing_foreign_is_committed(what: str) -> None:
    """No tracked file names a path of a machine or the host of a package registry."""
    hits = [
        f"{name_of(path)}:{number}: {line.strip()[:100]}"
        for path in tracked()
        if path != Path(__file__).resolve()
        for number, line in enumerate(text_of(path).splitlines(), 1)
        if FOREIGN[what].search(line)
    ]
    assert hits == [], what


def test_no_lock_file_is_committed() -> None:
    """Dependencies are names and versions; lock files, which name hosts, stay outside."""
    assert [name_of(p) for p in tracked() if LOCK_FILES.search(name_of(p))] == []


def test_modules_stay_small() -> None:
    """A module that needs more lines than this holds a second idea."""
    lines = {name_of(path): len(text_of(path).splitlines()) for path in MODULES}
    assert {n: k for n, k in lines.items() if k > MAX_LINES} == {}


def test_public_names_have_docstrings() -> None:
    """Every module, and every public function, class and method, says what it is."""
    bare = [
        f"{name_of(path)}:{getattr(node, 'lineno', 1)}: {name}"
        for path in MODULES
        for name, node in [("the module", tree_of(path)), *functions(tree_of(path))]
        if not is_override(node) and not ast.get_docstring(node) and node.body
    ]
    assert bare == []


def test_tests_say_what_they_show() -> None:
    """Every test has a docstring that states the behaviour."""
    bare = [
        f"{name_of(path)}:{node.lineno}: {node.name}"
        for path in sorted((ROOT / "tests").rglob("test_*.py"))
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.name.startswith("test_")
        and not ast.get_docstring(node)
    ]
    assert bare == []


def test_the_core_touches_no_file() -> None:
    """A pure module opens nothing and knows paths as text only."""
    wrong: list[str] = []
    for path in pure_modules():
        for node in ast.walk(tree_of(path)):
            match node:
                case ast.Call(func=ast.Name(id="open" | "print" | "input" | "exec" | "eval" as n)):
                    wrong.append(f"{name_of(path)}:{node.lineno}: {n}()")
                case ast.Import(names=names) if any(n.name == "pathlib" for n in names):
                    wrong.append(f"{name_of(path)}:{node.lineno}: import pathlib")
                case ast.ImportFrom(module="pathlib", names=names):
                    wrong += [
                        f"{name_of(path)}:{node.lineno}: pathlib.{n.name}"
                        for n in names
                        if n.name not in {"PurePath", "PurePosixPath"}
                    ]
                case _:
                    pass
    assert wrong == []


def test_only_the_command_line_prints_and_exits() -> None:
    """Outside ``ghsync.cli`` nothing prints, ends the process or configures logging."""
    banned = {
        "print", "exit", "quit", "sys.exit", "os._exit", "click.echo",
        "logging.basicConfig", "sys.stdout.write", "sys.stderr.write",
    }  # fmt: skip
    wrong = [
        f"{name_of(path)}:{node.lineno}: {ast.unparse(node.func)}"
        for path in MODULES
        if "cli" not in path.relative_to(PACKAGE).parts and path != PACKAGE / "__main__.py"
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Call) and ast.unparse(node.func) in banned
    ]
    assert wrong == []


def test_no_second_way_to_the_network() -> None:
    """Nothing reaches for urllib's own client, which import-linter cannot tell from its parser."""
    client = re.compile(
        r"urllib\.request(?! import getproxies\n)|from urllib import .*request"  # settings alone
    )
    assert [name_of(path) for path in MODULES if client.search(text_of(path))] == []


def test_every_dependency_is_justified() -> None:
    """Each dependency has its line in the first decision."""
    decision = text_of(ROOT / "docs/decisions/0001-dependencies.md").casefold()
    project = PYPROJECT["project"]
    names = [*project["dependencies"]]
    for extra in project["optional-dependencies"].values():
        names += extra
    missing = [
        name
        for requirement in names
        if f"`{(name := re.split(r'[><=~! ]', requirement)[0].casefold())}`" not in decision
    ]
    assert missing == []


def test_actions_are_pinned() -> None:
    """Workflows of this repository use actions by commit, and ask for no permission at the top."""
    for path in (ROOT / ".github/workflows").glob("*.yml"):
        text = text_of(path)
        used = re.findall(r"uses:\s*(\S+)", text)
        assert [u for u in used if u != "./" and not re.search(r"@[0-9a-f]{40}$", u)] == []
        assert "\npermissions: {}\n" in text


def test_links_between_documents_lead_somewhere() -> None:
    """A relative link in a document of the project names a file that is there."""
    dead: list[str] = []
    for path in tracked():
        if path.suffix != ".md" or name_of(path).startswith(("examples/", "tests/")):
            continue
        text = re.sub(r"^(`{3,}|~{3,}).*?^\1", "", text_of(path), flags=re.MULTILINE | re.DOTALL)
        text = re.sub(r"`[^`\n]*`", "", text)
        for target in re.findall(r"\]\(([^)\s]+)\)", text):
            file = target.split("#")[0]
            if file and "://" not in target and not (path.parent / file).exists():
                dead.append(f"{name_of(path)}: {target}")
    assert dead == []


def test_every_document_is_in_the_index() -> None:
    """What is written can be found: ``docs/README.md`` links each page."""
    index = text_of(ROOT / "docs/README.md")
    pages = [name_of(p).removeprefix("docs/") for p in tracked() if p.parent == ROOT / "docs"]
    pages += [f"decisions/{p.name}" for p in (ROOT / "docs/decisions").glob("*.md")]
    assert [p for p in pages if p.endswith(".md") and f"({p})" not in index] == ["README.md"]


def test_the_changelog_knows_the_version() -> None:
    """What is released, or about to be, has its section."""
    text = text_of(ROOT / "CHANGELOG.md")
    assert f"## [{PYPROJECT['project']['version']}]" in text or "## [Unreleased]" in text


def test_the_examples_travel_in_the_wheel() -> None:
    """``ghsync demo`` works from a wheel: each example project is packed into it."""
    packed = PYPROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["only-include"]
    projects = [
        name_of(p)
        for p in (ROOT / "examples").iterdir()
        if p.is_dir() and p.name not in {"library", "workflows"}
    ]
    assert sorted(["ghsync", *projects]) == sorted(packed)
