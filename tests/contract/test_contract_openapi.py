"""The judge itself: what it lets pass, and what it does not."""

from __future__ import annotations

from typing import Any

import pytest

from contract import ContractError, check

ISSUES = "/repos/o/r/issues"
ERROR = {"message": "Not Found", "documentation_url": "https://docs.github.com", "status": "404"}


def test_errors_may_come_from_anywhere() -> None:
    """401, 403, 404 and 5xx are allowed on every endpoint, with an error's body."""
    for status in (401, 403, 404, 429, 502):
        check("GET", ISSUES, None, status, ERROR)
    check("GET", "/no/such/route", None, 404, ERROR)


@pytest.mark.parametrize(
    ("method", "path", "sent", "status", "got"),
    [
        ("GET", "/no/such/route", None, 200, {}),
        ("GET", ISSUES, None, 200, [{"number": 1}]),
        ("GET", ISSUES, None, 200, {}),
        ("GET", ISSUES, None, 418, {}),
        ("GET", ISSUES, None, 404, {"message": 7}),
        ("DELETE", "/repos/o/r/labels/x", None, 204, {"a": 1}),
        ("PUT", "/repos/o/r/issues/1/lock", {"lock_reason": "whim"}, 204, None),
        ("POST", "/repos/o/r/labels", {"name": "x", "colour": "fff"}, 201, {}),
        ("DELETE", "/repos/o/r/milestones/1", {"a": 1}, 204, None),
    ],
)
def test_what_does_not_conform(method: str, path: str, sent: Any, status: int, got: Any) -> None:
    """A wrong shape, status, field, body or route is a :class:`ContractError`."""
    with pytest.raises(ContractError):
        check(method, path, sent, status, got)


def test_paths_in_their_other_forms() -> None:
    """By repository id, under ``/api/v3``, with a query."""
    for path in ("/repositories/7/issues?state=all", "/api/v3/repos/o/r/issues"):
        check("GET", path, None, 200, [])


def test_versions_differ() -> None:
    """``rate`` is required by the older version and absent from the newer."""
    limit = {"limit": 1, "remaining": 1, "reset": 1, "used": 0}
    content = {"resources": {"core": limit, "search": limit}}
    check("GET", "/rate_limit", None, 200, content, version="2026-03-10")
    with pytest.raises(ContractError):
        check("GET", "/rate_limit", None, 200, content)
