"""What an answer means: samples of each status, the rules for limits, and any bytes at all."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from remote_kit import API, REPO, answer, issue_json

from ghsync.errors import AuthError, ExitCode, RemoteProtocolError, RepositoryError
from ghsync.model import IssueId, IssueNumber
from ghsync.remote import wire

GET = wire.get_issue(REPO, IssueNumber(7))
CREATE = wire.create_issue(REPO, title="T", body="B")
URL = "https://docs.github.com/rest"


def failed(response: wire.Response, request: wire.Request = GET) -> wire.ApiError:
    """The error of an answer that is one."""
    decoded = wire.decode(response, request)
    assert isinstance(decoded, wire.Failed), decoded
    return decoded.error


# ----------------------------------------------------------------------------- success


def test_a_success_gives_its_json_and_the_next_page() -> None:
    """200 with a body, and the Link beside it."""
    link = f'<{API}/repositories/1/issues?after=Y>; rel="next"'
    decoded = wire.decode(answer(200, [issue_json()], link=link), wire.list_issues(REPO))
    assert decoded == wire.Ok(
        status=200, data=[issue_json()], next=f"{API}/repositories/1/issues?after=Y"
    )


def test_an_empty_answer_is_none_where_nothing_is_asked_for() -> None:
    """204 to a DELETE."""
    request = wire.remove_blocked_by(REPO, IssueNumber(1), IssueId(2))
    assert wire.decode(answer(204), request) == wire.Ok(status=204, data=None)


def test_304_is_not_modified() -> None:
    """What the ETag stood for is still true."""
    assert wire.decode(answer(304), GET) == wire.NotModified()


# ------------------------------------------------------------------------------ limits

SECONDARY = (
    "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
)
BLOCKED = (
    "You have exceeded a secondary rate limit and have been temporarily blocked from content "
    "creation. Please retry your request again later."
)
PRIMARY = "API rate limit exceeded for installation ID 1234."
QUICK = "was submitted too quickly"


@pytest.mark.parametrize(
    ("response", "primary"),
    [
        (answer(403, {"message": SECONDARY}), False),
        (answer(429, {"message": SECONDARY}, retry_after="60"), False),
        (answer(403, {"message": BLOCKED}, x_ratelimit_remaining="0"), False),
        (answer(403, {"message": "You have triggered an abuse detection mechanism."}), False),
        (answer(403, {"message": "", "documentation_url": f"{URL}#secondary-rate-limits"}), False),
        (answer(403, {"message": "", "documentation_url": f"{URL}#abuse-rate-limits"}), False),
        (answer(403, {"message": PRIMARY}, x_ratelimit_remaining="0"), True),
        (answer(429, {"message": PRIMARY}), True),
        (answer(403, {"message": "Slow down"}, x_ratelimit_remaining="0"), True),
        (answer(403, b"<html>", retry_after="5"), False),
        (answer(429), False),
        (answer(429, b"<html>too many</html>"), False),
        (answer(403, {"message": f"Issue {QUICK}"}), False),
        (answer(422, {"message": "Validation Failed", "errors": [{"message": QUICK}]}), False),
        (answer(422, {"message": "Validation Failed", "errors": [QUICK]}), False),
        (answer(422, {"message": "Validation Failed", "errors": QUICK}), False),
    ],
)  # fmt: skip
def test_a_limit_is_recognised_by_its_words_first(response: wire.Response, primary: bool) -> None:
    """A secondary limit can show a full primary budget, an empty one, or no header at all."""
    decoded = wire.decode(response, CREATE)
    assert isinstance(decoded, wire.Limited)
    assert decoded.primary is primary


@pytest.mark.parametrize(
    "response",
    [
        answer(403, {"message": "Resource not accessible by integration"}),
        answer(
            403,
            {"message": "Resource not accessible by personal access token"},
            x_accepted_github_permissions="issues=write",
        ),
        answer(
            403, {"message": "Must have admin rights to Repository."}, x_ratelimit_remaining="0"
        ),
        answer(403, {"message": "Repository was archived so is read-only."}),
        answer(403, {"message": "Unable to create comment because issue is locked."}),
        answer(403),
        answer(403, b"<html>forbidden by proxy</html>"),
        answer(422, {"message": "Validation Failed"}),
        answer(404, {"message": SECONDARY}),
        answer(503, {"message": "busy"}, retry_after="5"),
    ],
)
def test_a_plain_refusal_is_no_limit(response: wire.Response) -> None:
    """Waiting would not help, even if the last request of the hour was refused."""
    assert isinstance(wire.decode(response, CREATE), wire.Failed)


def test_a_limit_carries_how_long_to_wait() -> None:
    """``retry-after`` and the reset, for the gate."""
    decoded = wire.decode(answer(403, {"message": SECONDARY}, retry_after="72"), GET)
    assert isinstance(decoded, wire.Limited)
    assert decoded.headers.retry_after == 72.0
    assert decoded.message == SECONDARY


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ({"errors": [{"type": "RATE_LIMITED"}]}, True),
        ({"data": {"a": None}, "errors": [{"type": "RATE_LIMIT"}]}, True),
        ({"data": None, "errors": [{"type": "UNPROCESSABLE", "message": QUICK}]}, False),
        ({"data": {"a": {"id": 1}}, "errors": [{"message": QUICK}]}, None),
        ({"errors": [{"message": "no such field"}]}, None),
        ({"errors": "oops"}, None),
        ([], None),
    ],
)
def test_graphql_says_limits_with_200(body: object, kind: bool | None) -> None:
    """Not if part of it was executed: sending that again would do it twice."""
    request = wire.Request(
        method="POST", path="/graphql", cost=GET.cost, idempotent=True, label="ask"
    )
    decoded = wire.decode(answer(200, body), request)
    found = decoded.primary if isinstance(decoded, wire.Limited) else None
    assert found is kind


# ------------------------------------------------------------------------------ errors


@pytest.mark.parametrize(
    ("response", "request_", "kind", "code"),
    [
        (answer(400, {"message": "Problems parsing JSON"}), CREATE, wire.BadRequest, 1),
        (answer(401, {"message": "Bad credentials"}), GET, wire.Unauthorized, 4),
        (answer(403, {"message": "no"}), GET, wire.Forbidden, 1),
        (
            answer(403, {"message": "Resource not accessible by integration"}),
            GET,
            wire.PermissionDenied,
            4,
        ),
        (
            answer(403, {"message": "Repository was archived so is read-only."}),
            CREATE,
            wire.RepositoryClosed,
            4,
        ),
        (answer(451, {"message": "Repository access blocked"}), GET, wire.RepositoryClosed, 4),
        (answer(404, {"message": "Not Found"}), GET, wire.NotFound, 1),
        (answer(404, {"message": "Not Found"}), CREATE, wire.RepositoryNotFound, 4),
        (answer(404, {"message": "Not Found"}), wire.get_repo(REPO), wire.RepositoryNotFound, 4),
        (answer(410, {"message": "This issue was deleted"}), GET, wire.Gone, 1),
        (
            answer(410, {"message": "Issues are disabled for this repo"}),
            CREATE,
            wire.IssuesDisabled,
            4,
        ),
        (
            answer(410, {"message": "Issues has been disabled in this repository."}),
            CREATE,
            wire.IssuesDisabled,
            4,
        ),
        (answer(422, {"message": "Validation Failed"}), CREATE, wire.Unprocessable, 1),
        (answer(408), GET, wire.ServerTrouble, 6),
        (answer(500), GET, wire.ServerTrouble, 6),
        (answer(502, b"<html><h1>502</h1></html>"), GET, wire.ServerTrouble, 6),
        (answer(503, {"message": "busy"}), GET, wire.ServerTrouble, 6),
        (answer(504, b""), GET, wire.ServerTrouble, 6),
        (answer(301, {"message": "Moved Permanently"}, location="/x"), GET, wire.Moved, 1),
        (answer(200, b"<html>Sign in to the proxy</html>"), GET, wire.BadAnswer, 6),
        (answer(200, b'{"id": 1, "num'), GET, wire.BadAnswer, 6),
        (answer(200, b"[" * 100_000), GET, wire.BadAnswer, 6),
        (answer(200, b'{"a": ' + b"1" * 5000 + b"}"), GET, wire.BadAnswer, 6),
        (answer(200, b'{"id": NaN}'), GET, wire.BadAnswer, 6),
        (answer(200, b"\xff\xfe"), GET, wire.BadAnswer, 6),
        (answer(200, {"message": "hello"}), GET, wire.BadAnswer, 6),
        (answer(200), GET, wire.BadAnswer, 6),
        (answer(200, {}), wire.list_issues(REPO), wire.BadAnswer, 6),
        (answer(200, []), wire.get_repo(REPO), wire.BadAnswer, 6),
        (answer(201, issue_json(pull_request={})), CREATE, wire.BadAnswer, 6),
        (answer(999), GET, wire.BadAnswer, 6),
        (answer(0), GET, wire.BadAnswer, 6),
    ],
)
def test_each_failure_has_its_class_and_exit_code(
    response: wire.Response, request_: wire.Request, kind: type[wire.ApiError], code: int
) -> None:
    """The class says what to do; the message names the request; nothing unprintable is in it."""
    error = failed(response, request_)
    assert type(error) is kind
    assert error.exit_code == ExitCode(code)
    assert request_.label in error.message
    assert error.message.isprintable()
    assert error.status == response.status
    assert error.request_id == "C0DE:1:2:3:4"


def test_errors_are_caught_by_what_they_mean_for_the_run() -> None:
    """The general families of ``ghsync.errors`` catch them, too."""
    assert issubclass(wire.Unauthorized, AuthError)
    assert issubclass(wire.PermissionDenied, AuthError)
    assert issubclass(wire.RepositoryNotFound, RepositoryError)
    assert issubclass(wire.RepositoryClosed, RepositoryError)
    assert issubclass(wire.IssuesDisabled, RepositoryError)
    assert issubclass(wire.BadAnswer, RemoteProtocolError)


def test_a_refusal_says_which_permission_is_missing() -> None:
    """GitHub's own header names it."""
    error = failed(
        answer(
            403,
            {"message": "Resource not accessible by personal access token"},
            x_accepted_github_permissions="issues=write; pull_requests=write",
        )
    )
    assert "issues=write" in error.hint


