"""GitHub's limits, applied before anything is sent: what is refused, what is left out.

An item that GitHub would refuse as a whole is set apart; a value that it would refuse is left
out of its item, and the item goes on. Each decision is a finding, and none depends on the order
in which the items come. The limits are those of GitHub's documentation, see ``docs/lint.md``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from ghsync.errors import ExitCode
from ghsync.lint.base import (
    LABEL_MAX,
    LABELS_MAX,
    LOCK_LABEL,
    LintSettings,
    Overflow,
    Oversize,
    Work,
    in_order,
)
from ghsync.lint.graph import blockers, parents
from ghsync.lint.values import is_login, mend, refused_items
from ghsync.model import Checked, Finding, Item, Key, Loaded, Severity

__all__ = [
    "LOCK_LABEL",
    "LintSettings",
    "Overflow",
    "Oversize",
    "check",
    "exit_code",
    "in_order",
    "is_login",
]


def check(
    loaded: Loaded, *, settings: LintSettings, assignable: frozenset[str] | None = None
) -> Checked:
    """Apply GitHub's limits to what was loaded.

    ``assignable`` holds case-folded logins; without it only the form of a login is checked.
    """
    work = Work(settings=settings, assignable=assignable, findings=list(loaded.findings))
    items = sorted(loaded.items, key=_order)
    refused = refused_items(items, work)
    kept = [mend(item, work) for item in items if item.key not in refused]
    parent_of = parents(kept, refused, work)
    blocked_by = blockers(kept, refused, work)
    linked = tuple(
        replace(item, parent=parent_of.get(item.key), blocked_by=blocked_by[item.key])
        if (item.parent, item.blocked_by) != (parent_of.get(item.key), blocked_by[item.key])
        else item
        for item in kept
    )
    if work.overflown:
        linked = tuple(_labelled(item, work.overflown.get(item.key)) for item in linked)
    return Checked(items=linked, refused=refused, findings=in_order(work.findings))


def _labelled(item: Item, parent: Key | None) -> Item:
    """Name the parent in a label, where it has no place for this child."""
    if parent is None or len(item.labels) >= LABELS_MAX:
        return item
    path = parent.removesuffix("/epic").partition("#")[0]
    name = f"in: {path.rpartition('/')[2].replace(',', ' ')}"[:LABEL_MAX].strip()
    if name.casefold() in {label.casefold() for label in item.labels}:
        return item
    return replace(item, labels=(*item.labels, name))


def exit_code(findings: Iterable[Finding], *, strict: bool) -> ExitCode:
    """What findings alone make of the exit code: 0, 1 for an error, 3 under ``--strict``."""
    found = {finding.severity for finding in findings}
    if strict and found & {Severity.ERROR, Severity.WARNING}:
        return ExitCode.STRICT
    return ExitCode.PARTIAL if Severity.ERROR in found else ExitCode.DONE


def _order(item: Item) -> tuple[str, int, str, str, str]:
    """By place; the rest only decides between items that share one key."""
    return item.path, item.line, item.key, item.title, item.body
