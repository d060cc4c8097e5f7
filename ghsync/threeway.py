"""Merge one item's fields: base (as last agreed), local (the file), remote (the issue).

Scalars: the side that alone changed wins; both alike agree; both differently conflict. Labels and
assignees are sets: each side's additions and removals apply, so what people add on GitHub stays.
Bodies that both sides changed are merged line by line (:mod:`ghsync.textmerge`) where the text
both started from is known; only lines that both changed differently conflict.

After a push the base holds the *local* view, after a pull the *remote* one: what the other side
has beside it is seen again as a change of that side alone, until a pull or a push carries it
over. It is what git calls the merge base: the newest version that is in both sides' past.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from enum import StrEnum
from operator import eq
from types import MappingProxyType
from typing import Final, TypeAlias

from ghsync.bases import alike, not_planned
from ghsync.journal import Base
from ghsync.model import (
    Change,
    Conflict,
    FieldName,
    FieldValue,
    Hunk,
    Issue,
    Item,
    Key,
    State,
    StateReason,
)
from ghsync.render import canonical, digest
from ghsync.textmerge import Side, TextMerge, merge_text, merge_without_base
from ghsync.values import dataclass

_NAMES: Final = frozenset({"milestone", "type"})
"""Fields whose values are names that GitHub tells apart without regard to case."""
UNREAD = "the issue's text was not read"
NO_BASE = "the file and the issue were never in step, so nobody can say which side changed what"
LOST_BASE = "the text that both sides started from is not kept here, so only whole texts compare"


class OnConflict(StrEnum):
    """Who wins a field that both sides changed."""

    SKIP = "skip"
    LOCAL = "local"
    REMOTE = "remote"


@dataclass(frozen=True, slots=True, kw_only=True)
class Local:
    """What an item wants its issue to be; ``base`` is the form that is remembered."""

    item: Item
    title: str
    body: str
    base: Base
    waits: tuple[Key, ...] = ()
    """Items that its body links and that have no issue yet."""
    calls: bool = False
    """Whether a name in it may be called once it is known whose it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Merge:
    """What to send, what to take into the file, what to remember at once, what is undecided."""

    changes: tuple[Change, ...]
    """For GitHub. Empty while there is a conflict: the item is left alone as a whole."""
    incoming: tuple[Change, ...] = ()
    """For the file, from its value to the merged one; what a pull writes."""
    conflicts: tuple[Conflict, ...]
    base: Base | None
    """What both sides agree on now, before anything is sent."""
    body: TextMerge | None = None
    """How the body was merged, where both sides changed it: which line comes from where."""
    since: str | None = None
    """The digest of the body that both set out from, where the file's has changed since."""
    lost: bool = False
    """Whether its text was needed and not given."""
    apart: frozenset[str] = frozenset()
    """Of ``incoming``, what the file cannot hold and a pull has said (:mod:`ghsync.apart`)."""


Renew: TypeAlias = Callable[[str], str]
"""Writes a text's links anew, with the issues that there are now."""
Texts: TypeAlias = Mapping[str, str]
"""Texts of bodies by their digest, as far as they are known."""


def merge(
    local: Local,
    base: Base | None,
    issue: Issue,
    on_conflict: OnConflict = OnConflict.SKIP,
    texts: Texts = MappingProxyType({}),
    renew: Renew = lambda text: text,
) -> Merge:
    """Merge title, body, milestone, state, labels and assignees; parents and blockers are edges.

    ``renew`` makes the links of the base's and the issue's text what the file's are by now: that
    an issue was made meanwhile is nobody's edit.

    ``texts`` should hold the body that ``base`` names. With ``on_conflict`` each side's clean
    changes are in the merged body all the same; only the lines in conflict are the winner's. An
    issue of which only the digest is known conflicts where its text is needed, whatever
    ``on_conflict`` says: it has to be read.
    """
    return _Merger(local, base, issue, on_conflict, texts, renew).run()


