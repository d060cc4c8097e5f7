"""One file an issue, as other tools write them: gh-issue-sync, planhub, gh2md.

Facts: github.com/mitsuhiko/gh-issue-sync at 4385477 ``FORMAT.md`` (``.issues/open/42-slug.md``,
``closed/``, ``T1-slug.md`` for a new one; the folder is the state); github.com/koradon/planhub at
59db605 ``docs/ISSUE_FORMAT.md`` (``.plan/issues/*.md``, ``.plan/milestones/<slug>/issues/``,
``number:``); github.com/mattduck/gh2md at 0cc8584 ``src/gh2md/templates_markdown.py``
(``2017-05-20.1.issue.closed.md``). The first two record their issue; so does the third's heading.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ghsync.layouts import build, claude, fields, names, recorded
from ghsync.layouts.base import Draft, FieldNames, Reading
from ghsync.layouts.frontmatter import Document
from ghsync.model import (
    Finding,
    IssueNumber,
    Item,
    Kind,
    NotItem,
    RecordedIssue,
    Severity,
    State,
    StateReason,
)
from ghsync.patterns import regex
from ghsync.values import dataclass

_SYNCED = regex(r"(?:(.*)/)?\.issues/(open|closed)/[^/]+\.md$")
_PLANNED = regex(r"(?:(.*)/)?\.plan/(?:archive/)?(?:milestones/[^/]+/)?issues/[^/]+\.md$")
_DUMPED = regex(r"\d{4}-\d\d-\d\d\.(\d+)\.(issue|pr)\.(open|closed)\.md$")
_LOCAL = regex(r"(T\w+?)(?:-|$)")
_HEADING = regex(r"# \[\\?#(\d+)[^\]]*\]\((\S+)\) `(\w+)`: (.*)$")
_OPENED = regex(r"#### <img [^>]*>\[.*opened issue at \[")
_NEXT = regex(r"#### <img [^>]*>\[.*commented at \[|-{79}$")
_TICKED = regex(r"`([^`]+)`")
FIELDS = FieldNames(
    title=("title",),
    status=("state",),
    issue=(),
    ident=(),
    parent=("parent",),
    blocked_by=("blocked_by",),
)
PLAN_FIELDS = replace(FIELDS, issue=("number",), ident=("id",))


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportLayout:
    """Folders in which another tool keeps one file an issue."""

    name: str = "export"
    looks_for: str = ".issues/open/, .plan/issues/ or 2025-01-31.7.issue.open.md"

    def recognise(self, paths: Sequence[str]) -> tuple[str, ...]:
        """The folders ``.issues`` and ``.plan``, and those with gh2md's files."""
        bases: set[str] = set()
        for path in paths:
            folder, _, name = path.rpartition("/")
            for pattern, own in ((_SYNCED, ".issues"), (_PLANNED, ".plan")):
                if match := pattern.match(path):
                    bases.add(f"{match.group(1)}/{own}" if match.group(1) else own)
            if _DUMPED.match(name):
                bases.add(folder)
        return tuple(sorted(bases))

    def refuse(self, base: str, path: str) -> str | None:
        """Why a file is no issue by its path alone."""
        del base
        name = path.rpartition("/")[2]
        if _PLANNED.match(path):
            return None
        if _SYNCED.match(path):
            return "a queued comment" if name.endswith(".comment.md") else None
        if "/.sync/" in path:
            return "gh-issue-sync's own copy"
        if match := _DUMPED.match(name):
            return "a pull request" if match.group(2) == "pr" else None
        return "not where the tool keeps an issue"

    def read(self, base: str, documents: Sequence[Document]) -> Reading:
        """Make a draft of each issue."""
        drafts: list[Draft] = []
        not_items: list[NotItem] = []
        for document in documents:
            draft = self._draft(base, document)
            if draft is None:
                reason = "gh2md's heading of an issue is not at its top"
                not_items.append(NotItem(path=document.path, reason=reason))
            else:
                drafts.append(draft)
        return Reading(drafts=tuple(drafts), not_items=tuple(not_items))

    def _draft(self, base: str, document: Document) -> Draft | None:
        if _SYNCED.match(document.path):
            return self._synced(base, document)
        if _PLANNED.match(document.path):
            return self._planned(base, document)
        return self._dumped(base, document)

    def _synced(self, base: str, document: Document) -> Draft:
        """gh-issue-sync's: the name is the number, the folder the state."""
        made, findings = build.item(document, layout=self.name, kind=_kind(document), names_=FIELDS)
        match = _SYNCED.match(document.path)
        closed = match is not None and match.group(2) == "closed"
        stem = names.stem(document.path)
        number = stem.partition("-")[0]
        local = _LOCAL.match(stem)
        near: tuple[str, ...] = ()
        if number.isascii() and number.isdigit() and 0 < int(number) < 10**9:
            issue = RecordedIssue(number=IssueNumber(int(number)), repo=None, line=1)
            made = replace(made, recorded=issue)
        elif local:
            made = replace(made, ident=local.group(1))
            near = (names.fold(local.group(1)),)
        folders = (f"{base}/open", f"{base}/closed")
        draft = build.draft(
            _stated(document, made, closed=closed), findings, base=base, folders=folders
        )
        return _linked(document, replace(draft, near=near, wide=()))

    def _planned(self, base: str, document: Document) -> Draft:
        """planhub's: ``number:`` is the issue once there is one."""
        archived = "archive" in claude.below(base, document.path)[:-1]
        made, findings = build.item(
            document,
            layout=self.name,
            kind=_kind(document),
            names_=PLAN_FIELDS,
            archived=archived,
        )
        if made.milestone is not None and made.milestone.isdigit():
            findings = (*findings, _numbered_milestone(document, made.milestone))
            made = replace(made, milestone=None)
        near, wide = names.of_file(document.path)
        draft = build.draft(
            _stated(document, made, closed=made.state is State.CLOSED),
            findings,
            base=base,
            folders=(build.parent_folder(document.path),),
            near=near,
            wide=wide,
        )
        return _linked(document, draft)

    def _dumped(self, base: str, document: Document) -> Draft | None:
        """gh2md's: everything is in the heading; comments are left out of the text."""
        lines = document.body.split("\n")
        head = _HEADING.match(lines[0])
        start = next((n for n, line in enumerate(lines) if _OPENED.match(line)), None)
        if head is None or start is None:
            return None
        end = next((n for n in range(start + 1, len(lines)) if _NEXT.match(lines[n])), len(lines))
        labels = next((line for line in lines[1:start] if line.startswith("**Labels**")), "")
        issue = recorded.issue_in(head.group(2))
        closed = head.group(3).casefold() == "closed"
        made = Item(
            key=build.key_of(document.path),
            kind=Kind.TASK,
            path=document.path,
            layout=self.name,
            title=head.group(4).strip() or names.stem(document.path),
            body="\n".join(lines[start + 1 : end]).strip("\n").rstrip(),
            labels=tuple(dict.fromkeys((Kind.TASK.value, *_TICKED.findall(labels)))),
            state=State.CLOSED if closed else State.OPEN,
            reason=StateReason.COMPLETED if closed else None,
            status=head.group(3),
            recorded=RecordedIssue(
                number=IssueNumber(issue[0]), repo=issue[1], line=document.body_line
            )
            if issue
            else None,
        )
        return build.draft(made, document.findings, base=base, folders=(base,))


