"""The two sides of a plan: items as they are compared, and what stands in for GitHub unread."""

from __future__ import annotations

from collections.abc import Iterable

from ghsync import render
from ghsync.journal import Base, SyncMap
from ghsync.model import (
    FieldKind,
    HeldField,
    Issue,
    Item,
    Key,
    Repo,
    RepoId,
    Snapshot,
    State,
    StateReason,
)
from ghsync.render import TitleTemplate
from ghsync.threeway import Local


def localise(items: Iterable[Item], template: TitleTemplate) -> dict[Key, Local]:
    """Render each item into the form in which it is compared and remembered."""
    result: dict[Key, Local] = {}
    for item in items:
        title, body = render.title(item, template), render.issue_body(item)
        result[item.key] = Local(
            item=item,
            title=title,
            body=body,
            base=Base(
                title=title,
                body=render.digest(body),
                labels=item.labels,
                assignees=item.assignees,
                milestone=item.milestone,
                type=item.type,
                fields=item.fields,
                state=item.state,
                not_planned=item.reason is StateReason.NOT_PLANNED,
                locked=item.locked,
            ),
        )
    return result


def assumed(smap: SyncMap) -> Snapshot:
    """Stand in for GitHub where it cannot be read: what the map last agreed on."""
    issues = {
        entry.number: Issue(
            number=entry.number,
            id=entry.id,
            title=entry.base.title,
            body="",
            digest=entry.base.body,
            state=entry.base.state,
            state_reason=_reason_of(entry.base),
            labels=entry.base.labels,
            assignees=entry.base.assignees,
            milestone=entry.base.milestone,
            type=entry.base.type,
            fields=tuple(
                HeldField(name=name, kind=FieldKind.TEXT, value=value)
                for name, value in entry.base.fields
            ),
            locked=entry.base.locked,
            parent=entry.base.parent,
            blocked_by_total=len(entry.base.blocked_by),
            uid=entry.uid,
        )
        for entry in smap.entries.values()
        if entry.base is not None
    }
    repo = Repo(id=smap.repo_id or RepoId(0), full_name=smap.repo or "")
    children = {
        entry.number: entry.base.children
        for entry in smap.entries.values()
        if entry.base is not None
    }
    return Snapshot(repo=repo, issues=issues, children=children)


def _reason_of(base: Base) -> str | None:
    if base.state is State.OPEN:
        return None
    return (StateReason.NOT_PLANNED if base.not_planned else StateReason.COMPLETED).value
