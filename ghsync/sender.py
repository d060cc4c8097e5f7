"""What every write shares: the request goes out recorded, the answer is taken in and recorded."""

from __future__ import annotations

import asyncio
from collections import ChainMap, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Protocol

from ghsync import render
from ghsync.bases import alike, reason_after
from ghsync.bodies import Bodies
from ghsync.clock import Clock
from ghsync.details import held_equal, of_title, wire_value
from ghsync.errors import InternalError
from ghsync.journal import Base, Entry, Intent, JournalEvent, NotExecuted, Recorded, Sent, Trying
from ghsync.model import (
    CreateIssue,
    Fields,
    Finding,
    Issue,
    IssueId,
    IssueNumber,
    Key,
    Notice,
    Operation,
    OpResult,
    Repo,
    Severity,
    Snapshot,
    State,
    Status,
)
from ghsync.reconcile import Accounts
from ghsync.remote import wire
from ghsync.remote.answers import Answer
from ghsync.remote.client import Client
from ghsync.remotelock import RemoteLock
from ghsync.sides import PLAIN, with_body
from ghsync.threeway import Local, OnConflict, Texts
from ghsync.values import dataclass

TRIES = 3
"""How often one write is sent at most, each time after it is certain that it did not happen."""
BETWEEN_SIBLINGS = 2.0
"""Seconds to wait where GitHub says that another child of the same parent is being added."""


class Held(Exception):
    """The run is ending, so this request was not sent."""


class Recorder(Protocol):
    """Where intents and results go before and after a request: the journal, fsynced."""

    def append(self, events: Sequence[JournalEvent]) -> None:
        """Return only when the events survive anything."""
        ...

    async def commit(self, events: Sequence[JournalEvent]) -> None:
        """Do the same, together with what other tasks commit at this moment."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What a user may decide about carrying out a plan."""

    settle: float = 20.0
    allow_dropped: bool = False
    on_conflict: OnConflict = OnConflict.SKIP


