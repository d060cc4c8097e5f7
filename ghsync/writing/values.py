"""Wanted values as changes of fields: which field, which form, and whether there is a place."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ghsync.edit import FieldEdit, edit
from ghsync.layouts import bodystatus, build, fields, names, status
from ghsync.layouts import recorded as issues
from ghsync.layouts.frontmatter import Document, fold
from ghsync.model import Item, Kind, State, StateReason
from ghsync.values import dataclass
from ghsync.writing import headings, words
from ghsync.writing.conventions import BodyStatus, Convention, IssueForm
from ghsync.writing.want import Record, Want, WriteSettings

_NOBODY = fields.NOTHING | {"unassigned", "nobody", "no one", "anyone"}
_TITLES = ("title", "name")


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """Changes of a set of names, what will then be read, and whether all of it is held."""

    changes: tuple[FieldEdit, ...]
    expected: frozenset[str]
    held: bool


def present(document: Document, candidates: tuple[str, ...]) -> tuple[str, bool, str] | None:
    """The first of these fields with a value, else the first that is there.

    Gives its name as the file spells it, whether it is empty, and its text.
    """
    full = fields.one(document, candidates)
    if full is not None:
        return full.field, False, full.text
    for name in candidates:
        found = fields.get(document, name)
        if found is not None:
            return found.name, True, ""
    return None


# ----------------------------------------------------------------------------- state


def status_word(
    item: Item,
    convention: Convention,
    settings: WriteSettings,
    want: Want,
    reason: StateReason | None,
) -> str | None:
    """The word for the wanted state; ``None`` if the layout has none that says it."""
    verdict = (want.state or State.OPEN, reason)
    word = words.choose(
        item,
        verdict,
        had=want.word,
        words=convention.words[item.kind],
        own=convention.statuses,
        vocabulary=settings.vocabulary,
    )
    said = words.judged(word, convention.statuses)
    same = said[0] is verdict[0] if convention.reason else said == verdict
    return word if same else None


def reason(document: Document, name: str, wanted: StateReason | None) -> list[FieldEdit]:
    """The change of the field that says why, which an open item or a done one may lack."""
    if wanted is not StateReason.NOT_PLANNED and fields.get(document, name) is None:
        return []
    value = wanted.value if wanted else None
    return [FieldEdit(name=name, value=value, after=(*_TITLES, "state"))]


def stated(
    text: str, document: Document, item: Item, convention: Convention, word: str
) -> tuple[str, bool] | None:
    """The text with that status, and whether it stands in the body; ``None``: no place."""
    candidates = convention.names[item.kind].status
    used = fields.word(document, candidates)
    found = (used.field, False, used.text) if used else present(document, candidates)
    if used is None and convention.body_status is not BodyStatus.NO:
        inside = bodystatus.find(document)
        strict = convention.body_status is BodyStatus.STRICT
        if inside is not None and (strict or status.judge(inside.text).known):
            changed = headings.restated(text, document, word)
            return None if changed is None else (changed, True)
    if found is not None:
        return edit(text, changes=[FieldEdit(name=found[0], value=word)]), False
    if "status" in convention.inserts and (document.has_frontmatter or convention.opens):
        change = FieldEdit(name=candidates[0], value=word, after=_TITLES, open=convention.opens)
        return edit(text, changes=[change]), False
    if convention.status_line:
        changed = headings.with_status_line(text, document, word)
        return None if changed is None else (changed, True)
    return None


# -------------------------------------------------------------------- labels, people


def labels(
    document: Document,
    item: Item,
    convention: Convention,
    settings: WriteSettings,
    wanted: tuple[str, ...],
) -> People:
    """Labels that are new go into the field that is there; those that are gone leave it."""
    own = {label.casefold() for label in convention.kind_labels.get(item.kind, (item.kind.value,))}
    aside = own | settings.own_labels
    found = Names(document, convention.names[item.kind].labels, fields.NOTHING)
    folded = {label.casefold(): label for label in wanted}
    new = [label for key, label in folded.items() if key not in found.known and key not in aside]
    gone = {key for key in found.known if key not in folded}
    held = own <= folded.keys() and not any(label.casefold() in fields.NOTHING for label in new)
    new = [label for label in new if label.casefold() not in fields.NOTHING]
    changes = found.changes(new, gone, insert="labels" if settings.labels else None)
    after = (set(found.known) - gone) | own
    if changes is None:
        return People(changes=(), expected=frozenset(), held=False)
    return People(
        changes=changes,
        expected=frozenset(after | {label.casefold() for label in new}),
        held=held,
    )


def assignees(
    document: Document, item: Item, convention: Convention, wanted: tuple[str, ...]
) -> People:
    """People come and go in the field that is there."""
    candidates = convention.names[item.kind].assignees
    found = Names(document, candidates, _NOBODY)
    folded = {person.casefold(): person for person in wanted}
    new = [person for key, person in folded.items() if key not in found.known]
    gone = {key for key in found.known if key not in folded}
    insert = candidates[0] if "assignees" in convention.inserts else None
    changes = found.changes(new, gone, insert=insert)
    if changes is None:
        return People(changes=(), expected=frozenset(), held=False)
    return People(changes=changes, expected=frozenset(folded), held=True)


class Names:
    """The names in one or several fields of a file."""

    def __init__(
        self, document: Document, candidates: tuple[str, ...], nothing: Iterable[str]
    ) -> None:
        self._document = document
        self._fields: dict[str, list[str]] = {}
        self._nothing = frozenset(nothing)
        seen: set[str] = set()
        for name in candidates:
            found = fields.get(document, name)
            if found is None or fold(name) in seen:
                continue
            seen.add(fold(name))
            self._fields[found.name] = [text.text for text in fields.many(document, (name,))]
        self.known = {
            key: text
            for texts in self._fields.values()
            for text in texts
            if (key := _person(text).casefold()) not in self._nothing
        }

    def changes(
        self, new: list[str], gone: set[str], *, insert: str | None
    ) -> tuple[FieldEdit, ...] | None:
        """The edits; ``None`` if there is no field for what is new."""
        if not new and not gone:
            return ()
        full = [name for name, texts in self._fields.items() if any(texts)]
        target = next(iter((*full, *self._fields)), None)
        edits: list[FieldEdit] = []
        for name, texts in self._fields.items():
            drop = gone | (self._nothing if name == target and new else set())
            kept = [text for text in texts if _person(text).casefold() not in drop]
            value = tuple(kept + (new if name == target else []))
            if value != tuple(texts):
                edits.append(FieldEdit(name=name, value=value))
        if new and target is None:
            if insert is None or not self._document.has_frontmatter:
                return None
            edits.append(FieldEdit(name=insert, value=tuple(new), after=(*_TITLES, "status")))
        return tuple(edits)


def _person(text: str) -> str:
    return text.lstrip("@").strip()


# ------------------------------------------------------- milestone, parent, the issue


def milestone(
    document: Document, item: Item, convention: Convention, text: str | None
) -> list[FieldEdit] | None:
    """The change of the milestone's field; ``None``: no place."""
    candidates = convention.names[item.kind].milestone
    found = present(document, candidates)
    if found is not None:
        return [FieldEdit(name=found[0], value=text)]
    if text is None:
        return []
    if "milestone" in convention.inserts and document.has_frontmatter:
        return [FieldEdit(name=candidates[0], value=text, after=(*_TITLES, "status", "labels"))]
    return None


