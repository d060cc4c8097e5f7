"""ccpm's ``github-mapping.md``: an epic's issue and its tasks', by title.

Facts: github.com/automazeio/ccpm at c1f4471 ``.claude/commands/pm/epic-sync.md`` (step 6) has the
form ``- #2: Title - https://…/issues/2``. The file is written by a language model, so others are
seen: ``- #2 - Title (001.md)`` with the address on the next line, tables with a file's name, and
lines that belong together with one address and one file, in any language.
The title may hold `` - `` and ``:``; the address at the end is what counts.
"""

from __future__ import annotations

import re

from ghsync.importers.records import ByPath, ByTitle, Name, Record, Tool, shown
from ghsync.layouts.recorded import issue_in
from ghsync.model import IssueNumber

_URL = re.compile(r"https?://\S+?/issues/\d+(?!\d)")
_TASK = re.compile(r"^[-*]\s+#(\d+)\s*(?::|-)\s+(.*)$")
_EPIC = re.compile(r"^(?:[-*]\s+)?\**(?:Epic|Epic Issue)\**\s*:\**\s*#(\d+)\b", re.IGNORECASE)
_HEADED = re.compile(r"^#(\d+)\s+-\s+(.*)$")
_FILE = re.compile(r"(?<!\s)\s*\(?`?(?<![\w./-])((?:[\w.-]+/)*[\w.-]+\.md)`?\)?\s*$")
_AFTER = re.compile(r"(?<!\s)\s*\([^()]*\)\s*$")
_HEADING = re.compile(r"#{1,6}\s+(.*)$")
_ENDS = re.compile(r"(?<![^\s`:：])`?((?:[^\s`/:：]+/)*[^\s`/:：]+\.md)`?$")


def read(path: str, text: str) -> tuple[Record, ...]:
    """The records of one mapping file."""
    folder = path.rpartition("/")[0]
    records: list[Record] = []
    lines = [line.strip() for line in text.splitlines()]
    section = ""
    block: list[tuple[int, str]] = []
    known = False
    for at, line in enumerate([*lines, ""], 1):
        heading = _HEADING.match(line)
        if heading or not line:
            records += [] if known else _by_block(path, folder, block)
            block, known = [], False
            section = heading.group(1).casefold() if heading else section
            continue
        block.append((at, line))
        below = lines[at] if at < len(lines) else ""
        record = _line(path, folder, at, line, below, epic="epic" in section)
        if record is not None:
            records.append(record)
            known = True
    return tuple(records)


def _line(path: str, folder: str, at: int, line: str, below: str, *, epic: bool) -> Record | None:
    if match := _EPIC.match(line):
        names: tuple[Name, ...] = (ByPath(path=_in(folder, "epic.md")),)
        return _record(path, at, "epic", match.group(1), names, _address(line))
    if match := _TASK.match(line):
        return _task(path, folder, at, match.group(1), match.group(2), below)
    if line.startswith("|") and (row := _row(path, folder, at, line)):
        return row
    if epic and (match := _HEADED.match(line)):
        names = (ByPath(path=_in(folder, "epic.md")),)
        return _record(path, at, "epic", match.group(1), names, _address(below))
    return None


def _by_block(path: str, folder: str, block: list[tuple[int, str]]) -> list[Record]:
    """The record of lines that belong together: one address and one file, whatever the words.

    What has an address in no such form is named; a number in prose is none.
    """
    addresses = {(at, found) for at, line in block for found in _URL.findall(line)}
    if not addresses:
        return []
    at, address = min(addresses)
    files = {match.group(1) for _, line in block if (match := _ENDS.search(line))}
    found = issue_in(address)
    if len({each for _, each in addresses}) == len(files) == 1 and found is not None:
        file = files.pop()
        names = (ByPath(path=file), ByPath(path=_in(folder, file.rpartition("/")[2])))
        return [_record(path, at, file, str(found[0]), names, address)]
    wrong = "names an issue in a form that ccpm does not write"
    return [Record(tool=Tool.CCPM, path=path, line=at, text=shown(address), wrong=wrong)]


def _task(path: str, folder: str, at: int, number: str, rest: str, below: str) -> Record:
    """``- #2: Title - address (CLOSED)``, or the address on the line below."""
    address = _address(rest)
    title = rest
    if address is not None:
        title = rest[: list(_URL.finditer(rest))[-1].start()].rstrip().removesuffix("-").rstrip()
    else:
        address = _address(below) if _URL.match(below) else None
    names: list[Name] = []
    if file := _FILE.search(title):
        names.append(ByPath(path=_in(folder, file.group(1).rpartition("/")[2])))
        title = title[: file.start()].rstrip()
    titles = dict.fromkeys((title, _AFTER.sub("", title)))  # "(M, 8h)" may be the title's or not
    names += [ByTitle(folder=folder, title=each) for each in titles if each]
    names.append(ByPath(path=_in(folder, f"{number}.md")))
    return _record(path, at, title, number, tuple(names), address, title=title)


def _row(path: str, folder: str, at: int, line: str) -> Record | None:
    """A table's row with a file's name and an issue's number, in any order."""
    cells = [cell.strip().strip("`") for cell in line.strip("|").split("|")]
    file = next((m.group(1) for cell in cells if (m := _FILE.fullmatch(cell))), None)
    number = next((cell[1:] for cell in cells if re.fullmatch(r"#\d+", cell)), None)
    if file is None or number is None:
        return None
    address = next((found for cell in cells if (found := _address(cell))), f"#{number}")
    names: tuple[Name, ...] = (ByPath(path=_in(folder, file.rpartition("/")[2])),)
    return _record(path, at, file, number, names, address)


def _record(
    path: str,
    at: int,
    text: str,
    number: str,
    names: tuple[Name, ...],
    address: str | None,
    *,
    title: str | None = None,
) -> Record:
    found = issue_in(address) if address else None
    wrong = None
    if address is None:
        wrong = "has no issue's address"
    elif found is None:
        wrong = f"{shown(address)} is nobody's address"
    elif found[0] != int(number):
        wrong = f"says #{number}, but its address says #{found[0]}"
    return Record(
        tool=Tool.CCPM,
        path=path,
        line=at,
        text=shown(text),
        names=names,
        number=IssueNumber(found[0]) if found is not None and wrong is None else None,
        repo=found[1] if found is not None else None,
        title=title,
        wrong=wrong,
    )


def _address(text: str) -> str | None:
    """The last address of an issue in a text."""
    found = _URL.findall(text)
    return found[-1] if found else None


def _in(folder: str, name: str) -> str:
    return f"{folder}/{name}" if folder else name
