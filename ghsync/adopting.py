"""Take issues that exist as the items' own: by a tool's records, a person's word, or title.

Each pair is verified against GitHub before it enters the map. What enters has no base: fields
that are equal are in step, others are conflicts until somebody says who wins.
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeAlias

from ghsync import reader
from ghsync.brakes import check_repository
from ghsync.clock import SystemClock
from ghsync.config import Config
from ghsync.errors import UsageError
from ghsync.importers import bytitle, catalogue, matching, planpilot
from ghsync.importers.judging import Known, Row, Verdict, judge
from ghsync.importers.records import ByKey, Record, Tool
from ghsync.journal import BoundTo, Entry, JournalEvent, Recorded, SyncMap
from ghsync.layouts.texts import Decoded, decode
from ghsync.ledger import Ledger
from ghsync.loader import SKIPPED_FOLDERS, load
from ghsync.model import Issue, IssueNumber, Item, Key, Loaded, Repo, Severity, Snapshot
from ghsync.prepare import Preparer, entry_of_found
from ghsync.regularfile import read_regular
from ghsync.remote import wire
from ghsync.remote.client import Client
from ghsync.session import Session
from ghsync.sides import localise
from ghsync.store import State, Store
from ghsync.surroundings import Surroundings
from ghsync.values import dataclass

MAX_BYTES = 5_000_000
"""A larger file is no record of anything."""
BEYOND = 50
"""Numbers this far above all that are known are not even asked for."""

Find: TypeAlias = Callable[[Snapshot, Mapping[Key, str], SyncMap], Sequence[Record]]
"""What to judge, by GitHub's issues, the items' titles there, and the map."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Adoption:
    """What was found, and what was (or would be) taken into the map."""

    rows: tuple[Row, ...]
    repo: str
    remote: str
    """``github`` or ``sandbox``."""
    dry_run: bool

    def count(self, verdict: Verdict) -> int:
        """How many rows have this verdict."""
        return sum(row.verdict is verdict for row in self.rows)

    @property
    def left_out(self) -> int:
        """How many rows a person should look at."""
        return self.count(Verdict.WRONG) + self.count(Verdict.TITLE)


async def import_records(
    config: Config,
    around: Surroundings,
    paths: Sequence[Path] = (),
    *,
    tool: Tool | None = None,
    dry_run: bool = False,
    any_title: bool = False,
) -> Adoption:
    """Adopt the issues that other tools recorded: in these files, or in those that are known.

    Without ``paths`` the known files below the root, the fields of the items' own files, and the
    blocks that planpilot left in issues are read. Raises :class:`~ghsync.errors.UsageError` for a
    path that cannot be read.
    """
    loaded = load(config.root, config.load_options)
    files = tuple(read_records(config.root, paths or (config.root,), tool))
    said = {(record.path, record.number) for record in files}
    own = [
        record
        for record in (() if paths else matching.of_items(loaded.items))
        if (record.path, record.number) not in said
    ]

    def find(snapshot: Snapshot, titles: Mapping[Key, str], smap: SyncMap) -> Sequence[Record]:
        del titles, smap
        bodies = () if paths else planpilot.read_bodies(snapshot.issues.values())
        records = (*files, *own, *bodies)
        return [record for record in records if tool is None or record.tool is tool]

    return await _adopt(config, around, loaded, find, dry_run=dry_run, any_title=any_title)


async def adopt_pairs(
    config: Config,
    around: Surroundings,
    pairs: Iterable[tuple[Key, IssueNumber]],
    *,
    dry_run: bool = False,
    any_title: bool = False,
) -> Adoption:
    """Adopt these issues as these items' own, also ones that were forgotten.

    Raises :class:`~ghsync.errors.UsageError` for a key that no item has.
    """
    loaded = load(config.root, config.load_options)
    keys = [item.key for item in loaded.items]
    records = []
    for key, number in pairs:
        if key not in keys:
            near = difflib.get_close_matches(key, keys, n=1)
            raise UsageError(
                f"There is no item {key}.",
                hint=f"Did you mean {near[0]}?" if near else "`ghsync items` lists the keys.",
            )
        records.append(
            Record(tool=None, path="", line=1, text=key, names=(ByKey(key=key),), number=number)
        )
    return await _adopt(
        config,
        around,
        loaded,
        lambda *_: records,
        dry_run=dry_run,
        any_title=any_title,
        forgotten=True,
    )


