"""Bring wanted values into one item's file, and prove that nothing else is read otherwise."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from ghsync import render
from ghsync.edit import EditError, FieldEdit, edit, loaded
from ghsync.layouts import build, frontmatter, names
from ghsync.layouts.frontmatter import Document
from ghsync.model import HeldField, Item, State, StateReason
from ghsync.writing import conventions, details, headings, lines, references, values, view
from ghsync.writing.conventions import Convention
from ghsync.writing.view import Lens, Seen
from ghsync.writing.want import (
    UNSET,
    Blockers,
    Held,
    Unset,
    Want,
    WriteSettings,
    Written,
    without_lists,
)

_TOUCHED = ("updated", "updated_date", "updated_at", "last_updated", "modified")
_KEPT = re.compile(r"(?:^|/)\.(?:issues|plan)/")
"""The exports that their own tools edit too; the others are copies."""
_DEFAULT = WriteSettings()


def rewrite(item: Item, text: str, want: Want, settings: WriteSettings = _DEFAULT) -> Written:
    """The file's text with the wanted values of this item.

    ``item`` is as loaded from ``text``, which has the file's own line ends (`ghsync.edit.unpack`).
    Several items of one file are rewritten one after the other, each in the text of the last.

    Raises:
        EditError: The text is not what the item was loaded from, or a value cannot be written
            without changing another.
    """
    try:
        return _rewritten(item, text, want, settings)
    except EditError as error:
        if item.path in error.message:
            raise
        raise EditError(f"{item.path}: {error.message}", hint=error.hint) from error


def _rewritten(item: Item, text: str, want: Want, settings: WriteSettings) -> Written:
    title = _own_title(item, want, settings)
    if str(item.key).startswith(f"{_own_key(item)}#"):
        return lines.rewrite(
            item, text, replace(want, title=title), unfit=bool(want.title) and not title
        )
    convention = conventions.of(item.layout, item.path, settings.custom)
    dumped = item.layout == "export" and not _KEPT.search(item.path)
    if dumped or (item.layout == "spec-kit" and names.stem(item.path).casefold() != "spec"):
        return Written(text=text, unheld=_asked(want))
    document = frontmatter.parse(item.path, loaded(text))
    if document.broken:
        raise EditError(
            f"{item.path} cannot be read as it stands, so nothing is changed in it.",
            hint="Mend the line that `ghsync lint` names.",
        )
    through = view.lens(item, document, convention)
    before = view.look(through, document)
    _as_loaded(item, before)
    work = _Work(through, text, settings)
    work.run(want, title)
    return work.result(before)


def _own_key(item: Item) -> str:
    """The key of the file, or of the folder, in which a task's line stands."""
    if item.layout == "spec-kit":
        return build.parent_folder(item.path)
    return build.key_of(item.path)


def _own_title(item: Item, want: Want, settings: WriteSettings) -> str | None:
    """The wanted title without the template; ``None`` if none is wanted or it does not fit."""
    if want.title is None:
        return None
    return render.untitle(settings.title, want.title, item.kind) or None


def _asked(want: Want) -> tuple[Held, ...]:
    """All fields that are wanted."""
    plain: tuple[Held, ...] = ("title", "labels", "assignees", "body", "recorded", "state")
    asked = [name for name in plain if getattr(want, name) is not None]
    settable: tuple[Held, ...] = ("milestone", "parent", "type")
    asked += [name for name in settable if getattr(want, name) is not UNSET]
    return (*asked, *without_lists(want))


def _as_loaded(item: Item, before: Mapping[Seen, object]) -> None:
    """Refuse a text that is not the item's."""
    for name, value in view.of_item(item).items():
        if before[name] != value:
            raise EditError(
                f"{item.path} does not say what was loaded from it (its {name} differs), so "
                "nothing is changed in it.",
                hint="Run the command again.",
            )


