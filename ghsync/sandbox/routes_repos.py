"""Repositories, accounts, the API's root, ``/meta``, ``/rate_limit`` (docs: rest/repos, users)."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from ghsync.sandbox.call import Call, RepoRoute, Route, missing, text_field, wrong_type
from ghsync.sandbox.messages import (
    Problem,
    Response,
    field_error,
    invalid,
    no_content,
    not_found,
    reply_json,
)
from ghsync.sandbox.paging import paged
from ghsync.sandbox.present_repo import described, repository, root
from ghsync.sandbox.records import RepoInfo, Role, User
from ghsync.sandbox.seeds import found_repo
from ghsync.sandbox.state import Repo

_NAME = re.compile(r"[A-Za-z0-9._-]{1,100}")


def _shown_role(call: Call, repo: Repo) -> Role | None:
    if call.actor is None or call.actor.token.installation:
        return None
    return call.role(repo)


def get_repo(call: Call, repo: Repo) -> Response:
    """``GET /repos/{owner}/{repo}``."""
    return reply_json(200, described(call.view, repo, _shown_role(call, repo)))


def update_repo(call: Call, repo: Repo) -> Response:
    """``PATCH /repos/{owner}/{repo}``: name, description, private, archived, has_issues."""
    content = call.body()
    fields: dict[str, Any] = {}
    name = text_field(content, "name")
    if name is not None and name != repo.info.name:
        fields["name"] = _free_name(call, repo.info.owner, name)
    if "description" in content:
        fields["description"] = text_field(content, "description")
    for flag in ("private", "archived", "has_issues"):
        if content.get(flag) is not None:
            if not isinstance(content[flag], bool):
                raise wrong_type(flag, content[flag], "boolean")
            fields[flag] = content[flag]
    call.state.put_repo(replace(repo.info, updated_at=call.now, **fields))
    return get_repo(call, repo)


def delete_repo(call: Call, repo: Repo) -> Response:
    """``DELETE /repos/{owner}/{repo}``."""
    call.state.remove_repo(repo)
    return no_content()


def create_repo(call: Call) -> Response:
    """``POST /user/repos``."""
    return _create(call, call.login)


def create_org_repo(call: Call) -> Response:
    """``POST /orgs/{org}/repos``."""
    owner = call.state.user(call.params["org"])
    if owner is None or owner.kind != "Organization":
        raise not_found()
    return _create(call, owner.login)


def _create(call: Call, owner: str) -> Response:
    content = call.body()
    name = text_field(content, "name")
    if name is None:
        raise missing("name")
    info = RepoInfo(
        id=0, owner=owner, name=_free_name(call, owner, name),
        description=text_field(content, "description"),
        private=content.get("private") is True, has_issues=content.get("has_issues") is not False,
        created_at=call.now, updated_at=call.now,
    )  # fmt: skip
    repo = found_repo(call.state, info, admin=call.login)
    shown = repository(call.view, repo, _shown_role(call, repo))
    return reply_json(201, shown, headers=(("location", shown["url"]),))


def _free_name(call: Call, owner: str, name: str) -> str:
    if not _NAME.fullmatch(name):
        raise invalid(field_error("Repository", "name", "invalid", value=name))
    if call.state.repo_named(f"{owner}/{name}") is not None:
        message = "name already exists on this account"
        raise Problem(
            422, "Repository creation failed.",
            errors=[field_error("Repository", "name", "custom", message=message)],
        )  # fmt: skip
    return name


def own_repos(call: Call) -> Response:
    """``GET /user/repos``: those in which the token's account has a role of its own."""
    login = call.login.casefold()
    mine = [
        repo
        for repo in call.state.repos.values()
        if login in repo.info.roles or login == repo.info.owner.casefold()
    ]
    view = call.view
    return paged(
        call, "/user/repos", mine, lambda r: repository(view, r, _shown_role(call, r)), None
    )


# ------------------------------------------------------------------------- collaborators


