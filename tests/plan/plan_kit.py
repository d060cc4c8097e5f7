"""What the tests of planning share: items, entries and issues in a line, and a plan of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from ghsync.journal import Base, Entry, SyncMap
from ghsync.lint import LintSettings, check
from ghsync.model import (
    Adopt,
    Block,
    CloseIssue,
    CreateIssue,
    CreateLabel,
    CreateMilestone,
    Issue,
    IssueId,
    IssueNumber,
    Item,
    Key,
    Kind,
    Label,
    LinkParent,
    Loaded,
    Milestone,
    Operation,
    Plan,
    RecordedIssue,
    ReopenIssue,
    Repo,
    RepoId,
    Snapshot,
    State,
    StateReason,
    Uid,
    Unblock,
    UnlinkParent,
    UpdateIssue,
)
from ghsync.plan import Planned, PlanSettings, make_plan
from ghsync.render import digest
from ghsync.sides import localise
from ghsync.threeway import Local

REPO = Repo(id=RepoId(7), full_name="octo/plan")


def item(key: str, title: str = "Title", **fields: Any) -> Item:
    """An item of the given key; its parent and blockers are keys as text."""
    closed = fields.get("state") is State.CLOSED
    return Item(
        **{
            "key": Key(key),
            "kind": Kind.TASK,
            "path": f"{key}.md",
            "layout": "test",
            "title": title,
            "body": "Body.",
            "reason": StateReason.COMPLETED if closed else None,
            **fields,
        }
    )


def local(of: Item) -> Local:
    """An item in the form in which it is compared."""
    return localise([of], "{title}")[of.key]


def issue(number: int, title: str = "Title", **fields: Any) -> Issue:
    """An issue as a reading gives it."""
    return Issue(
        **{
            "number": IssueNumber(number),
            "id": IssueId(1000 + number),
            "title": title,
            "body": "Body.",
            "state": State.OPEN,
            **fields,
        }
    )


def base(title: str = "Title", body: str = "Body.", **fields: Any) -> Base:
    """What both sides agreed on."""
    return Base(title=title, body=digest(body), **fields)


def entry(key: str, number: int, **fields: Any) -> Entry:
    """A line of the map."""
    return Entry(
        **{
            "key": Key(key),
            "number": IssueNumber(number),
            "id": IssueId(1000 + number),
            "uid": Uid(f"{number:032x}"),
            "kind": Kind.TASK,
            "path": f"{key}.md",
            "base": base(),
            **fields,
        }
    )


def smap(*entries: Entry) -> SyncMap:
    """A map of this repository."""
    return SyncMap(repo_id=REPO.id, repo=REPO.full_name, entries={e.key: e for e in entries})


def snapshot(*issues: Issue, **fields: Any) -> Snapshot:
    """What GitHub holds."""
    return Snapshot(
        repo=REPO,
        issues={each.number: each for each in issues},
        highest=max((each.number for each in issues), default=IssueNumber(0)),
        **fields,
    )


def recorded(number: int, repo: str | None = None) -> RecordedIssue:
    """The issue that a file names."""
    return RecordedIssue(number=IssueNumber(number), repo=repo, line=2)


def planned(
    items: Iterable[Item],
    known: SyncMap | None = None,
    there: Snapshot | None = None,
    **settings: Any,
) -> Planned:
    """Plan these items."""
    loaded = Loaded(items=tuple(items))
    return make_plan(
        check(loaded, settings=LintSettings()),
        loaded,
        known or SyncMap(),
        there or snapshot(),
        PlanSettings(**settings),
    )


def apply(plan: Planned, known: SyncMap, there: Snapshot) -> tuple[SyncMap, Snapshot]:
    """Carry a plan out on paper: GitHub and the map as they are when all of it was done."""
    return _Paper(plan, known, there).run()


class _Paper:
    def __init__(self, plan: Planned, known: SyncMap, there: Snapshot) -> None:
        self._planned = plan
        self._there = there
        self._issues = dict(there.issues)
        self._labels: dict[str, Label] = dict(there.labels)
        self._milestones: dict[str, Milestone] = dict(there.milestones)
        self._entries: dict[Key, Entry] = {
            **{
                k: e
                for k, e in known.entries.items()
                if k not in {r.old for r in plan.plan.renames}
            },
            **plan.entries,
        }
        self._blockers = {n: set(edges) for n, edges in there.blockers.items()}

    def run(self) -> tuple[SyncMap, Snapshot]:
        for op in self._planned.plan.operations:
            self._do(op)
        issues = dict(self._issues)
        return (
            SyncMap(repo_id=REPO.id, repo=REPO.full_name, entries=self._entries),
            replace(
                self._there,
                issues=issues,
                labels=self._labels,
                milestones=self._milestones,
                highest=max(issues, default=IssueNumber(0)),
            ),
        )

    def _do(self, op: Operation) -> None:
        match op:
            case CreateLabel():
                self._labels[op.name.casefold()] = Label(name=op.name, color=op.color)
            case CreateMilestone():
                self._milestones[op.title] = Milestone(number=1, title=op.title)
            case Adopt():
                pass
            case CreateIssue():
                self._create(op)
            case UpdateIssue():
                self._update(op)
            case CloseIssue():
                self._set(op.key, state=State.CLOSED)
            case ReopenIssue():
                self._set(op.key, state=State.OPEN)
            case LinkParent():
                self._set(op.key, parent=self._entries[op.parent].number)
            case UnlinkParent():
                self._set(op.key, parent=None)
            case Block():
                edges = {*self._base(op.key).blocked_by, self._entries[op.blocker].number}
                self._rebase(op.key, blocked_by=tuple(sorted(edges)))
            case Unblock():
                edges = {*self._base(op.key).blocked_by} - {op.blocker}
                self._rebase(op.key, blocked_by=tuple(sorted(edges)))

    def _create(self, op: CreateIssue) -> None:
        number = IssueNumber(max(self._issues, default=0) + 1)
        parent = None if op.parent is None else self._entries[op.parent].number
        self._issues[number] = issue(
            number,
            op.title,
            body=op.body,
            labels=op.labels,
            assignees=op.assignees,
            milestone=op.milestone,
            parent=parent,
        )
        want = self._planned.locals[op.key].base
        self._entries[op.key] = entry(
            op.key,
            number,
            kind=op.kind,
            path=op.path,
            base=replace(want, state=State.OPEN, parent=parent),
        )

    def _update(self, op: UpdateIssue) -> None:
        number, want = op.number, self._planned.locals[op.key]
        for change in op.changes:
            value: Any = change.new
            if change.field == "state":
                value = want.base.state
            if change.field == "body":
                value = want.body
            self._issues[number] = replace(self._issues[number], **{change.field: value})
            self._rebase(op.key, **{change.field: getattr(want.base, change.field)})

    def _set(self, key: Key, **fields: Any) -> None:
        number = self._entries[key].number
        self._issues[number] = replace(self._issues[number], **fields)
        self._rebase(key, **fields)

    def _base(self, key: Key) -> Base:
        found = self._entries[key].base
        assert found is not None
        return found

    def _rebase(self, key: Key, **fields: Any) -> None:
        self._entries[key] = replace(self._entries[key], base=replace(self._base(key), **fields))


def words(plan: Plan) -> list[str]:
    """The plan's operations as words, with what they are about."""
    from ghsync.model import op_name

    return [
        f"{op_name(op)} {getattr(op, 'key', getattr(op, 'name', ''))}" for op in plan.operations
    ]


def keyed(items: Iterable[Item]) -> Mapping[Key, Local]:
    """Items in the form in which they are compared, by key."""
    return localise(items, "{title}")
