"""The tasks of a plain checkbox list (``TODO.md``), each by an id of its own.

A line is a task if it has an id that says so itself: with a colon behind it (``T12: …``), in
brackets, bold or code (``[BUG-3] …``), or ``T001`` of three digits; or if it names its issue
(``ref:GH#12``, as github.com/marcusquinn/aidevops writes it, or the issue's address at its end).
Every other line changes its name with its words, and a changed name would be a second issue.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence

from ghsync.layouts import markdown
from ghsync.layouts.recorded import issue_in
from ghsync.model import IssueNumber, RecordedIssue
from ghsync.patterns import regex
from ghsync.values import dataclass

_ID = r"[A-Za-z]{1,10}[-_]?\d+(?:\.\d+)*[a-z]?"
_BOX = regex(r"^([ \t]*)(?:[-*+]|\d+[.)])[ \t]+\[([ xX~/-])\][ \t]+(.*)$")
_NAMED = regex(
    rf"(?:(?:\*\*|__|`|\[)({_ID})(?:\*\*|__|`|\])[ \t]*:?|({_ID}):"
    r"|([Tt]\d{3,}[a-z]?)(?=[ \t]|$))[ \t]*"
)
_REF = regex(r"(?<![ \t])[ \t]*\bref:GH#([1-9]\d{0,8})\b", re.IGNORECASE)
_ADDRESS = regex(
    r"(?<![ \t])[ \t]*[(<]?(?:\[#?\d+\]\()?(https?://\S{1,200}?/issues/\d+)[)>]{0,2}[ \t]*$"
)
_DEPENDS = regex(
    r"\b(?:depends[ -]on|blocked[ -]by)\b[ \t]*:?[ \t]*"
    rf"({_ID}(?:(?:[ \t]*,[ \t]*|[ \t]+and[ \t]+){_ID})*)",
    re.IGNORECASE,
)
_ROOM = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class ListLine:
    """One task: its id, its line in the file (1-based), and what the line says."""

    ident: str
    line: int
    title: str
    body: str
    box: str
    """What stands between the brackets."""
    above: str | None = None
    """The id of the task that it stands under."""
    recorded: RecordedIssue | None = None
    depends: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ListFile:
    """The tasks of one file in its order, and the lines of checkboxes that are none."""

    tasks: tuple[ListLine, ...]
    without_id: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Box:
    """A checkbox line as it stands."""

    at: int
    indent: int
    box: str
    text: str
    ident: str | None
    rest: str


def parse(text: str, first_line: int) -> ListFile:
    """The tasks of one file; ``first_line`` is the line of the text's first in its file."""
    lines = text.split("\n")
    boxes = [box for at, line in markdown.lines_outside_code(text) if (box := _box(at, line))]
    named = [box for box in boxes if box.ident is not None]
    starts = {box.at for box in named}
    tasks: list[ListLine] = []
    open_: list[tuple[int, str]] = []
    for box in named:
        while open_ and open_[-1][0] >= box.indent:
            open_.pop()
        tasks.append(_task(box, lines, starts, first_line, open_[-1][1] if open_ else None))
        open_.append((box.indent, tasks[-1].ident))
    under = _under(named, lines, starts)
    bare = [box.at + first_line for box in boxes if box.ident is None and box.at not in under]
    return ListFile(tasks=tuple(tasks), without_id=tuple(bare))


def _box(at: int, line: str) -> _Box | None:
    match = _BOX.match(line)
    if match is None:
        return None
    indent, box, text = match.groups()
    found = _NAMED.match(text)
    ident = next((group for group in found.groups() if group), None) if found else None
    rest = text[found.end() :] if found and ident else text
    issue = _recorded(text, at)
    if ident is None and issue is not None:
        ident = f"GH{issue.number}"
    return _Box(at=at, indent=len(indent.expandtabs(4)), box=box, text=text, ident=ident, rest=rest)


def _task(
    box: _Box, lines: Sequence[str], starts: set[int], first_line: int, above: str | None
) -> ListLine:
    title = _DEPENDS.sub("", _ADDRESS.sub("", _REF.sub("", box.rest)))
    title = markdown.plain(" ".join(title.split())).strip(" :–—-")
    below = [line.expandtabs(4) for line in _below(box, lines, starts)]
    common = min((len(line) - len(line.lstrip()) for line in below if line.strip()), default=0)
    own = _REF.sub("", box.text).rstrip()  # else writing the issue down would change its text
    body = "\n".join([own, *(line[common:].rstrip() for line in below)])
    return ListLine(
        ident=box.ident or "",
        line=box.at + first_line,
        title=textwrap.shorten(title, _ROOM, placeholder="…") if title else box.ident or "",
        body=body.rstrip(),
        box=box.box,
        above=above,
        recorded=_recorded(box.text, box.at + first_line),
        depends=tuple(
            ident for match in _DEPENDS.finditer(box.rest) for ident in re.findall(_ID, match[1])
        ),
    )


def _below(box: _Box, lines: Sequence[str], starts: set[int]) -> list[str]:
    """The lines under a task that are indented deeper, up to the next task."""
    taken: list[str] = []
    for at in range(box.at + 1, len(lines)):
        line = lines[at]
        depth = len(line.expandtabs(4)) - len(line.expandtabs(4).lstrip())
        if at in starts or (line.strip() and depth <= box.indent):
            break
        taken.append(line)
    while taken and not taken[-1].strip():
        taken.pop()
    return taken


def _under(boxes: Sequence[_Box], lines: Sequence[str], starts: set[int]) -> set[int]:
    """The lines that belong to a task's text: checkboxes there are its steps."""
    return {box.at + 1 + n for box in boxes for n in range(len(_below(box, lines, starts)))}


def _recorded(text: str, line: int) -> RecordedIssue | None:
    """The issue that a line names itself."""
    if match := _REF.search(text):
        return RecordedIssue(number=IssueNumber(int(match.group(1))), repo=None, line=line)
    match = _ADDRESS.search(text)
    issue = issue_in(match.group(1)) if match else None
    if issue is None:
        return None
    return RecordedIssue(number=IssueNumber(issue[0]), repo=issue[1], line=line)
