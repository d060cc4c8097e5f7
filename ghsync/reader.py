"""Read GitHub into a snapshot: incremental where a cache remembers, direct where it must be sure.

The cost of an unchanged repository is two requests, the repository and one page of ``since``.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import cast

from ghsync.errors import AuthError, RepositoryError
from ghsync.model import Fate, Issue, IssueNumber, Label, Milestone, Reading, Repo
from ghsync.remote import wire
from ghsync.remote.answers import Answer
from ghsync.remote.client import Client
from ghsync.remote.errors import PERMISSIONS_HINT
from ghsync.store import Cache
from ghsync.values import dataclass

OVERLAP = timedelta(seconds=60)
"""Read again what changed this long before the last reading: a list can lag behind."""
SHORT_OVERLAP = timedelta(seconds=2)
"""The same for a server without limits, GHES: one database, and thousands of writes a minute."""


WHOLE_AGAIN = timedelta(days=1)
"""After this long everything is read again: no reading "since" tells of a deleted issue."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuesRead:
    """Every issue of the repository, and where the next reading starts."""

    issues: dict[IssueNumber, Issue]
    numbers: frozenset[IssueNumber]
    """Every number seen, pull requests included: whoever has one of these is accounted for."""
    highest: IssueNumber
    cursor: str
    """Server time of this reading, ISO 8601; empty if the server gave no ``Date``."""
    whole: str
    """The same of the last reading of everything."""


async def read_repo(client: Client, name: str) -> Repo:
    """Read the repository, by its new name if it was renamed.

    Raises :class:`~ghsync.errors.RepositoryError` when it cannot take issues.
    """
    repo = await client.find_repo(name)
    if repo.archived:
        raise RepositoryError(
            f"{repo.full_name} is archived, so its issues cannot be changed.",
            hint="Unarchive it in its settings, or name another repository with --repo.",
        )
    if not repo.has_issues:
        raise RepositoryError(
            f"{repo.full_name} has issues switched off.",
            hint="Switch them on under Settings, General, Features.",
        )
    return repo


def check_rights(repo: Repo) -> None:
    """Refuse a user's token that may not triage: GitHub would drop labels in silence."""
    if repo.permissions_known and not repo.triage:
        raise AuthError(
            f"This token may read {repo.full_name} but not manage its issues: GitHub would drop "
            "labels, assignees and milestones without a word.",
            hint=PERMISSIONS_HINT,
        )


async def read_issues(
    client: Client,
    repo: Repo,
    cache: Cache | None,
    on_read: Callable[[Reading], None],
    *,
    overlap: timedelta = OVERLAP,
) -> IssuesRead:
    """Read all issues, or with a cache only those that changed since it was written."""
    issues = dict(cache.issues) if cache is not None else {}
    since = _earlier(cache.cursor, overlap) if cache is not None else None
    request = wire.list_issues(repo.full_name, since)
    numbers: set[IssueNumber] = set(issues)
    cursor = ""
    read = 0
    async for page in client.pages(request):
        cursor = cursor or _iso(wire.parse_date(page.headers.get("date", "")))
        rows = _rows(page)
        for row in rows:
            number = wire.parse_ref(row, request=request.label).number
            numbers.add(number)
            issue = wire.parse_issue(row, request=request.label)
            if issue is None:
                issues.pop(number, None)
            elif (held := issues.get(number)) is None or held.updated_at <= issue.updated_at:
                issues[number] = issue  # a list that lags shows no older state than is known
        read += len(rows)
        on_read(Reading(what="issues", count=read))
    return IssuesRead(
        issues=issues,
        numbers=frozenset(numbers),
        highest=max(numbers, default=IssueNumber(0)),
        cursor=cursor,
        whole=cursor if cache is None else cache.whole,
    )


def fresh(cache: Cache | None, now: float) -> Cache | None:
    """The cache, unless it is time to read everything again."""
    whole = None if cache is None else _earlier(cache.whole, timedelta())
    return None if whole is None or whole < _iso(now - WHOLE_AGAIN.total_seconds()) else cache


def _rows(page: Answer) -> list[object]:
    """The entries of a page; the decoder has checked that it is a list."""
    return cast("list[object]", page.data)


def _iso(moment: float | None) -> str:
    if moment is None:
        return ""
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _earlier(moment: str, overlap: timedelta) -> str | None:
    """Step back from an ISO time; ``None`` (read everything) for what is none."""
    try:
        start = datetime.fromisoformat(moment) - overlap
    except (ValueError, OverflowError):
        return None
    return start.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


async def read_one(client: Client, repo: Repo, number: IssueNumber) -> Issue | None:
    """Read one issue with its text; ``None`` if this repository has no such issue.

    A pull request, a deleted issue and one that was transferred elsewhere are no such issue.
    """
    return (await look_at(client, repo, number))[1]


async def look_at(client: Client, repo: Repo, number: IssueNumber) -> tuple[bool, Issue | None]:
    """Read a number: whether it was ever given out, as far as GitHub says, and its issue."""
    issue, fate = await look(client, repo, number)
    return fate is None or fate.kind != "missing", issue


async def look(client: Client, repo: Repo, number: IssueNumber) -> tuple[Issue | None, Fate | None]:
    """Read a number: its issue, or what became of it."""
    request = wire.get_issue(repo.full_name, number)
    try:
        answer = await client.send(request)
    except wire.NotFound:
        return None, Fate(kind="missing")
    except wire.Gone:
        return None, Fate(kind="deleted")
    except wire.Moved as error:
        return None, Fate(kind="transferred", where=await _moved_to(client, error, request))
    where = wire.issue_repository(answer.data)
    if where is not None and where.casefold() != repo.full_name.casefold():
        return None, Fate(kind="transferred", where=f"{where}#{number}")
    issue = wire.parse_issue(answer.data, request=request.label)
    return issue, None if issue is not None else Fate(kind="pull request")