async def adopt_by_title(
    config: Config, around: Surroundings, *, dry_run: bool = False
) -> Adoption:
    """Adopt the issue of the same title for each item without one, where that is unique."""
    loaded = load(config.root, config.load_options)

    def find(snapshot: Snapshot, titles: Mapping[Key, str], smap: SyncMap) -> Sequence[Record]:
        return bytitle.pairs(loaded.items, titles, snapshot.issues, smap)

    return await _adopt(config, around, loaded, find, dry_run=dry_run)


# ----------------------------------------------------------------------------- the files


def find_files(root: Path) -> tuple[Path, ...]:
    """The files below the root that have the names of tools' records; no link is followed."""
    found: list[Path] = []
    for folder, folders, names in os.walk(root):
        inside = [name for name in folders if name not in SKIPPED_FOLDERS]
        folders[:] = sorted(inside)
        if Path(folder) != root and (".git" in names or ".git" in folders):
            folders[:] = []  # a worktree or a submodule: the same files again, or others' issues
            continue
        for name in sorted(names):
            path = Path(folder, name)
            if catalogue.known(_shown(root, path)) and not path.is_symlink():
                found.append(path)
    return tuple(found)


def read_records(root: Path, paths: Iterable[Path], tool: Tool | None = None) -> Iterator[Record]:
    """The records in these files; a folder stands for the known files in it.

    Raises :class:`~ghsync.errors.UsageError` for a named file that cannot be read; one that was
    found in a folder is a record that says so.
    """
    for path in paths:
        if not path.is_dir():
            yield from _records(_shown(root, path), _decoded(path), tool)
            continue
        for file in find_files(path):
            try:
                decoded = _decoded(file)
            except UsageError as error:
                yield _unread(_shown(root, file), error.message, tool)
            else:
                yield from _records(_shown(root, file), decoded, tool)


def _records(path: str, decoded: Decoded, tool: Tool | None) -> Iterator[Record]:
    finding = decoded.finding
    if finding is not None and finding.severity is Severity.ERROR:
        yield _unread(path, finding.message, tool)
    else:
        yield from catalogue.read(path, decoded.text, tool)


def _unread(path: str, message: str, tool: Tool | None) -> Record:
    return Record(tool=tool, path=path, line=1, text=path.rpartition("/")[2], wrong=message)


def _decoded(path: Path) -> Decoded:
    """The text of a file; raises :class:`~ghsync.errors.UsageError` where there is none to read."""
    try:
        return decode(str(path), read_regular(path, MAX_BYTES))
    except OSError as error:
        raise UsageError(
            f"{path} cannot be read: {(error.strerror or str(error)).lower()}.",
            hint="Name a file that another tool keeps its issue numbers in.",
        ) from error


def _shown(root: Path, path: Path) -> str:
    """The path as records and items have it: relative to the root where it is inside."""
    try:
        relative = path.resolve().relative_to(root.resolve())
    except ValueError:
        return path.as_posix()
    return relative.as_posix()


# ----------------------------------------------------------------------------- the adoption


async def _adopt(
    config: Config,
    around: Surroundings,
    loaded: Loaded,
    find: Find,
    *,
    dry_run: bool,
    any_title: bool = False,
    forgotten: bool = False,
) -> Adoption:
    store = around.store(config)

    async def judged(state: State) -> tuple[Repo, Adoption]:
        around.tell((*config.notices, *state.notices))
        async with around.session(config, keep=not dry_run) as session:
            verifier = _Verifier(config, around, store, session, loaded)
            repo, rows = await verifier.run(state, find, any_title=any_title, forgotten=forgotten)
            adoption = Adoption(
                rows=rows, repo=repo.full_name, remote=session.kind, dry_run=dry_run
            )
            return repo, adoption

    if dry_run:
        return (await judged(store.load()))[1]
    clock = SystemClock()
    with store.locked(since=clock.now(), command=around.command):
        state = store.load()
        repo, adoption = await judged(state)
        events = _events(adoption.rows, state, loaded, repo)
        if events:
            ledger = Ledger(store, state)
            ledger.append(events)
            ledger.close(clock.now())
        return adoption


