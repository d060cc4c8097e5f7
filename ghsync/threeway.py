"""Merge one item's fields: base (as last agreed), local (the file), remote (the issue).

Scalars: the side that alone changed wins; both alike agree; both differently conflict. Labels and
assignees are sets: each side's additions and removals apply, so what people add on GitHub stays.

The base that comes out holds the *local* view. A change on GitHub that no file holds yet is thus
seen again, as a change of the remote side alone, until a pull brings it into the file.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from enum import StrEnum
from operator import eq
from typing import Final

from ghsync.journal import Base
from ghsync.model import (
    Change,
    Conflict,
    FieldName,
    Fields,
    FieldValue,
    Issue,
    IssueNumber,
    Item,
    State,
)
from ghsync.render import digest
from ghsync.values import dataclass

_NAMES: Final = frozenset({"milestone", "type"})
"""Fields whose values are names that GitHub tells apart without regard to case."""


class OnConflict(StrEnum):
    """Who wins a field that both sides changed."""

    SKIP = "skip"
    LOCAL = "local"
    REMOTE = "remote"


@dataclass(frozen=True, slots=True, kw_only=True)
class Local:
    """What an item wants its issue to be; ``base`` is the form that is remembered."""

    item: Item
    title: str
    body: str
    base: Base


@dataclass(frozen=True, slots=True, kw_only=True)
class Merge:
    """What to send, what to remember at once, and what cannot be decided."""

    changes: tuple[Change, ...]
    """Empty while there is a conflict: the item is left alone as a whole."""
    conflicts: tuple[Conflict, ...]
    base: Base | None
    """What both sides agree on now, before anything is sent."""


def merge(
    local: Local, base: Base | None, issue: Issue, on_conflict: OnConflict = OnConflict.SKIP
) -> Merge:
    """Merge title, body, milestone, state, labels and assignees; parents and blockers are edges."""
    return _Merger(local, base, issue, on_conflict).run()


class _Merger:
    def __init__(
        self, local: Local, base: Base | None, issue: Issue, on_conflict: OnConflict
    ) -> None:
        self._local = local
        self._base = base
        self._issue = issue
        self._on_conflict = on_conflict
        self._changes: list[Change] = []
        self._conflicts: list[Conflict] = []

    def run(self) -> Merge:
        want, issue, base = self._local.base, self._issue, self._base
        was_title = None if base is None else base.title
        title = self._scalar("title", was_title, want.title, issue.title)
        body = self._scalar(
            "body",
            None if base is None else base.body,
            want.body,
            issue.digest or digest(issue.body),
            shown=(None if issue.digest else issue.body, self._local.body),
        )
        was_milestone = None if base is None else base.milestone
        milestone = self._scalar("milestone", was_milestone, want.milestone, issue.milestone)
        type_ = self._type(base, want.type, issue.type)
        was_state = None if base is None else base.state
        state = self._scalar("state", was_state, want.state, issue.state)
        labels = self._set("labels", base.labels if base else (), want.labels, issue.labels)
        assignees = self._set(
            "assignees", base.assignees if base else (), want.assignees, issue.assignees
        )
        if self._conflicts:
            return Merge(changes=(), conflicts=tuple(self._conflicts), base=base)
        start = base if base is not None else Base(title=title or "", body=body or "")
        return Merge(
            changes=tuple(self._changes),
            conflicts=(),
            base=replace(
                start,
                title=title or "",
                body=body or "",
                milestone=milestone,
                type=type_,
                state=State(state or State.OPEN),
                labels=labels,
                assignees=assignees,
            ),
        )

    def _type(self, base: Base | None, local: str | None, remote: str | None) -> str | None:
        """Decide the issue type; an issue that was just adopted may have one that no file names."""
        if base is None and (local is None or remote is None):
            if local is not None:
                self._changes.append(Change(field="type", old=remote, new=local))
            return None
        return self._scalar("type", None if base is None else base.type, local, remote)

    def _scalar(
        self,
        name: FieldName,
        base: str | None,
        local: str | None,
        remote: str | None,
        *,
        shown: tuple[FieldValue, FieldValue] | None = None,
    ) -> str | None:
        """Decide one scalar; return the value that the base takes at once.

        ``shown`` are the remote and the local value for a reader where digests are compared.
        """
        shown_remote, shown_local = shown if shown is not None else (remote, local)
        same = alike if name in _NAMES else eq
        if same(local, remote):
            return local
        change = Change(field=name, old=shown_remote, new=shown_local)
        if self._base is not None and same(base, remote):
            self._changes.append(change)
            return base
        if self._base is not None and same(base, local):
            return base
        match self._on_conflict:
            case OnConflict.LOCAL:
                self._changes.append(change)
                return remote
            case OnConflict.REMOTE:
                return local
            case OnConflict.SKIP:
                self._conflicts.append(
                    Conflict(
                        key=self._local.item.key,
                        path=self._local.item.path,
                        number=self._issue.number,
                        field=name,
                        base=base,
                        local=shown_local,
                        remote=shown_remote,
                    )
                )
                return base

    def _set(
        self,
        name: FieldName,
        base: Iterable[str],
        local: tuple[str, ...],
        remote: tuple[str, ...],
    ) -> tuple[str, ...]:
        """Merge a set; names are equal without regard to case, GitHub's spelling stays."""
        merged = merge_sets(base, local, remote)
        if {name.casefold() for name in merged} != {name.casefold() for name in remote}:
            self._changes.append(Change(field=name, old=tuple(sorted(remote)), new=merged))
            return tuple(base)
        return local


