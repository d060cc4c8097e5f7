"""What people changed on GitHub, on its way into the files: one item at a time.

:mod:`ghsync.threeway` says what of an issue its file lacks; this says how the file shall say it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

from ghsync.issuetext.children import managed, split_children
from ghsync.model import Change, HeldField, Issue, Item, State, StateReason
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
        reason=reason_of(issue) if state is State.CLOSED else None,
        word=word if state is State.OPEN else None,
        labels=_names(changes.get("labels")),
        assignees=_names(changes.get("assignees")),
        milestone=issue.milestone if "milestone" in changes else UNSET,
        body=_body(local, merged.body, issue, to_file) if "body" in changes else None,
        type=issue.type if "type" in changes else UNSET,
        fields=_fields(merged.incoming, issue),
    )


def for_file(want: Want, checked: Item, item: Item) -> Want:
    """The same for the file as it is: with the values that are left out on GitHub's side.

    ``checked`` is the item as a push sends it, ``item`` as its file says it: with people who are
    no logins, labels that are too long, a text that was cut off. A cut text is not written.
    """
    return replace(
        want,
        labels=_kept(want.labels, checked.labels, item.labels),
        assignees=_kept(want.assignees, checked.assignees, item.assignees),
        body=want.body if checked.body == item.body else None,
    )


def _kept(
    wanted: tuple[str, ...] | None, sent: tuple[str, ...], said: tuple[str, ...]
) -> tuple[str, ...] | None:
    """The wanted names, with those of the file that are not sent, without those of ghsync."""
    if wanted is None or sent == said:
        return wanted
    left_out = {name.casefold() for name in said} - {name.casefold() for name in sent}
    added = {name.casefold() for name in sent} - {name.casefold() for name in said}
    kept = [name for name in wanted if name.casefold() not in added]
    have = {name.casefold() for name in kept}
    return (*kept, *(n for n in said if n.casefold() in left_out and n.casefold() not in have))


def _fields(changes: Iterable[Change], issue: Issue) -> tuple[tuple[str, HeldField | None], ...]:
    """The issue fields that changed, as the issue holds them now."""
    held = {each.name.casefold(): each for each in issue.fields or ()}
    return tuple((c.name, held.get(c.name.casefold())) for c in changes if c.name is not None)


def _text(change: Change | None) -> str | None:
    return change.new if change is not None and isinstance(change.new, str) else None


def _names(change: Change | None) -> tuple[str, ...] | None:
    return change.new if change is not None and isinstance(change.new, tuple) else None


def reason_of(issue: Issue) -> StateReason:
    """Why a closed issue is closed."""
    open_ended = issue.state_reason in (StateReason.NOT_PLANNED, "duplicate")
    return StateReason.NOT_PLANNED if open_ended else StateReason.COMPLETED


def _body(local: Local, merged: TextMerge | None, issue: Issue, to_file: ToFile) -> str:
    """The file's text with the lines that GitHub changed; the others keep the file's form."""
    if merged is None:  # GitHub alone changed it
        merged = merge_text(local.body, local.body, issue.body)
    gone = managed([line.text for line in merged.lines])
    own = TextMerge(
        lines=tuple(line for i, line in enumerate(merged.lines) if i not in gone),
        conflicts=merged.conflicts,
    )
    fitted = to_file(own.text).split("\n") if own.lines else []
    return "\n".join(carry_back(own, _raw(local), fitted))


def _raw(local: Local) -> list[str]:
    """The lines of the file, each where its line stands in the text that was made of it.

    That text may have the list of children above it, or below; the list has no lines here.
    """
    lines = local.body.split("\n")
    gone = managed(lines)
    raw = iter(split_children(local.item.body).text.split("\n"))
    return ["" if i in gone else next(raw, line) for i, line in enumerate(lines)]
