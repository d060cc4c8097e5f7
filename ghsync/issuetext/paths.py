"""Where a relative link leads within a repository."""

from __future__ import annotations

from functools import lru_cache
from html import unescape
from typing import NamedTuple
from urllib.parse import quote, unquote_to_bytes

from ghsync.patterns import regex

_ABSOLUTE = regex(r"[A-Za-z][A-Za-z0-9+.-]*:|//|\\|$|[#?]")
_ESCAPED = regex(r"\\([!-/:-@\[-`{-~])")


class Outside(Exception):
    """The path leaves the repository."""


class Target(NamedTuple):
    """A place in the repository that a link means."""

    path: str
    """Relative to the repository's root, normalised, decoded."""
    tail: str
    """``?query`` and ``#fragment`` as written."""
    folder: bool
    """The link ends in a slash."""


def targets(source: str, path: str) -> tuple[Target, ...]:
    """What a destination in the file ``path`` may mean, likeliest first; nothing if absolute.

    A percent sign is decoded, as GitHub does; a file whose name has one comes second. Raises
    :class:`Outside` where the path leaves the repository.
    """
    return _targets(source, path.rpartition("/")[0])


@lru_cache(maxsize=8192)
def _targets(source: str, folder: str) -> tuple[Target, ...]:
    """The same for any file of a folder: files beside each other link the same places."""
    bare = source[1:-1] if source.startswith("<") else source
    bare = unescape(_ESCAPED.sub(r"\1", bare))
    if _ABSOLUTE.match(bare):
        return ()
    cut = min((i for i in (bare.find("#"), bare.find("?")) if i >= 0), default=len(bare))
    place, tail = bare[:cut], bare[cut:]
    base = [] if place.startswith("/") or not folder else folder.split("/")
    return tuple(
        Target("/".join(steps), tail, place.endswith("/"))
        for form in dict.fromkeys((_decoded(place), place))
        if form is not None and (steps := _walk(base, form))
    )


def _decoded(place: str) -> str | None:
    """Percent-decode; ``None`` where the bytes are no text."""
    if "%" not in place:
        return place
    try:
        return unquote_to_bytes(place).decode()
    except UnicodeError:
        return None


def _walk(base: list[str], place: str) -> list[str]:
    """Follow a path; raises :class:`Outside`."""
    steps = list(base)
    for step in place.split("/"):
        if step == "..":
            if not steps:
                raise Outside(place)
            steps.pop()
        elif step not in ("", "."):
            steps.append(step)
    return steps


def encoded(path: str) -> str:
    """A path within a URL that stands in markdown: no space, quote, bracket or bar stays."""
    return quote(path.encode("utf-8", "surrogatepass"), safe="/")
