"""Rows of the peers' feature table: GitHub's limits."""

from __future__ import annotations

from stories.story_kit import FaultKind, Story

from ghsync.sandbox.limits import Limits


def test_the_primary_limit_is_waited_for_or_the_run_ends(hurried: Story) -> None:
    """Row "Primary limit": a spent budget ends a run in time, and the next one finishes it.

    planhub stops with an error when quota is left; gh-issue-sync has no code for it.
    """
    story = hurried
    story.cli.shop(4)
    story.server.github.limits = Limits(primary=12)
    stopped = story("push", "--max-time", "5m", code=6)
    assert "the same command again" in stopped.out + stopped.err
    made = len(story.issues)
    assert made < 5
    story.server.github.limits = Limits()
    story.clock.skip(3700.0)  # the hour is over
    story("push")
    assert story.titles == ["Shop", "Task 1", "Task 2", "Task 3", "Task 4"]
    assert [e.status for e in story.log() if e.limited and e.method == "POST"] == []


def test_a_secondary_limit_is_waited_for(hurried: Story) -> None:
    """Row "Secondary limit (403 / too quickly)": neither fails an item, nor doubles one.

    ClaudeAutoPM gives up after one 403; planpilot does not know "submitted too quickly".
    """
    story = hurried
    story.cli.shop(3)
    story.fails(FaultKind.LIMITED, status=403, retry_after="30", skip=1)
    story.fails(FaultKind.TOO_QUICKLY, skip=3)
    story.fails(FaultKind.LIMITED, status=429, retry_after=None, skip=4, message="secondary rate")
    document = story.push()
    assert document["totals"]["create"] == 4
    assert story.titles == ["Shop", "Task 1", "Task 2", "Task 3"]
    refused = [e for e in story.log() if e.limited]
    assert len(refused) == 3
    first = story.log().index(refused[0])
    assert story.log()[first + 1].time - refused[0].time >= 30.0


def test_writes_are_paced(story: Story) -> None:
    """Row "Paces writes to 80/min, 500/h": the sandbox refuses what is over; nothing is refused.

    On the embedded GitHub, whose clock jumps: 96 creates take more than a minute and are not
    one request over the limit. No peer paces its writes.
    """
    story.cli.shop(95)
    plan = story.json("push", "--sandbox", "--dry-run")
    run = story.json("push", "--sandbox", "--events", "events.ndjson")
    assert run["totals"]["create"] == 96
    assert 60 < run["duration_seconds"] < 180
    assert abs(plan["eta_seconds"] - run["duration_seconds"]) <= 0.03 * run["duration_seconds"]
    assert '"waiting"' not in story.file("events.ndjson")
