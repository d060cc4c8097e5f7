"""Which item is which issue: the map, renamed files, recorded numbers, markers.

Never by title: in real folders 94 titles are shared by an epic and its PRD, and 297 repeat within
a kind. A renamed file is followed by the number it records, by the id it gives itself, or by its
whole content, and only where that is unique on both sides. An id counts only where it names one
item alone: many epics number their tasks from 1, and every task list of spec-kit has a T001. What
was renamed and edited is known by what its text still shares with the one that was pushed
(:mod:`ghsync.likeness`), as git knows it.
"""

from __future__ import annotations

import shlex
from collections import defaultdict
from collections.abc import Callable, Hashable, Mapping
from dataclasses import replace
from types import MappingProxyType

from ghsync.handedon import handed_on, said_by, unique
from ghsync.journal import Base, Entry, SyncMap
from ghsync.likeness import Said, renamed
from ghsync.model import (
    Adopt,
    Finding,
    Issue,
    IssueNumber,
    Item,
    Key,
    Kind,
    Rename,
    Severity,
    Skip,
    Snapshot,
    State,
)
from ghsync.threeway import Local, Texts
from ghsync.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Matched:
    """Every item's issue, as far as it has one."""

    entries: Mapping[Key, Entry]
    """By key, after renames; adopted issues included."""
    renames: tuple[Rename, ...]
    adoptions: tuple[Adopt, ...]
    skipped: tuple[Skip, ...]
    findings: tuple[Finding, ...]


def match(
    locals_: Mapping[Key, Local],
    smap: SyncMap,
    snapshot: Snapshot | None,
    refused: frozenset[Key] = frozenset(),
    texts: Texts = MappingProxyType({}),
) -> Matched:
    """Give each item its entry: from the map, by a rename, or by adopting an issue.

    ``snapshot`` is ``None`` where GitHub was not read; then nothing is adopted. ``refused`` are
    items that lint holds back: their files are there, so their issues are nobody else's. ``texts``
    are the bodies that bases name, as far as they were kept.
    """
    entries = dict(smap.entries)
    mine = {key: entry for key, entry in entries.items() if key not in refused}
    renames = _renames(locals_, mine, smap.repo, _known_texts(mine, texts, snapshot))
    moved = [(rename.new, entries.pop(rename.old)) for rename in renames]
    for key, entry in moved:  # all at once: files may have taken each other's names
        if key in locals_:
            item = locals_[key].item
            entries[key] = replace(entry, key=key, path=item.path, ident=item.ident)
        else:
            entries[key] = replace(entry, key=key, path=smap.entries[key].path)
    adopter = _Adopter(entries, smap.forgotten, snapshot)
    for key in sorted(locals_):
        if key not in entries:
            adopter.consider(locals_[key].item)
        else:
            adopter.look_for_doubles(locals_[key].item, entries[key])
    return Matched(
        entries=entries,
        renames=renames,
        adoptions=tuple(adopter.adoptions),
        skipped=tuple(adopter.skipped),
        findings=tuple(adopter.findings),
    )


def _renames(
    locals_: Mapping[Key, Local], entries: Mapping[Key, Entry], repo: str | None, texts: Texts
) -> tuple[Rename, ...]:
    """Pair entries whose file is gone with items that have none, where one fits only one."""

    def recorded(local: Local) -> Hashable | None:
        named = local.item.recorded
        if named is None or (named.repo or repo or "").casefold() != (repo or "").casefold():
            return None
        return named.number

    of_entries = unique((_ident_of_entry(entry), key) for key, entry in entries.items())
    of_locals = unique((_ident_of_local(local), key) for key, local in locals_.items())

    def named(entry: Entry) -> Hashable | None:
        ident = _ident_of_entry(entry)
        return ident if ident in of_entries and ident in of_locals else None

    evidence: tuple[_Evidence, ...] = (
        (lambda entry: entry.number, recorded),
        (named, _ident_of_local),
        (_content_of_entry, _content_of_local),
    )
    swapped = handed_on(entries, locals_, {key: recorded(local) for key, local in locals_.items()})
    out = {old: new for old, new in swapped.items() if new not in locals_}  # unless found below
    ends = {old: new for old, new in swapped.items() if new in locals_}
    gone = ends.keys() | (locals_.keys() - out.keys())
    taken = (entries.keys() - swapped.keys()) | set(ends.values())
    orphans = {key: entry for key, entry in entries.items() if key not in gone}
    fresh = {key: local for key, local in locals_.items() if key not in taken}
    for of_entry, of_local in evidence:
        if not orphans or not fresh:
            break
        candidates = unique((of_local(local), key) for key, local in fresh.items())
        for proof, old in unique((of_entry(e), k) for k, e in orphans.items()).items():
            new = candidates.get(proof)
            if new is None:
                continue
            ends[old] = new
            del orphans[old], fresh[new]
    ends = {**out, **ends, **_edited(orphans, fresh, locals_, texts)}
    renames = [Rename(old=old, new=new, number=entries[old].number) for old, new in ends.items()]
    return tuple(sorted(renames, key=lambda rename: rename.new))


