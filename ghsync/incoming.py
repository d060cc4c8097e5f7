"""What people changed on GitHub, on its way into the files: one item at a time.

:mod:`ghsync.threeway` says what of an issue its file lacks; this says how the file shall say it.
"""

from __future__ import annotations

from collections.abc import Callable

from ghsync.issuetext.children import split_children
from ghsync.model import Change, Issue, State, StateReason
from ghsync.textmerge import TextMerge, carry_back, merge_text
from ghsync.threeway import Local, Merge
from ghsync.writing import UNSET, Want

ToFile = Callable[[str], str]
"""A text of GitHub in the form of the file, line for line."""


def want_of(
    local: Local, merged: Merge, issue: Issue, to_file: ToFile, word: str | None = None
) -> Want:
    """The values that the file of an item shall have.

    ``word`` is the status word that it had when it was open the last time.
    """
    changes = {change.field: change for change in merged.incoming}
    state = issue.state if {"state", "state_reason"} & changes.keys() else None
    return Want(
        title=_text(changes.get("title")),
        state=state,
        reason=_reason(issue) if state is State.CLOSED else None,
        word=word if state is State.OPEN else None,
        labels=_names(changes.get("labels")),
        assignees=_names(changes.get("assignees")),
        milestone=issue.milestone if "milestone" in changes else UNSET,
        body=_body(local, merged.body, issue, to_file) if "body" in changes else None,
    )


def _text(change: Change | None) -> str | None:
    return change.new if change is not None and isinstance(change.new, str) else None


def _names(change: Change | None) -> tuple[str, ...] | None:
    return change.new if change is not None and isinstance(change.new, tuple) else None


def _reason(issue: Issue) -> StateReason:
    open_ended = issue.state_reason in (StateReason.NOT_PLANNED, "duplicate")
    return StateReason.NOT_PLANNED if open_ended else StateReason.COMPLETED


def _body(local: Local, merged: TextMerge | None, issue: Issue, to_file: ToFile) -> str:
    """The file's text with the lines that GitHub changed; the others keep the file's form."""
    if merged is None:  # GitHub alone changed it
        merged = merge_text(local.body, local.body, issue.body)
    fitted = to_file(merged.text).split("\n") if merged.lines else []
    above = _lines_above(local.body)
    raw = [*([""] * above), *local.item.body.split("\n")]
    return split_children("\n".join(carry_back(merged, raw, fitted))).text


def _lines_above(body: str) -> int:
    """How many lines the list of children takes above a text that would swallow it below."""
    own = split_children(body).text
    return body[: len(body) - len(own)].count("\n") if own and body.endswith(own) else 0