def test_single_sign_on_has_its_own_hint() -> None:
    """The token is right but not authorized for the organization."""
    error = failed(answer(403, {"message": "Resource protected"}, x_github_sso="required; url=…"))
    assert isinstance(error, wire.PermissionDenied)
    assert "single sign-on" in error.hint


def test_a_message_cannot_write_on_the_terminal() -> None:
    """Control characters and length of what a server says are tamed."""
    error = failed(answer(400, {"message": "\x1b[2J\u202e" + "x" * 5000}))
    assert error.message.isprintable()
    assert len(error.message) < 400


def test_a_422_reads_as_a_sentence() -> None:
    """Field, value and what is wrong with it."""
    errors = [
        {"resource": "Issue", "field": "assignees", "code": "invalid", "value": "nobody"},
        {"resource": "Issue", "field": "title", "code": "missing_field"},
        {"resource": "Issue", "code": "custom", "message": "title is too long"},
        "a plain string",
        None,
    ]
    error = failed(answer(422, {"message": "Validation Failed", "errors": errors}), CREATE)
    assert error.message == (
        "GitHub refused to create the issue “T”: Validation Failed: assignees 'nobody' is not "
        "valid; title is missing; title is too long; a plain string; the request refused"
    )


def test_where_a_thing_moved_is_in_the_header_or_the_body() -> None:
    """POST answers 307 with the place in its body alone."""
    url = f"{API}/repositories/1/issues"
    for response in (
        answer(301, {"message": "Moved Permanently"}, location=url),
        answer(307, {"message": "Moved Permanently", "url": url}),
    ):
        error = failed(response, CREATE)
        assert isinstance(error, wire.Moved)
        assert error.location == url


