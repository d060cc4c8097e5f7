"""What the tests of the command line share: a project, a GitHub over HTTP, and ways to call it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from ghsync.cli.main import run
from ghsync.report import schemas
from ghsync.sandbox.github import GitHub
from ghsync.sandbox.limits import NONE
from ghsync.sandbox.people import Person
from ghsync.sandbox.seeds import SANDBOX_TOKEN
from ghsync.sandbox.serve import running

REPO = "octo/plan"
EPIC = ".claude/epics/shop"
SETTINGS = ("GITHUB_TOKEN", "GH_TOKEN", "GITHUB_REPOSITORY", "GITHUB_API_URL", "GHSYNC_SETTLE")


@dataclass(frozen=True)
class Result:
    """How a command ended and what it said."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> dict[str, Any]:
        """The one JSON document on stdout, judged by the schema that it names."""
        lines = self.out.splitlines()
        assert len(lines) == 1, self.out
        return judged(json.loads(lines[0]))


def judged(document: dict[str, Any]) -> dict[str, Any]:
    """The document, which is as its published schema says."""
    name = document["schema"].removeprefix("ghsync.").removesuffix("/1")
    Draft202012Validator(schemas.load(name)).validate(document)
    return document


@dataclass
class Cli:
    """``ghsync`` in this process, in a folder of its own and with no settings from outside."""

    root: Path
    capsys: pytest.CaptureFixture[str]

    def __call__(self, *arguments: object) -> Result:
        """Run a command; nothing in it may look like a traceback."""
        self.capsys.readouterr()
        before = signal.getsignal(signal.SIGINT)
        try:
            code = run([str(word) for word in arguments])
        finally:
            signal.signal(signal.SIGINT, before)
        out, err = self.capsys.readouterr()
        assert "Traceback" not in out + err
        return Result(code, out, err)

    def json(self, *arguments: object) -> dict[str, Any]:
        """Run a command with ``--json`` and give its document."""
        return self(*arguments, "--json").document

    def write(self, path: str, text: str | bytes) -> Path:
        """Write a file of the project."""
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(text.encode() if isinstance(text, str) else text)
        return target

    def item(self, path: str, title: str, body: str = "Text.", **fields: object) -> None:
        """Write an item."""
        lines = [f"{name}: {value}" for name, value in {"name": title, **fields}.items()]
        self.write(path, "\n".join(["---", *lines, "status: open", "---", "", body, ""]))

    def shop(self, tasks: int = 2) -> None:
        """Write an epic with so many tasks."""
        make_shop(self.root, tasks)


def make_shop(root: Path, tasks: int) -> None:
    """Write an epic with so many tasks."""
    folder = root / EPIC
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "epic.md").write_text("---\nname: Shop\nstatus: open\n---\n\nSell.\n")
    for n in range(1, tasks + 1):
        text = f"---\nname: Task {n}\nstatus: open\n---\n\nDo {n}.\n"
        (folder / f"{n:03d}.md").write_text(text)


@dataclass(frozen=True)
class Served:
    """A GitHub that answers over HTTP."""

    github: GitHub
    url: str

    def environment(self) -> dict[str, str]:
        """What points a client at it."""
        return {
            "GITHUB_API_URL": self.url,
            "GITHUB_TOKEN": SANDBOX_TOKEN,
            "GITHUB_REPOSITORY": REPO,
            "GHSYNC_SETTLE": "0",
        }

    @property
    def titles(self) -> list[str]:
        """The titles of its issues, sorted: what was made twice is there twice."""
        repo = Person(self.github, REPO, login="octo", now=0.0).repo
        return sorted(issue.title for issue in repo.issues.values() if issue.here)


@contextmanager
def served(*, latency: float = 0.0) -> Iterator[Served]:
    """An unlimited GitHub on a loopback port that holds an empty repository."""
    github = GitHub(limits=NONE)
    with running(github, latency=latency) as address:
        yield Served(github, address.url)


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """The process's environment without ghsync's settings, and with these."""
    kept = {name: text for name, text in os.environ.items() if name not in SETTINGS}
    return kept | {"PYTHONWARNINGS": "error"} | dict(extra or {})


def start(
    root: Path, *arguments: str, env: Mapping[str, str] | None = None, **more: Any
) -> subprocess.Popen[str]:
    """Start ``python -m ghsync`` in a folder."""
    streams = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen(
        [sys.executable, "-m", "ghsync", *arguments],
        cwd=root,
        env=environment(env),
        text=True,
        **{**streams, **more},
    )


def call(root: Path, *arguments: str, env: Mapping[str, str] | None = None, **more: Any) -> Result:
    """Run ``python -m ghsync`` in a process of its own to its end."""
    process = start(root, *arguments, env=env, **more)
    out, err = process.communicate(timeout=60)
    assert "Traceback" not in (out or "") + (err or "")
    return Result(process.returncode, out or "", err or "")
