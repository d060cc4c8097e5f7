"""Reads which issues block which, where the answer may have changed since a push or a pull.

The list of issues only counts each one's blockers. A count that is not the base's is looked into,
and so is an issue with blockers that somebody has touched since the last push: one blocker may
have gone for another. Where nothing tells when it was touched (a fresh clone has no cache), it is
looked into, too, unless there are very many of these. A list that does not hold as many as are
counted lags behind, or is no answer: it is taken for unread, so that no link leaves a file, or
comes back into it, for that.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from ghsync import reader
from ghsync.apart import strangers
from ghsync.journal import Base, SyncMap
from ghsync.model import Issue, IssueNumber, Snapshot
from ghsync.remote.client import Client

UNKNOWN = 100
"""How many issues are looked into for want of a cache. Each is a request, and GITHUB_TOKEN has
1,000 of them an hour."""


async def with_blockers(
    client: Client,
    snapshot: Snapshot,
    smap: SyncMap,
    touched: Mapping[IssueNumber, str],
) -> Snapshot:
    """The snapshot with the blockers of issues of ours that may have others by now.

    ``touched`` says when each issue had changed the last time a push read it.
    """
    bases = {entry.number: entry.base for entry in smap.entries.values() if entry.base is not None}
    issues = snapshot.issues
    doubtful = {
        number
        for number, base in bases.items()
        if number in issues and _doubtful(issues[number], base, touched.get(number))
    }
    unknown = {
        number
        for number in bases.keys() & issues.keys() - doubtful - touched.keys()
        if issues[number].blocked_by_total
    }
    if len(unknown) <= UNKNOWN:
        doubtful |= unknown
    found = await _read(client, snapshot, doubtful)
    if not found:
        return snapshot
    lost = {n for number in found.keys() & bases for n in bases[number].blocked_by}
    lost -= {n for numbers in found.values() for n in numbers}
    # A list of issues does not show that one was deleted, which takes its links along.
    again, gone = await reader.read_numbers(client, snapshot.repo, lost & issues.keys())
    kept = {number: issue for number, issue in issues.items() if number not in gone}
    return replace(
        snapshot,
        issues={**kept, **again},
        gone=snapshot.gone | gone.keys(),
        fates={**snapshot.fates, **gone},
        blockers={**snapshot.blockers, **found},
    )


async def with_blockers_of(
    client: Client, snapshot: Snapshot, numbers: Iterable[IssueNumber]
) -> Snapshot:
    """The snapshot with the blockers of these issues, which no item has yet."""
    blocked = {n for n in numbers if n in snapshot.issues and snapshot.issues[n].blocked_by_total}
    found = await _read(client, snapshot, blocked)
    return replace(snapshot, blockers={**snapshot.blockers, **found}) if found else snapshot


async def _read(
    client: Client, snapshot: Snapshot, numbers: Iterable[IssueNumber]
) -> dict[IssueNumber, frozenset[IssueNumber]]:
    """What blocks these issues, as far as the server's answers agree."""
    found: dict[IssueNumber, frozenset[IssueNumber]] = {}
    for number in sorted(numbers):
        there = await reader.blockers_of(client, snapshot.repo, number)
        if there is not None and there.total == snapshot.issues[number].blocked_by_total:
            found[number] = there.here
    return found


def _doubtful(issue: Issue, base: Base, seen: str | None) -> bool:
    if issue.blocked_by_total != len(base.blocked_by) + strangers(base):
        return True
    return issue.blocked_by_total > 0 and seen is not None and seen != issue.updated_at
