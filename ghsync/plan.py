"""Items, map and snapshot to a plan: pure, deterministic, the same for dry run and push.

Parts: :mod:`ghsync.identity` says which item is which issue, :mod:`ghsync.threeway` merges the
fields, :mod:`ghsync.edges` the links; this module turns the differences into operations.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import field, replace
from types import MappingProxyType

from ghsync import engine, render
from ghsync.brakes import check_repository
from ghsync.edges import Edges, block
from ghsync.identity import Matched, match
from ghsync.journal import Base, Entry, SyncMap
from ghsync.model import (
    CONTENT,
    Adopt,
    Change,
    Checked,
    CloseIssue,
    Conflict,
    CreateIssue,
    CreateLabel,
    CreateMilestone,
    Finding,
    Issue,
    IssueNumber,
    Item,
    Key,
    Loaded,
    Operation,
    Plan,
    ReopenIssue,
    Repo,
    RepoId,
    Requests,
    Severity,
    Skip,
    Snapshot,
    State,
    StateReason,
    UpdateIssue,
)
from ghsync.render import DEFAULT_TITLE, TitleTemplate
from ghsync.threeway import Local, Merge, OnConflict, Texts, merge
from ghsync.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanSettings:
    """What a user may decide about a plan."""

    title: TitleTemplate = DEFAULT_TITLE
    on_conflict: OnConflict = OnConflict.SKIP
    archived: bool = False
    """Create issues for archived items, too; those that have one are updated anyway."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A plan and what the uploader needs to carry it out."""

    plan: Plan
    entries: Mapping[Key, Entry]
    """Each item's entry before the run, with what is already agreed."""
    learned: tuple[Entry, ...]
    """Entries that differ from the map though no request is needed: journalled at the start."""
    locals: Mapping[Key, Local]
    merges: Mapping[Key, Merge] = field(default_factory=dict)
    """How each mapped item's fields were merged."""
    texts: Texts = field(default_factory=dict)
    """Bodies that bases name, as far as they were looked up."""


def localise(items: Iterable[Item], template: TitleTemplate) -> dict[Key, Local]:
    """Render each item into the form in which it is compared and remembered."""
    result: dict[Key, Local] = {}
    for item in items:
        title, body = render.title(item, template), render.issue_body(item)
        result[item.key] = Local(
            item=item,
            title=title,
            body=body,
            base=Base(
                title=title,
                body=render.digest(body),
                labels=item.labels,
                assignees=item.assignees,
                milestone=item.milestone,
                state=item.state,
                not_planned=item.reason is StateReason.NOT_PLANNED,
            ),
        )
    return result


def assumed(smap: SyncMap) -> Snapshot:
    """Stand in for GitHub where it cannot be read: what the map last agreed on."""
    issues = {
        entry.number: Issue(
            number=entry.number,
            id=entry.id,
            title=entry.base.title,
            body="",
            digest=entry.base.body,
            state=entry.base.state,
            state_reason=_reason_of(entry.base),
            labels=entry.base.labels,
            assignees=entry.base.assignees,
            milestone=entry.base.milestone,
            parent=entry.base.parent,
            blocked_by_total=len(entry.base.blocked_by),
            uid=entry.uid,
        )
        for entry in smap.entries.values()
        if entry.base is not None
    }
    repo = Repo(id=smap.repo_id or RepoId(0), full_name=smap.repo or "")
    return Snapshot(repo=repo, issues=issues)


def _reason_of(base: Base) -> str | None:
    if base.state is State.OPEN:
        return None
    return (StateReason.NOT_PLANNED if base.not_planned else StateReason.COMPLETED).value


def make_plan(
    checked: Checked,
    loaded: Loaded,
    smap: SyncMap,
    snapshot: Snapshot,
    settings: PlanSettings,
    *,
    read: bool = True,
    texts: Texts = MappingProxyType({}),
) -> Planned:
    """Plan what takes the snapshot to the items.

    ``texts`` are the bodies that bases name, as far as both sides changed them.

    ``loaded`` are the items before lint, so that a link which lint withholds for now is not
    taken for one that the file no longer has. ``read`` is false where the snapshot is only
    :func:`assumed`. Raises
    :class:`~ghsync.errors.WrongRepositoryError` when the map belongs to another repository.
    """
    if read:
        check_repository(smap, snapshot.repo)
    return _Planner(checked, loaded, smap, snapshot, settings, texts, read=read).run()


