"""From a method and a path to a handler, with what holds for every repository on the way."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Generic, TypeVar
from urllib.parse import unquote

from ghsync.patterns import regex
from ghsync.sandbox import (
    routes_comments,
    routes_fields,
    routes_issue_sets,
    routes_issues,
    routes_labels,
    routes_lists,
    routes_relations,
    routes_repos,
)
from ghsync.sandbox.call import Call, RepoRoute, Route
from ghsync.sandbox.messages import Problem, Response, not_found
from ghsync.sandbox.records import Role
from ghsync.sandbox.seeds import first_use
from ghsync.sandbox.state import Repo
from ghsync.values import dataclass

R = TypeVar("R", Route, RepoRoute)

_REPO = regex(r"/repos/(?P<owner>[^/]+)/(?P<repo>[^/]+)(?P<rest>/.*)?")
_REPO_BY_ID = regex(r"/repositories/(?P<id>[0-9]{1,18})(?P<rest>/.*)?")
_OWNER = regex(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,38})")
_NAME = regex(r"[A-Za-z0-9._-]{1,100}")


@dataclass(frozen=True, slots=True)
class _Compiled(Generic[R]):
    pattern: re.Pattern[str]
    routes: dict[str, R]


def _compile(routes: Iterable[R]) -> list[_Compiled[R]]:
    found: dict[str, _Compiled[R]] = {}
    for route in routes:
        pattern = re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", route.path)
        entry = found.setdefault(pattern, _Compiled(regex(pattern), {}))
        entry.routes[route.method] = route
    return list(found.values())


_REPO_ROUTES = _compile(
    (
        *routes_comments.ROUTES,  # before /issues/{issue_number}
        *routes_issues.ROUTES,
        *routes_fields.ROUTES,
        *routes_issue_sets.ROUTES,
        *routes_lists.ROUTES,
        *routes_labels.ROUTES,
        *routes_relations.ROUTES,
        *routes_repos.ROUTES,
    )
)
_ROOT_ROUTES = _compile(
    (
        *routes_repos.ROOT_ROUTES,
        *routes_lists.ROOT_ROUTES,
        *routes_labels.ROOT_ROUTES,
        *routes_fields.ROOT_ROUTES,
    )
)


def _match(compiled: list[_Compiled[R]], method: str, path: str) -> tuple[R, dict[str, str]]:
    for entry in compiled:
        found = entry.pattern.fullmatch(path)
        if found is not None and method in entry.routes:
            params = {name: unquote(value) for name, value in found.groupdict().items()}
            return entry.routes[method], params
    raise not_found()


def dispatch(call: Call, path: str, *, auto_create: bool) -> Response:
    """Carry a request out, or raise the :class:`Problem` that answers it."""
    method = "GET" if call.request.method == "HEAD" else call.request.method
    under = _REPO.fullmatch(path)
    found = under or _REPO_BY_ID.fullmatch(path)
    if found is None:
        route, params = _match(_ROOT_ROUTES, method, path)
        if not route.public and call.actor is None:
            raise Problem(401, "Requires authentication")
        return route.handler(replace(call, params=params))
    repo_route, params = _match(_REPO_ROUTES, method, found["rest"] or "")
    here = replace(call, params=params)
    if under is not None:
        repo = _named(here, unquote(under["owner"]), unquote(under["repo"]), under["rest"] or "",
                      auto_create=auto_create)  # fmt: skip
    else:
        repo = _numbered(here, int(found["id"]))
    _admit(here, repo, repo_route)
    return repo_route.handler(here, repo)


def _named(call: Call, owner: str, name: str, rest: str, *, auto_create: bool) -> Repo:
    full_name = f"{owner}/{name}"
    repo = call.state.repo_named(full_name)
    if repo is not None:
        return repo
    moved = call.state.redirects.get(full_name.casefold())
    if moved is not None and moved in call.state.repos:
        raise _moved(call, call.state.repos[moved], rest)
    makeable = _OWNER.fullmatch(owner) and _NAME.fullmatch(name)
    deleted = full_name.casefold() in call.state.deleted_names
    if auto_create and call.actor is not None and makeable and not deleted:
        return first_use(call.state, full_name, admin=call.actor.login, now=call.now)
    raise not_found()


def _moved(call: Call, repo: Repo, rest: str) -> Problem:
    if call.role(repo) < Role.READ:
        return not_found()
    query = call.request.target.partition("?")[2]
    url = f"{call.urls.api}/repositories/{repo.info.id}{rest}" + (f"?{query}" if query else "")
    status = 301 if call.request.method in ("GET", "HEAD") else 307
    return Problem(status, "Moved Permanently", headers=(("location", url),), extra={"url": url})


def _numbered(call: Call, repo_id: int) -> Repo:
    repo = call.state.repos.get(repo_id)
    if repo is None:
        raise not_found()
    return repo


def _admit(call: Call, repo: Repo, route: RepoRoute) -> None:
    """What GitHub checks before a handler runs: visibility, rights, archived, issues disabled."""
    if call.role(repo) < Role.READ:
        raise not_found()
    writes = route.method not in ("GET", "HEAD")
    if writes and call.actor is None:
        raise Problem(401, "Requires authentication")
    if call.actor is not None and route.needs > Role.READ:
        call.need(repo, route.needs)
    if writes and repo.info.archived and route.path != "":
        raise Problem(403, "Repository was archived so is read-only.")
    if route.issues and not repo.info.has_issues:
        text = "Issues are disabled for this repo"
        raise Problem(410, "Issues has been disabled in this repository" if writes else text)
