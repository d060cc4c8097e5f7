"""What has moved between a plan and the plan that is made again."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from planfile.planfile_strategies import JSON, SAVED, TEXT

from ghsync.model import CreateLabel, CreateMilestone
from ghsync.model.saved import SavedPlan
from ghsync.planfile import moved, settings_moved
from ghsync.planfile.moving import _name

FEW = settings(max_examples=30, suppress_health_check=list(HealthCheck))


def sound(saved: SavedPlan) -> SavedPlan:
    """The plan with one operation of each name and one side of each key, as plans are."""
    operations = {_name(op): op for op in saved.plan.operations}
    sides = {side.key: side for side in saved.sides}
    plan = replace(saved.plan, operations=tuple(operations.values()), renames=())
    return replace(saved, plan=plan, sides=tuple(sides.values()))


PLANS = SAVED.map(sound)


@FEW
@given(PLANS, st.booleans())
def test_the_same_plan_has_not_moved(saved: SavedPlan, begun: bool) -> None:
    """Whatever is in it."""
    assert moved(saved, saved, begun=begun) == ()


@FEW
@given(PLANS)
def test_what_is_left_may_be_less_and_not_more(saved: SavedPlan) -> None:
    """An operation fewer is a move unless the plan was begun; one more always is."""
    operations = saved.plan.operations
    if not operations:
        return
    less = replace(saved, plan=replace(saved.plan, operations=operations[1:]))
    tool = isinstance(operations[0], CreateLabel | CreateMilestone)
    assert bool(moved(saved, less)) is not tool
    assert moved(saved, less, begun=True) == ()
    assert any(line.startswith("operation new") for line in moved(less, saved))


@FEW
@given(PLANS)
def test_each_side_is_named(saved: SavedPlan) -> None:
    """A file, an entry or an issue that is another one is named, with the item's key or path."""
    for place, side in enumerate(saved.sides):
        for other, name in (
            (replace(side, file=f"{side.file}x"), side.path),
            (replace(side, entry=f"{side.entry}x"), side.key),
            (replace(side, number=(side.number or 0) + 1), side.key),
            (replace(side, issue={"title": "x", **(side.issue or {}), "new": "x"}), "issue #"),
        ):
            sides = (*saved.sides[:place], other, *saved.sides[place + 1 :])
            found = moved(saved, replace(saved, sides=sides))
            assert any(name in line for line in found)


@FEW
@given(st.dictionaries(TEXT, JSON, max_size=3), st.dictionaries(TEXT, JSON, max_size=3))
def test_settings_are_compared_one_by_one(
    before: dict[str, object], now: dict[str, object]
) -> None:
    """The same names and values, or a line for each that differs."""
    found = settings_moved(before, now)
    assert (not found) is (
        {k: v for k, v in before.items() if v is not None}
        == {k: v for k, v in now.items() if v is not None}
    )
