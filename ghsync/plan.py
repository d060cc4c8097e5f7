"""Items, map and snapshot to a plan: pure, deterministic, the same for dry run and push.

Parts: :mod:`ghsync.identity` says which item is which issue, :mod:`ghsync.threeway` merges the
fields, :mod:`ghsync.edges` the links; this module turns the differences into operations.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field, replace
from types import MappingProxyType

from ghsync import engine
from ghsync.abilities import able
from ghsync.apart import still_apart
from ghsync.bodies import BODY_MAX, Bodies, oversized
from ghsync.brakes import check_repository
from ghsync.childorder import Order, Ordering, Placing, order_children
from ghsync.details import closing_comment, fate_of, inherited, merge_details
from ghsync.edges import Edges, block
from ghsync.forwardlinks import Links, filled, links_of, with_links
from ghsync.identity import Matched, match
from ghsync.journal import Entry, SyncMap
from ghsync.model import (
    Adopt,
    Checked,
    Comment,
    Conflict,
    CreateIssue,
    Fate,
    Finding,
    Issue,
    IssueNumber,
    Item,
    Key,
    Loaded,
    LockIssue,
    Operation,
    Plan,
    Severity,
    Skip,
    Snapshot,
    State,
)
from ghsync.operations import (
    closed,
    closes,
    field_ops,
    gone,
    pruned,
    renamed_perhaps,
    sets_body,
    touched,
)
from ghsync.render import DEFAULT_TITLE, TitleTemplate
from ghsync.sides import PLAIN, localise
from ghsync.threeway import Local, Merge, OnConflict, Texts, merge
from ghsync.tools import MilestoneSpec, tools_for
from ghsync.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanSettings:
    """What a user may decide about a plan."""

    title: TitleTemplate = DEFAULT_TITLE
    on_conflict: OnConflict = OnConflict.SKIP
    archived: bool = False
    """Create issues for archived items, too; those that have one are updated anyway."""
    milestones: Mapping[str, MilestoneSpec] = field(default_factory=dict)
    closing_comment: str | None = None
    commit: str | None = None
    """What a closing comment names as the commit."""
    order: Order = Order.NONE
    prune: bool = False
    """Close the issues whose files are gone."""
    fields: frozenset[str] = frozenset()
    """The issue fields that files have a place for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A plan and what the uploader needs to carry it out."""

    plan: Plan
    entries: Mapping[Key, Entry]
    """Each item's entry before the run, with what is already agreed."""
    learned: tuple[Entry, ...]
    """Entries that differ from the map though no request is needed: journalled at the start."""
    locals: Mapping[Key, Local]
    orders: Mapping[Key, Placing] = field(default_factory=dict)
    """What this plan settles of the order of sub-issues, by their parents."""
    unread: frozenset[IssueNumber] = frozenset()
    """Parents whose sub-issues have to be read before their order can be planned."""
    doubtful: frozenset[IssueNumber] = frozenset()
    """Issues that have no room left for a link as far as the cache tells."""
    merges: Mapping[Key, Merge] = field(default_factory=dict)
    """How each mapped item's fields were merged."""
    texts: Texts = field(default_factory=dict)
    """Bodies that bases name, as far as they were looked up."""
    bodies: Bodies = PLAIN
    """Renders texts again, when more issues have their numbers."""


def make_plan(
    checked: Checked,
    loaded: Loaded,
    smap: SyncMap,
    snapshot: Snapshot,
    settings: PlanSettings,
    *,
    read: bool = True,
    texts: Texts = MappingProxyType({}),
    bodies: Bodies = PLAIN,
) -> Planned:
    """Plan what takes the snapshot to the items.

    ``texts`` are the bodies that bases name, as far as both sides changed them; ``bodies`` makes
    the files' texts fit for GitHub.

    ``loaded`` are the items before lint, so that a link which lint withholds for now is not
    taken for one that the file no longer has. ``read`` is false where the snapshot is only
    :func:`assumed`. Raises
    :class:`~ghsync.errors.WrongRepositoryError` when the map belongs to another repository.
    """
    if read:
        check_repository(smap, snapshot.repo)
    return _Planner(checked, loaded, smap, snapshot, settings, texts, bodies, read=read).run()


