"""Ctrl-C, SIGTERM and kill -9 while a push goes on over HTTP: the next push finishes it."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from cli_kit import Cli, Result, Served, call, judged, make_shop, served, start

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals as POSIX has them")

TASKS = 14
EXPECTED = sorted(["Shop", *(f"Task {n}" for n in range(1, TASKS + 1))])
LATENCY = 0.05
PATIENCE = 30.0


started: list[subprocess.Popen[str]] = []
"""What a test that fails leaves running is ended with it."""


@pytest.fixture
def slow(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    """A GitHub whose answers take a while, which this process's settings name."""
    cli.shop(TASKS)
    with served(latency=LATENCY) as server:
        for name, text in server.environment().items():
            monkeypatch.setenv(name, text)
        yield server
        for process in started:
            process.kill()
            process.communicate()
        started.clear()


PUSH = ("push", "--limits", "none", "--concurrency", "2")


def pushing(root: Path, server: Served, issues: int, *more: str) -> subprocess.Popen[str]:
    """Start a push, and return when so many issues are made."""
    process = start(root, *PUSH, *more, env=server.environment())
    started.append(process)
    end = time.monotonic() + PATIENCE
    while len(server.titles) < issues:
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < end
        time.sleep(0.005)
    return process


def ended(process: subprocess.Popen[str]) -> Result:
    """Wait for the end; there is no traceback."""
    out, err = process.communicate(timeout=PATIENCE)
    assert "Traceback" not in out + err
    return Result(process.returncode, out, err)


def finish(cli: Cli, server: Served) -> None:
    """Push again: one issue for each item, and one more push has nothing to do."""
    done = cli(*PUSH)
    assert done.code == 0, done.out + done.err
    assert server.titles == EXPECTED
    document = cli.json(*PUSH)
    assert document["operations"] == []
    assert document["totals"]["unchanged"] == len(EXPECTED)


def test_ctrl_c_says_what_was_done_and_how_to_go_on(cli: Cli, slow: Served) -> None:
    """One Ctrl-C: requests under way end, the summary counts, 130; the next push finishes."""
    process = pushing(cli.root, slow, 4)
    process.send_signal(signal.SIGINT)
    result = ended(process)
    assert result.code == 130
    assert "requests under way may end" in result.err
    made = len(slow.titles)
    assert made < len(EXPECTED)
    assert f"{made} created" in result.out
    assert "the same command again goes on from here" in result.out
    finish(cli, slow)


def test_sigterm_with_json_is_one_document(cli: Cli, slow: Served) -> None:
    """A job that is ended from outside tells what was done, as a document."""
    process = pushing(cli.root, slow, 4, "--json", "--events", "events.ndjson")
    process.terminate()
    result = ended(process)
    assert result.code == 130
    document = result.document
    assert document["error"]["code"] == "interrupted"
    done = [o for o in document["operations"] if o["op"] == "create" and o["status"] == "done"]
    assert len(done) == len(slow.titles)
    last = (cli.root / "events.ndjson").read_text().splitlines()[-1]
    assert '"event": "end"' in last
    assert '"code": "interrupted"' in last
    finish(cli, slow)


def test_a_second_ctrl_c_ends_at_once(cli: Cli, slow: Served) -> None:
    """Twice: what is under way is cut off, without a word of Python's; nothing is made twice."""
    process = pushing(cli.root, slow, 4, "--json")
    process.send_signal(signal.SIGINT)
    time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    result = ended(process)
    assert result.code == 130
    assert result.err.startswith("ghsync: stopping") or "Interrupted" in result.err
    judged(result.document)
    finish(cli, slow)


def test_ctrl_c_before_anything_is_sent(cli: Cli, slow: Served) -> None:
    """While GitHub is being read: 130, and nothing was sent."""
    process = start(cli.root, *PUSH, env=slow.environment())
    end = time.monotonic() + PATIENCE
    while not slow.github.log and time.monotonic() < end:
        time.sleep(0.005)
    process.send_signal(signal.SIGINT)
    result = ended(process)
    assert result.code == 130
    assert slow.titles == []
    assert "Interrupted; nothing was sent." in result.err
    finish(cli, slow)


@pytest.mark.parametrize("seed", range(2))
def test_killed_at_any_moment(cli: Cli, slow: Served, seed: int) -> None:
    """``kill -9`` twice at moments that differ: the next push makes what is missing, once."""
    moment = random.Random(seed)
    for issues in sorted(moment.sample(range(1, TASKS - 2), 2)):
        process = pushing(cli.root, slow, issues)
        time.sleep(moment.uniform(0, LATENCY))
        process.kill()
        process.communicate(timeout=PATIENCE)
    finish(cli, slow)


def test_two_pushes_at_once(cli: Cli, slow: Served) -> None:
    """The second is refused with the first one's pid; the first goes on."""
    process = pushing(cli.root, slow, 2)
    process.send_signal(signal.SIGSTOP)
    second = cli(*PUSH)
    process.send_signal(signal.SIGCONT)
    assert second.code == 5
    assert str(process.pid) in second.err
    assert ended(process).code == 0
    assert slow.titles == EXPECTED


def test_serve_says_its_address_first_and_ends_with_ctrl_c(tmp_path: Path) -> None:
    """``sandbox serve --json``: first its url, token and repo; a push there; Ctrl-C is 0."""
    server = start(
        tmp_path, "sandbox", "serve", "--json", "--limits", "none", "--repo", "octo/plan"
    )
    assert server.stdout is not None
    said = json.loads(server.stdout.readline())
    env = {"GITHUB_API_URL": said["url"], "GITHUB_TOKEN": said["token"]}
    elsewhere = tmp_path / "elsewhere"
    make_shop(elsewhere, 1)
    pushed = call(elsewhere, *PUSH, "--repo", said["repo"], env=env)
    assert pushed.code == 0, pushed.err
    server.send_signal(signal.SIGINT)
    assert ended(server).code == 0
