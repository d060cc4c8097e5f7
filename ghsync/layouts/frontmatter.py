"""Frontmatter: split it from the body, read it as text, and say what is odd about it.

The YAML itself is read by :mod:`ghsync.layouts.yamltext`, since PyYAML's constructors would turn
``010`` into 8. The same as a handler of python-frontmatter: :mod:`ghsync.layouts.handler`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import field
from functools import lru_cache

from ghsync.layouts import oddities, yamltext
from ghsync.layouts.yamltext import Scalar, Value, YamlError
from ghsync.model import Finding, Severity
from ghsync.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One top-level field: its name as the file spells it, its value, its line in the file.

    A line of the value is ``offset`` + its own + 1 in the file.
    """

    name: str
    value: Value
    line: int
    offset: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A markdown file, read: its fields by folded name, its body, and what is odd about it.

    Lines are 1-based in the file; ``body`` has LF line ends, no leading blank lines and no
    trailing whitespace, and ``body_line`` is where it starts.
    """

    path: str
    fields: Mapping[str, Field] = field(default_factory=dict)
    has_frontmatter: bool = False
    body: str = ""
    body_line: int = 1
    findings: tuple[Finding, ...] = ()
    broken: bool = False
    """True when the file could not be read as it stands; an error finding says why."""


@lru_cache(maxsize=4096)
def fold(name: str) -> str:
    """A field's name without case, ``-``, ``_`` and spaces: ``Depends-On`` is ``dependson``."""
    return name.casefold().replace("_", "").replace("-", "").replace(" ", "")


BOUNDARY = re.compile(r"^---[ \t]*$", re.MULTILINE)
_OPEN = re.compile(r"\s*^---[ \t]*\n", re.MULTILINE)
_KEY_LINE = re.compile(r"^[ \t]*(\w(?:[\w .-]*[\w.-])?)[ \t]*:(?:[ \t]+(.*))?$")


def detect(text: str) -> bool:
    """Whether the text opens with a ``---`` line."""
    return _OPEN.match(text) is not None


def split(text: str) -> tuple[str, str]:
    """Split into frontmatter and the rest; ``ValueError`` if it is never closed."""
    opening = _OPEN.match(text)
    closing = BOUNDARY.search(text, opening.end()) if opening else None
    if opening is None or closing is None:
        raise ValueError("no closing ---")
    return text[opening.end() : closing.start()], text[closing.end() :]


def parse(path: str, text: str) -> Document:
    """Read a markdown text (LF line ends). Never raises: what is wrong becomes a finding."""
    if not detect(text):
        return _body_only(path, text)
    try:
        raw, rest = split(text)
    except ValueError:
        return _never_closed(path, text)
    offset = text.count("\n", 0, len(text) - len(rest) - len("---")) - raw.count("\n")
    try:
        value = yamltext.read(raw)
    except YamlError as error:
        if not any(_KEY_LINE.match(line) for line in raw.splitlines()):
            return _body_only(path, text)
        return _broken(path, text, raw, rest, offset, error)
    if value is None or (isinstance(value, Scalar) and value.text is None):
        return _document(path, {}, text, rest, ())
    if not isinstance(value, yamltext.Mapping):
        return _body_only(path, text)
    fields, findings = _fields(path, value, offset)
    findings += oddities.find(path, raw, value, offset)
    return _document(path, fields, text, rest, tuple(findings))


def _body_only(path: str, text: str, findings: tuple[Finding, ...] = ()) -> Document:
    body, skipped = _trim(text)
    return Document(path=path, body=body, body_line=1 + skipped, findings=findings)


def _document(
    path: str,
    fields: Mapping[str, Field],
    text: str,
    rest: str,
    findings: tuple[Finding, ...],
    *,
    broken: bool = False,
) -> Document:
    body, skipped = _trim(rest)
    before = text.count("\n") - rest.count("\n")
    return Document(
        path=path,
        fields=fields,
        has_frontmatter=True,
        body=body,
        body_line=1 + before + skipped,
        findings=findings,
        broken=broken,
    )


