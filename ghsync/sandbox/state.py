"""The sandbox's data: a small database in memory, with what changed since it was last stored.

It knows no requests and no rules of GitHub's API, only records, the indexes over them, and the
older versions of issues that lagging lists show. Time is always an argument.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Hashable, Iterator
from dataclasses import field, replace
from operator import itemgetter
from typing import Any

from ghsync.sandbox.records import (
    Comment,
    Issue,
    IssueEvent,
    Label,
    Milestone,
    Record,
    RepoInfo,
    Role,
    Token,
    User,
)
from ghsync.values import dataclass

HISTORY_SECONDS = 3600.0
"""How long older versions of an issue are kept: the most that a list can lag."""

_FIRST_IDS = {
    "user": 200_000_003,
    "repo": 900_000_007,
    "issue": 4_980_000_017,
    "label": 8_000_000_011,
    "milestone": 12_000_019,
    "comment": 3_500_000_023,
    "event": 17_000_000_029,
}
_STRIDE = 37
"""Database ids rise by more than one, so that no test mistakes an id for a number."""


@dataclass(slots=True)
class Repo:
    """A repository with everything in it."""

    info: RepoInfo
    issues: dict[int, Issue] = field(default_factory=dict)
    """By number, tombstones of deleted and transferred ones included."""
    labels: dict[int, Label] = field(default_factory=dict)
    label_ids: dict[str, int] = field(default_factory=dict)
    """By case-folded name."""
    milestones: dict[int, Milestone] = field(default_factory=dict)
    comments: dict[int, Comment] = field(default_factory=dict)
    comments_of: dict[int, list[int]] = field(default_factory=dict)
    events: dict[int, list[IssueEvent]] = field(default_factory=dict)
    versions: dict[int, list[tuple[float, Issue]]] = field(default_factory=dict)
    tally: Counter[tuple[int | None, str]] = field(default_factory=Counter)
    """How many issues each milestone (``None``: none) has in each state."""

    revision: int = 0
    """Rises with every change of an issue or a label."""
    listing: tuple[Hashable, list[Issue]] | None = None
    """The last list that was filtered and sorted, and what it depended on, for its next page."""

    def hold(self, issue: Issue) -> None:
        """Put an issue in its place and keep the tally."""
        old = self.issues.get(issue.number)
        if old is not None and old.here:
            self.tally[old.milestone, old.state] -= 1
        if issue.here:
            self.tally[issue.milestone, issue.state] += 1
        self.issues[issue.number] = issue
        self.revision += 1

    def open_count(self) -> int:
        """How many issues and pull requests are open."""
        return sum(count for (_, state), count in self.tally.items() if state == "open")

    def label_named(self, name: str) -> Label | None:
        """The label of that name in any case."""
        found = self.label_ids.get(name.casefold())
        return None if found is None else self.labels[found]

    def milestone_titled(self, title: str) -> Milestone | None:
        """The milestone of exactly that title."""
        return next((m for m in self.milestones.values() if m.title == title), None)

    def listed(self, now: float, lag: float) -> Iterator[Issue]:
        """The issues as a list that is ``lag`` seconds behind shows them."""
        if lag <= 0:
            yield from (issue for issue in self.issues.values() if issue.here)
            return
        moment = now - lag
        for number, issue in self.issues.items():
            versions = self.versions.get(number)
            if versions is None:
                seen: Issue | None = issue
            else:
                index = bisect_right(versions, moment, key=itemgetter(0))
                seen = versions[index - 1][1] if index else None
            if seen is not None and seen.here:
                yield seen


class State:
    """All records, their indexes, and the changes that are not stored yet."""

    __slots__ = (
        "_counters",
        "changes",
        "deleted_names",
        "issue_index",
        "names",
        "newest",
        "redirects",
        "repos",
        "tokens",
        "users",
    )

    def __init__(self) -> None:
        self.users: dict[str, User] = {}
        self.tokens: dict[str, Token] = {}
        self.repos: dict[int, Repo] = {}
        self.names: dict[str, int] = {}
        self.redirects: dict[str, int] = {}
        """Former ``owner/name`` (case-folded) to repository id."""
        self.deleted_names: set[str] = set()
        self.issue_index: dict[int, tuple[int, int]] = {}
        self.newest: float = 0.0
        """The latest time of any request or change, epoch seconds."""
        self._counters: dict[str, int] = {}
        self.changes: dict[tuple[str, str], Record | Any | None] = {}
        """Kind and key to the new record (``None``: removed), for the store."""

    # ------------------------------------------------------------------ ids and storing

    def new_id(self, kind: str) -> int:
        """The next database id for a kind of record."""
        value = self._counters.get(kind, _FIRST_IDS[kind] - _STRIDE) + _STRIDE
        self.set_counter(kind, value)
        self.changes["counter", kind] = value
        return value

    def set_counter(self, kind: str, value: int) -> None:
        """Set the last id that was given out; for the store."""
        self._counters[kind] = value

    def take_changes(self) -> dict[tuple[str, str], Record | Any | None]:
        """What changed since the last call."""
        changes, self.changes = self.changes, {}
        return changes

    # ------------------------------------------------------------------ reading

    def user(self, login: str) -> User | None:
        """The account of that login in any case."""
        return self.users.get(login.casefold())

    def repo_named(self, full_name: str) -> Repo | None:
        """The repository of that ``owner/name`` in any case."""
        found = self.names.get(full_name.casefold())
        return None if found is None else self.repos[found]

    def issue_by_id(self, issue_id: int) -> Issue | None:
        """The issue of that database id, unless it is deleted or transferred."""
        found = self.issue_index.get(issue_id)
        if found is None:
            return None
        issue = self.repos[found[0]].issues[found[1]]
        return issue if issue.here else None

    def role(self, repo: Repo, login: str) -> Role:
        """What a user may do in a repository."""
        folded = login.casefold()
        if folded == repo.info.owner.casefold():
            return Role.ADMIN
        given = Role(repo.info.roles.get(folded, Role.NONE))
        return max(given, Role.NONE if repo.info.private else Role.READ)

    # ------------------------------------------------------------------ writing

    def put_user(self, user: User) -> User:
        """Add or replace an account."""
        self.users[user.login.casefold()] = user
        self.changes["user", user.login.casefold()] = user
        return user

    def put_token(self, token: Token) -> Token:
        """Add or replace a credential."""
        self.tokens[token.value] = token
        self.changes["token", token.value] = token
        return token

    def put_repo(self, info: RepoInfo) -> Repo:
        """Add a repository or replace its own fields; a new name leaves a redirect behind."""
        repo = self.repos.get(info.id)
        if repo is None:
            repo = self.repos[info.id] = Repo(info=info)
        else:
            old = repo.info.full_name.casefold()
            if old != info.full_name.casefold():
                self.names.pop(old, None)
                self.add_redirect(old, info.id)
            repo.info = info
        name = info.full_name.casefold()
        self.names[name] = info.id
        if self.redirects.pop(name, None) is not None:
            self.changes["redirect", name] = None
        if name in self.deleted_names:
            self.deleted_names.discard(name)
            self.changes["deleted", name] = None
        self.changes["repo", str(info.id)] = info
        return repo

    def add_redirect(self, name: str, repo_id: int) -> None:
        """Let a former name lead to the repository."""
        self.redirects[name] = repo_id
        self.changes["redirect", name] = repo_id

    def mark_deleted(self, name: str) -> None:
        """Remember that a repository of this name was deleted, so that it is not made again."""
        self.deleted_names.add(name)
        self.changes["deleted", name] = True

    def remove_repo(self, repo: Repo) -> None:
        """Delete a repository with everything in it."""
        name = repo.info.full_name.casefold()
        for issue in repo.issues.values():
            self.issue_index.pop(issue.id, None)
            self.changes["issue", str(issue.id)] = None
        for label in repo.labels.values():
            self.changes["label", str(label.id)] = None
        for milestone in repo.milestones.values():
            self.changes["milestone", str(milestone.id)] = None
        for comment in repo.comments.values():
            self.changes["comment", str(comment.id)] = None
        for events in repo.events.values():
            for event in events:
                self.changes["event", str(event.id)] = None
        del self.repos[repo.info.id]
        self.names.pop(name, None)
        self.changes["repo", str(repo.info.id)] = None
        self.mark_deleted(name)

    def put_issue(self, issue: Issue, now: float) -> Issue:
        """Add or replace an issue as of ``now``, keeping the older version for lagging lists."""
        repo = self.repos[issue.repo]
        versions = repo.versions.setdefault(issue.number, [])
        if not versions and issue.number in repo.issues:
            versions.append((0.0, repo.issues[issue.number]))
        if versions and versions[-1][0] >= now:
            versions[-1] = (versions[-1][0], issue)
        else:
            versions.append((now, issue))
        if len(versions) > 1 and versions[1][0] < now - HISTORY_SECONDS:
            keep = bisect_right(versions, now - HISTORY_SECONDS, key=itemgetter(0)) - 1
            del versions[:keep]
        repo.hold(issue)
        self.issue_index[issue.id] = (issue.repo, issue.number)
        self.newest = max(self.newest, now)
        self.changes["issue", str(issue.id)] = issue
        return issue

    def touch(self, issue_id: int, now: float, **changes: Any) -> Issue:
        """Change an issue by id and move its ``updated_at``."""
        repo_id, number = self.issue_index[issue_id]
        issue = self.repos[repo_id].issues[number]
        return self.put_issue(replace(issue, updated_at=now, **changes), now)

    def put_label(self, label: Label) -> Label:
        """Add or replace a label; its name may change."""
        repo = self.repos[label.repo]
        old = repo.labels.get(label.id)
        if old is not None:
            repo.label_ids.pop(old.name.casefold(), None)
        repo.labels[label.id] = label
        repo.revision += 1
        repo.label_ids[label.name.casefold()] = label.id
        self.changes["label", str(label.id)] = label
        return label

    def remove_label(self, label: Label, now: float) -> None:
        """Delete a label, and take it off every issue."""
        repo = self.repos[label.repo]
        for issue in list(repo.issues.values()):
            if label.id in issue.labels:
                left = tuple(each for each in issue.labels if each != label.id)
                self.touch(issue.id, now, labels=left)
        del repo.labels[label.id]
        del repo.label_ids[label.name.casefold()]
        self.changes["label", str(label.id)] = None

    def put_milestone(self, milestone: Milestone) -> Milestone:
        """Add or replace a milestone."""
        self.repos[milestone.repo].milestones[milestone.number] = milestone
        self.changes["milestone", str(milestone.id)] = milestone
        return milestone

    def remove_milestone(self, milestone: Milestone, now: float) -> None:
        """Delete a milestone, and take it off every issue."""
        repo = self.repos[milestone.repo]
        for issue in list(repo.issues.values()):
            if issue.milestone == milestone.number:
                self.touch(issue.id, now, milestone=None)
        del repo.milestones[milestone.number]
        self.changes["milestone", str(milestone.id)] = None

    def put_comment(self, comment: Comment) -> Comment:
        """Add or replace a comment."""
        repo = self.repos[comment.repo]
        if comment.id not in repo.comments:
            repo.comments_of.setdefault(comment.issue, []).append(comment.id)
        repo.comments[comment.id] = comment
        self.changes["comment", str(comment.id)] = comment
        return comment

    def remove_comment(self, comment: Comment) -> None:
        """Delete a comment."""
        repo = self.repos[comment.repo]
        del repo.comments[comment.id]
        repo.comments_of[comment.issue].remove(comment.id)
        self.changes["comment", str(comment.id)] = None

    def put_event(self, event: IssueEvent) -> None:
        """Add a line to an issue's history."""
        self.repos[event.repo].events.setdefault(event.issue, []).append(event)
        self.changes["event", str(event.id)] = event
