"""From files and GitHub to a plan: the part that dry run, push and status share.

Everything is read before anything is written. What a plan does not need is not read: labels only
when an issue is made or relabelled, milestones and assignable people only when they are used,
blockers only of issues whose edges are not known yet.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from ghsync import basetexts, engine, lookups, reader
from ghsync.bases import base_after, base_of
from ghsync.blockers import with_blockers, with_blockers_of
from ghsync.bodies import GIVEN, Bodies, Mentions
from ghsync.brakes import check_repository
from ghsync.config import Config
from ghsync.given import PLACE, check_source
from ghsync.journal import Entry, Intent, SyncMap, Trying
from ghsync.lint import check
from ghsync.model import (
    Adopt,
    Checked,
    ClearField,
    CreateIssue,
    CreateLabel,
    CreateMilestone,
    Event,
    Fate,
    FillLinks,
    Issue,
    IssueNumber,
    Key,
    Loaded,
    Notice,
    Operation,
    SetFields,
    Snapshot,
    State,
    UpdateIssue,
)
from ghsync.place import Places
from ghsync.plan import make_plan
from ghsync.prepared import Prepared, read_items, selected
from ghsync.sender import accepted
from ghsync.session import Session
from ghsync.sides import localise
from ghsync.store import Cache, Store

if TYPE_CHECKING:
    from ghsync.undo import Done


class Preparer:
    """Loads, reads and plans; holds what was read, so that a second plan reads only the rest."""

    def __init__(
        self,
        config: Config,
        store: Store,
        session: Session,
        on_event: Callable[[Event], None],
        *,
        loaded: Loaded | None = None,
        only: frozenset[Key] | None = None,
    ) -> None:
        self._config = config
        self._store = store
        self._session = session
        self._client = session.client
        self._on_event = on_event
        self._only = only
        """Plan for these items and what they need; ``None`` for all."""
        self.loaded = read_items(config) if loaded is None else loaded
        self.snapshot: Snapshot | None = None
        self._places = Places(config)
        self._texts: Mapping[str, str] = {}
        """Texts that bases name, as far as a plan has asked for them."""
        self._read_at = 0.0
        self._touched: Mapping[IssueNumber, str] = {}
        """When each issue had changed as of the last push."""
        self.numbers: frozenset[IssueNumber] = frozenset()
        self.cursor = self.whole = ""

    async def read(self) -> Snapshot:
        """Read the repository and its issues, once."""
        if self.snapshot is not None:
            return self.snapshot
        repo = await reader.read_repo(self._client, self._session.repo)
        reader.check_rights(repo)
        self._read_at = self._session.clock.now()
        cache = self._store.load_cache(repo_id=repo.id, api_url=self._session.api_url)
        if cache is not None:  # also one that is too old to go on from
            self._touched = {number: i.updated_at for number, i in cache.issues.items()}
        cache = reader.fresh(cache, self._session.clock.now())
        found = await reader.read_issues(
            self._client, repo, cache, self._on_event, overlap=overlap(self._session)
        )
        self.numbers, self.cursor, self.whole = found.numbers, found.cursor, found.whole
        self.snapshot = Snapshot(repo=repo, issues=found.issues, highest=found.highest)
        return self.snapshot

    def take_in(self, issue: Issue) -> None:
        """Add an issue that was found after the reading."""
        if self.snapshot is not None:
            issues = {**self.snapshot.issues, issue.number: issue}
            highest = max(self.snapshot.highest, issue.number)
            self.snapshot = replace(self.snapshot, issues=issues, highest=highest)
            self.numbers |= {issue.number}

    async def take_back_trials(self, smap: SyncMap, tried: Iterable[Trying]) -> list[Entry]:
        """Find out which updates without an answer were done; return what the entries are now."""
        snapshot = await self.read()
        check_repository(smap, snapshot.repo)
        entries = {entry.number: entry for entry in smap.entries.values()}
        found: list[Entry] = []
        for trial in tried:
            number, wanted = trial.entry.number, trial.entry.base
            entry = entries.get(number)
            if entry is None or entry.base is None or wanted is None:
                continue
            issue = await reader.read_one(self._client, snapshot.repo, number)
            if issue is None:
                continue
            self.take_in(issue)
            edges = await reader.read_blockers(
                self._client,
                snapshot.repo,
                [number] if wanted.blocked_by != entry.base.blocked_by else [],
            )
            there = edges.get(number, frozenset())
            base = base_after(entry.base, wanted, issue, there, sent_body=trial.body)
            uid = issue.uid if issue.uid == trial.entry.uid else entry.uid
            found.append(replace(entry, base=base, uid=uid))
        return found

    async def plan(self, smap: SyncMap, *, look: bool = False) -> Prepared:
        """Read what the map and the files need, and plan.

        With ``look`` also what only a pull is concerned with: blockers that people have set.
        """
        snapshot = await self.read()
        check_repository(smap, snapshot.repo)  # before its issues are looked for one by one
        snapshot = await self._named(snapshot, smap)
        if look:
            snapshot = await with_blockers(self._client, snapshot, smap, self._touched)
        prepared = self._planned(snapshot, smap)
        read = await self._reread(snapshot, basetexts.unread(prepared.planned, snapshot))
        texts = self._bases(prepared)
        if read is not snapshot or texts:  # what needs no text is planned already
            self._texts = {**self._texts, **texts}
            snapshot = read
            prepared = self._planned(snapshot, smap)
        rich = await self._needed(snapshot, prepared, smap)
        if rich is not snapshot:
            prepared = self._planned(rich, smap)
        self.snapshot = prepared.snapshot
        return prepared

    async def plan_pull(
        self, smap: SyncMap, wanted: Callable[[Prepared], Set[IssueNumber]]
    ) -> Prepared:
        """Plan to see what GitHub has for the files, with the texts that this needs.

        ``wanted`` names further issues whose texts are needed.
        """
        snapshot = await self.read()
        check_repository(smap, snapshot.repo)
        snapshot = await self._named(snapshot, smap)
        snapshot = await with_blockers(self._client, snapshot, smap, self._touched)
        prepared = self._planned(snapshot, smap)
        new = wanted(prepared)
        snapshot = await with_blockers_of(self._client, snapshot, new)
        numbers = basetexts.unread(prepared.planned, snapshot) | new
        for key, merged in prepared.planned.merges.items():
            if any(change.field == "body" for change in merged.incoming):
                numbers.add(prepared.planned.entries[key].number)
        read = await self._reread(
            snapshot, {n for n in numbers if snapshot.issues[n].digest is not None}
        )
        self._texts = {**self._texts, **self._bases(prepared)}
        texts = (read.issues[n].body for n in numbers if n in read.issues)
        if self._config.mentions is Mentions.KNOWN and any("@" in text for text in texts):
            people = await reader.read_assignable(self._client, read.repo)
            read = replace(read, assignable=people)
        self.snapshot = read
        return self._planned(read, smap)

    def again(self, prepared: Prepared, smap: SyncMap, loaded: Loaded) -> Prepared:
        """Plan once more with these items and what was read for a plan."""
        self.loaded = loaded
        return self._planned(prepared.snapshot, smap)

    async def plan_again(self, prepared: Prepared, smap: SyncMap) -> Prepared:
        """Plan anew if issues of ours have appeared since; for who has just taken the lock.

        A run that has only just ended elsewhere may not be in a list yet, so the numbers above
        the highest one known are read directly as well.
        """
        before = prepared.snapshot
        self._read_at = self._session.clock.now()
        cache = Cache(
            repo_id=before.repo.id,
            api_url=self._session.api_url,
            cursor=self.cursor,
            whole=self.whole,
            issues=before.issues,
        )
        listed = await reader.read_issues(
            self._client, before.repo, cache, lambda _: None, overlap=overlap(self._session)
        )
        late = await reader.read_above(self._client, before.repo, listed.highest)
        issues = {**before.issues, **listed.issues, **late}
        self.numbers |= listed.numbers | late.keys()
        new = issues.keys() - before.issues.keys()
        if all(issues[number].marker_key is None for number in new):
            return prepared
        highest = max(self.numbers, default=before.highest)
        self.snapshot = replace(before, issues=issues, highest=highest)
        return await self.plan(smap)

    async def plan_back(self, done: Sequence[Done], smap: SyncMap) -> Prepared:
        """Plan the way back from what a run did; the files are not asked."""
        from ghsync.undo import items_of, plan_undo, stale

        snapshot = await self.read()
        check_repository(smap, snapshot.repo)
        snapshot = await self._named(snapshot, smap)
        snapshot = await self._reread(snapshot, stale(done, snapshot))
        if any("milestone" in each.before for each in done):
            milestones = await reader.read_milestones(self._client, snapshot.repo)
            snapshot = replace(snapshot, milestones=milestones)
        planned = plan_undo(done, smap, snapshot)
        unread = basetexts.unread(planned, snapshot)
        if unread:
            snapshot = await self._reread(snapshot, unread)
            planned = plan_undo(done, smap, snapshot)
        if any(_sets(op, "fields") for op in planned.plan.operations):
            fields = await lookups.read_issue_fields(self._client, snapshot.repo)
            snapshot = replace(snapshot, fields=fields)
        self.snapshot = snapshot
        return Prepared(
            loaded=self.loaded,
            checked=Checked(items=items_of(planned), refused={}, findings=()),
            snapshot=snapshot,
            planned=planned,
            numbers=self.numbers,
            cursor=self.cursor,
            whole=self.whole,
            read_at=self._read_at,
        )

    def _planned(self, snapshot: Snapshot, smap: SyncMap) -> Prepared:
        check_source(self.loaded, smap, given=self._config.given is not None)
        checked = check(
            self.loaded, settings=self._config.lint_settings, assignable=snapshot.assignable
        )
        self._texts = basetexts.with_gone(self.loaded, smap, self._store, self._texts)
        planned = make_plan(
            checked,
            self.loaded,
            smap,
            snapshot,
            self._config.plan_settings,
            texts=self._texts,
            bodies=self._bodies(snapshot),
        )
        if self._only is not None:
            kept = engine.closure(planned.plan.operations, self._only)
            planned = replace(planned, plan=replace(planned.plan, operations=kept), orders={})
        prepared = Prepared(
            loaded=self.loaded,
            checked=checked,
            snapshot=snapshot,
            planned=planned,
            numbers=self.numbers,
            cursor=self.cursor,
            whole=self.whole,
            read_at=self._read_at,
        )
        return selected(prepared, self._config.selection, smap)

    async def _named(self, snapshot: Snapshot, smap: SyncMap) -> Snapshot:
        """Read directly what the map or a file names and the list did not show."""
        recorded = [item.recorded for item in self.loaded.items if item.recorded is not None]
        own = snapshot.repo.full_name.casefold()
        foreign = {r.repo for r in recorded if r.repo is not None and r.repo.casefold() != own}
        if foreign:
            aliases = await reader.same_repository(self._client, snapshot.repo, foreign)
            snapshot = replace(snapshot, aliases=aliases)
        mine = {own, *snapshot.aliases}
        mapped = {entry.number for entry in smap.entries.values()}
        named = {r.number for r in recorded if r.repo is None or r.repo.casefold() in mine}
        unseen = (mapped | named) - snapshot.issues.keys() - snapshot.gone
        # A list can lag behind, so what it did not show is read directly before it counts as
        # gone. Only a number from a file, above all that exist, is taken for another place's.
        far = {n for n in unseen - mapped if n > snapshot.highest}
        found, gone = await reader.read_numbers(self._client, snapshot.repo, unseen - far)
        return replace(
            snapshot,
            issues={**snapshot.issues, **found},
            gone=snapshot.gone | gone.keys() | far,
            fates={**snapshot.fates, **gone},
        )

    def _bases(self, prepared: Prepared) -> Mapping[str, str]:
        """The texts that this plan's merges set out from, as far as they can be found."""
        config, title = self._config, self._config.plan_settings.title
        numbers = {key: entry.number for key, entry in prepared.planned.entries.items()}
        bodies = prepared.planned.bodies
        find = basetexts.in_history(
            config.root,
            config.load_options,
            lambda items: localise(items, title, bodies, numbers),
        )
        found, notice = basetexts.look_up(prepared.planned, self._store, self._texts, find)
        if notice is not None:
            self._on_event(Notice(message=notice))
        return found

    def _bodies(self, snapshot: Snapshot) -> Bodies:
        """The files' texts as this repository shall get them."""
        place = self._places.of(snapshot.repo.full_name)
        known = snapshot.assignable
        return Bodies(self.loaded.items, place, self._config.text_settings, known=known)

    async def _needed(self, snapshot: Snapshot, prepared: Prepared, smap: SyncMap) -> Snapshot:
        """Read what this plan's operations use: labels, milestones, people, texts, blockers."""
        repo, plan = snapshot.repo, prepared.planned.plan
        operations = plan.operations
        result = snapshot
        if any(_sets(op, "labels") for op in operations):
            result = replace(result, labels=await reader.read_labels(self._client, repo))
            result = await self._reread(result, lookups.otherwise_labelled(operations, result))
        if any(_sets(op, "milestone") for op in operations):
            result = replace(result, milestones=await reader.read_milestones(self._client, repo))
        calls = any(
            _sets(op, "body") and prepared.planned.locals[op.key].calls
            for op in operations
            if isinstance(op, CreateIssue | UpdateIssue | FillLinks)
        )
        if calls or any(_sets(op, "assignees") for op in operations):
            result = replace(result, assignable=await reader.read_assignable(self._client, repo))
        result = await self._extras(result, prepared)
        blocked = {
            op.number
            for op in operations
            if isinstance(op, Adopt) and prepared.planned.locals[op.key].item.blocked_by
        }
        if blocked:
            edges = await reader.read_blockers(self._client, repo, blocked)
            result = replace(result, blockers={**result.blockers, **edges})
        return result

    async def _extras(self, snapshot: Snapshot, prepared: Prepared) -> Snapshot:
        """Read what the types, fields and places that this plan sets can be."""
        repo, operations = snapshot.repo, prepared.planned.plan.operations
        if any(_sets(op, "type") for op in operations):
            snapshot = replace(snapshot, types=await lookups.read_types(self._client, repo))
        if any(_sets(op, "fields") for op in operations):
            snapshot = replace(snapshot, fields=await lookups.read_issue_fields(self._client, repo))
        if prepared.planned.unread:
            unread = prepared.planned.unread
            children = await lookups.read_children(self._client, repo, unread)
            snapshot = replace(snapshot, children={**snapshot.children, **children})
        fates = {
            number: Fate(kind="converted")
            for number in _doubtful(prepared, snapshot)
            if await lookups.was_converted(self._client, repo, number)
        }
        return replace(snapshot, fates={**snapshot.fates, **fates}) if fates else snapshot

    async def _reread(self, snapshot: Snapshot, numbers: Set[IssueNumber]) -> Snapshot:
        """Read these issues one by one, with their texts, in place of what the list showed."""
        if not numbers:
            return snapshot
        found, gone = await reader.read_numbers(self._client, snapshot.repo, numbers)
        issues: dict[IssueNumber, Issue] = {
            n: issue for n, issue in snapshot.issues.items() if n not in gone
        }
        return replace(
            snapshot,
            issues={**issues, **found},
            gone=snapshot.gone | gone.keys(),
            fates={**snapshot.fates, **gone},
        )