async def _moved_to(client: Client, error: wire.Moved, request: wire.Request) -> str | None:
    """Where a transferred issue is now, as ``owner/name#7``; its address if that cannot be read."""
    place = error.location
    if place is None:
        return None
    named = wire.ref_of_url(place)
    if named is not None:
        return f"{named.repo}#{named.number}"
    try:
        answer = await client.send(wire.follow(place, like=request))
        ref = wire.parse_ref(answer.data, request=request.label)
    except (wire.ApiError, ValueError):
        return place
    return f"{ref.repo}#{ref.number}" if ref.repo is not None else place


async def read_numbers(
    client: Client, repo: Repo, numbers: Iterable[IssueNumber]
) -> tuple[dict[IssueNumber, Issue], dict[IssueNumber, Fate]]:
    """Read these issues one by one; return what was found, and what became of the others."""
    found: dict[IssueNumber, Issue] = {}
    gone: dict[IssueNumber, Fate] = {}
    for number in sorted(set(numbers)):
        issue, fate = await look(client, repo, number)
        if issue is None:
            gone[number] = fate or Fate(kind="missing")
        else:
            found[number] = issue
    return found, gone


BEYOND = 3
"""How many numbers above the highest one known are read; pull requests take some, too."""


async def read_above(client: Client, repo: Repo, highest: IssueNumber) -> dict[IssueNumber, Issue]:
    """Read the issues above the highest number known, which a list that lags does not show."""
    found: dict[IssueNumber, Issue] = {}
    while True:
        last = max(found, default=highest)
        numbers = [IssueNumber(last + n) for n in range(1, BEYOND + 1)]
        issues = await asyncio.gather(*(read_one(client, repo, number) for number in numbers))
        here = {issue.number: issue for issue in issues if issue is not None}
        found |= here
        if not here:
            return found


async def read_labels(client: Client, repo: Repo) -> Mapping[str, Label]:
    """Read all labels, by case-folded name."""
    request = wire.list_labels(repo.full_name)
    labels: dict[str, Label] = {}
    async for page in client.pages(request):
        for row in _rows(page):
            label = wire.parse_label(row, request=request.label)
            labels[label.name.casefold()] = label
    return labels


async def read_milestones(client: Client, repo: Repo) -> Mapping[str, Milestone]:
    """Read all milestones, open and closed, by title; the first of a title counts."""
    request = wire.list_milestones(repo.full_name)
    milestones: dict[str, Milestone] = {}
    async for page in client.pages(request):
        for row in _rows(page):
            milestone = wire.parse_milestone(row, request=request.label)
            milestones.setdefault(milestone.title, milestone)
    return milestones


async def read_assignable(client: Client, repo: Repo) -> frozenset[str]:
    """Read who can be assigned, case-folded."""
    request = wire.list_assignees(repo.full_name)
    logins: set[str] = set()
    async for page in client.pages(request):
        logins |= {wire.parse_login(row, request=request.label).casefold() for row in _rows(page)}
    return frozenset(logins)


async def read_login(client: Client) -> str | None:
    """Read whose token this is; ``None`` for an app's, and where nobody says."""
    request = wire.get_user()
    try:
        answer = await client.send(request)
        return wire.parse_login(answer.data, request=request.label)
    except wire.ApiError:
        return None


async def read_blockers(
    client: Client, repo: Repo, numbers: Iterable[IssueNumber]
) -> Mapping[IssueNumber, frozenset[IssueNumber]]:
    """Read what blocks these issues, as far as it is in this repository.

    Nothing blocks one that is gone, or any where the server has no dependencies (GHES before 3.19).
    """
    edges: dict[IssueNumber, frozenset[IssueNumber]] = {}
    for number in sorted(set(numbers)):
        found = await blockers_of(client, repo, number)
        edges[number] = found.here if found is not None else frozenset()
    return edges


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocking:
    """What blocks an issue: issues of its repository, and how many there are in all."""

    here: frozenset[IssueNumber]
    total: int


async def blockers_of(client: Client, repo: Repo, number: IssueNumber) -> Blocking | None:
    """Read what blocks one issue; ``None`` where it is gone or the server does not say."""
    request = wire.list_blocked_by(repo.full_name, number)
    found: set[IssueNumber] = set()
    total = 0
    try:
        async for page in client.pages(request):
            for row in _rows(page):
                total += 1
                ref = wire.parse_ref(row, request=request.label)
                if ref.repo is None or ref.repo.casefold() == repo.full_name.casefold():
                    found.add(ref.number)
    except wire.IssuesDisabled:
        raise  # that is the repository, not this issue
    except (wire.NotFound, wire.Gone, wire.Moved):
        return None
    return Blocking(here=frozenset(found), total=total)


async def same_repository(client: Client, repo: Repo, names: Iterable[str]) -> frozenset[str]:
    """Say which of these ``owner/name`` lead to this repository: older names of a renamed one."""
    same: set[str] = set()
    for name in sorted({name.casefold() for name in names}):
        try:
            other = await client.find_repo(name)
        except (wire.NotFound, wire.Forbidden, wire.Gone, wire.Moved):
            continue
        if other.id == repo.id:
            same.add(name)
    return frozenset(same)
