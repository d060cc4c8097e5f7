"""planhub and gh-issue-sync: one file an issue, whose number is in the file or in its name.

Facts: github.com/koradon/planhub at 59db605 ``docs/ISSUE_FORMAT.md`` (``number:`` once synced, in
``.plan/issues/``, ``.plan/milestones/<slug>/issues/`` and ``.plan/archive/``);
github.com/mitsuhiko/gh-issue-sync at 4385477 ``FORMAT.md`` (``.issues/open/<n>-<slug>.md`` and
``closed/``, ``T…`` for what is not pushed yet, ``*.comment.md`` queued comments, copies in
``.issues/.sync/``).
"""

from __future__ import annotations

import re

from ghsync.importers.records import ByPath, Record, Tool, number_in, shown
from ghsync.layouts import fields, frontmatter
from ghsync.model import IssueNumber

_PLANHUB = re.compile(r"(?:^|/)\.plan/(?:archive/)?(?:milestones/[^/]+/)?issues/[^/]+\.md$", re.I)
_SYNCED = re.compile(r"(?:^|/)\.issues/(?:open|closed)/([^/]+)\.md$")


def is_planhub(path: str) -> bool:
    """Whether this is where planhub keeps an issue."""
    return _PLANHUB.search(path) is not None


def is_gh_issue_sync(path: str) -> bool:
    """Whether this is where gh-issue-sync keeps an issue; its queued comments are none."""
    match = _SYNCED.search(path)
    return match is not None and not match.group(1).endswith(".comment")


def number_of_name(path: str) -> IssueNumber | None:
    """The number that a file of gh-issue-sync's is called by; ``None`` for one not pushed yet."""
    match = _SYNCED.search(path)
    return number_in(match.group(1).partition("-")[0]) if match else None


def read_planhub(path: str, text: str) -> tuple[Record, ...]:
    """The record of one file; none where it has not been synced."""
    document = frontmatter.parse(path, text)
    found = fields.word(document, ("number",))
    if found is None:
        return ()
    number = number_in(found.text.lstrip("#"))
    title = fields.one(document, ("title",))
    return (
        Record(
            tool=Tool.PLANHUB,
            path=path,
            line=found.line,
            text=shown(title.text if title else path),
            names=(ByPath(path=path),),
            number=number,
            wrong=None if number else f"`number: {shown(found.text)}` is no issue's number",
        ),
    )


def read_gh_issue_sync(path: str, text: str) -> tuple[Record, ...]:
    """The record in one file's name; none for a local one (``T1-…``)."""
    number = number_of_name(path)
    if number is None:
        return ()
    title = fields.one(frontmatter.parse(path, text), ("title",))
    return (
        Record(
            tool=Tool.GH_ISSUE_SYNC,
            path=path,
            line=1,
            text=shown(title.text if title else path),
            names=(ByPath(path=path),),
            number=number,
        ),
    )