class _Planner:
    def __init__(
        self,
        checked: Checked,
        loaded: Loaded,
        smap: SyncMap,
        snapshot: Snapshot,
        settings: PlanSettings,
        texts: Texts,
        *,
        read: bool,
    ) -> None:
        self._checked = checked
        self._originals = {item.key: item for item in loaded.items}
        self._smap = smap
        self._snapshot = snapshot
        self._settings = settings
        self._texts = texts
        self._merges: dict[Key, Merge] = {}
        self._read = read
        self._locals = localise(checked.items, settings.title)
        self._matched: Matched = match(
            self._locals, smap, snapshot if read else None, frozenset(checked.refused)
        )
        self._entries: dict[Key, Entry] = dict(self._matched.entries)
        self._ops: list[Operation] = list(self._matched.adoptions)
        self._skips: list[Skip] = list(self._matched.skipped)
        self._conflicts: list[Conflict] = []
        self._findings: list[Finding] = list(self._matched.findings)
        self._unchanged: list[Key] = []
        self._learned: dict[Key, Entry] = {}

    def run(self) -> Planned:
        for key, why in self._checked.refused.items():
            self._skip(key, self._originals[key].path, why)
        blocked = {skip.key for skip in self._skips}
        pushed = {k: v for k, v in self._locals.items() if k not in blocked}
        creating = {k for k, v in pushed.items() if k not in self._entries and self._creates(v)}
        edges = Edges(self._entries, creating, self._snapshot, self._originals, self._findings)
        for key in sorted(pushed):
            local = pushed[key]
            entry = self._entries.get(key)
            if entry is not None:
                self._existing(local, entry, edges)
            elif key in creating:
                self._new(local, edges)
            else:
                self._skip(key, local.item.path, "archived; `--archived` creates its issue")
        self._report_orphans()
        # A number in a file can still be corrected, so its issue is not taken as long as it
        # differs and nobody has decided.
        undecided = {conflict.key for conflict in self._conflicts}
        self._ops = [op for op in self._ops if not _is_open(op, undecided)]
        self._ops[:0] = _tools(self._ops, self._snapshot)
        numbers = {key: entry.number for key, entry in self._entries.items()}
        return Planned(
            plan=Plan(
                repo=self._snapshot.repo,
                operations=engine.order(self._ops),
                unchanged=tuple(self._unchanged),
                skipped=tuple(sorted(self._skips, key=lambda skip: (skip.path, skip.key))),
                conflicts=tuple(self._conflicts),
                findings=tuple(sorted(self._findings, key=lambda f: (f.path, f.line, f.code))),
                numbers=numbers,
                renames=self._matched.renames,
            ),
            entries=self._entries,
            learned=tuple(self._learned[key] for key in sorted(self._learned)),
            locals=self._locals,
            merges=self._merges,
            texts=self._texts,
        )

    def _creates(self, local: Local) -> bool:
        return self._settings.archived or not local.item.archived

    def _new(self, local: Local, edges: Edges) -> None:
        item = local.item
        self._ops.append(
            CreateIssue(
                key=item.key,
                kind=item.kind,
                path=item.path,
                title=local.title,
                body=local.body,
                labels=item.labels,
                assignees=item.assignees,
                milestone=item.milestone,
                parent=edges.parent(item),
                blocked_by=tuple(edges.blockers(item)),
                priority=item.priority,
            )
        )
        self._ops += [block(item, None, local.title, key) for key in edges.blockers(item)]
        if item.state is State.CLOSED:
            self._ops.append(_close(item, None, local.title))

    def _existing(self, local: Local, entry: Entry, edges: Edges) -> None:
        item, number = local.item, entry.number
        issue = self._snapshot.issues.get(number)
        if issue is None:
            self._missing(item, entry)
            return
        merged = merge(local, entry.base, issue, self._settings.on_conflict, self._texts)
        self._merges[item.key] = merged
        if merged.base is None or merged.conflicts:
            self._conflicts += merged.conflicts
            self._learn_marked(entry)
            return
        base = merged.base
        links = edges.merge(
            local, issue, base, self._settings.on_conflict, known=entry.base is not None
        )
        if links.conflicts:
            self._conflicts += links.conflicts
            self._learn_marked(entry)
            return
        ops = [*field_ops(local, issue, merged.changes), *links.operations]
        base = replace(base, parent=links.parent, blocked_by=links.blocked_by)
        now = replace(entry, id=issue.id, base=base, path=item.path, ident=item.ident)
        if now != self._smap.entries.get(item.key):
            self._learned[item.key] = now
        self._entries[item.key] = now
        if ops:
            self._ops += ops
        else:
            self._unchanged.append(item.key)

    def _learn_marked(self, entry: Entry) -> None:
        """Keep whose an adopted issue is, though it conflicts: its marker leaves no doubt."""
        if entry.base is None and entry.uid is not None and entry.key not in self._smap.entries:
            self._learned[entry.key] = entry

    def _missing(self, item: Item, entry: Entry) -> None:
        if not self._read:
            self._skip(item.key, item.path, f"issue #{entry.number} was not read")
            return
        self._findings.append(
            Finding(
                path=item.path,
                line=item.line,
                code="issue_gone",
                severity=Severity.ERROR,
                message=f"Issue #{entry.number} of this item is no longer in "
                f"{self._snapshot.repo.full_name}: deleted, transferred or converted. "
                f"`ghsync map forget {item.key}` lets the next push make a new one.",
                key=item.key,
            )
        )
        self._skip(item.key, item.path, f"issue #{entry.number} is gone")

    def _report_orphans(self) -> None:
        """Name the entries whose file is gone; closing them is the user's decision."""
        known = self._locals.keys() | self._checked.refused.keys()
        for key, entry in sorted(self._entries.items()):
            if key in known:
                continue
            self._skip(key, entry.path, f"its file is gone; issue #{entry.number} is left as it is")

    def _skip(self, key: Key, path: str, reason: str) -> None:
        self._skips.append(Skip(key=key, path=path, reason=reason))


