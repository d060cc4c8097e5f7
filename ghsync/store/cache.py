"""The snapshot cache: what GitHub held when it was last read, so that a run reads what is new.

It is a cache: damaged, missing, of another repository or another version, it is as if it were
not there. A checksum over the issues' lines stands for a check of every field.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ghsync.model import FieldKind, HeldField, Issue, IssueNumber, RepoId, State
from ghsync.render import digest
from ghsync.store.fs import Files, write_atomically
from ghsync.values import dataclass

SCHEMA = "ghsync.cache/5"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cache:
    """GitHub's issues by an earlier read."""

    repo_id: RepoId
    api_url: str
    cursor: str
    """The server's time of that read (ISO 8601): where the next one starts, with an overlap."""
    whole: str
    """The server's time when everything was read last. What is deleted or transferred shows in no
    reading "since", so after a while everything is read again."""
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
        issues = {issue.number: issue for issue in map(_issue, rows)}
        cursor, whole = str(header["cursor"]), str(header["whole"])
        return Cache(repo_id=repo_id, api_url=api_url, cursor=cursor, whole=whole, issues=issues)
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
        "whole": cache.whole,
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
        issue.children_total,
        issue.blocked_by_total,
        issue.uid,
        issue.marker_key,
        issue.stranger,
        issue.locked,
        issue.type,
        None if issue.fields is None else [[f.name, f.kind, f.value] for f in issue.fields],
        issue.updated_at,
        issue.html_url,
    ]


def _issue(row: list[Any]) -> Issue:
    # The checksum vouches for the types; 10,000 of these are read at the start of every run.
    number, id_, title, digest_, state, reason, labels, assignees, milestone, *rest = row
    parent, children, blockers, uid, marker_key, stranger, *rest = rest
    locked, type_, fields, updated_at, html_url = rest
    return Issue(
        number=number,
        id=id_,
        title=title,
        body="",
        digest=digest_,
        state=State(state),
        state_reason=reason,
        labels=tuple(labels),
        assignees=tuple(assignees),
        milestone=milestone,
        parent=parent,
        children_total=children,
        blocked_by_total=blockers,
        uid=uid,
        marker_key=marker_key,
        stranger=stranger,
        locked=locked,
        type=type_,
        fields=None if fields is None else tuple(_held(*field) for field in fields),
        updated_at=updated_at,
        html_url=html_url,
    )


def _held(name: str, kind: str, value: str) -> HeldField:
    return HeldField(name=name, kind=FieldKind(kind), value=value)


def _dumps(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))
