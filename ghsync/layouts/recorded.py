"""The issue that a file says it is: a number, a URL, or a placeholder that says nothing."""

from __future__ import annotations

import re

from ghsync.layouts import fields
from ghsync.layouts.frontmatter import Document
from ghsync.model import Finding, IssueNumber, RecordedIssue, Severity
from ghsync.patterns import regex

_URL = regex(
    r"(?:https?://[^/\s]+|(?:[\w-]+\.)+[\w-]+)/(?:api/v3/)?(?:repos/)?"
    r"([^/\s]+)/([^/\s]+)/issues/(\d{1,9})(?![\d])",
    re.IGNORECASE,
)
_SHORT = regex(r"([\w.-]+)/([\w.-]+)#(\d{1,9})$")
_NUMBER = regex(r"#?([1-9]\d{0,8})$")
_LINK = regex(r"\[([^\]]*)\]\(([^)\s]+)\)$")
_MEANT = regex(r"https?://|(?:^|[^\w&])#\d|\bissues?[/ ]+#?\d", re.IGNORECASE)
"""What names an issue in some way, so that leaving it out needs a word."""
_TEMPLATE = frozenset({"owner/repo", "org/repo"})


def issue_in(text: str) -> tuple[int, str | None] | None:
    """The issue number in a text that is one, and ``owner/name`` where a URL gives it.

    The address in a template (``github.com/owner/repo``) is nobody's.
    """
    stripped = text.strip().strip("<>\"'` ")
    if match := _LINK.match(stripped):
        return issue_in(match.group(2)) or issue_in(match.group(1))
    if (match := _URL.match(stripped)) or (match := _SHORT.match(stripped)):
        repo = f"{match.group(1)}/{match.group(2)}"
        template = re.sub(r"[\[\]{}<>]", "", repo).casefold() in _TEMPLATE
        return None if template else (int(match.group(3)), repo)
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
            if _MEANT.search(text.text):
                findings.append(
                    _warning(
                        document.path,
                        text.line,
                        f"`{text.field}: {text.text[:100]}` is neither an issue's number nor its "
                        "address, and is not used. Write the number or the URL, or leave it empty.",
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
