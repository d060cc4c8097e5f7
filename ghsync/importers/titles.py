"""How alike an item's title and an issue's are, once what tools put in front is taken off."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import SequenceMatcher

ALIKE = 60
"""Percent from which on two titles may be the same item's."""
_LEAD = re.compile(
    r"^(?:\[(?:prd|epic|task|story|bug|feature)\]|(?:prd|epic|task|story)\s*:|t\d{3,}\s*:)\s*",
    re.IGNORECASE,
)
_NO_WORD = re.compile(r"[\W_]+")


def plain(title: str) -> str:
    """A title without a tool's prefix (``[EPIC]``, ``Epic:``), case and punctuation."""
    return _NO_WORD.sub(" ", _LEAD.sub("", title.strip())).strip().casefold()


_MOST = 256
"""Characters of a title; GitHub takes no longer one."""


def similarity(title: str, others: Iterable[str]) -> int:
    """How alike a title is to the nearest of the others, in percent."""
    mine = plain(title)
    found = 0
    for other in {plain(other) for other in others}:
        if mine == other:
            return 100
        if not mine or not other:
            continue
        ratio = SequenceMatcher(None, mine[:_MOST], other[:_MOST], autojunk=False).ratio()
        words, others_words = set(mine.split()), set(other.split())
        if len(words & others_words) > 1 and (words <= others_words or others_words <= words):
            ratio = max(ratio, ALIKE / 100)  # one of the two was cut or extended
        found = max(found, min(99, int(ratio * 100)))
    return found
