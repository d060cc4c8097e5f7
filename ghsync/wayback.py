"""The fields of one issue, taken back operation by operation, for :mod:`ghsync.undo`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ghsync.journal import Base, Entry
from ghsync.model import FieldName, IssueNumber, Item, State, StateReason
from ghsync.render import digest
from ghsync.threeway import Local


class Back:
    """The fields of one issue, taken back operation by operation from the last to the first."""

    def __init__(self, base: Base) -> None:
        self.target = base
        self.reasons: list[str] = []
        """What cannot be taken back, and why."""
        self.merged: str | None = None
        """The digest of the merged text that the issue holds, where that is taken back."""
        self._body = ""
        self._reason = StateReason.NOT_PLANNED if base.not_planned else StateReason.COMPLETED

    def close(self) -> None:
        """Of an issue that the run made nothing is restored."""
        self.target = replace(self.target, state=State.CLOSED)
        self._reason = StateReason.NOT_PLANNED

    def take(self, op: str, before: Mapping[str, object], after: Mapping[str, object]) -> None:
        """Take one operation back: its word, and each field before and after it."""
        if op in ("block", "unblock"):
            self._blocker(before, after)
            return
        for name, old in before.items():
            new = after.get(name)
            match name:
                case "body" if isinstance(before.get("body_base"), str):
                    self._unmerge(old, new, str(before["body_base"]))
                case "state_reason" if "state" not in before:
                    self._set_reason(old, new)
                case "title" | "body" | "milestone" | "type" | "state" | "locked" | "parent":
                    if self._scalar(name, old, new) and name == "state":
                        self._reason = _reason(before.get("state_reason"))
                case "fields":
                    self._fields(old, new)
                case "labels":
                    self.target = replace(
                        self.target, labels=_set_back(self.target.labels, old, new)
                    )
                case "assignees":
                    self.target = replace(
                        self.target, assignees=_set_back(self.target.assignees, old, new)
                    )
                case _:
                    pass

    def _scalar(self, name: str, old: object, new: object) -> bool:
        """Put one value back, where it is as this operation left it."""
        now = getattr(self.target, name)
        if now == _held(name, new):
            if name == "body" and not isinstance(old, str):
                self.reasons.append("the text that was replaced is not known")
                return False
            self._set(name, _held(name, old))
            self._body = old if name == "body" and isinstance(old, str) else self._body
            return True
        if now != _held(name, old):
            self.reasons.append(f"a later run changed its {name}")
        return False

    def _unmerge(self, old: object, new: object, base: str) -> None:
        """Take a merged text back: the issue gets its own again, and both sides start as before."""
        if not isinstance(old, str):
            self.reasons.append("the text that was replaced is not known")
            return
        self._body, self.merged = old, str(_held("body", new))
        self._set("body", base)

    def _set_reason(self, old: object, new: object) -> None:
        """Put back why it was closed, where it is as this operation left it."""
        if self.target.not_planned == (_reason(new) is StateReason.NOT_PLANNED):
            self._reason = _reason(old)

    def _fields(self, old: object, new: object) -> None:
        """Put issue fields back, each where it is as this operation left it."""
        before, after = (dict(v) if isinstance(v, Mapping) else {} for v in (old, new))
        now = dict(self.target.fields)
        for name in sorted({*before, *after}):
            if now.get(name) != after.get(name):
                if now.get(name) != before.get(name):
                    self.reasons.append(f"a later run changed its field {name}")
                continue
            now.pop(name, None)
            if name in before:
                now[name] = str(before[name])
        self._set("fields", tuple(sorted(now.items())))

    def _blocker(self, before: Mapping[str, object], after: Mapping[str, object]) -> None:
        added, removed = (values.get("blocked_by") for values in (after, before))
        edges = set(self.target.blocked_by)
        if isinstance(added, int):
            edges.discard(IssueNumber(added))
        if isinstance(removed, int):
            edges.add(IssueNumber(removed))
        self.target = replace(self.target, blocked_by=tuple(sorted(edges)))

    def leave(self, name: FieldName, base: Base) -> None:
        """Do not take this field back."""
        self._set(name, getattr(base, name))

    def _set(self, name: str, value: Any) -> None:
        self.target = replace(self.target, **{name: value})

    def local(self, entry: Entry) -> Local:
        """The side of the merge that these values are."""
        dropped = self.target.state is State.CLOSED and self._reason is StateReason.NOT_PLANNED
        target = replace(self.target, not_planned=dropped)
        item = Item(
            key=entry.key,
            kind=entry.kind,
            path=entry.path,
            layout="",
            title=target.title,
            body=self._body,
            labels=target.labels,
            assignees=target.assignees,
            milestone=target.milestone,
            type=target.type,
            fields=target.fields,
            locked=target.locked,
            state=target.state,
            reason=self._reason if target.state is State.CLOSED else None,
            ident=entry.ident,
        )
        return Local(item=item, title=target.title, body=self._body, base=target)


def _held(name: str, value: object) -> object:
    """A value of the log as the map holds it."""
    match name:
        case "body":
            return digest(value) if isinstance(value, str) else None
        case "state":
            return State.CLOSED if value == State.CLOSED else State.OPEN
        case _:
            return value


def _reason(value: object) -> StateReason:
    """The reason that an issue was closed for; GitHub knows ``duplicate`` beside ours."""
    if value in (StateReason.NOT_PLANNED, "duplicate"):
        return StateReason.NOT_PLANNED
    return StateReason.COMPLETED


def _set_back(now: tuple[str, ...], old: object, new: object) -> tuple[str, ...]:
    """Take out what the operation added to a set and put back what it removed."""
    before = {str(name).casefold(): str(name) for name in _list(old)}
    after = {str(name).casefold() for name in _list(new)}
    kept = [name for name in now if name.casefold() in before or name.casefold() not in after]
    have = {name.casefold() for name in kept}
    return (*kept, *(name for key, name in before.items() if key not in after | have))


def _list(value: object) -> list[object]:
    return list(value) if isinstance(value, list | tuple) else []
