"""The one door to the network: each request goes gate, ``before``, transport, gate, decoder.

A create is sent once. If its outcome is not clear it ends as :class:`UnknownOutcome`, which the
caller reconciles; everything else is repeated by policy. Redirects are never followed by
themselves, and the token goes to the configured host alone.

Proxies and CA bundles of the environment (``HTTPS_PROXY``, ``NO_PROXY``, ``SSL_CERT_FILE``) are
honoured, except for a loopback host, whose requests never leave the machine.
"""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING, Self, TypeAlias, assert_never

from ghsync.clock import Clock
from ghsync.errors import UsageError
from ghsync.model import Notice, Repo, Requests
from ghsync.remote.answers import Answer, RequestLog, gave_up, in_short, settled
from ghsync.remote.auth import StaticToken, Token, TokenProvider
from ghsync.remote.exchange import Exchange
from ghsync.remote.gate import Gate
from ghsync.remote.origin import Origin
from ghsync.remote.retry import policy_for, retrying
from ghsync.remote.wire import (
    ApiError,
    BadAnswer,
    Decoded,
    Failed,
    Limited,
    Moved,
    NotFound,
    NotModified,
    NotSent,
    Ok,
    Request,
    Response,
    Unauthorized,
    decode,
    follow,
    get_rate_limit,
    get_repo,
    parse_date,
    parse_headers,
    parse_repo,
)
from ghsync.values import dataclass

if TYPE_CHECKING:
    import httpx

API_VERSION = "2022-11-28"
"""Known to github.com and to GHES; the newer 2026-03-10 is refused by GHES (3.19, OpenAPI)."""
LARGEST_ANSWER = 64 * 1024 * 1024
"""Bytes after decompression: 100 issues of the largest body are 26 MB."""
MOST_PAGES = 10_000
_REQUEST_ID = "x-github-request-id"
_HURRY_AFTER = 20
"""Writes to a server without limits; the faster transport takes as long to import as they save."""
_MOST_MOVES = 3


Before: TypeAlias = Callable[[], Awaitable[None] | None]
"""What happens after the gate grants and before any byte is sent; if it raises, nothing is."""
TurnedAway: TypeAlias = Callable[[], Awaitable[None] | None]
"""What happens when a limit turned the request away, before it waits to go again; if it raises,
it does not go again."""


@dataclass(slots=True, kw_only=True)
class _Trip:
    """What a request has gone through so far, over all its tries."""

    request: Request
    url: str
    before: Before | None
    turned_away: TurnedAway | None = None
    attempt: int = 0
    rejections: int = 0
    token: Token | None = None
    renewed: bool = False


