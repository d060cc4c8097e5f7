"""Clients that nobody here wrote drive the sandbox over loopback: PyGithub and githubkit."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import github as pygithub
import pytest
from githubkit import GitHub as Githubkit
from githubkit.exception import RequestFailed
from githubkit.utils import UNSET
from sandbox_kit import JudgedGitHub

from ghsync.sandbox.github import GitHub
from ghsync.sandbox.limits import GITHUB, NONE
from ghsync.sandbox.people import Person
from ghsync.sandbox.seeds import SANDBOX_TOKEN
from ghsync.sandbox.serve import running


@pytest.fixture(scope="module")
def github() -> Iterator[GitHub]:
    """One GitHub for the module; in the end, every exchange must have conformed."""
    judged = JudgedGitHub(limits=NONE)
    yield judged
    assert judged.checked > 100
    assert judged.complaints == []


@pytest.fixture(scope="module")
def url(github: GitHub) -> Iterator[str]:
    """Where it listens."""
    with running(github) as address:
        yield address.url


@pytest.fixture
def py(url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[pygithub.Github]:
    """PyGithub, pointed at the sandbox, without its pauses."""
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    found = pygithub.Github(
        base_url=url, auth=pygithub.Auth.Token(SANDBOX_TOKEN), retry=None, per_page=100,
        seconds_between_requests=None, seconds_between_writes=None,
    )  # fmt: skip
    yield found
    found.close()


@pytest.fixture
def kit(url: str, monkeypatch: pytest.MonkeyPatch) -> Githubkit[Any]:
    """Githubkit on API version 2026-03-10, whose models parse every answer."""
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    return Githubkit(SANDBOX_TOKEN, base_url=f"{url}/", auto_retry=False, trust_env=False)


# ------------------------------------------------------------------------- PyGithub


def test_pygithub_works_on_issues(py: pygithub.Github) -> None:
    """Create, read, edit, label, assign, comment, lock, close: as on GitHub."""
    repo = py.get_repo("acme/pygithub")
    assert (repo.has_issues, repo.permissions.push, repo.owner.login) == (True, True, "acme")
    label = repo.create_label("epic", "ff0000", "An epic")
    milestone = repo.create_milestone("v1", description="first")
    me = py.get_user().login
    issue = repo.create_issue(
        "A title", body="text", labels=[label], milestone=milestone, assignees=[me]
    )
    assert (issue.number, issue.milestone.title, issue.labels[0].name) == (1, "v1", "epic")
    assert [user.login for user in issue.assignees] == [me]
    comment = issue.create_comment("hello")
    comment.edit("hello again")
    assert [c.body for c in issue.get_comments()] == ["hello again"]
    issue.add_to_labels("bug")
    issue.lock("resolved")
    issue.unlock()
    issue.edit(title="Another", state="closed", state_reason="not_planned")
    again = repo.get_issue(1)
    assert (again.title, again.state, again.state_reason) == ("Another", "closed", "not_planned")
    assert {each.name for each in again.labels} == {"epic", "bug"}
    assert [event.event for event in again.get_events()][-1] == "closed"
    assert milestone.update().__class__ is bool
    label.edit("Epic", "00ff00")
    assert repo.get_label("epic").color == "00ff00"


def test_pygithub_relates_issues(py: pygithub.Github) -> None:
    """Sub-issues by database id, which it passes on as it should."""
    repo = py.get_repo("acme/pygithub-relations")
    parent, child = repo.create_issue("parent"), repo.create_issue("child")
    assert child.id > 2**32
    parent.add_sub_issue(child)
    assert [issue.number for issue in parent.get_sub_issues()] == [child.number]
    parent.remove_sub_issue(child)
    assert list(parent.get_sub_issues()) == []


def test_pygithub_follows_pages(py: pygithub.Github, github: GitHub) -> None:
    """More than a hundred issues, over several pages, each once; pull requests told apart."""
    repo = py.get_repo("acme/pygithub-pages")
    person = Person(github, "acme/pygithub-pages", now=1_795_000_000.0)
    for n in range(230):
        person.open_issue(f"issue {n}", now=1_795_000_000.0 + n)
    person.open_pull_request("pull", now=1_795_000_500.0)
    found = list(repo.get_issues(state="all"))
    assert [issue.number for issue in found] == list(range(231, 0, -1))
    assert [issue.number for issue in found if issue.pull_request] == [231]


def test_pygithub_understands_errors(py: pygithub.Github, url: str, github: GitHub) -> None:
    """Its exception classes come out right: 404, 422, 401, a rate limit."""
    repo = py.get_repo("acme/pygithub-errors")
    with pytest.raises(pygithub.UnknownObjectException):
        repo.get_issue(99)
    with pytest.raises(pygithub.GithubException) as caught:
        repo.create_issue("x" * 300)
    assert caught.value.status == 422
    assert "too long" in str(caught.value.data)
    wrong = pygithub.Github(base_url=url, auth=pygithub.Auth.Token("wrong"), retry=None)
    with pytest.raises(pygithub.BadCredentialsException):
        wrong.get_repo("acme/pygithub-errors").full_name  # noqa: B018 - a lazy request
    wrong.close()
    github.limits = GITHUB
    try:
        core = py.get_rate_limit().resources.core
        assert core.limit == 5000
        for _ in range(80):
            repo.create_issue("x")
        with pytest.raises(pygithub.RateLimitExceededException):
            repo.create_issue("x")
    finally:
        github.limits = NONE


# ------------------------------------------------------------------------- githubkit


def test_githubkit_works_on_issues(kit: Githubkit[Any]) -> None:
    """The same through models generated from GitHub's newest OpenAPI."""
    rest = kit.rest("2026-03-10")
    at = {"owner": "acme", "repo": "githubkit"}
    assert rest.repos.get(**at).parsed_data.full_name == "acme/githubkit"
    assert rest.users.get_authenticated().parsed_data.login == "sandbox-user"
    rest.issues.create_label(**at, name="epic", color="ff0000")
    rest.issues.create_milestone(**at, title="v1")
    parent = rest.issues.create(**at, title="parent", labels=["epic"], milestone=1).parsed_data
    child = rest.issues.create(**at, title="child", parent_issue_id=parent.id).parsed_data
    assert child.parent_issue_url == parent.url
    rest.issues.create_comment(**at, issue_number=1, body="c")
    rest.issues.update(
        **at, issue_number=2, state="closed", state_reason="completed", assignees=["sandbox-user"]
    )
    found = rest.issues.get(**at, issue_number=2).parsed_data
    assert (found.state, found.state_reason) == ("closed", "completed")
    summary = rest.issues.get(**at, issue_number=1).parsed_data.sub_issues_summary
    assert summary is not UNSET
    assert summary.completed == 1
    assert [e.name for e in rest.issues.list_labels_on_issue(**at, issue_number=1).parsed_data] == [
        "epic"
    ]
    assert len(rest.issues.list_comments(**at, issue_number=1).parsed_data) == 1
    assert len(rest.issues.list_milestones(**at).parsed_data) == 1
    assert len(rest.issues.list_events_for_timeline(**at, issue_number=2).parsed_data) > 0
    assert rest.issues.check_user_can_be_assigned(**at, assignee="sandbox-user").status_code == 204


