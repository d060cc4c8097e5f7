"""How the simulations are started; see docs/testing.md."""

from __future__ import annotations

import pytest

pytest.register_assert_rewrite("sim_kit", "sim_scenarios", "sim_walk", "push.world")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add ``--seed``; known where ``tests/sim`` is named on the command line."""
    parser.addoption("--seed", type=int, default=None, help="repeat one random walk")


@pytest.fixture
def seed(request: pytest.FixtureRequest) -> int | None:
    """The seed that was asked for."""
    found: int | None = request.config.getoption("--seed", default=None)
    return found