def overlap(session: Session) -> timedelta:
    """How far a reading "since" goes back, so that a list that lags hides nothing."""
    return reader.OVERLAP if session.limiter.limited else reader.SHORT_OVERLAP


def _sets(op: Operation, field: str) -> bool:
    match op:
        case CreateIssue():
            return bool(getattr(op, field))
        case FillLinks():
            return field == "body"
        case UpdateIssue():
            return any(change.field == field for change in op.changes)
        case SetFields() | ClearField():
            return field == "fields"
        case _:
            return False


def _doubtful(prepared: Prepared, snapshot: Snapshot) -> set[IssueNumber]:
    """Issues that this plan writes to and that may be discussions now: closed and locked since."""
    doubtful: set[IssueNumber] = set()
    for op in prepared.planned.plan.operations:
        number = getattr(op, "number", None)
        if number is None or isinstance(op, Adopt | CreateLabel | CreateMilestone):
            continue
        issue, entry = snapshot.issues.get(number), prepared.planned.entries.get(op.key)
        base = entry.base if entry is not None else None
        if issue is None or base is None or number in snapshot.fates:
            continue
        if issue.locked and not base.locked and issue.state is State.CLOSED:
            doubtful.add(number)
    return doubtful


def entry_of_found(intent: Intent, issue: Issue, loaded: Loaded) -> Entry:
    """The entry of an issue that a lost create made: both sides agree on what was sent."""
    item = next((item for item in loaded.items if item.key == intent.key), None)
    gone = PLACE if loaded.layouts == (GIVEN,) else f"{intent.key}.md"
    return Entry(
        key=intent.key,
        number=issue.number,
        id=issue.id,
        uid=intent.uid,
        kind=item.kind if item is not None else intent.kind,
        path=item.path if item is not None else intent.path or gone,
        ident=item.ident if item is not None else intent.ident,
        base=base_of(issue, item) if intent.base is None else accepted(intent.base, issue),
    )
