"""Whether what a record says may be believed: against the files, the map and GitHub."""

from __future__ import annotations

import shlex
from collections import defaultdict
from collections.abc import Mapping, Sequence, Set
from enum import StrEnum

from ghsync.importers.matching import Claim
from ghsync.importers.planpilot import item_of
from ghsync.importers.records import ByIdent, Record, Tool
from ghsync.importers.titles import ALIKE, similarity
from ghsync.journal import SyncMap
from ghsync.model import Issue, IssueNumber, Item, Key, Kind
from ghsync.values import dataclass


class Verdict(StrEnum):
    """What becomes of a record."""

    ADOPT = "adopt"
    MAPPED = "mapped"
    AGAIN = "again"
    TITLE = "title"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One record, judged."""

    record: Record
    verdict: Verdict
    reason: str = ""
    item: Item | None = None
    issue: Issue | None = None
    alike: int | None = None
    """How alike the two titles are, in percent; ``None`` where they were not compared."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the claims are judged against."""

    repo: str
    own: Set[str]
    """Every ``owner/name`` (case-folded) that proved to be this repository."""
    items: Sequence[Item]
    issues: Mapping[IssueNumber, Issue]
    absent: Mapping[IssueNumber, str]
    """Numbers that are no issue here, and why."""
    titles: Mapping[Key, str]
    """Each item's title as its issue gets it."""
    smap: SyncMap
    pending: Set[Key]
    """Items with a create whose outcome nobody knows yet."""


def judge(
    claims: Sequence[Claim], known: Known, *, any_title: bool = False, forgotten: bool = False
) -> tuple[Row, ...]:
    """Judge every claim; only rows with :attr:`Verdict.ADOPT` may be taken into the map.

    ``any_title`` takes an issue of another title, too; ``forgotten`` one that was forgotten, and
    one whose file is gone: renamed, and too much edited to be known again.
    """
    judge_ = _Judge(claims, known, any_title=any_title, forgotten=forgotten)
    return tuple(judge_.row(claim) for claim in claims)


