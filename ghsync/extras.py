"""What an issue carries beside the fields of its PATCH: issue fields, a comment, a lock, a place.

A comment is made exactly once, like an issue: an intent on disk, a marker in its text, a result
on disk, and a look at GitHub before it is sent a second time.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Any, assert_never

from ghsync import render
from ghsync.childorder import Placing
from ghsync.creator import SUB_ISSUES, Creator
from ghsync.details import held_equal
from ghsync.errors import AuthError
from ghsync.journal import Intent, JournalEvent, NotExecuted, Recorded, Sent
from ghsync.model import (
    ClearField,
    Comment,
    HeldField,
    Key,
    LockIssue,
    MoveChild,
    OpResult,
    SetFields,
    Severity,
    Status,
    UnlockIssue,
)
from ghsync.reconcile import settle_comment
from ghsync.remote import wire
from ghsync.remote.answers import Answer
from ghsync.sender import TRIES, base_of_entry, done, failed

Extra = SetFields | ClearField | MoveChild | Comment | LockIssue | UnlockIssue


class Extras(Creator):
    """Sets issue fields, comments, locks, and orders sub-issues."""

    def __init__(self, **parts: Any) -> None:
        """Take what :class:`~ghsync.sender.Sender` takes."""
        super().__init__(**parts)
        self._unclear_comments: dict[Key, tuple[Intent, wire.UnknownOutcome]] = {}

    async def _extra(self, op: Extra) -> OpResult:
        try:
            match op:
                case SetFields():
                    return await self._set_fields(op)
                case ClearField():
                    return await self._clear_field(op)
                case MoveChild():
                    return await self._move(op)
                case Comment():
                    return await self._comment(op)
                case LockIssue():
                    return await self._set_lock(op, locked=True)
                case UnlockIssue():
                    return await self._set_lock(op, locked=False)
                case _:
                    assert_never(op)
        except wire.PermissionDenied as error:
            if not self._rules.allow_dropped:
                raise
            return OpResult(operation=op, status=Status.SKIPPED, message=error.message)

    # ------------------------------------------------------------------------ issue fields

    async def _set_fields(self, op: SetFields) -> OpResult:
        entry = self._entry(op.key)
        values = self._field_values(op.new)
        request = wire.set_issue_fields(self._repo.full_name, entry.number, values)
        base = base_of_entry(entry)
        wanted = replace(base, fields=tuple(sorted({**dict(base.fields), **dict(op.new)}.items())))
        answer = await self._send(request, replace(entry, base=wanted))
        held = wire.parse_field_values(answer.data, request=request.label)
        kept = [(name, value) for name, value in op.new if held_equal(held, name, value)]
        fields = tuple(sorted({**dict(base.fields), **dict(kept)}.items()))
        await self._record(replace(entry, base=replace(base, fields=fields)))
        self._hold_fields(op.key, held)
        lost = [name for name, value in op.new if (name, value) not in kept]
        if lost:
            return failed(
                op,
                f"{op.path}: GitHub answered 200 but did not take the field "
                f"{', '.join(lost)} of #{entry.number}.",
            )
        return done(op, entry.number)

    async def _clear_field(self, op: ClearField) -> OpResult:
        entry = self._entry(op.key)
        field = (self._snapshot.fields or {}).get(op.field.casefold())
        base = base_of_entry(entry)
        left = tuple(pair for pair in base.fields if pair[0].casefold() != op.field.casefold())
        wanted = replace(entry, base=replace(base, fields=left))
        if field is not None:
            request = wire.clear_issue_field(self._repo.full_name, entry.number, field.id)
            with suppress(wire.NotFound):  # the value, or the field itself, is gone already
                await self._send(request, wanted)
        await self._record(wanted)
        issue = self.written.get(entry.number) or self._snapshot.issues.get(entry.number)
        names = op.field.casefold()
        if issue is not None and issue.fields is not None:
            self._hold_fields(op.key, tuple(f for f in issue.fields if f.name.casefold() != names))
        return done(op, entry.number)

    def _hold_fields(self, key: Key, held: tuple[HeldField, ...]) -> None:
        """Remember what an issue's fields are now."""
        number = self._entry(key).number
        issue = self.written.get(number) or self._snapshot.issues.get(number)
        if issue is not None:
            self.written[number] = replace(issue, fields=held)

    # ----------------------------------------------------------------------------- lock

    async def _set_lock(self, op: LockIssue | UnlockIssue, *, locked: bool) -> OpResult:
        entry = self._entry(op.key)
        make = wire.lock_issue if locked else wire.unlock_issue
        wanted = replace(entry, base=replace(base_of_entry(entry), locked=locked))
        await self._send(make(self._repo.full_name, entry.number), wanted)
        await self._record(wanted)
        issue = self.written.get(entry.number) or self._snapshot.issues.get(entry.number)
        if issue is not None:
            self.written[entry.number] = replace(issue, locked=locked)
        return done(op, entry.number)

    # ---------------------------------------------------------------------------- place

    async def _move(self, op: MoveChild) -> OpResult:
        if SUB_ISSUES in self._lacking:
            message = f"this server has no {SUB_ISSUES}"
            return OpResult(operation=op, status=Status.SKIPPED, message=message)
        child, parent = self._entry(op.key), self._entry(op.parent)
        after = None if op.after is None else self._entry(op.after).id
        before = None if op.before is None else self._entry(op.before).id
        request = wire.move_sub_issue(
            self._repo.full_name, parent.number, child.id, after=after, before=before
        )
        await self._send(request)
        return done(op, child.number)

    def record_orders(self, orders: Mapping[Key, Placing], results: Iterable[OpResult]) -> None:
        """Remember of each parent's sub-issues which stand as they are to; a later run goes on."""
        moved: dict[Key, list[MoveChild]] = defaultdict(list)
        for result in results:
            if isinstance(result.operation, MoveChild) and result.status is Status.DONE:
                moved[result.operation.parent].append(result.operation)
        events: list[JournalEvent] = []
        for parent, placing in orders.items():
            entry = self.entries.get(parent)
            if entry is None or entry.base is None:
                continue
            children = placing.settled(self._arrived[parent], self._adrift, moved[parent])
            lost = self._adrift & set(placing.files) - set(children)
            if lost:
                self._place_later(parent, lost)
            numbers = tuple(self.entries[key].number for key in children)
            if numbers != entry.base.children:
                entry = replace(entry, base=replace(entry.base, children=numbers))
                self.entries[parent] = entry
                events.append(Recorded(entry=entry))
        if events:
            self._recorder.append(events)

    def _place_later(self, parent: Key, children: Iterable[Key]) -> None:
        """Say that children may be out of place: the plan had no request for what went wrong."""
        known = sorted((self.entries[key].number, key) for key in children if key in self.entries)
        if not known:
            return
        shown = ", ".join(f"#{number}" for number, _ in known)
        message = (
            f"Among the sub-issues of #{self.entries[parent].number}, {shown} may be out of place: "
            "others were added while it was unclear whether they had been made. "
            "The next push looks, and moves them."
        )
        first = self._locals[known[0][1]].item
        self._find(first.path, "place_unclear", Severity.INFO, message, first.key)

    # -------------------------------------------------------------------------- comment

    async def _comment(self, op: Comment) -> OpResult:
        entry = self._entry(op.key)
        if entry.commented is not None:
            return done(op, entry.number)
        intent = await self._comment_once(op)
        self._unclear_comments.pop(op.key, None)
        await self._record(replace(self._entry(op.key), commented=intent.uid))
        return done(op, entry.number)

    async def _comment_once(self, op: Comment) -> Intent:
        """Send a comment until it is done, never again before it is certain that it was not."""
        earlier = self._unclear_comments.get(op.key)
        if earlier is not None and await self._settled_comment(*earlier):
            return earlier[0]
        for _ in range(TRIES):
            intent = Intent(
                key=op.key,
                uid=render.new_uid(self._random_bytes()),
                floor=op.number,
                at=self._clock.now(),
                what="comment",
            )
            body = render.with_marker(op.body, intent.uid, op.key)
            request = wire.create_comment(self._repo.full_name, op.number, body)
            try:
                await self._send_comment(request, intent)
            except wire.UnknownOutcome as unknown:
                if await self._settled_comment(intent, unknown):
                    return intent
            except wire.ApiError as error:
                if error.executed is False:
                    await self._recorder.commit([NotExecuted(uid=intent.uid)])
                raise
            else:
                return intent
        raise wire.ServerTrouble(
            f"{op.path}: GitHub failed {TRIES} times to take the comment, and none is there.",
            hint="Run `ghsync push` again later; it looks before it sends.",
        )

    async def _send_comment(self, request: wire.Request, intent: Intent) -> Answer:
        async def before() -> None:
            self._leave()
            sent = Sent(at=self._clock.now(), content=True)
            await self._recorder.commit([replace(intent, at=sent.at), sent])

        turned_away = partial(self._not_executed, intent)
        return await self._client.send(request, before=before, turned_away=turned_away)

    async def _settled_comment(self, intent: Intent, unknown: wire.UnknownOutcome) -> bool:
        """Find out whether an unclear comment was made; raise it where that cannot be read."""
        try:
            found = await settle_comment(
                self._client,
                self._repo,
                self._clock,
                intent,
                settle=self._rules.settle,
                unclear_at=self._clock.now(),
            )
        except wire.ApiError as error:
            if isinstance(error, AuthError):
                raise
            self._unclear_comments[intent.key] = (intent, unknown)
            raise unknown from error
        if not found:
            await self._recorder.commit([NotExecuted(uid=intent.uid)])
        return found