def _kind(document: Document) -> Kind:
    """The issue type, where it says epic; every other one is a task."""
    word = fields.word(document, ("type",))
    return Kind.EPIC if word and word.text.casefold() == Kind.EPIC.value else Kind.TASK


def _stated(document: Document, item: Item, *, closed: bool) -> Item:
    """The item with its state, and the reason that ``state_reason`` gives."""
    if not closed:
        return replace(item, state=State.OPEN, reason=None)
    word = fields.word(document, ("state_reason",))
    planned = word is None or word.text.casefold() != StateReason.NOT_PLANNED.value
    reason = StateReason.COMPLETED if planned else StateReason.NOT_PLANNED
    return replace(item, state=State.CLOSED, reason=reason)


def _linked(document: Document, draft: Draft) -> Draft:
    parent = build.parent_ref(document, FIELDS.parent, set(Kind))
    return replace(
        draft,
        blockers=build.references(document, FIELDS.blocked_by),
        parents=(parent,) if parent else (),
    )


def _numbered_milestone(document: Document, number: str) -> Finding:
    word = fields.one(document, ("milestone",))
    return Finding(
        path=document.path,
        line=word.line if word else 1,
        code="milestone_number",
        severity=Severity.WARNING,
        message=f"`milestone: {number}` is a milestone's number, which only GitHub knows; it is "
        "not used. Write the milestone's title.",
    )
