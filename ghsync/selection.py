"""A part of the items: those that patterns or kinds name, or the most urgent of them.

What a chosen item cannot do without comes along: the parent that has no issue yet, a blocker that
has none. A link in a text is no such need; it is filled in by the push that makes its target.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from ghsync import engine
from ghsync.engine import Needs
from ghsync.errors import UsageError
from ghsync.journal import Entry
from ghsync.layouts import globs
from ghsync.model import (
    Adopt,
    Checked,
    CreateIssue,
    CreateLabel,
    CreateMilestone,
    FillLinks,
    Finding,
    Item,
    Key,
    Kind,
    MoveChild,
    Operation,
    Plan,
)
from ghsync.plan import Planned
from ghsync.turns import Index
from ghsync.values import dataclass

_NUMBER = re.compile(r"#([1-9]\d{0,8})")
_NEAREST = 3
_Tools = CreateLabel | CreateMilestone


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Which items a run is about; by default all of them."""

    only: tuple[str, ...] = ()
    """Patterns, of which one has to fit: a key, a path, a folder, a name, a glob, ``#41``."""
    kinds: frozenset[Kind] = frozenset()
    limit: int | None = None
    """How many items may be written to."""
    keys: frozenset[Key] | None = None
    """Just these items: what a plan that was begun is about."""

    @property
    def everything(self) -> bool:
        """Whether nothing is left out."""
        every = not self.only and not self.kinds and self.keys is None
        return every and self.limit is None


def choose(
    selection: Selection, items: Iterable[Item], entries: Mapping[Key, Entry]
) -> frozenset[Key] | None:
    """The items that patterns and kinds name, those with a gone file included; ``None`` for all.

    Raises :class:`~ghsync.errors.UsageError` for a pattern that fits no item.
    """
    if selection.keys is not None:
        return selection.keys
    if not selection.only and not selection.kinds:
        return None
    known = {key: (entry.path, entry.kind) for key, entry in entries.items()}
    known |= {item.key: (item.path, item.kind) for item in items}
    numbers = {key: entry.number for key, entry in entries.items()}
    found: set[Key] = set()
    for pattern in selection.only:
        fitting = {k for k, (path, _) in known.items() if _fits(pattern, k, path, numbers.get(k))}
        if not fitting:
            raise _nothing(pattern, known)
        found |= fitting
    named = found if selection.only else set(known)
    kinds = selection.kinds
    return frozenset(key for key in named if not kinds or known[key][1] in kinds)


def names(selection: Selection, key: Key, path: str, number: int) -> bool:
    """Whether a pattern fits an item that is not there yet."""
    return any(_fits(pattern, key, path, number) for pattern in selection.only)


def narrow(
    planned: Planned, chosen: frozenset[Key] | None, selection: Selection
) -> tuple[Planned, frozenset[Key] | None]:
    """Keep of a plan what concerns these items and what those need, up to the limit.

    Returns the items as well. Items that the limit leaves out are the plan's ``later``.
    """
    plan, limit = planned.plan, selection.limit
    waits = engine.needs(plan.operations)
    if chosen is not None:
        chosen = _with_needs(plan.operations, waits, chosen)
    wanted = _written(plan.operations, chosen)
    now = wanted if limit is None else wanted[:limit]
    later = tuple(wanted[len(now) :])
    keys = {key for key in _keys(plan.operations) if chosen is None or key in chosen}
    operations = _kept(plan.operations, waits, keys, left=frozenset(later))
    whole = len(operations) == len(plan.operations)
    plan = replace(_about(plan, chosen, selection), operations=operations, later=later)
    return replace(planned, plan=plan, orders=planned.orders if whole else {}), chosen


def checked_part(checked: Checked, chosen: Collection[Key], selection: Selection) -> Checked:
    """What lint says about these items, and about files that the patterns name."""
    return replace(
        checked,
        items=tuple(item for item in checked.items if item.key in chosen),
        refused={key: why for key, why in checked.refused.items() if key in chosen},
        findings=_findings(checked.findings, chosen, selection),
    )


# ------------------------------------------------------------------------------ patterns


def _fits(pattern: str, key: Key, path: str, number: int | None) -> bool:
    if found := _NUMBER.fullmatch(pattern):
        return number == int(found[1])
    text = pattern.removeprefix("./").rstrip("/")
    if text in ("", "."):
        return True
    if any(name == text or name.startswith(f"{text}/") for name in (key, path)):
        return True
    if "/" in text:
        below = f"{text}/**"
        return any(globs.matches(n, text) or globs.matches(n, below) for n in (key, path))
    return any(globs.matches(part, text) for name in (key, path) for part in name.split("/"))


