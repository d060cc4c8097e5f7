"""Carry out one operation: journal, send, compare what came back with what was sent, record.

Every answer is compared: without push access GitHub drops labels, assignees and milestones in
silence, an oversized PATCH can answer 200 and keep the old text, and a server that predates
``parent_issue_id`` ignores it. Each is mended or named.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol, assert_never

from ghsync import render
from ghsync.clock import Clock
from ghsync.errors import AuthError, InternalError
from ghsync.journal import Base, Entry, Intent, JournalEvent, NotExecuted, Recorded, Sent
from ghsync.model import (
    Adopt,
    Block,
    Change,
    CloseIssue,
    CreateIssue,
    CreateLabel,
    CreateMilestone,
    Finding,
    Issue,
    IssueId,
    IssueNumber,
    Item,
    Key,
    LinkParent,
    Notice,
    Operation,
    OpResult,
    ReopenIssue,
    Repo,
    Severity,
    Snapshot,
    State,
    Status,
    Uid,
    Unblock,
    UnlinkParent,
    UpdateIssue,
)
from ghsync.reader import read_milestones, read_one
from ghsync.reconcile import Accounts, Reconciler
from ghsync.remote import wire
from ghsync.remote.answers import Answer
from ghsync.remote.client import Client
from ghsync.threeway import Local, Merge, OnConflict, merge, settle

STALE_AFTER = 30.0
"""Seconds: an issue that was read longer ago is read again before it is rewritten."""
_TRIES = 3
"""How often one create is sent at most, each time after it is certain that it did not happen."""
_BETWEEN_SIBLINGS = 2.0
"""Seconds to wait where GitHub says that another child of the same parent is being added."""


class Held(Exception):
    """The run is ending, so this request was not sent."""


class Recorder(Protocol):
    """Where intents and results go before and after a request: the journal, fsynced."""

    def append(self, events: Sequence[JournalEvent]) -> None:
        """Return only when the events survive anything."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What a user may decide about carrying out a plan."""

    settle: float = 20.0
    allow_dropped: bool = False
    on_conflict: OnConflict = OnConflict.SKIP


