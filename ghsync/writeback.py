"""Write each item's issue into its file, in the layout's own field; nothing else in it changes.

A place that is empty, or holds a placeholder, is filled; a file that names another issue keeps it.
What a file holds decides, not git: somebody who has just written the files has not committed them,
and asked for this line. So a file is written if it still has the bytes that the run began with.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field, replace
from functools import cached_property
from pathlib import Path

from ghsync.checkout import Checkout
from ghsync.config import Config
from ghsync.edit import EditError, unpack
from ghsync.errors import GhsyncError, RefusedError
from ghsync.journal import Entry
from ghsync.loader import load
from ghsync.model import (
    CreateIssue,
    FileStatus,
    FileWrite,
    Finding,
    Issue,
    IssueNumber,
    Item,
    Key,
    Loaded,
    Severity,
)
from ghsync.prepared import Prepared
from ghsync.regularfile import read_regular
from ghsync.store import Store
from ghsync.surroundings import Surroundings
from ghsync.values import dataclass
from ghsync.writer import FileChange, Refused, Writer, digest, uncommitted
from ghsync.writing import Record, Want, WriteSettings, rewrite

_TAKEN = frozenset({"recorded_unusable", "recorded_twice", "recorded_archived"})
"""Findings of an item without an issue of its own whose field is not empty all the same."""
_FRONTMATTER = re.compile(r"^---[ \t]*\r?$", re.MULTILINE)
_NUMBER = re.compile(r"(?<!\d)[1-9]\d*(?!\d)")
_TRIED = 16
"""Files that are tried one by one, each by loading all of them."""
_KEPT = Severity.WARNING
_NOT_WRITTEN = Severity.ERROR


@dataclass(frozen=True, slots=True, kw_only=True)
class WroteBack:
    """What became of the files."""

    files: tuple[FileWrite, ...] = ()
    findings: tuple[Finding, ...] = ()
    ours: Mapping[str, str] = field(default_factory=dict)
    """Digests of the written files that held nobody's uncommitted work before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _File:
    """One file on its way: what it held, what it shall hold, and which items that is for."""

    change: FileChange
    items: tuple[Item, ...]


