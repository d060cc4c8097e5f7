"""What any layout's files can say beside the layout's own fields: type, issue fields, locked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from ghsync.layouts import fields
from ghsync.layouts.base import Draft, LoadOptions, Locking
from ghsync.layouts.frontmatter import Document
from ghsync.layouts.yamltext import Sequence
from ghsync.model import Fields, Item, State

_YES = frozenset({"true", "yes", "on", "1"})


def enrich(
    drafts: Iterable[Draft], documents: Iterable[Document], options: LoadOptions
) -> Iterator[Draft]:
    """Give each draft what its file and the options say of it."""
    by_path = {document.path: document for document in documents}
    for draft in drafts:
        item = draft.item
        # A line of a task list has no frontmatter of its own.
        document = None if "#" in item.key else by_path.get(item.path)
        if document is not None and document.broken:
            document = None
        rich = _enriched(item, document, options)
        yield draft if rich is item else replace(draft, item=rich)


def _enriched(item: Item, document: Document | None, options: LoadOptions) -> Item:
    kind = _text(document, options.types.field) or options.types.by_kind.get(item.kind)
    values = _fields(document, options.fields) if options.fields else ()
    word = _text(document, "locked")
    if word is not None:
        locked = word.casefold() in _YES
    else:
        locked = options.lock is Locking.CLOSED and item.state is State.CLOSED
    if kind is None and not values and not locked:
        return item
    return replace(item, type=kind, fields=values, locked=locked)


def _text(document: Document | None, name: str) -> str | None:
    found = None if document is None else fields.word(document, (name,))
    return None if found is None else found.text


def _fields(document: Document | None, names: Mapping[str, str]) -> Fields:
    found = ((field, _value(document, name)) for name, field in names.items())
    return tuple(sorted((field, text) for field, text in found if text is not None))


def _value(document: Document | None, name: str) -> str | None:
    """A field's text; a list's members with commas, as a field that takes several has them."""
    held = None if document is None else fields.get(document, name)
    if document is None or held is None or not isinstance(held.value, Sequence):
        return _text(document, name)
    members = [text.text for text in fields.many(document, (name,), split=False)]
    return ", ".join(text for text in members if text.casefold() not in fields.NOTHING) or None