class Client:
    """Sends requests to one GitHub; use it as an async context manager.

    ``token``: a token, a provider that can renew one, or ``None`` for none. ``transport``: an
    httpx transport to use instead of the network (the sandbox). ``random``: in [0, 1), for the
    jitter of retries. A callback that raises ends the request that it was told of.
    """

    def __init__(
        self,
        *,
        api_url: str,
        token: Token | TokenProvider | None,
        gate: Gate,
        clock: Clock,
        transport: httpx.AsyncBaseTransport | None = None,
        timeout: float = 30.0,
        on_request: Callable[[RequestLog], None] | None = None,
        on_notice: Callable[[Notice], None] | None = None,
        api_version: str | None = API_VERSION,
        connections: int = 200,
        max_rejections: int = 8,
        largest_answer: int = LARGEST_ANSWER,
        random: Callable[[], float] = random.random,
    ) -> None:
        self._origin = Origin.parse(api_url)
        self._provider = StaticToken(token) if isinstance(token, Token) else token
        if self._provider is not None and not self._origin.private:
            raise UsageError(
                f"a token is not sent over plain http to {self._origin.host}",
                hint="Use https:// in GITHUB_API_URL; http:// is for this machine alone.",
            )
        self._gate = gate
        self._clock = clock
        self._exchange = Exchange(
            self._origin,
            transport=transport,
            api_version=api_version,
            timeout=timeout,
            connections=connections,
            largest=largest_answer,
        )
        self._on_request = on_request
        self._on_notice = on_notice
        self._max_rejections = max_rejections
        self._random = random
        self.spent = Requests()
        """What was really sent, limits' rejections included."""
        self._ahead = 0.0

    @property
    def gate(self) -> Gate:
        """What every request passes; pausing it pauses this client."""
        return self._gate

    async def __aenter__(self) -> Self:
        self._exchange.open()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self._exchange.aclose()

    # ------------------------------------------------------------------------ sending

    async def send(
        self,
        request: Request,
        *,
        before: Before | None = None,
        turned_away: TurnedAway | None = None,
    ) -> Answer:
        """Send a request and return its answer; waits for limits and repeats what may repeat.

        ``before`` runs before each sending, ``turned_away`` after each rejection by a limit that
        is waited for: then the request was not executed. Raises :class:`ApiError`; for a create
        whose outcome is not clear, :class:`UnknownOutcome`.
        """
        url = self._origin.url(request)
        trip = _Trip(request=request, url=url, before=before, turned_away=turned_away)
        try:
            return await self._through_limits(trip)
        except ApiError as error:
            if not policy_for(request).allows(error):
                raise
            return await self._again(trip, error)

    async def _again(self, trip: _Trip, error: ApiError) -> Answer:
        """Repeat by policy what failed once; ``error`` counts as the first try."""
        failures = [error]

        async def one_try() -> Answer:
            if failures:
                raise failures.pop()
            return await self._through_limits(trip)

        loop = retrying(
            policy_for(trip.request),
            sleep=self._sleep,
            random=self._random,
            on_retry=self._on_retry,
        )
        answer: Answer = await loop(one_try)
        return answer

    async def pages(self, request: Request) -> AsyncIterator[Answer]:
        """Send a request and follow ``Link: next`` to the end, on the configured host alone."""
        seen: set[str] = set()
        answer = await self.send(request)
        yield answer
        while answer.next is not None:
            if answer.next in seen or len(seen) >= MOST_PAGES:
                raise BadAnswer(
                    f"could not {request.label}: its pages have no end",
                    hint="A proxy or a cache may answer in GitHub's place.",
                    request=request.label,
                )
            seen.add(answer.next)
            answer = await self.send(follow(answer.next, like=request))
            yield answer

    async def find_repo(self, repo: str) -> Repo:
        """Read the repository, by its new name if it was renamed. Raises :class:`ApiError`."""
        request = get_repo(repo)
        for _ in range(_MOST_MOVES):
            try:
                answer = await self.send(request)
            except Moved as moved:
                if moved.location is None:
                    raise
                request = follow(self._origin.join(moved.location), like=get_repo(repo))
            else:
                return parse_repo(answer.data, request=request.label)
        raise BadAnswer(
            f"could not read the repository {repo}: it moved {_MOST_MOVES} times",
            hint="Name the repository by its present name with --repo.",
            request=request.label,
        )

    async def probe_limits(self) -> bool:
        """Ask a server whether it has limits, and tell the limiter if not; not for github.com.

        GHES without limits answers ``GET /rate_limit`` with 404 and sends no ``x-ratelimit-*``.
        """
        try:
            await self.send(get_rate_limit())
        except NotFound as error:
            if not any(name.startswith("x-ratelimit-") for name in error.headers):
                self._gate.limiter.unlimited()
                return False
        return True

    def expect(self, writes: int) -> None:
        """Be told of so many writes to come; also found out when they are there."""
        if writes >= _HURRY_AFTER and not self._gate.limiter.limited:
            self._exchange.hurry()

    def server_time(self) -> float:
        """The server's clock by its newest ``Date``, never behind it by more than a second.

        The machine's own where no answer had one.
        """
        return self._clock.now() + self._ahead

    # --------------------------------------------------------------------- one request

    async def _through_limits(self, trip: _Trip) -> Answer:
        """Send until no limit turns it away; the gate says when it may go again."""
        while True:
            response, decoded = await self._attempt(trip)
            match decoded:
                case Ok():
                    return Answer(
                        status=decoded.status,
                        data=decoded.data,
                        headers=response.headers,
                        next=decoded.next,
                        issue=decoded.issue,
                    )
                case NotModified():
                    return Answer(status=304, data=None, headers=response.headers)
                case Limited():
                    trip.rejections += 1
                    if trip.rejections >= self._max_rejections:
                        raise gave_up(trip.request, decoded, response, times=trip.rejections)
                    if trip.turned_away is not None and (noted := trip.turned_away()) is not None:
                        await noted
                case Failed(error=error):
                    if not (isinstance(error, Unauthorized) and await self._renewed(trip)):
                        raise settled(error, trip.request)
                case _:
                    assert_never(decoded)

    async def _attempt(self, trip: _Trip) -> tuple[Response, Decoded]:
        """Send once, tell the gate how it ended, count it, and write the audit line."""
        trip.token = None if self._provider is None else await self._provider.token()
        asked = self._clock.now()
        ticket = await self._gate.enter(trip.request.cost, urgent=trip.request.urgent)
        try:
            if trip.before is not None and (ready := trip.before()) is not None:
                await ready
        except BaseException:
            self._gate.abandoned(ticket)
            raise
        at = self._clock.now()
        line = partial(self._log, trip, at=at, waited=at - asked)
        trip.attempt += 1
        try:
            response = await self._exchange.carry(trip.request, trip.url, trip.token)
        except NotSent as error:
            self._gate.abandoned(ticket)
            line(error=error.message)
            raise
        except BaseException as error:
            self._gate.abandoned(ticket)
            self._count(trip.request)
            line(error=error.message if isinstance(error, ApiError) else type(error).__name__)
            if isinstance(error, ApiError):
                raise settled(error, trip.request) from error.__cause__
            raise
        if (date := parse_date(response.headers.get("date"))) is not None:
            self._ahead = date - at  # the answer is dated after ``at``
        decoded = decode(response, trip.request, now=self._clock.now())
        if isinstance(decoded, Limited):
            self._gate.rejected(ticket, decoded.headers, primary=decoded.primary)
        else:
            limits = parse_headers(response.headers, now=self._clock.now())
            self._gate.answered(ticket, limits, failed=response.status >= 500)
        self._count(trip.request)
        line(response=response, error=in_short(decoded))
        return response, decoded

    # ------------------------------------------------------------------------- details

    async def _renewed(self, trip: _Trip) -> bool:
        """After a 401: True, once, if the provider has another token."""
        if self._provider is None or trip.renewed:
            return False
        trip.renewed = True
        return await self._provider.token(stale=trip.token) is not trip.token

    async def _sleep(self, seconds: float) -> None:
        await self._clock.sleep_until(self._clock.now() + seconds)

    def _on_retry(self, seconds: float, error: BaseException | None) -> None:
        if self._on_notice is not None:
            said = error.message if isinstance(error, ApiError) else "it failed"
            self._on_notice(Notice(message=f"{said}; trying again in {seconds:.0f} s"))

    def _count(self, request: Request) -> None:
        write = request.method != "GET"
        if write and self.spent.writes == _HURRY_AFTER:
            self.expect(_HURRY_AFTER)
        self.spent += Requests(
            reads=int(not write), writes=int(write), content=int(request.cost.content)
        )

    def _log(
        self,
        trip: _Trip,
        *,
        at: float,
        waited: float,
        response: Response | None = None,
        error: str | None = None,
    ) -> None:
        if self._on_request is None:
            return
        self._on_request(
            RequestLog(
                at=at,
                label=trip.request.label,
                method=trip.request.method,
                path=self._origin.path(trip.url),
                status=None if response is None else response.status,
                request_id=None if response is None else response.headers.get(_REQUEST_ID),
                attempt=trip.attempt,
                waited=waited,
                seconds=self._clock.now() - at,
                error=error,
            )
        )
