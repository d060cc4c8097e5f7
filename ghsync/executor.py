"""Carry out one operation: journal, send, compare what came back with what was sent, record.

Every answer is compared: without push access GitHub drops labels, assignees and milestones in
silence, an oversized PATCH can answer 200 and keep the old text, and a server that predates
``parent_issue_id`` ignores it. Each is mended or named.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Iterable
from dataclasses import replace
from typing import assert_never

from ghsync import render
from ghsync.bases import settle
from ghsync.creator import DEPENDENCIES, SUB_ISSUES
from ghsync.errors import AuthError
from ghsync.extras import Extras
from ghsync.forecast import STALE_AFTER
from ghsync.journal import Base, Entry
from ghsync.model import (
    Adopt,
    Block,
    Change,
    ClearField,
    CloseIssue,
    Comment,
    CreateIssue,
    CreateLabel,
    CreateMilestone,
    FieldName,
    FillLinks,
    Item,
    LinkParent,
    LockIssue,
    MoveChild,
    Notice,
    Operation,
    OpResult,
    ReopenIssue,
    SetFields,
    Severity,
    State,
    StateReason,
    Status,
    Uid,
    Unblock,
    UnlinkParent,
    UnlockIssue,
    UpdateIssue,
)
from ghsync.reader import read_milestones, read_one
from ghsync.remote import wire
from ghsync.sender import accepted, base_of_entry, done, failed
from ghsync.threeway import Local, Merge, merge
from ghsync.trail import doing

_OfOneIssue = UpdateIssue | FillLinks | CloseIssue | ReopenIssue | Comment | LockIssue


class Executor(Extras):
    """Carries out operations; holds each item's entry as it changes during the run."""

    async def run(self, op: Operation) -> OpResult:
        """Carry out one operation; after a failure for want of the server, also once more.

        Raises :class:`~ghsync.errors.GhsyncError` for what ends the run, and
        :class:`~ghsync.remote.errors.ApiError` for what fails this operation alone.
        """
        try:
            with doing(op):
                return await self._run(op)
        except (wire.NotFound, wire.Gone, wire.Moved) as error:
            if isinstance(error, AuthError) or not isinstance(op, _OfOneIssue):
                raise
            raise self._is_gone(op) from error

    def _is_gone(self, op: _OfOneIssue) -> wire.NotFound:
        number = self._entry(op.key).number
        self.gone.add(number)
        return wire.NotFound(
            f"{op.path}: issue #{number} is no longer in {self._repo.full_name}: deleted, "
            "transferred, converted, or the repository was renamed meanwhile.",
            hint="Run `ghsync push` again: it follows a rename, and says what is gone for good.",
        )

    async def _run(self, op: Operation) -> OpResult:
        match op:
            case CreateLabel() | CreateMilestone():
                return await self._create_tool(op)
            case Adopt():
                return done(op, op.number)
            case CreateIssue():
                return await self._create(op)
            case UpdateIssue():
                return await self._update(op)
            case FillLinks():
                return await self._fill(op)
            case CloseIssue() | ReopenIssue():
                return await self._set_state(op)
            case LinkParent() | UnlinkParent() | Block() | Unblock():
                return await self._edge(op)
            case SetFields() | ClearField() | MoveChild() | Comment() | LockIssue() | UnlockIssue():
                return await self._extra(op)
            case _:
                assert_never(op)

    async def _edge(self, op: LinkParent | UnlinkParent | Block | Unblock) -> OpResult:
        """Change a link; where the server has no such links, skip it."""
        feature = SUB_ISSUES if isinstance(op, LinkParent | UnlinkParent) else DEPENDENCIES
        without = f"this server has no {feature}"
        if feature in self._lacking:
            return OpResult(operation=op, status=Status.SKIPPED, message=without)
        try:
            return await self._change_edge(op)
        except wire.PermissionDenied as error:
            return self._not_allowed(op, error)
        except wire.NotFound:
            number = self._entry(op.parent if isinstance(op, LinkParent) else op.key).number
            if not await self._lacks(feature, number, op.path, op.key):
                raise
            return OpResult(operation=op, status=Status.SKIPPED, message=without)

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
        return done(op)

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
        request = wire.create_milestone(
            self._repo.full_name, op.title, due=op.due, description=op.description
        )
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

    # ---------------------------------------------------------------------------- update

    async def _update(self, op: UpdateIssue) -> OpResult:
        entry = self._entry(op.key)
        if op.links:
            self._link_text(op.key)
        if op.links or self._clock.now() - self._read_at > STALE_AFTER:
            merged = await self._merged_anew(op)
            if merged.conflicts:
                return failed(op, _meanwhile(op, merged))
            # What is sent is what the result and the log say.
            op = replace(op, changes=merged.changes)
            entry = replace(entry, base=merged.base)
        return await self._send_update(op, entry)

    async def _fill(self, op: FillLinks) -> OpResult:
        """Link what was made after this issue, in whatever its text is by now."""
        entry = self._entry(op.key)
        self._link_text(op.key)
        update = UpdateIssue(
            key=op.key,
            path=op.path,
            number=entry.number,
            title=op.title,
            changes=(),
            state_reason=None,
            priority=op.priority,
            reason=op.reason,
        )
        merged = await self._merged_anew(update)
        if any(conflict.field == "body" for conflict in merged.conflicts):
            return failed(update, _meanwhile(update, merged))
        body = tuple(change for change in merged.changes if change.field == "body")
        return await self._send_update(replace(update, changes=body), entry)

    async def _send_update(self, op: UpdateIssue, entry: Entry) -> OpResult:
        """Send what an update changes; ``entry`` is the item's, with what is agreed by now."""
        local, changes = self._locals[op.key], op.changes
        if not changes:  # GitHub has it by now, and the map should know
            await self._record(entry)
            return done(op, op.number)
        uid = entry.uid or render.new_uid(self._random_bytes())
        body: dict[str, wire.JsonValue] = {}
        for change in changes:
            body |= self._patch(change, local, uid)
        unsent = [change for change in changes if not self._patch(change, local, uid)]
        if not body:
            return failed(op, _not_made(op, unsent))
        request = wire.update_issue(self._repo.full_name, op.number, body)
        if any(change.field == "body" for change in changes):
            entry = replace(entry, uid=uid)
        sent = settle(base_of_entry(entry), local.base, changes)
        mixed = _merged_body(changes, sent)
        answer = await self._send(request, replace(entry, base=sent), body=mixed)
        issue = self._issue(answer, request)
        kept = accepted(sent, issue, since=base_of_entry(entry), sent_body=mixed)
        kept = self._with_reason(op, kept, sent)
        commented = None if kept.state is State.CLOSED else entry.commented
        await self._record(replace(entry, base=kept, commented=commented))
        if unsent:
            return failed(op, _not_made(op, unsent), issue)
        lost = [c.field for c in changes if _held(kept, c.field) != _held(sent, c.field)]
        if lost:
            return failed(
                op,
                f"{op.path}: GitHub answered 200 but kept the old {', '.join(lost)} "
                f"of #{op.number}.",
                issue,
            )
        return done(op, op.number, issue.html_url)

    async def _merged_anew(self, op: UpdateIssue) -> Merge:
        """Read the issue again and merge: somebody may have changed it since the plan."""
        fresh = await read_one(self._client, self._repo, op.number)
        if fresh is None:
            raise self._is_gone(op)
        entry = self._entry(op.key)
        local, rule = self._locals[op.key], self._rules.on_conflict
        numbers = ChainMap(self._made, self._known)
        return merge(
            local,
            entry.base,
            fresh,
            rule,
            self._texts,
            lambda text: self._bodies.renewed(local.item, text, numbers),
        )

    def _with_reason(self, op: UpdateIssue, kept: Base, sent: Base) -> Base:
        """Take a reason that GitHub ignored for set: it documents that it may, and would again."""
        if not any(change.field == "state_reason" for change in op.changes):
            return kept
        if kept.not_planned == sent.not_planned:
            return kept
        message = (
            f"#{op.number} was closed before, and GitHub kept the reason why: "
            "reopen it and close it there to change that."
        )
        self._find(op.path, "reason_kept", Severity.WARNING, message, op.key)
        return replace(kept, not_planned=sent.not_planned)

    def _patch(self, change: Change, local: Local, uid: Uid) -> dict[str, wire.JsonValue]:
        """What a change is in a PATCH."""
        match change.field:
            case "body":
                return {"body": render.with_marker(str(change.new), uid, local.item.key)}
            case "milestone":
                title = local.base.milestone
                if title is None:
                    return {"milestone": None}
                # One that could not be made is left out: ``null`` would take away the old one.
                number = self._milestone(title)
                return {} if number is None else {"milestone": number}
            case "state" | "state_reason":
                return _state_of(local.item)
            case "labels" | "assignees":
                return {change.field: list(change.new or ())}
            case "type":
                return {"type": None if change.new is None else str(change.new)}
            case _:
                return {change.field: str(change.new)}

    async def _set_state(self, op: CloseIssue | ReopenIssue) -> OpResult:
        entry = self._entry(op.key)
        request = wire.update_issue(self._repo.full_name, entry.number, _state_by(op))
        base = base_of_entry(entry)
        sent = replace(
            base,
            state=State.CLOSED if isinstance(op, CloseIssue) else State.OPEN,
            not_planned=isinstance(op, CloseIssue) and op.state_reason is StateReason.NOT_PLANNED,
        )
        issue = self._issue(await self._send(request, replace(entry, base=sent)), request)
        reason = sent.not_planned if issue.state == sent.state else base.not_planned
        kept = replace(base, state=issue.state, not_planned=reason)
        commented = None if issue.state is State.CLOSED else entry.commented
        await self._record(replace(entry, base=kept, commented=commented))
        return done(op, entry.number, issue.html_url)

    # ----------------------------------------------------------------------------- edges

    async def _link(self, op: LinkParent) -> OpResult:
        entry, parent = self._entry(op.key), self._entry(op.parent)
        request = wire.add_sub_issue(
            self._repo.full_name, parent.number, entry.id, replace=op.replace
        )
        wanted = replace(entry, base=replace(base_of_entry(entry), parent=parent.number))
        try:
            await self._add_child(request, wanted)
        except wire.Unprocessable as error:
            if not wire.already_sub_issue(error):
                raise
            self._adrift.add(op.key)
        await self._record_parent(entry, parent)
        return done(op, entry.number)

    async def _unlink(self, op: UnlinkParent) -> OpResult:
        entry = self._entry(op.key)
        request = wire.remove_sub_issue(self._repo.full_name, op.parent, entry.id)
        wanted = replace(entry, base=replace(base_of_entry(entry), parent=None))
        try:
            await self._send(request, wanted)
        except wire.NotFound:
            self._notice(Notice(message=f"#{op.number} is no sub-issue of #{op.parent} any more"))
        await self._record_parent(entry, None)
        return done(op, entry.number)

    async def _block(self, op: Block) -> OpResult:
        entry, blocker = self._entry(op.key), self._entry(op.blocker)
        request = wire.add_blocked_by(self._repo.full_name, entry.number, blocker.id)
        edges = tuple(sorted({*base_of_entry(entry).blocked_by, blocker.number}))
        wanted = replace(entry, base=replace(base_of_entry(entry), blocked_by=edges))
        try:
            await self._send(request, wanted)
        except wire.Unprocessable as error:
            if not wire.already_blocked_by(error):
                raise
        await self._record(wanted)
        return done(op, entry.number)

    async def _unblock(self, op: Unblock) -> OpResult:
        entry = self._entry(op.key)
        request = wire.remove_blocked_by(self._repo.full_name, entry.number, self._ids[op.blocker])
        edges = tuple(n for n in base_of_entry(entry).blocked_by if n != op.blocker)
        wanted = replace(entry, base=replace(base_of_entry(entry), blocked_by=edges))
        try:
            await self._send(request, wanted)
        except wire.NotFound:
            self._notice(Notice(message=f"#{op.blocker} does not block #{op.number} any more"))
        await self._record(wanted)
        return done(op, entry.number)


