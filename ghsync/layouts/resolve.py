"""From drafts to items: recorded issues settled, parents and blockers resolved."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import assert_never

from ghsync.layouts import index as indexes
from ghsync.layouts import names, references
from ghsync.layouts.base import Draft, ParentKey, ParentRef, Reference
from ghsync.layouts.index import Index
from ghsync.layouts.references import Nothing, One, Several
from ghsync.model import Finding, Item, Key, RecordedIssue, Severity
from ghsync.values import dataclass, replace


def resolve(
    drafts: Sequence[Draft], repo: str | None = None
) -> tuple[tuple[Item, ...], tuple[Finding, ...]]:
    """The items of all drafts with their links, sorted, and what could not be resolved.

    ``repo`` is the repository whose issues bare numbers mean, as far as it is known.
    """
    ordered, findings = _unique(drafts)
    recorded, doubles = _settle(ordered, repo)
    findings += doubles
    index = indexes.build(ordered, recorded)
    items: list[Item] = []
    for position, draft in enumerate(ordered):
        findings += _own(draft)
        parent, found = _parent(index, draft)
        findings += found
        blockers, found = _blockers(index, draft)
        findings += found
        items.append(
            replace(draft.item, parent=parent, blocked_by=blockers, recorded=recorded[position])
        )
    return tuple(items), tuple(findings)


def _unique(drafts: Sequence[Draft]) -> tuple[list[Draft], list[Finding]]:
    """The drafts in order, and no key twice."""
    ordered: list[Draft] = []
    findings: list[Finding] = []
    seen: dict[Key, Draft] = {}
    copies: dict[Key, int] = {}
    for draft in sorted(drafts, key=lambda d: (d.item.path, d.item.line, d.item.key)):
        first = seen.setdefault(draft.item.key, draft)
        if first is draft:
            ordered.append(draft)
            continue
        copy = copies.get(draft.item.key, 2)
        while (key := Key(f"{draft.item.key}~{copy}")) in seen:
            copy += 1
        copies[draft.item.key] = copy + 1
        again = replace(draft, item=replace(draft.item, key=key), near=(), wide=())
        seen[key] = again
        ordered.append(again)
        findings.append(
            Finding(
                path=draft.item.path,
                line=draft.item.line,
                code="duplicate_key",
                severity=Severity.ERROR,
                key=key,
                message=f"'{draft.item.key}' stands twice: {first.item.path}:{first.item.line} "
                f"and {draft.item.path}:{draft.item.line}. Give the second its own id.",
            )
        )
    return ordered, findings


def _own(draft: Draft) -> Iterable[Finding]:
    """The draft's own findings, under its key."""
    return (
        finding if finding.key is not None else replace(finding, key=draft.item.key)
        for finding in draft.findings
    )


# ------------------------------------------------------------------- recorded issues


def _settle(
    drafts: Sequence[Draft], repo: str | None
) -> tuple[list[RecordedIssue | None], list[Finding]]:
    """One item an issue: a live file wins over archived ones; two live ones are an error."""
    settled = [draft.item.recorded for draft in drafts]
    findings: list[Finding] = []
    for number, positions in _holders(drafts, repo):
        live = [i for i in positions if not drafts[i].item.archived]
        claimants = live or positions
        for i in positions:
            if i not in claimants or len(claimants) > 1:
                settled[i] = None
        if len(claimants) > 1:
            findings += [_twice(drafts, i, claimants, number) for i in claimants]
        else:
            losers = [i for i in positions if i not in claimants]
            findings += [_archived_copy(drafts[i], drafts[claimants[0]], number) for i in losers]
    return settled, findings


def _holders(drafts: Sequence[Draft], repo: str | None) -> Iterable[tuple[int, list[int]]]:
    """Each issue's number with the drafts that may mean it.

    A bare number is the repository's own. While that is not known it may be any repository's; it
    is not told from what other files record, so a new file decides nothing about these.
    """
    found: dict[int, dict[str, list[int]]] = defaultdict(lambda: defaultdict(list))
    for position, draft in enumerate(drafts):
        if (issue := draft.item.recorded) is not None:
            found[issue.number][(issue.repo or repo or "").casefold()].append(position)
    for number, by_repo in found.items():
        if "" in by_repo:
            yield number, sorted(position for each in by_repo.values() for position in each)
        else:
            yield from ((number, each) for each in by_repo.values())


def _twice(drafts: Sequence[Draft], position: int, claimants: list[int], number: int) -> Finding:
    item = drafts[position].item
    others = [drafts[i].item for i in claimants if i != position]
    shown = ", ".join(f"{o.path}:{o.recorded.line}" for o in others[:3] if o.recorded)
    more = f" and {len(others) - 3} more" if len(others) > 3 else ""
    return Finding(
        path=item.path,
        line=item.recorded.line if item.recorded else item.line,
        code="recorded_twice",
        severity=Severity.ERROR,
        key=item.key,
        message=f"Issue #{number} is recorded here and in {shown}{more}; an issue belongs to one "
        "item. Remove the number from the files that it does not belong to.",
    )


