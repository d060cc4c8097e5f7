"""The labels and milestones that a plan needs and the repository lacks."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ghsync import engine, render
from ghsync.details import of_title
from ghsync.model import (
    CreateIssue,
    CreateLabel,
    CreateMilestone,
    Operation,
    Snapshot,
    UpdateIssue,
)
from ghsync.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class MilestoneSpec:
    """What the config says of a milestone, for when it is made."""

    due: str | None = None
    """``YYYY-MM-DD``."""
    description: str = ""


def tools_for(
    operations: Iterable[Operation], snapshot: Snapshot, specs: Mapping[str, MilestoneSpec]
) -> list[Operation]:
    """The labels and milestones that these operations use and the repository lacks."""
    labels: dict[str, str] = {}
    milestones = {title.casefold(): title for title in specs}  # the config's spelling wins
    used: set[str] = set()
    for op in operations:
        names, milestone = _uses(op)
        for name in names:
            labels.setdefault(name.casefold(), name)
        if milestone is not None:
            milestones.setdefault(milestone.casefold(), milestone)
            used.add(milestone.casefold())
    made: list[Operation] = [
        CreateLabel(name=name, color=render.label_color(name), description="")
        for folded, name in sorted(labels.items())
        if folded not in snapshot.labels
    ]
    made += [
        CreateMilestone(title=title, due=spec.due, description=spec.description)
        for title in sorted(milestones[folded] for folded in used)
        if of_title(snapshot.milestones, title) is None
        for spec in [of_title(specs, title) or MilestoneSpec()]
    ]
    return made


def _uses(op: Operation) -> tuple[tuple[str, ...], str | None]:
    match op:
        case CreateIssue():
            return op.labels, op.milestone
        case UpdateIssue():
            return engine.tools_of(op)
        case _:
            return (), None
