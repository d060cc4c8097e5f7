"""Fixtures for the tests of pulls."""

from __future__ import annotations

from pathlib import Path

import pytest
from push.world import World


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A folder, a GitHub and the time."""
    return World(tmp_path)
