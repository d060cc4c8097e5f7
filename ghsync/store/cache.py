"""The snapshot cache: what GitHub held when it was last read, so that a run reads what is new.

It is a cache: damaged, missing, of another repository or another version, it is as if it were
not there. A checksum over the issues' lines stands for a check of every field.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import starmap
from pathlib import Path
from typing import Any

from ghsync.model import Issue, IssueId, IssueNumber, Key, RepoId, State, Uid
from ghsync.render import digest
from ghsync.store.fs import Files, write_atomically

SCHEMA = "ghsync.cache/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cache:
    """GitHub's issues by an earlier read."""

    repo_id: RepoId
    api_url: str
    cursor: str
    """The server's time of that read (ISO 8601): where the next one starts, with an overlap."""
    issues: Mapping[IssueNumber, Issue]
    """Without their texts: ``body`` is empty and ``digest`` set, once read back from disk."""


def load_cache(files: Files, path: Path, *, repo_id: RepoId, api_url: str) -> Cache | None:
    """Return the cache of this repository on this server, or ``None`` where it is of no use."""
    try:
        head, _, lines = (files.read(path) or b"").partition(b"\n")
        header = json.loads(head)
        known = (header["schema"], header["repo_id"], header["api_url"], header["crc"])
        if known != (SCHEMA, repo_id, api_url, zlib.crc32(lines)):
            return None
        rows = json.loads(b"[%b]" % lines.strip().replace(b"\n", b","))
        issues = {issue.number: issue for issue in starmap(_issue, rows)}
        return Cache(repo_id=repo_id, api_url=api_url, cursor=str(header["cursor"]), issues=issues)
    except (OSError, ValueError, TypeError, LookupError, RecursionError):
        return None


def save_cache(files: Files, path: Path, cache: Cache) -> None:
    """Replace the cache; a power cut may leave none. Raises ``OSError``."""
    rows = "".join(f"{_dumps(_row(issue))}\n" for _, issue in sorted(cache.issues.items())).encode()
    header = {
        "schema": SCHEMA,
        "repo_id": cache.repo_id,
        "api_url": cache.api_url,
        "cursor": cache.cursor,
        "crc": zlib.crc32(rows),
    }
    write_atomically(files, path, f"{_dumps(header)}\n".encode() + rows, durable=False)


def _row(issue: Issue) -> list[object]:
    return [
        issue.number,
        issue.id,
        issue.title,
        digest(issue.body) if issue.digest is None else issue.digest,
        issue.state.value,
        issue.state_reason,
        issue.labels,
        issue.assignees,
        issue.milestone,
        issue.parent,
        issue.blocked_by_total,
        issue.uid,
        issue.marker_key,
        issue.locked,
        issue.updated_at,
        issue.html_url,
    ]


def _issue(
    number: int,
    id_: int,
    title: str,
    body_digest: str,
    state: str,
    state_reason: str | None,
    labels: list[str],
    assignees: list[str],
    milestone: str | None,
    parent: int | None,
    blocked_by_total: int,
    uid: str | None,
    marker_key: str | None,
    locked: bool,
    updated_at: str,
    html_url: str,
) -> Issue:
    return Issue(
        number=IssueNumber(number),
        id=IssueId(id_),
        title=title,
        body="",
        digest=body_digest,
        state=State(state),
        state_reason=state_reason,
        labels=tuple(labels),
        assignees=tuple(assignees),
        milestone=milestone,
        parent=None if parent is None else IssueNumber(parent),
        blocked_by_total=blocked_by_total,
        uid=None if uid is None else Uid(uid),
        marker_key=None if marker_key is None else Key(marker_key),
        locked=locked,
        updated_at=updated_at,
        html_url=html_url,
    )


def _dumps(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))