def _known_texts(
    entries: Mapping[Key, Entry], texts: Texts, snapshot: Snapshot | None
) -> Mapping[str, str]:
    """The bodies that bases name, as they were kept, else as their issues have them now."""
    found: dict[str, str] = {}
    for entry in entries.values() if snapshot is not None else ():
        issue = snapshot.issues.get(entry.number) if snapshot is not None else None
        if entry.base is not None and issue is not None and issue.digest is None:
            found[entry.base.body] = issue.body
    return {**found, **texts}


def _edited(
    orphans: Mapping[Key, Entry],
    fresh: Mapping[Key, Local],
    locals_: Mapping[Key, Local],
    texts: Texts,
) -> Mapping[Key, Key]:
    """Files that were renamed and edited at the same time, as far as their old text is known."""
    gone = {
        key: Said(kind=entry.kind, title=entry.base.title, body=texts[entry.base.body])
        for key, entry in orphans.items()
        if entry.base is not None and entry.base.body in texts and "#" not in key
    }
    if not gone:
        return {}
    new = {key: _said(local) for key, local in fresh.items() if "#" not in key}
    return renamed(gone, new, (_said(each) for key, each in locals_.items() if key not in new))


def _said(local: Local) -> Said:
    return Said(kind=local.item.kind, title=local.title, body=local.body)


def _ident_of_entry(entry: Entry) -> Hashable | None:
    return _ident(entry.kind, entry.ident, entry.key, entry.path)


def _ident_of_local(local: Local) -> Hashable | None:
    item = local.item
    return _ident(item.kind, item.ident, item.key, item.path)


def _ident(kind: Kind, ident: str | None, key: Key, path: str) -> Hashable | None:
    """What an id says: a bare number names an item of its folder, a task line's none elsewhere."""
    if not ident or "#" in key:
        return None
    folder = path.rpartition("/")[0] if ident.isdigit() else path.partition("/")[0]
    return kind, ident.casefold(), folder


def _content_of_entry(entry: Entry) -> Hashable | None:
    return _content(entry.kind, entry.base) if entry.base is not None else None


def _content_of_local(local: Local) -> Hashable | None:
    return _content(local.item.kind, local.base)


def _content(kind: Kind, base: Base) -> Hashable | None:
    said = said_by(base)
    return None if said is None else (kind, said)


_Evidence = tuple[Callable[[Entry], Hashable | None], Callable[[Local], Hashable | None]]
"""What an entry and an item must have in common to be the same."""


