"""``--limits``, ``--reserve``, ``--max-time`` and the ETA from the command line to the server."""

from __future__ import annotations

import re

import pytest
from cli_kit import EPIC, Cli


@pytest.fixture
def backlog(cli: Cli) -> Cli:
    """An epic with 30 tasks."""
    cli.write(f"{EPIC}/epic.md", "---\nname: Shop\nstatus: open\n---\n\nText.\n")
    for number in range(1, 31):
        cli.write(f"{EPIC}/{number:03d}.md", f"---\nname: T{number}\nstatus: open\n---\n\nText.\n")
    return cli


def test_a_dry_run_without_github_says_when_it_is_done(backlog: Cli) -> None:
    """How long at GitHub's limits, and the time of day."""
    shown = backlog("push", "--dry-run", "--repo", "octo/plan").out
    assert re.search(r"Takes about \d+ s at GitHub's limits, done by \d\d:\d\d", shown), shown
    assert re.search(r"Needs \d+ requests: [1-9]\d* reads, \d+ writes \(31 count", shown), shown


@pytest.mark.parametrize(
    ("limits", "least", "most"),
    [("github", 23, 40), ("cautious", 60, 90), ("ghes", 5, 20), ("none", 5, 20)],
)
def test_the_profile_decides(backlog: Cli, limits: str, least: float, most: float) -> None:
    """80, 20 or any number a minute: in the dry run's ETA and in the push's virtual time."""
    plan = backlog.json("push", "--sandbox", "--dry-run", "--limits", limits)
    run = backlog.json("push", "--sandbox", "--limits", limits)
    assert least <= run["duration_seconds"] <= most
    assert plan["eta_seconds"] == pytest.approx(run["duration_seconds"], rel=0.03, abs=1.5)


def test_a_reserve_is_kept(backlog: Cli) -> None:
    """With 4,980 of 5,000 kept back the run takes more than an hour."""
    assert backlog.json("push", "--sandbox", "--reserve", 4980)["duration_seconds"] > 3600


def test_no_time_is_slept_away(backlog: Cli) -> None:
    """The same with ten minutes: exit 6 as soon as it is clear, and a word why."""
    stopped = backlog("push", "--sandbox", "--reserve", 4980, "--max-time", "10m")
    assert stopped.code == 6
    assert "Nothing can be sent for" in stopped.err + stopped.out
    assert "are kept for others" in stopped.err + stopped.out
    assert backlog("push", "--sandbox").code == 0
