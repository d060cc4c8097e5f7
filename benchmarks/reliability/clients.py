"""The clients: how each is started, and what it says of itself."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.reliability.peers.job import Job

ROOT = Path(__file__).resolve().parents[2]
LONGEST = 280.0
"""Seconds until a client's process is stopped."""
PATIENCE = 10.0
"""Seconds that a peer waits for an answer; ghsync waits its own 30."""

OCTOKIT = {
    "@octokit/rest": "22.0.1",
    "@octokit/plugin-retry": "8.1.1",
    "@octokit/plugin-throttling": "11.0.5",
}


class Unavailable(Exception):
    """A client that cannot be run on this machine, with the reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a peer said: its version, and the titles it reported as failed, by repository."""

    version: str
    errors: Mapping[str, list[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """A client that is a program of its own in ``peers/``."""

    name: str
    program: str
    settings: str

    def run(self, job: Job, folder: Path) -> Said:
        """Run it on a job. Raises :class:`Unavailable` where it is not installed."""
        path = folder / f"{self.program}.json"
        job.write(path)
        command = self._octokit(folder) if self.program == "octokit" else self._python()
        ended = _run([*command, str(path)], cwd=ROOT, env=_environment())
        if ended.returncode:
            raise Unavailable(f"{self.name} did not run: {ended.stderr.strip()[-400:]}")
        content = json.loads(ended.stdout)
        version = OCTOKIT["@octokit/rest"] if self.program == "octokit" else content["version"]
        return Said(version=version, errors=content["errors"])

    def _python(self) -> list[str]:
        if self.program == "curl_peer" and shutil.which("curl") is None:
            raise Unavailable("curl is not installed")
        return [sys.executable, "-m", f"benchmarks.reliability.peers.{self.program}"]

    def _octokit(self, folder: Path) -> list[str]:
        """Install it into the temporary folder, by names and versions; no lock file is made."""
        node, npm = shutil.which("node"), shutil.which("npm")
        if node is None or npm is None:
            raise Unavailable("node and npm (20 or newer) are not installed")
        wanted = [f"{name}@{version}" for name, version in OCTOKIT.items()]
        ended = _run(
            [npm, "install", "--no-save", "--no-package-lock", "--no-audit", "--no-fund",
             "--ignore-scripts", "--prefix", str(folder), *wanted],
            cwd=folder, env=dict(os.environ),
        )  # fmt: skip
        if ended.returncode:
            raise Unavailable(f"npm could not install Octokit: {ended.stderr.strip()[-400:]}")
        script = Path(shutil.copy(Path(__file__).parent / "peers" / "octokit.mjs", folder))
        return [node, str(script)]


PEERS = (
    Peer(
        name="PyGithub",
        program="pygithub_peer",
        settings="as it comes: `GithubRetry`, 10 tries",
    ),
    Peer(
        name="githubkit",
        program="githubkit_peer",
        settings="`auto_retry` as it comes: 3 tries more for a server error; `http_cache=False`",
    ),
    Peer(
        name="Octokit",
        program="octokit",
        settings=f"`plugin-retry` {OCTOKIT['@octokit/plugin-retry']}, 3 tries more; "
        f"`plugin-throttling` {OCTOKIT['@octokit/plugin-throttling']}",
    ),
    Peer(name="curl", program="curl_peer", settings="`--retry 3`"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pushed:
    """What one ``ghsync push`` said: the titles that it did not make, as far as it knows."""

    exit_code: int
    errors: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ghsync:
    """ghsync, as a user runs it: files, environment, one command."""

    name: str
    options: tuple[str, ...] = ()
    settings: str = "as it comes"

    def push(self, folder: Path, *, url: str, token: str, repo: str) -> Pushed:
        """Run it once. Raises :class:`Unavailable` where it says nothing."""
        command = [sys.executable, "-m", "ghsync", "push", str(folder), "--repo", repo, "--json"]
        env = _environment() | {"GITHUB_API_URL": url, "GITHUB_TOKEN": token}
        ended = _run([*command, *self.options], cwd=ROOT, env=env)
        try:
            content = json.loads(ended.stdout)
        except ValueError:
            raise Unavailable(f"{self.name} did not run: {ended.stderr.strip()[-400:]}") from None
        operations = [each for each in content.get("operations", ()) if each["op"] == "create"]
        return Pushed(
            exit_code=ended.returncode,
            errors=tuple(each["title"] for each in operations if each["status"] != "done"),
        )


GHSYNC = (
    Ghsync(name="ghsync"),
    Ghsync(
        name="ghsync, serial",
        options=("--concurrency", "1"),
        settings="`--concurrency 1`, so that one create meets all three faults",
    ),
)


def write_plan(folder: Path, titles: tuple[str, ...]) -> None:
    """Write an epic and its tasks, as ccpm lays them out."""
    epic = folder / ".claude" / "epics" / "bench"
    epic.mkdir(parents=True)
    for number, title in enumerate(titles):
        name = f"{number:03d}.md" if number else "epic.md"
        (epic / name).write_text(f"---\nname: {title}\nstatus: open\n---\n\nText.\n", "utf-8")


def _run(
    command: list[str], *, cwd: Path, env: Mapping[str, str]
) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(
            command, cwd=cwd, env=env, capture_output=True, text=True, timeout=LONGEST, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise Unavailable(f"{command[0]} was stopped after {LONGEST:.0f} s") from error


def _environment() -> dict[str, str]:
    """The environment without proxies, tokens and settings of whoever runs this."""
    dropped = ("GITHUB_", "GH_", "GHSYNC_")
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(dropped) and not name.lower().endswith("_proxy")
    }
