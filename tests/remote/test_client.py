"""The one door: what is sent, what is sent again, and what never is."""

from __future__ import annotations

import asyncio

import httpx
import pytest
from remote_kit import API, LIMITS, REPO, SECRET, START, Wire, issue_json, reply, run, send

from ghsync.errors import InternalError, StoppedError
from ghsync.limiter import GHES, GITHUB
from ghsync.model import IssueNumber, Requests
from ghsync.remote import wire
from ghsync.remote.auth import Token
from ghsync.remote.client import Answer, Client
from ghsync.remote.retry import CREATE, REPEATABLE, Policy

GET = wire.get_issue(REPO, IssueNumber(7))
MAKE = wire.create_issue(REPO, title="T", body="B")
EDIT = wire.update_issue(REPO, IssueNumber(7), {"title": "T"})
SLOW = {"message": "You have exceeded a secondary rate limit."}


# -------------------------------------------------------------------------- a request


def test_a_request_carries_what_github_wants() -> None:
    """Version, accept, agent and token; the JSON says its type."""
    script = Wire([reply(201, issue_json())])
    answer = send(script.client(token=Token(SECRET)), MAKE)
    sent = script.sent[0]
    assert (sent.method, str(sent.url)) == ("POST", f"{API}/repos/{REPO}/issues")
    assert sent.headers["authorization"] == f"Bearer {SECRET}"
    assert sent.headers["accept"] == "application/vnd.github+json"
    assert sent.headers["x-github-api-version"] == "2022-11-28"
    assert sent.headers["user-agent"].startswith("ghsync/")
    assert sent.headers["content-type"].startswith("application/json")
    assert answer.status == 201
    assert answer.request_id == LIMITS["x-github-request-id"]


def test_without_token_or_version_the_headers_are_not_sent() -> None:
    """An anonymous read; an old server that refuses the version header."""
    script = Wire([reply(200, issue_json())])
    send(script.client(api_version=None), GET)
    assert not {"authorization", "x-github-api-version"} & set(script.sent[0].headers)


def test_an_etag_saves_the_answer() -> None:
    """A 304 is an answer without data."""
    script = Wire([reply(200, issue_json(), etag='"e1"'), reply(304)])

    async def story(door: Client) -> tuple[Answer, Answer]:
        first = await door.send(GET)
        return first, await door.send(wire.conditional(GET, first.etag))

    _, second = run(script.client(), story)
    assert script.sent[1].headers["if-none-match"] == '"e1"'
    assert (second.status, second.data) == (304, None)


def test_the_audit_line_has_everything_but_secrets() -> None:
    """When, what, where, how it ended, which try, how long it waited."""
    script = Wire([reply(502), reply(200, issue_json())])
    send(script.client(token=Token(SECRET)), GET)
    first, second = script.log
    assert (first.status, first.attempt, second.status, second.attempt) == (502, 1, 200, 2)
    assert (second.method, second.path) == ("GET", f"/repos/{REPO}/issues/7")
    assert second.at == START + 1.0
    assert second.request_id == LIMITS["x-github-request-id"]
    assert first.error is not None
    assert second.error is None
    assert SECRET not in repr(script.log)


def test_a_client_is_used_inside_its_block() -> None:
    """Anything else is a bug in ghsync, said as one."""
    with pytest.raises(InternalError):
        asyncio.run(Wire([]).client().send(GET))


# ----------------------------------------------------------------------------- retries

TROUBLE = [
    reply(500),
    reply(502, b"<html>"),
    reply(503),
    reply(504),
    reply(408),
    httpx.ReadTimeout("slow"),
    httpx.WriteTimeout("slow"),
    httpx.ReadError("reset"),
    httpx.WriteError("broken pipe"),
    httpx.RemoteProtocolError("Server disconnected without sending a response."),
    httpx.DecodingError("not gzip"),
    OSError("odd"),
    reply(200, b'{"id": 4980000007, "numb'),
    reply(200, b"<html>hello</html>", content_type="text/html"),
]
UNSENT = [
    httpx.ConnectError("refused"),
    httpx.ConnectTimeout("slow"),
    httpx.PoolTimeout("full"),
    httpx.ProxyError("407"),
]


@pytest.mark.parametrize("step", [*TROUBLE, *UNSENT], ids=repr)
@pytest.mark.parametrize("request_", [GET, EDIT], ids=["read", "patch"])
def test_what_may_repeat_is_sent_again_after_one_two_and_four_seconds(
    step: httpx.Response | Exception, request_: wire.Request
) -> None:
    """Reads and idempotent writes survive three failures of any passing kind."""
    script = Wire([step, step, step, reply(200, issue_json())])
    assert send(script.client(), request_).status == 200
    assert script.times == [0.0, 1.0, 3.0, 7.0]
    assert len(script.notices) == 3


