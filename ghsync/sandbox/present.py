"""Records as GitHub's JSON (docs: the response schemas of each REST page).

Nothing here decides anything: a record, the URLs of the request and the API version go in,
a JSON object comes out.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ghsync.sandbox.messages import JsonObject, iso, maybe_iso
from ghsync.sandbox.records import (
    ISSUE_FIELDS,
    ISSUE_TYPES,
    Comment,
    Issue,
    IssueEvent,
    IssueField,
    IssueType,
    Label,
    Milestone,
    Role,
    User,
)
from ghsync.sandbox.state import Repo, State
from ghsync.sandbox.urls import Urls, node_id, segment
from ghsync.values import dataclass

NEWEST_VERSION = "2026-03-10"
OLDEST_VERSION = "2022-11-28"

_REACTIONS = ("+1", "-1", "laugh", "hooray", "confused", "heart", "rocket", "eyes")


@dataclass(frozen=True, slots=True)
class View:
    """What a presentation depends on besides the record."""

    state: State
    urls: Urls
    version: str = OLDEST_VERSION

    # ---------------------------------------------------------------- accounts

    def user(self, login: str) -> JsonObject:
        """An account in its short form; an unknown login becomes GitHub's ``ghost``."""
        user = self.state.user(login) or User(id=10137, login="ghost")
        api = self.urls.user(user.login)
        return {
            "login": user.login,
            "id": user.id,
            "node_id": node_id("U", user.id),
            "avatar_url": f"{self.urls.web}/avatars/u/{user.id}",
            "gravatar_id": "",
            "url": api,
            "html_url": f"{self.urls.web}/{user.login}",
            "followers_url": f"{api}/followers",
            "following_url": f"{api}/following{{/other_user}}",
            "gists_url": f"{api}/gists{{/gist_id}}",
            "starred_url": f"{api}/starred{{/owner}}{{/repo}}",
            "subscriptions_url": f"{api}/subscriptions",
            "organizations_url": f"{api}/orgs",
            "repos_url": f"{api}/repos",
            "events_url": f"{api}/events{{/privacy}}",
            "received_events_url": f"{api}/received_events",
            "type": user.kind,
            "user_view_type": "public",
            "site_admin": False,
        }

    def full_user(self, user: User) -> JsonObject:
        """An account in its long form."""
        owned = sum(r.info.owner.casefold() == user.login.casefold() for r in self._repos())
        empty = dict.fromkeys(("company", "location", "email", "hireable", "bio"))
        return self.user(user.login) | {
            "name": user.name,
            "blog": "",
            **empty,
            "public_repos": owned,
            "public_gists": 0,
            "followers": 0,
            "following": 0,
            "created_at": iso(user.created_at),
            "updated_at": iso(user.created_at),
        }

    def private_user(self, user: User) -> JsonObject:
        """The token's own account."""
        return self.full_user(user) | {
            "private_gists": 0,
            "total_private_repos": 0,
            "owned_private_repos": 0,
            "disk_usage": 0,
            "collaborators": 0,
            "two_factor_authentication": True,
            "plan": {"collaborators": 0, "name": "free", "space": 976562499, "private_repos": 0},
        }

    def collaborator(self, login: str, role: Role) -> JsonObject:
        """An account with what it may do."""
        return self.user(login) | {
            "permissions": permissions(role),
            "role_name": role_name(role),
        }

    def _repos(self) -> Iterable[Repo]:
        return self.state.repos.values()

    # ---------------------------------------------------------------- labels, milestones, types

    def label(self, repo: Repo, label: Label) -> JsonObject:
        """A label."""
        return {
            "id": label.id,
            "node_id": node_id("LA", label.id),
            "url": f"{self.urls.repo(repo.info.full_name)}/labels/{segment(label.name)}",
            "name": label.name,
            "color": label.color,
            "default": label.default,
            "description": label.description,
            "archived_at": None,
            "archived_by": None,
        }

    def milestone(self, repo: Repo, milestone: Milestone) -> JsonObject:
        """A milestone with its counts."""
        url = f"{self.urls.repo(repo.info.full_name)}/milestones/{milestone.number}"
        return {
            "url": url,
            "html_url": f"{self.urls.repo_web(repo.info.full_name)}/milestone/{milestone.number}",
            "labels_url": f"{url}/labels",
            "id": milestone.id,
            "node_id": node_id("MI", milestone.id),
            "number": milestone.number,
            "title": milestone.title,
            "description": milestone.description,
            "creator": self.user(milestone.creator),
            "open_issues": repo.tally[milestone.number, "open"],
            "closed_issues": repo.tally[milestone.number, "closed"],
            "state": milestone.state,
            "created_at": iso(milestone.created_at),
            "updated_at": iso(milestone.updated_at),
            "due_on": maybe_iso(milestone.due_on),
            "closed_at": maybe_iso(milestone.closed_at),
        }

    def issue_type(self, kind: IssueType) -> JsonObject:
        """An issue type."""
        return {
            "id": kind.id,
            "node_id": node_id("IT", kind.id),
            "name": kind.name,
            "description": kind.description,
            "color": kind.color,
            "created_at": iso(0),
            "updated_at": iso(0),
            "is_enabled": True,
        }

    def issue_field(self, field: IssueField) -> JsonObject:
        """The definition of an issue field."""
        content: JsonObject = {
            "id": field.id,
            "node_id": node_id("IF", field.id),
            "name": field.name,
            "description": None,
            "data_type": field.kind,
            "visibility": "all",
            "created_at": iso(0),
            "updated_at": iso(0),
        }
        if field.options:
            content["options"] = [
                {
                    "id": option.id,
                    "name": option.name,
                    "description": None,
                    "color": option.color,
                    "priority": place,
                    "created_at": iso(0),
                    "updated_at": iso(0),
                }
                for place, option in enumerate(field.options, 1)
            ]
        return content

    def field_values(self, issue: Issue) -> list[JsonObject]:
        """The values of an issue's fields, in the order of the fields."""
        held = dict(issue.fields)
        return [self._field_value(f, held[f.id]) for f in ISSUE_FIELDS if f.id in held]

    def _field_value(self, field: IssueField, value: Any) -> JsonObject:
        options = {o.name: {"id": o.id, "name": o.name, "color": o.color} for o in field.options}
        content: JsonObject = {
            "issue_field_id": field.id,
            "issue_field_name": field.name,
            "node_id": node_id("IFV", field.id),
            "data_type": field.kind,
            "value": value,
        }
        if field.kind == "single_select":
            content["single_select_option"] = options[value]
        if field.kind == "multi_select":
            content["value"] = ", ".join(value)
            content["multi_select_options"] = [options[each] for each in value]
        return content

    # ---------------------------------------------------------------- issues

    def issue(self, repo: Repo, issue: Issue) -> JsonObject:
        """An issue as a direct read gives it."""
        return self.listed_issue(repo, issue) | {
            "closed_by": None if issue.closed_by is None else self.user(issue.closed_by)
        }

    def listed_issue(self, repo: Repo, issue: Issue) -> JsonObject:
        """An issue as a list gives it."""
        name = repo.info.full_name
        url = self.urls.issue(name, issue.number)
        assignees = [self.user(login) for login in issue.assignees]
        milestone = None if issue.milestone is None else repo.milestones.get(issue.milestone)
        content: JsonObject = {
            "url": url,
            "repository_url": self.urls.repo(name),
            "labels_url": f"{url}/labels{{/name}}",
            "comments_url": f"{url}/comments",
            "events_url": f"{url}/events",
            "html_url": self.urls.issue_web(name, issue.number, pull=issue.pull),
            "id": issue.id,
            "node_id": node_id("PR" if issue.pull else "I", repo.info.id, issue.id),
            "number": issue.number,
            "title": issue.title,
            "user": self.user(issue.user),
            "labels": [
                self.label(repo, repo.labels[each]) for each in issue.labels if each in repo.labels
            ],
            "state": issue.state,
            "locked": issue.locked,
            "assignees": assignees,
            "milestone": None if milestone is None else self.milestone(repo, milestone),
            "comments": issue.comments,
            "created_at": iso(issue.created_at),
            "updated_at": iso(issue.updated_at),
            "closed_at": maybe_iso(issue.closed_at),
            "author_association": self._association(repo, issue.user),
            "active_lock_reason": issue.lock_reason,
            "body": issue.body,
            "reactions": _reactions(url),
            "timeline_url": f"{url}/timeline",
            "performed_via_github_app": None,
            "state_reason": issue.state_reason,
        }
        if self.version < NEWEST_VERSION:
            content["assignee"] = assignees[0] if assignees else None
        if issue.pull:
            return content | self._pull(name, issue)
        return content | self._relations(issue)

    def _pull(self, name: str, issue: Issue) -> JsonObject:
        api = f"{self.urls.repo(name)}/pulls/{issue.number}"
        web = self.urls.issue_web(name, issue.number, pull=True)
        return {
            "draft": False,
            "pull_request": {
                "url": api,
                "html_url": web,
                "diff_url": f"{web}.diff",
                "patch_url": f"{web}.patch",
                "merged_at": None,
            },
        }

    def _relations(self, issue: Issue) -> JsonObject:
        children = [self.state.issue_by_id(each) for each in issue.sub_issues]
        total = len(children)
        completed = sum(child is not None and child.state == "closed" for child in children)
        parent = None if issue.parent is None else self.state.issue_by_id(issue.parent)
        kind = next((t for t in ISSUE_TYPES if t.name == issue.type), None)
        return {
            "type": None if kind is None else self.issue_type(kind),
            "parent_issue_url": None if parent is None else self.issue_url(parent),
            "sub_issues_summary": {
                "total": total,
                "completed": completed,
                "percent_completed": completed * 100 // total if total else 0,
            },
            "issue_dependencies_summary": {
                "blocked_by": self._open(issue.blocked_by),
                "total_blocked_by": len(issue.blocked_by),
                "blocking": self._open(issue.blocking),
                "total_blocking": len(issue.blocking),
            },
            "issue_field_values": self.field_values(issue),
        }

    def _open(self, ids: Iterable[int]) -> int:
        found = (self.state.issue_by_id(each) for each in ids)
        return sum(issue is not None and issue.state == "open" for issue in found)

    def issue_url(self, issue: Issue) -> str:
        """An issue's URL, wherever it lives."""
        return self.urls.issue(self.state.repos[issue.repo].info.full_name, issue.number)

    def _association(self, repo: Repo, login: str) -> str:
        if login.casefold() == repo.info.owner.casefold():
            return "OWNER"
        if repo.info.roles.get(login.casefold(), 0) > Role.READ:
            return "COLLABORATOR"
        return "NONE"

    # ---------------------------------------------------------------- comments, events

    def comment(self, repo: Repo, comment: Comment) -> JsonObject:
        """A comment."""
        name = repo.info.full_name
        url = f"{self.urls.repo(name)}/issues/comments/{comment.id}"
        page = self.urls.issue_web(name, comment.issue)
        return {
            "id": comment.id,
            "node_id": node_id("IC", comment.id),
            "url": url,
            "html_url": f"{page}#issuecomment-{comment.id}",
            "issue_url": self.urls.issue(name, comment.issue),
            "body": comment.body,
            "user": self.user(comment.user),
            "created_at": iso(comment.created_at),
            "updated_at": iso(comment.updated_at),
            "author_association": self._association(repo, comment.user),
            "reactions": _reactions(url),
            "performed_via_github_app": None,
        }

    def event(self, repo: Repo, event: IssueEvent) -> JsonObject:
        """A line of an issue's history."""
        data = dict(event.data)
        if "assignee" in data:
            data["assignee"] = self.user(data["assignee"])
            data["assigner"] = self.user(event.actor)
        return {
            "id": event.id,
            "node_id": node_id("EV", event.id),
            "url": f"{self.urls.repo(repo.info.full_name)}/issues/events/{event.id}",
            "actor": self.user(event.actor),
            "event": event.event,
            "commit_id": None,
            "commit_url": None,
            "created_at": iso(event.created_at),
            "performed_via_github_app": None,
        } | data


def permissions(role: Role | None) -> dict[str, bool]:
    """A role as the ``permissions`` object of a repository; no role is all false."""
    return {
        "admin": role is not None and role >= Role.ADMIN,
        "maintain": role is not None and role >= Role.MAINTAIN,
        "push": role is not None and role >= Role.WRITE,
        "triage": role is not None and role >= Role.TRIAGE,
        "pull": role is not None and role >= Role.READ,
    }


def role_name(role: Role) -> str:
    """A role's word."""
    return role.name.lower()


def _reactions(url: str) -> JsonObject:
    return {"url": f"{url}/reactions", "total_count": 0} | dict.fromkeys(_REACTIONS, 0)