def _is_open(op: Operation, undecided: set[Key]) -> bool:
    return isinstance(op, Adopt) and op.uid is None and op.key in undecided


def _close(item: Item, number: IssueNumber | None, title: str) -> CloseIssue:
    return CloseIssue(
        key=item.key,
        path=item.path,
        number=number,
        title=title,
        state_reason=item.reason or StateReason.COMPLETED,
        priority=item.priority,
    )


def field_ops(local: Local, issue: Issue, changes: tuple[Change, ...]) -> list[Operation]:
    """One PATCH for all changed fields; ``close`` or ``reopen`` when it is the state alone."""
    item = local.item
    if not changes:
        return []
    if [change.field for change in changes] == ["state"]:
        if item.state is State.CLOSED:
            return [_close(item, issue.number, local.title)]
        return [
            ReopenIssue(
                key=item.key,
                path=item.path,
                number=issue.number,
                title=local.title,
                priority=item.priority,
            )
        ]
    return [
        UpdateIssue(
            key=item.key,
            path=item.path,
            number=issue.number,
            title=local.title,
            changes=changes,
            state_reason=item.reason,
            priority=item.priority,
        )
    ]


def _tools(operations: Iterable[Operation], snapshot: Snapshot) -> list[Operation]:
    """The labels and milestones that these operations use and the repository lacks."""
    labels: dict[str, str] = {}
    milestones: set[str] = set()
    for op in operations:
        names, milestone = _uses(op)
        for name in names:
            labels.setdefault(name.casefold(), name)
        if milestone is not None:
            milestones.add(milestone)
    made: list[Operation] = [
        CreateLabel(name=name, color=render.label_color(name), description="")
        for folded, name in sorted(labels.items())
        if folded not in snapshot.labels
    ]
    made += [
        CreateMilestone(title=title)
        for title in sorted(milestones)
        if title not in snapshot.milestones
    ]
    return made


def _uses(op: Operation) -> tuple[tuple[str, ...], str | None]:
    match op:
        case CreateIssue():
            return op.labels, op.milestone
        case UpdateIssue():
            return engine.tools_of(op)
        case _:
            return (), None


def requests_of(operations: Iterable[Operation], *, reads: int = 0) -> Requests:
    """Count the requests that these operations are, one each; adoptions are none."""
    total = Requests(reads=reads)
    for op in operations:
        match op:
            case Adopt():
                pass
            case _:
                total += Requests(writes=1, content=int(isinstance(op, CONTENT)))
    return total