class _Merger:
    def __init__(
        self,
        local: Local,
        base: Base | None,
        issue: Issue,
        on_conflict: OnConflict,
        texts: Texts,
        renew: Renew,
    ) -> None:
        self._local = local
        self._base = base
        self._issue = issue
        self._on_conflict = on_conflict
        self._texts = texts
        self._renew = renew
        self._changes: list[Change] = []
        self._incoming: list[Change] = []
        self._conflicts: list[Conflict] = []
        self._text: TextMerge | None = None
        self._since: str | None = None
        self._lost = False

    def run(self) -> Merge:
        want, issue, base = self._local.base, self._issue, self._base
        was_title = None if base is None else base.title
        title = self._scalar("title", was_title, want.title, issue.title)
        body = self._body()
        was_milestone = None if base is None else base.milestone
        milestone = self._scalar("milestone", was_milestone, want.milestone, issue.milestone)
        type_ = self._type(base, want.type, issue.type)
        was_state = None if base is None else base.state
        state = self._scalar("state", was_state, want.state, issue.state)
        not_planned = self._reason()
        labels = self._set("labels", base.labels if base else (), want.labels, issue.labels)
        assignees = self._set(
            "assignees", base.assignees if base else (), want.assignees, issue.assignees
        )
        if self._conflicts:
            return Merge(
                changes=(),
                conflicts=tuple(self._conflicts),
                base=base,
                body=self._text,
                since=self._since,
                lost=self._lost,
            )
        start = base if base is not None else Base(title=title or "", body=body or "")
        return Merge(
            changes=tuple(self._changes),
            incoming=tuple(self._incoming),
            conflicts=(),
            base=replace(
                start,
                title=title or "",
                body=body or "",
                milestone=milestone,
                type=type_,
                state=State(state or State.OPEN),
                not_planned=not_planned,
                labels=labels,
                assignees=assignees,
            ),
            body=self._text,
            since=self._since,
            lost=self._lost,
        )

    def _type(self, base: Base | None, local: str | None, remote: str | None) -> str | None:
        """Decide the issue type; an issue that was just adopted may have one that no file names."""
        if base is None and (local is None or remote is None):
            if local is not None:
                self._changes.append(Change(field="type", old=remote, new=local))
            return None
        return self._scalar("type", None if base is None else base.type, local, remote)

    def _scalar(
        self, name: FieldName, base: str | None, local: str | None, remote: str | None
    ) -> str | None:
        """Decide one scalar; return the value that the base takes at once."""
        same = alike if name in _NAMES else eq
        if same(local, remote):
            return local
        change = Change(field=name, old=remote, new=local)
        incoming = Change(field=name, old=local, new=remote)
        if self._base is not None and same(base, remote):
            self._changes.append(change)
            return base
        if self._base is not None and same(base, local):
            self._incoming.append(incoming)
            return base
        match self._on_conflict:
            case OnConflict.LOCAL:
                self._changes.append(change)
                return remote
            case OnConflict.REMOTE:
                self._incoming.append(incoming)
                return local
            case OnConflict.SKIP:
                self._conflict(name, base, local, remote)
                return base

    def _conflict(
        self,
        name: FieldName,
        base: FieldValue,
        local: FieldValue,
        remote: FieldValue,
        *,
        hunks: tuple[Hunk, ...] = (),
        why: str = "",
    ) -> None:
        self._conflicts.append(
            Conflict(
                key=self._local.item.key,
                path=self._local.item.path,
                number=self._issue.number,
                field=name,
                base=base,
                local=local,
                remote=remote,
                hunks=hunks,
                why=why,
            )
        )

    def _body(self) -> str:
        """Decide the body by digests, and merge the texts where both changed."""
        issue, mine, text = self._issue, self._local.base.body, self._local.body
        theirs = issue.digest or digest(issue.body)
        remote = None if issue.digest else issue.body
        if mine == theirs:
            return mine
        base = None if self._base is None else self._base.body
        if base == mine:
            self._incoming.append(Change(field="body", old=text, new=remote))
            return base
        self._since = base
        if base == theirs:
            self._changes.append(Change(field="body", old=remote, new=text))
            return base
        self._lost = base is not None and base not in self._texts
        if remote is None:
            self._conflict("body", base, text, None, why=UNREAD)
            return base or mine
        return self._merged_body(base, canonical(remote))

    def _merged_body(self, base: str | None, remote: str) -> str:
        """Merge a body that both sides changed; returns the digest that the base takes at once."""
        want, text = self._local.base.body, self._local.body
        was = self._texts.get(base) if base is not None else None
        prefer: Side = "remote" if self._on_conflict is OnConflict.REMOTE else "local"
        if was is None:
            merged = merge_without_base(text, remote, prefer=prefer)
        else:
            started, edited = self._renew(canonical(was)), self._renew(remote)
            merged = merge_text(started, text, edited, prefer=prefer)
        self._text = merged
        if merged.conflicts and self._on_conflict is OnConflict.SKIP:
            why = "" if was is not None else NO_BASE if base is None else LOST_BASE
            shown = was if was is not None else base
            self._conflict("body", shown, text, remote, hunks=merged.conflicts, why=why)
            return base or want
        result, theirs = digest(merged.text), digest(remote)
        if result != want:
            self._incoming.append(Change(field="body", old=text, new=merged.text))
        if result == theirs:
            return want
        since = base if was is not None else None
        self._changes.append(Change(field="body", old=remote, new=merged.text, base=since))
        # Not sent yet: the next run merges again. What was decided as a whole stays decided.
        return base if was is not None and base is not None else theirs

    def _reason(self) -> bool:
        """Why it is closed, where both sides have it closed; returns what the base takes.

        Nobody knows who changed what without a base that is closed: what a person chose stays.
        """
        want, base = self._local.base, self._base
        if not want.state == self._issue.state == State.CLOSED:
            return base.not_planned if base is not None else want.not_planned
        theirs = not_planned(self._issue.state_reason)
        if want.not_planned == theirs or base is None or base.state is not State.CLOSED:
            return want.not_planned
        values = {True: StateReason.NOT_PLANNED.value, False: StateReason.COMPLETED.value}
        change = Change(field="state_reason", old=values[theirs], new=values[want.not_planned])
        if base.not_planned == theirs:
            self._changes.append(change)
        else:
            self._incoming.append(replace(change, old=change.new, new=change.old))
        return base.not_planned

    def _set(
        self,
        name: FieldName,
        base: Iterable[str],
        local: tuple[str, ...],
        remote: tuple[str, ...],
    ) -> tuple[str, ...]:
        """Merge a set; names are equal without regard to case, GitHub's spelling stays."""
        merged = merge_sets(base, local, remote)
        if {name.casefold() for name in merged} != {name.casefold() for name in local}:
            self._incoming.append(Change(field=name, old=local, new=merged))
        if {name.casefold() for name in merged} != {name.casefold() for name in remote}:
            self._changes.append(Change(field=name, old=tuple(sorted(remote)), new=merged))
            return tuple(base)
        return local


def merge_sets(base: Iterable[str], local: Iterable[str], remote: Iterable[str]) -> tuple[str, ...]:
    """Apply what the local side added and removed since ``base`` to the remote set, sorted."""
    had = {name.casefold() for name in base}
    have = {name.casefold(): name for name in reversed(tuple(local))}
    result = {name.casefold(): name for name in remote}
    for folded, name in have.items():
        if folded not in had:
            result.setdefault(folded, name)
    for folded in had - have.keys():
        result.pop(folded, None)
    return tuple(sorted(result.values()))
