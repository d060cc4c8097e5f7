"""The issue that a file says it is: a number, a URL, or a placeholder that says nothing."""

from __future__ import annotations

import re

from ghsync.layouts import fields
from ghsync.layouts.frontmatter import Document
from ghsync.model import Finding, IssueNumber, RecordedIssue, Severity

_URL = re.compile(
    r"https?://[^/\s]+/(?:api/v3/)?(?:repos/)?([^/\s]+)/([^/\s]+)/issues/(\d{1,9})(?![\d])",
    re.IGNORECASE,
)
_SHORT = re.compile(r"([\w.-]+)/([\w.-]+)#(\d{1,9})$")
_NUMBER = re.compile(r"#?([1-9]\d{0,8})$")
_LINK = re.compile(r"\[([^\]]*)\]\(([^)\s]+)\)$")
_OTHER_URL = re.compile(r"https?://", re.IGNORECASE)
_UNKNOWN_REPOS = frozenset({"owner/repo", "{owner}/{repo}", "<owner>/<repo>", "org/repo"})


def issue_in(text: str) -> tuple[int, str | None] | None:
    """The issue number in a text that is one, and ``owner/name`` where a URL gives it."""
    stripped = text.strip().strip("<>\"'` ")
    if match := _LINK.match(stripped):
        return issue_in(match.group(2)) or issue_in(match.group(1))
    if (match := _URL.match(stripped)) or (match := _SHORT.match(stripped)):
        repo = f"{match.group(1)}/{match.group(2)}"
        return int(match.group(3)), None if repo.casefold() in _UNKNOWN_REPOS else repo
    if match := _NUMBER.match(stripped):
        return int(match.group(1)), None
    return None


def find(
    document: Document, names: tuple[str, ...]
) -> tuple[RecordedIssue | None, tuple[Finding, ...]]:
    """The issue that a document records, and warnings about fields that name none or another."""
    taken: tuple[RecordedIssue, str] | None = None
    findings: list[Finding] = []
    for text in fields.many(document, names, split=False):
        issue = issue_in(text.text)
        if issue is None:
            if _OTHER_URL.match(text.text.strip("<>")):
                findings.append(
                    _warning(
                        document.path,
                        text.line,
                        f"`{text.field}: {text.text[:100]}` is not the address of an issue "
                        "and is not used. Write the issue's number or URL, or leave it empty.",
                    )
                )
            continue
        record = RecordedIssue(number=IssueNumber(issue[0]), repo=issue[1], line=text.line)
        if taken is None:
            taken = record, text.field
        elif not _same(taken[0], record):
            findings.append(
                _warning(
                    document.path,
                    text.line,
                    f"`{text.field}` names issue #{record.number}, but `{taken[1]}` (line "
                    f"{taken[0].line}) names #{taken[0].number}, which is taken. Remove one.",
                )
            )
    return (taken[0] if taken else None), tuple(findings)


def _same(one: RecordedIssue, other: RecordedIssue) -> bool:
    if one.number != other.number:
        return False
    return None in (one.repo, other.repo) or _folded(one) == _folded(other)


def _folded(record: RecordedIssue) -> str:
    return (record.repo or "").casefold()


def _warning(path: str, line: int, message: str) -> Finding:
    return Finding(
        path=path,
        line=line,
        code="recorded_unusable",
        severity=Severity.WARNING,
        message=message,
    )
