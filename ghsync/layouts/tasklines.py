"""The tasks in a spec-kit ``tasks.md``: checkbox lines, headings, or table rows with T-numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from ghsync.layouts import markdown

_ID = r"T[A-Z]{0,2}-?\d{1,4}[a-z]?(?:\.\d+)*"
_MARKED_ID = rf"(?:Task[ \t]+)?(?:\*\*|__|`|~~)?\[?({_ID})\]?(?:\*\*|__|`|~~)?"
_END = r"(?=[\s:.,\-–—|*\[(`]|$)"
_CHECKBOX = re.compile(
    rf"^([ \t]*)(?:[-*+]|\d+[.)])[ \t]+\[([ xX~/-])\][ \t]*{_MARKED_ID}{_END}(.*)$"
)
_BULLET = re.compile(rf"^([ \t]*)(?:[-*+]|\d+[.)])[ \t]+{_MARKED_ID}{_END}(.*)$")
_HEADING = re.compile(rf"^(?:\[([ xX])\][ \t]*|[^\w\s\[*`]+[ \t]*)?{_MARKED_ID}{_END}(.*)$")
_BOX = re.compile(r"^(?:[-*+]|\d+[.)])[ \t]+\[[ xX~/-]\]")
_ROW_ID = re.compile(rf"^{_MARKED_ID}$")
_MARKERS = re.compile(r"[ \t]*\[([^\]]{1,24})\](?!\()")
_STORY = re.compile(r"(?:US|Story|User Story)[- ]?(\d+)$", re.IGNORECASE)
_DEPENDS = re.compile(
    r"(?:depends?(?:[ -]on)?|dependencies|dependency|blocked by|requires|after)\b[*_]*\s*:?[*_]*\s*"
    rf"((?:{_ID}(?:\s*(?:,|and|&|\+)\s*)?)+)",
    re.IGNORECASE,
)
_STATUS = re.compile(r"^[\s>*_+-]*status[*_]*\s*:[*_]*\s*(.+?)\s*$", re.IGNORECASE)
_DONE_MARK = re.compile("✅|☑|✔|\\[[xX]\\]|\\bDONE\\b|\\bCOMPLETED?\\b")
_PRIORITY = re.compile(r"\bP([0-4])\b")
_SIDE_SECTION = re.compile(r"depend|parallel|note|format|convention|example|summary|strateg", re.I)


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskLine:
    """One task: its id, its line (1-based), and what the line says."""

    ident: str
    line: int
    text: str
    """What follows the id and the ``[…]`` markers: the title."""
    body: str
    closed: bool
    status: str | None = None
    stories: tuple[str, ...] = ()
    depends: tuple[tuple[str, int], ...] = ()
    """The ids after ``depends on``, with their lines."""
    phase: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskFile:
    """The tasks of one file, and the lines of checkboxes that have no id."""

    tasks: tuple[TaskLine, ...]
    without_id: tuple[int, ...] = ()


def parse(text: str, first_line: int) -> TaskFile:
    """The tasks of one file in its order.

    The form with the most ids (checkbox lines, headings, table rows) leads; an id that another
    form has as well is a mention there, one that it alone has is a task. Plain list lines are
    read where there is nothing else.
    """
    lines = text.split("\n")
    outside = list(markdown.lines_outside_code(text))
    forms = [tuple(read(lines, outside)) for read in (_checkboxes, _headings, _rows)]
    if not any(forms):
        forms = [tuple(_bullets(lines, outside))]
    forms.sort(key=lambda form: -len({task.ident for task in form}))
    tasks: list[TaskLine] = []
    for form in forms:
        known = {task.ident for task in tasks}
        tasks += [task for task in form if task.ident not in known]
    taken = {task.line for task in tasks}
    return TaskFile(
        tasks=tuple(_moved(task, first_line) for task in sorted(tasks, key=lambda t: t.line)),
        without_id=tuple(
            number + first_line
            for number, line in outside
            if _BOX.match(line) and number not in taken and not _CHECKBOX.match(line)
        ),
    )


def _moved(task: TaskLine, lines: int) -> TaskLine:
    """The task with its lines counted from the file's first."""
    return replace(
        task,
        line=task.line + lines,
        depends=tuple((ident, line + lines) for ident, line in task.depends),
    )


def _checkboxes(lines: Sequence[str], outside: list[tuple[int, str]]) -> Iterator[TaskLine]:
    yield from _list_lines(lines, outside, _CHECKBOX)


def _bullets(lines: Sequence[str], outside: list[tuple[int, str]]) -> Iterator[TaskLine]:
    allowed: list[tuple[int, str]] = []
    aside = False
    for number, line in outside:
        found = markdown.heading(line)
        if found:
            aside = _SIDE_SECTION.search(found[1]) is not None
        if not aside:
            allowed.append((number, line))
    yield from _list_lines(lines, allowed, _BULLET)


