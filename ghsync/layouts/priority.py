"""Priorities: critical, high, medium, low, however they are written."""

from __future__ import annotations

import re

from ghsync.model import Priority

_WORDS = {
    Priority.CRITICAL: "p0 0 critical urgent blocker blocking highest emergency asap immediate",
    Priority.HIGH: "p1 1 high important major must",
    Priority.MEDIUM: "p2 2 medium normal moderate default should med",
    Priority.LOW: "p3 3 p4 4 p5 5 low lowest minor trivial nice could",
}
_BY_WORD = {word: level for level, words in _WORDS.items() for word in words.split()}


def judge(text: str | None) -> Priority:
    """The priority that a text names by its first known word; medium if it names none."""
    for word in re.findall(r"\w+", (text or "").casefold()):
        if word in _BY_WORD:
            return _BY_WORD[word]
    return Priority.MEDIUM
