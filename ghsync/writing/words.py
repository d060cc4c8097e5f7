"""Which status word says open, done or not planned: the project's own, else the layout's."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import field
from typing import TypeAlias

from ghsync.layouts import status
from ghsync.model import Item, Kind, State, StateReason
from ghsync.values import dataclass

Verdict: TypeAlias = tuple[State, StateReason | None]
OPEN: Verdict = (State.OPEN, None)
DONE: Verdict = (State.CLOSED, StateReason.COMPLETED)
DROPPED: Verdict = (State.CLOSED, StateReason.NOT_PLANNED)
_START = frozenset({"open", "todo", "backlog", "draft", "pending", "planned", "planning", "new"})
"""Words for work that nobody has begun: what a reopened item is called, if its own is not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """A layout's own three words."""

    open: str = "open"
    done: str = "closed"
    dropped: str = "cancelled"

    def of(self, verdict: Verdict) -> str:
        """The word for a state."""
        if verdict == OPEN:
            return self.open
        return self.done if verdict == DONE else self.dropped


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """The status words in use, by layout and kind, with how many live items have each."""

    counts: Mapping[tuple[str, Kind], Mapping[str, int]] = field(default_factory=dict)

    @staticmethod
    def of(items: Iterable[Item]) -> Vocabulary:
        """What these items use."""
        counts: dict[tuple[str, Kind], Counter[str]] = {}
        for item in items:
            if item.status:
                counts.setdefault((item.layout, item.kind), Counter())[item.status] += 1
        return Vocabulary(counts=counts)

    def word(
        self, layout: str, kind: Kind, verdict: Verdict, own: Mapping[str, StateReason | None]
    ) -> str | None:
        """The word that most items of this kind have for a state."""
        counts = self.counts.get((layout, kind), {})
        fitting = [word for word in counts if judged(word, own) == verdict]
        if verdict == OPEN:
            fitting = [word for word in fitting if status.fold(word) in _START] or []
        return max(fitting, key=lambda word: (counts[word], word), default=None)


def judged(word: str | None, own: Mapping[str, StateReason | None]) -> Verdict:
    """The state that a word says."""
    verdict = status.judge(word, own)
    return verdict.state, verdict.reason


def choose(
    item: Item,
    verdict: Verdict,
    *,
    had: str | None,
    words: Words,
    own: Mapping[str, StateReason | None],
    vocabulary: Vocabulary,
) -> str:
    """The word to write: the one it had, the layout's if in use, the project's, the layout's."""
    if had and judged(had, own) == verdict:
        return had
    named = next((word for word, reason in own.items() if _means(reason) == verdict), None)
    default = named or words.of(verdict)
    used = vocabulary.counts.get((item.layout, item.kind), {})
    same = [word for word in used if status.fold(word) == status.fold(default)]
    if same:
        return max(same, key=lambda word: (used[word], word))
    found = vocabulary.word(item.layout, item.kind, verdict, own)
    return found or (default if named else _cased(default, item.status))


def _means(reason: StateReason | None) -> Verdict:
    return (State.CLOSED, reason) if reason else OPEN


def _cased(word: str, like: str | None) -> str:
    """The word in capitals, or with one, where the word in its place is."""
    if like and like.isupper() and len(like) > 1:
        return word.upper()
    if like and like[:1].isupper():
        return word[:1].upper() + word[1:]
    return word