def _not_made(op: UpdateIssue, unsent: list[Change]) -> str:
    """Why an update was not sent as a whole: a milestone that it sets could not be made."""
    names = ", ".join(str(change.new) for change in unsent)
    return (
        f"{op.path}: the milestone {names} could not be made, so #{op.number} is without it. "
        "Its own line says why; run `ghsync push` again after that."
    )


def _merged_body(changes: Iterable[Change], sent: Base) -> str | None:
    """The digest of the body among these changes, where it is not the file's own."""
    text = next((str(change.new) for change in changes if change.field == "body"), None)
    if text is None:
        return None
    merged = render.digest(text)
    return None if merged == sent.body else merged


def _held(base: Base, name: FieldName) -> object:
    return base.not_planned if name == "state_reason" else getattr(base, name)


def _meanwhile(op: UpdateIssue, merged: Merge) -> str:
    fields = ", ".join(conflict.field for conflict in merged.conflicts)
    return (
        f"{op.path}: somebody changed the {fields} of #{op.number} on GitHub "
        "meanwhile; run `ghsync push` again to see both sides."
    )


def _state_by(op: CloseIssue | ReopenIssue) -> dict[str, wire.JsonValue]:
    if isinstance(op, ReopenIssue):
        return {"state": "open"}
    return {"state": "closed", "state_reason": str(op.state_reason)}


def _state_of(item: Item) -> dict[str, wire.JsonValue]:
    if item.state is State.OPEN:
        return {"state": "open"}
    return {"state": "closed", "state_reason": str(item.reason or "completed")}