class Sender:
    """Sends writes of one run; holds each item's entry as it changes meanwhile."""

    def __init__(
        self,
        *,
        client: Client,
        recorder: Recorder,
        clock: Clock,
        snapshot: Snapshot,
        entries: Mapping[Key, Entry],
        locals_: Mapping[Key, Local],
        accounts: Accounts,
        rules: Rules,
        random_bytes: Callable[[], bytes],
        notice: Callable[[Notice], None],
        read_at: float,
        texts: Texts = MappingProxyType({}),
        bodies: Bodies = PLAIN,
    ) -> None:
        """``read_at``: when the reading of ``snapshot`` began; ``texts``: bodies of bases;
        ``bodies`` renders texts again once more issues have their numbers.
        """
        self._texts = dict(texts)
        self._bodies = bodies
        self._client = client
        self._recorder = recorder
        self._clock = clock
        self._repo: Repo = snapshot.repo
        self._snapshot = snapshot
        self._read_at = read_at
        self._ids: dict[IssueNumber, IssueId] = {n: i.id for n, i in snapshot.issues.items()}
        self._milestones = {title: m.number for title, m in snapshot.milestones.items()}
        self._locals = dict(locals_)
        self._accounts = accounts
        self._rules = rules
        self._random_bytes = random_bytes
        self._notice = notice
        self.entries: dict[Key, Entry] = dict(entries)
        self._known = {key: entry.number for key, entry in entries.items()}
        self._made: dict[Key, IssueNumber] = {}
        self._arrived: dict[Key, list[Key]] = defaultdict(list)
        """Parents to the children that this run gave them, in the order of GitHub's answers."""
        self._adrift: set[Key] = set()
        """Children whose creates were unclear, so that siblings may stand before them."""
        self.linked: dict[str, str] = {}
        """Bodies by their digests that were rendered in this run, with issues that it made."""
        self.written: dict[IssueNumber, Issue] = {}
        """Issues as this run's writes left them: by GitHub's answers, and the parents it set."""
        self.gone: set[IssueNumber] = set()
        """Issues of the map that turned out to be deleted or moved elsewhere."""
        self.findings: list[Finding] = []
        self.in_air: set[asyncio.Task[object]] = set()
        """Tasks whose request may have reached GitHub."""
        self.on_leave: Callable[[], None] = lambda: None
        """Called in a task whose request leaves the gate."""
        self.lock: RemoteLock | None = None
        """The lock between machines, where this run has it: no create goes out without."""
        self._held = False

    def expect(self, writes: int) -> None:
        """Be told how many operations there are to carry out."""
        self._client.expect(writes)

    def hold(self) -> None:
        """Send nothing any more: a request that waits at the gate ends as :class:`Held`."""
        self._held = True

    async def _send(
        self, request: wire.Request, wanted: Entry | None = None, *, body: str | None = None
    ) -> Answer:
        """Send a write that may be repeated, recorded for the limiter of a later run.

        ``wanted`` is what the item's entry will be once it is done; ``body`` the digest of a
        merged body that is in the request.
        """
        trying: list[JournalEvent] = [] if wanted is None else [Trying(entry=wanted, body=body)]

        async def before() -> None:
            self._leave()
            sent = Sent(at=self._clock.now(), content=request.cost.content)
            await self._recorder.commit([*trying, sent])

        return await self._client.send(request, before=before, turned_away=self._turned_away)

    def _link_text(self, key: Key, links: Iterable[Key] | None = None) -> Local:
        """Render an item's text again, with those of ``links`` (or all) that are made by now."""
        local = self._locals[key]
        if not local.waits:
            return local
        self._texts.setdefault(local.base.body, local.body)  # what both sides may start from
        made = self._made
        if links is not None:
            made = {key: made[key] for key in links if key in made}
        body = self._bodies.body(local.item, ChainMap(made, self._known))
        local = self._locals[key] = with_body(local, body)
        self.linked[local.base.body] = self._texts[local.base.body] = local.body
        return local

    def _leave(self) -> None:
        """Note that this task's request goes out now."""
        if self._held:
            raise Held
        task = asyncio.current_task()
        if task is not None:
            self.in_air.add(task)
            self.on_leave()

    def _turned_away(self) -> None:
        """Note that a limit turned this task's request away: it did not happen, and waits."""
        task = asyncio.current_task()
        if task is not None:
            self.in_air.discard(task)
        if self._held:
            raise Held

    async def _not_executed(self, intent: Intent) -> None:
        """The same of a create or a comment, which no later run has to look for then."""
        await self._recorder.commit([NotExecuted(uid=intent.uid)])
        self._turned_away()

    def _issue(self, answer: Answer, request: wire.Request) -> Issue:
        issue = issue_of(answer, request)
        self.written[issue.number] = issue
        return issue

    def _milestone(self, title: str | None) -> int | None:
        """The number of a milestone; ``None`` for one that is not there."""
        return None if title is None else of_title(self._milestones, title)

    def _field_values(self, fields: Fields) -> list[tuple[int, wire.JsonValue]]:
        """Values of issue fields by the ids of the fields; the plan has checked that they fit."""
        known = self._snapshot.fields or {}
        return [
            (known[name.casefold()].id, wire_value(known[name.casefold()], value))
            for name, value in fields
            if name.casefold() in known
        ]

    def _entry(self, key: Key) -> Entry:
        return self.entries[key]

    async def _record(self, entry: Entry) -> None:
        await self._recorder.commit([Recorded(entry=entry)])
        self.entries[entry.key] = entry

    async def _record_parent(self, entry: Entry, parent: Entry | None) -> None:
        """Record a parent that GitHub has taken; its answer shows the parent, not the child."""
        number = None
        if parent is not None:
            number = parent.number
            self._arrived[parent.key].append(entry.key)
        issue = self.written.get(entry.number) or self._snapshot.issues.get(entry.number)
        if issue is not None:
            self.written[issue.number] = replace(issue, parent=number)
        await self._record(replace(entry, base=replace(base_of_entry(entry), parent=number)))

    def _warn(self, op: CreateIssue, code: str, message: str) -> None:
        self._find(op.path, code, Severity.WARNING, message, op.key)

    def _find(self, path: str, code: str, severity: Severity, message: str, key: Key) -> None:
        line = self._locals[key].item.line
        self.findings.append(
            Finding(path=path, line=line, code=code, severity=severity, message=message, key=key)
        )

    async def _add_child(self, request: wire.Request, wanted: Entry | None = None) -> None:
        """Send it, again where another child of the same parent was being added just then."""
        for left in reversed(range(TRIES)):
            try:
                await self._send(request, wanted)
            except wire.Unprocessable as error:
                if not left or not wire.priority_taken(error):
                    raise
                await self._clock.sleep_until(self._clock.now() + BETWEEN_SIBLINGS)
            else:
                return