def test_whether_something_was_executed() -> None:
    """What GitHub refused did not happen; what it failed at may have."""
    assert failed(answer(422, {}), CREATE).executed is False
    assert failed(answer(307, {}), CREATE).executed is False
    assert failed(answer(502), CREATE).executed is None
    assert failed(answer(201, b"{"), CREATE).executed is None


# --------------------------------------------------------------- recognised validation


def refusal(*errors: object, message: str = "Validation Failed") -> wire.ApiError:
    """A 422 with these errors."""
    return failed(answer(422, {"message": message, "errors": list(errors)}), CREATE)


TWICE = "Issue may not contain duplicate sub-issues and Sub issue may only have one parent"


def test_a_repeated_link_is_recognised() -> None:
    """Re-adding what is there already is success, as text in message or errors."""
    for error in (
        refusal(TWICE),
        refusal(message=f"An error occurred while adding the sub-issue. {TWICE}"),
    ):
        assert wire.already_sub_issue(error)
        assert not wire.has_other_parent(error)
    other = refusal("Sub issue may only have one parent")
    assert wire.has_other_parent(other)
    assert not wire.already_sub_issue(other)
    assert wire.already_blocked_by(refusal("Target issue has already been taken"))
    assert not wire.already_blocked_by(refusal("Priority has already been taken"))
    assert wire.priority_taken(refusal("Priority has already been taken"))
    assert wire.too_many_sub_issues(refusal("Parent cannot have more than 100 sub-issues"))


