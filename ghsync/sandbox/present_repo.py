"""A repository, the API's root and ``/meta`` as GitHub's JSON; mostly templates of URLs."""

from __future__ import annotations

from ghsync.sandbox.messages import JsonObject, iso
from ghsync.sandbox.present import NEWEST_VERSION, View, permissions
from ghsync.sandbox.records import Role
from ghsync.sandbox.state import Repo
from ghsync.sandbox.urls import Urls, node_id

_REPO_URLS = {
    "archive_url": "/{archive_format}{/ref}",
    "assignees_url": "/assignees{/user}",
    "blobs_url": "/git/blobs{/sha}",
    "branches_url": "/branches{/branch}",
    "collaborators_url": "/collaborators{/collaborator}",
    "comments_url": "/comments{/number}",
    "commits_url": "/commits{/sha}",
    "compare_url": "/compare/{base}...{head}",
    "contents_url": "/contents/{+path}",
    "contributors_url": "/contributors",
    "deployments_url": "/deployments",
    "downloads_url": "/downloads",
    "events_url": "/events",
    "forks_url": "/forks",
    "git_commits_url": "/git/commits{/sha}",
    "git_refs_url": "/git/refs{/sha}",
    "git_tags_url": "/git/tags{/sha}",
    "hooks_url": "/hooks",
    "issue_comment_url": "/issues/comments{/number}",
    "issue_events_url": "/issues/events{/number}",
    "issues_url": "/issues{/number}",
    "keys_url": "/keys{/key_id}",
    "labels_url": "/labels{/name}",
    "languages_url": "/languages",
    "merges_url": "/merges",
    "milestones_url": "/milestones{/number}",
    "notifications_url": "/notifications{?since,all,participating}",
    "pulls_url": "/pulls{/number}",
    "releases_url": "/releases{/id}",
    "stargazers_url": "/stargazers",
    "statuses_url": "/statuses/{sha}",
    "subscribers_url": "/subscribers",
    "subscription_url": "/subscription",
    "tags_url": "/tags",
    "teams_url": "/teams",
    "trees_url": "/git/trees{/sha}",
}

_ZEROES = (
    "forks", "forks_count", "network_count", "size", "stargazers_count", "subscribers_count",
    "watchers", "watchers_count",
)  # fmt: skip

_ROOT_URLS = {
    "current_user_url": "/user",
    "authorizations_url": "/authorizations",
    "code_search_url": "/search/code?q={query}{&page,per_page,sort,order}",
    "commit_search_url": "/search/commits?q={query}{&page,per_page,sort,order}",
    "emails_url": "/user/emails",
    "emojis_url": "/emojis",
    "events_url": "/events",
    "feeds_url": "/feeds",
    "followers_url": "/user/followers",
    "following_url": "/user/following{/target}",
    "gists_url": "/gists{/gist_id}",
    "issue_search_url": "/search/issues?q={query}{&page,per_page,sort,order}",
    "issues_url": "/issues",
    "keys_url": "/user/keys",
    "label_search_url": "/search/labels?q={query}&repository_id={repository_id}{&page,per_page}",
    "notifications_url": "/notifications",
    "organization_url": "/orgs/{org}",
    "organization_repositories_url": "/orgs/{org}/repos{?type,page,per_page,sort}",
    "organization_teams_url": "/orgs/{org}/teams",
    "public_gists_url": "/gists/public",
    "rate_limit_url": "/rate_limit",
    "repository_url": "/repos/{owner}/{repo}",
    "repository_search_url": "/search/repositories?q={query}{&page,per_page,sort,order}",
    "current_user_repositories_url": "/user/repos{?type,page,per_page,sort}",
    "starred_url": "/user/starred{/owner}{/repo}",
    "starred_gists_url": "/gists/starred",
    "user_url": "/users/{user}",
    "user_organizations_url": "/user/orgs",
    "user_repositories_url": "/users/{user}/repos{?type,page,per_page,sort}",
    "user_search_url": "/search/users?q={query}{&page,per_page,sort,order}",
}


def repository(view: View, repo: Repo, role: Role | None) -> JsonObject:
    """A repository; ``role`` ``None`` is an app's token, for which each permission is false."""
    info = repo.info
    api = view.urls.repo(info.full_name)
    web = view.urls.repo_web(info.full_name)
    host = view.urls.web.partition("://")[2]
    opened = repo.open_count()
    owner = view.state.user(info.owner)
    content: JsonObject = {
        "id": info.id,
        "node_id": node_id("R", info.id),
        "name": info.name,
        "full_name": info.full_name,
        "private": info.private,
        "visibility": "private" if info.private else "public",
        "owner": view.user(info.owner),
        "html_url": web,
        "description": info.description,
        "fork": info.parent is not None,
        "url": api,
        "git_url": f"git://{host}/{info.full_name}.git",
        "ssh_url": f"git@{host}:{info.full_name}.git",
        "clone_url": f"{web}.git",
        "svn_url": web,
        "mirror_url": None,
        "homepage": None,
        "language": None,
        "license": None,
        "default_branch": "main",
        "open_issues": opened,
        "open_issues_count": opened,
        "archived": info.archived,
        "disabled": False,
        "has_issues": info.has_issues,
        "has_projects": True,
        "has_wiki": False,
        "has_pages": False,
        "has_discussions": False,
        "has_pull_requests": True,
        "is_template": False,
        "allow_forking": True,
        "web_commit_signoff_required": False,
        "topics": [],
        "created_at": iso(info.created_at),
        "updated_at": iso(info.updated_at),
        "pushed_at": iso(info.created_at),
        **dict.fromkeys(_ZEROES, 0),
        **{key: api + path for key, path in _REPO_URLS.items()},
    }
    if owner is not None and owner.kind == "Organization":
        content["organization"] = view.user(info.owner)
    if view.version < NEWEST_VERSION:
        content["has_downloads"] = True
    content["permissions"] = permissions(role)
    return content


def described(view: View, repo: Repo, role: Role | None) -> JsonObject:
    """A repository that is asked for alone: with what it is a fork of, or was made from."""
    content = repository(view, repo, role)
    above = view.state.repos.get(repo.info.parent) if repo.info.parent is not None else None
    if above is not None:
        root = above
        while root.info.parent in view.state.repos:
            root = view.state.repos[root.info.parent]
        content["parent"] = repository(view, above, None)
        content["source"] = repository(view, root, None)
    made_from = repo.info.template
    if made_from is not None and made_from in view.state.repos:
        content["template_repository"] = repository(view, view.state.repos[made_from], None)
    return content


def root(urls: Urls) -> JsonObject:
    """The API's root document."""
    content: JsonObject = {key: urls.api + path for key, path in _ROOT_URLS.items()}
    content["current_user_authorizations_html_url"] = (
        f"{urls.web}/settings/connections/applications{{/client_id}}"
    )
    return content
