"""Make the item of a document: what all layouts with frontmatter have in common."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ghsync.layouts import fields, markdown, names, priority, recorded, status
from ghsync.layouts.base import Draft, FieldNames, ParentRef, Reference
from ghsync.layouts.frontmatter import Document
from ghsync.model import Finding, Item, Key, Kind, Severity, State, StateReason

_NOBODY = fields.NOTHING | {"unassigned", "nobody", "no one", "anyone"}


def key_of(path: str) -> Key:
    """The key of a file that is one item: its path without ``.md``."""
    return Key(path.removesuffix(".md"))


def parent_folder(path: str) -> str:
    """The folder of a path; ``""`` for the root."""
    return path.rpartition("/")[0]


def item(
    document: Document,
    *,
    layout: str,
    kind: Kind,
    names_: FieldNames,
    archived: bool = False,
    archived_reason: StateReason = StateReason.COMPLETED,
    statuses: Mapping[str, StateReason | None] | None = None,
    default_title: str | None = None,
    kind_labels: tuple[str, ...] | None = None,
) -> tuple[Item, tuple[Finding, ...]]:
    """The item of one document, without its links, and what there is to say about it."""
    word = fields.word(document, names_.status)
    verdict = status.judge(word.text if word else None, statuses)
    unknown = word is not None and not verdict.known and not document.broken
    issue, odd = recorded.find(document, names_.issue)
    closed = verdict.state is State.CLOSED
    ident = fields.word(document, names_.ident)
    milestone = fields.word(document, names_.milestone)
    return (
        Item(
            key=key_of(document.path),
            kind=kind,
            path=document.path,
            layout=layout,
            title=title(document, names_, default_title),
            body=document.body,
            labels=labels(document, names_, (kind.value,) if kind_labels is None else kind_labels),
            assignees=assignees(document, names_),
            milestone=milestone.text if milestone else None,
            state=State.CLOSED if archived else verdict.state,
            reason=archived_reason if archived and not closed else verdict.reason,
            status=word.text if word else None,
            priority=priority.judge(_text(document, names_.priority)),
            archived=archived,
            ident=ident.text if ident else None,
            recorded=issue,
        ),
        (
            *document.findings,
            *((unknown_status(document.path, word),) if word and unknown else ()),
            *odd,
        ),
    )


def _text(document: Document, names_: tuple[str, ...]) -> str | None:
    found = fields.one(document, names_)
    return found.text if found else None


def title(document: Document, names_: FieldNames, default: str | None = None) -> str:
    """The title field, else the first H1, else ``default``, else the file's name."""
    return (
        _text(document, names_.title)
        or markdown.first_h1(document.body)
        or default
        or names.stem(document.path)
    )


def labels(document: Document, names_: FieldNames, first: Iterable[str]) -> tuple[str, ...]:
    """The kind's labels and the file's, in any form, once each without regard to case."""
    texts = [text.text for text in fields.many(document, names_.labels)]
    seen: dict[str, str] = {}
    for label in (*first, *texts):
        if label.casefold() not in fields.NOTHING:
            seen.setdefault(label.casefold(), label)
    return tuple(seen.values())


def assignees(document: Document, names_: FieldNames) -> tuple[str, ...]:
    """The people of the file, ``@`` dropped, once each; what can be no login is left to lint."""
    seen: dict[str, str] = {}
    for text in fields.many(document, names_.assignees):
        person = text.text.lstrip("@").strip()
        if person.casefold() not in _NOBODY:
            seen.setdefault(person.casefold(), person)
    return tuple(seen.values())


def references(document: Document, names_: tuple[str, ...]) -> tuple[Reference, ...]:
    """The references in these fields as they stand, placeholders left out.

    A broken document gives none: what was salvaged of it is for naming it, not for linking.
    """
    if document.broken:
        return ()
    return tuple(
        Reference(text=text.text, line=text.line, field=text.field)
        for text in fields.many(document, names_, split=False)
        if not _placeholder(text.text)
    )


def _placeholder(text: str) -> bool:
    folded = text.strip("()[]. ").casefold()
    return folded in fields.NOTHING or folded.startswith(("none ", "none,", "none (", "n/a "))


def parent_ref(
    document: Document, names_: tuple[str, ...], kinds: Iterable[Kind]
) -> ParentRef | None:
    """The parent that the first of these fields names."""
    for reference in references(document, names_):
        return ParentRef(reference=reference, kinds=frozenset(kinds))
    return None


def unknown_status(path: str, word: fields.Text) -> Finding:
    """The warning about a status word that nobody knows."""
    return Finding(
        path=path,
        line=word.line,
        code="unknown_status",
        severity=Severity.WARNING,
        message=f"The status '{word.text[:60]}' is not known, so the item counts as open. "
        "Write open, in-progress, done or cancelled.",
    )


def draft(
    made: Item,
    findings: tuple[Finding, ...],
    *,
    base: str,
    folders: tuple[str, ...],
    near: Iterable[str] = (),
    wide: Iterable[str] = (),
) -> Draft:
    """A draft whose names are the given ones and those of the item's own id."""
    of_id: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())
    if made.ident:
        of_id = names.of_ident(made.ident)
    return Draft(
        item=made,
        near=tuple(dict.fromkeys((*near, *of_id[0]))),
        wide=tuple(dict.fromkeys((*wide, *of_id[1]))),
        folders=folders,
        base=base,
        findings=findings,
    )
