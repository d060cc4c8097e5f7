"""The words of marks and operations, as the page's badges and sentences have them."""

from __future__ import annotations

from ghsync.model import OpResult, Status, op_name
from ghsync.report import marks

PLANNED = {
    "failed": "failed", "unknown": "unknown", "conflict": "conflict", "create": "create",
    "update": "update", "close": "close", "reopen": "reopen", "adopt": "adopt", "link": "link",
    "comment": "comment", "lock": "lock", "pending": "still to do", "skipped": "skipped",
    "later": "next run", "unchanged": "unchanged",
}  # fmt: skip
ENDED = PLANNED | {
    "create": "created", "update": "updated", "close": "closed", "reopen": "reopened",
    "adopt": "adopted", "link": "linked", "comment": "commented", "lock": "locked",
}  # fmt: skip


def of_mark(mark: str, *, planned: bool) -> str:
    """The word of a mark, before or after the run."""
    return (PLANNED if planned else ENDED)[mark]


_LINKS = {
    "block": "blocked by", "unblock": "no longer blocked by", "link": "sub-issue of",
    "unlink": "no longer a sub-issue of",
}  # fmt: skip


def counted(mark: str, number: int, *, planned: bool) -> str:
    """So many issues of a mark: ``3 to create``, ``1 conflict``."""
    verb = planned and mark in _VERBS
    return f"{number:,} {'to ' if verb else ''}{of_mark(mark, planned=planned)}"


_VERBS = frozenset(PLANNED) - {
    "failed", "unknown", "conflict", "pending", "skipped", "later", "unchanged",
}  # fmt: skip


def of_result(result: OpResult, *, planned: bool) -> str:
    """What an operation would do, or what became of it: ``create``, ``failed: blocked by``."""
    name = op_name(result.operation)
    ended = marks.ended(result)[0].partition(" ")[2]
    if name in _LINKS:
        made = result.status is Status.DONE or (planned and result.status is Status.PENDING)
        return _LINKS[name] if made else f"{result.status.value}: {_LINKS[name]}"
    if planned and result.status is Status.PENDING:
        return name.replace("_", " ")
    return ended
