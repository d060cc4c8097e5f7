"""The examples of the pages that are no commands: settings load, programs run, data parses."""

from __future__ import annotations

import ast
import asyncio
import inspect
import json
import re
import shutil
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any

import pytest
import yaml
from cli.cli_kit import served
from docs.console import BLOCK

import ghsync
from ghsync.config import load_config

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])


def examples(*languages: str) -> list[Any]:
    """Each block in one of these languages, named by its page and its number there."""
    return [
        pytest.param(found.group(3), id=f"{page.stem}-{number}")
        for page in PAGES
        for number, found in enumerate(BLOCK.finditer(page.read_text("utf-8")), 1)
        if found.group(1) in languages
    ]


@pytest.mark.parametrize("text", examples("toml"))
def test_the_settings_of_a_page_are_settings(text: str, tmp_path: Path) -> None:
    """As a ``ghsync.toml`` they load without an error."""
    (tmp_path / "ghsync.toml").write_text(text, "utf-8")
    load_config(tmp_path, env={})


@pytest.mark.parametrize("text", examples("yaml", "yml"))
def test_the_yaml_of_a_page_is_a_workflow_or_a_part_of_one(text: str) -> None:
    """It parses, and is a mapping or a list of steps."""
    assert isinstance(yaml.safe_load(text), dict | list)


@pytest.mark.parametrize("text", examples("json"))
def test_the_json_of_a_page_is_json(text: str) -> None:
    """As one document, or as one a line; an ellipsis stands for what is left out."""
    whole = text.replace("…", "")
    try:
        json.loads(whole)
    except json.JSONDecodeError:
        for line in whole.splitlines():
            json.loads(re.sub(r",\s*([}\]])", r"\1", line))


@pytest.mark.parametrize("text", examples("python"))
def test_the_programs_of_a_page_run(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Against a server, in a project of examples; those on other accounts are only compiled."""
    code = compile(text, "page", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    if "private_key" in text:  # needs a GitHub App; tests/api and tests/cli have one
        return
    monkeypatch.chdir(tmp_path)
    for place in (".", "path/to/project", "plans"):
        shutil.copytree(ROOT / "examples/ccpm-shop", tmp_path / place, dirs_exist_ok=True)
    (tmp_path / "roadmap").mkdir()
    with served() as server:
        for name, value in {**server.environment(), "GHSYNC_SETTLE": "0"}.items():
            monkeypatch.setenv(name, value)
        (tmp_path / "ghsync.toml").write_text('limits = "none"\n', "utf-8")
        shutil.copy(tmp_path / "ghsync.toml", tmp_path / "plans")
        shutil.copy(tmp_path / "ghsync.toml", tmp_path / "roadmap")
        names = {"ghsync": ghsync, "run": ghsync.push(dry_run=True), "__name__": "page"}
        execute(code, names)


def execute(code: CodeType, names: dict[str, Any]) -> None:
    """Run a module's code, awaited where it awaits."""
    if code.co_flags & inspect.CO_COROUTINE:
        asyncio.run(FunctionType(code, names)())
    else:
        exec(code, names)
