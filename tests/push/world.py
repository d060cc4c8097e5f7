"""What the tests of a push share: a folder of files, a GitHub, a clock, and runs between them.

Every run goes through the real client, whose transport is the sandbox; the state is kept on a
disk in memory, which costs no fsync and can be killed or filled at every step.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from store.store_disk import MemoryDisk

from ghsync import sync
from ghsync.clock import VirtualClock
from ghsync.config import Config, load_config
from ghsync.embedded import Embedded
from ghsync.errors import ExitCode
from ghsync.journal import SyncMap
from ghsync.model import Event, Operation, Run, Status, StatusRow, op_name
from ghsync.outcome import exit_code_of
from ghsync.pulling import Pulled
from ghsync.sandbox.faults import FaultKind, FaultRule
from ghsync.sandbox.github import GitHub, LogEntry
from ghsync.sandbox.limits import GITHUB as GITHUB_LIMITS
from ghsync.sandbox.limits import Limits
from ghsync.sandbox.people import Person
from ghsync.sandbox.records import Issue
from ghsync.sandbox.seeds import SANDBOX_TOKEN
from ghsync.stop import Stop
from ghsync.store import Files, Store
from ghsync.sync import Surroundings

REPO = "octo/plan"
START = 1_795_000_000.0
EPIC = ".claude/epics/shop"
"""The epic's folder that most tests use."""


