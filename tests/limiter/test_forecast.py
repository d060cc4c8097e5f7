"""The forecast: on the engine's order and the limiter's windows, right to two percent."""

from __future__ import annotations

import pytest
from limiter_kit import CREATE, READ, T0, UPDATE, Site, optimum, worst

from ghsync.forecast import Countdown, forecast
from ghsync.limiter import CAUTIOUS, GHES, GITHUB, Go, Limiter, eta
from ghsync.model import (
    Block,
    CloseIssue,
    CreateIssue,
    FillLinks,
    IssueNumber,
    Key,
    Kind,
    Operation,
    Priority,
    Requests,
    StateReason,
    UpdateIssue,
)
from ghsync.sandbox.limits import CAUTIOUS as HIDDEN


def made(key: str, parent: str | None = None) -> CreateIssue:
    """A create."""
    return CreateIssue(
        key=Key(key),
        kind=Kind.TASK,
        path=f"{key}.md",
        title=key,
        body="",
        labels=(),
        assignees=(),
        milestone=None,
        parent=None if parent is None else Key(parent),
        blocked_by=(),
        priority=Priority.MEDIUM,
    )


def closed(key: str) -> CloseIssue:
    """The close of an issue that is made in the same plan."""
    return CloseIssue(
        key=Key(key),
        path=f"{key}.md",
        title=key,
        number=None,
        state_reason=StateReason.COMPLETED,
        priority=Priority.MEDIUM,
    )


def seconds(
    limiter: Limiter, operations: list[Operation], concurrency: int = 10, **around: Requests
) -> float:
    """How long a plan takes from now."""
    return forecast(limiter, T0, operations, concurrency=concurrency, **around).end - T0


def test_a_thousand_issues_take_66_minutes() -> None:
    """And an answer; the number that the dry run shows."""
    took = seconds(Limiter(GITHUB), [made(str(i)) for i in range(1000)])
    assert optimum(1000) <= took <= 1.01 * optimum(1000)


def test_what_was_sent_before_counts() -> None:
    """480 creates half an hour ago leave room for 20; the rest waits for the hour's end."""
    limiter = Limiter(GITHUB)
    limiter.seed([(T0 - 1800 + i, CREATE) for i in range(480)])
    took = seconds(limiter, [made(str(i)) for i in range(30)])
    assert took == pytest.approx(1800, abs=60)


def test_children_of_one_parent_go_one_at_a_time() -> None:
    """With answers after 3 s a parent with 50 children takes 150 s, not 38."""
    limiter = Limiter(GITHUB)
    for i in range(30):
        decision = limiter.ask(UPDATE, T0 - 1000 + 4 * i)
        assert isinstance(decision, Go)
        limiter.answered(decision.ticket, T0 - 997 + 4 * i, None)
    assert limiter.rtt == pytest.approx(3.0)
    took = seconds(limiter, [made("e"), *(made(f"t{i}", "e") for i in range(50))])
    assert took == pytest.approx(51 * 3.0, rel=0.02)


def test_closes_go_between_the_creates() -> None:
    """A close is no content: 100 creates with a close each take hardly longer than 100 creates."""
    plain = seconds(Limiter(GITHUB), [made(str(i)) for i in range(100)])
    operations: list[Operation] = []
    for i in range(100):
        operations += [made(str(i)), closed(str(i))]
    assert seconds(Limiter(GITHUB), operations) == pytest.approx(plain, abs=2)


def test_what_comes_before_and_after_counts() -> None:
    """Reads and the lock, one after another, each a round trip."""
    operations: list[Operation] = [made("a")]
    plain = seconds(Limiter(GITHUB), operations)
    around = seconds(
        Limiter(GITHUB), operations, before=Requests(reads=6, writes=1), after=Requests(reads=2)
    )
    assert around == pytest.approx(plain + 9 * 0.3, abs=0.01)


def test_ten_thousand_are_right_at_every_twentieth() -> None:
    """19 hours in virtual time: at each 5 % the end is foretold to 2 % of the run, mostly 0.1 %.

    And the audit: at the limit, and never over it.
    """
    site = Site()
    operations = [made(str(i)) for i in range(10_000)]
    count = Countdown(site.limiter, concurrency=10)
    said: list[tuple[float, float]] = []

    def on_done(done: int, now: float) -> None:
        if done % 500 == 1:
            said.append((now, count.left(operations[done:], now)))

    site.run([CREATE] * 10_000, on_done=on_done)
    assert len(said) == 20
    off = [abs(now + left - site.now) / site.took for now, left in said]
    assert max(off) <= 0.02
    assert sorted(off)[10] <= 0.001
    assert site.rejections == []
    assert worst(site.created, 60.0) <= 80
    assert worst(site.created, 3600.0) <= 500
    assert optimum(10_000) <= site.created[-1] - site.created[0] <= 1.01 * optimum(10_000)