def merge_sets(base: Iterable[str], local: Iterable[str], remote: Iterable[str]) -> tuple[str, ...]:
    """Apply what the local side added and removed since ``base`` to the remote set, sorted."""
    had = {name.casefold() for name in base}
    have = {name.casefold(): name for name in reversed(tuple(local))}
    result = {name.casefold(): name for name in remote}
    for folded, name in have.items():
        if folded not in had:
            result.setdefault(folded, name)
    for folded in had - have.keys():
        result.pop(folded, None)
    return tuple(sorted(result.values()))


def settle(base: Base, local: Base, changes: Iterable[Change]) -> Base:
    """The base after these changes were sent and accepted: the local view of each field."""
    for change in changes:
        match change.field:
            case "title":
                base = replace(base, title=local.title)
            case "body":
                base = replace(base, body=local.body)
            case "labels":
                base = replace(base, labels=local.labels)
            case "assignees":
                base = replace(base, assignees=local.assignees)
            case "milestone":
                base = replace(base, milestone=local.milestone)
            case "type":
                base = replace(base, type=local.type)
            case "state":
                base = replace(base, state=local.state)
            case "parent" | "blocked_by" | "fields" | "locked":
                pass
    return base


def base_after(base: Base, wanted: Base, issue: Issue, blockers: Collection[IssueNumber]) -> Base:
    """The base after an update that nobody saw answered: of ``wanted``, what the issue holds.

    ``blockers`` are its present ones, needed where they were to change.
    """

    def both(had: tuple[str, ...], want: tuple[str, ...], held: Iterable[str]) -> tuple[str, ...]:
        old, new = ({name.casefold() for name in names} for names in (had, want))
        now = {name.casefold() for name in held}
        return want if new - old <= now and not (old - new) & now else had

    changed = set(base.blocked_by) ^ set(wanted.blocked_by)
    kept = set(base.blocked_by) & set(wanted.blocked_by)
    body = issue.digest or digest(issue.body)
    return replace(
        base,
        title=wanted.title if issue.title == wanted.title else base.title,
        body=wanted.body if body == wanted.body else base.body,
        milestone=wanted.milestone if alike(issue.milestone, wanted.milestone) else base.milestone,
        type=wanted.type if alike(issue.type, wanted.type) else base.type,
        fields=_fields_after(base, wanted, issue),
        state=wanted.state if issue.state == wanted.state else base.state,
        locked=wanted.locked if issue.locked == wanted.locked else base.locked,
        labels=both(base.labels, wanted.labels, issue.labels),
        assignees=both(base.assignees, wanted.assignees, issue.assignees),
        parent=wanted.parent if issue.parent == wanted.parent else base.parent,
        blocked_by=tuple(sorted(kept | (changed & set(blockers)))),
    )


def alike(one: str | None, other: str | None) -> bool:
    """Whether two names of a milestone or a type mean the same: without regard to case.

    GitHub lets two milestones differ in case alone (golang/go#50199), which nobody means to.
    """
    return one == other or (
        one is not None and other is not None and one.casefold() == other.casefold()
    )


def _fields_after(base: Base, wanted: Base, issue: Issue) -> Fields:
    """Of the issue fields that were to change, what the issue holds."""
    old, new = dict(base.fields), dict(wanted.fields)
    held = {field.name.casefold() for field in issue.fields or ()}
    for name in {name for name in {*old, *new} if old.get(name) != new.get(name)}:
        if (name.casefold() in held) == (name in new):
            old.pop(name, None)
            old |= {name: new[name]} if name in new else {}
    return tuple(sorted(old.items()))


def base_of(issue: Issue, item: Item | None) -> Base:
    """The base of an issue that ghsync made and did not see answered: what GitHub holds now.

    Of labels and assignees only those that the file has, too: another could be a person's.
    """

    def both(remote: tuple[str, ...], local: tuple[str, ...] | None) -> tuple[str, ...]:
        if local is None:
            return remote
        held = {name.casefold() for name in remote}
        return tuple(name for name in local if name.casefold() in held)

    named = dict(item.fields) if item is not None else {}
    return Base(
        title=issue.title,
        body=issue.digest or digest(issue.body),
        labels=both(issue.labels, item.labels if item is not None else None),
        assignees=both(issue.assignees, item.assignees if item is not None else None),
        milestone=issue.milestone,
        type=issue.type if item is None or alike(issue.type, item.type) else None,
        fields=tuple(sorted((f.name, f.value) for f in issue.fields or () if f.name in named)),
        state=issue.state,
        locked=issue.locked and (item is None or item.locked),
        parent=issue.parent,
    )
