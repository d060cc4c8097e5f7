"""What the sandbox's tests share: a GitHub, one request in a line, every exchange checked."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from contract import ContractError, check
from githubkit_schemas.v2026_03_10 import models as _models

from ghsync.sandbox.faults import FaultRule
from ghsync.sandbox.github import GitHub
from ghsync.sandbox.limits import NONE, Limits
from ghsync.sandbox.messages import Reply, Response, SandboxRequest
from ghsync.sandbox.people import Person
from ghsync.sandbox.seeds import SANDBOX_TOKEN

NOW = 1_795_000_000.0
"""2026-11-18, a moment like any other."""
R = "/repos/sandbox/demo"
models = _models


@dataclass
class Kit:
    """A sandbox, a token and a clock that stands until it is moved; checks what goes through."""

    github: GitHub = field(default_factory=lambda: GitHub(limits=NONE))
    token: str | None = SANDBOX_TOKEN
    now: float = NOW
    version: str = "2026-03-10"
    base: str = "https://api.github.com"

    def raw(
        self,
        method: str,
        target: str,
        body: Any = None,
        *,
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """Send one request, as it is."""
        sent = {"x-github-api-version": self.version, **(headers or {})}
        if self.token is not None:
            sent.setdefault("authorization", f"Bearer {self.token}")
        content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body)
        return self.github.handle(
            SandboxRequest(
                method=method, target=target, headers=sent, base=self.base,
                body=content if isinstance(content, bytes) else content.encode(),
            ),
            self.now,
        )  # fmt: skip

    def ask(
        self,
        method: str,
        target: str,
        body: Any = None,
        *,
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        """Send one request that must be answered, and check the exchange by the OpenAPI."""
        reply = self.raw(method, target, body, headers=headers)
        assert isinstance(reply, Response), reply
        if not isinstance(body, bytes):
            answer = reply.json() if method != "HEAD" else None
            if self.version in ("2022-11-28", "2026-03-10") and method != "HEAD":
                check(method, target, body, reply.status, answer, version=self.version)
        return reply

    def quick(self, method: str, target: str, body: Any = None) -> Response:
        """Send one of many requests of a kind: answered, but not checked."""
        reply = self.raw(method, target, body)
        assert isinstance(reply, Response), reply
        return reply

    def create(self, title: str = "x", **fields: Any) -> dict[str, Any]:
        """Create an issue that must succeed."""
        reply = self.ask("POST", f"{R}/issues", {"title": title, **fields})
        assert reply.status == 201, reply.body
        content: dict[str, Any] = reply.json()
        models.Issue.model_validate(content)
        return content

    def issue(self, number: int) -> dict[str, Any]:
        """Read an issue that must be there."""
        reply = self.ask("GET", f"{R}/issues/{number}")
        assert reply.status == 200, reply.body
        content: dict[str, Any] = reply.json()
        models.Issue.model_validate(content)
        return content

    def person(self, login: str = "somebody", *, repo: str = "sandbox/demo") -> Person:
        """Somebody on the web page."""
        return Person(self.github, repo, login=login, now=self.now)

    def fault(self, **fields: Any) -> int:
        """Install a fault."""
        return self.github.faults.install(FaultRule(**fields))

    def limit(self, limits: Limits) -> None:
        """Change the limits."""
        self.github.limits = limits


def messages(response: Response) -> str:
    """Everything that an error body says, in one text."""
    return json.dumps(response.json())


class JudgedGitHub(GitHub):
    """A GitHub that holds every whole exchange against the OpenAPI, whoever the client is."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.complaints: list[str] = []
        self.checked = 0

    def handle(self, request: SandboxRequest, now: float) -> Reply:
        reply = super().handle(request, now)
        if isinstance(reply, Response) and request.method != "HEAD":
            version = reply.header("x-github-api-version-selected") or ""
            body = json.loads(request.body) if request.body else None
            try:
                check(
                    request.method, request.target, body, reply.status, reply.json(),
                    version=version,
                )  # fmt: skip
            except ContractError as error:
                self.complaints.append(str(error))
            self.checked += 1
        return reply
