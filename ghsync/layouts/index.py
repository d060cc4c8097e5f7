"""Who answers to a name: the drafts by folder, by base, in the whole repository, by issue."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import field

from ghsync.layouts import names
from ghsync.layouts.base import Draft
from ghsync.model import Key, Kind, RecordedIssue
from ghsync.patterns import regex
from ghsync.values import dataclass

Found = list[int]
_SHORT = regex(r"t?\d+[a-z]?$")


@dataclass(frozen=True, slots=True)
class Index:
    """The drafts' positions under every name that rules.md lets a reference use."""

    drafts: Sequence[Draft]
    files: dict[tuple[str, str], Found] = field(default_factory=dict)
    """By folder and whole file name or id."""
    near: dict[tuple[str, str], Found] = field(default_factory=dict)
    base: dict[tuple[str, str], Found] = field(default_factory=dict)
    numbered: dict[tuple[str, str], Found] = field(default_factory=dict)
    repo: dict[str, Found] = field(default_factory=dict)
    paths: dict[str, Found] = field(default_factory=dict)
    tails: dict[str, Found] = field(default_factory=dict)
    issues: dict[int, Found] = field(default_factory=dict)
    keys: dict[Key, int] = field(default_factory=dict)

    def only(self, found: Iterable[int], kinds: frozenset[Kind] | None) -> Found:
        """Those of the wanted kinds, once each."""
        unique = dict.fromkeys(found)
        if kinds is None:
            return list(unique)
        return [i for i in unique if self.drafts[i].item.kind in kinds]


def build(drafts: Sequence[Draft], recorded: Sequence[RecordedIssue | None]) -> Index:
    """Index the drafts; ``recorded`` is each one's issue after doubles were settled."""
    index = Index(drafts)
    in_base, in_repo = _reused(drafts)
    for number, draft in enumerate(drafts):
        index.keys[draft.item.key] = number
        own_path = "#" not in draft.item.key
        stem = _paths(draft)[-1].rpartition("/")[2]
        for folder in draft.folders:
            if own_path:
                _put(index.files, (folder, stem), number)
            if draft.item.ident:
                _put(index.files, (folder, names.fold(draft.item.ident)), number)
            for name in (*draft.near, *draft.wide):
                _put(index.near, (folder, name), number)
        for name in draft.wide:
            short = _SHORT.match(name) is not None
            if not (short and draft.base in in_base):
                _put(index.base, (draft.base, name), number)
            if not (short and in_repo):
                _put(index.repo, name, number)
        for name in draft.near:
            _put(index.numbered, (draft.base, name), number)
        for path in _paths(draft):
            _put(index.paths, path, number)
            _put(index.tails, path.rpartition("/")[2], number)
        issue = recorded[number]
        if issue is not None:
            index.issues.setdefault(issue.number, []).append(number)
    return index


def _reused(drafts: Sequence[Draft]) -> tuple[frozenset[str], bool]:
    """The bases where two files give themselves the same short id, and whether any two do.

    Where short ids (``7``, ``T007``) are reused, they count within their folder only: that just
    one other folder happens to have a number does not make it the one that is meant.
    """
    seen: dict[str, set[str]] = {}
    bases: set[str] = set()
    everywhere = False
    for draft in drafts:
        for name in dict.fromkeys(draft.wide):
            if _SHORT.match(name):
                users = seen.setdefault(name, set())
                everywhere = everywhere or bool(users)
                if draft.base in users:
                    bases.add(draft.base)
                users.add(draft.base)
    return frozenset(bases), everywhere


def _put(table: dict[tuple[str, str], Found] | dict[str, Found], name: object, i: int) -> None:
    table.setdefault(name, []).append(i)  # type: ignore[arg-type]


def _paths(draft: Draft) -> tuple[str, ...]:
    """The folded paths of a draft: its file, and for an ``epic.md`` its folder."""
    path = names.fold(draft.item.key)
    if path.endswith("/epic"):
        return path, path.removesuffix("/epic")
    return (path,)
