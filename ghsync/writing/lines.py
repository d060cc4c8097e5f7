"""Rewrite one task that is a line of a file: its box, its text, and what is indented under it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import TypeAlias

from ghsync.edit import EditError, Lines
from ghsync.edit.bodies import trimmed
from ghsync.model import Item, State, StateReason
from ghsync.writing import grammar
from ghsync.writing.grammar import Entry
from ghsync.writing.want import UNSET, Held, Want, Written, without_lists

_BOX = re.compile(r"^([ \t]*(?:(?:[-*+]|\d+[.)])[ \t]+|#{1,6}[ \t]+)\[)([ xX~/-])(\].*)$")
_Step: TypeAlias = Callable[[Item, str, Want], str | None]
_REF = re.compile(r"(?<![ \t])[ \t]*\bref:GH#[1-9]\d{0,8}$", re.IGNORECASE)
_MARK = re.compile(r"[ \t]*(?:[-*+]|\d+[.)])[ \t]+")


def rewrite(item: Item, text: str, want: Want, *, unfit: bool) -> Written:
    """The file with the wanted values of one task; every other task is read as before.

    ``unfit`` says that a title is wanted that does not fit the template.

    Raises:
        EditError: The task is not in the text as it was loaded.
    """
    unheld: list[Held] = ["title"] if unfit else []
    changed: list[Held] = []
    task = _task(item, text)
    if task.body != item.body:
        raise EditError(
            f"{item.path} does not say what was loaded from it (line {task.line}), so nothing is "
            "changed in it.",
            hint="Run the command again.",
        )
    steps: tuple[tuple[Held, _Step], ...] = (
        ("body", _body),
        ("title", _title),
        ("state", _state),
        ("recorded", _recorded),
    )
    for name, attempt in steps:
        if getattr(want, name) is None:
            continue
        new = attempt(item, text, want)
        if new is None or not _others_same(text, new, item):
            unheld.append(name)
        elif new != text:
            text = new
            changed += [name, "body"] if name in ("title", "recorded") else [name]
    unheld += _without_a_place(item, want)
    return Written(text=text, changed=tuple(dict.fromkeys(changed)), unheld=tuple(unheld))


def _without_a_place(item: Item, want: Want) -> list[Held]:
    """What a task line cannot say."""
    missing: list[Held] = []
    if want.labels is not None and {*map(str.casefold, want.labels)} != {
        *map(str.casefold, item.labels)
    }:
        missing.append("labels")
    if want.assignees:
        missing.append("assignees")
    if want.milestone is not UNSET and want.milestone is not None:
        missing.append("milestone")
    if want.parent is not UNSET:
        missing.append("parent")
    if want.type is not UNSET:
        missing.append("type")
    return [*missing, *without_lists(want)]


def _task(item: Item, text: str) -> Entry:
    for task in grammar.of(item.layout)(text):
        if task.ident == item.ident:
            return task
    raise EditError(
        f"{item.path} holds no task {item.ident} any more, so nothing is changed in it.",
        hint="Run the command again.",
    )


def _others_same(old: str, new: str, item: Item) -> bool:
    """Whether all other tasks say what they said, wherever their lines are now."""

    def said(text: str) -> list[Entry]:
        tasks = grammar.of(item.layout)(text)
        return [replace(task, line=0) for task in tasks if task.ident != item.ident]

    return said(old) == said(new)


def _state(item: Item, text: str, want: Want) -> str | None:
    """Tick the box, clear it, or put ``-`` into it."""
    reason = None
    if want.state is State.CLOSED:
        reason = want.reason or StateReason.COMPLETED
    if (item.state, item.reason) == (want.state, reason):
        return text
    if item.archived:
        return None
    lines = Lines(text)
    at = _task(item, text).line - 1
    match = _BOX.match(lines.texts[at])
    if match is None:
        return None
    mark = " " if want.state is State.OPEN else "x" if reason is StateReason.COMPLETED else "-"
    lines.texts[at] = match.group(1) + mark + match.group(3)
    after = _task(item, lines.text())
    return lines.text() if (after.closed, after.dropped) == (mark == "x", mark == "-") else None


def _title(item: Item, text: str, want: Want) -> str | None:
    """Put another text behind the id, where the old one stands on one line."""
    task, title = _task(item, text), want.title or ""
    if task.title == title:
        return text
    if task.title == task.ident or not item.title.rstrip("…") or item.title.endswith("…"):
        return None
    lines = Lines(text)
    line = lines.texts[task.line - 1]
    start = line.rfind(task.title)
    if start < 0:
        return None
    lines.texts[task.line - 1] = line[:start] + title + line[start + len(task.title) :]
    after = _task(item, lines.text())
    return lines.text() if (after.title, after.closed) == (title, task.closed) else None


def _recorded(item: Item, text: str, want: Want) -> str | None:
    """Put ``ref:GH#12`` behind a line of a plain list; spec-kit has no word for it."""
    task = _task(item, text)
    number = want.recorded.number if want.recorded else None
    if task.issue == number:
        return text
    if task.issue is not None or item.layout == "spec-kit":
        return None
    lines = Lines(text)
    line = lines.texts[task.line - 1]
    kept = line.rstrip()
    lines.texts[task.line - 1] = f"{kept} ref:GH#{number}{line[len(kept) :]}"
    after = _task(item, lines.text())
    return lines.text() if (after.issue, after.title) == (number, task.title) else None


def _body(item: Item, text: str, want: Want) -> str | None:
    """Replace the task's own text, and what is indented under it."""
    wanted = trimmed(want.body or "").split("\n")
    task = _task(item, text)
    if task.body.split("\n") == wanted:
        return text
    old = task.body.split("\n")
    lines = Lines(text)
    at = task.line - 1
    line = lines.texts[at]
    own = _REF.sub("", line.rstrip())  # no part of the issue's text
    if not task.listed or not own.endswith(old[0]) or not wanted[0]:
        return None
    lead = _lead(lines, at, old)
    if lead is None:
        return None
    lines.texts[at] = own[: len(own) - len(old[0])] + wanted[0] + line[len(own) :]
    _under(lines, at + 1, old[1:], wanted[1:], lead)
    new = lines.text()
    then = next((t for t in grammar.of(item.layout)(new) if t.ident == task.ident), None)
    return new if then is not None and then.body.split("\n") == wanted else None


def _lead(lines: Lines, at: int, old: list[str]) -> str | None:
    """The indent of what stands under a task; that of its text where nothing does yet."""
    for offset, text in enumerate(old[1:], at + 1):
        if not text:
            continue
        line = lines.texts[offset]
        if "\t" in line or not line.rstrip().endswith(text.rstrip()):
            return None
        lead = line[: len(line) - len(line.lstrip())]
        own = text[: len(text) - len(text.lstrip())]
        return lead[: len(lead) - len(own)]
    match = _MARK.match(lines.texts[at])
    return " " * len(match.group(0)) if match else None


def _under(lines: Lines, start: int, old: list[str], wanted: list[str], lead: str) -> None:
    """Change the lines below, those that stay excepted."""
    same = 0
    while same < min(len(old), len(wanted)) and old[same] == wanted[same]:
        same += 1
    rest = 0
    limit = min(len(old), len(wanted)) - same
    while rest < limit and old[-1 - rest] == wanted[-1 - rest]:
        rest += 1
    lines.remove(start + same, start + len(old) - rest)
    new = wanted[same : len(wanted) - rest]
    lines.insert(start + same, [lead + text if text else "" for text in new])