class WriteBack:
    """One run's writing back, from before its first request to after its last."""

    def __init__(self, config: Config, loaded: Loaded, env: Mapping[str, str]) -> None:
        """Remember the bytes of the files that may get a line: ``loaded`` was just read."""
        self._config = config
        self._loaded = loaded
        self._writer = Writer(config.root)
        self._dirty = uncommitted(Checkout(config.root, env), config.root)
        self._settings = WriteSettings(title=config.title, custom=config.custom)
        self._taken = {f.key for f in loaded.findings if f.code in _TAKEN}
        paths = {i.path for i in loaded.items if i.recorded is None and i.key not in self._taken}
        self._digests = {path: _digest(config.root / path) for path in paths}
        self._files: dict[Key, FileWrite] = {}
        self._findings: list[Finding] = []

    def look(self, issues: Mapping[Key, Record], coming: Iterable[Key]) -> WroteBack:
        """What would be written: of these issues, and of those to come.

        As far as it can be foreseen: which references the number of an issue that is to come
        would turn, nobody knows.
        """
        # any number does: it is not known before the issue is there
        later = {key: Record(number=1, url="https://github.com/o/r/issues/1") for key in coming}
        files = self._planned({**later, **issues})
        self._harmless([f for f in files if all(item.key in issues for item in f.items)])
        refused = {each.path: each for each in self._writer.check([f.change for f in files])}
        for file in files:
            for item in file.items if file.change.path in refused else ():
                self._failed(item, _reason(refused[file.change.path]))
        told = (
            replace(file, number=None) if file.key in later and file.key not in issues else file
            for file in self._told()
        )
        return WroteBack(files=tuple(told), findings=tuple(self._findings))

    def write(self, issues: Mapping[Key, Record], ours: Mapping[str, str]) -> WroteBack:
        """Write these issues into the files; ``ours`` is what ghsync wrote last into each."""
        files = self._harmless(self._planned(issues))
        clean = self._clean([file.change for file in files], ours)
        applied = self._writer.apply([file.change for file in files])
        refused = {each.path: each for each in applied.refused}
        for file in files:
            for item in file.items:
                if file.change.path in refused:
                    self._failed(item, _reason(refused[file.change.path]))
                else:
                    old = self._files[item.key]
                    self._files[item.key] = replace(old, status=FileStatus.WRITTEN)
        return WroteBack(
            files=self._told(),
            findings=tuple(self._findings),
            ours={path: now for path, now in applied.written.items() if path in clean},
        )

    def _told(self) -> tuple[FileWrite, ...]:
        return tuple(sorted(self._files.values(), key=lambda file: (file.path, file.key)))

    # ---------------------------------------------------------------------- planning

    def _planned(self, issues: Mapping[Key, Record]) -> list[_File]:
        """The new bytes of each file that has no line yet."""
        by_path: dict[str, list[Item]] = defaultdict(list)
        for item in self._loaded.items:
            issue = issues.get(item.key)
            if issue is None or (item.recorded and item.recorded.number == issue.number):
                continue
            if item.recorded is not None or item.key in self._taken:
                self._left(item, issue, _names_another(item, issue), _KEPT)
            else:
                by_path[item.path].append(item)
        files = (self._file(path, items, issues) for path, items in sorted(by_path.items()))
        return [file for file in files if file is not None]

    def _file(self, path: str, items: Sequence[Item], issues: Mapping[Key, Record]) -> _File | None:
        """One file with its items' lines; none where it has no place or cannot be changed."""
        done: list[Item] = []
        try:
            before = self._writer.read(path)
            if digest(before) != self._digests.get(path):
                raise RefusedError(
                    f"{path} was changed while ghsync was at work, so it was left alone.",
                    hint="Run the command again.",
                )
            source = unpack(before)
            text = source.text
            for item in sorted(items, key=lambda item: -item.line):
                issue = issues[item.key]
                written = rewrite(item, text, Want(recorded=issue), self._settings)
                if "recorded" in written.unheld:
                    self._note(item, issue, FileStatus.NO_PLACE)
                elif written.text != text:
                    self._note(item, issue, FileStatus.PENDING)
                    text = written.text
                    done.append(item)
            after = source.pack(text)
        except (EditError, RefusedError) as error:
            for item in items:
                self._left(item, issues[item.key], _said(error), _NOT_WRITTEN)
            return None
        if not done:
            return None
        change = FileChange(path=path, before=before, after=after)
        return _File(change=change, items=tuple(done))

    # ------------------------------------------------------------------ what it means

    def _harmless(self, files: list[_File]) -> list[_File]:
        """Those whose new line changes nothing but which issue an item is.

        A reference such as ``depends_on: [12]`` may mean the issue 12, so that a new line can
        turn it to another item. The files are loaded as they would be, before one is written.
        """
        while files and (turned := self._turned(files)):
            guilty = self._guilty(files, turned)
            for file in guilty:
                self._turns(file, turned[0])
            files = [file for file in files if file not in guilty]
        return files

    def _turned(self, files: Sequence[_File]) -> list[Item]:
        """The items that would be read otherwise with these files' new bytes."""
        then = self._load({file.change.path: file.change.after for file in files})
        return [i for k, i in self._now.items() if _said_by(i) != _said_by(then.get(k))]

    @cached_property
    def _now(self) -> Mapping[Key, Item]:
        """The items as the files are now: others than ghsync may have changed some."""
        return self._load({})

    def _load(self, instead: Mapping[str, bytes]) -> Mapping[Key, Item]:
        loaded = load(self._config.root, self._config.load_options, instead=instead)
        return {item.key: item for item in loaded.items}

    def _guilty(self, files: Sequence[_File], turned: Sequence[Item]) -> list[_File]:
        """The files whose lines do that: by their numbers, and where these are few by trying."""
        keys = {item.key for item in turned}
        numbers = {number for item in turned for number in self._numbers(item)}
        named = [
            file
            for file in files
            if any(
                item.key in keys or str(self._files[item.key].number) in numbers
                for item in file.items
            )
        ]
        if len(named) <= _TRIED:
            alone = [file for file in named if self._turned([file])]
            return alone or named or list(files)
        return named

    def _numbers(self, item: Item) -> set[str]:
        """The numbers in the fields of an item's file."""
        text = read_regular(self._config.root / item.path).decode("utf-8", "replace")
        parts = _FRONTMATTER.split(text, maxsplit=2)
        return set(_NUMBER.findall(parts[1] if len(parts) == 3 else text))

    def _turns(self, file: _File, item: Item) -> None:
        for own in file.items:
            number = self._files[own.key].number
            issue = Record(number=number or 0, url="")
            where = "the file itself" if item.path == own.path else f"what {item.path} refers to"
            message = (
                f"{own.path} was left without its issue: with #{number} in it, {where} would be "
                "read otherwise. Write paths instead of numbers there, and push again."
            )
            self._left(own, issue, message, _KEPT)

    # ---------------------------------------------------------------------- outcome

    def _note(self, item: Item, issue: Record, status: FileStatus, message: str = "") -> None:
        self._files[item.key] = FileWrite(
            path=item.path,
            key=item.key,
            layout=item.layout,
            number=IssueNumber(issue.number),
            status=status,
            message=message,
        )

    def _failed(self, item: Item, message: str) -> None:
        issue = Record(number=self._files[item.key].number or 0, url="")
        self._left(item, issue, message, _NOT_WRITTEN)

    def _left(self, item: Item, issue: Record, message: str, severity: Severity) -> None:
        self._note(item, issue, FileStatus.LEFT, message)
        self._findings.append(
            Finding(
                path=item.path,
                line=item.recorded.line if item.recorded else item.line,
                code="write_back",
                severity=severity,
                message=message,
                key=item.key,
            )
        )

    def _clean(self, changes: Sequence[FileChange], ours: Mapping[str, str]) -> set[str]:
        """The files that held no uncommitted work: only those may a pull take for ghsync's own."""
        known = {c.path for c in changes if c.before and ours.get(c.path) == digest(c.before)}
        asked = {change.path for change in changes} - known
        try:
            return known | (asked - self._dirty(asked))
        except RefusedError:  # git does not say
            return known


