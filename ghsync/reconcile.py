"""Settle creates whose outcome nobody knows: by number, then by listing, never by search.

Issue numbers rise by one, so an issue that was made after its intent's floor has a number above
it that nobody else accounts for. Search lags by seconds to minutes and has made duplicates for
others (opensre#5269, sentry-cocoa#8144); lists can lag, direct reads rarely do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import field

from ghsync.clock import Clock
from ghsync.journal import Intent
from ghsync.model import Issue, IssueNumber, Notice, Repo, Uid
from ghsync.reader import look_at
from ghsync.remote import wire
from ghsync.remote.client import Client
from ghsync.values import dataclass

BEYOND = 3
"""How many numbers past the highest one known are read, too."""
MOST_DIRECT = 60
"""Of more unaccounted numbers than this, the list is asked first: somebody else is busy here."""


@dataclass(slots=True, kw_only=True)
class Accounts:
    """Whose number is whose, as far as this run has seen."""

    highest: IssueNumber
    known: set[IssueNumber] = field(default_factory=set)

    def add(self, number: IssueNumber) -> None:
        """Account for a number: an issue or pull request that is not a lost create."""
        self.known.add(number)
        self.highest = max(self.highest, number)

    def add_all(self, numbers: Iterable[IssueNumber]) -> None:
        """Account for every number that a reading showed."""
        self.known.update(numbers)
        self.highest = max(self.known, default=self.highest)


def originals(intents: Iterable[Intent], issues: Iterable[Issue]) -> dict[Uid, Issue]:
    """The issue that each intent made, by the uid in its marker.

    Everybody can copy a marker. So it counts only above the intent's floor, which no older issue
    that somebody edits is; a stranger's only where nobody else has it, since theirs can have been
    opened before ours was made; and of the rest the lowest number. A comment's intent made none.
    """
    floors = {intent.uid: intent.floor for intent in intents if intent.what != "comment"}
    found: dict[Uid, Issue] = {}
    for issue in sorted(issues, key=_rank):
        if issue.uid in floors and issue.number > floors[issue.uid]:
            found.setdefault(issue.uid, issue)
    return found


def _rank(issue: Issue) -> tuple[bool, IssueNumber]:
    """Of issues with the same marker, the original is the least by this."""
    return issue.stranger is not None, issue.number


def _better(*found: Issue | None) -> Issue | None:
    """Which of these is rather the original."""
    return min((issue for issue in found if issue is not None), key=_rank, default=None)


def _sure(found: Issue | None) -> bool:
    """Whether there is no need to look further; a stranger's issue is the last resort."""
    return found is not None and found.stranger is None


class Reconciler:
    """Looks for the issue of an intent by the uid in its marker."""

    def __init__(
        self,
        client: Client,
        repo: Repo,
        clock: Clock,
        accounts: Accounts,
        *,
        settle: float,
        notice: Callable[[Notice], None],
    ) -> None:
        self._client = client
        self._repo = repo
        self._clock = clock
        self._accounts = accounts
        self._settle = settle
        self._notice = notice

    async def settle(self, intent: Intent, *, unclear_at: float | None = None) -> Issue | None:
        """Return the issue that the intent made, or ``None`` when it certainly made none.

        Looks at once, waits until the settle time is over (GitHub ends a request after 10 s),
        and looks again. "Certainly" holds for a list and reads that lag no longer than that.
        Raises :class:`~ghsync.remote.errors.ApiError` when GitHub cannot be read.
        """
        self._notice(
            Notice(message=f"{intent.key}: looking on GitHub for the issue of an unclear create")
        )
        found = await self._look(intent)
        if not _sure(found):
            since = max(intent.at, unclear_at if unclear_at is not None else intent.at)
            since = min(since, self._clock.now())  # a wall clock can have been set back
            await self._clock.sleep_until(since + self._settle)
            found = _better(await self._look(intent), found)
        return found

    async def _look(self, intent: Intent) -> Issue | None:
        found = await self._by_number(intent, most=MOST_DIRECT)
        if _sure(found):
            return found
        seen = self._accounts.highest
        found = _better(found, await self._by_list(intent))
        more = self._accounts.highest > seen or self._open(intent) > MOST_DIRECT
        if more and not _sure(found):  # what a list that lags does not account for
            found = _better(found, await self._by_number(intent))
        return found

    def _open(self, intent: Intent) -> int:
        """How many numbers nobody accounts for."""
        highest = self._accounts.highest
        known = sum(intent.floor < number <= highest for number in self._accounts.known)
        return max(0, highest - intent.floor - known)

    async def _by_number(self, intent: Intent, most: int | None = None) -> Issue | None:
        """Read what nobody accounts for; with ``most``, no more than so many numbers."""
        number = IssueNumber(intent.floor + 1)
        end = max(self._accounts.highest, intent.floor) + BEYOND
        read = 0
        found: Issue | None = None
        while number <= end and (most is None or read < most):
            if number not in self._accounts.known:
                read += 1
                taken, issue = await look_at(self._client, self._repo, number)
                if issue is not None and issue.uid == intent.uid:
                    found = _better(found, issue)
                    if _sure(found):
                        return found
                if taken:
                    end = max(end, number + BEYOND)
                if taken and (issue is None or issue.uid is None):
                    self._accounts.add(number)  # somebody else's; a 404 is nobody's yet
            number = IssueNumber(number + 1)
        return found

    async def _by_list(self, intent: Intent) -> Issue | None:
        """Read the list down to the floor; whoever is in it is accounted for."""
        request = wire.list_issues(self._repo.full_name, sort="created", direction="desc")
        found: Issue | None = None
        async for page in self._client.pages(request):
            rows = page.data if isinstance(page.data, list) else []
            lowest = None
            for row in rows:
                issue = wire.parse_issue(row, request=request.label)
                if issue is not None and issue.uid == intent.uid and issue.number > intent.floor:
                    found = _better(found, issue)
                lowest = wire.parse_ref(row, request=request.label).number
                if issue is None or issue.uid is None:
                    self._accounts.add(lowest)
            if lowest is None or lowest <= intent.floor:
                break
        return found


async def settle_comment(
    client: Client,
    repo: Repo,
    clock: Clock,
    intent: Intent,
    *,
    settle: float,
    unclear_at: float,
) -> bool:
    """Find out whether a comment of unclear outcome was made, by the uid in its marker.

    Looks at once, waits until the settle time is over, and looks again. Raises
    :class:`~ghsync.remote.errors.ApiError` when GitHub cannot be read.
    """
    if await has_comment(client, repo, intent):
        return True
    since = max(intent.at, unclear_at)
    await clock.sleep_until(min(since, clock.now()) + settle)
    return await has_comment(client, repo, intent)


async def has_comment(client: Client, repo: Repo, intent: Intent) -> bool:
    """Whether the comment of an intent is there, by the uid in its marker."""
    request = wire.list_comments(repo.full_name, intent.floor)
    try:
        async for page in client.pages(request):
            rows = page.data if isinstance(page.data, list) else []
            if any(wire.parse_comment(row).uid == intent.uid for row in rows):
                return True
    except (wire.NotFound, wire.Gone, wire.Moved):
        return False  # with its issue the comment is gone
    return False
