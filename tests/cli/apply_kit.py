"""What the tests of plan files share: a project that was pushed once, over HTTP, and its plan."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cli_kit import EPIC, REPO, Cli, Result, Served

from ghsync.sandbox.people import Person

PLAN = "plan.json"


@dataclass
class Project:
    """Files, a GitHub, and the plan between them."""

    cli: Cli
    server: Served

    def plan(self, *options: object, out: str = PLAN) -> Result:
        """Make the plan file."""
        done = self.cli("push", "--limits", "none", "--dry-run", "--out", out, *options)
        assert done.code in (0, 1), done.err
        return done

    def apply(self, *options: object) -> Result:
        """Carry it out."""
        return self.cli("apply", PLAN, "--limits", "none", *options)

    def push(self, *options: object) -> Result:
        """Push without a plan file."""
        return self.cli("push", "--limits", "none", *options)

    def refused(self, *says: str, options: tuple[object, ...] = ()) -> str:
        """Apply, which is refused with 5 before anything is sent; the message names all these."""
        writes, held = self.writes, self.server.titles
        done = self.apply(*options)
        assert done.code == 5, done.out + done.err
        assert (self.writes, self.server.titles) == (writes, held)
        said = " ".join(done.err.split())
        for text in says:
            assert text in said
        return said

    @property
    def writes(self) -> int:
        """Requests so far that wrote."""
        return sum(entry.method != "GET" for entry in self.server.github.log)

    @property
    def somebody(self) -> Person:
        """Somebody on the web page."""
        return Person(self.server.github, REPO, login="octo", now=time.time())

    def number(self, title: str) -> int:
        """The issue of that title."""
        issues = self.somebody.repo.issues.values()
        (found,) = (issue.number for issue in issues if issue.title == title)
        return found

    @property
    def file(self) -> Path:
        """The plan file."""
        return self.cli.root / PLAN

    @property
    def raw(self) -> dict[str, Any]:
        """What it holds."""
        raw: dict[str, Any] = json.loads(self.file.read_text("utf-8"))
        return raw

    def task(self, number: int, title: str | None = None, body: str = "Text.", **more: Any) -> str:
        """Write a task; returns its path."""
        path = f"{EPIC}/{number:03d}.md"
        self.cli.item(path, title or f"Task {number}", body, **more)
        return path
