"""Fixtures for the sandbox's tests."""

from __future__ import annotations

import pytest
from sandbox_kit import Kit


@pytest.fixture
def kit() -> Kit:
    """A fresh sandbox without limits."""
    return Kit()
