"""Old and new side by side: fields, and the lines of a body."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from ghsync.linediff import Edit, edits
from ghsync.model import Change, ClearField, Conflict, FieldValue, SetFields
from ghsync.report.html.markup import text

_AROUND = 3
"""Lines shown before and after a difference."""
_MOST = 600
"""Rows of a difference; what is more is counted."""
_LONGEST = 1000
"""Characters of a line; what is more is cut."""


def fields(changes: Iterable[Change]) -> str:
    """A table of what changes, the body left to :func:`body`."""
    rows = [
        _row(change.field.replace("_", " "), change.old, change.new)
        for change in changes
        if change.field != "body"
    ]
    return _table(rows)


def own_fields(operation: SetFields | ClearField) -> str:
    """The same for the issue fields of the organization."""
    if isinstance(operation, ClearField):
        return _table([_row(operation.field, operation.old, None)])
    old = dict(operation.old)
    return _table([_row(name, old.get(name), value) for name, value in operation.new])


def _table(rows: Sequence[str]) -> str:
    if not rows:
        return ""
    head = "<tr><th scope=col>Field</th><th scope=col>Before</th><th scope=col>After</th></tr>"
    return f'<table class="fields"><thead>{head}</thead><tbody>{"".join(rows)}</tbody></table>'


def _row(name: str, old: FieldValue, new: FieldValue) -> str:
    before, after = _members(old), _members(new)
    if isinstance(old, tuple) or isinstance(new, tuple):
        was = "".join(_chip(m, "del" if m not in after else "") for m in before)
        now = "".join(_chip(m, "ins" if m not in before else "") for m in after)
    else:
        was = f"<del>{text(before[0])}</del>" if before else ""
        now = f"<ins>{text(after[0])}</ins>" if after else ""
    none = '<span class="none">none</span>'
    return f"<tr><th scope=row>{text(name)}</th><td>{was or none}</td><td>{now or none}</td></tr>"


def _chip(member: str, tag: str) -> str:
    shown = f'<span class="chip">{text(member)}</span>'
    return f"<{tag}>{shown}</{tag}> " if tag else f"{shown} "


def _members(value: FieldValue) -> tuple[str, ...]:
    if value is None:
        return ()
    return value if isinstance(value, tuple) else (value,)


# ------------------------------------------------------------------------------- body


def body(old: str, new: str, *, names: tuple[str, str] = ("Before", "After")) -> str:
    """The lines that differ, old left and new right; on a narrow screen one above the other."""
    before, after = _lines(old), _lines(new)
    found = edits(before, after)
    if not found:
        return '<p class="muted">Only white space or line ends differ.</p>'
    added = sum(edit.new_end - edit.new_start for edit in found)
    removed = sum(edit.end - edit.start for edit in found)
    head = (
        f'<div class="dhead"><span>{text(names[0])}</span><span>{text(names[1])}</span>'
        f'<span class="vh">{removed} lines removed, {added} added</span></div>'
    )
    rows: list[str] = []
    shown = 0
    for row in _rows(before, after, found):
        if shown >= _MOST:
            more = added + removed
            rows.append(f'<div class="gap">cut short: {more:,} lines differ in all</div>')
            break
        rows.append(row[1])
        shown += row[0]
    return f'<div class="diff">{head}{"".join(rows)}</div>'


def _rows(
    before: Sequence[str], after: Sequence[str], found: Sequence[Edit]
) -> Iterator[tuple[int, str]]:
    """Rows of a difference, each with the number of lines that it shows."""
    at = 0
    for index, edit in enumerate(found):
        start = max(at, edit.start - _AROUND)
        if start > at or (index == 0 and start):
            yield 1, f'<div class="gap">line {start + 1:,}</div>'
        shift = edit.new_start - edit.start
        yield edit.start - start, _same(before[start : edit.start], start, shift)
        gone, come = before[edit.start : edit.end], after[edit.new_start : edit.new_end]
        yield (
            min(len(gone) + len(come), 2 * _MOST),
            _pair(gone[:_MOST], come[:_MOST], edit.start, edit.new_start),
        )
        following = found[index + 1].start if index + 1 < len(found) else len(before)
        at = min(edit.end + _AROUND, following)
        yield at - edit.end, _same(before[edit.end : at], edit.end, edit.new_end - edit.end)


def _same(lines: Sequence[str], start: int, shift: int) -> str:
    if not lines:
        return ""
    left, right = (
        "".join(
            f"<div><i>{number}</i><span>{_line(line)}</span></div>"
            for number, line in enumerate(lines, first)
        )
        for first in (start + 1, start + shift + 1)
    )
    # The same words twice: a narrow screen shows the right side alone, a reader hears it alone.
    return (
        f'<div class="pair same"><div class="old" aria-hidden="true">{left}</div>'
        f'<div class="new">{right}</div></div>'
    )


def _pair(gone: Sequence[str], come: Sequence[str], start: int, new_start: int) -> str:
    marked = [_within(a, b) for a, b in zip(gone, come, strict=False)]
    matched = len(gone) == len(come)
    left = [a if matched else _line(line) for line, a in _beside(gone, [m[0] for m in marked])]
    right = [b if matched else _line(line) for line, b in _beside(come, [m[1] for m in marked])]
    old = "".join(
        f"<div><i>{at}</i><del>{line}</del></div>" for at, line in enumerate(left, start + 1)
    )
    new = "".join(
        f"<div><i>{at}</i><ins>{line}</ins></div>" for at, line in enumerate(right, new_start + 1)
    )
    return f'<div class="pair"><div class="old">{old}</div><div class="new">{new}</div></div>'


def _beside(lines: Sequence[str], marked: Sequence[str]) -> Iterator[tuple[str, str]]:
    for index, line in enumerate(lines):
        yield line, marked[index] if index < len(marked) else ""


def _within(old: str, new: str) -> tuple[str, str]:
    """Two versions of a line, with the part that differs emphasized where most is the same."""
    old, new = _cut(old), _cut(new)
    most = min(len(old), len(new))
    head = 0
    while head < most and old[head] == new[head]:
        head += 1
    tail = 0
    while tail < most - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    if head + tail < most / 3:
        return _shown(old), _shown(new)
    return _emphasized(old, head, tail), _emphasized(new, head, tail)


def _emphasized(line: str, head: int, tail: int) -> str:
    middle = line[head : len(line) - tail]
    if not middle:
        return _shown(line)
    return f"{text(line[:head])}<b>{text(middle)}</b>{text(line[len(line) - tail :])}"


def _line(line: str) -> str:
    return _shown(_cut(line))


def _cut(line: str) -> str:
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]}…"


def _shown(line: str) -> str:
    return text(line) or "&#8203;"


def _lines(value: str) -> list[str]:
    return value.split("\n") if value else []


# -------------------------------------------------------------------------- conflicts


def conflict(found: Conflict) -> str:
    """What both sides changed: before, the file, GitHub; a body by the lines in conflict."""
    name = found.field.replace("_", " ")
    if found.field != "body":
        return _three(name, found.base, found.local, found.remote)
    if not found.hunks or found.why:
        why = f'<p class="muted">{text(found.why)}</p>' if found.why else ""
        sides = body(_whole(found.remote), _whole(found.local), names=("On GitHub", "In the file"))
        return f"<h5>{text(name)}</h5>{why}{sides}"
    return "".join(
        _three(
            f"{name}, line {hunk.local_line:,} of the file's text",
            "\n".join(hunk.base),
            "\n".join(hunk.local),
            "\n".join(hunk.remote),
        )
        for hunk in found.hunks
    )


def _whole(value: FieldValue) -> str:
    return "\n".join(_members(value))


def _three(name: str, base: FieldValue, local: FieldValue, remote: FieldValue) -> str:
    sides = (("Before", base, ""), ("In the file", local, "ins"), ("On GitHub", remote, "del"))
    cells = "".join(
        f'<div class="side3 {css}"><b>{title}</b>{_value(value)}</div>'
        for title, value, css in sides
    )
    return f'<h5>{text(name)}</h5><div class="three">{cells}</div>'


def _value(value: FieldValue) -> str:
    if value is None or value in ((), ""):
        return '<p class="none">none</p>'
    shown = ", ".join(value) if isinstance(value, tuple) else value
    lines = shown.split("\n")
    if len(lines) > _MOST:
        shown = "\n".join([*lines[:_MOST], f"… {len(lines) - _MOST:,} more lines"])
    return f"<pre>{text(shown)}</pre>"
