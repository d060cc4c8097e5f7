"""What an item's base becomes: after a push, a pull, a write that nobody saw answered."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace

from ghsync.journal import Base
from ghsync.model import Change, Fields, Issue, IssueNumber, Item, State, StateReason
from ghsync.render import digest


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
                base = replace(base, state=local.state, not_planned=local.not_planned)
            case "state_reason":
                base = replace(base, not_planned=local.not_planned)
            case "parent" | "blocked_by" | "fields" | "locked":
                pass
    return base


def settle_pull(
    base: Base, issue: Issue, taken: Iterable[Change], *, decided: bool = False
) -> Base:
    """The base after these incoming changes were written into the file: the remote view.

    Where the file had changes of its own, a push sends them next, as changes of it alone.
    ``decided``: the body was merged and the file holds the result already.
    """
    if decided:
        base = replace(base, body=issue.digest or digest(issue.body))
    for change in taken:
        match change.field:
            case "title":
                base = replace(base, title=issue.title)
            case "body":
                base = replace(base, body=issue.digest or digest(issue.body))
            case "labels":
                base = replace(base, labels=issue.labels)
            case "assignees":
                base = replace(base, assignees=issue.assignees)
            case "milestone":
                base = replace(base, milestone=issue.milestone)
            case "type":
                base = replace(base, type=issue.type)
            case "state":
                reason = not_planned(issue.state_reason)
                base = replace(base, state=issue.state, not_planned=reason)
            case "state_reason":
                base = replace(base, not_planned=not_planned(issue.state_reason))
            case _:
                pass
    return base


def not_planned(reason: str | None) -> bool:
    """Whether GitHub's reason means that it was not done; a duplicate was not."""
    return reason in (StateReason.NOT_PLANNED, "duplicate")


def base_after(
    base: Base,
    wanted: Base,
    issue: Issue,
    blockers: Collection[IssueNumber],
    *,
    sent_body: str | None = None,
) -> Base:
    """The base after an update that nobody saw answered: of ``wanted``, what the issue holds.

    ``blockers`` are its present ones, needed where they were to change; ``sent_body`` is the
    digest of the body that was sent, where that was a merge and not the file's own.
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
        body=wanted.body if body in (wanted.body, sent_body) else base.body,
        milestone=wanted.milestone if alike(issue.milestone, wanted.milestone) else base.milestone,
        type=wanted.type if alike(issue.type, wanted.type) else base.type,
        fields=_fields_after(base, wanted, issue),
        state=wanted.state if issue.state == wanted.state else base.state,
        not_planned=reason_after(base, wanted, issue),
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


def reason_after(base: Base, wanted: Base, issue: Issue) -> bool:
    """The base's reason after a write: the wanted one, if the issue was closed for it."""
    if wanted.state is State.CLOSED and issue.state is not State.CLOSED:
        return base.not_planned
    if wanted.state is State.CLOSED and not_planned(issue.state_reason) != wanted.not_planned:
        return base.not_planned
    return wanted.not_planned


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
        not_planned=issue.state is State.CLOSED and not_planned(issue.state_reason),
        parent=issue.parent,
    )
