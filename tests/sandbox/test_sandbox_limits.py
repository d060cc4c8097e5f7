"""GitHub's limits, judged in virtual time."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sandbox_kit import NOW, Kit, R, messages

from ghsync.sandbox.admin import limits_from_json
from ghsync.sandbox.limits import CAUTIOUS, GITHUB, NONE, Limits, Meter, Neighbour
from ghsync.sandbox.messages import Problem
from ghsync.sandbox.seeds import SANDBOX_LOGIN
from ghsync.sandbox.weights import makes_content, points


@pytest.fixture
def limited() -> Kit:
    """A sandbox with GitHub's limits and a repository with one issue."""
    kit = Kit()
    kit.create()
    kit.limit(GITHUB)
    return kit


def statuses(kit: Kit, count: int) -> list[int]:
    """Create issues; the statuses."""
    return [kit.quick("POST", f"{R}/issues", {"title": "x"}).status for _ in range(count)]


def test_eighty_creations_in_a_minute(limited: Kit) -> None:
    """The 81st within 60 s is refused; exactly 60 s after the first there is room for one."""
    start = limited.now
    assert statuses(limited, 1) == [201]
    limited.now = start + 30
    assert statuses(limited, 80) == [201] * 79 + [403]
    limited.now = start + 59.999
    assert statuses(limited, 1) == [403]
    limited.now = start + 60
    assert statuses(limited, 2) == [201, 403]


def test_five_hundred_creations_in_an_hour(limited: Kit) -> None:
    """The hour's window holds whatever the minute allows; a slot returns after 3,600 s."""
    start = limited.now
    for batch in range(7):
        limited.now = start + batch * 60
        made = statuses(limited, 80)
        assert made.count(201) == (80 if batch < 6 else 20)
    limited.now = start + 3599.9
    assert statuses(limited, 1) == [403]
    limited.now = start + 3600
    assert statuses(limited, 1) == [201]


def test_a_refusal_says_what_github_says(limited: Kit) -> None:
    """403, the message about content, ``retry-after``, and primary headers that still have room."""
    statuses(limited, 80)
    reply = limited.ask("POST", f"{R}/issues", {"title": "x"})
    assert "temporarily blocked from content creation" in messages(reply)
    assert reply.json()["documentation_url"].endswith("#about-secondary-rate-limits")
    assert reply.header("retry-after") == "60"
    assert int(reply.header("x-ratelimit-remaining") or 0) > 0
    limited.now += 10
    limited.limit(replace(GITHUB, retry_after="exact"))
    exact = limited.ask("POST", f"{R}/issues", {"title": "x"})
    assert exact.header("retry-after") == "50"
    limited.limit(replace(GITHUB, retry_after="absent"))
    assert limited.ask("POST", f"{R}/issues", {"title": "x"}).header("retry-after") is None


def test_points(limited: Kit) -> None:
    """900 points a minute: 180 writes, whichever they are."""
    start = limited.now
    got = [limited.quick("PATCH", f"{R}/issues/1", {"title": "y"}).status for _ in range(181)]
    assert got == [200] * 180 + [403]
    assert limited.ask("GET", R).status == 403
    limited.now = start + 60
    assert limited.ask("GET", R).status == 200


def test_the_primary_limit_is_a_fixed_hour(limited: Kit) -> None:
    """It starts with the first request, refuses at its end, and opens at ``x-ratelimit-reset``."""
    limited.limit(replace(GITHUB, primary=3))
    start = limited.now
    first = limited.ask("GET", R)
    assert first.header("x-ratelimit-reset") == str(int(start + 3600))
    assert [limited.ask("GET", R).status for _ in range(3)] == [200, 200, 403]
    reply = limited.ask("GET", R)
    assert reply.json()["message"].startswith("API rate limit exceeded for user")
    assert reply.header("x-ratelimit-remaining") == "0"
    limited.now = start + 3600
    assert limited.ask("GET", R).status == 200


def test_unchanged_reads_are_free_of_the_primary_limit(limited: Kit) -> None:
    """An authorised 304 gives its request back."""
    etag = limited.ask("GET", f"{R}/issues/1").header("etag") or ""
    before = limited.ask("GET", "/rate_limit").json()["resources"]["core"]["used"]
    assert limited.ask("GET", f"{R}/issues/1", headers={"if-none-match": etag}).status == 304
    assert limited.ask("GET", "/rate_limit").json()["resources"]["core"]["used"] == before


def test_a_hundred_at_once(limited: Kit) -> None:
    """What is more than 100 in flight is refused."""
    limited.github.meter.in_flight = 101
    assert limited.ask("GET", R).status == 403
    limited.github.meter.in_flight = 100
    assert limited.ask("GET", R).status == 200


def test_search_has_a_limit_of_its_own(limited: Kit) -> None:
    """30 searches a minute; other requests do not count."""
    got = [limited.ask("GET", "/search/issues?q=x").status for _ in range(31)]
    assert got == [200] * 30 + [403]
    assert limited.ask("GET", R).status == 200
    limited.now += 60
    assert limited.ask("GET", "/search/issues?q=x").status == 200


