"""Change a markdown file byte by byte: a field of its frontmatter, or lines of its body.

Everything else stays as it is: comments, order, quotes, line ends, unknown fields. Each change is
read again with the loader's own parser, and refused unless just the wanted fields differ.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ghsync.edit import bodies, fields, lists
from ghsync.edit.base import EditError, Lines, loaded
from ghsync.edit.coding import Source, unpack
from ghsync.edit.fields import FieldEdit, FieldValue
from ghsync.layouts import fields as read
from ghsync.layouts import frontmatter
from ghsync.layouts.frontmatter import Document, fold
from ghsync.layouts.yamlnodes import Mapping as YamlMapping
from ghsync.layouts.yamlnodes import Scalar, Value
from ghsync.layouts.yamlnodes import Sequence as YamlSequence

__all__ = ["EditError", "FieldEdit", "FieldValue", "Lines", "Source", "edit", "loaded", "unpack"]


def edit(text: str, *, changes: Sequence[FieldEdit] = (), body: str | None = None) -> str:
    """The text with these fields and this body; line ends are the text's own.

    Raises:
        EditError: It cannot be done without changing anything else.
    """
    lines = Lines(text)
    if body is not None:
        bodies.set_body(lines, body)
    for change in changes:
        fields.apply(lines, change)
    new = lines.text()
    if new != text:
        _verify(text, new, changes, body)
    return new


def _verify(text: str, new: str, changes: Sequence[FieldEdit], body: str | None) -> None:
    """Read both again: the wanted fields have the wanted values, and nothing else differs."""
    before = frontmatter.parse("", loaded(text))
    after = frontmatter.parse("", loaded(new))
    wanted = {fold(change.name): change for change in changes}
    if after.broken or after.body != (before.body if body is None else bodies.trimmed(body)):
        raise _refused("the body")
    for change in wanted.values():
        if not _has(after, change):
            raise _refused(f"`{change.name}`")
    if _others(before, wanted) != _others(after, wanted):
        raise _refused("another field")


def _refused(what: str) -> EditError:
    return EditError(
        f"After the change {what} would be read otherwise than wanted, so nothing was changed.",
        hint="Look for a field that stands there twice or for unclosed frontmatter, "
        "or make the change by hand.",
    )


def _others(document: Document, wanted: Mapping[str, FieldEdit]) -> dict[str, object]:
    return {
        name: _plain(found.value) for name, found in document.fields.items() if name not in wanted
    }


def _plain(value: Value) -> object:
    """A value without its places."""
    match value:
        case Scalar(text=text):
            return text
        case YamlSequence(items=items):
            return [_plain(item) for item in items]
        case YamlMapping(entries=entries):
            return [(key.text, _plain(inner)) for key, inner in entries]


def _has(document: Document, change: FieldEdit) -> bool:
    """Whether the loader reads the wanted value."""
    found = read.get(document, change.name)
    if change.drop or (found is None and change.value is None):
        return found is None
    if found is None:
        return False
    match change.value:
        case None:
            return _plain(found.value) in (None, "", [])
        case int():
            return _plain(found.value) == str(change.value)
        case str():
            return (_plain(found.value) or "") == change.value
        case tuple():
            texts = [text.text for text in read.many(document, (change.name,))]
            return {*map(lists.folded, texts)} == {*map(lists.folded, change.value)}