def _nothing(pattern: str, known: Mapping[Key, tuple[str, Kind]]) -> UsageError:
    import difflib  # for this message alone

    names = dict.fromkeys(name for key, (path, _) in known.items() for name in _names(key, path))
    near = difflib.get_close_matches(pattern.rstrip("/"), list(names), n=_NEAREST, cutoff=0.5)
    if not near:  # a part of a name is no near match by difflib's measure
        near = [name for name in names if pattern.casefold() in name.casefold()][:_NEAREST]
    hint = f"The nearest: {', '.join(near)}." if near else "`ghsync items` lists the keys."
    return UsageError(f"No item fits --only {pattern}.", hint=hint)


def _names(key: Key, path: str) -> Iterator[str]:
    """What a pattern may mean: the key, its folders, and the names in them."""
    yield key
    parts = path.split("/")
    for depth in range(len(parts) - 1, 0, -1):
        yield "/".join(parts[:depth])
    yield from key.split("/")


# ---------------------------------------------------------------------------- operations


def _keys(operations: Iterable[Operation]) -> Iterator[Key]:
    return (op.key for op in operations if not isinstance(op, _Tools))


def _with_needs(
    operations: Sequence[Operation], waits: Sequence[Needs], chosen: frozenset[Key]
) -> frozenset[Key]:
    """These items and those that must be made before their operations can be carried out.

    A place among other children is no reason to make those.
    """
    after: dict[Key, set[Key]] = defaultdict(set)
    for op, need in zip(operations, waits, strict=True):
        if not isinstance(op, CreateLabel | CreateMilestone | MoveChild):
            after[op.key].update(_keys(operations[i] for i in need.hard))
    found, todo = set(chosen), list(chosen)
    while todo:
        new = after.get(todo.pop(), set()) - found
        found |= new
        todo += new
    return frozenset(found)


def _written(operations: Iterable[Operation], chosen: frozenset[Key] | None) -> list[Key]:
    """The items that something is sent for, by the place of their first operation."""
    writes = (op for op in operations if not isinstance(op, Adopt))
    return [key for key in dict.fromkeys(_keys(writes)) if chosen is None or key in chosen]


def _kept(
    operations: Sequence[Operation],
    waits: Sequence[Needs],
    keys: Collection[Key],
    *,
    left: Collection[Key],
) -> tuple[Operation, ...]:
    """The operations of these items that need nothing left out, with their labels and the like.

    Those that are ``left`` for a later run are adopted all the same: that sends nothing.
    """
    kept: set[Index] = set()
    tools: set[Index] = set()
    now = set(keys).difference(left)
    made = {op.key for op in operations if isinstance(op, CreateIssue) and op.key in now}
    for position, (op, need) in enumerate(zip(operations, waits, strict=True)):
        if isinstance(op, _Tools) or op.key not in (keys if isinstance(op, Adopt) else now):
            continue
        if not need.hard <= kept or (isinstance(op, FillLinks) and made.isdisjoint(op.links)):
            continue
        kept.add(Index(position))
        tools.update(i for i in need.soft if isinstance(operations[i], _Tools))
    return tuple(op for i, op in enumerate(operations) if i in kept or i in tools)


def _about(plan: Plan, chosen: frozenset[Key] | None, selection: Selection) -> Plan:
    """What a plan says beside its operations, as far as it concerns these items."""
    if chosen is None:
        return plan
    return replace(
        plan,
        unchanged=tuple(key for key in plan.unchanged if key in chosen),
        skipped=tuple(skip for skip in plan.skipped if skip.key in chosen),
        conflicts=tuple(each for each in plan.conflicts if each.key in chosen),
        findings=_findings(plan.findings, chosen, selection),
    )


def _findings(
    findings: Iterable[Finding], chosen: Collection[Key], selection: Selection
) -> tuple[Finding, ...]:
    """Those about these items, about files that the patterns name, and about no file at all."""
    only = selection.only

    def named(path: str) -> bool:
        return not path or not only or any(_fits(each, Key(path), path, None) for each in only)

    return tuple(f for f in findings if (named(f.path) if f.key is None else f.key in chosen))
