"""What the page knows of each issue: an item or an issue without one, and what becomes of it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import assert_never

from ghsync.model import (
    CloseIssue,
    Conflict,
    CreateIssue,
    Fields,
    Finding,
    IssueNumber,
    Item,
    Key,
    OpResult,
    ReopenIssue,
    Run,
    State,
    StateReason,
    Status,
    UpdateIssue,
    op_name,
)
from ghsync.report import facts, marks
from ghsync.values import dataclass

MARKS = (
    "failed", "unknown", "conflict", "create", "update", "close", "reopen", "adopt", "link",
    "comment", "lock", "pending", "skipped", "later", "unchanged",
)  # fmt: skip
"""What an issue can be filtered by; the first that it has is what its row says."""
_MARK_OF = {
    "set_fields": "update", "clear_field": "update", "unlink": "link", "block": "link",
    "unblock": "link", "move": "link", "unlock": "lock",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One issue of the page."""

    anchor: str
    key: Key
    kind: str
    """``prd``, ``epic``, ``task``; empty for an issue without an item."""
    path: str
    line: int = 0
    title: str
    number: IssueNumber | None
    url: str | None = None
    """The address that GitHub gave for it."""
    state: State = State.OPEN
    reason: StateReason | None = None
    labels: tuple[str, ...] = ()
    assignees: tuple[str, ...] = ()
    milestone: str | None = None
    type: str | None = None
    fields: Fields = ()
    locked: bool = False
    body: str | None = None
    """As far as it is known: what is sent, else the file's."""
    parent: Key | None = None
    blocked_by: tuple[Key, ...] = ()
    results: tuple[OpResult, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    skip: str = ""
    """Why it is left alone, if it is."""
    findings: tuple[Finding, ...] = ()
    marks: tuple[str, ...] = ("unchanged",)


def only_planned(run: Run) -> bool:
    """Whether the run has written nothing, by intent or because it was refused."""
    return run.dry_run or (run.error is not None and not run.spent.writes)


def entries_of(run: Run) -> tuple[Entry, ...]:
    """Every issue that the run is about: the items in their order, then issues without one."""
    about = _About(run)
    known = {item.key for item in run.items}
    others = dict.fromkeys([*about.results, *about.conflicts, *about.skips])
    found = [about.item(f"i{at}", item) for at, item in enumerate(run.items, 1)]
    for key in others:
        if key not in known:
            found.append(about.other(f"i{len(found) + 1}", key))
    return tuple(found)


class _About:
    """What a run says of each key."""

    def __init__(self, run: Run) -> None:
        self._planned = only_planned(run)
        ended = facts.results_of(run)
        self._numbers: dict[Key, IssueNumber] = dict(run.plan.numbers)
        self.results: dict[Key, list[OpResult]] = {}
        self.conflicts: dict[Key, list[Conflict]] = {}
        for result in marks.main_first(ended):
            if (key := facts.key_of(result.operation)) is not None:
                self.results.setdefault(key, []).append(result)
                if (number := facts.number_of(result)) is not None:
                    self._numbers[key] = number
        for conflict in run.plan.conflicts:
            self.conflicts.setdefault(conflict.key, []).append(conflict)
        self.skips = {skip.key: skip for skip in facts.skipped(run.plan, ended)}
        self._later = frozenset(run.plan.later)
        self._findings: dict[Key, list[Finding]] = {}
        for finding in run.findings:
            if finding.key is not None:
                self._findings.setdefault(finding.key, []).append(finding)

    def item(self, anchor: str, item: Item) -> Entry:
        """The issue of an item."""
        results = tuple(self.results.get(item.key, ()))
        return Entry(
            anchor=anchor,
            key=item.key,
            kind=item.kind.value,
            path=item.path,
            line=item.line,
            title=_title(results) or item.title,
            number=self._numbers.get(item.key),
            url=_url(results),
            state=_state(item, results, planned=self._planned),
            reason=item.reason,
            labels=item.labels,
            assignees=item.assignees,
            milestone=item.milestone,
            type=item.type,
            fields=item.fields,
            locked=item.locked,
            body=_body(results, item.body),
            parent=item.parent,
            blocked_by=item.blocked_by,
            results=results,
            conflicts=tuple(self.conflicts.get(item.key, ())),
            skip=self._skip(item.key),
            findings=tuple(self._findings.get(item.key, ())),
            marks=self._marks(item.key, results),
        )

    def other(self, anchor: str, key: Key) -> Entry:
        """An issue that no item of this run has: its file is gone, or was refused."""
        results = tuple(self.results.get(key, ()))
        skip = self.skips.get(key)
        paths = [getattr(result.operation, "path", "") for result in results]
        path = next(filter(None, [*paths, skip.path if skip else ""]), "")
        closing = any(isinstance(result.operation, CloseIssue) for result in results)
        return Entry(
            anchor=anchor,
            key=key,
            kind="",
            path=path,
            title=_title(results) or path or key,
            number=self._numbers.get(key),
            url=_url(results),
            state=State.CLOSED if closing else State.OPEN,
            body=_body(results, None),
            results=results,
            conflicts=tuple(self.conflicts.get(key, ())),
            skip=self._skip(key),
            findings=tuple(self._findings.get(key, ())),
            marks=self._marks(key, results),
        )

    def _skip(self, key: Key) -> str:
        found = self.skips.get(key)
        return found.reason if found is not None else ""

    def _marks(self, key: Key, results: Iterable[OpResult]) -> tuple[str, ...]:
        found = {self._mark(result) for result in results}
        if key in self.conflicts:
            found.add("conflict")
        if key in self.skips:
            found.add("skipped")
        if key in self._later:
            found.add("later")
        return tuple(mark for mark in MARKS if mark in found) or ("unchanged",)

    def _mark(self, result: OpResult) -> str:
        name = op_name(result.operation)
        match result.status:
            case Status.FAILED:
                return "failed"
            case Status.UNKNOWN:
                return "unknown"
            case Status.SKIPPED:
                return "skipped"
            case Status.PENDING if not self._planned:
                return "pending"
            case Status.PENDING | Status.DONE:
                return name if name in MARKS else _MARK_OF.get(name, "update")
            case _:
                assert_never(result.status)


def _state(item: Item, results: Iterable[OpResult], *, planned: bool) -> State:
    """The state that the issue has, or would have: what was to change it and did not, did not."""
    for result in results:
        if planned or result.status is Status.DONE:
            continue
        match result.operation:
            case CloseIssue():
                return State.OPEN
            case ReopenIssue():
                return State.CLOSED
            case UpdateIssue(changes=changes):
                for change in changes:
                    if change.field == "state" and change.old in tuple(State):
                        return State(change.old)
            case _:
                pass
    return item.state


def _title(results: Iterable[OpResult]) -> str:
    """The title that the issue gets, with the config's template applied."""
    return next((facts.title_of(result.operation) for result in results), "")


def _url(results: Iterable[OpResult]) -> str | None:
    return next((result.url for result in results if result.url), None)


def _body(results: Iterable[OpResult], own: str | None) -> str | None:
    """The text that is sent, else the file's."""
    for result in results:
        match result.operation:
            case CreateIssue(body=body):
                return body
            case UpdateIssue(changes=changes):
                for change in changes:
                    if change.field == "body" and isinstance(change.new, str):
                        return change.new
            case _:
                pass
    return own
