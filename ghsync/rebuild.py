"""Make the sync map again from the markers on GitHub, where it is missing or damaged.

The base is taken from GitHub, so a push after it writes only what the files really changed.
Issues without a marker (adopted by a number in a file) come back by that number.
"""

from __future__ import annotations

import shlex
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Set
from contextlib import suppress
from dataclasses import replace

from ghsync import reader
from ghsync.bases import base_of
from ghsync.config import Config
from ghsync.errors import NoLayoutError, StateFileError
from ghsync.journal import Entry, Intent, JournalEvent, Sent, SyncMap
from ghsync.loader import load
from ghsync.model import Event, Issue, IssueNumber, Item, Key, Kind, Repo
from ghsync.render import digest
from ghsync.session import Session
from ghsync.store import Store
from ghsync.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Rebuilt:
    """The new map, and what a person should know about it."""

    map: SyncMap
    notices: tuple[str, ...]


async def rebuild(
    config: Config,
    store: Store,
    session: Session,
    on_event: Callable[[Event], None],
    *,
    any_author: bool = False,
) -> Rebuilt:
    """Read every issue, take those that carry a marker, and write the map; needs the lock.

    A stranger's marker counts only with ``any_author`` (docs/decisions/0029); whose token this is
    is no stranger.
    What an older map still says is kept where GitHub does not contradict it, and what a person
    let go of by ``map forget`` is not taken back.
    """
    repo = await reader.read_repo(session.client, session.repo)
    found = await reader.read_issues(session.client, repo, None, on_event)
    known, pending, sent, notices = _older(store, repo)
    items = _items(config)
    missing = {entry.number for entry in known.entries.values()} - found.issues.keys()
    late, _ = await reader.read_numbers(session.client, repo, missing)  # a list can lag behind
    found.issues.update(late)
    entries = {k: e for k, e in known.entries.items() if e.number in found.issues}
    numbers = {entry.number: key for key, entry in entries.items()}
    by_key = _marked(found.issues, known.forgotten - numbers.keys())
    us = None
    if any(issue.stranger for marked in by_key.values() for issue in marked):
        us = await reader.read_login(session.client)
    for key, marked in sorted(by_key.items()):
        issues = [
            i for i in marked if any_author or i.stranger in (None, us) or i.number in numbers
        ]
        if not issues:
            notices.append(_left_out(key, marked[0], named=key in items and key not in entries))
            continue
        first = issues[0]
        taken = entries[key].number if key in entries else first.number
        free = [i.number for i in issues if i.number != taken and numbers.get(i.number, key) == key]
        if free:
            others = ", ".join(f"#{number}" for number in free)
            notices.append(
                f"{key}: #{taken} and {others} carry the same marker; "
                f"#{taken} is taken, close the others as duplicates"
            )
        if first.number not in numbers and key not in entries:
            entries[key] = await _entry(session, repo, first, key, items.get(key))
    rebuilt = SyncMap(
        repo_id=repo.id, repo=repo.full_name, entries=entries, forgotten=known.forgotten
    )
    settled = {entry.uid for entry in entries.values()}
    keep: list[JournalEvent] = [*sent, *(intent for intent in pending if intent.uid not in settled)]
    texts = {digest(issue.body): issue.body for issue in _of(entries, found.issues)}
    if (notice := store.keep_bodies(texts)) is not None:
        notices.append(notice)
    store.checkpoint(rebuilt, keep)
    return Rebuilt(map=rebuilt, notices=tuple(notices))


def _left_out(key: Key, issue: Issue, *, named: bool) -> str:
    """Say that a stranger's marker does not count; a command is for keys that are a file's."""
    adopt = f"ghsync map adopt {shlex.quote(key)} {issue.number}"
    every = "ghsync map rebuild --any-author takes all of these"
    return (
        f"{key}: #{issue.number} carries its marker and was opened by {issue.stranger}, "
        "a stranger to the repository, so it is left out; "
        + (f"if it is right: {adopt} ({every})" if named else every)
    )


def _of(entries: Mapping[Key, Entry], issues: Mapping[IssueNumber, Issue]) -> Iterator[Issue]:
    """The issues of these entries that were read with their texts."""
    for entry in entries.values():
        issue = issues[entry.number]
        if issue.digest is None:
            yield issue


def _older(
    store: Store, repo: Repo
) -> tuple[SyncMap, tuple[Intent, ...], tuple[Sent, ...], list[str]]:
    """What can still be read of the state, if it is this repository's."""
    try:
        state = store.load()
    except StateFileError as error:
        return SyncMap(), (), (), [f"set aside: {error.message}"]
    if state.map.repo_id not in (None, repo.id):
        return SyncMap(), (), (), [f"set aside: the map of {state.map.repo}"]
    return state.map, state.pending, state.sent, list(state.notices)


def _items(config: Config) -> dict[Key, Item]:
    with suppress(NoLayoutError):
        return {item.key: item for item in load(config.root, config.load_options).items}
    return {}


def _marked(
    issues: Mapping[IssueNumber, Issue], forgotten: Set[IssueNumber]
) -> dict[Key, list[Issue]]:
    """The issues that carry each key's marker, the lowest number first."""
    marked: dict[Key, list[Issue]] = defaultdict(list)
    for number in sorted(issues.keys() - forgotten):
        issue = issues[number]
        if issue.marker_key is not None:
            marked[issue.marker_key].append(issue)
    return marked


async def _entry(session: Session, repo: Repo, issue: Issue, key: Key, item: Item | None) -> Entry:
    base = base_of(issue, item)
    if issue.blocked_by_total:
        edges = await reader.read_blockers(session.client, repo, [issue.number])
        base = replace(base, blocked_by=tuple(sorted(edges[issue.number])))
    return Entry(
        key=key,
        number=issue.number,
        id=issue.id,
        uid=issue.uid,
        kind=item.kind if item is not None else _kind(issue),
        path=item.path if item is not None else f"{key}.md",
        ident=item.ident if item is not None else None,
        base=base,
    )


def _kind(issue: Issue) -> Kind:
    """The kind by the issue's label, for an item whose file is gone."""
    names = {name.casefold() for name in issue.labels}
    return next((kind for kind in Kind if kind.value in names), Kind.TASK)