def _archived_copy(loser: Draft, winner: Draft, number: int) -> Finding:
    return Finding(
        path=loser.item.path,
        line=loser.item.recorded.line if loser.item.recorded else loser.item.line,
        code="recorded_archived",
        severity=Severity.INFO,
        key=loser.item.key,
        message=f"Issue #{number} belongs to {winner.item.path}, since this file is archived.",
    )


# ----------------------------------------------------------------- parents, blockers


def _parent(index: Index, draft: Draft) -> tuple[Key | None, list[Finding]]:
    """The parent by the first wish, and whether the file says another."""
    if not draft.parents:
        return None, []
    wish = draft.parents[0]
    if isinstance(wish, ParentRef):
        reference = wish.reference
        told = [
            Told(reference=reference, text=text, answer=answer)
            for text, answer in references.resolve(index, draft, reference.text, wish.kinds)
        ]
        keys = [key for entry in told for key in _key(index, entry.answer)]
        what = " or ".join(sorted(wish.kinds))
        return (keys[0] if len(keys) == 1 else None), _report(index, draft, told, what)
    return wish.key, _disagreement(index, draft, wish)


def _disagreement(index: Index, draft: Draft, parent: ParentKey) -> list[Finding]:
    """A warning if the file names another parent than its place does."""
    claim = draft.claim
    if claim is None:
        return []
    position = index.keys.get(parent.key)
    if position is None:
        return []
    holder = index.drafts[position]
    if _answers_to(holder, claim.reference.text):
        return []
    reference = claim.reference
    for _, answer in references.resolve(index, draft, reference.text, claim.kinds):
        if position in _positions(answer):
            return []
    message = (
        f"`{reference.field}: {reference.text[:60]}` is not the epic of this folder, "
        f"{holder.item.path}, which is its parent. Correct the field or move the file."
    )
    return [_warning(draft, reference.line, "epic_disagrees", message)]


def _positions(answer: references.Answer) -> tuple[int, ...]:
    match answer:
        case One(position=position):
            return (position,)
        case Several(positions=positions):
            return positions
        case Nothing():
            return ()
    assert_never(answer)


def _answers_to(draft: Draft, text: str) -> bool:
    """Whether a text is one of the draft's names, its title, or its recorded issue."""
    name = names.fold(text.strip("#"))
    item = draft.item
    if name in draft.near or name in draft.wide or name == names.fold(item.title):
        return True
    return item.recorded is not None and str(item.recorded.number) == text.strip("# ")


def _blockers(index: Index, draft: Draft) -> tuple[tuple[Key, ...], list[Finding]]:
    keys: list[Key] = []
    told: list[Told] = []
    for reference in draft.blockers:
        for text, answer in references.resolve(index, draft, reference.text):
            keys += _key(index, answer)
            told.append(Told(reference=reference, text=text, answer=answer))
    return tuple(dict.fromkeys(keys)), _report(index, draft, told)


def _key(index: Index, answer: references.Answer) -> list[Key]:
    return [index.drafts[answer.position].item.key] if isinstance(answer, One) else []


# ------------------------------------------------------------------------- findings


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A reference, the part of it that was looked up, and the answer."""

    reference: Reference
    text: str
    answer: references.Answer


def _report(index: Index, draft: Draft, told: Sequence[Told], what: str = "item") -> list[Finding]:
    """Findings for what has no answer or several: one a line for all names without an answer."""
    findings: list[Finding] = []
    unknown: dict[tuple[str, int], list[str]] = {}
    for entry in told:
        line, shown = entry.reference.line, f"`{entry.reference.field}: {entry.text[:80]}`"
        match entry.answer:
            case One(position=position, other=other):
                if other is None:
                    continue
                where = index.drafts[other].item.path
                message = (
                    f"{shown} is read as {index.drafts[position].item.path}, by its name; "
                    f"issue #{entry.text} is {where}. Write a path if that one is meant."
                )
                told_ = _warning(draft, line, "reference_two_ways", message)
                findings.append(replace(told_, severity=Severity.INFO))
            case Several(positions=positions):
                places = ", ".join(_place(index.drafts[i]) for i in positions[:4])
                message = (
                    f"{shown} fits {len(positions)} items ({places}), so there is no link. "
                    "Write a path."
                )
                findings.append(_warning(draft, line, "reference_ambiguous", message))
            case Nothing():
                unknown.setdefault((entry.reference.field, line), []).append(entry.text[:80])
            case _:
                assert_never(entry.answer)
    for (name, line), texts in unknown.items():
        findings.append(_warning(draft, line, "reference_unknown", _unknown(name, texts, what)))
    return findings


def _unknown(name: str, texts: list[str], what: str) -> str:
    each = "names" if len(texts) == 1 else "name"
    shown = ", ".join(dict.fromkeys(texts))
    return (
        f"`{name}: {shown}` {each} no {what}: no file or id in this folder, no id, path or slug "
        "in the repository, no recorded issue. Correct or remove it."
    )


def _warning(draft: Draft, line: int, code: str, message: str) -> Finding:
    return Finding(
        path=draft.item.path,
        line=line,
        code=code,
        severity=Severity.WARNING,
        key=draft.item.key,
        message=message,
    )


def _place(draft: Draft) -> str:
    item = draft.item
    return item.path if item.line == 1 else f"{item.path}:{item.line}"
