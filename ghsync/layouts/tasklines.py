"""The tasks in a spec-kit ``tasks.md``: checkbox lines, headings, or table rows with T-numbers."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from ghsync.layouts import markdown, taskids
from ghsync.values import dataclass

_MARKED_ID = rf"(?:Task[ \t]+)?(\*\*|__|`|~~)?\[?({taskids.ID})\]?(\*\*|__|`|~~)?"
_BULLET = re.compile(
    rf"^([ \t]*)(?:(?:[-*+]|\d+[.)])[ \t]+|(?=\*\*T))()(?:{_MARKED_ID}{taskids.END})(.*)$"
)
"""A list line, or a paragraph that opens with an id in bold."""
_CHECKBOX = re.compile(
    rf"^([ \t]*)(?:[-*+]|\d+[.)])[ \t]+\[([ xX~/-])\][ \t]*(?:{_MARKED_ID}{taskids.END})(.*)$"
)
_HEADING = re.compile(
    rf"^(?:\[([ xX])\][ \t]*|[^\w\s\[*`]+[ \t]*)?(?:{_MARKED_ID}{taskids.END})(.*)$"
)
_BOX = re.compile(r"^(?:[-*+]|\d+[.)])[ \t]+\[[ xX~/-]\]")
_ROW_ID = re.compile(rf"^{_MARKED_ID}$")
_MARKERS = re.compile(r"[ \t]*\[([^\]]{1,24})\](?!\()")
_STORY = re.compile(r"(?:US|Story|User Story)[- ]?(\d+)$", re.IGNORECASE)
_STATUS = re.compile(r"^[\s>*_`+-]*status[*_`]*\s*[:：][*_`]*\s*(.+)$", re.IGNORECASE)
_DONE_MARK = re.compile("✅|☑|✔|\\[[xX]\\]|\\bDONE\\b|\\bCOMPLETED?\\b")
_PRIORITY = re.compile(r"\bP([0-4])\b")
_SIDE_SECTION = re.compile(r"depend|parallel|note|format|convention|example|summary|strateg", re.I)
_NEW_BLOCK = re.compile(r"[ \t]*(?:[-*+>|#]|\d+[.)][ \t]|```|~~~|<!--)")
_TO_ANOTHER = re.compile(r"[-–—](T\d{3,4})\b")
_LABEL = re.compile(r"\s*[*_`]*[A-Z][\w -]{1,24}[*_`]*:")
_WRAP_AT = 70
"""A line is taken for wrapped if the next word would have made it longer than this."""


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
    source: str = ""
    """The line as it stands, of a list line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskFile:
    """The tasks of one file, and the lines of checkboxes that have no id."""

    tasks: tuple[TaskLine, ...]
    without_id: tuple[int, ...] = ()


def parse(text: str, first_line: int) -> TaskFile:
    """The tasks of one file in its order.

    Checkbox lines or headings lead, whichever have more ids, and table rows come last; an id
    that an earlier form has as well is a mention there (a row adds the status and the
    dependencies that the other lacks), one that it alone has is a task. Plain list lines are
    read where there is nothing else.
    """
    lines = text.split("\n")
    outside = list(markdown.lines_outside_code(text))
    forms = [tuple(read(lines, outside)) for read in (_checkboxes, _headings)]
    forms.sort(key=lambda form: -len({task.ident for task in form}))
    forms.append(tuple(_rows(lines, outside)))
    if not any(forms):
        forms = [tuple(_bullets(lines, outside))]
    tasks: list[TaskLine] = []
    for form in forms:
        known = {task.ident for task in tasks}
        tasks += [task for task in form if task.ident not in known]
    rows: dict[str, list[TaskLine]] = defaultdict(list)
    for row in forms[-1]:
        rows[row.ident].append(row)
    tasks = [_completed(task, rows.get(task.ident, ())) for task in tasks]
    idents = taskids.Known(task.ident for task in tasks)
    taken = {task.line for task in tasks}
    return TaskFile(
        tasks=tuple(_placed(task, first_line, idents) for task in sorted(tasks, key=_by_line)),
        without_id=tuple(
            number + first_line
            for number, line in outside
            if _BOX.match(line) and number not in taken and not _CHECKBOX.match(line)
        ),
    )


def _by_line(task: TaskLine) -> int:
    return task.line


def _completed(task: TaskLine, rows: Iterable[TaskLine]) -> TaskLine:
    """The task with what its row in an overview says of it and the task itself does not."""
    row = next((row for row in rows if row.line != task.line), None)
    if row is None:
        return task
    said = task.closed or task.status is not None or _BOX.match(task.source) is not None
    return replace(
        task,
        closed=task.closed if said else row.closed,
        status=task.status if said else row.status,
        depends=task.depends or row.depends,
    )