@pytest.mark.parametrize("step", [*TROUBLE, *UNSENT], ids=repr)
def test_it_gives_up_after_four_tries(step: httpx.Response | Exception) -> None:
    """The last failure is raised as it is: stopped early, to be resumed."""
    script = Wire([step] * 9)
    with pytest.raises(StoppedError) as caught:
        send(script.client(), GET)
    assert len(script.sent) == 4
    assert caught.value.exit_code == 6
    assert "read #7" in caught.value.message


@pytest.mark.parametrize("step", TROUBLE, ids=repr)
@pytest.mark.parametrize("request_", [MAKE, wire.create_comment(REPO, IssueNumber(7), "hi")])
def test_a_create_that_may_have_happened_is_never_sent_again(
    step: httpx.Response | Exception, request_: wire.Request
) -> None:
    """One sending, and an outcome that says it is not known, and why."""
    script = Wire([step, reply(201, issue_json())])
    with pytest.raises(wire.UnknownOutcome) as caught:
        send(script.client(), request_)
    assert len(script.sent) == 1
    assert caught.value.reason
    assert caught.value.executed is None
    assert script.limiter.under_way == 0


@pytest.mark.parametrize(
    "response",
    [
        reply(201),
        reply(204),
        reply(202, {"status": "pending"}),
        reply(201, []),
        reply(201, {"id": 1}),
        reply(201, issue_json(state="melted")),
        reply(201, issue_json(pull_request={})),
    ],
)
def test_a_success_that_names_no_issue_is_an_unknown_outcome(response: httpx.Response) -> None:
    """Something was made, but what? The request's id is kept for GitHub's support."""
    script = Wire([response])
    with pytest.raises(wire.UnknownOutcome) as caught:
        send(script.client(), MAKE)
    assert caught.value.request_id == LIMITS["x-github-request-id"]


@pytest.mark.parametrize("step", UNSENT, ids=repr)
def test_a_create_that_never_left_is_sent_again(step: Exception) -> None:
    """No connection means that nothing was executed."""
    script = Wire([step, step, reply(201, issue_json())])
    assert send(script.client(), MAKE).status == 201
    script = Wire([step] * 9)
    client = script.client()
    with pytest.raises(wire.NotSent) as caught:
        send(client, MAKE)
    assert caught.value.executed is False
    assert client.spent == Requests()


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 422, 301, 451])
def test_a_refusal_is_final(status: int) -> None:
    """Sending the same again would answer the same."""
    for request in (GET, EDIT, MAKE):
        script = Wire([reply(status, {"message": "no"})])
        with pytest.raises(wire.ApiError) as caught:
            send(script.client(), request)
        assert caught.value.status == status
        assert caught.value.executed is False


def test_a_certificate_that_is_not_trusted_is_not_tried_again() -> None:
    """Time does not mend it; the hint does."""
    script = Wire([httpx.ConnectError("[SSL: CERTIFICATE_VERIFY_FAILED] self-signed")])
    with pytest.raises(wire.NotSent) as caught:
        send(script.client(), GET)
    assert "SSL_CERT_FILE" in caught.value.hint


def test_a_503_is_asked_again_when_it_says() -> None:
    """``retry-after`` is waited for, but not for an hour."""
    script = Wire([reply(503, retry_after="30"), reply(200, issue_json())])
    send(script.client(), GET)
    assert script.times == [0.0, 30.0]
    script = Wire([reply(503, retry_after="3600")])
    with pytest.raises(wire.ServerTrouble):
        send(script.client(), GET)


def test_waits_are_values_with_jitter_upwards() -> None:
    """A policy can be looked at and tested without waiting."""
    error = wire.ServerTrouble("502", transient=True)
    assert [REPEATABLE.wait(n, error, 0.0) for n in (1, 2, 3, 9)] == [1.0, 2.0, 4.0, 4.0]
    assert Policy(waits=(4.0,), jitter=0.5).wait(1, error, 0.5) == 5.0
    assert not CREATE.allows(error)
    assert not REPEATABLE.allows(ValueError())


# ------------------------------------------------------------------------------ limits


@pytest.mark.parametrize("request_", [GET, EDIT, MAKE])
def test_a_limit_is_waited_out_and_the_request_sent_again(request_: wire.Request) -> None:
    """Even a create: a limit's rejection means that it was not executed."""
    script = Wire(
        [
            reply(403, SLOW, retry_after="72"),
            reply(429, SLOW, retry_after="5"),
            reply(200, issue_json()),
        ]
    )
    client = script.client()
    assert send(client, request_).status == 200
    assert script.times[0] == 0.0
    assert script.times[1] >= 72.0
    assert client.spent.reads + client.spent.writes == 3


