"""Acting as a person on GitHub's web page: no token, no request, no limit but the rules.

For tests and for demonstrations of what somebody else changed meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from ghsync.sandbox import changes
from ghsync.sandbox.fieldvalues import field_values
from ghsync.sandbox.github import GitHub
from ghsync.sandbox.records import ISSUE_FIELDS, Comment, Issue, Role, Token
from ghsync.sandbox.seeds import SANDBOX_LOGIN, add_user, first_use
from ghsync.sandbox.state import Repo


class Person:
    """Somebody with an account, at work in one repository (which is made if need be)."""

    def __init__(
        self, github: GitHub, full_name: str, *, login: str = SANDBOX_LOGIN, now: float
    ) -> None:
        self._github = github
        self._state = github.state
        self.login = add_user(self._state, login, now=now).login
        found = self._state.repo_named(full_name)
        repo = found or first_use(self._state, full_name, admin=SANDBOX_LOGIN, now=now)
        self._repo_id = repo.info.id

    @property
    def repo(self) -> Repo:
        """The repository, whatever its name is by now."""
        return self._state.repos[self._repo_id]

    def issue(self, number: int) -> Issue:
        """The issue of that number."""
        return self.repo.issues[number]

    # ------------------------------------------------------------------ issues

    def open_issue(
        self, title: str, *, body: str | None = None, labels: Iterable[str] = (), now: float
    ) -> Issue:
        """Create an issue in the web page; GitHub counts it against the person's content limit."""
        ids = changes.ensure_labels(self._state, self.repo, labels, may_create=True)
        self._github.meter.spend_elsewhere(self.login, 1, now)
        return changes.new_issue(
            self._state, self.repo, login=self.login, now=now, title=title, body=body, labels=ids
        )

    def open_pull_request(self, title: str, *, now: float) -> Issue:
        """Open a pull request: it takes the next number, and issue lists contain it."""
        return changes.new_issue(
            self._state, self.repo, login=self.login, now=now, title=title, pull=True
        )

    def edit(self, number: int, *, now: float, **fields: Any) -> Issue:
        """Change ``title``, ``body``, ``type`` or ``milestone`` (a number or ``None``)."""
        return changes.edit_issue(
            self._state, self.repo, self.issue(number), login=self.login, now=now, fields=fields
        )

    def label(self, number: int, *names: str, now: float) -> Issue:
        """Add labels."""
        issue = self.issue(number)
        kept = [self.repo.labels[each].name for each in issue.labels]
        ids = changes.ensure_labels(self._state, self.repo, (*kept, *names), may_create=True)
        return self.edit(number, now=now, labels=ids)

    def unlabel(self, number: int, *names: str, now: float) -> Issue:
        """Take labels off."""
        gone = {name.casefold() for name in names}
        issue = self.issue(number)
        left = [e for e in issue.labels if self.repo.labels[e].name.casefold() not in gone]
        return self.edit(number, now=now, labels=tuple(left))

    def assign(self, number: int, *logins: str, now: float) -> Issue:
        """Set the assignees; the logins must be assignable."""
        checked = changes.check_assignees(self._state, self.repo, logins)
        return self.edit(number, now=now, assignees=checked)

    def close(self, number: int, *, reason: str = "completed", now: float) -> Issue:
        """Close an issue."""
        return changes.set_state(
            self._state, self.issue(number), login=self.login, now=now, to="closed", reason=reason
        )

    def reopen(self, number: int, *, now: float) -> Issue:
        """Reopen an issue."""
        return changes.set_state(
            self._state, self.issue(number), login=self.login, now=now, to="open", reason=None
        )

    def comment(self, number: int, body: str, *, now: float) -> Comment:
        """Comment on an issue; counted like :meth:`open_issue`."""
        self._github.meter.spend_elsewhere(self.login, 1, now)
        return changes.add_comment(
            self._state, self.repo, self.issue(number), login=self.login, now=now, body=body
        )

    def lock(self, number: int, *, now: float) -> Issue:
        """Lock an issue."""
        return self._state.touch(self.issue(number).id, now, locked=True)

    def unlock(self, number: int, *, now: float) -> Issue:
        """Unlock an issue."""
        return self._state.touch(self.issue(number).id, now, locked=False)

    def set_field(self, number: int, name: str, value: Any, *, now: float) -> Issue:
        """Give an issue a value of an issue field; ``None`` takes it off."""
        field = next(each for each in ISSUE_FIELDS if each.name == name)
        held = dict(self.issue(number).fields)
        held.pop(field.id, None)
        if value is not None:
            held |= field_values([{"field_id": field.id, "value": value}])
        return self.edit(number, now=now, fields=tuple(sorted(held.items())))

    def order(self, parent: int, *children: int, now: float) -> Issue:
        """Drag the sub-issues of an issue into this order."""
        ids = tuple(self.issue(number).id for number in children)
        return self._state.touch(self.issue(parent).id, now, sub_issues=ids)

    def convert_to_discussion(self, number: int, *, now: float) -> None:
        """Convert an issue to a discussion: it stays readable, closed and locked, as an issue."""
        issue = changes.set_state(
            self._state, self.issue(number), login=self.login, now=now, to="closed", reason=None
        )
        changes.note(self._state, issue, self.login, "converted_to_discussion", now)
        self._state.touch(issue.id, now, locked=True)

    def delete(self, number: int, *, now: float) -> None:
        """Delete an issue: from now on it answers 410."""
        issue = self.issue(number)
        changes.detach(self._state, issue, login=self.login, now=now)
        self._state.touch(issue.id, now, deleted=True)

    def transfer(self, number: int, to: str, *, now: float) -> Issue:
        """Transfer an issue to another repository: from now on it answers 301."""
        issue = self.issue(number)
        target = self._state.repo_named(to)
        target = target or first_use(self._state, to, admin=SANDBOX_LOGIN, now=now)
        changes.detach(self._state, issue, login=self.login, now=now)
        new = changes.new_issue(
            self._state, target, login=issue.user, now=now, title=issue.title, body=issue.body
        )
        self._state.touch(issue.id, now, moved_to=new.id)
        return new

    # ------------------------------------------------------------------ relations

    def add_sub_issue(self, parent: int, child: int, *, now: float) -> Issue:
        """Make one issue a sub-issue of another, from whatever parent it had."""
        return changes.add_sub_issue(
            self._state, self.issue(parent), self.issue(child), login=self.login, now=now,
            replace_parent=True,
        )  # fmt: skip

    def remove_parent(self, child: int, *, now: float) -> None:
        """Take an issue out of its parent."""
        changes.remove_sub_issue(self._state, self.issue(child), login=self.login, now=now)

    def block(self, number: int, *, by: int, now: float) -> Issue:
        """Record that an issue is blocked by another."""
        return changes.add_blocker(
            self._state, self.issue(number), self.issue(by), login=self.login, now=now
        )

    def unblock(self, number: int, *, by: int, now: float) -> Issue:
        """Remove a blocked-by edge."""
        return changes.remove_blocker(
            self._state, self.issue(number), self.issue(by).id, login=self.login, now=now
        )

    # ------------------------------------------------------------------ the repository

    def configure(self, *, now: float, **fields: Any) -> Repo:
        """Change the repository: ``name``, ``private``, ``archived``, ``has_issues``, ``lag``."""
        info = self.repo.info
        return self._state.put_repo(replace(info, updated_at=now, **fields))

    def fork(self, full_name: str, *, template: bool = False, now: float) -> Person:
        """Fork the repository, or make another from it as a template: without its issues."""
        other = Person(self._github, full_name, login=self.login, now=now)
        name = "template" if template else "parent"
        other.configure(now=now, **{name: self._repo_id})
        return other

    def add_collaborator(self, login: str, role: Role = Role.WRITE, *, now: float) -> None:
        """Give an account (made if need be) a role; from triage on it can be assigned."""
        user = add_user(self._state, login, now=now)
        roles = {**self.repo.info.roles, user.login.casefold(): int(role)}
        self.configure(now=now, roles=roles)


def add_token(
    github: GitHub,
    value: str,
    *,
    login: str = SANDBOX_LOGIN,
    cap: Role = Role.ADMIN,
    installation: bool = False,
) -> Token:
    """Make a credential: for another account, with less rights, or an app's."""
    user = add_user(github.state, login, kind="Bot" if installation else "User")
    return github.state.put_token(
        Token(value=value, login=user.login, cap=int(cap), installation=installation)
    )


def revoke_token(github: GitHub, value: str) -> None:
    """Make a credential answer 401 from now on."""
    github.state.put_token(replace(github.state.tokens[value], revoked=True))
