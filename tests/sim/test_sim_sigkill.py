"""A real process that pushes over HTTP, killed by SIGKILL at random moments, then pushed again."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from sim_kit import new_world

from ghsync.sandbox.github import GitHub
from ghsync.sandbox.limits import NONE
from ghsync.sandbox.people import Person
from ghsync.sandbox.serve import Address, running

ROUNDS = 6
KILLS = 9
"""Kills in each round: more than 50 in all."""
TASKS = 12
REPO = "octo/plan"
pytestmark = pytest.mark.skipif(os.name == "nt", reason="there is no SIGKILL")


def start(root: Path, server: Address) -> subprocess.Popen[bytes]:
    """Begin a push in a process of its own."""
    env = {
        **{name: os.environ[name] for name in ("PATH", "HOME", "SYSTEMROOT") if name in os.environ},
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
        "GITHUB_API_URL": server.url,
        "GITHUB_TOKEN": server.token,
        "GHSYNC_SETTLE": "0.2",
    }
    command = [
        sys.executable,
        "-m",
        "ghsync",
        "push",
        str(root),
        "--repo",
        REPO,
        "--limits",
        "none",
    ]
    return subprocess.Popen(
        [*command, "--concurrency", "4"],
        env=env,
        cwd=root,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )


def titles(github: GitHub, now: float) -> Counter[str]:
    """How many issues have each title."""
    issues = Person(github, REPO, login="octo", now=now).repo.issues.values()
    return Counter(issue.title for issue in issues if issue.here)


@pytest.mark.parametrize("round_", range(ROUNDS))
def test_a_killed_process(tmp_path: Path, round_: int) -> None:
    """However often it is killed, and wherever: in the end there is one issue an item."""
    chance = random.Random(round_)
    world = new_world(tmp_path)
    world.backlog(TASKS)
    for number in range(1, TASKS + 1, 3):
        world.task(number, f"shop {number}", labels=["web"], status="done", depends_on=["002"])
    github = GitHub(limits=NONE)
    kills = 0
    with running(github, latency=0.03) as server:
        while kills < KILLS:
            before = len(github.log)
            process = start(tmp_path, server)
            aim = chance.randint(1, 12)  # so many requests after it began to talk
            while process.poll() is None and len(github.log) < before + aim:
                _wait(process, 0.005)
            if process.poll() is None:
                _wait(process, chance.uniform(0.0, 0.02))
            if process.poll() is None:
                process.kill()
                kills += 1
            elif kills < KILLS:  # it has ended all by itself: give the next one work
                world.task(100 + kills, f"more {kills}")
            process.communicate()
        process = start(tmp_path, server)
        said = process.communicate(timeout=60)[0].decode()
        assert process.returncode == 0, said
        writes = sum(entry.method != "GET" for entry in github.log)
        process = start(tmp_path, server)
        process.communicate(timeout=60)
        assert process.returncode == 0
        assert sum(entry.method != "GET" for entry in github.log) == writes
    items = {path.stem for path in tmp_path.rglob("*.md")}
    held = titles(github, world.clock.now())
    assert set(held.values()) == {1}
    assert len(held) == len(items)


def _wait(process: subprocess.Popen[bytes], seconds: float) -> None:
    """Let real time pass, or the process end."""
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        return
