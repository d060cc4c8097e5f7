"""The tasks that are lines of one file, spec-kit's or those of a plain list, seen alike."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from ghsync.edit import loaded
from ghsync.layouts import frontmatter, listlines, tasklines
from ghsync.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One task: its id, its line (1-based), and what it says."""

    ident: str
    line: int
    title: str
    body: str
    closed: bool
    dropped: bool
    """Its box holds ``-``."""
    listed: bool
    """It is a line of a list: not a heading, and no row of a table."""
    issue: int | None
    rest: tuple[object, ...]
    """What else it says: dependencies, markers, what it stands under."""


Grammar: TypeAlias = Callable[[str], tuple[Entry, ...]]
"""The tasks of a file's text."""


def of(layout: str) -> Grammar:
    """How the files of a layout are read."""
    return _spec_kit if layout == "spec-kit" else _plain


def _spec_kit(text: str) -> tuple[Entry, ...]:
    document = frontmatter.parse("", loaded(text))
    return tuple(
        Entry(
            ident=task.ident,
            line=task.line,
            title=task.text,
            body=task.body,
            closed=task.closed,
            dropped=task.status == "skipped",
            listed=bool(task.source),
            issue=None,
            rest=(task.status, task.stories, tuple(name for name, _ in task.depends), task.phase),
        )
        for task in tasklines.parse(document.body, document.body_line).tasks
    )


def _plain(text: str) -> tuple[Entry, ...]:
    document = frontmatter.parse("", loaded(text))
    return tuple(
        Entry(
            ident=task.ident,
            line=task.line,
            title=task.title,
            body=task.body,
            closed=task.box in ("x", "X"),
            dropped=task.box == "-",
            listed=True,
            issue=task.recorded.number if task.recorded else None,
            rest=(task.box, task.above, task.depends),
        )
        for task in listlines.parse(document.body, document.body_line).tasks
    )