class _Planner:
    def __init__(
        self,
        checked: Checked,
        loaded: Loaded,
        smap: SyncMap,
        snapshot: Snapshot,
        settings: PlanSettings,
        texts: Texts,
        bodies: Bodies,
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
        self._able = able(checked.items, snapshot)
        self._bodies = bodies
        numbers = {key: entry.number for key, entry in smap.entries.items()}
        self._locals = localise(self._able.items, settings.title, bodies, numbers)
        self._matched: Matched = match(
            self._locals, smap, snapshot if read else None, frozenset(checked.refused), texts
        )
        self._entries: dict[Key, Entry] = dict(self._matched.entries)
        matched = {key: entry.number for key, entry in self._entries.items()}
        self._numbers = matched
        if matched != numbers:  # renamed or adopted: more links lead somewhere
            self._locals = localise(self._able.items, settings.title, bodies, matched)
        self._links: Links = {}
        self._ops: list[Operation] = list(self._matched.adoptions)
        self._skips: list[Skip] = list(self._matched.skipped)
        self._conflicts: list[Conflict] = []
        self._findings: list[Finding] = [*self._matched.findings, *self._able.findings]
        self._unchanged: list[Key] = []
        self._learned: dict[Key, Entry] = {}

    def run(self) -> Planned:
        for key, why in self._checked.refused.items():
            self._skip(key, self._originals[key].path, why)
        self._refuse_oversized()
        blocked = {skip.key for skip in self._skips}
        pushed = {k: v for k, v in self._locals.items() if k not in blocked}
        creating = {k for k, v in pushed.items() if k not in self._entries and self._creates(v)}
        edges = Edges(
            self._entries,
            creating,
            self._snapshot,
            self._originals,
            self._findings,
            prune=self._settings.prune,
        )
        self._links = links_of(pushed.values(), creating)
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
        self._ops[:0] = tools_for(self._ops, self._snapshot, self._settings.milestones)
        operations, ordering = self._ordered()
        numbers = {key: entry.number for key, entry in self._entries.items()}
        return Planned(
            plan=Plan(
                repo=self._snapshot.repo,
                operations=operations,
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
            orders=ordering.orders if ordering is not None else {},
            unread=ordering.unread if ordering is not None and self._read else frozenset(),
            doubtful=frozenset(edges.room.doubtful),
            merges=self._merges,
            texts=self._texts,
            bodies=self._bodies,
        )

    def _refuse_oversized(self) -> None:
        """Set apart what GitHub would refuse once its links and names are written for it."""
        done = {skip.key for skip in self._skips}
        for key, local in self._locals.items():
            why = None if key in done else oversized(local.item, self._longest(local))
            if why is None:
                continue
            item = local.item
            self._findings.append(
                Finding(
                    path=item.path,
                    line=item.line,
                    code="body_too_long",
                    severity=Severity.ERROR,
                    message=why,
                    key=key,
                )
            )
            self._skip(key, item.path, why)

    def _longest(self, local: Local) -> str:
        """The text as it will be when all that it links has an issue."""
        if not local.waits or len(local.body) < BODY_MAX // 16:
            return local.body
        known = {key: entry.number for key, entry in self._entries.items()}
        later = dict.fromkeys(local.waits, IssueNumber(9_999_999))
        return self._bodies.body(local.item, {**known, **later}).text

    def _ordered(self) -> tuple[tuple[Operation, ...], Ordering | None]:
        """The operations in their order, with those that order sub-issues."""
        in_place = self._settings.order is not Order.NONE
        operations = engine.order(with_links(self._ops, self._links, in_place=in_place))
        if self._settings.order is Order.NONE:
            return operations, None
        ordering = order_children(operations, self._locals, self._entries, self._snapshot)
        if ordering.moves:
            operations = engine.order([*operations, *ordering.moves])
        for parent, numbers in ordering.held.items():
            entry = self._entries[parent]
            if entry.base is not None and parent in self._learned:
                entry = replace(entry, base=replace(entry.base, children=numbers))
                self._entries[parent] = self._learned[parent] = entry
        return operations, ordering

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
                type=item.type,
                fields=item.fields,
                parent=edges.new_parent(item),
                blocked_by=tuple(edges.blockers(item)),
                priority=item.priority,
            )
        )
        self._findings += self._bodies.findings(item)
        self._ops += [block(item, None, local.title, key) for key in edges.blockers(item)]
        if item.state is State.CLOSED:
            self._ops.append(closed(item, None, local.title))
        if item.locked:
            self._ops.append(
                LockIssue(
                    key=item.key,
                    path=item.path,
                    number=None,
                    title=local.title,
                    priority=item.priority,
                )
            )

    def _existing(self, local: Local, entry: Entry, edges: Edges) -> None:
        item, number = local.item, entry.number
        issue = self._snapshot.issues.get(number)
        fate = self._snapshot.fates.get(number)
        if issue is None or fate is not None:
            self._missing(item, entry, fate)
            return
        local = self._within_reach(local, entry, issue)
        above = self._snapshot.issues.get(issue.parent) if issue.parent is not None else None
        before = inherited(entry.base, item.milestone, issue, above)
        merged = merge(
            local,
            before,
            issue,
            self._settings.on_conflict,
            self._texts,
            lambda text: self._bodies.renewed(item, text, self._numbers),
        )
        self._merges[item.key] = merged
        if merged.base is None or merged.conflicts:
            self._conflicts += merged.conflicts
            self._learn_marked(entry)
            return
        base = merged.base
        details = merge_details(
            item,
            local.title,
            issue,
            base,
            self._settings.on_conflict,
            self._able.no_fields.get(item.key, frozenset()),
            self._settings.fields,
        )
        links = edges.merge(
            local, issue, base, self._settings.on_conflict, known=entry.base is not None
        )
        there = edges.incoming(local, issue, entry.base)
        incoming = (*merged.incoming, *there, *details.incoming)
        apart = still_apart(base, incoming, issue, known=number in self._snapshot.blockers)
        self._merges[item.key] = replace(
            merged, incoming=incoming, apart=frozenset(name for name, _ in apart)
        )
        if links.conflicts or details.conflicts:
            self._conflicts += (*links.conflicts, *details.conflicts)
            self._learn_marked(entry)
            return
        ops = filled(self._links, local, issue, field_ops(local, issue, merged.changes))
        ops += [*links.operations, *details.operations]
        ops += self._closing(local, entry, ops)
        if any(map(sets_body, ops)):
            self._findings += self._bodies.findings(item)
        base = replace(base, parent=links.parent, blocked_by=links.blocked_by)
        base = replace(base, fields=details.fields, locked=details.locked, apart=apart)
        commented = None if base.state is State.CLOSED else entry.commented
        now = replace(
            entry, id=issue.id, base=base, path=item.path, ident=item.ident, commented=commented
        )
        if now != self._smap.entries.get(item.key):
            self._learned[item.key] = now
        self._entries[item.key] = now
        if ops:
            self._ops += ops
        else:
            self._unchanged.append(item.key)

    def _within_reach(self, local: Local, entry: Entry, issue: Issue) -> Local:
        """Let a type that the server cannot take be no change of the file."""
        if entry.key not in self._able.no_type:
            return local
        kept = entry.base.type if entry.base is not None else issue.type
        local = replace(local, base=replace(local.base, type=kept))
        self._locals[entry.key] = local
        return local

    def _closing(self, local: Local, entry: Entry, ops: Sequence[Operation]) -> list[Operation]:
        """The comment on an issue that is closed, unless an earlier run has made it."""
        template = self._settings.closing_comment
        if template is None or entry.commented is not None or not any(map(closes, ops)):
            return []
        item = local.item
        body = closing_comment(template, item, local.title, self._settings.commit)
        return [
            Comment(
                key=item.key,
                path=item.path,
                number=entry.number,
                title=local.title,
                body=body,
                priority=item.priority,
            )
        ]

    def _learn_marked(self, entry: Entry) -> None:
        """Keep whose an adopted issue is, though it conflicts: its marker leaves no doubt."""
        if entry.base is None and entry.uid is not None and entry.key not in self._smap.entries:
            self._learned[entry.key] = entry

    def _missing(self, item: Item, entry: Entry, fate: Fate | None) -> None:
        if not self._read:
            self._skip(item.key, item.path, f"issue #{entry.number} was not read")
            return
        what, hint = fate_of(item.key, entry.number, fate, self._snapshot.repo.full_name)
        self._findings.append(
            Finding(
                path=item.path,
                line=item.line,
                code="issue_gone",
                severity=Severity.ERROR,
                message=f"{what}. {hint}",
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
            issue = self._snapshot.issues.get(entry.number)
            if not self._settings.prune or issue is None or entry.base is None:
                left = f"{gone(entry)}; issue #{entry.number} is left as it is"
                self._skip(key, entry.path, left + renamed_perhaps(entry, self._ops))
            elif issue.state is State.OPEN and touched(entry.base, issue):
                left = f"{gone(entry)}, and somebody changed issue #{entry.number} since"
                self._skip(key, entry.path, f"{left}; close it on GitHub")
            elif issue.state is State.OPEN:
                self._ops.append(pruned(entry, issue))

    def _skip(self, key: Key, path: str, reason: str) -> None:
        self._skips.append(Skip(key=key, path=path, reason=reason))


def _is_open(op: Operation, undecided: set[Key]) -> bool:
    return isinstance(op, Adopt) and op.uid is None and op.key in undecided