def _events(rows: Iterable[Row], state: State, loaded: Loaded, repo: Repo) -> list[JournalEvent]:
    """The adoptions as the journal has them, bound to the repository."""
    smap = state.map
    held = {entry.number: entry for entry in smap.entries.values()}
    lost = {intent.uid: intent for intent in state.pending}
    for issue in (row.issue for row in rows):
        if issue is not None and issue.number not in held and issue.uid in lost:
            held[issue.number] = entry_of_found(lost[issue.uid], issue, loaded)
    events: list[JournalEvent] = [
        Recorded(entry=_entry(row.item, row.issue, held.get(row.issue.number)))
        for row in rows
        if row.verdict is Verdict.ADOPT and row.item is not None and row.issue is not None
    ]
    if events and smap.repo_id is None:
        events.insert(0, BoundTo(repo_id=repo.id, repo=repo.full_name))
    return events


def _entry(item: Item, issue: Issue, held: Entry | None) -> Entry:
    """The item's line; of an issue whose file was renamed, with what both sides agreed on."""
    if held is not None:
        return replace(held, key=item.key, kind=item.kind, path=item.path, ident=item.ident)
    return Entry(
        key=item.key,
        number=issue.number,
        id=issue.id,
        uid=issue.uid,
        kind=item.kind,
        path=item.path,
        ident=item.ident,
    )


class _Verifier:
    """Reads GitHub as far as the records name it, and judges them."""

    def __init__(
        self,
        config: Config,
        around: Surroundings,
        store: Store,
        session: Session,
        loaded: Loaded,
    ) -> None:
        self._loaded = loaded
        self._client = session.client
        self._preparer = Preparer(config, store, session, around.on_event, loaded=loaded)
        template = config.plan_settings.title
        self._titles = {key: local.title for key, local in localise(loaded.items, template).items()}

    async def run(
        self, state: State, find: Find, *, any_title: bool, forgotten: bool
    ) -> tuple[Repo, tuple[Row, ...]]:
        """Judge what ``find`` finds; raises where the map is another repository's."""
        snapshot = await self._preparer.read()
        repo = snapshot.repo
        check_repository(state.map, repo)
        matcher = matching.Matcher(self._loaded.items)
        claims = [matcher.match(each) for each in find(snapshot, self._titles, state.map)]
        own = await self._own(repo, [claim.record for claim in claims])
        wanted = {
            claim.record.number
            for claim in claims
            if claim.record.number is not None
            and claim.wrong is None
            and (claim.record.repo is None or claim.record.repo.casefold() in own)
        }
        found, absent = await self._unlisted(snapshot, wanted - snapshot.issues.keys())
        known = Known(
            repo=repo.full_name,
            own=own,
            items=self._loaded.items,
            issues={**snapshot.issues, **found},
            absent=absent,
            titles=self._titles,
            smap=state.map,
            pending={intent.key for intent in state.pending},
        )
        return repo, judge(claims, known, any_title=any_title, forgotten=forgotten)

    async def _own(self, repo: Repo, records: Iterable[Record]) -> frozenset[str]:
        """Every name that is this repository's: a renamed one is known by its older names, too."""
        own = repo.full_name.casefold()
        items = (item.recorded for item in self._loaded.items)
        named = {r.repo.casefold() for r in (*records, *items) if r is not None and r.repo}
        aliases = await reader.same_repository(self._client, repo, named - {own})
        return frozenset({own, *aliases})

    async def _unlisted(
        self, snapshot: Snapshot, numbers: Iterable[IssueNumber]
    ) -> tuple[dict[IssueNumber, Issue], dict[IssueNumber, str]]:
        """Numbers that the list did not show as issues: read directly, or said what they are."""
        found: dict[IssueNumber, Issue] = {}
        absent: dict[IssueNumber, str] = {}
        for number in sorted(numbers):
            if number > snapshot.highest + BEYOND:
                absent[number] = "does not exist"
                continue
            issue = await _look(self._client, snapshot.repo, number)
            if isinstance(issue, str):
                absent[number] = issue
            else:
                found[number] = issue
        return found, absent


async def _look(client: Client, repo: Repo, number: IssueNumber) -> Issue | str:
    """The issue of a number, or what became of it."""
    request = wire.get_issue(repo.full_name, number)
    try:
        answer = await client.send(request)
    except wire.NotFound:
        return "does not exist"
    except wire.Gone:
        return "was deleted"
    except wire.Moved:
        return "was transferred to another repository"
    where = wire.issue_repository(answer.data)
    if where is not None and where.casefold() != repo.full_name.casefold():
        return f"was transferred to {where}"
    return wire.parse_issue(answer.data, request=request.label) or "is a pull request"
