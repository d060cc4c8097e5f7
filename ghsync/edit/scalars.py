"""One value as YAML text: plain where every YAML reader sees the same text, else in quotes."""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import Enum

import yaml

from ghsync.edit.base import EditError
from ghsync.layouts import yamltext
from ghsync.layouts.yamlnodes import Mapping, Scalar, Sequence

_TYPED = re.compile(
    r"(?:y|n|yes|no|on|off|true|false|null|none|~|=|<<|\.nan)$"
    r"|[-+]?\.?(?:\d|inf)[\d_.,:xXoObBaAcCdDeEfFiInN+-]*$",
    re.IGNORECASE,
)
"""What YAML 1.1 or 1.2, or a reader between them, takes for a boolean, a null or a number."""
_DATE = re.compile(r"\d{4}-\d\d?-\d\d?(?:$|[Tt \t])")
_INDICATOR = re.compile(r"[-?:,\[\]{}#&*!|>'\"%@`]")
_ODD = re.compile(r": | #|:$|\t")
_FLOW = re.compile(r"[,\[\]{}]")
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r", "\0": "\\0"}


class Quote(Enum):
    """How a value is written."""

    PLAIN = ""
    SINGLE = "'"
    DOUBLE = '"'


def write(
    text: str, *, old: Quote, prefer: Quote, flow: bool = False, same_type: bool = False
) -> str:
    """The value as YAML text, in the quotes that it had; ``prefer`` where it needs some.

    ``flow`` says that it stands in ``[…]``; ``same_type`` that it takes the place of a plain
    date, as which it may be read.

    Raises:
        EditError: No way of writing it gives the same text back.
    """
    for quote in _order(old, prefer):
        if quote is Quote.PLAIN and not plain(text, flow=flow, same_type=same_type):
            continue
        written = _quoted(text, quote)
        if written is not None and _reads_as(written, text, flow=flow):
            return written
    raise EditError(
        f"'{text[:60]}' cannot be written as a value of the frontmatter.",
        hint="Shorten it on GitHub, or write it into the file by hand.",
    )


def _order(old: Quote, prefer: Quote) -> Iterable[Quote]:
    needed = prefer if prefer is not Quote.PLAIN else Quote.DOUBLE
    return dict.fromkeys((old, needed, Quote.DOUBLE))


def plain(text: str, *, flow: bool = False, same_type: bool = False) -> bool:
    """Whether the text without quotes is this text to every reader of YAML."""
    if text != text.strip() or not text or not text.isprintable():
        return False
    if _INDICATOR.match(text) or _ODD.search(text) or (flow and _FLOW.search(text)):
        return False
    if text.startswith(("---", "...")):
        return False
    if same_type:
        return True
    return not (_TYPED.match(text) or _DATE.match(text))


def is_date(text: str) -> bool:
    """Whether YAML takes a plain text for a date."""
    return _DATE.match(text) is not None


def _quoted(text: str, quote: Quote) -> str | None:
    if quote is Quote.PLAIN:
        return text
    if quote is Quote.SINGLE:
        return "'" + text.replace("'", "''") + "'" if text.isprintable() else None
    return '"' + "".join(_escape(char) for char in text) + '"'


def _escape(char: str) -> str:
    if char in _ESCAPES:
        return _ESCAPES[char]
    if char.isprintable():
        return char
    code = ord(char)
    return (
        f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}" if code < 65536 else f"\\U{code:08x}"
    )


def _reads_as(written: str, text: str, *, flow: bool) -> bool:
    """Whether the loader reads it as this very text."""
    try:
        value = yamltext.parse(f"k: [{written}]" if flow else f"k: {written}")
    except (yamltext.YamlError, yaml.YAMLError):
        return False
    if not isinstance(value, Mapping) or len(value.entries) != 1:
        return False
    found = value.entries[0][1]
    if flow:
        if not isinstance(found, Sequence) or len(found.items) != 1:
            return False
        found = found.items[0]
    return isinstance(found, Scalar) and (found.text or "") == text
