"""What a request weighs against GitHub's secondary limits (docs: calculating points).

GitHub publishes no list of what "generates content"; this is what its OpenAPI marks as
notifying or warns about.
"""

from __future__ import annotations

from ghsync.patterns import regex

_CONTENT = tuple(
    (method, regex(rf"/(?:repos/[^/]+/[^/]+|repositories/[0-9]+)/issues{rest}"))
    for method, rest in (
        ("POST", ""),
        ("POST", "/[0-9]+/comments"),
        ("POST", "/[0-9]+/dependencies/blocked_by"),
        ("DELETE", "/[0-9]+/dependencies/blocked_by/[0-9]+"),
        ("POST", "/[0-9]+/sub_issues"),
        ("DELETE", "/[0-9]+/sub_issue"),
        ("PATCH", "/[0-9]+/sub_issues/priority"),
        ("POST", "/[0-9]+/issue-field-values"),
        ("PUT", "/[0-9]+/issue-field-values"),
        ("DELETE", "/[0-9]+/issue-field-values/[0-9]+"),
    )
)


def points(method: str) -> int:
    """1 for a read, 5 for a write."""
    return 1 if method in ("GET", "HEAD", "OPTIONS") else 5


def makes_content(method: str, path: str) -> bool:
    """Whether the request counts against the content limits."""
    return any(method == each and pattern.fullmatch(path) for each, pattern in _CONTENT)
