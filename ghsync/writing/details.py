"""Type and issue fields as changes of a file's own fields: which, and whether there is a place."""

from __future__ import annotations

from collections.abc import Mapping

from ghsync.edit import FieldEdit
from ghsync.layouts import fields
from ghsync.layouts.frontmatter import Document
from ghsync.layouts.yamlnodes import Sequence
from ghsync.model import FieldKind, HeldField, Item
from ghsync.writing.conventions import Convention
from ghsync.writing.want import WriteSettings

_AFTER = ("title", "name", "status", "labels")
_BARE = (FieldKind.NUMBER, FieldKind.DATE)


def type_edit(
    document: Document,
    item: Item,
    convention: Convention,
    settings: WriteSettings,
    wanted: str | None,
) -> FieldEdit | None:
    """The change of the field that names the type; ``None``: no place.

    A missing one is added where the config gives types and files take ghsync's own fields.
    """
    types = settings.types
    if wanted is None and item.kind in types.by_kind:
        return None  # without the field it has its kind's
    found = fields.get(document, types.field)
    if found is not None:
        return FieldEdit(name=found.name, value=wanted)
    if wanted is None or not types.by_kind:
        return None
    if "recorded" not in convention.inserts or not _place(document, convention):
        return None
    return FieldEdit(name=types.field, value=wanted, after=_AFTER, open=convention.opens)


def field_edit(
    document: Document,
    convention: Convention,
    names: Mapping[str, str],
    name: str,
    wanted: HeldField | None,
) -> FieldEdit | None:
    """The change of the field that is an issue field; ``None``: no place.

    The config says which field of the files it is, so a missing one is added.
    """
    mine = [own for own, other in names.items() if other.casefold() == name.casefold()]
    if not mine or not _place(document, convention):
        return None
    opens = convention.opens
    found = next((got for own in mine if (got := fields.get(document, own)) is not None), None)
    own = found.name if found is not None else mine[0]
    if wanted is None:
        return FieldEdit(name=own, value=None)
    listed = found is None or isinstance(found.value, Sequence)
    if wanted.kind is FieldKind.MULTI_SELECT and listed:
        several = tuple(wanted.value.split(", "))
        return FieldEdit(name=own, value=several, after=_AFTER, open=opens)
    bare = wanted.kind in _BARE
    return FieldEdit(name=own, value=wanted.value, after=_AFTER, bare=bare, open=opens)


def _place(document: Document, convention: Convention) -> bool:
    """Whether a field can be added."""
    return document.has_frontmatter or convention.opens


def own_name(names: Mapping[str, str], name: str) -> str | None:
    """The field of the files that is an issue field; ``None`` if none is."""
    folded = name.casefold()
    return next((own for own, other in names.items() if other.casefold() == folded), None)


def says(document: Document, edit: FieldEdit) -> bool:
    """Whether the loader reads the value of an edit again: on one line, and as something."""
    if isinstance(edit.value, tuple):
        texts = {text.text.casefold() for text in fields.many(document, (edit.name,))}
        return texts == {text.casefold() for text in edit.value}
    found = fields.word(document, (edit.name,))
    return (None if found is None else found.text) == edit.value
