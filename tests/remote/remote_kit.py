"""What the tests of ``ghsync.remote`` share: answers as GitHub gives them, and a scripted wire."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from typing import TypeVar

import httpx

from ghsync.clock import VirtualClock
from ghsync.limiter import GITHUB, Limiter, Profile
from ghsync.model import Notice
from ghsync.remote.auth import Token, TokenProvider
from ghsync.remote.client import Answer, Client, RequestLog
from ghsync.remote.gate import Gate
from ghsync.remote.wire import Request, Response

API = "https://api.github.com"
REPO = "octo/site"
SECRET = "ghp_" + "s3cr3t" * 6
START = 1_790_000_000.0

LIMITS = {
    "x-ratelimit-limit": "5000",
    "x-ratelimit-remaining": "4990",
    "x-ratelimit-used": "10",
    "x-ratelimit-reset": str(int(START) + 1800),
    "x-ratelimit-resource": "core",
    "x-github-request-id": "C0DE:1:2:3:4",
    "content-type": "application/json; charset=utf-8",
}


def issue_json(number_: int = 7, /, **changes: object) -> dict[str, object]:
    """An issue as ``GET /repos/{o}/{r}/issues/{n}`` answers it, cut to what matters."""
    here = f"{API}/repos/{REPO}"
    return {
        "id": 4_980_000_000 + number_,
        "node_id": "I_kwDOABCD",
        "number": number_,
        "url": f"{here}/issues/{number_}",
        "repository_url": here,
        "html_url": f"https://github.com/{REPO}/issues/{number_}",
        "title": "Write the parser",
        "body": "Some text.\r\n\r\nMore.\r\n",
        "state": "open",
        "state_reason": None,
        "labels": [{"id": 1, "name": "task", "color": "0e8a16"}, {"id": 2, "name": "P1"}],
        "assignees": [{"login": "octocat", "id": 1}],
        "milestone": {"number": 3, "title": "v1", "state": "open"},
        "locked": False,
        "updated_at": "2026-11-21T10:00:00Z",
        "parent_issue_url": f"{here}/issues/2",
        "issue_dependencies_summary": {
            "blocked_by": 1,
            "blocking": 0,
            "total_blocked_by": 2,
            "total_blocking": 0,
        },
        **changes,
    }


def answer(status: int, data: object = None, **headers: str) -> Response:
    """An answer for the decoder; ``data`` becomes JSON, bytes stay as they are."""
    body = data if isinstance(data, bytes) else b"" if data is None else json.dumps(data).encode()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Response(status=status, headers={**LIMITS, **named}, body=body)


def reply(status: int, data: object = None, **headers: str) -> httpx.Response:
    """The same answer for a transport."""
    made = answer(status, data, **headers)
    return httpx.Response(made.status, headers=dict(made.headers), content=made.body)


T = TypeVar("T")
Step = httpx.Response | Exception | Callable[[httpx.Request], httpx.Response]


@dataclass
class Wire:
    """A transport that plays a script, one step a request, and keeps what was sent."""

    script: Iterable[Step]
    clock: VirtualClock = field(default_factory=lambda: VirtualClock(START))
    sent: list[httpx.Request] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    log: list[RequestLog] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._steps = iter(self.script)

    def handle(self, request: httpx.Request) -> httpx.Response:
        """Answer with the script's next step."""
        self.sent.append(request)
        self.times.append(self.clock.now() - START)
        step = next(self._steps, None)
        assert step is not None, f"nobody expected {request.method} {request.url}"
        if isinstance(step, Exception):
            raise step
        return step if isinstance(step, httpx.Response) else step(request)

    def client(
        self,
        *,
        token: Token | TokenProvider | None = None,
        profile: Profile = GITHUB,
        api_url: str = API,
        **options: object,
    ) -> Client:
        """A real client whose network is this script."""
        self.limiter = Limiter(profile)
        return Client(
            api_url=api_url,
            token=token,
            gate=Gate(self.limiter, self.clock),
            clock=self.clock,
            transport=httpx.MockTransport(self.handle),
            on_request=self.log.append,
            on_notice=self.notices.append,
            random=lambda: 0.0,
            **options,  # type: ignore[arg-type]
        )


def run(client: Client, story: Callable[[Client], Awaitable[T]]) -> T:
    """Tell a story inside the client's block."""

    async def inside() -> T:
        async with client:
            return await story(client)

    return asyncio.run(inside())


def send(client: Client, request: Request) -> Answer:
    """Send one request."""
    return run(client, lambda door: door.send(request))