def _list_lines(
    lines: Sequence[str], outside: list[tuple[int, str]], pattern: re.Pattern[str]
) -> Iterator[TaskLine]:
    phase = ""
    for number, line in outside:
        if found := markdown.heading(line):
            phase = found[1]
        match = pattern.match(line)
        if match is None:
            continue
        indent = match.group(1)
        box = match.group(2) if pattern is _CHECKBOX else " "
        ident, rest = match.group(match.lastindex - 1 if match.lastindex else 0), match.groups()[-1]
        start = line.index(ident)
        while start > 0 and line[start - 1] in "*_`~[":
            start -= 1
        rest = re.sub(r"^([ \t]*(?:\[[^\]]+\][ \t]*)*)(?:\*\*|__)(?=[\s:])", r"\1", rest)
        more = _continuation(lines, number, len(indent.expandtabs(4)), pattern)
        body = "\n".join([line[start:].rstrip(), *more]).rstrip()
        task = _task(ident, number, rest, body, box in "xX", phase)
        yield replace(task, status="skipped") if box == "-" else task


def _continuation(
    lines: Sequence[str], number: int, indent: int, pattern: re.Pattern[str]
) -> list[str]:
    """The lines after a task that are indented deeper than it, without their common indent."""
    taken: list[str] = []
    for line in lines[number + 1 :]:
        if not line.strip():
            taken.append("")
            continue
        depth = len(line.expandtabs(4)) - len(line.expandtabs(4).lstrip())
        if depth <= indent or pattern.match(line):
            break
        taken.append(line.expandtabs(4))
    while taken and not taken[-1]:
        taken.pop()
    common = min((len(t) - len(t.lstrip()) for t in taken if t), default=0)
    return [t[common:] for t in taken]


def _headings(lines: Sequence[str], outside: list[tuple[int, str]]) -> Iterator[TaskLine]:
    heads = [(n, found) for n, line in outside if (found := markdown.heading(line))]
    phase = ""
    for position, (number, (level, title)) in enumerate(heads):
        match = _HEADING.match(title)
        if match is None:
            phase = title
            continue
        end = next((n for n, (other, _) in heads[position + 1 :] if other <= level), len(lines))
        body = "\n".join(lines[number + 1 : end]).strip()
        body = re.sub(r"\n+(?:---+|\*\*\*+)\s*$", "", body).rstrip()
        status = next((m.group(1) for x in body.split("\n") if (m := _STATUS.match(x))), None)
        done = match.group(1) in ("x", "X") or bool(_DONE_MARK.search(title))
        rest = re.sub(r"\s*[✅☑✔]\ufe0f?\s*", " ", match.group(3)).rstrip()
        task = _task(match.group(2), number, rest, body, done, phase)
        depends = [
            (ident, number + 1 + offset)
            for offset, line in enumerate(body.split("\n"))
            for ident in _dependencies(line)
        ]
        yield replace(task, status=status, depends=tuple(dict.fromkeys((*task.depends, *depends))))


def _rows(lines: Sequence[str], outside: list[tuple[int, str]]) -> Iterator[TaskLine]:
    header: list[str] = []
    phase = ""
    for number, line in outside:
        if found := markdown.heading(line):
            phase = found[1]
        if not line.lstrip().startswith("|"):
            header = []
            continue
        cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip().strip("|"))]
        if not header:
            header = [cell.casefold() for cell in cells]
            continue
        at = next((i for i, cell in enumerate(cells) if _ROW_ID.match(cell)), None)
        match = _ROW_ID.match(cells[at]) if at is not None else None
        if at is None or match is None or at > 1:
            continue
        text = _cell(header, cells, ("task", "title", "description", "name", "summary"), skip=at)
        text = text or next((c for i, c in enumerate(cells) if i != at and len(c) > 3), "")
        status = _cell(header, cells, ("status", "state", "done"), skip=at)
        depends = _cell(header, cells, ("depend", "block", "after"), skip=at)
        body = "\n".join(
            f"{name}: {cell}" for name, cell in zip(header, cells, strict=False) if cell
        )
        task = _task(match.group(1), number, text, body, bool(_DONE_MARK.search(status)), phase)
        ids = [(i, number) for i in re.findall(_ID, depends)]
        yield replace(task, status=status or None, depends=tuple(ids))


def _cell(header: list[str], cells: list[str], words: tuple[str, ...], *, skip: int) -> str:
    for word in words:
        for i, (name, cell) in enumerate(zip(header, cells, strict=False)):
            if i != skip and word in name:
                return cell
    return ""


def _task(ident: str, line: int, rest: str, body: str, closed: bool, phase: str) -> TaskLine:
    text = rest.lstrip(" \t:.–—*`_~-")
    stories: list[str] = []
    while match := _MARKERS.match(text):
        if story := _STORY.match(match.group(1).strip()):
            stories.append(f"US{int(story.group(1))}")
        text = text[match.end() :].lstrip(" \t:–—-")
    text = re.sub(r"[ \t]*\[(?:P|US\d+)\]", "", text)
    return TaskLine(
        ident=ident,
        line=line,
        text=" ".join(text.rstrip("*_~ \t").split()) or ident,
        body=body,
        closed=closed,
        stories=tuple(dict.fromkeys(stories)),
        depends=tuple((dep, line) for dep in _dependencies(rest)),
        phase=phase,
    )


def _dependencies(text: str) -> list[str]:
    return [ident for match in _DEPENDS.finditer(text) for ident in re.findall(_ID, match.group(1))]


def priority(phase: str) -> str | None:
    """The priority in a phase's heading, as in ``User Story 1 - Search (Priority: P1)``."""
    match = _PRIORITY.search(phase)
    return f"P{match.group(1)}" if match else None