class _Judge:
    def __init__(
        self, claims: Sequence[Claim], known: Known, *, any_title: bool, forgotten: bool
    ) -> None:
        self._known = known
        self._any_title = any_title
        self._forgotten = forgotten
        self._recorded: dict[IssueNumber, set[Key]] = defaultdict(set)
        for each in known.items:
            if each.recorded is not None and self._is_here(each):
                self._recorded[each.recorded.number].add(each.key)
        self._keys: dict[IssueNumber, set[Key]] = defaultdict(set)
        self._numbers: dict[Key, set[IssueNumber]] = defaultdict(set)
        for claim in claims:
            item, number = claim.item, claim.record.number
            if item is None or number is None or self._elsewhere(claim.record):
                continue
            if self._against_files(item, number) is None:  # refuted alone, it refutes no other
                self._keys[number].add(item.key)
                self._numbers[item.key].add(number)
        self._owner = {entry.number: key for key, entry in known.smap.entries.items()}
        self._taken: set[tuple[Key, IssueNumber]] = set()

    def row(self, claim: Claim) -> Row:
        item, number = claim.item, claim.record.number
        if claim.wrong is not None or item is None or number is None:
            return Row(
                record=claim.record,
                verdict=Verdict.WRONG,
                reason=claim.wrong or "names no issue",
                item=item,
            )
        issue = self._known.issues.get(number)
        if (wrong := self._wrong(claim.record, item, number)) is not None:
            return Row(
                record=claim.record, verdict=Verdict.WRONG, reason=wrong, item=item, issue=issue
            )
        assert issue is not None  # noqa: S101 (_wrong has a word for a number without an issue)
        alike = self._alike(item, issue)
        verdict, reason = self._verdict(claim.record, item, issue, alike)
        return Row(
            record=claim.record,
            verdict=verdict,
            reason=reason,
            item=item,
            issue=issue,
            alike=alike,
        )

    def _verdict(self, record: Record, item: Item, issue: Issue, alike: int) -> tuple[Verdict, str]:
        entry = self._known.smap.entries.get(item.key)
        if entry is not None and entry.number == issue.number:
            return Verdict.MAPPED, "the map says so already"
        if (item.key, issue.number) in self._taken:
            return Verdict.AGAIN, "said above already"
        proven = record.proven or issue.marker_key == item.key or self._block(record, issue)
        if alike < ALIKE and not proven and not self._any_title:
            return (
                Verdict.TITLE,
                f"the titles are {alike} % alike; --any-title takes it all the same",
            )
        self._taken.add((item.key, issue.number))
        return Verdict.ADOPT, ""

    def _wrong(self, record: Record, item: Item, number: IssueNumber) -> str | None:
        """Why this pair cannot be right, if anything says so."""
        return (
            self._elsewhere(record)
            or self._against_files(item, number)
            or self._against_records(item, number)
            or self._against_map(item, number)
            or self._against_github(record, item, number)
        )

    def _elsewhere(self, record: Record) -> str | None:
        if record.repo is None or record.repo.casefold() in self._known.own:
            return None
        return f"names {record.repo}#{record.number}, which is not in {self._known.repo}"

    def _is_here(self, item: Item) -> bool:
        """Whether the issue that a file names is one of this repository."""
        named = item.recorded
        return named is not None and (named.repo or self._known.repo).casefold() in self._known.own

    def _against_files(self, item: Item, number: IssueNumber) -> str | None:
        mine = item.recorded.number if self._is_here(item) and item.recorded else number
        if mine != number:
            return f"{item.path} itself names #{mine}, which counts"
        others = sorted(self._recorded[number] - {item.key})
        return f"#{number} is named by {others[0]} itself, which counts" if others else None

    def _against_records(self, item: Item, number: IssueNumber) -> str | None:
        if item.key not in self._recorded[number]:  # what the file itself says is no draw
            others = sorted(self._keys[number] - {item.key})
            if others:
                return f"#{number} is claimed for {others[0]} as well"
            more = sorted(self._numbers[item.key] - {number})
            if more:
                return f"{item.key} is said to be #{more[0]} as well"
        return None

    def _against_map(self, item: Item, number: IssueNumber) -> str | None:
        smap = self._known.smap
        entry = smap.entries.get(item.key)
        if entry is not None and entry.number != number:
            return (
                f"the map has #{entry.number} for {item.key}; "
                f"`ghsync map forget {shlex.quote(item.key)}` lets go of it"
            )
        owner = self._owner.get(number)
        if owner is not None and owner != item.key and not self._moved(owner):
            return f"#{number} belongs to {owner}"
        if item.key in self._known.pending:
            return "an earlier create of it is not settled yet; run `ghsync push` first"
        if number in smap.forgotten and not self._forgotten:
            return f"#{number} was let go of by `ghsync map forget`; `ghsync map adopt` takes it"
        return None

    def _moved(self, key: Key) -> bool:
        """Whether a person's word may take this key's issue: no file has the key any more."""
        return self._forgotten and all(item.key != key for item in self._known.items)

    def _against_github(self, record: Record, item: Item, number: IssueNumber) -> str | None:
        issue = self._known.issues.get(number)
        if issue is None:
            return f"#{number} {self._known.absent.get(number, 'does not exist')}"
        marked = issue.marker_key
        if marked is not None and marked != item.key and not self._moved(marked):
            return f"#{number} carries the marker of {issue.marker_key}"
        if record.tool is Tool.PLANPILOT and not self._block(record, issue):
            said = item_of(issue.body)
            if said is not None:
                return f"#{number} says itself that it is {said}"
        return None

    @staticmethod
    def _block(record: Record, issue: Issue) -> bool:
        """Whether the issue's own text names the id that the record does."""
        said = item_of(issue.body) if record.tool is Tool.PLANPILOT else None
        return said is not None and ByIdent(ident=said) in record.names

    def _alike(self, item: Item, issue: Issue) -> int:
        folders, _, name = item.path.removesuffix(".md").rpartition("/")
        slug = folders.rpartition("/")[2] if item.kind is Kind.EPIC and name == "epic" else name
        return similarity(issue.title, (item.title, self._known.titles.get(item.key, ""), slug))