class _Work:
    """One file on its way from the old text to the new."""

    def __init__(self, through: Lens, text: str, settings: WriteSettings) -> None:
        self._lens = through
        self._item = through.item
        self._convention: Convention = through.convention
        self._settings = settings
        self._old = text
        self._text = text
        self._unheld: list[Held] = []
        self._expected: dict[Seen, object] = {}
        self._in_body = False
        """A title or a status in the text was changed, and with it the body."""
        self._extra: list[Held] = []

    @property
    def document(self) -> Document:
        """The text as it is now, read."""
        return frontmatter.parse(self._item.path, loaded(self._text))

    def run(self, want: Want, title: str | None) -> None:
        """Make the changes one after the other; what cannot be held is noted."""
        if want.body is not None:
            self._text = edit(self._text, body=want.body)
            self._expected["body"] = self.document.body
        if want.title is not None:
            self._hold("title", title is not None and self._title(title))
        if want.state is not None:
            self._hold("state", self._state(want))
        if want.labels is not None:
            self._hold("labels", self._labels(want.labels))
        if want.assignees is not None:
            self._hold("assignees", self._assignees(want.assignees))
        if not isinstance(want.milestone, Unset):
            self._hold("milestone", self._milestone(want.milestone))
        if not isinstance(want.parent, Unset):
            self._hold("parent", self._parent(want.parent, safe=want.safe))
        self._details(want)
        if want.recorded is not None:
            change = values.recorded(self.document, self._item, self._convention, want.recorded)
            self._hold("recorded", self._fields("recorded", change))
        if self._settings.touch and self._text != self._old:
            self._touch(self._settings.touch)

    def _details(self, want: Want) -> None:
        """What no view of an item shows: its type, its issue fields, what blocks it."""
        if not isinstance(want.type, Unset):
            self._hold("type", self._type(want.type))
        if want.fields:
            self._hold("fields", self._issue_fields(want.fields))
        if want.blockers is not None:
            self._hold("blocked_by", self._blockers(want.blockers, safe=want.safe))

    def result(self, before: Mapping[Seen, object]) -> Written:
        """Compare both readings: what differs must be what was wanted."""
        after = view.look(self._lens, self.document)
        changed: list[Held] = []
        for name in view.WRITTEN:
            again = name == "body" and self._in_body  # a line of it was changed for the title
            if name in self._expected and after[name] != self._expected[name] and not again:
                raise _refused(self._item, name)
            if after[name] == before[name]:
                continue
            caused = name in ("title", "state", "reason") and "body" in self._expected
            if name not in self._expected and not again and not caused:
                raise _refused(self._item, name)
            changed.append("state" if name == "reason" else name)
        return Written(
            text=self._text,
            changed=tuple(dict.fromkeys([*changed, *self._extra])),
            unheld=tuple(self._unheld),
        )

    def _hold(self, name: Held, held: bool) -> None:
        if not held:
            self._unheld.append(name)

    def _fields(self, name: Held, changes: list[FieldEdit] | None) -> bool:
        """Apply changes of fields; false where there is no place for them."""
        if changes is None:
            return False
        old, self._text = self._text, edit(self._text, changes=changes)
        if self._text != old and name not in view.WRITTEN:
            self._extra.append(name)
        return True

    def _tried(self, name: Held, changes: list[FieldEdit] | None) -> bool:
        """The same for a field that may be written in a way that is not changed in place."""
        try:
            return self._fields(name, changes)
        except EditError:
            return False

    # ------------------------------------------------------------------- one by one

    def _title(self, title: str) -> bool:
        before, after = self._lens.before, self._lens.after
        fits = title.startswith(before) and title.endswith(after)
        own = title[len(before) : len(title) - len(after)] if fits else ""
        if not own.strip():
            return False
        document = self.document
        if view.look(self._lens, document)["title"] == title:
            return True
        found = values.present(document, self._convention.names[self._item.kind].title)
        heading = headings.heading_line(document) is not None
        if self._item.kind in self._convention.heading_first:
            found = None if heading or self._item.layout == "spec-kit" else found
        if found is not None and not (found[1] and heading):
            self._text = edit(self._text, changes=[FieldEdit(name=found[0], value=own)])
        elif heading:
            old, self._text = self._text, headings.retitled(self._text, document, own)
            if view.look(self._lens, self.document)["title"] != title:
                self._text = old  # emphasis that a heading does not give back
                return False
            self._in_body = True
        else:
            return False
        self._expected["title"] = title
        return True

    def _state(self, want: Want) -> bool:
        reason = None
        if want.state is State.CLOSED:
            reason = want.reason or StateReason.COMPLETED
        document = self.document
        now = view.look(self._lens, document)
        if (now["state"], now["reason"]) == (want.state, reason):
            return True
        if self._item.archived and want.state is State.OPEN:
            return False  # its folder says closed
        word = values.status_word(self._item, self._convention, self._settings, want, reason)
        if word is None:
            return False
        changed = values.stated(self._text, document, self._item, self._convention, word)
        if changed is None:
            return False
        if self._convention.reason is not None:
            changes = values.reason(document, self._convention.reason, reason)
            changed = edit(changed[0], changes=changes), changed[1]
        self._text, in_body = changed
        self._in_body = self._in_body or in_body
        self._expected |= {"state": want.state, "reason": reason}
        return True

    def _labels(self, wanted: tuple[str, ...]) -> bool:
        found = values.labels(self.document, self._item, self._convention, self._settings, wanted)
        self._text = edit(self._text, changes=found.changes)
        if found.changes:
            self._expected["labels"] = found.expected
        return found.held

    def _assignees(self, wanted: tuple[str, ...]) -> bool:
        found = values.assignees(self.document, self._item, self._convention, wanted)
        self._text = edit(self._text, changes=found.changes)
        if found.changes:
            self._expected["assignees"] = found.expected
        return found.held

    def _milestone(self, wanted: str | None) -> bool:
        document = self.document
        if view.look(self._lens, document)["milestone"] == wanted:
            return True
        ids = {title: said for said, title in self._lens.milestones}
        text = {**(self._settings.milestones or {}), **ids}.get(wanted or "", wanted)
        changes = values.milestone(document, self._item, self._convention, text)
        if not self._fields("milestone", changes):
            return False
        if wanted is not None and text is not None and text != wanted:
            self._lens = replace(self._lens, milestones=(*self._lens.milestones, (text, wanted)))
        self._expected["milestone"] = wanted
        return True

    def _parent(self, wanted: Item | None, *, safe: bool) -> bool:
        changes = values.parent(self.document, self._item, self._convention, wanted, safe=safe)
        return self._fields("parent", changes)

    def _type(self, wanted: str | None) -> bool:
        change = details.type_edit(
            self.document, self._item, self._convention, self._settings, wanted
        )
        return self._said("type", [change])

    def _issue_fields(self, wanted: Iterable[tuple[str, HeldField | None]]) -> bool:
        names_ = self._settings.fields
        document, convention = self.document, self._convention
        changes = [
            details.field_edit(document, convention, names_, name, held) for name, held in wanted
        ]
        return self._said("fields", changes)

    def _said(self, name: Held, changes: Sequence[FieldEdit | None]) -> bool:
        """Apply changes all at once; false where one has no place or is read otherwise."""
        given = [change for change in changes if change is not None]
        if len(given) < len(changes):
            return False
        old = self._text
        if self._tried(name, given) and all(details.says(self.document, each) for each in given):
            return True
        self._text = old
        self._extra = [each for each in self._extra if each != name]
        return False

    def _blockers(self, wanted: Blockers, *, safe: bool) -> bool:
        changes = references.edits(self.document, self._item, self._convention, wanted, safe=safe)
        return self._tried("blocked_by", changes)

    def _touch(self, now: str) -> None:
        found = values.present(self.document, _TOUCHED)
        if found is not None:
            value = values.like(found[2], now)
            self._text = edit(self._text, changes=[FieldEdit(name=found[0], value=value)])


def _refused(item: Item, name: str) -> EditError:
    return EditError(
        f"After the change, the {name} of {item.path} would not be what is wanted, so nothing was "
        "changed.",
        hint="Make the change by hand.",
    )
