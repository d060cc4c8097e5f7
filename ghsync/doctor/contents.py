"""What the repository holds that a push uses: labels, issue types, sub-issues."""

from __future__ import annotations

import shlex

from ghsync.doctor.replies import data_of, is_missing, told, unknown
from ghsync.errors import GhsyncError
from ghsync.model import Check, IssueNumber, Loaded, Repo
from ghsync.remote import wire
from ghsync.remote.inspect import Inspector, Reply

_NAMED = 5
"""Missing labels that are named; the others are counted."""


async def contents(
    repo: Repo, loaded: Loaded | None, inspector: Inspector
) -> tuple[Check, Check, Check]:
    """Labels, issue types where an item has one, and whether the server knows sub-issues."""
    labels = await inspector.ask(wire.list_labels(repo.full_name))
    return (
        _labels(labels, repo, loaded),
        await _types(repo, loaded, inspector),
        await _sub_issues(repo, inspector),
    )


def _labels(reply: Reply, repo: Repo, loaded: Loaded | None) -> Check:
    name = "labels"
    try:
        data = data_of(reply)
        rows = data if isinstance(data, list) else []
        found = [wire.parse_label(row, request=reply.request.label).name for row in rows]
    except GhsyncError as error:
        return told(name, error)
    there = {label.casefold() for label in found}
    used = {label for item in loaded.items for label in item.labels} if loaded else set()
    missing = sorted(label for label in used if label.casefold() not in there)
    has_more = reply.headers.get("link", "").find('rel="next"') >= 0
    if not missing or has_more:
        count = f"{len(found)}{' and more' if has_more else ''}"
        return Check(name=name, ok=True, detail=f"can be read: {count}")
    shown = ", ".join(missing[:_NAMED])
    more = f" and {len(missing) - _NAMED} more" if len(missing) > _NAMED else ""
    if repo.push or not repo.permissions_known:
        return Check(name=name, ok=True, detail=f"can be read; a push makes {shown}{more}")
    return Check(
        name=name,
        ok=None,
        detail=f"{shown}{more} missing, and this account may not make labels",
        hint=f"Somebody who may push makes them: "
        f"gh label create {shlex.quote(missing[0])} --repo {repo.full_name}",
    )


async def _types(repo: Repo, loaded: Loaded | None, inspector: Inspector) -> Check:
    """Asked only where an item has a type: most repositories have none."""
    name = "types"
    used = sorted({item.type for item in loaded.items if item.type} if loaded else ())
    if not used:
        return Check(name=name, ok=True, detail="no item has an issue type")
    reply = await inspector.ask(wire.list_issue_types(repo.full_name))
    hint = "Set `types` in ghsync.toml to names that there are, or take it out."
    if is_missing(reply):
        detail = "this repository has none; only an organization's can: none is set"
        return Check(name=name, ok=None, detail=detail, hint=hint)
    try:
        data = data_of(reply)
        rows = data if isinstance(data, list) else []
        offered = [wire.parse_issue_type(row, request=reply.request.label) for row in rows]
    except GhsyncError as error:
        return told(name, error)
    names = [each for each in offered if each is not None]
    there = {each.casefold() for each in names}
    missing = [each for each in used if each.casefold() not in there]
    listed = ", ".join(names) or "none"
    if not missing:
        return Check(name=name, ok=True, detail=listed)
    detail = f"{', '.join(missing)} not among the organization's: {listed}"
    return Check(name=name, ok=None, detail=detail, hint=hint)


async def _sub_issues(repo: Repo, inspector: Inspector) -> Check:
    name = "sub-issues"
    if not repo.has_issues:
        return unknown(name, "the repository has no issues")
    issues = await inspector.ask(wire.list_issues(repo.full_name, page_size=10))
    try:
        number = _an_issue(issues)
    except GhsyncError as error:
        return told(name, error)
    if number is None:
        return unknown(name, "there is no issue yet to ask about")
    reply = await inspector.ask(wire.list_sub_issues(repo.full_name, number, page_size=1))
    if is_missing(reply):
        return Check(
            name=name,
            ok=False,
            detail="this server does not know them",
            hint="GitHub Enterprise Server got them late: issues are made, but a push cannot put "
            "them under their parents.",
        )
    try:
        data_of(reply)
    except GhsyncError as error:
        return told(name, error)
    return Check(name=name, ok=True, detail="can be read")


def _an_issue(reply: Reply) -> IssueNumber | None:
    """The first of a page that is no pull request."""
    data = data_of(reply)
    for row in data if isinstance(data, list) else []:
        issue = wire.parse_issue(row, request=reply.request.label)
        if issue is not None:
            return issue.number
    return None