def test_a_label_or_milestone_that_exists_is_recognised() -> None:
    """By resource and code."""
    label = refusal({"resource": "Label", "code": "already_exists", "field": "name"})
    milestone = refusal({"resource": "Milestone", "code": "already_exists", "field": "title"})
    assert wire.label_exists(label)
    assert not wire.label_exists(milestone)
    assert wire.milestone_exists(milestone)
    assert not wire.milestone_exists(label)


def test_refused_assignees_are_named() -> None:
    """As one value, several entries, or a list; without a value only the field is known."""
    one = {"resource": "Issue", "field": "assignees", "code": "invalid"}
    named = refusal({**one, "value": "a"}, {**one, "value": ["b", "a", 3]})
    assert wire.invalid_assignees(named) == ("a", "b")
    assert wire.invalid_assignees(refusal(one)) == ()
    assert wire.invalid_field(refusal(one), "assignees")
    assert not wire.invalid_field(refusal(one), "type")


def test_other_errors_are_none_of_these() -> None:
    """The predicates take any error."""
    error = failed(answer(500))
    assert not any(
        is_it(error)
        for is_it in (
            wire.already_sub_issue,
            wire.already_blocked_by,
            wire.label_exists,
            wire.milestone_exists,
            wire.invalid_assignees,
            wire.priority_taken,
        )
    )


# ------------------------------------------------------------------------ anything else

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                ["message", "errors", "documentation_url", "id", "number", "title", "url", "state"]
            )
            | st.text(max_size=5),
            inner,
            max_size=5,
        )
    ),
    max_leaves=12,
)
BODIES = st.binary(max_size=200) | JSON.map(lambda data: json.dumps(data).encode())
NAMES = st.sampled_from(
    ["retry-after", "link", "location", "x-ratelimit-remaining", "date", "content-type"]
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.sampled_from([200, 201, 204, 301, 304, 401, 403, 404, 410, 422, 429, 500, 502])
    | st.integers(-5, 1000),
    st.dictionaries(NAMES, st.text(max_size=60), max_size=4),
    BODIES,
    st.sampled_from([GET, CREATE, wire.list_issues(REPO), wire.get_repo(REPO)]),
)
def test_every_answer_means_something(
    status: int, headers: dict[str, str], body: bytes, request_: wire.Request
) -> None:
    """Any status, headers and bytes decode to one of the four outcomes, without an exception."""
    decoded = wire.decode(wire.Response(status=status, headers=headers, body=body), request_)
    assert isinstance(decoded, wire.Ok | wire.NotModified | wire.Limited | wire.Failed)
    if isinstance(decoded, wire.Failed):
        assert str(decoded.error)
        assert not (200 <= status < 300 and decoded.error.executed is False)
