"""``limits``, ``reserve`` and ``concurrency`` as users set them, down to what the server sees."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from limiter_kit import worst
from push.world import REPO, World, unfinished

from ghsync import sync
from ghsync.config import CustomLimits, Limits, load_config
from ghsync.config.limits import profile_of
from ghsync.embedded import sandbox_limits
from ghsync.errors import ConfigError, UsageError
from ghsync.limiter import CAUTIOUS, GHES, GITHUB, UNLIMITED, Limiter, Window
from ghsync.sync import Surroundings

TABLE = '[limits]\ncontent = ["40/1m", "300/1h"]\npoints = "600/60s"\ngap = 1.5\nconcurrency = 3\n'


def write(folder: Path, text: str) -> None:
    """Write the settings."""
    (folder / "ghsync.toml").write_text(text, encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "profile"),
    [
        ("github", GITHUB),
        ("github.com", GITHUB),
        ("cautious", CAUTIOUS),
        ("ghes", GHES),
        ("none", UNLIMITED),
    ],
)
def test_profiles_by_name(tmp_path: Path, name: str, profile: object) -> None:
    """In the file, and as an option."""
    write(tmp_path, f'limits = "{name}"\n')
    assert profile_of(load_config(tmp_path, env={}).limits) is profile
    (tmp_path / "ghsync.toml").unlink()
    options = {"limits": name}
    assert profile_of(load_config(tmp_path, options=options, env={}).limits) is profile


def test_a_profile_of_ones_own(tmp_path: Path) -> None:
    """Windows, gap and concurrency; the sandbox enforces the same windows."""
    write(tmp_path, TABLE)
    config = load_config(tmp_path, env={})
    profile = profile_of(config.limits)
    assert [(w.limit, w.period) for w in profile.content] == [(40, 60.0), (300, 3600.0)]
    assert [(w.limit, w.period) for w in profile.points] == [(600, 60.0)]
    assert (profile.gap, profile.concurrency, profile.start) == (1.5, 3, None)
    assert sandbox_limits(config.limits).content == ((40, 60.0), (300, 3600.0))
    assert load_config(tmp_path, options={"limits": "none"}, env={}).limits is Limits.NONE


def test_what_is_left_out_is_githubs(tmp_path: Path) -> None:
    """A table that names one number changes that one."""
    write(tmp_path, "limits = { gap = 2 }\n")
    assert load_config(tmp_path, env={}).limits == CustomLimits(gap=2.0)
    profile = profile_of(CustomLimits(gap=2.0))
    assert profile.points[0].limit == 900
    assert [w.limit for w in profile.content] == [80, 500]
    assert profile.content[0].period == Window(name="m", limit=80, period=60.0).period


def test_no_windows_at_all_let_concurrency_grow(tmp_path: Path) -> None:
    """Empty lists are a server without limits, with a ceiling of one's own."""
    write(tmp_path, "[limits]\ncontent = []\npoints = []\nconcurrency = 20\n")
    profile = profile_of(load_config(tmp_path, env={}).limits)
    assert (profile.content, profile.points, profile.start, profile.gap) == ((), (), 4, 0.0)
    assert not Limiter(profile).limited


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('limits = "fast"\n', "limits must be one of github, ghes, cautious, none, not 'fast'"),
        ("[limits]\ncontents = []\n", "has no 'contents'; did you mean 'content'?"),
        ("[limits]\nspeed = 3\n", "has no 'speed'; known: content, points, gap, concurrency"),
        ('[limits]\ncontent = ["80"]\n', 'must hold windows such as "80/1m"'),
        ('[limits]\ncontent = ["80/soon"]\n', 'must hold windows such as "80/1m"'),
        ('[limits]\ncontent = ["0/1m"]\n', "must allow at least 1 in up to 24 h"),
        ('[limits]\npoints = ["9/0s"]\n', "must allow at least 1 in up to 24 h"),
        ("[limits]\ngap = -1\n", "has a gap that must be a number of seconds"),
        ("[limits]\nconcurrency = 0\n", "has a concurrency that must be a whole number, at least"),
        ("[limits]\nconcurrency = 101\n", "has a concurrency that must be 100 at most, not 101"),
    ],
)
def test_a_slip_is_named_with_its_line(tmp_path: Path, text: str, problem: str) -> None:
    """File, line, setting and what it must be."""
    write(tmp_path, text)
    with pytest.raises(ConfigError) as caught:
        load_config(tmp_path, env={})
    assert caught.value.message.startswith("ghsync.toml:1: limits ")
    assert problem in caught.value.message


def test_a_slip_on_the_command_line(tmp_path: Path) -> None:
    """The option is named."""
    with pytest.raises(UsageError, match="--limits must be one of github, ghes"):
        load_config(tmp_path, options={"limits": "x"}, env={})


def test_a_push_keeps_to_limits_of_ones_own(tmp_path: Path) -> None:
    """12 a minute on a server that allows no more, from the file to the server's log."""
    world = World(tmp_path)
    world.file("ghsync.toml", '[limits]\ncontent = ["12/1m"]\ngap = 0.5\nconcurrency = 2\n')
    config = world.config()
    world.limit(sandbox_limits(config.limits))
    world.backlog(40)
    plan = world.dry_run()
    run = world.push()
    assert unfinished(run) == []
    log = list(world.github.log)
    assert [entry for entry in log if entry.limited] == []
    assert worst([entry.time for entry in log if entry.content], 60.0) == 12
    assert run.duration == pytest.approx(plan.eta_seconds, rel=0.02)
    assert 180 < run.duration < 190


@pytest.mark.parametrize("limits", ["github", "ghes"])
def test_a_dry_run_without_github_says_how_long(tmp_path: Path, limits: str) -> None:
    """No token, no repository: by the profile of the settings, with the reads that a push needs."""
    world = World(tmp_path)
    for folder in range(3):
        world.backlog(99, f".claude/epics/e{folder}")
    config = load_config(tmp_path, options={"limits": limits, "repo": REPO}, env={})
    run = asyncio.run(sync.push(config, Surroundings(env={}), dry_run=True))
    assert run.remote == "none"
    assert run.requests.writes == 300 + 2 + 2  # two labels, and the lock's
    assert run.requests.reads >= 1 + 1 + 1 + 4 + 4
    least, most = {"github": (200, 300), "ghes": (5, 60)}[limits]
    assert least < run.eta_seconds < most


def test_a_reserve_from_the_file(tmp_path: Path) -> None:
    """``reserve`` of 4,990: ten requests in this hour, the rest in the next."""
    world = World(tmp_path)
    world.file("ghsync.toml", "reserve = 4990\n")
    world.backlog(10)
    run = world.push()
    assert unfinished(run) == []
    first = [e for e in world.github.log if e.time < world.clock.now() - run.duration + 3000]
    assert len(first) <= 10
