"""What the stories share: a project, a GitHub over HTTP, the command line, and a look at both.

Each story is a user's situation that `docs/comparison.md` names: the files, the commands, and
what GitHub and the files hold afterwards.
"""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cli.cli_kit import EPIC, REPO, Cli, Result, Served, call, start

from ghsync.clock import SystemClock
from ghsync.render import split
from ghsync.sandbox.faults import FaultKind, FaultRule
from ghsync.sandbox.github import LogEntry
from ghsync.sandbox.people import Person
from ghsync.sandbox.records import Issue

PRD = ".claude/prds"
NEW_ISSUE = r"/issues$"
PATIENCE = 30.0


class Haste(SystemClock):
    """The machine's clock, so many times as fast: for a server and a client of one process."""

    def __init__(self, factor: float) -> None:
        super().__init__()
        self._start = super().now()
        self._factor = factor
        self._skipped = 0.0

    def now(self) -> float:
        """Return epoch seconds that pass faster."""
        passed = (super().now() - self._start) * self._factor
        return self._start + passed + self._skipped

    def skip(self, seconds: float) -> None:
        """Let so much time pass at once."""
        self._skipped += seconds

    async def sleep_until(self, t: float) -> None:
        """Sleep as long as that takes here."""
        import asyncio

        await asyncio.sleep(0)
        while (left := t - self.now()) > 0:  # noqa: ASYNC110 (time passing sets no event)
            await asyncio.sleep(left / self._factor)


