"""Resolve the references between drafts, by the order that rules.md fixes.

The same folder's file or id, then an id, path or slug that is unique (in the layout's base, in
the repository), and last, for a number without leading zeros, the issue recorded in a file.
Two answers at one step are no answer. Nothing is guessed by order or by title.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TypeAlias

from ghsync.layouts import names, recorded
from ghsync.layouts.base import Draft
from ghsync.layouts.index import Found, Index
from ghsync.model import Kind
from ghsync.patterns import regex
from ghsync.values import dataclass

_LINK = regex(r"!?\[([^\]]*)\]\(<?([^)>\s]+)(?:[>\s][^)]*)?\)$")
_WIKI = regex(r"\[\[([^\]|#]+)(?:[|#][^\]]*)?\]\]$")
_HASH = regex(r"(?:(?:gh|issue|task)[- ]?)?#([1-9]\d*)$", re.IGNORECASE)
_ISSUE = regex(r"[1-9]\d{0,17}")
_LEAD = regex(
    r"((?:[A-Za-z]+[- ]?)?#?\d+(?:\.\d+)*[a-z]?|[A-Za-z]+(?:-[A-Za-z0-9]+)*-\d+(?:\.\d+)*)"
    r"(?:\s*[:(（\[：]|\s+[-–—]\s|\s*[–—])",
)
_TICKED = regex(r"\[[ xX]\]\s*#?(\d+)\b.*$")
_SHORT = regex(r"t?\d+[a-z]?$")
_SPLIT = regex(r"\s*[,;、，]\s*|\s+(?:and|und|et|&|\+)\s+")


@dataclass(frozen=True, slots=True)
class One:
    """Exactly one answer; ``other`` is the item whose issue has the same number, if another.

    Only where the answer comes from beyond the folder: the folder's own numbers need no word.
    """

    position: int
    other: int | None = None


@dataclass(frozen=True, slots=True)
class Several:
    """More than one answer at one step."""

    positions: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Nothing:
    """No answer at any step."""


Answer: TypeAlias = One | Several | Nothing


def resolve(
    index: Index, draft: Draft, text: str, kinds: frozenset[Kind] | None = None
) -> list[tuple[str, Answer]]:
    """The answers to one reference: one for its whole text, else one for each of its parts."""
    whole = _clean(text)
    answer = _whole(index, draft, whole, kinds)
    if not isinstance(answer, Nothing):
        return [(whole, answer)]
    parts = [part for part in (_clean(piece) for piece in _SPLIT.split(whole)) if part]
    if len(parts) > 1:
        answers = [(part, _led(index, draft, part, kinds)) for part in parts]
        if any(not isinstance(found, Nothing) for _, found in answers):
            return answers
    return [(whole, _led(index, draft, whole, kinds))]


def _clean(text: str) -> str:
    stripped = text.strip().strip("\"'`").strip()
    if match := _TICKED.match(stripped):
        return f"#{match.group(1)}"
    if match := _LINK.match(stripped):
        return match.group(2) if match.group(2) != "#" else match.group(1)
    if match := _WIKI.match(stripped):
        return match.group(1)
    return stripped.strip("<>").strip()


def spellings(text: str) -> tuple[str, ...]:
    """What a reference may be looked up as: its whole text, and the id that leads it."""
    whole = _clean(text)
    match = _LEAD.match(whole)
    return (whole,) if match is None else (whole, match.group(1).strip())


def _led(index: Index, draft: Draft, text: str, kinds: frozenset[Kind] | None) -> Answer:
    """The whole text, else the id that leads it: ``001 - Set up``, ``T001: Set up``."""
    answer = _whole(index, draft, text, kinds)
    if isinstance(answer, Nothing) and (match := _LEAD.match(text)):
        return _whole(index, draft, match.group(1).strip(), kinds)
    return answer


def _whole(index: Index, draft: Draft, text: str, kinds: frozenset[Kind] | None) -> Answer:
    if not text:
        return Nothing()
    if match := _HASH.match(text):
        return _by_hash(index, draft, match.group(1), kinds)
    issue = recorded.issue_in(text)
    if issue is not None and not text.strip("#").isdigit():
        return _answer(index, _by_issue(index, issue[0], issue[1]), kinds)
    for found in _in_folder(index, draft, text):
        if wanted := index.only(found, kinds):
            return One(wanted[0]) if len(wanted) == 1 else Several(tuple(wanted))
    for found in _beyond(index, draft, text, kinds):
        if wanted := index.only(found, kinds):
            if len(wanted) > 1:
                return Several(tuple(wanted))
            return _told_apart(index, wanted[0], text, kinds)
    if _ISSUE.fullmatch(text):
        return _answer(index, _by_issue(index, int(text), None), kinds)
    return Nothing()


def _path_in(text: str) -> str | None:
    return text.split("#")[0] if "/" in text or text.casefold().endswith(".md") else None


def _in_folder(index: Index, draft: Draft, text: str) -> Iterator[Found]:
    """The answers of the first steps in turn: the file at a path, and the neighbours."""
    path = _path_in(text)
    if path:
        yield _by_path(index, draft, path)
    if path is not None and "/" in path:
        return
    name = names.fold(names.stem(text))
    number = names.number_of(name)
    for folder in draft.folders:
        yield index.files.get((folder, name), [])
        yield index.near.get((folder, name), [])
        if number and number != name:
            yield index.near.get((folder, number), [])


def _beyond(
    index: Index, draft: Draft, text: str, kinds: frozenset[Kind] | None
) -> Iterator[Found]:
    """The answers of the steps after them: the base, the repository."""
    path = _path_in(text)
    name = names.fold(names.stem(text))
    if path is not None and "/" in path:
        yield index.repo.get(names.fold(text), [])
        if names.number_of(name) or name == "epic":
            return  # another folder's 001 is not the 001 that the path names
    if _SHORT.match(name) and kinds is None and not _numbers_itself(draft):
        return  # its folder counts otherwise: another folder's 013 is not the one that is meant
    yield index.base.get((draft.base, name), [])
    if kinds is not None:
        yield index.numbered.get((draft.base, name), [])
    yield index.repo.get(name, [])


def _numbers_itself(draft: Draft) -> bool:
    """Whether the file has a short id itself, as in a repository that numbers all its items."""
    ident = draft.item.ident
    return ident is not None and _SHORT.match(names.fold(ident)) is not None


def _by_path(index: Index, draft: Draft, text: str) -> Found:
    """The file at a path: from the file's own folder, the root or the base, else by its end."""
    path = names.fold(re.sub(r"\.md$", "", text.strip("/"), flags=re.IGNORECASE))
    own = draft.item.path.rpartition("/")[0]
    for start in (own, "", draft.base):
        joined = _join(names.fold(start), path)
        if joined is not None and joined in index.paths:
            return index.paths[joined]
    tail = re.sub(r"^(?:\.\.?/)+", "", path)
    if "/" not in tail:
        return []
    return [
        position
        for position in index.tails.get(tail.rpartition("/")[2], [])
        if any(known.endswith("/" + tail) for known in _known(index, position))
    ]


