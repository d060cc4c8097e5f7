"""Who holds the lock between machines, as the label's description and a note on the disk say it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from datetime import UTC, datetime

from ghsync.lint import LOCK_LABEL
from ghsync.model import Repo
from ghsync.patterns import regex
from ghsync.values import dataclass

_DESCRIPTION = regex(r"(\S+) run (\S{1,20}) since (\S+) until (\S+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """Who holds the lock, as the label's description says it (at most 100 characters)."""

    host: str
    run: str
    since: float
    until: float
    """Epoch seconds by the server's clock, whole."""

    def __str__(self) -> str:
        """The description; :meth:`parse` reads it."""
        since = _iso(self.since)[: len("2026-11-21T12:00")] + "Z"
        return f"{self.host} run {self.run} since {since} until {_iso(self.until)}"

    @classmethod
    def parse(cls, text: str) -> Holder | None:
        """Read a description; ``None`` for one that no run of ghsync wrote."""
        found = _DESCRIPTION.fullmatch(text)
        if found is None:
            return None
        try:
            since, until = (datetime.fromisoformat(found[n]).timestamp() for n in (3, 4))
        except (ValueError, OverflowError):
            return None
        return cls(host=found[1], run=found[2], since=since, until=until)

    @property
    def broken(self) -> str:
        """What this lock is renamed to when it is broken; another lock's name is another."""
        return f"{LOCK_LABEL}-{self.run}-{self.until:.0f}"


def read_note(data: bytes | None, repo: Repo) -> tuple[set[str], list[str]] | None:
    """Read the note of killed runs; ``None`` where there is none about this repository."""
    try:
        note = json.loads(data or b"{}")
        if note["repo"] == repo.id:
            return {str(run) for run in note["runs"]}, [str(name) for name in note["broken"]]
    except (ValueError, LookupError, TypeError, RecursionError):
        pass
    return None


def write_note(repo: Repo, runs: Iterable[str], broken: list[str]) -> bytes:
    """Name the locks of this folder's runs for its next one, should this one be killed."""
    return json.dumps({"repo": repo.id, "runs": sorted(runs), "broken": broken}).encode()


def short_host(name: str) -> str:
    """The machine's own name in few plain characters: the description is short, and public."""
    return re.sub(r"[^A-Za-z0-9_-]+", "-", name.partition(".")[0])[:24].strip("-") or "unknown"


def _iso(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def words(moment: float) -> str:
    """A time as a person reads it."""
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%d %H:%M UTC")