@dataclass
class Story:
    """One project, one repository on GitHub, and a person who works there in the browser."""

    cli: Cli
    server: Served
    clock: Haste

    def __post_init__(self) -> None:
        self.person = Person(self.server.github, REPO, login="octo", now=self.now)

    @property
    def root(self) -> Path:
        """The project's folder."""
        return self.cli.root

    @property
    def now(self) -> float:
        """The time on GitHub."""
        return self.clock.now()

    # ---------------------------------------------------------------------- files

    def shop(self, tasks: int = 2) -> None:
        """A PRD, its epic, and tasks each of which waits for the one before."""
        self.cli.item(f"{PRD}/shop.md", "Shop", "Why.\n\n---\n\nWhat.")
        self.cli.item(f"{EPIC}/epic.md", "Sell things", "Sell.", prd=f"{PRD}/shop.md")
        for n in range(1, tasks + 1):
            after = f"[{n - 1:03d}]" if n > 1 else "[]"
            self.cli.item(f"{EPIC}/{n:03d}.md", f"Task {n}", f"Do {n}.", depends_on=after)

    def file(self, path: str) -> str:
        """A file's text."""
        return (self.root / path).read_bytes().decode()

    def change(self, path: str, old: str, new: str) -> None:
        """Edit a file in place."""
        text = self.file(path)
        assert old in text
        self.cli.write(path, text.replace(old, new))

    def git(self, *arguments: str) -> str:
        """Run git in the project, as somebody."""
        who = ("-c", "user.name=Octo", "-c", "user.email=octo@example.com")
        done = subprocess.run(
            ["git", *who, *arguments], cwd=self.root, capture_output=True, text=True, check=True
        )
        return done.stdout

    # ------------------------------------------------------------------- commands

    def __call__(self, *arguments: object, code: int = 0) -> Result:
        """Run a command, which ends with this code."""
        result = self.cli(*arguments)
        assert result.code == code, result.out[-900:] + result.err
        return result

    def json(self, *arguments: object, code: int = 0) -> dict[str, Any]:
        """Run a command and give its document."""
        return self(*arguments, "--json", code=code).document

    def push(self, *options: object, code: int = 0, dry: int | None = None) -> dict[str, Any]:
        """Push, and hold the push to what its dry run said and to what the server saw.

        ``code`` is the exit code of both, but for ``dry``, where the dry run has another.
        """
        before = len(self.server.github.log)
        said = self.json("push", "--dry-run", *options, code=code if dry is None else dry)
        assert [e.method for e in self.log(before) if e.method != "GET"] == []
        before = len(self.server.github.log)
        did = self.json("push", *options, code=code)
        assert plain(said["operations"]) == plain(did["operations"])
        for name in ("skipped", "conflicts", "renames"):
            assert said[name] == did[name]
        if all(op["status"] == "done" for op in did["operations"]):
            sent = [e for e in self.log(before) if e.method != "GET"]
            assert len(sent) == did["spent"]["writes"]
            assert sum(e.executed for e in sent) == said["requests"]["writes"]
        return did

    def nothing_to_do(self) -> None:
        """The next push sends no write."""
        before = len(self.server.github.log)
        document = self.json("push")
        assert document["operations"] == []
        assert [e.method for e in self.log(before) if e.method != "GET"] == []

    def map(self) -> dict[str, int]:
        """Which key is which issue."""
        return {item["key"]: item["number"] for item in self.json("map", "show")["items"]}

    def remember(self) -> Any:
        """The map as it lies in the repository."""
        return json.loads(self.file(".ghsync/map.json"))

    def elsewhere(self, root: Path) -> Cli:
        """The command line in another checkout; its commands name it as ROOT."""
        return Cli(root, self.cli.capsys)

    # --------------------------------------------------------------------- GitHub

    def log(self, since: int = 0) -> list[LogEntry]:
        """What the server was asked."""
        return list(self.server.github.log)[since:]

    def fails(
        self, kind: FaultKind, *, method: str = "^POST$", path: str = NEW_ISSUE, **how: Any
    ) -> int:
        """From now on GitHub fails in this way; returns the fault's number."""
        return self.server.github.faults.install(
            FaultRule(kind=kind, method=method, path=path, **how)
        )

    @property
    def issues(self) -> list[Issue]:
        """The issues that are there, by number."""
        return [each for each in self.person.repo.issues.values() if each.here and not each.pull]

    @property
    def titles(self) -> list[str]:
        """Their titles, sorted."""
        return sorted(issue.title for issue in self.issues)

    def issue(self, title: str) -> Issue:
        """The only issue of that title."""
        (found,) = [each for each in self.issues if each.title == title]
        return found

    def number(self, title: str) -> int:
        """Its number."""
        return self.issue(title).number

    def body(self, title: str) -> str:
        """Its text as people see it."""
        return split(self.issue(title).body or "").body

    def labels(self, title: str) -> set[str]:
        """Its labels."""
        return {self.person.repo.labels[each].name for each in self.issue(title).labels}

    def parent(self, title: str) -> str | None:
        """The title of its parent."""
        return self._title(self.issue(title).parent)

    def children(self, title: str) -> list[str | None]:
        """The titles of its sub-issues, in their order."""
        return [self._title(each) for each in self.issue(title).sub_issues]

    def blockers(self, title: str) -> list[str | None]:
        """The titles of what it waits for."""
        return [self._title(each) for each in self.issue(title).blocked_by]

    def milestone(self, title: str) -> str | None:
        """The title of its milestone."""
        found = [
            each.title
            for each in self.person.repo.milestones.values()
            if each.number == self.issue(title).milestone
        ]
        return found[0] if found else None

    def _title(self, id_: int | None) -> str | None:
        return next((each.title for each in self.issues if each.id == id_), None)

    # ------------------------------------------------------------- another process

    @contextmanager
    def in_the_middle(self, *options: str) -> Iterator[subprocess.Popen[str]]:
        """A push in a process of its own, whose first create is made and not answered yet."""
        made = len(self.issues)
        fault = self.fails(FaultKind.SLOW, seconds=PATIENCE)
        process = start(self.root, "push", *options, env=self.server.environment())
        try:
            end = time.monotonic() + PATIENCE
            while len(self.issues) == made:
                assert process.poll() is None, process.communicate()
                assert time.monotonic() < end
                time.sleep(0.005)
            self.server.github.faults.remove(fault)
            yield process
        finally:
            process.kill()
            process.communicate()


def plain(operations: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Operations without what only carrying them out can tell: outcomes, new issues' numbers."""
    later = {"status", "url", "message", "number", "parent_number", "blocker_number"}
    numbers = {"changes", "links"}  # of a text that links issues which are made after it
    return [
        {
            name: value
            for name, value in op.items()
            if name not in (later | numbers if "made after it" in op["reason"] else later)
        }
        for op in operations
    ]


__all__ = [
    "EPIC", "NEW_ISSUE", "PRD", "REPO", "Cli", "FaultKind", "FaultRule", "Haste", "Person",
    "Result", "Served", "Story", "call", "plain",
]  # fmt: skip