def list_collaborators(call: Call, repo: Repo) -> Response:
    """``GET …/collaborators``."""
    users = [
        user
        for user in call.state.users.values()
        if user.login.casefold() in repo.info.roles
        or (user.kind == "User" and user.login.casefold() == repo.info.owner.casefold())
    ]
    view, state = call.view, call.state
    return paged(
        call, "/collaborators", users,
        lambda user: view.collaborator(user.login, state.role(repo, user.login)), repo,
    )  # fmt: skip


def check_collaborator(call: Call, repo: Repo) -> Response:
    """``GET …/collaborators/{username}``: 204 or 404."""
    if call.state.role(repo, call.params["username"]) < Role.TRIAGE:
        raise not_found()
    return no_content()


def collaborator_permission(call: Call, repo: Repo) -> Response:
    """``GET …/collaborators/{username}/permission``."""
    user = call.state.user(call.params["username"])
    if user is None:
        raise not_found()
    role = call.state.role(repo, user.login)
    legacy = {Role.TRIAGE: "read", Role.MAINTAIN: "write"}.get(role, role.name.lower())
    shown = {
        "permission": legacy,
        "role_name": role.name.lower(),
        "user": call.view.collaborator(user.login, role),
    }
    return reply_json(200, shown)


# ------------------------------------------------------------------------- accounts, root


def own_user(call: Call) -> Response:
    """``GET /user``; an app's token has no user."""
    if call.actor is None:
        raise Problem(401, "Requires authentication")
    if call.actor.token.installation:
        raise Problem(403, "Resource not accessible by integration")
    return reply_json(200, call.view.private_user(call.actor.user))


def _account(call: Call, name: str) -> User:
    user = call.state.user(call.params[name])
    if user is None:
        raise not_found()
    return user


def get_user(call: Call) -> Response:
    """``GET /users/{username}``."""
    return reply_json(200, call.view.full_user(_account(call, "username")))


def get_root(call: Call) -> Response:
    """``GET /``."""
    return reply_json(200, root(call.urls))


def get_meta(call: Call) -> Response:
    """``GET /meta``."""
    content: dict[str, Any] = {"verifiable_password_authentication": False}
    if call.urls.api != "https://api.github.com":
        content["installed_version"] = "3.19.0"
    return reply_json(200, content)


def get_zen(call: Call) -> Response:
    """``GET /zen``, which clients use as a ping."""
    return Response(
        status=200, headers=(("content-type", "text/plain;charset=utf-8"),),
        body=b"Keep it logically awesome.",
    )  # fmt: skip


def graphql(call: Call) -> Response:
    """``POST /graphql``: this sandbox has none, and says so."""
    raise Problem(
        501, "The ghsync sandbox has no GraphQL API; use the REST API.", docs="about:blank"
    )


ROUTES = (
    RepoRoute("GET", "", get_repo),
    RepoRoute("PATCH", "", update_repo, needs=Role.ADMIN),
    RepoRoute("DELETE", "", delete_repo, needs=Role.ADMIN),
    RepoRoute("GET", "/collaborators", list_collaborators, needs=Role.WRITE),
    RepoRoute("GET", "/collaborators/{username}", check_collaborator, needs=Role.WRITE),
    RepoRoute("GET", "/collaborators/{username}/permission", collaborator_permission),
)
ROOT_ROUTES = (
    Route("GET", "/", get_root),
    Route("GET", "/meta", get_meta),
    Route("GET", "/zen", get_zen),
    Route("GET", "/user", own_user, public=False),
    Route("GET", "/user/repos", own_repos, public=False),
    Route("POST", "/user/repos", create_repo, public=False),
    Route("POST", "/orgs/{org}/repos", create_org_repo, public=False),
    Route("GET", "/users/{username}", get_user),
    Route("POST", "/graphql", graphql, public=False),
    Route("POST", "/api/graphql", graphql, public=False),
)