def _trim(text: str) -> tuple[str, int]:
    """The text without leading blank lines and trailing whitespace, and how many lines went."""
    body = text.rstrip()
    start = re.match(r"(?:[ \t]*\n)*", body)
    cut = start.end() if start else 0
    return body[cut:], body.count("\n", 0, cut)


def _never_closed(path: str, text: str) -> Document:
    lines = text.lstrip().split("\n")
    following = next((line for line in lines[1:] if line.strip()), "")
    if not _KEY_LINE.match(following):
        return _body_only(path, text)
    line = text.count("\n", 0, len(text) - len(text.lstrip())) + 1
    finding = Finding(
        path=path,
        line=line,
        code="frontmatter_unclosed",
        severity=Severity.WARNING,
        message="The frontmatter is opened and never closed, so the whole file is read as the "
        "body. Close it with a line '---'.",
    )
    return _body_only(path, text, (finding,))


def _broken(path: str, text: str, raw: str, rest: str, offset: int, error: YamlError) -> Document:
    """What can be salvaged of invalid frontmatter, so that the item can still be named."""
    lines = raw.split("\n")
    at = min(error.line, max(len(lines) - 1, 0))
    source = lines[at].strip()
    shown = f" at `{source[:80]}`" if source else ""
    finding = Finding(
        path=path,
        line=offset + at + 1,
        code="yaml_invalid",
        severity=Severity.ERROR,
        message=f"The frontmatter is not valid YAML{shown}: {error.problem}. "
        f"{oddities.remedy(lines, at)}",
    )
    fields: dict[str, Field] = {}
    for number, line in enumerate(lines):
        if not line[:1].isspace() and (match := _KEY_LINE.match(line)):
            value = (match.group(2) or "").strip().strip("\"'")
            scalar = Scalar(value or None, number, True, number, len(line))
            fields.setdefault(
                fold(match.group(1)),
                Field(name=match.group(1), value=scalar, line=offset + number + 1, offset=offset),
            )
    return _document(path, fields, text, rest, (finding,), broken=True)


def _fields(
    path: str, mapping: yamltext.Mapping, offset: int
) -> tuple[dict[str, Field], list[Finding]]:
    """The fields by folded name: the last wins, but never an empty one over a full one."""
    fields: dict[str, Field] = {}
    findings: list[Finding] = []
    for key, value in mapping.entries:
        name = key.text or ""
        new = Field(name=name, value=value, line=offset + key.line + 1, offset=offset)
        folded = fold(name)
        old = fields.get(folded)
        if old is None:
            fields[folded] = new
            continue
        keep, lost = (old, new) if _empty(value) and not _empty(old.value) else (new, old)
        fields[folded] = keep
        if not _empty(lost.value) and _show(lost.value) == _show(keep.value):
            detail = "twice with the same value"
        else:
            detail = (
                f"twice: {_show(keep.value)} (line {keep.line}) is taken, "
                f"not {_show(lost.value)} (line {lost.line})"
            )
        findings.append(
            Finding(
                path=path,
                line=new.line,
                code="duplicate_field",
                severity=Severity.WARNING,
                message=f"`{name}` stands here {detail}. Remove one.",
            )
        )
    return fields, findings


def _empty(value: Value) -> bool:
    match value:
        case Scalar(text=text):
            return text is None or not text.strip()
        case yamltext.Sequence(items=items):
            return not items
        case yamltext.Mapping(entries=entries):
            return not entries


def _show(value: Value) -> str:
    match value:
        case Scalar(text=text):
            return "nothing" if text is None else f"'{text[:60]}'"
        case yamltext.Sequence(raw=raw) | yamltext.Mapping(raw=raw):
            return f"'{' '.join(raw.split())[:60]}'"