@dataclass
class World:
    """One folder, one GitHub and the time; runs share them."""

    root: Path
    github: GitHub = field(default_factory=lambda: GitHub(limits=GITHUB_LIMITS))
    clock: VirtualClock = field(default_factory=lambda: VirtualClock(START))
    disk: MemoryDisk = field(default_factory=MemoryDisk)
    token: str = SANDBOX_TOKEN
    wrap: Callable[[Any], Any] = lambda inner: inner
    events: list[Event] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.disk.folders.add(self.root)
        self.options: dict[str, object] = {"sandbox": True, "repo": REPO}
        self._random = itertools.count(1)
        self.me = self.person("octo")

    # ---------------------------------------------------------------------- files

    def file(self, path: str, text: str) -> None:
        """Write a file."""
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8", newline="")

    def item(self, path: str, title: str, body: str = "Text.", **fields: object) -> str:
        """Write an item's file, with these fields in its frontmatter; returns its key."""
        lines = [f"name: {title}"]
        for name, value in {"status": "open", **fields}.items():
            shown = f"[{', '.join(map(str, value))}]" if isinstance(value, list) else value
            lines.append(f"{name}: {shown}")
        self.file(path, "---\n" + "\n".join(lines) + f"\n---\n\n{body}\n")
        return path.removesuffix(".md")

    def epic(self, title: str = "Shop", folder: str = EPIC, **fields: Any) -> str:
        """Write an epic."""
        return self.item(f"{folder}/epic.md", title, **fields)

    def task(self, number: int, title: str | None = None, folder: str = EPIC, **fields: Any) -> str:
        """Write a task of an epic."""
        return self.item(f"{folder}/{number:03d}.md", title or f"Task {number}", **fields)

    def backlog(self, tasks: int, folder: str = EPIC, **fields: Any) -> None:
        """Write an epic with so many tasks."""
        self.epic(folder=folder, title=folder.rpartition("/")[2])
        for number in range(1, tasks + 1):
            self.task(number, f"{folder[-4:]} {number}", folder, **fields)

    def remove(self, path: str) -> None:
        """Delete a file."""
        (self.root / path).unlink()

    def move(self, old: str, new: str) -> None:
        """Rename a file."""
        target = self.root / new
        target.parent.mkdir(parents=True, exist_ok=True)
        (self.root / old).rename(target)

    # ----------------------------------------------------------------------- runs

    def config(self, **options: object) -> Config:
        """The settings of a run."""
        return load_config(self.root, options={**self.options, **options}, env={})

    def around(
        self, *, stop: Stop | None = None, files: Files | None = None, command: str = "push"
    ) -> Surroundings:
        """What a run takes from outside."""
        self.events.clear()
        return Surroundings(
            env={},
            on_event=self.on_event,
            stop=stop,
            command=command,
            random_bytes=lambda n: next(self._random).to_bytes(n, "big"),
            embedded=Embedded(
                github=self.github, clock=self.clock, token=self.token, wrap=self.wrap
            ),
            files=files or self.disk,
        )

    def on_event(self, event: Event) -> None:
        """Keep what a run tells; tests may do more."""
        self.events.append(event)

    def push(self, *, stop: Stop | None = None, dry_run: bool = False, **options: object) -> Run:
        """Push."""
        around = self.around(stop=stop)
        return asyncio.run(sync.push(self.config(**options), around, dry_run=dry_run))

    def dry_run(self, **options: object) -> Run:
        """Say what a push would do."""
        return self.push(dry_run=True, **options)

    def pull(self, *, dry_run: bool = False, **options: object) -> Pulled:
        """Bring what changed on GitHub into the files."""
        around = self.around(command="pull")
        return asyncio.run(sync.pull(self.config(**options), around, dry_run=dry_run))

    def read(self, path: str) -> str:
        """A file's text, with its own line ends."""
        return (self.root / path).read_bytes().decode()

    def retry(self, **options: object) -> Run:
        """Push again what failed."""
        return asyncio.run(sync.retry(self.config(**options), self.around(command="retry")))

    def undo(self, run: str | None = None, *, dry_run: bool = False, **options: object) -> Run:
        """Take a run back."""
        around = self.around(command="undo")
        return asyncio.run(sync.undo(self.config(**options), around, run, dry_run=dry_run))

    def status(self) -> dict[str, StatusRow]:
        """The rows of ``status`` by key."""
        return {row.key: row for row in self.status_rows() if row.key}

    def status_rows(self, **options: object) -> tuple[StatusRow, ...]:
        """All rows of ``status``, those of issues without a file, too."""
        return asyncio.run(sync.status(self.config(**options), self.around()))[0]

    def killed_at(self, step: int, **options: object) -> None:
        """Push, and die at this step of the disk."""
        self.disk.kill_at = len(self.disk.steps) + step
        self.push(**options)

    def revive(self) -> None:
        """Take the disk as the next process finds it."""
        self.disk = self.disk.after_kill()

    # -------------------------------------------------------------------- GitHub

    def person(self, login: str = "somebody") -> Person:
        """Somebody on the web page."""
        return Person(self.github, REPO, login=login, now=self.clock.now())

    def later(self, seconds: float = 120.0) -> float:
        """Let time pass; the answer is the time then."""
        self.clock.advance(seconds)
        return self.clock.now()

    @property
    def issues(self) -> dict[int, Issue]:
        """GitHub's issues by number."""
        held = self.me.repo.issues.values()
        return {issue.number: issue for issue in held if issue.here and not issue.pull}

    @property
    def titles(self) -> list[str]:
        """All titles, in the order of their numbers."""
        return [issue.title for _, issue in sorted(self.issues.items())]

    def issue(self, title: str) -> Issue:
        """The one issue of that title."""
        found = [issue for issue in self.issues.values() if issue.title == title]
        assert len(found) == 1, (title, self.titles)
        return found[0]

    def labels(self, title: str) -> set[str]:
        """The label names of an issue."""
        return {self.me.repo.labels[each].name for each in self.issue(title).labels}

    def parent(self, title: str) -> str | None:
        """The title of an issue's parent."""
        return self._title(self.issue(title).parent)

    def blockers(self, title: str) -> set[str | None]:
        """The titles of what blocks an issue."""
        return {self._title(each) for each in self.issue(title).blocked_by}

    def _title(self, issue_id: int | None) -> str | None:
        found = None if issue_id is None else self.github.state.issue_by_id(issue_id)
        return None if found is None else found.title

    def fault(self, kind: FaultKind, **fields: Any) -> int:
        """Install a fault."""
        return self.github.faults.install(FaultRule(kind=kind, **fields))

    def limit(self, limits: Limits) -> None:
        """Change the server's limits."""
        self.github.limits = limits

    def writes(self, since: int = 0) -> list[LogEntry]:
        """The writes that the server saw, after the first ``since`` requests."""
        return [entry for entry in list(self.github.log)[since:] if entry.method != "GET"]

    # ---------------------------------------------------------------------- state

    @property
    def map(self) -> SyncMap:
        """The sync map, with what the journal adds."""
        return Store.open(self.root, files=self.disk).load().map

    def agree(self) -> None:
        """Check that the map is GitHub: one issue for each entry, and no issue of ours beside."""
        entries = self.map.entries.values()
        assert sorted(e.number for e in entries) == sorted(self.issues), self.titles
        for entry in entries:
            assert self.issues[entry.number].id == entry.id
        assert not Store.open(self.root, files=self.disk).load().pending


def ops(run: Run) -> list[str]:
    """What a plan does, as words."""
    return [told(op) for op in run.plan.operations]


def told(op: Operation) -> str:
    """An operation in short: its word, and its title or name."""
    return f"{op_name(op)} {getattr(op, 'title', None) or getattr(op, 'name', '')}"


def names(run: Run) -> list[str]:
    """The words of a plan's operations."""
    return [op_name(op) for op in run.plan.operations]


def code(run: Run) -> ExitCode:
    """The exit code of a run."""
    return exit_code_of(run)


def codes(run: Run) -> set[str]:
    """The codes of a run's findings."""
    return {finding.code for finding in run.findings}


def unfinished(run: Run) -> list[str]:
    """Every operation that is not done, with its message."""
    return [
        f"{told(r.operation)}: {r.status} {r.message}"
        for r in run.results
        if r.status is not Status.DONE
    ]


def of_status(run: Run, status: Status) -> list[str]:
    """The operations with this outcome."""
    return [told(r.operation) for r in run.results if r.status is status]


def numbers(entries: Iterable[LogEntry]) -> list[str]:
    """Requests as one line each."""
    return [f"{entry.method} {entry.path} {entry.status}" for entry in entries]
