"""Keep what GitHub holds after a run, so that the next one has nothing to read."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import replace

from ghsync import reader
from ghsync.model import Issue, IssueNumber
from ghsync.prepare import overlap
from ghsync.prepared import Prepared
from ghsync.session import Session
from ghsync.store import Cache, Store


async def refresh_cache(
    session: Session,
    store: Store,
    prepared: Prepared,
    written: Mapping[IssueNumber, Issue],
    gone: Set[IssueNumber] = frozenset(),
) -> str | None:
    """Read what this run changed, so that the next run has nothing to read; keep it.

    Returns a notice where it could not be kept. ``written`` are the answers to this run's writes;
    ``gone`` are issues that it found missing, which no reading "since" would ever tell.
    """
    repo = prepared.snapshot.repo
    if not prepared.cursor:
        return None
    cache = Cache(
        repo_id=repo.id,
        api_url=session.api_url,
        cursor=prepared.cursor,
        whole=prepared.whole,
        issues={
            number: issue
            for number, issue in {**prepared.snapshot.issues, **written}.items()
            if number not in gone
        },
    )
    if written:
        found = await reader.read_issues(
            session.client, repo, cache, lambda _: None, overlap=overlap(session)
        )
        cache = replace(cache, cursor=found.cursor or cache.cursor, issues=found.issues)
    return store.save_cache(cache)
