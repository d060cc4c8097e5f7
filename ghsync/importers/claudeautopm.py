"""ClaudeAutoPM's three map shapes, two of which share a file and can be mixed in it.

Facts: github.com/rafeekpro/ClaudeAutoPM, under ``autopm/.claude/scripts/`` at 3acb725
``pm-sync-upload-local.js`` (flat: id to number; a file without ``id:`` is ``"undefined"``); under
``lib/services/`` ``IssueService.js`` (``local-to-github``, numbers as text, files
``.claude/issues/<n>.md``) and ``EpicService.js`` (``epic-to-github`` by folder); under
``scripts/pm/epic-sync/`` ``create-task-issues.sh`` (``.task-mapping.txt``, lines ``001 42``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ghsync.importers.jsontext import Pairs, line_of
from ghsync.importers.records import ByIdent, ByPath, Name, Record, Tool, number_in, shown
from ghsync.model import IssueNumber

_SECTIONS = {"local-to-github": "github-to-local", "epic-to-github": "github-to-epic"}
"""Each map of the services, and the same map the other way round."""
_ASIDE = frozenset(
    {"github-to-local", "github-to-epic", "metadata"}
    | {"local-to-azure", "azure-to-local", "epic-to-azure", "azure-to-epic"}
)
"""What is no id in a mixed file; Azure's work items are no issues."""
_NO_IDS = frozenset({"", "undefined", "null", "nan", "[object object]"})
_LINE = re.compile(r"(\S+)[ \t]+#?(\S+)$")


def read_map(path: str, text: str, found: Pairs) -> tuple[Record, ...]:
    """The records of a ``sync-map.json`` or ``epic-sync-map.json``, whichever shapes it holds."""
    base = path.rpartition("/")[0]
    records = list(_flat(path, text, found))
    for section in _SECTIONS:
        records += _service(path, text, found, section, base)
    return tuple(records)


def _flat(path: str, text: str, found: Pairs) -> Iterator[Record]:
    doubled = found.doubled
    for ident, value in found:
        if ident in _SECTIONS or ident in _ASIDE:
            continue
        wrong = _no_id(ident) or (_twice(ident) if ident in doubled else None)
        yield _record(path, line_of(text, ident), ident, value, (ByIdent(ident=ident),), wrong)


def _service(path: str, text: str, found: Pairs, section: str, base: str) -> Iterator[Record]:
    pairs = found.section(section)
    back = found.section(_SECTIONS[section])
    doubled = pairs.doubled
    for local, value in pairs:
        names = _files(base, local, epic=section == "epic-to-github")
        wrong = _no_id(local) or (_twice(local) if local in doubled else None)
        owner = back.get(str(value))
        if wrong is None and owner is not None and str(owner) != local:
            wrong = (
                f"the file contradicts itself: {_SECTIONS[section]} gives "
                f"#{shown(value)} to {shown(owner)}"
            )
        yield _record(path, line_of(text, local, section), local, value, names, wrong)


def _files(base: str, local: str, *, epic: bool) -> tuple[Name, ...]:
    folder = f"{base}/" if base else ""
    if not epic:
        return (ByPath(path=f"{folder}issues/{local}.md"),)
    return (
        ByPath(path=f"{folder}epics/{local}/epic.md"),
        ByPath(path=f"{folder}epics/{local}.md"),
    )


def _record(
    path: str, line: int, local: str, value: object, names: tuple[Name, ...], wrong: str | None
) -> Record:
    number = number_in(value)
    if wrong is None and number is None:
        wrong = f"{shown(value)!r} is no issue's number"
    return Record(
        tool=Tool.CLAUDEAUTOPM,
        path=path,
        line=line,
        text=shown(local),
        names=names,
        number=number,
        wrong=wrong,
    )


def _no_id(ident: str) -> str | None:
    if ident.strip().casefold() not in _NO_IDS:
        return None
    return "no item's id: ClaudeAutoPM writes it for a file that has none, and for the next one too"


def _twice(ident: str) -> str:
    return f"{shown(ident)} stands in the file twice"


def read_task_mapping(path: str, text: str) -> tuple[Record, ...]:
    """The records of a ``.task-mapping.txt``: old name, space, number.

    The tool renames ``001.md`` to ``42.md`` afterwards, or stops before it has. A name that is an
    old name of one task and the number of another says nothing about which of the two it is now.
    """
    folder = path.rpartition("/")[0]
    lines: list[tuple[int, str, str]] = []
    records: list[Record] = []
    for at, line in enumerate(text.splitlines(), 1):
        match = _LINE.match(line.strip())
        if match:
            lines.append((at, match.group(1), match.group(2)))
        elif line.strip():
            wrong = "not a line of a task mapping (old name, space, number)"
            records.append(
                Record(tool=Tool.CLAUDEAUTOPM, path=path, line=at, text=shown(line), wrong=wrong)
            )
    olds = {old.removesuffix(".md") for _, old, _ in lines}
    news = {new for _, _, new in lines}
    for at, old, new in lines:
        records.append(_mapped(path, folder, at, (old.removesuffix(".md"), new), (olds, news)))
    return tuple(sorted(records, key=lambda record: record.line))


def _mapped(
    path: str, folder: str, at: int, line: tuple[str, str], known: tuple[set[str], set[str]]
) -> Record:
    old, new = line
    olds, news = known
    number: IssueNumber | None = number_in(new)
    names: list[Name] = []
    if new not in olds:
        names.append(ByPath(path=f"{folder}/{new}.md" if folder else f"{new}.md"))
    if old not in news:
        names.append(ByPath(path=f"{folder}/{old}.md" if folder else f"{old}.md"))
    wrong = None
    if number is None:
        wrong = f"{shown(new)!r} is no issue's number"
    elif not names:
        wrong = f"{old} and {new} are old and new names in the same file: which is meant is unclear"
    return Record(
        tool=Tool.CLAUDEAUTOPM,
        path=path,
        line=at,
        text=shown(old),
        names=tuple(names),
        number=number,
        wrong=wrong,
    )
