"""URLs within the repository: issues, and files at one commit."""

from __future__ import annotations

import re

from ghsync.issuetext.context import Context
from ghsync.issuetext.paths import Target, encoded

_PERMALINK = re.compile(r"/(blob|raw|tree)/(?:[0-9a-f]{40}|HEAD)(?=/\S+ \")")


def without_commits(text: str) -> str:
    """Replace the commit in the permalinks that ghsync wrote with ``*``.

    So a new commit alone makes no text another one. What an author links himself has no path
    for a tooltip and stays exact.
    """
    if "/blob/" in text or "/raw/" in text or "/tree/" in text:
        return _PERMALINK.sub(r"/\1/*", text)
    return text


def owned(dest: str, context: Context) -> bool:
    """Whether a destination is a URL within our repository."""
    return dest.startswith(f"{base(context)}/")


def base(context: Context) -> str:
    """The repository's own URL."""
    return f"{context.web_url}/{context.repo}"


def permalink(target: Target, image: bool, commit: str, context: Context) -> str:
    """The URL of a file at one commit."""
    kind = "raw" if image else "tree" if target.folder else "blob"
    return f"{base(context)}/{kind}/{commit}/{encoded(target.path)}{_tail(target.tail)}"


def _tail(tail: str) -> str:
    """Query and fragment, fit to stand in a destination."""
    return "".join(char if char in _TAIL_SAFE else encoded(char) for char in tail)


_TAIL_SAFE = frozenset(
    "#?&=%~,.;:!-_+@$'*/abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
)