class Executor:
    """Carries out operations; holds each item's entry as it changes during the run."""

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
    ) -> None:
        self._client = client
        self._recorder = recorder
        self._clock = clock
        self._repo: Repo = snapshot.repo
        self._snapshot = snapshot
        self._read_at = clock.now()
        self._ids: dict[IssueNumber, IssueId] = {n: i.id for n, i in snapshot.issues.items()}
        self._milestones = {title: m.number for title, m in snapshot.milestones.items()}
        self._locals = locals_
        self._accounts = accounts
        self._rules = rules
        self._random_bytes = random_bytes
        self._notice = notice
        self._reconciler = Reconciler(
            client, snapshot.repo, clock, accounts, settle=rules.settle, notice=notice
        )
        self.entries: dict[Key, Entry] = dict(entries)
        self.written: dict[IssueNumber, Issue] = {}
        """Issues as GitHub answered them to this run's writes."""
        self.gone: set[IssueNumber] = set()
        """Issues of the map that turned out to be deleted or moved elsewhere."""
        self.findings: list[Finding] = []
        self.in_air: set[asyncio.Task[object]] = set()
        """Tasks whose request may have reached GitHub."""
        self.on_unclear: Callable[[], None] = lambda: None
        """Called in the task of a create whose outcome has to be found out, which takes a while."""
        self._held = False
        self._unsettled: dict[Key, tuple[Intent, wire.UnknownOutcome]] = {}

    def hold(self) -> None:
        """Send nothing any more: a request that waits at the gate ends as :class:`Held`."""
        self._held = True

    async def run(self, op: Operation) -> OpResult:
        """Carry out one operation; after a failure for want of the server, also once more.

        Raises :class:`~ghsync.errors.GhsyncError` for what ends the run, and
        :class:`~ghsync.remote.errors.ApiError` for what fails this operation alone.
        """
        try:
            return await self._run(op)
        except (wire.NotFound, wire.Gone, wire.Moved) as error:
            if isinstance(error, AuthError):
                raise
            match op:
                case UpdateIssue() | CloseIssue() | ReopenIssue():
                    raise self._is_gone(op) from error
                case _:
                    raise

    def _is_gone(self, op: UpdateIssue | CloseIssue | ReopenIssue) -> wire.NotFound:
        number = self._entry(op.key).number
        self.gone.add(number)
        return wire.NotFound(
            f"{op.path}: issue #{number} is no longer in {self._repo.full_name}: "
            "deleted, transferred or converted.",
            hint=f"`ghsync map forget {op.key}` lets the next push make a new one.",
        )

    async def _run(self, op: Operation) -> OpResult:
        match op:
            case CreateLabel() | CreateMilestone():
                return await self._create_tool(op)
            case Adopt():
                return _done(op, op.number)
            case CreateIssue():
                return await self._create(op)
            case UpdateIssue():
                return await self._update(op)
            case CloseIssue() | ReopenIssue():
                return await self._set_state(op)
            case LinkParent() | UnlinkParent() | Block() | Unblock():
                try:
                    return await self._change_edge(op)
                except wire.PermissionDenied as error:
                    return self._not_allowed(op, error)
            case _:
                assert_never(op)

    async def _change_edge(self, op: LinkParent | UnlinkParent | Block | Unblock) -> OpResult:
        match op:
            case LinkParent():
                return await self._link(op)
            case UnlinkParent():
                return await self._unlink(op)
            case Block():
                return await self._block(op)
            case Unblock():
                return await self._unblock(op)
            case _:
                assert_never(op)

    # ---------------------------------------------------------------- labels, milestones

    async def _create_tool(self, op: CreateLabel | CreateMilestone) -> OpResult:
        """Make a label or milestone; where its loss is allowed, a token that may not goes on."""
        try:
            match op:
                case CreateLabel():
                    await self._create_label(op)
                case CreateMilestone():
                    await self._create_milestone(op)
        except wire.PermissionDenied as error:
            return self._not_allowed(op, error)
        return _done(op)

    def _not_allowed(self, op: Operation, error: wire.PermissionDenied) -> OpResult:
        """Skip what the token may not do, where the user has agreed to lose it; else raise."""
        if not self._rules.allow_dropped:
            raise error
        return OpResult(operation=op, status=Status.SKIPPED, message=error.message)

    async def _create_label(self, op: CreateLabel) -> None:
        request = wire.create_label(self._repo.full_name, op.name, op.color, op.description)
        try:
            await self._send(request)
        except wire.Unprocessable as error:
            if not wire.label_exists(error):
                raise

    async def _create_milestone(self, op: CreateMilestone) -> None:
        request = wire.create_milestone(self._repo.full_name, op.title)
        try:
            answer = await self._send(request)
        except wire.Unprocessable as error:
            if not wire.milestone_exists(error):
                raise
            found = await read_milestones(self._client, self._repo)
            self._milestones.update({title: m.number for title, m in found.items()})
        else:
            made = wire.parse_milestone(answer.data, request=request.label)
            self._milestones[made.title] = made.number

    # ---------------------------------------------------------------------------- create

    async def _create(self, op: CreateIssue) -> OpResult:
        made = self.entries.get(op.key)
        if made is not None:  # by an earlier try of this operation, which failed afterwards
            op_sent, issue = op, self.written[made.number]
        else:
            op_sent, issue = await self._create_once(op)
            self._unsettled.pop(op.key, None)
            self._accounts.add(issue.number)
            self._ids[issue.number] = issue.id
            self.written[issue.number] = issue
            self._record(self._entry_of(op, issue))
        parent = self._entry(op_sent.parent).number if op_sent.parent is not None else None
        if parent is not None and issue.parent != parent:
            await self._mend_parent(op.key, op.path, issue, parent)
        self._compare_create(op_sent, issue)
        return _done(op, issue.number, issue.html_url)

    async def _create_once(self, op: CreateIssue) -> tuple[CreateIssue, Issue]:
        """Send a create until it is done, never again before it is certain that it was not.

        Returns the operation as it was sent in the end, without what GitHub refuses.
        """
        found = await self._settle_earlier(op.key)
        if found is not None:
            return op, found
        for _ in range(_TRIES):
            parent = self._entry(op.parent).id if op.parent is not None else None
            intent = Intent(
                key=op.key,
                uid=render.new_uid(self._random_bytes()),
                floor=self._accounts.highest,
                at=self._clock.now(),
            )
            request = wire.create_issue(
                self._repo.full_name,
                title=op.title,
                body=render.with_marker(op.body, intent.uid, op.key),
                labels=op.labels,
                assignees=op.assignees,
                milestone=self._milestones.get(op.milestone or ""),
                parent_issue_id=parent,
            )
            try:
                return op, await self._send_create(request, intent)
            except wire.UnknownOutcome as unknown:
                issue = await self._settle(intent, unknown)
                if issue is not None:
                    return op, issue
            except wire.Unprocessable as error:
                self._recorder.append([NotExecuted(uid=intent.uid)])
                if wire.priority_taken(error):
                    await self._clock.sleep_until(self._clock.now() + _BETWEEN_SIBLINGS)
                    continue
                op = self._without_refused(op, error)
            except wire.ApiError as error:
                if error.executed is False:
                    self._recorder.append([NotExecuted(uid=intent.uid)])
                raise
        raise wire.ServerTrouble(
            f"{op.path}: GitHub failed {_TRIES} times to make this issue, and none is there.",
            hint="Run `ghsync push` again later; it looks before it sends.",
        )

    def _without_refused(self, op: CreateIssue, error: wire.Unprocessable) -> CreateIssue:
        """Leave out an assignee, milestone or parent that GitHub refuses; else raise its error."""
        if op.assignees and wire.invalid_field(error, "assignees"):
            refused = {login.casefold() for login in wire.invalid_assignees(error)}
            dropped = [a for a in op.assignees if not refused or a.casefold() in refused]
            if dropped:
                self._warn(op, "assignee_refused", _left_out("assignees", dropped))
                return replace(op, assignees=tuple(a for a in op.assignees if a not in dropped))
        if op.milestone is not None and wire.invalid_field(error, "milestone"):
            self._warn(op, "milestone_refused", _left_out("milestone", [op.milestone]))
            return replace(op, milestone=None)
        if op.parent is not None and any(e.field == "parent_issue_id" for e in error.errors):
            self._warn(op, "parent_refused", f"{_left_out('parent', [op.parent])} {error.message}")
            return replace(op, parent=None)
        raise error

    async def _send_create(self, request: wire.Request, intent: Intent) -> Issue:
        first = True

        def before() -> None:
            nonlocal first
            self._leave()
            sent = Sent(at=self._clock.now(), content=True)
            self._recorder.append([replace(intent, at=sent.at), sent] if first else [sent])
            first = False

        answer = await self._client.send(request, before=before)
        issue = wire.parse_issue(answer.data, request=request.label)
        if issue is None:
            raise InternalError(f"GitHub answered a pull request to: {request.label}")
        return issue

    async def _settle_earlier(self, key: Key) -> Issue | None:
        """Before a create is tried again: find what an unclear first try made."""
        if key not in self._unsettled:
            return None
        intent, unknown = self._unsettled[key]
        issue = await self._settle(intent, unknown)
        if issue is None:
            del self._unsettled[key]
        return issue

    async def _settle(self, intent: Intent, unknown: wire.UnknownOutcome) -> Issue | None:
        """Find out whether an unclear create happened; raise it where that cannot be read."""
        self.on_unclear()
        try:
            issue = await self._reconciler.settle(intent, unclear_at=self._clock.now())
        except wire.ApiError as error:
            if isinstance(error, AuthError):
                raise
            self._unsettled[intent.key] = (intent, unknown)
            raise unknown from error
        if issue is None:
            self._recorder.append([NotExecuted(uid=intent.uid)])
        return issue

    def _entry_of(self, op: CreateIssue, issue: Issue) -> Entry:
        local = self._locals[op.key]
        base = accepted(local.base, issue)
        if self._rules.allow_dropped:
            # What the user agreed to lose is as if somebody had taken it off: not tried again.
            want = local.base
            base = replace(
                base, labels=want.labels, assignees=want.assignees, milestone=want.milestone
            )
        return Entry(
            key=op.key,
            number=issue.number,
            id=issue.id,
            uid=issue.uid,
            kind=op.kind,
            path=op.path,
            ident=local.item.ident,
            base=base,
        )

    async def _mend_parent(self, key: Key, path: str, issue: Issue, parent: IssueNumber) -> None:
        """Link a child whose server ignored ``parent_issue_id``."""
        request = wire.add_sub_issue(self._repo.full_name, parent, issue.id)
        try:
            await self._add_child(request)
        except wire.Unprocessable as error:
            if not wire.already_sub_issue(error):
                self._find(
                    path, "parent_refused", Severity.ERROR, f"#{issue.number}: {error.message}", key
                )
                return
        except wire.PermissionDenied as error:
            if not self._rules.allow_dropped:
                raise
            message = f"#{issue.number} has no parent: {error.message}"
            self._find(path, "dropped", Severity.WARNING, message, key)
            return
        entry = self._entry(key)
        self._record(replace(entry, base=replace(_base(entry), parent=parent)))

    def _compare_create(self, op: CreateIssue, issue: Issue) -> None:
        """Name what GitHub dropped; stop the run where a token's rights are the reason."""
        lost = _lost(op, issue)
        if not lost:
            return
        message = f"GitHub dropped the {', '.join(lost)} of #{issue.number} in silence"
        if self._repo.push and self._repo.permissions_known:
            self._warn(op, "dropped", f"{message}.")
            return
        if self._rules.allow_dropped:
            self._warn(op, "dropped", f"{message}: the token may not set them.")
            return
        raise AuthError(
            f"{op.path}: {message}, because the token may not set them. The run stops here.",
            hint="Give the token write access to issues, or pass --allow-dropped.",
        )

    # ---------------------------------------------------------------------------- update

    async def _update(self, op: UpdateIssue) -> OpResult:
        local = self._locals[op.key]
        entry = self._entry(op.key)
        changes = op.changes
        if self._clock.now() - self._read_at > STALE_AFTER:
            merged = await self._merged_anew(op)
            if merged.conflicts:
                fields = ", ".join(conflict.field for conflict in merged.conflicts)
                return _failed(
                    op,
                    f"{op.path}: somebody changed the {fields} of #{op.number} on GitHub "
                    "meanwhile; run `ghsync push` again to see both sides.",
                )
            changes = merged.changes
        if not changes:
            return _done(op, op.number)
        uid = entry.uid or render.new_uid(self._random_bytes())
        body: dict[str, wire.JsonValue] = {}
        for change in changes:
            body |= self._patch(change, local, uid)
        request = wire.update_issue(self._repo.full_name, op.number, body)
        issue = self._issue(await self._send(request), request)
        if any(change.field == "body" for change in changes):
            entry = replace(entry, uid=uid)
        sent = settle(_base(entry), local.base, changes)
        kept = accepted(sent, issue, since=_base(entry))
        self._record(replace(entry, base=kept))
        lost = [c.field for c in changes if getattr(kept, c.field) != getattr(sent, c.field)]
        if lost:
            return _failed(
                op,
                f"{op.path}: GitHub answered 200 but kept the old {', '.join(lost)} "
                f"of #{op.number}.",
                issue,
            )
        return _done(op, op.number, issue.html_url)

    async def _merged_anew(self, op: UpdateIssue) -> Merge:
        """Read the issue again and merge: somebody may have changed it since the plan."""
        fresh = await read_one(self._client, self._repo, op.number)
        if fresh is None:
            raise self._is_gone(op)
        entry = self._entry(op.key)
        return merge(self._locals[op.key], entry.base, fresh, self._rules.on_conflict)

    def _patch(self, change: Change, local: Local, uid: Uid) -> dict[str, wire.JsonValue]:
        """What a change is in a PATCH."""
        match change.field:
            case "body":
                return {"body": render.with_marker(local.body, uid, local.item.key)}
            case "milestone":
                title = local.base.milestone
                if title is None:
                    return {"milestone": None}
                # One that could not be made is left out: ``null`` would take away the old one.
                number = self._milestones.get(title)
                return {} if number is None else {"milestone": number}
            case "state":
                return _state_of(local.item)
            case "labels" | "assignees":
                return {change.field: list(change.new or ())}
            case _:
                return {change.field: str(change.new)}

    async def _set_state(self, op: CloseIssue | ReopenIssue) -> OpResult:
        entry = self._entry(op.key)
        local = self._locals[op.key]
        request = wire.update_issue(self._repo.full_name, entry.number, _state_of(local.item))
        issue = self._issue(await self._send(request), request)
        self._record(replace(entry, base=replace(_base(entry), state=issue.state)))
        return _done(op, entry.number, issue.html_url)

    # ----------------------------------------------------------------------------- edges

    async def _link(self, op: LinkParent) -> OpResult:
        entry, parent = self._entry(op.key), self._entry(op.parent)
        request = wire.add_sub_issue(
            self._repo.full_name, parent.number, entry.id, replace=op.replace
        )
        try:
            await self._add_child(request)
        except wire.Unprocessable as error:
            if not wire.already_sub_issue(error):
                raise
        self._record(replace(entry, base=replace(_base(entry), parent=parent.number)))
        return _done(op, entry.number)

    async def _add_child(self, request: wire.Request) -> None:
        """Send it, again where another child of the same parent was being added just then."""
        for left in reversed(range(_TRIES)):
            try:
                await self._send(request)
            except wire.Unprocessable as error:
                if not left or not wire.priority_taken(error):
                    raise
                await self._clock.sleep_until(self._clock.now() + _BETWEEN_SIBLINGS)
            else:
                return

    async def _unlink(self, op: UnlinkParent) -> OpResult:
        entry = self._entry(op.key)
        request = wire.remove_sub_issue(self._repo.full_name, op.parent, entry.id)
        try:
            await self._send(request)
        except wire.NotFound:
            self._notice(Notice(message=f"#{op.number} is no sub-issue of #{op.parent} any more"))
        self._record(replace(entry, base=replace(_base(entry), parent=None)))
        return _done(op, entry.number)

    async def _block(self, op: Block) -> OpResult:
        entry, blocker = self._entry(op.key), self._entry(op.blocker)
        request = wire.add_blocked_by(self._repo.full_name, entry.number, blocker.id)
        try:
            await self._send(request)
        except wire.Unprocessable as error:
            if not wire.already_blocked_by(error):
                raise
        edges = tuple(sorted({*_base(entry).blocked_by, blocker.number}))
        self._record(replace(entry, base=replace(_base(entry), blocked_by=edges)))
        return _done(op, entry.number)

    async def _unblock(self, op: Unblock) -> OpResult:
        entry = self._entry(op.key)
        request = wire.remove_blocked_by(self._repo.full_name, entry.number, self._ids[op.blocker])
        try:
            await self._send(request)
        except wire.NotFound:
            self._notice(Notice(message=f"#{op.blocker} does not block #{op.number} any more"))
        edges = tuple(n for n in _base(entry).blocked_by if n != op.blocker)
        self._record(replace(entry, base=replace(_base(entry), blocked_by=edges)))
        return _done(op, entry.number)

    # --------------------------------------------------------------------------- helpers

    async def _send(self, request: wire.Request) -> Answer:
        """Send a write that may be repeated, recorded for the limiter of a later run."""

        def before() -> None:
            self._leave()
            self._recorder.append([Sent(at=self._clock.now(), content=request.cost.content)])

        return await self._client.send(request, before=before)

    def _leave(self) -> None:
        """Note that this task's request goes out now."""
        if self._held:
            raise Held
        task = asyncio.current_task()
        if task is not None:
            self.in_air.add(task)

    def _issue(self, answer: Answer, request: wire.Request) -> Issue:
        issue = wire.parse_issue(answer.data, request=request.label)
        if issue is None:
            raise InternalError(f"GitHub answered a pull request to: {request.label}")
        self.written[issue.number] = issue
        return issue

    def _entry(self, key: Key) -> Entry:
        return self.entries[key]

    def _record(self, entry: Entry) -> None:
        self._recorder.append([Recorded(entry=entry)])
        self.entries[entry.key] = entry

    def _warn(self, op: CreateIssue, code: str, message: str) -> None:
        self._find(op.path, code, Severity.WARNING, message, op.key)

    def _find(self, path: str, code: str, severity: Severity, message: str, key: Key) -> None:
        line = self._locals[key].item.line
        self.findings.append(
            Finding(path=path, line=line, code=code, severity=severity, message=message, key=key)
        )


