"""What is valid YAML and still not what its writer meant: cut values, dates, booleans.

Each finding is a warning that shows both readings.
"""

from __future__ import annotations

import re

from ghsync.layouts.yamltext import Mapping, Scalar, Sequence
from ghsync.model import Finding, Severity
from ghsync.patterns import regex

_TEXT_FIELDS = frozenset({"title", "name", "description", "summary"})
_WORD_FIELDS = frozenset(
    {"title", "name", "status", "state", "id", "milestone", "labels", "tags", "assignee"}
    | {"assignees", "epic", "prd", "parent"}
)
_COMMENT = regex(r"[ \t]+#(.*)$")
_FIRST = frozenset("ynotfYNOTF")
"""How a boolean begins; none is longer than ``false``, and no date is as short."""
_BOOLEAN = regex(r"(?:yes|no|on|off|true|false)$", re.IGNORECASE)
_DATE = regex(r"(\d{4})-(\d\d?)-(\d\d?)(?:$|[Tt \t])")
_DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def find(path: str, raw: str, mapping: Mapping, offset: int) -> list[Finding]:
    """The warnings about one frontmatter; ``offset`` is how many lines precede it in the file."""
    lines = raw.split("\n") if "#" in raw else []
    findings: list[Finding] = []
    for key, value in mapping.entries:
        name = key.text or ""
        scalars = [value] if isinstance(value, Scalar) else []
        if isinstance(value, Sequence):
            scalars = [item for item in value.items if isinstance(item, Scalar)]
        for scalar in scalars:
            if lines and (found := _cut(path, lines, name, scalar, offset)):
                findings.append(found)
            text = scalar.text if scalar.plain else None
            if text and (text[0] in _FIRST if len(text) < 6 else text[4:5] == "-"):
                found = _typed(path, name, scalar, offset)
                if found:
                    findings.append(found)
    return findings


def _cut(path: str, lines: list[str], name: str, scalar: Scalar, offset: int) -> Finding | None:
    """A plain value that goes on after `` #``, which YAML takes for a comment."""
    if not scalar.plain or scalar.end_line >= len(lines):
        return None
    match = _COMMENT.match(lines[scalar.end_line][scalar.end_column :])
    if match is None:
        return None
    comment = match.group(1)
    glued = comment[:1].isalnum()
    if not glued and not (name.casefold() in _TEXT_FIELDS and scalar.text and comment.strip()):
        return None
    read = f"'{scalar.text}'" if scalar.text else "nothing"
    meant = f"{scalar.text or ''} #{comment}".strip()
    return Finding(
        path=path,
        line=offset + scalar.end_line + 1,
        code="value_cut",
        severity=Severity.WARNING,
        message=f"`{name}` is read as {read}, because YAML takes ' #' for a comment. "
        f"If you mean '{meant}', quote it: \"{_escaped(meant)}\".",
    )


def _typed(path: str, name: str, scalar: Scalar, offset: int) -> Finding | None:
    """A plain value that other YAML readers turn into a boolean, or fail on as a date."""
    text = scalar.text or ""
    if name.casefold() in _WORD_FIELDS and _BOOLEAN.match(text):
        value = text.casefold() in ("yes", "on", "true")
        code, other = "suspicious_boolean", f"{str(value).lower()}, a boolean"
    elif (match := _DATE.match(text)) and not _possible(match):
        code, other = "suspicious_date", "a date, and no such day exists"
    elif match and name.casefold() in _WORD_FIELDS:
        code, other = "suspicious_date", "a date"
    else:
        return None
    return Finding(
        path=path,
        line=offset + scalar.line + 1,
        code=code,
        severity=Severity.WARNING,
        message=f"`{name}` is taken as the text '{text}'; YAML reads {other}. "
        f'If the text is meant, quote it: "{text}".',
    )


def _possible(match: re.Match[str]) -> bool:
    year, month, day = (int(part) for part in match.groups())
    if not (1 <= month <= 12 and 1 <= day <= _DAYS[month - 1]):
        return False
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return not (month == 2 and day == 29) or leap


def remedy(lines: list[str], at: int) -> str:
    """What to do about invalid YAML, judged by the line that the parser stopped at."""
    for index in (at, at - 1):
        if not 0 <= index < len(lines):
            continue
        line = lines[index].strip()
        value = line.partition(":")[2].strip() if ":" in line else line.lstrip("- ")
        if "\\n" in line:
            return "The line holds the characters '\\n' where a line break belongs."
        if "{{" in line:
            return "Fill in the template, or put the value in quotes."
        if ":" not in line and not line.startswith(("-", "#")):
            return "This line is no `name: value`; move it below the closing '---'."
        if value == "-":
            return "Leave the value empty, or put it in quotes."
        if value[:1] in ("@", "`", "%", "&", "*", "!", "|", ">", "[", "{"):
            return f"A text that starts with '{value[:1]}' needs quotes: {_quoted(value)}."
        if value[:1] in ("'", '"'):
            return "Close the quote at the end of the value, and write nothing after it."
        if ": " in value or value.endswith(":"):
            return f"A text with a colon in it needs quotes: {_quoted(value)}."
        if "\t" in lines[index]:
            return "Indent with spaces, not with tabs."
    return "Write `name: value` on each line between the two '---' lines, and nothing else."


def _quoted(value: str) -> str:
    shown = value if len(value) <= 120 else value[:119] + "…"
    return f'"{_escaped(shown)}"'


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')
