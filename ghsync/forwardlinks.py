"""Links between issues of one plan: which are written at once, and which take a second write.

A text can name what was made before it. Where sub-issues are in the order of their files, making
a later one first would cost a request that counts as content, to move it back, and a PATCH does
not count; so the issues are made in the order that they have anyway. Where nobody orders them,
what is linked is made first as far as that is possible.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from ghsync import engine
from ghsync.linkorder import first
from ghsync.model import Change, CreateIssue, FillLinks, Issue, Key, Operation, UpdateIssue
from ghsync.threeway import Local

Links = Mapping[Key, tuple[Key, ...]]
"""Items to those that their texts link and that are made in the same plan."""


def links_of(locals_: Iterable[Local], creating: Collection[Key]) -> Links:
    """The links of these texts to items that this plan makes."""
    found = {
        local.item.key: tuple(target for target in local.waits if target in creating)
        for local in locals_
        if local.waits
    }
    return {key: targets for key, targets in found.items() if targets}


def filled(
    links: Links, local: Local, issue: Issue, changes: Sequence[Operation]
) -> list[Operation]:
    """The changes of an issue that is there; its text goes with them, once all it links is made."""
    targets = links.get(local.item.key, ())
    if not targets:
        return list(changes)
    update = next((op for op in changes if isinstance(op, UpdateIssue)), None)
    if update is None:
        later = FillLinks(
            key=local.item.key,
            path=local.item.path,
            number=issue.number,
            title=local.title,
            links=targets,
            priority=local.item.priority,
        )
        return [*changes, later]
    body = Change(field="body", old=None if issue.digest else issue.body, new=local.body)
    known = any(change.field == "body" for change in update.changes)
    whole = update.changes if known else (*update.changes, body)
    return [replace(update, changes=whole, links=targets) if op is update else op for op in changes]


def with_links(operations: Sequence[Operation], links: Links, *, in_place: bool) -> list[Operation]:
    """Say of each create what its text links, and add the second writes.

    ``in_place``: keep the order that the creates have anyway.
    """
    if not links:
        return list(operations)
    creates = {op.key: op for op in operations if isinstance(op, CreateIssue)}
    if in_place:
        ordered = engine.order(operations)
        place = {op.key: i for i, op in enumerate(ordered) if isinstance(op, CreateIssue)}
        before = {
            key: frozenset(t for t in links.get(key, ()) if place[t] < place[key]) for key in place
        }
    else:
        above = {key: op.parent if op.parent in creates else None for key, op in creates.items()}
        before = first(above, links)
    result: list[Operation] = []
    for op in operations:
        if not isinstance(op, CreateIssue) or op.key not in links:
            result.append(op)
            continue
        early = tuple(target for target in links[op.key] if target in before[op.key])
        late = tuple(target for target in links[op.key] if target not in before[op.key])
        result.append(replace(op, links=early))
        if late:
            result.append(
                FillLinks(
                    key=op.key,
                    path=op.path,
                    number=None,
                    title=op.title,
                    links=late,
                    priority=op.priority,
                )
            )
    return result
