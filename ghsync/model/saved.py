"""A plan as it is kept in a file: with what it was made from, so that it is seen what moved."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TypeAlias

from ghsync.model.names import IssueNumber, Key
from ghsync.model.plans import Plan
from ghsync.values import dataclass

Held: TypeAlias = str | int | bool | tuple[str, ...]
"""A field of an issue, as a plan file keeps it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """What a plan takes for granted of one item that it writes to."""

    key: Key
    path: str
    file: str | None
    """A digest of what its file says; ``None`` where the file is gone."""
    entry: str | None
    """A digest of its line in the map; ``None`` where it has none."""
    number: IssueNumber | None
    """Its issue; ``None`` where that is still to be made."""
    issue: Mapping[str, Held] | None
    """What GitHub holds of it, the text as a digest; ``None`` where there is no issue."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedPlan:
    """A plan, what it was made with, and what it takes for granted."""

    plan: Plan
    """Of the repository its id and name alone, of the numbers those that matter to it."""
    version: str
    """The ghsync that made it."""
    api_url: str
    sandbox: bool
    inside: str
    """The root's path inside its checkout, POSIX, empty at its top."""
    commit: str | None
    """What HEAD was, where a closing comment names it."""
    settings: Mapping[str, object]
    """The settings that shape a plan and are not the default, as JSON."""
    given: tuple[str, ...]
    """Those of them that were options, which ``apply`` takes over."""
    sides: tuple[Side, ...]
    """One for each item that the plan writes to, sorted by key."""


Binding: TypeAlias = Callable[[Iterable[Side]], SavedPlan]
"""Makes the value of a plan file; given items of an earlier plan, it looks at those as well."""
