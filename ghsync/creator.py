"""The create protocol: an intent on disk, the marker in the body, a result on disk.

A create whose outcome is unclear is looked for before it is sent again (:mod:`.reconcile`); what
comes back is compared with what was sent, and mended or named.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from ghsync import render
from ghsync.bases import alike
from ghsync.details import held_equal
from ghsync.errors import AuthError
from ghsync.journal import Entry, Intent, NotExecuted, Sent
from ghsync.model import CreateIssue, Issue, IssueNumber, Key, OpResult, Severity
from ghsync.reader import read_one
from ghsync.reconcile import Reconciler
from ghsync.remote import wire
from ghsync.remote.answers import Answer
from ghsync.remote.client import Before, TurnedAway
from ghsync.remotelock import Lapsed
from ghsync.sender import TRIES, Held, Sender, accepted, done, issue_of

SUB_ISSUES = "sub-issues"
DEPENDENCIES = "dependencies between issues"


class Creator(Sender):
    """Makes issues, each exactly once."""

    def __init__(self, **parts: Any) -> None:
        """Take what :class:`~ghsync.sender.Sender` takes."""
        super().__init__(**parts)
        self._reconciler = Reconciler(
            self._client,
            self._repo,
            self._clock,
            self._accounts,
            settle=self._rules.settle,
            notice=self._notice,
        )
        self.on_unclear: Callable[[], None] = lambda: None
        """Called in the task of a create whose outcome has to be found out, which takes a while."""
        self._unsettled: dict[Key, tuple[Intent, wire.UnknownOutcome]] = {}
        self._lacking: set[str] = set()  # what this server proved not to have

    async def _create(self, op: CreateIssue) -> OpResult:
        made = self.entries.get(op.key)
        if made is not None:  # by an earlier try of this operation, which failed afterwards
            op_sent, issue = op, self.written[made.number]
        else:
            op = replace(op, body=self._link_text(op.key, op.links).body)
            op_sent, issue = await self._create_once(op)
            self._unsettled.pop(op.key, None)
            self._accounts.add(issue.number)
            self._ids[issue.number] = issue.id
            self.written[issue.number] = issue
            self._made[op.key] = issue.number
            await self._record(self._entry_of(op, issue))
        parent = self._entry(op_sent.parent) if op_sent.parent is not None else None
        if parent is not None and issue.parent != parent.number:
            await self._mend_parent(op.key, op.path, issue, parent)
        elif parent is not None:
            self._arrived[parent.key].append(op.key)
        self._compare_create(op_sent, issue)
        return done(op, issue.number, issue.html_url)

    async def _create_once(self, op: CreateIssue) -> tuple[CreateIssue, Issue]:
        """Send a create until it is done, never again before it is certain that it was not.

        Returns the operation as it was sent in the end, without what GitHub refuses.
        """
        found = await self._settle_earlier(op.key)
        if found is not None:
            return op, found
        for _ in range(TRIES):
            parent = self._entry(op.parent).id if op.parent is not None else None
            intent = Intent(
                key=op.key,
                uid=render.new_uid(self._random_bytes()),
                floor=self._accounts.highest,
                at=self._clock.now(),
                base=self._locals[op.key].base,
                kind=op.kind,
                path=op.path,
                ident=self._locals[op.key].item.ident,
            )
            request = wire.create_issue(
                self._repo.full_name,
                title=op.title,
                body=render.with_marker(op.body, intent.uid, op.key),
                labels=op.labels,
                assignees=op.assignees,
                milestone=self._milestone(op.milestone),
                parent_issue_id=parent,
                type=op.type,
                fields=self._field_values(op.fields),
            )
            try:
                return op, await self._send_create(request, intent)
            except wire.UnknownOutcome as unknown:
                issue = await self._settle(intent, unknown)
                if issue is not None:
                    return op, issue
            except wire.Unprocessable as error:
                if wire.priority_taken(error):
                    # GitHub may have made the issue before the link failed: nobody knows.
                    issue = await self._settle(intent, _unclear(error))
                    if issue is not None:
                        return op, issue
                    continue
                await self._recorder.commit([NotExecuted(uid=intent.uid)])
                op = self._without_refused(op, error)
            except wire.ApiError as error:
                if error.executed is False:
                    await self._recorder.commit([NotExecuted(uid=intent.uid)])
                raise
        raise wire.ServerTrouble(
            f"{op.path}: GitHub failed {TRIES} times to make this issue, and none is there.",
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
        if op.type is not None and wire.invalid_field(error, "type"):
            self._warn(op, "type_refused", _left_out("type", [op.type]))
            return replace(op, type=None)
        if op.milestone is not None and wire.invalid_field(error, "milestone"):
            self._warn(op, "milestone_refused", _left_out("milestone", [op.milestone]))
            return replace(op, milestone=None)
        if op.parent is not None and any(e.field == "parent_issue_id" for e in error.errors):
            self._warn(op, "parent_refused", f"{_left_out('parent', [op.parent])} {error.message}")
            return replace(op, parent=None)
        raise error

    async def _send_create(self, request: wire.Request, intent: Intent) -> Issue:
        async def before() -> None:
            if self.lock is not None:
                self.lock.check()
            self._leave()
            sent = Sent(at=self._clock.now(), content=True)
            # Each sending moves the intent's time: a crash right after a second one must not
            # take the settle time of the first, which a limit turned away, for its own.
            await self._recorder.commit([replace(intent, at=sent.at), sent])

        answer = await self._send_locked(request, before, partial(self._not_executed, intent))
        return issue_of(answer, request)

    async def _send_locked(
        self, request: wire.Request, before: Before, turned_away: TurnedAway
    ) -> Answer:
        """Send; where the lock between machines lapsed while the request waited, renew it first."""
        while True:
            try:
                return await self._client.send(request, before=before, turned_away=turned_away)
            except Lapsed:
                if self.lock is None or not await self.lock.renew():
                    raise Held from None

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
        self._adrift.add(intent.key)
        self.on_unclear()
        try:
            issue = await self._reconciler.settle(intent, unclear_at=self._clock.now())
        except wire.ApiError as error:
            if isinstance(error, AuthError):
                raise
            self._unsettled[intent.key] = (intent, unknown)
            raise unknown from error
        if issue is None:
            await self._recorder.commit([NotExecuted(uid=intent.uid)])
        return issue

    def _entry_of(self, op: CreateIssue, issue: Issue) -> Entry:
        local = self._locals[op.key]
        base = accepted(local.base, issue)
        if self._rules.allow_dropped:
            # What the user agreed to lose is as if somebody had taken it off: not tried again.
            want = local.base
            base = replace(
                base,
                labels=want.labels,
                assignees=want.assignees,
                milestone=want.milestone,
                type=want.type,
                fields=want.fields,
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

    async def _mend_parent(self, key: Key, path: str, issue: Issue, parent: Entry) -> None:
        """Link a child whose server ignored ``parent_issue_id``."""
        if SUB_ISSUES in self._lacking:
            return
        request = wire.add_sub_issue(self._repo.full_name, parent.number, issue.id)
        try:
            await self._add_child(request)
        except wire.NotFound:
            if not await self._lacks(SUB_ISSUES, parent.number, path, key):
                raise
            return
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
        await self._record_parent(self._entry(key), parent)

    async def _lacks(self, feature: str, number: IssueNumber, path: str, key: Key) -> bool:
        """Say whether a 404 means that the server has no such thing: the issue itself is there.

        GitHub Enterprise Server before 3.19 has neither sub-issues nor dependencies.
        """
        if feature in self._lacking:
            return True
        if await read_one(self._client, self._repo, number) is None:
            return False
        if feature in self._lacking:  # found out by another operation meanwhile
            return True
        self._lacking.add(feature)
        message = f"This server has no {feature}: the links that need them are left out."
        self._find(path, "server_lacks", Severity.WARNING, message, key)
        return True

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


def _unclear(error: wire.ApiError) -> wire.UnknownOutcome:
    return wire.UnknownOutcome(
        error.message, reason="another child of its parent was being added", hint=error.hint
    )


def _lost(op: CreateIssue, issue: Issue) -> list[str]:
    held = {name.casefold() for name in issue.labels}
    assigned = {login.casefold() for login in issue.assignees}
    lost: list[str] = []
    if any(name.casefold() not in held for name in op.labels):
        lost.append("labels")
    if any(login.casefold() not in assigned for login in op.assignees):
        lost.append("assignees")
    if not alike(op.milestone, issue.milestone) and op.milestone is not None:
        lost.append("milestone")
    if not alike(op.type, issue.type) and op.type is not None:
        lost.append("type")
    if not all(held_equal(issue.fields or (), *field) for field in op.fields):
        lost.append("fields")
    return lost


def _left_out(what: str, values: Sequence[str | None]) -> str:
    names = ", ".join(str(value) for value in values)
    return f"GitHub refuses the {what} {names}; the issue is made without."
