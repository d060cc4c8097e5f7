"""What the journal says: its events, and the sync map and its entries that they add up to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import TypeAlias

from ghsync.model import Fields, IssueId, IssueNumber, Key, Kind, RepoId, State, Uid
from ghsync.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Base:
    """An issue's fields as both sides last agreed on them; the third way of the merge."""

    title: str
    body: str
    """A digest of the canonical body (:func:`ghsync.render.digest`), not its text."""
    labels: tuple[str, ...] = ()
    assignees: tuple[str, ...] = ()
    milestone: str | None = None
    type: str | None = None
    fields: Fields = ()
    state: State = State.OPEN
    locked: bool = False
    not_planned: bool = False
    """Of a closed one: closed as not planned, and not as completed."""
    parent: IssueNumber | None = None
    blocked_by: tuple[IssueNumber, ...] = ()
    children: tuple[IssueNumber, ...] = ()
    """Its items' sub-issues in the order that their files had when it was last settled."""
    apart: Fields = ()
    """What GitHub has and the file cannot hold, as a pull has said: field to a fingerprint."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of the map: which issue is this item's, and what both sides agreed on."""

    key: Key
    number: IssueNumber
    id: IssueId
    uid: Uid | None
    """``None`` for an adopted issue whose body carries no marker yet."""
    kind: Kind
    path: str
    ident: str | None = None
    base: Base | None = None
    """``None`` for an adopted issue until both sides have agreed once."""
    word: str | None = None
    """The status word that its file had when it was open, once a pull has closed it there."""
    commented: Uid | None = None
    """The uid of the closing comment that was made, until the close itself is done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """Written and fsynced before a create or a comment is sent: no result, no known outcome."""

    key: Key
    uid: Uid
    floor: IssueNumber
    """The highest issue number known when it was written: the issue's number is above it.

    Of a comment, the number of its issue.
    """
    at: float
    what: str = "issue"
    """``issue`` or ``comment``."""
    base: Base | None = None
    """What is sent, as it will be remembered. If the issue is found only later, this tells what
    people have changed since from what the file has."""
    kind: Kind = Kind.TASK
    path: str = ""
    """The item's file. It may be renamed before the issue is found."""
    ident: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NotExecuted:
    """The create of this uid certainly did not happen; the intent is void."""

    uid: Uid


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """An item's issue and base are now these: a create, an update, a link, an adoption."""

    entry: Entry


@dataclass(frozen=True, slots=True, kw_only=True)
class Trying:
    """Written before an update or a link is sent: what the item's entry will be once it is done.

    If nobody sees the answer, it tells what ghsync changed from what a person changed.
    """

    entry: Entry
    body: str | None = None
    """The digest of the body that is sent, where that is a merge and not the file's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rekeyed:
    """A file was renamed or moved; its entry follows, if it still names this issue."""

    old: Key
    new: Key
    number: IssueNumber


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgotten:
    """The item's entry is dropped, and this issue number is not taken from its file again."""

    key: Key
    number: IssueNumber


@dataclass(frozen=True, slots=True, kw_only=True)
class BoundTo:
    """The map belongs to this repository."""

    repo_id: RepoId
    repo: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A write went out at this time: seeds the limiter's windows after a restart."""

    at: float
    content: bool


JournalEvent: TypeAlias = (
    Intent | NotExecuted | Recorded | Trying | Rekeyed | Forgotten | BoundTo | Sent
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncMap:
    """Which file is which issue, for one repository."""

    repo_id: RepoId | None = None
    repo: str | None = None
    entries: Mapping[Key, Entry] = field(default_factory=dict)
    forgotten: frozenset[IssueNumber] = frozenset()
