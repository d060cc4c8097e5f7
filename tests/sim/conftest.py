"""How the simulations are started; see docs/testing.md."""

from __future__ import annotations

import pytest


@pytest.fixture
def seed(request: pytest.FixtureRequest) -> int | None:
    """The seed that was asked for."""
    found: int | None = request.config.getoption("--seed", default=None)
    return found
