"""One request on its way through the sandbox: who asks, for what, and with which body."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from ghsync.sandbox.messages import JsonObject, Problem, Response, SandboxRequest, json_body
from ghsync.sandbox.present import View
from ghsync.sandbox.records import Role, Token, User
from ghsync.sandbox.state import Repo, State
from ghsync.sandbox.urls import Urls
from ghsync.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who sends a request: an account, through a token."""

    user: User
    token: Token

    @property
    def login(self) -> str:
        """The account's login."""
        return self.user.login


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A request that matched a route."""

    state: State
    actor: Actor | None
    request: SandboxRequest
    params: Mapping[str, str]
    query: Mapping[str, str]
    urls: Urls
    version: str
    now: float
    lag: float = 0.0
    """Seconds that lists are behind for this request."""

    @property
    def view(self) -> View:
        """The presenter for this request."""
        return View(state=self.state, urls=self.urls, version=self.version)

    @property
    def login(self) -> str:
        """Who asks; a route that writes has made sure that somebody does."""
        if self.actor is None:
            raise Problem(401, "Requires authentication")
        return self.actor.login

    def role(self, repo: Repo) -> Role:
        """What this request may do in a repository: the account's role, capped by the token."""
        if self.actor is None:
            return Role.NONE if repo.info.private else Role.READ
        role = self.state.role(repo, self.actor.login)
        return min(role, max(Role(self.actor.token.cap), Role.READ))

    def need(self, repo: Repo, role: Role) -> None:
        """Refuse with GitHub's 403 unless the request may do as much as ``role``."""
        if self.role(repo) < role:
            raise self.forbidden()

    def forbidden(self) -> Problem:
        """The 403 for this kind of token."""
        if self.actor is not None and self.actor.token.installation:
            text = "Resource not accessible by integration"
        elif self.actor is not None and self.actor.token.cap < Role.ADMIN:
            text = "Resource not accessible by personal access token"
        else:
            text = "Must have admin rights to Repository."
        accepted = (("x-accepted-github-permissions", "issues=write"),)
        return Problem(403, text, headers=accepted)

    def body(self) -> JsonObject:
        """The request's JSON object; an empty body is an empty object."""
        return json_body(self.request.body)

    def number(self, name: str) -> int:
        """A path parameter that must be a number."""
        text = self.params[name]
        if not text.isascii() or not text.isdigit() or len(text) > 18:
            raise Problem(404, "Not Found")
        return int(text)


Handler: TypeAlias = Callable[[Call], Response]
RepoHandler: TypeAlias = Callable[[Call, Repo], Response]


@dataclass(frozen=True, slots=True)
class Route:
    """A route outside any repository."""

    method: str
    path: str
    handler: Handler
    public: bool = True
    """False: a token is required."""


@dataclass(frozen=True, slots=True)
class RepoRoute:
    """A route under ``/repos/{owner}/{repo}``."""

    method: str
    path: str
    handler: RepoHandler
    needs: Role = Role.READ
    issues: bool = False
    """True: answers 410 where the repository has its issues disabled."""


def text_field(content: JsonObject, name: str) -> str | None:
    """An optional text of a request's body; another JSON type is refused as GitHub does."""
    value = content.get(name)
    if value is None or isinstance(value, str):
        return value
    raise wrong_type(name, value, "string")


def wrong_type(name: str, value: Any, expected: str) -> Problem:
    """GitHub's 422 for a JSON value of the wrong type."""
    shown = json.dumps(value, ensure_ascii=False)
    return Problem(
        422,
        f"Invalid request.\n\nFor 'properties/{name}', {shown} is not {_article(expected)}.",
    )


def missing(name: str) -> Problem:
    """GitHub's 422 for a required field that is not there."""
    return Problem(422, f'Invalid request.\n\n"{name}" wasn\'t supplied.')


def _article(word: str) -> str:
    return ("an " if word[0] in "aeiou" else "a ") + word