def _placed(task: TaskLine, lines: int, known: taskids.Known) -> TaskLine:
    """The task with its lines counted from the file's first, and ranges as their tasks."""
    depends = tuple(
        (ident, line + lines)
        for reference, line in task.depends
        for ident in taskids.expand(reference, known)
    )
    return replace(task, line=task.line + lines, depends=tuple(dict.fromkeys(depends)))


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
        indent, box, opened, ident, closed, rest = match.groups()
        if several := _TO_ANOTHER.match(rest):  # one line for several: T003-T005
            ident, rest = f"{ident}-{several.group(1)}", rest[several.end() :]
        start = match.start(3) if opened else match.start(4)
        if not opened and line[start - 1] == "[":
            start -= 1
        under, deep = _continuation(lines, number, len(indent.expandtabs(4)), pattern)
        body = "\n".join([line[start:].rstrip(), *under]).rstrip()
        wrapped = _wrapped(deep)
        task = _task(
            ident, number, _joined(line, rest, wrapped), body, box != "" and box in "xX", phase
        )
        depends = [*_depends(rest, wrapped, number)]
        for offset, more in enumerate(deep[len(wrapped) :], number + 1 + len(wrapped)):
            if taskids.is_dependency_line(more):
                depends += [(reference, offset) for reference, _ in taskids.references(more)]
        task = replace(task, depends=tuple(depends), source=line)
        if opened and not closed:
            text = task.text.replace(opened, "", 1).strip(" \t:")
            task = replace(task, text=" ".join(text.split()) or ident)
        yield replace(task, status="skipped") if box == "-" else task


def _continuation(
    lines: Sequence[str], number: int, indent: int, pattern: re.Pattern[str]
) -> tuple[list[str], list[str]]:
    """The lines after a task that are indented deeper: without their common indent, and as is."""
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
    return [t[common:] for t in taken], taken


def _wrapped(deep: Sequence[str]) -> list[str]:
    """The lines that go on with a task's own paragraph."""
    taken: list[str] = []
    for line in deep:
        if not line.strip() or _NEW_BLOCK.match(line):
            break
        taken.append(line)
    return taken


def _joined(line: str, rest: str, wrapped: Sequence[str]) -> str:
    """The text of a task with the lines that its writer, or an editor, has wrapped."""
    text = rest
    for more in wrapped:
        if _LABEL.match(more) or (text is rest and not _goes_on(line.rstrip(), more)):
            break
        text = f"{text.rstrip()} {more.strip()}"
    return text


def _goes_on(line: str, more: str) -> bool:
    """Whether a line ends because it was full, or in the middle of something."""
    full = len(line) + 1 + len(more.split(maxsplit=1)[0]) > _WRAP_AT
    return full or line.endswith((",", ";")) or line.count("(") > line.count(")")


def _depends(rest: str, wrapped: Sequence[str], number: int) -> Iterator[tuple[str, int]]:
    """What the task's own paragraph depends on, each with its line."""
    ends: list[int] = []
    text = ""
    for part in (rest, *wrapped):
        text = f"{text} {part.strip()}"
        ends.append(len(text))
    for reference, place in taskids.references(text):
        yield reference, number + next(i for i, end in enumerate(ends) if place < end)


def _headings(lines: Sequence[str], outside: list[tuple[int, str]]) -> Iterator[TaskLine]:
    heads = [(n, found) for n, line in outside if (found := markdown.heading(line))]
    phase = ""
    for position, (number, (level, title)) in enumerate(heads):
        match = None if taskids.RANGE.search(title) else _HEADING.match(title)
        if match is None:
            phase = title
            continue
        box, opened, ident, closed, rest = match.groups()
        end = next((n for n, (other, _) in heads[position + 1 :] if other <= level), len(lines))
        body = "\n".join(lines[number + 1 : end]).strip()
        body = re.sub(r"(?<!\n)\n+(?:---+|\*\*\*+)\s*$", "", body).rstrip()
        said = (m.group(1) for x in body.split("\n") if (m := _STATUS.match(x)))
        status = next((word.rstrip() for word in said), None)
        done = box in ("x", "X") or bool(_DONE_MARK.search(title))
        rest = re.sub(r"(?<!\s)\s*[✅☑✔]\ufe0f?\s*", " ", rest).rstrip()
        if opened and not closed:
            rest = rest.replace(opened, "", 1)
        task = _task(ident, number, rest, body, done, phase)
        depends = [(reference, number) for reference, _ in taskids.references(rest)]
        depends += [
            (reference, at)
            for at, line in enumerate(lines[number + 1 : end], number + 1)
            for reference, _ in taskids.references(line)
        ]
        status = markdown.plain(status.strip("`")) if status else None
        yield replace(task, status=status, depends=tuple(dict.fromkeys(depends)))


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
        task = _task(match.group(2), number, text, body, bool(_DONE_MARK.search(status)), phase)
        ids = [(reference, number) for reference in taskids.listed(depends)]
        yield replace(task, status=status or None, depends=tuple(ids))


def _cell(header: list[str], cells: list[str], words: tuple[str, ...], *, skip: int) -> str:
    for word in words:
        for i, (name, cell) in enumerate(zip(header, cells, strict=False)):
            if i != skip and word in name:
                return cell
    return ""


def _task(ident: str, line: int, rest: str, body: str, closed: bool, phase: str) -> TaskLine:
    text = rest.lstrip(" \t:.–—-")
    stories: list[str] = []
    while match := _MARKERS.match(text):
        found = (_STORY.match(part.strip()) for part in re.split(r"[,/&+]", match.group(1)))
        stories += [f"US{int(story.group(1))}" for story in found if story]
        text = text[match.end() :].lstrip(" \t:–—-")
    text = re.sub(r"(?<![ \t])[ \t]*(\*\*|__|`|)\[(?:P|US\d+)\]\1", "", text)
    return TaskLine(
        ident=ident,
        line=line,
        text=markdown.plain(" ".join(text.split())) or ident,
        body=body,
        closed=closed,
        stories=tuple(dict.fromkeys(stories)),
        phase=phase,
    )


def priority(phase: str) -> str | None:
    """The priority in a phase's heading, as in ``User Story 1 - Search (Priority: P1)``."""
    match = _PRIORITY.search(phase)
    return f"P{match.group(1)}" if match else None
