"""The embedded GitHub: one request in, one reply out, as of a given time.

``GitHub.handle`` is the whole of it: who asks, limits, faults, the route, then headers and log.
Pure but for its own state: no clock, no randomness, no I/O.
"""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime
from typing import assert_never
from urllib.parse import parse_qsl

from ghsync.sandbox.call import Actor, Call
from ghsync.sandbox.faults import FaultBook, FaultRule
from ghsync.sandbox.limits import GITHUB, Limits, Meter
from ghsync.sandbox.messages import (
    Problem,
    Refused,
    Reply,
    Reset,
    Response,
    SandboxRequest,
    Slow,
    Timeout,
    Truncated,
    reply_json,
)
from ghsync.sandbox.mishaps import (
    instead,
    is_limit,
    lag,
    lets_through,
    main_rule,
    spoiled,
    without_dropped,
)
from ghsync.sandbox.present import NEWEST_VERSION, OLDEST_VERSION
from ghsync.sandbox.router import dispatch
from ghsync.sandbox.seeds import seed
from ghsync.sandbox.state import State
from ghsync.sandbox.urls import ENTERPRISE_PREFIX, Urls
from ghsync.sandbox.weights import makes_content, points
from ghsync.values import dataclass

LOG_LENGTH = 100_000
VERSIONS = (OLDEST_VERSION, NEWEST_VERSION)


