"""Read a document's fields by any of their names, in any form they come in."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ghsync.layouts.frontmatter import Document, Field, fold
from ghsync.layouts.yamltext import Mapping, Scalar, Sequence, Value
from ghsync.values import dataclass

_COMMAS = re.compile(r"[,;\n]")
NOTHING = frozenset(
    {"", "-", "--", "—", "~", "null", "none", "nil", "n/a", "na", "tbd", "[]", "{}", "undefined"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A text with the line and the field that it comes from."""

    text: str
    line: int
    field: str


def get(document: Document, name: str) -> Field | None:
    """The field of that name, however it is spelled."""
    return document.fields.get(fold(name))


def one(document: Document, names: tuple[str, ...]) -> Text | None:
    """The first of these fields that is not empty, on one line; a list as its source text."""
    known = document.fields
    for name in names:
        found = known.get(fold(name))
        if found is None:
            continue
        text = " ".join(_source(found.value).split())
        if text:
            return Text(text=text, line=found.line, field=found.name)
    return None


def word(document: Document, names: tuple[str, ...]) -> Text | None:
    """Like `one`, but ``none``, ``TBD``, ``n/a`` and the like are nothing too."""
    for name in names:
        found = one(document, (name,))
        if found is not None and found.text.casefold() not in NOTHING:
            return found
    return None


def many(document: Document, names: tuple[str, ...], *, split: bool = True) -> Iterator[Text]:
    """Every text in these fields: lists flattened, and a text outside a list split at commas."""
    known = document.fields
    for name in names:
        found = known.get(fold(name))
        if found is None:
            continue
        value = found.value
        is_text = isinstance(value, Scalar)
        texts = ((value.text or "", value.line),) if isinstance(value, Scalar) else _texts(value)
        for text, line in texts:
            for part in _parts(text, split=split and is_text):
                yield Text(text=part, line=found.offset + line + 1, field=found.name)


def _texts(value: Value) -> Iterator[tuple[str, int]]:
    match value:
        case Scalar(text=text, line=line):
            yield text or "", line
        case Sequence(items=items):
            for item in items:
                yield from _texts(item)
        case Mapping(entries=entries):
            named = {(key.text or "").casefold(): inner for key, inner in entries}
            inner = next((named[k] for k in ("id", "task", "key", "name") if k in named), None)
            if isinstance(inner, Scalar):
                yield inner.text or "", inner.line
                return
            for key, other in entries:
                text = other.text if isinstance(other, Scalar) else None
                yield f"{key.text}: {text}" if text else key.text or "", key.line


def _parts(text: str, *, split: bool) -> list[str]:
    pieces = _COMMAS.split(text) if split else [text]
    return [" ".join(piece.split()) for piece in pieces if piece.strip()]


def _source(value: Value) -> str:
    match value:
        case Scalar(text=text):
            return text or ""
        case Sequence(raw=raw, items=items):
            return raw if items else ""
        case Mapping(raw=raw):
            return raw