def test_a_primary_limit_is_waited_out_to_its_reset() -> None:
    """``x-ratelimit-reset`` says when."""
    spent = reply(
        403,
        {"message": "API rate limit exceeded for user ID 1."},
        x_ratelimit_remaining="0",
        x_ratelimit_reset=str(int(START) + 600),
    )
    script = Wire([spent, reply(200, issue_json())])
    send(script.client(), GET)
    assert script.times[1] >= 600.0


def test_a_limit_that_never_ends_stops_the_run() -> None:
    """Resumable, and certain that nothing was executed."""
    script = Wire([reply(429, SLOW, retry_after="1")] * 3)
    with pytest.raises(wire.RateLimited) as caught:
        send(script.client(max_rejections=3), MAKE)
    assert caught.value.exit_code == 6
    assert caught.value.executed is False
    assert len(script.sent) == 3


def test_a_limit_after_trouble_and_trouble_after_a_limit_both_end_well() -> None:
    """Retries and limits do not get in each other's way."""
    script = Wire(
        [reply(502), reply(429, SLOW, retry_after="9"), reply(502), reply(200, issue_json())]
    )
    send(script.client(), GET)
    assert [line.attempt for line in script.log] == [1, 2, 3, 4]


@pytest.mark.parametrize(
    ("responses", "limited"),
    [
        ([reply(200, {"resources": {}})], True),
        ([httpx.Response(404, json={"message": "Rate limiting is not enabled."})], False),
        ([reply(404, {"message": "Rate limiting is not enabled."})], True),
    ],
)
def test_a_server_without_limits_is_found_out(
    responses: list[httpx.Response], limited: bool
) -> None:
    """404 alone is not enough: with ``x-ratelimit`` headers there are limits."""
    script = Wire(responses)
    client = script.client(profile=GITHUB)
    assert run(client, lambda door: door.probe_limits()) is limited
    assert script.limiter.limited is limited


# ------------------------------------------------------------------ before and counting


def test_before_runs_each_time_before_anything_is_sent() -> None:
    """After the gate: what it writes down is true when the request goes."""
    script = Wire([reply(429, SLOW, retry_after="60"), reply(502), reply(200, issue_json())])
    seen: list[tuple[float, int]] = []

    def before() -> None:
        seen.append((script.clock.now() - START, len(script.sent)))

    run(script.client(), lambda door: door.send(GET, before=before))
    assert [count for _, count in seen] == [0, 1, 2]
    assert [at for at, _ in seen] == script.times


def test_a_rejection_by_a_limit_is_told_before_the_wait_and_may_end_it() -> None:
    """Then it is certain that the request did not happen; what raises there ends it."""
    script = Wire([reply(429, SLOW, retry_after="60"), reply(429, SLOW, retry_after="60")])
    told: list[float] = []

    def turned_away() -> None:
        told.append(script.clock.now() - START)
        if len(told) == 2:
            raise OSError("the run ends")

    async def story(door: Client) -> None:
        with pytest.raises(OSError, match="the run ends"):
            await door.send(MAKE, turned_away=turned_away)
        assert script.limiter.under_way == 0

    run(script.client(), story)
    assert told[0] < 1 < 60 <= told[1]


def test_nothing_is_sent_if_before_raises() -> None:
    """An intent that cannot be journaled stops its create, and leaves the gate open."""
    script = Wire([reply(200, issue_json())])
    client = script.client()

    def before() -> None:
        raise OSError("disk full")

    async def story(door: Client) -> None:
        with pytest.raises(OSError, match="disk full"):
            await door.send(MAKE, before=before)
        assert script.sent == []
        assert script.limiter.under_way == 0
        await door.send(GET)

    run(client, story)
    assert client.spent == Requests(reads=1)


def test_what_was_sent_is_counted() -> None:
    """Reads, writes, and the content among them; failures too, if they left."""
    script = Wire(
        [
            reply(200, issue_json()),
            reply(200, issue_json()),
            reply(201, issue_json()),
            httpx.ReadTimeout("slow"),
        ]
    )
    client = script.client()

    async def story(door: Client) -> None:
        for request in (GET, EDIT, MAKE):
            await door.send(request)
        with pytest.raises(wire.UnknownOutcome):
            await door.send(MAKE)

    run(client, story)
    assert client.spent == Requests(reads=1, writes=3, content=2)


def test_cancelling_gives_the_ticket_back() -> None:
    """The request may have arrived; the gate is told, and the cancellation goes on."""
    script = Wire([])
    client = script.client(profile=GHES)

    async def story(door: Client) -> None:
        started = asyncio.Event()

        async def hang(_: httpx.Request) -> httpx.Response:
            started.set()
            await asyncio.Event().wait()
            raise AssertionError

        door._exchange._given = httpx.MockTransport(hang)
        task = asyncio.create_task(door.send(MAKE))
        await started.wait()
        assert script.limiter.under_way == 1
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert script.limiter.under_way == 0

    run(client, story)
    assert client.spent == Requests(writes=1, content=1)
    assert script.log[-1].error == "CancelledError"
