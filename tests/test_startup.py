"""What starting a command loads: modules are counted here, seconds in benchmarks/startup.py."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from ghsync import outcome, reader

RUN = """
import json, sys
target = sys.argv.pop(1)
from ghsync.__main__ import main
try:
    main()
finally:
    json.dump(sorted(name for name, module in sys.modules.items() if module), open(target, "w"))
"""
HEAVY = (
    "aiohttp",
    "aiolimiter",
    "anyio",
    "asyncio",
    "frontmatter",
    "github",
    "httpx",
    "markdown_it",
    "pygments",
    "rich",
    "ssl",
    "tenacity",
    "yaml",
)
FILES = {
    ".claude/epics/shop/epic.md": "---\nname: Shop\nstatus: open\n---\nText\n",
    ".claude/epics/shop/001.md": "---\nname: 'Cart'\nstatus: open\ndepends_on: []\n---\nText\n",
    ".claude/epics/shop/002.md": "---\nname: Pay\nstatus: open\ndepends_on: [001]\n---\nText\n",
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Three plain files."""
    for path, text in FILES.items():
        file = tmp_path / "project" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return tmp_path / "project"


def loaded(project: Path, *arguments: str) -> set[str]:
    """The modules in a process that ran this command."""
    target = project.parent / "modules.json"
    unset = ("GITHUB_TOKEN", "GH_TOKEN", "GITHUB_REPOSITORY", "GITHUB_API_URL", "FORCE_COLOR")
    env = {name: value for name, value in os.environ.items() if name not in unset}
    command = [sys.executable, "-c", RUN, str(target), *arguments]
    done = subprocess.run(
        command, env=env, cwd=project, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return set(json.loads(target.read_text()))


def heavy(modules: set[str]) -> set[str]:
    """The expensive packages among them."""
    return {name for name in HEAVY if name in modules}


def parts(modules: set[str]) -> set[str]:
    """The modules of ghsync among them, one level deep."""
    return {name.split(".")[1] for name in modules if name.startswith("ghsync.")}


@pytest.mark.parametrize("option", ["--help", "--version"])
def test_help_loads_the_command_line_alone(project: Path, option: str) -> None:
    """The group's help and version know no command, no configuration and no model."""
    modules = loaded(project, option)
    assert heavy(modules) == set()
    assert parts(modules) == {"__main__", "cli", "errors"}
    assert len(modules) < 160


def test_a_dry_run_without_github_loads_no_network(project: Path) -> None:
    """No event loop, no HTTP client, no sandbox, no YAML parser and, for a pipe, no rich."""
    modules = loaded(project, "push", "--dry-run")
    assert heavy(modules) == set()
    unwanted = {"sandbox", "embedded", "session", "reader", "uploader", "executor", "history"}
    unwanted |= {"pushing", "control", "undo", "rebuild", "doctor", "upkeep", "edit", "importers"}
    assert parts(modules) & unwanted == set()
    assert "ghsync.remote.client" not in modules
    assert "ghsync.layouts.tasklines" not in modules
    assert len(modules) < 300


def test_a_dry_run_of_a_sandbox_loads_no_painter(project: Path) -> None:
    """Its interface is httpx; httpx's own command line, with rich and pygments, stays out."""
    modules = loaded(project, "push", "--dry-run", "--sandbox")
    assert heavy(modules) <= {"anyio", "asyncio", "httpx", "ssl"}
    assert parts(modules) & {"pushing", "uploader", "executor", "undo", "doctor"} == set()


def test_yaml_is_loaded_for_what_is_not_plain(project: Path) -> None:
    """One comment in one frontmatter, and PyYAML reads it."""
    (project / ".claude/epics/shop/003.md").write_text(
        "---\nname: Ship\nstatus: open  # for now\n---\nText\n", encoding="utf-8"
    )
    assert heavy(loaded(project, "push", "--dry-run")) == {"yaml"}


def test_the_lock_costs_what_the_reader_reads() -> None:
    """The number of requests is written down where the reader is not loaded; they agree."""
    assert outcome._LOCK.reads == 1 + reader.BEYOND