def _digest(path: Path) -> str | None:
    try:
        return digest(read_regular(path))
    except OSError:
        return None


def _said_by(item: Item | None) -> Item | None:
    """Everything that an item says but which issue it is, and where its line stands."""
    return None if item is None else replace(item, recorded=None, line=1)


def _names_another(item: Item, issue: Record) -> str:
    named = item.recorded
    what = "another issue"
    if named is not None:
        what = f"{named.repo or ''}#{named.number}"
    return (
        f"{item.path} names {what}, and its issue is #{issue.number}. What it says was kept; "
        "remove that line, and the next push writes the right one."
    )


def _said(error: GhsyncError) -> str:
    return f"{error.message} {error.hint or ''}".strip()


def _reason(refused: Refused) -> str:
    return f"{refused.message} {refused.hint}".strip()


def begin(config: Config, around: Surroundings, loaded: Loaded) -> WriteBack | None:
    """What a run writes back, if it was asked to and its issues are real ones.

    The folder's own sandbox has numbers of its own, which in a file would be taken for GitHub's.
    One that the caller holds stands for GitHub.
    """
    if not config.write_back:
        return None
    if config.sandbox and around.embedded is None:
        around.tell(["nothing is written back: the sandbox's numbers are not GitHub's"])
        return None
    return WriteBack(config, loaded, around.env)


def finish(
    back: WriteBack,
    around: Surroundings,
    store: Store,
    prepared: Prepared,
    entries: Mapping[Key, Entry],
    issues: Mapping[IssueNumber, Issue],
) -> WroteBack:
    """Write into the files what ``entries`` say, for ``issues`` that are there; remember it."""
    records = _records(prepared, entries, issues)
    wrote = back.write(records, store.written())
    notice = store.note_written(wrote.ours)
    around.tell([notice] if notice else [])
    return wrote


def looked(config: Config, around: Surroundings, prepared: Prepared) -> WroteBack:
    """The files into which a push would write, and could not, for its dry run."""
    back = begin(config, around, prepared.loaded)
    if back is None:
        return WroteBack()
    planned = prepared.planned
    there = _records(prepared, planned.entries, prepared.snapshot.issues)
    made = (op.key for op in planned.plan.operations if isinstance(op, CreateIssue))
    return back.look(there, made)


def _records(
    prepared: Prepared, entries: Mapping[Key, Entry], issues: Mapping[IssueNumber, Issue]
) -> dict[Key, Record]:
    chosen = prepared.chosen
    return {
        key: Record(number=entry.number, url=issues[entry.number].html_url)
        for key, entry in entries.items()
        if entry.number in issues and (chosen is None or key in chosen)
    }
