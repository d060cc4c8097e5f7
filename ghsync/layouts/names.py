"""Names as references see them: folded, zero-stripped, and taken apart into their numbers."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from ghsync.patterns import regex

_ZEROS = regex(r"(?<!\d)0+(?=\d)")
_SPACES = regex(r"[\s_]+")
_FILE = regex(r"(?:(task|t|issue|story|epic|prd)-?)?(\d+(?:\.\d+)*[a-z]?)(?:-(.+))?$")
_PART = regex(r"[Tt]\d+-[A-Z]\d?(?=-|$)")
"""``T011-A``: a part of T011 with an id of its own."""
_NUMBER = regex(r"\d+(?:\.\d+)*[a-z]?\Z")
_KIND = regex(r"(?:task|t|issue|story|epic|prd)-?#?(\d+(?:\.\d+)*[a-z]?)$")
_LAST = regex(r"([a-z]+)(?:-.*)?-(\d+(?:\.\d+)*[a-z]?)$")
_LEADING = regex(r"([a-z]+)-(\d+(?:\.\d+)*[a-z]?)-")


@lru_cache(maxsize=8192)
def fold(text: str) -> str:
    """One spelling for a name: NFC, no case, no zeros in front of a number, ``-`` for spaces."""
    plain = unicodedata.normalize("NFC", text).strip().casefold()
    return _ZEROS.sub("", _SPACES.sub("-", plain))


@lru_cache(maxsize=8192)
def stem(path: str) -> str:
    """The file's name without folders and ``.md``."""
    name = path.rsplit("/", 1)[-1]
    return name[:-3] if name.casefold().endswith(".md") else name


def of_file(path: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What a file's name may be called: (near names, wide names).

    ``007-setup.md`` is ``7`` to its neighbours, and ``7-setup`` or ``setup`` to everybody.
    """
    name = fold(stem(path))
    if part := _PART.match(stem(path)):
        own = fold(part.group(0))
        return (own, own.lstrip("t")), (name,)
    match = _FILE.match(name)
    if match is None:
        return (), (name,)
    word, number, slug = match.groups()
    near = [number] if word is None else [number, f"{word}-{number}"]
    if slug is None:
        return (*near, name), ()
    return tuple(near), (name, slug)


def of_ident(ident: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What an id may be called: ``task-epic-001-002`` is ``task-2`` or ``2`` to its neighbours."""
    name = fold(ident)
    number = number_of(name)
    if number is not None:
        return (number,), (name,)
    for pattern in (_LAST, _LEADING):
        if match := pattern.match(name):
            return (match.group(2), f"{match.group(1)}-{match.group(2)}"), (name,)
    return (), (name,)


def number_of(folded: str) -> str | None:
    """The number in ``7``, ``task-7``, ``t7``; ``None`` for a name that says more."""
    if _NUMBER.match(folded):
        return folded
    match = _KIND.match(folded)
    return match.group(1) if match else None
