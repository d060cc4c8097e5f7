"""Fixtures of the stories."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from cli.cli_kit import SETTINGS, Cli, Served, served
from stories.story_kit import Haste, Story

from ghsync.sandbox.github import GitHub
from ghsync.sandbox.serve import running


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Cli:
    """``ghsync`` in an empty folder, with room for others beside it; no settings from outside."""
    root = tmp_path / "project"
    root.mkdir()
    monkeypatch.chdir(root)
    for name in SETTINGS:
        monkeypatch.delenv(name, raising=False)
    return Cli(root, capsys)


@pytest.fixture
def story(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> Iterator[Story]:
    """A project beside an empty repository, on a GitHub without limits."""
    with served() as server:
        for name, text in server.environment().items():
            monkeypatch.setenv(name, text)
        yield Story(cli, server, Haste(1.0))


@pytest.fixture
def hurried(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> Iterator[Story]:
    """The same on a GitHub with its limits, where a minute is over in a second."""
    clock = Haste(60.0)
    monkeypatch.setattr("ghsync.session.SystemClock", lambda: clock)
    github = GitHub()
    with running(github, clock=clock) as address:
        server = Served(github, address.url)
        for name, text in server.environment().items():
            monkeypatch.setenv(name, text)
        yield Story(cli, server, clock)