def _known(index: Index, position: int) -> tuple[str, ...]:
    path = names.fold(index.drafts[position].item.key)
    return path, path.removesuffix("/epic")


def _join(start: str, path: str) -> str | None:
    parts = [part for part in start.split("/") if part]
    for part in path.split("/"):
        if part == "..":
            if not parts:
                return None
            parts.pop()
        elif part not in ("", "."):
            parts.append(part)
    return "/".join(parts)


def _by_issue(index: Index, number: int, repo: str | None) -> Found:
    """The items that record this issue, of this repository where both name one."""
    found = []
    for position in index.issues.get(number, []):
        own = index.drafts[position].item.recorded
        named = own.repo if own else None
        if repo is None or named is None or named.casefold() == repo.casefold():
            found.append(position)
    return found


def _by_hash(index: Index, draft: Draft, digits: str, kinds: frozenset[Kind] | None) -> Answer:
    """``#12`` is an issue, and may be meant for a file: both must not say different things."""
    # Python reads no number of thousands of digits, and GitHub has none of eighteen.
    known = _by_issue(index, int(digits), None) if len(digits) < 19 else []
    by_issue = index.only(known, kinds)
    by_name: Found = []
    for folder in draft.folders:
        by_name = index.only(index.near.get((folder, digits), []), kinds)
        if by_name:
            break
    return _answer(index, [*by_issue, *by_name], kinds)


def _answer(index: Index, found: Found, kinds: frozenset[Kind] | None) -> Answer:
    wanted = index.only(found, kinds)
    if not wanted:
        return Nothing()
    return One(wanted[0]) if len(wanted) == 1 else Several(tuple(wanted))


def _told_apart(index: Index, position: int, text: str, kinds: frozenset[Kind] | None) -> One:
    """The answer by name, and who else has that number as its issue."""
    if not _ISSUE.fullmatch(text):
        return One(position)
    others = [i for i in index.only(_by_issue(index, int(text), None), kinds) if i != position]
    return One(position, others[0] if others else None)
