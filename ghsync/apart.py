"""What GitHub has and a file cannot hold: said by one pull, and remembered in the base.

The base's own fields keep the file's view, so that no push sets GitHub back. Beside them it has,
for each such field, a fingerprint of what was said: the same again is nothing new.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from ghsync.journal import Base
from ghsync.model import Change, Fields, Issue
from ghsync.render import digest


def called(change: Change) -> str:
    """The field of a change; of an issue field its name."""
    return change.field if change.name is None else f"{change.field}: {change.name}"


def spoken(field: str) -> str:
    """A field's name in a sentence."""
    names = {"blocked_by": "blockers", "fields": "issue fields", "state_reason": "reason"}
    return names.get(field, field)


def fingerprints(changes: Iterable[Change], issue: Issue, fields: Collection[str]) -> Fields:
    """What is remembered of those of an issue's changes that are of these fields."""
    return tuple(
        sorted((called(each), _print(each, issue)) for each in changes if each.field in fields)
    )


def still_apart(base: Base, incoming: Iterable[Change], issue: Issue, *, known: bool) -> Fields:
    """Of what was said before, what is so still; ``known``: the issue's blockers were read."""
    if not base.apart:
        return ()
    now = {(called(each), _print(each, issue)) for each in incoming}
    return tuple(
        pair for pair in base.apart if pair in now or (pair[0] == "blocked_by" and not known)
    )


def _print(change: Change, issue: Issue) -> str:
    """The text that stands for what GitHub has; for a set, how it differs from the file's."""
    if change.field == "body":
        return issue.digest or digest(issue.body)
    if isinstance(change.new, tuple) or isinstance(change.old, tuple):
        old, new = (
            {name.casefold() for name in (value if isinstance(value, tuple) else ())}
            for value in (change.old, change.new)
        )
        more, less = sorted(new - old), sorted(old - new)
        return " ".join([*(f"+{name}" for name in more), *(f"-{name}" for name in less)])
    return change.new or ""


def strangers(base: Base) -> int:
    """How many blockers GitHub has beyond the base's, as was said before."""
    words = dict(base.apart).get("blocked_by", "").split()
    return sum(word.startswith("+") for word in words) - sum(word.startswith("-") for word in words)
