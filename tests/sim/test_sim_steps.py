"""Killed at every step: the next push finishes what was begun, and nothing is there twice.

Each write to the disk, each request sent and each answer received is a step. The scenarios
together hold every operation; ``-m soak`` tries every pair of deaths.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from sim_kit import Fate, SimWorld
from sim_scenarios import SCENARIOS, Scenario, prepared
from store.store_disk import Killed

FATES = tuple(Fate)
PARTS = 4
"""Each scenario is several tests, so that several workers can share it."""
PAIRS = 6
"""Second deaths that are tried in each part; ``-m soak`` tries all."""

each_scenario = pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda each: each.name)
each_part = pytest.mark.parametrize("part", range(PARTS))


def undisturbed(scenario: Scenario, start: SimWorld) -> tuple[SimWorld, int]:
    """How it ends where nothing goes wrong, and in how many steps."""
    world = start.copy()
    scenario.act(world)
    return world, len(world.steps.names)


def killed(
    scenario: Scenario, start: SimWorld, step: int, fate: Fate, *, power: bool = False
) -> SimWorld:
    """The world after a death at this step, or after a loss of power."""
    world = start.copy()
    world.fate = fate
    with world.killed_at_step(step), pytest.raises(Killed):
        scenario.act(world)
    if power:
        world.power_cut()
    else:
        world.revive()
    return world


def check(world: SimWorld, wanted: SimWorld) -> None:
    """Compare the end with the undisturbed one; one more push has nothing to do."""
    assert world.picture() == wanted.picture()
    assert world.chart() == wanted.chart()
    assert not world.pending
    world.later(700.0)
    before = len(world.writes())
    run = world.push()
    assert run.plan.operations == ()
    assert len(world.writes()) == before


def deaths(total: int, part: int) -> Iterator[tuple[int, Fate]]:
    """The steps of one part, each with one fate of what was under way."""
    for step in range(1 + part, total + 1, PARTS):
        yield step, FATES[(step // PARTS) % len(FATES)]


@each_part
@each_scenario
def test_a_death_at_any_step(tmp_path: Path, scenario: Scenario, part: int) -> None:
    """One push, without any option, ends as if nobody had died; a third writes nothing."""
    start = prepared(scenario, tmp_path)
    wanted, total = undisturbed(scenario, start)
    assert scenario.operations <= set(wanted.done)
    for step, fate in deaths(total, part):
        world = killed(scenario, start, step, fate)
        scenario.act(world)
        check(world, wanted)


@each_part
@each_scenario
def test_a_loss_of_power_at_any_step(tmp_path: Path, scenario: Scenario, part: int) -> None:
    """What was not synced yet is gone, or half of it; what was sent had been synced before."""
    start = prepared(scenario, tmp_path)
    wanted, total = undisturbed(scenario, start)
    for step, fate in deaths(total, part):
        if step % 3:
            continue  # soak loses the power at every step
        world = killed(scenario, start, step, fate, power=True)
        scenario.act(world)
        check(world, wanted)


@each_part
@each_scenario
def test_a_second_death_in_the_recovery(tmp_path: Path, scenario: Scenario, part: int) -> None:
    """The run that finishes a dead one's work dies too; the third one ends it."""
    start = prepared(scenario, tmp_path)
    wanted, total = undisturbed(scenario, start)
    chance = random.Random(part)
    for _ in range(PAIRS):
        step, fate, power = chance.randint(1, total), chance.choice(FATES), chance.random() < 0.5
        first = killed(scenario, start, step, fate, power=power)
        steps = undisturbed(scenario, first)[1]
        again = killed(scenario, first, chance.randint(1, steps), chance.choice(FATES))
        scenario.act(again)
        check(again, wanted)


@pytest.mark.soak
@each_part
@each_scenario
def test_every_two_deaths(tmp_path: Path, scenario: Scenario, part: int) -> None:
    """Every step of the run, every fate, with power and without, and every step after it."""
    start = prepared(scenario, tmp_path)
    wanted, total = undisturbed(scenario, start)
    cases = itertools.product(range(1 + part, total + 1, PARTS), FATES, (False, True))
    for step, fate, power in cases:
        first = killed(scenario, start, step, fate, power=power)
        once, steps = undisturbed(scenario, first)
        check(once, wanted)
        for second in range(1 + step % 7, steps + 1, 7) if power else range(1, steps + 1):
            again = killed(scenario, first, second, FATES[second % 3], power=second % 2 == 0)
            scenario.act(again)
            check(again, wanted)