def issue_of(answer: Answer, request: wire.Request) -> Issue:
    """The issue that a write was answered with; the decoder has read it already."""
    issue = answer.issue or wire.parse_issue(answer.data, request=request.label)
    if issue is None:
        raise InternalError(f"GitHub answered a pull request to: {request.label}")
    return issue


def accepted(
    wanted: Base, issue: Issue, *, since: Base | None = None, sent_body: str | None = None
) -> Base:
    """The base after a write: of what was wanted, only what GitHub's answer holds.

    ``since`` is the base before an update; it stands for what the answer does not confirm, so
    that what a person changed on GitHub stays visible as a change of that side alone.
    ``sent_body`` is the digest of the body that was sent, where that was a merge.
    """
    held = {name.casefold() for name in (*issue.labels, *(since.labels if since else ()))}
    assigned = {
        login.casefold() for login in (*issue.assignees, *(since.assignees if since else ()))
    }
    labels = tuple(name for name in wanted.labels if name.casefold() in held)
    assignees = tuple(name for name in wanted.assignees if name.casefold() in assigned)
    if since is None:
        return replace(
            wanted,
            labels=labels,
            assignees=assignees,
            milestone=wanted.milestone if alike(issue.milestone, wanted.milestone) else None,
            type=wanted.type if alike(issue.type, wanted.type) else None,
            fields=tuple(f for f in wanted.fields if held_equal(issue.fields or (), *f)),
            not_planned=False,
            state=State.OPEN,  # as every issue begins; a person may have closed it since
            locked=False,
            parent=issue.parent,
        )
    digest = issue.digest or render.digest(issue.body)
    return replace(
        wanted,
        title=wanted.title if issue.title == wanted.title else since.title,
        body=wanted.body if digest in (wanted.body, sent_body) else since.body,
        labels=labels,
        assignees=assignees,
        milestone=wanted.milestone if alike(issue.milestone, wanted.milestone) else since.milestone,
        type=wanted.type if alike(issue.type, wanted.type) else since.type,
        state=wanted.state if issue.state == wanted.state else since.state,
        not_planned=reason_after(since, wanted, issue),
    )


def base_of_entry(entry: Entry) -> Base:
    """The entry's base; one that was adopted and never agreed has none, and no operations."""
    if entry.base is None:
        raise InternalError(f"{entry.key} has no base, so nothing of it can be written")
    return entry.base


def done(op: Operation, number: IssueNumber | None = None, url: str = "") -> OpResult:
    """Report an operation as done."""
    return OpResult(operation=op, status=Status.DONE, number=number, url=url or None)


def failed(op: Operation, message: str, issue: Issue | None = None) -> OpResult:
    """Report an operation as failed; ``message`` says what to do next."""
    return OpResult(
        operation=op,
        status=Status.FAILED,
        number=issue.number if issue is not None else None,
        message=message,
    )