@dataclass(frozen=True, slots=True, kw_only=True)
class LogEntry:
    """One request as the server saw it, for audits."""

    id: str
    """GitHub's ``x-github-request-id``."""
    time: float
    method: str
    path: str
    status: int | None
    """``None`` when nothing was executed and nothing was answered."""
    account: str
    points: int
    content: bool
    executed: bool
    """False for what a limit or a fault refused: it counts against no secondary window."""
    limited: bool
    fault: str | None = None


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What carrying a request out gave."""

    response: Response
    executed: bool
    limited: bool = False


class GitHub:
    """A GitHub with its state, limits, faults and request log.

    ``auto_create``: a repository that a token names for the first time is made.
    ``on_change`` is called after each request, with its log entry, so that an adapter can
    store what changed before the answer leaves.
    """

    def __init__(
        self,
        *,
        state: State | None = None,
        limits: Limits = GITHUB,
        auto_create: bool = True,
        random: Callable[[], float] | None = None,
        on_change: Callable[[LogEntry], None] | None = None,
        first_request: int = 1,
    ) -> None:
        self.state = State() if state is None else state
        seed(self.state)
        self.meter = Meter(limits)
        self.faults = FaultBook() if random is None else FaultBook(random=random)
        self.auto_create = auto_create
        self.on_change = on_change
        self.log: deque[LogEntry] = deque(maxlen=LOG_LENGTH)
        self._requests = first_request - 1

    @property
    def limits(self) -> Limits:
        """The limits in force; assign to change them mid-run."""
        return self.meter.limits

    @limits.setter
    def limits(self, limits: Limits) -> None:
        self.meter.limits = limits

    def handle(self, request: SandboxRequest, now: float) -> Reply:
        """Answer one request that arrives at ``now`` (epoch seconds, UTC)."""
        self._requests += 1
        self.state.newest = max(self.state.newest, now)
        request_id = f"{self._requests:04X}:5A4D:{int(now):08X}"
        rules = self.faults.strike(request)
        request = without_dropped(request, rules)
        call, path = self._call(request, now, lag(rules))
        entry, reply = self._strike(call, path, rules, request_id)
        self.log.append(entry)
        if self.on_change is not None:
            self.on_change(entry)
        return reply

    # ------------------------------------------------------------------ one request

    def _call(self, request: SandboxRequest, now: float, behind: float) -> tuple[Call, str]:
        target, _, query = request.target.partition("?")
        enterprise = target == ENTERPRISE_PREFIX or target.startswith(f"{ENTERPRISE_PREFIX}/")
        path = (target.removeprefix(ENTERPRISE_PREFIX) if enterprise else target) or "/"
        if len(path) > 1:
            path = path.rstrip("/")
        call = Call(
            state=self.state,
            actor=self.actor(request),
            request=request,
            params={},
            query=dict(parse_qsl(query, keep_blank_values=True)),
            urls=Urls.under(request.base, enterprise=enterprise),
            version=request.headers.get("x-github-api-version", OLDEST_VERSION),
            now=now,
            lag=behind,
        )
        return call, path

    def actor(self, request: SandboxRequest) -> Actor | None:
        """Who sends a request, by its token; ``None`` without one that is known."""
        scheme, _, value = request.headers.get("authorization", "").partition(" ")
        if scheme.casefold() not in ("bearer", "token"):
            return None
        token = self.state.tokens.get(value.strip())
        if token is None or token.revoked:
            return None
        user = self.state.user(token.login)
        return None if user is None else Actor(user=user, token=token)

    def _strike(
        self, call: Call, path: str, rules: Iterable[FaultRule], request_id: str
    ) -> tuple[LogEntry, Reply]:
        """Carry the request out unless a fault comes first, then let faults spoil the answer."""
        rule = main_rule(rules)
        outcome: _Outcome | None = None
        reply: Reply
        if rule is None:
            outcome = self._carry_out(call, path)
            reply = outcome.response
        elif lets_through(rule):
            outcome = self._carry_out(call, path)
            reply = spoiled(rule, outcome.response)
        else:
            reply = instead(rule)
        reply = self._dress(call, reply, request_id)
        status = reply.status if isinstance(reply, Response) else None
        if outcome is not None and status is None:
            status = outcome.response.status
        limited = rule is not None and outcome is None and is_limit(rule)
        entry = LogEntry(
            id=request_id, time=call.now, method=call.request.method, path=call.request.target,
            status=status, account=_account(call), points=points(call.request.method),
            content=makes_content(call.request.method, path),
            executed=outcome is not None and outcome.executed,
            limited=limited or (outcome is not None and outcome.limited),
            fault=None if rule is None else str(rule.kind),
        )  # fmt: skip
        return entry, reply

    def _carry_out(self, call: Call, path: str) -> _Outcome:
        try:
            _check_headers(call)
        except Problem as problem:
            return _Outcome(problem.response(), executed=False)
        if path == "/rate_limit":
            return _Outcome(self._rate_limit(call), executed=True)
        method = call.request.method
        try:
            self.meter.admit(
                _account(call), points=points(method), content=makes_content(method, path),
                search=path.startswith("/search/"), now=call.now,
            )  # fmt: skip
        except Problem as problem:
            return _Outcome(problem.response(), executed=False, limited=True)
        try:
            response = dispatch(call, path, auto_create=self.auto_create)
        except Problem as problem:
            return _Outcome(problem.response(), executed=True)
        return _Outcome(self._conditional(call, response), executed=True)

    def _rate_limit(self, call: Call) -> Response:
        if not self.limits.enabled:
            return Problem(404, "Rate limiting is not enabled.").response()
        resources = self.meter.overview(_account(call), call.now)
        content = {"resources": resources}
        if call.version < NEWEST_VERSION:
            content["rate"] = resources["core"]
        return reply_json(200, content)

    def _conditional(self, call: Call, response: Response) -> Response:
        """Add the ETag of a read, and answer 304 to a client that has it already."""
        if call.request.method not in ("GET", "HEAD") or response.status != 200:
            return response
        token = call.request.headers.get("authorization", "")
        digest = hashlib.sha256(token.encode() + b"\0" + response.body).hexdigest()
        etag = f'W/"{digest}"'
        headers = (*response.headers, ("etag", etag))
        asked = call.request.headers.get("if-none-match", "")
        if digest in asked or asked.strip() == "*":
            if call.actor is not None:
                self.meter.refund(_account(call), call.now)
            return Response(status=304, headers=(("etag", etag),))
        return replace(response, headers=headers)

    def _dress(self, call: Call, reply: Reply, request_id: str) -> Reply:
        """Put on the headers that every answer of GitHub's has."""
        match reply:
            case Response():
                return self._dressed(call, reply, request_id)
            case Truncated():
                return replace(reply, response=self._dressed(call, reply.response, request_id))
            case Slow():
                return replace(reply, response=self._dressed(call, reply.response, request_id))
            case Reset() | Refused() | Timeout():
                return reply
            case _:
                assert_never(reply)

    def _dressed(self, call: Call, response: Response, request_id: str) -> Response:
        search = "/search/" in call.request.target
        moment = datetime.fromtimestamp(int(call.now), tz=UTC)
        body = b"" if call.request.method == "HEAD" else response.body
        headers = (
            ("date", moment.strftime("%a, %d %b %Y %H:%M:%S GMT")),
            ("server", "github.com"),
            *response.headers,
            ("x-github-media-type", "github.v3; format=json"),
            ("x-github-api-version-selected", call.version),
            ("x-github-request-id", request_id),
            *self.meter.headers(_account(call), search=search, now=call.now),
            ("vary", "Accept, Authorization, Cookie, Accept-Encoding, Accept, X-Requested-With"),
        )
        return replace(response, headers=headers, body=body)


def _account(call: Call) -> str:
    return "anonymous" if call.actor is None else call.actor.login


def _check_headers(call: Call) -> None:
    """Refuse a token or an API version that GitHub does not know."""
    if call.version not in VERSIONS:
        text = f'"{call.version}" is not a supported version. Supported: {", ".join(VERSIONS)}.'
        raise Problem(400, text)
    if call.actor is None and "authorization" in call.request.headers:
        raise Problem(401, "Bad credentials")