def parent(
    document: Document,
    item: Item,
    convention: Convention,
    wanted: Item | None,
    *,
    safe: bool = False,
) -> list[FieldEdit] | None:
    """The change of the field that names the parent; ``None``: its place says it, or no field."""
    candidates = convention.parent.get(item.kind, ())
    if wanted is not None and wanted.kind is Kind.PRD:
        candidates = tuple(sorted(candidates, key=lambda name: not name.startswith("prd")))
    elif wanted is not None:
        candidates = tuple(name for name in candidates if not name.startswith("prd"))
    found = present(document, candidates) if candidates else None
    if wanted is None:
        return None if found is None else [FieldEdit(name=found[0], value=None)]
    name = called(wanted, safe=safe)
    if found is not None:
        same = not safe and found[2] and names.fold(names.stem(found[2])) == names.fold(name)
        return [] if same else [FieldEdit(name=found[0], value=name)]
    if candidates and "parent" in convention.inserts and document.has_frontmatter:
        return [FieldEdit(name=candidates[0], value=name, after=(*_TITLES, "status"))]
    return None


def called(item: Item, *, safe: bool = False) -> str:
    """What a file calls another item: its id, else the name of its file or folder.

    ``safe``: its path, which means nobody else.
    """
    if safe:
        return item.path if item.key == build.key_of(item.path) else str(item.key)
    if item.ident:
        return item.ident
    key = str(item.key)
    return key.removesuffix("/epic").rpartition("/")[2]


def recorded(
    document: Document, item: Item, convention: Convention, record: Record
) -> list[FieldEdit] | None:
    """The change of the field that names the issue, in the form that the field has."""
    if item.recorded is not None and item.recorded.number == record.number:
        return []
    candidates = convention.names[item.kind].issue
    found = present(document, candidates)
    if found is not None:
        issue = issues.issue_in(found[2])
        if issue is not None and issue[0] == record.number:
            return []
        return [FieldEdit(name=found[0], value=_issue(found[2], convention, record))]
    if "recorded" not in convention.inserts or not (document.has_frontmatter or convention.opens):
        return None
    after = (*_TITLES, "status", "created", "updated")
    value = _issue("", convention, record)
    return [FieldEdit(name=candidates[0], value=value, after=after, open=convention.opens)]


def _issue(old: str, convention: Convention, record: Record) -> str | int:
    if re.fullmatch(r"#\d+", old):
        return f"#{record.number}"
    number = old.isdigit() or (not old and convention.issue is IssueForm.NUMBER)
    return record.number if number else record.url


def like(old: str, now: str) -> str:
    """A time (ISO 8601, UTC) in the form that the field has it."""
    if re.fullmatch(r"\d{4}-\d\d-\d\d", old):
        return now[:10]
    if re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d", old):
        return f"{now[:10]} {now[11:16]}"
    return now
