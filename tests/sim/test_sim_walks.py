"""Seeded random walks; a failing one is repeated with ``pytest tests/sim -k walk --seed N``."""

from __future__ import annotations

from pathlib import Path

import pytest
from sim_walk import Walk

WALKS = 1000
IN_ONE_TEST = 25


def walk(seed: int, root: Path) -> None:
    """One walk; if it fails, its seed and what happened are shown."""
    one = Walk(seed, root)
    try:
        one.run()
    except BaseException as error:
        story = "\n".join(one.story)
        error.add_note(f"{story}\nrepeat it: pytest tests/sim -k walk --seed {seed}")
        raise


@pytest.mark.parametrize("first", range(0, WALKS, IN_ONE_TEST))
def test_walks(tmp_path: Path, first: int, seed: int | None) -> None:
    """After any walk: one issue an item, what people wrote is there, the map is GitHub."""
    if seed is not None:
        pytest.skip("one seed is asked for")
    for number in range(first, first + IN_ONE_TEST):
        walk(number, tmp_path / str(number))


def test_one_walk(tmp_path: Path, seed: int | None) -> None:
    """The walk of ``--seed N``."""
    if seed is None:
        pytest.skip("no --seed is given")
    walk(seed, tmp_path / "walk")


@pytest.mark.soak
@pytest.mark.parametrize("first", range(100_000, 150_000, 500))
def test_many_walks(tmp_path: Path, first: int) -> None:
    """Fifty thousand more of the same."""
    for number in range(first, first + 500):
        walk(number, tmp_path / str(number))
