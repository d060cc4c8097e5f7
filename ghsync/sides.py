"""The two sides of a plan: items as they are compared, and what stands in for GitHub unread."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Final

from ghsync import render
from ghsync.bodies import Bodies, Body
from ghsync.journal import Base, SyncMap
from ghsync.model import (
    FieldKind,
    HeldField,
    Issue,
    IssueNumber,
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

PLAIN: Final = Bodies(())
"""Texts as the files have them."""


def localise(
    items: Iterable[Item],
    template: TitleTemplate,
    bodies: Bodies = PLAIN,
    numbers: Mapping[Key, IssueNumber] = MappingProxyType({}),
) -> dict[Key, Local]:
    """Render each item into the form in which it is compared and remembered.

    ``numbers`` are the issues that there are, for the links in the texts.
    """
    result: dict[Key, Local] = {}
    for item in items:
        title, body = render.title(item, template), bodies.body(item, numbers)
        result[item.key] = Local(
            item=item,
            title=title,
            body=body.text,
            waits=body.waits,
            calls=body.calls,
            base=Base(
                title=title,
                body=render.digest(body.text),
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


def with_body(local: Local, body: Body) -> Local:
    """The same item with its text rendered again."""
    base = replace(local.base, body=render.digest(body.text))
    return replace(local, body=body.text, waits=body.waits, calls=body.calls, base=base)


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