class _Adopter:
    """Takes issues that exist as the items' own: by marker, or by the number a file records."""

    def __init__(
        self,
        entries: dict[Key, Entry],
        forgotten: frozenset[IssueNumber],
        snapshot: Snapshot | None,
    ) -> None:
        self._entries = entries
        self._owner = {entry.number: key for key, entry in entries.items()}
        self._forgotten = forgotten
        self._snapshot = snapshot
        self._marked: dict[Key, list[Issue]] = defaultdict(list)
        self._forged: dict[Key, Issue] = {}
        for issue in snapshot.issues.values() if snapshot is not None else ():
            if issue.marker_key is None or issue.number in self._owner:
                continue
            if issue.stranger is None:
                self._marked[issue.marker_key].append(issue)
            elif issue.number not in forgotten:
                self._forged.setdefault(issue.marker_key, issue)
        self.adoptions: list[Adopt] = []
        self.skipped: list[Skip] = []
        self.findings: list[Finding] = []

    def consider(self, item: Item) -> None:
        """Adopt an issue for this item, refuse it with a reason, or leave it to be created."""
        marked = [i for i in self._marked.get(item.key, ()) if i.number not in self._forgotten]
        if marked:
            self._by_marker(item, sorted(marked, key=lambda issue: issue.number))
        elif item.recorded is not None and item.recorded.number not in self._forgotten:
            self._by_record(item, item.recorded.number, item.recorded.repo)
        elif (forged := self._forged.get(item.key)) is not None:
            self._by_stranger(item, forged)

    def look_for_doubles(self, item: Item, entry: Entry) -> None:
        """Name open issues that carry the marker of an item which has its issue already.

        A create that GitHub showed later than the settle time makes one; so does a person who
        copies a body.
        """
        for issue in self._marked.get(item.key, ()):
            if issue.number not in self._forgotten and issue.state is State.OPEN:
                self._find(
                    item,
                    "duplicate_issue",
                    Severity.WARNING,
                    f"Issue #{issue.number} carries the marker of this item, whose issue is "
                    f"#{entry.number}. Close #{issue.number} as a duplicate, or take the first "
                    "line out of its text.",
                )

    def _by_marker(self, item: Item, issues: list[Issue]) -> None:
        for other in issues[1:]:
            self._find(
                item,
                "duplicate_issue",
                Severity.ERROR,
                f"Issues #{issues[0].number} and #{other.number} both carry the marker of this "
                f"item; #{issues[0].number} is taken. Close #{other.number} as a duplicate.",
            )
        self._adopt(item, issues[0], "an issue on GitHub carries its marker")

    def _by_stranger(self, item: Item, issue: Issue) -> None:
        """Neither adopted, which would hand the item over, nor made, perhaps a second time."""
        self._refuse(
            item,
            "marker_of_stranger",
            f"Issue #{issue.number} carries the marker of this item and was opened by "
            f"{issue.stranger}, whom GitHub does not count among the repository's own. If it is "
            f"this item's, run `ghsync map adopt {shlex.quote(item.key)} {issue.number}`; if not, "
            "take the marker's line out of its text.",
            f"issue #{issue.number} of a stranger carries its marker",
        )

    def _by_record(self, item: Item, number: IssueNumber, repo: str | None) -> None:
        snapshot = self._snapshot
        if snapshot is None:
            self._skip(item, f"its file names issue #{number}, and GitHub was not read")
            return
        own = {snapshot.repo.full_name.casefold(), *snapshot.aliases}
        if repo is not None and repo.casefold() not in own:
            self._find(
                item,
                "recorded_elsewhere",
                Severity.WARNING,
                f"The file names {repo}#{number}, which is not in {snapshot.repo.full_name}; "
                "the item is taken as new here.",
            )
            return
        issue = snapshot.issues.get(number)
        owner = self._owner.get(number)
        if issue is None:
            self._refuse(
                item,
                "recorded_missing",
                f"The file names issue #{number}, which {snapshot.repo.full_name} does not have. "
                f"Correct the number, or run `ghsync map forget {shlex.quote(item.key)}` to have a "
                "new issue made.",
                f"issue #{number} does not exist",
            )
        elif owner is not None:
            self._refuse(
                item,
                "recorded_taken",
                f"The file names issue #{number}, which belongs to {owner}. "
                "Correct the number in one of the two files.",
                f"issue #{number} belongs to {owner}",
            )
        else:
            self._adopt(item, issue, f"its file names issue #{number}")

    def _adopt(self, item: Item, issue: Issue, reason: str) -> None:
        self._owner[issue.number] = item.key
        self._entries[item.key] = Entry(
            key=item.key,
            number=issue.number,
            id=issue.id,
            uid=issue.uid,
            kind=item.kind,
            path=item.path,
            ident=item.ident,
        )
        self.adoptions.append(
            Adopt(
                key=item.key,
                path=item.path,
                number=issue.number,
                title=item.title,
                uid=issue.uid,
                reason=reason,
            )
        )

    def _refuse(self, item: Item, code: str, message: str, reason: str) -> None:
        self._find(item, code, Severity.ERROR, message)
        self._skip(item, reason)

    def _skip(self, item: Item, reason: str) -> None:
        self.skipped.append(Skip(key=item.key, path=item.path, reason=reason))

    def _find(self, item: Item, code: str, severity: Severity, message: str) -> None:
        line = item.recorded.line if item.recorded is not None else item.line
        self.findings.append(
            Finding(
                path=item.path,
                line=line,
                code=code,
                severity=severity,
                message=message,
                key=item.key,
            )
        )
