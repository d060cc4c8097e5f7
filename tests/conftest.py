"""For every test: hypothesis without deadlines, kits whose asserts explain themselves, seeds."""

from __future__ import annotations

import os

import pytest
from hypothesis import settings

# Whoever runs the tests may be logged in: no test finds the token of a person.
os.environ["GHSYNC_TOKEN_FROM"] = "app,file,env"

pytest.register_assert_rewrite(
    "action.action_kit",
    "action.workflow_kit",
    "cli.cli_kit",
    "contract.openapi",
    "contract.transport",
    "plan.plan_kit",
    "push.world",
    "remote.remote_kit",
    "sandbox.sandbox_kit",
    "sim_kit",
    "sim_scenarios",
    "sim_walk",
    "store.store_disk",
    "stories.story_kit",
)

# A machine that is busy is no failure, and a failure says how to repeat it.
settings.register_profile("ghsync", deadline=None, print_blob=True)
settings.load_profile("ghsync")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add ``--seed``, which repeats one random walk of ``tests/sim``."""
    parser.addoption("--seed", type=int, default=None, help="repeat one random walk")
