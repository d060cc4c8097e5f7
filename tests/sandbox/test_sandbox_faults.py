"""Faults: before and after the commit, in process and through the admin endpoint."""

from __future__ import annotations

import random

import pytest
from sandbox_kit import Kit, R, messages

from ghsync.sandbox.admin import Admin
from ghsync.sandbox.faults import FaultBook, FaultKind, FaultRule, token_dies
from ghsync.sandbox.github import GitHub
from ghsync.sandbox.messages import (
    Refused,
    Reply,
    Reset,
    Response,
    SandboxRequest,
    Slow,
    Timeout,
    Truncated,
)


def issues(kit: Kit) -> int:
    """How many issues there are."""
    return len(kit.ask("GET", f"{R}/issues?state=all").json())


@pytest.mark.parametrize("committed", [False, True])
@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_server_error_before_or_after_the_commit(kit: Kit, status: int, committed: bool) -> None:
    """The client sees the same status; whether the issue exists it cannot know."""
    kit.fault(kind=FaultKind.STATUS, method="POST", status=status, committed=committed)
    assert kit.ask("POST", f"{R}/issues", {"title": "x"}).status == status
    assert issues(kit) == committed
    assert kit.ask("POST", f"{R}/issues", {"title": "x"}).status == 201


@pytest.mark.parametrize("committed", [False, True])
@pytest.mark.parametrize(
    ("kind", "reply"), [(FaultKind.TIMEOUT, Timeout), (FaultKind.RESET, Reset)]
)
def test_no_answer_before_or_after_the_commit(
    kit: Kit, kind: FaultKind, reply: type[Reply], committed: bool
) -> None:
    """A timeout and a reset say nothing; the commit is as the rule wants it."""
    kit.fault(kind=kind, method="POST", committed=committed)
    assert isinstance(kit.raw("POST", f"{R}/issues", {"title": "x"}), reply)
    assert issues(kit) == committed


def test_a_truncated_body_is_committed(kit: Kit) -> None:
    """The answer breaks off; the issue is there."""
    kit.fault(kind=FaultKind.TRUNCATED, method="POST")
    reply = kit.raw("POST", f"{R}/issues", {"title": "x"})
    assert isinstance(reply, Truncated)
    assert 0 < reply.sent < len(reply.response.body)
    assert issues(kit) == 1


def test_refused_and_slow(kit: Kit) -> None:
    """A refused connection executes nothing; a slow answer is a whole one."""
    kit.fault(kind=FaultKind.REFUSED, method="POST")
    assert isinstance(kit.raw("POST", f"{R}/issues", {"title": "x"}), Refused)
    assert issues(kit) == 0
    kit.fault(kind=FaultKind.SLOW, method="POST", seconds=7.0)
    reply = kit.raw("POST", f"{R}/issues", {"title": "x"})
    assert isinstance(reply, Slow)
    assert (reply.seconds, reply.response.status) == (7.0, 201)


def test_skip_and_times(kit: Kit) -> None:
    """The third and fourth matching requests are struck, no others."""
    number = kit.fault(kind=FaultKind.STATUS, method="GET", path="/labels$", skip=2, times=2)
    kit.ask("GET", R)
    got = [kit.ask("GET", f"{R}/labels").status for _ in range(6)]
    assert got == [200, 200, 502, 502, 200, 200]
    assert kit.github.faults.struck(number) == 2


def test_probability_is_seeded() -> None:
    """The same seed strikes the same requests."""

    def run(seed: int) -> list[int]:
        kit = Kit(github=GitHub(random=random.Random(seed).random))
        kit.fault(kind=FaultKind.STATUS, probability=0.5, times=None)
        return [kit.ask("GET", R).status for _ in range(40)]

    assert run(1) == run(1)
    assert run(1) != run(2)
    assert set(run(1)) == {200, 502}


def test_dropped_fields_are_ignored_in_silence(kit: Kit) -> None:
    """The server answers as if they had not been sent."""
    kit.fault(kind=FaultKind.DROP, method="POST", drop=("labels", "assignees"))
    issue = kit.create(labels=["bug"], assignees=["sandbox-user"], body="b")
    assert (issue["labels"], issue["assignees"], issue["body"]) == ([], [], "b")


def test_a_token_that_dies(kit: Kit) -> None:
    """From a given request on everything is 401."""
    kit.github.faults.install(token_dies(after=1))
    assert [kit.ask("GET", R).status for _ in range(3)] == [200, 401, 401]