def test_githubkit_relates_issues(kit: Githubkit[Any]) -> None:
    """Sub-issues, parents and dependencies, there and back."""
    rest = kit.rest("2026-03-10")
    at = {"owner": "acme", "repo": "githubkit-relations"}
    one, two, three = (rest.issues.create(**at, title=t).parsed_data for t in ("a", "b", "c"))
    rest.issues.add_sub_issue(**at, issue_number=1, sub_issue_id=two.id)
    rest.issues.add_sub_issue(**at, issue_number=1, sub_issue_id=three.id)
    rest.issues.reprioritize_sub_issue(
        **at, issue_number=1, sub_issue_id=three.id, before_id=two.id
    )
    listed = rest.issues.list_sub_issues(**at, issue_number=1).parsed_data
    assert [issue.number for issue in listed] == [3, 2]
    assert rest.issues.get_parent(**at, issue_number=2).parsed_data.id == one.id
    rest.issues.remove_sub_issue(**at, issue_number=1, sub_issue_id=two.id)
    rest.issues.add_blocked_by_dependency(**at, issue_number=2, issue_id=three.id)
    blocked = rest.issues.list_dependencies_blocked_by(**at, issue_number=2).parsed_data
    assert [issue.number for issue in blocked] == [3]
    blocking = rest.issues.list_dependencies_blocking(**at, issue_number=3).parsed_data
    assert [issue.number for issue in blocking] == [2]
    rest.issues.remove_dependency_blocked_by(**at, issue_number=2, issue_id=three.id)
    assert rest.issues.list_dependencies_blocked_by(**at, issue_number=2).parsed_data == []


def test_githubkit_follows_pages(kit: Githubkit[Any], github: GitHub) -> None:
    """Its own paginator sees every issue once."""
    rest = kit.rest("2026-03-10")
    person = Person(github, "acme/githubkit-pages", now=1_795_000_000.0)
    for n in range(230):
        person.open_issue(f"issue {n}", now=1_795_000_000.0 + n)
    pages = kit.rest.paginate(
        rest.issues.list_for_repo, owner="acme", repo="githubkit-pages", state="all", per_page=100
    )
    assert [issue.number for issue in pages] == list(range(230, 0, -1))


def test_githubkit_understands_errors(kit: Githubkit[Any]) -> None:
    """A failure carries the status and GitHub's body."""
    rest = kit.rest("2026-03-10")
    with pytest.raises(RequestFailed) as caught:
        rest.issues.get(owner="acme", repo="githubkit", issue_number=999)
    assert caught.value.response.status_code == 404
    with pytest.raises(RequestFailed) as caught:
        rest.issues.create(owner="acme", repo="githubkit", title="x", assignees=["nobody"])
    assert caught.value.response.json()["errors"][0]["field"] == "assignees"
