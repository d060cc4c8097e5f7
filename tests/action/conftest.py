"""A GitHub over HTTP with a repository and its workflow's token, and a job that is set up."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from action.action_kit import Done, Job, Use, World, workflows_bot

from ghsync.sandbox.github import GitHub
from ghsync.sandbox.limits import NONE
from ghsync.sandbox.serve import running


@pytest.fixture
def world() -> Iterator[World]:
    """A GitHub without limits on a loopback port."""
    github = GitHub(limits=NONE)
    with running(github) as address:
        yield World(github, address.url, workflows_bot(github))


@pytest.fixture
def job(world: World, tmp_path: Path) -> Job:
    """A job in which the action is installed already, on the default branch."""
    return Job(tmp_path / "job", world.url).installed()


@pytest.fixture
def use(job: Job, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Use:
    """Call the program of the Action in this process: the same as ``job.use``, without bash."""

    def call(**inputs: str) -> Done:
        return job.call(monkeypatch, capsys, **inputs)

    return call
