"""Markdown up to a limit: what does not fit is counted and said, never cut in the middle."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

from ghsync.report import safe, words

COMMENT_LIMIT = 65_536
"""Characters that GitHub takes for a comment."""
SUMMARY_LIMIT = 1024 * 1024
"""Bytes that GitHub takes for one step's summary."""
_SPARE = 1_000
"""Room that is kept for what is said of what was left out, and for the last line."""
_REFERENCE = re.compile(r"@|#(?=[0-9])|(?i:\bGH\\-)(?=[0-9])|://|www\\\.")
_MARKUP = re.compile(r"([\\`*_{}\[\]()#+\-.!|~>$])")


def escape(text: str) -> str:
    """Make text that markdown shows as it is: no markup, no HTML, no mention, no reference."""
    text = safe.visible(text).replace("&", "&amp;").replace("<", "&lt;")
    # GitHub looks for names, numbers and addresses in the page that markdown has become, where a
    # backslash is gone: a zero-width space keeps them from notifying and linking anybody.
    return _REFERENCE.sub("\\g<0>\u200b", _MARKUP.sub(r"\\\1", text))


def link(text: str, url: str | None) -> str:
    """Make a link of text that is markdown already; without a good address, the text."""
    found = safe.url(url)
    if found is None:
        return text
    return f"[{text}](<{found.replace('>', '%3E').replace('<', '%3C')}>)"


def utf8(text: str) -> int:
    """The length in bytes."""
    return len(text.encode("utf-8", "replace"))


class Paper:
    """A page of markdown that grows up to ``limit``, as ``size`` counts."""

    def __init__(self, limit: int, *, size: Callable[[str], int] = len) -> None:
        self._limit = limit - min(_SPARE, limit // 3)
        self._size = size
        self._blocks: list[str] = []
        self._used = 0

    @property
    def text(self) -> str:
        """The page."""
        return "\n\n".join(self._blocks) + "\n"

    @property
    def used(self) -> int:
        """How much of the limit is taken."""
        return self._used

    def say(self, text: str) -> None:
        """Add a paragraph of markdown, whether it fits or not: short ones, and the first."""
        self._add(text)

    def table(self, head: str, rows: Sequence[str], *, noun: str, most: int | None = None) -> None:
        """Add a table, and how many rows there were for which there was no room."""
        columns = head.count("|") - 1
        top = f"{head}\n|{'---|' * columns}"
        kept = self._kept(rows if most is None else rows[:most], self._size(top) + 2)
        if kept:
            self._add("\n".join((top, *kept)))
        self._rest(len(rows) - len(kept), noun)

    def items(self, lines: Sequence[str], *, noun: str, most: int | None = None) -> None:
        """Add a list, and how many of it there was no room for."""
        kept = self._kept([f"- {x}" for x in (lines if most is None else lines[:most])], 2)
        if kept:
            self._add("\n".join(kept))
        self._rest(len(lines) - len(kept), noun)

    def folded(self, title: str, lines: Sequence[str], *, language: str = "") -> None:
        """Add lines of code that a click shows, and how many there was no room for.

        The fence is longer than any in the lines, so that none of them ends it.
        """
        longest = max((len(x) for line in lines for x in re.findall("`+", line)), default=0)
        fence = "`" * max(3, longest + 1)
        open_ = f"<details><summary>{escape(title)}</summary>\n\n{fence}{language}"
        close = f"{fence}\n\n</details>"
        kept = self._kept([safe.visible(line) for line in lines], self._size(open_ + close) + 4)
        if kept:
            self._add("\n".join((open_, *kept, close)))
        self._rest(len(lines) - len(kept), "line", of=title)

    # ------------------------------------------------------------------------- details

    def _add(self, text: str) -> None:
        self._blocks.append(text)
        self._used += self._size(text) + 2

    def _kept(self, lines: Iterable[str], used: int) -> list[str]:
        """The first lines that fit beside what is on the page and ``used``."""
        room = self._limit - self._used - used
        kept: list[str] = []
        for line in lines:
            room -= self._size(line) + 1
            if room < 0:
                break
            kept.append(line)
        return kept

    def _rest(self, number: int, noun: str, *, of: str = "") -> None:
        if number > 0:
            what = f" of “{escape(of)}”" if of else ""
            text = f"… and {words.count(number, noun)} more{what}."
            self._add(text)  # there is room: it was spared
