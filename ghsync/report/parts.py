"""The small objects that ghsync's JSON documents share."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any, TypeAlias

from ghsync.errors import GhsyncError, StalePlanError
from ghsync.model import FieldValue, FileWrite, Finding, RateLimit, Requests

Document: TypeAlias = dict[str, Any]


def findings(findings: Iterable[Finding]) -> list[Document]:
    """List findings with where, what and how bad."""
    return [
        {
            "path": f.path,
            "line": f.line,
            "code": f.code,
            "severity": f.severity.value,
            "message": f.message,
            "key": f.key,
        }
        for f in findings
    ]


def files(files: Iterable[FileWrite]) -> list[Document]:
    """List the files that got, or should get, their issue's URL or number."""
    return [
        {
            "path": f.path,
            "key": f.key,
            "number": f.number,
            "status": f.status.value,
            "message": f.message or None,
        }
        for f in files
    ]


def requests(requests: Requests) -> Document:
    """Count requests by kind."""
    return {"reads": requests.reads, "writes": requests.writes, "content": requests.content}


def rate_limit(rate: RateLimit | None) -> Document | None:
    """Give GitHub's primary budget, or null where it is not known."""
    if rate is None:
        return None
    return {"limit": rate.limit, "remaining": rate.remaining, "reset": rate.reset}


def error(error: GhsyncError) -> Document:
    """Give a fatal error; of a stale plan, all that moved."""
    document: Document = {"code": error.code, "message": error.message, "hint": error.hint}
    return document | ({"moved": list(error.moved)} if isinstance(error, StalePlanError) else {})


def seconds(value: float | None) -> float | None:
    """Round seconds to milliseconds; null where they cannot be told."""
    # JSON has no infinity: an ETA that cannot be told is null.
    return None if value is None or not math.isfinite(value) else round(value, 3)


def value(value: FieldValue) -> str | list[str] | None:
    """Turn a field's value into JSON."""
    return list(value) if isinstance(value, tuple) else value


def without_surrogates(value: Any) -> Any:
    """Replace lone surrogates by U+FFFD, all the way down."""
    match value:
        case str():
            return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        case dict():
            return {without_surrogates(k): without_surrogates(v) for k, v in value.items()}
        case list() | tuple():
            return [without_surrogates(part) for part in value]
        case _:
            return value