def test_a_run_that_leaves_the_forecast_gets_another() -> None:
    """On a server with 20 and 150 the first forecast is wrong; after the learning it is not."""
    site = Site(limits=HIDDEN)
    operations = [made(str(i)) for i in range(1000)]
    count = Countdown(site.limiter, concurrency=10)
    said: list[tuple[float, float]] = []

    def on_done(done: int, now: float) -> None:
        if done % 50 == 1:
            said.append((now, count.left(operations[done:], now)))

    site.run([CREATE] * 1000, on_done=on_done)
    off = [abs(now + left - site.now) / site.took for now, left in said]
    assert off[0] > 0.5
    assert max(off[4:]) <= 0.02


def test_the_published_and_the_cautious_profile_differ() -> None:
    """Six hours instead of one."""
    operations: list[Operation] = [made(str(i)) for i in range(1000)]
    took = seconds(Limiter(CAUTIOUS), operations, 4)
    assert took == pytest.approx(optimum(1000, minute=20, hour=150), rel=0.01)


def test_without_limits_only_a_part_is_run_ahead() -> None:
    """20,000 creates at 0.3 s with up to 50 at once; the rest goes on like the first 400."""
    limiter = Limiter(GHES)
    took = seconds(limiter, [made(str(i)) for i in range(20_000)], 50)
    assert took == pytest.approx(120, rel=0.05)
    assert limiter.under_way == 0


def test_without_limits_the_whole_plan_decides_how_wide_it_is() -> None:
    """100 parents of 50: 50 go at once, although each has its children one at a time."""
    operations = [made(f"e{i}") for i in range(100)]
    operations += [made(f"t{i}", f"e{i // 50}") for i in range(5000)]
    took = seconds(Limiter(GHES), [*operations], 50)
    assert took == pytest.approx(5100 * 0.3 / 50, rel=0.15)


def test_without_limits_the_pace_of_the_run_counts() -> None:
    """What is left goes on as the last part went."""
    limiter = Limiter(GHES)
    count = Countdown(limiter, concurrency=50)
    operations = [made(str(i)) for i in range(4000)]
    for done in range(0, 4000, 200):
        left = count.left(operations[done:], T0 + done / 100)
        if done >= 200:
            assert left == pytest.approx((4000 - done) / 100)


def test_nothing_to_do_takes_no_time() -> None:
    """An empty plan, and the last word of a countdown."""
    limiter = Limiter(GITHUB)
    assert seconds(limiter, []) == 0
    assert Countdown(limiter, concurrency=10).left([], T0) == 0
    assert eta(limiter, [], T0) == 0


def test_links_wait_for_their_ends() -> None:
    """A block needs both issues; the forecast waits for them as the run does."""
    block = Block(
        key=Key("a"),
        path="a.md",
        title="a",
        number=None,
        blocker=Key("b"),
        priority=Priority.MEDIUM,
    )
    took = seconds(Limiter(GITHUB), [made("a"), made("b"), block])
    assert took == pytest.approx(0.75 + 0.75 + 0.3, abs=0.01)
    assert eta(Limiter(GITHUB), [READ], T0, 1.0) == 1.0


def test_what_reads_before_it_writes_takes_that_time_too() -> None:
    """A link that is filled in looks at its issue first, and so does a late update."""
    filled: list[Operation] = [
        FillLinks(
            key=Key(f"{n}"), path=f"{n}.md", number=IssueNumber(n + 1), title="", links=(),
            priority=Priority.MEDIUM,
        )
        for n in range(100)
    ]  # fmt: skip
    updates: list[Operation] = [
        UpdateIssue(
            key=Key(f"{n}"), path=f"{n}.md", number=IssueNumber(n + 1), title="", changes=(),
            state_reason=None, priority=Priority.MEDIUM,
        )
        for n in range(100)
    ]  # fmt: skip
    limiter = Limiter(GITHUB)
    fresh = forecast(limiter, T0, updates, concurrency=1, read_at=T0 + 60).end - T0
    both = seconds(limiter, filled, 1)
    assert both > fresh + 90 * limiter.rtt
    late = forecast(limiter, T0, updates, concurrency=1, read_at=T0 - 60).end - T0
    assert late == pytest.approx(both, rel=0.01)