def accepted(wanted: Base, issue: Issue, *, since: Base | None = None) -> Base:
    """The base after a write: of what was wanted, only what GitHub's answer holds.

    ``since`` is the base before an update; it stands for what the answer does not confirm, so
    that what a person changed on GitHub stays visible as a change of that side alone.
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
            milestone=wanted.milestone if issue.milestone == wanted.milestone else None,
            state=issue.state,
            parent=issue.parent,
        )
    digest = issue.digest or render.digest(issue.body)
    return replace(
        wanted,
        title=wanted.title if issue.title == wanted.title else since.title,
        body=wanted.body if digest == wanted.body else since.body,
        labels=labels,
        assignees=assignees,
        milestone=wanted.milestone if issue.milestone == wanted.milestone else since.milestone,
        state=wanted.state if issue.state == wanted.state else since.state,
    )


def _lost(op: CreateIssue, issue: Issue) -> list[str]:
    held = {name.casefold() for name in issue.labels}
    assigned = {login.casefold() for login in issue.assignees}
    lost: list[str] = []
    if any(name.casefold() not in held for name in op.labels):
        lost.append("labels")
    if any(login.casefold() not in assigned for login in op.assignees):
        lost.append("assignees")
    if op.milestone is not None and issue.milestone != op.milestone:
        lost.append("milestone")
    return lost


def _state_of(item: Item) -> dict[str, wire.JsonValue]:
    if item.state is State.OPEN:
        return {"state": "open"}
    return {"state": "closed", "state_reason": str(item.reason or "completed")}


def _base(entry: Entry) -> Base:
    """The entry's base; one that was adopted and never agreed has none, and no operations."""
    if entry.base is None:
        raise InternalError(f"{entry.key} has no base, so nothing of it can be written")
    return entry.base


def _left_out(what: str, values: Sequence[str | None]) -> str:
    names = ", ".join(str(value) for value in values)
    return f"GitHub refuses the {what} {names}; the issue is made without."


def _done(op: Operation, number: IssueNumber | None = None, url: str = "") -> OpResult:
    return OpResult(operation=op, status=Status.DONE, number=number, url=url or None)


def _failed(op: Operation, message: str, issue: Issue | None = None) -> OpResult:
    return OpResult(
        operation=op,
        status=Status.FAILED,
        number=issue.number if issue is not None else None,
        message=message,
    )
