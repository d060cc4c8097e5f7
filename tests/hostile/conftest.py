"""Fixtures for the tests of hostile input: a project, a GitHub over HTTP, nothing from outside."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from cli.cli_kit import SETTINGS, Cli, Served, served


@pytest.fixture
def cli(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Cli:
    """``ghsync`` in an empty folder, without settings from outside."""
    monkeypatch.chdir(tmp_path)
    for name in SETTINGS:
        monkeypatch.delenv(name, raising=False)
    return Cli(tmp_path, capsys)


@pytest.fixture
def github(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    """An unlimited GitHub over HTTP, to which the environment points."""
    with served() as found:
        for name, text in found.environment().items():
            monkeypatch.setenv(name, text)
        yield found


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What hangs is a failure, and soon: no attack here takes seconds."""
    for item in items:
        if "hostile" in item.path.parts and item.get_closest_marker("timeout") is None:
            item.add_marker(pytest.mark.timeout(60))
