"""Fixtures for the tests of the command line."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from apply_kit import Project
from cli_kit import SETTINGS, Cli, Served, served


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Cli:
    """``ghsync`` in an empty folder, without settings from outside."""
    monkeypatch.chdir(tmp_path)
    for name in SETTINGS:
        monkeypatch.delenv(name, raising=False)
    return Cli(tmp_path, capsys)


@pytest.fixture
def server() -> Iterator[Served]:
    """An unlimited GitHub over HTTP."""
    with served() as found:
        yield found


@pytest.fixture
def project(cli: Cli, server: Served, monkeypatch: pytest.MonkeyPatch) -> Project:
    """An epic with two tasks, nothing pushed yet, and a GitHub that is set up for it."""
    for name, text in server.environment().items():
        monkeypatch.setenv(name, text)
    cli.shop(2)
    return Project(cli, server)
