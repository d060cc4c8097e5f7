"""Progress says enough, not too much, and never disturbs the run."""

from __future__ import annotations

import io
import math
import re
from collections.abc import Iterator
from datetime import UTC

import pytest
import report_samples as samples

from ghsync.model import (
    Event,
    Notice,
    OperationEnded,
    PlanReady,
    Reading,
    Requests,
    Status,
    Waiting,
)
from ghsync.report.progress import PlainProgress, Progress, Silent, make_progress, waiting


def ended(done: int, total: int, status: Status = Status.DONE, message: str = "") -> OperationEnded:
    """Make the end of one create."""
    operation = samples.create(samples.ITEMS[10])
    result = samples.OpResult(operation=operation, status=status, message=message)
    return OperationEnded(result=result, done=done, total=total, eta_seconds=float(total - done))


def lines(
    events: list[Event], *, verbose: bool = False, virtual: bool = False, step: float = 0.0
) -> list[str]:
    """Give what the plain progress writes, ``step`` seconds going by at each look at the clock."""
    stream = io.StringIO()
    ticks: Iterator[float] = iter(step * n for n in range(10**6))
    progress = PlainProgress(stream, verbose=verbose, virtual=virtual, now=lambda: next(ticks))
    for event in events:
        progress(event)
    return stream.getvalue().splitlines()


def test_log_has_a_line_for_each_tenth() -> None:
    """A thousand operations in twenty seconds are ten lines."""
    shown = lines([ended(n, 1000) for n in range(1, 1001)], step=0.02)
    assert len(shown) == 10
    assert shown[0] == "100/1,000 (10 %) about 15 min left"
    assert shown[-1] == "1,000/1,000 (100 %)"


def test_what_is_over_in_a_second_needs_no_lines() -> None:
    """A short run is not told tenth by tenth."""
    assert lines([ended(n, 29) for n in range(1, 30)], step=0.03) == []


def test_sandbox_log_tells_no_times() -> None:
    """On the sandbox's virtual clock nothing waits, so nothing is said to."""
    events = [
        PlanReady(plan=samples.PLAN, requests=Requests(), eta_seconds=3960.0),
        Waiting(reason="GitHub allows 80 a minute", seconds=42, until=1.0),
        ended(500, 1000),
    ]
    assert lines(events, step=5, virtual=True) == ["plan: 9 operations", "500/1,000 (50 %)"]


def test_slow_log_has_a_line_every_ten_seconds() -> None:
    """Where a tenth takes long, there is a line every ten seconds."""
    assert 5 <= len(lines([ended(n, 100_000) for n in range(1, 30)], step=2.5)) <= 12


def test_trouble_is_always_said() -> None:
    """A failed operation has its line at once, its hostile title made visible."""
    shown = lines([ended(1, 1000, Status.FAILED, "GitHub answered 422")])
    assert shown == [
        "1/1,000 (0 %) about 17 min left; failed: create "
        "[red]Not red[/red] \\x1b[31mnor this\\u202e: GitHub answered 422"
    ]


def test_long_waits_are_said_once_a_minute() -> None:
    """Short waits are not said; a long one once per minute of the run's own time."""
    waits = [
        Waiting(reason="GitHub allows 80 a minute", seconds=42, until=42.0 * n) for n in range(5)
    ]
    short = Waiting(reason="an even pace", seconds=0.7, until=1)
    shown = lines([short, *waits])
    assert shown == ["waiting 42 s: GitHub allows 80 a minute"] * 3


def test_plan_and_notices() -> None:
    """The plan's size and time, and notices, are lines."""
    plan = PlanReady(plan=samples.PLAN, requests=Requests(), eta_seconds=3960.0)
    first, second = lines([plan, Notice(message="trying again")])
    assert re.fullmatch(
        r"plan: 9 operations, about 1 h 6 min, done by \d\d:\d\d( on [-\d]{10})?", first
    )
    assert second == "trying again"


def test_a_wait_says_until_when() -> None:
    """Why, how long, and from a minute on the time of day at which it ends."""
    noon = 1_800_014_400.0  # 2027-01-15 12:00 UTC
    wait = Waiting(reason="GitHub allows 500 an hour", seconds=3300, until=noon)
    assert waiting(wait, UTC) == "waiting 55 min, until 12:00: GitHub allows 500 an hour"
    short = Waiting(reason="GitHub allows 80 a minute", seconds=42, until=noon)
    assert waiting(short, UTC) == "waiting 42 s: GitHub allows 80 a minute"
    night = Waiting(reason="x", seconds=86_400, until=noon)
    assert waiting(night, UTC) == "waiting 24 h, until 12:00 on 2027-01-15: x"
    pause = Waiting(reason="paused", seconds=math.inf, until=math.inf)
    assert waiting(pause, UTC) == "waiting: paused"


def test_verbose_log_names_each_operation() -> None:
    """Verbose has a line for each operation."""
    assert len(lines([ended(n, 1000) for n in range(1, 31)], verbose=True)) == 30


def test_bar_shows_all_kinds_of_events() -> None:
    """The bar takes every event and leaves the terminal clean; titles are no markup."""
    stream = io.StringIO()
    with Progress(stream) as progress:
        progress.show(Reading(what="issues", count=200))
        progress.show(PlanReady(plan=samples.PLAN, requests=Requests(), eta_seconds=9.0))
        progress.show(ended(1, 9))
        progress.show(Waiting(reason="GitHub allows 80 a minute", seconds=42, until=1.0))
        progress.show(ended(2, 9, Status.UNKNOWN, "no answer"))
        progress.show(Notice(message="[bold]as it is[/bold]"))
    shown = stream.getvalue()
    assert "[bold]as it is[/bold]" in shown
    assert "unknown: create [red]Not red[/red]" in shown
    assert "\x1b[31m" not in shown


@pytest.mark.parametrize("is_tty", [True, False])
def test_a_broken_stream_does_not_disturb_the_run(is_tty: bool) -> None:
    """A closed stream stops the talk and nothing else."""
    stream = io.StringIO()
    stream.close()
    with make_progress(stream, is_tty) as progress:
        progress(Notice(message="x"))
        progress(ended(1, 1))


def test_choice() -> None:
    """A terminal gets a bar, a log plain lines, --quiet nothing."""
    stream = io.StringIO()
    assert isinstance(make_progress(stream, True), Progress)
    assert isinstance(make_progress(stream, False), PlainProgress)
    assert type(make_progress(stream, True, quiet=True)) is Silent
