"""Status words: which are closed, which are open, and which nobody knows."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping

from ghsync.model import State, StateReason
from ghsync.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a status word says; ``known`` is false for a word that is open only by default."""

    state: State
    reason: StateReason | None
    known: bool = True


def fold(word: str) -> str:
    """Case, ``-``, ``_``, spaces, quotes and decoration folded away: ``Won't Do`` is ``wontdo``."""
    text = unicodedata.normalize("NFKC", word).casefold()
    return re.sub(r"[\W_]+", "", text)


def _folded(words: str) -> frozenset[str]:
    return frozenset(fold(word) for word in words.split(","))


COMPLETED = _folded(
    "closed, complete, completed, done, implemented, released, resolved, merged, shipped, fixed"
)
NOT_PLANNED = _folded(
    "cancelled, canceled, wont do, won't do, wontfix, skip, skipped, rejected, abandoned,"
    "superseded, obsolete, duplicate, split"
)
OPEN = _folded(
    "open, opened, reopened, new, todo, to do, backlog, draft, drafting, drafted, contexted,"
    "idea, icebox, inbox,"
    "in progress, progress, progressing, wip, doing, started, ongoing, working, active, current,"
    "pending, waiting, queued, scheduled, planned, planning, plan, proposed, proposal, defined,"
    "ready, ready for dev, ready for development, ready for review, ready for qa, ready to start,"
    "not started, unstarted, review, in review, reviewing, under review, code review, reviewed,"
    "qa, testing, in testing, in qa, verification, verifying, validating, validation, staging,"
    "blocked, on hold, hold, paused, deferred, postponed, parked, stalled, delayed,"
    "approved, accepted, assigned, claimed, triage, triaged, needs triage, groomed, refined,"
    "in development, development, implementing, in implementation, analysis, analyzed, design,"
    "decomposed, specified, incomplete, partial, partially complete, failed, next, later, now"
)


def judge(word: str | None, own: Mapping[str, StateReason | None] | None = None) -> Verdict:
    """What a status word says: closed, closed as not planned, or open.

    ``own`` maps a layout's own words; they win over the built-in ones.
    """
    if word is None or not word.strip():
        return Verdict(state=State.OPEN, reason=None)
    folded = fold(word)
    for name, reason in (own or {}).items():
        if fold(name) == folded:
            return Verdict(state=State.CLOSED if reason else State.OPEN, reason=reason)
    if folded in COMPLETED:
        return Verdict(state=State.CLOSED, reason=StateReason.COMPLETED)
    if folded in NOT_PLANNED:
        return Verdict(state=State.CLOSED, reason=StateReason.NOT_PLANNED)
    return Verdict(state=State.OPEN, reason=None, known=folded in OPEN)
