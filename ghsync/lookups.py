"""Reads for what only some plans need: issue types, issue fields, the order of sub-issues."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ghsync.model import IssueField, IssueNumber, Operation, Repo, Snapshot, UpdateIssue
from ghsync.remote import wire
from ghsync.remote.client import Client

_NONE = (wire.NotFound, wire.Forbidden, wire.Gone, wire.BadRequest)
"""How a server says that it has no such thing, or not for this token."""


def otherwise_labelled(operations: Iterable[Operation], snapshot: Snapshot) -> set[IssueNumber]:
    """Issues whose labels a plan sets, and that are said to have one which there is not.

    Renaming a label changes no issue, so what was read of it before still has the old name, and
    setting its labels would take off the renamed one.
    """
    known = {name.casefold() for name in snapshot.labels or ()}
    return {
        op.number
        for op in operations
        if isinstance(op, UpdateIssue)
        and any(change.field == "labels" for change in op.changes)
        and any(name.casefold() not in known for name in snapshot.issues[op.number].labels)
    }


async def read_types(client: Client, repo: Repo) -> tuple[str, ...]:
    """Read the names of the issue types; none where no organization owns the repository."""
    request = wire.list_issue_types(repo.full_name)
    names: list[str] = []
    try:
        async for page in client.pages(request):
            rows = page.data if isinstance(page.data, list) else []
            found = (wire.parse_issue_type(row, request=request.label) for row in rows)
            names += [name for name in found if name is not None]
    except _NONE:
        return ()
    return tuple(names)


async def read_issue_fields(client: Client, repo: Repo) -> Mapping[str, IssueField]:
    """Read the organization's issue fields, by case-folded name; none where there are none."""
    request = wire.list_issue_fields(repo.full_name.partition("/")[0])
    fields: dict[str, IssueField] = {}
    try:
        async for page in client.pages(request):
            rows = page.data if isinstance(page.data, list) else []
            found = (wire.parse_issue_field(row, request=request.label) for row in rows)
            fields |= {field.name.casefold(): field for field in found if field is not None}
    except _NONE:
        return {}
    return fields


async def read_children(
    client: Client, repo: Repo, parents: Iterable[IssueNumber]
) -> Mapping[IssueNumber, tuple[IssueNumber, ...]]:
    """Read the sub-issues of these issues in their order, as far as they are in this repository."""
    children: dict[IssueNumber, tuple[IssueNumber, ...]] = {}
    for parent in sorted(set(parents)):
        request = wire.list_sub_issues(repo.full_name, parent)
        found: list[IssueNumber] = []
        try:
            async for page in client.pages(request):
                rows = page.data if isinstance(page.data, list) else []
                refs = (wire.parse_ref(row, request=request.label) for row in rows)
                here = repo.full_name.casefold()
                found += [r.number for r in refs if r.repo is None or r.repo.casefold() == here]
        except (wire.NotFound, wire.Gone, wire.Moved):
            continue  # gone meanwhile, or a server without sub-issues
        children[parent] = tuple(found)
    return children


async def was_converted(client: Client, repo: Repo, number: IssueNumber) -> bool:
    """Whether an issue is a discussion now: only its history says so (github/docs#20908)."""
    request = wire.list_events(repo.full_name, number)
    try:
        async for page in client.pages(request):
            rows = page.data if isinstance(page.data, list) else []
            if any(wire.parse_event(row) == "converted_to_discussion" for row in rows):
                return True
    except (wire.NotFound, wire.Gone, wire.Moved):
        return False
    return False