def test_limits_can_change_mid_run(limited: Kit) -> None:
    """What was used so far counts under the new numbers; without limits nothing is refused."""
    assert statuses(limited, 25).count(201) == 25
    limited.limit(CAUTIOUS)
    assert statuses(limited, 1) == [403]
    limited.limit(NONE)
    assert statuses(limited, 100) == [201] * 100


def test_a_person_uses_the_same_windows(limited: Kit) -> None:
    """What the account creates in its browser counts; another account's does not."""
    limited.person("sandbox-user").open_issue("by hand", now=limited.now)
    limited.person("other").open_issue("by another", now=limited.now)
    assert statuses(limited, 80) == [201] * 79 + [403]


def test_refused_requests_take_nothing(limited: Kit) -> None:
    """Knocking on the closed door does not keep it closed."""
    start = limited.now
    statuses(limited, 80)
    for second in range(1, 60):
        limited.now = start + second
        assert statuses(limited, 1) == [403]
    limited.now = start + 60
    assert statuses(limited, 80) == [201] * 80


@pytest.mark.parametrize(
    ("method", "path", "content"),
    [
        ("POST", f"{R}/issues", True),
        ("POST", "/repositories/7/issues", True),
        ("POST", f"{R}/issues/1/comments", True),
        ("POST", f"{R}/issues/1/dependencies/blocked_by", True),
        ("DELETE", f"{R}/issues/1/dependencies/blocked_by/5", True),
        ("POST", f"{R}/issues/1/sub_issues", True),
        ("DELETE", f"{R}/issues/1/sub_issue", True),
        ("PATCH", f"{R}/issues/1", False),
        ("POST", f"{R}/labels", False),
        ("POST", f"{R}/milestones", False),
        ("POST", f"{R}/issues/1/labels", False),
        ("POST", f"{R}/issues/1/assignees", False),
        ("GET", f"{R}/issues", False),
    ],
)
def test_what_generates_content(method: str, path: str, content: bool) -> None:
    """Issues, comments and relations do; changes to what is there do not."""
    assert makes_content(method, path) is content
    assert points(method) == (1 if method == "GET" else 5)


@settings(max_examples=200)
@given(
    gaps=st.lists(st.floats(0, 40), max_size=60),
    most=st.integers(1, 6),
    period=st.floats(1, 60),
)
def test_no_sliding_window_ever_holds_more_than_its_limit(
    gaps: list[float], most: int, period: float
) -> None:
    """Whenever requests come, those admitted keep to the window, and none is refused in vain."""
    meter = Meter(Limits(content=((most, period),), points=()))
    admitted: list[float] = []
    now = NOW
    for gap in gaps:
        now += gap
        inside = [t for t in admitted if t > now - period]
        try:
            meter.admit("me", points=5, content=True, search=False, now=now)
        except Problem:
            assert len(inside) == most
        else:
            assert len(inside) < most
            admitted.append(now)


def test_limits_from_json() -> None:
    """A mode, other numbers, or both; what makes no sense is refused in words."""
    assert limits_from_json({"mode": "none"}) == NONE
    custom = limits_from_json({"mode": "github", "content": [[5, 10]], "retry_after": "exact"})
    assert custom.content == ((5, 10.0),)
    for wrong in ({"mode": "x"}, {"unknown": 1}, {"content": [[1]]}, {"primary": "many"}):
        with pytest.raises(ValueError, match=r"."):
            limits_from_json(wrong)


def test_the_log_tells_what_an_audit_needs(limited: Kit) -> None:
    """Time, path, status, whether it was content, executed, limited; and GitHub's request id."""
    reply = limited.ask("POST", f"{R}/issues", {"title": "x"})
    last = limited.github.log[-1]
    assert (last.method, last.status, last.content, last.executed) == ("POST", 201, True, True)
    assert last.id == reply.header("x-github-request-id")
    statuses(limited, 80)
    last = limited.github.log[-1]
    assert (last.status, last.executed, last.limited) == (403, False, True)


def test_limits_can_change_at_a_time(limited: Kit) -> None:
    """GitHub changes them without notice; what was used so far counts."""
    limited.github.meter.change_at(limited.now + 200, GITHUB)
    limited.github.meter.change_at(limited.now + 100, CAUTIOUS)
    assert statuses(limited, 30) == [201] * 30
    limited.now += 100
    assert statuses(limited, 21) == [201] * 20 + [403]
    limited.now += 100
    assert statuses(limited, 80) == [201] * 80


def test_a_neighbour_uses_the_same_account(limited: Kit) -> None:
    """60 issues and 600 other requests an hour, evenly, until they stop."""
    meter = limited.github.meter
    limited.now += 3600
    meter.neighbours.append(
        Neighbour(
            SANDBOX_LOGIN,
            since=limited.now - 1800,
            until=limited.now + 600,
            content=60,
            requests=600,
        )
    )
    assert statuses(limited, 80) == [201] * 79 + [403]
    shown = limited.ask("GET", R)
    assert int(shown.header("x-ratelimit-used") or 0) >= 300
    limited.now += 3600
    assert statuses(limited, 80) == [201] * 80
