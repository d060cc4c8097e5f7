"""What a peer is asked: the same issues in every repository, one after the other, all at once.

A peer is a program that gets the job's file as its argument and prints its answer as JSON:
its version, and for each repository the titles for which it reported a failure.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TypeAlias

Create: TypeAlias = Callable[[str], object]
"""Makes an issue of this title; an exception means that it says it failed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A job for one peer; ``timeout`` in seconds is the client's for one request."""

    url: str
    token: str
    timeout: float
    titles: tuple[str, ...]
    repos: tuple[str, ...]

    def write(self, path: Path) -> None:
        """Store the job for the peer's process."""
        path.write_text(json.dumps(asdict(self)), "utf-8")

    @classmethod
    def read(cls, path: Path) -> Job:
        """The job that the harness stored."""
        content = json.loads(path.read_text("utf-8"))
        content |= {name: tuple(content[name]) for name in ("titles", "repos")}
        return cls(**content)


def carry_out(version: str, creator: Callable[[Job, str], Create]) -> None:
    """Do the job of the command line: a thread for each repository, one client in each."""
    job = Job.read(Path(sys.argv[1]))

    def one(repo: str) -> list[str]:
        create = creator(job, repo)
        failed: list[str] = []
        for title in job.titles:
            try:
                create(title)
            except Exception as error:  # noqa: BLE001 (whatever a client raises is its report)
                failed.append(title)
                print(f"{repo}: {title}: {type(error).__name__}: {error}", file=sys.stderr)
        return failed

    with ThreadPoolExecutor(len(job.repos)) as pool:
        errors = dict(zip(job.repos, pool.map(one, job.repos), strict=True))
    print(json.dumps({"version": version, "errors": errors}))
