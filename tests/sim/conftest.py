"""How the simulations are started; see docs/testing.md."""

from __future__ import annotations

import pytest

pytest.register_assert_rewrite("sim_kit", "sim_scenarios", "sim_walk", "push.world")