@pytest.mark.parametrize("status", [403, 429])
@pytest.mark.parametrize("retry_after", [None, "0", "-3", "1.5", "Wed, 18 Nov 2026 10:00:00 GMT"])
def test_a_limit_on_demand(kit: Kit, status: int, retry_after: str | None) -> None:
    """A secondary rejection with any ``retry-after``, or none; nothing is executed."""
    kit.fault(kind=FaultKind.LIMITED, method="POST", status=status, retry_after=retry_after)
    reply = kit.ask("POST", f"{R}/issues", {"title": "x"})
    assert (reply.status, reply.header("retry-after")) == (status, retry_after)
    assert "secondary rate limit" in messages(reply)
    assert issues(kit) == 0


def test_too_quickly(kit: Kit) -> None:
    """422 with GitHub's other words for the same."""
    kit.fault(kind=FaultKind.TOO_QUICKLY, method="POST")
    reply = kit.ask("POST", f"{R}/issues", {"title": "x"})
    assert (reply.status, "was submitted too quickly" in messages(reply)) == (422, True)
    assert issues(kit) == 0


def test_a_replica_that_is_late(kit: Kit) -> None:
    """A direct read can be told to answer 404 right after a create."""
    kit.create()
    kit.fault(kind=FaultKind.STATUS, method="GET", path="/issues/1$", status=404)
    assert kit.ask("GET", f"{R}/issues/1").status == 404
    assert kit.ask("GET", f"{R}/issues/1").status == 200


def admin(
    kit: Kit, method: str, path: str, body: bytes = b"", *, token: str = "sandbox-token"
) -> Response:
    """One request to the admin endpoint."""
    return Admin(kit.github).handle(
        SandboxRequest(
            method=method, target=path, body=body, headers={"authorization": f"Bearer {token}"}
        ),
        kit.now,
    )


def test_faults_over_http(kit: Kit) -> None:
    """Installed, listed with their counts, removed; nonsense is refused in words."""
    body = b'{"kind": "status", "method": "POST", "status": 503, "committed": true, "times": null}'
    made = admin(kit, "POST", "/_sandbox/faults", body)
    assert made.status == 201
    assert kit.ask("POST", f"{R}/issues", {"title": "x"}).status == 503
    listed = admin(kit, "GET", "/_sandbox/faults").json()
    assert (listed[0]["struck"], listed[0]["kind"]) == (1, "status")
    assert admin(kit, "DELETE", f"/_sandbox/faults/{made.json()['id']}").status == 204
    assert admin(kit, "DELETE", "/_sandbox/faults/9").status == 404
    assert kit.ask("POST", f"{R}/issues", {"title": "x"}).status == 201
    assert admin(kit, "DELETE", "/_sandbox/faults").status == 204
    for wrong in (b"{", b"{}", b'{"kind":"x"}', b'{"kind":"status","nth":1}',
                  b'{"kind":"status","path":"("}', b'{"kind":"status","times":"x"}'):  # fmt: skip
        assert admin(kit, "POST", "/_sandbox/faults", wrong).status in (400, 422)


def test_the_rest_of_the_admin_endpoint(kit: Kit) -> None:
    """State, log, limits, clock; all want a token of the sandbox."""
    kit.create("a title", labels=["bug"])
    outline = admin(kit, "GET", "/_sandbox/state").json()["repositories"][0]
    assert outline["issues"][0]["title"] == "a title"
    assert admin(kit, "GET", "/_sandbox/log").json()[-1]["status"] == 201
    assert admin(kit, "PUT", "/_sandbox/limits", b'{"mode": "cautious"}').status == 200
    assert kit.github.limits.content[0][0] == 20
    assert admin(kit, "PUT", "/_sandbox/limits", b'{"mode": "fast"}').status == 422
    assert admin(kit, "GET", "/_sandbox/clock").json()["now"] == kit.now
    advanced = admin(kit, "POST", "/_sandbox/clock", b'{"advance": 60}').json()
    assert advanced == {"now": kit.now + 60, "offset": 60}
    assert admin(kit, "POST", "/_sandbox/clock", b'{"advance": -1}').status == 422
    assert admin(kit, "GET", "/_sandbox/nothing").status == 404
    assert admin(kit, "GET", "/_sandbox/state", token="wrong").status == 401


def test_a_rule_survives_its_json() -> None:
    """What the endpoint shows is what it takes."""
    rule = FaultRule(kind=FaultKind.DROP, method="POST", drop=("labels",), times=None)
    assert FaultRule.from_json(rule.as_json()) == rule
    assert FaultBook().as_json() == []
